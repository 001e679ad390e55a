package para

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
)

// Body is the JSON object of a request: members in the order they came, each name once with its last value, values in
// canonical form; null is kept, since it removes custom properties (R 8.3).
type Body struct {
	members
	parts []*Body // of a joined body: applied one after the other; members is empty then
}

// ParseBody reads one JSON object; what follows it is ignored (R 8.1). The error says what is wrong and where.
func ParseBody(data []byte) (*Body, error) {
	p := newParser(data)
	if c := p.peek(); c != '{' {
		return nil, p.wrongKind("A JSON object is expected")
	}
	return p.body(1)
}

// wrongKind is the error for a JSON text that is not of the kind that is needed, or is no JSON at all.
func (p *parser) wrongKind(problem string) error {
	if _, err := p.value(nil, 1); err != nil {
		return err
	}
	p.pos = 0
	p.space()
	return p.fail(problem)
}

// ParseBodies reads an array of JSON objects; null elements are nil. With maxElement above 0 no element may have a
// computed size beyond it (R 8.2).
func ParseBodies(data []byte, maxElement int64) ([]*Body, error) {
	p := newParser(data)
	if c := p.peek(); c != '[' {
		return nil, p.wrongKind("A JSON array is expected")
	}
	p.pos++
	var out []*Body
	if p.peek() == ']' {
		return out, nil
	}
	for {
		b, err := p.element(maxElement)
		if err != nil {
			return nil, err
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

// element reads an element of a batch, nil for null.
func (p *parser) element(maxElement int64) (*Body, error) {
	start := p.pos
	switch p.peek() {
	case '{':
		b, err := p.body(2)
		if err == nil && maxElement > 0 && b.size() > maxElement {
			return nil, ErrElementTooLarge
		}
		return b, err
	case 'n':
		_, err := p.value(nil, 2)
		return nil, err
	}
	if _, err := p.value(nil, 2); err != nil {
		return nil, err
	}
	p.pos = start
	p.space()
	return nil, p.fail("Every element of the array must be a JSON object")
}

// ParseTexts reads an array of texts; null elements are dropped (R 20). Anything else is an error.
func ParseTexts(data []byte) ([]string, error) {
	p := newParser(data)
	if c := p.peek(); c != '[' {
		return nil, p.wrongKind("A JSON array is expected")
	}
	raw, err := p.value(nil, 1)
	if err != nil {
		return nil, err
	}
	items, _ := splitArray(raw)
	texts := make([]string, 0, len(items))
	for _, item := range items {
		switch kindOf(item) {
		case '"':
			texts = append(texts, textOf(item))
		case 'n':
		default:
			return nil, fmt.Errorf("every element of the array must be a text, not %.40s", item)
		}
	}
	return texts, nil
}

// ErrElementTooLarge says that an element of a batch exceeds its limit.
var ErrElementTooLarge = &Error{Code: TooLarge, Message: "An element of the batch is too large."}

// body reads an object into its members.
func (p *parser) body(depth int) (*Body, error) {
	dst, spans, err := p.members(nil, nil, depth)
	if err != nil {
		return nil, err
	}
	list := make([]member, len(spans))
	for i, s := range spans {
		list[i] = member{internName(dst[s.start:s.colon]), dst[s.colon+1 : s.end : s.end]}
	}
	b := &Body{members: newMembers(list)}
	if err := b.check(); err != nil {
		return nil, err
	}
	return b, nil
}

// check refuses an id or type that is no text (D23); a number as id becomes its text.
func (b *Body) check() error {
	for _, name := range [...]string{"id", "type"} {
		raw, ok := b.get(name)
		if !ok {
			continue
		}
		switch kindOf(raw) {
		case '"', 'n':
		case '0':
			if name == "id" {
				b.SetID(string(raw))
				continue
			}
			fallthrough
		default:
			return wrongMember(name, "a text", raw, false)
		}
	}
	return nil
}

// size is the computed size of a batch element (R 8.2).
func (b *Body) size() int64 {
	n := int64(2)
	for i, m := range b.list {
		if i > 0 {
			n++
		}
		n += 12 + int64(utf16Len(m.name)) + jsonSize(m.raw)
	}
	return n
}

// jsonSize is the computed size of a value in canonical form (R 8.2): one pass, whatever its depth.
func jsonSize(raw []byte) int64 {
	s := skipper{data: raw}
	n := int64(0)
	for s.pos < len(raw) {
		start := s.pos
		switch raw[start] {
		case '{', '[':
			n += 2
			s.pos++
		case '}', ']', ':':
			s.pos++
		case ',':
			n++
			s.pos++
		case '"':
			if !s.skipText() {
				return n
			}
			length := int64(utf16Len(textOf(raw[start:s.pos])))
			if s.pos < len(raw) && raw[s.pos] == ':' {
				n += 12 + length
			} else {
				n += 2 + length
			}
		case 'n':
			n += 4
			s.pos += 4
		default:
			for s.pos < len(raw) && raw[s.pos] != ',' && raw[s.pos] != ']' && raw[s.pos] != '}' {
				s.pos++
			}
			n += 2 + int64(s.pos-start)
		}
	}
	return n
}

// all returns the bodies that are applied in order.
func (b *Body) all() []*Body {
	if b.parts != nil {
		return b.parts
	}
	return []*Body{b}
}

// Raw returns the JSON text of a member, null included; false when it was not sent. Of joined bodies the last one that
// has it counts.
func (b *Body) Raw(name string) (json.RawMessage, bool) {
	for i := len(b.parts) - 1; i >= 0; i-- {
		if raw, ok := b.parts[i].get(name); ok {
			return raw, true
		}
	}
	return b.get(name)
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
func (b *Body) Empty() bool { return len(b.list) == 0 && len(b.parts) == 0 }

// Members returns all members as a map.
func (b *Body) Members() map[string]json.RawMessage {
	out := make(map[string]json.RawMessage, len(b.list))
	for _, part := range b.all() {
		for _, m := range part.list {
			out[m.name] = m.raw
		}
	}
	return out
}

// Version returns the version that was sent, nil for none (D30).
func (b *Body) Version() *int64 {
	var out *int64
	for _, part := range b.all() {
		if raw, ok := part.get("version"); ok && kindOf(raw) != 'n' {
			v := toLong(raw)
			out = &v
		}
	}
	return out
}

// SetType replaces the type that was sent.
func (b *Body) SetType(typ string) { b.set("type", AppendJSONString(nil, typ)) }

// SetID replaces the id that was sent.
func (b *Body) SetID(id string) { b.set("id", AppendJSONString(nil, id)) }

// SetDeclaredType keeps the type that was sent when it is the type of the path, or when the path is its plural;
// otherwise the type of the path counts (D27). The type app is kept too on a path that only starts like it, so that the
// wish to make an app is refused rather than answered with something else.
func (b *Body) SetDeclaredType(segment, pathType string) {
	declared := b.Text("type")
	if !blank(declared) && (declared == pathType || Plural(declared) == segment || CleanType(declared) == "app" && strings.HasPrefix(segment, "app")) {
		return
	}
	b.SetType(pathType)
}

// DropVotes removes the members that vote (R 14).
func (b *Body) DropVotes() {
	b.keep(func(m member) bool {
		switch m.name {
		case "_voteup", "_votedown", "_vote_expires_after", "_vote_locked_after":
			return false
		}
		return true
	})
}

// JoinBodies returns one body that has the effect of several applied in order (D36).
func JoinBodies(list []*Body) *Body {
	if len(list) == 1 {
		return list[0]
	}
	joined := &Body{parts: make([]*Body, 0, len(list))}
	for _, b := range list {
		joined.parts = append(joined.parts, b.all()...)
	}
	return joined
}

// blank says whether a text is empty or white space only (O 1). A no-break space is not white space.
func blank(s string) bool {
	for _, r := range s {
		switch {
		case r <= ' ' && (r >= '\t' && r <= '\r' || r >= 0x1c):
		case r > ' ' && unicode.Is(unicode.Z, r) && r != '\u00a0' && r != '\u2007' && r != '\u202f':
		default:
			return false
		}
	}
	return true
}
