package token

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// Unverified is a token that was read but not yet believed: it says which app and which user's key to check it with.
type Unverified struct {
	claims    Claims
	signed    string // header and claims as they were signed
	signature []byte
}

// Parse reads a compact token without checking its signature or its times (A 4.4). Everything that is not a token of
// Para is an error that wraps ErrInvalid: more than MaxSize bytes, other algorithms than HS256, a crit header, claims of
// a wrong kind, no app id.
func Parse(compact string) (*Unverified, error) { return parse(compact, true) }

// ParseProfile reads a token that tells who somebody is: an ID token, or one that a customer's server made (A 4.9, A 10.1).
// Such a token may name no app.
func ParseProfile(compact string) (*Unverified, error) { return parse(compact, false) }

func parse(compact string, needsApp bool) (*Unverified, error) {
	if len(compact) > MaxSize {
		return nil, invalid("it is longer than %d bytes", MaxSize)
	}
	header, rest, ok1 := strings.Cut(compact, ".")
	payload, signature, ok2 := strings.Cut(rest, ".")
	if !ok1 || !ok2 || strings.Contains(signature, ".") {
		return nil, invalid("it does not have three parts")
	}
	if err := checkHeader(header); err != nil {
		return nil, err
	}
	data, err := decode(payload)
	if err != nil {
		return nil, err
	}
	u := &Unverified{signed: compact[:len(header)+1+len(payload)]}
	if u.claims, err = parseClaims(data, needsApp); err != nil {
		return nil, err
	}
	if u.signature, err = decode(signature); err != nil {
		return nil, err
	}
	return u, nil
}

// AppID returns the app id that the token claims, as written.
func (u *Unverified) AppID() string { return u.claims.AppID }

// Profile returns whose profile the token claims to hold: identifier and e-mail address.
func (u *Unverified) Profile() (identifier, email string) { return u.claims.Identifier, u.claims.Email }

// Subject returns the user id that the token claims, "" for none.
func (u *Unverified) Subject() string { return u.claims.Subject }

// Verify checks the signature and then the times of the token (A 4.5). The comparison of signatures takes constant time.
// Keys under MinKey bytes never match.
func (u *Unverified) Verify(key string, now time.Time) (Claims, error) {
	if len(key) < MinKey {
		return Claims{}, invalid("the key that it is checked with has less than %d bytes", MinKey)
	}
	if err := jwt.SigningMethodHS256.Verify(u.signed, u.signature, []byte(key)); err != nil {
		return Claims{}, invalid("its signature does not match")
	}
	if err := u.claims.checkTime(now); err != nil {
		return Claims{}, err
	}
	return u.claims, nil
}

// Headers of all known issuers, encoded; others are decoded.
const (
	plainHeader = "eyJhbGciOiJIUzI1NiJ9"                 // {"alg":"HS256"}
	typedHeader = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9" // {"alg":"HS256","typ":"JWT"}
)

func checkHeader(part string) error {
	if part == plainHeader || part == typedHeader {
		return nil
	}
	data, err := decode(part)
	if err != nil {
		return err
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil {
		return invalid("its header is not a JSON object")
	}
	if alg, ok := text(members["alg"]); !ok || alg != "HS256" {
		return invalid("its algorithm is not HS256")
	}
	if _, ok := members["crit"]; ok {
		return invalid("its header has critical members")
	}
	return nil
}

// encoding refuses texts of which only unused bits differ, so that a token has one form.
var encoding = base64.RawURLEncoding.Strict()

func decode(part string) ([]byte, error) {
	data, err := encoding.DecodeString(part)
	if err != nil || strings.ContainsAny(part, "\r\n") { // which the decoder would skip
		return nil, invalid("a part is not base64url without padding")
	}
	return data, nil
}

// Bearer returns the token of an Authorization value (A 4.4). The word is case-sensitive; ok tells whether it was there,
// whatever follows it (D15).
func Bearer(authorization string) (compact string, ok bool) {
	rest, ok := strings.CutPrefix(authorization, "Bearer")
	return strings.TrimSpace(rest), ok
}
