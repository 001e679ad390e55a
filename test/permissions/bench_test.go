package permissions

import (
	"fmt"
	"log/slog"
	"net/http"
	"testing"
)

// sink is a response writer that keeps only the status.
type sink struct {
	header http.Header
	status int
}

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) WriteHeader(status int)      { s.status = status }
func (s *sink) Write(p []byte) (int, error) { return len(p), nil }

// BenchmarkRead compares reading an object as an app, which signs, with reading it as a signed-in user who has 50 entries
// in the permissions beside 50 of everybody; the limit is 20 % more. "own" is the same with OWN, where the object has to
// be looked at; "1000 users" lets as many take turns.
func BenchmarkRead(b *testing.B) {
	s := start(b, slog.New(slog.DiscardHandler), "para.access_log_enabled = false")
	app := s.app("perm")
	ann := app.user("ann", "users")
	app.send("PUT", "/v1/cat/c1", `{"name":"Tom","creatorid":"ann","text":"some words of a text that nobody reads, some words of a text that nobody reads"}`)
	entries := table{"ann": {}, "*": {}}
	for i := range 49 {
		entries["ann"][fmt.Sprintf("type%d/*", i)] = []string{"GET", "PUT"}
		entries["*"][fmt.Sprintf("other%d", i)] = []string{"GET"}
	}
	entries["ann"]["cat"] = []string{"GET"}
	w := &world{t: &testing.T{}, app: app}
	var many []*http.Request
	for i := range 1000 {
		u := app.user(fmt.Sprintf("u%d", i), "users")
		entries[u.name] = map[string][]string{"cat": {"GET"}}
		many = append(many, u.request("GET", "/v1/cat/c1", ""))
	}
	w.grant(entries)
	for _, v := range []struct {
		name     string
		requests []*http.Request
		own      bool
	}{
		{"app", []*http.Request{app.request("GET", "/v1/cat/c1", "")}, false},
		{"user", []*http.Request{ann.request("GET", "/v1/cat/c1", "")}, false},
		{"1000 users", many, false},
		{"own", []*http.Request{ann.request("GET", "/v1/cat/c1", "")}, true},
	} {
		b.Run(v.name, func(b *testing.B) {
			if v.own {
				entries["ann"]["cat"] = []string{"GET", "OWN"}
				w.grant(entries)
			}
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				out := &sink{header: http.Header{}, status: 200}
				s.s.Handler().ServeHTTP(out, v.requests[i%len(v.requests)])
				i++
				if out.status != 200 {
					b.Fatal(out.status)
				}
			}
		})
	}
}
