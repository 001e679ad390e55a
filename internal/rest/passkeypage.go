package rest

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"html"
	"net/http"
	"time"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/oauth"
	"github.com/erudika/para-go/internal/signin"
)

// passkeyCookie binds the challenge of a passkey to the browser that got the page: no other site can sign it in with a
// passkey of its own.
const (
	passkeyCookie   = "para-passkey"
	passkeyPatience = 5 * time.Minute
)

// passkeyScript asks the browser for a passkey and sends what it says with the form.
const passkeyScript = `'use strict';
const form = document.querySelector('form'), bytes = s => Uint8Array.from(atob(s.replace(/-/g, '+').replace(/_/g, '/')), c => c.charCodeAt(0));
const text = b => btoa(String.fromCharCode(...new Uint8Array(b))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
form.addEventListener('submit', async e => {
	e.preventDefault();
	try {
		const o = JSON.parse(form.dataset.options).publicKey;
		o.challenge = bytes(o.challenge);
		const c = await navigator.credentials.get({publicKey: o}), r = c.response;
		form.elements.credential.value = JSON.stringify({id: c.id, rawId: text(c.rawId), type: c.type, clientExtensionResults: {}, response: {
			clientDataJSON: text(r.clientDataJSON), authenticatorData: text(r.authenticatorData), signature: text(r.signature), userHandle: text(r.userHandle)}});
		form.submit();
	} catch {
		document.querySelector('output').textContent = 'That did not work. Try again.';
	}
});`

// passkeyAuth answers /passkey_auth, the page where a browser signs in with a passkey, and /passkey_auth/options, where
// applications get what their own page needs for it.
func (h *Handler) passkeyAuth(ctx context.Context, f *flow) (*answer, error) {
	app, err := h.appOfFlow(ctx, f)
	if err != nil {
		return nil, err
	}
	if app == nil || !signin.PasskeysOn(app) {
		return h.notFound(len(f.segments) == 2), nil
	}
	switch {
	case f.r.Method != http.MethodPost:
	case len(f.segments) == 1:
		return h.signInWithPasskey(ctx, f, app)
	default:
		return methodAnswer(f.r.Method, []string{http.MethodGet}), nil
	}
	options, err := h.users.PasskeyOptions(app)
	if para.CodeOf(err) == para.NotFound {
		return h.notFound(len(f.segments) == 2), nil
	}
	if err != nil {
		return nil, err
	}
	if len(f.segments) == 2 {
		return bodyJSON(options), nil
	}
	page := h.formPage(http.StatusOK, app, "Sign in with a passkey", `</p><form method="post" action="`+html.EscapeString(h.opts.ContextPath+passkeyPath)+
		`" data-options="`+html.EscapeString(string(options))+`">`+h.carried(f, app)+
		`<input type="hidden" name="credential"><button>Use a passkey</button> <output></output></form><p>`, passkeyScript)
	page.headers = append(page.headers, param{"Set-Cookie", flowCookie(f.r, oauth.Cookie{Name: passkeyCookie, Value: challengeOf(options)}, passkeyPatience)})
	return page, nil
}

// signInWithPasskey answers the form of the page.
func (h *Handler) signInWithPasskey(ctx context.Context, f *flow, app *para.App) (*answer, error) {
	if err := h.users.Admit(h.authn.ClientAddress(f.r)); err != nil {
		return nil, err
	}
	credential := f.params.get("credential")
	cookie, err := f.r.Cookie(flowCookiePrefix(f.r) + passkeyCookie)
	if err != nil || subtle.ConstantTimeCompare([]byte(cookie.Value), []byte(signin.PasskeyChallenge(credential))) != 1 {
		return h.signInFailed(f, signin.BadCredentials), nil
	}
	admission, err := h.users.SignIn(ctx, app, "passkey", credential)
	var a *answer
	if cause := causeOf(err); cause != "" {
		a, err = h.signInFailed(f, cause), nil
	} else if err == nil {
		a, err = h.signInSucceeded(ctx, f, admission)
	}
	if a != nil {
		a.headers = append(a.headers, param{"Set-Cookie", flowCookie(f.r, oauth.Cookie{Name: passkeyCookie}, -1)})
	}
	return a, err
}

// challengeOf is the challenge in options, in Base64url.
func challengeOf(options []byte) string {
	var o struct {
		PublicKey struct{ Challenge string }
	}
	_ = json.Unmarshal(options, &o) // of this server
	if _, err := base64.RawURLEncoding.DecodeString(o.PublicKey.Challenge); err != nil {
		return ""
	}
	return o.PublicKey.Challenge
}
