package signin_test

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/signin"
)

func withReset(o *signin.Options) { o.ResetTimeout = 30 * time.Minute }

func (w *world) reset(token, password string) bool {
	w.t.Helper()
	ok, err := w.users.ResetPassword(context.Background(), w.app(), "ann@example.com", token, password)
	if err != nil {
		w.t.Fatal(err)
	}
	return ok
}

func (w *world) resetToken() string {
	w.t.Helper()
	token, err := w.users.ResetToken(context.Background(), w.app(), "ann@example.com")
	if err != nil || len(token) != 56 {
		w.t.Fatalf("token %q: %v", token, err)
	}
	return token
}

func TestResetPassword(t *testing.T) {
	w := newWorld(t, withReset)
	w.user("ann@example.com")
	ann, err := w.signIn("password", "ann@example.com::secret-pass")
	if err != nil {
		t.Fatal(err)
	}
	session, err := w.users.Issue(t.Context(), signin.Admitted(w.app(), ann))
	if err != nil {
		t.Fatal(err)
	}
	for range 3 { // the account is locked
		_, _ = w.signIn("password", "ann@example.com::wrong-pass")
	}
	first := w.resetToken()
	token := w.resetToken()
	for name, tt := range map[string]struct{ token, password string }{
		"earlier token": {first, "another-pass"}, "blank token": {"", "another-pass"}, "wrong token": {token[1:] + "x", "another-pass"},
		"blank password": {token, "        "}, "short password": {token, "short"}, "long password": {token, strings.Repeat("x", 73)},
	} {
		if w.reset(tt.token, tt.password) {
			t.Errorf("%s: accepted", name)
		}
	}
	if !w.reset(token, "another-pass") {
		t.Fatal("the token does not work")
	}
	if w.reset(token, "third-password") {
		t.Error("the token works twice")
	}
	identity := w.identity("ann@example.com")
	for _, name := range []string{"token", "token_ts", "lockedUntil"} {
		if _, has := identity.Raw(name); has {
			t.Errorf("%s is still there", name)
		}
	}
	if identity.Votes() != 0 {
		t.Errorf("%d failures", identity.Votes())
	}
	if w.holds(session.Token.Token) {
		t.Error("a session outlives the password")
	}
	if _, err := w.signIn("password", "ann@example.com::another-pass"); err != nil {
		t.Errorf("the new password: %v", err)
	}
	_, err = w.signIn("password", "ann@example.com::secret-pass")
	fails(t, err, signin.BadCredentials)
}

// A token ends after its time, and failed sign-ins do not prolong it (D86).
func TestResetTokenExpires(t *testing.T) {
	w := newWorld(t, withReset)
	w.user("ann@example.com")
	token := w.resetToken()
	w.clock.advance(29 * time.Minute)
	_, err := w.signIn("password", "ann@example.com::wrong-pass")
	fails(t, err, signin.BadCredentials)
	w.clock.advance(61 * time.Second)
	if w.reset(token, "another-pass") {
		t.Error("the token outlives its time")
	}
	token = w.resetToken()
	w.clock.advance(29 * time.Minute)
	if !w.reset(token, "another-pass") {
		t.Error("a fresh token does not work")
	}
}

// What an application wrote itself counts from the last change of the record, as in the Java server (A 13.4).
func TestResetTokenOfAnApplication(t *testing.T) {
	w := newWorld(t, withReset)
	w.user("ann@example.com")
	write := func() {
		err := w.eng.ChangeIdentity(t.Context(), w.app(), "ann@example.com", func(o *para.Object) (bool, error) { return true, o.Set("token", "by-the-app") })
		if err != nil {
			t.Fatal(err)
		}
	}
	write()
	w.clock.advance(31 * time.Minute)
	if w.reset("by-the-app", "another-pass") {
		t.Error("the token outlives its time")
	}
	write()
	_, err := w.signIn("password", "ann@example.com::wrong-pass")
	fails(t, err, signin.BadCredentials)
	write()
	if !w.reset("by-the-app", "another-pass") {
		t.Error("a fresh token does not work")
	}
}

// Of many requests with one token one succeeds.
func TestResetTokenWorksOnce(t *testing.T) {
	w := newWorld(t, withReset)
	w.user("ann@example.com")
	token := w.resetToken()
	var all sync.WaitGroup
	var successes atomic.Int32
	for range 6 {
		all.Go(func() {
			if ok, err := w.users.ResetPassword(context.Background(), w.app(), "ann@example.com", token, "another-pass"); err != nil {
				t.Error(err)
			} else if ok {
				successes.Add(1)
			}
		})
	}
	all.Wait()
	if n := successes.Load(); n != 1 {
		t.Errorf("%d requests succeeded", n)
	}
}

func TestConfirm(t *testing.T) {
	w := newWorld(t, func(o *signin.Options) { withReset(o); o.AllowUnverified = false })
	_, err := w.signIn("password", "new@example.com:New:secret-pass")
	fails(t, err, "is locked")
	confirm := func(identifier, token string) bool {
		t.Helper()
		ok, err := w.users.Confirm(t.Context(), w.app(), identifier, token)
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	token, err := w.users.ConfirmationToken(t.Context(), w.app(), "new@example.com")
	if err != nil || len(token) != 59 {
		t.Fatalf("token %q: %v", token, err)
	}
	if confirm("new@example.com", token+"x") || confirm("new@example.com", "") || confirm("nobody@example.com", token) {
		t.Error("a wrong token confirms")
	}
	if ok, err := w.users.ResetPassword(t.Context(), w.app(), "new@example.com", token, "another-pass"); ok || err != nil {
		t.Errorf("a token for an address sets a password: %v", err)
	}
	if !confirm("new@example.com", token) {
		t.Fatal("the token does not work")
	}
	if confirm("new@example.com", token) {
		t.Error("the token works twice")
	}
	if _, err := w.signIn("password", "new@example.com::secret-pass"); err != nil {
		t.Errorf("the user is not active: %v", err)
	}
	if token, err := w.users.ConfirmationToken(t.Context(), w.app(), "nobody@example.com"); token != "" || err != nil {
		t.Errorf("token for nobody: %q %v", token, err)
	}
}

// The limit of one identifier (D87): beyond it nothing is compared or counted.
func TestLimitOfAnIdentifier(t *testing.T) {
	w := newWorld(t, func(o *signin.Options) { o.LimitPerIdentifier, o.MaxAttempts = 2, 20 })
	w.user("ann@example.com")
	w.user("bob@example.com")
	for range 2 {
		_, err := w.signIn("password", "ann@example.com::wrong-pass")
		fails(t, err, signin.BadCredentials)
	}
	if _, err := w.signIn("password", "ann@example.com::secret-pass"); para.CodeOf(err) != para.Busy {
		t.Errorf("the third attempt: %v", err)
	}
	if n := w.identity("ann@example.com").Votes(); n != 2 {
		t.Errorf("%d failures were counted", n)
	}
	if _, err := w.signIn("password", "bob@example.com::secret-pass"); err != nil {
		t.Errorf("somebody else: %v", err)
	}
	w.clock.advance(2 * time.Minute)
	if _, err := w.signIn("password", "ann@example.com::secret-pass"); err != nil {
		t.Errorf("after the minute: %v", err)
	}
}

// In an app that is read-only nothing is written, so no token is made and none works (D63).
func TestNoResetInReadOnlyApps(t *testing.T) {
	w := newWorld(t, withReset)
	w.user("ann@example.com")
	token := w.resetToken()
	w.set(func(o *para.Object) error { return o.Set("readOnly", true) })
	if w.reset(token, "another-pass") {
		t.Error("a password was set")
	}
	if token, err := w.users.ResetToken(t.Context(), w.app(), "ann@example.com"); token != "" || err != nil {
		t.Errorf("token %q: %v", token, err)
	}
	w.set(func(o *para.Object) error { return o.Set("active", false) })
	if _, err := w.users.ResetToken(t.Context(), w.app(), "ann@example.com"); para.CodeOf(err) != para.Denied {
		t.Errorf("inactive app: %v", err)
	}
}
