package signin

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// One-time codes as authenticator apps make them (RFC 6238): SHA-1, six digits, a new one every thirty seconds.
const (
	codeDigits   = 6
	codeModulus  = 1_000_000
	codePeriod   = 30 // seconds
	codeSlack    = 1  // steps that a clock may be off, either way
	secretBytes  = 20
	maxKeyLength = 1024 // of a key that an application stored
)

var base32Text = base32.StdEncoding.WithPadding(base32.NoPadding)

// codeAt is the code of a secret for a step of time (RFC 4226, 5.3).
func codeAt(secret []byte, step int64) string {
	mac := hmac.New(sha1.New, secret)
	_ = binary.Write(mac, binary.BigEndian, step) // a hash takes everything
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 0x0f
	n := binary.BigEndian.Uint32(sum[at:at+4]) & 0x7fffffff
	return fmt.Sprintf("%0*d", codeDigits, n%codeModulus)
}

// matchCode returns the step of time whose code was given, 0 for none: one of now, of the step before or of the one after,
// that lies after the last one that was used. It takes as long whatever matches.
func matchCode(secret []byte, given string, now time.Time, last int64) (step int64) {
	at := now.Unix() / codePeriod
	for s := at + codeSlack; s >= at-codeSlack; s-- { // the earliest wins: later ones may still be needed
		if subtle.ConstantTimeCompare([]byte(codeAt(secret, s)), []byte(given)) == 1 && s > last {
			step = s
		}
	}
	return step
}

// decodeSecret reads a secret as it is stored and shown: Base32, in letters of either case, with or without padding, in
// groups or not. It is nil for what is none.
func decodeSecret(text string) []byte {
	if len(text) > maxKeyLength {
		return nil
	}
	text = strings.TrimRight(strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(text)), "=")
	secret, err := base32Text.DecodeString(text)
	if err != nil || len(secret) == 0 {
		return nil
	}
	return secret
}

// codeAddress is what authenticator apps read, most often as a picture: whose secret it is, and what kind of codes it makes.
func codeAddress(issuer, account, secret string) string {
	label := url.PathEscape(strings.ReplaceAll(issuer, ":", " ")) + ":" + url.PathEscape(account)
	q := url.Values{
		"secret": {secret}, "issuer": {issuer}, "algorithm": {"SHA1"},
		"digits": {fmt.Sprint(codeDigits)}, "period": {fmt.Sprint(codePeriod)},
	}
	return "otpauth://totp/" + label + "?" + strings.ReplaceAll(q.Encode(), "+", "%20")
}
