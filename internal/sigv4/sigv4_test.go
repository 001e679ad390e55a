package sigv4

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"
)

type vector struct {
	Name, Access, Secret, Date, Host, Method, Target string
	Headers                                          map[string]string
	Body, Signed, Signature                          string
	Canonical, CanonicalHash                         string
	Authorization                                    string
}

func loadVectors(t testing.TB) []vector {
	t.Helper()
	data, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var list []vector
	if err := json.Unmarshal(data, &list); err != nil {
		t.Fatal(err)
	}
	if len(list) != 23 {
		t.Fatalf("%d vectors", len(list))
	}
	return list
}

func find(t testing.TB, name string) vector {
	t.Helper()
	for _, v := range loadVectors(t) {
		if strings.HasPrefix(v.Name, name+" ") {
			return v
		}
	}
	t.Fatalf("no vector %s", name)
	return vector{}
}

func (v *vector) header() string {
	if v.Authorization != "" {
		return v.Authorization
	}
	return "AWS4-HMAC-SHA256 Credential=" + v.Access + "/" + v.Date[:8] + "/us-east-1/para/aws4_request, SignedHeaders=" +
		v.Signed + ", Signature=" + v.Signature
}

func (v *vector) request() Request {
	path, query, _ := strings.Cut(v.Target, "?")
	r := Request{Method: v.Method, Path: path, Query: query, Date: v.Date, Header: http.Header{}}
	for name, value := range v.Headers {
		r.Header.Set(name, value)
	}
	return r
}

func (v *vector) verify(t testing.TB) error {
	t.Helper()
	a, err := ParseAuthorization(v.header())
	if err != nil {
		return err
	}
	return new(Verifier).Verify(a, v.request(), HashBody([]byte(v.Body)), v.Secret, Hosts(v.Host, false, ""))
}

func TestVectors(t *testing.T) {
	for _, v := range loadVectors(t) {
		t.Run(v.Name, func(t *testing.T) {
			if err := v.verify(t); err != nil {
				a, _ := ParseAuthorization(v.header())
				t.Fatalf("%v\n%s", err, Explain(a, v.request(), HashBody([]byte(v.Body)), v.Secret, Hosts(v.Host, false, "")))
			}
			a, _ := ParseAuthorization(v.header())
			e := Explain(a, v.request(), HashBody([]byte(v.Body)), v.Secret, Hosts(v.Host, false, "")[:1])
			if v.Canonical != "" && e.Canonical != v.Canonical {
				t.Errorf("canonical request:\n%s\nwant:\n%s", e.Canonical, v.Canonical)
			}
			if v.CanonicalHash != "" && !strings.HasSuffix(e.StringToSign, "\n"+v.CanonicalHash) {
				t.Errorf("string to sign %q", e.StringToSign)
			}

			for _, change := range []struct {
				name string
				make func(*vector)
			}{
				{"body", func(v *vector) { v.Body += " " }},
				{"method", func(v *vector) { v.Method = "TRACE" }},
				{"path", func(v *vector) { v.Target = "/x" + v.Target }},
				{"host", func(v *vector) { v.Host = "evil.example.com" }},
				{"secret", func(v *vector) { v.Secret += "=" }},
				{"blank secret", func(v *vector) { v.Secret = " " }},
				{"date", func(v *vector) { v.Date = "20260115T102031Z" }},
				{"added parameter", func(v *vector) {
					v.Target += map[bool]string{true: "&", false: "?"}[strings.Contains(v.Target, "?")] + "added=1"
				}},
			} {
				changed := v
				changed.Authorization = v.header()
				change.make(&changed)
				if err := changed.verify(t); !errors.Is(err, ErrInvalid) {
					t.Errorf("%s changed: %v", change.name, err)
				}
			}
		})
	}
}

func TestSigningKey(t *testing.T) {
	key := deriveKey("U3VTNifLPqnZ1W2S3pVVuKG4HOVbimMocdDMl8T69BB001AXGZtwZw==", "20260115", Region, Service)
	if got := hex.EncodeToString(key); got != "57dbbb5175213385064265526d26c099392d8f08fcf24e226e7ca480384670b6" {
		t.Error(got)
	}
}

// The refusals of A 26.2, with the answers of A 3.7.
func TestRefusals(t *testing.T) {
	const signedAt = 1768472430
	tests := []struct {
		name, vector string
		at           time.Time
		change       func(*vector)
		status       int
		message      string
	}{
		{"at once", "S2", time.Unix(signedAt, 0), nil, 0, ""},
		{"at the limit", "S2", time.Unix(signedAt+900, 0), nil, 0, ""},
		{"a millisecond later", "S2", time.Unix(signedAt+900, int64(time.Millisecond)), nil, 400, "Request has expired."},
		{"within the last millisecond", "S2", time.Unix(signedAt+900, 999_999), nil, 0, ""},
		{"an hour before the date", "S2", time.Unix(signedAt-3600, 0), nil, 0, ""},
		{"no date", "S2", time.Unix(signedAt, 0), func(v *vector) { v.Date = "" }, 400, "Request has expired."},
		{"blank date", "S2", time.Unix(signedAt, 0), func(v *vector) { v.Date = " " }, 400, "Request has expired."},
		{"malformed date", "S2", time.Unix(signedAt, 0), func(v *vector) { v.Date = "2026-01-15" },
			401, "Full authentication is required to access this resource"},
		{"date with a fraction", "S2", time.Unix(signedAt, 0), func(v *vector) { v.Date = "20260115T102030.5Z" },
			401, "Full authentication is required to access this resource"},
		{"date that does not exist", "S2", time.Unix(signedAt, 0), func(v *vector) { v.Date = "20260230T102030Z" },
			401, "Full authentication is required to access this resource"},
		{"one byte of the body changed", "S2", time.Unix(signedAt, 0), func(v *vector) { v.Body = strings.Replace(v.Body, "todo", "tofo", 1) },
			403, "Invalid signature for request POST /v1/todo coming from app myapp"},
		{"other content type", "S2", time.Unix(signedAt, 0), func(v *vector) { v.Headers["content-type"] = "application/json" },
			403, "Invalid signature for request POST /v1/todo coming from app myapp"},
		{"other first value", "S6", time.Unix(signedAt, 0), func(v *vector) { v.Target = "/v1/_batch?ids=other&ids=id%201" },
			403, "Invalid signature for request GET /v1/_batch coming from app myapp"},
		{"other further values", "S6", time.Unix(signedAt, 0), func(v *vector) { v.Target = "/v1/_batch?ids=id%201&ids=x" }, 0, ""},
		{"further values removed", "S6", time.Unix(signedAt, 0), func(v *vector) { v.Target = "/v1/_batch?ids=id%201" }, 0, ""},
		{"scope text is ignored", "S7", time.Unix(signedAt, 0), func(v *vector) {
			v.Authorization = strings.Replace(v.Authorization, "app:myapp/20260115/us-east-1/para/aws4_request", "MYAPP/20260115/eu-west-1/x/aws4_request", 1)
		}, 0, ""},
		{"no signed headers", "S7", time.Unix(signedAt, 0), func(v *vector) {
			v.Authorization = strings.Replace(v.Authorization, "SignedHeaders=host;x-amz-date, ", "", 1)
		}, 401, "Full authentication is required to access this resource"},
		{"no signature", "S7", time.Unix(signedAt, 0), func(v *vector) { v.Authorization, _, _ = strings.Cut(v.Authorization, ", Signature") },
			401, "Full authentication is required to access this resource"},
		{"no scope", "S7", time.Unix(signedAt, 0), func(v *vector) {
			v.Authorization = strings.Replace(v.Authorization, "/20260115/us-east-1/para/aws4_request", "", 1)
		}, 401, "You don't have permission to access this resource. [DELETE /v1/todo/123]"},
		{"date before everything else", "S7", time.Unix(signedAt+901, 0), func(v *vector) { v.Secret = "x" }, 400, "Request has expired."},
		{"default port instead of none", "S12", time.Unix(signedAt, 0), func(v *vector) { v.Host = "paraio.com:80" }, 0, ""},
		{"another port", "S12", time.Unix(signedAt, 0), func(v *vector) { v.Host = "paraio.com:81" },
			403, "Invalid signature for request GET /v1/_me coming from app myapp"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			v := find(t, test.vector)
			v.Authorization = v.header()
			if test.change != nil {
				test.change(&v)
			}
			_, err := ParseAuthorization(v.Authorization)
			if err == nil {
				if err = CheckDate(v.Date, 900*time.Second, test.at); err == nil {
					err = v.verify(t)
				}
			}
			if test.status == 0 {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if err == nil {
				t.Fatal("accepted")
			}
			path, _, _ := strings.Cut(v.Target, "?")
			if status, message := Answer(err, v.Method, path, "myapp"); status != test.status || message != test.message {
				t.Errorf("%d %s (%v)", status, message, err)
			}
		})
	}
}

func TestParseAuthorization(t *testing.T) {
	const c, h, s = "Credential=app:x/20260115/us-east-1/para/aws4_request", "SignedHeaders=host;x-amz-date", "Signature=00ff"
	for _, header := range []string{
		"AWS4-HMAC-SHA256 " + c + ", " + h + ", " + s,
		"AWS4-HMAC-SHA256 " + c + "," + h + "," + s,
		"AWS4-HMAC-SHA512 " + c + ", " + h + ", " + s,
		c + ", " + h + ", " + s,
		"AWS4-HMAC-SHA256 " + h + ", " + c + ", " + s,
		"AWS4-HMAC-SHA256 " + c + ", " + s + ", " + h,
		"AWS4-HMAC-SHA256 " + s + ", " + c + ", " + h,
		"AWS4-HMAC-SHA256  " + s + " ,\t" + c + ",other=1," + h + ",",
		"AWS4-HMAC-SHA256 " + c + ", SignedHeaders=X-Amz-Date; HOST;host, " + s,
	} {
		a, err := ParseAuthorization(header)
		if err != nil {
			t.Errorf("%s: %v", header, err)
			continue
		}
		names, ok := a.headerNames(nil)
		if a.AccessKey != "app:x" || a.signature != "00ff" || !a.complete || !ok || strings.Join(names, ";") != "host;x-amz-date" {
			t.Errorf("%s: %+v", header, a)
		}
	}
	for _, header := range []string{"", "AWS4-HMAC-SHA256", "Basic YTpi", "Basic YTpi==", "Bearer x", "Token a.b.c", "Anonymous app:x",
		"AWS4-HMAC-SHA256 Credential=app:x, " + h + ", " + s, "Credential=/20260115/x, " + h + ", " + s, "Credential= /x",
		c + ", " + c + ", " + h + ", " + s, c + "," + strings.Repeat("x", maxAuthorization)} {
		if _, err := ParseAuthorization(header); !errors.Is(err, ErrNoAccessKey) {
			t.Errorf("%.80s: %v", header, err)
		}
	}
	for header, want := range map[string]error{
		c + ", " + s:                                        ErrIncomplete,
		c + ", " + h:                                        ErrIncomplete,
		c + ", " + h + ", " + h + ", " + s:                  ErrIncomplete,
		c + ", " + h + ", " + s + ", " + s:                  ErrIncomplete,
		c + ", SignedHeaders=, " + s:                        ErrInvalid,
		c + ", SignedHeaders=host, " + s:                    ErrInvalid,
		c + ", SignedHeaders=x-amz-date, " + s:              ErrInvalid,
		c + ", " + h + ", Signature=":                       ErrInvalid,
		c + ", " + h + ", Signature=ABCDEF":                 ErrInvalid,
		c + ", " + h + strings.Repeat(";a", 100) + ", " + s: ErrInvalid,
	} {
		a, err := ParseAuthorization(header)
		if err != nil {
			t.Errorf("%s: %v", header, err)
			continue
		}
		r := Request{Method: "GET", Path: "/", Date: "20260115T102030Z"}
		if err := new(Verifier).Verify(a, r, HashBody(nil), "secret", []string{"h"}); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", header, err, want)
		}
	}
}

func TestCanonicalQuery(t *testing.T) {
	for _, test := range []struct{ query, want, plus string }{
		{"", "", ""},
		{"a=x%20y", "a=x%20y", "a=x%20y"},
		{"a=x+y", "a=x%20y", "a=x%2By"},
		{"a=x%2By", "a=x%2By", "a=x%2By"},
		{"a", "a=", "a="},
		{"a=", "a=", "a="},
		{"a=%c3%bc%2f", "a=%C3%BC%2F", "a=%C3%BC%2F"},
		{"a=(x)*'!~:@/?", "a=%28x%29%2A%27%21~%3A%40%2F%3F", "a=%28x%29%2A%27%21~%3A%40%2F%3F"},
		{"z=1&b=2&B=3&a=4", "B=3&a=4&b=2&z=1", "B=3&a=4&b=2&z=1"},
		{"ids=1&ids=2&ids=3", "ids=1", "ids=1"},
		{"a=1&%61=2&b=3&a=4", "a=1&b=3", "a=1&b=3"},
		{"a=%F0%9F%98%80", "a=%F0%9F%98%80", "a=%F0%9F%98%80"},
		{"&a=1&&b=2&", "a=1&b=2", "a=1&b=2"},
		{"a=b=c", "a=b%3Dc", "a=b%3Dc"},
		{"a-b=1&a=2", "a=2&a-b=1", "a=2&a-b=1"},
		{"=x", "=x", "=x"},
		{"a=%zz%4", "a=%25zz%254", "a=%25zz%254"},
		{"fields&filterid=&like&type=cat", "fields=&filterid=&like=&type=cat", "fields=&filterid=&like=&type=cat"},
	} {
		s := new(scratch)
		if got := string(s.appendQuery(nil, test.query, false)); got != test.want {
			t.Errorf("%s: %s", test.query, got)
		}
		if got := string(s.appendQuery(nil, test.query, true)); got != test.plus {
			t.Errorf("%s with plus: %s", test.query, got)
		}
	}
}

func TestCanonicalPath(t *testing.T) {
	for path, want := range map[string]string{
		"":                             "/",
		"/":                            "/",
		"//v1//x/../y/":                "//v1//x/../y/",
		"/v1/user/a%20b":               "/v1/user/a%2520b",
		"/v1/fb:1/a+b/'~":              "/v1/fb%3A1/a%2Bb/%27~",
		"/v1/%c3%bc":                   "/v1/%25c3%25bc",
		"/v1/ü;x":                      "/v1/%C3%BC%3Bx",
		"/v1/my%20type/a%20b%2F%C3%BC": "/v1/my%2520type/a%2520b%252F%25C3%25BC",
	} {
		if got := string(appendPath(nil, path)); got != want {
			t.Errorf("%s: %s", path, got)
		}
	}
}

func TestHosts(t *testing.T) {
	for _, test := range []struct {
		host      string
		tls       bool
		forwarded string
		want      string
	}{
		{"h:8080", false, "", "h:8080"},
		{"h", false, "", "h h:80"},
		{"h:80", false, "", "h:80 h"},
		{"h:443", false, "", "h:443"},
		{"h:443", true, "", "h:443 h"},
		{"h", true, "", "h h:443"},
		{"[::1]", false, "", "[::1] [::1]:80"},
		{"[::1]:9", false, "", "[::1]:9"},
		{"inner:9999", false, "para.example.com", "inner:9999 para.example.com"},
		{"h:1", false, "h:1", "h:1"},
	} {
		if got := strings.Join(Hosts(test.host, test.tls, test.forwarded), " "); got != test.want {
			t.Errorf("%+v: %s", test, got)
		}
	}
}

// What Sign writes must be what a server sees: the whole way over a connection.
func TestSignOverHTTP(t *testing.T) {
	cred := Credentials{"app:myapp", "secretsecret=="}
	var verifier Verifier
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, err := ParseAuthorization(r.Header.Get("Authorization"))
		if err == nil {
			body := NewBodyReader(r.Body)
			if _, err = io.Copy(io.Discard, body); err == nil {
				if err = CheckDate(r.Header.Get(DateHeader), time.Minute, time.Now()); err == nil {
					err = verifier.Verify(a, RequestOf(r), body.Sum(), cred.Secret, Hosts(r.Host, false, ""))
				}
			}
		}
		if err != nil {
			status, message := Answer(err, r.Method, r.URL.EscapedPath(), "myapp")
			http.Error(w, message, status)
		}
	}))
	defer server.Close()
	for _, test := range []struct{ method, target, body string }{
		{"GET", "", ""},
		{"GET", "/v1/cat/a%20b%2Fc/%27(x)*!~;y=1?q=a+b%20%C3%BC&ids=1&ids=2&bare", ""},
		{"POST", "/v1/cat", `{"a":"ü"}`},
		{"DELETE", "/v1/_batch?ids=1", `""`},
		{"PATCH", "//v1//cat/./x", "{}"},
	} {
		var body io.Reader
		if test.body != "" {
			body = bytes.NewReader([]byte(test.body))
		}
		req, err := http.NewRequest(test.method, server.URL+test.target, body)
		if err != nil {
			t.Fatal(err)
		}
		if err := Sign(req, cred, time.Now()); err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if res.StatusCode != 200 {
			t.Errorf("%s %s: %d %s", test.method, test.target, res.StatusCode, text)
		}
	}
}

// The JavaScript client signs content-length: a Go server must still have it.
func TestContentLengthOverHTTP(t *testing.T) {
	v := find(t, "S2")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, _ := ParseAuthorization(r.Header.Get("Authorization"))
		body := NewBodyReader(r.Body)
		io.Copy(io.Discard, body)
		if err := new(Verifier).Verify(a, RequestOf(r), body.Sum(), v.Secret, Hosts(r.Host, false, "")); err != nil {
			w.WriteHeader(403)
		}
	}))
	defer server.Close()
	req, _ := http.NewRequest(v.Method, server.URL+v.Target, strings.NewReader(v.Body))
	req.Host = v.Host
	for name, value := range v.Headers {
		req.Header.Set(name, value)
	}
	req.Header.Set(DateHeader, v.Date)
	req.Header.Set("Authorization", v.Authorization)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != 200 {
		t.Error(res.Status)
	}
}

func TestSignErrors(t *testing.T) {
	req, _ := http.NewRequest("POST", "http://h/", io.LimitReader(strings.NewReader("x"), 1))
	if err := Sign(req, Credentials{"app:x", "s"}, time.Now()); err == nil {
		t.Error("a body that can be read only once was signed")
	}
	req, _ = http.NewRequest("GET", "http://h/", nil)
	for _, cred := range []Credentials{{"", "s"}, {"app:x", ""}} {
		if err := Sign(req, cred, time.Now()); err == nil || strings.Contains(err.Error(), "app:x") {
			t.Error(err)
		}
	}
}

func TestRequestOf(t *testing.T) {
	for target, want := range map[string][2]string{
		"/v1/a%20b?x=1?2":      {"/v1/a%20b", "x=1?2"},
		"http://h:1/v1/x?y":    {"/v1/x", "y"},
		"http://h:1?y":         {"", "y"},
		"http://h:1":           {"", ""},
		"//double//slash":      {"//double//slash", ""},
		"/v1/x?u=http://a/b?c": {"/v1/x", "u=http://a/b?c"},
	} {
		r := RequestOf(&http.Request{RequestURI: target, Header: http.Header{}})
		if r.Path != want[0] || r.Query != want[1] {
			t.Errorf("%s: %q %q", target, r.Path, r.Query)
		}
	}
}

func TestWhitespaceIsFolded(t *testing.T) {
	if got := string(appendFolded(nil, "a \t  b  c")); got != "a b c" {
		t.Errorf("%q", got)
	}
}

func TestExplain(t *testing.T) {
	const secret = "secretsecret=="
	body := []byte(`{"a":1}`)
	request := func() Request {
		return Request{Method: "POST", Path: "/v1/a%20b", Query: "ids=1&ids=2", Date: "20260102T030405Z", Header: http.Header{"X-Extra": {"a"}}}
	}
	sign := func(r Request, body string, region, service string, change func(*mistake)) string {
		m := mistake{request: r, body: body, region: region, service: service}
		if change != nil {
			change(&m)
		}
		return m.signature(secret, "h:1", []string{"host", "x-amz-date"})
	}
	sum := sha256.Sum256(body)
	hash := hex.EncodeToString(sum[:])
	empty := HashBody(nil)
	for _, test := range []struct{ scope, signed, signature, want string }{
		{"20260102/eu-west-1/s3/aws4_request", "", sign(request(), hash, "eu-west-1", "s3", nil), "region eu-west-1 and service s3"},
		{"x", "", sign(request(), hex.EncodeToString(empty[:]), Region, Service, nil), "body is not signed"},
		{"x", "", sign(request(), "UNSIGNED-PAYLOAD", Region, Service, nil), "UNSIGNED-PAYLOAD"},
		{"x", "", sign(request(), hash, Region, Service, func(m *mistake) { m.rawPath = true }), "path is encoded once"},
		{"x", "", sign(request(), hash, Region, Service, func(m *mistake) { m.request.Path = "/v1/a b" }), "path is encoded once"},
		{"x", "", sign(request(), hash, Region, Service, func(m *mistake) { m.request.Query = "" }), "query is not signed"},
		{"x", "", sign(request(), hash, Region, Service, func(m *mistake) { m.rawQuery = "ids=1&ids=2" }), "all values"},
		{"x", "host;x-amz-date;x-none", "00", "header x-none is signed but did not arrive"},
		{"x", "host", "00", "SignedHeaders must name"},
		{"x", "", "00", "another secret"},
	} {
		if test.signed == "" {
			test.signed = "host;x-amz-date"
		}
		a, err := ParseAuthorization("Credential=app:x/" + test.scope + ", SignedHeaders=" + test.signed + ", Signature=" + test.signature)
		if err != nil {
			t.Fatal(err)
		}
		e := Explain(a, request(), sum, secret, []string{"h", "h:1"})
		if !strings.Contains(e.Cause, test.want) {
			t.Errorf("%s: %s", test.want, e.Cause)
		}
		if strings.Contains(e.String(), secret) || e.Canonical == "" || len(e.Computed) != 64 {
			t.Errorf("%s", e)
		}
	}
}

func TestKeyCacheIsBounded(t *testing.T) {
	var c keyCache
	for i := range 5 * keyCapacity {
		c.get(string(rune('a'+i%26))+time.Duration(i).String(), "20260101")
		c.get("busy", "20260101")
	}
	if n := len(c.young) + len(c.old); n > 2*keyCapacity {
		t.Errorf("%d keys", n)
	}
	if c.young[keyName{"busy", "20260101"}] == nil {
		t.Error("a key in use was dropped")
	}
}

func TestVerifierConcurrently(t *testing.T) {
	vectors := loadVectors(t)
	var verifier Verifier
	done := make(chan error)
	for range 4 {
		go func() {
			for range 20 {
				for _, v := range vectors {
					a, err := ParseAuthorization(v.header())
					if err == nil {
						err = verifier.Verify(a, v.request(), HashBody([]byte(v.Body)), v.Secret, Hosts(v.Host, false, ""))
					}
					if err != nil {
						done <- err
						return
					}
				}
			}
			done <- nil
		}()
	}
	for range 4 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}
