package sigv4

import (
	"crypto/subtle"
	"encoding/hex"
	"strings"
	"sync"
)

// Verifier checks signatures and remembers the signing keys it derived. The zero value is ready; it may be used
// concurrently.
type Verifier struct {
	keys    keyCache
	scratch sync.Pool // of *scratch
}

// Verify checks the signature of a request whose date CheckDate has accepted (A 3.2 steps 5 and 6). hosts are the texts
// that may have been signed as host, likeliest first (Hosts). A query with a plus sign is tried a second time with the
// plus taken literally (D60). The comparison takes the same time wherever signatures differ.
//
// Errors: ErrIncomplete, ErrMalformedDate, ErrInvalid; a blank secret never matches. Explain says why.
func (v *Verifier) Verify(a Authorization, r Request, body Hash, secret string, hosts []string) error {
	if !a.complete {
		return ErrIncomplete
	}
	if _, err := parseDate(r.Date); err != nil {
		return err
	}
	if strings.TrimSpace(secret) == "" {
		return ErrInvalid
	}
	s, _ := v.scratch.Get().(*scratch)
	if s == nil {
		s = new(scratch)
	}
	defer v.scratch.Put(s)
	var ok bool
	if s.names, ok = a.headerNames(s.names[:0]); !ok {
		return ErrInvalid
	}
	key := v.keys.get(secret, r.Date[:dayLength])
	if s.matches(key, &a, &r, &body, hosts, false) {
		return nil
	}
	if strings.IndexByte(r.Query, '+') >= 0 && s.matches(key, &a, &r, &body, hosts, true) {
		return nil
	}
	return ErrInvalid
}

func (s *scratch) matches(key *signingKey, a *Authorization, r *Request, body *Hash, hosts []string, plusLiteral bool) bool {
	target := s.appendTarget(s.canonical[:0], r, plusLiteral)
	for _, host := range hosts {
		s.canonical = appendHeaders(target, r, s.names, host, body)
		target = s.canonical[:len(target)] // the buffer may have moved
		s.toSign = appendStringToSign(s.toSign[:0], r.Date, s.canonical)
		s.sum = key.appendSignature(s.sum[:0], s.toSign)
		s.toSign = hex.AppendEncode(s.toSign[:0], s.sum)
		n := len(s.toSign)
		s.toSign = append(s.toSign, a.signature...)
		if subtle.ConstantTimeCompare(s.toSign[:n], s.toSign[n:]) == 1 {
			return true
		}
	}
	return false
}
