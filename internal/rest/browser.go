package rest

import (
	"context"
	"encoding/base64"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/signin"
)

// Pages say where browsers go that sign in or out (A 9, A 17, A 22).
type Pages struct {
	SignIn         string // security.signin: path of the sign-in page
	SignInSuccess  string // security.signin_success
	SignInFailure  string // security.signin_failure
	SignOut        string // security.signout: path
	SignOutSuccess string // security.signout_success
	ReturnTo       string // security.returnto: name of a parameter, and the return address of /passwordless_auth
	AuthCookie     string // auth_cookie: deleted by signing out
	ReturnCookie   string // returnto_cookie
	SessionTimeout time.Duration
	CSRF           bool // security.csrf_protection
	CSRFWithSPA    bool // security.csrf_protection_with_spa

	// Setting returns a setting of an app in text form, def when it has none (A 1.5); Direct one that has no counterpart
	// among the options, but signin_success and signin_failure of the root app (A 9.3).
	Setting func(app *para.App, key, def string) string
	Direct  func(app *para.App, key string) string
}

// flow is a request of a browser that signs in.
type flow struct {
	r        *http.Request
	segments []string
	params   params
	appID    string    // as the request names it, trimmed; "" for none
	app      *para.App // nil when none is named or there is no such app
	host     signin.Host
}

// newFlow reads the parameters of a flow and finds its app (A 9.1).
func (h *Handler) newFlow(c *call) (*flow, error) {
	f := &flow{r: c.r, segments: c.segments, params: h.withForm(c)}
	f.appID = strings.TrimSpace(f.params.get("appid"))
	state := f.params.get("state")
	if f.appID == "" {
		id, _, _ := strings.Cut(state, "|")
		f.appID = strings.TrimSpace(id)
	}
	switch {
	case f.appID != "":
	case len(c.segments) == 2 && (c.segments[0] == "saml_auth" || c.segments[0] == "saml_metadata"):
		f.appID = strings.TrimSpace(c.segments[1])
	case c.segments[0] == "passwordless_auth":
		f.appID = strings.TrimSpace(signin.AppOf(f.token()))
	}
	if f.appID != "" {
		app, err := h.eng.App(c.r.Context(), f.appID)
		if err != nil && para.CodeOf(err) != para.NotFound {
			return nil, err
		}
		f.app = app
	}
	f.host = signin.Host{URL: f.params.get("host_url"), State: state}
	if f.app != nil {
		f.host.Aliases = h.aliases(f.app)
	}
	return f, nil
}

func (h *Handler) aliases(app *para.App) []string {
	return signin.ParseAliases(h.opts.Pages.Direct(app, "security.hosturl_aliases"))
}

// withForm returns the parameters of the URL followed by those of a form in the body.
func (h *Handler) withForm(c *call) params {
	typ, _, _ := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if typ != "application/x-www-form-urlencoded" {
		return c.query
	}
	if c.body == nil && !c.tooLarge {
		if _, err := c.readBody(h.opts.MaxEntityBytes); err != nil {
			return c.query
		}
	}
	return append(append(params{}, c.query...), parseQuery(string(c.body))...)
}

// passwordAuth answers POST /password_auth (A 9.5).
func (h *Handler) passwordAuth(ctx context.Context, f *flow) (*answer, error) {
	app := f.app
	if f.appID == "" {
		var err error
		if app, err = h.eng.App(ctx, h.eng.Root()); err != nil {
			return nil, err
		}
	}
	if app == nil {
		return h.signInFailed(f, signin.BadCredentials), nil
	}
	if err := h.users.Admit(h.authn.ClientAddress(f.r)); err != nil {
		return nil, err
	}
	admission, err := h.users.PasswordOf(ctx, app, f.params.get("email"), f.params.get("password"))
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

// causeOf is what a browser may be told about a failed sign-in, "" when the error is another one.
func causeOf(err error) string {
	var failed *signin.Failure
	var e *para.Error
	switch {
	case errors.As(err, &failed):
		return failed.Cause
	case para.CodeOf(err) == para.Denied && errors.As(err, &e):
		return e.Message
	}
	return ""
}

// signInSucceeded sends a browser where its app wants it after signing in (A 9.3).
func (h *Handler) signInSucceeded(ctx context.Context, f *flow, admission *signin.Admission) (*answer, error) {
	app := admission.App()
	target := strings.TrimSpace(h.opts.Pages.Direct(app, "signin_success"))
	f.host.Aliases = h.aliases(app)
	if target == "" {
		return h.signedIn(f), nil
	}
	target = f.host.Apply(target)
	if strings.Contains(target, "jwt=?") {
		session, err := h.users.Issue(ctx, admission)
		if cause := causeOf(err); cause != "" {
			return h.signInFailed(f, cause), nil
		}
		if err != nil {
			return nil, err
		}
		target = strings.ReplaceAll(target, "jwt=?", "jwt="+session.Token.Token)
	}
	if strings.Contains(target, "jwt=id") {
		id, err := h.users.IDToken(ctx, admission)
		if cause := causeOf(err); cause != "" {
			return h.signInFailed(f, cause), nil
		}
		if err != nil {
			return nil, err
		}
		target = strings.ReplaceAll(target, "jwt=id", "jwt="+id)
	}
	return h.redirect(target), nil
}

// signedIn is the answer where the app names no target: nothing for scripts, else the way back to where the browser came
// from, if that is a place of this server or of the app, else the option.
func (h *Handler) signedIn(f *flow) *answer {
	if isScript(f.r, f.params) {
		return &answer{status: http.StatusNoContent, plain: true}
	}
	if cookie, err := f.r.Cookie(h.opts.Pages.ReturnCookie); err == nil {
		if to, err := base64.StdEncoding.DecodeString(cookie.Value); err == nil && signin.SafeReturn(string(to), f.r.Host, f.host.Aliases) {
			a := h.redirect(string(to))
			a.headers = append(a.headers, param{"Set-Cookie", h.opts.Pages.ReturnCookie + "=; " + longAgo + "; Path=/"})
			return a
		}
	}
	if to := f.params.get(h.opts.Pages.ReturnTo); to != "" && signin.SafeReturn(to, f.r.Host, f.host.Aliases) {
		return h.redirect(to)
	}
	return h.redirect(h.opts.Pages.SignInSuccess)
}

// signInFailed sends a browser where its app wants it after a failure, and tells it the cause (A 9.4).
func (h *Handler) signInFailed(f *flow, cause string) *answer {
	if f.app != nil {
		if target := strings.TrimSpace(h.opts.Pages.Direct(f.app, "signin_failure")); target != "" {
			target = f.host.Apply(target)
			return h.redirect(strings.ReplaceAll(target, "cause=?", "cause="+strings.ReplaceAll(url.QueryEscape(cause), "+", "%20")))
		}
	}
	if isScript(f.r, f.params) {
		return gateAnswer(http.StatusUnauthorized, cause)
	}
	return h.redirect(h.opts.Pages.SignInFailure)
}

// token is the one that /passwordless_auth is called with.
func (f *flow) token() string {
	if t := f.params.get("token"); strings.TrimSpace(t) != "" {
		return t
	}
	return f.params.get("jwt")
}

// passwordlessAuth answers /passwordless_auth (A 10.3).
func (h *Handler) passwordlessAuth(ctx context.Context, f *flow) (*answer, error) {
	direct := f.params.get("redirect") == "false"
	forbidden := func() *answer { return errorAnswer(http.StatusForbidden, "") }
	if f.app == nil {
		if direct {
			return forbidden(), nil
		}
		a := h.redirect(h.opts.Pages.SignInFailure)
		a.status = http.StatusForbidden
		return a, nil
	}
	back := h.pageOf(f.app, "returnto", h.opts.Pages.ReturnTo)
	if !direct && (!signin.Absolute(back) || !signin.Absolute(h.pageOf(f.app, "signin_failure", h.opts.Pages.SignInFailure))) {
		return errorAnswer(http.StatusBadRequest, "Passwordless authentication failed for app '"+f.appID+"', reason: redirect URL must be absolute."), nil
	}
	admission, err := h.users.SignIn(ctx, f.app, "passwordless", f.token())
	if a := h.secondFactorOf(f, f.app, err); a != nil {
		return a, nil
	}
	return h.passwordlessDone(ctx, f, admission, err)
}

// passwordlessDone ends the flow of /passwordless_auth: a token goes to the application, as text or as a cookie (A 10.3).
func (h *Handler) passwordlessDone(ctx context.Context, f *flow, admission *signin.Admission, err error) (*answer, error) {
	direct := f.params.get("redirect") == "false"
	var session *signin.Session
	if err == nil {
		session, err = h.users.Issue(ctx, admission)
	}
	if cause := causeOf(err); cause != "" {
		if direct {
			return errorAnswer(http.StatusForbidden, ""), nil
		}
		return h.signInFailed(f, cause), nil
	}
	if err != nil {
		return nil, err
	}
	if direct {
		return bodyText(session.Token.Token), nil
	}
	a := h.redirect(f.host.Apply(h.pageOf(f.app, "returnto", h.opts.Pages.ReturnTo)))
	a.headers = append(a.headers, param{"Set-Cookie", h.sessionCookie(f, session)})
	return a, nil
}

// pageOf is a page of an app: its setting, else the option.
func (h *Handler) pageOf(app *para.App, setting, option string) string {
	if v := strings.TrimSpace(h.opts.Pages.Direct(app, setting)); v != "" {
		return v
	}
	return option
}

// cookieName are the names that a cookie may have.
var cookieName = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$")

// sessionCookie hands a user's token to the browser; the server itself never reads it (A 10.3).
func (h *Handler) sessionCookie(f *flow, s *signin.Session) string {
	name := h.opts.Pages.Setting(f.app, "auth_cookie", strings.TrimPrefix(f.appID, para.AppPrefix)+"-auth")
	if !cookieName.MatchString(name) {
		name = f.app.Identifier + "-auth"
	}
	age := int64(h.users.Validity(f.app) / time.Second)
	if n, err := strconv.ParseInt(h.opts.Pages.Setting(f.app, "session_timeout", ""), 10, 64); err == nil && n > 0 {
		age = n
	}
	path := h.opts.ContextPath
	if path == "" {
		path = "/"
	}
	expires := h.eng.Now().UTC().Add(time.Duration(min(age, 1<<31)) * time.Second)
	cookie := name + "=" + s.Token.Token + "; Path=" + path + "; Expires=" + expires.Format("Mon, 02-Jan-2006 15:04:05") + " GMT; Max-Age=" + strconv.FormatInt(age, 10)
	if only := f.params.get("httpOnlyCookie"); only == "" || strings.EqualFold(only, "true") {
		cookie += "; HttpOnly"
	}
	if secure(f.r) {
		cookie += "; Secure"
	}
	site := "Strict"
	for _, known := range []string{"Lax", "None"} {
		if strings.EqualFold(f.params.get("sameSiteCookie"), known) {
			site = known
		}
	}
	return cookie + "; SameSite=" + site
}

// secure says whether the browser speaks TLS, to this server or to a proxy before it (A 9.2, D19).
func secure(r *http.Request) bool {
	for _, name := range []string{"X-Forwarded-Proto", "CloudFront-Forwarded-Proto"} {
		if proto := r.Header.Get(name); proto != "" {
			return strings.EqualFold(proto, "https")
		}
	}
	return r.TLS != nil
}

// redirect sends a browser to an address; a path is one below the context path.
func (h *Handler) redirect(target string) *answer {
	if strings.HasPrefix(target, "/") && !strings.HasPrefix(target, "//") {
		target = h.opts.ContextPath + target
	}
	return &answer{status: http.StatusFound, plain: true, headers: []param{{"Location", headerText(target)}}}
}

// headerText keeps what comes from settings from breaking a header.
func headerText(s string) string {
	return strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f {
			return -1
		}
		return c
	}, s)
}

// isScript says whether a request comes from a script rather than from a page (A 9.3).
func isScript(r *http.Request, q params) bool {
	if r.Header.Get("X-Requested-With") == "XMLHttpRequest" || q.get("X-Requested-With") == "XMLHttpRequest" {
		return true
	}
	accept := r.Header.Get("Accept")
	for _, typ := range []string{"application/json", "application/javascript", "text/javascript"} {
		if strings.HasPrefix(accept, typ) {
			return true
		}
	}
	return false
}
