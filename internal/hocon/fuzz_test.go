package hocon

import (
	"strings"
	"testing"
)

// FuzzParse: no input panics or hangs, every refusal names its place, and accepted text keeps its meaning when every
// entry is written out as a quoted assignment.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"para.port = 9090 # c", "para { es { shards = 5 } }", "l = [\"a\"]\nl += b", "x = a\nx = ${x}b", "a = ${?B} [1] {c:d}",
		"t = \"\"\"multi\n\"line\"\"\"\"", `{"a": {"b": [1, 2.5, null, true, "\u0041"]}}`, "a.b: c, \"a.b\" = 1e+5", "include file(\"x\")",
		"a = ${b}\nb = ${a}", "a { b = ${a} }", "k=v\nk.l:m \\\n n\\u0041", "a = ${a.b}{b:${?a}}", "x+=${x}",
	} {
		for syntax := range 3 {
			f.Add(s, syntax)
		}
	}
	f.Fuzz(func(t *testing.T, src string, syntax int) {
		opts := Options{File: "f", Syntax: Syntax(uint(syntax) % 3), Env: env("B", "1"),
			ReadFile: func(string) ([]byte, error) { return []byte("inc = ${?x}"), nil }}
		o, err := Parse([]byte(src), opts)
		if err != nil {
			if e, ok := err.(*Error); !ok || e.Position.Line == 0 {
				t.Fatalf("error without place: %v", err)
			}
			return
		}
		var b strings.Builder
		want := map[string]string{}
		for _, e := range o.Entries() {
			if e.Value.Kind() == List {
				continue
			}
			for i, part := range e.Path {
				if i > 0 {
					b.WriteByte('.')
				}
				b.WriteString(Quote(part))
			}
			b.WriteString(" = " + Quote(e.Value.Text()) + "\n")
			want[e.Key] = e.Value.Text()
		}
		if b.Len() > MaxBytes {
			return
		}
		again, err := Parse([]byte(b.String()), Options{})
		if err != nil {
			t.Fatalf("written out again: %v\n%s", err, b.String())
		}
		for _, e := range again.Entries() {
			if want[e.Key] != e.Value.Text() {
				t.Fatalf("%s = %q, was %q", e.Key, e.Value.Text(), want[e.Key])
			}
		}
		if len(again.Entries()) != len(want) {
			t.Fatalf("%d entries, were %d", len(again.Entries()), len(want))
		}
	})
}
