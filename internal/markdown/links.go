package markdown

import (
	"bytes"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
)

// findMedia makes media of links that directly follow !A, !E, !P or !V.
func (d *document) findMedia(root ast.Node) {
	walk(root, func(n ast.Node) {
		link, ok := n.(*ast.Link)
		if !ok || link.Reference != nil {
			return
		}
		before, ok := link.PreviousSibling().(*ast.Text)
		if !ok || before.SoftLineBreak() || before.HardLineBreak() {
			return
		}
		s := before.Segment.Value(d.source)
		if len(s) < 2 || s[len(s)-2] != '!' || bytes.IndexByte([]byte("AEPV"), s[len(s)-1]) < 0 {
			return
		}
		letter := s[len(s)-1]
		s = s[:len(s)-2]
		if (len(s)-len(bytes.TrimRight(s, `\`)))%2 == 1 {
			return
		}
		before.Segment = before.Segment.WithStop(before.Segment.Stop - 2)
		m := &media{letter: letter, target: link.Destination}
		parent := link.Parent()
		parent.ReplaceChild(parent, link, m)
		for c := link.FirstChild(); c != nil; {
			next := c.NextSibling()
			m.AppendChild(m, c)
			c = next
		}
	})
}

// linkBareAddresses makes links of the addresses in running text, outside of links and code.
func (d *document) linkBareAddresses(n ast.Node) {
	switch n.Kind() {
	case ast.KindLink, ast.KindImage, ast.KindCodeSpan, kindMedia:
		return
	}
	for c := n.FirstChild(); c != nil; {
		if t, ok := c.(*ast.Text); ok {
			c = d.linkText(n, t)
			continue
		}
		d.linkBareAddresses(c)
		c = c.NextSibling()
	}
}

// linkText handles a text node, together with those that continue it, and returns the node after them.
func (d *document) linkText(parent ast.Node, t *ast.Text) ast.Node {
	for {
		next, ok := t.NextSibling().(*ast.Text)
		if !ok || next.Segment.Start != t.Segment.Stop || t.SoftLineBreak() || t.HardLineBreak() || next.IsRaw() != t.IsRaw() {
			break
		}
		t.Segment = t.Segment.WithStop(next.Segment.Stop)
		t.SetSoftLineBreak(next.SoftLineBreak())
		t.SetHardLineBreak(next.HardLineBreak())
		parent.RemoveChild(parent, next)
	}
	after := t.NextSibling()
	if t.IsRaw() {
		return after
	}
	s := t.Segment.Value(d.source)
	found := bareAddresses(s)
	if len(found) == 0 {
		return after
	}
	start := t.Segment.Start
	position := 0
	for _, a := range found {
		if a.from > position {
			parent.InsertBefore(parent, t, ast.NewTextSegment(text.NewSegment(start+position, start+a.from)))
		}
		// Entities are resolved; backslashes escape nothing in an address.
		label := unescape(bytes.ReplaceAll(s[a.from:a.to], []byte{'\\'}, []byte(`\\`)))
		parent.InsertBefore(parent, t, &bareLink{target: a.prefix + label, label: label})
		position = a.to
	}
	t.Segment = text.NewSegment(start+position, t.Segment.Stop)
	return after
}

// address is a piece of text that is a link by itself.
type address struct {
	from, to int
	prefix   string // what the target has before the text
}

// bareAddresses finds URLs, www addresses and e-mail addresses in s, in order.
func bareAddresses(s []byte) []address {
	var out []address
	done := 0 // up to here s belongs to addresses found before
	for i := 0; i < len(s); i++ {
		var a address
		switch c := s[i]; {
		case c == ':':
			a = urlAt(s, i, done)
		case c == 'w' && bytes.HasPrefix(s[i:], []byte("www.")):
			a = wwwAt(s, i, done)
		case c == '@':
			a = mailAt(s, i, done)
		}
		if a.to > a.from && !isScript(string(s[a.from:a.to])) {
			out = append(out, a)
			done = a.to
			i = a.to - 1
		}
	}
	return out
}

func isASCIILetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func isDigit(c byte) bool       { return c >= '0' && c <= '9' }

// maxScheme bounds how far back the scheme of a URL is looked for, in bytes.
const maxScheme = 64

// urlAt reads a URL whose scheme ends at position colon.
func urlAt(s []byte, colon, done int) address {
	if !bytes.HasPrefix(s[colon:], []byte("://")) {
		return address{}
	}
	first := -1
	for i := colon - 1; i >= max(done, colon-maxScheme); i-- {
		c := s[i]
		if isASCIILetter(c) {
			first = i
		} else if !isDigit(c) && c != '+' && c != '-' && c != '.' {
			break
		}
	}
	if first < 0 {
		return address{}
	}
	end := addressEnd(s, colon+3)
	if end == colon+3 && end < len(s) && s[end] != ' ' { // a scheme alone counts at the end of a word only
		return address{}
	}
	return address{from: first, to: end}
}

// wwwAt reads an address without scheme that starts with "www." at position start.
func wwwAt(s []byte, start, done int) address {
	if start > done {
		r, _ := utf8.DecodeLastRune(s[:start])
		if r >= utf8.RuneSelf || isASCIILetter(byte(r)) || isDigit(byte(r)) || r == '.' {
			return address{}
		}
	}
	end := addressEnd(s, start+4)
	rest := s[start+4 : end]
	dot := bytes.IndexByte(rest, '.')
	if dot < 1 || dot == len(rest)-1 {
		return address{}
	}
	return address{from: start, to: end, prefix: "https://"}
}

// addressEnd returns where a URL that has reached from ends: before white space, < and >, before a closing bracket that
// was not opened in it, and before closing punctuation.
func addressEnd(s []byte, from int) int {
	var round, square, curly int
	var doubleQuote, singleQuote bool
	last := from
	for i := from; i < len(s); {
		r, n := utf8.DecodeRune(s[i:])
		counts := true // whether the address may end here
		switch r {
		case '<', '>', '\u00a0', '\u2028', '\u2029', '\u3000':
			return last
		case '?', '!', '.', ',', ':', ';':
			counts = false
		case '(':
			round++
			counts = false
		case ')':
			if round--; round < 0 {
				return last
			}
		case '[':
			square++
			counts = false
		case ']':
			if square--; square < 0 {
				return last
			}
		case '{':
			curly++
			counts = false
		case '}':
			if curly--; curly < 0 {
				return last
			}
		case '"':
			doubleQuote = !doubleQuote
			counts = !doubleQuote
		case '\'':
			singleQuote = !singleQuote
			counts = !singleQuote
		default:
			if r <= ' ' || r >= 0x7f && r < 0xa0 || r >= 0x2000 && r <= 0x200a {
				return last
			}
		}
		i += n
		if counts {
			last = i
		}
	}
	return last
}

// Limits of e-mail addresses, in bytes.
const (
	maxMailLocal  = 64
	maxMailDomain = 255
)

// mailAt reads an e-mail address around the sign at position at.
func mailAt(s []byte, at, done int) address {
	from := at
	for from > max(done, at-maxMailLocal) && isMailLocal(s[from-1]) {
		from--
	}
	for from < at && s[from] == '.' {
		from++
	}
	if from == at || s[at-1] == '.' || bytes.Contains(s[from:at], []byte("..")) {
		return address{}
	}
	to, dots := at+1, 0
	for i := at + 1; i < min(len(s), at+maxMailDomain); i++ {
		c := s[i]
		switch {
		case isASCIILetter(c) || isDigit(c) || c >= utf8.RuneSelf:
			to = i + 1
		case c == '-' && i > at+1 && s[i-1] != '.':
		case c == '.' && i > at+1 && s[i-1] != '.' && s[i-1] != '-' && i+1 < len(s) &&
			(isASCIILetter(s[i+1]) || isDigit(s[i+1]) || s[i+1] >= utf8.RuneSelf):
			dots++
		default:
			i = len(s)
		}
	}
	if dots == 0 || bytes.IndexByte(s[at+1:to], '.') < 0 {
		return address{}
	}
	return address{from: from, to: to, prefix: "mailto:"}
}

func isMailLocal(c byte) bool {
	return isASCIILetter(c) || isDigit(c) || c >= utf8.RuneSelf || bytes.IndexByte([]byte("!#$%&'*+-/=?^_`{|}~."), c) >= 0
}

// followed says whether the host of an address is one of those whose links get no rel attribute.
func (c *Converter) followed(target string) bool {
	if len(c.follow) == 0 {
		return false
	}
	u, err := url.Parse(target)
	return err == nil && c.follow[strings.ToLower(u.Hostname())]
}
