package ldap

import (
	"strings"
	"unicode"

	goldap "github.com/go-ldap/ldap/v3"
	"golang.org/x/text/unicode/norm"
)

// AttemptKey is what attempts to guess the password of a user name are counted by: the same for all spellings that a
// directory takes for one name.
func (s *Settings) AttemptKey(username string) string {
	username = strings.TrimSpace(username)
	if s.directory && s.domain != "" {
		username, _, _ = strings.Cut(username, "@")
	}
	return fold(username)
}

// fold makes one text of the spellings that directories do not tell apart: large and small letters, other forms of the same
// signs, signs without a width, several spaces (RFC 4518).
func fold(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r) {
			return -1
		}
		return r
	}, norm.NFKC.String(name))
	return strings.Join(strings.Fields(norm.NFKC.String(strings.ToLower(name))), " ")
}

// spelling returns a user name as the entry spells it; as it was entered when the entry does not have it.
func spelling(username string, entry *goldap.Entry) string {
	folded := fold(username)
	for _, attribute := range []string{"uid", "sAMAccountName", "cn"} {
		for _, value := range entry.GetEqualFoldAttributeValues(attribute) {
			if fold(value) == folded {
				return strings.TrimSpace(value)
			}
		}
	}
	return username
}
