package engine

import (
	"context"
	"crypto/rand"
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
}

// Healthy returns the result of the last check: the services that failed, none when all is well (C 9).
func (e *Engine) Healthy() (failed []string) {
	e.health.mu.Lock()
	defer e.health.mu.Unlock()
	return slices.Clone(e.health.failed)
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
		failed = append(failed, "DAO")
	} else if !e.opts.IndexOff && !e.within(ctx, func(ctx context.Context) bool {
		page, err := e.search.Search(ctx, e.root, &para.Query{Filter: para.IDs{IDs: []string{id}}, Limit: 1})
		return err == nil && len(page.Records) == 1
	}) {
		failed = append(failed, "Search")
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
