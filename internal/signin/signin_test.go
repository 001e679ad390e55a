package signin_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/backend/sqlite"
	"github.com/erudika/para-go/internal/access"
	"github.com/erudika/para-go/internal/analysis"
	"github.com/erudika/para-go/internal/authn"
	"github.com/erudika/para-go/internal/engine"
	"github.com/erudika/para-go/internal/functions"
	"github.com/erudika/para-go/internal/signin"
	"github.com/erudika/para-go/internal/token"
	"golang.org/x/crypto/bcrypt"
)

// clock is a time that tests move.
type clock struct{ ms atomic.Int64 }

func (c *clock) now() time.Time          { return time.UnixMilli(c.ms.Load()) }
func (c *clock) advance(d time.Duration) { c.ms.Add(d.Milliseconds()) }

// world is a service on a store of its own, with one app.
type world struct {
	t     *testing.T
	clock clock
	eng   *engine.Engine
	users *signin.Service
	auth  *authn.Authenticator
	id    string
}

func newWorld(t *testing.T, change func(*signin.Options)) *world {
	t.Helper()
	w := &world{t: t}
	w.clock.ms.Store(time.Now().UnixMilli())
	document := func(r *para.Record) (*para.Document, error) {
		o, err := para.DecodeObject(r.Data)
		if err != nil || strings.HasPrefix(r.Type, "_") {
			return nil, err
		}
		return analysis.Document(o), nil
	}
	store, err := sqlite.Open(sqlite.Options{Dir: t.TempDir(), RootApp: "para", Document: document})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	w.eng, err = engine.Open(t.Context(), engine.Options{
		Store: store, Search: store, RootApp: "para", Now: w.clock.now, CacheBytes: 1 << 20, Document: analysis.Document,
		Checks: para.Checks{Email: functions.ValidEmail, Address: functions.ValidAddress, URL: functions.ValidURL},
	})
	if err != nil {
		t.Fatal(err)
	}
	app, err := w.eng.NewApp(t.Context(), engine.NewApp{ID: "shop"})
	if err != nil {
		t.Fatal(err)
	}
	w.id = app.ID
	opts := signin.Options{
		Engine: w.eng,
		Setting: func(app *para.App, key, def string) string {
			var v any
			if json.Unmarshal(app.Settings[key], &v) != nil {
				return def
			}
			return fmt.Sprint(v)
		},
		TokenValidity: 24 * time.Hour, RefreshInterval: time.Hour, IDValidity: time.Minute,
		MinPassword: 8, MaxAttempts: 3, LockPeriod: time.Hour, AllowUnverified: true, AllowSignUp: true,
	}
	if change != nil {
		change(&opts)
	}
	w.users = signin.New(opts)
	w.auth = authn.New(authn.Options{Directory: w.eng, Now: w.clock.now})
	return w
}

func (w *world) app() *para.App {
	w.t.Helper()
	app, err := w.eng.App(context.Background(), w.id)
	if err != nil {
		w.t.Fatal(err)
	}
	return app
}

// user makes an active user whose password is "secret-pass", hashed with little work.
func (w *world) user(address string) *para.Object {
	w.t.Helper()
	o := para.New("user")
	o.SetName("Ann")
	for name, v := range map[string]any{"identifier": address, "email": address, "active": true} {
		if err := o.Set(name, v); err != nil {
			w.t.Fatal(err)
		}
	}
	hash, err := bcrypt.GenerateFromPassword([]byte("secret-pass"), bcrypt.MinCost)
	if err != nil {
		w.t.Fatal(err)
	}
	user, err := w.eng.SignUp(context.Background(), w.app(), o, string(hash))
	if err != nil {
		w.t.Fatal(err)
	}
	return user
}

func (w *world) signIn(provider, providerToken string) (*para.Object, error) {
	return userOf(w.users.SignIn(context.Background(), w.app(), provider, providerToken))
}

// userOf is the user who was admitted, nil with an error.
func userOf(a *signin.Admission, err error) (*para.Object, error) {
	if err != nil {
		return nil, err
	}
	return a.User(), nil
}

func (w *world) identity(id string) *para.Object {
	w.t.Helper()
	o, err := w.eng.Identity(context.Background(), w.app(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return o
}

// holds says whether a token is one of a user now.
func (w *world) holds(compact string) bool {
	w.t.Helper()
	_, user, err := w.auth.UserOf(context.Background(), "Bearer "+compact)
	if err != nil {
		w.t.Fatal(err)
	}
	return user != nil
}

func (w *world) set(change func(*para.Object) error) {
	w.t.Helper()
	if _, err := w.eng.ChangeApp(context.Background(), w.id, change); err != nil {
		w.t.Fatal(err)
	}
}

func fails(t *testing.T, err error, cause string) {
	t.Helper()
	var failed *signin.Failure
	if !errors.As(err, &failed) || !strings.Contains(failed.Cause, cause) {
		t.Fatalf("got error %v, want a failure with %q", err, cause)
	}
}

func TestLockout(t *testing.T) {
	w := newWorld(t, nil)
	ann := w.user("ann@example.com")
	for i := 1; i <= 3; i++ {
		_, err := w.signIn("password", "ann@example.com::wrong-pass")
		fails(t, err, signin.BadCredentials)
		if n := w.identity("ann@example.com").Votes(); n != int64(i) {
			t.Fatalf("failures after attempt %d: %d", i, n)
		}
	}
	until := w.identity("ann@example.com").Int("lockedUntil")
	if want := w.clock.now().Add(time.Hour).UnixMilli(); until != want {
		t.Fatalf("locked until %d, want %d: an hour ahead", until, want)
	}
	for _, password := range []string{"secret-pass", "wrong-pass"} {
		_, err := w.signIn("password", "ann@example.com::"+password)
		fails(t, err, "Too many attempts - account "+ann.ID()+" (shop/ann@example.com) is locked.")
	}
	if n := w.identity("ann@example.com").Votes(); n != 3 {
		t.Fatalf("attempts on a locked account were counted: %d", n)
	}
	w.clock.advance(time.Hour)
	_, err := w.signIn("password", "ann@example.com::wrong-pass")
	fails(t, err, signin.BadCredentials)
	if o := w.identity("ann@example.com"); o.Votes() != 1 || o.Int("lockedUntil") != 0 {
		t.Fatalf("after the lock: %d failures, locked until %d", o.Votes(), o.Int("lockedUntil"))
	}
	if _, err := w.signIn("password", "ann@example.com::secret-pass"); err != nil {
		t.Fatal(err)
	}
	if n := w.identity("ann@example.com").Votes(); n != 0 {
		t.Fatalf("failures after a success: %d", n)
	}
}

func TestLockOfACenturyEndsAfterThePeriod(t *testing.T) {
	w := newWorld(t, nil)
	w.user("ann@example.com")
	far := w.clock.now().AddDate(100, 0, 0).UnixMilli()
	err := w.eng.ChangeIdentity(t.Context(), w.app(), "ann@example.com", func(o *para.Object) (bool, error) { return true, o.Set("lockedUntil", far) })
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.signIn("password", "ann@example.com::secret-pass")
	fails(t, err, "Too many attempts")
	w.clock.advance(time.Hour)
	if _, err := w.signIn("password", "ann@example.com::secret-pass"); err != nil {
		t.Fatal(err)
	}
}

// Parallel guesses must not get more tries than the lock allows.
func TestParallelGuessesAreCounted(t *testing.T) {
	w := newWorld(t, nil)
	w.user("ann@example.com")
	var tried, refused atomic.Int64
	var all sync.WaitGroup
	for range 40 {
		all.Go(func() {
			_, err := w.signIn("password", "ann@example.com::wrong-pass")
			var failed *signin.Failure
			switch {
			case para.CodeOf(err) == para.Busy:
			case !errors.As(err, &failed):
				t.Errorf("unexpected error %v", err)
			case failed.Cause == signin.BadCredentials:
				tried.Add(1)
			default:
				refused.Add(1)
			}
		})
	}
	all.Wait()
	if tried.Load() > 3 {
		t.Errorf("%d passwords were tried, 3 may be", tried.Load())
	}
	if n := w.identity("ann@example.com").Votes(); n != tried.Load() {
		t.Errorf("%d failures counted, %d passwords tried", n, tried.Load())
	}
}

func TestHashesThatNobodyMayWaitFor(t *testing.T) {
	w := newWorld(t, nil)
	w.user("ann@example.com")
	err := w.eng.ChangeIdentity(t.Context(), w.app(), "ann@example.com", func(o *para.Object) (bool, error) {
		return true, o.Set("password", "$2b$31$abcdefghijklmnopqrstuuWH53eEN6nVMzD3lRlPuz44zzZjn7zJq")
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.signIn("password", "ann@example.com::p@ss:word")
	fails(t, err, signin.BadCredentials)
}

func TestSignUp(t *testing.T) {
	long := strings.Repeat("x", 73)
	tests := []struct {
		name, token string
		change      func(*signin.Options)
		app         func(*para.Object) error
		ok          bool
	}{
		{name: "allowed", token: "new@example.com:New:secret-pass", ok: true},
		{name: "no address", token: "joe:Joe:secret-pass"},
		{name: "prefix of a provider", token: "fb:Joe:secret-pass"},
		{name: "seven characters", token: "new@example.com:New:1234567"},
		{name: "73 bytes", token: "new@example.com:New:" + long},
		{name: "name of symbols", token: "new@example.com:!!!:secret-pass"},
		{name: "switched off for all", token: "new@example.com:New:secret-pass", change: func(o *signin.Options) { o.AllowSignUp = false }},
		{name: "switched off by the app", token: "new@example.com:New:secret-pass", app: func(o *para.Object) error {
			return o.Set("settings", map[string]any{"security.allow_password_signup": false})
		}},
		{name: "read-only app", token: "new@example.com:New:secret-pass", app: func(o *para.Object) error { return o.Set("readOnly", true) }},
		{name: "no separator", token: "new@example.com"},
		{name: "nothing", token: ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, tt.change)
			if tt.app != nil {
				w.set(tt.app)
			}
			user, err := w.signIn("password", tt.token)
			if tt.ok {
				if err != nil || user.Text("identifier") != "new@example.com" || w.identity("new@example.com") == nil {
					t.Fatalf("got %v, %v", user, err)
				}
				return
			}
			fails(t, err, signin.BadCredentials)
			if w.identity("new@example.com") != nil {
				t.Error("an identity record was left behind")
			}
			if a, err := w.eng.FindAccount(t.Context(), w.app(), "", "new@example.com"); err != nil || a.User != nil {
				t.Errorf("a user was left behind: %v, %v", a.User, err)
			}
		})
	}
}

func TestUnverifiedUserIsMadeButRefused(t *testing.T) {
	w := newWorld(t, func(o *signin.Options) { o.AllowUnverified = false })
	_, err := w.signIn("password", "new@example.com:New:secret-pass")
	fails(t, err, "is locked.")
	if o := w.identity("new@example.com"); o == nil || !functions.CheckPassword("secret-pass", o.Text("password")) {
		t.Error("the account was not made, or with another password")
	}
}

func TestAppsThatMayNotBeUsed(t *testing.T) {
	w := newWorld(t, nil)
	ann := w.user("ann@example.com")
	session, err := w.users.Issue(t.Context(), signin.Admitted(w.app(), ann))
	if err != nil {
		t.Fatal(err)
	}
	w.set(func(o *para.Object) error { return o.Set("active", false) })
	if _, err := w.signIn("password", "ann@example.com::secret-pass"); para.CodeOf(err) != para.Denied {
		t.Errorf("sign-in: %v", err)
	}
	if _, err := w.users.Refresh(t.Context(), w.app(), session.User); para.CodeOf(err) != para.Denied {
		t.Errorf("refresh: %v", err)
	}
	w.set(func(o *para.Object) error {
		if err := o.Set("readOnly", true); err != nil {
			return err
		}
		return o.Set("active", true)
	})
	user, err := w.signIn("password", "ann@example.com::secret-pass")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.users.Issue(t.Context(), signin.Admitted(w.app(), user)); err != nil {
		t.Fatal(err)
	}
	if !w.holds(session.Token.Token) {
		t.Error("a sign-in to a read-only app renewed the token secret")
	}
}

func TestOneSession(t *testing.T) {
	w := newWorld(t, nil)
	ann := w.user("ann@example.com")
	first, err := w.users.Issue(t.Context(), signin.Admitted(w.app(), ann))
	if err != nil {
		t.Fatal(err)
	}
	second, err := w.users.Refresh(t.Context(), w.app(), first.User)
	if err != nil {
		t.Fatal(err)
	}
	if w.holds(first.Token.Token) || !w.holds(second.Token.Token) {
		t.Error("the first token has to be dead, the second alive")
	}
	_, err = w.users.Refresh(t.Context(), w.app(), first.User)
	fails(t, err, signin.BadCredentials)
	if !w.holds(second.Token.Token) {
		t.Error("a refused refresh renewed the token secret")
	}
	if err := w.users.Revoke(t.Context(), w.app(), second.User); err != nil {
		t.Fatal(err)
	}
	if w.holds(second.Token.Token) {
		t.Error("a revoked token is alive")
	}
	w.set(func(o *para.Object) error {
		return o.Set("settings", map[string]any{"security.one_session_per_user": false})
	})
	third, err := w.users.Issue(t.Context(), signin.Admitted(w.app(), ann))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.users.Issue(t.Context(), signin.Admitted(w.app(), ann)); err != nil {
		t.Fatal(err)
	}
	if !w.holds(third.Token.Token) {
		t.Error("several sessions are allowed, but the earlier one is dead")
	}
}

// No token that parallel requests were given may be dead on arrival, as long as they overlap; the last one is always
// alive (D65).
func TestParallelRenewalsShareAToken(t *testing.T) {
	w := newWorld(t, nil)
	ann := w.user("ann@example.com")
	for range 20 {
		var mu sync.Mutex
		tokens := map[string]bool{}
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				s, err := w.users.Issue(context.Background(), signin.Admitted(w.app(), ann))
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				tokens[s.Token.Token] = true
				mu.Unlock()
			})
		}
		all.Wait()
		alive := 0
		for compact := range tokens {
			if w.holds(compact) {
				alive++
			}
		}
		if alive != 1 {
			t.Fatalf("%d of %d different tokens are alive, want the last one", alive, len(tokens))
		}
	}
}

func TestTakeover(t *testing.T) {
	w := newWorld(t, nil)
	victim := w.user("vic@example.com")
	before := victim.AppendJSON(nil)
	key := strings.Repeat("k", 40)
	forged, err := token.IssueID(token.Profile{AppID: w.id, Identifier: "fb:666", Email: "vic@example.com", Name: "Evil"}, key, time.Minute, w.clock.now())
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.signIn("passwordless", forged)
	fails(t, err, signin.BadCredentials)
	after, err := w.eng.User(t.Context(), w.app(), victim.ID())
	if err != nil {
		t.Fatal(err)
	}
	if string(after.AppendJSON(nil)) != string(before) || w.identity("fb:666") != nil {
		t.Error("a forged token changed the account of its victim")
	}
	w.set(func(o *para.Object) error { return o.Set("settings", map[string]any{"app_secret_key": key}) })
	user, err := w.signIn("passwordless", forged)
	if err != nil {
		t.Fatal(err)
	}
	if user.ID() != victim.ID() || user.Text("identifier") != "fb:666" || user.Name() != "Evil" || w.identity("fb:666") == nil {
		t.Errorf("a good token of the app's own key was not followed: %s", user.AppendJSON(nil))
	}
}

func TestIdentifierOfSomethingElse(t *testing.T) {
	w := newWorld(t, nil)
	p := access.Principal{Kind: access.App, App: w.app()}
	other := para.New("cat")
	other.SetID("custom:1")
	other.SetName("Tom")
	if _, err := w.eng.Create(t.Context(), p, other); err != nil {
		t.Fatal(err)
	}
	w.user("ann@example.com")
	key := strings.Repeat("k", 40)
	w.set(func(o *para.Object) error { return o.Set("settings", map[string]any{"app_secret_key": key}) })
	for _, email := range []string{"ann@example.com", "new@example.com"} {
		compact, err := token.IssueID(token.Profile{AppID: w.id, Identifier: "custom:1", Email: email, Name: "Joe"}, key, time.Minute, w.clock.now())
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.signIn("passwordless", compact)
		fails(t, err, signin.BadCredentials)
	}
	r, err := w.eng.Read(t.Context(), p, "cat", "custom:1")
	if err != nil || !strings.HasPrefix(r.URI(), "/cat/") {
		t.Errorf("the cat is gone: %v", err)
	}
}

// An identity record whose user is gone belongs to nobody: whoever signs up next gets the identifier.
func TestOrphanedIdentity(t *testing.T) {
	w := newWorld(t, nil)
	p := access.Principal{Kind: access.App, App: w.app()}
	orphan := para.New("sysprop")
	orphan.SetID("new@example.com")
	orphan.SetName(para.IdentityName)
	orphan.SetCreatorID("gone")
	if _, err := w.eng.Create(t.Context(), p, orphan); err != nil {
		t.Fatal(err)
	}
	user, err := w.signIn("password", "new@example.com:New:secret-pass")
	if err != nil {
		t.Fatal(err)
	}
	if got := w.identity("new@example.com").CreatorID(); got != user.ID() {
		t.Errorf("the identifier belongs to %q", got)
	}
}

func TestPasswordOfMakesNobody(t *testing.T) {
	w := newWorld(t, nil)
	w.user("ann@example.com")
	if _, err := w.users.PasswordOf(t.Context(), w.app(), "Ann@Example.com", "secret-pass"); err != nil {
		t.Error(err)
	}
	for _, c := range [][2]string{{"zoe@example.com", "secret-pass"}, {"ann@example.com", "wrong"}, {"ann@example.com", ""}, {"ann", "secret-pass"}, {"", ""}} {
		_, err := w.users.PasswordOf(t.Context(), w.app(), c[0], c[1])
		fails(t, err, signin.BadCredentials)
	}
	if w.identity("zoe@example.com") != nil {
		t.Error("an account was made")
	}
}

func TestUnknownProviders(t *testing.T) {
	w := newWorld(t, nil)
	for _, provider := range []string{"", "nope", "saml", "mattermost", "facebook", "ldap"} {
		_, err := w.signIn(provider, "x")
		fails(t, err, signin.BadCredentials)
	}
}

// A token under the app's key alone would be the app's own as soon as its user is gone: users without a token secret get
// one first, or no token.
func TestUserWithoutTokenSecret(t *testing.T) {
	w := newWorld(t, nil)
	ann := w.user("ann@example.com")
	forget := func() *para.Object {
		user, err := w.eng.ChangeUser(t.Context(), w.app(), ann.ID(), nil, func(o *para.Object) (bool, error) {
			o.Remove("tokenSecret")
			return true, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return user
	}
	isApps := func(compact string) bool {
		u, err := token.ParseProfile(compact)
		if err != nil {
			t.Fatal(err)
		}
		_, err = u.Verify(w.app().Secret, w.clock.now())
		return err == nil
	}
	session, err := w.users.Issue(t.Context(), signin.Admitted(w.app(), forget()))
	if err != nil || isApps(session.Token.Token) || !w.holds(session.Token.Token) {
		t.Errorf("token: %v", err)
	}
	id, err := w.users.IDToken(t.Context(), signin.Admitted(w.app(), forget()))
	if err != nil || isApps(id) {
		t.Errorf("ID token: %v", err)
	}
	user := forget()
	w.set(func(o *para.Object) error { return o.Set("readOnly", true) })
	_, err = w.users.Issue(t.Context(), signin.Admitted(w.app(), user))
	fails(t, err, signin.BadCredentials)
	_, err = w.users.IDToken(t.Context(), signin.Admitted(w.app(), user))
	fails(t, err, signin.BadCredentials)
}
