package hocon

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// reserved are the characters that unquoted text may not contain (C 2.1, rule 8).
const reserved = "$\"{}[]:=,+#`^?!@*&\\"

const quoteHint = `put the whole value in double quotes`

// value reads one value: everything up to a comma, a newline, a comment or a closing brace. Nil without error means
// that there is none.
func (p *parser) value() (*node, error) {
	p.depth++
	defer func() { p.depth-- }()
	if p.depth > maxNesting {
		return nil, p.fail("", "values are nested deeper than %d levels", maxNesting)
	}
	start := p.pos()
	var parts []*node
	for {
		blanks := p.off
		p.skipBlanks()
		if p.eof() || p.atComment() || strings.IndexByte(",\n]}", p.peek()) >= 0 {
			break
		}
		if p.off > blanks && len(parts) > 0 {
			parts = append(parts, &node{kind: spaceNode, text: p.src[blanks:p.off]})
		}
		part, err := p.part()
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
	}
	if len(parts) == 0 {
		return nil, nil
	}
	return join(parts, start), nil
}

// join makes one node of the parts of a concatenation; text joins at once (C 2.1, rule 9).
func join(parts []*node, start Position) *node {
	if len(parts) == 1 {
		return parts[0]
	}
	var b strings.Builder
	for _, part := range parts {
		if part.kind != scalarNode && part.kind != spaceNode {
			return &node{kind: concatNode, items: parts, pos: start}
		}
		b.WriteString(part.text)
	}
	return &node{kind: scalarNode, scalar: String, text: b.String(), pos: start}
}

func (p *parser) part() (*node, error) {
	start := p.pos()
	switch c := p.peek(); {
	case c == '"':
		s, err := p.quotedString()
		return &node{kind: scalarNode, scalar: String, text: s, pos: start}, err
	case c == '{':
		p.off++
		n := &node{kind: objectKind, object: newObjectNode(), pos: start}
		if err := p.fields(n.object, '}', start); err != nil {
			return nil, err
		}
		p.off++
		return n, nil
	case c == '[':
		return p.list()
	case p.has("${"):
		return p.substitution()
	}
	text := p.unquoted()
	if text == "" {
		return nil, p.fail(quoteHint, "character %s is not allowed in a value outside quotes", p.found())
	}
	n := &node{kind: scalarNode, scalar: String, text: text, pos: start}
	switch {
	case text == "true" || text == "false":
		n.scalar = Boolean
	case text == "null":
		n.scalar = Null
	case isNumber(text):
		n.scalar = Number
	}
	return n, nil
}

// unquoted reads text up to a blank, a reserved character or a comment. A plus sign is part of an exponent (1e+5).
func (p *parser) unquoted() string {
	start := p.off
	for !p.eof() && p.space() == 0 && p.peek() != '\n' && !p.has("//") {
		c := p.peek()
		if strings.IndexByte(reserved, c) >= 0 {
			if c != '+' || !p.inExponent(start) {
				break
			}
		}
		_, n := utf8.DecodeRuneInString(p.src[p.off:])
		p.off += n
	}
	return p.src[start:p.off]
}

func (p *parser) inExponent(start int) bool {
	if p.off-start < 2 || p.off+1 >= len(p.src) {
		return false
	}
	last, next := p.src[p.off-1], p.src[p.off+1]
	return (last == 'e' || last == 'E') && next >= '0' && next <= '9' && isNumber(p.src[start:p.off-1])
}

func (p *parser) list() (*node, error) {
	n := &node{kind: listNode, pos: p.pos()}
	p.off++
	p.skipLines()
	for p.peek() != ']' {
		if p.eof() {
			return nil, fail(n.pos, "add the closing bracket", "list opened here is not closed before the end of the file")
		}
		item, err := p.value()
		if err != nil {
			return nil, err
		}
		if item == nil {
			return nil, p.fail("write a value or remove the comma", "expected a list element before %s", p.found())
		}
		n.items = append(n.items, item)
		separated, err := p.separator(']')
		if err != nil {
			return nil, err
		}
		if !separated && !p.eof() && p.peek() != ']' {
			return nil, p.fail("", "expected a comma or ']' before %s", p.found())
		}
	}
	p.off++
	return n, nil
}

func (p *parser) substitution() (*node, error) {
	n := &node{kind: substitutionNode, pos: p.pos(), prefix: p.prefix}
	p.off += len("${")
	if p.peek() == '?' {
		n.optional = true
		p.off++
	}
	path, err := p.keyPath()
	if err != nil {
		return nil, err
	}
	if p.peek() != '}' {
		return nil, p.fail("write ${name}", "substitution is not closed before %s", p.found())
	}
	p.off++
	n.path = path
	return n, nil
}

// quotedString reads "…" with JSON escapes, or """…""" as it stands.
func (p *parser) quotedString() (string, error) {
	if p.has(`"""`) {
		return p.rawString()
	}
	start := p.pos()
	p.off++
	var b strings.Builder
	for {
		if p.eof() || p.peek() == '\n' {
			return "", fail(start, `close it on the same line, write \n for a line break, or use """ for text of several lines`,
				"quoted text is not closed on its line")
		}
		switch c := p.peek(); c {
		case '"':
			p.off++
			return b.String(), nil
		case '\\':
			if err := p.escape(&b); err != nil {
				return "", err
			}
		default:
			b.WriteByte(c)
			p.off++
		}
	}
}

func (p *parser) rawString() (string, error) {
	start := p.pos()
	p.off += 3
	begin := p.off
	for !p.has(`"""`) {
		if p.eof() {
			return "", fail(start, `add the closing """`, `text opened with """ is not closed before the end of the file`)
		}
		if p.peek() == '\n' {
			p.newline()
			continue
		}
		p.off++
	}
	end := p.off
	p.off += 3
	for p.peek() == '"' { // further quotes belong to the text
		p.off++
		end++
	}
	return p.src[begin:end], nil
}

const escapes = `"\/bfnrt`

func (p *parser) escape(b *strings.Builder) error {
	if p.off+1 >= len(p.src) {
		return p.fail("", "quoted text ends within an escape")
	}
	c := p.src[p.off+1]
	if i := strings.IndexByte(escapes, c); i >= 0 {
		b.WriteByte("\"\\/\b\f\n\r\t"[i])
		p.off += 2
		return nil
	}
	if c != 'u' {
		return p.fail(`write \\ for a backslash`, `\%c is not an escape`, c)
	}
	unit, err := p.hexUnit()
	if err != nil {
		return err
	}
	r := rune(unit)
	if utf16.IsSurrogate(r) && p.has(`\u`) {
		low, err := p.hexUnit()
		if err != nil {
			return err
		}
		r = utf16.DecodeRune(r, rune(low))
	}
	b.WriteRune(r) // a lone surrogate becomes U+FFFD
	return nil
}

// hexUnit reads \uXXXX.
func (p *parser) hexUnit() (uint16, error) {
	if p.off+6 > len(p.src) {
		return 0, p.fail("", `\u needs four hexadecimal digits`)
	}
	unit, err := strconv.ParseUint(p.src[p.off+2:p.off+6], 16, 16)
	if err != nil {
		return 0, p.fail("", `\u needs four hexadecimal digits`)
	}
	p.off += 6
	return uint16(unit), nil
}
