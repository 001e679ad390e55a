package oauth

import (
	"encoding/base64"
	"net/url"
	"strings"

	para "github.com/erudika/para-go"
)

// client is an app's registration at a provider, with the addresses that count for it.
type client struct {
	p   *provider
	app *para.App

	id, secret                       string
	authorize, token, profile, scope string
	issuer, keys                     string
	tenant                           string // of Microsoft
	pkce                             bool

	// of the generic providers (A 8.1)
	basic      bool // the secret goes into a header, not into the body
	accept     string
	omitScope  bool // from requests to the token endpoint
	domain     string
	delegation bool
	avatars    bool // pictures are wanted whole, not for their address
	trustEmail bool // addresses count whatever the provider says about them
	parameters map[string]string
}

// defaultParameters are the members of a generic profile, and the names of the settings that rename them (A 8.1).
var defaultParameters = [...]string{"sub", "picture", "email", "name", "given_name", "family_name"}

// client reads the registration of an app at a provider (A 1.5, A 7.2, A 8.1).
func (s *Service) client(app *para.App, p *provider) client {
	c := client{p: p, app: app, authorize: p.authorize, token: p.token, scope: p.scope, issuer: p.issuer, keys: p.keys, pkce: p.pkce}
	c.id, c.secret = s.opts.Keys(app, p.prefix)
	c.id, c.secret = strings.TrimSpace(c.id), strings.TrimSpace(c.secret)
	switch {
	case p.name == "microsoft":
		c.tenant = strings.TrimSpace(s.opts.Setting(app, "ms_tenant_id", "common"))
		if !isTenant(c.tenant) {
			c.tenant = "common"
		}
		c.authorize = strings.ReplaceAll(c.authorize, "{tenant}", c.tenant)
		c.token = strings.ReplaceAll(c.token, "{tenant}", c.tenant)
	case p.generic():
		s.readGeneric(&c)
	}
	return c
}

func (s *Service) readGeneric(c *client) {
	setting := func(name, def string) string {
		return strings.TrimSpace(s.opts.Setting(c.app, "security.oauth"+c.p.alias+"."+name, def))
	}
	yes := func(name, def string) bool { return strings.EqualFold(setting(name, def), "true") }
	c.authorize, c.token, c.profile = setting("authz_url", ""), setting("token_url", ""), setting("profile_url", "")
	c.issuer = setting("issuer", "")
	c.scope, c.omitScope = setting("scope", ""), !yes("send_scope_to_token_endpoint", "true")
	c.accept = setting("accept_header", "")
	c.domain = setting("domain", "paraio.com")
	c.delegation, c.avatars = yes("token_delegation_enabled", "false"), yes("download_avatars", "false")
	c.pkce = yes("pkce_enabled", "true")
	c.trustEmail = yes("trust_email", "false")
	c.parameters = map[string]string{}
	for _, name := range defaultParameters {
		key := name
		if key == "sub" {
			key = "id"
		}
		member := setting("parameters."+key, name)
		if member == "" {
			member = name
		}
		c.parameters[key] = member
	}
}

// isTenant says whether a text can stand in the address of a Microsoft tenant: an id or a domain.
func isTenant(s string) bool {
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '.' && r != '_' {
			return false
		}
	}
	return s != "" && s != "." && s != ".."
}

// oneTenant says whether only one Microsoft tenant may sign in, which then vouches for the addresses of its users.
func (c client) oneTenant() bool {
	switch strings.ToLower(c.tenant) {
	case "common", "organizations", "consumers":
		return false
	}
	return true
}

// basic is the header that carries id and secret of a client (RFC 6749, 2.3.1).
func basic(id, secret string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(url.QueryEscape(id)+":"+url.QueryEscape(secret)))
}
