package rest

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"regexp"
	"strings"
)

const (
	csrfCookie = "XSRF-TOKEN"
	csrfHeader = "X-XSRF-TOKEN"
	csrfParam  = "_csrf"

	// longAgo is the expiry of cookies that are deleted.
	longAgo = "Expires=Thu, 01 Jan 1970 00:00:10 GMT"
)

var (
	signInPath  = regexp.MustCompile(`(?i)^(\w+_auth|saml_auth.*|saml_metadata.*)$`)
	versionPath = regexp.MustCompile(`^v\d[\d.]*$`)
)

// csrfRefusal checks the token of a request that changes something outside the API (A 17.1, D68): a value that only pages
// of this server can know must come along. It returns the refusal, or nil.
func (h *Handler) csrfRefusal(r *http.Request, segments []string) *answer {
	if !h.opts.Pages.CSRF && !h.opts.Pages.CSRFWithSPA || !h.needsCSRF(r.Method, segments) {
		return nil
	}
	c := &call{r: r, segments: segments, query: parseQuery(r.URL.RawQuery)}
	cookie, err := r.Cookie(csrfCookie)
	if err != nil || cookie.Value == "" {
		a := gateAnswer(http.StatusForbidden, "Could not verify the provided CSRF token because no token was found to compare.")
		a.headers = []param{{"Set-Cookie", h.newCSRFCookie(r)}}
		return a
	}
	sent := r.Header.Get(csrfHeader)
	if sent == "" {
		sent = h.withForm(c).get(csrfParam)
	}
	if sameToken(sent, cookie.Value) {
		return nil
	}
	shown := "null"
	if sent != "" {
		shown = headerText(unmask(sent))
	}
	return gateAnswer(http.StatusForbidden, "Invalid CSRF Token '"+shown+"' was found on the request parameter '"+csrfParam+"' or header '"+csrfHeader+"'.")
}

// needsCSRF says whether a request outside /v1 needs a token.
func (h *Handler) needsCSRF(method string, segments []string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodTrace, http.MethodOptions:
		return false
	}
	first := ""
	if len(segments) > 0 {
		first = segments[0]
	}
	switch {
	case len(segments) > 1 && versionPath.MatchString(first):
		return false
	case signInPath.MatchString(strings.Join(segments, "/")):
		return false
	}
	for _, p := range h.open {
		if len(segments) > 0 && p.matches(first, segments[1:]) {
			return false
		}
	}
	return true
}

// sameToken compares what was sent, plain or masked, with the cookie, in constant time.
func sameToken(sent, cookie string) bool {
	plain := subtle.ConstantTimeCompare([]byte(sent), []byte(cookie))
	masked := subtle.ConstantTimeCompare([]byte(unmask(sent)), []byte(cookie))
	return plain|masked == 1
}

// unmask decodes the masked form of a token: Base64url of random bytes followed by the token combined with them. What is
// not of this form comes back as it is.
func unmask(sent string) string {
	data, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(sent, "="))
	if err != nil || len(data) == 0 || len(data)%2 != 0 {
		return sent
	}
	half := len(data) / 2
	token := make([]byte, half)
	subtle.XORBytes(token, data[:half], data[half:])
	for _, b := range token {
		if b <= ' ' || b >= 0x7f {
			return sent
		}
	}
	return string(token)
}

// newCSRFCookie makes a token for a browser.
func (h *Handler) newCSRFCookie(r *http.Request) string {
	path := h.opts.ContextPath
	if path == "" {
		path = "/"
	}
	cookie := csrfCookie + "=" + randomUUID() + "; Path=" + path
	if secure(r) {
		cookie += "; Secure"
	}
	return cookie
}

// giveCSRFCookie adds a token to an answer for a browser that has none.
func (h *Handler) giveCSRFCookie(r *http.Request, a *answer) *answer {
	if !h.opts.Pages.CSRF && !h.opts.Pages.CSRFWithSPA {
		return a
	}
	for _, p := range a.headers {
		if strings.HasPrefix(p.value, csrfCookie+"=") {
			return a
		}
	}
	if c, err := r.Cookie(csrfCookie); err != nil || c.Value == "" {
		a.headers = append(a.headers, param{"Set-Cookie", h.newCSRFCookie(r)})
	}
	return a
}

// randomUUID returns a random UUID (version 4).
func randomUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	s := hex.EncodeToString(b[:])
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
}
