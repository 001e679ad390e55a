package sigv4

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestDifferences(t *testing.T) {
	r := httptest.NewRequest("PUT", "http://localhost:8080/v1/cat/a%20b?x=1&y=2", strings.NewReader(`{"a":1}`))
	body := HashBody([]byte(`{"a":1}`))
	if err := SignHash(r, Credentials{AccessKey: "app:x", Secret: "secret"}, body, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
	auth, err := ParseAuthorization(r.Header.Get("Authorization"))
	if err != nil {
		t.Fatal(err)
	}
	arrived := Explain(auth, RequestOf(r), body, "secret", Hosts(r.Host, false, "")).Canonical
	if d := Differences(arrived, arrived+"\n"); d != nil {
		t.Errorf("equal requests differ: %q", d)
	}
	for change, want := range map[[2]string]string{
		{"PUT", "POST"}:                           "method: ",
		{"/v1/cat/a%2520b", "/v1/cat/a%20b"}:      "path: ",
		{"x=1&y=2", "x=1"}:                        "query: ",
		{"localhost:8080", "localhost"}:           "header host: ",
		{"x-amz-date:2026", "x-amz-date:2025"}:    "header x-amz-date: ",
		{"host:localhost:8080\n", ""}:             "header host: ",
		{"\nhost;x-amz-date", "\nhost;x-amz-dat"}: "names of signed headers: ",
		{arrived[len(arrived)-64:], "UNSIGNED"}:   "hash of the body: ",
	} {
		signed := strings.Replace(arrived, change[0], change[1], 1)
		if d := Differences(arrived, signed); len(d) != 1 || !strings.HasPrefix(d[0], want) {
			t.Errorf("%q: %q, wanted %s\n%s", change, d, want, arrived)
		}
	}
	if d := Differences(arrived, "nothing of the kind"); len(d) != 1 || !strings.Contains(d[0], "no canonical request") {
		t.Errorf("%q", d)
	}
}

// Requests of any text can be compared, and equal ones do not differ.
func FuzzDifferences(f *testing.F) {
	f.Add("GET\n/\n\nhost:x\n\nhost\nabc", "GET\n/\n\nhost:y\n\nhost\nabc")
	f.Add("", "\n\n\n\n\n\n")
	f.Fuzz(func(t *testing.T, a, b string) {
		if d := Differences(a, a); canonicalParts(a) != nil && d != nil {
			t.Errorf("%q differs from itself: %q", a, d)
		}
		if ab, ba := Differences(a, b), Differences(b, a); (ab == nil) != (ba == nil) {
			t.Errorf("%q and %q: %q, the other way %q", a, b, ab, ba)
		}
	})
}
