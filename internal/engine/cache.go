package engine

import (
	"hash/maphash"
	"sync"
	"time"

	"github.com/maypok86/otter/v2"

	para "github.com/erudika/para-go"
)

// cacheLifetime is how long a record may be served from memory (D100).
const cacheLifetime = 10 * time.Minute

// recordOverhead is what an entry costs beside its JSON, in bytes: record, key, bookkeeping.
const recordOverhead = 250

type cacheKey struct{ app, id string }

// cache keeps records by app and id, bounded in bytes. A nil *cache keeps nothing.
//
// A record read from the store may be older than a commit that has been answered meanwhile, so filling is guarded: a
// reader notes the stripe's generation before it reads the store, a commit raises it, and fill refuses what was read
// before the raise. The stripes are locks of short sections only.
type cache struct {
	records *otter.Cache[cacheKey, *para.Record]
	seed    maphash.Seed
	stripes [256]stripe
}

type stripe struct {
	mu         sync.Mutex
	generation uint64
}

func newCache(maxBytes int64) (*cache, error) {
	if maxBytes <= 0 {
		return nil, nil
	}
	records, err := otter.New(&otter.Options[cacheKey, *para.Record]{
		MaximumWeight: uint64(maxBytes),
		Weigher: func(k cacheKey, r *para.Record) uint32 {
			return uint32(min(len(k.app)+len(k.id)+len(r.Data)+recordOverhead, 1<<31))
		},
		ExpiryCalculator: otter.ExpiryWriting[cacheKey, *para.Record](cacheLifetime),
	})
	if err != nil {
		return nil, err
	}
	return &cache{records: records, seed: maphash.MakeSeed()}, nil
}

func (c *cache) stripe(k cacheKey) *stripe {
	return &c.stripes[maphash.Comparable(c.seed, k)%uint64(len(c.stripes))]
}

// get returns the record kept for an id, and what fill needs to know when there is none.
func (c *cache) get(app, id string) (r *para.Record, generation uint64) {
	if c == nil {
		return nil, 0
	}
	k := cacheKey{app, id}
	if r, ok := c.records.GetIfPresent(k); ok {
		return r, 0
	}
	s := c.stripe(k)
	s.mu.Lock()
	defer s.mu.Unlock()
	return nil, s.generation
}

// fill keeps a record that was read after generation was noted, unless something was committed since.
func (c *cache) fill(app string, r *para.Record, generation uint64) {
	if c == nil {
		return
	}
	k := cacheKey{app, r.ID}
	s := c.stripe(k)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.generation == generation {
		c.records.Set(k, r)
	}
}

// evict forgets an id after a commit that wrote it; it must be called before the write is answered.
func (c *cache) evict(app, id string) {
	if c == nil {
		return
	}
	k := cacheKey{app, id}
	s := c.stripe(k)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.generation++
	c.records.Invalidate(k)
}

// evictApp forgets everything of an app.
func (c *cache) evictApp(app string) {
	if c == nil {
		return
	}
	for i := range c.stripes {
		c.stripes[i].mu.Lock()
		c.stripes[i].generation++
		c.stripes[i].mu.Unlock()
	}
	for k := range c.records.Keys() {
		if k.app == app {
			c.records.Invalidate(k)
		}
	}
}
