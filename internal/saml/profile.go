package saml

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"unicode"

	crewjam "github.com/crewjam/saml"

	"github.com/erudika/para-go/internal/functions"
)

// maxID is the longest value of the attribute that identifies a user, in bytes.
const maxID = 512

// Profile is what an identity provider tells about a user (A 12.4).
type Profile struct {
	ID         string // value of the attribute that identifies the user
	Identifier string // saml:<id>
	Email      string // "" when the provider tells none and the id is none
	Name       string // "" when the provider tells none
	Picture    string
	Attributes map[string][]string
}

// profile maps an assertion to a profile.
func (s *Settings) profile(a *crewjam.Assertion) (*Profile, error) {
	all := map[string][]string{}
	for _, statement := range a.AttributeStatements {
		for _, attribute := range statement.Attributes {
			if _, twice := all[attribute.Name]; twice {
				continue // the first one counts
			}
			values := []string{}
			for _, v := range attribute.Values {
				values = append(values, v.Value)
			}
			all[attribute.Name] = values
		}
	}
	first := func(name string) string {
		if len(all[name]) == 0 {
			return ""
		}
		return strings.TrimSpace(all[name][0])
	}
	p := &Profile{ID: first(s.attributes.id), Email: first(s.attributes.email), Name: first(s.attributes.name), Attributes: all}
	switch {
	case p.ID == "":
		return nil, fmt.Errorf("the assertion has no attribute %q, which %sattributes.id names; it has %s", s.attributes.id, Prefix, namesOf(all))
	case len(p.ID) > maxID || strings.ContainsFunc(p.ID, unicode.IsControl):
		return nil, fmt.Errorf("the value of the attribute %q is no acceptable id", s.attributes.id)
	}
	p.Identifier = "saml:" + p.ID
	if !functions.ValidEmail(p.Email) {
		p.Email = ""
	}
	if p.Email == "" && functions.ValidEmail(p.ID) {
		p.Email = p.ID
	}
	if given, family := first(s.attributes.first), first(s.attributes.last); p.Name == "" && given != "" && family != "" {
		p.Name = given + " " + family
	}
	p.Picture, _, _ = strings.Cut(first(s.attributes.picture), "?")
	return p, nil
}

func namesOf(all map[string][]string) string {
	if len(all) == 0 {
		return "no attributes"
	}
	var names []string
	for name := range all {
		names = append(names, fmt.Sprintf("%q", name))
	}
	return strings.Join(names, ", ")
}

// Token is the attributes in the form of a delegated token, which applications read (A 12.4). It is not signed and proves
// nothing.
func (p *Profile) Token() string {
	attributes, err := json.Marshal(p.Attributes)
	if err != nil {
		return "" // text always has a form in JSON
	}
	return "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9." + base64.RawURLEncoding.EncodeToString(attributes) + ".bogus"
}
