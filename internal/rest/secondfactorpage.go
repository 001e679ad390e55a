package rest

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"html"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/oauth"
	"github.com/erudika/para-go/internal/signin"
)

const (
	// challengeCookie keeps the challenge of a second factor in the browser that proved the first one: no other site can
	// make the browser go on with a challenge of its own.
	challengeCookie = "para-second-factor"

	secondFactorPath = "/second_factor_auth"
	passkeyPath      = "/passkey_auth"
)

// authenticatorFlows adds the endpoints where browsers send codes, and sign in with passkeys.
func (h *Handler) authenticatorFlows() {
	h.flows["second_factor_auth"] = flowRoute{serve: h.secondFactorAuth, methods: []string{http.MethodPost}}
	h.flows["passkey_auth"] = flowRoute{serve: h.passkeyAuth, methods: []string{http.MethodGet, http.MethodPost},
		further: func(s string) bool { return s == "options" }}
}

// secondFactorOf answers a flow whose user has to prove itself once more: with a page that asks for a code, or with the
// challenge for scripts. It is nil for every other outcome.
func (h *Handler) secondFactorOf(f *flow, app *para.App, err error) *answer {
	var needed *signin.SecondFactorNeeded
	if !errors.As(err, &needed) {
		return nil
	}
	if isScript(f.r, f.params) || f.params.get("redirect") == "false" {
		return challengeAnswer(needed)
	}
	a := h.codePage(f, app, needed, "")
	if needed.Challenge != "" {
		age := time.UnixMilli(needed.Expires).Sub(h.eng.Now())
		a.headers = append(a.headers, param{"Set-Cookie", flowCookie(f.r, oauth.Cookie{Name: challengeCookie, Value: needed.Challenge}, age)})
	}
	return a
}

// secondFactorAuth answers POST /second_factor_auth: the form of codePage.
func (h *Handler) secondFactorAuth(ctx context.Context, f *flow) (*answer, error) {
	app, err := h.appOfFlow(ctx, f)
	if err != nil {
		return nil, err
	}
	if app == nil {
		return h.signInFailed(f, signin.BadCredentials), nil
	}
	if err := h.users.Admit(h.authn.ClientAddress(f.r)); err != nil {
		return nil, err
	}
	cookie, err := f.r.Cookie(flowCookiePrefix(f.r) + challengeCookie)
	if err != nil || cookie.Value == "" {
		return h.signInFailed(f, signin.ChallengeIsVoid), nil
	}
	if subtle.ConstantTimeCompare([]byte(f.params.get(csrfParam)), []byte(formToken(cookie.Value))) != 1 {
		return gateAnswer(http.StatusForbidden, "The form does not belong to this sign-in."), nil
	}
	admission, err := h.users.Answer(ctx, app, cookie.Value, f.params.get("code"))
	var failed *signin.Failure
	if errors.As(err, &failed) && ofSecondFactor(failed) && failed.Cause != signin.ChallengeIsVoid {
		if needed, again := h.users.Ask(ctx, app, cookie.Value); again == nil {
			return h.codePage(f, app, needed, failed.Cause), nil
		}
	}
	var a *answer
	switch cause := causeOf(err); {
	case f.app != nil && signin.WayOf(cookie.Value) == "passwordless":
		a, err = h.passwordlessDone(ctx, f, admission, err)
	case cause != "":
		a, err = h.signInFailed(f, cause), nil
	case err == nil:
		a, err = h.signInSucceeded(ctx, f, admission)
	}
	if a != nil {
		a.headers = append(a.headers, param{"Set-Cookie", flowCookie(f.r, oauth.Cookie{Name: challengeCookie}, -1)})
	}
	return a, err
}

// formToken is what the form of a challenge carries besides the cookie.
func formToken(challenge string) string {
	sum := sha256.Sum256([]byte("para second factor form\x00" + challenge))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// codePage asks for a code. problem is what was wrong with the last one, "" for nothing.
func (h *Handler) codePage(f *flow, app *para.App, needed *signin.SecondFactorNeeded, problem string) *answer {
	var b strings.Builder
	if problem != "" {
		b.WriteString(`<strong role="alert">` + html.EscapeString(problem) + `</strong></p><p>`)
	}
	switch {
	case needed.Secret != "":
		b.WriteString(`This needs a second factor, which you have not set up yet.</p><ol><li>Add this secret to an authenticator app`)
		if picture := codePicture(needed.URI); picture != "" {
			b.WriteString(`:<br><img alt="" width="240" height="240" src="` + picture + `">`)
		}
		b.WriteString(`<br><a href="` + html.EscapeString(needed.URI) + `">open the app on this device</a>, or type <code>` + html.EscapeString(grouped(needed.Secret)) +
			`</code></li><li>Keep these codes in a safe place. Each signs you in once, should you lose the app:<br><code>` +
			strings.Join(needed.BackupCodes, "<br>") + `</code></li><li>Enter the code that the app shows.</li></ol><p>`)
	case needed.Challenge != "":
		b.WriteString(`Enter the code that your authenticator app shows, or one of your backup codes.</p><p>`)
	default:
		b.WriteString(`This needs a second factor, and you have a passkey.</p><p>`)
	}
	if needed.Challenge != "" {
		b.WriteString(`</p><form method="post" action="` + html.EscapeString(h.opts.ContextPath+secondFactorPath) + `">` + h.carried(f, app) +
			`<input type="hidden" name="` + csrfParam + `" value="` + formToken(needed.Challenge) + `">` +
			`<label>Code <input name="code" autocomplete="one-time-code" inputmode="text" maxlength="64" required autofocus></label> <button>Sign in</button></form><p>`)
	}
	if slices.Contains(needed.Methods, signin.MethodPasskey) {
		b.WriteString(`<a href="` + html.EscapeString(h.opts.ContextPath+passkeyPath+"?"+carriedParams(f, app).Encode()) + `">Sign in with a passkey</a>`)
	}
	return h.formPage(http.StatusUnauthorized, app, "Sign in", b.String(), "")
}

// grouped writes a secret in groups of four.
func grouped(secret string) string {
	var b strings.Builder
	for i := 0; i < len(secret); i += 4 {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(secret[i:min(i+4, len(secret))])
	}
	return b.String()
}

// carriedParams are the parameters of a flow that decide where it ends. They are checked there, wherever they come from.
func carriedParams(f *flow, app *para.App) url.Values {
	v := url.Values{}
	for _, name := range []string{"state", "host_url", "returnto", "httpOnlyCookie", "sameSiteCookie"} {
		if text := f.params.get(name); text != "" {
			v.Set(name, text)
		}
	}
	if f.app != nil {
		v.Set("appid", app.Identifier)
	}
	return v
}

// carried writes them as fields of a form.
func (h *Handler) carried(f *flow, app *para.App) string {
	v := carriedParams(f, app)
	if to := f.params.get(h.opts.Pages.ReturnTo); to != "" {
		v.Set(h.opts.Pages.ReturnTo, to)
	}
	var b strings.Builder
	for _, name := range []string{"appid", "state", "host_url", "returnto", h.opts.Pages.ReturnTo, "httpOnlyCookie", "sameSiteCookie"} {
		if text := v.Get(name); text != "" {
			b.WriteString(`<input type="hidden" name="` + html.EscapeString(name) + `" value="` + html.EscapeString(text) + `">`)
			v.Del(name)
		}
	}
	return b.String()
}

// formPage is a page with a form. Browsers load nothing for it, and send the form nowhere but to this server and, by the
// redirect that follows, to where the app sends its users. script is the only one that runs.
func (h *Handler) formPage(status int, app *para.App, title, text, script string) *answer {
	if script != "" {
		text += "<script>" + script + "</script>"
	}
	a := htmlPage(status, title, text)
	policy := "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'; form-action " +
		strings.Join(append([]string{"'self'"}, h.formTargets(app)...), " ")
	if script != "" {
		sum := sha256.Sum256([]byte(script))
		policy += "; script-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	a.headers = append(a.headers, param{"Content-Security-Policy", policy}, param{"Referrer-Policy", "no-referrer"})
	return a
}

// formTargets are the places that the settings of an app send browsers to, in the form of a content security policy: browsers
// hold a form to its policy also when they follow a redirect.
func (h *Handler) formTargets(app *para.App) []string {
	pages := h.aliases(app)
	for _, name := range []string{"signin_success", "signin_failure", "returnto"} {
		pages = append(pages, h.opts.Pages.Direct(app, name))
	}
	pages = append(pages, h.opts.Pages.SignInSuccess, h.opts.Pages.SignInFailure, h.opts.Pages.ReturnTo)
	var out []string
	for _, page := range pages {
		u, err := url.Parse(strings.TrimSpace(page))
		if err != nil || u.Scheme == "" {
			continue
		}
		source := u.Scheme + ":"
		if signin.Absolute(page) {
			source = u.Scheme + "://" + u.Host
		}
		if strings.ContainsAny(source, " ;,'\"*") || slices.Contains(out, source) {
			continue
		}
		out = append(out, source)
	}
	return out
}
