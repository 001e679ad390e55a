package backendtest

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/query"
)

// build makes the query of a search request as the REST door does (S 9), newest first; nil finds nothing.
func (s *searchSuite) build(typ, kind, raw string) *para.Query {
	s.t.Helper()
	values, err := url.ParseQuery(raw)
	if err != nil {
		s.t.Fatal(err)
	}
	q, err := query.Build(query.Params{
		Type: typ, Kind: kind, Separator: ":",
		Get: values.Get, Has: values.Has, All: func(name string) []string { return values[name] },
		MatchAll: !values.Has("matchall") || strings.EqualFold(values.Get("matchall"), "true"),
	})
	if err != nil {
		s.t.Errorf("%s/%s?%s: %v", typ, kind, raw, err)
		return nil
	}
	if q == nil {
		return nil
	}
	if q.Limit < 0 {
		q.Limit = 0
		return q
	}
	q.Sort, q.Limit = newestFirst, 30
	return q
}

// testKinds is the table of S 24.3, as far as it concerns the search itself, with more cases.
func testKinds(s *searchSuite) {
	s.load("lib")
	n1 := url.QueryEscape("the quick brown fox jumps over the lazy dog")
	tests := []struct {
		name, typ, kind, params string
		want                    string // ids in order; "#n" for a count
	}{
		{"H1", "", "id", "id=b1", "b1"},
		{"H2", "", "id", "", ""},
		{"H2 empty", "", "id", "id=", ""},
		{"H2 unknown", "", "id", "id=zz", ""},
		{"H3", "", "ids", "ids=b1&ids=B4&ids=zz&ids=b1", "B4 b1"},
		{"H4", "note", "ids", "ids=b1", "b1"},
		{"H5", "user", "prefix", "field=name&prefix=Ann", "u1"},
		{"H6", "user", "prefix", "field=name&prefix=ann", "u2"},
		{"H7", "book", "prefix", "field=properties.title&prefix=sing", "b2"},
		{"H8", "book", "prefix", "field=properties.title&prefix=Sing", ""},
		{"H9", "book", "prefix", "field=properties.title", ""},
		{"prefix of a number", "book", "prefix", "field=properties.year&prefix=20", "b3 b2"},
		{"prefix of a negative number", "book", "prefix", "field=properties.year&prefix=-4", "B4"},
		{"prefix of a keyword", "book", "prefix", "field=tags&prefix=big", "b1"},
		{"prefix of capitals", "book", "prefix", "field=tags&prefix=Big-", "b3"},
		{"prefix any type", "", "prefix", "field=id&prefix=b", "b3 b2 b1"},
		{"H10", "book", "wildcard", "field=name&q=?lue%20Wh*", "b1"},
		{"H11", "book", "wildcard", "field=name&q=Blu*", "b1"},
		{"H12", "book", "wildcard", "field=properties.title&q=s*g", "b2"},
		{"H13", "book", "wildcard", "field=properties.title&q=S*g", ""},
		{"H14", "tag", "wildcard", "field=tag&q=*", "tag:seafood tag:sea"},
		{"H15", "tag", "wildcard", "field=tag&q=se*", "tag:seafood tag:sea"},
		{"H16", "book", "wildcard", "field=properties.motto", "b3"},
		{"H17", "book", "wildcard", "field=name&q=", ""},
		{"H17 no field", "book", "wildcard", "q=a*", ""},
		{"wildcard on a number", "book", "wildcard", "field=properties.year&q=?99*", "b1"},
		{"wildcard in the middle", "book", "wildcard", "field=name&q=*lu*ha*", "b2 b1"},
		{"H18", "book", "tagged", "tags=sea", "b2 b1"},
		{"H19", "book", "tagged", "tags=sea&tags=big-animals", "b1"},
		{"H20", "book", "tagged", "tags=big*", ""},
		{"H20 case", "book", "tagged", "tags=SEA", ""},
		{"H20 blank", "book", "tagged", "tags=", ""},
		{"H20 one blank", "book", "tagged", "tags=sea&tags=", ""},
		{"H20 none", "book", "tagged", "", ""},
		{"H21", "book", "in", "field=properties.lang&terms=en&terms=bg", "b3 b2 b1"},
		{"H22", "book", "in", "field=properties.lang&terms=EN", ""},
		{"H23", "", "in", "field=id&terms=b1&terms=u1&terms=zz", "u1 b1"},
		{"H24", "book", "in", "field=id", ""},
		{"in numbers", "book", "in", "field=properties.year&terms=1999&terms=-44.0", "B4 b1"},
		{"H25", "book", "terms", "terms=name:Blue%20Whale", "b1"},
		{"H26", "book", "terms", "terms=name:blue%20whale", "b2"},
		{"H27", "book", "terms", "terms=properties.title:blue", "b1"},
		{"H28", "book", "terms", "terms=properties.title:Blue", ""},
		{"H28 phrase", "book", "terms", "terms=properties.title:The%20Blue%20Whale", ""},
		{"H29", "book", "terms", "terms=name:Blue%20Whale&terms=votes:5", "b1"},
		{"H30", "book", "terms", "terms=name:Blue%20Whale&terms=properties.lang:bg", ""},
		{"H31", "book", "terms", "terms=name:Blue%20Whale&terms=properties.lang:bg&matchall=false", "b3 b1"},
		{"H32", "book", "terms", "terms=properties.space:shelf:default", "b1"},
		{"H33", "book", "terms", "terms=votes>:4", "b3 b1"},
		{"H34", "book", "terms", "terms=properties.year>=:2005", "b3 b2"},
		{"H35", "book", "terms", "terms=properties.price<:10", "b1"},
		{"H36", "book", "terms", "terms=timestamp%20<:1700000000003", "b2 b1"},
		{"H37", "book", "terms", "terms=properties.author.age>:10&terms=properties.author.age<=:41", "b1"},
		{"H38", "book", "terms", "terms=properties.price:10.0", "b2"},
		{"H39", "book", "terms", "terms=name>:a", "B4 b2"},
		{"H40", "book", "terms", "terms=properties.inprint:true", "b1"},
		{"H41 blank key", "book", "terms", "terms=%20:bad", ""},
		{"H41 separator", "book", "terms", "terms=:", ""},
		{"H41 no separator", "book", "terms", "terms=noseparator", ""},
		{"H41 none", "book", "terms", "", ""},
		{"H42", "book", "terms", "terms=id:%20", ""},
		{"H43", "book", "terms", "terms=tags:food&terms=tags:sea", "b2 b1"},
		{"H44", "book", "terms", "terms=properties.year:2005&count=true", "#2"},
		{"H45", "book", "count", "", "#4"},
		{"H46", "", "count", "", "#13"},
		{"H47", "book", "count", "q=whale", "#4"},
		{"H48", "nosuch", "count", "", "#0"},
		{"H49", "user", "nearby", "latlng=40.60,-73.90&radius=10", "u1"},
		{"H50", "address", "nearby", "latlng=40.60,-73.90&radius=11", "ad2 ad1"},
		{"H51", "address", "nearby", "latlng=40.60,-73.90&radius=8", ""},
		{"H52", "book", "nearby", "latlng=40.60,-73.90", ""},
		{"H53", "book", "nearby", "latlng=40.60,-73.90&radius=11&q=whale", ""},
		{"H54", "user", "nearby", "latlng=40.60,-73.90&radius=10&q=ann*", "u1"},
		{"nearby with q", "book", "nearby", "latlng=40.60,-73.90&radius=11&q=cooks", "b3"},
		{"H55", "user", "nearby", "latlng=40.60", ""},
		{"H55 none", "user", "nearby", "", ""},
		{"H55 no type", "", "nearby", "latlng=40.60,-73.90", ""},
		{"nearby negative radius", "user", "nearby", "latlng=40.60,-73.90&radius=-1", ""},
		{"nearby off the earth", "user", "nearby", "latlng=91,-73.90&radius=10", ""},
		{"nearby exact point", "address", "nearby", "latlng=%2042.7%20,%2023.3%20&radius=0", "ad3"},
		{"nearby across the date line", "address", "nearby", "latlng=40.6,-180&radius=20000", "ad3 ad2 ad1"},
		{"H56", "note", "similar", "fields=properties.text&filterid=n1&like=" + n1, ""},
		{"H57", "book", "similar", "fields=properties.title&like=blue%20whale%20song", "b1"},
		{"H58", "book", "similar", "like=Blue%20Whale", ""},
		{"H59", "book", "similar", "fields=properties.title", ""},
		{"similar blank field", "book", "similar", "fields=&like=blue", ""},
	}
	for _, test := range tests {
		what := fmt.Sprintf("%s: %s/%s?%s", test.name, test.typ, test.kind, test.params)
		q := s.build(test.typ, test.kind, test.params)
		var ids []string
		total := int64(0)
		if q != nil {
			ids, total = s.find(what, q)
		}
		got := strings.Join(ids, " ")
		if strings.HasPrefix(test.want, "#") {
			got = fmt.Sprint("#", total)
		} else if total != int64(len(ids)) {
			s.t.Errorf("%s: total %d for %d ids", what, total, len(ids))
		}
		if got != test.want {
			s.t.Errorf("%s: found %q, want %q", what, got, test.want)
		}
	}
	counts := []struct{ typ, terms, want string }{
		{"report", "terms=properties.closed:false", "#1"},
		{"reply", "terms=parentid:q1&terms=creatorid:p2:profile", "#1"},
		{"comment", "terms=parentid:q1", "#2"},
		{"question", "terms=tags:java", "#2"},
		{"scooldspace", "terms=id:x", "#0"},
	}
	s.load("scoold")
	for _, test := range counts {
		if _, total := s.find(test.typ+" "+test.terms, s.build(test.typ, "terms", test.terms+"&count")); fmt.Sprint("#", total) != test.want {
			s.t.Errorf("count of %s with %s is %d, want %s", test.typ, test.terms, total, test.want)
		}
	}
}

// testSorting is the table of S 24.4.
func testSorting(s *searchSuite) {
	s.load("lib")
	tests := []struct{ sort, want string }{
		{"timestamp:desc", "B4 b3 b2 b1"},
		{"timestamp:asc", "b1 b2 b3 B4"},
		{"votes:desc", "b3 b1 B4 b2"},
		{"votes:asc", "b2 B4 b1 b3"},
		{"name:asc", "b1 b3 b2 B4"},
		{"name:desc", "B4 b2 b3 b1"},
		{"properties.title:asc", "b3 b2 b1 B4"},
		{"properties.year:asc", "B4 b1 b2 b3"},
		{"properties.year:desc", "b2 b3 b1 B4"},
		{"properties.year:desc,timestamp:asc", "b2 b3 b1 B4"},
		{"properties.year:desc,votes:asc", "b2 b3 b1 B4"},
		{"properties.year:desc,votes:desc", "b3 b2 b1 B4"},
		{"creatorid:asc,timestamp:desc", "b3 b1 B4 b2"},
		{"properties.price:asc", "B4 b1 b2 b3"},
		{"properties.price:desc", "b3 b2 b1 B4"},
		{"properties.motto:asc", "b1 b2 B4 b3"},
		{"properties.motto:desc", "b3 b1 b2 B4"},
		{"tags:asc", "B4 b3 b2 b1"},
		{"nosuch:asc", "b1 b2 b3 B4"},
		{"nosuch:desc", "b1 b2 b3 B4"},
		{"_docid:asc", "b1 b2 b3 B4"},
		{"_docid:desc", "B4 b3 b2 b1"},
		{"properties.inprint:desc", "b1 b2 b3 B4"},
		{"properties.lang:asc", "B4 b1 b3 b2"},
		{"latlng:asc", "b1 b2 b3 B4"},
		{"identifier:asc", "b1 b2 b3 B4"}, // only other types have it
	}
	for _, test := range tests {
		for limit := 1; limit <= 5; limit++ {
			var got []string
			for offset := 0; offset < 5; offset += limit {
				ids, _ := s.find("sort "+test.sort, &para.Query{Type: "book", Sort: sortKeys(test.sort), Limit: limit, Offset: offset})
				got = append(got, ids...)
			}
			if strings.Join(got, " ") != test.want {
				s.t.Errorf("sort %s in pages of %d: %v, want %s", test.sort, limit, got, test.want)
			}
		}
	}
	for _, test := range tests {
		s.find("all types by "+test.sort, &para.Query{Sort: sortKeys(test.sort), Limit: 20})
		s.find("filtered by "+test.sort, &para.Query{Filter: para.Exists{Scope: para.Scope{Name: "parentid"}}, Sort: sortKeys(test.sort), Limit: 20})
	}
}

func sortKeys(text string) []para.SortKey {
	var keys []para.SortKey
	for _, part := range strings.Split(text, ",") {
		name, direction, _ := strings.Cut(part, ":")
		keys = append(keys, para.SortKey{Field: name, Desc: direction == "desc"})
	}
	return keys
}

// testPaging: pages in any order of the same search hold each hit once, whatever the sort (S 8.5).
func testPaging(s *searchSuite) {
	var objects []string
	for i := range 100 {
		objects = append(objects, fmt.Sprintf(`{"id":"o%03d","type":"thing","name":"n%d","timestamp":%d,"votes":%d,"properties":{"n":%d,"word":"w%d even%d"}}`,
			i, i*7%10, 1700000000000+i%13, i%3, i*i%17, i%5, i%2))
	}
	s.index(objects...)
	filters := []para.Filter{nil, para.Term{Scope: para.Scope{Name: "properties.word"}, Text: "even1"},
		para.Not{Part: para.Term{Scope: para.Scope{Name: "properties.word"}, Text: "w3"}}}
	for _, filter := range filters {
		for _, sort := range []string{"", "_docid", "timestamp:desc", "votes:desc", "votes:asc,name:desc", "name:asc", "properties.n:asc", "properties.n:desc", "nosuch"} {
			q := para.Query{Type: "thing", Filter: filter, Limit: 1000}
			if sort != "" {
				q.Sort = sortKeys(sort)
			}
			all, total := s.find("everything by "+sort, &q)
			q.Limit = 7
			var paged []string
			for q.Offset = 0; ; q.Offset += q.Limit {
				ids, n := s.find(fmt.Sprintf("page at %d by %s", q.Offset, sort), &q)
				if n != total {
					s.t.Errorf("total is %d at offset %d, %d at first", n, q.Offset, total)
				}
				if len(ids) == 0 {
					break
				}
				paged = append(paged, ids...)
			}
			if !slices.Equal(all, paged) {
				s.t.Errorf("by %q pages are\n%v, at once\n%v", sort, paged, all)
			}
		}
	}
}

// testSearchAfter: search-after mode visits each hit once while objects change and disappear under it (S 8.5, T3).
func testSearchAfter(s *searchSuite) {
	var objects []string
	for i := range 22 {
		objects = append(objects, fmt.Sprintf(`{"id":"o%02d","type":"thing","properties":{"word":"all w%d"}}`, i, i%2))
	}
	s.index(objects...)
	s.index(`{"id":"other","type":"other","properties":{"word":"all"}}`)
	first, _ := s.find("first page", &para.Query{Type: "thing", Sort: sortKeys("timestamp"), Limit: 10})
	if len(first) != 10 || first[0] != "o00" {
		s.t.Errorf("the first page by a field nobody has is %v", first)
	}
	for _, desc := range []bool{false, true} {
		for _, filter := range []para.Filter{nil, para.Term{Scope: para.Scope{Name: "properties.word"}, Text: "w1"},
			para.Not{Part: para.Term{Scope: para.Scope{Name: "properties.word"}, Text: "w1"}}} {
			for _, typ := range []string{"thing", ""} {
				var seen []string
				after := int64(0)
				if desc {
					after = 1 << 60
				}
				for {
					q := &para.Query{Type: typ, Filter: filter, After: &after, Desc: desc, Limit: 4, Sort: newestFirst}
					page, err := s.search.Search(s.ctx, s.app, q)
					if err != nil {
						s.t.Fatal(err)
					}
					s.find("search after", q)
					if len(page.Records) == 0 {
						break
					}
					after = page.Records[len(page.Records)-1].DocID
					for _, r := range page.Records {
						seen = append(seen, r.ID)
						s.index(strings.Replace(string(r.Data), `"type"`, `"votes":5,"type"`, 1))
					}
				}
				compact := slices.Clone(seen)
				slices.Sort(compact)
				if len(slices.Compact(compact)) != len(seen) || typ == "thing" && filter == nil && len(seen) != 22 {
					s.t.Errorf("search after, desc %v: saw %v", desc, seen)
				}
			}
		}
	}
}
