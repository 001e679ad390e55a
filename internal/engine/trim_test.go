package engine

import (
	"fmt"
	"testing"

	para "github.com/erudika/para-go"
)

// The log keeps the newest changes, and what is read from it is complete up to the newest.
func TestLogIsTrimmed(t *testing.T) {
	w := newWorld(t)
	w.opts.LogChanges = 1500
	store := func(n int) {
		t.Helper()
		list := make([]*para.Object, n)
		for i := range list {
			list[i] = para.New("cat")
			list[i].SetID(fmt.Sprintf("c%d", i))
		}
		if _, err := w.CreateAll(t.Context(), w.p, list); err != nil {
			t.Fatal(err)
		}
	}
	oldest := func() int64 {
		t.Helper()
		last, err := w.store.LastChange(t.Context(), "kid")
		if err != nil {
			t.Fatal(err)
		}
		// The first number after which the log can be read.
		for after := int64(0); after <= last; after += 100 {
			changes, err := w.store.Changes(t.Context(), "kid", after, 10_000)
			if para.CodeOf(err) == para.NotFound {
				continue
			}
			if err != nil || int64(len(changes)) != last-after {
				t.Fatalf("after %d: %d of %d changes, %v", after, len(changes), last, err)
			}
			return after
		}
		t.Fatal("nothing is left of the log")
		return 0
	}
	for range 19 {
		store(100)
	}
	if n := oldest(); n != 0 {
		t.Errorf("%d changes are gone of a log of 1 900", n)
	}
	for range 21 {
		store(100)
	}
	if n := oldest(); n != 2500 {
		t.Errorf("changes up to %d are gone of a log of 4 000; want 2 500", n)
	}
	for range 4 {
		store(100)
	}
	if n := oldest(); n != 2500 {
		t.Errorf("changes up to %d are gone of a log of 4 400; want 2 500", n)
	}
	w.opts.LogChanges = 0
	for range 10 {
		store(100)
	}
	if n := oldest(); n != 2500 {
		t.Errorf("a log that keeps everything lost changes up to %d", n)
	}
	if got := w.count(t); got != 100 {
		t.Errorf("%d objects, want 100", got)
	}
}
