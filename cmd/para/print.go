package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"
	"unicode/utf8"

	para "github.com/erudika/para-go"
)

// print writes a result: JSON indented by two spaces (K 2.1), or for people one line for each member.
func (t *tool) print(v any) error {
	data, err := plainJSON(v)
	if err != nil {
		return err
	}
	if t.human() {
		if members, ok := membersOf(data); ok && len(members) > 0 {
			return t.table(members)
		}
	}
	var b bytes.Buffer
	if err := json.Indent(&b, data, "", "  "); err != nil {
		return err
	}
	_, err = fmt.Fprintln(t.out, b.String())
	return err
}

// plainJSON is JSON in which signs such as < stand for themselves.
func plainJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// membersOf returns the members of a JSON object in their order, each with its value for people: texts as they are,
// anything else as JSON.
func membersOf(data []byte) (rows [][]string, ok bool) {
	d := json.NewDecoder(bytes.NewReader(data))
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return nil, false
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, false
		}
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return nil, false
		}
		var text string
		if json.Unmarshal(raw, &text) != nil {
			text = string(raw)
		}
		rows = append(rows, []string{fmt.Sprint(name), text})
	}
	return rows, true
}

// table writes rows in columns.
func (t *tool) table(rows [][]string) error {
	w := tabwriter.NewWriter(t.out, 0, 8, 2, ' ', 0)
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = printable(strings.ReplaceAll(cell, "\n", " "))
		}
		fmt.Fprintln(w, strings.Join(cells, "\t"))
	}
	return w.Flush()
}

// result prints v as JSON, or for people what line says.
func (t *tool) result(v any, line func() string) error {
	if !t.human() {
		return t.print(v)
	}
	var err error
	for text := range strings.SplitSeq(line(), "\n") {
		if _, err = fmt.Fprintln(t.out, printable(text)); err != nil {
			return err
		}
	}
	return nil
}

// objects prints objects: a JSON array, or for people a table.
func (t *tool) objects(list []*para.Object) error {
	if list == nil {
		list = []*para.Object{}
	}
	if !t.human() || len(list) == 0 {
		return t.print(list)
	}
	rows := [][]string{{"ID", "TYPE", "NAME", "CREATED"}}
	for _, o := range list {
		rows = append(rows, []string{o.ID(), o.Type(), shortened(o.Name()), day(o.Timestamp())})
	}
	return t.table(rows)
}

// details prints objects with all their members: a JSON array, or for people a block of lines for each.
func (t *tool) details(list []*para.Object) error {
	if !t.human() || len(list) == 0 {
		return t.objects(list)
	}
	for i, o := range list {
		if i > 0 {
			fmt.Fprintln(t.out)
		}
		if err := t.print(o); err != nil {
			return err
		}
	}
	return nil
}

// stream prints objects as they arrive, as one JSON array, or for people a table.
func (t *tool) stream(objects func(yield func(*para.Object, error) bool)) error {
	if t.human() {
		var list []*para.Object
		for o, err := range objects {
			if err != nil {
				return err
			}
			list = append(list, o)
		}
		return t.objects(list)
	}
	before := "[\n  "
	for o, err := range objects {
		if err != nil {
			return err
		}
		data, err := json.MarshalIndent(o, "  ", "  ")
		if err != nil {
			return err
		}
		if _, err := io.WriteString(t.out, before+string(data)); err != nil {
			return err
		}
		before = ",\n  "
	}
	if before == "[\n  " {
		return t.objects(nil)
	}
	_, err := fmt.Fprintln(t.out, "\n]")
	return err
}

// maxCell is the number of characters of a name in a table.
const maxCell = 60

func shortened(text string) string {
	if utf8.RuneCountInString(text) <= maxCell {
		return text
	}
	return string([]rune(text)[:maxCell-1]) + "…"
}

func day(ms int64) string {
	if ms <= 0 {
		return ""
	}
	return time.UnixMilli(ms).Format("2006-01-02 15:04")
}

// printable replaces what would move the cursor or change the state of a terminal.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
}
