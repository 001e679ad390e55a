package analysis

import (
	"encoding/json"
	"errors"
	"iter"
	"strconv"
	"strings"

	para "github.com/erudika/para-go"
)

// TextSuffix names the analysed side of a field that is both a keyword and text (T12): the tokens of "id1" are those of
// the field "id1~".
const TextSuffix = "~"

// valueGap keeps phrases from running from one value of a field into the next (T9).
const valueGap = 100

// maxValue bounds a keyword value in bytes; longer ones are cut at the border of a character (S 3.3).
const maxValue = 32766

// maxFields bounds the values of one document.
const maxFields = 10_000

// keywords are the fields that keep their whole value as one term (S 4.1).
var keywords = map[string]bool{
	"nstd": true, "latlng": true, "tag": true, "id": true, "key": true, "name": true, "type": true, "tags": true, "email": true,
	"appid": true, "votes": true, "groups": true, "updated": true, "password": true, "parentid": true, "creatorid": true,
	"timestamp": true, "identifier": true, "nstdparentid": true, "token": true,
}

// both are keywords for exact terms and text for query strings (T12).
var both = map[string]bool{"id1": true, "id2": true, "type1": true, "type2": true, "customEvents": true}

// IsKeyword says whether a field keeps its whole value as one term.
func IsKeyword(field string) bool { return keywords[field] || both[field] }

// IsBoth says whether a field is a keyword and text at once.
func IsBoth(field string) bool { return both[field] }

// Document makes the index document of an object (S 3). Hidden and secret members are left out (T20, D32).
func Document(o *para.Object) *para.Document {
	d := &para.Document{ID: o.ID(), Type: o.Type()}
	b := builder{doc: d, fields: make(map[string]int, 24)}
	for path, raw := range members(o) {
		switch {
		case path == "nstd" && o.Type() == "linker":
			d.Nested = nestedDocuments(raw)
		case isPosition(path, o):
			d.Point = point(o.Text("latlng"))
		default:
			b.add(path, raw, false)
		}
	}
	return d
}

// members are the members of an object that search sees, by their paths.
func members(o *para.Object) iter.Seq2[string, json.RawMessage] {
	return func(yield func(string, json.RawMessage) bool) {
		identity := para.IsIdentity(o)
		for _, name := range o.Names() {
			path := name
			if o.Custom(name) {
				if identity && secretOfIdentity(name) {
					continue
				}
				path = "properties." + name
			} else if f := o.Description().Field(name); f.NoIndex || f.Computed {
				continue
			}
			if raw, _ := o.Raw(name); !yield(path, raw) {
				return
			}
		}
	}
}

// isPosition says whether a member is a position, which has no terms and no order (S 3.3).
func isPosition(path string, o *para.Object) bool {
	return path == "latlng" && strings.Contains(o.Text("latlng"), ",")
}

// SortField makes the one field of an object's document that a search sorts by (S 8.3), without tokens.
func SortField(o *para.Object, field string) (para.IndexField, bool) {
	var d para.Document
	b := builder{doc: &d, fields: make(map[string]int, 1), untokenized: true}
	for path, raw := range members(o) {
		if path == "nstd" && o.Type() == "linker" || isPosition(path, o) {
			continue
		}
		if rest, ok := strings.CutPrefix(field, path); ok && (rest == "" || rest[0] == '.' || rest[0] == '[') {
			b.add(path, raw, false)
		}
	}
	i, ok := b.fields[field]
	if !ok {
		return para.IndexField{}, false
	}
	return d.Fields[i], true
}

func secretOfIdentity(name string) bool {
	return name == "password" || name == "token" || strings.HasPrefix(name, "etoken")
}

// nestedDocuments makes the documents of the elements of nstd (S 15).
func nestedDocuments(raw json.RawMessage) []para.Document {
	var elements []json.RawMessage
	if json.Unmarshal(raw, &elements) != nil {
		return nil
	}
	var out []para.Document
	for _, e := range elements {
		o, err := para.DecodeObject(para.LinkCopy(e))
		if err != nil {
			continue
		}
		out = append(out, *Document(o))
	}
	return out
}

// point reads "lat,lng" (S 3.3): parts that are no numbers count as 0; nil for a place that is not on the earth, which NaN and
// infinite numbers are not either.
func point(text string) *para.Point {
	lat, lng, _ := strings.Cut(text, ",")
	p := para.Point{Lat: degrees(lat), Lng: degrees(lng)}
	if p.Lat >= -90 && p.Lat <= 90 && p.Lng >= -180 && p.Lng <= 180 {
		return &p
	}
	return nil
}

func degrees(text string) float64 {
	f, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0
	}
	return f
}

// builder collects the fields of a document.
type builder struct {
	doc    *para.Document
	fields map[string]int // place in doc.Fields by name
	count  int

	numbers map[fieldNumber]bool // of fields with several values

	untokenized bool
}

// fieldNumber is a number of a field by its key, "" for the fact that all its numbers are known.
type fieldNumber struct{ field, key string }

// repeats says whether a field has a number already: equal numbers of one field are one value, spelled as the first of them.
func (b *builder) repeats(f *para.IndexField, literal string) bool {
	if len(f.Values) == 0 {
		return false
	}
	if b.numbers == nil {
		b.numbers = map[fieldNumber]bool{}
	}
	if all := (fieldNumber{f.Name, ""}); !b.numbers[all] {
		b.numbers[all] = true
		for _, v := range f.Values {
			if key, ok := NumberKey(v.Text); ok && v.Number {
				b.numbers[fieldNumber{f.Name, key}] = true
			}
		}
	}
	key, ok := NumberKey(literal)
	if !ok {
		return false
	}
	n := fieldNumber{f.Name, key}
	if b.numbers[n] {
		return true
	}
	b.numbers[n] = true
	return false
}

// add flattens a value below a path (S 3.3).
func (b *builder) add(path string, raw json.RawMessage, inArray bool) {
	if len(raw) == 0 || b.count >= maxFields {
		return
	}
	switch raw[0] {
	case '{':
		if inArray {
			b.text(path, string(raw)) // an object within an array is a text too (T8)
		}
		for _, m := range para.JSONMembers(raw) {
			b.add(path+"."+m.Name, m.Value, false)
		}
	case '[':
		if inArray {
			b.text(path, string(raw))
		}
		items := para.JSONElements(raw)
		f := b.field(path)
		for i, item := range items {
			b.add(path, item, true)
			for _, m := range para.JSONMembers(item) { // objects can be addressed by their place (S 11.6)
				b.add(path+"["+strconv.Itoa(i)+"]."+m.Name, m.Value, false)
			}
		}
		b.doc.Fields[f].Sort = joined(items)
		b.doc.Fields[f].List = true
	case '"':
		b.text(path, para.JSONText(raw))
	case 't', 'f':
		b.text(path, string(raw))
	case 'n':
	default:
		b.count++
		f := &b.doc.Fields[b.field(path)]
		if b.repeats(f, string(raw)) {
			return
		}
		f.Values = append(f.Values, para.IndexValue{Text: string(raw), Number: true})
		if f.Sort == "" {
			f.Sort = string(raw)
		}
	}
}

// joined is what a list sorts by: its elements, each followed by a comma (S 3.3).
func joined(items []json.RawMessage) string {
	var s strings.Builder
	for _, item := range items {
		s.WriteString(para.JSONText(item))
		s.WriteByte(',')
		if s.Len() > maxValue {
			break
		}
	}
	return cut(s.String())
}

// field returns the place of a field in the document.
func (b *builder) field(path string) int {
	i, ok := b.fields[path]
	if !ok {
		i = len(b.doc.Fields)
		b.fields[path] = i
		b.doc.Fields = append(b.doc.Fields, para.IndexField{Name: path, Keyword: IsKeyword(path)})
	}
	return i
}

// text adds a text value; blank ones are not indexed (S 3.2).
func (b *builder) text(path, text string) {
	if strings.TrimSpace(text) == "" {
		return
	}
	b.count++
	i := b.field(path)
	f := &b.doc.Fields[i]
	if f.Sort == "" {
		f.Sort = cut(text)
	}
	if f.Keyword {
		f.Values = append(f.Values, para.IndexValue{Text: cut(text)})
		if !both[path] {
			return
		}
		i = b.field(path + TextSuffix)
		f = &b.doc.Fields[i]
	}
	start := 0
	for n := len(f.Values) - 1; n >= 0 && start == 0; n-- {
		if t := f.Values[n].Tokens; len(t) > 0 {
			start = t[len(t)-1].Position + valueGap
		}
	}
	var tokens []para.Token
	if !b.untokenized {
		tokens = Tokens(text)
	}
	for j := range tokens {
		tokens[j].Position += start
	}
	f.Values = append(f.Values, para.IndexValue{Text: cut(text), Tokens: tokens})
}

// cut shortens a value to maxValue bytes at the border of a character.
func cut(s string) string {
	if len(s) <= maxValue {
		return s
	}
	n := maxValue
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n]
}
