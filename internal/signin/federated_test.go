package signin_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/access"
	"github.com/erudika/para-go/internal/engine"
	"github.com/erudika/para-go/internal/signin"
)

func ofProvider(id string) signin.Profile {
	return signin.Profile{Identifier: "gp:" + id, Email: id + "@example.com", NewEmail: "@google.com", Name: "Ann Lee", NewName: "No Name", Picture: "https://example.com/" + id + ".png"}
}

func (w *world) federated(p signin.Profile) (*para.Object, error) {
	return userOf(w.users.SignInProfile(context.Background(), w.app(), p))
}

func TestProfilesBecomeUsers(t *testing.T) {
	w := newWorld(t, nil)
	ann, err := w.federated(ofProvider("ann"))
	if err != nil {
		t.Fatal(err)
	}
	for member, want := range map[string]string{"identifier": "gp:ann", "email": "ann@example.com", "picture": "https://example.com/ann.png", "groups": "users", "identityProvider": ""} {
		if got := ann.Text(member); want != "" && got != want {
			t.Errorf("%s is %q", member, got)
		}
	}
	identity := w.identity("gp:ann")
	if identity == nil || identity.CreatorID() != ann.ID() || !strings.HasPrefix(identity.Text("password"), "$2") {
		t.Fatalf("identity record: %v", identity)
	}
	// Somebody of whom the provider tells nothing.
	bob, err := w.federated(signin.Profile{Identifier: "gp:bob", NewEmail: "@google.com", NewName: "No Name"})
	if err != nil || bob.Text("email") != bob.ID()+"@google.com" || bob.Name() != "No Name" || !strings.Contains(bob.Text("picture"), "gravatar") {
		t.Errorf("%v, %v", bob, err)
	}
	// Nothing that is told less the second time is lost.
	again, err := w.federated(signin.Profile{Identifier: "gp:ann", NewEmail: "@google.com", NewName: "No Name", KeepPicture: true})
	if err != nil || again.ID() != ann.ID() || again.Name() != "Ann Lee" || again.Text("email") != "ann@example.com" || again.Text("picture") != "https://example.com/ann.png" {
		t.Errorf("%v, %v", again, err)
	}
	changed := ofProvider("ann")
	changed.Email, changed.Name, changed.Groups, changed.Members = "Ann2@Example.com", "Ann Other", "mods", map[string]string{"idpAccessToken": "t"}
	again, err = w.federated(changed)
	if err != nil || again.ID() != ann.ID() || again.Name() != "Ann Other" || again.Text("email") != "ann2@example.com" || again.Text("groups") != "mods" || again.Text("idpAccessToken") != "t" {
		t.Errorf("%v, %v", again, err)
	}
}

func TestProfilesThatAreRefused(t *testing.T) {
	w := newWorld(t, nil)
	taken := w.user("ann@example.com")
	for _, tt := range []struct {
		what  string
		p     signin.Profile
		cause string
	}{
		{"no identifier", signin.Profile{Email: "ann@example.com"}, signin.BadCredentials},
		{"no address", signin.Profile{Identifier: "gp:1", NewName: "No Name"}, signin.CannotCreate},
		{"no address that could be one", signin.Profile{Identifier: "gp:1", NewEmail: "nonsense", NewName: "No Name"}, signin.CannotCreate},
		{"an unknown kind of identifier", signin.Profile{Identifier: "nonsense", NewEmail: "@x.com", NewName: "No Name"}, signin.CannotCreate},
		{"an address of somebody, which the provider does not vouch for", signin.Profile{Identifier: "gp:1", NewEmail: "ann@example.com", NewName: "No Name"}, signin.CannotCreate},
	} {
		_, err := w.federated(tt.p)
		fails(t, err, tt.cause)
		if tt.p.Identifier != "" && w.identity(tt.p.Identifier) != nil {
			t.Errorf("%s: an identity record was left behind", tt.what)
		}
	}
	user, err := w.eng.User(t.Context(), w.app(), taken.ID())
	if err != nil || user.Text("identifier") != "ann@example.com" {
		t.Errorf("%v, %v", user, err)
	}
}

func TestProfilesInReadOnlyApps(t *testing.T) {
	w := newWorld(t, nil)
	ann, err := w.federated(ofProvider("ann"))
	if err != nil {
		t.Fatal(err)
	}
	w.set(func(o *para.Object) error { return o.Set("readOnly", true) })
	changed := ofProvider("ann")
	changed.Name = "Other"
	again, err := w.federated(changed)
	if err != nil || again.ID() != ann.ID() || again.Name() != "Ann Lee" {
		t.Errorf("%v, %v", again, err)
	}
	_, err = w.federated(ofProvider("bob"))
	fails(t, err, signin.BadCredentials)
	if w.identity("gp:bob") != nil {
		t.Error("a user was made")
	}
	if err := w.users.Remember(t.Context(), w.app(), ann, map[string]string{"idpAccessToken": "x"}); para.CodeOf(err) != para.Denied {
		t.Errorf("%v", err)
	}
}

// Many sign-ins of one new person at once make one user.
func TestOneNewUser(t *testing.T) {
	w := newWorld(t, func(o *signin.Options) { o.HashQueue = 100 })
	var all sync.WaitGroup
	ids := make(chan string, 8)
	for range cap(ids) {
		all.Go(func() {
			user, err := w.federated(ofProvider("ann"))
			var failed *signin.Failure
			switch {
			case err == nil:
				ids <- user.ID()
			case !errors.As(err, &failed):
				t.Error(err)
			}
		})
	}
	all.Wait()
	close(ids)
	first := <-ids
	for id := range ids {
		if id != first {
			t.Errorf("users %s and %s", first, id)
		}
	}
	if first == "" {
		t.Error("nobody signed in")
	}
}

func TestErrorsOfProviders(t *testing.T) {
	var fail error
	w := newWorld(t, func(o *signin.Options) {
		o.Providers = map[string]signin.Verify{"google": func(context.Context, *para.App, string) (signin.Profile, error) {
			return ofProvider("ann"), fail
		}}
	})
	for _, name := range []string{"google", "Google", "GOOGLE"} {
		if user, err := w.signIn(name, "x"); err != nil || user.Text("identifier") != "gp:ann" {
			t.Errorf("%s: %v, %v", name, user, err)
		}
	}
	for _, name := range []string{"facebook", "", "saml", "mattermost"} {
		_, err := w.signIn(name, "x")
		fails(t, err, signin.BadCredentials)
	}
	fail = errors.New("the provider is away")
	_, err := w.signIn("google", "x")
	fails(t, err, signin.BadCredentials)
	fail = &signin.Failure{Cause: "Cancelled."}
	_, err = w.signIn("google", "x")
	fails(t, err, "Cancelled.")
	fail = para.Errorf(para.Busy, "Too Many Requests")
	if _, err = w.signIn("google", "x"); para.CodeOf(err) != para.Busy {
		t.Errorf("%v", err)
	}
	w.set(func(o *para.Object) error { return o.Set("active", false) })
	fail = errors.New("must not be asked")
	if _, err = w.signIn("google", "x"); para.CodeOf(err) != para.Denied {
		t.Errorf("%v", err)
	}
}

// A sign-in that began before an app was deleted reaches no other app that is made under its name, whatever it is about to
// do (D35).
func TestSignInsIntoAnAppThatIsMadeAnew(t *testing.T) {
	w := newWorld(t, func(o *signin.Options) {
		o.Providers = map[string]signin.Verify{"google": func(context.Context, *para.App, string) (signin.Profile, error) { return ofProvider("eve"), nil }}
	})
	ann := w.user("ann@example.com")
	old := w.app()
	root, err := w.eng.App(t.Context(), w.eng.Root())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.eng.Delete(t.Context(), access.Principal{Kind: access.App, App: root, Root: true}, "app", w.id); err != nil {
		t.Fatal(err)
	}
	w.clock.advance(time.Second)
	if _, err := w.eng.NewApp(t.Context(), engine.NewApp{ID: "shop"}); err != nil {
		t.Fatal(err)
	}
	w.user("ann@example.com")
	ctx := t.Context()
	for what, call := range map[string]func() error{
		"password": func() error {
			_, err := w.users.SignIn(ctx, old, "password", "ann@example.com::secret-pass")
			return err
		},
		"sign-up": func() error {
			_, err := w.users.SignIn(ctx, old, "password", "eve@example.com:Eve:secret-pass")
			return err
		},
		"passwordless": func() error { _, err := w.users.SignIn(ctx, old, "passwordless", "x.y.z"); return err },
		"google":       func() error { _, err := w.users.SignIn(ctx, old, "google", "x"); return err },
		"profile":      func() error { _, err := w.users.SignInProfile(ctx, old, ofProvider("eve")); return err },
		"browser":      func() error { _, err := w.users.PasswordOf(ctx, old, "ann@example.com", "secret-pass"); return err },
		"token":        func() error { _, err := w.users.Issue(ctx, signin.Admitted(old, ann)); return err },
		"refresh":      func() error { _, err := w.users.Refresh(ctx, old, ann); return err },
		"revoke":       func() error { return w.users.Revoke(ctx, old, ann) },
		"ID token":     func() error { _, err := w.users.IDToken(ctx, signin.Admitted(old, ann)); return err },
		"remember":     func() error { return w.users.Remember(ctx, old, ann, map[string]string{"idpAccessToken": "x"}) },
	} {
		var failed *signin.Failure
		if err := call(); !errors.As(err, &failed) || failed.Cause != signin.BadCredentials {
			t.Errorf("%s: %v", what, err)
		}
	}
	for _, identifier := range []string{"eve@example.com", "gp:eve"} {
		if w.identity(identifier) != nil {
			t.Errorf("%s reached the new app", identifier)
		}
	}
	if _, err := w.users.SignIn(ctx, w.app(), "password", "ann@example.com::secret-pass"); err != nil {
		t.Errorf("the new app: %v", err)
	}
}
