package para

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Problem is a rule that an object breaks, for people and for programs.
type Problem struct {
	Field   string          // the member
	Rule    string          // name of the rule
	Message string          // for the client (O 16.2, O 16.3)
	Value   json.RawMessage // what the member holds; nil when it is absent, secret, or longer than maxProblemValue
}

// maxProblemValue bounds the value that a Problem repeats, in bytes of JSON.
const maxProblemValue = 256

// AppendJSON appends the machine-readable form: {"field","rule","value","message"}, the value only if there is one.
func (p Problem) AppendJSON(dst []byte) []byte {
	dst = AppendJSONString(append(dst, `{"field":`...), p.Field)
	dst = AppendJSONString(append(dst, `,"rule":`...), p.Rule)
	if p.Value != nil {
		dst = append(append(dst, `,"value":`...), p.Value...)
	}
	dst = AppendJSONString(append(dst, `,"message":`...), p.Message)
	return append(dst, '}')
}

// MarshalJSON is AppendJSON.
func (p Problem) MarshalJSON() ([]byte, error) { return p.AppendJSON(nil), nil }

// wrongMember is the error of a member that cannot be read from a body: it tells the member, what it has to be, and what it is.
func wrongMember(name, want string, raw []byte, secret bool) *Error {
	e := Errorf(Invalid, "the member %q must be %s, not %.40s", name, want, raw)
	p := Problem{Field: name, Rule: "type", Message: e.Message}
	if !secret && len(raw) <= maxProblemValue {
		p.Value = raw
	}
	e.Problems = []Problem{p}
	return e
}

// problem makes a Problem of a member of the object.
func (o *Object) problem(field, rule, message string) Problem {
	p := Problem{Field: field, Rule: rule, Message: message}
	f := o.typ.Field(field)
	secret := f != nil && (f.Hidden || f.Secret) || f == nil && IsIdentity(o) && identitySecret(field)
	if raw, ok := o.get(field); ok && !secret && len(raw) <= maxProblemValue {
		p.Value = raw
	}
	return p
}

// Checks are the tests of values that need more than this package has. A test that is nil holds for every value.
type Checks struct {
	Email   func(string) bool                        // the pattern of O 20.5
	Address func(string) bool                        // the form of an address by the RFCs, tested for users as well
	URL     func(string) bool                        // O 20.5
	Match   func(pattern, text string) (bool, error) // a Java regular expression on the whole text
	Compile func(pattern string) error               // what is wrong with a Java regular expression
}

const (
	invalidIdentifier = "identifier is invalid - identifier field must be an email or start with a valid prefix, e.g. 'oa2:abc'."
	invalidEmail      = "Please provide a valid email address"
)

func (c Checks) email(s string) bool   { return c.Email == nil || c.Email(s) }
func (c Checks) address(s string) bool { return c.Address == nil || c.Address(s) }
func (c Checks) url(s string) bool     { return c.URL == nil || c.URL(s) }

// match says whether a pattern matches a text entirely. A pattern that fails, or takes too long, does not match.
func (c Checks) match(pattern, text string) bool {
	if c.Match == nil {
		return true
	}
	ok, err := c.Match(pattern, text)
	return err == nil && ok
}

// Validate tests an object against the built-in rules of its type, in the order of the table (O 16.2, D43).
func Validate(o *Object, c Checks) []Problem {
	var out []Problem
	if !addressable(o.ID()) {
		out = append(out, o.problem("id", "path", "'id' must be neither . nor .. and hold no NUL character, because no path can name such an object"))
	}
	out = o.checkField(out, o.typ.Field("name"), c)
	if o.typ.Name == "app" && blank(o.ID()) {
		out = append(out, o.problem("id", "required", "'id' must not be blank"))
	}
	for i := range o.typ.Fields {
		if f := &o.typ.Fields[i]; f.Name != "name" {
			out = o.checkField(out, f, c)
		}
	}
	if o.typ.Name == "user" && IdentityProvider(o.Text("identifier"), c.email) == "unknown" {
		out = append(out, o.problem("identifier", "identifier", invalidIdentifier))
	}
	return out
}

// addressable says whether a path can name an object with an id (D8). Ids hold any other characters (O 3.1).
func addressable(id string) bool {
	return id != "." && id != ".." && strings.IndexByte(id, 0) < 0
}

// checkField appends what a member breaks of the rules of its field.
func (o *Object) checkField(out []Problem, f *Field, c Checks) []Problem {
	if len(f.Rules) == 0 {
		return out
	}
	raw, present := o.get(f.Name)
	text := textOf(raw)
	add := func(rule, message string) {
		out = append(out, o.problem(f.Name, rule, "'"+f.Name+"' "+message))
	}
	for _, r := range f.Rules {
		switch r.Name {
		case "required":
			if blank(text) {
				add(r.Name, "must not be blank")
			}
		case "size":
			if n := utf16Len(text); present && (n < r.Min || n > r.Max) {
				add(r.Name, fmt.Sprintf("size must be between %d and %d", r.Min, r.Max))
			}
		case "notNull":
			if !present {
				add(r.Name, "must not be null")
			}
		case "notEmpty":
			if len(o.List(f.Name)) == 0 {
				add(r.Name, "must not be empty")
			}
		case "url":
			if text != "" && !c.url(text) {
				add(r.Name, "must be a valid URL")
			}
		case "address":
			if text != "" && !c.address(text) {
				add("email", invalidEmail)
			}
		case "email":
			if present && !c.email(text) {
				add(r.Name, invalidEmail)
			}
		}
	}
	return out
}
