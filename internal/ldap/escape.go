package ldap

import (
	"strings"
	"unicode"
	"unicode/utf8"

	goldap "github.com/go-ldap/ldap/v3"
)

// Longest name and password that a directory is asked about, in bytes.
const (
	maxUsername = 256
	maxPassword = 5000
)

// expandFilter puts values in place of {0} and {1} of a search filter, escaped so that they can be nothing but values
// (RFC 4515). A value that holds {1} itself is not expanded again.
func expandFilter(filter, zero, one string) string {
	return strings.NewReplacer("{0}", goldap.EscapeFilter(zero), "{1}", goldap.EscapeFilter(one)).Replace(filter)
}

// expandDN puts a value in place of {0} of the pattern of an entry's name, escaped so that it can be nothing but one value
// (RFC 4514).
func expandDN(pattern, value string) string {
	return strings.ReplaceAll(pattern, "{0}", escapeDN(value))
}

// escapeDN escapes a value of a name. The equals sign needs no escape by the standard; it gets one because some
// directories read it otherwise.
func escapeDN(value string) string {
	return strings.ReplaceAll(goldap.EscapeDN(value), "=", `\3d`)
}

// below returns the name of an entry that lies under another one; either may be empty.
func below(name, base string) string {
	switch {
	case name == "":
		return base
	case base == "":
		return name
	}
	return name + "," + base
}

// acceptable says whether a directory may be asked about a user name. Control characters have no place in one, and some
// directories end a name at NUL.
func acceptable(username string) bool {
	if len(username) > maxUsername || !utf8.ValidString(username) {
		return false
	}
	for _, c := range username {
		if unicode.IsControl(c) || c == unicode.ReplacementChar || c == '\u2028' || c == '\u2029' {
			return false
		}
	}
	return true
}
