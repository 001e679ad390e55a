package functions

import (
	"errors"
	"net/url"
	"strings"
)

// EncodeURL writes s as HTML forms do, in UTF-8: letters, digits and . - * _ stay, a space becomes + and every other byte
// %XX (O 20.11).
func EncodeURL(s string) string {
	// The standard library differs in two characters: it encodes the star and keeps the tilde.
	return strings.NewReplacer("%2A", "*", "~", "%7E").Replace(url.QueryEscape(s))
}

// DecodeURL reads the form EncodeURL writes (O 20.11). A bad escape is an error.
func DecodeURL(s string) (string, error) {
	d, err := url.QueryUnescape(s)
	if err != nil {
		return "", errors.New("decode form text: a % must be followed by two hexadecimal digits")
	}
	return d, nil
}
