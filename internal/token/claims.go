package token

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"
)

// Claims are what a token says. Those that are absent, or of another kind where that does no harm, are empty.
type Claims struct {
	AppID   string // app id as written, not normalised
	Subject string // user id; a number is read as its text (D61)

	IDP            string // identity provider of a user token
	Refresh        int64  // when to ask for a new token, milliseconds since 1970
	GetCredentials string // app whose keys the root app asks for (A 4.7)

	// Profile of an ID token or a customer's token (A 4.9, A 10.1).
	Identifier, Email, Name, Picture, Groups string

	expires, notBefore seconds
}

// seconds is a numeric date; set is false when the claim is absent or null.
type seconds struct {
	value int64
	set   bool
}

// ExpiresAt returns the moment after which the token is no longer accepted, the zero time when it names none.
func (c *Claims) ExpiresAt() time.Time {
	if !c.expires.set {
		return time.Time{}
	}
	return time.Unix(c.expires.value, 0)
}

// CheckTime says whether the claims of a token whose signature was checked before still hold at a time. Its errors wrap
// ErrInvalid.
func (c *Claims) CheckTime(now time.Time) error { return c.checkTime(now) }

// checkTime applies exp and nbf (A 4.5, D61), to the millisecond.
func (c *Claims) checkTime(now time.Time) error {
	ms := now.UnixMilli()
	switch {
	case !c.expires.set:
		return invalid("it has no exp")
	case c.expires.milliseconds() < ms:
		return invalid("it has expired")
	case c.notBefore.set && c.notBefore.milliseconds() > ms+Leeway.Milliseconds():
		return invalid("its nbf lies ahead")
	}
	return nil
}

// milliseconds converts without overflow.
func (s seconds) milliseconds() int64 {
	switch {
	case s.value > math.MaxInt64/1000:
		return math.MaxInt64
	case s.value < math.MinInt64/1000:
		return math.MinInt64
	}
	return s.value * 1000
}

// parseClaims reads the payload. Standard claims of a wrong kind make the token unreadable (A 4.4).
func parseClaims(payload []byte, needsApp bool) (Claims, error) {
	var members map[string]json.RawMessage // not a struct: that would take "APPID" for "appid"
	if err := json.Unmarshal(payload, &members); err != nil || members == nil {
		return Claims{}, invalid("its claims are not a JSON object")
	}
	var c Claims
	var ok bool
	if c.AppID, ok = text(members["appid"]); needsApp && (!ok || c.AppID == "") {
		return Claims{}, invalid("it names no app")
	}
	if c.Subject, ok = textOrNumber(members["sub"]); !ok {
		return Claims{}, invalid("its sub is neither text nor number")
	}
	var issued seconds
	for name, dst := range map[string]*seconds{"exp": &c.expires, "nbf": &c.notBefore, "iat": &issued} {
		if *dst, ok = numericDate(members[name]); !ok {
			return Claims{}, invalid("its %s is not a number of seconds", name)
		}
	}
	for _, name := range []string{"iss", "jti"} {
		if _, ok := text(members[name]); !ok {
			return Claims{}, invalid("its %s is not text", name)
		}
	}
	if !isAudience(members["aud"]) {
		return Claims{}, invalid("its aud is neither text nor a list of texts")
	}
	c.IDP, _ = text(members["idp"])
	c.GetCredentials, _ = text(members["getCredentials"])
	c.Identifier, _ = text(members["identifier"])
	c.Email, _ = text(members["email"])
	c.Name, _ = text(members["name"])
	c.Picture, _ = text(members["picture"])
	c.Groups, _ = text(members["groups"])
	if refresh, ok := numericDate(members["refresh"]); ok {
		c.Refresh = refresh.value
	}
	return c, nil
}

// text reads a JSON string; absent and null are the empty text. The second result is false for every other kind.
func text(raw json.RawMessage) (string, bool) {
	if len(raw) == 0 || string(raw) == "null" {
		return "", true
	}
	if raw[0] != '"' {
		return "", false
	}
	if body := raw[1 : len(raw)-1]; bytes.IndexByte(body, '\\') < 0 && isPlain(body) {
		return string(body), true
	}
	var s string
	err := json.Unmarshal(raw, &s)
	return s, err == nil
}

func isPlain(s []byte) bool {
	for _, c := range s {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

func textOrNumber(raw json.RawMessage) (string, bool) {
	if isNumber(raw) {
		return string(raw), true
	}
	return text(raw)
}

func isNumber(raw json.RawMessage) bool {
	return len(raw) > 0 && (raw[0] == '-' || '0' <= raw[0] && raw[0] <= '9')
}

// numericDate reads a number and cuts its fraction; numbers beyond 64 bits are none (A 4.5).
func numericDate(raw json.RawMessage) (seconds, bool) {
	if len(raw) == 0 || string(raw) == "null" {
		return seconds{}, true
	}
	if !isNumber(raw) {
		return seconds{}, false
	}
	literal := string(raw)
	if !strings.ContainsAny(literal, ".eE") {
		n, err := strconv.ParseInt(literal, 10, 64)
		return seconds{n, true}, err == nil
	}
	f, err := strconv.ParseFloat(literal, 64)
	if err != nil || math.Abs(f) >= 1<<63 {
		return seconds{}, false
	}
	return seconds{int64(f), true}, true
}

func isAudience(raw json.RawMessage) bool {
	if _, ok := text(raw); ok {
		return true
	}
	var list []string
	return json.Unmarshal(raw, &list) == nil
}
