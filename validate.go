package para

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Problem is a rule that an object breaks.
type Problem struct {
	Field   string // the member
	Rule    string // name of the rule
	Message string // for the client (O 16.2, O 16.3)
}

// Checks are the tests of values that need more than this package has.
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

// Validate tests an object against the built-in rules of its type, in the order of the table (O 16.2, D43).
func Validate(o *Object, c Checks) []Problem {
	var out []Problem
	add := func(field, rule, text string) {
		out = append(out, Problem{Field: field, Rule: rule, Message: "'" + field + "' " + text})
	}
	for _, f := range ruleOrder(o.typ) {
		raw, present := o.Raw(f.Name)
		text := textOf(raw)
		for _, r := range f.Rules {
			switch r.Name {
			case "required":
				if !present || strings.TrimSpace(text) == "" {
					add(f.Name, r.Name, "must not be blank")
				}
			case "size":
				if n := utf16Len(text); present && (n < r.Min || n > r.Max) {
					add(f.Name, r.Name, fmt.Sprintf("size must be between %d and %d", r.Min, r.Max))
				}
			case "notNull":
				if !present {
					add(f.Name, r.Name, "must not be null")
				}
			case "notEmpty":
				if len(o.List(f.Name)) == 0 {
					add(f.Name, r.Name, "must not be empty")
				}
			case "url":
				if present && text != "" && !c.URL(text) {
					add(f.Name, r.Name, "must be a valid URL")
				}
			case "address":
				if present && text != "" && !c.Address(text) {
					add(f.Name, "email", invalidEmail)
				}
			case "email":
				if present && !c.Email(text) {
					add(f.Name, r.Name, invalidEmail)
				}
			}
		}
	}
	if o.typ.Name == "user" {
		if IdentityProvider(o.Text("identifier"), c.Email) == "unknown" {
			out = append(out, Problem{"identifier", "identifier", invalidIdentifier})
		}
	}
	return out
}

// ruleOrder returns the fields that have rules: the name first, then the type's own (O 16.2).
func ruleOrder(t *Type) []*Field {
	out := []*Field{t.Field("name")}
	for i := range t.Fields {
		if f := &t.Fields[i]; len(f.Rules) > 0 && f.Name != "name" {
			out = append(out, f)
		}
	}
	return out
}

// ValidateConstraints tests an object of a custom type against the app's rules, in the order of their definition
// (O 16.1, O 16.3). A pattern that cannot be compiled, or takes too long, does not hold.
func (a *App) ValidateConstraints(o *Object, c Checks, now time.Time) []Problem {
	if !o.typ.Open || o.Type() == "sysprop" {
		return nil
	}
	var out []Problem
	for _, t := range a.Constraints {
		if t.Type != o.Type() {
			continue
		}
		for _, f := range t.Fields {
			raw, _ := o.Raw(f.Field)
			for _, r := range f.Rules {
				if text := r.broken(raw, c, now); text != "" {
					out = append(out, Problem{Field: f.Field, Rule: r.Name, Message: f.Field + " " + text})
				}
			}
		}
	}
	return out
}

// broken returns what is wrong with a value, "" when the rule holds. A missing value only breaks "required".
func (r Constraint) broken(raw []byte, c Checks, now time.Time) string {
	kind := kindOf(raw)
	text := textOf(raw)
	if r.Name == "required" {
		if kind == 'n' || kind == '"' && strings.TrimSpace(text) == "" {
			return "is required."
		}
		return ""
	}
	if kind == 'n' {
		return ""
	}
	p := payload(r.Payload)
	switch r.Name {
	case "min":
		if n, ok := whole(raw); !ok || n < p.number("value") {
			return "must be a number larger than " + grouped(p.number("value")) + "."
		}
	case "max":
		if n, ok := whole(raw); !ok || n > p.number("value") {
			return "must be a number smaller than " + grouped(p.number("value")) + "."
		}
	case "size":
		if n, ok := lengthOf(raw); !ok || n < p.number("min") || n > p.number("max") {
			return "must be between " + grouped(p.number("min")) + " and " + grouped(p.number("max")) + "."
		}
	case "email":
		if kind != '"' || !c.Email(text) {
			return "is not a valid email."
		}
	case "digits":
		if !digits(kind, text, p.number("integer"), p.number("fraction")) {
			return "is not a valid number or within range."
		}
	case "pattern":
		pattern, ok := p["value"]
		if !ok || kindOf(pattern) != '"' {
			return ""
		}
		if kind == '"' {
			if ok, err := c.Match(textOf(pattern), text); err == nil && ok {
				return ""
			}
		}
		return "doesn't match the pattern " + textOf(pattern) + "."
	case "false":
		if kind == 't' || kind == '"' && strings.EqualFold(text, "true") {
			return "must be false."
		}
	case "true":
		if kind == 'f' || kind == '"' && !strings.EqualFold(text, "true") {
			return "must be true."
		}
	case "future":
		if n, ok := whole(raw); ok && n <= now.UnixMilli() {
			return "must be in the future."
		}
	case "past":
		if n, ok := whole(raw); ok && n >= now.UnixMilli() {
			return "must be in the past."
		}
	case "url":
		if !c.URL(text) {
			return "is not a valid URL."
		}
	}
	return ""
}

type payloadMembers map[string][]byte

func payload(raw []byte) payloadMembers {
	members, err := splitObject(raw, nil)
	if err != nil {
		return nil
	}
	p := make(payloadMembers, len(members))
	for _, m := range members {
		p[m.name] = m.raw
	}
	return p
}

func (p payloadMembers) number(name string) int64 { return toLong(p[name]) }

// whole returns a JSON number cut to an integer.
func whole(raw []byte) (int64, bool) {
	if kindOf(raw) != '0' {
		return 0, false
	}
	if n, err := strconv.ParseInt(string(raw), 10, 64); err == nil {
		return n, true
	}
	f, err := strconv.ParseFloat(string(raw), 64)
	switch {
	case err != nil && math.IsInf(f, 1), f >= math.MaxInt64:
		return math.MaxInt64, true
	case err != nil && math.IsInf(f, -1), f <= math.MinInt64:
		return math.MinInt64, true
	}
	return int64(f), err == nil
}

func lengthOf(raw []byte) (int64, bool) {
	switch kindOf(raw) {
	case '"':
		return int64(utf16Len(textOf(raw))), true
	case '[':
		items, _ := splitArray(raw)
		return int64(len(items)), true
	case '{':
		members, err := splitObject(raw, nil)
		return int64(len(members)), err == nil
	}
	return 0, false
}

// digits says whether a number, or a text with one, has at most so many digits before and after the point.
func digits(kind byte, text string, integer, fraction int64) bool {
	if kind != '0' && kind != '"' {
		return false
	}
	whole, rest, _ := strings.Cut(strings.ReplaceAll(text, ",", "."), ".")
	rest, _, _ = strings.Cut(rest, ".") // what follows a second separator does not count
	if whole == "" || strings.Trim(whole, "0123456789") != "" || int64(len(whole)) > integer {
		return false
	}
	return int64(len(rest)) <= fraction
}

// grouped writes a number with commas between groups of three digits.
func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if s[0] == '-' {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}
