package para

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth bounds the nesting of JSON (D23).
const maxDepth = 1000

// JSONError says what is wrong with a JSON text, and where.
type JSONError struct {
	Line, Column int // counted from 1; Column in characters
	Problem      string
}

// Error returns problem and place.
func (e *JSONError) Error() string {
	return fmt.Sprintf("%s (line %d, column %d)", e.Problem, e.Line, e.Column)
}

// AppendJSONString appends s as a JSON string: only the quotation mark, the backslash and control characters are
// escaped (O 5.3), and what is not UTF-8 becomes U+FFFD.
func AppendJSONString(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && n == 1 {
				dst = append(append(dst, s[start:i]...), "\uFFFD"...)
				start = i + 1
			}
			i += n
			continue
		}
		if c >= 0x20 && c != '"' && c != '\\' {
			i++
			continue
		}
		dst = append(dst, s[start:i]...)
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		case '\b':
			dst = append(dst, '\\', 'b')
		case '\f':
			dst = append(dst, '\\', 'f')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
		i++
		start = i
	}
	return append(append(dst, s[start:]...), '"')
}

// CheckJSON says whether data starts with one JSON value; what follows the value is ignored (R 8.1).
func CheckJSON(data []byte) error {
	p := newParser(data)
	_, err := p.value(nil, 1)
	return err
}

// parser reads JSON strictly and writes it in the canonical form: no white space, least escapes, numbers as they were
// written, no null members of objects, of duplicate members the last one (D1, D22, R 8.1).
type parser struct {
	data []byte
	pos  int
}

func newParser(data []byte) *parser {
	return &parser{data: bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))}
}

func (p *parser) fail(problem string) error {
	at := min(p.pos, len(p.data))
	before := p.data[:at]
	line := bytes.Count(before, []byte{'\n'}) + 1
	column := utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
	return &JSONError{Line: line, Column: column, Problem: problem}
}

func (p *parser) space() {
	for p.pos < len(p.data) {
		switch p.data[p.pos] {
		case ' ', '\t', '\n', '\r':
			p.pos++
		default:
			return
		}
	}
}

// peek returns the next byte that is no white space, 0 at the end.
func (p *parser) peek() byte {
	p.space()
	if p.pos >= len(p.data) {
		return 0
	}
	return p.data[p.pos]
}

// value appends the canonical form of the next value.
func (p *parser) value(dst []byte, depth int) ([]byte, error) {
	switch c := p.peek(); {
	case p.pos >= len(p.data):
		if len(bytes.TrimSpace(p.data)) == 0 {
			return dst, p.fail("The body is empty; a JSON value is expected")
		}
		return dst, p.fail("The JSON ends too early")
	case c == '{':
		return p.object(dst, depth)
	case c == '[':
		return p.array(dst, depth)
	case c == '"':
		return p.text(dst)
	case c == '-' || c >= '0' && c <= '9':
		return p.number(dst)
	default:
		for _, word := range [...]string{"true", "false", "null"} {
			if bytes.HasPrefix(p.data[p.pos:], []byte(word)) && !p.letterAt(p.pos+len(word)) {
				p.pos += len(word)
				return append(dst, word...), nil
			}
		}
		return dst, p.fail("A JSON value is expected here")
	}
}

func (p *parser) letterAt(i int) bool {
	if i >= len(p.data) {
		return false
	}
	c := p.data[i]
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_'
}

// object appends an object. Members with the value null are dropped, of duplicates the last value counts.
func (p *parser) object(dst []byte, depth int) ([]byte, error) {
	start := len(dst)
	var few [8]span
	members := few[:0]
	dst = append(dst, '{')
	dst, members, err := p.members(dst, members, depth)
	if err != nil {
		return dst, err
	}
	if kept, changed := lastOnes(dst, members); changed {
		// Rare: rebuild from the members that count.
		out := []byte{'{'}
		for i, m := range kept {
			if i > 0 {
				out = append(out, ',')
			}
			out = append(append(append(out, dst[m.start:m.colon]...), ':'), dst[m.colon+1:m.end]...)
		}
		return append(append(dst[:start], out...), '}'), nil
	}
	return append(dst, '}'), nil
}

// span is a member in the output: name from start to colon, value from colon+1 to end.
type span struct{ start, colon, end int }

// members appends the members of an object, separated by commas, up to and with its closing brace in the input.
func (p *parser) members(dst []byte, members []span, depth int) ([]byte, []span, error) {
	if depth > maxDepth {
		return dst, members, p.fail(fmt.Sprintf("The JSON is nested more than %d levels deep", maxDepth))
	}
	p.pos++
	if p.peek() == '}' {
		p.pos++
		return dst, members, nil
	}
	for {
		if p.peek() != '"' {
			return dst, members, p.fail("The name of a member is expected here, in quotation marks")
		}
		if len(members) > 0 {
			dst = append(dst, ',')
		}
		m := span{start: len(dst)}
		var err error
		if dst, err = p.text(dst); err != nil {
			return dst, members, err
		}
		if p.peek() != ':' {
			return dst, members, p.fail("A colon is expected after the name of a member")
		}
		p.pos++
		m.colon = len(dst)
		dst = append(dst, ':')
		if dst, err = p.value(dst, depth+1); err != nil {
			return dst, members, err
		}
		m.end = len(dst)
		members = append(members, m)
		switch p.peek() {
		case ',':
			p.pos++
		case '}':
			p.pos++
			return dst, members, nil
		default:
			return dst, members, p.fail("A comma or the end of the object is expected here")
		}
	}
}

// lastOnes drops members that are null or appear again later. Changed says whether any was dropped.
func lastOnes(dst []byte, members []span) (kept []span, changed bool) {
	isNull := func(m span) bool { return string(dst[m.colon+1:m.end]) == "null" }
	if len(members) > 16 {
		last := make(map[string]int, len(members))
		for i, m := range members {
			last[string(dst[m.start:m.colon])] = i
		}
		for i, m := range members {
			if last[string(dst[m.start:m.colon])] == i && !isNull(m) {
				kept = append(kept, m)
			}
		}
		return kept, len(kept) != len(members)
	}
	for i, m := range members {
		again := isNull(m)
		for _, n := range members[i+1:] {
			again = again || bytes.Equal(dst[m.start:m.colon], dst[n.start:n.colon])
		}
		if again {
			changed = true
			continue
		}
		kept = append(kept, m)
	}
	return kept, changed
}

func (p *parser) array(dst []byte, depth int) ([]byte, error) {
	if depth > maxDepth {
		return dst, p.fail(fmt.Sprintf("The JSON is nested more than %d levels deep", maxDepth))
	}
	dst = append(dst, '[')
	p.pos++
	if p.peek() == ']' {
		p.pos++
		return append(dst, ']'), nil
	}
	for {
		var err error
		if dst, err = p.value(dst, depth+1); err != nil {
			return dst, err
		}
		switch p.peek() {
		case ',':
			p.pos++
			dst = append(dst, ',')
		case ']':
			p.pos++
			return append(dst, ']'), nil
		default:
			return dst, p.fail("A comma or the end of the array is expected here")
		}
	}
}

// text appends a string with the least escapes.
func (p *parser) text(dst []byte) ([]byte, error) {
	begin := p.pos + 1
	for i := begin; i < len(p.data); i++ { // most strings are plain
		c := p.data[i]
		if c == '"' {
			if !utf8.Valid(p.data[begin:i]) {
				break
			}
			dst = append(dst, p.data[p.pos:i+1]...)
			p.pos = i + 1
			return dst, nil
		}
		if c == '\\' || c < 0x20 {
			break
		}
	}
	s, err := p.unquote()
	if err != nil {
		return dst, err
	}
	return AppendJSONString(dst, s), nil
}

// unquote reads a string.
func (p *parser) unquote() (string, error) {
	var b strings.Builder
	p.pos++
	for p.pos < len(p.data) {
		c := p.data[p.pos]
		switch {
		case c == '"':
			p.pos++
			return b.String(), nil
		case c == '\\':
			if err := p.escape(&b); err != nil {
				return "", err
			}
		case c < 0x20:
			return "", p.fail("A control character must be written as an escape such as \\n")
		case c < utf8.RuneSelf:
			b.WriteByte(c)
			p.pos++
		default:
			r, n := utf8.DecodeRune(p.data[p.pos:])
			if r == utf8.RuneError && n == 1 {
				return "", p.fail("The JSON is not valid UTF-8")
			}
			b.WriteRune(r)
			p.pos += n
		}
	}
	return "", p.fail("The JSON ends within a text")
}

func (p *parser) escape(b *strings.Builder) error {
	if p.pos+1 >= len(p.data) {
		return p.fail("The JSON ends within a text")
	}
	switch c := p.data[p.pos+1]; c {
	case '"', '\\', '/':
		b.WriteByte(c)
	case 'b':
		b.WriteByte('\b')
	case 'f':
		b.WriteByte('\f')
	case 'n':
		b.WriteByte('\n')
	case 'r':
		b.WriteByte('\r')
	case 't':
		b.WriteByte('\t')
	case 'u':
		r, err := p.hex4()
		if err != nil {
			return err
		}
		if utf16.IsSurrogate(r) {
			var second rune
			if p.pos+7 < len(p.data) && p.data[p.pos+6] == '\\' && p.data[p.pos+7] == 'u' {
				p.pos += 6
				if second, err = p.hex4(); err != nil {
					return err
				}
				if both := utf16.DecodeRune(r, second); both != utf8.RuneError {
					r = both
				} else {
					p.pos -= 6
					r = utf8.RuneError
				}
			} else {
				r = utf8.RuneError
			}
		}
		b.WriteRune(r)
		p.pos += 6
		return nil
	default:
		return p.fail("This escape is not known in JSON")
	}
	p.pos += 2
	return nil
}

func (p *parser) hex4() (rune, error) {
	if p.pos+6 > len(p.data) {
		return 0, p.fail("The escape \\u needs four hexadecimal digits")
	}
	n, err := strconv.ParseUint(string(p.data[p.pos+2:p.pos+6]), 16, 32)
	if err != nil {
		return 0, p.fail("The escape \\u needs four hexadecimal digits")
	}
	return rune(n), nil
}

// number appends a number as it is written.
func (p *parser) number(dst []byte) ([]byte, error) {
	start := p.pos
	digits := func() bool {
		from := p.pos
		for p.pos < len(p.data) && p.data[p.pos] >= '0' && p.data[p.pos] <= '9' {
			p.pos++
		}
		return p.pos > from
	}
	if p.data[p.pos] == '-' {
		p.pos++
	}
	first := p.pos
	if !digits() {
		return dst, p.fail("A digit is expected here")
	}
	if p.data[first] == '0' && p.pos > first+1 {
		p.pos = first
		return dst, p.fail("A number must not start with a zero")
	}
	if p.pos < len(p.data) && p.data[p.pos] == '.' {
		p.pos++
		if !digits() {
			return dst, p.fail("A digit is expected after the decimal point")
		}
	}
	if p.pos < len(p.data) && (p.data[p.pos] == 'e' || p.data[p.pos] == 'E') {
		p.pos++
		if p.pos < len(p.data) && (p.data[p.pos] == '+' || p.data[p.pos] == '-') {
			p.pos++
		}
		if !digits() {
			return dst, p.fail("A digit is expected in the exponent")
		}
	}
	if p.letterAt(p.pos) {
		return dst, p.fail("This is not a number")
	}
	return append(dst, p.data[start:p.pos]...), nil
}
