package oauth

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/erudika/para-go/internal/functions"
	"github.com/erudika/para-go/internal/signin"
)

// genericOf returns whose tokens a client sent: an access token, which a refresh token and an ID token may follow, or an
// ID token alone (A 7, A 8.6). What an ID token says counts only if the issuer is known and signed it.
func (s *Service) genericOf(ctx context.Context, c client, text string) (signin.Profile, error) {
	if err := s.complete(ctx, &c); err != nil {
		return signin.Profile{}, err
	}
	t := splitTokens(text, s.opts.Separator)
	if t.id == "" && c.isIDToken(t.access) {
		t.access, t.id = "", t.access
	}
	var claims fields
	if t.id != "" && c.issuer != "" {
		var err error
		if claims, err = s.verify(ctx, c, t.id, ""); err != nil {
			return signin.Profile{}, err
		}
	}
	if c.issuer == "" {
		t.id = ""
	}
	return s.genericProfile(ctx, c, t, claims)
}

// splitTokens reads access token, refresh token and ID token out of the token of /jwt_auth.
func splitTokens(text, separator string) tokens {
	parts := append(strings.SplitN(text, separator, 3), "", "")
	for i, p := range parts {
		if parts[i] = strings.TrimSpace(p); p == "null" {
			parts[i] = ""
		}
	}
	return tokens{access: parts[0], refresh: parts[1], id: parts[2]}
}

// claimsOfExchange reads the ID token that came with a code. With a known issuer it is verified; without one it came from
// the token endpoint itself, which vouches for it (OpenID Connect Core, 3.1.3.7).
func (s *Service) claimsOfExchange(ctx context.Context, c client, t tokens, nonce string) (fields, error) {
	switch {
	case t.id == "" && nonce != "":
		return nil, errors.New("the token endpoint sent no ID token, although the scope has openid")
	case t.id == "":
		return nil, nil
	case c.issuer != "":
		return s.verify(ctx, c, t.id, nonce)
	}
	claims, _ := unverified(t.id)
	if claims == nil {
		return nil, nil
	}
	if aud := audience(claims); len(aud) > 0 && !slices.Contains(aud, c.id) {
		return nil, errors.New("the ID token was made for another client")
	}
	if text := claims.text("exp"); text != "" {
		if exp, err := strconv.ParseFloat(text, 64); err != nil || exp <= float64(s.opts.Now().Unix()) {
			return nil, errors.New("the ID token has expired")
		}
	}
	return claims, nil
}

// genericProfile reads the profile behind an access token over the claims of an ID token, and finds its members by the
// settings of the app (A 8.3).
func (s *Service) genericProfile(ctx context.Context, c client, t tokens, claims fields) (signin.Profile, error) {
	f := fields{}
	maps.Copy(f, claims)
	source := claims // of the address, which must also say that it is verified
	if t.access != "" && c.profile != "" {
		told, err := s.userInfo(ctx, c, t.access)
		switch {
		case err != nil && len(claims) == 0:
			return signin.Profile{}, err
		case err != nil:
			s.opts.Log.WarnContext(ctx, "profile of an identity provider not read, its ID token counts", "provider", c.p.name, "app", c.app.Identifier, "reason", err)
		case claims.text("sub") != "" && told.text("sub") != "" && claims.text("sub") != told.text("sub"):
			return signin.Profile{}, errors.New("the ID token is of another account than the profile")
		}
		maps.Copy(f, told)
		source = c.sourceOfEmail(claims, told)
	}
	id := f.text(c.parameters["id"])
	p, err := c.profileOf(id)
	if err != nil {
		return p, err
	}
	picture := f.find(c.parameters["picture"])
	if !c.avatars { // there is no file store to keep pictures in; without its query such an address would lead nowhere
		picture = cut(picture)
	}
	p = described(p, "", "", f.find(c.parameters["name"]), picture)
	if p.Name == "" {
		p.Name = strings.TrimSpace(f.find(c.parameters["given_name"]) + " " + f.find(c.parameters["family_name"]))
	}
	if c.vouches(source) {
		p.Email = f.find(c.parameters["email"])
		if p.Email == "" && functions.ValidEmail(id) {
			p.Email = id
		}
	}
	domain := c.domain
	if domain == "" {
		domain = "scoold.com"
	}
	if p.NewEmail = id + "@" + domain; !functions.ValidEmail(p.NewEmail) || !functions.ValidAddress(p.NewEmail) {
		p.NewEmail = "@" + domain
	}
	if c.delegation {
		p.Members = map[string]string{}
		for name, v := range map[string]string{"idpAccessToken": t.access, "idpRefreshToken": t.refresh, "idpIdToken": t.id} {
			if v != "" {
				p.Members[name] = v
			}
		}
	}
	return p, nil
}

// vouches says whether the address of a profile may decide whose account it is. Of an issuer it must say that it is
// verified, since some leave that out when it is not; where only addresses are set, as the Java server had them, it must
// not say the contrary. A setting trusts all addresses.
func (c client) vouches(f fields) bool {
	if _, said := f["email_verified"]; !said && c.issuer != "" {
		return c.trustEmail
	}
	return c.trustEmail || !f.denied("email_verified")
}

// sourceOfEmail returns what says whether the address of a profile is verified: what tells the address, or the other one if
// that tells the same address. An ID token says nothing about another address at the profile, which its user may have
// written there.
func (c client) sourceOfEmail(claims, told fields) fields {
	name := c.parameters["email"]
	inClaims, inProfile := claims.find(name), told.find(name)
	_, said := told["email_verified"]
	switch {
	case inProfile == "" && inClaims != "":
		return claims
	case said || inProfile == "" || !strings.EqualFold(inClaims, inProfile):
		return told
	}
	return claims
}

// userInfo asks for the profile behind an access token.
func (s *Service) userInfo(ctx context.Context, c client, access string) (fields, error) {
	header := []string{"Authorization", "Bearer " + access}
	if c.accept != "" {
		header = append(header, "Accept", c.accept)
	}
	return s.getJSON(ctx, c.profile, header...)
}

// find returns the text of a member; a name that begins with a slash is also a JSON pointer (RFC 6901).
func (f fields) find(name string) string {
	if v := f.text(name); v != "" || !strings.HasPrefix(name, "/") {
		return v
	}
	var at any = map[string]any(f)
	for _, part := range strings.Split(name[1:], "/") {
		part = strings.NewReplacer("~1", "/", "~0", "~").Replace(part)
		switch v := at.(type) {
		case map[string]any:
			at = v[part]
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i < 0 || i >= len(v) {
				return ""
			}
			at = v[i]
		default:
			return ""
		}
	}
	return textOf(at)
}
