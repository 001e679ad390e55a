package engine

import (
	"github.com/maypok86/otter/v2"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/apikey"
)

// Bounds of what is kept decoded, in bytes: some thousands of users and API keys, who sign nearly every request.
const (
	userCacheBytes = 16 << 20
	keyCacheBytes  = 4 << 20
)

// decodedCache keeps what records hold in decoded form while they stay in the record cache. What it keeps is never older
// than that record, so a change counts for the next request: a new token secret, a revoked key.
type decodedCache[T any] struct {
	values *otter.Cache[cacheKey, decoded[T]]
	read   func([]byte) (T, error)
}

type decoded[T any] struct {
	record *para.Record // what the value was decoded from
	value  T
}

type (
	userCache = decodedCache[*para.Object]
	keyCache  = decodedCache[*apikey.Key]
)

func newUserCache() (*userCache, error) { return newDecodedCache(userCacheBytes, para.DecodeObject) }
func newKeyCache() (*keyCache, error)   { return newDecodedCache(keyCacheBytes, apikey.Decode) }

func newDecodedCache[T any](bytes uint64, read func([]byte) (T, error)) (*decodedCache[T], error) {
	values, err := otter.New(&otter.Options[cacheKey, decoded[T]]{
		MaximumWeight: bytes,
		Weigher: func(_ cacheKey, d decoded[T]) uint32 { // the record itself counts, though it is often shared
			return uint32(min(2*len(d.record.Data)+5*recordOverhead, 1<<31))
		},
		ExpiryCalculator: otter.ExpiryWriting[cacheKey, decoded[T]](cacheLifetime),
	})
	if err != nil {
		return nil, err
	}
	return &decodedCache[T]{values, read}, nil
}

// decode returns what a record holds. Nobody may change it.
func (c *decodedCache[T]) decode(app string, r *para.Record) (T, error) {
	k := cacheKey{app, r.ID}
	if d, ok := c.values.GetIfPresent(k); ok && d.record == r {
		return d.value, nil
	}
	v, err := c.read(r.Data)
	if err != nil {
		return v, para.Wrap(para.Corrupt, "read "+r.Type+" "+r.ID, err)
	}
	c.values.Set(k, decoded[T]{r, v})
	return v, nil
}
