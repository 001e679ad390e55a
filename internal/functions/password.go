package functions

import (
	"errors"
	"strings"

	"golang.org/x/crypto/bcrypt"
)

// MaxPasswordBytes is the longest password bcrypt can tell apart, in UTF-8 bytes (O 20.3).
const MaxPasswordBytes = 72

// passwordCost is the bcrypt work factor of new hashes; existing hashes keep theirs.
const passwordCost = 12

// ErrPasswordTooLong is returned by HashPassword for more than MaxPasswordBytes bytes.
var ErrPasswordTooLong = errors.New("password is longer than 72 bytes")

// HashPassword returns the bcrypt hash of password in the form $2b$12$… (O 20.3). The empty password can be hashed but
// never checked successfully.
func HashPassword(password string) (string, error) {
	return hashPassword(password, passwordCost)
}

func hashPassword(password string, cost int) (string, error) {
	if len(password) > MaxPasswordBytes {
		return "", ErrPasswordTooLong
	}
	h, err := bcrypt.GenerateFromPassword([]byte(password), cost)
	if err != nil {
		return "", errors.New("hash password: " + err.Error())
	}
	// Up to 72 bytes versions 2a and 2b are the same function; stored hashes carry the newer name.
	return "$2b$" + string(h[len("$2a$"):]), nil
}

// CheckPassword says whether hash was made from password, in constant time for hashes of one cost. Blank passwords and
// hashes, passwords over 72 bytes and malformed hashes never match; versions 2a, 2b, 2x and 2y of any cost are read
// (O 20.3).
func CheckPassword(password, hash string) bool {
	if isBlank(password) || len(password) > MaxPasswordBytes || len(hash) != 60 {
		return false
	}
	switch hash[:4] {
	case "$2a$", "$2b$", "$2x$", "$2y$":
	default:
		return false
	}
	return bcrypt.CompareHashAndPassword([]byte(hash), []byte(password)) == nil
}

// isBlank says whether s is empty or white space only, where no-break spaces count as text as they do for Java.
func isBlank(s string) bool {
	return strings.TrimFunc(s, isJavaWhitespace) == ""
}
