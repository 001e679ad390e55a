package functions

import (
	"errors"
	"strings"
	"testing"
)

func TestRenderTemplate(t *testing.T) {
	data := map[string]any{
		"a": "<x>", "e": "", "l": []any{"1", "2"}, "s": []string{"p", "q"}, "t": true, "f": false, "none": nil, "n": 1.5, "i": 3.0, "empty": []any{},
		"m": map[string]any{"k": "v", "deep": map[string]any{"x": "y"}}, "objects": []any{map[string]any{"name": "A"}, map[string]any{"name": "B", "a": "own"}},
		"dotted.name": "whole",
	}
	for _, c := range []struct {
		template string
		escape   bool
		want     string
	}{
		{"{{a}} {{missing}} {{#e}}T{{/e}}{{^e}}F{{/e}} {{#l}}[{{.}}]{{/l}}", false, "<x>  F [1][2]"},
		{"{{a}} {{{a}}} {{&a}}", true, "&lt;x&gt; <x> <x>"}, {"{{{a}}}", false, "<x>"},
		{"{{#objects}}{{name}}:{{a}} {{/objects}}", false, "A:<x> B:own "}, {"{{m.k}} {{m.deep.x}} {{m.no.x}}", false, "v y "}, {"{{dotted.name}}", false, "whole"},
		{"{{#t}}yes{{/t}}{{#f}}no{{/f}}{{^none}}none{{/none}}{{#empty}}x{{/empty}}{{^empty}}y{{/empty}}", false, "yesnoney"},
		{"{{#m}}{{k}}{{/m}} {{#s}}{{this}},{{/s}} {{n}} {{i}}", false, "v p,q, 1.5 3"},
		{"{{! a comment }}x", false, "x"}, {"{{=<% %>=}}<% a %>{{a}}", false, "<x>{{a}}"},
		{"a\n{{#t}}\nb\n{{/t}}\nc", false, "a\nb\nc"}, {"a\r\n  {{! x }}  \r\nb", false, "a\r\nb"}, {"a {{#t}} b {{/t}} c", false, "a  b  c"},
		{"", false, ""}, {" ", false, ""}, {"no tags {x}", false, "no tags {x}"}, {"{{ a }}", false, "<x>"},
	} {
		got, err := RenderTemplate(c.template, data, c.escape)
		if err != nil || got != c.want {
			t.Errorf("%q = %q, %v; want %q", c.template, got, err, c.want)
		}
	}
	if got, err := RenderTemplate("{{a}}", map[string]any{"a": `&<>"'`}, true); got != "&amp;&lt;&gt;&quot;&#39;" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

func TestBadTemplates(t *testing.T) {
	for template, want := range map[string]string{
		"{{a": "line 1: tag is not closed", "x\n{{#a}}": "line 2: section {{#a}} is not closed", "{{/a}}": "was not opened", "{{#a}}{{/b}}": "{{/a}} of line 1 was expected",
		"{{}}": "empty tag", "{{> p}}": "partials", "{{=x=}}": "delimiters", "{{#}}x{{/}}": "needs a name", "{{{a}}": "not closed", "{{=x": "not closed", "{{a\nb}}": "on one line",
		strings.Repeat("{{#a}}", 101): "more than 100 deep",
	} {
		if _, err := RenderTemplate(template, nil, false); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.30q: error = %v, want one with %q", template, err, want)
		}
	}
	many := make([]any, 1000)
	for i := range many {
		many[i] = "0123456789"
	}
	_, err := RenderTemplate("{{#l}}{{#l}}{{#l}}{{.}}{{/l}}{{/l}}{{/l}}", map[string]any{"l": many}, false)
	if !errors.Is(err, ErrTemplateOutput) {
		t.Errorf("error = %v, want ErrTemplateOutput", err)
	}
}

func FuzzRenderTemplate(f *testing.F) {
	for _, s := range []string{"{{a}} {{#l}}[{{.}}]{{/l}}", "{{=<% %>=}}<%#l%>x<%/l%>", "{{{a}}", "{{^e}}\n{{/e}}\n"} {
		f.Add(s)
	}
	data := map[string]any{"a": "<x>", "e": "", "l": []any{"1", "2"}, "m": map[string]any{"k": "v"}}
	f.Fuzz(func(t *testing.T, template string) {
		out, err := RenderTemplate(template, data, true)
		if err == nil && !strings.Contains(template, "<x>") && !strings.Contains(template, "{{") && !isBlank(template) && out != template {
			t.Errorf("%q = %q", template, out)
		}
	})
}
