package rest

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"testing"
)

// The queue of accepted work is bounded in requests and in bytes, and closing it waits for all of it (D20).
func TestLaterQueue(t *testing.T) {
	q := newLaterQueue(3)
	var done atomic.Int64
	release := make(chan struct{})
	busy := make(chan struct{}, laterWorkers)
	for range laterWorkers {
		if !q.add(0, func() { busy <- struct{}{}; <-release; done.Add(1) }) {
			t.Fatal("an idle queue takes no work")
		}
	}
	for range laterWorkers {
		<-busy
	}
	step := func() { done.Add(1) }
	if !q.add(laterBytes+1, step) {
		t.Error("one body may be larger than the bound")
	}
	if q.add(1, step) {
		t.Error("the bound in bytes does not hold")
	}
	for range 2 {
		if !q.add(0, step) {
			t.Error("requests without a body have room")
		}
	}
	if q.add(0, step) {
		t.Error("the bound in requests does not hold")
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := q.close(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("closing with no time left: %v", err)
	}
	if q.add(0, step) {
		t.Error("a closed queue takes work")
	}
	close(release)
	if err := q.close(t.Context()); err != nil {
		t.Error(err)
	}
	if n := done.Load(); n != laterWorkers+3 {
		t.Errorf("%d of %d are done", n, laterWorkers+3)
	}
	if q.bytes != 0 {
		t.Errorf("%d bytes are counted still", q.bytes)
	}
}

// Work that breaks down takes no worker and no room with it.
func TestLaterQueueCountsBrokenWork(t *testing.T) {
	q := newLaterQueue(1)
	for range 10 * laterWorkers {
		for !q.add(laterBytes, func() { defer func() { _ = recover() }(); panic("defect") }) {
			runtime.Gosched()
		}
	}
	if err := q.close(t.Context()); err != nil || q.bytes != 0 {
		t.Errorf("%v, %d bytes", err, q.bytes)
	}
}
