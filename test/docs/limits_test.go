package docs

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/client"
)

// TestHostileQueries sends queries that are made to be expensive. Each is answered, with a page or with one of the two
// refusals that the document names, and the server answers the next request as if nothing had happened.
func TestHostileQueries(t *testing.T) {
	c := start(t)
	var batch []*para.Object
	for i := range 11_000 { // more different words than the patterns of one query may stand for
		o := para.New("word")
		o.SetID(fmt.Sprint("w", i))
		o.Set("text", fmt.Sprintf("alpha%d beta%d", i, i))
		if batch = append(batch, o); len(batch) == 1000 {
			if _, err := c.CreateAll(t.Context(), batch); err != nil {
				t.Fatal(err)
			}
			batch = batch[:0]
		}
	}
	repeat := func(n int, format, joint string) string {
		list := make([]string, n)
		for i := range list {
			list[i] = strings.ReplaceAll(format, "%", fmt.Sprint(i))
		}
		return strings.Join(list, joint)
	}
	const fine, syntax, complex = "", "Invalid query string syntax q=", "Query is too complex."
	for _, test := range []struct{ name, q, want string }{
		{"deep", strings.Repeat("(", 100) + "a" + strings.Repeat(")", 100), fine},
		{"too deep", strings.Repeat("(", 101) + "a" + strings.Repeat(")", 101), syntax},
		{"far too deep", strings.Repeat("(", 10_000), syntax},
		{"deep negations", strings.Repeat("-(", 100) + "a" + strings.Repeat(")", 100), fine},
		{"many clauses", repeat(1000, "alpha%", " AND "), fine},
		{"too many clauses", repeat(1100, "alpha%", " AND "), syntax},
		{"many phrases", repeat(300, `"alpha% beta%"`, " "), fine},
		{"long", strings.Repeat("x", 30<<10), fine},
		{"too long", strings.Repeat("x", 33<<10), syntax},
		{"a wide prefix", "alpha*", fine}, // the index answers it without looking at each word
		{"a wide wildcard", "al*1*", fine},
		{"a wildcard for every word", "properties.text:a?*", complex},
		{"a regular expression for every word", "/.*/", complex},
		{"a fuzzy word", "alpha~", fine},
		{"many fuzzy words", repeat(100, "alpha%~2", " "), complex},
		{"a range over all words", "properties.text:[a TO z]", complex},
		{"everything of everything", "a* AND /.*a.*/ AND NOT /.*z.*/", complex},
		{"a large repetition", "/(a{1,500}){1,500}/", syntax},
		{"nested repetitions", "/((a+)+)+b/", fine},
		{"alternatives", "/(" + repeat(500, "alpha%", "|") + ")/", fine},
		{"a class that is not closed", "/[a/", syntax},
		{"stars", "a" + strings.Repeat("*a", 200) + "*", fine},
		{"a zero byte", "a\x00b", fine},
		{"no UTF-8", "a\xff\xfeb", fine},
		{"words of the index itself", `"|" OR alpha1|beta OR 1\|alpha1`, fine},
		{"SQL", `'; DROP TABLE objects; --`, syntax},
		{"FTS", `alpha1" OR "NEAR(`, syntax},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := find(t, c, "word/search/default?"+url.Values{"q": {test.q}}.Encode())
			var refusal *client.Error
			switch {
			case test.want == fine:
				if err != nil {
					t.Errorf("%.300v", err)
				}
			case !errors.As(err, &refusal) || refusal.Status != 400 || !strings.HasPrefix(refusal.Message, test.want):
				t.Errorf("%.300v, want 400 %s", err, test.want)
			}
			if ids, err := find(t, c, "word/search/default?q=alpha77"); err != nil || fmt.Sprint(ids) != "[w77]" {
				t.Errorf("the next search finds %v, %v", ids, err)
			}
		})
	}
}
