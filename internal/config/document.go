package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/erudika/para-go/internal/hocon"
)

// Document is one answer of the self-documentation.
type Document struct {
	ContentType string
	Body        []byte
}

// Describe renders the options of the Java server for GET /v1/_config/options (C 3.8), in their order and with their
// effective defaults: the values in force when nothing but env is configured. Values of the configuration never show,
// since the answer is public. format is json (also when blank), markdown or hocon; groupby is blank or category for
// groups, anything else for a flat list; case does not count. An unknown format gives an empty text.
func (c *Config) Describe(format, groupby string) Document {
	groups := c.groups()
	if groupby != "" && !strings.EqualFold(groupby, "category") {
		groups = []group{flatten(groups)}
	}
	switch strings.ToLower(format) {
	case "", "json":
		return Document{"application/json", describeJSON(groups)}
	case "markdown":
		return Document{"text/markdown", describeMarkdown(groups)}
	case "hocon":
		return Document{"application/hocon", describeHOCON(groups)}
	}
	return Document{ContentType: "text/plain"}
}

// group is a category with its options; a flat list is one group without category.
type group struct {
	category string
	entries  []described
}

type described struct {
	option *Option
	def    string
}

func (c *Config) groups() []group {
	d := documented{production: c.Production(), packaged: c.packaged}
	var groups []group
	at := map[string]int{}
	for i := range table {
		o := &table[i]
		if !o.Listed {
			continue
		}
		g, ok := at[o.Category]
		if !ok {
			g = len(groups)
			at[o.Category] = g
			groups = append(groups, group{category: o.Category})
		}
		groups[g].entries = append(groups[g].entries, described{o, d.option(o.Name)})
	}
	return groups
}

func flatten(groups []group) group {
	var flat group
	for _, g := range groups {
		flat.entries = append(flat.entries, g.entries...)
	}
	return flat
}

// documented gives computed defaults what everybody may know: no environment, no folder, no configured values.
type documented struct {
	production bool
	packaged   *hocon.Object
}

func (d documented) getenv(string) string { return "" }
func (d documented) workDir() string      { return "./" }

func (d documented) option(name string) string {
	if name == "env" {
		if d.production {
			return production
		}
		return "embedded"
	}
	o := byName[name]
	if d.packaged != nil {
		if v := d.packaged.Get(strings.Split(name, ".")...); v != nil {
			return strings.Join(listOf(found{text: v.Text(), value: v}), ", ")
		}
	}
	if o.derive != nil {
		return o.derive(d)
	}
	return o.Default
}

func describeJSON(groups []group) []byte {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, g := range groups {
		if i > 0 {
			b.WriteByte(',')
		}
		if g.category != "" {
			writeJSON(&b, g.category)
			b.WriteString(":{")
		}
		for j, e := range g.entries {
			if j > 0 {
				b.WriteByte(',')
			}
			writeJSON(&b, prefix+e.option.Name)
			b.WriteString(`:{"defaultValue":`)
			writeJSON(&b, e.def)
			b.WriteString(`,"description":`)
			writeJSON(&b, e.option.Description)
			b.WriteString(`,"type":`)
			writeJSON(&b, e.option.Announced)
			b.WriteString(`,"tags":`)
			writeJSON(&b, e.option.tags())
			b.WriteByte('}')
		}
		if g.category != "" {
			b.WriteByte('}')
		}
	}
	b.WriteByte('}')
	return b.Bytes()
}

// writeJSON writes text as a JSON string without escaping HTML.
func writeJSON(b *bytes.Buffer, s string) {
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err == nil { // a buffer takes everything
		b.Truncate(b.Len() - 1) // the newline after it
	}
}

func (o *Option) tags() string {
	if o.Restart {
		return "requires restart"
	}
	return ""
}

func describeMarkdown(groups []group) []byte {
	var b bytes.Buffer
	for _, g := range groups {
		if g.category != "" {
			fmt.Fprintf(&b, "\n## %s\n\n", g.category)
		}
		b.WriteString("| Property key & Description | Default Value | Type |\n|  ---                       | ---           | ---  |\n")
		for _, e := range g.entries {
			tag := ""
			if t := e.option.tags(); t != "" {
				tag = " <kbd>" + t + "</kbd>"
			}
			def := e.def
			if def == "" {
				def = " "
			}
			fmt.Fprintf(&b, "|`%s%s`%s<br>%s | `%s` | `%s`|\n", prefix, e.option.Name, tag, e.option.Description, def, e.option.Announced)
		}
	}
	return b.Bytes()
}

// describeHOCON writes a file that the server can read: texts are quoted, blank defaults are comments.
func describeHOCON(groups []group) []byte {
	var b bytes.Buffer
	for _, g := range groups {
		if g.category != "" {
			fmt.Fprintf(&b, "\n#############  %s  #############\n\n", strings.ToUpper(g.category))
		}
		for _, e := range g.entries {
			fmt.Fprintf(&b, "# %s[type: %s] ", e.option.Description, e.option.Announced)
			if t := e.option.tags(); t != "" {
				fmt.Fprintf(&b, "[%s] ", t)
			}
			b.WriteByte('\n')
			if e.def == "" {
				b.WriteByte('#')
			}
			fmt.Fprintf(&b, "%s%s = %s\n", prefix, e.option.Name, e.hocon())
		}
	}
	return b.Bytes()
}

func (e described) hocon() string {
	switch e.option.Type {
	case Integer, Boolean:
		if e.def != "" {
			return e.def
		}
	case List:
		items := listOf(found{text: e.def})
		for i := range items {
			items[i] = hocon.Quote(items[i])
		}
		return "[" + strings.Join(items, ", ") + "]"
	}
	return hocon.Quote(e.def)
}
