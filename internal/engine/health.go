package engine

import (
	"context"
	"crypto/rand"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	para "github.com/erudika/para-go"
)

// healthTimeout bounds the check of one service (C 9).
const healthTimeout = 5 * time.Second

type health struct {
	mu     sync.Mutex
	failed []string
	known  bool

	damaged map[string]bool // apps whose stored data could not be read
	search  map[string]bool // apps whose searches failed since the last check (D55)
	index   map[string]bool // apps whose index was compared with their objects: whether they were equal
	last    time.Time       // when the last such comparison ended
}

// maxNoted bounds the apps whose health is remembered, maxTried those that one check tries.
const (
	maxNoted = 10_000
	maxTried = 10
)

// Healthy returns the services that failed, none when all is well: those of the last check, the search when it has failed
// for any app since (C 9, D55), and the store while the data of an app is known to be damaged.
func (e *Engine) Healthy() (failed []string) {
	e.health.mu.Lock()
	defer e.health.mu.Unlock()
	failed = slices.Clone(e.health.failed)
	if len(e.health.damaged) > 0 && !slices.Contains(failed, storeService) {
		failed = append(failed, storeService)
	}
	if len(e.health.search) > 0 && !slices.Contains(failed, searchService) {
		failed = append(failed, searchService)
	}
	return failed
}

// The names of the store and the search among the services (C 9).
const (
	storeService  = "DAO"
	searchService = "Search"
)

// noteDamage remembers an app whose data the store found damaged. It stays so until the app is restored or gone: that one
// read succeeds says nothing about the others.
func (e *Engine) noteDamage(app string, err error) {
	if para.CodeOf(err) != para.Corrupt {
		return
	}
	e.health.mu.Lock()
	defer e.health.mu.Unlock()
	if e.health.damaged == nil {
		e.health.damaged = map[string]bool{}
	}
	if len(e.health.damaged) < maxNoted && !e.health.damaged[app] {
		e.health.damaged[app] = true
		e.log.Error("The data of an app is damaged; restore it from a backup.", "app", app, "error", err)
	}
}

// noteRestored forgets the damage of an app.
func (e *Engine) noteRestored(app string) {
	e.health.mu.Lock()
	defer e.health.mu.Unlock()
	delete(e.health.damaged, app)
}

// stillDamaged says whether the data of an app is damaged; apps that are gone are forgotten.
func (e *Engine) stillDamaged(ctx context.Context) bool {
	e.health.mu.Lock()
	apps := slices.Collect(maps.Keys(e.health.damaged))
	e.health.mu.Unlock()
	for _, app := range apps[:min(len(apps), maxTried)] {
		if e.within(ctx, func(ctx context.Context) bool {
			_, err := e.store.Get(ctx, app, []string{para.AppID(app)})
			return para.CodeOf(err) == para.NotFound
		}) {
			e.noteRestored(app)
		}
	}
	e.health.mu.Lock()
	defer e.health.mu.Unlock()
	return len(e.health.damaged) > 0
}

// searchFailed notes that the search of an app failed and not the one who searches: the server is not healthy until the
// next check finds that searches of the app succeed (D55, S 20).
func (e *Engine) searchFailed(ctx context.Context, app string, err error) {
	if ctx.Err() != nil {
		return
	}
	switch para.CodeOf(err) {
	case para.Unavailable, para.Corrupt, para.Internal, para.WriteFailed:
	default:
		return
	}
	e.health.mu.Lock()
	defer e.health.mu.Unlock()
	if e.health.search == nil {
		e.health.search = map[string]bool{}
	}
	if len(e.health.search) < maxNoted {
		e.health.search[app] = true
	}
}

// searchesAgain tries the apps whose searches failed and returns whether any still fails. An app that is gone does not.
func (e *Engine) searchesAgain(ctx context.Context) (fails bool) {
	e.health.mu.Lock()
	apps := slices.Collect(maps.Keys(e.health.search))
	e.health.mu.Unlock()
	fails = len(apps) > maxTried
	for _, app := range apps[:min(len(apps), maxTried)] {
		works := e.within(ctx, func(ctx context.Context) bool {
			_, err := e.search.Search(ctx, app, &para.Query{Filter: para.IDs{IDs: []string{para.AppID(app)}}, Limit: 1})
			return err == nil || para.CodeOf(err) == para.NotFound
		})
		if !works {
			fails = true
			continue
		}
		e.health.mu.Lock()
		delete(e.health.search, app)
		e.health.mu.Unlock()
	}
	return fails
}

// IndexHealth is what the comparisons of search indexes with their objects have found since the server started.
type IndexHealth struct {
	Checked int       // apps whose index was compared
	Differ  int       // those whose index was not equal, and was not made anew since
	Last    time.Time // end of the last comparison
}

// IndexHealth returns the results of the comparisons that CheckIndex and Reindex made.
func (e *Engine) IndexHealth() IndexHealth {
	e.health.mu.Lock()
	defer e.health.mu.Unlock()
	h := IndexHealth{Checked: len(e.health.index), Last: e.health.last}
	for _, equal := range e.health.index {
		if !equal {
			h.Differ++
		}
	}
	return h
}

// noteIndex remembers whether an app's index equals its objects.
func (e *Engine) noteIndex(app string, equal bool) {
	e.health.mu.Lock()
	defer e.health.mu.Unlock()
	if e.health.index == nil {
		e.health.index = map[string]bool{}
	}
	if _, there := e.health.index[app]; there || len(e.health.index) < maxNoted {
		e.health.index[app] = equal
	}
	e.health.last = e.now()
}

// CheckHealth reads the root app from the store, past the cache, and finds it in the index; any error counts against the
// service (C 9, D114). A change of state is logged.
func (e *Engine) CheckHealth(ctx context.Context) {
	var failed []string
	id := para.AppID(e.root)
	if !e.within(ctx, func(ctx context.Context) bool {
		r, err := e.store.Get(ctx, e.root, []string{id})
		return err == nil && r[0] != nil
	}) {
		failed = append(failed, storeService)
	} else if !e.opts.IndexOff && !e.within(ctx, func(ctx context.Context) bool {
		page, err := e.search.Search(ctx, e.root, &para.Query{Filter: para.IDs{IDs: []string{id}}, Limit: 1})
		return err == nil && len(page.Records) == 1
	}) {
		failed = append(failed, searchService)
	}
	if e.stillDamaged(ctx) && !slices.Contains(failed, storeService) {
		failed = append(failed, storeService)
	}
	if e.searchesAgain(ctx) && !slices.Contains(failed, searchService) {
		failed = append(failed, searchService)
	}
	if e.cache != nil && !e.cacheWorks() {
		failed = append(failed, "Cache")
	}
	e.health.mu.Lock()
	defer e.health.mu.Unlock()
	was := len(e.health.failed) == 0
	switch {
	case len(failed) > 0 && (was || !e.health.known):
		e.log.Error("Server is no longer healthy! Health check failed for services: " + strings.Join(failed, ", "))
	case len(failed) == 0 && (!was || !e.health.known):
		e.log.Info("Server is healthy.")
	}
	e.health.failed, e.health.known = failed, true
}

func (e *Engine) within(ctx context.Context, check func(context.Context) bool) bool {
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	return check(ctx)
}

func (e *Engine) cacheWorks() bool {
	key := "_health:" + rand.Text()
	_, generation := e.cache.get(e.root, key)
	e.cache.fill(e.root, &para.Record{ID: key}, generation)
	r, _ := e.cache.get(e.root, key)
	e.cache.evict(e.root, key)
	return r != nil
}
