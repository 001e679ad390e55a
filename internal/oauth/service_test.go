package oauth

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/signin"
)

// testService has its settings in a map and reaches every host at a handler.
func testService(t testing.TB, settings map[string]string, h http.HandlerFunc) (*Service, *para.App, *strings.Builder) {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	dial := func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, server.Listener.Addr().String())
	}
	transport := &http.Transport{DialContext: dial, DialTLSContext: dial}
	t.Cleanup(transport.CloseIdleConnections)
	log := new(strings.Builder)
	s := New(Options{
		Setting: func(_ *para.App, key, def string) string {
			if v, ok := settings[key]; ok {
				return v
			}
			return def
		},
		Keys: func(_ *para.App, prefix string) (id, secret string) {
			return settings[prefix+"_app_id"], settings[prefix+"_secret"]
		},
		Transport: transport,
		Log:       slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	return s, &para.App{ID: "app:x", Identifier: "x", Active: true}, log
}

// Neither the errors nor the log may hold what was sent to a provider or what it answered.
func TestErrorsHoldNoSecrets(t *testing.T) {
	settings := map[string]string{"oa2_app_id": "id", "oa2_secret": "SECRET", "fb_app_id": "id", "fb_secret": "SECRET", "tw_app_id": "id", "tw_secret": "SECRET",
		"security.oauth.token_url": "https://id.example.net/token", "security.oauth.profile_url": "https://id.example.net/me?key=SECRET"}
	for what, answer := range map[string]http.HandlerFunc{
		"an error that repeats the code": func(res http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			res.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(res, `{"error":"`+url.QueryEscape(string(body)+r.URL.RawQuery)+`","error_description":"SECRET CODE"}`)
		},
		"a redirect": func(res http.ResponseWriter, r *http.Request) {
			http.Redirect(res, r, "https://other.example.net/?"+r.URL.RawQuery, http.StatusFound)
		},
		"a broken connection": func(res http.ResponseWriter, _ *http.Request) {
			if c, _, err := http.NewResponseController(res).Hijack(); err == nil {
				c.Close()
			}
		},
		"HTML": func(res http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(res, "<p>SECRET CODE</p>") },
	} {
		s, app, log := testService(t, settings, answer)
		for _, name := range []string{"oauth2", "facebook", "twitter"} {
			back := Callback{URL: "https://para.example.net/x_auth", Param: func(string) string { return "CODE" }, Cookie: func(string) string { return "c0NPREU" }}
			_, _, err := s.Finish(t.Context(), app, name, back)
			if err == nil {
				t.Errorf("%s, %s: no error", what, name)
				continue
			}
			_, err2 := s.Verifiers()[name](t.Context(), app, "CODE:CODE")
			if err2 == nil {
				t.Errorf("%s, %s: no error", what, name)
				continue
			}
			for _, text := range []string{err.Error(), err2.Error(), log.String()} {
				if strings.Contains(text, "SECRET") || strings.Contains(text, "CODE") {
					t.Errorf("%s, %s: %s", what, name, text)
				}
			}
		}
	}
}

// A provider that takes too long fails the sign-in.
func TestSlowProvider(t *testing.T) {
	hang := make(chan struct{})
	s, app, _ := testService(t, nil, func(res http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/me") { // the header comes, the body does not
			res.WriteHeader(http.StatusOK)
			_ = http.NewResponseController(res).Flush()
		}
		select {
		case <-hang:
		case <-r.Context().Done():
		}
	})
	defer close(hang)
	s.http.Timeout = 50 * time.Millisecond
	for _, name := range []string{"facebook", "google"} {
		_, err := s.Verifiers()[name](t.Context(), app, "token")
		var timeout net.Error
		if !errors.As(err, &timeout) || !timeout.Timeout() {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(s.calls.apps) != 0 || s.calls.all != 0 {
		t.Error("calls that ended count on")
	}
	if c := newHTTPClient(nil); c.Timeout != 30*time.Second {
		t.Errorf("requests may take %v", c.Timeout)
	}
}

func TestWhatAddressesAreReached(t *testing.T) {
	s := New(Options{Setting: func(_ *para.App, _, def string) string { return def }, Keys: func(*para.App, string) (string, string) { return "", "" }})
	if _, err := s.getJSON(t.Context(), "http://169.254.169.254/latest/meta-data"); err == nil || !strings.Contains(err.Error(), "link-local") {
		t.Errorf("%v", err)
	}
	for _, address := range []string{"", "file:///etc/passwd", "ftp://example.com/", "//example.com", "https://", "https://user:pass@example.com/", "http://exa mple.com/", "\n", "https://example.com/\n"} {
		if r, err := newRequest(t.Context(), "GET", address, nil); err == nil {
			t.Errorf("%q: %v", address, r.URL)
		}
	}
}

func TestState(t *testing.T) {
	settings := map[string]string{"gh_app_id": "id", "gh_secret": "s"}
	s, app, _ := testService(t, settings, func(res http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/user" {
			_, _ = io.WriteString(res, `{"id":1}`)
			return
		}
		_, _ = io.WriteString(res, `{"access_token":"t"}`)
	})
	begin := func() (state string, cookie Cookie) {
		t.Helper()
		b, err := s.Begin(t.Context(), app, "github", "https://para.example.net/github_auth", "2")
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(b.URL)
		if err != nil {
			t.Fatal(err)
		}
		return u.Query().Get("state"), b.Cookie
	}
	finish := func(app *para.App, name, state string, cookie Cookie) error {
		_, _, err := s.Finish(t.Context(), app, name, Callback{
			URL: "https://para.example.net/github_auth",
			Param: func(name string) string {
				return map[string]string{"state": state, "code": "c"}[name]
			},
			Cookie: func(name string) string {
				if name == cookie.Name {
					return cookie.Value
				}
				return ""
			},
		})
		return err
	}
	state, cookie := begin()
	if !strings.HasPrefix(state, "x|2|") {
		t.Errorf("state %q", state)
	}
	if strings.Contains(state, cookie.Value) {
		t.Error("the state tells the secret of the browser")
	}
	if err := finish(app, "github", state, cookie); err != nil {
		t.Errorf("the right one: %v", err)
	}
	if err := finish(app, "github", state, cookie); !errors.Is(err, errReplay) {
		t.Errorf("a second time: %v", err)
	}
	state, cookie = begin()
	other := &para.App{ID: "app:y", Identifier: "y", Active: true}
	_, foreign := begin()
	for what, err := range map[string]error{
		"another app":      finish(other, "github", state, cookie),
		"another provider": finish(app, "amazon", state, cookie),
		"another alias":    finish(app, "github", strings.Replace(state, "|2|", "|1|", 1), cookie),
		"another cookie":   finish(app, "github", state, Cookie{cookie.Name, foreign.Value}),
		"no cookie":        finish(app, "github", state, Cookie{}),
		"an empty cookie":  finish(app, "github", state, Cookie{cookie.Name, ""}),
		"a short code":     finish(app, "github", state[:len(state)-1], cookie),
		"a long code":      finish(app, "github", state+"x", cookie),
		"no code":          finish(app, "github", "x|2|", cookie),
		"strange code":     finish(app, "github", "x|2|"+strings.Repeat(";", macLength), cookie),
	} {
		if !errors.Is(err, errState) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := finish(app, "github", state, cookie); err != nil {
		t.Errorf("attempts with a wrong state end a flow: %v", err)
	}
	for _, plain := range []string{"", "x", "x|2", "x|nonsense"} {
		if err := finish(app, "github", plain, Cookie{}); err != nil {
			t.Errorf("the application's own %q: %v", plain, err)
		}
	}
	settings["security.signin_state_required"] = "true"
	for _, plain := range []string{"", "x", "x|2"} {
		if err := finish(app, "github", plain, Cookie{}); !errors.Is(err, errStateless) {
			t.Errorf("required, %q: %v", plain, err)
		}
	}
	var failed *signin.Failure
	if _, err := s.Begin(t.Context(), app, "nobody", "https://x/", ""); !errors.As(err, &failed) {
		t.Errorf("unknown provider: %v", err)
	}
}

func TestFind(t *testing.T) {
	f, err := parseFields([]byte(`{"a":"x","n":12345678901234567890,"o":{"p/q":{"r~s":"deep"}},"l":[{"v":"first"},"second"],"/odd":"own","e":"","b":true}`))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"a": "x", "n": "12345678901234567890", "/a": "x", "/o/p~1q/r~0s": "deep", "/l/0/v": "first", "/l/1": "second", "/odd": "own",
		"": "", "/": "", "e": "", "b": "", "o": "", "missing": "", "/o": "", "/l/2": "", "/l/-1": "", "/l/x": "", "/a/b": "", "//": "", "/o/p": "",
	} {
		if got := f.find(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestSplitTokens(t *testing.T) {
	for in, want := range map[string]tokens{
		"a": {access: "a"}, "a:r": {access: "a", refresh: "r"}, "a:r:i.d.t": {access: "a", refresh: "r", id: "i.d.t"}, "a:null:null": {access: "a"}, "null:null:i": {id: "i"},
		"": {}, ":": {}, "::": {}, " a : r : i:x ": {access: "a", refresh: "r", id: "i:x"},
	} {
		if got := splitTokens(in, ":"); got != want {
			t.Errorf("%q: %+v", in, got)
		}
	}
}

func FuzzWhatProvidersSend(f *testing.F) {
	for _, seed := range []string{`{"access_token":"a","authed_user":{"access_token":"b"}}`, `{"sub":"1","email_verified":"false"}`, `{"elements":[{"handle~":{"emailAddress":"x"}}]}`, `[]`, ``, `{"a":{"b":[1,{"identifier":"x"}]}}`,
		`{"firstName":{"localized":{"en_US":"A"},"preferredLocale":{"language":"en","country":"US"}},"error":{"code":101}}`} {
		f.Add([]byte(seed), "/a/b/0")
	}
	f.Fuzz(func(_ *testing.T, data []byte, name string) {
		o, err := parseFields(data)
		if err != nil {
			return
		}
		_, _ = readTokens("h", o)
		_ = o.find(name)
		_ = o.denied(name)
		_ = errorCode(o)
		_ = linkedinPicture(o)
		_ = localized(o.object("firstName"))
		_ = audience(o)
		c := client{p: providerOf("google")}
		for _, p := range providers {
			if p.fromClaims != nil {
				_, _ = p.fromClaims(c, o)
			}
		}
	})
}

func FuzzIDToken(f *testing.F) {
	s, app, _ := testService(f, map[string]string{"gp_app_id": "id", "gp_secret": "s", "ms_app_id": "id", "ms_secret": "s"}, func(res http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(res, `{"keys":[{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","kid":"1"}]}`)
	})
	f.Add("eyJhbGciOiJub25lIn0.eyJhdWQiOiJpZCJ9.")
	f.Add("eyJhbGciOiJFUzI1NiIsImtpZCI6IjEifQ.eyJhdWQiOiJpZCIsImlzcyI6Imh0dHBzOi8vYWNjb3VudHMuZ29vZ2xlLmNvbSIsInN1YiI6IjEifQ.AAAA")
	f.Add("a.b.c")
	f.Add("..")
	f.Fuzz(func(t *testing.T, compact string) {
		for _, name := range []string{"google", "microsoft"} {
			c := s.client(app, providerOf(name))
			_ = c.isIDToken(compact)
			if claims, err := s.verify(t.Context(), c, compact, ""); err == nil {
				t.Fatalf("accepted %q: %v", compact, claims)
			} else if len(compact) > 30 && strings.Contains(err.Error(), compact) {
				t.Fatalf("the error repeats the token: %v", err)
			}
		}
	})
}

// An answer that is too large is an error even where its beginning could be read.
func TestHugeAnswer(t *testing.T) {
	s, app, _ := testService(t, map[string]string{"fb_app_id": "id", "fb_secret": "s"}, func(res http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/me" {
			_, _ = io.WriteString(res, `{"id":"1"}`)
			return
		}
		_, _ = io.WriteString(res, "access_token=t&x="+strings.Repeat("x", 2*maxAnswer))
	})
	_, _, err := s.Finish(t.Context(), app, "facebook", Callback{Param: func(name string) string { return map[string]string{"code": "c"}[name] }, Cookie: func(string) string { return "" }})
	if err == nil || !strings.Contains(err.Error(), "more than 1048576 bytes") {
		t.Errorf("%v", err)
	}
}
