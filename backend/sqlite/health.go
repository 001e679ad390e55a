package sqlite

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Problem is something that is wrong with an app's file.
type Problem struct {
	App     string
	Message string // for the operator
}

// Health returns what is known to be wrong with files, sorted by app; empty when all is well. A file that was in use
// when the process was killed is checked in the background after it is opened again.
func (s *Store) Health() []Problem {
	s.mu.Lock()
	defer s.mu.Unlock()
	problems := make([]Problem, 0, len(s.health))
	for _, p := range s.health {
		problems = append(problems, p)
	}
	slices.SortFunc(problems, func(a, b Problem) int { return strings.Compare(a.App, b.App) })
	return problems
}

// resolve forgets what was wrong with an app's file, because it is another file now.
func (s *Store) resolve(app string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.health, app)
}

// checkLater checks the structure of a file beside other work. The file stays open during the check.
func (s *Store) checkLater(app string) {
	s.log.Warn("An app's file was not closed cleanly; it is being checked.", "app", app)
	s.work.Go(func() {
		select {
		case s.checks <- struct{}{}: // one check at a time
		case <-s.closing:
			return
		}
		defer func() { <-s.checks }()
		found, err := s.check(app)
		if errors.Is(err, errCheckEnded) {
			return
		}
		if err != nil {
			found = append(found, err.Error())
		}
		if len(found) == 0 {
			s.log.Info("An app's file was checked and is sound.", "app", app)
			return
		}
		s.log.Error("An app's file is damaged.", "app", app, "file", s.path(app), "found", found)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.health[app] = Problem{App: app, Message: fmt.Sprintf("%s is damaged, restore it from a snapshot: %s",
			s.path(app), strings.Join(found, "; "))}
	})
}

// errCheckEnded says that a check was ended because the file has to be closed.
var errCheckEnded = errors.New("check ended")

// check returns what quick_check finds, table by table, so that no single read lasts for the whole file.
func (s *Store) check(app string) (found []string, err error) {
	f, err := s.acquire(context.Background(), app)
	if err != nil {
		return nil, errCheckEnded // dropped or unreadable: others report that
	}
	defer s.release(f)
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	go func() {
		select {
		case <-f.want:
		case <-s.closing:
		case <-ctx.Done():
		}
		cancel(errCheckEnded)
	}()
	c, err := f.openReader()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	defer c.interruptWhen(ctx)()
	tables, err := c.strings("SELECT name FROM sqlite_schema WHERE type='table' AND rootpage>0")
	if err != nil {
		return nil, err
	}
	for _, t := range tables {
		lines, err := c.strings(`PRAGMA quick_check("` + strings.ReplaceAll(t, `"`, `""`) + `")`)
		if cause := context.Cause(ctx); cause != nil {
			return nil, cause
		}
		if err != nil {
			return found, err
		}
		for _, l := range lines {
			if l != "ok" && len(found) < 10 {
				found = append(found, t+": "+l)
			}
		}
	}
	return found, nil
}
