package secondfactor

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"testing"
	"time"
)

// code is what an authenticator app shows for a secret at a time (RFC 6238), written without looking at the server.
func code(t *testing.T, secret string, at time.Time) string {
	t.Helper()
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	must(t, err)
	mac := hmac.New(sha1.New, key)
	var counter [8]byte
	binary.BigEndian.PutUint64(counter[:], uint64(at.Unix()/30))
	mac.Write(counter[:])
	sum := mac.Sum(nil)
	offset := sum[19] & 15
	n := (uint32(sum[offset])&0x7f)<<24 | uint32(sum[offset+1])<<16 | uint32(sum[offset+2])<<8 | uint32(sum[offset+3])
	return fmt.Sprintf("%06d", n%1000000)
}

// wrong is a code that is none of those that count now.
func (w *world) wrong(secret string) string {
	for i := range 1000000 {
		text := fmt.Sprintf("%06d", i)
		counts := false
		for step := -2; step <= 2; step++ {
			counts = counts || code(w.t, secret, w.now().Add(time.Duration(step)*30*time.Second)) == text
		}
		if !counts {
			return text
		}
	}
	return ""
}

// enrolled is a user with a second factor.
type enrolled struct {
	id, secret, token string
	backup            []string
}

// enrol makes a user with a second factor; the clock is on a new code afterwards.
func (w *world) enrol(address string) enrolled {
	w.t.Helper()
	u := w.user(address)
	first := w.jwt("password", address+"::"+password)
	if s := first.SecondFactor; s.Secret != "" {
		in := w.jwt("second_factor", s.Challenge+":"+code(w.t, s.Secret, w.now())).want(w.t, 200)
		w.advance(30 * time.Second)
		return enrolled{id: u.ID(), secret: s.Secret, token: in.JWT.AccessToken, backup: in.BackupCodes}
	}
	begun := w.as(first.JWT.AccessToken, "POST", "/v1/_me/second_factor", "").want(w.t, 200, "otpauth://totp/")
	challenge, secret := member(w.t, begun.body, "challenge"), member(w.t, begun.body, "secret")
	done := w.as(first.JWT.AccessToken, "PUT", "/v1/_me/second_factor",
		fmt.Sprintf(`{"challenge":%q,"code":%q}`, challenge, code(w.t, secret, w.now()))).want(w.t, 200)
	w.advance(30 * time.Second)
	return enrolled{id: u.ID(), secret: secret, token: done.JWT.AccessToken, backup: done.BackupCodes}
}
