package signin

import (
	"context"
	"strings"

	para "github.com/erudika/para-go"
)

// Factor says what the second factor of a user is like.
type Factor struct {
	Active      bool // one-time codes are asked for
	BackupCodes int  // that are left
	Passkeys    int
	Required    bool  // by the app
	LockedUntil int64 // milliseconds; 0 when codes are looked at
}

// FactorOf describes the second factor of a user.
func (s *Service) FactorOf(app *para.App, user *para.Object) Factor {
	a := authenticatorsOf(user)
	f := Factor{Active: hasCodes(user), Passkeys: len(a.Passkeys), Required: app.SecondFactor == para.SecondFactorRequired}
	if f.Active {
		f.BackupCodes = len(strings.Fields(user.Text("twoFAbackupKeyHash")))
	}
	if a.LockedUntil > s.eng.Now().UnixMilli() {
		f.LockedUntil = a.LockedUntil
	}
	return f
}

// Enrol begins to set up one-time codes for a user who is signed in. Nothing is stored before ConfirmEnrolment shows that
// the authenticator app has the secret. An error of code Invalid when the user has codes already.
func (s *Service) Enrol(app *para.App, user *para.Object) (*SecondFactorNeeded, error) {
	if hasCodes(user) {
		return nil, para.Errorf(para.Invalid, "The second factor is active already: switch it off first.")
	}
	return s.challenge(app, user, enrolChallenge, ""), nil
}

// ConfirmEnrolment sets up one-time codes with the first of them. All sessions of the user end; the admission is for a new one,
// and has the backup codes. It fails as Answer does.
func (s *Service) ConfirmEnrolment(ctx context.Context, app *para.App, user *para.Object, text, code string) (*Admission, error) {
	c, holds, ok := readChallenge(text)
	if !ok || c.Kind != enrolChallenge || c.User != user.ID() {
		return nil, &Failure{Cause: ChallengeIsVoid}
	}
	return s.answer(ctx, app, c, holds, code)
}

// Disable switches one-time codes off for a user who shows one, or a backup code. An error of code Invalid when the app requires
// a second factor and there is no passkey.
func (s *Service) Disable(ctx context.Context, app *para.App, user *para.Object, code string) error {
	_, err := s.withCode(ctx, app, user, code, func(user *para.Object) error {
		if app.SecondFactor == para.SecondFactorRequired && !hasPasskeys(app, user) {
			return para.Errorf(para.Invalid, "The app requires a second factor.")
		}
		return removeCodes(user)
	})
	return err
}

// NewBackupCodes replaces the backup codes of a user who shows a code.
func (s *Service) NewBackupCodes(ctx context.Context, app *para.App, user *para.Object, code string) ([]string, error) {
	codes := newBackupCodes()
	hashes := hashBackupCodes(user.ID(), codes)
	_, err := s.withCode(ctx, app, user, code, func(user *para.Object) error { return user.Set("twoFAbackupKeyHash", hashes) })
	if err != nil {
		return nil, err
	}
	return codes, nil
}

// withCode changes a user who shows a code of its second factor. then can refuse with an error of code Invalid; the code was
// not used then.
func (s *Service) withCode(ctx context.Context, app *para.App, user *para.Object, code string, then func(*para.Object) error) (*para.Object, error) {
	leave, err := s.enter(ctx, app)
	if err != nil {
		return nil, err
	}
	defer leave()
	var refusal error
	changed, err := s.try(ctx, app, user.ID(), code, trial{
		admits: func(o *para.Object) error {
			switch {
			case !o.Bool("active"):
				return badCredentials()
			case !hasCodes(o):
				refusal = para.Errorf(para.Invalid, "The second factor is not active.")
				return refusal
			}
			return nil
		},
		then: func(o *para.Object) error {
			refusal = then(o)
			return refusal
		},
	})
	if refusal != nil {
		return nil, refusal
	}
	return changed, err
}

// ResetFactor removes the second factor of a user, its passkeys and its lock, for somebody who manages the app: the user has lost
// its device. All sessions of the user end. An error of code NotFound when there is no such user.
func (s *Service) ResetFactor(ctx context.Context, app *para.App, id string) error {
	leave, err := s.visit(ctx, app)
	if err != nil {
		return err
	}
	defer leave()
	_, err = s.eng.ChangeUser(ctx, app, id, nil, func(user *para.Object) (bool, error) {
		user.Remove("authenticators")
		if err := removeCodes(user); err != nil {
			return false, err
		}
		return true, user.Set("tokenSecret", para.NewTokenSecret())
	})
	return err
}

func removeCodes(user *para.Object) error {
	user.Remove("twoFAkey")
	user.Remove("twoFAbackupKeyHash")
	return user.Set("twoFA", false)
}
