package authn_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"
	"time"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/access"
	"github.com/erudika/para-go/internal/authn"
	"github.com/erudika/para-go/internal/token"
)

// changing is a directory of one app whose secrets change.
type changing struct {
	app   *para.App
	users map[string]*para.Object
}

func (c *changing) App(context.Context, string) (*para.App, error) { return c.app, nil }
func (c *changing) User(_ context.Context, _ *para.App, id string) (*para.Object, error) {
	return c.users[id], nil
}
func (c *changing) Root() string { return "para" }

func (c *changing) user(t testing.TB, id, secret string, active bool) {
	t.Helper()
	o := para.New("user")
	o.SetID(id)
	for name, v := range map[string]any{"tokenSecret": secret, "active": active} {
		if err := o.Set(name, v); err != nil {
			t.Fatal(err)
		}
	}
	c.users[id] = o
}

// A token that was accepted before holds no longer from the moment on in which its user, its app or its time says so.
func TestRevocationCountsAtOnce(t *testing.T) {
	now := time.Unix(1768472430, 0)
	first := &para.App{ID: "app:myapp", Identifier: "myapp", Secret: appSecret, Active: true}
	renewed := &para.App{ID: "app:myapp", Identifier: "myapp", Secret: appSecret + "2", Active: true}
	d := &changing{app: first, users: map[string]*para.Object{}}
	d.user(t, "ann", tokenSecret, true)
	a := authn.New(authn.Options{Directory: d, Now: func() time.Time { return now }})
	issued, err := token.IssueUser(token.User{AppID: "app:myapp", Subject: "ann", Validity: time.Hour, Interval: time.Minute}, appSecret+tokenSecret, now)
	if err != nil {
		t.Fatal(err)
	}
	super, err := token.IssueSuper("app:myapp", "", appSecret, time.Hour, now)
	if err != nil {
		t.Fatal(err)
	}
	who := func(compact string) access.Kind {
		r := httptest.NewRequest(http.MethodGet, "/v1/cat/1", nil)
		r.Header.Set("Authorization", "Bearer "+compact)
		got, err := a.Authenticate(t.Context(), authn.Request{HTTP: r, URI: "/v1/cat/1"})
		if err != nil {
			return access.Nobody
		}
		return got.Principal.Kind
	}
	check := func(what string, user, app access.Kind) {
		t.Helper()
		for range 2 {
			if got := who(issued.Token); got != user {
				t.Errorf("%s: the user's token makes %d, want %d", what, got, user)
			}
			if got := who(super); got != app {
				t.Errorf("%s: the super token makes %d, want %d", what, got, app)
			}
			if got := who(issued.Token + "A"); got != access.Nobody {
				t.Errorf("%s: another token makes %d", what, got)
			}
		}
	}
	check("at first", access.User, access.App)
	d.user(t, "ann", tokenSecret+"2", true)
	check("token secret renewed", access.Nobody, access.App)
	d.user(t, "ann", "", true)
	check("no token secret", access.Nobody, access.App)
	d.user(t, "ann", tokenSecret, false)
	check("inactive", access.Nobody, access.App)
	delete(d.users, "ann")
	check("user deleted", access.Nobody, access.App)
	d.user(t, "ann", tokenSecret, true)
	check("as before", access.User, access.App)
	d.app = renewed
	check("app's secret renewed", access.Nobody, access.Nobody)
	d.app = first
	now = now.Add(time.Hour + time.Second)
	check("expired", access.Nobody, access.Nobody)
	now = now.Add(-time.Hour - time.Minute)
	check("not yet valid", access.Nobody, access.Nobody)
}

// What is remembered of tokens is bounded.
func TestMemoryOfTokens(t *testing.T) {
	d := &changing{app: &para.App{ID: "app:myapp", Identifier: "myapp", Secret: appSecret, Active: true}, users: map[string]*para.Object{}}
	d.user(t, "ann", tokenSecret, true)
	now := time.Unix(1768472430, 0)
	a := authn.New(authn.Options{Directory: d, Now: func() time.Time { return now }})
	send := func(n int) {
		for i := range n {
			compact, err := token.IssueUser(token.User{AppID: "app:myapp", Subject: "ann", IDP: fmt.Sprint(i), Validity: time.Hour, Interval: time.Minute}, appSecret+tokenSecret, now)
			if err != nil {
				t.Fatal(err)
			}
			if _, user, err := a.UserOf(t.Context(), "Bearer "+compact.Token); err != nil || user == nil {
				t.Fatal(err)
			}
		}
	}
	memory := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := memory()
	send(60_000)
	const bound = 32 << 20
	if grown := memory() - before; grown > bound && grown < 1<<40 {
		t.Errorf("60 000 tokens take %d bytes", grown)
	}
	runtime.KeepAlive(a)
}
