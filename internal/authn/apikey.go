package authn

import (
	"context"
	"net/http"
	"strings"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/access"
	"github.com/erudika/para-go/internal/apikey"
	"github.com/erudika/para-go/internal/token"
)

// Keys is where the API keys of apps are looked up.
type Keys interface {
	// Key returns an API key of an app, nil when there is none.
	Key(ctx context.Context, app *para.App, id string) (*apikey.Key, error)
	// KeyUsed is told of each use of a key.
	KeyUsed(ctx context.Context, app *para.App, id string)
}

// presentedKey returns the API key that an Authorization header carries. Nowhere else is one looked for: addresses get into
// logs and histories.
func presentedKey(header string) (string, bool) {
	compact, ok := token.Bearer(header)
	return compact, ok && strings.HasPrefix(compact, apikey.Prefix)
}

// key is a request with an API key. It holds only in apps that have API keys switched on. Whatever is wrong with it, the
// answer is the same; the log says what it was when the key exists.
func (a *Authenticator) key(ctx context.Context, r Request, text string) (Result, error) {
	refused := &Refusal{http.StatusUnauthorized, "You don't have permission to access this resource. [" + r.HTTP.Method + " " + r.URI + "]"}
	t, err := apikey.Parse(text)
	if err != nil || a.opts.Keys == nil {
		return Result{}, refused
	}
	app, err := a.opts.Directory.App(ctx, t.App)
	switch {
	case para.CodeOf(err) == para.NotFound:
		return Result{}, refused
	case err != nil:
		return Result{}, err
	case !app.APIKeys:
		return Result{}, refused
	}
	key, err := a.opts.Keys.Key(ctx, app, t.ID)
	switch {
	case err != nil:
		return Result{}, err
	case key == nil:
		return Result{}, refused
	}
	if err := key.Check(t.Secret, a.ClientAddress(r.HTTP), a.opts.Now()); err != nil {
		a.opts.Log.WarnContext(ctx, "API key refused", "app", app.Identifier, "key", key.ID, "reason", err, "method", r.HTTP.Method, "path", r.URI,
			"remote", r.HTTP.RemoteAddr)
		return Result{}, refused
	}
	a.opts.Keys.KeyUsed(ctx, app, key.ID)
	p := a.principal(access.Key, app)
	p.Key = key
	return Result{Principal: p}, nil
}
