package functions

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Limits of templates.
const (
	maxTemplateDepth  = 100     // sections within sections
	maxTemplateOutput = 8 << 20 // bytes
)

// ErrTemplateOutput is returned by RenderTemplate when the result would exceed 8 MiB.
var ErrTemplateOutput = errors.New("the filled-in template is longer than 8 MiB: use fewer or shorter lists")

// RenderTemplate fills in a Mustache template (O 20.13). Values are looked up in data and, inside sections, in the
// innermost context first; "a.b" looks into maps. Missing values are empty; empty strings, empty lists, false and missing
// values are false. With escape, {{a}} is HTML-encoded and {{{a}}} or {{&a}} is not; without it nothing is. Partials are
// refused. Numbers and other values appear as their text.
func RenderTemplate(template string, data map[string]any, escape bool) (string, error) {
	if isBlank(template) {
		return "", nil
	}
	nodes, err := parseTemplate(template)
	if err != nil {
		return "", err
	}
	r := templateRenderer{escape: escape}
	if err := r.render(nodes, []any{data}); err != nil {
		return "", err
	}
	return r.out.String(), nil
}

type templateRenderer struct {
	out    strings.Builder
	escape bool
}

func (r *templateRenderer) write(s string) error {
	if r.out.Len()+len(s) > maxTemplateOutput {
		return ErrTemplateOutput
	}
	r.out.WriteString(s)
	return nil
}

func (r *templateRenderer) render(nodes []templateNode, stack []any) error {
	for _, n := range nodes {
		if err := r.renderNode(n, stack); err != nil {
			return err
		}
	}
	return nil
}

func (r *templateRenderer) renderNode(n templateNode, stack []any) error {
	switch n.kind {
	case templateText:
		return r.write(n.text)
	case templateValue, templateRaw:
		v := lookUp(stack, n.text)
		if v == nil {
			return nil
		}
		s := templateString(v)
		if r.escape && n.kind == templateValue {
			s = escapeHTML.Replace(s)
		}
		return r.write(s)
	case templateInverted:
		if !truthy(lookUp(stack, n.text)) {
			return r.render(n.children, stack)
		}
		return nil
	}
	v := lookUp(stack, n.text)
	if !truthy(v) {
		return nil
	}
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			if err := r.render(n.children, append(stack[:len(stack):len(stack)], item)); err != nil {
				return err
			}
		}
		return nil
	case []string:
		for _, item := range v {
			if err := r.render(n.children, append(stack[:len(stack):len(stack)], item)); err != nil {
				return err
			}
		}
		return nil
	case bool:
		return r.render(n.children, stack)
	}
	return r.render(n.children, append(stack[:len(stack):len(stack)], v))
}

// escapeHTML encodes the characters that could end a text or an attribute.
var escapeHTML = strings.NewReplacer("&", "&amp;", "'", "&#39;", `"`, "&quot;", "<", "&lt;", ">", "&gt;")

func lookUp(stack []any, name string) any {
	if name == "." || name == "this" {
		return stack[len(stack)-1]
	}
	for i := len(stack) - 1; i >= 0; i-- {
		if v, ok := member(stack[i], name); ok {
			return v
		}
	}
	first, rest, dotted := strings.Cut(name, ".")
	if !dotted {
		return nil
	}
	v := lookUp(stack, first)
	for dotted {
		first, rest, dotted = strings.Cut(rest, ".")
		var ok bool
		if v, ok = member(v, first); !ok {
			return nil
		}
	}
	return v
}

func member(v any, name string) (any, bool) {
	switch m := v.(type) {
	case map[string]any:
		x, ok := m[name]
		return x, ok
	case map[string]string:
		x, ok := m[name]
		return x, ok
	}
	return nil, false
}

func truthy(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case bool:
		return v
	case string:
		return v != ""
	case []any:
		return len(v) > 0
	case []string:
		return len(v) > 0
	}
	return true
}

func templateString(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}
