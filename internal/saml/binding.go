package saml

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"sort"
	"strconv"
	"strings"
	"time"
)

const (
	cookiePrefix = "para-saml-"
	requestLife  = 15 * time.Minute // to sign in at the provider
	maxPending   = 5                // requests of one browser at the same time
	idPrefix     = "ARQ"
)

// Tenant is the app that a browser signs into.
type Tenant struct {
	App    string // identifier
	Secret string // of the app; requests are bound to browsers with a key made from it
}

// mark proves that this server gave a browser the request with an id, for one provider and one address.
func (t Tenant) mark(s *Settings, provider, id string, expires int64) string {
	h := hmac.New(sha256.New, []byte(t.Secret))
	for _, part := range []string{"saml request", t.App, s.entityID, s.acs.String(), provider, id, strconv.FormatInt(expires, 10)} {
		h.Write([]byte(strconv.Itoa(len(part)) + ":" + part))
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

// bind makes the cookie that a browser shows when it comes back with the answer. Answers are posted by the page of the
// provider, another site, so the cookie must be one for other sites; browsers allow that over TLS only.
func (t Tenant) bind(s *Settings, provider, id string, now time.Time) *http.Cookie {
	expires := now.Add(requestLife).Unix()
	c := s.cookie(cookiePrefix+strings.TrimPrefix(id, idPrefix), strconv.FormatInt(expires, 10)+"."+t.mark(s, provider, id, expires))
	c.MaxAge = int(requestLife / time.Second)
	return c
}

func (s *Settings) cookie(name, value string) *http.Cookie {
	c := &http.Cookie{Name: name, Value: value, Path: s.acs.EscapedPath(), HttpOnly: true}
	if c.Path == "" {
		c.Path = "/"
	}
	if s.acs.Scheme == "https" {
		c.Secure, c.SameSite = true, http.SameSiteNoneMode
	}
	return c
}

// forget is the cookie that removes another one.
func (s *Settings) forget(name string) *http.Cookie {
	c := s.cookie(name, "")
	c.MaxAge = -1
	return c
}

// pending returns the ids of the requests that a browser has made and that a provider may answer now.
func (t Tenant) pending(s *Settings, provider string, cookies []*http.Cookie, now time.Time) []string {
	var ids []string
	if t.Secret == "" {
		return nil
	}
	for _, c := range cookies {
		name, ok := strings.CutPrefix(c.Name, cookiePrefix)
		if !ok || len(ids) == 2*maxPending {
			continue
		}
		number, mark, ok := strings.Cut(c.Value, ".")
		expires, err := strconv.ParseInt(number, 10, 64)
		if !ok || err != nil || now.Unix() > expires {
			continue
		}
		id := idPrefix + name
		if hmac.Equal([]byte(mark), []byte(t.mark(s, provider, id, expires))) {
			ids = append(ids, id)
		}
	}
	return ids
}

// surplus returns the cookies of the oldest requests beyond those that a browser may have waiting.
func (s *Settings) surplus(cookies []*http.Cookie) []*http.Cookie {
	var own []*http.Cookie
	for _, c := range cookies {
		if strings.HasPrefix(c.Name, cookiePrefix) {
			own = append(own, c)
		}
	}
	if len(own) < maxPending {
		return nil
	}
	sort.SliceStable(own, func(i, j int) bool { return own[i].Value < own[j].Value }) // by their time, which comes first
	var gone []*http.Cookie
	for _, c := range own[:len(own)-maxPending+1] {
		gone = append(gone, s.forget(c.Name))
	}
	return gone
}
