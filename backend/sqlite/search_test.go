package sqlite

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/backend/backendtest"
)

func openSearch(t *testing.T) backendtest.SearchStore {
	opts := testOptions(t.TempDir())
	opts.Document = backendtest.Document
	return openTest(t, opts)
}

func TestSearchContract(t *testing.T) { backendtest.RunSearch(t, openSearch) }

// randomTime is how long TestRandomSearches goes on with seeds of its own after the fixed ones.
var randomTime = flag.Duration("search.time", 0, "how long random searches are compared with the plain model, beyond the fixed seeds")

// TestRandomSearches compares random searches over random documents with a plain model: those of four seeds, and with
// -search.time those of new seeds, which the failure names.
func TestRandomSearches(t *testing.T) {
	rounds := 1500
	if raceDetector {
		rounds = 300
	}
	run := func(seed uint64) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			if seed < 4 {
				t.Parallel()
			}
			backendtest.RunRandomSearches(t, openSearch, seed, rounds)
		})
	}
	for seed := range uint64(4) {
		run(seed)
	}
	for end := time.Now().Add(*randomTime); time.Now().Before(end) && !t.Failed(); {
		run(4 + rand.Uint64N(1<<60))
	}
}

// TestRangeAmongManyHits keeps the hits of a frequent word that are in ranges of every size, which are found in different
// ways.
func TestRangeAmongManyHits(t *testing.T) {
	opts := testOptions(t.TempDir())
	opts.Document = backendtest.Document
	s := openTest(t, opts)
	const objects = 3000
	var ops []para.Op
	for i := range objects {
		word := "every"
		if i%7 == 0 {
			word = "seventh"
		}
		ops = append(ops, putting(prepared(t, fmt.Sprintf(`{"id":"o%d","timestamp":%d,"type":"post","appid":"para","name":"n","votes":0,"version":0,`+
			`"stored":true,"indexed":true,"cached":true,"properties":{"body":%q,"n":%d}}`, i, 1000+i, word, i))))
	}
	mustApply(t, s, "para", ops...)
	for _, r := range []struct{ min, max int }{{0, 2999}, {0, 1499}, {10, 40}, {500, 500}, {2999, 5000}, {4000, 5000}, {1, 2}} {
		low, high := strconv.Itoa(r.min), strconv.Itoa(r.max)
		page, err := s.Search(t.Context(), "para", &para.Query{Type: "post", Filter: para.And{Parts: []para.Filter{
			para.Term{Scope: para.Scope{Name: "properties.body"}, Text: "seventh"},
			para.Range{Scope: para.Scope{Name: "properties.n"}, Min: &low, Max: &high, IncludeMin: true, IncludeMax: true},
		}}})
		if err != nil {
			t.Fatal(err)
		}
		want := 0
		for i := r.min; i <= min(r.max, objects-1); i++ {
			if i%7 == 0 {
				want++
			}
		}
		if page.Total != int64(want) {
			t.Errorf("range %v: %d hits, want %d", r, page.Total, want)
		}
	}
}
