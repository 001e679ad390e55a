package oauth

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/erudika/para-go/client"
	signintest "github.com/erudika/para-go/test/signin"
)

// world is a server whose requests to providers go to the handlers of the test.
type world struct {
	*signintest.Server
	t *testing.T

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

func newWorld(t *testing.T, lines ...string) *world {
	t.Helper()
	w := &world{t: t, hosts: map[string]http.HandlerFunc{}}
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
	w.Server = signintest.StartWith(t, transport, lines...)
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
	return w.App(w.t, id, settings)
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
	return w.SignIn(w.t, app, provider, token)
}
