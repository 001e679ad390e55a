package para

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Settings of an app that switch on what other servers do not have.
const (
	SettingAPIKeys    = "security.api_keys"    // true: the app may have API keys
	SettingFieldRules = "security.field_rules" // FieldRules as JSON
)

// FieldRules say which members of objects some callers do not see, and which they do not change: by type and member.
type FieldRules map[string]map[string]FieldRule

// FieldRule names the subjects for whom a member is hidden or read-only: ids of users and API keys, "group:" and a group of
// users, "*" for all of them, "?" for guests alone. Guests are meant by every rule, since everybody can ask as one.
type FieldRule struct {
	Hidden, ReadOnly []string
}

// GroupPrefix begins a subject that is a group of users.
const GroupPrefix = "group:"

const maxFieldRules = 64 << 10 // bytes of the setting

// fixedMembers are those that a rule cannot be about: clients need them, or an answer tells them whatever it shows.
var fixedMembers = []string{"id", "type", "appid", "parentid", "creatorid", "timestamp", "updated", "version", "stored", "indexed", "cached", "objectURI", "plural"}

// ParseFieldRules reads rules as the setting holds them; a type may be named by its plural. An error says where they are
// wrong and what to write instead.
func ParseFieldRules(raw json.RawMessage) (FieldRules, error) {
	if len(raw) > maxFieldRules {
		return nil, fmt.Errorf("the rules have %d bytes; %d are allowed", len(raw), maxFieldRules)
	}
	if len(raw) == 0 || kindOf(raw) == 'n' {
		return nil, nil
	}
	var types map[string]map[string]map[string][]string
	if err := json.Unmarshal(raw, &types); err != nil {
		return nil, errors.New(`write {"type": {"member": {"hidden": ["subject"], "readonly": ["subject"]}}}`)
	}
	rules := FieldRules{}
	for _, typ := range sortedNames(types) {
		if typ == "" || CleanType(typ) != typ {
			return nil, fmt.Errorf("%q is no type", typ)
		}
		members := map[string]FieldRule{}
		for _, name := range sortedNames(types[typ]) {
			rule, err := parseFieldRule(typ, name, types[typ][name])
			if err != nil {
				return nil, fmt.Errorf("%s.%s: %w", typ, name, err)
			}
			members[name] = rule
		}
		rules[typ] = members
	}
	return rules, nil
}

func parseFieldRule(typ, name string, lists map[string][]string) (FieldRule, error) {
	var rule FieldRule
	switch {
	case blank(name):
		return rule, errors.New("a rule needs the name of a member")
	case slices.Contains(fixedMembers, name):
		return rule, errors.New("no rule can be about this member, which every client needs")
	case name == "properties" || strings.ContainsAny(name, ".[]"):
		return rule, errors.New("a rule is about a whole member: write its own name, without properties. before and a path behind")
	case typ == "linker" && (name == "id1" || name == "id2" || name == "type1" || name == "type2"):
		return rule, errors.New("the ends of links cannot be hidden")
	}
	for _, what := range sortedNames(lists) {
		subjects := lists[what]
		for _, s := range subjects {
			if err := checkRuleSubject(s); err != nil {
				return rule, fmt.Errorf("%s: %w", what, err)
			}
		}
		switch what {
		case "hidden":
			rule.Hidden = subjects
		case "readonly":
			rule.ReadOnly = subjects
		default:
			return rule, fmt.Errorf("%q is neither hidden nor readonly", what)
		}
	}
	return rule, nil
}

func checkRuleSubject(s string) error {
	switch group, isGroup := strings.CutPrefix(s, GroupPrefix); {
	case strings.TrimSpace(s) != s || s == "" || isGroup && group == "":
		return fmt.Errorf("%q is no subject; write the id of a user or an API key, group:NAME, * or ?", s)
	case strings.EqualFold(group, "admins"), strings.HasPrefix(s, AppPrefix):
		return fmt.Errorf("%q: apps and admins see and change everything", s)
	case s == "users", s == "mods", s == "guests":
		return fmt.Errorf("%q is the id of nobody; write group:users, group:mods, or ? for guests", s)
	}
	return nil
}

// dependents are computed members that tell what a hidden one says.
var dependents = map[[2]string][]string{
	{"vote", "value"}:      {"upvote", "downvote"},
	{"user", "identifier"}: {"identityProvider"},
}

// fieldRules reads the rules of the app for use: types by their names. ok is false when they cannot be read.
func (a *App) fieldRules() (rules FieldRules, ok bool) {
	written, err := ParseFieldRules(a.Settings[SettingFieldRules])
	if err != nil {
		return nil, false
	}
	add := func(typ, name string, r FieldRule) {
		if rules == nil {
			rules = FieldRules{}
		}
		if rules[typ] == nil {
			rules[typ] = map[string]FieldRule{}
		}
		old := rules[typ][name]
		rules[typ][name] = FieldRule{slices.Concat(old.Hidden, r.Hidden), slices.Concat(old.ReadOnly, r.ReadOnly)}
	}
	for typ, members := range written {
		typ = CleanType(a.ResolveType(typ))
		for name, r := range members {
			add(typ, name, r)
			for _, d := range dependents[[2]string{typ, name}] {
				add(typ, d, FieldRule{Hidden: r.Hidden})
			}
		}
	}
	return rules, true
}

// CheckSettings says what is wrong with settings that are about to be stored, of those that must not be misread.
func CheckSettings(settings map[string]json.RawMessage) error {
	refuse := func(key, text string) error {
		return &Error{Code: Invalid, Message: "The setting " + key + ": " + text, Problems: []Problem{{Field: key, Rule: "setting", Message: text}}}
	}
	if _, err := ParseFieldRules(settings[SettingFieldRules]); err != nil {
		return refuse(SettingFieldRules, err.Error())
	}
	if raw, ok := settings[SettingAPIKeys]; ok && string(raw) != "true" && string(raw) != "false" && kindOf(raw) != 'n' {
		return refuse(SettingAPIKeys, "write true or false")
	}
	return nil
}

// HiddenFields are the fields of documents that a search must not look at, by type, as dotted paths. What lies below a
// path is meant too.
type HiddenFields map[string][]string

// Add adds a member of a type.
func (h HiddenFields) Add(typ, member string) {
	path := member
	if TypeOf(typ).Field(member) == nil {
		path = "properties." + member
	}
	h[typ] = append(h[typ], path)
}

// Hides says whether a field of the documents of a type is hidden.
func (h HiddenFields) Hides(typ, field string) bool {
	return slices.ContainsFunc(h[typ], func(path string) bool {
		rest, ok := strings.CutPrefix(field, path)
		return ok && (rest == "" || rest[0] == '.' || rest[0] == '[' || rest[0] == '~')
	})
}

// Mentions says whether the body says anything of a member, null too, on its own or among the custom properties.
func (b *Body) Mentions(name string) bool {
	for _, part := range b.all() {
		if _, ok := part.get(name); ok {
			return true
		}
		raw, ok := part.get("properties")
		if !ok {
			continue
		}
		if inner, is := embedded(raw, '{'); kindOf(raw) == '"' && is {
			raw = inner
		}
		if kindOf(raw) == '{' && slices.ContainsFunc(JSONMembers(raw), func(m JSONMember) bool { return m.Name == name }) {
			return true
		}
	}
	return false
}

// Mentioned says whether the body that the object was populated from mentions a member.
func (o *Object) Mentioned(name string) bool { return o.body != nil && o.body.Mentions(name) }

// withoutMembers returns the copies of objects in a link without the members that are hidden in objects of their type.
func withoutMembers(raw []byte, hidden func(typ string) []string) []byte {
	items, ok := splitArray(raw)
	if !ok {
		return raw
	}
	out := []byte{'['}
	for i, item := range items {
		if i > 0 {
			out = append(out, ',')
		}
		typ := ""
		for _, m := range JSONMembers(item) {
			if m.Name == "type" {
				typ = textOf(m.Value)
			}
		}
		out = appendWithout(out, item, hidden(typ))
	}
	return append(out, ']')
}

// appendWithout appends an object without some members, also of those nested under properties.
func appendWithout(dst, raw []byte, names []string) []byte {
	if len(names) == 0 || kindOf(raw) != '{' {
		return append(dst, raw...)
	}
	dst = append(dst, '{')
	n := len(dst)
	for _, m := range JSONMembers(raw) {
		switch {
		case slices.Contains(names, m.Name):
		case m.Name == "properties" && kindOf(m.Value) == '{':
			dst = appendWithout(appendMember(dst, n, m.Name, nil), m.Value, names)
		default:
			dst = appendMember(dst, n, m.Name, m.Value)
		}
	}
	return append(dst, '}')
}
