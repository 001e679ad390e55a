package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/erudika/para-go"
	"github.com/erudika/para-go/backend/backendtest"
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
// meanwhile, and so are the app's own reads by id, writes, snapshots and checks; when the endless searches end, the app searches again.
func TestHostileApp(t *testing.T) {
	opts := testOptions(t.TempDir())
	opts.Readers = 3
	opts.Document = backendtest.Document
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
	for full := false; !full; time.Sleep(time.Millisecond) {
		s.searches.mu.Lock()
		full = f.search.running == f.search.limit
		s.searches.mu.Unlock()
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
		if page, err := s.Search(ctx, "hostile", &para.Query{Filter: para.IDs{IDs: []string{"1000000001"}}, Limit: 1}); err != nil || page.Total != 1 {
			t.Fatalf("a search of the busy app by id: %+v, %v", page, err)
		}
		mustApply(t, s, "hostile", putting(prepared(t, m.object(1000))))
	}
	if err := s.Snapshot(ctx, "hostile", io.Discard); err != nil {
		t.Errorf("a snapshot of the busy app: %v", err)
	}
	if r, err := s.Check(ctx, "hostile"); err != nil || r.Problems != 0 {
		t.Errorf("a check of the busy app: %+v, %v", r, err)
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

// TestSortMemory refuses sorts whose values take too much memory, by their number or by their length (D129).
func TestSortMemory(t *testing.T) {
	opts := testOptions(t.TempDir())
	opts.Document = backendtest.Document
	opts.maxSortBytes = 30_000
	s := openTest(t, opts)
	for i := range 100 {
		mustApply(t, s, "para", putting(prepared(t, fmt.Sprintf(`{"id":"o%d","type":"post","indexed":true,"stored":true,`+
			`"properties":{"long":"%s","short":"s%d","other":"x"}}`, i, strings.Repeat("x", 400), i%7))))
	}
	sorted := func(fields ...string) error {
		q := &para.Query{Type: "post", Limit: 10}
		for _, f := range fields {
			q.Sort = append(q.Sort, para.SortKey{Field: f})
		}
		_, err := s.Search(t.Context(), "para", q)
		return err
	}
	for _, fine := range [][]string{{"properties.short"}, {"properties.short", "properties.other", "id"}, slices.Repeat([]string{"properties.short", "id"}, 500)} {
		if err := sorted(fine...); err != nil {
			t.Errorf("sorted by %.100q: %v", fine, err)
		}
	}
	for _, refused := range [][]string{{"properties.long"}, {"id", "type", "indexed", "stored", "properties.short", "properties.other", "properties.long"}} {
		wantError(t, sorted(refused...), para.TooLarge, "Query is too complex.")
	}
}

// turnsOf makes turns with places for so many searches.
func turnsOf(free int) *searchTurns { return &searchTurns{free: free} }

// waits begins a search that has to wait, and returns when it does.
func waits(t *testing.T, turns *searchTurns, a *appTurns, ctx context.Context, began func(error)) {
	t.Helper()
	turns.mu.Lock()
	before := len(a.waiting)
	turns.mu.Unlock()
	go func() { began(turns.begin(ctx, a)) }()
	for {
		turns.mu.Lock()
		n := len(a.waiting)
		turns.mu.Unlock()
		if n > before {
			return
		}
		time.Sleep(100 * time.Microsecond)
	}
}

// TestSearchesTakeTurns floods the turns with the searches of one app; those of others that come later start after as many
// searches have ended as apps wait, and each app's own in the order in which they came.
func TestSearchesTakeTurns(t *testing.T) {
	turns := turnsOf(3)
	hostile, other, third := &appTurns{limit: 3}, &appTurns{limit: 3}, &appTurns{limit: 1}
	ctx := t.Context()
	for range 3 {
		if err := turns.begin(ctx, hostile); err != nil {
			t.Fatal(err)
		}
	}
	started := make(chan string)
	wait := func(name string, a *appTurns) {
		t.Helper()
		waits(t, turns, a, ctx, func(err error) {
			if err != nil {
				name = err.Error()
			}
			started <- name
		})
	}
	for i := range 20 {
		wait(fmt.Sprint("hostile ", i), hostile)
	}
	wait("other 0", other)
	wait("third 0", third)
	wait("other 1", other)
	wait("third 1", third)
	running := []*appTurns{hostile, hostile, hostile}
	var order []string
	apps := map[string]*appTurns{"h": hostile, "o": other, "t": third}
	for range 24 {
		turns.end(running[0])
		name := <-started
		order = append(order, name)
		running = append(running[1:], apps[name[:1]])
	}
	// hostile already runs all that it may, so the others come first; third may run only one at a time.
	place := func(name string) int { return slices.Index(order, name) }
	for name, latest := range map[string]int{"other 0": 2, "third 0": 2, "other 1": 5, "third 1": 8} {
		if p := place(name); p < 0 || p > latest {
			t.Errorf("%s started at place %d, want at most %d: %q", name, p, latest, order)
		}
	}
	for i := 1; i < 20; i++ {
		if place(fmt.Sprint("hostile ", i)) < place(fmt.Sprint("hostile ", i-1)) {
			t.Errorf("the searches of one app did not start in order: %q", order)
		}
	}
	for _, a := range running {
		turns.end(a)
	}
	if turns.free != 3 || hostile.running+other.running+third.running != 0 || len(turns.ready) != 0 {
		t.Errorf("in the end %d places are free, %d apps stand in the queue", turns.free, len(turns.ready))
	}
}

// TestReservedTurns fills all places that busy apps may have: an app without a running search starts at once all the same, and
// its place goes to no busy app before.
func TestReservedTurns(t *testing.T) {
	turns := &searchTurns{free: 4, reserved: 1}
	hostile, other := &appTurns{limit: 4}, &appTurns{limit: 4}
	ctx := t.Context()
	for range 3 {
		if err := turns.begin(ctx, hostile); err != nil {
			t.Fatal(err)
		}
	}
	started := make(chan string, 2)
	for range 2 {
		waits(t, turns, hostile, ctx, func(error) { started <- "hostile" })
	}
	if err := turns.begin(ctx, other); err != nil || turns.free != 0 {
		t.Fatalf("%v, %d places are free", err, turns.free)
	}
	turns.end(other)
	if turns.free != 1 || len(started) > 0 {
		t.Fatalf("%d places are free, %d searches of the busy app started", turns.free, len(started))
	}
	turns.end(hostile)
	if name := <-started; name != "hostile" || turns.free != 1 {
		t.Errorf("%d places are free", turns.free)
	}
	for range 2 {
		turns.end(hostile)
	}
	<-started
	turns.end(hostile)
	turns.end(hostile)
	if turns.free != 4 || hostile.running+other.running != 0 {
		t.Errorf("in the end %d places are free", turns.free)
	}
}

// TestSearchTurnsAreReturned ends waits from outside, before and in the moment of their turn, and fills the queue of an app.
func TestSearchTurnsAreReturned(t *testing.T) {
	turns := turnsOf(1)
	a, b := &appTurns{limit: 1}, &appTurns{limit: 1}
	if err := turns.begin(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	leaves, leave := context.WithCancelCause(t.Context())
	ended := make(chan error)
	gone := errors.New("gone")
	for range maxWaiting {
		waits(t, turns, a, leaves, func(err error) { ended <- err })
	}
	if err := turns.begin(t.Context(), a); para.CodeOf(err) != para.Busy {
		t.Errorf("one more search than may wait: %v, want a Busy error", err)
	}
	leave(gone)
	for range maxWaiting {
		if err := <-ended; !errors.Is(err, gone) {
			t.Errorf("a search that does not wait any longer: %v", err)
		}
	}
	waits(t, turns, b, t.Context(), func(err error) { ended <- err })
	turns.end(a)
	if err := <-ended; err != nil {
		t.Errorf("the other app, after all waiting searches of the first have left: %v", err)
	}
	// A wait that ends in the moment of its turn passes it on.
	turns.mu.Lock()
	turn := make(chan struct{})
	turns.mu.Unlock()
	waits(t, turns, a, t.Context(), func(err error) { ended <- err })
	b.running++ // as begin found it granted
	turns.free--
	turns.leave(b, turn)
	turns.end(b)
	if err := <-ended; err != nil || turns.free != 0 || a.running != 1 || b.running != 0 {
		t.Errorf("%v; %d places are free, %d and %d searches run", err, turns.free, a.running, b.running)
	}
	turns.end(a)
}
