package signin

import (
	"context"
	"errors"
	"sync"
	"testing"

	para "github.com/erudika/para-go"
)

// A flood of sign-ins is refused as soon as the queue is full, and what was admitted is done.
func TestHasherRefusesWhatDoesNotFit(t *testing.T) {
	h := newHasher(1, 2)
	started, release := make(chan struct{}), make(chan struct{})
	var all sync.WaitGroup
	errs := make(chan error, 3)
	all.Go(func() { errs <- h.run(context.Background(), func() { close(started); <-release }) })
	<-started
	for range 2 {
		h.admitted <- struct{}{} // two that wait
	}
	if err := h.run(context.Background(), func() { t.Error("it ran") }); para.CodeOf(err) != para.Busy {
		t.Errorf("with a full queue: %v", err)
	}
	for range 2 {
		<-h.admitted
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := h.run(ctx, func() { t.Error("it ran") }); !errors.Is(err, context.Canceled) {
		t.Errorf("for a client that went away: %v", err)
	}
	close(release)
	all.Wait()
	if err := <-errs; err != nil {
		t.Error(err)
	}
	ran := false
	if err := h.run(context.Background(), func() { ran = true }); err != nil || !ran {
		t.Errorf("afterwards: %v, ran %t", err, ran)
	}
	if len(h.admitted) != 0 || len(h.running) != 0 {
		t.Errorf("places were lost: %d admitted, %d running", len(h.admitted), len(h.running))
	}
}

func TestKeyedLock(t *testing.T) {
	l := newKeyedLock(2)
	unlock, err := l.lock(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	other, err := l.lock(t.Context(), "b")
	if err != nil {
		t.Fatal(err)
	}
	other()
	ctx, cancel := context.WithCancel(context.Background())
	errs := make(chan error, 2)
	for range 2 {
		go func() { _, err := l.lock(ctx, "a"); errs <- err }()
	}
	for l.waiting("a") < 3 {
	}
	if _, err := l.lock(t.Context(), "a"); para.CodeOf(err) != para.Busy {
		t.Errorf("too many: %v", err)
	}
	cancel()
	for range 2 {
		if err := <-errs; !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
	}
	unlock()
	if len(l.entries) != 0 {
		t.Errorf("%d entries are left", len(l.entries))
	}
}

func (l *keyedLock) waiting(key string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e := l.entries[key]; e != nil {
		return e.users
	}
	return 0
}

func TestDummyHashMatchesNothing(t *testing.T) {
	h := newHasher(1, 1)
	for _, hash := range []string{"", "x", dummyHash, dummyHash + "x", "$2c$12$abcdefghijklmnopqrstuuWH53eEN6nVMzD3lRlPuz44zzZjn7zJq"} {
		if ok, err := h.matches(t.Context(), "p@ss:word", hash); ok || err != nil {
			t.Errorf("%q: %t, %v", hash, ok, err)
		}
	}
	if ok, err := h.matches(t.Context(), "p@ss:word", "$2b$12$abcdefghijklmnopqrstuuWH53eEN6nVMzD3lRlPuz44zzZjn7zJq"); !ok || err != nil {
		t.Errorf("the right password: %t, %v", ok, err)
	}
}

func BenchmarkIssueBookkeeping(b *testing.B) {
	r := renewals{running: map[string]*renewal{}}
	b.ReportAllocs()
	for b.Loop() {
		x, _ := r.join("shop 587408205806571520")
		r.finish("shop 587408205806571520", x)
	}
}
