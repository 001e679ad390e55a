package markdown

import (
	"regexp"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// attribute is one attribute of an HTML element.
type attribute struct{ name, value string }

const (
	attributeName  = `[a-zA-Z_:][a-zA-Z0-9:._-]*`
	implicitName   = "[#.][^\"'=<>`{}\\s]+"
	attributeValue = "\"[^\"\\n]*\"|'[^'\\n]*'|[^\"'=<>`{}\\s]+"
)

var (
	attributesPattern = regexp.MustCompile(`^\{\s*` + oneAttribute + `(?:\s+` + oneAttribute + `)*\s*\}`)
	attributePattern  = regexp.MustCompile(`\s*(` + implicitName + `|` + attributeName + `)(?:\s*=\s*(` + attributeValue + `)?)?`)
)

const oneAttribute = `(?:` + implicitName + `|` + attributeName + `(?:\s*=\s*(?:` + attributeValue + `)?)?)`

// maxAttributes bounds the attributes of one pair of braces and of one element.
const maxAttributes = 64

// attributesParser reads attributes in braces: {.class #id key=value key="a b"}.
type attributesParser struct{}

func (attributesParser) Trigger() []byte { return []byte{'{'} }

func (attributesParser) Parse(_ ast.Node, block text.Reader, _ parser.Context) ast.Node {
	line, segment := block.PeekLine()
	m := attributesPattern.FindIndex(line)
	if m == nil {
		return nil
	}
	n := &attributesNode{start: segment.Start, end: segment.Start + m[1]}
	for _, a := range attributePattern.FindAllSubmatch(line[1:m[1]-1], maxAttributes) {
		name, value := string(a[1]), string(a[2])
		if len(value) >= 2 && (value[0] == '"' || value[0] == '\'') {
			value = value[1 : len(value)-1]
		}
		switch name[0] {
		case '.':
			n.list = append(n.list, attribute{"class", name[1:]})
		case '#':
			n.list = append(n.list, attribute{"id", name[1:]})
		default:
			if safeAttribute(name, value) {
				n.list = append(n.list, attribute{strings.ToLower(name), value})
			}
		}
	}
	block.Advance(m[1])
	return n
}

// safeAttribute refuses what could run a script or cover the page: event handlers and styles (D45), and script addresses.
func safeAttribute(name, value string) bool {
	name = strings.ToLower(name)
	return !strings.HasPrefix(name, "on") && name != "style" && name != "srcdoc" && !isScript(value)
}

// isScript says whether an address is a script, however browsers may be led to read it: they skip leading spaces and
// control characters, and tabs and line ends everywhere.
func isScript(address string) bool {
	const scheme = "javascript:"
	n := 0
	for i := 0; i < len(address); i++ {
		c := address[i]
		if c <= ' ' && (n == 0 || c == '\t' || c == '\n' || c == '\r') {
			continue
		}
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != scheme[n] {
			return false
		}
		if n++; n == len(scheme) {
			return true
		}
	}
	return false
}

// assignAttributes gives the attributes in braces to the elements they belong to and removes the braces. Attached to an
// inline element or a word they belong to it; elsewhere to the paragraph, heading, list item or block before.
func (d *document) assignAttributes(root ast.Node) {
	d.ordinals = map[string][]int{}
	counters := map[string]int{}
	var found []*attributesNode
	walk(root, func(n ast.Node) {
		switch n := n.(type) {
		case *attributesNode:
			found = append(found, n)
			for _, a := range n.list {
				if a.name == "id" {
					d.ordinals[a.value] = countReference(counters, a.value)
					break
				}
			}
		}
	})
	owners := make(map[*attributesNode]ast.Node, len(found))
	for _, n := range found {
		owner := d.ownerOf(n, owners)
		owners[n] = owner
		if owner == nil {
			continue
		}
		for _, a := range n.list {
			addAttribute(owner, a)
		}
	}
	for _, n := range found {
		p := n.Parent()
		p.RemoveChild(p, n)
		if p.Kind() == ast.KindParagraph && !p.HasChildren() {
			p.Parent().RemoveChild(p.Parent(), p)
		}
	}
}

// addAttribute sets an attribute of a node; classes add up, others replace what was there and move to the end.
func addAttribute(n ast.Node, a attribute) {
	list := attributesOf(n)
	for i, old := range list {
		if old.name != a.name {
			continue
		}
		if a.name == "class" {
			list[i].value += " " + a.value
			n.SetAttributeString(attributesKey, list)
			return
		}
		list = append(list[:i:i], list[i+1:]...)
		break
	}
	if len(list) < maxAttributes {
		n.SetAttributeString(attributesKey, append(list, a))
	}
}

// attributesKey is the name under which a node of the tree keeps its list.
const attributesKey = "attributes"

func attributesOf(n ast.Node) []attribute {
	if n == nil {
		return nil
	}
	v, _ := n.AttributeString(attributesKey)
	list, _ := v.([]attribute)
	return list
}

func (d *document) ownerOf(n *attributesNode, owners map[*attributesNode]ast.Node) ast.Node {
	parent := n.Parent()
	next := n.NextSibling()
	for next != nil && d.isEmptyText(next) {
		next = next.NextSibling()
	}
	previous := n.PreviousSibling()
	if previous == nil || d.isEmptyText(previous) && previous.PreviousSibling() == nil {
		d.trimStart(n.NextSibling())
		return firstOwner(parent, onlyAttributes(n))
	}
	if before, ok := previous.(*attributesNode); ok && before.end == n.start {
		return owners[before]
	}
	if t, ok := previous.(*ast.Text); ok && d.isEmptyText(t) && !t.SoftLineBreak() && !t.HardLineBreak() {
		previous = t.PreviousSibling() // what follows a bare link
	}
	word, isText := previous.(*ast.Text)
	attached := !isText || word.Segment.Stop == n.start && !word.SoftLineBreak() && !word.HardLineBreak()
	if isText && next == nil {
		stop := word.Segment.Stop
		word.Segment = word.Segment.TrimRightSpace(d.source)
		word.SetSoftLineBreak(false)
		attached = attached && word.Segment.Stop == stop
	}
	if !attached {
		if outer := parent.Parent(); outer != nil && outer.Kind() == ast.KindListItem && parent.Kind() != ast.KindHeading {
			return outer
		}
		return parent
	}
	if !isText {
		return previous
	}
	span := &element{tag: "span"}
	parent.ReplaceChild(parent, previous, span)
	span.AppendChild(span, previous)
	return span
}

// firstOwner finds the owner of attributes that start their parent.
func firstOwner(parent ast.Node, alone bool) ast.Node {
	if parent.Kind() != ast.KindParagraph && parent.Kind() != ast.KindTextBlock {
		return parent
	}
	previous := parent.PreviousSibling()
	outer := parent.Parent()
	switch {
	case outer != nil && outer.Kind() == ast.KindListItem && previous == nil:
		return outer.Parent()
	case !alone:
		return parent
	case previous != nil:
		return previous
	}
	return outer
}

func onlyAttributes(n *attributesNode) bool {
	for s := n.NextSibling(); s != nil; s = s.NextSibling() {
		if s.Kind() == kindAttributes {
			continue
		}
		if t, ok := s.(*ast.Text); ok && t.Segment.Len() == 0 {
			continue
		}
		return false
	}
	return true
}

func (d *document) isEmptyText(n ast.Node) bool {
	t, ok := n.(*ast.Text)
	return ok && t.Segment.Len() == 0
}

// trimStart removes the space or line end after attributes that come first.
func (d *document) trimStart(n ast.Node) {
	t, ok := n.(*ast.Text)
	if !ok {
		return
	}
	t.Segment = t.Segment.TrimLeftSpace(d.source)
	if t.Segment.Len() == 0 {
		t.SetSoftLineBreak(false)
		t.SetHardLineBreak(false)
	}
}

// walk calls visit for every node below and including n, parents first. The tree is as deep as maxDepth and the nesting
// of inline elements allow.
func walk(n ast.Node, visit func(ast.Node)) {
	visit(n)
	for c := n.FirstChild(); c != nil; {
		next := c.NextSibling()
		walk(c, visit)
		c = next
	}
}
