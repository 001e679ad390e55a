package permissions

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/erudika/para-go/internal/sigv4"
	"github.com/erudika/para-go/internal/token"
	"github.com/erudika/para-go/server"
)

const rootSecret = "permissions-root-secret-of-more-than-forty-characters"

// place is a server whose handler is called without a network.
type place struct {
	t testing.TB
	s *server.Server
}

func start(t testing.TB, log *slog.Logger, lines ...string) *place {
	t.Helper()
	dir := t.TempDir()
	conf := filepath.Join(dir, "para-application.conf")
	lines = append(lines, fmt.Sprintf("para.root_secret_override = %q", rootSecret), "para.durability = relaxed")
	if err := os.WriteFile(conf, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := server.Start(context.WithoutCancel(t.Context()), server.Options{
		ConfigFile: conf, WorkDir: dir, Log: log, Flags: map[string]string{"port": "0", "server.address": "127.0.0.1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return &place{t, s}
}

// errorsOnly makes what the server logs as an error fail the test.
func errorsOnly(t testing.TB) *slog.Logger {
	return slog.New(slog.NewTextHandler(failing{t}, &slog.HandlerOptions{Level: slog.LevelError}))
}

type failing struct{ t testing.TB }

func (f failing) Write(p []byte) (int, error) {
	f.t.Errorf("the server logs an error: %s", bytes.TrimSpace(p))
	return len(p), nil
}

// caller is somebody who sends requests.
type caller struct {
	place     *place
	keys      sigv4.Credentials // signs when it has a secret, else it is a guest of the app, or nobody
	bearer    string
	principal principal
	name      string
}

func (s *place) root() *caller {
	return &caller{place: s, keys: sigv4.Credentials{AccessKey: "app:para", Secret: rootSecret}, principal: principal{kind: "app"}, name: "root app"}
}

// app makes an app.
func (s *place) app(id string) *caller {
	s.t.Helper()
	var made struct{ AccessKey, SecretKey string }
	a := s.root().send("GET", "/v1/_setup/"+id, "")
	if err := json.Unmarshal(a.body, &made); err != nil || made.SecretKey == "" {
		s.t.Fatalf("create app %s: %s", id, a)
	}
	return &caller{place: s, keys: sigv4.Credentials{AccessKey: made.AccessKey, Secret: made.SecretKey}, principal: principal{kind: "app"}, name: "app"}
}

// guest is a guest of the caller's app.
func (c *caller) guest() *caller {
	return &caller{place: c.place, keys: sigv4.Credentials{AccessKey: c.keys.AccessKey}, principal: principal{kind: "guest"}, name: "guest"}
}

func (c *caller) nobody() *caller {
	return &caller{place: c.place, principal: principal{kind: "nobody"}, name: "nobody"}
}

// secretOf is the token secret of the users that user makes.
func secretOf(name string) string { return "token-secret-of-" + name }

// user makes a user of the caller's app, who is signed in for a day.
func (c *caller) user(name, groups string) *caller {
	c.place.t.Helper()
	body := fmt.Sprintf(`{"id":%q,"name":%q,"identifier":"%s@x.co","email":"%s@x.co","groups":%q,"active":true,"tokenSecret":%q}`,
		name, name, name, name, groups, secretOf(name))
	if a := c.send("POST", "/v1/users", body); a.status != 201 {
		c.place.t.Fatalf("create user %s: %s", name, a)
	}
	issued, err := token.IssueUser(token.User{AppID: c.keys.AccessKey, Subject: name, IDP: "generic", Validity: 24 * time.Hour, Interval: time.Hour},
		token.Key(c.keys.Secret, secretOf(name)), time.Now())
	if err != nil {
		c.place.t.Fatal(err)
	}
	return &caller{place: c.place, bearer: issued.Token, principal: principal{kind: "user", id: name, groups: groups}, name: name}
}

// apiKey makes an API key of the caller's app, which has them switched on.
func (c *caller) apiKey(name string) *caller {
	c.place.t.Helper()
	var made struct{ ID, Key string }
	a := c.send("POST", "/v1/_keys", fmt.Sprintf(`{"name":%q}`, name))
	if err := json.Unmarshal(a.body, &made); err != nil || a.status != 201 || made.Key == "" {
		c.place.t.Fatalf("create key %s: %s", name, a)
	}
	return &caller{place: c.place, bearer: made.Key, principal: principal{kind: "key", id: made.ID}, name: "key"}
}

type reply struct {
	status int
	header http.Header
	body   []byte
}

func (r reply) String() string { return fmt.Sprintf("%d %.1000s", r.status, r.body) }

// request makes a request of the caller; target is path and query as they are sent.
func (c *caller) request(method, target, body string, header ...string) *http.Request {
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	r := httptest.NewRequest(method, target, reader)
	r.Host = "localhost"
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	switch {
	case c.bearer != "":
		r.Header.Set("Authorization", "Bearer "+c.bearer)
	case c.keys.Secret != "":
		if err := sigv4.SignHash(r, c.keys, sigv4.HashBody([]byte(body)), time.Now()); err != nil {
			c.place.t.Fatal(err)
		}
	case c.keys.AccessKey != "":
		r.Header.Set("Authorization", "Anonymous "+c.keys.AccessKey)
	}
	return r
}

func (c *caller) send(method, target, body string, header ...string) reply {
	w := httptest.NewRecorder()
	c.place.s.Handler().ServeHTTP(w, c.request(method, target, body, header...))
	return reply{w.Code, w.Header(), w.Body.Bytes()}
}

// path is the request path of segments below /v1.
func path(segments ...string) string {
	out := "/v1"
	for _, s := range segments {
		out += "/" + url.PathEscape(s)
	}
	return out
}
