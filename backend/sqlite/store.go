package sqlite

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/erudika/para-go"
)

// Store keeps apps in a data folder. It implements para.Store, para.Searcher and para.Snapshotter.
type Store struct {
	opts Options
	log  *slog.Logger
	apps string // folder of the apps' files
	tmp  string
	lock *os.File

	turns  chan struct{} // held while a group is committed; waiting writers are served in order
	checks chan struct{} // held while a file is checked after a crash

	searches    searchTurns
	indexChecks chan struct{} // held while an index is checked
	cache       *indexCache

	mu      sync.Mutex
	files   map[string]*file // open, opening and closing ones by identifier
	idle    *list.List       // files nobody uses, the longest unused first
	open    int              // slots taken
	waiters []chan struct{}  // openings that wait for a slot
	leaving int              // files being closed
	closed  bool
	health  map[string]Problem

	closing chan struct{}  // closed when Close begins
	work    sync.WaitGroup // goroutines of the store
}

var (
	_ para.Store       = (*Store)(nil)
	_ para.Searcher    = (*Store)(nil)
	_ para.Snapshotter = (*Store)(nil)

	_ para.Rebuilder    = (*Store)(nil)
	_ para.IndexChecker = (*Store)(nil)
	_ para.Explainer    = (*Store)(nil)
)

// Open opens the data folder, finishes what a crash interrupted, and opens the root app's file, which it makes in a
// fresh folder. It fails, with a message that says what to do, when another process uses the folder, when the root app
// cannot be read, or when a fresh root app would be made beside older data (B 6.6, D98).
func Open(opts Options) (*Store, error) {
	if err := opts.complete(); err != nil {
		return nil, err
	}
	dir, err := filepath.Abs(opts.Dir)
	if err != nil {
		return nil, fmt.Errorf("sqlite: open: %w", err)
	}
	s := &Store{
		opts:        opts,
		log:         opts.Logger,
		apps:        filepath.Join(dir, "apps"),
		tmp:         filepath.Join(dir, "tmp"),
		turns:       make(chan struct{}, max(4, 2*runtime.GOMAXPROCS(0))),
		checks:      make(chan struct{}, 1),
		searches:    newSearchTurns(),
		cache:       newIndexCache(),
		indexChecks: make(chan struct{}, 2),
		files:       make(map[string]*file),
		idle:        list.New(),
		health:      make(map[string]Problem),
		closing:     make(chan struct{}),
	}
	s.opts.Dir = dir
	for _, d := range []string{dir, s.apps, s.tmp} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return nil, fmt.Errorf("sqlite: open: %w", err)
		}
	}
	if s.lock, err = lockFolder(dir); err != nil {
		return nil, fmt.Errorf("sqlite: open: %w", err)
	}
	if err := s.start(); err != nil {
		s.lock.Close()
		return nil, fmt.Errorf("sqlite: open: %w", err)
	}
	return s, nil
}

func (s *Store) start() error {
	if s.path(s.opts.RootApp) == "" {
		return fmt.Errorf("the root app's name %q is too long", s.opts.RootApp)
	}
	if err := syncDir(s.opts.Dir); err != nil {
		return err
	}
	if err := s.recoverFiles(); err != nil {
		return err
	}
	if err := s.openRoot(); err != nil {
		return err
	}
	s.work.Go(s.closeIdle)
	return nil
}

// recoverFiles removes what creations, restores and removals left behind when the process ended in their midst.
func (s *Store) recoverFiles() error {
	spooled, err := os.ReadDir(s.tmp)
	if err != nil {
		return err
	}
	for _, e := range spooled {
		if err := os.RemoveAll(filepath.Join(s.tmp, e.Name())); err != nil {
			return err
		}
	}
	entries, err := os.ReadDir(s.apps)
	if err != nil {
		return err
	}
	for _, e := range entries {
		name := e.Name()
		path := filepath.Join(s.apps, name)
		switch base, logs := cutLogSuffix(name); {
		case strings.HasSuffix(name, newSuffix), strings.HasSuffix(name, droppedSuffix):
			err = remove(path)
		case logs:
			var there bool
			if there, err = exists(filepath.Join(s.apps, base)); err == nil && !there {
				err = remove(path)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// cutLogSuffix returns the name of the database that a log file belongs to.
func cutLogSuffix(name string) (base string, ok bool) {
	for _, suffix := range []string{"-wal", "-shm", "-journal"} {
		if base, ok := strings.CutSuffix(name, suffix); ok {
			return base, true
		}
	}
	return name, false
}

// openRoot opens the root app's file, or makes it where that cannot hide older data.
func (s *Store) openRoot() error {
	root := s.path(s.opts.RootApp)
	there, err := exists(root)
	if err != nil {
		return err
	}
	if !there {
		if err := s.refuseFreshRoot(root); err != nil {
			return err
		}
		if err := s.createFile(root, s.opts.RootApp); err != nil {
			return err
		}
	}
	f, err := s.acquire(context.Background(), s.opts.RootApp)
	if err != nil {
		return fmt.Errorf("the root app %q cannot be read, so nothing is started: %w", s.opts.RootApp, err)
	}
	s.release(f)
	return nil
}

func (s *Store) refuseFreshRoot(root string) error {
	// Where the H2 store of the Java server keeps everything (B 6.2).
	h2 := filepath.Join(s.opts.Dir, s.opts.RootApp+".mv.db")
	if there, err := exists(h2); err != nil {
		return err
	} else if there {
		return &para.Error{Code: para.Unavailable, Message: "Data of the Java server was not migrated.",
			Err: fmt.Errorf("%s holds the data of a Java server and was not migrated. Stop the Java server and write it out with "+
				"`java -cp h2-*.jar org.h2.tools.Script -url jdbc:h2:%s -user %s -password secret -script para.sql`, "+
				"or export its apps over HTTP, then import that; or move the file away to start empty",
				h2, strings.TrimSuffix(h2, ".mv.db"), s.opts.RootApp)}
	}
	entries, err := os.ReadDir(s.apps)
	if err != nil {
		return err
	}
	var others []string
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), storeSuffix) {
			others = append(others, e.Name())
		}
	}
	if len(others) == 0 || s.opts.AllowNewRoot {
		return nil
	}
	names := strings.Join(others[:min(3, len(others))], ", ")
	return &para.Error{Code: para.Unavailable, Message: "The root app's data is missing.",
		Err: fmt.Errorf("%s does not exist, but there are files of %d other apps (%s). A fresh root app would lock all of them out. "+
			"Put the file back, restore the root app from a snapshot, set the name of the root app to that of one of these files, "+
			"or move the files away to start empty", root, len(others), names)}
}

// path returns the file of an app, "" for an identifier that cannot have one.
func (s *Store) path(app string) string {
	name := fileName(app)
	if name == "" {
		return ""
	}
	return filepath.Join(s.apps, name+storeSuffix)
}

// createFile makes the file of an app under another name and renames it when it is complete.
func (s *Store) createFile(path, app string) error {
	fresh := strings.TrimSuffix(path, storeSuffix) + newSuffix
	if err := removeDatabase(fresh); err != nil {
		return err
	}
	if err := s.writeNew(fresh, app); err != nil {
		return errors.Join(err, removeDatabase(fresh))
	}
	if err := removeLogs(path); err != nil {
		return err
	}
	return replace(fresh, path)
}

func (s *Store) writeNew(path, app string) error {
	c, err := openConn(path, openCreate)
	if err != nil {
		return err
	}
	// The file is synchronised as a whole before it gets its name.
	err = c.script("PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF")
	if err == nil {
		err = createSchema(c, app)
	}
	if err = errors.Join(err, c.close()); err != nil {
		return err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return err
	}
	return syncFile(path)
}

// CreateApp makes the file of an app (see the package documentation for the order with the app's record).
func (s *Store) CreateApp(ctx context.Context, app string) error {
	path := s.path(app)
	if path == "" {
		return para.Errorf(para.Invalid, "An app needs an identifier of at most %d characters.", maxFileName)
	}
	err := s.exclusive(ctx, app, func() error {
		if there, err := exists(path); err != nil || there {
			return err
		}
		return s.createFile(path, app)
	})
	return writeFailure("create app", err)
}

// DropApp removes the file of an app. The root app cannot be dropped: that is an Invalid error.
func (s *Store) DropApp(ctx context.Context, app string) error {
	if app == s.opts.RootApp {
		return para.Errorf(para.Invalid, "The root app cannot be removed.")
	}
	path := s.path(app)
	err := s.exclusive(ctx, app, func() error {
		there, err := exists(path)
		if err != nil || !there {
			return err
		}
		dropped := strings.TrimSuffix(path, storeSuffix) + droppedSuffix
		if err := replace(path, dropped); err != nil {
			return err
		}
		s.resolve(app)
		return errors.Join(removeLogs(path), remove(dropped))
	})
	return writeFailure("drop app", err)
}

// HasApp says whether the app has a file.
func (s *Store) HasApp(ctx context.Context, app string) (bool, error) {
	if err := s.usable(ctx); err != nil {
		return false, err
	}
	s.mu.Lock()
	f := s.files[app]
	open := f != nil && f.opened
	s.mu.Unlock()
	if open {
		return true, nil
	}
	there, err := exists(s.path(app))
	return there, readFailure("has app", err)
}

// Apps lists the apps with a file, whether it can be read or not.
func (s *Store) Apps(ctx context.Context) ([]string, error) {
	if err := s.usable(ctx); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(s.apps)
	if err != nil {
		return nil, readFailure("list apps", err)
	}
	var apps []string
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), storeSuffix)
		if !ok {
			continue
		}
		if app, ok := appName(name); ok {
			apps = append(apps, app)
		}
	}
	slices.Sort(apps)
	return apps, nil
}

// Properties says what the store can do.
func (s *Store) Properties() para.Properties {
	return para.Properties{
		Name:          "SQLite",
		Transactions:  true,
		Searches:      true,
		Durable:       s.opts.Durability == Full,
		MaxRecordSize: s.opts.MaxRecordSize,
	}
}

func (s *Store) usable(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return errClosed()
	}
	if err := ctx.Err(); err != nil {
		return readFailure("store", err)
	}
	return nil
}

// closeIdle closes apps that were not used for a while.
func (s *Store) closeIdle() {
	tick := time.NewTicker(max(s.opts.IdleClose/4, 10*time.Millisecond))
	defer tick.Stop()
	for {
		select {
		case <-s.closing:
			return
		case now := <-tick.C:
			s.mu.Lock()
			for e := s.idle.Front(); e != nil; e = s.idle.Front() {
				f := e.Value.(*file)
				if now.Sub(f.used) < s.opts.IdleClose {
					break
				}
				s.leave(f)
			}
			s.mu.Unlock()
		}
	}
}

// Close finishes what runs, closes all files and releases the folder. Calls after the first return nil.
func (s *Store) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	close(s.closing)
	var all []*file
	for _, f := range s.files {
		all = append(all, f)
		if f.refs == 0 && !f.gone {
			s.leave(f)
		}
	}
	s.mu.Unlock()
	var errs []error
	for _, f := range all {
		<-f.left
		errs = append(errs, f.closeErr)
	}
	s.work.Wait()
	errs = append(errs, s.lock.Close())
	return writeFailure("close", errors.Join(errs...))
}
