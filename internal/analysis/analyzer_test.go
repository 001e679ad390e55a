package analysis

import (
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	para "github.com/erudika/para-go"
)

type vector struct {
	Text   string
	Tokens []string
}

// vectors are those of S 4.2, the texts of the recorded exchange about languages, and hard cases, all with the tokens of
// the reference's analyzer.
func vectors(t testing.TB) []vector {
	t.Helper()
	data, err := os.ReadFile("testdata/tokens.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []vector
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	if len(all) < 100 {
		t.Fatalf("only %d vectors", len(all))
	}
	return all
}

func TestTokens(t *testing.T) {
	for _, v := range vectors(t) {
		var got []string
		for i, token := range Tokens(v.Text) {
			if token.Position != i {
				t.Errorf("%q: token %d has position %d", v.Text, i, token.Position)
			}
			got = append(got, token.Text)
		}
		if !slices.Equal(got, v.Tokens) {
			t.Errorf("%q\n got %q\nwant %q", v.Text, got, v.Tokens)
		}
	}
}

func TestAppendTokens(t *testing.T) {
	got := AppendTokens([]para.Token{{Text: "x", Position: 3}}, "Foo, bar", 100)
	want := []para.Token{{Text: "x", Position: 3}, {Text: "foo", Position: 100}, {Text: "bar", Position: 101}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestSpans(t *testing.T) {
	var got []Span
	for s := range Spans("Ä b-C") {
		if got = append(got, s); len(got) == 3 {
			break
		}
	}
	want := []Span{{"ä", 0, 0, 2}, {"b", 1, 3, 4}, {"c", 2, 5, 6}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestLower(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"abc", "abc"},
		{"aBC", "abc"},
		{"ΣΊΣΥΦΟΣ", "σίσυφοσ"},
		{"İI", "ii"},
		{"Straße", "straße"},
		{"ÄÖ", "äö"},
		{"ab*C?\\D", "ab*c?\\d"},
		{"ＦＯＯ", "ｆｏｏ"},
		{"A\xffB", "a\xffb"},
		{"Ꭰ", "ꭰ"},
	} {
		if got := Lower(c.in); got != c.want {
			t.Errorf("Lower(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestClassesAgree(t *testing.T) {
	for _, r := range classRanges {
		for _, c := range []rune{r.first, r.last} {
			if got, _ := classAt(string(c), 0); got != r.class {
				t.Errorf("%#x has class %#x, want %#x", c, got, r.class)
			}
		}
	}
	for _, c := range []string{" ", "\u200B", "\u0378", "\U0010FFFF", "\xff"} {
		if got, _ := classAt(c, 0); got != 0 {
			t.Errorf("%q has class %#x", c, got)
		}
	}
}

// A lower-case text costs one allocation for the list of tokens, none for the tokens.
func TestTokensShareMemory(t *testing.T) {
	text := "these words are in lower case already, й тези също"
	list := make([]para.Token, 0, 32)
	if n := testing.AllocsPerRun(100, func() { list = AppendTokens(list[:0], text, 0) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzTokens(f *testing.F) {
	for _, v := range vectors(f) {
		f.Add(v.Text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		end, n := 0, 0
		for s := range Spans(text) {
			raw := text[s.Start:s.End]
			switch {
			case s.Start < end || s.End <= s.Start:
				t.Fatalf("%q: %v overlaps or is empty", text, s)
			case s.Position != n:
				t.Fatalf("%q: %v at position %d", text, s, n)
			case s.Text != Lower(raw):
				t.Fatalf("%q: %q is not %q in lower case", text, s.Text, raw)
			case len(utf16.Encode([]rune(raw))) > MaxToken:
				t.Fatalf("%q: %q is too long", text, raw)
			case utf8.ValidString(text) && !utf8.ValidString(raw):
				t.Fatalf("%q: %q is cut within a character", text, raw)
			}
			end, n = s.End, n+1
		}
	})
}

func BenchmarkTokens(b *testing.B) {
	fifty := func(words string) string {
		list := strings.Fields(words)
		for len(list) < 50 {
			list = append(list, list...)
		}
		return strings.Join(list[:50], " ")
	}
	for _, c := range []struct{ name, text string }{
		{"lower", fifty("the quick brown fox jumps over the lazy dog, and it's gone.")},
		{"mixed", fifty("The Quick Brown Fox jumps over the lazy Dog, and it's gone.")},
		{"cyrillic", fifty("съешь же ещё этих мягких французских булок, да выпей чаю")},
		{"chinese", strings.Repeat("我爱北京天安门。", 7)},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(c.text)))
			list := make([]para.Token, 0, 64)
			n := 0
			for b.Loop() {
				list = AppendTokens(list[:0], c.text, 0)
				n += len(list)
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "tokens/s")
		})
	}
}
