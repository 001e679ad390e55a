package ldap

import (
	"errors"
	"regexp"
	"strings"

	goldap "github.com/go-ldap/ldap/v3"
)

// activeDirectory binds with the name that a user signs in with, then finds the entry that the name belongs to and its
// groups (A 11.4).
func (v *visit) activeDirectory(username, password string) (*goldap.Entry, []string, error) {
	principal := username
	if v.s.domain != "" && !strings.HasSuffix(strings.ToLower(username), v.s.domain) {
		principal = username + "@" + v.s.domain
	}
	base := v.s.base
	if base == "" {
		base = domainBase(v.s.domain, principal)
	}
	if base == "" {
		return nil, nil, &Refusal{Text: textUnusable, cause: errors.New("neither " + Prefix + "base_dn nor " + Prefix + "active_directory_domain is set")}
	}
	if err := v.conn.Bind(principal, password); err != nil {
		if !isRefusal(err) {
			return nil, nil, broken(err)
		}
		return nil, nil, &Refusal{Text: bindText(err), cause: err}
	}
	entry, err := v.findBelow(below(v.s.searchBase, base), principal, username)
	if err != nil {
		return nil, nil, err
	}
	if err := v.isBound(entry); err != nil {
		return nil, nil, err
	}
	return entry, groupsOf(entry), nil
}

// isBound refuses an entry that is not the one of the user who has bound. Active Directory takes several kinds of names to
// bind with, some of which users may choose themselves, and the filter might find another user by the same name. Servers
// that do not tell who is bound are believed.
func (v *visit) isBound(entry *goldap.Entry) error {
	who, err := v.conn.WhoAmI(nil)
	switch {
	case err != nil && goldap.IsErrorWithCode(err, goldap.ErrorNetwork):
		return broken(err)
	case err != nil || who == nil:
		return nil
	}
	kind, name, _ := strings.Cut(who.AuthzID, ":")
	switch kind {
	case "dn":
		bound, err := goldap.ParseDN(name)
		if err != nil || name == "" {
			return nil
		}
		if found, err := goldap.ParseDN(entry.DN); err == nil && found.EqualFold(bound) {
			return nil
		}
	case "u":
		account := entry.GetEqualFoldAttributeValue("sAMAccountName")
		if account == "" || strings.EqualFold(name[strings.LastIndexByte(name, '\\')+1:], account) {
			return nil
		}
	default:
		return nil
	}
	return &Refusal{Text: textBadCredentials, cause: errors.New("the search finds another user than the one whose password it is")}
}

// domainBase is the name of the entry of a domain: of the one that is set, else of the part of the name after @.
func domainBase(domain, principal string) string {
	if domain == "" {
		_, domain, _ = strings.Cut(principal, "@")
	}
	var parts []string
	for _, label := range strings.Split(strings.ToLower(domain), ".") {
		if label != "" {
			parts = append(parts, "dc="+escapeDN(label))
		}
	}
	return strings.Join(parts, ",")
}

// subCode is the reason that Active Directory hides in the text of a refused bind, such as "data 532".
var subCode = regexp.MustCompile(`\bdata\s+([0-9a-fA-F]{3,8})\b`)

// bindText is what a refused bind means (A 11.4).
func bindText(err error) string {
	var e *goldap.Error
	if !errors.As(err, &e) || e.Err == nil {
		return textBadCredentials
	}
	match := subCode.FindStringSubmatch(e.Err.Error())
	if match == nil {
		return textBadCredentials
	}
	switch match[1] {
	case "532":
		return "User credentials have expired"
	case "533":
		return "User is disabled"
	case "701":
		return "User account has expired"
	case "775":
		return "User account is locked"
	}
	return textBadCredentials
}

// groupsOf returns the names of an entry's groups: the first value of each group's own name.
func groupsOf(entry *goldap.Entry) []string {
	var groups []string
	for _, dn := range entry.GetEqualFoldAttributeValues("memberOf") {
		parsed, err := goldap.ParseDN(dn)
		if err != nil || len(parsed.RDNs) == 0 || len(parsed.RDNs[0].Attributes) == 0 {
			continue
		}
		groups = append(groups, parsed.RDNs[0].Attributes[0].Value)
	}
	return groups
}
