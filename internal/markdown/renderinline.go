package markdown

import (
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"
)

// relation is the rel attribute of links to other sites.
var relation = attribute{"rel", "nofollow noreferrer"}

// inlines writes the children of n, which are inline.
func (r *renderer) inlines(n ast.Node) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		r.inline(c)
	}
}

// surroundInline writes an inline element with its content.
func (r *renderer) surroundInline(name string, n ast.Node, own ...attribute) {
	r.tag(name, n, own...)
	r.inlines(n)
	r.raw("</" + name + ">")
}

func (r *renderer) inline(n ast.Node) {
	switch n := n.(type) {
	case *ast.Text:
		r.textNode(n)
	case *ast.String:
		r.text(string(n.Value))
	case *ast.Emphasis:
		name := "em"
		if n.Level == 2 {
			name = "strong"
		}
		r.surroundInline(name, n)
	case *ast.CodeSpan:
		r.codeSpan(n)
	case *ast.Link:
		r.link(n)
	case *ast.Image:
		r.image(n)
	case *ast.AutoLink:
		r.autoLink(n)
	case *bareLink:
		r.tag("a", n, r.withRelation(n.target, attribute{"href", n.target})...)
		r.text(n.label)
		r.raw("</a>")
	case *ast.RawHTML:
		r.rawHTML(n)
	case *element:
		r.surroundInline(n.tag, n)
	case *change:
		name := "ins"
		if n.marker[1] == '-' {
			name = "del"
		}
		r.surroundInline(name, n)
	case *inlineMath:
		r.tag("span", n, attribute{"class", "katex"})
		r.text(n.formula)
		r.raw("</span>")
	case *emojiNode:
		r.emoji(n)
	case *taskBox:
		r.taskBox(n)
	case *media:
		r.media(n)
	case *enumRef:
		r.enumRef(n)
	}
}

func (r *renderer) textNode(n *ast.Text) {
	s := r.document.text(n)
	if r.last == '\n' && n.PreviousSibling() != nil {
		s = strings.TrimLeft(s, " ")
	}
	r.text(s)
	switch {
	case n.NextSibling() == nil:
	case n.HardLineBreak():
		r.raw("<br />\n")
	case n.SoftLineBreak():
		r.raw(r.softBreak)
	}
}

// codeSpan writes code with single spaces between its words.
func (r *renderer) codeSpan(n *ast.CodeSpan) {
	var code strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if t, ok := c.(*ast.Text); ok {
			code.Write(t.Segment.Value(r.document.source))
		}
	}
	r.tag("code", n)
	r.text(strings.Join(strings.FieldsFunc(code.String(), isASCIISpace), " "))
	r.raw("</code>")
}

func isASCIISpace(c rune) bool { return c == ' ' || c == '\t' || c == '\n' }

// withRelation adds rel to the attributes of a link unless its host is to be followed.
func (r *renderer) withRelation(target string, own ...attribute) []attribute {
	if r.followed(target) {
		return own
	}
	return append(own, relation)
}

func (r *renderer) link(n *ast.Link) {
	target := unescape(n.Destination)
	if isScript(target) {
		r.inlines(n)
		return
	}
	own := []attribute{{"href", target}}
	if len(n.Title) > 0 {
		own = append(own, attribute{"title", unescape(n.Title)})
	}
	if n.Reference == nil { // links by reference have no rel
		own = r.withRelation(target, own...)
	}
	r.surroundInline("a", n, own...)
}

func (r *renderer) autoLink(n *ast.AutoLink) {
	label := string(n.Label(r.document.source))
	if isScript(label) {
		r.text(label)
		return
	}
	target := string(n.URL(r.document.source))
	if n.AutoLinkType == ast.AutoLinkEmail && !strings.HasPrefix(strings.ToLower(target), "mailto:") {
		target = "mailto:" + target
	}
	r.tag("a", n, r.withRelation(target, attribute{"href", target})...)
	r.text(label)
	r.raw("</a>")
}

// videoExtensions are those of pictures that are shown as films.
const videoExtensions = " mp4 m4v mov webm ogv "

func (r *renderer) image(n *ast.Image) {
	target := unescape(n.Destination)
	if isScript(target) {
		return
	}
	label := r.document.plainText(n)
	path, _, _ := strings.Cut(target, "?")
	if dot := strings.LastIndexByte(path, '.'); dot >= 0 && strings.Contains(videoExtensions, " "+path[dot+1:]+" ") {
		r.film(n, target, label)
		return
	}
	own := []attribute{{"src", target}, {"alt", label}}
	if len(n.Title) > 0 {
		own = append(own, attribute{"title", unescape(n.Title)})
	}
	if n.Reference == nil {
		own = r.withRelation(target, own...)
	}
	r.emptyTag("img", n, own...)
}

// film shows a picture that is a film, with a link to it.
func (r *renderer) film(n *ast.Image, target, label string) {
	r.line()
	r.tag("div", n, attribute{"class", "video-container"})
	r.raw("\n")
	r.tag("video", nil, attribute{"src", target}, attribute{"width", "400"}, attribute{"controls", "true"})
	r.raw("</video>\n<p>")
	r.tag("a", nil, attribute{"href", target}, attribute{"target", "_blank"}, attribute{"rel", "noopener noreferrer"},
		attribute{"title", "Download '" + label + "'"})
	r.text(label)
	r.raw("</a></p>\n</div>\n")
}

func (r *renderer) emoji(n *emojiNode) {
	if n.text != "" {
		r.raw(n.text)
		return
	}
	r.emptyTag("img", n, attribute{"src", "/img/" + n.name + ".png"}, attribute{"alt", "emoji github:" + n.name},
		attribute{"height", "20"}, attribute{"width", "20"}, attribute{"align", "absmiddle"})
}

func (r *renderer) taskBox(n *taskBox) {
	own := []attribute{{"type", "checkbox"}, {"class", "task-list-item-checkbox"}}
	if n.checked {
		own = append(own, attribute{"checked", "checked"})
	}
	own = append(own, attribute{"disabled", "disabled"}, attribute{"readonly", "readonly"})
	r.emptyTag("input", nil, own...)
	r.raw("&nbsp;")
}

// media shows a link as what it leads to; a target may list several sources with bars between them.
func (r *renderer) media(n *media) {
	label := r.document.plainText(n)
	target := unescape(n.target)
	var sources []string
	for _, s := range strings.Split(target, "|") {
		if !isScript(s) {
			sources = append(sources, s)
		}
	}
	if len(sources) == 0 {
		r.text(label)
		return
	}
	switch n.letter {
	case 'A':
		r.player("audio", n, label, sources, audioTypes)
	case 'V':
		r.player("video", n, label, sources, videoTypes)
	case 'E':
		r.emptyTag("embed", n, attribute{"title", label}, attribute{"src", strings.Join(sources, "|")})
	case 'P':
		r.raw("<picture>")
		last := len(sources) - 1
		for _, s := range sources[:last] {
			r.emptyTag("source", n, attribute{"srcset", s})
		}
		r.emptyTag("img", n, attribute{"src", sources[last]}, attribute{"alt", label})
		r.raw("</picture>")
	}
}

// Media types by file extension, as pairs.
const (
	audioTypes = " opus=audio/ogg; codecs=opus| weba=audio/webm| webm=audio/webm| ogg=audio/ogg| wav=audio/wav| flac=audio/flac| mp3=audio/mpeg|"
	videoTypes = " mp4=video/mp4| webm=video/webm| ogv=video/ogg| 3gp=video/3gp|"
)

func mediaType(types, source string) string {
	dot := strings.LastIndexByte(source, '.')
	if dot < 0 {
		return ""
	}
	_, rest, found := strings.Cut(types, " "+source[dot+1:]+"=")
	if !found {
		return ""
	}
	t, _, _ := strings.Cut(rest, "|")
	return t
}

func (r *renderer) player(name string, n ast.Node, label string, sources []string, types string) {
	r.tag(name, n, attribute{"title", label}, attribute{"controls", ""})
	for _, s := range sources {
		own := []attribute{{"src", s}}
		if t := mediaType(types, s); t != "" {
			own = append(own, attribute{"type", t})
		}
		r.emptyTag("source", nil, own...)
	}
	r.raw("Your browser does not support the " + name + " element.</" + name + ">")
}

// maxReferenceNesting bounds definitions that show each other.
const maxReferenceNesting = 8

// enumRef writes the label of an enumerated reference: the text of its type with the number in place of [#].
func (r *renderer) enumRef(n *enumRef) {
	if n.id == "" {
		if r.numbers != nil {
			r.numbers()
		}
		return
	}
	id := n.id
	if !n.link {
		id = r.headingReference(n, id)
	}
	if !n.link {
		r.label(id)
		return
	}
	// The title is the label as text, so it is rendered apart first.
	part := renderer{Converter: r.Converter, document: r.document, nesting: r.nesting, last: 'x'}
	part.label(id)
	r.tag("a", n, attribute{"href", "#" + id}, attribute{"title", textOf(part.out.String())})
	r.label(id)
	r.raw("</a>")
}

// headingReference completes a bare type in a heading with the anchor of the heading.
func (r *renderer) headingReference(n *enumRef, id string) string {
	kind := referenceType(id)
	if kind == "" && strings.HasSuffix(id, ":") {
		kind = strings.TrimSuffix(id, ":")
	}
	if kind != "" && id != kind+":" {
		return id
	}
	for p := n.Parent(); p != nil; p = p.Parent() {
		if p.Kind() != ast.KindHeading {
			continue
		}
		if kind == "" {
			kind = id
		}
		return kind + ":" + r.document.anchors[p]
	}
	return id
}

// label writes the parts of the type of id, the last of them with the numbers of all.
func (r *renderer) label(id string) {
	types := strings.Split(referenceType(id), ":")
	numbers := r.document.ordinals[id]
	number := func(i int) string {
		if i < len(numbers) {
			return strconv.Itoa(numbers[i])
		}
		return "0"
	}
	last := len(types) - 1
	outer := func() {
		for i := 0; i < last; i++ {
			if r.document.definitions[types[i]] == nil {
				r.text(types[i] + " ")
			}
			r.text(number(i) + ".")
		}
	}
	definition := r.document.definitions[types[last]]
	if definition == nil || r.nesting >= maxReferenceNesting {
		r.text(types[last] + " ")
		outer()
		r.text(number(last))
		return
	}
	before := r.numbers
	r.numbers = func() {
		outer()
		r.text(number(last))
	}
	r.nesting++
	r.inlines(definition.block)
	r.nesting--
	r.numbers = before
}

// textOf returns the characters of HTML that this package has written, without its tags.
func textOf(html string) string {
	var b strings.Builder
	for html != "" {
		before, tag, found := strings.Cut(html, "<")
		b.WriteString(before)
		if !found {
			break
		}
		_, html, _ = strings.Cut(tag, ">")
	}
	return unescape([]byte(strings.ReplaceAll(b.String(), `\`, `\\`)))
}
