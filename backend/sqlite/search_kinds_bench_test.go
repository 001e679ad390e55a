package sqlite

import (
	"context"
	"flag"
	"fmt"
	"testing"

	"github.com/erudika/para-go"
)

var benchLinks = flag.Int("search.links", 0, "links and addresses that BenchmarkSearchKinds makes; 0: a tenth of the objects")

// BenchmarkSearchKinds measures the kinds of search that BenchmarkSearch has no objects for: by ids and values, around a point,
// over links, similar texts, conditions as clients send them, and a query that is made to be expensive.
func BenchmarkSearchKinds(b *testing.B) {
	s := benchStore(b)
	fill(b, s, *benchObjects)
	links := *benchLinks
	if links == 0 {
		links = *benchObjects / 10
	}
	fillLinked(b, s, links)
	name := func(n string) para.Scope { return para.Scope{Name: n} }
	low := "90000"
	ids := para.IDs{}
	var in para.Or
	for i := range 30 {
		ids.IDs = append(ids.IDs, fmt.Sprint(1_000_000_000+i*97))
		in.Parts = append(in.Parts, para.Term{Scope: name("creatorid"), Text: fmt.Sprint("u", i*7)})
	}
	near := para.Near{Center: para.Point{Lat: 42, Lng: 23}, Radius: 10_000}
	address := para.Term{Scope: name("type"), Text: "address"}
	any := func(f func(para.Scope) para.Filter) para.Filter {
		return para.Or{Parts: []para.Filter{f(para.Scope{Kind: para.AnyKeyword}), f(para.Scope{Kind: para.AnyText})}}
	}
	newest := []para.SortKey{{Field: "timestamp", Desc: true}}
	for _, shape := range []benchShape{
		{"id", para.Query{Filter: para.IDs{IDs: ids.IDs[:1]}, Limit: 1}},
		{"ids", para.Query{Filter: ids, Sort: newest, Limit: 30}},
		{"in", para.Query{Type: "post", Filter: in, Sort: newest, Limit: 30}},
		{"terms", para.Query{Type: "post", Filter: para.And{Parts: []para.Filter{para.Term{Scope: name("creatorid"), Text: "u17"},
			para.Range{Scope: name("properties.views"), Min: &low, IncludeMin: true}}}, Sort: newest, Limit: 30}},
		{"nearby", para.Query{Type: "address", Filter: near, Sort: newest, Limit: 30}},
		{"nearby-parents", para.Query{Type: "post", Filter: para.ParentOf{Part: para.And{Parts: []para.Filter{address, near}}}, Sort: newest, Limit: 30}},
		{"links", para.Query{Type: "linker", Filter: para.And{Parts: []para.Filter{para.Term{Scope: name("name"), Text: "comment:post"},
			para.Term{Scope: name("id1"), Text: "1000000003"}}}, Sort: newest, Limit: 30}},
		{"nested", para.Query{Type: "linker", Filter: para.Nested{Part: para.Term{Scope: name("properties.title"), Text: "w7"}}, Sort: newest, Limit: 30}},
		{"similar", para.Query{Type: "post", Filter: para.Similar{Fields: []string{"properties.body"}, MaxTerms: 5, Tokens: []para.TokenCount{
			{Text: "w100", Count: 2}, {Text: "w200", Count: 1}, {Text: "w300", Count: 1}, {Text: "w7", Count: 3}, {Text: "w1000", Count: 1}, {Text: "w2000", Count: 1}}},
			Sort: newest, Limit: 30}},
		{"wildcard-leading", para.Query{Type: "post", Filter: para.Wildcard{Scope: name("creatorid"), Pattern: "*99"}, Sort: newest, Limit: 30}},
		{"sort-by-text", para.Query{Type: "post", Filter: para.Term{Scope: name("properties.body"), Text: "w100"}, Sort: []para.SortKey{{Field: "properties.title"}}, Limit: 30}},
		{"sort-by-two", para.Query{Type: "post", Filter: para.Term{Scope: name("tags"), Text: "t17"},
			Sort: []para.SortKey{{Field: "creatorid"}, {Field: "votes", Desc: true}}, Limit: 30}},
		{"deep-page", para.Query{Type: "post", Sort: newest, Offset: *benchObjects / 2, Limit: 30}},
		{"exists", para.Query{Type: "post", Filter: para.Exists{Scope: name("properties.price")}, Sort: newest, Limit: 30}},
		{"hostile", para.Query{Filter: para.And{Parts: []para.Filter{any(func(s para.Scope) para.Filter { return para.Prefix{Scope: s, Text: "w"} }),
			any(func(s para.Scope) para.Filter { return para.Fuzzy{Scope: s, Text: "w1000", Edits: 2} }),
			any(func(s para.Scope) para.Filter { return para.Regexp{Scope: s, Pattern: ".*"} })}}, Sort: newest, Limit: 30}},
	} {
		b.Run(shape.name, func(b *testing.B) {
			b.ReportAllocs()
			hits := int64(-1)
			for b.Loop() {
				page, err := s.Search(context.Background(), "para", &shape.query)
				switch {
				case shape.name == "hostile" && para.CodeOf(err) == para.TooLarge: // beyond its budget
				case err != nil:
					b.Fatal(err)
				default:
					hits = page.Total
				}
			}
			b.ReportMetric(float64(hits), "hits")
		})
	}
}

// fillLinked adds so many addresses of posts, around one point, and links between comments and posts.
func fillLinked(b testing.TB, s *Store, objects int) {
	m := newTextMaker()
	const flags = `"appid":"para","votes":0,"version":0,"stored":true,"indexed":true,"cached":true`
	for i := 0; i < objects; {
		var ops []para.Op
		for ; len(ops) < 256 && i < objects; i++ {
			comment, post := 1_000_000_003+(i%50)*4, 1_000_000_000+i*4
			if i%100 == 0 { // what it links is gone
				comment, post = i, i
			}
			ops = append(ops,
				putting(prepared(b, fmt.Sprintf(`{"id":"a%d","timestamp":%d,"type":"address","name":"place %d","parentid":"%d","latlng":"%.4f,%.4f",%s}`,
					i, 1_800_000_000_000+i, i, 1_000_000_000+i*4, 42+m.r.NormFloat64(), 23+m.r.NormFloat64(), flags))),
				putting(prepared(b, fmt.Sprintf(`{"id":"l%d","timestamp":%d,"type":"linker","name":"comment:post","type1":"comment","type2":"post","id1":"%d","id2":"%d",%s,`+
					`"nstd":[{"id":"%d","type":"comment","properties":{"title":"%s"}},{"id":"%d","type":"post","properties":{"title":"%s"}}]}`,
					i, 1_900_000_000_000+i, comment, post, flags, comment, m.words(6), post, m.words(6)))))
		}
		mustApply(b, s, "para", ops...)
	}
}
