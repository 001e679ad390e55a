package oauth

import (
	"context"

	"github.com/erudika/para-go/internal/signin"
)

// provider is what Para knows about one identity provider (A 7.1, A 7.2).
type provider struct {
	name   string // of /jwt_auth, and of the endpoint /<name>_auth
	title  string // for people
	prefix string // of the user's identifier without its colon, and of the keys <prefix>_app_id and <prefix>_secret
	alias  string // of the generic ones: which block of settings
	oauth1 bool

	authorize string // where browsers are sent
	scope     string // asked for there
	scopeName string // of the parameter, "scope" when empty
	pkce      bool   // the provider checks code challenges
	nonce     bool   // its ID tokens repeat the nonce, and codes always come with one

	token       string            // where codes are exchanged
	get         bool              // by GET
	json        bool              // the answer is JSON only if it is asked for
	noGrant     bool              // grant_type is not sent
	tokenParams map[string]string // further parameters

	issuer string // of ID tokens; "" when the provider makes none
	keys   string // where their keys lie

	profile    func(ctx context.Context, s *Service, c client, t tokens) (signin.Profile, error)
	fromClaims func(c client, claims fields) (signin.Profile, error)
}

// generic says whether the provider is one of the three that settings describe (A 8).
func (p *provider) generic() bool { return p.authorize == "" && !p.oauth1 }

// providers is the table of all of them.
var providers = [...]provider{
	{
		name: "facebook", title: "Facebook", prefix: "fb",
		authorize: "https://www.facebook.com/dialog/oauth", scope: "public_profile,email",
		token: "https://graph.facebook.com/oauth/access_token", get: true, noGrant: true,
		issuer: "https://www.facebook.com", keys: "https://limited.facebook.com/.well-known/oauth/openid/jwks/",
		profile: facebook, fromClaims: facebookClaims,
	},
	{
		name: "google", title: "Google", prefix: "gp",
		authorize: "https://accounts.google.com/o/oauth2/v2/auth", scope: "openid profile email", pkce: true, nonce: true,
		token:  "https://www.googleapis.com/oauth2/v4/token",
		issuer: "https://accounts.google.com", keys: "https://www.googleapis.com/oauth2/v3/certs",
		profile: google, fromClaims: googleClaims,
	},
	{
		name: "github", title: "GitHub", prefix: "gh",
		authorize: "https://github.com/login/oauth/authorize", scope: "user:email", pkce: true,
		token: "https://github.com/login/oauth/access_token", json: true, noGrant: true,
		profile: github,
	},
	{
		name: "linkedin", title: "LinkedIn", prefix: "in",
		authorize: "https://www.linkedin.com/oauth/v2/authorization", scope: "openid profile email",
		token:  "https://www.linkedin.com/oauth/v2/accessToken",
		issuer: "https://www.linkedin.com/oauth", keys: "https://www.linkedin.com/oauth/openid/jwks",
		profile: linkedin, fromClaims: linkedinClaims,
	},
	{name: "twitter", title: "X (Twitter)", prefix: "tw", oauth1: true, authorize: "https://api.twitter.com/oauth/authenticate", profile: twitter},
	{
		name: "microsoft", title: "Microsoft", prefix: "ms",
		authorize: "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize", scope: "openid profile email https://graph.microsoft.com/user.read", pkce: true,
		token:       "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",
		tokenParams: map[string]string{"scope": "https://graph.microsoft.com/user.read"},
		issuer:      "https://login.microsoftonline.com/{tid}/v2.0", keys: "https://login.microsoftonline.com/common/discovery/v2.0/keys",
		profile: microsoft, fromClaims: microsoftClaims,
	},
	{
		name: "slack", title: "Slack", prefix: "sl",
		authorize: "https://slack.com/oauth/v2/authorize", scopeName: "user_scope", scope: "identity.basic,identity.email,identity.avatar,identity.team",
		token: "https://slack.com/api/oauth.v2.access", json: true, noGrant: true,
		issuer: "https://slack.com", keys: "https://slack.com/openid/connect/keys",
		profile: slack, fromClaims: slackClaims,
	},
	{
		name: "amazon", title: "Amazon", prefix: "az",
		authorize: "https://www.amazon.com/ap/oa", scope: "profile", pkce: true,
		token: "https://api.amazon.com/auth/o2/token", json: true,
		profile: amazon,
	},
	{name: "oauth2", title: "OAuth 2.0", prefix: "oa2"},
	{name: "oauth2second", title: "OAuth 2.0 (second)", prefix: "oa2second", alias: "second"},
	{name: "oauth2third", title: "OAuth 2.0 (third)", prefix: "oa2third", alias: "third"},
}

// providerOf returns the provider of a name, nil when there is none.
func providerOf(name string) *provider {
	for i := range providers {
		if providers[i].name == name {
			return &providers[i]
		}
	}
	return nil
}
