package markdown

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// allowedTags are the elements that may stay, each with the attributes it may have. Everything else is replaced by its
// content, or dropped with it when the content is no text for readers.
const allowedTags = ` a(href title rel) abbr(title) audio(controls autoplay muted loop) b() blockquote(cite) br() caption() center()
 cite() code(class) col(span width) colgroup(span width) dd() del() details(class open) div(class) dl() dt() em() h1(id) h2(id)
 h3(id) h4(id) h5(id) h6(id) hr() i() img(align alt height src title width) li() ol(start type) p() pre() q(cite) small()
 source(src type) span() strike() strong() sub() summary() sup() table(summary width) tbody()
 td(abbr align axis colspan rowspan width) tfoot() th(abbr align axis colspan rowspan scope width) thead() tr() u() ul(type)
 video(controls autoplay muted playsinline loop) `

// allowedAttributes returns the attributes that an element may have; false when the element may not stay.
func allowedAttributes(tag string) (string, bool) {
	if strings.ContainsAny(tag, " ()") || tag == "" {
		return "", false
	}
	i := strings.Index(allowedTags, " "+tag+"(")
	if i < 0 {
		return "", false
	}
	rest := allowedTags[i+len(tag)+2:]
	return rest[:strings.IndexByte(rest, ')')], true
}

// sanitize keeps only harmless elements and attributes of s (O 20.12). HTML that is nested too deeply to be read is
// returned escaped.
func sanitize(s string) string {
	body := &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body}
	nodes, err := html.ParseFragment(strings.NewReader(s), body)
	if err != nil {
		return escaper.Replace(strings.TrimSpace(s))
	}
	for _, n := range nodes {
		body.AppendChild(n)
	}
	var out strings.Builder
	for _, n := range nodes {
		writeSafe(&out, n)
	}
	return strings.TrimSpace(out.String())
}

// writeSafe writes a node and what is below it. The parser bounds the depth.
func writeSafe(out *strings.Builder, n *html.Node) {
	switch n.Type {
	case html.TextNode:
		if strings.TrimSpace(n.Data) != "" || !betweenBlocks(n) {
			out.WriteString(textEscaper.Replace(n.Data))
		} else if n.PrevSibling != nil && n.NextSibling != nil {
			out.WriteByte('\n')
		}
		return
	case html.ElementNode:
	default:
		return
	}
	switch n.DataAtom {
	case atom.Script, atom.Style, atom.Template, atom.Iframe, atom.Noscript, atom.Noembed, atom.Noframes, atom.Xmp:
		return
	}
	attributes, allowed := allowedAttributes(n.Data)
	allowed = allowed && n.Namespace == ""
	if allowed {
		writeStartTag(out, n, attributes)
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		writeSafe(out, c)
	}
	if allowed && !isVoid(n.DataAtom) {
		out.WriteString("</" + n.Data + ">")
	}
}

// textEscaper encodes text between tags.
var textEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\u00a0", "&nbsp;")

func writeStartTag(out *strings.Builder, n *html.Node, attributes string) {
	out.WriteString("<" + n.Data)
	for _, a := range n.Attr {
		if a.Namespace != "" || !strings.Contains(" "+attributes+" ", " "+a.Key+" ") || a.Key == "rel" || !safeValue(n.Data, a) {
			continue
		}
		out.WriteString(" " + a.Key)
		if a.Val != "" || !isFlag(a.Key) {
			out.WriteString(`="` + escaper.Replace(a.Val) + `"`)
		}
	}
	if n.DataAtom == atom.A {
		out.WriteString(` rel="nofollow noreferrer"`)
	}
	out.WriteByte('>')
}

// safeValue checks addresses: links lead to the web, to files by FTP, to mail or into the page itself, pictures and quotes
// to the web; sources of media may also be relative.
func safeValue(tag string, a html.Attribute) bool {
	switch a.Key {
	case "href":
		return strings.HasPrefix(a.Val, "#") && !strings.ContainsAny(a.Val, " \t\n") || hasScheme(a.Val, "http", "https", "ftp", "mailto")
	case "cite":
		return hasScheme(a.Val, "http", "https")
	case "src":
		if tag == "source" {
			colon := strings.IndexByte(a.Val, ':')
			return colon < 0 || strings.ContainsAny(a.Val[:colon], "/?#") || hasScheme(a.Val, "http", "https")
		}
		return hasScheme(a.Val, "http", "https")
	}
	return true
}

func hasScheme(address string, schemes ...string) bool {
	scheme, _, ok := strings.Cut(address, ":")
	if !ok {
		return false
	}
	for _, s := range schemes {
		if strings.EqualFold(scheme, s) {
			return true
		}
	}
	return false
}

func isFlag(name string) bool {
	switch name {
	case "controls", "autoplay", "muted", "loop", "playsinline", "open":
		return true
	}
	return false
}

func isVoid(tag atom.Atom) bool {
	switch tag {
	case atom.Br, atom.Col, atom.Hr, atom.Img, atom.Source:
		return true
	}
	return false
}

// betweenBlocks says whether white space between the neighbours of n is not shown.
func betweenBlocks(n *html.Node) bool {
	return isBlock(n.Parent) && (n.PrevSibling == nil || isBlock(n.PrevSibling)) && (n.NextSibling == nil || isBlock(n.NextSibling))
}

func isBlock(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Blockquote, atom.Body, atom.Caption, atom.Center, atom.Col, atom.Colgroup, atom.Dd, atom.Details, atom.Div,
		atom.Dl, atom.Dt, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Hr, atom.Li, atom.Ol, atom.P,
		atom.Source, atom.Summary, atom.Table, atom.Tbody, atom.Td, atom.Tfoot, atom.Th, atom.Thead, atom.Tr, atom.Ul:
		return true
	}
	return false
}
