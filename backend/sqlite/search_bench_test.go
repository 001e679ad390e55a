package sqlite

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/erudika/para-go"
	"github.com/erudika/para-go/backend/backendtest"
)

// The sizes at which searches are measured; 200 000 objects take a minute to write.
var benchObjects = flag.Int("search.objects", 20_000, "objects that the benchmarks of searches index")

// textMaker makes objects of about fifty words whose frequencies are those of natural text (Zipf).
type textMaker struct {
	r *rand.Rand
	z *rand.Zipf
}

func newTextMaker() *textMaker {
	r := rand.New(rand.NewPCG(1, 2))
	return &textMaker{r, rand.NewZipf(r, 1.1, 3, 50_000)}
}

func (m *textMaker) words(n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(' ')
		}
		fmt.Fprintf(&b, "w%d", m.z.Uint64())
	}
	return b.String()
}

func (m *textMaker) object(i int) string {
	typ := "post"
	if i%4 == 3 {
		typ = "comment"
	}
	return fmt.Sprintf(`{"id":"%d","timestamp":%d,"type":"%s","appid":"para","parentid":"p%d","creatorid":"u%d","name":"%s","tags":["t%d","t%d"],`+
		`"votes":%d,"version":0,"stored":true,"indexed":true,"cached":true,"properties":{"title":"%s","body":"%s","price":%d.5,"views":%d,"space":"s:%d"}}`,
		1_000_000_000+i, 1_700_000_000_000+int64(i), typ, m.r.IntN(5000), m.r.IntN(1000), m.words(3), m.z.Uint64()%500, m.r.IntN(500),
		m.r.IntN(50), m.words(6), m.words(42), m.r.IntN(1000), m.r.IntN(100_000), m.r.IntN(5))
}

func prepared(b testing.TB, text string) para.Write {
	o, err := para.DecodeObject([]byte(text))
	must(b, err)
	r := para.Record{ID: o.ID(), Type: o.Type(), Stored: true, Data: o.AppendJSON(nil)}
	doc, err := backendtest.Document(&r)
	must(b, err)
	return para.Write{Kind: para.Put, Event: "create", Record: r, Document: doc}
}

func putting(w para.Write) para.Op {
	return para.Op{Do: func([]*para.Record) ([]para.Write, error) { return []para.Write{w}, nil }}
}

func benchStore(b *testing.B) *Store {
	opts := testOptions(b.TempDir())
	opts.Document = backendtest.Document
	return openTest(b, opts)
}

// BenchmarkIndex writes objects of fifty words with their documents: row, search terms and log in durable commits of so
// many objects. Making the documents is not counted.
func BenchmarkIndex(b *testing.B) {
	for _, group := range []int{1, 32, 256} {
		b.Run(fmt.Sprint("group=", group), func(b *testing.B) {
			s := benchStore(b)
			m := newTextMaker()
			var slowest time.Duration
			b.ReportAllocs()
			b.ResetTimer()
			for i := 0; i < b.N; {
				b.StopTimer()
				var ops []para.Op
				for ; len(ops) < group && i < b.N; i++ {
					ops = append(ops, putting(prepared(b, m.object(i))))
				}
				b.StartTimer()
				start := time.Now()
				mustApply(b, s, "para", ops...)
				slowest = max(slowest, time.Since(start))
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "objects/s")
			b.ReportMetric(float64(slowest.Milliseconds()), "slowest-ms")
		})
	}
}

// BenchmarkReindex replaces objects, which removes their old terms.
func BenchmarkReindex(b *testing.B) {
	s := benchStore(b)
	m := newTextMaker()
	const objects = 2000
	b.ReportAllocs()
	b.ResetTimer()
	for i := 0; i < b.N; {
		b.StopTimer()
		var ops []para.Op
		for ; len(ops) < 64 && i < b.N; i++ {
			ops = append(ops, putting(prepared(b, m.object(i%objects))))
		}
		b.StartTimer()
		mustApply(b, s, "para", ops...)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "objects/s")
}

// BenchmarkSearch measures each shape of query over -search.objects objects, 30 hits a page, newest first.
func BenchmarkSearch(b *testing.B) {
	s := benchStore(b)
	fill(b, s, *benchObjects)
	for _, shape := range shapes() {
		b.Run(shape.name, func(b *testing.B) {
			ctx := context.Background()
			took := make([]time.Duration, 0, b.N)
			total := int64(0)
			b.ReportAllocs()
			for b.Loop() {
				start := time.Now()
				page, err := s.Search(ctx, "para", &shape.query)
				must(b, err)
				took = append(took, time.Since(start))
				total = page.Total
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
			b.ReportMetric(float64(total), "hits")
		})
	}
}

func fill(b testing.TB, s *Store, objects int) {
	m := newTextMaker()
	start := time.Now()
	var writing time.Duration
	for i := 0; i < objects; {
		var ops []para.Op
		for ; len(ops) < 256 && i < objects; i++ {
			ops = append(ops, putting(prepared(b, m.object(i))))
		}
		began := time.Now()
		mustApply(b, s, "para", ops...)
		writing += time.Since(began)
	}
	var pages int64
	onWriter(b, s, "para", func(c *conn) (err error) {
		pages, err = c.int64("SELECT page_count*page_size FROM pragma_page_count, pragma_page_size")
		return err
	})
	b.Logf("%d objects in %v, %v of it writing: %.0f/s; %d bytes an object", objects, time.Since(start).Round(time.Millisecond),
		writing.Round(time.Millisecond), float64(objects)/writing.Seconds(), pages/int64(objects))
}

// benchShape is one shape of query.
type benchShape struct {
	name  string
	query para.Query
}

func shapes() []benchShape {
	body, title := para.Scope{Name: "properties.body"}, para.Scope{Name: "properties.title"}
	num := func(s string) *string { return &s }
	anyWord := func(w string) para.Filter {
		return para.Or{Parts: []para.Filter{para.Term{Scope: para.Scope{Kind: para.AnyKeyword}, Text: w}, para.Term{Scope: para.Scope{Kind: para.AnyText}, Text: w}}}
	}
	price := para.Range{Scope: para.Scope{Name: "properties.price"}, Min: num("100"), Max: num("200"), IncludeMin: true}
	newest := []para.SortKey{{Field: "timestamp", Desc: true}}
	q := func(typ string, f para.Filter, sort ...para.SortKey) para.Query {
		if sort == nil {
			sort = newest
		}
		return para.Query{Type: typ, Filter: f, Sort: sort, Limit: 30}
	}
	word := para.Term{Scope: body, Text: "w100"}
	count := func(q para.Query) para.Query { q.Limit = 0; return q }
	after := int64(0)
	return []benchShape{
		{"list-newest", q("post", nil)},
		{"list-newest-any-type", q("", nil)},
		{"list-by-number", q("post", nil, para.SortKey{Field: "properties.views", Desc: true})},
		{"list-by-votes", q("post", nil, para.SortKey{Field: "votes", Desc: true})},
		{"list-by-name", q("post", nil, para.SortKey{Field: "name"})},
		{"list-by-docid", para.Query{Type: "post", After: &after, Limit: 100}},
		{"count-type", count(q("post", nil))},
		{"word", q("post", word)},
		{"word-any-field", q("post", anyWord("w100"))},
		{"word-any-field-any-type", q("", anyWord("w100"))},
		{"word-rare", q("post", para.Term{Scope: body, Text: "w5000"})},
		{"word-frequent", q("post", para.Term{Scope: body, Text: "w3"})},
		{"word-by-number", q("post", word, para.SortKey{Field: "properties.views", Desc: true})},
		{"word-by-name", q("post", word, para.SortKey{Field: "name"})},
		{"word-count", count(q("post", word))},
		{"two-words", q("post", para.And{Parts: []para.Filter{word, para.Term{Scope: body, Text: "w20"}}})},
		{"word-not", q("post", para.And{Parts: []para.Filter{word, para.Not{Part: para.Term{Scope: body, Text: "w3"}}}})},
		{"phrase", q("post", para.Phrase{Scope: body, Terms: []string{"w5", "w9"}})},
		{"phrase-sloppy", q("post", para.Phrase{Scope: body, Terms: []string{"w20", "w50"}, Slop: 3})},
		{"prefix", q("post", para.Prefix{Scope: body, Text: "w100"})},
		{"keyword", q("post", para.Term{Scope: para.Scope{Name: "creatorid"}, Text: "u17"})},
		{"tag", q("post", para.Term{Scope: para.Scope{Name: "tags"}, Text: "t17"})},
		{"two-tags", q("post", para.And{Parts: []para.Filter{para.Term{Scope: para.Scope{Name: "tags"}, Text: "t17"}, para.Term{Scope: para.Scope{Name: "tags"}, Text: "t3"}}})},
		{"children", q("comment", para.Term{Scope: para.Scope{Name: "parentid"}, Text: "p77"})},
		{"type-in-query", q("", para.And{Parts: []para.Filter{para.Term{Scope: para.Scope{Name: "type"}, Text: "post"}, word}})},
		{"word+range", q("post", para.And{Parts: []para.Filter{word, price}})},
		{"range", q("post", price)},
		{"range+range", q("post", para.And{Parts: []para.Filter{price, para.Range{Scope: para.Scope{Name: "properties.views"}, Min: num("99000")}}})},
		{"wildcard", q("post", para.Wildcard{Scope: title, Pattern: "w1?0*"})},
		{"fuzzy", q("post", para.Fuzzy{Scope: title, Text: "w1000", Edits: 1})},
		{"regexp", q("post", para.Regexp{Scope: title, Pattern: "w[12]00[0-9]?"})},
		{"exists", count(q("post", para.Exists{Scope: para.Scope{Name: "properties.space"}}))},
		{"not", q("post", para.Not{Part: word})},
	}
}

// TestSearchesBesideWriters writes from many goroutines at once while searches of all shapes run; what was written is found at
// once.
func TestSearchesBesideWriters(t *testing.T) {
	opts := testOptions(t.TempDir())
	opts.Document = backendtest.Document
	s := openTest(t, opts)
	const writers, each = 4, 40
	all := shapes()
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			m := newTextMaker()
			for i := range each {
				mustApply(t, s, "para", putting(prepared(t, m.object(w*each+i))))
				page, err := s.Search(context.Background(), "para", &para.Query{Filter: para.IDs{IDs: []string{fmt.Sprint(1_000_000_000 + w*each + i)}}, Limit: 1})
				if err != nil || page.Total != 1 {
					t.Errorf("an object just written is not found: %+v, %v", page, err)
				}
				q := &all[(w*7+i)%len(all)].query
				if _, err := s.Search(context.Background(), "para", q); err != nil {
					t.Errorf("%+v: %v", q, err)
				}
			}
		})
	}
	wg.Wait()
	page, err := s.Search(context.Background(), "para", &para.Query{})
	if err != nil || page.Total != writers*each {
		t.Errorf("%+v, %v", page, err)
	}
}

// BenchmarkCheckIndex compares the index of -search.objects objects with them, and makes it anew.
func BenchmarkCheckIndex(b *testing.B) {
	s := benchStore(b)
	fill(b, s, *benchObjects)
	for _, what := range []struct {
		name string
		run  func() error
	}{
		{"check", func() error { _, err := s.Check(context.Background(), "para"); return err }},
		{"rebuild", func() error { _, err := s.Rebuild(context.Background(), "para"); return err }},
	} {
		b.Run(what.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				must(b, what.run())
			}
			b.ReportMetric(float64(b.N)*float64(*benchObjects)/b.Elapsed().Seconds(), "objects/s")
		})
	}
}

// BenchmarkSearchBesideWrites is BenchmarkSearch with a commit before each search: one object made and one patched.
func BenchmarkSearchBesideWrites(b *testing.B) {
	s := benchStore(b)
	fill(b, s, *benchObjects)
	m := newTextMaker()
	next := *benchObjects
	for _, shape := range shapes() {
		b.Run(shape.name, func(b *testing.B) {
			ctx := context.Background()
			var writing time.Duration
			for b.Loop() {
				start := time.Now()
				mustApply(b, s, "para", putting(prepared(b, m.object(next))), putting(prepared(b, m.object(next%*benchObjects))))
				writing += time.Since(start)
				next++
				_, err := s.Search(ctx, "para", &shape.query)
				must(b, err)
			}
			b.ReportMetric(float64((b.Elapsed()-writing).Microseconds())/float64(b.N), "search-µs")
		})
	}
}
