package main

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

// Whatever a file holds, reading it ends with objects that are valid JSON, or with an error; no word of a text is lost.
func FuzzFiles(f *testing.F) {
	for _, seed := range []string{"", "{}", `[{"id":"1"}]`, `{"a":1}{"b":2}`, `[null]`, `{"id":5,"type":null}`, "<p>a <a href=x>b</a>", "a < b", "\xff\xfe", strings.Repeat("é ", 200000)} {
		f.Add(seed, true, false)
		f.Add(seed, false, true)
	}
	f.Fuzz(func(t *testing.T, content string, encode, update bool) {
		o := fileOptions{encodeID: encode, jsonOnly: update}
		fromFile, err := fromJSON([]byte(content), "a.json", o)
		if err == nil && len(fromFile) == 0 {
			t.Error("neither objects nor an error")
		}
		page, err := fromHTML([]byte(content), "a.html", o)
		if err == nil {
			fromFile = append(fromFile, page...)
		}
		text := strings.ToValidUTF8(content, "\uFFFD")
		var words []string
		for _, part := range fromText(text, "a.md", o) {
			got := part.Text("text")
			if !utf8.ValidString(got) || len(got) > maxChunk {
				t.Errorf("a chunk of %d bytes", len(got))
			}
			words = append(words, got)
			fromFile = append(fromFile, part)
		}
		if squeeze(strings.Join(words, "")) != squeeze(o.clean(text)) {
			t.Error("a text changed")
		}
		for _, object := range fromFile {
			if data := object.AppendJSON(nil); !json.Valid(data) {
				t.Errorf("not valid JSON: %s", data)
			}
		}
	})
}

func squeeze(text string) string { return strings.Join(strings.Fields(text), "") }
