package para

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// Body is the JSON object of a request: members in the order they came, each name once with its last value, values in
// canonical form; null is kept, since it removes custom properties (R 8.3).
type Body struct {
	members []member
}

// ParseBody reads one JSON object; what follows it is ignored (R 8.1). The error says what is wrong and where.
func ParseBody(data []byte) (*Body, error) {
	p := newParser(data)
	if c := p.peek(); c != '{' {
		if _, err := p.value(nil, 1); err != nil {
			return nil, err
		}
		p.pos = 0
		p.space()
		return nil, p.fail("A JSON object is expected")
	}
	return p.body(1)
}

// ParseBodies reads an array of JSON objects; null elements are nil. With maxElement above 0 no element may have a
// computed size beyond it (R 8.2).
func ParseBodies(data []byte, maxElement int64) ([]*Body, error) {
	p := newParser(data)
	if c := p.peek(); c != '[' {
		if _, err := p.value(nil, 1); err != nil {
			return nil, err
		}
		p.pos = 0
		p.space()
		return nil, p.fail("A JSON array is expected")
	}
	p.pos++
	var out []*Body
	if p.peek() == ']' {
		return out, nil
	}
	for {
		var b *Body
		switch p.peek() {
		case '{':
			var err error
			if b, err = p.body(2); err != nil {
				return nil, err
			}
			if maxElement > 0 && b.size() > maxElement {
				return nil, ErrElementTooLarge
			}
		case 'n':
			if _, err := p.value(nil, 2); err != nil {
				return nil, err
			}
		default:
			start := p.pos
			if _, err := p.value(nil, 2); err != nil {
				return nil, err
			}
			p.pos = start
			return nil, p.fail("Every element of the array must be a JSON object")
		}
		out = append(out, b)
		switch p.peek() {
		case ',':
			p.pos++
		case ']':
			return out, nil
		default:
			return nil, p.fail("A comma or the end of the array is expected here")
		}
	}
}

// ErrElementTooLarge says that an element of a batch exceeds its limit.
var ErrElementTooLarge = &Error{Code: TooLarge, Message: "An element of the batch is too large."}

// body reads an object into its members.
func (p *parser) body(depth int) (*Body, error) {
	dst, spans, err := p.members(nil, nil, depth)
	if err != nil {
		return nil, err
	}
	b := &Body{members: make([]member, 0, len(spans))}
	for _, s := range spans {
		b.set(internName(dst[s.start:s.colon]), dst[s.colon+1:s.end:s.end])
	}
	if err := b.check(); err != nil {
		return nil, err
	}
	return b, nil
}

// check refuses an id or type that is no text (D23); a number as id becomes its text.
func (b *Body) check() error {
	for _, name := range [...]string{"id", "type"} {
		raw, ok := b.Raw(name)
		if !ok {
			continue
		}
		switch kindOf(raw) {
		case '"', 'n':
		case '0':
			if name == "id" {
				b.set("id", AppendJSONString(nil, string(raw)))
				continue
			}
			fallthrough
		default:
			return fmt.Errorf("the member %q must be a text, not %.40s", name, raw)
		}
	}
	return nil
}

func (b *Body) set(name string, raw []byte) {
	for i := range b.members {
		if b.members[i].name == name {
			b.members[i].raw = raw
			return
		}
	}
	b.members = append(b.members, member{name, raw})
}

// size is the computed size of a batch element (R 8.2).
func (b *Body) size() int64 {
	n := int64(2)
	for i, m := range b.members {
		if i > 0 {
			n++
		}
		n += 12 + int64(len(m.name)) + jsonSize(m.raw)
	}
	return n
}

func jsonSize(raw []byte) int64 {
	switch kindOf(raw) {
	case 'n':
		return 4
	case '"':
		return 2 + int64(utf16Len(textOf(raw)))
	case '[':
		items, _ := splitArray(raw)
		n := int64(2)
		for i, x := range items {
			if i > 0 {
				n++
			}
			n += jsonSize(x)
		}
		return n
	case '{':
		members, _ := splitObject(raw, nil)
		return (&Body{members: members}).size()
	}
	return 2 + int64(len(raw))
}

// Raw returns the JSON text of a member, null included; false when it was not sent.
func (b *Body) Raw(name string) (json.RawMessage, bool) {
	for _, m := range b.members {
		if m.name == name {
			return m.raw, true
		}
	}
	return nil, false
}

// Text returns a member as text, "" when it is absent or null.
func (b *Body) Text(name string) string {
	raw, ok := b.Raw(name)
	if !ok || kindOf(raw) == 'n' {
		return ""
	}
	return textOf(raw)
}

// ID returns the member id.
func (b *Body) ID() string { return b.Text("id") }

// Empty says whether there are no members at all.
func (b *Body) Empty() bool { return len(b.members) == 0 }

// Members returns all members as a map.
func (b *Body) Members() map[string]json.RawMessage {
	out := make(map[string]json.RawMessage, len(b.members))
	for _, m := range b.members {
		out[m.name] = m.raw
	}
	return out
}

// Version returns the version that was sent, nil for none.
func (b *Body) Version() *int64 {
	raw, ok := b.Raw("version")
	if !ok || kindOf(raw) == 'n' {
		return nil
	}
	v := toLong(raw)
	return &v
}

// SetType replaces the type that was sent.
func (b *Body) SetType(typ string) { b.set("type", AppendJSONString(nil, typ)) }

// SetID replaces the id that was sent.
func (b *Body) SetID(id string) { b.set("id", AppendJSONString(nil, id)) }

// SetDeclaredType keeps the type that was sent when it is the type of the path, or when the path is its plural;
// otherwise the type of the path counts (D27).
func (b *Body) SetDeclaredType(segment, pathType string) {
	declared := b.Text("type")
	if strings.TrimSpace(declared) != "" && (declared == pathType || Plural(declared) == segment) {
		return
	}
	b.SetType(pathType)
}

// DropVotes removes the members that vote (R 14).
func (b *Body) DropVotes() {
	kept := b.members[:0]
	for _, m := range b.members {
		switch m.name {
		case "_voteup", "_votedown", "_vote_expires_after", "_vote_locked_after":
		default:
			kept = append(kept, m)
		}
	}
	b.members = kept
}

// JoinBodies returns one body that has the effect of several applied in order.
func JoinBodies(list []*Body) *Body {
	if len(list) == 1 {
		return list[0]
	}
	joined := &Body{}
	for _, b := range list {
		if raw, ok := b.Raw("properties"); ok && kindOf(raw) == '{' {
			joined.dropCustom(TypeOf(b.Text("type")))
		}
		for _, m := range b.members {
			joined.set(m.name, m.raw)
		}
	}
	return joined
}

// dropCustom removes members that a replaced map of properties makes void.
func (b *Body) dropCustom(t *Type) {
	kept := b.members[:0]
	for _, m := range b.members {
		if t.Field(m.name) != nil {
			kept = append(kept, m)
		}
	}
	b.members = kept
}

// Populate makes an object from a body in create mode (O 6): every stored field can be set. Errors: an empty body, a
// member of a kind that its field cannot take.
func Populate(b *Body) (*Object, error) {
	if b == nil || b.Empty() {
		return nil, fmt.Errorf("the body has no members")
	}
	typ := b.Text("type")
	if strings.TrimSpace(typ) == "" {
		typ = "sysprop"
	}
	o := &Object{typ: TypeOf(typ), members: make([]member, 0, len(b.members)+12), body: b}
	o.setText("type", typ)
	if err := o.apply(b, true); err != nil {
		return nil, err
	}
	return o, nil
}

// Merge applies a body in update mode (O 6): locked members are ignored, null keeps a declared member and removes a
// custom one. On an error the object is not to be used.
func (o *Object) Merge(b *Body) error {
	if b == nil {
		return nil
	}
	return o.apply(b, false)
}

func (o *Object) apply(b *Body, create bool) error {
	for _, m := range b.members {
		f := o.typ.Field(m.name)
		if f == nil || f.Computed || f.Name == "type" || f.Locked && !create || kindOf(m.raw) == 'n' {
			continue
		}
		if err := o.assign(f, m.raw); err != nil {
			return err
		}
	}
	if !o.typ.Open {
		return nil
	}
	if raw, ok := b.Raw("properties"); ok {
		if err := o.applyProperties(raw); err != nil {
			return err
		}
	}
	for _, m := range b.members {
		if m.name == "properties" || o.typ.Field(m.name) != nil || strings.TrimSpace(m.name) == "" {
			continue
		}
		o.setRaw(m.name, m.raw)
	}
	return nil
}

// applyProperties replaces all custom properties by those of an object, or a text that holds one (O 6.3). Names of
// declared members are dropped (D23). Any other value is a custom property of that name.
func (o *Object) applyProperties(raw []byte) error {
	if kindOf(raw) == 'n' {
		return nil
	}
	if kindOf(raw) == '"' {
		if inner, ok := embedded(raw, '{'); ok {
			raw = inner
		}
	}
	if kindOf(raw) != '{' {
		o.setRaw("properties", raw)
		return nil
	}
	nested, err := splitObject(raw, nil)
	if err != nil {
		return err
	}
	kept := o.members[:0]
	for _, m := range o.members {
		if o.typ.Field(m.name) != nil {
			kept = append(kept, m)
		}
	}
	o.members = kept
	for _, m := range nested {
		if o.typ.Field(m.name) == nil && strings.TrimSpace(m.name) != "" && m.name != "properties" {
			o.setRaw(m.name, m.raw)
		}
	}
	return nil
}

// embedded returns the JSON that a text holds when it is of the wanted kind (O 5.2).
func embedded(raw []byte, kind byte) ([]byte, bool) {
	p := newParser([]byte(textOf(raw)))
	inner, err := p.value(nil, 1)
	if err != nil || p.peek() != 0 {
		return nil, false
	}
	return inner, kindOf(inner) == kind || kindOf(inner) == 'n'
}

// assign converts a value to the kind of its field and sets it (O 6.2).
func (o *Object) assign(f *Field, raw []byte) error {
	switch f.Kind {
	case TextField:
		text, ok := toText(raw)
		if ok {
			o.assignText(f, text)
		}
	case LongField:
		n := toLong(raw)
		if n == 0 && f.Default == "" {
			o.Remove(f.Name)
			return nil
		}
		o.setInt(f.Name, n)
	case IntField:
		n := toLong(raw)
		if n != int64(int32(n)) {
			n = 0
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
	case f.Name == "currency" && o.typ.Name == "user":
		o.setText("currency", text)
	case f.Name == "tag" && o.typ.Name == "tag":
		o.setText("tag", TagValue(text))
	default:
		o.setText(f.Name, text)
	}
}

func (o *Object) assignList(f *Field, raw []byte) error {
	if kindOf(raw) == '"' {
		text := textOf(raw)
		if text == "" {
			return nil
		}
		inner, ok := embedded(raw, '[')
		if !ok {
			return fmt.Errorf("the member %q must be an array of texts, not the text %.40q", f.Name, text)
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
		return fmt.Errorf("the member %q must be an array of texts, not %.40s", f.Name, raw)
	}
	limit := len(items)
	if f.Name == "notifyEmails" {
		limit = min(limit, 10) // O 7.10
	}
	out := []byte{'['}
	for _, item := range items {
		if kindOf(item) == 'n' || limit == 0 {
			continue
		}
		limit--
		if len(out) > 1 {
			out = append(out, ',')
		}
		text, _ := toText(item)
		out = AppendJSONString(out, text)
	}
	o.setRaw(f.Name, append(out, ']'))
	return nil
}

func (o *Object) assignKind(f *Field, raw []byte, kind byte) error {
	if kindOf(raw) == '"' {
		if text := textOf(raw); text == "" {
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
	o.setRaw(f.Name, raw)
	return nil
}

func wrongKind(f *Field, raw []byte, kind byte) error {
	want := "an object"
	if kind == '[' {
		want = "an array"
	}
	return fmt.Errorf("the member %q must be %s, not %.40s", f.Name, want, raw)
}

// toText converts a value to a text (O 6.2); false: there is none, the field keeps its value.
func toText(raw []byte) (string, bool) {
	switch kindOf(raw) {
	case '"':
		return textOf(raw), true
	case '[':
		items, _ := splitArray(raw)
		if len(items) == 0 || kindOf(items[0]) == 'n' {
			return "", false
		}
		return toText(items[0])
	case '{':
		return mapText(raw), true
	}
	return string(raw), true
}

// mapText is the text that Java makes of a map: {a=1, b=x} (O 6.2).
func mapText(raw []byte) string {
	members, err := splitObject(raw, nil)
	if err != nil {
		return string(raw)
	}
	var b strings.Builder
	b.WriteByte('{')
	for i, m := range members {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(m.name + "=")
		switch kindOf(m.raw) {
		case '{':
			b.WriteString(mapText(m.raw))
		case '[':
			items, _ := splitArray(m.raw)
			parts := make([]string, len(items))
			for j, x := range items {
				if kindOf(x) == '{' {
					parts[j] = mapText(x)
				} else {
					parts[j] = textOf(x)
				}
			}
			b.WriteString("[" + strings.Join(parts, ", ") + "]")
		default:
			b.WriteString(textOf(m.raw))
		}
	}
	b.WriteByte('}')
	return b.String()
}

// toLong converts a value to an integer; what cannot be converted is 0 (O 6.2).
func toLong(raw []byte) int64 {
	switch kindOf(raw) {
	case '0':
		if n, err := strconv.ParseInt(string(raw), 10, 64); err == nil {
			return n
		}
		if bytes.ContainsAny(raw, ".eE") {
			f, err := strconv.ParseFloat(string(raw), 64)
			if err == nil && f > -9.2e18 && f < 9.2e18 {
				return int64(f)
			}
		}
	case '"':
		if n, err := strconv.ParseInt(strings.TrimSpace(textOf(raw)), 10, 64); err == nil {
			return n
		}
	case 't':
		return 1
	case '[':
		if items, _ := splitArray(raw); len(items) > 0 {
			return toLong(items[0])
		}
	}
	return 0
}

// toFlag converts a value to a boolean; what cannot be converted is false (O 6.2).
func toFlag(raw []byte) bool {
	switch kindOf(raw) {
	case 't':
		return true
	case '0':
		return string(raw) == "1"
	case '"':
		switch strings.ToLower(textOf(raw)) {
		case "true", "yes", "y", "on", "1":
			return true
		}
	case '[':
		if items, _ := splitArray(raw); len(items) > 0 {
			return toFlag(items[0])
		}
	}
	return false
}

func utf16Len(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r > 0xFFFF {
			n++
		}
	}
	return n
}
