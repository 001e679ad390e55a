package signin

import (
	"context"
	"strings"

	para "github.com/erudika/para-go"
)

// PasswordMatches says whether a bcrypt hash that something else keeps, such as a directory, was made from a password. It
// takes its turn among the passwords that are being checked, and returns an error of code Busy when too many wait.
func (s *Service) PasswordMatches(ctx context.Context, password, hash string) (bool, error) {
	return s.hasher.matches(ctx, password, hash)
}

// AdmitPassword says whether one more password may be tried for an identifier whose passwords something else keeps; an
// error of code Busy when too many were tried (D87).
func (s *Service) AdmitPassword(app *para.App, identifier string) error {
	if s.identifiers.admit(app.Identifier + " " + strings.ToLower(identifier)) {
		return nil
	}
	return errBusy()
}
