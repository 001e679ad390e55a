package rest

import (
	"context"
	"net/http"
	"slices"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/signin"
)

// flowRoute is an endpoint where browsers sign in, such as /google_auth.
type flowRoute struct {
	serve   func(ctx context.Context, f *flow) (*answer, error)
	methods []string
	further func(segment string) bool // says whether the path may have a second segment; nil: it has none
}

// addFlows is the table of the sign-in endpoints of browsers, by the first segment of their path (A 9.1).
func (h *Handler) addFlows() {
	read := []string{http.MethodGet, http.MethodPost}
	h.flows = map[string]flowRoute{
		"password_auth":     {serve: h.passwordAuth, methods: []string{http.MethodPost}},
		"passwordless_auth": {serve: h.passwordlessAuth, methods: read},
	}
	h.oauthFlows(read)
	h.authenticatorFlows()
	h.directoryFlows(read)
}

// noProvider answers the endpoint of a provider that this server cannot talk to.
func (h *Handler) noProvider(_ context.Context, f *flow) (*answer, error) {
	return h.signInFailed(f, signin.BadCredentials), nil
}

// browserSignIn answers the sign-in endpoints of browsers; nil for any other path.
func (h *Handler) browserSignIn(r *http.Request, segments []string) *answer {
	route, ok := h.flows[segments[0]]
	if !ok || h.users == nil || len(segments) > 2 || len(segments) == 2 && (route.further == nil || !route.further(segments[1])) {
		return nil
	}
	if !slices.Contains(route.methods, r.Method) {
		return methodAnswer(r.Method, route.methods)
	}
	c := &call{r: r, segments: segments, uri: rawPath(r), query: parseQuery(r.URL.RawQuery)}
	f, err := h.newFlow(c)
	if err != nil {
		return h.fail(r.Context(), c, err)
	}
	a, err := route.serve(r.Context(), f)
	if err != nil {
		return h.fail(r.Context(), c, err)
	}
	return a
}

// appOfFlow is the app that a flow of an identity provider signs into: the root app when the request names none, nil when
// it names one that does not exist (A 9.1).
func (h *Handler) appOfFlow(ctx context.Context, f *flow) (*para.App, error) {
	if f.appID != "" {
		return f.app, nil
	}
	return h.eng.App(ctx, h.eng.Root())
}

// signInWith ends a flow with the profile that the provider proved, or with the error it gave: the browser goes where the
// app wants it (A 9.3, A 9.4).
func (h *Handler) signInWith(ctx context.Context, f *flow, app *para.App, provider string, profile signin.Profile, err error) (*answer, error) {
	var admission *signin.Admission
	if err == nil {
		admission, err = h.users.SignInProfile(ctx, app, profile)
	} else {
		err = h.users.Rejected(ctx, provider, err)
	}
	if a := h.secondFactorOf(f, app, err); a != nil {
		return a, nil
	}
	if cause := causeOf(err); cause != "" {
		return h.signInFailed(f, cause), nil
	}
	if err != nil {
		return nil, err
	}
	return h.signInSucceeded(ctx, f, admission)
}
