package query

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/lucene"
)

// TestParse is about what becomes of the clauses of a query string: the vectors of S 11.7 and what S 11.5 says of each kind
// of clause on keywords and on text.
func TestParse(t *testing.T) {
	for _, test := range []struct{ q, want string }{
		{"foo", `any(any keyword = "foo", any text = "foo")`},
		{"Ann Smith", `any(any keyword = "Ann Smith", any(any text = "ann", any text = "smith"))`},
		{"a b c", `any(any keyword = "a b c", any(any text = "a", any text = "b", any text = "c"))`},
		{"name:(Ann Smith)", `name = "Ann Smith"`},
		{"name:Ann Smith", `any(name = "Ann", any(any keyword = "Smith", any text = "smith"))`},
		{"a b*", `any(any(any keyword = "a", any text = "a"), any(any keyword begins with "b", any text begins with "b"))`},
		{"a b* c d", `any(any(any keyword = "a", any text = "a"), any(any keyword begins with "b", any text begins with "b"), any(any keyword = "c d", any(any text = "c", any text = "d")))`},
		{"Ann*", `any(any keyword begins with "Ann", any text begins with "ann")`},
		{"A?N", `any(any keyword fits "A?N", any text fits "a?n")`},
		{"foo-bar", `any(any keyword = "foo-bar", any(any text = "foo", any text = "bar"))`},
		{"\"foo-bar\"", `any(any keyword = "foo-bar", any text has the phrase "foo bar")`},
		{"foo & bar", `any(any keyword = "foo & bar", any(any text = "foo", any text = "bar"))`},
		{"C++", `any(any keyword = "C++", any text = "c")`},
		{"a\\@b.com", `any(any keyword = "a@b.com", any(any text = "a", any text = "b.com"))`},
		{"\"a@b.com\"", `any(any keyword = "a@b.com", any text has the phrase "a b.com")`},
		{"timestamp>5", `any(any keyword = "timestamp>5", any(any text = "timestamp", any text = "5"))`},
		{"http://x.com", `any(http fits //, any(any keyword = "x.com", any text = "x.com"))`},
		{"what is this?", `any(any(any keyword = "what is", any(any text = "what", any text = "is")), any(any keyword fits "this?", any text fits "this?"))`},
		{"foo^2", `any(any keyword = "foo", any text = "foo")`},
		{"\"a\" \"b\"", `any(any(any keyword = "a", any text = "a"), any(any keyword = "b", any text = "b"))`},
		{"name:(smith OR properties.loc:x OR y*)", `any(name = "smith", properties.loc = "x", name begins with "y")`},
		{"properties.t:[Alpha TO Beta]", `properties.t in ["alpha" to "beta"]`},
		{"name:[Alpha TO Beta]", `name in ["Alpha" to "Beta"]`},
		{"properties.t:2020-01-01", `any(properties.t = "2020", properties.t = "01")`},
		{"properties.t:\"2020-01-01T10:00:00Z\"", `properties.t has the phrase "2020 01 01t10 00 00z"`},
		{"foo\\u0041", `any(any keyword = "fooA", any text = "fooa")`},
		{"\"\"", `any keyword = ""`},
		{"\"...\"", `any keyword = "..."`},
		{"...", `any keyword = "..."`},
		{"properties.t:...", `nothing`},
		{"*", `everything`},
		{"*:*", `everything`},
		{"*:* -foo", `all(everything, not(any(any keyword = "foo", any text = "foo")))`},
		{"-foo", `not(any(any keyword = "foo", any text = "foo"))`},
		{"a AND -b", `all(any(any keyword = "a", any text = "a"), not(any(any keyword = "b", any text = "b")))`},
		{"a OR b AND c", `all(any(any keyword = "b", any text = "b"), any(any keyword = "c", any text = "c"))`},
		{"properties.t:(+a -b)", `all(properties.t = "a", not(properties.t = "b"))`},
		{"a AND ...", `all(any(any keyword = "a", any text = "a"), any keyword = "...")`},
		{"properties.t:\"a b\"~2", `properties.t has the phrase "a b" ~2`},
		{"properties.t:\"a\"~2", `properties.t = "a"`},
		{"name:\"a b\"~2", `name = "a b"`},
		{"properties.t:wahle~1", `properties.t = "wahle" with 1 changes`},
		{"name:Wahle~", `name = "Wahle" with 2 changes`},
		{"properties.t:/WH.*S/", `properties.t fits /wh.*s/`},
		{"name:/Blue.*/", `name fits /Blue.*/`},
		{"properties.year:2005", `any(properties.year = "2005", properties.year = 2005)`},
		{"properties.year:[1999 TO 2005}", `properties.year in ["1999" to "2005"}`},
		{"votes:\\-3", `any(votes = "-3", votes = -3)`},
		{"properties.price:[* TO 20]", `properties.price in [* to "20"]`},
		{"properties.t:*", `properties.t exists`},
		{"_exists_:name", `name exists`},
		{"properties.*:rex", `any(keywords properties.* = "rex", texts properties.* = "rex")`},
		{"id1:secondLink1", `any(id1 = "secondLink1", id1~ = "secondlink1")`},
		{"timestamp:[2026-01-01 TO 2026-01-31]", `timestamp in ["1767225600000" to "1769903999999"]`},
		{"timestamp:{2026-01-01 TO 2026-01-31}", `timestamp in {"1767311999999" to "1769817600000"}`},
		{"timestamp:\"2026-01-01 10:00:00\"", `any(timestamp = "2026-01-01 10:00:00", timestamp in ["1767261600000" to "1767261600999"])`},
		{"timestamp:\"2026/01/01\"", `any(timestamp = "2026/01/01", timestamp in ["1767225600000" to "1767311999999"])`},
		{"updated:[* TO 2026-01-31]", `updated in [* to "1769903999999"]`},
		{"100%", `any(any(any keyword = "100%", any text = "100"), any keyword = 100, any text = 100)`},
		{"properties.released:[2019-01-01 TO 2019-12-31]", `properties.released in ["2019-01-01" to "2019-12-31"]`},
		{"properties.t:[a TO b]", `properties.t in ["a" to "b"]`},
		{"properties.pets\\[1\\].name:x", `properties.pets[1].name = "x"`},
		{"[1 TO 5]", `any(any keyword in ["1" to "5"], any text in ["1" to "5"])`},
	} {
		f, err := Parse(test.q, "")
		if err != nil {
			t.Errorf("%s: %v", test.q, err)
			continue
		}
		if got := para.FilterText(f); got != test.want {
			t.Errorf("%s becomes\n  %s, want\n  %s", test.q, got, test.want)
		}
	}
}

// TestParseIn reads query strings whose clauses look at one field unless they name another.
func TestParseIn(t *testing.T) {
	for q, want := range map[string]string{
		"fox":                `properties.text = "fox"`,
		"The Fox":            `any(properties.text = "the", properties.text = "fox")`,
		"a AND name:B":       `all(properties.text = "a", name = "B")`,
		"-fox":               `not(properties.text = "fox")`,
		"[a TO b]":           `properties.text in ["a" to "b"]`,
		"fox AND (b OR c*)":  `all(properties.text = "fox", any(properties.text = "b", properties.text begins with "c"))`,
		"*:* AND /A.*/":      `all(everything, properties.text fits /a.*/)`,
		"_exists_:name AND5": `any(name exists, properties.text = "and5")`,
	} {
		f, err := Parse(q, "properties.text")
		if err != nil {
			t.Errorf("%s: %v", q, err)
		} else if got := para.FilterText(f); got != want {
			t.Errorf("%s becomes %s, want %s", q, got, want)
		}
	}
}

// TestRangesOfText keeps ranges with dates to whole values: a date has several tokens, and each of them is below the next
// year (D52).
func TestRangesOfText(t *testing.T) {
	for q, want := range map[string]bool{
		"properties.released:[2019-01-01 TO 2019-12-31]": true, "properties.released:[* TO 2019-12-31]": true,
		`properties.released:["a b" TO c]`: true, "properties.released:[a TO b]": false, "properties.released:[2019 TO 2020]": false,
	} {
		f, err := Parse(q, "")
		r, ok := f.(para.Range)
		if err != nil || !ok || r.WholeValue != want {
			t.Errorf("%s: %#v, %v, want whole values %v", q, f, err, want)
		}
	}
}

func TestErrors(t *testing.T) {
	for _, q := range []string{"AND", "a:b:c", "*foo", "?foo", "name:*foo", "(foo", `"foo`, "a@b.com", "/(/", "x:[a TO b"} {
		var wrong *lucene.SyntaxError
		if f, err := Parse(q, ""); !errors.As(err, &wrong) || wrong.Expected == "" || TooComplex(err) {
			t.Errorf("%s: %v, %v", q, f, err)
		}
	}
	for _, q := range []string{strings.Repeat("(", 101) + "a" + strings.Repeat(")", 101), strings.Repeat("a OR ", 1024) + "a", strings.Repeat("x", 32<<10+1)} {
		if f, err := Parse(q, ""); !TooComplex(err) {
			t.Errorf("%.20s…: %v, %v", q, f, err)
		}
	}
}

// params are the parameters of a request.
func params(typ, kind string, values url.Values) Params {
	return Params{Type: typ, Kind: kind, Separator: ":", Get: values.Get, Has: values.Has,
		All:      func(name string) []string { return values[name] },
		MatchAll: !values.Has("matchall") || strings.EqualFold(values.Get("matchall"), "true")}
}

// TestBuild is the table of S 9.3 with the edge cases of every kind, S 12.1, S 13, S 14 and S 15: "-" finds nothing, "#"
// only counts.
func TestBuild(t *testing.T) {
	for _, test := range []struct{ typ, kind, request, want string }{
		{"book", "default", "", "everything"},
		{"book", "default", "q=", "-"},
		{"book", "default", "q=%20", "-"},
		{"book", "default", "q=*", "everything"},
		{"book", "default", "q=type:book", `type = "book"`},
		{"book", "whatever", "q=type:book", `type = "book"`},
		{"", "id", "id=a", "id is one of 1"},
		{"", "id", "id=a&id=b", "id is one of 1"},
		{"", "id", "", "-"},
		{"", "id", "id=%20", "-"},
		{"", "ids", "ids=a&ids=&ids=b", "id is one of 2"},
		{"", "ids", "", "-"},
		{"", "in", "field=tags&terms=a&terms=B", `any(tags = "a", tags = "B")`},
		{"", "in", "field=votes&terms=5", `any(votes = "5", votes = 5)`},
		{"", "in", "field=tags", "-"},
		{"", "in", "terms=a", "-"},
		{"", "terms", "terms=a:b:c", `a = "b:c"`},
		{"", "terms", "terms=a:1&terms=b:x", `all(any(a = "1", a = 1), b = "x")`},
		{"", "terms", "terms=a:x&terms=b:y&matchall=false", `any(a = "x", b = "y")`},
		{"", "terms", "terms=a:x&terms=b:y&matchall=TRUE", `all(a = "x", b = "y")`},
		{"", "terms", "terms=a:x&terms=a:y", `a = "y"`},
		{"", "terms", "terms=votes%3E:4", `votes in {"4" to *}`},
		{"", "terms", "terms=votes%20%3E%3D%20:4", `votes in ["4" to *}`},
		{"", "terms", "terms=votes%3C:4", `votes in {* to "4"}`},
		{"", "terms", "terms=%20votes%3C%3D:4", `votes in {* to "4"]`},
		{"", "terms", "terms=votes%3E:1&terms=votes%3C:4", `all(votes in {"1" to *}, votes in {* to "4"})`},
		{"", "terms", "terms=pets[0].name:x", `pets[0].name = "x"`},
		{"", "terms", "terms=a:", "-"},
		{"", "terms", "terms=a:%20", "-"},
		{"", "terms", "terms=a%3E:", "-"},
		{"", "terms", "terms=a:%20&terms=b:x&matchall=false", `any(nothing, b = "x")`},
		{"", "terms", "terms=%20:x", "-"},
		{"", "terms", "terms=:&terms=noseparator", "-"},
		{"", "terms", "", "-"},
		{"", "terms", "terms=a:x&terms=b:y&matchall=false&count", `# all(a = "x", b = "y")`},
		{"", "wildcard", "field=name&q=*a?", `name fits "*a?"`},
		{"", "wildcard", "field=name&q=a:b:", `name fits "a:b:"`},
		{"", "wildcard", "field=name", `name exists`},
		{"", "wildcard", "field=name&q=**", `name exists`},
		{"", "wildcard", "field=name&q=", "-"},
		{"", "wildcard", "q=a", "-"},
		{"", "prefix", "field=name&prefix=A", `name begins with "A"`},
		{"", "prefix", "field=name&prefix=%20", "-"},
		{"", "prefix", "prefix=A", "-"},
		{"", "tagged", "tags=a", `tags = "a"`},
		{"", "tagged", "tags=a&tags=b*", `all(tags = "a", tags = "b*")`},
		{"", "tagged", "tags=a&tags=", "-"},
		{"", "tagged", "", "-"},
		{"book", "count", "q=whale", "# everything"},
		{"", "similar", "like=Red%20red%20pears", "like a text of 2 different words in name"},
		{"", "similar", "like=red&fields=a&fields=b&filterid=x", "all(like a text of 1 different words in a, b, not(id is one of 1))"},
		{"", "similar", "like=red&fields=", "-"},
		{"", "similar", "", "-"},
		{"address", "nearby", "latlng=1,2&radius=5", "within 5000 m of 1,2"},
		{"address", "nearby", "latlng=%201%20,2&radius=2.5&q=whale", "within 10000 m of 1,2"},
		{"address", "nearby", "latlng=a,b", "within 10000 m of 0,0"},
		{"address", "nearby", "latlng=1,2&radius=0", "within 0 m of 1,2"},
		{"address", "nearby", "latlng=1,2&radius=99999999999", "within 10000 m of 1,2"},
		{"address", "nearby", "latlng=1,2&radius=-1", "-"},
		{"address", "nearby", "latlng=1", "-"},
		{"address", "nearby", "latlng=91,2", "-"},
		{"", "nearby", "latlng=1,2", "-"},
		{"user", "nearby", "latlng=1,2&q=type:user", `all(parent of(all(type = "address", within 10000 m of 1,2)), type = "user")`},
		{"user", "nearby", "latlng=1,2&q=", `all(parent of(all(type = "address", within 10000 m of 1,2)), everything)`},
		{"linker", "nested", "field=properties.text&q=fox", `linked object has(properties.text = "fox")`},
		{"linker", "nested", "field=name", "linked object has(everything)"},
		{"linker", "nested", "field=name&q=[*%20TO%20*]", "linked object has(name exists)"},
		{"linker", "nested", "field=name&q=", "-"},
		{"linker", "nested", "q=fox", "-"},
	} {
		values, err := url.ParseQuery(test.request)
		if err != nil {
			t.Fatal(err)
		}
		q, err := Build(params(test.typ, test.kind, values))
		if err != nil {
			t.Errorf("%s/%s?%s: %v", test.typ, test.kind, test.request, err)
			continue
		}
		got := "-"
		if q != nil {
			got = para.FilterText(q.Filter)
			if q.Limit < 0 {
				got = "# " + got
			}
			wantType := test.typ
			if test.kind == "id" || test.kind == "ids" {
				wantType = ""
			}
			if q.Type != wantType {
				t.Errorf("%s/%s?%s: type %q", test.typ, test.kind, test.request, q.Type)
			}
			if _, nothing := q.Filter.(para.None); nothing {
				got = "-"
			}
		}
		if got != test.want {
			t.Errorf("%s/%s?%s becomes\n  %s, want\n  %s", test.typ, test.kind, test.request, got, test.want)
		}
	}
}

// TestBuildRefuses reads q where it is a query string, for whatever kind of search, and nowhere else (S 9.2, T15).
func TestBuildRefuses(t *testing.T) {
	for kind, refused := range map[string]bool{"default": true, "id": true, "ids": true, "in": true, "terms": true, "wildcard": false, "prefix": true,
		"tagged": true, "similar": true, "nearby": true, "nested": true, "count": true} {
		_, err := Build(params("book", kind, url.Values{"q": {"*foo ("}, "field": {"name"}, "latlng": {"1,2"}}))
		if (err != nil) != refused {
			t.Errorf("%s: %v, want an error: %v", kind, err, refused)
		}
	}
}

// FuzzBuild makes queries of anything: there is either a query, or none, or an error of the syntax or of a limit.
func FuzzBuild(f *testing.F) {
	for _, kind := range []string{"default", "id", "in", "terms", "wildcard", "prefix", "tagged", "similar", "nearby", "nested"} {
		f.Add("book", kind, "q=a+OR+b&field=name&terms=a%3E:5&like=a+b&latlng=1,2&radius=3&tags=x&id=1&prefix=p")
	}
	f.Fuzz(func(t *testing.T, typ, kind, request string) {
		values, err := url.ParseQuery(request)
		if err != nil {
			return
		}
		q, err := Build(params(typ, kind, values))
		var wrong *lucene.SyntaxError
		if err != nil && !errors.As(err, &wrong) && !TooComplex(err) {
			t.Fatal(err)
		}
		if err == nil && q != nil && para.FilterText(q.Filter) == "" {
			t.Fatalf("no text of %#v", q.Filter)
		}
	})
}
