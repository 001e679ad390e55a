package signin

import "context"

// PasswordMatches says whether a bcrypt hash that something else keeps, such as a directory, was made from a password. It
// takes its turn among the passwords that are being checked, and returns an error of code Busy when too many wait.
func (s *Service) PasswordMatches(ctx context.Context, password, hash string) (bool, error) {
	return s.hasher.matches(ctx, password, hash)
}
