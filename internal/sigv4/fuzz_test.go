package sigv4

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func FuzzParseAuthorization(f *testing.F) {
	for _, v := range loadVectors(f) {
		f.Add(v.header())
	}
	f.Add("AWS4-HMAC-SHA256 Signature=,SignedHeaders=;;,Credential=/")
	f.Fuzz(func(t *testing.T, header string) {
		a, err := ParseAuthorization(header)
		if err != nil {
			return
		}
		if a.AccessKey == "" || strings.Contains(a.AccessKey, "/") {
			t.Errorf("access key %q", a.AccessKey)
		}
		r := Request{Method: "GET", Path: "/", Date: "20260115T102030Z"}
		if err := new(Verifier).Verify(a, r, HashBody(nil), "some secret", []string{"h"}); err == nil {
			t.Errorf("accepted %q", header)
		}
	})
}

func FuzzCanonicalQuery(f *testing.F) {
	for _, v := range loadVectors(f) {
		_, query, _ := strings.Cut(v.Target, "?")
		f.Add(query, false)
	}
	f.Add("a=%zz&%=%&+=+", true)
	f.Fuzz(func(t *testing.T, query string, plus bool) {
		once := string(new(scratch).appendQuery(nil, query, plus))
		if twice := string(new(scratch).appendQuery(nil, once, plus)); twice != once {
			t.Errorf("%q: %q is not canonical: %q", query, once, twice)
		}
		if len(once) > 3*len(query)+strings.Count(query, "&")+2 {
			t.Errorf("%q grew to %d bytes", query, len(once))
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	v := find(b, "S1")
	a, _ := ParseAuthorization(v.header())
	r, body, hosts := v.request(), HashBody(nil), Hosts(v.Host, false, "")
	var verifier Verifier
	b.ReportAllocs()
	for b.Loop() {
		if err := verifier.Verify(a, r, body, v.Secret, hosts); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseAuthorization(b *testing.B) {
	v := find(b, "S1")
	header := v.header()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseAuthorization(header); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSign(b *testing.B) {
	req, _ := http.NewRequest("GET", "http://localhost:8080/v1/cat/1?q=a", nil)
	b.ReportAllocs()
	for b.Loop() {
		if err := Sign(req, Credentials{"app:myapp", "secretsecret=="}, time.Unix(1768472430, 0)); err != nil {
			b.Fatal(err)
		}
	}
}
