package hocon

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Position is a place in a source. Line and Column count from 1; Column counts characters. Line 0 means the value has
// no place in a file, such as one taken from the environment.
type Position struct {
	File   string
	Line   int
	Column int
}

// String returns "file:line:column", without the parts that are not known.
func (p Position) String() string {
	switch {
	case p.Line == 0:
		return p.File
	case p.File == "":
		return fmt.Sprintf("%d:%d", p.Line, p.Column)
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// Kind is the type of a value.
type Kind int

// The kinds of values.
const (
	Null Kind = iota
	String
	Number
	Boolean
	List
	Map
)

// String returns the name that error messages use.
func (k Kind) String() string {
	return [...]string{"null", "string", "number", "boolean", "list", "object"}[k]
}

// Value is one resolved, immutable value.
type Value struct {
	kind   Kind
	raw    string // strings: the text; numbers and booleans: as written
	items  []*Value
	object *Object
	hidden *Value
	pos    Position
}

// Kind returns the type of the value.
func (v *Value) Kind() Kind { return v.kind }

// Position returns where the value was written.
func (v *Value) Position() Position { return v.pos }

// Items returns the elements of a list, nil for any other kind. The caller must not change the slice.
func (v *Value) Items() []*Value { return v.items }

// Object returns the members of an object, nil for any other kind and for a nil value.
func (v *Value) Object() *Object {
	if v == nil {
		return nil
	}
	return v.object
}

// Hidden returns what this value replaced under the same key when that was of the other sort: the scalar or list that
// an object replaced, or the object that a scalar or list replaced. Nil when there is none. HOCON drops such values
// (C 2.1, rule 10); a reader that has both an option "search" and an option "search.timeout" can still find them.
func (v *Value) Hidden() *Value { return v.hidden }

// Text returns the text form of the value (C 2.2): "[a, 1]" for lists, "{x=1, y=two}" for objects, numbers without
// needless zeros, "" for null.
func (v *Value) Text() string {
	switch v.kind {
	case String, Boolean:
		return v.raw
	case Number:
		return numberText(v.raw)
	case List, Map:
		var b strings.Builder
		v.writeText(&b)
		return b.String()
	}
	return ""
}

func (v *Value) writeText(b *strings.Builder) {
	switch v.kind {
	case Null:
		b.WriteString("null")
	case List:
		b.WriteByte('[')
		for i, item := range v.items {
			if i > 0 {
				b.WriteString(", ")
			}
			item.writeText(b)
		}
		b.WriteByte(']')
	case Map:
		b.WriteByte('{')
		first := true
		for _, key := range v.object.keys {
			member := v.object.members[key]
			if member.kind == Null {
				continue
			}
			if !first {
				b.WriteString(", ")
			}
			first = false
			b.WriteString(key)
			b.WriteByte('=')
			member.writeText(b)
		}
		b.WriteByte('}')
	default:
		b.WriteString(v.Text())
	}
}

// numberText drops leading and trailing zeros, an exponent where the number is whole, and the sign of zero.
func numberText(raw string) string {
	if !strings.ContainsAny(raw, ".eE") {
		n, err := strconv.ParseInt(raw, 10, 64)
		if err != nil {
			return raw
		}
		return strconv.FormatInt(n, 10)
	}
	f, err := strconv.ParseFloat(raw, 64)
	if err != nil || math.IsInf(f, 0) {
		return raw
	}
	if f == math.Trunc(f) && math.Abs(f) < 1<<63 {
		return strconv.FormatInt(int64(f), 10)
	}
	return strconv.FormatFloat(f, 'g', -1, 64)
}

// isNumber reports whether unquoted text is a number: decimal digits with an optional sign, fraction and exponent.
// Whole numbers beyond 64 bits stay text.
func isNumber(s string) bool {
	if s == "" || (s[0] != '-' && (s[0] < '0' || s[0] > '9')) {
		return false
	}
	for i := 0; i < len(s); i++ {
		if !isNumberByte(s[i]) {
			return false
		}
	}
	if strings.ContainsAny(s, ".eE") {
		_, err := strconv.ParseFloat(s, 64)
		return err == nil
	}
	_, err := strconv.ParseInt(s, 10, 64)
	return err == nil
}

func isNumberByte(c byte) bool {
	return c >= '0' && c <= '9' || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E'
}

// Object is an ordered set of members; a later definition of a key keeps the place of the first.
type Object struct {
	keys    []string
	members map[string]*Value
}

func newObject() *Object { return &Object{members: map[string]*Value{}} }

func (o *Object) set(key string, v *Value) {
	if _, ok := o.members[key]; !ok {
		o.keys = append(o.keys, key)
	}
	o.members[key] = v
}

// Keys returns the member names in file order, those whose value is null left out.
func (o *Object) Keys() []string {
	keys := make([]string, 0, len(o.keys))
	for _, key := range o.keys {
		if o.members[key].kind != Null {
			keys = append(keys, key)
		}
	}
	return keys
}

// Get follows a path of keys and returns the value there, nil when there is none or it is null (C 2.1, rule 13).
// Without a path it returns nil.
func (o *Object) Get(path ...string) *Value {
	v := o.get(path)
	if v == nil || v.kind == Null {
		return nil
	}
	return v
}

func (o *Object) get(path []string) *Value {
	var v *Value
	for i, key := range path {
		if i > 0 {
			o = v.object
		}
		if o == nil {
			return nil
		}
		if v = o.members[key]; v == nil {
			return nil
		}
	}
	return v
}

// Entry is one scalar or list with its full key.
type Entry struct {
	Key   string   // elements joined by dots; elements that are not plain names are quoted
	Path  []string // the elements
	Value *Value
}

// Entries returns every scalar and list below o, depth first in file order. Empty objects and nulls have no entry.
func (o *Object) Entries() []Entry {
	var out []Entry
	o.appendEntries(&out, nil)
	return out
}

func (o *Object) appendEntries(out *[]Entry, prefix []string) {
	for _, key := range o.keys {
		v := o.members[key]
		path := append(prefix[:len(prefix):len(prefix)], key)
		switch v.kind {
		case Null:
		case Map:
			v.object.appendEntries(out, path)
		default:
			*out = append(*out, Entry{Key: JoinPath(path), Path: path, Value: v})
		}
	}
}

// JoinPath writes a path the way a file would: elements joined by dots, those that hold other characters than letters,
// digits, '_' and '-' in quotes.
func JoinPath(path []string) string {
	var b strings.Builder
	for i, key := range path {
		if i > 0 {
			b.WriteByte('.')
		}
		if isPlainKey(key) {
			b.WriteString(key)
		} else {
			b.WriteString(Quote(key))
		}
	}
	return b.String()
}

func isPlainKey(s string) bool {
	for _, r := range s {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '_', r == '-', r == '*', r == '/':
		default:
			return false
		}
	}
	return s != ""
}

// mergeValues lays upper over lower: objects merge member by member, anything else in upper wins.
func mergeValues(lower, upper *Value) *Value {
	if lower == nil {
		return upper
	}
	if upper == nil {
		return lower
	}
	if upper.kind != Map || lower.kind != Map {
		merged := *upper
		if merged.hidden == nil && (upper.kind == Map) != (lower.kind == Map) && lower.kind != Null {
			merged.hidden = lower
		}
		return &merged
	}
	merged := newObject()
	for _, key := range lower.object.keys {
		merged.set(key, lower.object.members[key])
	}
	for _, key := range upper.object.keys {
		merged.set(key, mergeValues(merged.members[key], upper.object.members[key]))
	}
	hidden := upper.hidden
	if hidden == nil {
		hidden = lower.hidden
	}
	return &Value{kind: Map, object: merged, hidden: hidden, pos: upper.pos}
}

// Quote writes text as a quoted string that HOCON and JSON read back unchanged.
func Quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < 0x20:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
