package rest

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/access"
	"github.com/erudika/para-go/internal/authn"
	"github.com/erudika/para-go/internal/sigv4"
)

// gate finds out who asks and whether they may. It returns the refusal, or nil with the principal set (R 5, A 2).
func (h *Handler) gate(ctx context.Context, c *call, body func() (sigv4.Hash, error)) *answer {
	me := c.isMe()
	result, err := h.authn.Authenticate(ctx, authn.Request{
		HTTP:       c.r,
		Body:       body,
		QueryToken: me && c.reads(),
		NoGuests:   me,
		AccessKey:  c.query.get("accessKey"),
		URI:        c.uri,
	})
	if err != nil {
		return h.refuse(ctx, c, me, err)
	}
	c.p, c.token = result.Principal, result.Claims
	if me {
		if c.p.Kind == access.Guest || c.p.Kind == access.Nobody {
			return unauthorized(c, nil)
		}
	} else if !h.opts.APIEnabled && c.p.Kind == access.Nobody {
		return gateAnswer(http.StatusForbidden, "Para API is disabled.")
	}
	if err := c.p.Allow(access.Request{Method: c.r.Method, Path: c.resourcePath(), URI: c.uri}); err != nil {
		return h.refuse(ctx, c, me, err)
	}
	return nil
}

// isMe says whether the path is exactly /v1/_me. It answers without credentials (A 2.9): its only method is GET, and GET
// refuses who is nobody.
func (c *call) isMe() bool { return len(c.segments) == 1 && c.segments[0] == "_me" }

// reads says whether the method is GET, or HEAD, which counts as GET (D13).
func (c *call) reads() bool { return c.r.Method == http.MethodGet || c.r.Method == http.MethodHead }

// resourcePath is what permissions are tested on: the decoded segments with the first one resolved to its repaired type
// (D8, D75). A grant on "utils" opens its functions, and not the objects that PUT /utils/x would be about.
func (c *call) resourcePath() string {
	if len(c.segments) == 0 {
		return ""
	}
	first := c.segments[0]
	if c.p.App != nil && (c.typed || !para.IsRoute(first)) {
		first = para.CleanType(c.p.App.ResolveType(first))
	}
	rest := c.segments[1:]
	if first == "_permissions" { // their segments hold paths: a slash inside must not look like one between them (D73)
		rest = slices.Clone(rest)
		for i := range rest {
			rest[i] = strings.ReplaceAll(rest[i], "/", "%2F")
		}
	}
	return strings.Join(append([]string{first}, rest...), "/")
}

// refuse answers a request that the gate does not let through.
func (h *Handler) refuse(ctx context.Context, c *call, me bool, err error) *answer {
	var refused *authn.Refusal
	switch {
	case errors.As(err, &refused):
		if refused.Status == http.StatusUnauthorized {
			a := unauthorized(c, messageUnless(me, refused.Message))
			if refused.Message == needsAuthentication && !me && !isScript(c.r, c.query) {
				a.headers = append(a.headers, param{"Set-Cookie", h.returnCookie(c.r)})
			}
			return a
		}
		return gateAnswer(refused.Status, refused.Message)
	case para.CodeOf(err) == para.Unknown:
		var e *para.Error
		errors.As(err, &e)
		return unauthorized(c, messageUnless(me, e.Message))
	case para.CodeOf(err) == para.Denied:
		var e *para.Error
		errors.As(err, &e)
		return gateAnswer(http.StatusForbidden, e.Message)
	}
	return h.fail(ctx, c, err)
}

func messageUnless(me bool, text string) *string {
	if me {
		return nil
	}
	return &text
}

// unauthorized is a 401 with the challenge of D15; without a message the body is empty (_me).
func unauthorized(c *call, message *string) *answer {
	a := &answer{status: http.StatusUnauthorized, plain: true}
	if message != nil {
		a = gateAnswer(http.StatusUnauthorized, *message)
	}
	challenge := "Bearer"
	if strings.Contains(c.r.Header.Get("Authorization"), "Bearer") {
		challenge = `Bearer error="invalid_token"`
	}
	a.headers = append(a.headers, param{"WWW-Authenticate", challenge})
	return a
}

// gateAnswer is an error of the gate, whose content type names the charset (R 6.5).
func gateAnswer(status int, message string) *answer {
	a := errorAnswer(status, message)
	a.typ = typeGate
	return a
}

// ignoredPattern is a path of security.ignored: "**" at the end stands for any number of further segments.
type ignoredPattern struct {
	segments []string
	deep     bool
}

func newIgnoredPattern(pattern string) ignoredPattern {
	pattern, deep := strings.CutSuffix(strings.TrimSpace(pattern), "/**")
	return ignoredPattern{segments: strings.Split(strings.TrimPrefix(pattern, "/"), "/"), deep: deep}
}

// isOpen says whether the path below /v1 needs no credentials (A 2.2).
func (h *Handler) isOpen(segments []string) bool {
	for _, p := range h.open {
		if p.matches("v1", segments) {
			return true
		}
	}
	return false
}

func (p ignoredPattern) matches(first string, rest []string) bool {
	n := 1 + len(rest)
	if len(p.segments) > n || len(p.segments) < n && !p.deep {
		return false
	}
	for i, want := range p.segments {
		got := first
		if i > 0 {
			got = rest[i-1]
		}
		if want != "*" && want != got {
			return false
		}
	}
	return true
}
