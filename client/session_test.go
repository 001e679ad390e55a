package client

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

func jwt(payload string) string {
	return "eyJhbGciOiJIUzI1NiJ9." + base64.RawURLEncoding.EncodeToString([]byte(payload)) + ".c2ln"
}

func signedIn(token string, expires, refresh time.Time) string {
	return fmt.Sprintf(`{"user":{"id":"u1","type":"user","name":"Jane"},"jwt":{"access_token":"%s","expires":%d,"refresh":%d}}`,
		token, expires.UnixMilli(), refresh.UnixMilli())
}

func TestSignIn(t *testing.T) {
	expires, refresh := time.UnixMilli(time.Now().UnixMilli()).Add(24*time.Hour), time.UnixMilli(time.Now().UnixMilli()).Add(time.Hour)
	var seen []string
	s := newServer(t, func(_ int, e exchange, w http.ResponseWriter) {
		seen = append(seen, e.as)
		switch {
		case e.method == "DELETE":
			w.Write([]byte(`{"code":200,"message":"All tokens revoked for user u1!"}`))
		case e.method == "GET" && e.target == "/jwt_auth":
			w.Write([]byte(signedIn("T2", expires, refresh)))
		case e.target == "/jwt_auth":
			w.Write([]byte(signedIn("T1", expires, refresh)))
		default:
			w.Write([]byte(`{"id":"u1","type":"user"}`))
		}
	})
	c, ctx := s.client(t), t.Context()
	session, err := c.SignIn(ctx, "password", "jane@example.com::secret")
	if err != nil || session.User.ID() != "u1" || session.Token != "T1" || !session.Expires.Equal(expires) || !session.RefreshAt.Equal(refresh) {
		t.Fatal(session, err)
	}
	u := c.WithSession(session)
	if p, err := u.Me(ctx); err != nil || p.User == nil {
		t.Error(err)
	}
	if _, err := u.App(ctx); err == nil {
		t.Error("a user is no app")
	}
	if n, err := u.Refresh(ctx); err != nil || n.Token != "T2" || u.Token() != "T2" {
		t.Error(n, err)
	}
	if err := u.RevokeAllTokens(ctx); err != nil {
		t.Error(err)
	}
	u.SignOut()
	u.Me(ctx)
	c.Me(ctx)
	if _, err := c.MeWithToken(ctx, "Bearer T9"); err != nil {
		t.Error(err)
	}
	if c.Token() != "" || u.Token() != "" {
		t.Error(c.Token(), u.Token())
	}
	if got := strings.Join(seen, ","); got != "app,token T1,token T1,token T1,token T2,guest,app,token T9" {
		t.Error(got)
	}
	if got := s.lines()[0]; got != `POST /jwt_auth {"appid":"app:myapp","provider":"password","token":"jane@example.com::secret"}` {
		t.Error(got)
	}
	if _, err := u.Refresh(ctx); !errors.Is(err, ErrNoSession) {
		t.Error(err)
	}
}

func TestSignInFails(t *testing.T) {
	text := ""
	s := newServer(t, func(_ int, e exchange, w http.ResponseWriter) {
		if text == "" {
			refuse(w, 400, "Failed to authenticate user with 'google'. Check if user is active.")
			return
		}
		w.Write([]byte(text))
	})
	c := s.client(t)
	if _, err := c.SignIn(t.Context(), "google", "t0ken"); !errors.Is(err, ErrBadRequest) || strings.Contains(err.Error(), "t0ken") {
		t.Error(err)
	}
	for _, text = range []string{"{}", `{"user":null,"jwt":{"access_token":"x"}}`, `{"user":{"id":"1"}}`} {
		if _, err := c.SignIn(t.Context(), "google", "t0ken"); err == nil {
			t.Error(text)
		}
	}
}

func TestTokenTimes(t *testing.T) {
	for payload, want := range map[string][2]int64{
		`{"exp":1768558830,"refresh":1768476030123}`:                    {1768558830000, 1768476030123},
		`{"exp":1768558830000,"refresh":1768476030123,"appid":"app:x"}`: {1768558830000, 1768476030123},
		`{"exp":1768558830}`:               {},
		`{"exp":"x","refresh":1}`:          {},
		`{"exp":1768558830.5,"refresh":1}`: {},
		`[]`:                               {},
		`x`:                                {},
	} {
		s := newSession("Bearer " + jwt(payload))
		if s.token != jwt(payload) {
			t.Error(s.token)
		}
		if want == [2]int64{} {
			if !s.expires.IsZero() || s.due(time.Now()) {
				t.Errorf("%s: %v", payload, s.expires)
			}
		} else if s.expires.UnixMilli() != want[0] || s.refresh.UnixMilli() != want[1] {
			t.Errorf("%s: %v %v", payload, s.expires, s.refresh)
		}
	}
	for _, token := range []string{"", "x", "a.b", "a.%.c"} {
		if s := newSession(token); s.due(time.Now()) || !s.expires.IsZero() {
			t.Error(token)
		}
	}
}

func TestDue(t *testing.T) {
	now := time.UnixMilli(1_000_000)
	at := func(ms int64) time.Time { return now.Add(time.Duration(ms) * time.Millisecond) }
	for _, test := range []struct {
		s    *session
		want bool
	}{
		{&session{token: "x", expires: at(10), refresh: at(5)}, false},
		{&session{token: "x", expires: at(10), refresh: at(-1)}, true},
		{&session{token: "x", expires: at(10), refresh: at(11)}, true},
		{&session{token: "x", expires: at(0), refresh: at(-5)}, false},
		{&session{token: "x", expires: at(-1), refresh: at(-5)}, false},
		{&session{token: "", expires: at(10), refresh: at(-1)}, false},
		{&session{token: "x", expires: at(10)}, false},
		{&session{token: "x", expires: at(10), refresh: at(-1), retryAt: at(1)}, false},
	} {
		if got := test.s.due(now); got != test.want {
			t.Errorf("%v %v: %t", test.s.expires, test.s.refresh, got)
		}
	}
}

// Many callers at once: one renewal, and every request carries the new token (K 1.5).
func TestRenewal(t *testing.T) {
	now := time.Now()
	s := newServer(t, func(_ int, e exchange, w http.ResponseWriter) {
		if e.target == "/jwt_auth" {
			w.Write([]byte(signedIn("NEW", now.Add(time.Hour), now.Add(time.Minute))))
			return
		}
		w.Write([]byte(e.as))
	})
	due := jwt(fmt.Sprintf(`{"exp":%d,"refresh":%d}`, now.Add(time.Hour).Unix(), now.Add(-time.Second).UnixMilli()))
	c := s.client(t, func(o *Options) { o.Token = due })
	var wait sync.WaitGroup
	for range 20 {
		wait.Go(func() {
			if as, err := c.NewID(t.Context()); err != nil || as != "token NEW" {
				t.Error(as, err)
			}
		})
	}
	wait.Wait()
	renewals := 0
	for _, line := range s.lines() {
		if line == "GET /jwt_auth" {
			renewals++
		}
	}
	if renewals != 1 || c.Token() != "NEW" {
		t.Error(renewals, c.Token())
	}
}

// A token that cannot be renewed is used on, and the keys of the app never take its place (K 1.2).
func TestRenewalFails(t *testing.T) {
	now := time.Now()
	s := newServer(t, func(_ int, e exchange, w http.ResponseWriter) {
		if e.target == "/jwt_auth" {
			refuse(w, 401, "User must reauthenticate.")
			return
		}
		w.Write([]byte(e.as))
	})
	due := jwt(fmt.Sprintf(`{"exp":%d,"refresh":%d}`, now.Add(time.Hour).Unix(), now.Add(-time.Second).UnixMilli()))
	c := s.client(t).As(due)
	for range 3 {
		if as, err := c.NewID(t.Context()); err != nil || as != "token "+due {
			t.Error(as, err)
		}
	}
	if got := s.lines(); len(got) != 4 || got[0] != "GET /jwt_auth" {
		t.Errorf("%q", got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c = s.client(t).As(due)
	if _, err := c.NewID(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := c.NewID(t.Context()); err != nil { // another caller's cancellation is no failure of the renewal
		t.Error(err)
	}
	if got := s.lines(); len(got) != 2 {
		t.Errorf("%q", got)
	}
}

func TestCredentials(t *testing.T) {
	s := newServer(t, func(_ int, e exchange, w http.ResponseWriter) { w.Write([]byte(e.as)) })
	for _, test := range []struct {
		change func(*Options)
		want   string
	}{
		{func(*Options) {}, "app"},
		{func(o *Options) { o.Secret = "" }, "guest"},
		{func(o *Options) { o.AccessKey = "" }, "nobody"},
		{func(o *Options) { o.Token = "t" }, "token t"},
		{func(o *Options) { o.AccessKey, o.Secret, o.Token = "", "", "t" }, "token t"},
	} {
		if as, err := s.client(t, test.change).NewID(t.Context()); err != nil || as != test.want {
			t.Error(as, err)
		}
	}
	c := s.client(t)
	token, err := c.SuperToken(time.Hour)
	if err != nil || len(strings.Split(token, ".")) != 3 {
		t.Error(token, err)
	}
}

func TestKeysOf(t *testing.T) {
	found := true
	s := newServer(t, func(_ int, e exchange, w http.ResponseWriter) {
		payload, _ := base64.RawURLEncoding.DecodeString(strings.Split(e.as, ".")[1])
		if e.target != "/v1/_me" || !strings.Contains(string(payload), `"getCredentials":"app:x"`) {
			t.Errorf("%s %s", e.target, payload)
		}
		if found {
			w.Write([]byte(`{"id":"app:x","type":"app","credentials":{"accessKey":"app:x","secretKey":"S"}}`))
			return
		}
		w.Write([]byte(`{"id":"app:para","type":"app"}`))
	})
	c := s.client(t)
	if k, err := c.KeysOf(t.Context(), "app:x"); err != nil || *k != (Keys{AccessKey: "app:x", SecretKey: "S"}) {
		t.Error(k, err)
	}
	found = false
	if _, err := c.KeysOf(t.Context(), "app:x"); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
}

func TestNewKeys(t *testing.T) {
	var s *server
	fail := false
	s = newServer(t, func(n int, e exchange, w http.ResponseWriter) {
		if e.target == "/v1/_newkeys" {
			if fail {
				refuse(w, 503, "later")
				return
			}
			s.secret = fmt.Sprintf("%s%d", testSecret, n)
			w.Write([]byte(`{"accessKey":"app:myapp","secretKey":"` + s.secret + `","info":"Save"}`))
			return
		}
		w.Write([]byte("1"))
	})
	c := s.client(t)
	k, err := c.NewKeys(t.Context())
	if err != nil || k.SecretKey != s.secret || k.SecretKey == testSecret {
		t.Fatal(k, err)
	}
	var wait sync.WaitGroup
	for i := range 20 {
		wait.Go(func() {
			var err error
			if i == 10 {
				_, err = c.NewKeys(t.Context())
			} else if i > 10 { // those before may be under way with the old secret
				_, err = c.NewID(t.Context())
			}
			if err != nil && !errors.Is(err, ErrInvalidSignature) {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if _, err := c.NewID(t.Context()); err != nil {
		t.Error(err)
	}
	fail = true
	s.lines()
	if _, err := c.NewKeys(t.Context()); err == nil || len(s.lines()) != 1 {
		t.Error("asked again", err)
	}
	if _, err := c.NewID(t.Context()); err != nil {
		t.Error(err)
	}
}
