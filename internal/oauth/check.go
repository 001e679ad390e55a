package oauth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/diagnose"
)

// Names of the steps of Check.
const (
	stepProvider  = "provider"
	stepSettings  = "settings"
	stepIssuer    = "issuer"
	stepKeys      = "keys"
	stepAuthorize = "authorization endpoint"
	stepToken     = "token endpoint"
	stepProfile   = "profile endpoint"
	stepRequest   = "request token"
)

// Check tries what a sign-in with a provider needs, without a user: the settings, what the issuer says about itself, its
// keys, the address for browsers, and whether the token and profile endpoints refuse a wrong code and token in the way
// that shows that they know the app. It stops where the next step makes no sense.
func (s *Service) Check(ctx context.Context, app *para.App, name string) *diagnose.Report {
	r := new(diagnose.Report)
	p := providerOf(name)
	if p == nil {
		r.Fail(stepProvider, fmt.Sprintf("there is no provider %q", name), "Name one of "+strings.Join(Names(), ", "))
		return r
	}
	c := s.client(app, p)
	if missing := c.missing(); len(missing) > 0 {
		r.Fail(stepSettings, "missing: "+strings.Join(missing, ", "), "Set them with `para settings set KEY VALUE`; client id and secret count only both together (docs/sign-in.md)")
		return r
	}
	r.OK(stepSettings, "client id and secret of "+p.title+" are there")
	if p.oauth1 {
		s.checkTwitter(ctx, r, c)
		return r
	}
	if p.generic() && c.issuer != "" {
		d, err := s.discover(ctx, c.issuer)
		if err != nil {
			r.Fail(stepIssuer, err.Error(), "Open "+strings.TrimSuffix(c.issuer, "/")+wellKnown+" in a browser: the setting must be equal to its member issuer")
			return r
		}
		s.issuers.put(c.issuer, d)
		if err := s.complete(ctx, &c); err != nil {
			r.Fail(stepIssuer, err.Error(), "")
			return r
		}
		r.OK(stepIssuer, c.issuer+" describes itself")
	}
	s.checkKeys(ctx, r, c)
	s.checkAuthorize(ctx, r, c)
	s.checkToken(ctx, r, c)
	s.checkProfile(ctx, r, c)
	return r
}

func (s *Service) checkKeys(ctx context.Context, r *diagnose.Report, c client) {
	if c.keys == "" {
		r.Skip(stepKeys, "no issuer is set, so ID tokens of clients are not accepted")
		return
	}
	keys, err := s.fetchKeys(ctx, c.keys)
	if err != nil {
		r.Fail(stepKeys, err.Error(), "ID tokens cannot be checked without them; the server must be able to reach the address")
		return
	}
	r.OK(stepKeys, fmt.Sprintf("%d keys for ID tokens", len(keys)))
}

// missing are the settings that a sign-in in the browser cannot do without.
func (c client) missing() []string {
	var out []string
	need := func(value, name string) {
		if value == "" {
			out = append(out, name)
		}
	}
	need(c.id, c.p.prefix+"_app_id")
	need(c.secret, c.p.prefix+"_secret")
	if c.p.generic() && c.issuer == "" {
		block := "security.oauth" + c.p.alias + "."
		need(c.token, block+"token_url")
		need(c.profile, block+"profile_url")
	}
	return out
}

const rightAddress = "Compare the address with the provider's documentation"

// checkAuthorize looks whether the page where users sign in answers.
func (s *Service) checkAuthorize(ctx context.Context, r *diagnose.Report, c client) {
	if c.authorize == "" {
		r.Skip(stepAuthorize, "neither issuer nor authz_url is set: the application itself sends browsers to the provider")
		return
	}
	q := url.Values{"response_type": {"code"}, "client_id": {c.id}, "scope": {c.scope}}
	join := "?"
	if strings.Contains(c.authorize, "?") {
		join = "&"
	}
	req, err := newRequest(ctx, http.MethodGet, c.authorize+join+q.Encode(), nil)
	if err != nil {
		r.Fail(stepAuthorize, err.Error(), rightAddress)
		return
	}
	stay := *s.http
	stay.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := stay.Do(req)
	if err != nil {
		r.Fail(stepAuthorize, fmt.Sprintf("ask %s: %v", req.URL.Host, withoutURL(err)), "Browsers must reach it; this machine does not")
		return
	}
	defer res.Body.Close()
	detail := fmt.Sprintf("%s answers with status %d", req.URL.Host, res.StatusCode)
	if res.StatusCode == http.StatusNotFound || res.StatusCode >= 500 {
		r.Fail(stepAuthorize, detail, rightAddress)
		return
	}
	r.OK(stepAuthorize, detail)
}

// wrongClient are the codes of errors that mean that the provider does not know the app or its secret.
var wrongClient = [...]string{
	"invalid_client", "unauthorized_client", "incorrect_client_credentials", "invalid_client_id", "bad_client_secret",
	"1", "101", // of Facebook: wrong secret, no such app
}

// checkToken exchanges a wrong code. A provider that knows the app says that the code is wrong.
func (s *Service) checkToken(ctx context.Context, r *diagnose.Report, c client) {
	keys := fmt.Sprintf("Compare %s_app_id and %[1]s_secret with what the provider shows", c.p.prefix)
	_, err := s.exchange(ctx, c, "not-a-code", "https://localhost/"+c.p.name+"_auth", "")
	var refused *statusError
	switch {
	case err == nil:
		r.Fail(stepToken, "it accepted a code that nobody made", rightAddress)
	case !errors.As(err, &refused):
		r.Fail(stepToken, err.Error(), "The server must be able to reach the address")
	case slices.Contains(wrongClient[:], refused.code), refused.status == http.StatusUnauthorized:
		r.Fail(stepToken, refused.Error()+": it does not know the client id, or refuses the secret", keys)
	case refused.status == http.StatusNotFound || refused.status >= 500:
		r.Fail(stepToken, refused.Error(), rightAddress)
	case refused.code == "":
		r.Warn(stepToken, refused.Error()+", without a reason that can be read", keys)
	default:
		r.OK(stepToken, "knows the app, and refuses a wrong code as it should ("+refused.code+")")
	}
}

// checkProfile asks for a profile with a wrong token.
func (s *Service) checkProfile(ctx context.Context, r *diagnose.Report, c client) {
	if !c.p.generic() {
		return
	}
	if c.profile == "" {
		r.Skip(stepProfile, "there is none: ID tokens alone tell who signs in")
		return
	}
	f, err := s.userInfo(ctx, c, "not-a-token")
	var refused *statusError
	switch {
	case err == nil && f.text(c.parameters["id"]) != "":
		r.Fail(stepProfile, "it tells a profile to everybody, whatever the token", rightAddress)
	case err == nil:
		r.OK(stepProfile, "answers a wrong token without a profile")
	case !errors.As(err, &refused):
		r.Fail(stepProfile, err.Error(), "The server must be able to reach the address")
	case refused.status == http.StatusNotFound || refused.status >= 500:
		r.Fail(stepProfile, refused.Error(), rightAddress)
	default:
		r.OK(stepProfile, fmt.Sprintf("refuses a wrong token with status %d", refused.status))
	}
}

// checkTwitter asks for a request token.
func (s *Service) checkTwitter(ctx context.Context, r *diagnose.Report, c client) {
	_, err := s.askTwitter(ctx, oauth1{key: c.id, secret: c.secret}, twitterRequest, map[string]string{"oauth_callback": "oob"}, nil)
	var refused *statusError
	switch {
	case err == nil:
		r.OK(stepRequest, "api.twitter.com knows the app")
	case errors.As(err, &refused) && refused.status == http.StatusForbidden:
		r.Warn(stepRequest, "api.twitter.com takes only registered callback addresses", "Register https://<this server>/twitter_auth there")
	default:
		r.Fail(stepRequest, err.Error(), "Compare tw_app_id and tw_secret with what the provider shows")
	}
}
