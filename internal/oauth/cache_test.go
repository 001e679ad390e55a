package oauth

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	para "github.com/erudika/para-go"
)

type testClock struct{ at atomic.Int64 }

func (c *testClock) now() time.Time          { return time.Unix(0, c.at.Load()) }
func (c *testClock) advance(d time.Duration) { c.at.Add(int64(d)) }

func TestCache(t *testing.T) {
	clock := new(testClock)
	clock.advance(time.Hour)
	var fetched atomic.Int64
	var broken atomic.Bool
	c := newCache(4, clock.now, func(_ context.Context, address string) (string, error) {
		n := fetched.Add(1)
		if broken.Load() {
			return "", errors.New("down")
		}
		return fmt.Sprintf("%s %d", address, n), nil
	})
	get := func(renew bool) string {
		t.Helper()
		v, err := c.get(t.Context(), "a", renew)
		if err != nil {
			return "error " + err.Error()
		}
		return v
	}
	steps := []struct {
		what   string
		wait   time.Duration
		renew  bool
		broken bool
		want   string
	}{
		{"first", 0, false, false, "a 1"},
		{"remembered", time.Second, false, false, "a 1"},
		{"renewal too soon", 30 * time.Second, true, false, "a 1"},
		{"renewal", 30 * time.Second, true, false, "a 2"},
		{"renewals are rare", 59 * time.Second, true, false, "a 2"},
		{"old", time.Hour, false, false, "a 3"},
		{"old, and nobody answers", time.Hour, false, true, "a 3"},
		{"not asked again at once", time.Second, false, true, "a 3"},
		{"asked again later", time.Minute, false, false, "a 5"}, // the failed attempt counts
		{"much too old", 25 * time.Hour, false, true, "error down"},
		{"failure remembered", time.Second, false, false, "error down"},
		{"back", 5 * time.Second, false, false, "a 7"},
	}
	for _, s := range steps {
		clock.advance(s.wait)
		broken.Store(s.broken)
		if got := get(s.renew); got != s.want {
			t.Errorf("%s: %q, want %q", s.what, got, s.want)
		}
	}
	for i := range 100 {
		if _, err := c.get(t.Context(), fmt.Sprint(i), false); err != nil {
			t.Fatal(err)
		}
		clock.advance(time.Millisecond)
	}
	if len(c.entries) > 4 {
		t.Errorf("%d entries", len(c.entries))
	}
}

// Many who ask at once share one request, and one who goes away spoils nothing.
func TestCacheIsAskedOnce(t *testing.T) {
	var fetched atomic.Int64
	enter, leave := make(chan struct{}, 100), make(chan struct{})
	c := newCache(4, time.Now, func(ctx context.Context, _ string) (int64, error) {
		enter <- struct{}{}
		select {
		case <-leave:
		case <-ctx.Done():
			return 0, ctx.Err()
		}
		return fetched.Add(1), nil
	})
	gone, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	all.Go(func() {
		if _, err := c.get(gone, "a", false); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
	})
	<-enter
	for range 50 {
		all.Go(func() {
			if v, err := c.get(t.Context(), "a", false); err != nil || v != 1 {
				t.Errorf("%d, %v", v, err)
			}
		})
	}
	cancel()
	<-enter
	close(leave)
	all.Wait()
}

func TestRecent(t *testing.T) {
	clock := new(testClock)
	r := newRecent(10, clock.now)
	if r.add("a", clock.now().Add(time.Minute)) || !r.add("a", clock.now().Add(time.Minute)) || !r.contains("a") || r.contains("b") {
		t.Error("the second time is not known as such")
	}
	clock.advance(2 * time.Minute)
	if r.contains("a") {
		t.Error("it is remembered for ever")
	}
	for i := range 1000 {
		r.add(fmt.Sprint(i), clock.now().Add(time.Minute))
	}
	if n := len(r.new) + len(r.old); n > 10 {
		t.Errorf("%d are remembered", n)
	}
	if !r.contains("999") || !r.contains("996") || r.contains("900") {
		t.Error("the wrong ones are forgotten")
	}
}

func TestLimiter(t *testing.T) {
	l := newLimiter(2, 3)
	leave1, err1 := l.enter("a")
	_, err2 := l.enter("a")
	_, err3 := l.enter("a")
	if err1 != nil || err2 != nil || para.CodeOf(err3) != para.Busy {
		t.Errorf("%v, %v, %v", err1, err2, err3)
	}
	if _, err := l.enter("b"); err != nil {
		t.Errorf("another app: %v", err)
	}
	if _, err := l.enter("c"); para.CodeOf(err) != para.Busy {
		t.Errorf("all together: %v", err)
	}
	leave1()
	if _, err := l.enter("a"); err != nil {
		t.Errorf("after one left: %v", err)
	}
}
