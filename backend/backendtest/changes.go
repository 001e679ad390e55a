package backendtest

import (
	"fmt"
	"testing"
	"time"

	"github.com/erudika/para-go"
)

func testChangeLog(t *testing.T, s *suite) {
	before := time.Now().Add(-time.Second).UnixMilli()
	withData := para.Write{Kind: para.Put, Event: "updateAll", Record: record("a", "2"), ChangeData: []byte("was\x00so")}
	out := s.apply(app,
		put("a", "1"),
		writes(withData, para.Write{Kind: para.Put, Event: "createAll", Record: para.Record{ID: "b", Type: "other", Data: []byte("3")}}),
		remove("a"),
		remove("a"), // no effect: no change
		put("a", "4"),
	)
	after := time.Now().Add(time.Second).UnixMilli()
	want := []para.Change{
		{Seq: 1, Kind: para.Created, Event: "create", ID: "a", Type: "thing"},
		{Seq: 2, Kind: para.Updated, Event: "updateAll", ID: "a", Type: "thing", Data: []byte("was\x00so")},
		{Seq: 3, Kind: para.Created, Event: "createAll", ID: "b", Type: "other"},
		{Seq: 4, Kind: para.Deleted, Event: "delete", ID: "a", Type: "thing"},
		{Seq: 5, Kind: para.Created, Event: "create", ID: "a", Type: "thing"},
	}
	got := s.changes(app, 0)
	if len(got) != len(want) {
		t.Fatalf("%d changes, want %d: %v", len(got), len(want), got)
	}
	for i, w := range want {
		g := got[i]
		if g.Seq != w.Seq || g.Kind != w.Kind || g.Event != w.Event || g.ID != w.ID || g.Type != w.Type || string(g.Data) != string(w.Data) {
			t.Errorf("change %d is %+v, want %+v", i, g, w)
		}
		if g.Time < before || g.Time > after {
			t.Errorf("change %d has time %d, want one between %d and %d", i, g.Time, before, after)
		}
	}
	revisions := []int64{out[0].Records[0].Revision, out[1].Records[0].Revision, out[1].Records[1].Revision, out[4].Records[0].Revision}
	if fmt.Sprint(revisions) != "[1 2 3 5]" {
		t.Errorf("revisions are %v, want the numbers of the changes", revisions)
	}
	if n := s.last(app); n != 5 {
		t.Errorf("LastChange = %d, want 5", n)
	}
	if c, err := s.store.Changes(s.ctx, app, 2, 2); err != nil || len(c) != 2 || c[0].Seq != 3 {
		t.Errorf("Changes(2, 2) = %v, %v", c, err)
	}
	if c, err := s.store.Changes(s.ctx, app, 5, 10); err != nil || len(c) != 0 {
		t.Errorf("Changes(5) = %v, %v", c, err)
	}
}

func testTrim(t *testing.T, s *suite) {
	for i := range 20 {
		s.put(app, fmt.Sprint("r", i), "1")
	}
	trim := func(before int64) {
		t.Helper()
		if err := s.store.Trim(s.ctx, app, before); err != nil {
			t.Fatalf("Trim(%d): %v", before, err)
		}
	}
	trim(0)
	trim(1)
	if n := len(s.changes(app, 0)); n != 20 {
		t.Fatalf("%d changes after trimming nothing", n)
	}
	trim(11)
	trim(5) // below what is trimmed already
	if c := s.changes(app, 10); len(c) != 10 || c[0].Seq != 11 {
		t.Errorf("changes after 10: %v", c)
	}
	for _, after := range []int64{0, 9} {
		_, err := s.store.Changes(s.ctx, app, after, 10)
		wantCode(t, fmt.Sprintf("Changes(%d)", after), err, para.NotFound)
	}
	trim(1000) // beyond the end
	if c := s.changes(app, 20); len(c) != 0 {
		t.Errorf("changes after trimming all: %v", c)
	}
	_, err := s.store.Changes(s.ctx, app, 19, 10)
	wantCode(t, "Changes(19)", err, para.NotFound)
	if n := s.last(app); n != 20 {
		t.Errorf("LastChange after trimming all = %d, want 20", n)
	}
	r := s.put(app, "new", "1")
	if r.Revision != 21 || r.DocID < 21 {
		t.Errorf("after trimming all a record is %s; numbers must go on at 21", describe(r))
	}
	if c := s.changes(app, 20); len(c) != 1 || c[0].Seq != 21 {
		t.Errorf("changes after 20: %v", c)
	}
	if n := len(s.scan(app, 100)); n != 21 {
		t.Errorf("%d records after trimming, want 21", n)
	}
}

// testChangesUnderWrites: a follower that polls while others write sees every change once and in order.
func testChangesUnderWrites(t *testing.T, s *suite) {
	const writers, each = 6, 60
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		parallel(writers, func(w int) {
			for i := range each {
				id := fmt.Sprintf("w%d-%d", w, i)
				if out, err := s.store.Apply(s.ctx, app, []para.Op{put(id, "1"), put(id, "2")}); err != nil || out[1].Err != nil {
					t.Errorf("Apply: %v, %v", out, err)
					return
				}
			}
		})
	}()
	var after int64
	seen := make(map[string]int)
	for done := false; ; {
		page, err := s.store.Changes(s.ctx, app, after, 50)
		if err != nil {
			t.Fatalf("Changes: %v", err)
		}
		for _, c := range page {
			if c.Seq != after+1 {
				t.Fatalf("change %d follows %d", c.Seq, after)
			}
			after = c.Seq
			seen[c.ID]++
		}
		if len(page) == 0 && done {
			break
		}
		select {
		case <-finished:
			done = true
		default:
		}
	}
	if len(seen) != writers*each || after != 2*writers*each {
		t.Errorf("%d ids in %d changes, want %d in %d", len(seen), after, writers*each, 2*writers*each)
	}
}

// testScanUnderWrites: what is there all the time is returned exactly once, whatever happens around it.
func testScanUnderWrites(t *testing.T, s *suite) {
	const steady = 120
	for i := range steady {
		s.put(app, fmt.Sprint("steady", i), "0")
	}
	stop := make(chan struct{})
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		parallel(3, func(w int) {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				passing := fmt.Sprintf("passing%d-%d", w, n%10)
				op := put(passing, fmt.Sprint(n))
				if n%3 == 2 {
					op = remove(passing)
				}
				if out, err := s.store.Apply(s.ctx, app, []para.Op{op, put(fmt.Sprint("steady", (n*7+w)%steady), fmt.Sprint(n))}); err != nil || out[0].Err != nil {
					t.Errorf("Apply: %v, %v", out, err)
					return
				}
			}
		})
	}()
	for range 5 {
		count := make(map[string]int)
		for _, r := range s.scan(app, 11) {
			count[r.ID]++
		}
		for i := range steady {
			if n := count[fmt.Sprint("steady", i)]; n != 1 {
				t.Errorf("record %d was returned %d times", i, n)
			}
		}
	}
	close(stop)
	<-finished
}
