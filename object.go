package para

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// Object is one JSON object of a type: declared members, computed ones, then custom properties in the order in which they
// were set. Values are kept as JSON text, so numbers stay as they were written (D22). Any number of goroutines may read an
// Object; changing one needs exclusive use.
type Object struct {
	members
	typ  *Type
	body *Body // what it was populated from; nil after storing
}

// New returns an empty object of a type, without defaults.
func New(typ string) *Object {
	o := &Object{typ: TypeOf(typ)}
	o.setText("type", typ)
	return o
}

// DecodeObject reads the JSON of an object as it is: every member is kept, no rule of population applies. It accepts the
// form of answers and the one with custom properties nested under "properties". It is for data that this server or its
// answers hold and checks only the outline; bodies of requests go through ParseBody and Populate. data must not change
// while the object is in use.
func DecodeObject(data []byte) (*Object, error) {
	list, err := splitObject(data, make([]member, 0, 24))
	if err != nil {
		return nil, fmt.Errorf("decode object: %w", err)
	}
	o := &Object{members: newMembers(list)}
	o.keep(func(m member) bool { return kindOf(m.raw) != 'n' })
	raw, _ := o.get("type")
	o.typ = typeOfRaw(raw)
	if !o.typ.Open {
		return o, nil
	}
	if raw, ok := o.get("properties"); ok && kindOf(raw) == '{' {
		nested, err := splitObject(raw, nil)
		if err != nil {
			return nil, fmt.Errorf("decode properties: %w", err)
		}
		o.Remove("properties")
		for _, m := range nested {
			if o.typ.Field(m.name) == nil && m.name != "properties" {
				o.setRaw(m.name, m.raw)
			}
		}
	}
	return o, nil
}

// typeOfRaw is TypeOf for a JSON string.
func typeOfRaw(raw []byte) *Type {
	if len(raw) >= 2 {
		if t, ok := coreTypes[string(raw[1:len(raw)-1])]; ok {
			return t
		}
	}
	return customType
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
	next := 0
	for i := range o.typ.Fields {
		switch f := &o.typ.Fields[i]; {
		case !f.Computed:
			if raw := o.next(f.Name, &next); raw != nil {
				dst = appendMember(dst, n, f.Name, raw)
			}
		case f.Name == "objectURI":
			dst = o.appendURI(dst, n)
		case f.Name == "plural":
			dst = o.appendPlural(dst, n)
		}
	}
	for i := range o.list {
		if m := &o.list[i]; o.typ.Field(m.name) == nil {
			dst = appendMember(dst, n, m.name, m.raw)
		}
	}
	return append(dst, '}')
}

// next returns the value of a member, nil for none. Objects are mostly in the order of their type already, so the place
// after the last hit is tried first.
func (o *Object) next(name string, place *int) []byte {
	i := *place
	if i >= len(o.list) || o.list[i].name != name {
		if i = o.index(name); i < 0 {
			return nil
		}
	}
	*place = i + 1
	return o.list[i].raw
}

// appendMember appends a member of an object whose text starts at n, with a comma where one is needed.
func appendMember(dst []byte, n int, name string, raw []byte) []byte {
	if len(dst) > n {
		dst = append(dst, ',')
	}
	dst = append(AppendJSONString(dst, name), ':')
	return append(dst, raw...)
}

func (o *Object) appendURI(dst []byte, n int) []byte {
	dst = append(appendMember(dst, n, "objectURI", nil), '"')
	return append(o.appendPath(dst), '"') // form encoding leaves nothing to escape
}

func (o *Object) appendPlural(dst []byte, n int) []byte {
	return AppendJSONString(appendMember(dst, n, "plural", nil), Plural(o.Type()))
}

// appendPath appends the path of the object below /v1 (O 3.3): a tag is named by its value, everything else by its id.
func (o *Object) appendPath(dst []byte) []byte {
	typ := o.Type()
	dst = formEncode(append(dst, '/'), typ)
	if typ == "tag" {
		if raw, ok := o.get("tag"); ok {
			dst = formEncode(append(dst, '/'), textOf(raw))
		}
		return dst
	}
	if id := o.ID(); !blank(id) {
		dst = formEncode(append(dst, '/'), id)
	}
	return dst
}

// URI returns the object's path below /v1 (O 3.3).
func (o *Object) URI() string { return string(o.appendPath(nil)) }

// RecordURI returns the path of a record's object below /v1.
func RecordURI(r *Record) string {
	o, err := DecodeObject(r.Data)
	if err != nil {
		o = New(r.Type)
		o.SetID(r.ID)
	}
	return o.URI()
}

// Raw returns the JSON text of a member, false when the object does not have it.
func (o *Object) Raw(name string) (json.RawMessage, bool) { return o.get(name) }

// Lookup returns the value at a dotted path, as queries name it: custom properties stand below "properties" (S 3.1).
func (o *Object) Lookup(path string) (json.RawMessage, bool) {
	rest, custom := strings.CutPrefix(path, "properties.")
	return lookup(o.list, rest, func(name string) bool { return custom == o.Custom(name) })
}

// lookup finds the value at a path: names that hold dots themselves are found too.
func lookup(list []member, path string, counts func(name string) bool) (json.RawMessage, bool) {
	for _, m := range list {
		if !counts(m.name) {
			continue
		}
		if m.name == path {
			return m.raw, true
		}
		below, ok := strings.CutPrefix(path, m.name+".")
		if !ok || kindOf(m.raw) != '{' {
			continue
		}
		nested, err := splitObject(m.raw, nil)
		if err != nil {
			continue
		}
		if raw, ok := lookup(nested, below, func(string) bool { return true }); ok {
			return raw, true
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
	o.members.set(name, raw)
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
func (o *Object) Remove(name string) { o.remove(name) }

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
	out := make([]string, 0, len(o.list))
	for i := range o.typ.Fields {
		if o.index(o.typ.Fields[i].Name) >= 0 {
			out = append(out, o.typ.Fields[i].Name)
		}
	}
	for _, m := range o.list {
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
	c.members = o.clone()
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

// AssignID gives the object an id: of a vote and a tag the one its members make, else a new one (O 7.4, O 7.5, D25). A
// tag without value gets an id that does not become its value, so that validation still misses the value.
func (o *Object) AssignID(ids *IDGenerator) {
	switch o.typ.Name {
	case "tag":
		if t := o.Text("tag"); !blank(t) {
			o.SetID(t)
			return
		}
		o.setText("id", "tag"+Separator+ids.Next())
		return
	case "vote":
		if c, p := o.CreatorID(), o.ParentID(); !blank(c) && !blank(p) {
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
