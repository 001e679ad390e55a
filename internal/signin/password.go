package signin

import (
	"context"
	"strings"
	"time"
	"unicode/utf16"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/engine"
	"github.com/erudika/para-go/internal/functions"
)

// maxPasswordLength is the longest password that is looked at at all, in UTF-16 units (A 13.1).
const maxPasswordLength = 5000

// password signs in, or up, with a token of the form address:name:password (A 7.5). It proves one factor.
func (s *Service) password(ctx context.Context, app *para.App, providerToken string) (user *para.Object, complete bool, err error) {
	email, name, password, ok := splitPassword(providerToken, s.opts.Separator)
	if !ok || strings.TrimSpace(email) == "" {
		return nil, false, badCredentials()
	}
	user, err = s.signInOrUp(ctx, app, email, name, password)
	if engine.Registered(err) { // by another request meanwhile: then this one signs in
		user, err = s.signInOrUp(ctx, app, email, name, password)
	}
	return user, false, err
}

func (s *Service) signInOrUp(ctx context.Context, app *para.App, email, name, password string) (*para.Object, error) {
	account, err := s.eng.FindAccount(ctx, app, email, email)
	if err != nil {
		return nil, err
	}
	if account.User == nil {
		return s.signUp(ctx, app, email, name, password)
	}
	if err := s.checkPassword(ctx, app, email, password); err != nil {
		return nil, err
	}
	if account.Identity == nil {
		return nil, badCredentials() // the address belongs to somebody, but no password was ever set for it
	}
	return s.adopt(ctx, app, account, email, nil)
}

// splitPassword reads the token of the password provider: an address in small letters, a name, a password that may hold
// separators (A 7.5).
func splitPassword(text, separator string) (email, name, password string, ok bool) {
	if !strings.Contains(text, separator) {
		return "", "", "", false
	}
	parts := strings.SplitN(text, separator, 3)
	email = strings.ToLower(parts[0])
	if len(parts) > 1 {
		name = strings.TrimSpace(parts[1])
	}
	if len(parts) > 2 {
		password = parts[2]
	}
	return email, name, password, true
}

// PasswordOf signs in with a password without ever making an account (A 9.5).
func (s *Service) PasswordOf(ctx context.Context, app *para.App, email, password string) (*Admission, error) {
	leave, err := s.enter(ctx, app)
	if err != nil {
		return nil, err
	}
	defer leave()
	email = strings.ToLower(email)
	if !strings.Contains(email, "@") {
		return nil, badCredentials()
	}
	account, err := s.eng.FindAccount(ctx, app, email, "")
	if err != nil {
		return nil, err
	}
	if err := s.checkPassword(ctx, app, email, password); err != nil {
		return nil, err
	}
	if account.User == nil {
		return nil, badCredentials()
	}
	user, err := s.adopt(ctx, app, account, email, nil)
	if err != nil {
		return nil, s.refused(err)
	}
	return s.admit(app, user, "password")
}

// signUp makes an account with a password (A 7.5). The user is active at once only where addresses need no verification.
func (s *Service) signUp(ctx context.Context, app *para.App, email, name, password string) (*para.Object, error) {
	blank := strings.TrimSpace(password) == ""
	switch {
	case app.ReadOnly,
		!s.setting(app, "security.allow_password_signup", s.opts.AllowSignUp),
		!functions.ValidEmail(email),
		!blank && len(utf16.Encode([]rune(password))) < s.opts.MinPassword,
		len(password) > functions.MaxPasswordBytes:
		return nil, badCredentials()
	}
	var hash string
	if !blank { // a blank password never matches: such an account has none (A 6.3)
		var err error
		if hash, err = s.hasher.hash(ctx, password); err != nil {
			return nil, err
		}
	}
	user, err := newUser(Profile{Identifier: email, Email: email, Name: name})
	if err != nil {
		return nil, err
	}
	if err := user.Set("active", s.setting(app, "security.allow_unverified_emails", s.opts.AllowUnverified)); err != nil {
		return nil, err
	}
	return s.eng.SignUp(ctx, app, user, hash)
}

// checkPassword compares a password with the one of an identifier and counts failures (A 13.2, D82): after too many the
// account is locked, and while it is locked nothing is compared or counted. It returns nil when the password is right, a
// *Failure when it is not.
func (s *Service) checkPassword(ctx context.Context, app *para.App, identifier, password string) error {
	if strings.TrimSpace(password) == "" || len(utf16.Encode([]rune(password))) > maxPasswordLength {
		return badCredentials()
	}
	if !s.identifiers.admit(app.Identifier + " " + identifier) {
		return errBusy()
	}
	unlock, err := s.attempts.lock(ctx, app.Identifier+" "+identifier)
	if err != nil {
		return err
	}
	defer unlock()
	identity, err := s.eng.Identity(ctx, app, identifier)
	if err != nil {
		return err
	}
	if identity == nil {
		if _, err := s.hasher.matches(ctx, password, ""); err != nil {
			return err
		}
		return badCredentials()
	}
	now := s.eng.Now()
	if until := s.lockedUntil(identity, now); until > 0 {
		if err := s.change(ctx, app, identity, until, identity.Votes()); err != nil {
			return err
		}
		return &Failure{Cause: "Too many attempts - account " + identity.CreatorID() + " (" + app.Identifier + "/" + identifier + ") is locked."}
	}
	ok, err := s.hasher.matches(ctx, password, identity.Text("password"))
	if err != nil {
		return err
	}
	if ok {
		return s.change(ctx, app, identity, 0, 0)
	}
	failures := int64(1)
	if identity.Int("lockedUntil") <= 0 { // else a lock is over, and counting starts again
		failures += identity.Votes()
	}
	var until int64
	if failures >= int64(s.opts.MaxAttempts) {
		until = now.Add(s.opts.LockPeriod).UnixMilli()
	}
	// The failure is counted even if the client does not wait for the answer.
	if err := s.change(context.WithoutCancel(ctx), app, identity, until, failures); err != nil {
		return err
	}
	return badCredentials()
}

// lockedUntil returns the end of an account's lock in milliseconds, 0 when it has none now. Locks that lie further ahead
// than the period of the options count as if they began now (D82).
func (s *Service) lockedUntil(identity *para.Object, now time.Time) int64 {
	until := identity.Int("lockedUntil")
	if until <= now.UnixMilli() {
		return 0
	}
	return min(until, now.Add(s.opts.LockPeriod).UnixMilli())
}

// change writes the lock and the count of failures of an identity record if they differ from what it holds; a record of a
// read-only app stays as it is (D63).
func (s *Service) change(ctx context.Context, app *para.App, seen *para.Object, lockedUntil, failures int64) error {
	differs := func(o *para.Object) bool {
		_, has := o.Raw("lockedUntil")
		return o.Votes() != failures || o.Int("lockedUntil") != lockedUntil || has != (lockedUntil > 0)
	}
	if app.ReadOnly || !differs(seen) {
		return nil
	}
	return s.eng.ChangeIdentity(ctx, app, seen.ID(), func(o *para.Object) (bool, error) {
		if !differs(o) {
			return false, nil
		}
		if err := o.Set("votes", failures); err != nil {
			return false, err
		}
		if lockedUntil > 0 {
			return true, o.Set("lockedUntil", lockedUntil)
		}
		o.Remove("lockedUntil")
		return true, nil
	})
}
