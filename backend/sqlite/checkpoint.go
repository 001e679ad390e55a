package sqlite

import (
	"context"
	"time"

	lib "modernc.org/sqlite/lib"
)

// Bounds of the write-ahead log in frames of one page.
const (
	checkpointFrames = 1000  // from here on it is moved into the database beside other work
	maxLogFrames     = 16000 // from here on the writer waits for that
)

// How long the writer waits for readers to leave the write-ahead log, in milliseconds, and how long it goes on without trying
// again when they do not: a read that takes long costs writes a fiftieth of their time, and the log grows meanwhile.
const (
	restartWait  = 100
	restartPause = 5 * time.Second
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
		f.giveBack(c, err)
		f.wal.Store(int64(min(frames-done, checkpointFrames/2))) // what readers keep there is not tried again with every commit
		if err == nil && frames > maxLogFrames && time.Now().After(f.restart) {
			err = f.w.do(context.Background(), func() error {
				f.w.c.busyTimeout(restartWait) // writes wait meanwhile
				defer f.w.c.busyTimeout(busyTimeout)
				_, _, err := f.w.c.checkpoint(lib.SQLITE_CHECKPOINT_RESTART)
				return err
			})
			if resultCode(err) == lib.SQLITE_BUSY {
				f.restart = time.Now().Add(restartPause)
			}
		}
	}
	if err != nil && resultCode(err) != lib.SQLITE_BUSY {
		f.s.log.Warn("A checkpoint failed; it will be tried again.", "app", f.app, "error", err)
	}
}
