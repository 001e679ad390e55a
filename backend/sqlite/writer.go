package sqlite

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/erudika/para-go"
)

// Bounds of a group, the calls that one transaction commits. The first call always belongs to it.
const (
	maxGroupCalls = 512
	maxGroupBytes = 4 << 20
	maxGroupTime  = 50 * time.Millisecond
)

// idleDelay is how long a writer must have nothing to do before it maintains the search tables.
const idleDelay = 100 * time.Millisecond

// writer is the only one that changes an app's file. Its goroutine owns the connection and everything below it.
type writer struct {
	f *file
	c *conn
	x *indexer

	queue chan *call
	tasks chan *task

	rebuilding chan struct{} // held while the index is made anew

	quit chan struct{} // closed by stop
	done chan struct{} // closed when the loop ended

	last    atomic.Int64 // newest committed change
	trimmed int64        // changes up to this one are not in the log any more
	next    int64        // number of the next change in the transaction in progress
	rows    int64        // rows that had been changed when the transaction in progress began
	bytes   int          // size of what the transaction in progress wrote, about
	now     int64        // time of the changes of the transaction in progress
	untidy  bool         // something was written since the search tables were maintained
	unsure  bool         // a COMMIT failed: its frames may be complete in the write-ahead log
}

// call is one call of Apply on its way through the writer.
type call struct {
	ops   []para.Op
	state atomic.Uint32 // waiting, started or dropped
	done  chan struct{} // closed when outcomes or err are set

	outcomes []para.Outcome
	err      error
}

const (
	callWaiting uint32 = iota
	callStarted
	callDropped
)

// task is something else to be done on the writer's connection, between groups.
type task struct {
	do   func() error
	done chan error
}

func newWriter(f *file, c *conn) (*writer, error) {
	w := &writer{
		f: f, c: c,
		queue: make(chan *call, 64), tasks: make(chan *task), rebuilding: make(chan struct{}, 1),
		quit: make(chan struct{}), done: make(chan struct{}),
	}
	var err error
	if w.trimmed, err = c.int64("SELECT value FROM meta WHERE key='trimmed'"); err != nil {
		return nil, err
	}
	last, err := c.int64("SELECT max(seq) FROM changes")
	if err != nil {
		return nil, err
	}
	w.last.Store(max(last, w.trimmed))
	f.touched.from = w.last.Load()
	if w.x, err = newIndexer(c); err != nil {
		return nil, err
	}
	c.pagesWritten()
	return w, nil
}

// stop ends the loop; nobody uses the file any more.
func (w *writer) stop() {
	close(w.quit)
	<-w.done
}

// do runs f on the writer's goroutine between groups.
func (w *writer) do(ctx context.Context, f func() error) error {
	t := &task{do: f, done: make(chan error, 1)}
	select {
	case w.tasks <- t:
		return <-t.done
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (w *writer) loop() {
	defer close(w.done)
	timer := time.NewTimer(idleDelay)
	defer timer.Stop()
	var rest []*call // taken from the queue, not in a group yet
	for {
		if len(rest) == 0 {
			if w.untidy {
				timer.Reset(idleDelay)
			} else {
				timer.Stop()
			}
			select {
			case c := <-w.queue:
				rest = append(rest, c)
			case t := <-w.tasks:
				t.done <- t.do()
				continue
			case <-timer.C:
				w.maintain()
				continue
			case <-w.quit:
				return
			}
		} else {
			select {
			case t := <-w.tasks:
				t.done <- t.do()
			default:
			}
		}
		w.f.s.turns <- struct{}{}
		rest = w.group(w.fill(rest))
		<-w.f.s.turns
		w.afterCommit()
	}
}

// fill adds calls that wait already to those of the next group.
func (w *writer) fill(calls []*call) []*call {
	for len(calls) < maxGroupCalls {
		select {
		case c := <-w.queue:
			calls = append(calls, c)
		default:
			return calls
		}
	}
	return calls
}

// group commits as many of the calls as the bounds of a group allow and returns the others.
func (w *writer) group(calls []*call) (rest []*call) {
	started := time.Now()
	group := make([]*call, 0, len(calls))
	err := w.begin()
	for err == nil && len(calls) > 0 {
		if len(group) > 0 && (w.bytes > maxGroupBytes || time.Since(started) > maxGroupTime) {
			break
		}
		c := calls[0]
		calls = calls[1:]
		if !c.state.CompareAndSwap(callWaiting, callStarted) {
			continue
		}
		group = append(group, c)
		c.outcomes, err = w.apply(c.ops)
	}
	if err == nil {
		err = w.commit()
	}
	if err == nil {
		for _, c := range group {
			close(c.done)
		}
		return calls
	}
	w.rollback()
	if len(group) == 0 { // begin failed: so it would for each of them
		for _, c := range calls {
			if c.state.CompareAndSwap(callWaiting, callStarted) {
				c.fail(err)
			}
		}
		return nil
	}
	if len(group) == 1 {
		group[0].fail(err)
		return calls
	}
	for _, c := range group { // nothing of the group has happened: each call gets its own transaction
		w.alone(c)
	}
	return calls
}

// alone runs a call in a transaction of its own.
func (w *writer) alone(c *call) {
	err := w.begin()
	if err == nil {
		c.outcomes, err = w.apply(c.ops)
	}
	if err == nil {
		err = w.commit()
	}
	if err != nil {
		w.rollback()
		c.fail(err)
		return
	}
	close(c.done)
}

func (c *call) fail(err error) {
	c.outcomes, c.err = nil, writeFailure("apply", err)
	close(c.done)
}

func (w *writer) begin() error {
	w.next = w.last.Load() + 1
	w.bytes = 0
	w.now = time.Now().UnixMilli()
	w.rows = w.c.totalChanges()
	return w.c.exec("BEGIN IMMEDIATE")
}

func (w *writer) commit() error {
	if w.next-1 == w.last.Load() && w.c.totalChanges() != w.rows {
		w.x.grown = true // the index changes without a change in the log: searches must tell the moments apart
	}
	if err := w.x.flush(w.c); err != nil {
		return err
	}
	if err := w.c.exec("COMMIT"); err != nil {
		w.unsure = true
		return err
	}
	w.last.Store(w.next - 1)
	w.untidy = true
	return nil
}

func (w *writer) rollback() {
	w.x.rolledBack()
	w.f.touched.rolledBack(w.last.Load())
	if w.c.inTransaction() { // otherwise SQLite has rolled back itself
		if err := w.c.exec("ROLLBACK"); err != nil {
			w.f.s.log.Error("A transaction could not be rolled back.", "app", w.f.app, "error", err)
		}
	}
	if !w.unsure {
		return
	}
	w.unsure = false
	if err := w.overwriteFailed(); err != nil {
		w.f.s.log.Warn("A commit failed, and so did writing over what it left: it may come to light if the process is killed before the next commit.",
			"app", w.f.app, "error", err)
	}
}

// overwriteFailed writes over the frames that a failed COMMIT left behind the end of the write-ahead log. When only their
// flush failed they are a complete commit in the eyes of SQLite's recovery: after the end of the process a write would be
// there of which its caller was told that it is not. The commit that takes their place writes what is there already (SQLite
// leaves out an UPDATE that changes nothing, but not this), and is not flushed, since that is what fails now.
func (w *writer) overwriteFailed() error {
	if err := w.c.script("PRAGMA synchronous=OFF"); err != nil {
		return err
	}
	err := w.c.script(fmt.Sprintf("BEGIN IMMEDIATE; PRAGMA user_version=%d; COMMIT", formatNumber))
	if w.c.inTransaction() {
		err = errors.Join(err, w.c.script("ROLLBACK"))
	}
	return errors.Join(err, w.c.script("PRAGMA synchronous="+w.f.s.opts.synchronous()))
}

// maintain lets the search tables tidy up one step.
func (w *writer) maintain() {
	w.f.s.turns <- struct{}{}
	defer func() { <-w.f.s.turns }()
	more := false
	err := w.begin()
	if err == nil {
		more, err = w.tidy()
	}
	if err == nil {
		err = w.c.exec("COMMIT")
	}
	if err != nil {
		w.rollback()
		w.f.s.log.Warn("The search tables of an app could not be maintained.", "app", w.f.app, "error", err)
	}
	w.untidy = more && err == nil
	w.afterCommit()
}

func (w *writer) tidy() (more bool, err error) {
	defer func() {
		if p := recover(); p != nil { // as in apply
			w.c.resetAll()
			more, err = false, fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return w.x.maintain(w.c)
}

// Apply runs the operations in the app's next transaction, together with other calls that wait.
func (s *Store) Apply(ctx context.Context, app string, ops []para.Op) ([]para.Outcome, error) {
	f, err := s.acquire(ctx, app)
	if err != nil {
		return nil, err
	}
	defer s.release(f)
	c := &call{ops: ops, done: make(chan struct{})}
	select {
	case f.w.queue <- c:
	case <-ctx.Done():
		return nil, writeFailure("apply", ctx.Err())
	}
	select {
	case <-c.done:
		return c.outcomes, c.err
	case <-ctx.Done():
	}
	if c.state.CompareAndSwap(callWaiting, callDropped) {
		return nil, writeFailure("apply", ctx.Err())
	}
	<-c.done // it has begun: tell its true fate
	return c.outcomes, c.err
}
