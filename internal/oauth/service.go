// Package oauth signs users in with OAuth 2.0, OpenID Connect and OAuth 1.0a: it knows the social providers and three
// generic ones, sends browsers to them and reads what they tell about a user (A 7–9). What becomes of a profile is decided
// by package signin.
package oauth

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"golang.org/x/sync/singleflight"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/signin"
)

// Options say how providers are reached and where their settings come from.
type Options struct {
	// Setting returns a setting of an app in text form, def when it has none (A 1.5).
	Setting func(app *para.App, key, def string) string
	// Keys returns client id and secret of an app at a provider such as "gp", two empty strings when it has none (A 1.5).
	Keys func(app *para.App, prefix string) (id, secret string)

	// Save changes members of a user, which its delegated tokens are (A 8.5). nil: they are not renewed.
	Save func(ctx context.Context, app *para.App, user *para.Object, members map[string]string) error
	// Transport carries the requests to providers; nil: the network, except link-local addresses.
	Transport http.RoundTripper

	Separator string // between the parts of a token of /jwt_auth; "" for ":"
	Now       func() time.Time
	Log       *slog.Logger
}

// Service signs users in with the providers of the table. It is safe for concurrent use.
type Service struct {
	opts      Options
	http      *http.Client
	calls     *limiter
	keys      *cache[keySet]
	issuers   *cache[discovery]
	used      *recent // states of flows that have ended
	delegated *recent // what providers said about delegated tokens
	asking    singleflight.Group
}

// New makes a service.
func New(opts Options) *Service {
	if opts.Separator == "" {
		opts.Separator = ":"
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	s := &Service{opts: opts, http: newHTTPClient(opts.Transport), calls: newLimiter(maxCallsPerApp, maxCalls)}
	s.keys = newCache(maxRemembered, opts.Now, s.fetchKeys)
	s.issuers = newCache(maxRemembered, opts.Now, s.discover)
	s.used = newRecent(maxRecent, opts.Now)
	s.delegated = newRecent(maxRecent, opts.Now)
	return s
}

// Names are the names of the providers, as /jwt_auth calls them (A 5.1).
func Names() []string {
	out := make([]string, len(providers))
	for i := range providers {
		out[i] = providers[i].name
	}
	return out
}

// Title is the name of a provider for people, "" when there is none of that name.
func Title(name string) string {
	if p := providerOf(name); p != nil {
		return p.title
	}
	return ""
}

// Verifiers are what checks the tokens of /jwt_auth, by the provider's name (A 7).
func (s *Service) Verifiers() map[string]signin.Verify {
	out := map[string]signin.Verify{}
	for i := range providers {
		p := &providers[i]
		out[p.name] = func(ctx context.Context, app *para.App, token string) (signin.Profile, error) {
			return s.profileOf(ctx, s.client(app, p), token)
		}
	}
	return out
}

// profileOf returns whose a token is that a client sent to /jwt_auth: an access token, or an ID token that the provider
// made for this app.
func (s *Service) profileOf(ctx context.Context, c client, token string) (signin.Profile, error) {
	token = strings.TrimSpace(token)
	if token == "" || len(token) > maxTokenBytes {
		return signin.Profile{}, rejected()
	}
	leave, err := s.calls.enter(c.app.Identifier)
	if err != nil {
		return signin.Profile{}, err
	}
	defer leave()
	if c.p.generic() {
		return s.genericOf(ctx, c, token)
	}
	if c.p.oauth1 {
		access, secret, ok := strings.Cut(token, s.opts.Separator)
		if !ok || access == "" {
			return signin.Profile{}, errNoTokenSecret
		}
		return c.p.profile(ctx, s, c, tokens{access: access, secret: secret})
	}
	if c.isIDToken(token) {
		claims, err := s.verify(ctx, c, token, "")
		if err != nil {
			return signin.Profile{}, err
		}
		return c.p.fromClaims(c, claims)
	}
	return c.p.profile(ctx, s, c, tokens{access: token})
}

// Registered returns the names of the providers that an app has a client id and a secret of.
func (s *Service) Registered(app *para.App) []string {
	var out []string
	for i := range providers {
		if id, secret := s.opts.Keys(app, providers[i].prefix); id != "" && secret != "" {
			out = append(out, providers[i].name)
		}
	}
	return out
}

// Configured returns the names of the providers that browsers of an app can be sent to: those with a client id, a secret
// and an address.
func (s *Service) Configured(app *para.App) []string {
	var out []string
	for i := range providers {
		c := s.client(app, &providers[i])
		if c.id != "" && c.secret != "" && (c.authorize != "" || c.issuer != "") {
			out = append(out, c.p.name)
		}
	}
	return out
}

func rejected() error { return &signin.Failure{Cause: signin.BadCredentials} }
