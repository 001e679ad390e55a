package sqlite

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/erudika/para-go"
)

// BenchmarkSearchFirstTime measures shapes of query with words, numbers and places that nobody has asked for before, so that
// nothing of the answer is remembered. The words are of middle frequency: neither among the 30 most frequent ones nor rare.
func BenchmarkSearchFirstTime(b *testing.B) {
	s := benchStore(b)
	fill(b, s, *benchObjects)
	fillLinked(b, s, *benchObjects/10)
	body := para.Scope{Name: "properties.body"}
	newest := []para.SortKey{{Field: "timestamp", Desc: true}}
	post := func(f para.Filter) para.Query { return para.Query{Type: "post", Filter: f, Sort: newest, Limit: 30} }
	word := func(i int) string { return fmt.Sprint("w", 30+i) }
	term := func(i int) para.Filter { return para.Term{Scope: body, Text: word(i)} }
	const words = 1500
	for _, shape := range []struct {
		name string
		most int // different questions
		make func(i int) para.Query
	}{
		{"word", words, func(i int) para.Query { return post(term(i)) }},
		{"two-words", words / 2, func(i int) para.Query {
			return post(para.And{Parts: []para.Filter{term(i), term(words/2 + i)}})
		}},
		{"phrase", words, func(i int) para.Query {
			return post(para.Phrase{Scope: body, Terms: []string{word(i), word((i*7 + 3) % 200)}})
		}},
		{"phrase-frequent", 25, func(i int) para.Query {
			return post(para.Phrase{Scope: body, Terms: []string{fmt.Sprint("w", 2+i/5), fmt.Sprint("w", 8+i%5)}})
		}},
		{"prefix", 900, func(i int) para.Query { return post(para.Prefix{Scope: body, Text: fmt.Sprint("w", 100+i)}) }},
		{"word+range", words, func(i int) para.Query {
			low, high := strconv.Itoa(i%800), strconv.Itoa(i%800+100)
			return post(para.And{Parts: []para.Filter{term(i), para.Range{Scope: para.Scope{Name: "properties.price"}, Min: &low, Max: &high}}})
		}},
		{"tag", 500, func(i int) para.Query {
			return post(para.Term{Scope: para.Scope{Name: "tags"}, Text: fmt.Sprint("t", i)})
		}},
		{"nearby", words, func(i int) para.Query {
			q := post(para.Near{Center: para.Point{Lat: 41 + float64(i%100)/50, Lng: 22 + float64(i/100)/8}, Radius: 10_000})
			q.Type = "address"
			return q
		}},
	} {
		b.Run(shape.name, func(b *testing.B) {
			order := rand.New(rand.NewPCG(1, 1)).Perm(shape.most)
			took := make([]time.Duration, 0, b.N)
			for i := range b.N {
				if i%shape.most == 0 { // all were asked: forget them, but not what searches of all kinds share
					b.StopTimer()
					s.cache = newIndexCache()
					shared := post(para.And{Parts: []para.Filter{para.All{}, para.Prefix{Scope: body, Text: "nothing"}}})
					_, err := s.Search(context.Background(), "para", &shared)
					must(b, err)
					b.StartTimer()
				}
				q := shape.make(order[i%shape.most])
				start := time.Now()
				_, err := s.Search(context.Background(), "para", &q)
				must(b, err)
				took = append(took, time.Since(start))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
		})
	}
}
