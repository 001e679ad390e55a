package hocon

import (
	"errors"
	"strings"
	"testing"
)

// absent marks a key that must not be there.
const absent = "\x00absent"

func env(pairs ...string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1], true
			}
		}
		return "", false
	}
}

// The vectors of C 2.1, C 2.2 and C 2.3.
func TestVectors(t *testing.T) {
	tests := []struct {
		src  string
		env  []string
		want []string // key, text, key, text … below "para"; none: the source is refused
	}{
		{src: "para.port = 9090 # c", want: []string{"port", "9090"}},
		{src: "para.env = production   // c", want: []string{"env", "production"}},
		{src: "para { app_name : My App }", want: []string{"app_name", "My App"}},
		{src: `para { "worker_id" = 3, }`, want: []string{"worker_id", "3"}},
		{src: "para { es { shards = 5 } }\npara.es { replicas = 2 }", want: []string{"es.shards", "5", "es.replicas", "2"}},
		{src: "para.l = [\"a\"]\npara.l += \"b\"", want: []string{"l", "[a, b]"}},
		{src: "para.es { shards += 1 }", want: []string{"es.shards", "[1]"}},
		{src: "para.l = [1, 2\n3]", want: []string{"l", "[1, 2, 3]"}},
		{src: "para.a = [1] [2,3]", want: []string{"a", "[1, 2, 3]"}},
		{src: "para.x = a\npara.x = ${para.x}b", want: []string{"x", "ab"}},
		{src: "para.p = 8080\npara.p = ${?MYPORT}", env: []string{"MYPORT", "7777"}, want: []string{"p", "7777"}},
		{src: "para.p = 8080\npara.p = ${?MYPORT}", want: []string{"p", "8080"}},
		{src: "para.o = ${?NOPE}\npara.k = 1", want: []string{"o", absent, "k", "1"}},
		{src: "para.o = ${NOPE}"},
		{src: "para.app_name = My App\npara.s = ${para.app_name}\" suffix\"", want: []string{"s", "My App suffix"}},
		{src: `para.s = "a" "b"  c`, want: []string{"s", "a b  c"}},
		{src: "para.e = 1.50 x", want: []string{"e", "1.50 x"}},
		{src: "para.t = \"\"\"multi\n\"line\" text\"\"\"", want: []string{"t", "multi\n\"line\" text"}},
		{src: `para.s = "a\tbA\\"`, want: []string{"s", "a\tbA\\"}},
		{src: "para.x = {a:1}\npara.x = 5", want: []string{"x", "5", "x.a", absent}},
		{src: "para.y = 5\npara.y { b = 2 }", want: []string{"y.b", "2"}},
		{src: "para.s = 'abc'", want: []string{"s", "'abc'"}},
		{src: "para.b = (x)\npara.c = x%y|z~w", want: []string{"b", "(x)", "c", "x%y|z~w"}},
		{src: "{ para : { port : 9 } }", want: []string{"port", "9"}},
		{src: "para.port = 9, para.env = dev", want: []string{"port", "9", "env", "dev"}},
		{src: "\"para.port\" = 5\npara.k = 1", want: []string{"port", absent}},
		{src: "para.url = http://x.com/y"},
		{src: "para.pw = a+b"}, {src: "para.pw = abc=="}, {src: "para.pw = $5"}, {src: "para.pw = user@host"},
		{src: "para.port 8080"},
		{src: "para.port="},
		{src: "para.x = \"line1\nline2\""},
		{src: `para.x = "p\$a"`},
		{src: "{a = 1}\n{b = 2}"},
		{src: "\n; x"}, {src: "para.a = 1\n; x\npara.b = 2"},

		// C 2.2
		{src: `para {a=8080, b="8080", c=1.0, d=1e3, e=007, f=-0, g=2.50, h=0x10, i=1_000, j=.5, k=true, l=yes, m=on}`,
			want: []string{"a", "8080", "b", "8080", "c", "1", "d", "1000", "e", "7", "f", "0", "g", "2.5", "h", "0x10",
				"i", "1_000", "j", ".5", "k", "true", "l", "yes", "m", "on"}},
		{src: `para {a=null, b=["a", 1], c={ x = 1, y = "two" }, d=10m, e=5 MB, f = 1e+5, g = 1e30, h = 1e400, i = 1.2.3, j = 99999999999999999999}`,
			want: []string{"a", absent, "b", "[a, 1]", "c", "{x=1, y=two}", "d", "10m", "e", "5 MB", "f", "100000",
				"g", "1e+30", "h", "1e400", "i", "1.2.3", "j", "99999999999999999999"}},

		// C 2.5
		{src: `para {
  env = production
  port = 8080
  dao = "SqlDAO"
  sql { url = "postgresql://db:5432/para", user = ${?DB_USER}, password = ${?DB_PASS} }
  mail.host = "smtp.example.com"      # dotted key inside an object
  security.ignored = ["/", "/v1/_setup", "/v1/_health"]
  security.protected {
    area51 = ["/area51", "/area51/**", ["admin", "GET"]]
  }
}`, env: []string{"DB_USER", "joe"}, want: []string{"sql.user", "joe", "sql.password", absent, "mail.host", "smtp.example.com",
			"security.ignored", "[/, /v1/_setup, /v1/_health]", "security.protected.area51", "[/area51, /area51/**, [admin, GET]]"}},

		// further rules of C 2.1
		{src: "\uFEFFpara.a = 1", want: []string{"a", "1"}},
		{src: "para.a = 1\r\npara.b = x\r\n", want: []string{"a", "1", "b", "x"}},
		{src: "para.a = b#c\npara.d = e//f", want: []string{"a", "b", "d", "e"}},
		{src: "para.x = {a:1}\npara.x = null", want: []string{"x", absent}},
		{src: "para.x = 1\npara.x = null", want: []string{"x", absent}},
		{src: "para.a = {x=1} {y=2}", want: []string{"a.x", "1", "a.y", "2"}},
		{src: "para.b = {x=1, z=1}\npara.a = ${para.b} {z=2}", want: []string{"a.x", "1", "a.z", "2"}},
		{src: "para.b {x=1, z=1}\npara.a = ${para.b}\npara.a.z = 2", want: []string{"a.x", "1", "a.z", "2"}},
		{src: "para.a = ${para.b}\npara.b = late", want: []string{"a", "late"}},
		{src: "para { x = 1, y = ${para.x}2 }", want: []string{"y", "12"}},
		{src: "para.l = ${?para.l} [b]", want: []string{"l", "[b]"}},
		{src: "para.path = ${?para.path}\":/bin\"", want: []string{"path", ":/bin"}},
		{src: "para.a = ${para.b}\npara.b = ${para.a}"},
		{src: "para.a = ${para.a}"}, {src: "para.a = ${?para.a}\npara.k = 1", want: []string{"a", absent}},
		{src: "para.a { b = ${para.a} }"},
		{src: "para.a = 1\npara.a += 2"},
		{src: "para.a = x {b = 1}"}, {src: "para.a = [1] x"}, {src: "para.a = ${para.b} [1]\npara.b = x"},
		{src: "para.a = [1,,2]"}, {src: "para.a = [,1]"}, {src: "para.a = 1,,para.b = 2"}, {src: ", para.a = 1"},
		{src: "para.a = [1, 2,]", want: []string{"a", "[1, 2]"}},
		{src: "para.a = [ # c\n 1 // d\n 2 ]", want: []string{"a", "[1, 2]"}},
		{src: "para { a = 1"}, {src: "para.a = [1"}, {src: "para.a = \"x"}, {src: `para.a = """x`}, {src: "para.a = 1 }"},
		{src: "[1]"}, {src: "= 5"}, {src: "para..a = 5"}, {src: ".a = 5"}, {src: "para. = 5"}, {src: "para.a = ${x"}, {src: "para.a = ${}"},
		{src: "para.a = \"\\uD83D\\uDE00\\u00e9\"", want: []string{"a", "😀é"}},
		{src: `para.a = """x""""`, want: []string{"a", `x"`}},
		{src: "para.a =\n  5", want: []string{"a", "5"}},
		{src: "para.include = 5\npara { include = 6 }", want: []string{"include", "6"}},
		{src: "include \"nothing\"\npara.a = 1", want: []string{"a", "1"}},
		{src: "include url(\"http://localhost:1/\")\npara.a = 1", want: []string{"a", "1"}},
		{src: "para.es.shards = 1\npara.es.\"shards\" = 2", want: []string{"es.shards", "2"}},
		{src: "", want: []string{"x", absent}},
		{src: "  # only a comment", want: []string{"x", absent}},
	}
	for _, tt := range tests {
		o, err := Parse([]byte(tt.src), Options{File: "f.conf", Env: env(tt.env...)})
		if tt.want == nil {
			var e *Error
			if !errors.As(err, &e) {
				t.Errorf("%q: got error %v, want an *Error", tt.src, err)
			} else if e.Position.Line == 0 || e.Position.File != "f.conf" {
				t.Errorf("%q: error without position: %v", tt.src, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%q: %v", tt.src, err)
			continue
		}
		for i := 0; i < len(tt.want); i += 2 {
			got := absent
			if v := o.Get(append([]string{"para"}, strings.Split(tt.want[i], ".")...)...); v != nil {
				got = v.Text()
			}
			if got != tt.want[i+1] {
				t.Errorf("%q: %s = %q, want %q", tt.src, tt.want[i], got, tt.want[i+1])
			}
		}
	}
}

func TestErrorsSayWhereAndHow(t *testing.T) {
	tests := []struct{ src, want string }{
		{"para.a = 1\npara.url = http://x", `f.conf:2:16: character ':' is not allowed in a value outside quotes; put the whole value in double quotes`},
		{"para {\n  a = 5\n", `f.conf:1:6: object opened here is not closed before the end of the file; add the closing brace`},
		{"para.port 8080", `f.conf:1:1: key "para.port 8080" is followed by the end of the file instead of '=', ':' or '{'; write key = value`},
		{"é = ${NOPE}", `f.conf:1:5: substitution ${NOPE} has no value: it is neither defined before this in the configuration nor in the environment; define it, or write ${?NOPE} if it may be missing`},
		{"a = \"x\xff\"", `f.conf:1:7: text is not UTF-8; save the file as UTF-8`},
	}
	for _, tt := range tests {
		_, err := Parse([]byte(tt.src), Options{File: "f.conf"})
		if err == nil || err.Error() != tt.want {
			t.Errorf("%q:\n got %v\nwant %s", tt.src, err, tt.want)
		}
	}
}

func TestPositionsAndEntries(t *testing.T) {
	src := "para {\n  port = 1 # c\n  \"a.b\" : [x]\n}\npara.e = {}\npara.s = ${para.port}\n"
	o, err := Parse([]byte(src), Options{File: "f.conf"})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range o.Entries() {
		got = append(got, e.Key+"="+e.Value.Text()+"@"+e.Value.Position().String())
	}
	want := `para.port=1@f.conf:2:10 para."a.b"=[x]@f.conf:3:11 para.s=1@f.conf:6:10`
	if strings.Join(got, " ") != want {
		t.Errorf("entries\n got %s\nwant %s", strings.Join(got, " "), want)
	}
}

func TestHidden(t *testing.T) {
	for _, src := range []string{"search = Lucene\nsearch.timeout = 5s", "search.timeout = 5s\nsearch = Lucene"} {
		o, err := Parse([]byte(src), Options{})
		if err != nil {
			t.Fatal(err)
		}
		v := o.Get("search")
		scalar, object := v, v.Hidden()
		if v.Kind() == Map {
			scalar, object = object, scalar
		}
		if scalar == nil || object == nil || scalar.Text() != "Lucene" || object.Object().Get("timeout").Text() != "5s" {
			t.Errorf("%q: value %v, hidden %v", src, v, v.Hidden())
		}
	}
}

func TestSubstitutionOrder(t *testing.T) {
	fallback, err := Parse([]byte("para.env = packaged\npara.dao = H2DAO"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	o, err := Parse([]byte("x = ${para.env}, y = ${para.dao}, z = ${para.q}, para.env = file, w = ${HOME}"), Options{
		Overrides: map[string]string{"para.q": "flag"}, Fallback: fallback, Env: env("HOME", "/h", "para.env", "no"),
	})
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{"x": "file", "y": "H2DAO", "z": "flag", "w": "/h"} {
		if got := o.Get(key).Text(); got != want {
			t.Errorf("%s = %q, want %q", key, got, want)
		}
	}
	if _, err := Parse([]byte("a = ${NOPE}"), Options{AllowUnresolved: true}); err != nil {
		t.Errorf("AllowUnresolved: %v", err)
	}
}
