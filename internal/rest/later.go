package rest

import (
	"context"
	"runtime/debug"
	"sync"
)

// laterWorkers is how many accepted requests run at once; they keep no order, as in the reference.
const laterWorkers = 2

// laterBytes bounds the request bodies that wait together, since one batch may be a hundred megabytes. A single body may
// exceed it.
const laterBytes = 64 << 20

// laterQueue runs the work of X-Para-Respond-Immediately: bounded, and drained at shutdown (D20).
type laterQueue struct {
	work  chan func()
	wg    sync.WaitGroup
	mu    sync.Mutex
	bytes int64 // of the bodies that wait or are worked on
	done  bool
}

func newLaterQueue(size int) *laterQueue {
	if size <= 0 {
		size = 1024
	}
	q := &laterQueue{work: make(chan func(), size)}
	for range laterWorkers {
		q.wg.Go(func() {
			for f := range q.work {
				f()
			}
		})
	}
	return q
}

// add queues work that keeps a body of some size in memory; false when the queue is full or closed, so that the caller does
// the work itself.
func (q *laterQueue) add(size int64, f func()) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.done || size > 0 && q.bytes > 0 && q.bytes+size > laterBytes {
		return false
	}
	counted := func() {
		defer func() {
			q.mu.Lock()
			q.bytes -= size
			q.mu.Unlock()
		}()
		f()
	}
	select {
	case q.work <- counted:
		q.bytes += size
		return true
	default:
		return false
	}
}

func (q *laterQueue) close(ctx context.Context) error {
	q.mu.Lock()
	if !q.done {
		q.done = true
		close(q.work)
	}
	q.mu.Unlock()
	finished := make(chan struct{})
	go func() {
		q.wg.Wait()
		close(finished)
	}()
	select {
	case <-finished:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// respondNow accepts a request whose outcome the caller does not wait for. Credentials, permission and the form of the
// JSON are checked first; what fails later is logged (D20).
func (h *Handler) respondNow(c *call, m method) *answer {
	if m.form != nil {
		if err := m.form(h, c); err != nil {
			return h.fail(c.r.Context(), c, err)
		}
	}
	ctx := context.WithoutCancel(c.r.Context())
	own := *c
	c.spool = nil // the work removes it
	work := func() {
		defer h.dropSpool(&own)
		defer func() {
			if p := recover(); p != nil {
				h.log.ErrorContext(ctx, "defect while doing accepted work", "method", c.r.Method, "path", c.uri, "panic", p, "stack", string(debug.Stack()))
			}
		}()
		leave, err := h.eng.Enter(ctx, own.p.App)
		if err == nil {
			defer leave()
			_, err = m.serve(ctx, &own)
		}
		if err != nil {
			h.log.WarnContext(ctx, "a request that was answered immediately failed", "method", c.r.Method, "path", c.uri, "app", appOf(c.p), "error", err)
		}
	}
	if h.opts.NothingLater || !h.queue.add(int64(len(c.body)), work) {
		work()
	}
	return empty()
}
