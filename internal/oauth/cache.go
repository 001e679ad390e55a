package oauth

import (
	"context"
	"errors"
	"sync"
	"time"
)

const (
	maxRemembered = 256             // issuers, and sets of keys; the one that was used longest ago gives way
	freshFor      = time.Hour       // until what was fetched is fetched again
	staleFor      = 24 * time.Hour  // how long it still counts when that fails
	retryAfter    = time.Minute     // between attempts because of a key that is not among those known
	failedFor     = 5 * time.Second // between attempts after a failure with nothing remembered
	maxRecent     = 20_000
)

// cache remembers what was fetched from addresses: the keys and the descriptions of issuers.
type cache[T any] struct {
	fetch func(ctx context.Context, address string) (T, error)
	now   func() time.Time
	max   int

	mu      sync.Mutex
	entries map[string]*entry[T]
}

// entry is what is remembered of one address. Its turn is taken by one request at a time, so that an address is fetched
// once for all that wait.
type entry[T any] struct {
	turn    chan struct{}
	used    time.Time // guarded by the cache
	value   T
	fetched time.Time // zero: never
	tried   time.Time
	err     error // of the last attempt
}

func newCache[T any](limit int, now func() time.Time, fetch func(context.Context, string) (T, error)) *cache[T] {
	return &cache[T]{fetch: fetch, now: now, max: limit, entries: map[string]*entry[T]{}}
}

// get returns what an address holds. renew asks for more than what is remembered, because it lacks something; that is
// granted once a minute.
func (c *cache[T]) get(ctx context.Context, address string, renew bool) (T, error) {
	var none T
	e := c.entry(address)
	select {
	case e.turn <- struct{}{}:
	case <-ctx.Done():
		return none, ctx.Err()
	}
	defer func() { <-e.turn }()
	now := c.now()
	age := now.Sub(e.fetched)
	known := !e.fetched.IsZero() && age < staleFor
	var due bool
	switch {
	case !known:
		due = e.err == nil || now.Sub(e.tried) >= failedFor
	default:
		due = (age >= freshFor || renew) && now.Sub(e.tried) >= retryAfter
	}
	if due {
		value, err := c.fetch(ctx, address)
		if ctx.Err() != nil {
			return none, ctx.Err() // the one who asked went away, which says nothing about the address
		}
		e.tried, e.err = now, err
		if err == nil {
			e.value, e.fetched, known = value, now, true
		}
	}
	if !known {
		return none, e.err
	}
	return e.value, nil
}

// put remembers what was fetched by other ways.
func (c *cache[T]) put(address string, value T) {
	e := c.entry(address)
	e.turn <- struct{}{}
	e.value, e.fetched, e.tried, e.err = value, c.now(), c.now(), nil
	<-e.turn
}

func (c *cache[T]) entry(address string) *entry[T] {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.entries[address]
	if e == nil {
		if len(c.entries) >= c.max {
			c.forgetOldest()
		}
		e = &entry[T]{turn: make(chan struct{}, 1)}
		c.entries[address] = e
	}
	e.used = c.now()
	return e
}

func (c *cache[T]) forgetOldest() {
	var oldest string
	for address, e := range c.entries {
		if oldest == "" || e.used.Before(c.entries[oldest].used) {
			oldest = address
		}
	}
	delete(c.entries, oldest)
}

// recent remembers texts for a while. When it is full, the older half is forgotten.
type recent struct {
	mu       sync.Mutex
	now      func() time.Time
	half     int
	new, old map[string]time.Time
}

func newRecent(limit int, now func() time.Time) *recent {
	return &recent{now: now, half: limit / 2, new: map[string]time.Time{}}
}

// add remembers a text until a time, and says whether it was there already.
func (r *recent) add(text string, until time.Time) (again bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	again = r.has(text)
	if len(r.new) >= r.half {
		r.old, r.new = r.new, map[string]time.Time{}
	}
	r.new[text] = until
	return again
}

// contains says whether a text is remembered.
func (r *recent) contains(text string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.has(text)
}

func (r *recent) has(text string) bool {
	until, ok := r.new[text]
	if !ok {
		until, ok = r.old[text]
	}
	return ok && r.now().Before(until)
}

var errNoKey = errors.New("the ID token is signed with a key that its issuer does not publish")
