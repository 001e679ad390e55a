package oauth

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/signin"
)

// FlowLifetime is how long a browser may take to sign in at a provider.
const FlowLifetime = 10 * time.Minute

const cookiePrefix = "para-signin-"

// Cookie binds a flow to the browser that began it. It is for this host and scripts must not read it.
type Cookie struct{ Name, Value string }

// Begun is a flow that goes on at a provider.
type Begun struct {
	URL    string // where the browser is sent
	Cookie Cookie // what it must bring back
}

// Callback is what a browser brings back from a provider.
type Callback struct {
	URL    string                   // the address it was sent back to, as the provider was told (A 9.2)
	Param  func(name string) string // its parameters
	Cookie func(name string) string // its cookies
}

// Begin sends a browser to a provider. callback is the address that it comes back to, and alias the index of the app's
// alias that it wants to end at, "" for none (A 9.3). The state of the flow holds the app and the alias, so that callback
// needs no parameters, and is bound to the browser by a cookie; the code is bound to the flow by PKCE where the provider
// allows that, and the ID token by a nonce. It returns a *signin.Failure when the app is not registered there.
func (s *Service) Begin(ctx context.Context, app *para.App, name, callback, alias string) (Begun, error) {
	p := providerOf(name)
	if p == nil {
		return Begun{}, rejected()
	}
	leave, err := s.calls.enter(app.Identifier)
	if err != nil {
		return Begun{}, err
	}
	defer leave()
	c := s.client(app, p)
	if p.oauth1 {
		return s.beginTwitter(ctx, c, callback)
	}
	if err := s.complete(ctx, &c); err != nil {
		return Begun{}, err
	}
	if c.id == "" {
		return Begun{}, errNotRegistered
	}
	target, err := url.Parse(c.authorize)
	if err != nil || target.Host == "" || target.Scheme != "https" && target.Scheme != "http" {
		return Begun{}, errors.New("the settings name no web address that browsers can be sent to")
	}
	secret := newSecret()
	mac := derive(secret, "state", c.p.name, app.Identifier, alias)
	q := target.Query()
	q.Set("response_type", "code")
	q.Set("client_id", c.id)
	q.Set("redirect_uri", callback)
	q.Set("state", app.Identifier+"|"+alias+"|"+mac)
	if c.scope != "" {
		scope := p.scopeName
		if scope == "" {
			scope = "scope"
		}
		q.Set(scope, c.scope)
	}
	if c.pkce {
		sum := sha256.Sum256([]byte(derive(secret, "pkce")))
		q.Set("code_challenge", base64.RawURLEncoding.EncodeToString(sum[:]))
		q.Set("code_challenge_method", "S256")
	}
	if c.usesNonce() {
		q.Set("nonce", derive(secret, "nonce"))
	}
	target.RawQuery = q.Encode()
	return Begun{target.String(), Cookie{cookieName(mac), secret}}, nil
}

// usesNonce says whether flows of the server end with an ID token that tells which flow it was made for.
func (c client) usesNonce() bool {
	return (c.p.generic() || c.p.nonce) && c.issuer != "" && slices.Contains(strings.Fields(c.scope), "openid")
}

// Finish returns whose profile a browser proves that comes back from a provider (A 7.2, A 8.6, A 9), and the name of a
// cookie that has served its purpose, "" for none. A refusal is a *signin.Failure; other errors say why the provider
// could not be asked, without secrets.
func (s *Service) Finish(ctx context.Context, app *para.App, name string, back Callback) (profile signin.Profile, spent string, err error) {
	p := providerOf(name)
	if p == nil {
		return profile, "", rejected()
	}
	leave, err := s.calls.enter(app.Identifier)
	if err != nil {
		return profile, "", err
	}
	defer leave()
	c := s.client(app, p)
	if p.oauth1 {
		return s.finishTwitter(ctx, c, back)
	}
	secret, spent, err := s.checkState(c, back)
	if err != nil {
		return profile, spent, err
	}
	code := back.Param("code")
	if strings.TrimSpace(code) == "" || len(code) > maxTokenBytes {
		return profile, spent, rejected()
	}
	if err := s.complete(ctx, &c); err != nil {
		return profile, spent, err
	}
	if iss := back.Param("iss"); iss != "" && c.issuer != "" && p.generic() && iss != c.issuer {
		return profile, spent, errors.New("the code is of another issuer (RFC 9207)")
	}
	profile, err = s.finish(ctx, c, code, back.URL, secret)
	return profile, spent, err
}

// finish exchanges the code and reads the profile. secret is that of the browser, "" for flows that began elsewhere.
func (s *Service) finish(ctx context.Context, c client, code, redirect, secret string) (signin.Profile, error) {
	verifier, nonce := "", ""
	if secret != "" && c.pkce {
		verifier = derive(secret, "pkce")
	}
	if secret != "" && c.usesNonce() {
		nonce = derive(secret, "nonce")
	}
	t, err := s.exchange(ctx, c, code, redirect, verifier)
	if err != nil {
		return signin.Profile{}, err
	}
	if c.p.generic() {
		claims, err := s.claimsOfExchange(ctx, c, t, nonce)
		if err != nil {
			return signin.Profile{}, err
		}
		return s.genericProfile(ctx, c, t, claims)
	}
	profile, err := c.p.profile(ctx, s, c, t)
	if err != nil || nonce == "" {
		return profile, err
	}
	claims, err := s.verify(ctx, c, t.id, nonce)
	if err != nil {
		return signin.Profile{}, err
	}
	proved, err := c.p.fromClaims(c, claims)
	if err == nil && proved.Identifier != profile.Identifier {
		err = errors.New("the ID token is of another account than the profile")
	}
	return profile, err
}

var (
	errState     = errors.New("the flow was not begun by this browser, or long ago: its state does not belong to a cookie")
	errReplay    = errors.New("the flow has ended already: its state was used before")
	errStateless = errors.New("the flow was not begun by this server, and the app demands that (security.signin_state_required)")
)

// checkState finds the secret of the browser that began a flow, and makes sure that it ends only once. Flows that an
// application began by itself have none: the form of their state is older than this server (A 9.1).
func (s *Service) checkState(c client, back Callback) (secret, spent string, err error) {
	parts := strings.SplitN(back.Param("state"), "|", 3)
	if len(parts) < 3 {
		if strings.EqualFold(strings.TrimSpace(s.opts.Setting(c.app, "security.signin_state_required", "false")), "true") {
			return "", "", errStateless
		}
		return "", "", nil
	}
	mac := parts[2]
	name := cookieName(mac)
	if name == "" {
		return "", "", errState
	}
	secret = back.Cookie(name)
	if len(secret) != secretLength || subtle.ConstantTimeCompare([]byte(mac), []byte(derive(secret, "state", c.p.name, c.app.Identifier, parts[1]))) != 1 {
		return "", "", errState
	}
	if s.used.add(mac, s.opts.Now().Add(2*FlowLifetime)) {
		return "", name, errReplay
	}
	return secret, name, nil
}

// cookieName is the name of the cookie of a flow, so that several flows of one browser do not disturb each other; "" for
// what is no code of a state.
func cookieName(mac string) string {
	if len(mac) != macLength {
		return ""
	}
	for _, r := range mac {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_' {
			return ""
		}
	}
	return cookiePrefix + mac[:10]
}

const (
	secretLength = 43 // 32 bytes in Base64
	macLength    = 43
)

func newSecret() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails
	return base64.RawURLEncoding.EncodeToString(b)
}

// derive makes a value of its own for each purpose from the secret of a browser.
func derive(secret string, purpose ...string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	for _, part := range purpose {
		fmt.Fprintf(mac, "%d:%s", len(part), part)
	}
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}
