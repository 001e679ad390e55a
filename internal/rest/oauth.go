package rest

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/oauth"
	"github.com/erudika/para-go/internal/signin"
)

// startSegment is the second part of the path where a browser begins to sign in, as in /google_auth/start.
const startSegment = "start"

// oauthFlows adds the endpoints of the providers of package oauth: browsers come back to /<provider>_auth, whoever sent
// them to the provider, and begin at /<provider>_auth/start where this server is to send them (A 9.1).
func (h *Handler) oauthFlows(methods []string) {
	for _, name := range oauth.Names() {
		serve := h.noProvider
		if h.opts.OAuth != nil {
			serve = func(ctx context.Context, f *flow) (*answer, error) { return h.oauthFlow(ctx, f, name) }
		}
		h.flows[name+"_auth"] = flowRoute{serve: serve, methods: methods, further: func(s string) bool { return s == startSegment }}
	}
}

func (h *Handler) oauthFlow(ctx context.Context, f *flow, provider string) (*answer, error) {
	app, err := h.appOfFlow(ctx, f)
	if err != nil {
		return nil, err
	}
	if app == nil {
		return h.signInFailed(f, signin.BadCredentials), nil
	}
	if len(f.segments) == 2 || provider == "twitter" && f.params.get("denied") == "" && strings.TrimSpace(f.params.get("oauth_verifier")) == "" {
		return h.beginOAuth(ctx, f, app, provider)
	}
	profile, spent, err := h.opts.OAuth.Finish(ctx, app, provider, oauth.Callback{
		URL:   h.callbackURL(f, provider),
		Param: f.params.get,
		Cookie: func(name string) string {
			c, err := f.r.Cookie(flowCookiePrefix(f.r) + name)
			if err != nil {
				return ""
			}
			return c.Value
		},
	})
	a, err := h.signInWith(ctx, f, app, provider, profile, err)
	if a != nil && spent != "" {
		a.headers = append(a.headers, param{"Set-Cookie", flowCookie(f.r, oauth.Cookie{Name: spent}, -1)})
	}
	return a, err
}

// beginOAuth sends a browser to a provider.
func (h *Handler) beginOAuth(ctx context.Context, f *flow, app *para.App, provider string) (*answer, error) {
	f.host.Aliases = h.aliases(app)
	callback := h.address(f.r, "/"+provider+"_auth")
	if provider == "twitter" { // it has no state: the callback names the app (A 7.4)
		callback = h.callbackURL(f, provider)
	}
	begun, err := h.opts.OAuth.Begin(ctx, app, provider, callback, f.host.Alias())
	if err != nil {
		err = h.users.Rejected(ctx, provider, err)
		if cause := causeOf(err); cause != "" {
			return h.signInFailed(f, cause), nil
		}
		return nil, err
	}
	return &answer{status: http.StatusFound, plain: true, headers: []param{
		{"Location", headerText(begun.URL)},
		{"Set-Cookie", flowCookie(f.r, begun.Cookie, oauth.FlowLifetime)},
	}}, nil
}

// flowCookiePrefix makes browsers keep the cookie from other hosts of the domain, where it is encrypted on the way.
func flowCookiePrefix(r *http.Request) string {
	if secure(r) {
		return "__Host-"
	}
	return ""
}

// flowCookie binds a flow to the browser that began it; a negative age deletes it. It comes along when the provider sends
// the browser back, which is why it is not strict.
func flowCookie(r *http.Request, c oauth.Cookie, age time.Duration) string {
	text := flowCookiePrefix(r) + c.Name + "=" + c.Value + "; Path=/; Max-Age=" + strconv.FormatInt(max(int64(age/time.Second), 0), 10) + "; HttpOnly; SameSite=Lax"
	if secure(r) {
		text += "; Secure"
	}
	return text
}

// callbackURL is the address of an endpoint as the browser sees it, which providers send it back to (A 9.2).
func (h *Handler) callbackURL(f *flow, provider string) string {
	u := h.address(f.r, "/"+provider+"_auth")
	join := "?"
	add := func(name, value string) {
		if strings.TrimSpace(value) != "" {
			u += join + name + "=" + value
			join = "&"
		}
	}
	id := f.params.get("appid")
	if id == "" && provider == "twitter" {
		id = f.appID
	}
	add("appid", id)
	add("host_url", f.params.get("host_url"))
	return u
}

// address is the address of a path of this server as the browser sees it.
func (h *Handler) address(r *http.Request, path string) string {
	scheme := "http"
	if secure(r) {
		scheme = "https"
	}
	return scheme + "://" + r.Host + h.opts.ContextPath + path
}

// signInLinks are the links of the sign-in page to the providers that an app has set up.
func (h *Handler) signInLinks(ctx context.Context, id string) []param {
	if h.opts.OAuth == nil || h.users == nil {
		return nil
	}
	query := ""
	if strings.TrimSpace(id) == "" {
		id = h.eng.Root()
	} else {
		query = "?appid=" + para.AppIdentifier(para.AppID(id))
	}
	app, err := h.eng.App(ctx, id)
	if err != nil {
		return nil
	}
	var out []param
	for _, name := range h.opts.OAuth.Configured(app) {
		out = append(out, param{oauth.Title(name), h.opts.ContextPath + "/" + name + "_auth/" + startSegment + query})
	}
	return out
}
