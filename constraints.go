package para

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
)

// Constraints are the validation rules of an app: type → field → name → payload (O 16.3), in the order in which they
// were defined.
type Constraints []TypeConstraints

// TypeConstraints are the rules of one type.
type TypeConstraints struct {
	Type   string
	Fields []FieldConstraints
}

// FieldConstraints are the rules of one field.
type FieldConstraints struct {
	Field string
	Rules []Constraint
}

// Constraint is one rule with its payload as it is stored.
type Constraint struct {
	Name    string
	Payload json.RawMessage
}

// UnmarshalJSON reads the stored form.
func (c *Constraints) UnmarshalJSON(data []byte) error {
	types, err := splitObject(data, nil)
	if err != nil {
		return err
	}
	out := make(Constraints, 0, len(types))
	for _, t := range types {
		fields, err := splitObject(t.raw, nil)
		if err != nil {
			return fmt.Errorf("constraints of type %s: %w", t.name, err)
		}
		tc := TypeConstraints{Type: t.name}
		for _, f := range fields {
			rules, err := splitObject(f.raw, nil)
			if err != nil {
				return fmt.Errorf("constraints of %s.%s: %w", t.name, f.name, err)
			}
			fc := FieldConstraints{Field: f.name}
			for _, r := range rules {
				fc.Rules = append(fc.Rules, Constraint{r.name, r.raw})
			}
			tc.Fields = append(tc.Fields, fc)
		}
		out = append(out, tc)
	}
	*c = out
	return nil
}

// MarshalJSON writes the stored form, in order.
func (c Constraints) MarshalJSON() ([]byte, error) { return c.AppendJSON(nil), nil }

// AppendJSON appends the stored form, in order.
func (c Constraints) AppendJSON(dst []byte) []byte {
	dst = append(dst, '{')
	for i, t := range c {
		dst = t.appendMember(dst, i > 0)
	}
	return append(dst, '}')
}

func (t TypeConstraints) appendMember(dst []byte, comma bool) []byte {
	dst = append(appendName(dst, t.Type, comma), '{')
	for i, f := range t.Fields {
		dst = append(appendName(dst, f.Field, i > 0), '{')
		for j, r := range f.Rules {
			dst = append(appendName(dst, r.Name, j > 0), r.Payload...)
		}
		dst = append(dst, '}')
	}
	return append(dst, '}')
}

func appendName(dst []byte, name string, comma bool) []byte {
	if comma {
		dst = append(dst, ',')
	}
	return append(AppendJSONString(dst, name), ':')
}

func (c Constraints) of(typ string) int {
	return slices.IndexFunc(c, func(t TypeConstraints) bool { return t.Type == typ })
}

func (t TypeConstraints) of(field string) int {
	return slices.IndexFunc(t.Fields, func(f FieldConstraints) bool { return f.Field == field })
}

func (f FieldConstraints) of(name string) int {
	return slices.IndexFunc(f.Rules, func(r Constraint) bool { return r.Name == name })
}

// With returns the constraints with a rule for a field added at the end, or in the place of the rule of that name. c
// itself does not change.
func (c Constraints) With(typ, field string, rule Constraint) Constraints {
	c = slices.Clone(c)
	i := c.of(typ)
	if i < 0 {
		i = len(c)
		c = append(c, TypeConstraints{Type: typ})
	}
	t := TypeConstraints{Type: typ, Fields: slices.Clone(c[i].Fields)}
	j := t.of(field)
	if j < 0 {
		j = len(t.Fields)
		t.Fields = append(t.Fields, FieldConstraints{Field: field})
	}
	f := FieldConstraints{Field: field, Rules: slices.Clone(t.Fields[j].Rules)}
	if k := f.of(rule.Name); k >= 0 {
		f.Rules[k] = rule
	} else {
		f.Rules = append(f.Rules, rule)
	}
	t.Fields[j], c[i] = f, t
	return c
}

// Without returns the constraints without a rule of a field; fields and types that become empty go too. removed says
// whether there was such a rule. c itself does not change.
func (c Constraints) Without(typ, field, name string) (rest Constraints, removed bool) {
	i := c.of(typ)
	if i < 0 {
		return c, false
	}
	j := c[i].of(field)
	if j < 0 {
		return c, false
	}
	k := c[i].Fields[j].of(name)
	if k < 0 {
		return c, false
	}
	f := FieldConstraints{Field: field, Rules: slices.Delete(slices.Clone(c[i].Fields[j].Rules), k, k+1)}
	t := TypeConstraints{Type: typ, Fields: slices.Clone(c[i].Fields)}
	if t.Fields[j] = f; len(f.Rules) == 0 {
		t.Fields = slices.Delete(t.Fields, j, j+1)
	}
	rest = slices.Clone(c)
	if rest[i] = t; len(t.Fields) == 0 {
		rest = slices.Delete(rest, i, i+1)
	}
	return rest, true
}

// parameters are the members that a payload needs, by the name of the rule; the rules that need none have an empty list
// (O 16.3).
var parameters = map[string][]string{
	"required": nil, "email": nil, "false": nil, "true": nil, "past": nil, "future": nil, "url": nil,
	"min": {"value"}, "max": {"value"}, "size": {"min", "max"}, "digits": {"integer", "fraction"}, "pattern": {"value"},
}

// unlimited is what an upper bound becomes that is no whole number (O 16.3).
const unlimited = 10_000

// NewConstraint makes a rule from the body of a request (O 16.3, D42): the payload holds the parameters that the rule
// knows, which may stand below "message" too. A nil body is an empty one. It is false for unknown rules and missing
// parameters. A pattern is not compiled here.
func NewConstraint(name string, b *Body) (Constraint, bool) {
	wanted, ok := parameters[name]
	if !ok {
		return Constraint{}, false
	}
	payload := []byte{'{'}
	for _, p := range wanted {
		raw, ok := parameter(b, p)
		if !ok {
			return Constraint{}, false
		}
		switch {
		case name == "pattern" && kindOf(raw) == 'n':
			continue // a pattern that is no text is kept and never fails
		case name != "pattern":
			raw = wholeParameter(raw, name == "max" || p == "max")
		}
		payload = append(appendName(payload, p, len(payload) > 1), raw...)
	}
	payload = appendName(payload, "message", len(payload) > 1)
	payload = AppendJSONString(payload, "messages."+name)
	return Constraint{Name: name, Payload: append(payload, '}')}, true
}

// parameter finds a parameter in a body or below its member "message".
func parameter(b *Body, name string) (json.RawMessage, bool) {
	if b == nil {
		return nil, false
	}
	if raw, ok := b.Raw(name); ok {
		return raw, true
	}
	nested, ok := b.Raw("message")
	if !ok || kindOf(nested) != '{' {
		return nil, false
	}
	members, err := splitObject(nested, nil)
	if err != nil {
		return nil, false
	}
	for _, m := range members {
		if m.name == name {
			return m.raw, true
		}
	}
	return nil, false
}

// wholeParameter is a parameter as a whole number, read from its text.
func wholeParameter(raw json.RawMessage, upper bool) []byte {
	n, err := strconv.ParseInt(textOf(raw), 10, 64)
	switch {
	case err != nil && upper:
		n = unlimited
	case err != nil:
		n = 0
	}
	return strconv.AppendInt(nil, n, 10)
}

// Pattern returns the regular expression of a rule, false for every other rule and for a value that is no text.
func (r Constraint) Pattern() (string, bool) {
	if r.Name != "pattern" {
		return "", false
	}
	raw := payload(r.Payload)["value"]
	return textOf(raw), kindOf(raw) == '"'
}

// ListConstraints returns the rules of one type, or of all for an empty name: the built-in ones, field by field replaced
// by the app's own, then those of the app's types in the order of their definition (R 19, O 16.3). Types without rules
// are left out.
func (a *App) ListConstraints(typ string) Constraints {
	out := Constraints{}
	for _, t := range coreConstraints {
		if typ == "" || t.Type == typ {
			out = append(out, a.overlay(t))
		}
	}
	for _, t := range a.Constraints {
		if (typ == "" || t.Type == typ) && coreConstraints.of(t.Type) < 0 && len(t.Fields) > 0 {
			out = append(out, t)
		}
	}
	return out
}

// overlay replaces the built-in rules of fields for which the app has rules of its own.
func (a *App) overlay(core TypeConstraints) TypeConstraints {
	i := a.Constraints.of(core.Type)
	if i < 0 {
		return core
	}
	t := TypeConstraints{Type: core.Type, Fields: slices.Clone(core.Fields)}
	for _, f := range a.Constraints[i].Fields {
		if j := t.of(f.Field); j >= 0 {
			t.Fields[j] = f
			continue
		}
		t.Fields = append(t.Fields, f)
	}
	return t
}

// coreConstraints are the built-in rules as they are listed (O 16.3); Validate applies the rules of the core types
// themselves.
var coreConstraints = Constraints{
	coreRules("address",
		fieldRules("address", plainRule("required"), sizeRule(3, 255)), fieldRules("country", plainRule("required"), sizeRule(2, 255)),
		fieldRules("city", sizeRule(0, 255)), fieldRules("latlng", plainRule("required"))),
	coreRules("app", requiredFields("id")...),
	coreRules("form", append(requiredFields("captchaSecretKey", "notifyEmails"), fieldRules("redirectTo", plainRule("url")))...),
	coreRules("linker", requiredFields("id1", "id2", "type1", "type2")...),
	coreRules("tag", requiredFields("tag")...),
	coreRules("translation", requiredFields("authorName", "locale", "thekey", "value")...),
	coreRules("user", append(requiredFields("identifier", "groups"),
		fieldRules("email", plainRule("required"), plainRule("email")),
		fieldRules("password", Constraint{"max", json.RawMessage(`{"value":5000,"message":"messages.max"}`)}))...),
	coreRules("vote", requiredFields("value", "expiresAfter", "lockedAfter")...),
	coreRules("webhook", fieldRules("targetUrl", plainRule("required"), plainRule("url"))),
}

func coreRules(typ string, fields ...FieldConstraints) TypeConstraints {
	return TypeConstraints{Type: typ, Fields: fields}
}

func fieldRules(field string, rules ...Constraint) FieldConstraints {
	return FieldConstraints{Field: field, Rules: rules}
}

func requiredFields(names ...string) []FieldConstraints {
	out := make([]FieldConstraints, len(names))
	for i, n := range names {
		out[i] = fieldRules(n, plainRule("required"))
	}
	return out
}

func plainRule(name string) Constraint {
	return Constraint{name, json.RawMessage(`{"message":"messages.` + name + `"}`)}
}

func sizeRule(least, most int) Constraint {
	return Constraint{"size", json.RawMessage(fmt.Sprintf(`{"min":%d,"max":%d,"message":"messages.size"}`, least, most))}
}
