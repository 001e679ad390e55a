package model

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/erudika/para-go/internal/sigv4"
	"github.com/erudika/para-go/server"
)

var (
	seedFlag = flag.Uint64("seed", 0, "seed of the random choices; 0 picks one")
	duration = flag.Duration("duration", 10*time.Second, "how long random scripts are played, and concurrent clients are let loose")
	steps    = flag.Int("steps", 150, "calls in a random script")
)

const rootSecret = "model-root-secret-of-more-than-forty-characters"

// running is a server in this process and the folder of its data.
type running struct {
	t   *testing.T
	dir string
	s   *server.Server
}

// startServer starts a server on a free port that lives as long as the test.
func startServer(t *testing.T) *running {
	t.Helper()
	r := &running{t: t, dir: t.TempDir()}
	// What is written need not survive a power failure here, and there are many small writes. The whole log is compared.
	conf := fmt.Sprintf("para.root_secret_override = %q\npara.access_log_enabled = false\npara.durability = relaxed\npara.db.log_changes = 0\n", rootSecret)
	if err := os.WriteFile(filepath.Join(r.dir, "para-application.conf"), []byte(conf), 0o600); err != nil {
		t.Fatal(err)
	}
	r.start()
	t.Cleanup(r.stop)
	return r
}

func (r *running) start() {
	r.t.Helper()
	s, err := server.Start(context.WithoutCancel(r.t.Context()), server.Options{
		ConfigFile: filepath.Join(r.dir, "para-application.conf"),
		WorkDir:    r.dir,
		Flags:      map[string]string{"port": "0", "server.address": "127.0.0.1"},
		Log:        slog.New(slog.NewTextHandler(logWriter{r.t}, &slog.HandlerOptions{Level: slog.LevelError})),
	})
	if err != nil {
		r.t.Fatal(err)
	}
	r.s = s
}

func (r *running) stop() {
	if r.s == nil {
		return
	}
	if err := r.s.Close(context.Background()); err != nil {
		r.t.Error(err)
	}
	r.s = nil
}

// logWriter makes errors that the server logs fail the test: in these tests it has none.
type logWriter struct{ t *testing.T }

func (w logWriter) Write(p []byte) (int, error) {
	w.t.Errorf("the server logs an error: %s", strings.TrimSpace(string(p)))
	return len(p), nil
}

// root returns a client of the root app.
func (r *running) root() *caller {
	return &caller{
		base: fmt.Sprintf("http://127.0.0.1:%d/v1", r.s.Port()),
		http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}, Timeout: time.Minute},
		keys: sigv4.Credentials{AccessKey: "app:para", Secret: rootSecret},
	}
}

// app makes an app and returns a client of it.
func (r *running) app(id string) *caller {
	r.t.Helper()
	c, err := r.root().newApp(id)
	if err != nil {
		r.t.Fatal(err)
	}
	return c
}

// caller sends signed requests of one app.
type caller struct {
	base  string
	http  *http.Client
	keys  sigv4.Credentials
	later bool // writes are answered before they are carried out (R 26)
}

func (c *caller) as(keys sigv4.Credentials) *caller {
	d := *c
	d.keys = keys
	return &d
}

func (c *caller) newApp(id string) (*caller, error) {
	a, err := c.get("_setup", id)
	if err != nil {
		return nil, err
	}
	var made struct{ AccessKey, SecretKey string }
	if err := json.Unmarshal(a.data, &made); err != nil || made.SecretKey == "" {
		return nil, fmt.Errorf("create app %s: %s", id, a)
	}
	return c.as(sigv4.Credentials{AccessKey: made.AccessKey, Secret: made.SecretKey}), nil
}

// answer is what the server sent.
type answer struct {
	status   int
	location string
	data     []byte
}

func (a *answer) String() string { return fmt.Sprintf("%d %.2000s", a.status, a.data) }

// value decodes a JSON answer, numbers as json.Number.
func (a *answer) value() (any, error) { return decode(a.data) }

// object decodes the answer as a JSON object, nil when it is something else.
func (a *answer) object() map[string]any {
	v, _ := a.value()
	m, _ := v.(map[string]any)
	return m
}

func decode(data []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v any
	err := d.Decode(&v)
	if err == nil && d.More() {
		err = fmt.Errorf("bytes after the JSON value")
	}
	return v, err
}

// send sends one request; path holds the segments after /v1/.
func (c *caller) send(method string, path []string, query url.Values, body string) (*answer, error) {
	target := c.base
	for _, p := range path {
		target += "/" + url.PathEscape(p)
	}
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	req, err := http.NewRequest(method, target, reader)
	if err != nil {
		return nil, err
	}
	if c.later {
		req.Header.Set("X-Para-Respond-Immediately", "true")
	}
	if err := sigv4.Sign(req, c.keys, time.Now()); err != nil {
		return nil, err
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	return &answer{status: res.StatusCode, location: res.Header.Get("Location"), data: data}, err
}

func (c *caller) get(path ...string) (*answer, error) { return c.send(http.MethodGet, path, nil, "") }
