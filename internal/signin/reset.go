package signin

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"strings"
	"time"
	"unicode/utf16"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/functions"
)

// mailedToken is a kind of token that a user gets by mail and that works once (A 13.3, O 10.6, D86). It is kept in the
// identity record, where applications read and write it too.
type mailedToken struct {
	property string
	issued   string // property with the time at which this server made the token, in milliseconds
	make     func() string
}

var (
	resetToken        = mailedToken{"token", "token_ts", func() string { return functions.SecurityToken(42, true) }}
	confirmationToken = mailedToken{"etoken", "etoken_ts", func() string { return functions.SecurityToken(44, true) }}
)

// ResetToken makes the token with which ResetPassword lets somebody set a new password for an identifier; an earlier one
// holds no longer. It is "" when the identifier signs in nobody, and in a read-only app.
func (s *Service) ResetToken(ctx context.Context, app *para.App, identifier string) (string, error) {
	return s.issue(ctx, app, identifier, resetToken)
}

// ConfirmationToken makes the token with which Confirm proves that an e-mail address is somebody's own, as ResetToken
// makes its own.
func (s *Service) ConfirmationToken(ctx context.Context, app *para.App, identifier string) (string, error) {
	return s.issue(ctx, app, identifier, confirmationToken)
}

func (s *Service) issue(ctx context.Context, app *para.App, identifier string, kind mailedToken) (string, error) {
	leave, err := s.enter(ctx, app)
	if err != nil {
		return "", err
	}
	defer leave()
	identity, err := s.eng.Identity(ctx, app, identifier)
	if err != nil || identity == nil || app.ReadOnly {
		return "", err
	}
	made, stored := kind.make(), false
	err = s.eng.ChangeIdentity(ctx, app, identifier, func(o *para.Object) (bool, error) {
		stored = true
		if err := o.Set(kind.property, made); err != nil {
			return false, err
		}
		return true, o.Set(kind.issued, s.eng.Now().UnixMilli())
	})
	if err != nil || !stored {
		return "", err
	}
	return made, nil
}

// holds says whether a token is the one of an identity record and still fresh. Tokens that an application wrote count
// from the last change of the record. The comparison takes the same time wherever the texts differ.
func (s *Service) holds(identity *para.Object, kind mailedToken, given string) bool {
	stored := identity.Text(kind.property)
	a, b := sha256.Sum256([]byte(stored)), sha256.Sum256([]byte(given))
	equal := subtle.ConstantTimeCompare(a[:], b[:]) == 1
	issued := identity.Int(kind.issued)
	if issued <= 0 {
		issued = identity.Updated()
	}
	fresh := time.UnixMilli(issued).Add(s.opts.ResetTimeout).After(s.eng.Now())
	return equal && fresh && strings.TrimSpace(stored) != "" && strings.TrimSpace(given) != ""
}

// ResetPassword sets a new password for an identifier if a token proves that its owner asks: once, and while it is fresh.
// The failure counter and a lock are cleared, and every session of the user ends (D86). It is false for wrong, used and
// old tokens, and for passwords that are blank, too short or longer than 72 bytes.
func (s *Service) ResetPassword(ctx context.Context, app *para.App, identifier, token, password string) (bool, error) {
	leave, err := s.enter(ctx, app)
	if err != nil {
		return false, err
	}
	defer leave()
	identity, err := s.eng.Identity(ctx, app, identifier)
	if err != nil || identity == nil || app.ReadOnly || !s.holds(identity, resetToken, token) {
		return false, err
	}
	if strings.TrimSpace(password) == "" || len(utf16.Encode([]rune(password))) < s.opts.MinPassword || len(password) > functions.MaxPasswordBytes {
		return false, nil
	}
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return false, err
	}
	used := false
	err = s.eng.ChangeIdentity(ctx, app, identifier, func(o *para.Object) (bool, error) {
		if used = s.holds(o, resetToken, token); !used { // somebody was faster
			return false, nil
		}
		for _, name := range [...]string{resetToken.property, resetToken.issued, "lockedUntil"} {
			o.Remove(name)
		}
		if err := o.Set("votes", 0); err != nil {
			return false, err
		}
		return true, o.Set("password", hash)
	})
	if err != nil || !used {
		return false, err
	}
	_, err = s.eng.ChangeUser(ctx, app, identity.CreatorID(), nil, func(o *para.Object) (bool, error) {
		return true, o.Set("tokenSecret", para.NewTokenSecret())
	})
	return err == nil, err
}

// Confirm makes the user of an identifier active if a token proves that it got mail there: once, and while it is fresh.
func (s *Service) Confirm(ctx context.Context, app *para.App, identifier, token string) (bool, error) {
	leave, err := s.enter(ctx, app)
	if err != nil {
		return false, err
	}
	defer leave()
	identity, err := s.eng.Identity(ctx, app, identifier)
	if err != nil || identity == nil || app.ReadOnly || !s.holds(identity, confirmationToken, token) {
		return false, err
	}
	// The user comes first: a crash between the two must not use up the token for nothing.
	_, err = s.eng.ChangeUser(ctx, app, identity.CreatorID(), nil, func(o *para.Object) (bool, error) {
		return !o.Bool("active"), o.Set("active", true)
	})
	if err != nil {
		if para.CodeOf(err) == para.NotFound {
			return false, nil
		}
		return false, err
	}
	used := false
	err = s.eng.ChangeIdentity(ctx, app, identifier, func(o *para.Object) (bool, error) {
		if used = s.holds(o, confirmationToken, token); !used {
			return false, nil
		}
		o.Remove(confirmationToken.property)
		o.Remove(confirmationToken.issued)
		return true, nil
	})
	return used, err
}
