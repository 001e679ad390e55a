package ldap

import (
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/erudika/para-go/internal/functions"
	goldap "github.com/go-ldap/ldap/v3"
)

// defaultDomain is the domain of addresses that are made up for users without one (A 11.5).
const defaultDomain = "paraio.com"

// Profile is what a directory tells about a user (A 11.5).
type Profile struct {
	DN         string   // name of the entry
	Username   string   // as it was entered, without the domain of Active Directory
	Identifier string   // ldap:<username>, spelled as in the entry
	Entered    string   // ldap:<username>, spelled as it was entered
	Email      string   // never empty; see MadeUp
	MadeUp     bool     // the directory has no address of the user: Email is made of the user name
	Name       string   // "" when the directory tells none
	Groups     string   // users, mods or admins
	MemberOf   []string // groups in the directory; only from Active Directory
}

// profile maps an entry to a profile.
func (s *Settings) profile(username string, entry *goldap.Entry, groups []string) *Profile {
	p := &Profile{DN: entry.DN, Username: username, Identifier: "ldap:" + spelling(username, entry), Entered: "ldap:" + username, MemberOf: groups}
	for _, address := range entry.GetEqualFoldAttributeValues("mail") {
		if address = strings.TrimSpace(address); p.Email == "" && functions.ValidEmail(address) {
			p.Email = address
		}
	}
	if p.Email == "" {
		p.Email, p.MadeUp = s.address(username)
	}
	p.Name = s.nameOf(username, entry)
	if s.usernameAs {
		p.Name, _, _ = strings.Cut(p.Email, "@")
	}
	p.Groups = s.role(entry.DN, groups)
	return p
}

// address is the address of a user whose entry has none: the name if it is one, else one that is made up.
func (s *Settings) address(username string) (email string, madeUp bool) {
	switch {
	case functions.ValidEmail(username):
		return username, false
	case s.domain != "":
		return username + "@" + s.domain, true
	}
	return username + "@" + defaultDomain, true
}

// nameOf is the name that an entry gives its user.
func (s *Settings) nameOf(username string, entry *goldap.Entry) string {
	if s.displayName == "username" {
		return username
	}
	if name := strings.TrimSpace(entry.GetEqualFoldAttributeValue(s.displayName)); name != "" {
		return name
	}
	return strings.Join(entry.GetEqualFoldAttributeValues("cn"), ", ")
}

// role says which group of the app a user belongs to: the one whose node is part of the entry's name or of the list of the
// user's groups, administrators before moderators. A node that is not set stands for nobody.
func (s *Settings) role(dn string, groups []string) string {
	names := make([]string, len(groups))
	for i, g := range groups {
		names[i] = "CN=" + g
	}
	list := strings.ToLower(strings.Join(names, ","))
	dn = strings.ToLower(dn)
	in := func(node string) bool {
		return node != "" && (strings.Contains(dn, node) || strings.Contains(list, node))
	}
	switch {
	case in(s.adminsNode):
		return "admins"
	case in(s.modsNode):
		return "mods"
	}
	return "users"
}

// Token is the profile in the form of a delegated token, which applications read (A 11.5). It is not signed and proves
// nothing.
func (p *Profile) Token() string {
	profile, err := json.Marshal(struct {
		DN       string   `json:"ldapDN"`
		Username string   `json:"username"`
		Email    string   `json:"mail"`
		Name     string   `json:"cn"`
		Groups   []string `json:"memberOf,omitempty"`
	}{p.DN, p.Username, p.Email, p.Name, p.MemberOf})
	if err != nil {
		return "" // text always has a form in JSON
	}
	return "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9." + base64.RawURLEncoding.EncodeToString(profile) + ".bogus"
}
