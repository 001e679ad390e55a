package hocon

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestIncludes(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "b.conf", "x = 2\ny = ${x}3\nz = ${para.outer}")
	write(t, dir, "c.json", `{"j": {"k": "v"}}`)
	write(t, dir, "d.properties", "p.q = r")
	write(t, dir, "loop.conf", `include file("loop.conf")`)
	write(t, dir, "bad.conf", "a = 1\nb = ]")
	tests := []struct {
		src, key, want, fails string
	}{
		{src: `para { outer = o, x = 1, include file("b.conf") }`, key: "para.x", want: "2"},
		{src: `para { outer = o, include file("b.conf"), x = 9 }`, key: "para.y", want: "93"},
		{src: `para { outer = o, include file("b.conf") }`, key: "para.z", want: "o"},
		{src: `include file("c.json")`, key: "j.k", want: "v"},
		{src: `include required(file("d.properties"))`, key: "p.q", want: "r"},
		{src: "include file(\"missing\")\nk = 1", key: "k", want: "1"},
		{src: `include required(file("missing"))`, fails: "missing"},
		{src: `include file("loop.conf")`, fails: "nested deeper"},
		{src: `include file("bad.conf")`, fails: "bad.conf:2:5"},
		{src: `include file(x)`, fails: "quoted name"},
		{src: `include file("x"`, fails: "')'"},
	}
	for _, tt := range tests {
		o, err := ParseFile(write(t, dir, "main.conf", tt.src), Options{Dir: dir})
		if tt.fails != "" {
			if err == nil || !strings.Contains(err.Error(), tt.fails) {
				t.Errorf("%s: error %v, want one with %q", tt.src, err, tt.fails)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", tt.src, err)
			continue
		}
		if v := o.Get(strings.Split(tt.key, ".")...); v == nil || v.Text() != tt.want {
			t.Errorf("%s: %s = %v, want %q", tt.src, tt.key, v, tt.want)
		}
	}
}

func TestIncludeWarnings(t *testing.T) {
	var got []string
	warn := func(pos Position, m string) { got = append(got, pos.String()+" "+m) }
	src := "include \"a\"\ninclude classpath(\"b\")\ninclude required(url(\"c\"))\nk = 1"
	if _, err := Parse([]byte(src), Options{File: "f", Warn: warn}); err != nil {
		t.Fatal(err)
	}
	if len(got) != 3 || !strings.HasPrefix(got[1], "f:2:1 include classpath") {
		t.Errorf("warnings %q", got)
	}
	if _, err := Parse([]byte(`include file("a")`), Options{}); err == nil {
		t.Error("a file was included without a way to read it")
	}
}

func TestJSON(t *testing.T) {
	o, err := Parse([]byte(" {\"para\":{\"port\":1234, \"a.b\": true, \"l\": [1, null, {}], \"s\": \"\\u0041\\/\"}}\n"), Options{Syntax: JSON})
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{"port": "1234", "a.b": "true", "l": "[1, null, {}]", "s": "A/"} {
		if v := o.Get("para", key); v == nil || v.Text() != want {
			t.Errorf("%s = %v, want %q", key, v, want)
		}
	}
	for src, want := range map[string]string{
		"{\n \"a\": 1,\n}": "c.json:3:1: invalid JSON", "{a: 1}": "c.json:1:2: invalid JSON", "[1]": "not a JSON object", "{} {}": "c.json:1:4",
		"{\"a\": 1": "c.json:1:7", "# c\n{}": "c.json:1:1",
	} {
		if _, err := Parse([]byte(src), Options{Syntax: JSON, File: "c.json"}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", src, err, want)
		}
	}
	if o, err := Parse([]byte("\n"), Options{Syntax: JSON}); err != nil || len(o.Keys()) != 0 {
		t.Errorf("empty document: %v %v", o, err)
	}
}

func TestProperties(t *testing.T) {
	src := "# c\n! c\n\npara.port = 1234\npara.a:b\npara.c d e \\\n   f\npara.empty\npara.es = scalar\r\npara.es.shards=2\npara.u = \\u0041\\t\\=\\\\\npara.k\\:x=1\n"
	o, err := Parse([]byte(src), Options{Syntax: Properties, File: "c.properties"})
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{"port": "1234", "a": "b", "c": "d e f", "empty": "", "es.shards": "2", "u": "A\t=\\", "k:x": "1"} {
		v := o.Get(append([]string{"para"}, strings.Split(key, ".")...)...)
		if v == nil || v.Text() != want || v.Kind() != String {
			t.Errorf("%s = %v, want %q", key, v, want)
		}
	}
	if got := o.Get("para", "c").Position().String(); got != "c.properties:6:1" {
		t.Errorf("position %s", got)
	}
	if h := o.Get("para", "es").Hidden(); h == nil || h.Text() != "scalar" {
		t.Errorf("hidden scalar %v", h)
	}
	for _, bad := range []string{"a..b = 1", "a = \\u12", "a = \\uzzzz", "= 1", strings.Repeat("a.", 70) + "a=1"} {
		if _, err := Parse([]byte(bad), Options{Syntax: Properties}); err == nil {
			t.Errorf("%q accepted", bad)
		}
	}
}

// Guarantee: small input cannot take much time or memory.
func TestBounds(t *testing.T) {
	var laughs, lists strings.Builder
	laughs.WriteString("a0 = xxxxxxxxxx\n")
	lists.WriteString("l0 = [1,2,3,4]\n")
	for i := 1; i < 60; i++ {
		fmt.Fprintf(&laughs, "a%d = ${a%d}${a%d}\n", i, i-1, i-1)
		fmt.Fprintf(&lists, "l%d = ${l%d} ${l%d}\n", i, i-1, i-1)
	}
	for name, src := range map[string]string{
		"text": laughs.String(), "lists": lists.String(),
		"braces": "a = " + strings.Repeat("{a=", 1000), "brackets": "a = " + strings.Repeat("[", 100000),
		"key": strings.Repeat("a.", 100) + "a = 1", "deep keys": strings.Repeat(strings.Repeat("a.", 60)+"a {", 60) + strings.Repeat("}", 60),
		"size": strings.Repeat("#", MaxBytes+1),
	} {
		if _, err := Parse([]byte(src), Options{}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	many := "l = []\n" + strings.Repeat("l += 1\n", 5000)
	if o, err := Parse([]byte(many), Options{}); err != nil || len(o.Get("l").Items()) != 5000 {
		t.Errorf("many appends: %v", err)
	}
}

func TestParseFileErrors(t *testing.T) {
	dir := t.TempDir()
	if _, err := ParseFile(filepath.Join(dir, "none.conf"), Options{}); !os.IsNotExist(err) {
		t.Errorf("missing file: %v", err)
	}
	big := write(t, dir, "big.conf", strings.Repeat("#", MaxBytes+1))
	if _, err := ParseFile(big, Options{}); err == nil {
		t.Error("big file accepted")
	}
	write(t, dir, "a.conf", "x = 1")
	o, err := Parse([]byte(`include file("a.conf")`), Options{Dir: "/cfg", ReadFile: func(name string) ([]byte, error) {
		if name != filepath.FromSlash("/cfg/a.conf") {
			return nil, fs.ErrNotExist
		}
		return []byte("x = 7"), nil
	}})
	if err != nil || o.Get("x").Text() != "7" {
		t.Errorf("own reader: %v %v", o, err)
	}
}
