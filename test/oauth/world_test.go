package oauth

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
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

const rootSecret = "oauth-root-secret-of-more-than-forty-characters"

// world is a server whose requests to providers go to the handlers of the test.
type world struct {
	t        *testing.T
	endpoint string
	root     *client.Client
	log      *logText

	mu    sync.Mutex
	hosts map[string]http.HandlerFunc
	seen  []seen
}

// seen is a request that a provider got.
type seen struct {
	method, host, path string
	query              url.Values
	header             http.Header
	form               url.Values
}

type logText struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logText) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logText) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func newWorld(t *testing.T, lines ...string) *world {
	t.Helper()
	w := &world{t: t, hosts: map[string]http.HandlerFunc{}, log: new(logText)}
	fakes := httptest.NewServer(http.HandlerFunc(w.serve))
	t.Cleanup(fakes.Close)
	// Addresses of this machine are reached as they are; all others lead to the handlers, without encryption.
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		if host, _, _ := net.SplitHostPort(address); net.ParseIP(host) == nil && host != "localhost" {
			address = fakes.Listener.Addr().String()
		}
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}
	transport := &http.Transport{DialContext: dial, DialTLSContext: dial}
	t.Cleanup(transport.CloseIdleConnections)
	dir := t.TempDir()
	conf := filepath.Join(dir, "para-application.conf")
	text := strings.Join(append(lines, fmt.Sprintf("para.root_secret_override = %q", rootSecret)), "\n")
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := server.Start(t.Context(), server.Options{
		ConfigFile: conf, WorkDir: dir, Flags: map[string]string{"port": "0"}, IdentityTransport: transport,
		Log: slog.New(slog.NewJSONHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	w.endpoint = fmt.Sprintf("http://127.0.0.1:%d", s.Port())
	w.root, err = client.New(client.Options{AccessKey: "app:para", Secret: rootSecret, Endpoint: w.endpoint})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.root.Close)
	return w
}

func (w *world) serve(res http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	form, _ := url.ParseQuery(string(body))
	w.mu.Lock()
	w.seen = append(w.seen, seen{r.Method, r.Host, r.URL.Path, r.URL.Query(), r.Header.Clone(), form})
	h := w.hosts[r.Host+r.URL.Path]
	w.mu.Unlock()
	if h == nil {
		http.Error(res, `{"error":"no_such_address"}`, http.StatusNotFound)
		return
	}
	r.Form = form
	h(res, r)
}

// answer makes an address of a provider answer with JSON.
func (w *world) answer(address string, status int, body string) {
	w.handle(address, func(res http.ResponseWriter, _ *http.Request) {
		res.Header().Set("Content-Type", "application/json")
		res.WriteHeader(status)
		_, _ = io.WriteString(res, body)
	})
}

func (w *world) handle(address string, h http.HandlerFunc) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hosts[strings.TrimPrefix(address, "https://")] = h
}

// requests returns what was asked of providers since the last call.
func (w *world) requests() []seen {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.seen
	w.seen = nil
	return s
}

// app makes an app with settings.
func (w *world) app(id string, settings map[string]any) *client.Client {
	w.t.Helper()
	keys, err := w.root.SetupApp(w.t.Context(), id, client.NewApp{})
	if err != nil {
		w.t.Fatal(err)
	}
	c, err := client.New(client.Options{AccessKey: keys.AccessKey, Secret: keys.SecretKey, Endpoint: w.endpoint})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(c.Close)
	if err := c.ReplaceSettings(w.t.Context(), settings); err != nil {
		w.t.Fatal(err)
	}
	return c
}

// with adds settings to others.
func with(base map[string]any, more ...any) map[string]any {
	out := map[string]any{}
	for k, v := range base {
		out[k] = v
	}
	for i := 0; i+1 < len(more); i += 2 {
		out[more[i].(string)] = more[i+1]
	}
	return out
}

// signIn posts a token of a provider to /jwt_auth.
func (w *world) signIn(app, provider, token string) (status int, user map[string]any, text string) {
	w.t.Helper()
	body, err := json.Marshal(map[string]string{"appid": app, "provider": provider, "token": token})
	if err != nil {
		w.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, w.endpoint+"/jwt_auth", bytes.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	var got struct {
		User map[string]any    `json:"user"`
		JWT  map[string]any    `json:"jwt"`
		_    map[string]string `json:"-"`
	}
	_ = json.Unmarshal(data, &got)
	if res.StatusCode == 200 && got.JWT["access_token"] == nil {
		w.t.Errorf("a sign-in without a token: %s", data)
	}
	return res.StatusCode, got.User, string(data)
}

// browser keeps cookies and follows redirects one at a time.
type browser struct {
	t *testing.T
	c *http.Client
}

func newBrowser(t *testing.T) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t, &http.Client{
		Jar: jar, Timeout: time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// page is an answer that a browser got.
type page struct {
	status   int
	location string
	header   http.Header
	body     string
}

func (b *browser) get(address string) page { return b.send(http.MethodGet, address, nil) }

func (b *browser) send(method, address string, form url.Values, header ...string) page {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	res, err := b.c.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return page{res.StatusCode, res.Header.Get("Location"), res.Header, string(data)}
}

// user reads the user with an identifier, nil when there is none.
func user(t *testing.T, c *client.Client, identifier string) *para.Object {
	t.Helper()
	identity, err := c.Get(t.Context(), identifier)
	if err != nil || identity == nil {
		return nil
	}
	u, err := c.Get(t.Context(), identity.CreatorID())
	if err != nil {
		t.Fatal(err)
	}
	return u
}
