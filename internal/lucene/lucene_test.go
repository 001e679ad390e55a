package lucene

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
)

// queries are the vectors of S 11.2, S 23, S 24 and the queries of recorded exchanges, sorted by whether they are valid
// here.
func queries(t testing.TB) (valid, invalid []string) {
	t.Helper()
	data, err := os.ReadFile("testdata/queries.json")
	if err != nil {
		t.Fatal(err)
	}
	var q struct{ Valid, Invalid []string }
	if err := json.Unmarshal(data, &q); err != nil {
		t.Fatal(err)
	}
	if len(q.Valid) < 100 || len(q.Invalid) < 80 {
		t.Fatalf("only %d valid and %d invalid queries", len(q.Valid), len(q.Invalid))
	}
	return q.Valid, q.Invalid
}

func TestVectorsOfValidity(t *testing.T) {
	valid, invalid := queries(t)
	for _, q := range valid {
		if err := Validate(q); err != nil {
			t.Errorf("Validate(%q) = %v", q, err)
		}
		if n, err := Parse(q); err != nil {
			t.Errorf("Parse(%q) = %v", q, err)
		} else if err := same(q, n); err != nil {
			t.Error(err)
		}
	}
	for _, q := range invalid {
		var wrong *SyntaxError
		if err := Validate(q); !errors.As(err, &wrong) && !errors.Is(err, ErrTooComplex) {
			t.Errorf("Validate(%q) = %v, want an error", q, err)
		}
		if n, err := Parse(q); err == nil {
			t.Errorf("Parse(%q) = %s, want an error", q, Print(n))
		}
	}
}

// same checks that a tree printed and read again is the same tree.
func same(q string, n Node) error {
	text := Print(n)
	again, err := Parse(text)
	if errors.Is(err, ErrTooComplex) && len(text) > len(q) {
		return nil // escapes and field names may make the text longer than allowed
	}
	if err != nil {
		return fmt.Errorf("%q prints as %q: %w", q, text, err)
	}
	if !reflect.DeepEqual(placeless(n), placeless(again)) {
		return fmt.Errorf("%q prints as %q, which means %q", q, text, Print(again))
	}
	return nil
}

// placeless sets all positions to 0.
func placeless(n Node) Node {
	Walk(n, func(n Node) bool {
		switch n := n.(type) {
		case *Boolean:
			n.Pos = 0
		case interface{ leaf() *Leaf }:
			n.leaf().Pos = 0
		}
		return true
	})
	return n
}

func TestParse(t *testing.T) {
	for _, c := range []struct{ q, want string }{
		// S 11.1
		{"", "*:*"},
		{" \t", "*:*"},
		{"*", "*:*"},
		{" * ", "*:*"},
		{"*:*", "*:*"},
		{"*:* -foo", "*:* OR -foo"},
		// S 11.3: runs of words
		{"Ann Smith", `Ann\ Smith`},
		{"a b c", `a\ b\ c`},
		{"a b AND c", "a OR b AND c"},
		{"a b c:d", `a\ b OR c:d`},
		{"a b* c d", `a OR b* OR c\ d`},
		{"a b*", "a OR b*"},
		{"a b~ c", "a OR b~2 OR c"},
		{"a b^2 c", "a OR b^2 OR c"},
		{"a b OR c", "a OR b OR c"},
		{"a b *:c", "a OR b OR c"},
		{"a b NOT c d", `a\ b OR -c OR d`},
		{"name:(Ann Smith)", `name:Ann\ Smith`},
		{"name:Ann Smith x", `name:Ann OR Smith\ x`},
		{"what is this?", `what\ is OR this?`},
		{"foo & bar", `foo\ \&\ bar`},
		{`a\ b`, `a\ b`},
		// fields
		{"name:(smith OR loc:x OR y*)", "name:smith OR loc:x OR name:y*"},
		{"x : y", "x:y"},
		{"http://x.com", "http:// OR x.com"},
		{`x\:y:z`, `x\:y:z`},
		{"*:x", "x"},
		{"properties.a*:x", "properties.a*:x"},
		{`a\.b?:x`, "a.b?:x"},
		{"pets\\[1\\].name:x", `pets\[1\].name:x`},
		{`\5:x`, `\5:x`},
		{`\AND:x`, `\AND:x`},
		{`\fn:x`, `\fn:x`},
		// exists
		{"x:[* TO *]", "x:*"},
		{"x:{* TO *]^2", "x:*^2"},
		{"title:*", "title:*"},
		{"_exists_:a.b", "a.b:*"},
		{"_exists_:(a OR b)", "a:* OR b:*"},
		{`_exists_:"a b"`, `a\ b:*`},
		{"_exists_:a.*", "a.*:*"},
		{"_exists_:a?b", "a?b:*"},
		{"_exists_:_exists_", "_exists_:_exists_"},
		{"[* TO *]", "*:*"},
		{"-_exists_:a", "-a:*"},
		// phrases, patterns, fuzziness, boosts
		{`"foo bar"~3`, `"foo bar"~3`},
		{`"a b"~2^3`, `"a b"~2^3`},
		{`"a\"b\\c"`, `"a\"b\\c"`},
		{`""`, `""`},
		{"foo^2.5", "foo^2.5"},
		{"foo^1", "foo"},
		{"x:(a b)^3", `(x:a\ b)^3`},
		{"x:(a OR b)^3", "(x:a OR x:b)^3"},
		{"((a OR b)^2)^3", "((a OR b)^2)^3"},
		{"((a))", "a"},
		{"f?o", "f?o"},
		{"foo**", "foo**"},
		{`f\?o\a*`, `f\?oa*`},
		{`f\?\-o?`, `f\?-o?`},
		{"fo*~", "fo*"},
		{"foo~", "foo~2"},
		{"foo~bar", "foo~2"},
		{"foo~0", "foo~0"},
		{"foo~7", "foo~2"},
		{"foo~1^2", "foo~1^2"},
		{"abcde~0.5", "abcde~2"},
		{"abcde~0.8", "abcde~0"}, // 0.8 with 32 bits is a little more
		{"abcd~0.5", "abcd~2"},
		{"абв~0.5", "абв~1"},
		{"/a\\/b/", "/a\\/b/"},
		{`/a\\/`, `/(a\\)/`},
		{"x:/a b/^2", "x:/a b/^2"},
		// ranges
		{"x:[a TO b}", "x:[a TO b}"},
		{"x:{* TO 5]", "x:{* TO 5]"},
		{`x:[* TO "*"]`, `x:[* TO \u002a]`},
		{`x:["a b" TO "c]d"]`, `x:[a\u0020b TO c\u005dd]`},
		{"x:[TO TO TO]", `x:[\u0054O TO \u0054O]`},
		{"x:[-5 TO 5]", "x:[-5 TO 5]"},
		{`x:["" TO b]`, `x:[\u0022\u0022 TO b]`},
		{"[1 TO 2]", "[1 TO 2]"},
		// signs, escapes
		{"- foo", `\- OR foo`}, // a lone sign is a word
		{`foo\u0041`, "fooA"},
		{`\uD83D\uDE00`, "😀"},
		{`\uD83D`, "\uFFFD"},
		{`\AND`, `\AND`},
		{"AND1", "AND1"},
		{"C++", "C++"},
		{`a\-b`, "a-b"},
		{`\-5`, `\-5`},
		{`votes:"-5"`, `votes:"-5"`},
		{"timestamp>5", `timestamp\>5`},
		{"a < b", `a\ \<\ b`},
		{"(a b)@2", `a\ b OR \@2`},
	} {
		n, err := Parse(c.q)
		if err != nil {
			t.Errorf("Parse(%q) = %v", c.q, err)
			continue
		}
		if got := Print(n); got != c.want {
			t.Errorf("Parse(%q) = %s, want %s", c.q, got, c.want)
		}
		if err := same(c.q, n); err != nil {
			t.Error(err)
		}
	}
}

// occurs writes a tree the way S 11.4 does: + must, - must not.
func occurs(n Node) string {
	b, ok := n.(*Boolean)
	if !ok {
		return Print(n)
	}
	var parts []string
	for _, c := range b.Clauses {
		s := occurs(c.Node)
		if _, ok := c.Node.(*Boolean); ok {
			s = "(" + s + ")"
		}
		parts = append(parts, map[Occur]string{Should: "", Must: "+", MustNot: "-"}[c.Occur]+s)
	}
	return strings.Join(parts, " ")
}

func TestCombiningClauses(t *testing.T) {
	for _, c := range []struct{ q, want string }{
		{"a AND b OR c", "+a +b c"},
		{"a OR b AND c", "a +b +c"},
		{"a OR b AND c OR d", "a +b +c d"},
		{"a AND b OR c AND d", "+a +b +c +d"},
		{"a b AND c", "a +b +c"},
		{"foo NOT bar", "foo -bar"},
		{"foo AND NOT bar", "+foo -bar"},
		{"NOT foo AND bar", "-foo +bar"},
		{"a OR NOT b", "a -b"},
		{"type:(a OR b) AND c", "+(type:a type:b) +c"},
		{`parentid:p AND !(creatorid:"x")`, `+parentid:p -creatorid:"x"`},
		{"x:(+a -b)", "+x:a -x:b"},
		{"a AND !( x:b)", "+a -x:b"},
		{"- foo", `\- foo`},
		{"foo - bar", `foo \- bar`},
		{"a!b", "a -b"},
		{"a && b || c", "+a +b c"},
		{"(a)(b)", "a b"},
		{"-a", "-a"},
		{"+a", "+a"},
		{"(-a)", "-a"},
		{"-(a b)", `-a\ b`},
	} {
		n, err := Parse(c.q)
		if err != nil {
			t.Errorf("Parse(%q) = %v", c.q, err)
		} else if got := occurs(n); got != c.want {
			t.Errorf("Parse(%q) = %s, want %s", c.q, got, c.want)
		}
	}
}

func TestVanishedClauses(t *testing.T) {
	gone := func(n Node) bool { t, ok := n.(*Term); return ok && t.Text == "..." }
	for _, c := range []struct{ q, want string }{
		{"a AND ...", "+a"},
		{"a OR ... AND b", "+a +b"},
		{"... AND b", "+b"},
		{"-a OR ... AND b", "-a +b"},
		{"... OR b", "b"},
	} {
		n, err := Parse(c.q)
		if err != nil {
			t.Fatal(err)
		}
		b := n.(*Boolean)
		if got := occurs(&Boolean{Clauses: b.Without(gone)}); got != c.want {
			t.Errorf("%s without ... is %s, want %s", c.q, got, c.want)
		}
	}
}

func TestLimits(t *testing.T) {
	deep := func(n int) string { return strings.Repeat("(", n) + "a" + strings.Repeat(")", n) }
	words := func(n int) string { return strings.TrimSuffix(strings.Repeat("w OR ", n), " OR ") }
	spread := func(n int) string { return strings.TrimSpace(strings.Repeat("(a OR b) ", n/2)) }
	for _, c := range []struct {
		name, q string
		limit   string
	}{
		{"depth", deep(MaxDepth), ""},
		{"too deep", deep(MaxDepth + 1), "nested parentheses"},
		{"clauses", words(MaxClauses), ""},
		{"a run of words is one clause", strings.TrimSpace(strings.Repeat("w ", 2*MaxClauses)), ""},
		{"too many clauses", words(MaxClauses + 1), "clauses"},
		{"clauses in several lists", spread(MaxClauses), ""},
		{"too many clauses in several lists", spread(MaxClauses + 2), "clauses"},
		{"patterns", strings.Repeat("/a{1000}/ ", maxPatterns/1000), ""},
		{"too many patterns", strings.Repeat("/a{1000}/ ", maxPatterns/1000+1), "steps in regular expressions"},
		{"text", strings.Repeat("x", MaxText), ""},
		{"too much text", strings.Repeat("x", MaxText+1), "bytes of text"},
	} {
		_, err := Parse(c.q)
		if c.limit == "" {
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		var limit *LimitError
		if !errors.As(err, &limit) || limit.Limit != c.limit || !errors.Is(err, ErrTooComplex) {
			t.Errorf("%s: %v, want a limit of %s", c.name, err, c.limit)
		}
	}
}

func TestErrorsSayWhere(t *testing.T) {
	for _, c := range []struct {
		q     string
		pos   int
		found string
	}{
		{"a AND", 5, ""},
		{"foo)", 3, ")"},
		{"a:b:c", 3, ":"},
		{"name:*foo", 5, "*foo"},
		{`x "open phrase`, 2, `"open phrase`},
		{"x:[1 2]", 5, "2"},
		{"ab /(/", 3, "/(/"},
		{"foo\\u004", 3, "\\u004"},
		{"foo~1.5", 4, "1.5"},
		{"foo^ 2", 4, " 2"}, // valid, but without meaning
		{"foo~-1", 0, "foo"},
	} {
		_, err := Parse(c.q)
		var wrong *SyntaxError
		if !errors.As(err, &wrong) {
			t.Errorf("Parse(%q) = %v", c.q, err)
			continue
		}
		if wrong.Pos != c.pos || wrong.Found != c.found || wrong.Expected == "" {
			t.Errorf("Parse(%q): %v (found %q), want %q at %d", c.q, err, wrong.Found, c.found, c.pos)
		}
	}
	if err := Validate(" "); err == nil {
		t.Error("blank text is valid")
	}
}

func TestPositions(t *testing.T) {
	n, err := Parse(`a AND (name:"b c" OR d*)`)
	if err != nil {
		t.Fatal(err)
	}
	var got []int
	Walk(n, func(n Node) bool { got = append(got, n.Position()); return true })
	if want := []int{0, 0, 7, 12, 21}; !reflect.DeepEqual(got, want) {
		t.Errorf("positions %v, want %v", got, want)
	}
}

func TestIn(t *testing.T) {
	n, err := Parse("a AND (x:b OR -c) AND *:*")
	if err != nil {
		t.Fatal(err)
	}
	In("f", n)
	if got, want := Print(n), "f:a AND (x:b OR -f:c) AND *:*"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func FuzzParse(f *testing.F) {
	valid, invalid := queries(f)
	for _, q := range append(valid, invalid...) {
		f.Add(q)
	}
	f.Fuzz(func(t *testing.T, q string) {
		n, err := Parse(q)
		if err != nil {
			var wrong *SyntaxError
			if !errors.As(err, &wrong) && !errors.Is(err, ErrTooComplex) {
				t.Fatalf("%q: %v", q, err)
			}
			return
		}
		if err := same(q, n); err != nil {
			t.Fatal(err)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	for _, q := range []string{
		"whale",
		`properties.space:"scooldspace:default" AND (rice) AND type:(question OR reply OR comment)`,
	} {
		b.Run(fmt.Sprint(len(q)), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Parse(q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
