package access

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	para "github.com/erudika/para-go"
)

// The field rules of an app (setting security.field_rules) are decided here for everybody: what is hidden of an object in
// any answer, what a write must leave alone, and what a search must not look at. Apps and admins are under no rule.

// ruled says whether any rule can be about the principal.
func (p Principal) ruled() bool { return p.App != nil && p.App.FieldRules != nil && !p.Admin() }

// means says whether one of some subjects is the principal.
func (p Principal) means(subjects []string) bool {
	if p.Kind == Guest || p.Kind == Nobody {
		return len(subjects) > 0 // whoever must not see something can ask without credentials too
	}
	return slices.ContainsFunc(subjects, func(s string) bool {
		if group, ok := strings.CutPrefix(s, para.GroupPrefix); ok {
			return p.Kind == User && strings.EqualFold(p.User.Text("groups"), group)
		}
		return s == "*" || s == p.Subject()
	})
}

// hidden are the members of objects of a type that the principal does not see.
func (p Principal) hidden(typ string) []string {
	if !p.ruled() {
		return nil
	}
	var out []string
	for name, rule := range p.App.FieldRules[typ] {
		if p.means(rule.Hidden) {
			out = append(out, name)
		}
	}
	return out
}

// hiddenFields are those of all types, as searches know them; nil for none.
func (p Principal) hiddenFields() para.HiddenFields {
	if !p.ruled() {
		return nil
	}
	var out para.HiddenFields
	for typ := range p.App.FieldRules {
		for _, name := range p.hidden(typ) {
			if out == nil {
				out = para.HiddenFields{}
			}
			out.Add(typ, name)
		}
	}
	return out
}

// Hides says whether a member, or what lies below it, is hidden in objects of a type; path is as searches write it.
func (p Principal) Hides(typ, path string) bool {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "properties."), ".")
	first, _, _ = strings.Cut(first, "[")
	return p.ruled() && slices.Contains(p.hidden(typ), first)
}

// MayExport says whether the principal may read everything as it is stored.
func (p Principal) MayExport() error {
	if len(p.hiddenFields()) > 0 {
		return para.Errorf(para.Denied, "Members of objects are hidden from you, and an export holds them all.")
	}
	return nil
}

// MayImport says whether the principal may replace whole objects without regard to what they were.
func (p Principal) MayImport() error {
	if p.ruled() {
		return para.Errorf(para.Denied, "This app has rules about members of objects, which an import does not keep.")
	}
	return nil
}

// guarded are the members of objects of a type that the principal must not change: hidden and read-only ones.
func (p Principal) guarded(typ string, each func(name string, hidden bool) error) error {
	if !p.ruled() {
		return nil
	}
	rules := p.App.FieldRules[typ]
	names := make([]string, 0, len(rules))
	for name := range rules {
		names = append(names, name)
	}
	slices.Sort(names) // so that the same request is always refused for the same member
	for _, name := range names {
		hidden := p.means(rules[name].Hidden)
		if !hidden && !p.means(rules[name].ReadOnly) {
			continue
		}
		if err := each(name, hidden); err != nil {
			return err
		}
	}
	return nil
}

// refused says which member must not be written. What is hidden is refused whatever the value, which could be guessed else.
func refused(typ, name string, hidden bool) error {
	rule, text := "readonly", fmt.Sprintf("The member %q of type %q is read-only for you.", name, typ)
	if hidden {
		rule, text = "hidden", fmt.Sprintf("The member %q of type %q is hidden from you and cannot be written.", name, typ)
	}
	return &para.Error{Code: para.Denied, Message: text, Problems: []para.Problem{{Field: name, Rule: rule, Message: text}}}
}

// GuardNew checks an object that is new: members that the principal must not change are not sent, or as they would be
// anyway.
func (p Principal) GuardNew(o *para.Object) error {
	return p.guarded(o.Type(), func(name string, hidden bool) error {
		raw, ok := o.Raw(name)
		if !o.Mentioned(name) || !ok && !hidden || !hidden && isDefault(o, name, raw) {
			return nil
		}
		return refused(o.Type(), name, hidden)
	})
}

// GuardReplacement checks an object that takes the place of a stored one. Members that the principal must not change and
// does not send keep their value.
func (p Principal) GuardReplacement(stored, o *para.Object) error {
	return p.guarded(stored.Type(), func(name string, hidden bool) error {
		raw, ok := o.Raw(name)
		if old, _ := stored.Raw(name); o.Mentioned(name) && (hidden || ok && !sameJSON(old, raw)) {
			return refused(stored.Type(), name, hidden)
		}
		keep(stored, o, name)
		return nil
	})
}

// GuardUpdate checks a stored object that a body was merged into, o, in the same way.
func (p Principal) GuardUpdate(stored, o *para.Object, patch *para.Body) error {
	return p.guarded(stored.Type(), func(name string, hidden bool) error {
		if patch.Mentions(name) {
			old, _ := stored.Raw(name)
			if raw, _ := o.Raw(name); hidden || !sameJSON(old, raw) {
				return refused(stored.Type(), name, hidden)
			}
		}
		keep(stored, o, name)
		return nil
	})
}

func isDefault(o *para.Object, name string, raw json.RawMessage) bool {
	f := o.Description().Field(name)
	return f != nil && f.Default != "" && sameJSON(json.RawMessage(f.Default), raw)
}

// sameJSON says whether two texts hold the same value; none is another value than any.
func sameJSON(a, b json.RawMessage) bool {
	if bytes.Equal(a, b) || len(a) == 0 || len(b) == 0 {
		return bytes.Equal(a, b)
	}
	var x, y any
	decode := func(raw json.RawMessage, v *any) error {
		d := json.NewDecoder(bytes.NewReader(raw))
		d.UseNumber() // so that no two numbers become one by rounding
		return d.Decode(v)
	}
	return decode(a, &x) == nil && decode(b, &y) == nil && reflect.DeepEqual(x, y)
}
