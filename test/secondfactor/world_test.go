// Package secondfactor tests over HTTP that the second factor stands in every way of signing in, and passkeys.
package secondfactor

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/backend/sqlite"
	"github.com/erudika/para-go/internal/analysis"
	"github.com/erudika/para-go/internal/authn"
	"github.com/erudika/para-go/internal/engine"
	"github.com/erudika/para-go/internal/functions"
	"github.com/erudika/para-go/internal/oauth"
	"github.com/erudika/para-go/internal/rest"
	"github.com/erudika/para-go/internal/signin"
	"github.com/erudika/para-go/internal/sigv4"
	signintest "github.com/erudika/para-go/test/signin"
	"github.com/golang-jwt/jwt/v5"
	"golang.org/x/crypto/bcrypt"
)

const (
	address  = "ann@example.com"
	password = "secret-pass"
	success  = "https://app.example.com/in?jwt=id"
)

// world is a server with a clock that tests move, an app, and identity providers that believe everybody.
type world struct {
	t     *testing.T
	url   string
	ms    atomic.Int64
	eng   *engine.Engine
	log   *signintest.Log
	store *sqlite.Store
}

func (w *world) now() time.Time          { return time.UnixMilli(w.ms.Load()) }
func (w *world) advance(d time.Duration) { w.ms.Add(d.Milliseconds()) }

func newWorld(t *testing.T, settings map[string]any) *world {
	t.Helper()
	w := &world{t: t, log: new(signintest.Log)}
	w.ms.Store(time.Now().Truncate(30 * time.Second).UnixMilli()) // codes change when tests move the clock, not before
	document := func(r *para.Record) (*para.Document, error) {
		o, err := para.DecodeObject(r.Data)
		if err != nil || strings.HasPrefix(r.Type, "_") {
			return nil, err
		}
		return analysis.Document(o), nil
	}
	var err error
	w.store, err = sqlite.Open(sqlite.Options{Dir: t.TempDir(), RootApp: "para", Document: document})
	must(t, err)
	t.Cleanup(func() { must(t, w.store.Close()) })
	log := slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	w.eng, err = engine.Open(t.Context(), engine.Options{
		Store: w.store, Search: w.store, RootApp: "para", Now: w.now, CacheBytes: 1 << 20, Document: analysis.Document, Log: log,
		Checks: para.Checks{Email: functions.ValidEmail, Address: functions.ValidAddress, URL: functions.ValidURL},
	})
	must(t, err)
	w.makeApp("shop", settings)
	setting := func(app *para.App, key, def string) string {
		var v any
		if json.Unmarshal(app.Settings[key], &v) != nil {
			return def
		}
		return fmt.Sprint(v)
	}
	direct := func(app *para.App, key string) string { return setting(app, key, "") }
	provider := func(_ context.Context, _ *para.App, text string) (signin.Profile, error) {
		return signin.Profile{Identifier: "ldap:" + text, Email: text, Name: "Ann"}, nil
	}
	social := oauth.New(oauth.Options{
		Setting: setting, Now: w.now, Log: log, Transport: facebook{},
		Keys: func(*para.App, string) (string, string) { return "client", "client-secret" },
	})
	providers := social.Verifiers()
	providers["ldap"] = provider
	dir := filepath.Join(t.TempDir(), "tmp")
	must(t, os.MkdirAll(dir, 0o700))
	h := rest.New(rest.Options{
		Engine: w.eng,
		Authn:  authn.New(authn.Options{Directory: w.eng, Now: w.now, Log: log}),
		SignIn: signin.New(signin.Options{
			Engine: w.eng, Setting: setting, Providers: providers, Log: log, Separator: ":",
			TokenValidity: 24 * time.Hour, RefreshInterval: time.Hour, IDValidity: time.Minute,
			MinPassword: 8, MaxAttempts: 20, LockPeriod: time.Hour, AllowUnverified: true, AllowSignUp: true,
		}),
		OAuth: social,
		Directory: rest.Directory{UsernameParam: "username", PasswordParam: "password", SignIn: func(ctx context.Context, app *para.App, name, _ string) (signin.Profile, error) {
			return provider(ctx, app, name)
		}},
		SAML: believer{}, Log: log, APIEnabled: true, CORS: true, AccessLog: true, Gzip: false,
		MaxEntityBytes: 1 << 20, MaxPages: 1000, MaxLimit: 256, DefaultLimit: 30, Separator: ":", SpoolDir: dir, LaterQueue: 8,
		PrintVersion: true, Extensions: []string{"second_factor", "passkeys"},
		Pages: rest.Pages{
			SignIn: "/signin", SignInSuccess: "/", SignInFailure: "/signin?error", SignOut: "/signout", SignOutSuccess: "/signin",
			ReturnTo: "returnto", AuthCookie: "para-auth", ReturnCookie: "para-returnto", SessionTimeout: time.Hour, CSRF: true,
			Setting: setting, Direct: direct,
		},
	})
	s := httptest.NewServer(h)
	t.Cleanup(func() {
		s.Close()
		must(t, h.Close(context.Background()))
	})
	w.url = s.URL
	return w
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// makeApp makes an app whose browsers go to success, with further settings.
func (w *world) makeApp(id string, settings map[string]any) {
	w.t.Helper()
	app, err := w.eng.NewApp(context.Background(), engine.NewApp{ID: id})
	must(w.t, err)
	w.settings(app.ID, settings)
}

// settings replaces the settings of an app; those that say where browsers go are there anyhow.
func (w *world) settings(id string, settings map[string]any) {
	w.t.Helper()
	all := map[string]any{"signin_success": success, "signin_failure": "https://app.example.com/out?cause=?", "returnto": "https://app.example.com/back"}
	for k, v := range settings {
		all[k] = v
	}
	_, err := w.eng.ChangeApp(context.Background(), para.AppID(id), func(o *para.Object) error { return o.Set("settings", all) })
	must(w.t, err)
}

func (w *world) app() *para.App {
	w.t.Helper()
	app, err := w.eng.App(context.Background(), "shop")
	must(w.t, err)
	return app
}

// user makes an active user who can sign in by every way.
func (w *world) user(address string) *para.Object {
	w.t.Helper()
	o := para.New("user")
	o.SetName("Ann")
	for name, v := range map[string]any{"identifier": address, "email": address, "active": true} {
		must(w.t, o.Set(name, v))
	}
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	must(w.t, err)
	user, err := w.eng.SignUp(context.Background(), w.app(), o, string(hash))
	must(w.t, err)
	return user
}

// stored is a user as it is stored.
func (w *world) stored(id string) *para.Object {
	w.t.Helper()
	user, err := w.eng.User(context.Background(), w.app(), id)
	must(w.t, err)
	if user == nil {
		w.t.Fatal("the user is gone")
	}
	return user
}

// change changes a user behind the server's back, as an app does.
func (w *world) change(id string, members map[string]any) {
	w.t.Helper()
	_, err := w.eng.ChangeUser(context.Background(), w.app(), id, nil, func(o *para.Object) (bool, error) {
		for name, v := range members {
			if err := o.Set(name, v); err != nil {
				return false, err
			}
		}
		return true, nil
	})
	must(w.t, err)
}

// facebook is a provider that says everybody is Ann.
type facebook struct{}

func (facebook) RoundTrip(r *http.Request) (*http.Response, error) {
	body := `{"id":"1","name":"Ann","email":"` + address + `"}`
	if strings.HasSuffix(r.URL.Path, "/access_token") {
		body = `{"access_token":"from-facebook","token_type":"bearer"}`
	}
	return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

// believer is an identity provider of SAML.
type believer struct{}

func (believer) Start(context.Context, *para.App, string, []*http.Cookie) (string, []*http.Cookie, error) {
	return "https://idp.example.com", nil, nil
}
func (believer) Finish(_ context.Context, _ *para.App, response string, _ []*http.Cookie) (signin.Profile, []*http.Cookie, error) {
	return signin.Profile{Identifier: "saml:" + response, Email: response, Name: "Ann"}, nil, nil
}
func (believer) Metadata(context.Context, *para.App, string) ([]byte, error) { return nil, nil }

// custom is a token that the app's own server signed.
func (w *world) custom(address string) string {
	w.t.Helper()
	text, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"appid": "app:shop", "identifier": address, "email": address, "name": "Ann", "exp": w.now().Add(time.Hour).Unix(),
	}).SignedString([]byte(w.app().Secret))
	must(w.t, err)
	return text
}

// reply is an answer, with what the tests read of it.
type reply struct {
	status int
	header http.Header
	body   string

	JWT struct {
		AccessToken string `json:"access_token"`
	}
	User         struct{ ID string }
	BackupCodes  []string
	Message      string
	SecondFactor struct {
		Methods                []string
		Challenge, Secret, URI string
		Expires                int64
	} `json:"second_factor"`
}

// browser keeps cookies and follows nothing.
func browser(t *testing.T) *http.Client {
	jar, err := cookiejar.New(nil)
	must(t, err)
	return &http.Client{Jar: jar, Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func (w *world) do(c *http.Client, method, target, body string, header ...string) reply {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), method, w.url+target, strings.NewReader(body))
	must(w.t, err)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return w.send(c, r)
}

func (w *world) send(c *http.Client, r *http.Request) reply {
	w.t.Helper()
	res, err := c.Do(r)
	if err != nil {
		w.t.Error(err)
		return reply{}
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Error(err)
	}
	out := reply{status: res.StatusCode, header: res.Header, body: string(b)}
	_ = json.Unmarshal(b, &out) // pages are none
	return out
}

// jwt asks /jwt_auth.
func (w *world) jwt(provider, token string) reply { return w.jwtOf("shop", provider, token) }

func (w *world) jwtOf(app, provider, token string) reply {
	w.t.Helper()
	b, err := json.Marshal(map[string]string{"appid": app, "provider": provider, "token": token})
	must(w.t, err)
	return w.do(browser(w.t), "POST", "/jwt_auth", string(b))
}

// as sends a request with a user's token.
func (w *world) as(token, method, target, body string) reply {
	w.t.Helper()
	return w.do(browser(w.t), method, target, body, "Authorization", "Bearer "+token)
}

// signed sends a request with the app's keys.
func (w *world) signed(method, target, body string) reply {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), method, w.url+target, strings.NewReader(body))
	must(w.t, err)
	must(w.t, sigv4.SignHash(r, sigv4.Credentials{AccessKey: "app:shop", Secret: w.app().Secret}, sigv4.HashBody([]byte(body)), w.now()))
	return w.send(&http.Client{}, r)
}

func (w *world) form(c *http.Client, target string, fields url.Values) reply {
	w.t.Helper()
	return w.do(c, "POST", target, fields.Encode(), "Content-Type", "application/x-www-form-urlencoded")
}

func (r reply) want(t *testing.T, status int, parts ...string) reply {
	t.Helper()
	if r.status != status {
		t.Fatalf("status %d, want %d: %s", r.status, status, r.body)
	}
	for _, p := range parts {
		if !strings.Contains(r.body, p) {
			t.Fatalf("no %q in %s", p, r.body)
		}
	}
	return r
}

// importing sends an archive of an export.
func (w *world) importing(archive string) {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodPut, w.url+"/v1/_import", strings.NewReader(archive))
	must(w.t, err)
	r.Header.Set("Content-Type", "application/zip")
	must(w.t, sigv4.SignHash(r, sigv4.Credentials{AccessKey: "app:shop", Secret: w.app().Secret}, sigv4.HashBody([]byte(archive)), w.now()))
	w.send(&http.Client{}, r).want(w.t, 200)
}
