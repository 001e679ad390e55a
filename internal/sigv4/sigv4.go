// Package sigv4 signs requests of clients and checks the signatures that a server receives: the variant of AWS
// Signature Version 4 that Para uses (A 3). Region and service are fixed, the path is signed as it stands on the wire
// and encoded once more, and of a repeated query parameter only the first value counts.
package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// What every signature of Para is made with (A 3.1).
const (
	Algorithm  = "AWS4-HMAC-SHA256"
	Region     = "us-east-1"
	Service    = "para"
	DateHeader = "X-Amz-Date"

	terminator = "aws4_request"
	dateLayout = "20060102T150405Z"
	dayLength  = len("20060102")
)

// Hash is the SHA-256 of a request body; an empty body has one too (HashBody(nil)).
type Hash = [sha256.Size]byte

// HashBody returns the hash of a body.
func HashBody(body []byte) Hash { return sha256.Sum256(body) }

// FormatDate returns the text of the header X-Amz-Date for a moment.
func FormatDate(t time.Time) string { return t.UTC().Format(dateLayout) }

// deriveKey makes the signing key of one day (A 3.4).
func deriveKey(secret, day, region, service string) []byte {
	key := mac([]byte("AWS4"+secret), day)
	key = mac(key, region)
	key = mac(key, service)
	return mac(key, terminator)
}

func mac(key []byte, data string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(data))
	return h.Sum(nil)
}

// appendStringToSign appends what the signing key is applied to (A 3.4). date is the text of X-Amz-Date and has been
// checked by ParseDate.
func appendStringToSign(dst []byte, date string, canonical []byte) []byte {
	return appendScopedStringToSign(dst, date, Region, Service, canonical)
}

func appendScopedStringToSign(dst []byte, date, region, service string, canonical []byte) []byte {
	sum := sha256.Sum256(canonical)
	dst = append(dst, Algorithm...)
	dst = append(dst, '\n')
	dst = append(dst, date...)
	dst = append(dst, '\n')
	dst = appendScope(dst, date, region, service)
	dst = append(dst, '\n')
	return hex.AppendEncode(dst, sum[:])
}

func appendScope(dst []byte, date, region, service string) []byte {
	dst = append(dst, date[:dayLength]...)
	dst = append(dst, '/')
	dst = append(dst, region...)
	dst = append(dst, '/')
	dst = append(dst, service...)
	dst = append(dst, '/')
	return append(dst, terminator...)
}
