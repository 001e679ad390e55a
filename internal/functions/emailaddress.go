package functions

import "strings"

// ValidAddress says whether s has the form of an e-mail address by the RFCs: a local part of atoms or quoted texts and a
// domain of labels, or an address in brackets. It is the second of the two rules for addresses of users (O 16.2).
func ValidAddress(s string) bool {
	at := strings.LastIndexByte(s, '@')
	return at > 0 && at < len(s)-1 && validLocalPart(s[:at]) && validDomain(s[at+1:])
}
