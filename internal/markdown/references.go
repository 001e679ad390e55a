package markdown

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/yuin/goldmark/ast"
)

// referenceType is what stands before the last colon of the id of an enumerated reference.
func referenceType(id string) string {
	if i := strings.LastIndexByte(id, ':'); i > 0 {
		return id[:i]
	}
	return ""
}

// countReference numbers an id within its type. A type may have parts; the numbers of the outer parts are those reached
// so far.
func countReference(counters map[string]int, id string) []int {
	types := strings.Split(referenceType(id), ":")
	numbers := make([]int, len(types))
	key := ""
	for i, t := range types {
		key += t
		if i < len(types)-1 {
			numbers[i] = counters[key]
			key += ":" + strconv.Itoa(numbers[i]) + ":"
			continue
		}
		counters[key]++
		numbers[i] = counters[key]
	}
	return numbers
}

// nameHeadings gives every heading its anchor: the id it was given, else one made of its text, with a number when that is
// taken.
func (d *document) nameHeadings(root ast.Node) {
	d.anchors = map[ast.Node]string{}
	used := map[string]int{}
	walk(root, func(n ast.Node) {
		if n.Kind() != ast.KindHeading {
			return
		}
		list := attributesOf(n)
		for i, a := range list {
			if a.name == "id" {
				d.anchors[n] = a.value
				n.SetAttributeString(attributesKey, append(list[:i:i], list[i+1:]...))
				return
			}
		}
		id := anchorID(d.plainText(n))
		if count := used[id]; count > 0 && id != "" {
			used[id]++
			id += "-" + strconv.Itoa(count)
		} else {
			used[id] = 1
		}
		d.anchors[n] = id
	})
}

// anchorID keeps letters and digits in lower case, makes a dash of each space, dash and underscore, and drops the rest.
func anchorID(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(unicode.ToLower(r))
		case r == ' ' || r == '-' || r == '_':
			b.WriteByte('-')
		}
	}
	return b.String()
}

// plainText returns the text of inline content, emoji left out.
func (d *document) plainText(n ast.Node) string {
	var b strings.Builder
	walk(n, func(c ast.Node) {
		switch c := c.(type) {
		case *ast.Text:
			b.WriteString(d.text(c))
			if c.SoftLineBreak() || c.HardLineBreak() {
				b.WriteByte('\n')
			}
		case *ast.String:
			b.Write(c.Value)
		case *ast.AutoLink:
			b.Write(c.Label(d.source))
		case *bareLink:
			b.WriteString(c.label)
		case *enumRef:
			b.WriteString(c.id)
		case *inlineMath:
			b.WriteString(c.formula)
		}
	})
	return b.String()
}

// text returns the characters of a text node, escapes and entities resolved except in code.
func (d *document) text(t *ast.Text) string {
	raw := t.Segment.Value(d.source)
	if t.IsRaw() {
		return string(raw)
	}
	return unescape(raw)
}
