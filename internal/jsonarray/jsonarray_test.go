package jsonarray

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// read returns all elements.
func read(r io.Reader, limit int) ([]string, error) {
	a := NewReader(r, limit)
	var out []string
	for {
		e, err := a.Next()
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		out = append(out, string(e))
	}
}

func TestElements(t *testing.T) {
	for text, want := range map[string][]string{
		`[]`:                              nil,
		" [ ] \n":                         nil,
		"\xef\xbb\xbf[1]":                 {"1"},
		`[null,true , -1.5e3,"a,]\"}"]`:   {"null", "true", "-1.5e3", `"a,]\"}"`},
		`[{"a":[1,{"b":"]}"}]},{}, [[]]]`: {`{"a":[1,{"b":"]}"}]}`, "{}", "[[]]"},
		`["\\"]`:                          {`"\\"`},
	} {
		got, err := read(iotest.OneByteReader(strings.NewReader(text)), 100)
		if err != nil || fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
			t.Errorf("%s: got %q, %v, want %q", text, got, err, want)
		}
	}
}

func TestWrong(t *testing.T) {
	for _, text := range []string{
		"", " ", "{}", "null", "[", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[]x", "[1]]", `["a]`, `[{"a":1]`, `[{]`, "[}", "[:]", `["a"b]`,
		`["0123456789"]`, "[0123456789a]", `[{"a":12345}]`,
	} {
		got, err := read(strings.NewReader(text), 10)
		var s *SyntaxError
		if !errors.As(err, &s) {
			t.Errorf("%s: got %q, %v, want a SyntaxError", text, got, err)
		}
	}
}

func TestStreamError(t *testing.T) {
	failed := errors.New("stream failed")
	for _, text := range []string{"", "[", "[1", "[1]"} {
		_, err := read(io.MultiReader(strings.NewReader(text), iotest.ErrReader(failed)), 10)
		if !errors.Is(err, failed) {
			t.Errorf("after %q: got %v, want the stream's error", text, err)
		}
	}
}

// Of valid JSON the elements are those that the standard library finds.
func FuzzReader(f *testing.F) {
	f.Add(`[]`)
	f.Add(`[null,{"a":[1,2]},"x\"]"]`)
	f.Add(`{"a":1}`)
	f.Fuzz(func(t *testing.T, text string) {
		got, err := read(strings.NewReader(text), 1<<20)
		var want []json.RawMessage
		if json.Unmarshal([]byte(text), &want) != nil || want == nil {
			return // whatever is no array of the library is checked element by element later
		}
		if err != nil {
			t.Fatalf("valid array refused: %v", err)
		}
		if len(got) != len(want) {
			t.Fatalf("got %d elements, want %d", len(got), len(want))
		}
		for i := range got {
			if got[i] != strings.TrimSpace(string(want[i])) {
				t.Fatalf("element %d: got %q, want %q", i, got[i], want[i])
			}
		}
	})
}

func BenchmarkReader(b *testing.B) {
	text := "[" + strings.Repeat(`{"id":"1","type":"cat","name":"Tom","legs":4},`, 9_999) + "{}]"
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	a := NewReader(nil, 1000)
	for b.Loop() {
		a.Reset(strings.NewReader(text))
		for {
			if _, err := a.Next(); err == io.EOF {
				break
			} else if err != nil {
				b.Fatal(err)
			}
		}
	}
}
