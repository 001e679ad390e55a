package functions

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// ValidEmail says whether the whole of s has the form of an e-mail address: letters, digits and . % ' + _ - before the @,
// letters, digits, dots and dashes after it, and a last part of 2 to 20 characters that are no white space (O 20.5).
func ValidEmail(s string) bool {
	at := strings.IndexByte(s, '@')
	if at < 1 || !all(s[:at], isEmailLocal) {
		return false
	}
	domain := s[at+1:]
	// The last part may itself contain dots and signs, so every dot is a candidate for the border.
	for i := 0; i < len(domain) && isHostByte(domain[i]); i++ {
		if domain[i] == '.' && i > 0 && isTopLevel(domain[i+1:]) {
			return true
		}
	}
	return false
}

// ValidUserEmail says whether s may be the e-mail address of a user: ValidEmail and the stricter form of local part and
// domain that the validation of users asks for (O 20.5).
func ValidUserEmail(s string) bool {
	if !ValidEmail(s) {
		return false
	}
	at := strings.LastIndexByte(s, '@')
	return validLocalPart(s[:at]) && validDomain(s[at+1:])
}

func all(s string, ok func(byte) bool) bool {
	for i := 0; i < len(s); i++ {
		if !ok(s[i]) {
			return false
		}
	}
	return true
}

func isAlphanumeric(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

func isEmailLocal(c byte) bool { return isAlphanumeric(c) || strings.IndexByte(".%'+_-", c) >= 0 }

func isHostByte(c byte) bool { return isAlphanumeric(c) || c == '.' || c == '-' }

func isTopLevel(s string) bool {
	if strings.ContainsAny(s, " \t\n\v\f\r") || !utf8.ValidString(s) {
		return false
	}
	n := utf8.RuneCountInString(s)
	return n >= 2 && n <= 20
}

const (
	maxLocalPart = 64  // characters
	maxDomain    = 255 // bytes of the ASCII form
	maxLabel     = 63  // bytes of the ASCII form
)

func validLocalPart(s string) bool {
	if utf8.RuneCountInString(s) > maxLocalPart {
		return false
	}
	for s != "" {
		var ok bool
		if s, ok = cutAtom(s); !ok {
			return false
		}
		if s == "" {
			return true
		}
		if s[0] != '.' {
			return false
		}
		s = s[1:]
	}
	return false
}

// cutAtom removes one atom or quoted string from the start of s; false when there is none.
func cutAtom(s string) (rest string, ok bool) {
	if s[0] != '"' {
		end := strings.IndexFunc(s, func(r rune) bool { return !isAtomRune(r) })
		if end < 0 {
			return "", true
		}
		return s[end:], end > 0
	}
	for i := 1; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '"':
			return s[i+1:], i > 1
		case r == '\\':
			if i+1 >= len(s) || s[i+1] != '\\' && s[i+1] != '"' {
				return s, false
			}
			n = 2
		case !isAtomRune(r) && (r > '~' || !strings.ContainsRune(" .(),<>[]:;@", r)):
			return s, false
		}
		i += n
	}
	return s, false
}

func isAtomRune(r rune) bool {
	if r < utf8.RuneSelf {
		return isAlphanumeric(byte(r)) || strings.ContainsRune("!#$%&'*+/=?^_`{|}~-", r)
	}
	return r <= 0xffff && r != utf8.RuneError
}

func validDomain(s string) bool {
	if literal, ok := strings.CutPrefix(s, "["); ok {
		literal, ok = strings.CutSuffix(literal, "]")
		return ok && validAddressLiteral(literal)
	}
	for _, label := range strings.Split(s, ".") {
		if label == "" || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		if strings.ContainsFunc(label, func(r rune) bool { return !isAtomRune(r) }) {
			return false
		}
		ascii, err := idna.Punycode.ToASCII(label)
		if err != nil || len(ascii) > maxLabel {
			return false
		}
	}
	ascii, err := idna.Punycode.ToASCII(s)
	return err == nil && len(ascii) <= maxDomain
}
