package backendtest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/erudika/para-go"
)

// parallel runs do n times at once and waits.
func parallel(n int, do func(i int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { do(i) })
	}
	wg.Wait()
}

// number reads the number that a record holds, 0 for no record.
func number(r *para.Record) int {
	if r == nil {
		return 0
	}
	n, _ := strconv.Atoi(string(r.Data))
	return n
}

// add is an op that adds to the number in a record.
func add(id string, by int) para.Op {
	return para.Op{Reads: []string{id}, Do: func(r []*para.Record) ([]para.Write, error) {
		return []para.Write{{Kind: para.Put, Event: "update", Record: record(id, strconv.Itoa(number(r[0])+by))}}, nil
	}}
}

// testCounter: concurrent changes of one record lose nothing.
func testCounter(t *testing.T, s *suite) {
	const workers, each = 16, 25
	var mu sync.Mutex
	revisions := make(map[int64]bool)
	parallel(workers, func(int) {
		for range each {
			out, err := s.store.Apply(s.ctx, app, []para.Op{add("counter", 1), add("counter", 1)})
			if err != nil || out[0].Err != nil || out[1].Err != nil {
				t.Errorf("Apply: %v, %v", out, err)
				return
			}
			mu.Lock()
			revisions[out[0].Records[0].Revision] = true
			revisions[out[1].Records[0].Revision] = true
			mu.Unlock()
		}
	})
	const total = 2 * workers * each
	if n := number(s.get(app, "counter")[0]); n != total {
		t.Errorf("the counter is %d, want %d", n, total)
	}
	if len(revisions) != total {
		t.Errorf("%d different revisions for %d writes", len(revisions), total)
	}
	if n := len(s.changes(app, 0)); n != total {
		t.Errorf("%d changes for %d writes", n, total)
	}
}

// testTransfers: an operation over several records is atomic, and so are the operations of a call where the store has
// transactions.
func testTransfers(t *testing.T, s *suite) {
	const accounts, start = 8, 100
	var ids []string
	for i := range accounts {
		ids = append(ids, fmt.Sprint("account", i))
		s.put(app, ids[i], strconv.Itoa(start))
	}
	poor := errors.New("not enough")
	transfer := func(from, to string, amount int) para.Op {
		return para.Op{Reads: []string{from, to}, Do: func(r []*para.Record) ([]para.Write, error) {
			if number(r[0]) < amount {
				return nil, poor
			}
			return []para.Write{
				{Kind: para.Put, Record: record(from, strconv.Itoa(number(r[0])-amount))},
				{Kind: para.Put, Record: record(to, strconv.Itoa(number(r[1])+amount))},
			}, nil
		}}
	}
	var wrong atomic.Int64
	audit := para.Op{Reads: ids, Do: func(r []*para.Record) ([]para.Write, error) {
		sum := 0
		for _, x := range r {
			sum += number(x)
		}
		if sum != accounts*start {
			return nil, fmt.Errorf("the sum is %d", sum)
		}
		return nil, nil
	}}
	parallel(8, func(w int) {
		for i := range 30 {
			from, to := (w+i)%accounts, (w*3+i*5+1)%accounts
			if from == to {
				to = (to + 1) % accounts
			}
			out, err := s.store.Apply(s.ctx, app, []para.Op{transfer(ids[from], ids[to], 10+i%50), audit})
			if err != nil || out[0].Err != nil && out[0].Err != poor {
				t.Errorf("Apply: %v, %v", out, err)
				return
			}
			if out[1].Err != nil {
				wrong.Add(1)
			}
		}
	})
	if n := wrong.Load(); n > 0 {
		t.Errorf("%d audits saw half a transfer", n)
	}
	s.apply(app, audit)
}

// testUniqueness: "create if it is not there" succeeds for exactly one of many.
func testUniqueness(t *testing.T, s *suite) {
	taken := para.Errorf(para.Duplicate, "It is there already.")
	for round := range 5 {
		id := fmt.Sprint("unique", round)
		var winners atomic.Int64
		parallel(12, func(w int) {
			claim := para.Op{Reads: []string{id}, Do: func(r []*para.Record) ([]para.Write, error) {
				if r[0] != nil {
					return nil, taken
				}
				return []para.Write{{Kind: para.Put, Record: record(id, strconv.Itoa(w))}}, nil
			}}
			out, err := s.store.Apply(s.ctx, app, []para.Op{claim})
			switch {
			case err != nil:
				t.Errorf("Apply: %v", err)
			case out[0].Err == nil:
				winners.Add(1)
			case out[0].Err != error(taken):
				t.Errorf("loser got %v", out[0].Err)
			}
		})
		if n := winners.Load(); n != 1 {
			t.Errorf("%d of 12 created %q", n, id)
		}
	}
}

// testContext: a call whose context has ended does nothing.
func testContext(t *testing.T, s *suite) {
	s.put(app, "a", "1")
	ended, cancel := context.WithCancel(s.ctx)
	cancel()
	other := &suite{t: t, store: s.store, ctx: ended}
	errs := everyMethod(other, app)
	errs["CreateApp"] = s.store.CreateApp(ended, "other")
	errs["DropApp"] = s.store.DropApp(ended, app)
	for method, err := range errs {
		if err == nil {
			t.Errorf("%s with an ended context succeeded", method)
		} else if !errors.Is(err, context.Canceled) {
			t.Errorf("%s with an ended context: %v does not wrap context.Canceled", method, err)
		}
	}
	if got := s.get(app, "a", "x"); got[0] == nil || got[1] != nil {
		t.Errorf("after calls with an ended context: %s, %s", describe(got[0]), describe(got[1]))
	}
	if n := s.last(app); n != 1 {
		t.Errorf("after calls with an ended context the log is at %d", n)
	}
}

// testAbandoned: whatever moment a caller gives up at, an error means that nothing happened and success that all did.
func testAbandoned(t *testing.T, s *suite) {
	var mu sync.Mutex
	fate := make(map[string]bool)
	parallel(8, func(w int) {
		for i := range 40 {
			ctx, cancel := context.WithCancel(s.ctx)
			timer := time.AfterFunc(time.Duration(i*w)*10*time.Microsecond, cancel)
			id := fmt.Sprintf("w%d-%d", w, i)
			out, err := s.store.Apply(ctx, app, []para.Op{put(id, "1")})
			timer.Stop()
			cancel()
			if err == nil && out[0].Err != nil {
				t.Errorf("Apply: %v", out[0].Err)
			}
			mu.Lock()
			fate[id] = err == nil
			mu.Unlock()
		}
	})
	s.put(app, "fence", "1") // whatever was still going on has ended
	for id, done := range fate {
		if got := s.get(app, id)[0]; (got != nil) != done {
			t.Errorf("%s: reported as done: %v, stored: %v", id, done, got != nil)
		}
	}
}

func testClosed(t *testing.T, s *suite) {
	s.put(app, "a", "1")
	// Operations in progress are finished: each has a definite fate.
	started := make(chan struct{}, 4)
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		parallel(4, func(w int) {
			for i := 0; ; i++ {
				out, err := s.store.Apply(s.ctx, app, []para.Op{put(fmt.Sprintf("w%d-%d", w, i), "1")})
				if i == 0 {
					started <- struct{}{}
				}
				if err != nil {
					wantCode(t, "Apply while the store closes", err, para.Unavailable)
					return
				}
				if out[0].Err != nil {
					t.Errorf("Apply while the store closes: %v", out[0].Err)
					return
				}
			}
		})
	}()
	for range 4 {
		<-started
	}
	if err := s.store.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	<-finished
	errs := everyMethod(s, app)
	errs["CreateApp"] = s.store.CreateApp(s.ctx, "other")
	errs["DropApp"] = s.store.DropApp(s.ctx, app)
	_, errs["HasApp"] = s.store.HasApp(s.ctx, app)
	_, errs["Apps"] = s.store.Apps(s.ctx)
	for method, err := range errs {
		wantCode(t, method+" after Close", err, para.Unavailable)
	}
	if err := s.store.Close(); err != nil {
		t.Errorf("Close again: %v", err)
	}
}
