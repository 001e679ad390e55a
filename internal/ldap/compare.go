package ldap

import (
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"hash"
	"strings"
)

// matches compares a password with a stored value: a hash with its scheme in braces, such as {bcrypt}$2a$…, {SSHA}… or
// {noop} for none. Values without a scheme, and of schemes that are not known, are left to the directory.
func (a *Authenticator) matches(ctx context.Context, password, stored string) (bool, error) {
	scheme, value, ok := strings.Cut(strings.TrimPrefix(stored, "{"), "}")
	if !ok || !strings.HasPrefix(stored, "{") {
		return false, nil
	}
	switch strings.ToLower(scheme) {
	case "noop":
		return equal([]byte(value), []byte(password)), nil
	case "bcrypt":
		if a.opts.Matches == nil {
			return false, nil
		}
		return a.opts.Matches(ctx, password, value)
	case "sha", "ssha":
		return digestMatches(sha1.New(), password, value), nil
	case "sha256", "ssha256":
		return digestMatches(sha256.New(), password, value), nil
	case "sha512", "ssha512":
		return digestMatches(sha512.New(), password, value), nil
	}
	return false, nil
}

// digestMatches checks the Base64 of a digest that may be followed by the salt that it was made with (RFC 2307 and what
// directories made of it).
func digestMatches(h hash.Hash, password, value string) bool {
	b, err := base64.StdEncoding.DecodeString(value)
	if err != nil || len(b) < h.Size() {
		return false
	}
	h.Write([]byte(password))
	h.Write(b[h.Size():])
	return equal(h.Sum(nil), b[:h.Size()])
}

func equal(a, b []byte) bool { return subtle.ConstantTimeCompare(a, b) == 1 }
