package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"hash"
	"strings"
	"sync"
)

// keyCapacity bounds each of the two generations of cached keys.
const keyCapacity = 1024

// keyCache keeps the signing keys of the apps that were heard of last. When the young generation is full it becomes the
// old one, so a key that is in use stays and memory is bounded.
type keyCache struct {
	mu         sync.Mutex
	young, old map[keyName]*signingKey
}

type keyName struct{ secret, day string }

// signingKey computes signatures with one derived key. Its MACs are kept ready: resetting one is cheaper than keying a
// new one.
type signingKey struct {
	key  []byte
	macs sync.Pool // of hash.Hash
}

func newSigningKey(key []byte) *signingKey {
	k := &signingKey{key: key}
	k.macs.New = func() any { return hmac.New(sha256.New, k.key) }
	return k
}

// appendSignature appends the 32 bytes of a signature.
func (k *signingKey) appendSignature(dst, toSign []byte) []byte {
	h := k.macs.Get().(hash.Hash)
	h.Reset()
	h.Write(toSign)
	dst = h.Sum(dst)
	k.macs.Put(h)
	return dst
}

func (c *keyCache) get(secret, day string) *signingKey {
	name := keyName{secret, day}
	c.mu.Lock()
	k := c.find(name)
	c.mu.Unlock()
	if k != nil {
		return k
	}
	k = newSigningKey(deriveKey(secret, day, Region, Service))
	c.mu.Lock()
	defer c.mu.Unlock()
	if known := c.find(name); known != nil {
		return known
	}
	c.add(name, k)
	return k
}

func (c *keyCache) find(name keyName) *signingKey {
	if k := c.young[name]; k != nil {
		return k
	}
	k := c.old[name]
	if k != nil {
		c.add(name, k)
	}
	return k
}

func (c *keyCache) add(name keyName, k *signingKey) {
	if c.young == nil || len(c.young) >= keyCapacity {
		c.old, c.young = c.young, make(map[keyName]*signingKey)
	}
	name.day = strings.Clone(name.day) // a piece of a header, which must not be kept alive
	c.young[name] = k
}
