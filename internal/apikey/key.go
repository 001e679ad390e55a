package apikey

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"net/netip"
	"slices"
	"time"
)

// Key is what an app keeps of one of its keys. It is not changed once others see it. Times are milliseconds since 1970.
type Key struct {
	ID        string         `json:"id"`
	Type      string         `json:"type"` // StoredType
	Name      string         `json:"name"`
	CreatorID string         `json:"creatorid,omitempty"` // the admin who made it; empty: the app itself
	Timestamp int64          `json:"timestamp"`           // when it was made
	Updated   int64          `json:"updated,omitempty"`
	Expires   int64          `json:"expires"`
	Active    bool           `json:"active"`
	Networks  []netip.Prefix `json:"networks,omitempty"` // where it may be used from; empty: everywhere

	// SHA-256 of the secret is enough: nobody guesses 256 random bits, however fast.
	Hash            []byte `json:"hash"`
	PreviousHash    []byte `json:"previousHash,omitempty"`    // of the secret before the last rotation
	PreviousExpires int64  `json:"previousExpires,omitempty"` // until when that one holds too
}

// StoredType is the type of the records of keys. No object of a client has a type that begins with an underscore, so no
// door but that of the keys reads, finds or writes them.
const StoredType = "_apikey"

// Why a key that exists does not hold.
var (
	ErrSecret   = errors.New("its secret is another one")
	ErrInactive = errors.New("it is switched off")
	ErrExpired  = errors.New("it has expired")
	ErrNetwork  = errors.New("it may not be used from this network")
)

// Renew gives the key a new secret. The one that it had holds for the time overlap longer.
func (k *Key) Renew(s Secret, now time.Time, overlap time.Duration) {
	k.PreviousHash, k.PreviousExpires = nil, 0
	if overlap > 0 && len(k.Hash) > 0 {
		k.PreviousHash, k.PreviousExpires = k.Hash, now.Add(overlap).UnixMilli()
	}
	sum := sha256.Sum256(s[:])
	k.Hash = sum[:]
}

// Check says whether a secret that came from a network address makes the key hold: nil, or why not. Secrets are compared
// in constant time.
func (k *Key) Check(s Secret, from string, now time.Time) error {
	sum := sha256.Sum256(s[:])
	ms := now.UnixMilli()
	same := subtle.ConstantTimeCompare(sum[:], k.Hash)
	before := subtle.ConstantTimeCompare(sum[:], k.PreviousHash)
	switch {
	case same == 0 && (before == 0 || ms >= k.PreviousExpires):
		return ErrSecret
	case !k.Active:
		return ErrInactive
	case ms >= k.Expires:
		return ErrExpired
	case !k.from(from):
		return ErrNetwork
	}
	return nil
}

func (k *Key) from(address string) bool {
	if len(k.Networks) == 0 {
		return true
	}
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return false
	}
	ip = ip.Unmap().WithZone("")
	return slices.ContainsFunc(k.Networks, func(n netip.Prefix) bool { return n.Contains(ip) })
}

// Decode reads a stored key.
func Decode(data []byte) (*Key, error) {
	k := new(Key)
	if err := json.Unmarshal(data, k); err != nil {
		return nil, err
	}
	return k, nil
}

// Encode is the stored form of the key.
func (k *Key) Encode() []byte {
	b, _ := json.Marshal(k) // texts, numbers and networks always encode
	return b
}

// AppendJSON appends what is told of the key: everything but the hashes, and when it was last used, 0 for never.
func (k *Key) AppendJSON(dst []byte, lastUsed int64) []byte {
	type told struct { // in the order in which it is told
		ID        string         `json:"id"`
		Type      string         `json:"type"`
		Name      string         `json:"name"`
		CreatorID string         `json:"creatorid,omitempty"`
		Timestamp int64          `json:"timestamp"`
		Updated   int64          `json:"updated,omitempty"`
		Expires   int64          `json:"expires"`
		Active    bool           `json:"active"`
		Networks  []netip.Prefix `json:"networks,omitempty"`
		Overlap   int64          `json:"previousExpires,omitempty"`
		LastUsed  int64          `json:"lastUsed,omitempty"`
	}
	b, _ := json.Marshal(told{k.ID, "apikey", k.Name, k.CreatorID, k.Timestamp, k.Updated, k.Expires, k.Active, k.Networks, k.PreviousExpires, lastUsed})
	return append(dst, b...)
}
