// Package token makes and checks the JSON web tokens of Para (A 4): super tokens, which equal a signed request of an
// app, user tokens and ID tokens. They are signed with HMAC-SHA256 and nothing else (D61).
package token

import (
	"errors"
	"fmt"
	"time"
)

const (
	// MaxSize bounds the length of a token in bytes; the server's own have 200 to 600.
	MaxSize = 16 << 10
	// MinKey is the number of bytes that a key must have at least (A 4.1).
	MinKey = 32
	// Leeway is how far a token's nbf may lie ahead (D61). There is none for exp.
	Leeway = 5 * time.Second
)

// ErrInvalid is wrapped by every error about a token that was received. Clients are told nothing more (D61, D15); the
// text around it is for the log and contains nothing of the token.
var ErrInvalid = errors.New("invalid token")

// ErrKeyTooShort is returned when a token is to be made with a key under MinKey bytes.
var ErrKeyTooShort = fmt.Errorf("the key of a token needs at least %d bytes", MinKey)

func invalid(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrInvalid}, args...)...)
}

// Key returns the key of a user's tokens: the text of the app's secret followed by that of the user's token secret. With
// an empty token secret it is the key of super tokens (A 4.1).
func Key(appSecret, tokenSecret string) string { return appSecret + tokenSecret }
