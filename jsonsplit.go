package para

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// kindOf says what kind of value a JSON text is by its first byte: { [ " t f n or 0 for numbers.
func kindOf(raw []byte) byte {
	if len(raw) == 0 {
		return 'n'
	}
	switch c := raw[0]; c {
	case '{', '[', '"', 't', 'f', 'n':
		return c
	}
	return '0'
}

// textOf returns the text of a JSON string; for other values the JSON itself.
func textOf(raw []byte) string {
	if len(raw) < 2 || raw[0] != '"' {
		return string(raw)
	}
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw[1 : len(raw)-1])
	}
	p := parser{data: raw}
	s, err := p.unquote()
	if err != nil {
		return string(raw)
	}
	return s
}

// splitObject cuts the JSON of an object into its members without copying or checking their values; it is for JSON that
// this package wrote. Anything that is no object is an error.
func splitObject(data []byte, members []member) ([]member, error) {
	s := skipper{data: data}
	s.space()
	if s.pos >= len(data) || data[s.pos] != '{' {
		return nil, errNoObject
	}
	s.pos++
	s.space()
	if s.pos < len(data) && data[s.pos] == '}' {
		return members, nil
	}
	for {
		s.space()
		name, ok := s.skip()
		if !ok || len(name) == 0 || name[0] != '"' {
			return nil, errNoObject
		}
		s.space()
		if s.pos >= len(data) || data[s.pos] != ':' {
			return nil, errNoObject
		}
		s.pos++
		s.space()
		value, ok := s.skip()
		if !ok {
			return nil, errNoObject
		}
		members = append(members, member{name: internName(name), raw: value})
		s.space()
		if s.pos >= len(data) {
			return nil, errNoObject
		}
		switch data[s.pos] {
		case ',':
			s.pos++
		case '}':
			return members, nil
		default:
			return nil, errNoObject
		}
	}
}

var errNoObject = fmt.Errorf("not the JSON of an object")

// splitArray cuts the JSON of an array into its elements.
func splitArray(data []byte) ([]json.RawMessage, bool) {
	s := skipper{data: data}
	s.space()
	if s.pos >= len(data) || data[s.pos] != '[' {
		return nil, false
	}
	s.pos++
	var out []json.RawMessage
	s.space()
	if s.pos < len(data) && data[s.pos] == ']' {
		return out, true
	}
	for {
		s.space()
		v, ok := s.skip()
		if !ok {
			return nil, false
		}
		out = append(out, v)
		s.space()
		if s.pos >= len(data) {
			return nil, false
		}
		switch data[s.pos] {
		case ',':
			s.pos++
		case ']':
			return out, true
		default:
			return nil, false
		}
	}
}

// skipper walks over JSON values.
type skipper struct {
	data []byte
	pos  int
}

func (s *skipper) space() {
	for s.pos < len(s.data) && s.data[s.pos] <= ' ' {
		s.pos++
	}
}

// skip returns the next value.
func (s *skipper) skip() ([]byte, bool) {
	start, depth := s.pos, 0
	for s.pos < len(s.data) {
		switch c := s.data[s.pos]; c {
		case '"':
			if !s.skipText() {
				return nil, false
			}
		case '{', '[':
			depth++
			s.pos++
		case '}', ']':
			if depth == 0 {
				return s.data[start:s.pos], s.pos > start
			}
			depth--
			s.pos++
		case ',', ':':
			if depth == 0 {
				return s.data[start:s.pos], s.pos > start
			}
			s.pos++
		default:
			if depth == 0 && c <= ' ' {
				return s.data[start:s.pos], s.pos > start
			}
			s.pos++
			continue
		}
		if depth == 0 {
			return s.data[start:s.pos], true
		}
	}
	return s.data[start:s.pos], depth == 0 && s.pos > start
}

func (s *skipper) skipText() bool {
	for i := s.pos + 1; ; {
		n := bytes.IndexByte(s.data[i:], '"')
		if n < 0 {
			return false
		}
		end := i + n
		escapes := 0 // an odd number of backslashes escapes the quotation mark
		for k := end - 1; k >= i && s.data[k] == '\\'; k-- {
			escapes++
		}
		i = end + 1
		if escapes%2 == 0 {
			s.pos = i
			return true
		}
	}
}

// JSONMember is a member of a JSON object.
type JSONMember struct {
	Name  string
	Value json.RawMessage
}

// JSONMembers cuts the JSON of an object, as this package writes it, into its members; nil for anything else.
func JSONMembers(raw json.RawMessage) []JSONMember {
	members, err := splitObject(raw, nil)
	if err != nil {
		return nil
	}
	out := make([]JSONMember, len(members))
	for i, m := range members {
		out[i] = JSONMember{m.name, m.raw}
	}
	return out
}

// JSONElements cuts the JSON of an array into its elements; nil for anything else.
func JSONElements(raw json.RawMessage) []json.RawMessage {
	items, _ := splitArray(raw)
	return items
}

// JSONText returns the text of a JSON string, and the JSON itself for any other value.
func JSONText(raw json.RawMessage) string { return textOf(raw) }
