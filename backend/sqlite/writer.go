package sqlite

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/erudika/para-go"
	lib "modernc.org/sqlite/lib"
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
	quit  chan struct{} // closed by stop
	done  chan struct{} // closed when the loop ended

	last    atomic.Int64 // newest committed change
	trimmed int64        // changes up to this one are not in the log any more
	next    int64        // number of the next change in the transaction in progress
	bytes   int          // size of what the transaction in progress wrote, about
	now     int64        // time of the changes of the transaction in progress
	untidy  bool         // something was written since the search tables were maintained
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
		queue: make(chan *call, 64), tasks: make(chan *task),
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
	return w.c.exec("BEGIN IMMEDIATE")
}

func (w *writer) commit() error {
	if err := w.c.exec("COMMIT"); err != nil {
		return err
	}
	w.last.Store(w.next - 1)
	w.untidy = true
	return nil
}

func (w *writer) rollback() {
	w.x.rolledBack()
	if !w.c.inTransaction() {
		return // SQLite has rolled back itself
	}
	if err := w.c.exec("ROLLBACK"); err != nil {
		w.f.s.log.Error("A transaction could not be rolled back.", "app", w.f.app, "error", err)
	}
}

// maintain lets the search tables tidy up one step.
func (w *writer) maintain() {
	w.f.s.turns <- struct{}{}
	defer func() { <-w.f.s.turns }()
	more := false
	err := w.begin()
	if err == nil {
		more, err = w.x.maintain(w.c)
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

// apply runs the ops of one call in the transaction in progress. An error means that the transaction must be rolled back.
func (w *writer) apply(ops []para.Op) ([]para.Outcome, error) {
	outcomes := make([]para.Outcome, len(ops))
	for i := range ops {
		records, err := w.reads(ops[i].Reads)
		var refused *para.Error
		if errors.As(err, &refused) {
			outcomes[i].Err = err
			continue
		}
		if err != nil {
			return nil, err
		}
		writes, err := w.ask(&ops[i], records)
		if err == nil {
			err = w.acceptable(writes)
		}
		if err != nil {
			outcomes[i].Err = err
			continue
		}
		outcomes[i].Records = make([]*para.Record, len(writes))
		for j := range writes {
			if outcomes[i].Records[j], err = w.write(&writes[j]); err != nil {
				return nil, err
			}
		}
	}
	return outcomes, nil
}

func (w *writer) reads(ids []string) ([]*para.Record, error) {
	if len(ids) > para.MaxOpReads {
		return nil, para.Errorf(para.TooLarge, "An operation reads %d records; at most %d are possible.", len(ids), para.MaxOpReads)
	}
	if len(ids) == 0 {
		return nil, nil
	}
	records := make([]*para.Record, len(ids))
	for i, id := range ids {
		r, err := readRecord(w.c, id)
		if err != nil {
			return nil, err
		}
		records[i] = r
	}
	return records, nil
}

// ask calls Do, whose panic must not end the writer.
func (w *writer) ask(op *para.Op, records []*para.Record) (writes []para.Write, err error) {
	defer func() {
		if p := recover(); p != nil {
			writes, err = nil, &para.Error{Code: para.Internal, Op: "apply",
				Err: fmt.Errorf("panic in Op.Do: %v\n%s", p, debug.Stack())}
		}
	}()
	return op.Do(records)
}

// acceptable checks the writes of an operation before the first one is done.
func (w *writer) acceptable(writes []para.Write) error {
	deleted := make(map[string]bool)
	for i := range writes {
		r := &writes[i].Record
		switch {
		case r.ID == "":
			return wrongWrite("a write without an id")
		case writes[i].Kind == para.Put:
			if len(r.Data) > w.f.s.opts.MaxRecordSize {
				return para.Errorf(para.TooLarge, "The object has %d bytes; at most %d are possible.", len(r.Data), w.f.s.opts.MaxRecordSize)
			}
		case writes[i].Kind == para.Delete:
			deleted[r.ID] = true
		default:
			return wrongWrite(fmt.Sprintf("a write of kind %d", writes[i].Kind))
		}
	}
	if len(deleted) == 0 {
		return nil
	}
	for i := range writes {
		if writes[i].Kind == para.Put && deleted[writes[i].Record.ID] {
			return wrongWrite("a put and a deletion of the same id")
		}
	}
	return nil
}

func wrongWrite(what string) error {
	return &para.Error{Code: para.Internal, Op: "apply", Err: errors.New("Op.Do returned " + what)}
}

// write does one write with its change record and its document.
func (w *writer) write(p *para.Write) (*para.Record, error) {
	id := p.Record.ID
	old, there, err := w.find(id)
	if err != nil {
		return nil, err
	}
	switch {
	case p.Kind == para.Put && there:
		return w.update(p, old)
	case p.Kind == para.Put:
		return w.insert(p)
	case there:
		return nil, w.delete(p, old)
	}
	return nil, nil // a deletion of what is not there has no effect and is no change
}

// found is what a write needs to know of the row that is there.
type found struct {
	docID   int64
	typ     string
	indexed bool
}

func (w *writer) find(id string) (f found, there bool, err error) {
	s, err := w.c.prepare("SELECT docid, type, flags FROM objects WHERE id=?")
	if err != nil {
		return found{}, false, err
	}
	defer s.reset()
	s.bindText(1, id)
	there, err = s.step()
	if err != nil || !there {
		return found{}, false, err
	}
	return found{docID: s.int64(0), typ: w.c.name(s.view(1)), indexed: s.int64(2)&flagIndexed != 0}, true, nil
}

func flagsOf(p *para.Write) (flags int64) {
	if p.Record.Stored {
		flags |= flagStored
	}
	if p.Document != nil {
		flags |= flagIndexed
	}
	return flags
}

// notNull makes the empty blob of nil, which would be NULL.
func notNull(data []byte) []byte {
	if data == nil {
		return []byte{}
	}
	return data
}

func (w *writer) insert(p *para.Write) (*para.Record, error) {
	s, err := w.c.prepare("INSERT INTO objects(docid, id, type, revision, flags, data) VALUES(?1, ?2, ?3, ?1, ?4, ?5)")
	if err != nil {
		return nil, err
	}
	docID := w.next
	s.bindInt64(1, docID)
	s.bindText(2, p.Record.ID)
	s.bindText(3, p.Record.Type)
	s.bindInt64(4, flagsOf(p))
	s.bindBlob(5, notNull(p.Record.Data))
	if err := s.run(); err != nil {
		return nil, err
	}
	if p.Document != nil {
		if err := w.x.put(w.c, docID, p.Document, false); err != nil {
			return nil, err
		}
	}
	return w.put(p, docID, para.Created)
}

func (w *writer) update(p *para.Write, old found) (*para.Record, error) {
	s, err := w.c.prepare("UPDATE objects SET type=?2, revision=?3, flags=?4, data=?5 WHERE docid=?1")
	if err != nil {
		return nil, err
	}
	s.bindInt64(1, old.docID)
	s.bindText(2, p.Record.Type)
	s.bindInt64(3, w.next)
	s.bindInt64(4, flagsOf(p))
	s.bindBlob(5, notNull(p.Record.Data))
	if err := s.run(); err != nil {
		return nil, err
	}
	switch {
	case p.Document != nil:
		err = w.x.put(w.c, old.docID, p.Document, old.indexed)
	case old.indexed:
		err = w.x.remove(w.c, old.docID)
	}
	if err != nil {
		return nil, err
	}
	return w.put(p, old.docID, para.Updated)
}

// put completes the write of a record.
func (w *writer) put(p *para.Write, docID int64, kind para.ChangeKind) (*para.Record, error) {
	r := p.Record
	r.DocID = docID
	r.Revision = w.next
	w.bytes += len(r.Data) + 100
	return &r, w.change(p, kind, r.Type)
}

func (w *writer) delete(p *para.Write, old found) error {
	s, err := w.c.prepare("DELETE FROM objects WHERE docid=?")
	if err != nil {
		return err
	}
	s.bindInt64(1, old.docID)
	if err := s.run(); err != nil {
		return err
	}
	if old.indexed {
		if err := w.x.remove(w.c, old.docID); err != nil {
			return err
		}
	}
	return w.change(p, para.Deleted, old.typ)
}

// change writes the change record of a write and counts it.
func (w *writer) change(p *para.Write, kind para.ChangeKind, typ string) error {
	s, err := w.c.prepare("INSERT INTO changes(seq, time, kind, event, id, type, data) VALUES(?,?,?,?,?,?,?)")
	if err != nil {
		return err
	}
	s.bindInt64(1, w.next)
	s.bindInt64(2, w.now)
	s.bindInt64(3, int64(kind))
	s.bindText(4, p.Event)
	s.bindText(5, p.Record.ID)
	s.bindText(6, typ)
	s.bindBlob(7, p.ChangeData)
	w.next++
	w.bytes += len(p.ChangeData) + 100
	return s.run()
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

// Trim removes the changes below before from the log.
func (s *Store) Trim(ctx context.Context, app string, before int64) error {
	f, err := s.acquire(ctx, app)
	if err != nil {
		return err
	}
	defer s.release(f)
	// In pieces, so that other writes need not wait for the whole.
	for more := true; more; {
		err := f.w.do(ctx, func() error {
			var err error
			more, err = f.w.trim(before)
			return err
		})
		if err != nil {
			return writeFailure("trim", err)
		}
	}
	return nil
}

// trimStep is the number of changes that one transaction trims away.
const trimStep = 5000

func (w *writer) trim(before int64) (more bool, err error) {
	end := min(before-1, w.last.Load())
	step := min(end, w.trimmed+trimStep)
	if step <= w.trimmed {
		return false, nil
	}
	if err := w.begin(); err != nil {
		return false, err
	}
	err = w.c.exec("DELETE FROM changes WHERE seq<=?", step)
	if err == nil {
		err = w.c.exec("UPDATE meta SET value=? WHERE key='trimmed'", step)
	}
	if err == nil {
		err = w.c.exec("COMMIT")
	}
	if err != nil {
		w.rollback()
		return false, err
	}
	w.trimmed = step
	w.afterCommit()
	return step < end, nil
}

// Bounds of the write-ahead log in frames of one page.
const (
	checkpointFrames = 1000  // from here on it is moved into the database beside other work
	maxLogFrames     = 16000 // from here on the writer waits for that
)

// afterCommit starts a checkpoint when the write-ahead log is long enough.
func (w *writer) afterCommit() {
	f := w.f
	n := f.wal.Add(int64(w.c.pagesWritten()))
	if n < checkpointFrames || f.checkpointing.Swap(true) {
		return
	}
	f.s.mu.Lock()
	if f.gone { // closing the file does it
		f.s.mu.Unlock()
		f.checkpointing.Store(false)
		return
	}
	f.refs++
	if f.elem != nil {
		f.s.idle.Remove(f.elem)
		f.elem = nil
	}
	f.s.work.Go(func() {
		f.checkpoint()
		f.checkpointing.Store(false)
		f.s.release(f)
	})
	f.s.mu.Unlock()
}

// checkpoint moves the write-ahead log into the database. It does not hold up the writer, unless the log cannot start
// afresh because new commits are added all the time or readers never leave it.
func (f *file) checkpoint() {
	c, err := f.borrow(context.Background())
	if err == nil {
		var frames, done int
		frames, done, err = c.checkpoint(lib.SQLITE_CHECKPOINT_PASSIVE)
		f.giveBack(c)
		f.wal.Store(int64(frames - done))
		if err == nil && frames > maxLogFrames {
			err = f.w.do(context.Background(), func() error {
				f.w.c.busyTimeout(100) // writes wait meanwhile
				defer f.w.c.busyTimeout(busyTimeout)
				_, _, err := f.w.c.checkpoint(lib.SQLITE_CHECKPOINT_RESTART)
				return err
			})
		}
	}
	if err != nil && resultCode(err) != lib.SQLITE_BUSY {
		f.s.log.Warn("A checkpoint failed; it will be tried again.", "app", f.app, "error", err)
	}
}
