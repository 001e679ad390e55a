package oauth

import (
	"net/url"
	"strings"
	"testing"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/client"
	signintest "github.com/erudika/para-go/test/signin"
)

// newUser makes an active user with an identifier and an address.
func newUser(t *testing.T, app *client.Client, identifier, email string) string {
	t.Helper()
	o := para.New("user")
	o.SetName("Old Name")
	for member, v := range map[string]any{"identifier": identifier, "email": email, "active": true} {
		if err := o.Set(member, v); err != nil {
			t.Fatal(err)
		}
	}
	u, err := app.Create(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return u.ID()
}

// A verified address leads to the account that has it, and the new identifier is attached to that; several identifiers
// sign in one user from then on (A 6.1).
func TestOneUserSeveralIdentifiers(t *testing.T) {
	w := newWorld(t)
	settings := map[string]any{}
	for _, s := range socials {
		settings = with(settings, s.prefix+"_app_id", "my-id", s.prefix+"_secret", "my-secret&")
		for k, v := range s.settings() {
			settings[k] = v
		}
		s.answers(w, s.profile)
	}
	app := w.app("many", settings)
	id := newUser(t, app, "ann@example.com", "ann@example.com")
	for _, s := range socials {
		status, u, text := w.signIn("many", s.name, accessToken)
		if status != 200 || u["id"] != id || u["identifier"] != s.identifier || u["email"] != "ann@example.com" {
			t.Errorf("%s: %d %s", s.name, status, text)
		}
	}
	for _, s := range socials {
		if u := signintest.User(t, app, s.identifier); u == nil || u.ID() != id {
			t.Errorf("%s is not attached", s.identifier)
		}
	}
}

// Addresses that a provider does not vouch for lead to nobody's account, are not stored, and replace no stored one.
func TestAddressesThatAreNotVerified(t *testing.T) {
	w := newWorld(t)
	id := socials[7]
	microsoft, google, github := socials[4], socials[1], socials[2]
	for _, tt := range []struct {
		name    string
		s       social
		more    []any
		profile map[string]string
		email   string // of the new user; "@…" stands for one with its id
	}{
		{"google", google, nil, map[string]string{"www.googleapis.com/oauth2/v3/userinfo": `{"sub":"9","email":"ann@example.com","email_verified":false}`}, "@google.com"},
		{"google-text", google, nil, map[string]string{"www.googleapis.com/oauth2/v3/userinfo": `{"sub":"9","email":"ann@example.com","email_verified":"false"}`}, "@google.com"},
		{"github", github, nil, map[string]string{"api.github.com/user": `{"id":9}`, "api.github.com/user/emails": `[{"email":"ann@example.com","primary":true,"verified":false}]`}, "@github.com"},
		{"microsoft-anybody", microsoft, nil, map[string]string{"graph.microsoft.com/v1.0/me": `{"id":"9","mail":"ann@example.com","userPrincipalName":"mallory@evil.onmicrosoft.com"}`}, "mallory@evil.onmicrosoft.com"},
		{"generic", id, nil, map[string]string{"id.example.net/me": `{"user_no":9,"mails":[{"value":"ann@example.com"}],"email_verified":false}`}, "9@idp.example"},
		{"generic-id", id, nil, map[string]string{"id.example.net/me": `{"user_no":"ann@example.com","email_verified":false}`}, "@idp.example"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w.t = t
			app := w.app("unverified-"+tt.name, with(tt.s.settings(), tt.more...))
			ann := newUser(t, app, "ann@example.com", "ann@example.com")
			tt.s.answers(w, tt.profile)
			status, u, text := w.signIn("unverified-"+tt.name, tt.s.name, accessToken)
			if status != 200 || u["id"] == ann {
				t.Fatalf("%d %s\n%s", status, text, w.Log())
			}
			want := tt.email
			if strings.HasPrefix(want, "@") {
				want = u["id"].(string) + want
			}
			if u["email"] != want {
				t.Errorf("address %v, want %s", u["email"], want)
			}
			if status, again, _ := w.signIn("unverified-"+tt.name, tt.s.name, accessToken); status != 200 || again["id"] != u["id"] || again["email"] != want {
				t.Errorf("the second time: %d %v", status, again)
			}
			if old := signintest.User(t, app, "ann@example.com"); old.Text("identifier") != "ann@example.com" || old.Name() != "Old Name" {
				t.Errorf("the account of somebody else changed: %s", old.Text("identifier"))
			}
		})
	}
	t.Run("one tenant vouches", func(t *testing.T) {
		w.t = t
		w.handle("login.microsoftonline.com/x", nil)
		app := w.app("one-tenant", with(microsoft.settings(), "ms_tenant_id", "11111111-2222-3333-4444-555555555555"))
		ann := newUser(t, app, "ann@example.com", "ann@example.com")
		microsoft.answers(w, map[string]string{"graph.microsoft.com/v1.0/me": `{"id":"9","mail":"ann@example.com","userPrincipalName":"ann_l@corp.onmicrosoft.com"}`})
		if status, u, text := w.signIn("one-tenant", "microsoft", accessToken); status != 200 || u["id"] != ann {
			t.Errorf("%d %s", status, text)
		}
	})
	t.Run("the setting trusts all", func(t *testing.T) {
		w.t = t
		app := w.app("trusting", with(id.settings(), "security.oauththird.trust_email", "true"))
		ann := newUser(t, app, "ann@example.com", "ann@example.com")
		id.answers(w, map[string]string{"id.example.net/me": `{"user_no":9,"mails":[{"value":"ann@example.com"}],"email_verified":false}`})
		if status, u, text := w.signIn("trusting", "oauth2third", accessToken); status != 200 || u["id"] != ann {
			t.Errorf("%d %s", status, text)
		}
	})
}

func TestUsersWhoMayNotSignIn(t *testing.T) {
	w := newWorld(t)
	s := socials[1]
	s.answers(w, s.profile)
	w.handle(s.token, nil)
	w.answer(s.token, 200, s.answer)
	app := w.app("locked", s.settings())
	id := newUser(t, app, "ann@example.com", "ann@example.com")
	u, err := app.Get(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if err := u.Set("active", false); err != nil {
		t.Fatal(err)
	}
	if _, err := app.Update(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	if status, _, text := w.signIn("locked", "google", accessToken); status != 400 || text != `{"code":400,"message":"Failed to authenticate user with 'google'. Check if user is active."}` {
		t.Errorf("%d %s", status, text)
	}
	p := signintest.NewBrowser(t).Get(w.Endpoint + "/google_auth?code=c&appid=locked")
	if cause, _ := url.QueryUnescape(strings.TrimPrefix(p.Location, failedTo)); cause != "Account "+id+" (locked/ann@example.com) is locked." {
		t.Errorf("%s", p.Location)
	}
	if signintest.User(t, app, s.identifier) != nil {
		t.Error("an identifier was attached to a locked account")
	}

	// Apps that are switched off, the root app, unknown apps.
	frozen := w.app("frozen", s.settings())
	a, err := w.Root.Read(t.Context(), "app", "app:frozen")
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Set("active", false); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Root.Update(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	if status, _, text := w.signIn("frozen", "google", accessToken); status != 400 || text != `{"code":400,"message":"App not active. [app:frozen]"}` {
		t.Errorf("inactive: %d %s", status, text)
	}
	if p := signintest.NewBrowser(t).Get(w.Endpoint + "/google_auth?code=c&appid=frozen"); !strings.HasPrefix(p.Location, failedTo+"App%20not%20active.") {
		t.Errorf("inactive, in a browser: %d %s", p.Status, p.Location)
	}
	if err := a.Set("active", true); err != nil { // its keys read nothing before
		t.Fatal(err)
	}
	if _, err := w.Root.Update(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	if signintest.User(t, frozen, s.identifier) != nil {
		t.Error("a user was made in an app that is switched off")
	}
	if status, _, text := w.signIn("para", "google", accessToken); status != 403 {
		t.Errorf("root app: %d %s", status, text)
	}
	if p := signintest.NewBrowser(t).Get(w.Endpoint + "/google_auth?code=c&appid=nobody"); p.Status != 302 || p.Location != "/signin?error" {
		t.Errorf("no such app: %d %s", p.Status, p.Location)
	}
}
