// Package servertest starts whole servers for tests and sends signed requests to them.
package servertest

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/erudika/para-go/client"
	"github.com/erudika/para-go/internal/sigv4"
	"github.com/erudika/para-go/server"
)

// RootSecret is the secret of the root app, app:para, of every server.
const RootSecret = "servertest-root-secret-of-more-than-forty-characters"

// Server is a server in this process that lives as long as the test.
type Server struct {
	URL  string         // without a slash at the end
	Dir  string         // its working directory, which holds its configuration and its data
	Root *client.Client // with the keys of the root app

	apiPath string // "" for the usual one
}

// Start runs a server on a free port with fresh data. lines are further lines of its configuration file. What goes wrong
// in it stands in the log of the test.
func Start(tb testing.TB, lines ...string) *Server {
	tb.Helper()
	return StartIn(tb, tb.TempDir(), RootSecret, lines...)
}

// StartIn is Start with the data of a folder and another root secret.
func StartIn(tb testing.TB, dir, rootSecret string, lines ...string) *Server {
	tb.Helper()
	conf := filepath.Join(dir, "para-application.conf")
	text := strings.Join(append(lines, fmt.Sprintf("para.root_secret_override = %q", rootSecret)), "\n")
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		tb.Fatal(err)
	}
	s, err := server.Start(tb.Context(), server.Options{
		ConfigFile: conf,
		WorkDir:    dir,
		Flags:      map[string]string{"port": "0"},
		Log:        slog.New(slog.NewTextHandler(logWriter{tb}, &slog.HandlerOptions{Level: slog.LevelError})),
	})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(context.Background()); err != nil {
			tb.Error(err)
		}
	})
	out := &Server{URL: fmt.Sprintf("http://127.0.0.1:%d", s.Port()), Dir: dir}
	if path := s.Config().ContextPath(); path != "" {
		out.apiPath = path + "/v1/"
	}
	out.Root = out.Client(tb, "app:para", rootSecret)
	return out
}

type logWriter struct{ tb testing.TB }

func (w logWriter) Write(p []byte) (int, error) {
	w.tb.Logf("server: %s", strings.TrimSpace(string(p)))
	return len(p), nil
}

// Client returns a client of the server with an app's keys.
func (s *Server) Client(tb testing.TB, accessKey, secret string) *client.Client {
	tb.Helper()
	c, err := client.New(client.Options{AccessKey: accessKey, Secret: secret, Endpoint: s.URL, APIPath: s.apiPath, Timeout: time.Minute})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(c.Close)
	return c
}

// App is an app of the server.
type App struct {
	*client.Client // with the app's keys
	Keys           *client.Keys
	server         *Server
}

// NewApp makes an app.
func (s *Server) NewApp(tb testing.TB, id string) *App {
	tb.Helper()
	keys, err := s.Root.SetupApp(tb.Context(), id, client.NewApp{})
	if err != nil {
		tb.Fatal(err)
	}
	return &App{s.Client(tb, keys.AccessKey, keys.SecretKey), keys, s}
}

// Send signs a request with the app's keys as it stands, sends it, and returns status and body. header are names and values
// in turn.
func (a *App) Send(tb testing.TB, method, target, body string, header ...string) (status int, answer string) {
	tb.Helper()
	r, err := http.NewRequestWithContext(tb.Context(), method, a.server.URL+target, strings.NewReader(body))
	if err != nil {
		tb.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	cred := sigv4.Credentials{AccessKey: a.Keys.AccessKey, Secret: a.Keys.SecretKey}
	if err := sigv4.SignHash(r, cred, sigv4.HashBody([]byte(body)), time.Now()); err != nil {
		tb.Fatal(err)
	}
	res, err := http.DefaultTransport.RoundTrip(r) // no redirect is followed
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		tb.Fatal(err)
	}
	return res.StatusCode, string(b)
}
