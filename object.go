package para

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Object is one JSON object of a type: declared members in the order of the type, computed ones, then custom properties
// in the order in which they were set. Values are kept as JSON text, so numbers stay as they were written (D22). An Object
// is not safe for concurrent use.
type Object struct {
	typ     *Type
	members []member
	body    *Body // password and other members that are never stored; nil after storing
}

type member struct {
	name string
	raw  []byte
}

// New returns an empty object of a type, without defaults.
func New(typ string) *Object {
	o := &Object{typ: TypeOf(typ)}
	o.setText("type", typ)
	return o
}

// DecodeObject reads the JSON of an object as it is: every member is kept, no rule of population applies. It accepts the
// form of answers and the one with custom properties nested under "properties". It is for data that this server or its
// answers hold; bodies of requests go through ParseBody and Populate.
func DecodeObject(data []byte) (*Object, error) {
	members, err := splitObject(data, make([]member, 0, 24))
	if err != nil {
		return nil, fmt.Errorf("decode object: %w", err)
	}
	o := &Object{members: members}
	typ := ""
	for _, m := range members {
		if m.name == "type" {
			typ = textOf(m.raw)
		}
	}
	o.typ = TypeOf(typ)
	if raw, ok := o.Raw("properties"); ok && o.typ.Open && kindOf(raw) == '{' {
		nested, err := splitObject(raw, nil)
		if err != nil {
			return nil, fmt.Errorf("decode properties: %w", err)
		}
		o.Remove("properties")
		for _, m := range nested {
			if o.typ.Field(m.name) == nil {
				o.setRaw(m.name, m.raw)
			}
		}
	}
	return o, nil
}

// UnmarshalJSON reads what AppendJSON or a server writes.
func (o *Object) UnmarshalJSON(data []byte) error {
	p := newParser(data)
	canonical, err := p.value(nil, 1)
	if err != nil {
		return err
	}
	decoded, err := DecodeObject(canonical)
	if err != nil {
		return err
	}
	*o = *decoded
	return nil
}

// MarshalJSON writes the object with all its members.
func (o *Object) MarshalJSON() ([]byte, error) { return o.AppendJSON(nil), nil }

// AppendJSON appends the complete JSON of the object: hidden members and the computed objectURI and plural too. Members
// without a value are left out (D1); the order is always the same.
func (o *Object) AppendJSON(dst []byte) []byte {
	dst = append(dst, '{')
	n := len(dst)
	for i := range o.typ.Fields {
		f := &o.typ.Fields[i]
		if f.Computed {
			switch f.Name {
			case "objectURI":
				dst = appendMember(dst, n, f.Name, nil)
				dst = AppendJSONString(dst, o.URI())
			case "plural":
				dst = appendMember(dst, n, f.Name, nil)
				dst = AppendJSONString(dst, Plural(o.Type()))
			}
			continue
		}
		if raw, ok := o.Raw(f.Name); ok {
			dst = appendMember(dst, n, f.Name, raw)
		}
	}
	for _, m := range o.members {
		if o.typ.Field(m.name) == nil {
			dst = appendMember(dst, n, m.name, m.raw)
		}
	}
	return append(dst, '}')
}

// appendMember appends a member of an object whose text starts at n, with a comma where one is needed.
func appendMember(dst []byte, n int, name string, raw []byte) []byte {
	if len(dst) > n {
		dst = append(dst, ',')
	}
	dst = append(AppendJSONString(dst, name), ':')
	return append(dst, raw...)
}

// URI returns the object's path below /v1 (O 3.3).
func (o *Object) URI() string {
	if o.Type() == "tag" {
		_, ok := o.Raw("tag")
		return objectURI("tag", o.Text("tag"), ok)
	}
	return objectURI(o.Type(), o.ID(), strings.TrimSpace(o.ID()) != "")
}

// RecordURI returns the path of a record's object below /v1.
func RecordURI(r *Record) string {
	o, err := DecodeObject(r.Data)
	if err != nil {
		return objectURI(r.Type, r.ID, true)
	}
	return o.URI()
}

func (o *Object) index(name string) int {
	for i := range o.members {
		if o.members[i].name == name {
			return i
		}
	}
	return -1
}

// Raw returns the JSON text of a member, false when the object does not have it.
func (o *Object) Raw(name string) (json.RawMessage, bool) {
	if i := o.index(name); i >= 0 {
		return o.members[i].raw, true
	}
	return nil, false
}

// Lookup returns the value at a dotted path, as queries name it: custom properties stand below "properties" (S 3.1).
func (o *Object) Lookup(path string) (json.RawMessage, bool) {
	rest, custom := strings.CutPrefix(path, "properties.")
	for i, m := range o.members {
		if custom != o.Custom(m.name) {
			continue
		}
		if m.name == rest {
			return o.members[i].raw, true
		}
		if below, ok := strings.CutPrefix(rest, m.name+"."); ok {
			if raw, ok := lookup(m.raw, below); ok {
				return raw, true
			}
		}
	}
	return nil, false
}

func lookup(raw []byte, path string) (json.RawMessage, bool) {
	members, err := splitObject(raw, nil)
	if err != nil {
		return nil, false
	}
	for _, m := range members {
		if m.name == path {
			return m.raw, true
		}
		if below, ok := strings.CutPrefix(path, m.name+"."); ok {
			if raw, ok := lookup(m.raw, below); ok {
				return raw, true
			}
		}
	}
	return nil, false
}

// SetRaw sets a member to a JSON text, which must be valid and is kept; null removes the member.
func (o *Object) SetRaw(name string, raw json.RawMessage) { o.setRaw(name, raw) }

func (o *Object) setRaw(name string, raw []byte) {
	if kindOf(raw) == 'n' {
		o.Remove(name)
		return
	}
	if name == "type" {
		o.typ = TypeOf(textOf(raw))
	}
	if i := o.index(name); i >= 0 {
		o.members[i].raw = raw
		return
	}
	o.members = append(o.members, member{name, raw})
}

// Set sets a member to a value that encoding/json can encode; nil removes it.
func (o *Object) Set(name string, v any) error {
	switch v := v.(type) {
	case string:
		o.setText(name, v)
		return nil
	case bool:
		o.setRaw(name, strconv.AppendBool(nil, v))
		return nil
	}
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("set %s: %w", name, err)
	}
	p := newParser(data)
	canonical, err := p.value(nil, 1)
	if err != nil {
		return fmt.Errorf("set %s: %w", name, err)
	}
	o.setRaw(name, canonical)
	return nil
}

func (o *Object) setText(name, v string) { o.setRaw(name, AppendJSONString(nil, v)) }

func (o *Object) setInt(name string, v int64) { o.setRaw(name, strconv.AppendInt(nil, v, 10)) }

// Remove removes a member.
func (o *Object) Remove(name string) {
	if i := o.index(name); i >= 0 {
		o.members = slices.Delete(o.members, i, i+1)
	}
}

// Text returns a member as text: a string's text, the JSON of any other value, "" when it is absent.
func (o *Object) Text(name string) string {
	raw, ok := o.Raw(name)
	if !ok {
		return ""
	}
	return textOf(raw)
}

// Int returns a member that is a whole number, 0 for anything else.
func (o *Object) Int(name string) int64 {
	raw, ok := o.Raw(name)
	if !ok {
		return 0
	}
	n, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// Bool returns a member that is true.
func (o *Object) Bool(name string) bool {
	raw, _ := o.Raw(name)
	return string(raw) == "true"
}

// List returns a member that is an array, its elements as texts; nil for anything else.
func (o *Object) List(name string) []string {
	raw, ok := o.Raw(name)
	if !ok {
		return nil
	}
	items, ok := splitArray(raw)
	if !ok {
		return nil
	}
	out := make([]string, len(items))
	for i, item := range items {
		out[i] = textOf(item)
	}
	return out
}

// Names returns the names of the members that the object has, declared ones first.
func (o *Object) Names() []string {
	out := make([]string, 0, len(o.members))
	for i := range o.typ.Fields {
		if o.index(o.typ.Fields[i].Name) >= 0 {
			out = append(out, o.typ.Fields[i].Name)
		}
	}
	for _, m := range o.members {
		if o.typ.Field(m.name) == nil {
			out = append(out, m.name)
		}
	}
	return out
}

// Custom says whether a name is that of a custom property, not of a member that the type declares.
func (o *Object) Custom(name string) bool { return o.typ.Field(name) == nil }

// Description returns the description of the object's type.
func (o *Object) Description() *Type { return o.typ }

// Clone returns an independent copy.
func (o *Object) Clone() *Object {
	c := *o
	c.members = slices.Clone(o.members)
	return &c
}

// The members that every object has (O 4).

// ID returns the object's id.
func (o *Object) ID() string { return o.Text("id") }

// Type returns the name of the object's type.
func (o *Object) Type() string { return o.Text("type") }

// AppID returns the identifier of the app the object belongs to.
func (o *Object) AppID() string { return o.Text("appid") }

// ParentID returns the id of the object's parent.
func (o *Object) ParentID() string { return o.Text("parentid") }

// CreatorID returns the id of the object's owner.
func (o *Object) CreatorID() string { return o.Text("creatorid") }

// Name returns the object's name.
func (o *Object) Name() string { return o.Text("name") }

// Timestamp returns when the object was created, in milliseconds since 1970; 0 when that is not known.
func (o *Object) Timestamp() int64 { return o.Int("timestamp") }

// Updated returns when the object was last updated, in milliseconds since 1970; 0 for never.
func (o *Object) Updated() int64 { return o.Int("updated") }

// Version returns the version that optimistic locking compares; 0 switches locking off (D30).
func (o *Object) Version() int64 { return o.Int("version") }

// Votes returns the sum of the votes.
func (o *Object) Votes() int64 { return o.Int("votes") }

// Tags returns the object's tags.
func (o *Object) Tags() []string { return o.List("tags") }

// IsStored says whether the object is kept in the database; absent means yes.
func (o *Object) IsStored() bool { return o.flag("stored") }

// IsIndexed says whether searches find the object; absent means yes.
func (o *Object) IsIndexed() bool { return o.flag("indexed") }

// IsCached says whether the object may be kept in memory; absent means yes.
func (o *Object) IsCached() bool { return o.flag("cached") }

func (o *Object) flag(name string) bool {
	raw, ok := o.Raw(name)
	return !ok || string(raw) != "false"
}

// CachedFlag says whether stored JSON of an object allows keeping it in memory.
func CachedFlag(data []byte) bool {
	return !bytes.Contains(data, []byte(`"cached":false`)) || cachedSlow(data)
}

func cachedSlow(data []byte) bool {
	o, err := DecodeObject(data)
	return err == nil && o.IsCached()
}

// SetID sets the id in the form that the type asks for; for a tag the value too (O 7.4, O 8.1).
func (o *Object) SetID(id string) {
	switch o.Type() {
	case "app":
		id = AppID(id)
	case "tag":
		id = TagID(id)
		o.setText("tag", strings.TrimPrefix(id, "tag"+Separator))
	}
	o.setText("id", id)
}

// SetType sets the name of the type.
func (o *Object) SetType(typ string) { o.setText("type", typ) }

// SetAppID sets the identifier of the app the object belongs to.
func (o *Object) SetAppID(identifier string) { o.setText("appid", identifier) }

// SetParentID sets the parent; "" removes it.
func (o *Object) SetParentID(id string) { o.setOrRemove("parentid", id) }

// SetCreatorID sets the owner; "" removes it.
func (o *Object) SetCreatorID(id string) { o.setOrRemove("creatorid", id) }

func (o *Object) setOrRemove(name, v string) {
	if v == "" {
		o.Remove(name)
		return
	}
	o.setText(name, v)
}

// SetName sets the name; "" is ignored (O 4). Names of users lose what they must not hold.
func (o *Object) SetName(name string) {
	if name == "" {
		return
	}
	if o.Type() == "user" {
		name = cleanUserName(name)
	}
	o.setText("name", name)
}

// SetTimestamp sets the time of creation in milliseconds since 1970.
func (o *Object) SetTimestamp(ms int64) { o.setInt("timestamp", ms) }

// SetUpdated sets the time of the last update in milliseconds since 1970.
func (o *Object) SetUpdated(ms int64) { o.setInt("updated", ms) }

// SetVersion sets the version.
func (o *Object) SetVersion(v int64) { o.setInt("version", v) }

// SetTags sets the tags.
func (o *Object) SetTags(tags ...string) { _ = o.Set("tags", tags) } // texts always encode

// CleanType repairs the name of the type (O 2.3).
func (o *Object) CleanType() {
	if clean := CleanType(o.Type()); clean != o.Type() {
		o.SetType(clean)
	}
}

// AssignID gives the object an id: of a vote and a tag the one its members make, else a new one (O 7.4, O 7.5, D25).
func (o *Object) AssignID(ids *IDGenerator) {
	switch o.Type() {
	case "tag":
		if t := o.Text("tag"); strings.TrimSpace(t) != "" {
			o.SetID(t)
			return
		}
	case "vote":
		if c, p := o.CreatorID(), o.ParentID(); c != "" && p != "" {
			o.setText("id", VoteID(c, p))
			return
		}
	}
	o.SetID(ids.Next())
}

// Sent says whether the body that the object was populated from had a member.
func (o *Object) Sent(name string) bool {
	if o.body == nil {
		return false
	}
	raw, ok := o.body.Raw(name)
	return ok && kindOf(raw) != 'n'
}

// VoteID returns the id of the vote of a voter on an object (O 7.5).
func VoteID(voter, object string) string { return "vote" + Separator + voter + Separator + object }

// IsIdentity says whether an object is an identity record (D80).
func IsIdentity(o *Object) bool { return o.Type() == "sysprop" && o.Name() == IdentityName }
