package hocon

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// parser reads HOCON text character by character.
type parser struct {
	session      *session
	src          string
	file         string
	off          int
	line         int
	lineStart    int
	depth        int
	includeDepth int
	prefix       []string // where an included file was included: its substitutions look there first
	at           []string // path of the object being read, below prefix
}

func (p *parser) pos() Position {
	return Position{File: p.file, Line: p.line, Column: utf8.RuneCountInString(p.src[p.lineStart:p.off]) + 1}
}

func (p *parser) fail(hint, format string, args ...any) error {
	return fail(p.pos(), hint, format, args...)
}

func (p *parser) eof() bool { return p.off >= len(p.src) }

// peek returns the byte at the reading position, 0 at the end.
func (p *parser) peek() byte {
	if p.eof() {
		return 0
	}
	return p.src[p.off]
}

func (p *parser) has(s string) bool { return strings.HasPrefix(p.src[p.off:], s) }

// space returns the length of the blank (not a newline) at the reading position, 0 when there is none.
func (p *parser) space() int {
	if p.eof() {
		return 0
	}
	if c := p.src[p.off]; c < utf8.RuneSelf {
		switch c {
		case ' ', '\t', '\r', '\v', '\f', 0x1c, 0x1d, 0x1e, 0x1f:
			return 1
		}
		return 0
	}
	r, n := utf8.DecodeRuneInString(p.src[p.off:])
	if unicode.IsSpace(r) || r == '\uFEFF' {
		return n
	}
	return 0
}

// skipBlanks skips blanks on the line.
func (p *parser) skipBlanks() {
	for n := p.space(); n > 0; n = p.space() {
		p.off += n
	}
}

func (p *parser) atComment() bool { return p.peek() == '#' || p.has("//") }

func (p *parser) skipComment() {
	for !p.eof() && p.src[p.off] != '\n' {
		p.off++
	}
}

func (p *parser) newline() {
	p.off++
	p.line++
	p.lineStart = p.off
}

// skipLines skips blanks, comments and newlines; it reports whether there was a newline.
func (p *parser) skipLines() bool {
	seen := false
	for {
		p.skipBlanks()
		switch {
		case p.atComment():
			p.skipComment()
		case p.peek() == '\n':
			p.newline()
			seen = true
		default:
			return seen
		}
	}
}

func (p *parser) root() (*objectNode, error) {
	root := newObjectNode()
	p.skipLines()
	switch {
	case p.eof():
		return root, nil
	case p.peek() == '[':
		return nil, p.fail("write key = value lines", "a configuration must be an object, this is a list")
	case p.peek() != '{':
		return root, p.fields(root, 0, p.pos())
	}
	open := p.pos()
	p.off++
	if err := p.fields(root, '}', open); err != nil {
		return nil, err
	}
	p.off++
	p.skipLines()
	if !p.eof() {
		return nil, p.fail("merge them, or remove the outer braces", "text after the closing brace of the root object; only one root object is allowed")
	}
	return root, nil
}

// fields reads entries up to (not including) the closing byte; 0 means the end of the text. open is where the object
// began.
func (p *parser) fields(o *objectNode, end byte, open Position) error {
	p.skipLines()
	for {
		if p.eof() {
			if end == 0 {
				return nil
			}
			return fail(open, "add the closing brace", "object opened here is not closed before the end of the file")
		}
		if end != 0 && p.peek() == end {
			return nil
		}
		if err := p.field(o); err != nil {
			return err
		}
		separated, err := p.separator(end)
		if err != nil {
			return err
		}
		if !separated && !p.eof() && (end == 0 || p.peek() != end) {
			return p.fail("put it on a line of its own", "expected a comma or a new line before %s", p.found())
		}
	}
}

// separator skips newlines with at most one comma among them and reports whether there was any of both.
func (p *parser) separator(end byte) (bool, error) {
	seen := p.skipLines()
	if p.peek() != ',' {
		return seen, nil
	}
	p.off++
	p.skipLines()
	if p.peek() == ',' {
		return true, p.fail("remove one of them", "two commas in a row")
	}
	return true, nil
}

// found names what stands at the reading position, for messages.
func (p *parser) found() string {
	if p.eof() {
		return "the end of the file"
	}
	if p.peek() == '\n' {
		return "the end of the line"
	}
	r, _ := utf8.DecodeRuneInString(p.src[p.off:])
	return "'" + string(r) + "'"
}

func (p *parser) field(o *objectNode) error {
	if p.atInclude() {
		return p.include(o)
	}
	start := p.pos()
	path, err := p.keyPath()
	if err != nil {
		return err
	}
	p.skipLines()
	added := false
	switch {
	case p.peek() == '{':
	case p.peek() == '=' || p.peek() == ':':
		p.off++
	case p.has("+="):
		p.off += 2
		added = true
	default:
		return fail(start, "write key = value", "key %q is followed by %s instead of '=', ':' or '{'", strings.Join(path, "."), p.found())
	}
	p.skipLines()
	outer := p.at
	p.at = append(outer[:len(outer):len(outer)], path...)
	value, err := p.value()
	p.at = outer
	if err != nil {
		return err
	}
	if value == nil {
		return p.fail(`write a value, or "" for an empty one`, "key %q has no value before %s", strings.Join(path, "."), p.found())
	}
	if added {
		value = &node{kind: appendNode, items: []*node{value}, pos: value.pos}
	}
	o.put(path, value, start)
	return nil
}

// keyPath reads a key up to its separator: elements divided by dots, quoted or not.
func (p *parser) keyPath() ([]string, error) {
	path, err := p.path()
	if err != nil {
		return nil, err
	}
	if len(path) > maxNesting {
		return nil, p.fail("", "key has more than %d parts", maxNesting)
	}
	return path, nil
}

func (p *parser) path() ([]string, error) {
	var path []string
	var part, blanks strings.Builder
	quoted := false
	finish := func() error {
		if part.Len() == 0 && !quoted {
			return p.fail("remove the dot or quote the empty part", "key has an empty part before %s", p.found())
		}
		path = append(path, part.String())
		part.Reset()
		blanks.Reset()
		quoted = false
		return nil
	}
	for {
		if n := p.space(); n > 0 {
			blanks.WriteString(p.src[p.off : p.off+n])
			p.off += n
			continue
		}
		c := p.peek()
		if c == '.' {
			if err := finish(); err != nil {
				return nil, err
			}
			p.off++
			continue
		}
		if p.eof() || p.atComment() || strings.IndexByte("=:{}[],\n", c) >= 0 || p.has("+=") {
			break
		}
		if part.Len() > 0 || quoted {
			part.WriteString(blanks.String())
		}
		blanks.Reset()
		if c == '"' {
			s, err := p.quotedString()
			if err != nil {
				return nil, err
			}
			part.WriteString(s)
			quoted = true
			continue
		}
		if strings.IndexByte(reserved, c) >= 0 {
			return nil, p.fail("put the key in quotes", "character %s is not allowed in a key outside quotes", p.found())
		}
		_, n := utf8.DecodeRuneInString(p.src[p.off:])
		part.WriteString(p.src[p.off : p.off+n])
		p.off += n
	}
	if err := finish(); err != nil {
		return nil, err
	}
	return path, nil
}
