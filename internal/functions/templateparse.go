package functions

import (
	"fmt"
	"strings"
)

type templateKind uint8

const (
	templateText templateKind = iota
	templateValue
	templateRaw
	templateSection
	templateInverted
)

type templateNode struct {
	kind     templateKind
	text     string // text, or name of the value
	children []templateNode
}

// templateParser reads a template from left to right. Sections are kept on a stack of their own, so that depth is
// bounded by a count.
type templateParser struct {
	rest        string
	line        int
	open, close string
	atLineStart bool // nothing but white space stands between the last line end and rest
	stack       []templateSectionStart
	nodes       []templateNode
}

type templateSectionStart struct {
	kind  templateKind
	name  string
	line  int
	outer []templateNode
}

func parseTemplate(template string) ([]templateNode, error) {
	p := templateParser{rest: template, line: 1, open: "{{", close: "}}", atLineStart: true}
	for p.rest != "" {
		i := strings.Index(p.rest, p.open)
		if i < 0 {
			p.addText(p.rest)
			break
		}
		p.addText(p.rest[:i])
		p.rest = p.rest[i:]
		if err := p.tag(); err != nil {
			return nil, err
		}
	}
	if len(p.stack) > 0 {
		s := p.stack[len(p.stack)-1]
		return nil, fmt.Errorf("template line %d: section {{#%s}} is not closed: add {{/%s}}", s.line, s.name, s.name)
	}
	return p.nodes, nil
}

func (p *templateParser) addText(s string) {
	if s == "" {
		return
	}
	p.line += strings.Count(s, "\n")
	if nl := strings.LastIndexByte(s, '\n'); nl >= 0 {
		p.atLineStart = blankLine(s[nl+1:])
	} else {
		p.atLineStart = p.atLineStart && blankLine(s)
	}
	p.nodes = append(p.nodes, templateNode{kind: templateText, text: s})
}

// tag reads the tag at the start of rest.
func (p *templateParser) tag() error {
	body := p.rest[len(p.open):]
	closing := p.close
	raw := strings.HasPrefix(body, "{") && p.open == "{{"
	if raw {
		body, closing = body[1:], "}}}"
	} else if strings.HasPrefix(body, "=") {
		closing = "=" + p.close
		body = body[1:]
		end := strings.Index(body, closing)
		if end < 0 {
			return p.unclosed()
		}
		return p.delimiters(body[:end], body[end+len(closing):])
	}
	end := strings.Index(body, closing)
	if end < 0 {
		return p.unclosed()
	}
	content := strings.TrimSpace(body[:end])
	p.line += strings.Count(body[:end], "\n")
	after := body[end+len(closing):]
	if raw {
		return p.value(templateRaw, content, after)
	}
	if content == "" {
		return fmt.Errorf("template line %d: empty tag: put a name between %s and %s", p.line, p.open, p.close)
	}
	name := strings.TrimSpace(content[1:])
	switch content[0] {
	case '!':
		p.standalone(after)
		return nil
	case '>':
		return fmt.Errorf("template line %d: partials such as {{>%s}} are not supported: put the text in place", p.line, name)
	case '&':
		return p.value(templateRaw, name, after)
	case '#':
		return p.begin(templateSection, name, after)
	case '^':
		return p.begin(templateInverted, name, after)
	case '/':
		return p.end(name, after)
	}
	return p.value(templateValue, content, after)
}

func (p *templateParser) unclosed() error {
	return fmt.Errorf("template line %d: tag is not closed: add %s", p.line, p.close)
}

func (p *templateParser) value(kind templateKind, name, after string) error {
	if name == "" || strings.ContainsAny(name, "\r\n") {
		return fmt.Errorf("template line %d: a tag needs a name on one line", p.line)
	}
	p.nodes = append(p.nodes, templateNode{kind: kind, text: name})
	p.rest, p.atLineStart = after, false
	return nil
}

func (p *templateParser) delimiters(content, after string) error {
	f := strings.Fields(content)
	if len(f) != 2 {
		return fmt.Errorf("template line %d: delimiters are set as {{=<%% %%>=}}", p.line)
	}
	p.open, p.close = f[0], f[1]
	p.standalone(after)
	return nil
}

func (p *templateParser) begin(kind templateKind, name, after string) error {
	if name == "" {
		return fmt.Errorf("template line %d: a section needs a name", p.line)
	}
	if len(p.stack) >= maxTemplateDepth {
		return fmt.Errorf("template line %d: sections are nested more than %d deep", p.line, maxTemplateDepth)
	}
	line := p.line
	p.standalone(after)
	p.stack = append(p.stack, templateSectionStart{kind: kind, name: name, line: line, outer: p.nodes})
	p.nodes = nil
	return nil
}

func (p *templateParser) end(name, after string) error {
	if len(p.stack) == 0 {
		return fmt.Errorf("template line %d: {{/%s}} closes a section that was not opened", p.line, name)
	}
	s := p.stack[len(p.stack)-1]
	if s.name != name {
		return fmt.Errorf("template line %d: {{/%s}} found where {{/%s}} of line %d was expected", p.line, name, s.name, s.line)
	}
	p.standalone(after)
	p.stack = p.stack[:len(p.stack)-1]
	p.nodes = append(s.outer, templateNode{kind: s.kind, text: name, children: p.nodes})
	return nil
}

// standalone moves on to after; a tag alone on its line takes the whole line with it, white space and line end included.
func (p *templateParser) standalone(after string) {
	p.rest = after
	if !p.atLineStart {
		return
	}
	line, rest, found := strings.Cut(after, "\n")
	if !blankLine(strings.TrimSuffix(line, "\r")) {
		p.atLineStart = false
		return
	}
	if n := len(p.nodes); n > 0 && p.nodes[n-1].kind == templateText {
		p.nodes[n-1].text = strings.TrimRight(p.nodes[n-1].text, " \t")
	}
	p.rest = rest
	if found {
		p.line++
	}
}

func blankLine(s string) bool { return strings.Trim(s, " \t") == "" }
