package rest

import (
	"encoding/base64"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/erudika/para-go/internal/access"
	"github.com/erudika/para-go/internal/sigv4"
)

// Protected is an entry of security.protected: paths outside the API that need credentials (A 16).
type Protected struct {
	Patterns []string
	Methods  []string // in capitals
	Roles    []string // in capitals: USER, MOD, ADMIN, APP
}

type protectedPaths struct {
	patterns       []ignoredPattern
	methods, roles []string
}

func newProtectedPaths(list []Protected) []protectedPaths {
	out := make([]protectedPaths, len(list))
	for i, p := range list {
		out[i] = protectedPaths{methods: p.Methods, roles: p.Roles}
		for _, pattern := range p.Patterns {
			out[i].patterns = append(out[i].patterns, newIgnoredPattern(pattern))
		}
	}
	return out
}

const needsAuthentication = "Full authentication is required to access this resource"

// protectedRefusal checks the credentials of a request for a protected path. It returns the refusal, or nil.
func (h *Handler) protectedRefusal(r *http.Request, segments []string) *answer {
	if len(segments) == 0 {
		return nil
	}
	for _, p := range h.protected {
		if !slices.Contains(p.methods, r.Method) || !slices.ContainsFunc(p.patterns, func(x ignoredPattern) bool { return x.matches(segments[0], segments[1:]) }) {
			continue
		}
		c := &call{r: r, segments: segments[1:], uri: rawPath(r), query: parseQuery(r.URL.RawQuery)}
		if slices.Contains(p.roles, "APP") {
			return h.gate(r.Context(), c, h.wholeBody(c))
		}
		return h.roleRefusal(c, p.roles)
	}
	return nil
}

// wholeBody returns the function that reads the body when it is first called, and says what its hash is.
func (h *Handler) wholeBody(c *call) func() (sigv4.Hash, error) {
	return func() (sigv4.Hash, error) {
		hash, err := c.readBody(h.opts.MaxEntityBytes)
		if errors.Is(err, errEndless) {
			err = h.tooLarge(nil)
		}
		return hash, err
	}
}

// roleRefusal lets users with one of the roles pass, who show their token (D67).
func (h *Handler) roleRefusal(c *call, roles []string) *answer {
	app, user, err := h.authn.UserOf(c.r.Context(), c.r.Header.Get("Authorization"))
	if err != nil {
		return h.fail(c.r.Context(), c, err)
	}
	if user == nil || !user.Bool("active") {
		if isScript(c.r, c.query) {
			return gateAnswer(http.StatusUnauthorized, needsAuthentication)
		}
		a := h.redirect(h.opts.Pages.SignIn)
		a.headers = append(a.headers, param{"Set-Cookie", h.returnCookie(c.r)})
		return a
	}
	p := access.Principal{Kind: access.User, App: app, User: user, Root: app.Identifier == h.eng.Root()}
	if err := p.Usable(c.r.Method); err != nil {
		return gateAnswer(http.StatusForbidden, err.Message)
	}
	role := "USER"
	switch strings.ToLower(user.Text("groups")) {
	case "mods":
		role = "MOD"
	case "admins":
		role = "ADMIN"
	}
	if !slices.Contains(roles, role) {
		return gateAnswer(http.StatusForbidden, "")
	}
	return nil
}

// returnCookie remembers where a browser wanted to go before it was sent to sign in (A 17.2).
func (h *Handler) returnCookie(r *http.Request) string {
	scheme := "http"
	if secure(r) {
		scheme = "https"
	}
	to := scheme + "://" + r.Host + rawPath(r)
	if r.URL.RawQuery != "" {
		to += "?" + r.URL.RawQuery
	}
	age := h.opts.Pages.SessionTimeout
	cookie := h.opts.Pages.ReturnCookie + "=" + base64.StdEncoding.EncodeToString([]byte(to)) + "; Expires=" +
		h.eng.Now().UTC().Add(age).Format(http.TimeFormat) + "; Max-Age=" + strconv.FormatInt(int64(age/time.Second), 10) + "; Path=/"
	if secure(r) {
		cookie += "; Secure"
	}
	return cookie
}
