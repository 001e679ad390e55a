package sqlite

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/erudika/para-go"
	"github.com/erudika/para-go/backend/backendtest"
)

// TestScanManyResults reads 100 000 results page by page with a cursor, upwards without and downwards with a filter, while
// others change, add and delete objects: what is there all the time is met exactly once, nothing is met twice, and the order is
// that of creation (S 8.5, T3).
func TestScanManyResults(t *testing.T) {
	objects := 100_000
	if raceDetector {
		objects = 10_000
	}
	const (
		page    = 2000
		batch   = 2000
		volatil = 7 // every so many-th object is deleted and made anew meanwhile
	)
	opts := testOptions(t.TempDir())
	opts.Document = backendtest.Document
	s := openTest(t, opts)
	write := func(i, version int) para.Op {
		return putting(prepared(t, fmt.Sprintf(`{"id":"o%d","type":"thing","indexed":true,"stored":true,"properties":{"word":"every","n":%d}}`, i, version)))
	}
	for from := 0; from < objects; from += batch {
		var ops []para.Op
		for i := range batch {
			ops = append(ops, write(from+i, 0))
		}
		mustApply(t, s, "para", ops...)
	}
	pageRead := make(chan struct{}, 1) // some writes for each page, so that reading has an end on slow machines too
	var others sync.WaitGroup
	others.Go(func() {
		i := 0
		for range pageRead {
			i += 61
			n := i % objects
			ops := []para.Op{write(n, i), write(objects+i, 0)}
			if n%volatil == 0 {
				ops = []para.Op{{Do: func([]*para.Record) ([]para.Write, error) {
					return []para.Write{{Kind: para.Delete, Event: "delete", Record: para.Record{ID: fmt.Sprint("o", n)}}}, nil
				}}, write(n, i)}
			}
			if _, err := s.Apply(context.Background(), "para", ops); err != nil {
				t.Error(err)
			}
		}
	})
	defer others.Wait()
	defer close(pageRead)
	for desc, filter := range map[bool]para.Filter{false: nil, true: para.Term{Scope: para.Scope{Name: "properties.word"}, Text: "every"}} {
		seen := make(map[string]int64, objects)
		q := para.Query{Type: "thing", Filter: filter, Limit: page, Desc: desc, After: new(int64)}
		if desc {
			*q.After = 1 << 60
		}
		for pages := 0; ; pages++ {
			got, err := s.Search(t.Context(), "para", &q)
			if err != nil {
				t.Fatal(err)
			}
			pageRead <- struct{}{}
			if got.Total < int64(objects) {
				t.Fatalf("page %d has the total %d", pages, got.Total)
			}
			if len(got.Records) == 0 {
				break
			}
			for _, r := range got.Records {
				if r.DocID > *q.After == desc || r.DocID == *q.After {
					t.Fatalf("page %d: %s with DocID %d comes after %d", pages, r.ID, r.DocID, *q.After)
				}
				if before, again := seen[r.ID]; again && before == r.DocID {
					t.Fatalf("page %d: %s is met twice", pages, r.ID)
				}
				seen[r.ID], *q.After = r.DocID, r.DocID
			}
		}
		for i := range objects {
			if _, met := seen[fmt.Sprint("o", i)]; !met && i%volatil != 0 {
				t.Fatalf("object %d was not met, desc %v, filter %v", i, desc, filter)
			}
		}
	}
}
