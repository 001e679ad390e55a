package client

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/erudika/para-go/internal/sigv4"
)

const (
	testKey    = "app:myapp"
	testSecret = "U3VTNifLPqnZ1W2S3pVVuKG4HOVbimMocdDMl8T69BB001AXGZtwZw=="
)

// exchange is a request as it arrived.
type exchange struct {
	method, target, body string
	as                   string // "app", "guest", "token T", "nobody"
	header               http.Header
}

// line is the part of an exchange that the tests compare.
func (e exchange) line() string {
	s := e.method + " " + e.target
	if e.body != "" {
		s += " " + e.body
	}
	return s
}

// server is a small real server: it checks signatures as Para does, keeps what arrived, and answers what it is told.
type server struct {
	*httptest.Server
	mu       sync.Mutex
	secret   string
	clock    time.Duration // how far its clock is ahead
	requests []exchange
	answer   func(n int, e exchange, w http.ResponseWriter)
}

func newServer(t testing.TB, answer func(n int, e exchange, w http.ResponseWriter)) *server {
	s := &server{secret: testSecret, answer: answer}
	var verifier sigv4.Verifier
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := sigv4.NewBodyReader(r.Body)
		data, err := io.ReadAll(body)
		if err != nil {
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		now := time.Now().Add(s.clock)
		w.Header().Set("Date", now.UTC().Format(http.TimeFormat))
		e := exchange{method: r.Method, target: r.RequestURI, body: string(data), header: r.Header}
		auth := r.Header.Get("Authorization")
		switch {
		case strings.HasPrefix(auth, "Bearer "):
			e.as = "token " + auth[len("Bearer "):]
		case auth == "Anonymous "+testKey:
			e.as = "guest"
		case auth == "":
			e.as = "nobody"
		default:
			e.as = "app"
			a, err := sigv4.ParseAuthorization(auth)
			if err == nil {
				err = sigv4.CheckDate(r.Header.Get(sigv4.DateHeader), 900*time.Second, now)
			}
			if err == nil {
				err = verifier.Verify(a, sigv4.RequestOf(r), body.Sum(), s.secret, sigv4.Hosts(r.Host, false, ""))
			}
			if err == nil && a.AccessKey != testKey {
				t.Errorf("access key %q", a.AccessKey)
			}
			if err != nil {
				status, message := sigv4.Answer(err, r.Method, r.URL.EscapedPath(), "myapp")
				refuse(w, status, message)
				return
			}
		}
		s.requests = append(s.requests, e)
		s.answer(len(s.requests), e, w)
	}))
	t.Cleanup(s.Close)
	return s
}

func refuse(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	body, _ := encodeBody(map[string]any{"code": status, "message": message})
	w.Write(body)
}

// lines returns what arrived since the last call.
func (s *server) lines() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []string
	for _, e := range s.requests {
		list = append(list, e.line())
	}
	s.requests = nil
	return list
}

// replies answers every request with one text.
func replies(text string) func(int, exchange, http.ResponseWriter) {
	return func(_ int, _ exchange, w http.ResponseWriter) { io.WriteString(w, text) }
}

// client returns a client of the app with quick retries.
func (s *server) client(t testing.TB, change ...func(*Options)) *Client {
	t.Helper()
	o := Options{Endpoint: s.URL, AccessKey: testKey, Secret: testSecret, Retry: RetryPolicy{MinWait: time.Millisecond, MaxWait: 2 * time.Millisecond}}
	for _, f := range change {
		f(&o)
	}
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}
