package engine

import (
	"github.com/maypok86/otter/v2"

	para "github.com/erudika/para-go"
)

// userCacheBytes bounds the memory of decoded users: some thousands, who sign nearly every request.
const userCacheBytes = 16 << 20

// userCache keeps users decoded while their record stays in the record cache. What it keeps is never older than that
// record, so a change of a user counts for the next request, as a new token secret must. A nil *userCache keeps nothing.
type userCache struct {
	users *otter.Cache[cacheKey, decodedUser]
}

type decodedUser struct {
	record *para.Record // what the user was decoded from
	user   *para.Object
}

func newUserCache() (*userCache, error) {
	users, err := otter.New(&otter.Options[cacheKey, decodedUser]{
		MaximumWeight: userCacheBytes,
		Weigher: func(_ cacheKey, d decodedUser) uint32 { // the record itself counts, though it is often shared
			return uint32(min(2*len(d.record.Data)+5*recordOverhead, 1<<31))
		},
		ExpiryCalculator: otter.ExpiryWriting[cacheKey, decodedUser](cacheLifetime),
	})
	if err != nil {
		return nil, err
	}
	return &userCache{users}, nil
}

// decode returns the user that a record holds. Nobody may change it.
func (c *userCache) decode(app string, r *para.Record) (*para.Object, error) {
	k := cacheKey{app, r.ID}
	if c != nil {
		if d, ok := c.users.GetIfPresent(k); ok && d.record == r {
			return d.user, nil
		}
	}
	o, err := para.DecodeObject(r.Data)
	if err != nil {
		return nil, para.Wrap(para.Corrupt, "read user "+r.ID, err)
	}
	if c != nil {
		c.users.Set(k, decodedUser{r, o})
	}
	return o, nil
}
