// Package authn finds out who sends a request: the app that signed it, the user or app whose token it carries, a guest
// of an app, or nobody (A 2, A 3, A 4). What they may do is decided by package access.
package authn

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/access"
	"github.com/erudika/para-go/internal/sigv4"
	"github.com/erudika/para-go/internal/token"
)

// Directory is where apps and users are looked up.
type Directory interface {
	// App returns an app by id or identifier, a NotFound error when there is none.
	App(ctx context.Context, id string) (*para.App, error)
	// User returns the object with an id in an app if it is a user, nil when it is none.
	User(ctx context.Context, app *para.App, id string) (*para.Object, error)
	// Root returns the identifier of the root app.
	Root() string
}

// Options say how credentials are checked.
type Options struct {
	Directory      Directory
	MaxAge         time.Duration  // how old a signed request may be (request_expires_after)
	TrustedProxies []netip.Prefix // peers whose X-Forwarded-Host counts; empty: loopback, private and link-local ranges (D19)
	// Delegated says whether a user that signed in by a generic provider may still act according to it (A 8.5). nil: yes.
	Delegated func(ctx context.Context, app *para.App, user *para.Object) (bool, error)
	Keys      Keys // nil: no API key holds

	Now           func() time.Time
	Log           *slog.Logger
	LogSignatures bool // debug_request_signatures: failed signatures are explained in the log
}

// Authenticator checks the credentials of requests. It is safe for concurrent use.
type Authenticator struct {
	opts     Options
	verifier sigv4.Verifier
	tokens   *tokenCache
}

// New makes an authenticator.
func New(opts Options) *Authenticator {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	return &Authenticator{opts: opts, tokens: newTokenCache()}
}

// Request is what the credentials of a request are checked on.
type Request struct {
	HTTP       *http.Request
	URI        string // the path as it was sent, for messages
	AccessKey  string // the parameter accessKey, which names the app of a guest
	QueryToken bool   // the parameter Authorization may carry the token (D59)
	NoGuests   bool   // a request without credentials is Nobody, whatever app it names (A 2.4)

	// Body returns the hash of the body as it was sent. It is called only for signed requests, when all that can be
	// checked without it holds, so a large body need not be read for others. Its error comes back as it is.
	Body func() (sigv4.Hash, error)
}

// Claims are the parts of a token that handlers look at.
type Claims struct {
	GetCredentials string // A 4.7
}

// Result is who sends a request.
type Result struct {
	Principal access.Principal
	Claims    *Claims // of the token, nil without one
}

// Refusal is an answer to credentials that do not hold.
type Refusal struct {
	Status  int
	Message string
}

func (r *Refusal) Error() string { return r.Message }

// Authenticate names the principal of a request. A request without credentials is Nobody, one with credentials that do
// not hold is a *Refusal. Errors of look-ups come back as they are.
func (a *Authenticator) Authenticate(ctx context.Context, r Request) (Result, error) {
	header := r.HTTP.Header.Get("Authorization")
	if strings.TrimSpace(header) == "" && r.QueryToken {
		if q := r.HTTP.URL.Query().Get("Authorization"); q != "" {
			result, err := a.bearer(ctx, r, q)
			result.Claims = nil // wishes in the claims count only in the header (A 4.7)
			return result, err
		}
	}
	switch {
	case strings.TrimSpace(header) == "":
		return a.guest(ctx, r, r.AccessKey)
	case strings.HasPrefix(header, "Anonymous"):
		key := strings.TrimSpace(strings.TrimPrefix(header, "Anonymous"))
		if key == "" {
			key = r.AccessKey
		}
		return a.guest(ctx, r, key)
	case strings.Contains(header, "Bearer") && !strings.Contains(header, "Credential="): // the id of an app may hold the word
		if key, ok := presentedKey(header); ok {
			return a.key(ctx, r, key)
		}
		return a.bearer(ctx, r, header)
	}
	return a.signed(ctx, r, header)
}

// guest is a request without credentials; with the id of an app it acts as a guest of that app (A 2.5).
func (a *Authenticator) guest(ctx context.Context, r Request, key string) (Result, error) {
	if strings.TrimSpace(key) == "" || r.NoGuests {
		return Result{}, nil
	}
	app, err := a.opts.Directory.App(ctx, key)
	if para.CodeOf(err) == para.NotFound {
		return Result{}, &Refusal{http.StatusForbidden, "You don't have permission to access this resource. [user: [GUEST], resource: " + r.HTTP.Method + " " + r.URI + "]"}
	}
	if err != nil {
		return Result{}, err
	}
	return Result{Principal: a.principal(access.Guest, app)}, nil
}

func (a *Authenticator) principal(kind access.Kind, app *para.App) access.Principal {
	return access.Principal{Kind: kind, App: app, Root: app.Identifier == a.opts.Directory.Root()}
}

// signed checks the signature of a request (A 3.2): date, app, state of the app, signature, in this order.
func (a *Authenticator) signed(ctx context.Context, r Request, header string) (Result, error) {
	refuse := func(err error, app string) (Result, error) {
		status, message := sigv4.Answer(err, r.HTTP.Method, r.URI, app)
		return Result{}, &Refusal{status, message}
	}
	auth, err := sigv4.ParseAuthorization(header)
	if err != nil {
		return refuse(err, "")
	}
	req := sigv4.RequestOf(r.HTTP)
	if err := sigv4.CheckDate(req.Date, a.opts.MaxAge, a.opts.Now()); err != nil {
		return refuse(err, "")
	}
	app, err := a.opts.Directory.App(ctx, auth.AccessKey)
	if para.CodeOf(err) == para.NotFound {
		return Result{}, &Refusal{http.StatusNotFound, "App not found."}
	}
	if err != nil {
		return Result{}, err
	}
	p := a.principal(access.App, app)
	if err := p.Usable(r.HTTP.Method); err != nil {
		return Result{}, &Refusal{http.StatusForbidden, err.Message}
	}
	body, err := r.Body()
	if err != nil {
		return Result{}, err
	}
	hosts := sigv4.Hosts(r.HTTP.Host, r.HTTP.TLS != nil, a.forwardedHost(r.HTTP))
	if err := a.verifier.Verify(auth, req, body, app.Secret, hosts); err != nil {
		a.opts.Log.WarnContext(ctx, "Invalid signature for request", "method", r.HTTP.Method, "path", r.URI, "app", app.Identifier,
			"agent", r.HTTP.UserAgent(), "reason", err)
		switch {
		case !a.opts.LogSignatures && !a.opts.Log.Enabled(ctx, slog.LevelDebug):
		case r.HTTP.URL.Query().Has("Authorization"):
			a.opts.Log.InfoContext(ctx, "signature not explained: the query holds a token")
		default:
			a.opts.Log.InfoContext(ctx, "signature explained", "explanation", sigv4.Explain(auth, req, body, app.Secret, hosts).String())
		}
		return refuse(err, app.Identifier)
	}
	return Result{Principal: p}, nil
}

// forwardedHost is the host that a trusted proxy says the client asked for (D19).
func (a *Authenticator) forwardedHost(r *http.Request) string {
	host := r.Header.Get("X-Forwarded-Host")
	if host == "" || !a.trusted(r.RemoteAddr) {
		return ""
	}
	first, _, _ := strings.Cut(host, ",")
	return strings.TrimSpace(first)
}

func (a *Authenticator) trusted(remote string) bool {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	ip = ip.Unmap().WithZone("")
	if len(a.opts.TrustedProxies) == 0 {
		return ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast()
	}
	for _, p := range a.opts.TrustedProxies {
		if p.Contains(ip) {
			return true
		}
	}
	return false
}

// bearer is a request with a token (A 4.4, A 4.5).
func (a *Authenticator) bearer(ctx context.Context, r Request, header string) (Result, error) {
	v, err := a.verify(ctx, header)
	if err != nil {
		return Result{}, err
	}
	if v == nil || v.user != nil && !v.user.Bool("active") {
		return Result{}, &Refusal{http.StatusUnauthorized, "You don't have permission to access this resource. [" + r.HTTP.Method + " " + r.URI + "]"}
	}
	p := a.principal(access.App, v.app)
	if v.user != nil {
		p.Kind, p.User = access.User, v.user
	}
	return Result{Principal: p, Claims: &Claims{GetCredentials: v.claims.GetCredentials}}, nil
}

// UserOf returns the user whose valid token an Authorization value carries, and the user's app; nil for a super token and
// for everything that is no valid token. The user may be inactive (A 5.2, A 5.3).
func (a *Authenticator) UserOf(ctx context.Context, authorization string) (*para.App, *para.Object, error) {
	v, err := a.verify(ctx, authorization)
	if err != nil || v == nil || v.user == nil {
		return nil, nil, err
	}
	return v.app, v.user, nil
}

// verified is a token that holds.
type verified struct {
	app    *para.App
	user   *para.Object // nil for a super token
	claims token.Claims
}

// verify checks a token: it names its app and subject before its key is known; a subject that is a user of the app makes
// it a user token, anything else a super token (A 4.4, D61). It returns nil for what is no valid token.
func (a *Authenticator) verify(ctx context.Context, header string) (*verified, error) {
	compact, ok := token.Bearer(header)
	if !ok {
		return nil, nil
	}
	hash, known, hit := a.tokens.get(compact)
	var t *token.Unverified
	if !hit {
		var err error
		if t, err = token.Parse(compact); err != nil {
			return nil, nil
		}
		known = signedToken{appID: t.AppID(), subject: t.Subject()}
	}
	app, err := a.opts.Directory.App(ctx, known.appID)
	if para.CodeOf(err) == para.NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	v := &verified{app: app}
	secret := ""
	if known.subject != "" {
		if v.user, err = a.opts.Directory.User(ctx, app, known.subject); err != nil {
			return nil, err
		}
	}
	if v.user != nil {
		if secret = v.user.Text("tokenSecret"); secret == "" {
			return nil, nil // no token of such a user was ever issued; the app's key must not stand in for its own
		}
	}
	switch {
	case !hit:
		if v.claims, err = t.Verify(token.Key(app.Secret, secret), a.opts.Now()); err != nil {
			return nil, nil
		}
		a.tokens.put(hash, signedToken{known.appID, known.subject, app.Secret, secret, v.claims})
	case !known.madeWith(app.Secret, secret) || known.claims.CheckTime(a.opts.Now()) != nil:
		return nil, nil // a key that made the token once comes never back
	default:
		v.claims = known.claims
	}
	if v.user != nil && v.claims.IDP == "oauth2" && a.opts.Delegated != nil {
		if ok, err := a.opts.Delegated(ctx, app, v.user); err != nil || !ok {
			return nil, err
		}
	}
	return v, nil
}
