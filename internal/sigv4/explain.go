package sigv4

import (
	"crypto/hmac"
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Explanation says what a server computed for a signature it refused, for a log that the operator has switched on
// (A 3.7). It contains neither the secret nor the signing key. Canonical has the query as it was sent, and Computed is
// a signature that would be accepted until the date expires, so none of this belongs into an answer.
type Explanation struct {
	Canonical    string // canonical request for the first host
	StringToSign string
	Given        string // signature that the client sent
	Computed     string // signature that belongs to the request
	Cause        string // what the client did differently, when a known mistake yields its signature
}

// String returns the explanation on several lines.
func (e Explanation) String() string {
	return fmt.Sprintf("%s\ngiven signature: %s\ncomputed signature: %s\ncanonical request:\n%s\nstring to sign:\n%s",
		e.Cause, e.Given, e.Computed, e.Canonical, e.StringToSign)
}

// Explain repeats a check that failed and looks for its cause: it tries the mistakes that clients are known to make and
// names the one that leads to the signature given.
func Explain(a Authorization, r Request, body Hash, secret string, hosts []string) Explanation {
	e := Explanation{Given: a.signature}
	switch _, err := parseDate(r.Date); {
	case !a.complete:
		e.Cause = ErrIncomplete.Error()
		return e
	case err != nil:
		e.Cause = err.Error()
		return e
	case strings.TrimSpace(secret) == "":
		e.Cause = "the app has no secret"
		return e
	case len(hosts) == 0:
		hosts = []string{""}
	}
	var s scratch
	names, ok := a.headerNames(nil)
	canonical := appendHeaders(s.appendTarget(nil, &r, false), &r, names, hosts[0], &body)
	toSign := appendStringToSign(nil, r.Date, canonical)
	key := newSigningKey(deriveKey(secret, r.Date[:dayLength], Region, Service))
	e.Canonical, e.StringToSign = string(canonical), string(toSign)
	e.Computed = hex.EncodeToString(key.appendSignature(nil, toSign))
	if !ok {
		e.Cause = "SignedHeaders must name host and x-amz-date"
		return e
	}
	e.Cause = findCause(&a, &r, &body, secret, hosts, names)
	return e
}

// mistake is one way in which clients sign differently.
type mistake struct {
	cause           string
	request         Request
	body            string // hash, as hexadecimal text
	region, service string
	rawPath         bool // the path is signed as sent, not encoded again
	rawQuery        string
}

func findCause(a *Authorization, r *Request, body *Hash, secret string, hosts, names []string) string {
	for _, name := range names {
		if _, ok := headerValue(r, name, ""); !ok {
			return "the header " + name + " is signed but did not arrive"
		}
	}
	for _, m := range mistakes(a, r, body) {
		for _, host := range hosts {
			if hmac.Equal([]byte(m.signature(secret, host, names)), []byte(a.signature)) {
				return m.cause
			}
		}
	}
	return "another secret was used, or method, path, query, host, a signed header or the body changed on the way"
}

func mistakes(a *Authorization, r *Request, body *Hash) []mistake {
	usual := mistake{request: *r, body: hex.EncodeToString(body[:]), region: Region, service: Service}
	var list []mistake
	add := func(cause string, change func(*mistake)) {
		m := usual
		m.cause = cause
		change(&m)
		list = append(list, m)
	}
	if scope := strings.Split(a.Scope, "/"); len(scope) == 4 {
		add("signed for region "+scope[1]+" and service "+scope[2]+" instead of "+Region+" and "+Service,
			func(m *mistake) { m.region, m.service = scope[1], scope[2] })
	}
	empty := HashBody(nil)
	add("the body is not signed", func(m *mistake) { m.body = hex.EncodeToString(empty[:]) })
	add("the body is signed as UNSIGNED-PAYLOAD; its hash is needed", func(m *mistake) { m.body = "UNSIGNED-PAYLOAD" })
	add("the path is encoded once; the path as sent must be percent-encoded once more", func(m *mistake) { m.rawPath = true })
	if decoded, err := url.PathUnescape(r.Path); err == nil && decoded != r.Path {
		add("the path is encoded once, from its decoded form; the path as sent must be percent-encoded once more",
			func(m *mistake) { m.request.Path = decoded })
	}
	add("the query is not signed", func(m *mistake) { m.request.Query = "" })
	add("all values of a repeated parameter are signed; only the first counts",
		func(m *mistake) { m.rawQuery = allValues(r.Query) })
	return list
}

func (m *mistake) signature(secret, host string, names []string) string {
	var s scratch
	target := s.appendTarget(nil, &m.request, false)
	if m.rawPath || m.rawQuery != "" {
		path, query := string(appendPath(nil, m.request.Path)), string(s.appendQuery(nil, m.request.Query, false))
		if m.rawPath {
			path = m.request.Path
		}
		if m.rawQuery != "" {
			query = m.rawQuery
		}
		target = []byte(m.request.Method + "\n" + path + "\n" + query + "\n")
	}
	canonical := appendHeaders(target, &m.request, names, host, &Hash{})
	canonical = append(canonical[:len(canonical)-2*len(Hash{})], m.body...)
	date := m.request.Date
	key := newSigningKey(deriveKey(secret, date[:dayLength], m.region, m.service))
	toSign := appendScopedStringToSign(nil, date, m.region, m.service, canonical)
	return hex.EncodeToString(key.appendSignature(nil, toSign))
}

// allValues is the canonical query with every value of a repeated parameter.
func allValues(query string) string {
	var parts []string
	for part := range strings.SplitSeq(query, "&") {
		if part != "" {
			name, value, _ := strings.Cut(part, "=")
			parts = append(parts, string(appendReencoded(append(appendReencoded(nil, name, false), '='), value, false)))
		}
	}
	slices.Sort(parts)
	return strings.Join(parts, "&")
}
