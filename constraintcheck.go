package para

import (
	"strconv"
	"strings"
	"time"
)

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
					out = append(out, o.problem(f.Field, r.Name, f.Field+" "+text))
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
		if kind == 'n' || kind == '"' && blank(text) {
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
		if kind != '"' || !c.email(text) {
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
		if kind == '"' && c.match(textOf(pattern), text) {
			return ""
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
		if !c.url(text) {
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

// whole returns a JSON number cut to an integer; one beyond all integers is the largest or the smallest of them.
func whole(raw []byte) (int64, bool) {
	if kindOf(raw) != '0' {
		return 0, false
	}
	n, _ := cut(raw)
	return n, true
}

// lengthOf returns what the rule "size" compares: the length of a text in UTF-16 units, the number of elements or members.
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

// digits says whether a number, or a text with one, has at most so many digits before and after the point. Only the part
// up to a second point or comma counts.
func digits(kind byte, text string, integer, fraction int64) bool {
	if kind != '0' && kind != '"' {
		return false
	}
	if kind == '0' && strings.ContainsAny(text, "eE") {
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return false
		}
		text = strconv.FormatFloat(f, 'f', -1, 64)
	}
	parts := strings.SplitN(strings.ReplaceAll(text, ",", "."), ".", 3)
	if parts[0] == "" || strings.Trim(parts[0], "0123456789") != "" || int64(len(parts[0])) > integer {
		return false
	}
	return len(parts) == 1 || int64(utf16Len(parts[1])) <= fraction
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
