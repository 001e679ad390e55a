package authn_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/access"
	"github.com/erudika/para-go/internal/authn"
	"github.com/erudika/para-go/internal/sigv4"
	"github.com/erudika/para-go/internal/token"
)

const (
	appSecret   = "U3VTNifLPqnZ1W2S3pVVuKG4HOVbimMocdDMl8T69BB001AXGZtwZw=="
	tokenSecret = "qvUo0mVdGzJ0Xh3c1mJrCw2N8y7bD5tKfE6aLpR9sTg="
)

// people is a directory with one app and its users.
type people map[string]*para.Object

func (people) Root() string { return "para" }

func (people) App(_ context.Context, id string) (*para.App, error) {
	if para.AppID(id) != "app:myapp" {
		return nil, para.Errorf(para.NotFound, "App not found.")
	}
	return &para.App{ID: "app:myapp", Identifier: "myapp", Secret: appSecret, Active: true}, nil
}

func (p people) User(_ context.Context, _ *para.App, id string) (*para.Object, error) {
	return p[id], nil
}

func person(t *testing.T, id, secret string, active bool) *para.Object {
	t.Helper()
	o := para.New("user")
	o.SetID(id)
	for name, v := range map[string]any{"tokenSecret": secret, "active": active} {
		if err := o.Set(name, v); err != nil {
			t.Fatal(err)
		}
	}
	if secret == "" {
		o.Remove("tokenSecret")
	}
	return o
}

func TestWho(t *testing.T) {
	now := time.Unix(1768472430, 0)
	everybody := people{
		"ann": person(t, "ann", tokenSecret, true), "off": person(t, "off", tokenSecret, false), "new": person(t, "new", "", true),
	}
	a := authn.New(authn.Options{Directory: everybody, MaxAge: 15 * time.Minute, Now: func() time.Time { return now }})
	userToken := func(id, key string) string {
		issued, err := token.IssueUser(token.User{AppID: "app:myapp", Subject: id, IDP: "generic", Validity: time.Hour, Interval: time.Minute}, key, now)
		if err != nil {
			t.Fatal(err)
		}
		return issued.Token
	}
	super, err := token.IssueSuper("myapp", "", appSecret, time.Hour, now)
	if err != nil {
		t.Fatal(err)
	}
	const none = access.Nobody
	tests := []struct {
		name, header, accessKey string
		noGuests                bool
		status                  int // of the refusal, 0 for none
		kind                    access.Kind
		userOf                  string // whom UserOf names
	}{
		{name: "nothing", kind: none},
		{name: "blank header", header: "  ", kind: none},
		{name: "guest by header", header: "Anonymous app:myapp", kind: access.Guest},
		{name: "guest by header, other spelling", header: "AnonymousMyApp", kind: access.Guest},
		{name: "guest by parameter", accessKey: "myapp", kind: access.Guest},
		{name: "guest by both: the header counts", header: "Anonymous myapp", accessKey: "nosuchapp", kind: access.Guest},
		{name: "guest of an unknown app", accessKey: "nosuchapp", status: http.StatusForbidden},
		{name: "no guests", accessKey: "myapp", noGuests: true, kind: none},
		{name: "no guests, unknown app", accessKey: "nosuchapp", noGuests: true, kind: none},
		{name: "user", header: "Bearer " + userToken("ann", appSecret+tokenSecret), kind: access.User, userOf: "ann"},
		{name: "user, no blank", header: "Bearer" + userToken("ann", appSecret+tokenSecret), kind: access.User, userOf: "ann"},
		{name: "inactive user", header: "Bearer " + userToken("off", appSecret+tokenSecret), status: http.StatusUnauthorized, userOf: "off"},
		{name: "user, key of the app alone", header: "Bearer " + userToken("ann", appSecret), status: http.StatusUnauthorized},
		{name: "user without token secret, key of the app alone", header: "Bearer " + userToken("new", appSecret), status: http.StatusUnauthorized},
		{name: "nobody's id", header: "Bearer " + userToken("nobody", appSecret), kind: access.App},
		{name: "nobody's id, key of a user", header: "Bearer " + userToken("nobody", appSecret+tokenSecret), status: http.StatusUnauthorized},
		{name: "super token", header: "Bearer " + super, kind: access.App},
		{name: "null", header: "Bearer null", status: http.StatusUnauthorized},
		{name: "small letters", header: "bearer " + super, status: http.StatusUnauthorized},
		{name: "cut off", header: "Bearer " + super[:len(super)-1], status: http.StatusUnauthorized},
		{name: "basic", header: "Basic YTpi", status: http.StatusUnauthorized},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, "/v1/cat/1", nil)
			if tt.header != "" {
				r.Header.Set("Authorization", tt.header)
			}
			got, err := a.Authenticate(t.Context(), authn.Request{
				HTTP: r, URI: "/v1/cat/1", AccessKey: tt.accessKey, NoGuests: tt.noGuests,
				Body: func() (sigv4.Hash, error) { return sigv4.HashBody(nil), nil },
			})
			status := 0
			if refused, ok := err.(*authn.Refusal); ok {
				status = refused.Status
			} else if err != nil {
				t.Fatal(err)
			}
			if status != tt.status || got.Principal.Kind != tt.kind {
				t.Errorf("refused with %d as kind %d, want %d and %d", status, got.Principal.Kind, tt.status, tt.kind)
			}
			_, user, err := a.UserOf(t.Context(), tt.header)
			if err != nil {
				t.Fatal(err)
			}
			id := ""
			if user != nil {
				id = user.ID()
			}
			if id != tt.userOf {
				t.Errorf("UserOf names %q, want %q", id, tt.userOf)
			}
		})
	}
}

func BenchmarkUserToken(b *testing.B) {
	now := time.Unix(1768472430, 0)
	ann := para.New("user")
	ann.SetID("ann")
	for name, v := range map[string]any{"tokenSecret": tokenSecret, "active": true} {
		if err := ann.Set(name, v); err != nil {
			b.Fatal(err)
		}
	}
	a := authn.New(authn.Options{Directory: people{"ann": ann}, Now: func() time.Time { return now }})
	issued, err := token.IssueUser(token.User{AppID: "app:myapp", Subject: "ann", Validity: time.Hour, Interval: time.Minute}, appSecret+tokenSecret, now)
	if err != nil {
		b.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodGet, "/v1/cat/1", nil)
	r.Header.Set("Authorization", "Bearer "+issued.Token)
	b.ReportAllocs()
	for b.Loop() {
		if got, err := a.Authenticate(b.Context(), authn.Request{HTTP: r, URI: "/v1/cat/1"}); err != nil || got.Principal.Kind != access.User {
			b.Fatal(err)
		}
	}
}
