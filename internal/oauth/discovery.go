package oauth

import (
	"context"
	"errors"
	"slices"
	"strings"
)

// discovery is what an issuer says about itself (OpenID Connect Discovery, 3).
type discovery struct {
	authorize, token, profile, keys string
	pkce                            bool // it checks code challenges of the method S256, or does not say which
	basic                           bool // it takes the secret of a client in a header only
}

const wellKnown = "/.well-known/openid-configuration"

// discover reads the description of an issuer.
func (s *Service) discover(ctx context.Context, issuer string) (discovery, error) {
	f, err := s.getJSON(ctx, strings.TrimSuffix(issuer, "/")+wellKnown, "Accept", "application/json")
	if err != nil {
		return discovery{}, err
	}
	if got := f.text("issuer"); got != issuer {
		return discovery{}, errors.New("the issuer calls itself otherwise: the setting issuer must be equal to its member issuer to the letter")
	}
	d := discovery{
		authorize: f.text("authorization_endpoint"), token: f.text("token_endpoint"),
		profile: f.text("userinfo_endpoint"), keys: f.text("jwks_uri"), pkce: true,
	}
	if methods, ok := f["code_challenge_methods_supported"].([]any); ok {
		d.pkce = slices.Contains(methods, any("S256"))
	}
	if methods, ok := f["token_endpoint_auth_methods_supported"].([]any); ok {
		d.basic = !slices.Contains(methods, any("client_secret_post")) && slices.Contains(methods, any("client_secret_basic"))
	}
	if d.keys == "" {
		return discovery{}, errors.New("the issuer names no jwks_uri")
	}
	return d, nil
}

// complete fills in what the settings leave open from the description of the issuer.
func (s *Service) complete(ctx context.Context, c *client) error {
	if !c.p.generic() || c.issuer == "" {
		return nil
	}
	d, err := s.issuers.get(ctx, c.issuer, false)
	if err != nil {
		if c.token != "" && c.profile != "" {
			return nil // the settings are enough; only ID tokens fail
		}
		return err
	}
	fill := func(dst *string, v string) {
		if *dst == "" {
			*dst = v
		}
	}
	fill(&c.authorize, d.authorize)
	fill(&c.token, d.token)
	fill(&c.profile, d.profile)
	fill(&c.keys, d.keys)
	c.pkce, c.basic = c.pkce && d.pkce, d.basic && c.secret != ""
	return nil
}
