// Package signin signs users in: it checks what proves who they are, finds or makes their account, and hands out, renews
// and revokes their tokens (A 5–7, A 10, A 13). It knows neither HTTP nor cookies.
package signin

import (
	"context"
	"log/slog"
	"strings"
	"time"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/access"
	"github.com/erudika/para-go/internal/engine"
	"github.com/erudika/para-go/internal/functions"
	"github.com/erudika/para-go/internal/token"
)

// Options say how users sign in. Times and counts have the defaults of A 22 when they are set by the server's options;
// New does not fill them in.
type Options struct {
	Engine *engine.Engine

	// Setting returns a setting of an app in text form, def when it has none (A 1.5).
	Setting func(app *para.App, key, def string) string

	TokenValidity   time.Duration // jwt_expires_after: of user tokens, unless the app says otherwise
	RefreshInterval time.Duration // jwt_refresh_interval
	IDValidity      time.Duration // id_token_expires_after
	MinPassword     int           // min_password_length, in characters
	MaxAttempts     int           // max_pass_matching_attemts: wrong passwords until an account is locked
	LockPeriod      time.Duration // pass_matching_lock_period_hours
	ResetTimeout    time.Duration // pass_reset_timeout: of tokens for new passwords and for addresses
	Separator       string        // default_separator: between the parts of a token

	// Providers are what checks the tokens of further providers, by the provider's name in small letters (A 5.1).
	Providers map[string]Verify

	AllowUnverified bool // security.allow_unverified_emails: default of the setting of that name
	AllowSignUp     bool // security.allow_password_signup: default of the setting of that name

	LimitPerAddress    int // security.signin_limit_per_address: attempts from one address within a minute; 0 for no limit
	LimitPerIdentifier int // security.signin_limit_per_identifier: passwords tried for one identifier within a minute; 0 for no limit

	HashWorkers int // passwords hashed at the same time; 0: half the processors, at least one
	HashQueue   int // requests that may wait for that; 0: 64
	Log         *slog.Logger
}

// Service signs users in. It is safe for concurrent use.
type Service struct {
	opts     Options
	eng      *engine.Engine
	hasher   *hasher
	attempts *keyedLock // of passwords and codes, one at a time for each identifier
	renewals renewals

	addresses, identifiers *attemptLimit

	passkeys *passkeyChallenges
}

// New makes a service.
func New(opts Options) *Service {
	if opts.Separator == "" {
		opts.Separator = ":"
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{
		opts:     opts,
		eng:      opts.Engine,
		hasher:   newHasher(opts.HashWorkers, opts.HashQueue),
		attempts: newKeyedLock(maxAttemptsWaiting),
		renewals: renewals{running: map[string]*renewal{}},

		addresses:   newAttemptLimit(opts.LimitPerAddress, opts.Engine.Now),
		identifiers: newAttemptLimit(opts.LimitPerIdentifier, opts.Engine.Now),

		passkeys: newPasskeyChallenges(),
	}
}

// Session is what a user gets who signed in.
type Session struct {
	App   *para.App
	User  *para.Object
	Token token.Issued
}

// Failure is a sign-in that did not succeed. Cause is what browsers may be told (A 9.4).
type Failure struct {
	Cause string
}

func (f *Failure) Error() string { return f.Cause }

// BadCredentials is the cause of everything that yielded no user (A 9.4).
const BadCredentials = "Bad credentials."

func badCredentials() error { return &Failure{Cause: BadCredentials} }

// locked is the failure of a user that is known but may not sign in (A 9.4).
func locked(app *para.App, user *para.Object) error {
	return &Failure{Cause: "Account " + user.ID() + " (" + app.Identifier + "/" + user.Text("identifier") + ") is locked."}
}

// SignIn finds out who has a token of an identity provider and admits the active user, made or brought up to date where
// the provider does that (A 5.1, A 6). It returns a *SecondFactorNeeded when more than the token is needed, a *Failure when
// it yields no user, an error of code Denied when the app may not be used (D63), and one of code Busy when too many sign-ins
// wait already. Names of providers are compared without regard to case; unknown ones fail. The provider second_factor takes
// challenge:code, the provider passkey what a browser made of PasskeyOptions.
func (s *Service) SignIn(ctx context.Context, app *para.App, provider, providerToken string) (*Admission, error) {
	var prove func(context.Context, *para.App, string) (user *para.Object, complete bool, err error)
	name := strings.ToLower(provider)
	switch name {
	case "password", "generic":
		prove = s.password
	case "passwordless":
		prove = s.passwordless
	case "second_factor":
		return s.secondFactor(ctx, app, providerToken)
	case "passkey":
		return s.passkey(ctx, app, providerToken)
	default:
		return s.federated(ctx, app, name, providerToken)
	}
	leave, err := s.enter(ctx, app)
	if err != nil {
		return nil, err
	}
	defer leave()
	user, complete, err := prove(ctx, app, providerToken)
	if err != nil {
		return nil, s.refused(err)
	}
	if complete {
		if user, err = active(app, user); err != nil {
			return nil, err
		}
		return &Admission{app: app, user: user}, nil
	}
	return s.admit(app, user, name)
}

// enter begins a sign-in into an app, as it was when the request named it: an app that is switched off is refused (D63),
// and one that was deleted since is a *Failure, even if there is another one of its name now (D35).
func (s *Service) enter(ctx context.Context, app *para.App) (leave func(), err error) {
	if err := usable(app); err != nil {
		return nil, err
	}
	return s.visit(ctx, app)
}

// visit begins work for an app in whatever state, as enter does.
func (s *Service) visit(ctx context.Context, app *para.App) (leave func(), err error) {
	leave, err = s.eng.Enter(ctx, app)
	if err != nil {
		return nil, s.refused(err)
	}
	return leave, nil
}

// usable refuses apps that are switched off (D63).
func usable(app *para.App) error {
	if err := (access.Principal{Kind: access.Guest, App: app}).Usable("GET"); err != nil {
		return err
	}
	return nil
}

func active(app *para.App, user *para.Object) (*para.Object, error) {
	switch {
	case user == nil || user.Text("identifier") == "":
		return nil, badCredentials()
	case !user.Bool("active"):
		return nil, locked(app, user)
	}
	return user, nil
}

// refused turns an account that cannot be stored as asked for into a failed sign-in; clients learn no more.
func (s *Service) refused(err error) error {
	switch para.CodeOf(err) {
	case para.Invalid, para.NotFound, para.Duplicate, para.Conflict:
		s.opts.Log.Debug("account refused", "reason", err)
		return badCredentials()
	}
	return err
}

// setting reads a boolean setting of an app, true being the word in any case (A 7.5).
func (s *Service) setting(app *para.App, key string, def bool) bool {
	text := "false"
	if def {
		text = "true"
	}
	return strings.EqualFold(strings.TrimSpace(s.opts.Setting(app, key, text)), "true")
}

// provider is the name in the claim idp of a user's tokens (A 1.4).
func provider(user *para.Object) string {
	return para.IdentityProvider(user.Text("identifier"), functions.ValidEmail)
}
