package rest

import (
	"context"
	"net/http"
	"strings"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/signin"
)

// SAML is what speaks SAML for apps (A 12). Its errors are those of signin.Verify.
type SAML interface {
	// Start returns where to send a browser that wants to sign in, and the cookies to give it. entityID chooses one of
	// several identity providers; "" takes the first.
	Start(ctx context.Context, app *para.App, entityID string, cookies []*http.Cookie) (address string, give []*http.Cookie, err error)

	// Finish returns the profile in the answer of an identity provider, and the cookies to give the browser.
	Finish(ctx context.Context, app *para.App, response string, cookies []*http.Cookie) (profile signin.Profile, give []*http.Cookie, err error)

	// Metadata describes an app to identity providers.
	Metadata(ctx context.Context, app *para.App, entityID string) ([]byte, error)
}

// samlAuth answers /saml_auth[/{appid}]: it sends the browser to the identity provider, and takes the answer that the
// browser comes back with (A 12.2, A 12.3).
func (h *Handler) samlAuth(ctx context.Context, f *flow) (*answer, error) {
	app, err := h.appOfFlow(ctx, f)
	if err != nil {
		return nil, err
	}
	if app == nil {
		return h.signInFailed(f, signin.BadCredentials), nil
	}
	if response := f.params.get("SAMLResponse"); strings.TrimSpace(response) != "" {
		profile, give, err := h.opts.SAML.Finish(ctx, app, response, f.r.Cookies())
		a, err := h.signInWith(ctx, f, app, "saml", profile, err)
		return withCookies(a, give), err
	}
	if f.r.Method != http.MethodGet {
		return h.signInFailed(f, signin.BadCredentials), nil // an answer that is missing or too large must not begin anew for ever
	}
	address, give, err := h.opts.SAML.Start(ctx, app, f.params.get("entityid"), f.r.Cookies())
	if err != nil {
		err = h.users.Rejected(ctx, "saml", err)
		if cause := causeOf(err); cause != "" {
			return h.signInFailed(f, cause), nil
		}
		return nil, err
	}
	return withCookies(&answer{status: http.StatusFound, plain: true, headers: []param{{"Location", headerText(address)}}}, give), nil
}

// samlMetadata answers /saml_metadata[/{appid}] (A 12.5).
func (h *Handler) samlMetadata(ctx context.Context, f *flow) (*answer, error) {
	app, err := h.appOfFlow(ctx, f)
	if err != nil {
		return nil, err
	}
	if app == nil {
		return errorAnswer(http.StatusBadRequest, ""), nil
	}
	text, err := h.opts.SAML.Metadata(ctx, app, f.params.get("entityid"))
	if err != nil {
		if err = h.users.Rejected(ctx, "saml", err); causeOf(err) != "" {
			return errorAnswer(http.StatusBadRequest, ""), nil
		}
		return nil, err
	}
	return &answer{status: http.StatusOK, typ: "text/xml;charset=UTF-8", body: text, plain: true}, nil
}

// withCookies adds cookies to an answer, which may be missing.
func withCookies(a *answer, give []*http.Cookie) *answer {
	for _, c := range give {
		if a != nil {
			a.headers = append(a.headers, param{"Set-Cookie", c.String()})
		}
	}
	return a
}
