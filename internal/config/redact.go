package config

import (
	"regexp"
	"strings"
)

// Redacted stands for a value that must not be shown.
const Redacted = "<redacted>"

var (
	userinfo = regexp.MustCompile(`(://[^/?#@:\s]*:)[^/?#\s]*@`)
	pairs    = regexp.MustCompile(`(?i)((?:password|passwd|pwd|secret|token)=)[^&;,\s]+`)
)

// Redact returns the text of an option in the form that may be shown: Redacted for sensitive names (C 3.5) and for texts
// that look like keys (C 12.7), addresses without the password they carry. Blank values stay blank.
func Redact(name, text string) string {
	if strings.TrimSpace(text) == "" {
		return text
	}
	if Sensitive(name) || looksLikeKey(text) {
		return Redacted
	}
	text = userinfo.ReplaceAllString(text, "${1}"+Redacted+"@")
	return pairs.ReplaceAllString(text, "${1}"+Redacted)
}

// looksLikeKey reports whether text is longer than 32 characters and Base64 or hexadecimal throughout.
func looksLikeKey(text string) bool {
	if len(text) <= 32 {
		return false
	}
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.IndexByte("+/=_-", c) >= 0:
		default:
			return false
		}
	}
	return true
}
