package sqlite

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/erudika/para-go"
)

// endless is a filter that a store with many words works at for minutes.
func endless() para.Filter {
	var all para.And
	for i := range 20_000 {
		all.Parts = append(all.Parts, para.Not{Part: para.Regexp{Scope: para.Scope{Name: "properties.body"}, Pattern: fmt.Sprintf(".*%dx.*y.*", i)}})
	}
	return all
}

// TestHostileApp keeps one app busy with more endless searches than it has connections. Another app's searches are answered
// meanwhile, and so are the app's own reads by id and writes; when the endless searches end, the app searches again.
func TestHostileApp(t *testing.T) {
	opts := testOptions(t.TempDir())
	opts.Readers = 3
	opts.SearchTimeout = 10 * time.Minute
	opts.MaxReadTime = 10 * time.Minute
	s := openTest(t, opts)
	ctx := t.Context()
	if err := s.CreateApp(ctx, "hostile"); err != nil {
		t.Fatal(err)
	}
	m := newTextMaker()
	for i := range 300 {
		w := prepared(t, m.object(i))
		mustApply(t, s, "para", putting(w))
		mustApply(t, s, "hostile", putting(w))
	}
	busy, stop := context.WithCancelCause(ctx)
	enough := errors.New("enough")
	started := make(chan struct{}, 10)
	var ended sync.WaitGroup
	var early sync.Map
	for i := range 10 {
		ended.Go(func() {
			started <- struct{}{}
			_, err := s.Search(busy, "hostile", &para.Query{Filter: endless(), Limit: 1})
			if busy.Err() == nil {
				early.Store(i, fmt.Sprint("ended by itself: ", err))
			} else if err == nil {
				early.Store(i, "succeeded although it was ended")
			}
		})
	}
	for range 10 {
		<-started
	}
	f, err := s.acquire(ctx, "hostile")
	if err != nil {
		t.Fatal(err)
	}
	for len(f.search) < cap(f.search) {
		time.Sleep(time.Millisecond)
	}
	s.release(f)
	word := &para.Query{Filter: para.Term{Scope: para.Scope{Name: "properties.body"}, Text: "w3"}, Limit: 5}
	for range 20 {
		page, err := s.Search(ctx, "para", word)
		if err != nil || page.Total == 0 {
			t.Fatalf("a search of another app: %+v, %v", page, err)
		}
		if got, err := s.Get(ctx, "hostile", []string{"1000000001", "1000000002"}); err != nil || got[0] == nil {
			t.Fatalf("a read of the busy app: %v, %v", got, err)
		}
		mustApply(t, s, "hostile", putting(prepared(t, m.object(1000))))
	}
	waiting, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
	defer cancel()
	_, err = s.Search(waiting, "hostile", word)
	if err == nil || para.CodeOf(err) == para.TooLarge {
		t.Errorf("a search that never got its turn: %v", err)
	}
	stop(enough)
	ended.Wait()
	early.Range(func(_, what any) bool {
		t.Error("an endless search ", what)
		return true
	})
	if page, err := s.Search(ctx, "hostile", word); err != nil || page.Total == 0 {
		t.Errorf("after the endless searches: %+v, %v", page, err)
	}
}

// TestSearchTimeout ends a search whose time is over as D129 says.
func TestSearchTimeout(t *testing.T) {
	opts := testOptions(t.TempDir())
	opts.SearchTimeout = 30 * time.Millisecond
	s := openTest(t, opts)
	m := newTextMaker()
	for i := range 200 {
		mustApply(t, s, "para", putting(prepared(t, m.object(i))))
	}
	_, err := s.Search(t.Context(), "para", &para.Query{Filter: endless(), Limit: 1})
	wantError(t, err, para.TooLarge, "Query is too complex.")
	if page, err := s.Search(t.Context(), "para", &para.Query{Type: "post"}); err != nil || page.Total != 150 {
		t.Errorf("the next search: %+v, %v", page, err)
	}
	if strings.Contains(fmt.Sprint(err), "interrupt") {
		t.Errorf("the error tells how the search was ended: %v", err)
	}
}
