package para_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/erudika/para-go"
)

func TestFilterText(t *testing.T) {
	low, field := "1", para.Scope{Name: "a.b"}
	for want, f := range map[string]para.Filter{
		"everything":                            nil,
		"nothing":                               para.None{},
		`not(a.b = "x")`:                        para.Not{Part: para.Term{Scope: field, Text: "x"}},
		`all(a.b = 5, any(a.b exists))`:         para.And{Parts: []para.Filter{para.Number{Scope: field, Text: "5"}, para.Or{Parts: []para.Filter{para.Exists{Scope: field}}}}},
		`at least 2 of (everything)`:            para.Or{Min: 2, Parts: []para.Filter{para.All{}}},
		`a.b has the phrase "x y" ~3`:           para.Phrase{Scope: field, Terms: []string{"x", "y"}, Slop: 3},
		`a.b begins with "x"`:                   para.Prefix{Scope: field, Text: "x"},
		`texts a* fits "x*"`:                    para.Wildcard{Scope: para.Scope{Kind: para.TextPattern, Name: "a*"}, Pattern: "x*"},
		`keywords a* fits /x/`:                  para.Regexp{Scope: para.Scope{Kind: para.KeywordPattern, Name: "a*"}, Pattern: "x"},
		`any text = "x" with 1 changes`:         para.Fuzzy{Scope: para.Scope{Kind: para.AnyText}, Text: "x", Edits: 1},
		`any keyword in ["1" to *}`:             para.Range{Scope: para.Scope{Kind: para.AnyKeyword}, Min: &low, IncludeMin: true},
		`id is one of 2`:                        para.IDs{IDs: []string{"1", "2"}},
		`parent of(within 10 m of 1,2)`:         para.ParentOf{Part: para.Near{Center: para.Point{Lat: 1, Lng: 2}, Radius: 10}},
		`linked object has(everything)`:         para.Nested{Part: para.All{}},
		`like a text of 1 different words in a`: para.Similar{Fields: []string{"a"}, Tokens: []para.TokenCount{{Text: "x", Count: 1}}},
	} {
		if got := para.FilterText(f); got != want {
			t.Errorf("%+v is %s, want %s", f, got, want)
		}
	}
	long := para.FilterText(para.Term{Scope: field, Text: strings.Repeat("я", 100_000)})
	if len(long) > 5000 || !utf8.ValidString(long) {
		t.Errorf("a long filter takes %d bytes", len(long))
	}
}
