package markdown

import (
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"
)

// maxOutput bounds the HTML of one text, in bytes: references can repeat long definitions.
const maxOutput = 8 << 20

// renderer writes the tree of one document.
type renderer struct {
	*Converter
	document *document
	out      strings.Builder
	last     byte // last byte written, 0 at the start
	numbers  func()
	nesting  int // of definitions being shown
}

func (r *renderer) raw(s string) {
	if s == "" || r.out.Len() > maxOutput {
		return
	}
	r.out.WriteString(s)
	r.last = s[len(s)-1]
}

// line starts a new line unless at the start of one.
func (r *renderer) line() {
	if r.last != 0 && r.last != '\n' {
		r.raw("\n")
	}
}

// text writes characters, those with a meaning in HTML encoded.
func (r *renderer) text(s string) {
	r.raw(escaper.Replace(s))
}

// escaper encodes what could end a text or a quoted attribute.
var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")

// tag writes a start tag with own attributes and those given to n in braces; a class adds up, others are replaced.
func (r *renderer) tag(name string, n ast.Node, own ...attribute) {
	r.openTag(name, n, ">", own...)
}

// emptyTag writes an element without content.
func (r *renderer) emptyTag(name string, n ast.Node, own ...attribute) {
	r.openTag(name, n, " />", own...)
}

func (r *renderer) openTag(name string, n ast.Node, end string, own ...attribute) {
	r.raw("<")
	r.raw(name)
	given := attributesOf(n)
	class := ""
	for _, a := range given {
		if a.name == "class" {
			class = a.value
		}
	}
	for _, a := range own {
		switch {
		case a.name == "class" && class != "":
			r.attribute(a.name, a.value+" "+class)
			class = ""
		case !has(given, a.name):
			r.attribute(a.name, a.value)
		}
	}
	for _, a := range given {
		if a.name != "class" || class != "" {
			r.attribute(a.name, a.value)
		}
	}
	r.raw(end)
}

func has(list []attribute, name string) bool {
	for _, a := range list {
		if a.name == name && name != "class" {
			return true
		}
	}
	return false
}

func (r *renderer) attribute(name, value string) {
	r.raw(" ")
	r.raw(name)
	r.raw(`="`)
	r.text(value)
	r.raw(`"`)
}

// blocks writes the children of n, which are blocks.
func (r *renderer) blocks(n ast.Node) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		r.block(c)
	}
}

// surround writes a block that contains blocks, with its tags on lines of their own.
func (r *renderer) surround(name string, n ast.Node, own ...attribute) {
	r.line()
	r.tag(name, n, own...)
	r.line()
	r.blocks(n)
	r.line()
	r.raw("</" + name + ">\n")
}

func (r *renderer) block(n ast.Node) {
	switch n := n.(type) {
	case *ast.Heading:
		r.heading(n)
	case *ast.Paragraph:
		r.line()
		r.tag("p", n)
		r.inlines(n)
		r.raw("</p>\n")
	case *ast.TextBlock:
		r.inlines(n)
	case *ast.Blockquote, *fencedQuote:
		r.surround("blockquote", n)
	case *ast.List:
		if !n.IsOrdered() {
			r.surround("ul", n)
		} else if n.Start == 1 {
			r.surround("ol", n)
		} else {
			r.surround("ol", n, attribute{"start", strconv.Itoa(n.Start)})
		}
	case *ast.ListItem:
		r.item(n)
	case *ast.ThematicBreak:
		r.line()
		r.emptyTag("hr", n)
		r.raw("\n")
	case *ast.CodeBlock:
		r.code(n, "", trimBlankEnd(r.linesOf(n)))
	case *ast.FencedCodeBlock:
		language := string(n.Language(r.document.source))
		r.code(n, unescape([]byte(language)), r.linesOf(n))
	case *ast.HTMLBlock:
		r.html(n)
	case *table:
		r.table(n)
	}
}

func (r *renderer) heading(n *ast.Heading) {
	name := "h" + strconv.Itoa(n.Level)
	id := r.document.anchors[n]
	r.line()
	r.tag(name, n)
	link := []attribute{{"href", "#" + id}}
	if id != "" {
		link = append(link, attribute{"id", id})
	}
	r.tag("a", nil, link...)
	r.inlines(n)
	r.raw("</a></" + name + ">\n")
}

func (r *renderer) item(n *ast.ListItem) {
	r.line()
	if first := n.FirstChild(); first != nil && first.FirstChild() != nil && first.FirstChild().Kind() == kindTask {
		r.tag("li", n, attribute{"class", "task-list-item"})
	} else {
		r.tag("li", n)
	}
	if first := n.FirstChild(); first != nil && first.Kind() != ast.KindTextBlock {
		r.line()
	}
	r.blocks(n)
	if last := n.LastChild(); last != nil && last.Kind() != ast.KindTextBlock {
		r.line()
	}
	r.raw("</li>\n")
}

// code writes a code block; math and mermaid are left to scripts of the page.
func (r *renderer) code(n ast.Node, language, content string) {
	r.line()
	class := ""
	switch language {
	case "math":
		class = "katex"
	case "mermaid":
		class = "mermaid"
	}
	if class != "" {
		r.tag("div", n, attribute{"class", class})
		r.raw("\n")
		r.text(content)
		r.raw("</div>\n")
		return
	}
	r.tag("pre", n)
	if language != "" {
		r.tag("code", n, attribute{"class", "language-" + language})
	} else {
		r.tag("code", n)
	}
	r.text(content)
	r.raw("</code></pre>\n")
}

func (r *renderer) linesOf(n ast.Node) string {
	return string(n.Lines().Value(r.document.source))
}

func trimBlankEnd(s string) string {
	trimmed := strings.TrimRight(s, " \t\n")
	if i := strings.IndexByte(s[len(trimmed):], '\n'); i >= 0 {
		return s[:len(trimmed)+i+1]
	}
	return s
}

// html writes a block of raw HTML: as it is, or escaped in a paragraph of its own; comments are escaped without one.
func (r *renderer) html(n *ast.HTMLBlock) {
	content := r.linesOf(n)
	if n.HasClosure() {
		content += string(n.ClosureLine.Value(r.document.source))
	}
	content = strings.TrimRight(content, "\n")
	r.line()
	switch {
	case r.allowHTML:
		r.raw(content)
		r.raw("\n")
	case strings.HasPrefix(strings.TrimLeft(content, " "), "<!--"):
		r.text(unindent(strings.TrimLeft(content, " ")))
		r.raw("\n")
	default:
		r.raw("<p>")
		r.text(unindent(content))
		r.raw("</p>\n")
	}
}

// unindent removes the white space at the start of every line but the first.
func unindent(s string) string {
	lines := strings.Split(s, "\n")
	for i := 1; i < len(lines); i++ {
		lines[i] = strings.TrimLeft(lines[i], " \t")
	}
	return strings.Join(lines, "\n")
}

func (r *renderer) table(n *table) {
	r.line()
	r.tag("table", n)
	r.raw("\n<thead>\n")
	head := n.FirstChild()
	r.row(head, "th")
	r.raw("</thead>\n")
	if head.NextSibling() == nil {
		r.raw("<tbody></tbody>\n</table>\n")
		return
	}
	r.raw("<tbody>\n")
	for c := head.NextSibling(); c != nil; c = c.NextSibling() {
		r.row(c, "td")
	}
	r.raw("</tbody>\n</table>\n")
}

func (r *renderer) row(n ast.Node, name string) {
	r.tag("tr", n)
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if align := c.(*cell).align; align != "" {
			r.tag(name, c, attribute{"align", align})
		} else {
			r.tag(name, c)
		}
		r.inlines(c)
		r.raw("</" + name + ">")
	}
	r.raw("</tr>\n")
}

// rawHTML writes raw HTML inside a paragraph.
func (r *renderer) rawHTML(n *ast.RawHTML) {
	for i := 0; i < n.Segments.Len(); i++ {
		s := n.Segments.At(i)
		value := s.Value(r.document.source)
		if r.allowHTML {
			r.raw(string(value))
		} else {
			r.text(string(value))
		}
	}
}
