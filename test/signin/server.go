// Package signintest runs a Para server for tests of sign-in, and browsers that sign in to it.
package signintest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/client"
	"github.com/erudika/para-go/server"
)

const rootSecret = "sign-in-root-secret-of-more-than-forty-characters"

// Server is a running server.
type Server struct {
	Endpoint string
	Root     *client.Client

	log Log
}

// Log collects what a server logs. It is safe for concurrent use.
type Log struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write appends to the log; it never fails.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// String is the log so far.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// Start runs a server with lines of configuration until the test ends.
func Start(tb testing.TB, lines ...string) *Server {
	tb.Helper()
	return StartWith(tb, nil, lines...)
}

// StartWith is Start with another way to identity providers; nil is the usual one.
func StartWith(tb testing.TB, providers http.RoundTripper, lines ...string) *Server {
	tb.Helper()
	w := &Server{}
	dir := tb.TempDir()
	conf := filepath.Join(dir, "para-application.conf")
	text := strings.Join(append(lines, fmt.Sprintf("para.root_secret_override = %q", rootSecret)), "\n")
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		tb.Fatal(err)
	}
	s, err := server.Start(tb.Context(), server.Options{
		ConfigFile: conf, WorkDir: dir, Flags: map[string]string{"port": "0"}, IdentityTransport: providers,
		Log: slog.New(slog.NewJSONHandler(&w.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(context.Background()); err != nil {
			tb.Error(err)
		}
	})
	w.Endpoint = fmt.Sprintf("http://127.0.0.1:%d", s.Port())
	if w.Root, err = client.New(client.Options{AccessKey: "app:para", Secret: rootSecret, Endpoint: w.Endpoint}); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(w.Root.Close)
	return w
}

// Log is everything that the server has logged, at every level.
func (s *Server) Log() string { return s.log.String() }

// App makes an app with settings.
func (s *Server) App(tb testing.TB, id string, settings map[string]any) *client.Client {
	tb.Helper()
	keys, err := s.Root.SetupApp(tb.Context(), id, client.NewApp{})
	if err != nil {
		tb.Fatal(err)
	}
	c, err := client.New(client.Options{AccessKey: keys.AccessKey, Secret: keys.SecretKey, Endpoint: s.Endpoint})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(c.Close)
	if err := c.ReplaceSettings(tb.Context(), settings); err != nil {
		tb.Fatal(err)
	}
	return c
}

// SignIn posts a token of a provider to /jwt_auth.
func (s *Server) SignIn(tb testing.TB, app, provider, token string) (status int, user map[string]any, text string) {
	tb.Helper()
	body, err := json.Marshal(map[string]string{"appid": app, "provider": provider, "token": token})
	if err != nil {
		tb.Fatal(err)
	}
	r, err := http.NewRequestWithContext(tb.Context(), http.MethodPost, s.Endpoint+"/jwt_auth", bytes.NewReader(body))
	if err != nil {
		tb.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	data, err := io.ReadAll(answer.Body)
	if err != nil {
		tb.Fatal(err)
	}
	var got struct {
		User map[string]any `json:"user"`
		JWT  map[string]any `json:"jwt"`
	}
	if answer.StatusCode == http.StatusOK {
		if err := json.Unmarshal(data, &got); err != nil || got.JWT["access_token"] == nil {
			tb.Errorf("a sign-in without a token: %s", data)
		}
	}
	return answer.StatusCode, got.User, string(data)
}

// User reads the user of an identifier; nil when there is none.
func User(tb testing.TB, app *client.Client, identifier string) *para.Object {
	tb.Helper()
	identity, err := app.FindByID(tb.Context(), identifier)
	if errors.Is(err, client.ErrNotFound) || err == nil && identity == nil {
		return nil
	}
	if err != nil {
		tb.Fatal(err)
	}
	user, err := app.FindByID(tb.Context(), identity.CreatorID())
	if err != nil {
		tb.Fatal(err)
	}
	return user
}

// Browser keeps cookies and follows no redirects by itself.
type Browser struct {
	tb testing.TB
	c  *http.Client
}

// NewBrowser makes a browser.
func NewBrowser(tb testing.TB) *Browser {
	tb.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		tb.Fatal(err)
	}
	return &Browser{tb, &http.Client{
		Jar: jar, Timeout: time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Page is an answer that a browser got.
type Page struct {
	Status   int
	Location string
	Header   http.Header
	Body     string
}

// Get reads an address.
func (b *Browser) Get(address string, header ...string) Page {
	b.tb.Helper()
	return b.Send(http.MethodGet, address, nil, header...)
}

// Post sends a form.
func (b *Browser) Post(address string, form url.Values, header ...string) Page {
	b.tb.Helper()
	return b.Send(http.MethodPost, address, form, header...)
}

// Send sends a request; form may be nil.
func (b *Browser) Send(method, address string, form url.Values, header ...string) Page {
	b.tb.Helper()
	r, err := http.NewRequestWithContext(b.tb.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		b.tb.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	answer, err := b.c.Do(r)
	if err != nil {
		b.tb.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	data, err := io.ReadAll(answer.Body)
	if err != nil {
		b.tb.Fatal(err)
	}
	return Page{answer.StatusCode, answer.Header.Get("Location"), answer.Header, string(data)}
}
