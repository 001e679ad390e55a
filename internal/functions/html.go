package functions

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// StripHTML returns the visible text of an HTML document or fragment: tags, comments, scripts and styles are left out,
// entities are resolved, white space runs become one space, and block elements are kept apart by a space (O 20.13).
func StripHTML(s string) string {
	if isBlank(s) {
		return ""
	}
	z := html.NewTokenizer(strings.NewReader(s))
	var out visibleText
	var hidden atom.Atom // the element whose content is skipped
	for {
		switch z.Next() {
		case html.ErrorToken:
			return strings.TrimRight(out.String(), " ")
		case html.TextToken:
			if hidden == 0 {
				out.add(string(z.Text()))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			name, _ := z.TagName()
			tag := atom.Lookup(name)
			if hidden == 0 && skipsContent(tag) {
				hidden = tag
			}
			if separatesText(tag) {
				out.separate()
			}
		case html.EndTagToken:
			name, _ := z.TagName()
			tag := atom.Lookup(name)
			if tag == hidden {
				hidden = 0
			}
			if separatesText(tag) {
				out.separate()
			}
		}
	}
}

func skipsContent(tag atom.Atom) bool {
	switch tag {
	case atom.Script, atom.Style, atom.Template:
		return true
	}
	return false
}

func separatesText(tag atom.Atom) bool {
	switch tag {
	case atom.Address, atom.Article, atom.Aside, atom.Blockquote, atom.Body, atom.Br, atom.Center, atom.Dd, atom.Details,
		atom.Dir, atom.Div, atom.Dl, atom.Dt, atom.Fieldset, atom.Figcaption, atom.Figure, atom.Footer, atom.Form, atom.H1,
		atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Head, atom.Header, atom.Hr, atom.Html, atom.Li, atom.Main,
		atom.Nav, atom.Ol, atom.P, atom.Pre, atom.Section, atom.Summary, atom.Table, atom.Tbody, atom.Td, atom.Tfoot,
		atom.Th, atom.Thead, atom.Title, atom.Tr, atom.Ul:
		return true
	}
	return false
}

// visibleText collects text with single spaces and none at the start.
type visibleText struct {
	strings.Builder
	space bool // the last byte written is a space, or nothing was written
}

func (t *visibleText) separate() {
	if t.Len() > 0 && !t.space {
		t.WriteByte(' ')
		t.space = true
	}
}

func (t *visibleText) add(s string) {
	for _, r := range s {
		switch r {
		case ' ', '\t', '\n', '\f', '\r', '\u00a0':
			t.separate()
		case '\u00ad', '\u200b': // invisible: soft hyphen, zero width space
		default:
			t.WriteRune(r)
			t.space = false
		}
	}
}
