package server_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/erudika/para-go/internal/sigv4"
	"github.com/erudika/para-go/server"
)

// sink is a response writer that keeps only the status.
type sink struct {
	header http.Header
	status int
}

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) WriteHeader(status int)      { s.status = status }
func (s *sink) Write(p []byte) (int, error) { return len(p), nil }

// BenchmarkRequest measures a signed request from the door to the store and back, without the network.
func BenchmarkRequest(b *testing.B) {
	const secret = "a-root-secret-of-the-benchmarks-longer-than-forty"
	dir := b.TempDir()
	conf := filepath.Join(dir, "para-application.conf")
	if err := os.WriteFile(conf, []byte(fmt.Sprintf("para.root_secret_override = %q", secret)), 0o600); err != nil {
		b.Fatal(err)
	}
	s, err := server.Start(b.Context(), server.Options{ConfigFile: conf, WorkDir: dir, Flags: map[string]string{"port": "0"}})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close(context.Background()) })
	send := func(b *testing.B, method, path, body string, want int) *http.Request {
		r := httptest.NewRequest(method, "http://localhost"+path, strings.NewReader(body))
		if body != "" {
			r.Header.Set("Content-Type", "application/json")
		}
		if err := sigv4.SignHash(r, sigv4.Credentials{AccessKey: "app:para", Secret: secret}, sigv4.HashBody([]byte(body)), time.Now()); err != nil {
			b.Fatal(err)
		}
		w := &sink{header: http.Header{}, status: 200}
		s.Handler().ServeHTTP(w, r)
		if w.status != want {
			b.Fatalf("%s %s: %d, want %d", method, path, w.status, want)
		}
		return r
	}
	words := strings.Repeat("some words of a text that nobody reads ", 6)
	for i := range 300 {
		send(b, "PUT", fmt.Sprintf("/v1/note/n%d", i), fmt.Sprintf(`{"name":"note %d","title":"word%d","text":%q,"rank":%d}`, i, i%10, words, i), 200)
	}
	for _, v := range []struct{ name, method, path, body string }{
		{"read", "GET", "/v1/note/n7", ""},
		{"list", "GET", "/v1/note?limit=30", ""},
		{"search", "GET", "/v1/note/search?q=word3&limit=30", ""},
		{"patch", "PATCH", "/v1/note/n7", `{"rank":3}`},
	} {
		b.Run(v.name, func(b *testing.B) {
			r := send(b, v.method, v.path, v.body, 200)
			b.ReportAllocs()
			b.ResetTimer()
			for b.Loop() {
				if v.body != "" {
					r.Body = io.NopCloser(strings.NewReader(v.body))
				}
				w := &sink{header: http.Header{}, status: 200}
				s.Handler().ServeHTTP(w, r)
				if w.status != 200 {
					b.Fatal(w.status)
				}
			}
		})
	}
}
