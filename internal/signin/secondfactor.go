package signin

import (
	"context"
	"strings"
	"time"

	para "github.com/erudika/para-go"
)

const (
	codesUntilLock = 5              // wrong codes in a row that lock the second factor, again and again
	maxLock        = 24 * time.Hour // locks get longer, up to this
)

// Causes of a second factor that failed.
const (
	WrongCode       = "The code is wrong."
	LockedCode      = "Too many wrong codes - try again later, or use a backup code."
	ChallengeIsVoid = "The challenge does not hold any longer - sign in again."
)

// secondFactor signs in with a token of the form challenge:code.
func (s *Service) secondFactor(ctx context.Context, app *para.App, providerToken string) (*Admission, error) {
	i := strings.LastIndex(providerToken, s.opts.Separator)
	if i < 0 {
		return nil, badCredentials()
	}
	return s.Answer(ctx, app, providerToken[:i], providerToken[i+len(s.opts.Separator):])
}

// Answer admits the user whose challenge comes back with a code, and sets up the second factor where the challenge is for that.
// Each challenge and each code counts once. It returns a *Failure when the code is wrong, the second factor is locked or the
// challenge is void, which may be because it was answered already.
func (s *Service) Answer(ctx context.Context, app *para.App, text, code string) (*Admission, error) {
	c, holds, ok := readChallenge(text)
	if !ok {
		return nil, badCredentials()
	}
	return s.answer(ctx, app, c, holds, code)
}

// WayOf returns the way of signing in that a challenge goes on with. It is not verified.
func WayOf(text string) string {
	c, _, _ := readChallenge(text)
	return c.Way
}

func (s *Service) answer(ctx context.Context, app *para.App, c challenge, holds func(*para.App, *para.Object, time.Time) bool, code string) (*Admission, error) {
	leave, err := s.enter(ctx, app)
	if err != nil {
		return nil, err
	}
	defer leave()
	switch {
	case app.SecondFactor == para.SecondFactorOff:
		return nil, &Failure{Cause: ChallengeIsVoid}
	case app.ReadOnly:
		return nil, readOnly(app)
	}
	t := trial{admits: func(user *para.Object) error {
		if !holds(app, user, s.eng.Now()) || c.Kind != codeChallenge && c.Kind != enrolChallenge {
			return &Failure{Cause: ChallengeIsVoid}
		}
		_, err := active(app, user)
		return err
	}}
	var codes []string
	if c.Kind == enrolChallenge {
		secret := para.NewTokenSecret()
		t.key = func(user *para.Object) string { return c.secret(app, user) }
		t.then = func(user *para.Object) error {
			codes = c.backupCodes(app, user)
			return setAll(user, map[string]any{
				"twoFA": true, "twoFAkey": c.secret(app, user), "twoFAbackupKeyHash": hashBackupCodes(c.User, codes),
				"tokenSecret": secret, // sessions that began without the factor end
			})
		}
	}
	user, err := s.try(ctx, app, c.User, code, t)
	if err != nil {
		return nil, err
	}
	return &Admission{app: app, user: user, backupCodes: codes}, nil
}

// trial is what a code is tried for.
type trial struct {
	admits func(user *para.Object) error // refuses before the code is looked at; nothing is counted then
	then   func(user *para.Object) error // what a right code changes, in the same transaction; nil for nothing

	// key is the secret that a code has to be of while it is being set up: the user has no other one yet, backup codes do
	// not help, and wrong codes are not counted. nil stands for the secret that the user has.
	key func(user *para.Object) string
}

// try looks at a code of a user, one at a time for each user, counts wrong ones and locks the second factor after too many.
// Whether the code is right, whether it was used before, and what it changes is one transaction.
func (s *Service) try(ctx context.Context, app *para.App, id, code string, t trial) (*para.Object, error) {
	code = strings.TrimSpace(code)
	if code == "" || len(code) > maxCodeLength {
		return nil, &Failure{Cause: WrongCode}
	}
	key := app.Identifier + " second factor " + id
	if !s.identifiers.admit(key) {
		return nil, errBusy()
	}
	unlock, err := s.attempts.lock(ctx, key)
	if err != nil {
		return nil, err
	}
	defer unlock()
	seen, err := s.eng.User(ctx, app, id)
	switch {
	case err != nil:
		return nil, err
	case seen == nil:
		return nil, badCredentials()
	}
	if err := t.admits(seen); err != nil {
		return nil, err
	}
	matched := ""
	if t.key == nil {
		if matched, err = s.ownBackupCode(ctx, seen, code); err != nil {
			return nil, err
		}
	}
	now := s.eng.Now()
	var outcome error
	// A wrong code is counted even if the client does not wait for the answer.
	user, err := s.eng.ChangeUser(context.WithoutCancel(ctx), app, id, nil, func(user *para.Object) (changed bool, err error) {
		outcome = nil
		if err := t.admits(user); err != nil {
			return false, err
		}
		if changed, outcome, err = s.judge(user, code, matched, t, now); err != nil || outcome != nil || t.then == nil {
			return changed, err
		}
		return true, t.then(user)
	})
	if err != nil {
		return nil, s.refused(err)
	}
	return user, outcome
}

// judge says whether a code is right, and brings what is remembered of codes up to date.
func (s *Service) judge(user *para.Object, code, matched string, t trial, now time.Time) (changed bool, outcome, err error) {
	a := authenticatorsOf(user)
	digits := strings.NewReplacer(" ", "", "-", "").Replace(code)
	locked := t.key == nil && a.LockedUntil > now.UnixMilli()
	secret := decodeSecret(user.Text("twoFAkey"))
	if t.key != nil {
		secret = decodeSecret(t.key(user))
	}
	right := false
	if secret != nil && !locked && (t.key != nil || hasCodes(user)) {
		if step := matchCode(secret, digits, now, a.Step); step > 0 {
			a.Step, right = step, true
		}
	}
	if !right && t.key == nil && hasCodes(user) && (matched == "" || !locked) { // nobody guesses backup codes of this server
		rest, used := useBackupCode(user.Text("twoFAbackupKeyHash"), user.ID(), code, matched)
		if used {
			right = true
			if err := user.Set("twoFAbackupKeyHash", rest); err != nil {
				return false, nil, err
			}
		}
	}
	switch {
	case right:
		a.Failures, a.LockedUntil = 0, 0
	case locked:
		return false, &Failure{Cause: LockedCode}, nil
	case t.key != nil:
		return false, &Failure{Cause: WrongCode}, nil
	default:
		outcome = &Failure{Cause: WrongCode}
		a.Failures++
		if a.Failures%codesUntilLock == 0 {
			a.LockedUntil = now.Add(s.lockOf(a.Failures / codesUntilLock)).UnixMilli()
		}
	}
	return true, outcome, a.store(user)
}

// lockOf is how long the n-th lock in a row lasts: each twice as long as the one before, a day at most. Guessing six digits
// takes centuries then.
func (s *Service) lockOf(n int) time.Duration {
	lock := max(s.opts.LockPeriod, time.Minute)
	for i := 1; i < n && lock < maxLock; i++ {
		lock *= 2
	}
	return min(lock, max(maxLock, s.opts.LockPeriod))
}

// ownBackupCode returns the hash that an application stored and that a code fits, "" for none. It is compared outside of the
// transaction, since it takes long.
func (s *Service) ownBackupCode(ctx context.Context, user *para.Object, code string) (string, error) {
	if len(code) == codeDigits && strings.Trim(code, "0123456789") == "" || authenticatorsOf(user).LockedUntil > s.eng.Now().UnixMilli() {
		return "", nil
	}
	for _, hash := range bcryptHashes(user.Text("twoFAbackupKeyHash")) {
		ok, err := s.hasher.matches(ctx, code, hash)
		if err != nil || ok {
			return hash, err
		}
	}
	return "", nil
}

func setAll(o *para.Object, members map[string]any) error {
	for name, v := range members {
		if err := o.Set(name, v); err != nil {
			return err
		}
	}
	return nil
}
