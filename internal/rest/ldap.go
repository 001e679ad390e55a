package rest

import (
	"context"
	"net/http"
	"strings"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/signin"
)

// Directory is what asks the LDAP directories of apps (A 11).
type Directory struct {
	// SignIn returns the profile of the user that has a name and a password. Its errors are those of signin.Verify.
	SignIn func(ctx context.Context, app *para.App, username, password string) (signin.Profile, error)

	UsernameParam string // security.ldap.username_param
	PasswordParam string // security.ldap.password_param
}

// directoryFlows adds the endpoints of LDAP and SAML.
func (h *Handler) directoryFlows(methods []string) {
	anything := func(string) bool { return true }
	h.flows["ldap_auth"] = flowRoute{serve: h.noProvider, methods: methods}
	h.flows["saml_auth"] = flowRoute{serve: h.noProvider, methods: methods, further: anything}
	if h.opts.Directory.SignIn != nil {
		h.flows["ldap_auth"] = flowRoute{serve: h.ldapAuth, methods: methods}
	}
	if h.opts.SAML != nil {
		h.flows["saml_auth"] = flowRoute{serve: h.samlAuth, methods: methods, further: anything}
		h.flows["saml_metadata"] = flowRoute{serve: h.samlMetadata, methods: []string{http.MethodGet}, further: anything}
	}
}

// ldapAuth answers /ldap_auth (A 11.2).
func (h *Handler) ldapAuth(ctx context.Context, f *flow) (*answer, error) {
	username, password := f.params.get(h.opts.Directory.UsernameParam), f.params.get(h.opts.Directory.PasswordParam)
	if strings.TrimSpace(username) == "" || strings.TrimSpace(password) == "" {
		return h.signInFailed(f, signin.BadCredentials), nil
	}
	app, err := h.appOfFlow(ctx, f)
	if err != nil {
		return nil, err
	}
	if app == nil {
		return h.signInFailed(f, "LDAP configuration is missing."), nil
	}
	if err := h.users.Admit(h.authn.ClientAddress(f.r)); err != nil {
		return nil, err
	}
	profile, err := h.opts.Directory.SignIn(ctx, app, username, password)
	return h.signInWith(ctx, f, app, "ldap", profile, err)
}
