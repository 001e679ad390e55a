package para

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Populate makes an object from a body in create mode (O 6): every stored field can be set, null counts as absent. The
// name of the type is repaired first (O 2.3), so that fields are always read by the rules of the final type. Errors: a
// body without members, a member of a kind that its field cannot take (D23).
func Populate(b *Body) (*Object, error) {
	if b == nil || b.Empty() {
		return nil, errors.New("the body has no members")
	}
	typ := CleanType(b.Text("type"))
	o := &Object{typ: TypeOf(typ), body: b}
	o.list = make([]member, 0, len(b.list)+12)
	o.setText("type", typ)
	for _, part := range b.all() {
		if err := o.apply(part, true); err != nil {
			return nil, err
		}
	}
	o.settle()
	return o, nil
}

// Merge applies a body in update mode (O 6): locked members are ignored, null keeps a declared member and removes a
// custom one. On an error the object is half changed and must not be used: merge into a Clone (D23).
func (o *Object) Merge(b *Body) error {
	if b == nil {
		return nil
	}
	for _, part := range b.all() {
		if err := o.apply(part, false); err != nil {
			return err
		}
	}
	o.settle()
	return nil
}

// apply sets the declared members in the order of the table and then the custom ones in the order of the body.
func (o *Object) apply(b *Body, create bool) error {
	for i := range o.typ.Fields {
		f := &o.typ.Fields[i]
		if f.Computed || f.Locked && !create || f.Name == "type" {
			continue
		}
		if raw, ok := b.get(f.Name); ok && kindOf(raw) != 'n' {
			if err := o.assign(f, raw); err != nil {
				return err
			}
		}
	}
	if !o.typ.Open {
		return nil
	}
	if raw, ok := b.get("properties"); ok {
		if err := o.applyProperties(raw); err != nil {
			return err
		}
	}
	removed := false
	for _, m := range b.list {
		switch {
		case m.name == "properties" || o.typ.Field(m.name) != nil || blank(m.name):
		case kindOf(m.raw) != 'n':
			o.members.set(m.name, m.raw)
		default:
			if i := o.index(m.name); i >= 0 {
				o.list[i].raw, removed = nil, true
			}
		}
	}
	if removed {
		o.keep(func(m member) bool { return m.raw != nil })
	}
	return nil
}

// applyProperties replaces all custom properties by those of an object, or a text that holds one (O 6.3). Names of
// declared members are dropped (D23). Any other value is a custom property of that name.
func (o *Object) applyProperties(raw []byte) error {
	if kindOf(raw) == '"' {
		if inner, ok := embedded(raw, '{'); ok && kindOf(inner) == '{' {
			raw = inner
		}
	}
	switch kindOf(raw) {
	case 'n':
		return nil
	case '{':
	default:
		o.members.set("properties", raw)
		return nil
	}
	nested, err := splitObject(raw, nil)
	if err != nil {
		return err
	}
	o.keep(func(m member) bool { return o.typ.Field(m.name) != nil })
	for _, m := range nested {
		if o.typ.Field(m.name) == nil && !blank(m.name) && m.name != "properties" {
			o.members.set(m.name, m.raw)
		}
	}
	return nil
}

// settle brings members that depend on each other into their only form: what every write of them in the reference does.
func (o *Object) settle() {
	switch o.typ.Name {
	case "vote": // O 7.5: both are fixed
		o.Remove("tags")
		o.Remove("votes")
	case "form": // O 7.10: false while the form is plain text, which is the default
		if raw, ok := o.Raw("plaintextOnly"); !ok || string(raw) == "true" {
			if o.Bool("markdownEnabled") {
				o.setRaw("markdownEnabled", []byte("false"))
			}
		}
	case "user": // O 10.9: a blank picture reads as the default one
		if raw, ok := o.Raw("picture"); ok && blank(textOf(raw)) {
			o.setText("picture", DefaultPicture)
		}
	case "webhook": // O 7.9: a trigger needs no target of its own
		if !blank(o.Text("triggeredEvent")) && blank(o.Text("targetUrl")) {
			o.setText("targetUrl", "https://para")
		}
	}
}

// assign converts a value to the kind of its field and sets it (O 6.2).
func (o *Object) assign(f *Field, raw []byte) error {
	switch f.Kind {
	case TextField:
		if text, ok := toText(raw); ok {
			o.assignText(f, text)
		}
	case LongField:
		n := toLong(raw)
		if n == 0 && (f.Name == "timestamp" || f.Name == "updated") {
			o.Remove(f.Name) // 0 counts as absent (O 3.2)
			return nil
		}
		o.setInt(f.Name, n)
	case IntField:
		n := toInt(raw)
		if f.Name == "repeatedDeliveryAttempts" { // O 7.9
			n = min(max(n, -n), math.MaxInt32)
		}
		o.setInt(f.Name, n)
	case FlagField:
		o.setRaw(f.Name, strconv.AppendBool(nil, toFlag(raw)))
	case ListField, ArrayField:
		return o.assignList(f, raw)
	case MapField:
		return o.assignKind(f, raw, '{')
	case ObjectsField:
		return o.assignKind(f, raw, '[')
	case AnyField:
		if kindOf(raw) == '"' {
			if inner, ok := embedded(raw, '{'); ok && kindOf(inner) == '{' {
				raw = inner
			}
		}
		o.setRaw(f.Name, raw)
	}
	return nil
}

func (o *Object) assignText(f *Field, text string) {
	switch {
	case f.Name == "id":
		o.SetID(text)
	case f.Name == "name":
		o.SetName(text)
	case f.Name == "email" && o.typ.Name == "user":
		o.setText("email", strings.ToLower(text))
	case f.Name == "tag" && o.typ.Name == "tag":
		o.setText("tag", TagValue(text))
	default:
		o.setText(f.Name, text)
	}
}

// maxNotifyEmails is how many addresses a form keeps (O 7.10).
const maxNotifyEmails = 10

// assignList sets a list of texts: elements of other kinds become texts, nulls are dropped (D23).
func (o *Object) assignList(f *Field, raw []byte) error {
	if kindOf(raw) == '"' {
		text := textOf(raw)
		if text == "" {
			return nil
		}
		inner, ok := embedded(raw, '[')
		if !ok {
			return wrongMember(f.Name, "an array of texts", raw, f.Hidden || f.Secret)
		}
		if kindOf(inner) == 'n' {
			return nil
		}
		raw = inner
	}
	if f.Kind == ArrayField && kindOf(raw) == '0' {
		raw = append(append([]byte{'['}, raw...), ']')
	}
	items, ok := splitArray(raw)
	if !ok {
		return wrongMember(f.Name, "an array of texts", raw, f.Hidden || f.Secret)
	}
	limit := len(items)
	if f.Name == "notifyEmails" {
		limit = min(limit, maxNotifyEmails)
	}
	out := append(make([]byte, 0, len(raw)+2), '[')
	for _, item := range items {
		text, ok := toText(item)
		if !ok || limit == 0 {
			continue
		}
		limit--
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = AppendJSONString(out, text)
	}
	o.setRaw(f.Name, append(out, ']'))
	return nil
}

// assignKind sets an object ('{') or an array ('['), or what a text holds of that kind (O 5.2).
func (o *Object) assignKind(f *Field, raw []byte, kind byte) error {
	if kindOf(raw) == '"' {
		if textOf(raw) == "" {
			return nil
		}
		inner, ok := embedded(raw, kind)
		if !ok {
			return wrongKind(f, raw, kind)
		}
		if kindOf(inner) == 'n' {
			return nil
		}
		raw = inner
	}
	if kindOf(raw) != kind {
		return wrongKind(f, raw, kind)
	}
	if f.check != nil {
		if err := f.check(raw); err != nil {
			return fmt.Errorf("the member %q: %w", f.Name, err)
		}
	}
	o.setRaw(f.Name, raw)
	return nil
}

func wrongKind(f *Field, raw []byte, kind byte) error {
	want := "an object"
	if kind == '[' {
		want = "an array"
	}
	return wrongMember(f.Name, want, raw, f.Hidden || f.Secret)
}
