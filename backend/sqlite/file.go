package sqlite

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/erudika/para-go"
	lib "modernc.org/sqlite/lib"
)

// file is the file of one app while it is open: one writer and some connections for reading.
type file struct {
	s    *Store
	app  string
	path string

	ready chan struct{} // closed when opening ended
	err   error         // why opening failed; set before ready is closed
	left  chan struct{} // closed when the file is closed and out of Store.files
	want  chan struct{} // closed when somebody wants the file closed: lengthy background work ends

	// Guarded by Store.mu.
	refs   int
	opened bool
	gone   bool // no new users: the file closes when refs is 0
	elem   *list.Element
	used   time.Time

	closeErr error // set before left is closed

	w *writer

	touched touchedLog // for searches that remember what they read

	wal           atomic.Int64 // frames in the write-ahead log that are not in the database, about
	checkpointing atomic.Bool
	restart       time.Time // the writer does not wait for readers of the write-ahead log before; belongs to the checkpoint

	slots   chan struct{} // held with a borrowed reader
	search  appTurns      // the app's searches that run and wait
	checked chan struct{} // held while the index is checked
	mu      sync.Mutex
	readers []*conn // not borrowed, the last used one last
}

// acquire returns the open file of an app, opening it when needed. Call release after use.
func (s *Store) acquire(ctx context.Context, app string) (*file, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, readFailure("open app", err)
		}
		s.mu.Lock()
		if s.closed {
			s.mu.Unlock()
			return nil, errClosed()
		}
		f := s.files[app]
		if f == nil {
			f = &file{
				s: s, app: app, path: s.path(app), refs: 1,
				ready: make(chan struct{}), left: make(chan struct{}), want: make(chan struct{}),
			}
			s.files[app] = f
			s.mu.Unlock()
			return f, s.openFile(ctx, f)
		}
		if f.gone {
			s.mu.Unlock()
			if err := wait(ctx, f.left); err != nil {
				return nil, err
			}
			continue
		}
		f.refs++
		if f.elem != nil {
			s.idle.Remove(f.elem)
			f.elem = nil
		}
		opened := f.opened
		s.mu.Unlock()
		if opened {
			return f, nil
		}
		if err := wait(ctx, f.ready); err != nil {
			go func() { // the file is opening: this use ends when that does
				<-f.ready
				if f.err == nil {
					s.release(f)
				}
			}()
			return nil, err
		}
		if f.err == nil {
			return f, nil
		}
		if errors.Is(f.err, context.Canceled) || errors.Is(f.err, context.DeadlineExceeded) {
			continue // whoever opened it gave up
		}
		return nil, f.err
	}
}

// wait waits for c to be closed.
func wait(ctx context.Context, c <-chan struct{}) error {
	select {
	case <-c:
		return nil
	case <-ctx.Done():
		return readFailure("wait for app", ctx.Err())
	}
}

// openFile opens a file that stands in Store.files as being opened.
func (s *Store) openFile(ctx context.Context, f *file) error {
	err := s.takeSlot(ctx)
	if err == nil {
		if err = f.open(); err != nil {
			s.mu.Lock()
			s.giveSlot()
			s.mu.Unlock()
		}
	}
	if err != nil {
		f.err = readFailure(fmt.Sprintf("open app %q", f.app), err)
		s.mu.Lock()
		delete(s.files, f.app)
		s.mu.Unlock()
		close(f.ready)
		close(f.left)
		return f.err
	}
	s.mu.Lock()
	f.opened = true
	s.mu.Unlock()
	close(f.ready)
	return nil
}

// release ends one use of a file.
func (s *Store) release(f *file) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f.refs--
	if f.refs > 0 {
		return
	}
	f.used = time.Now()
	if f.gone || s.closed || len(s.waiters) > s.leaving {
		s.leave(f)
		return
	}
	f.elem = s.idle.PushBack(f)
}

// leave closes a file that nobody uses. Store.mu is held.
func (s *Store) leave(f *file) {
	f.gone = true
	if f.elem != nil {
		s.idle.Remove(f.elem)
		f.elem = nil
	}
	s.leaving++
	s.work.Go(func() {
		f.closeErr = f.close()
		if f.closeErr != nil {
			s.log.Error("An app's file was not closed cleanly; nothing acknowledged is lost.", "app", f.app, "error", f.closeErr)
		}
		s.mu.Lock()
		delete(s.files, f.app)
		s.leaving--
		s.giveSlot()
		s.mu.Unlock()
		close(f.left)
	})
}

// exclusive runs do while nobody uses the app's file and it is closed.
func (s *Store) exclusive(ctx context.Context, app string, do func() error) error {
	for {
		if err := s.usable(ctx); err != nil {
			return err
		}
		s.mu.Lock()
		f := s.files[app]
		if f == nil && !s.closed {
			break
		}
		if f == nil {
			s.mu.Unlock()
			continue
		}
		if !f.gone {
			f.gone = true
			close(f.want)
			if f.refs == 0 {
				s.leave(f)
			}
		}
		s.mu.Unlock()
		if err := wait(ctx, f.left); err != nil {
			return err
		}
	}
	// A placeholder makes others wait.
	f := &file{app: app, gone: true, left: make(chan struct{})}
	s.files[app] = f
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		delete(s.files, app)
		s.mu.Unlock()
		close(f.left)
	}()
	return do()
}

// givingWay returns a context for lengthy work on a file: it ends with the cause when somebody wants the file, or the store,
// closed. Call stop when the work is done.
func (s *Store) givingWay(ctx context.Context, f *file, cause error) (_ context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		select {
		case <-f.want:
		case <-s.closing:
		case <-ctx.Done():
		}
		cancel(cause)
	}()
	return ctx, func() { cancel(nil) }
}

// takeSlot waits until one more file may be open. Openings are served in order.
func (s *Store) takeSlot(ctx context.Context) error {
	s.mu.Lock()
	if s.open < s.opts.MaxOpen && len(s.waiters) == 0 {
		s.open++
		s.mu.Unlock()
		return nil
	}
	granted := make(chan struct{})
	s.waiters = append(s.waiters, granted)
	if e := s.idle.Front(); e != nil && len(s.waiters) > s.leaving {
		s.leave(e.Value.(*file))
	}
	s.mu.Unlock()
	select {
	case <-granted:
		return nil
	case <-ctx.Done():
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, w := range s.waiters {
		if w == granted {
			s.waiters = append(s.waiters[:i], s.waiters[i+1:]...)
			return ctx.Err()
		}
	}
	return nil // granted in the meantime
}

// giveSlot passes a slot on to the opening that waits longest. Store.mu is held.
func (s *Store) giveSlot() {
	if len(s.waiters) == 0 {
		s.open--
		return
	}
	close(s.waiters[0])
	s.waiters = s.waiters[1:]
}

// open checks the file, upgrades it where needed, and starts its writer.
func (f *file) open() error {
	there, err := exists(f.path)
	if err != nil {
		return err
	}
	if !there {
		return errAppNotFound(f.app)
	}
	if err := checkMagic(f.path); err != nil {
		return err
	}
	info, err := os.Stat(f.path + "-wal")
	unclean := err == nil && info.Size() > 0
	c, err := openConn(f.path, openExisting)
	if err != nil {
		return err
	}
	w, err := f.prepareWriter(c)
	if err != nil {
		return errors.Join(err, c.close())
	}
	f.w = w
	f.slots = make(chan struct{}, f.s.opts.Readers)
	f.search = newAppTurns(f.s.opts.Readers)
	f.checked = make(chan struct{}, 1)
	go w.loop()
	if unclean {
		f.s.checkLater(f.app)
	}
	return nil
}

func (f *file) prepareWriter(c *conn) (*writer, error) {
	if err := f.setup(c); err != nil {
		return nil, err
	}
	n, err := format(c, f.path)
	if err != nil {
		return nil, err
	}
	if n < formatNumber {
		if err := f.upgrade(c, n, upgrades[:]); err != nil {
			return nil, err
		}
	}
	app, err := c.string("SELECT value FROM meta WHERE key='app'")
	if err != nil {
		return nil, err
	}
	if app != f.app {
		return nil, corruptFile(f.path, fmt.Sprintf("it holds the app %q, not %q", app, f.app))
	}
	return newWriter(f, c)
}

// setup sets a connection for writing.
func (f *file) setup(c *conn) error {
	if err := c.script("PRAGMA synchronous=" + f.s.opts.synchronous() + `;
		PRAGMA journal_mode=WAL;
		PRAGMA wal_autocheckpoint=0;
		PRAGMA journal_size_limit=67108864;
		PRAGMA cache_size=-4000;
		PRAGMA temp_store=MEMORY;
		PRAGMA trusted_schema=OFF`); err != nil {
		return err
	}
	if f.s.opts.MaxFileSize == 0 {
		return nil
	}
	size, err := c.int64("PRAGMA page_size")
	if err != nil {
		return err
	}
	return c.script(fmt.Sprintf("PRAGMA max_page_count=%d", max(1, f.s.opts.MaxFileSize/size)))
}

// upgrade copies the file, then runs the steps.
func (f *file) upgrade(c *conn, from int, steps []func(*conn) error) error {
	dir := filepath.Join(f.s.opts.Dir, "before-upgrade")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	name := fmt.Sprintf("%s-format%d-%s%s", fileName(f.app), from, time.Now().UTC().Format("20060102T150405.000"), storeSuffix)
	target := filepath.Join(dir, name)
	if err := copyDatabase(c, target); err != nil {
		return fmt.Errorf("copy before the upgrade: %w", err)
	}
	if err := errors.Join(syncFile(target), syncDir(dir)); err != nil {
		return err
	}
	f.s.log.Info("The format of an app's file is being upgraded; a copy was kept.", "app", f.app, "from", from, "copy", target)
	return upgrade(c, from, steps)
}

// close ends the writer and closes all connections.
func (f *file) close() error {
	f.w.stop()
	f.s.cache.forget(f)
	var errs []error
	for _, c := range f.readers {
		errs = append(errs, c.close())
	}
	errs = append(errs, f.w.c.close()) // moves the write-ahead log into the database
	return errors.Join(errs...)
}

// borrow returns a connection for reading. Give it back with giveBack.
func (f *file) borrow(ctx context.Context) (*conn, error) {
	select {
	case f.slots <- struct{}{}:
	default:
		select {
		case f.slots <- struct{}{}:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	f.mu.Lock()
	if n := len(f.readers); n > 0 {
		c := f.readers[n-1]
		f.readers = f.readers[:n-1]
		f.mu.Unlock()
		return c, nil
	}
	f.mu.Unlock()
	c, err := f.openReader()
	if err != nil {
		<-f.slots
		return nil, err
	}
	return c, nil
}

// openReader opens a connection that changes nothing but can run checkpoints.
func (f *file) openReader() (*conn, error) {
	c, err := openConn(f.path, openExisting)
	if err != nil {
		return nil, err
	}
	if err := c.script(`PRAGMA query_only=ON; PRAGMA wal_autocheckpoint=0; PRAGMA cache_size=-2000;
		PRAGMA temp_store=MEMORY; PRAGMA trusted_schema=OFF`); err != nil {
		return nil, errors.Join(err, c.close())
	}
	return c, nil
}

// giveBack ends the loan of a connection. After an error of the file system or the file it is not used again.
func (f *file) giveBack(c *conn, err error) {
	defer func() { <-f.slots }()
	switch resultCode(err) {
	case lib.SQLITE_IOERR, lib.SQLITE_CORRUPT, lib.SQLITE_NOTADB, lib.SQLITE_CANTOPEN, lib.SQLITE_NOMEM, lib.SQLITE_MISUSE:
		if err := c.close(); err != nil {
			f.s.log.Warn("A connection was not closed cleanly.", "app", f.app, "error", err)
		}
		return
	}
	f.mu.Lock()
	f.readers = append(f.readers, c)
	f.mu.Unlock()
}

// read runs do with a connection that is inside a read transaction: all that it reads is of one moment. The read is
// interrupted when ctx ends or after Options.MaxReadTime; do returns the error it got from the connection then.
func (s *Store) read(ctx context.Context, app string, do func(c readConn) error) (err error) {
	f, err := s.acquire(ctx, app)
	if err != nil {
		return err
	}
	defer s.release(f)
	ctx, cancel := context.WithTimeoutCause(ctx, s.opts.MaxReadTime, errReadTooLong)
	defer cancel()
	c, err := f.borrow(ctx)
	if err != nil {
		return readFailure("read", err)
	}
	stop := c.interruptWhen(ctx)
	finished := false
	defer func() {
		stop()
		if !finished { // do panicked
			c.resetAll()
		}
		if c.inTransaction() {
			err = errors.Join(err, c.exec("ROLLBACK"))
		}
		f.giveBack(c, err)
		if err != nil && ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		err = readFailure("read", err)
	}()
	err = c.exec("BEGIN")
	if err == nil {
		err = do(c)
	}
	finished = true
	return err
}

var errReadTooLong = &para.Error{Code: para.Unavailable, Message: "The read took too long."}

// interruptWhen interrupts the connection's statements from the end of ctx on, until the function it returns is called.
func (c *conn) interruptWhen(ctx context.Context) (stop func()) {
	ended := make(chan struct{})
	finished := make(chan struct{})
	detach := context.AfterFunc(ctx, func() {
		defer close(finished)
		c.stop.Store(true)
		for {
			c.interrupt() // once more, in case a statement was just starting
			select {
			case <-ended:
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	})
	return func() {
		close(ended)
		if !detach() {
			<-finished
		}
		c.stop.Store(false)
	}
}
