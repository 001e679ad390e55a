package config

import (
	"math"
	"time"
)

// ownOptions describes the options that the Java server does not have (spec README 2.14, D100, D129).
func ownOptions() []Option {
	options := []Option{
		opt(5010, "ignore_config_errors", Boolean, "false", "The server starts with defaults in place of a broken configuration file or wrong values."),
		opt(5020, "durability", String, "full", "full: an acknowledged write survives a power failure. relaxed: the last moments before one may be lost.").oneOf("full", "relaxed").restart(),
		opt(5030, "trusted_proxies", List, "", "Addresses or networks of reverse proxies whose forwarding headers count. Private networks when empty."),
		opt(5040, "console_enabled", Boolean, "true", "The web console is served."),
		opt(5050, "metrics.prometheus_enabled", Boolean, "false", "Metrics are served in the form that Prometheus reads."),
		opt(5060, "mcp_allowed_origins", List, "", "Origins whose pages may use the MCP server, besides the server itself."),
		opt(5070, "webhooks_block_private_targets", Boolean, "false", "Webhooks to loopback and private addresses are refused."),
		opt(5080, "security.allow_password_signup", Boolean, "true", "Users may sign up with a password.").perApp(),
		opt(5086, "security.signin_limit_per_address", Integer, "0", "Attempts to sign in from one network address within a minute. No limit when 0.").within(0, math.MaxInt32),
		opt(5087, "security.signin_limit_per_identifier", Integer, "0", "Passwords that are tried for one identifier within a minute. No limit when 0.").within(0, math.MaxInt32),
		opt(5090, "localstorage.public_url", String, "", "Address at which the folder of stored files is served."),
		opt(5100, "search.max_expansions", Integer, "10000", "Terms that a prefix, wildcard, fuzzy or regular expression query may stand for.").within(1, math.MaxInt32),
		opt(5110, "search.timeout", Duration, "10s", "Longest time a search may take.").unit(time.Second).within(1, math.MaxInt32),
		opt(5085, "security.signin_state_required", Boolean, "false", "Browsers may come back from an identity provider only when this server sent them there.").perApp(),
		opt(5120, "cache.max_bytes", Integer, "67108864", "Memory that cached objects may take, in bytes.").within(0, math.MaxInt64),
		opt(5130, "db.log_changes", Integer, "100000", "Changes of each app that the log of the embedded store keeps. All when 0.").within(0, math.MaxInt64),
	}
	options = append(options,
		opt(5230, "security.ldap.start_tls", Boolean, "false", "The connection to the directory is encrypted by StartTLS.").perApp(),
		opt(5231, "security.ldap.ca_cert", String, "", "Certificates of the authorities that sign the directory's, PEM or PEM in Base64; those of the system when empty.").perApp(),
		opt(5240, "security.saml.security.allow_unsolicited", Boolean, "true", "Answers of the identity provider that no request of the browser asked for are accepted.").perApp(),
		opt(5241, "security.saml.security.authnrequest_signed", Boolean, "false", "The documented name of security.saml.security.authrequest_signed.").perApp(),
	)
	for i, alias := range []string{"", "second", "third"} {
		block := "security.oauth" + alias
		of := " of the " + []string{"first", "second", "third"}[i] + " generic OAuth 2.0 provider."
		position := 5200 + 10*i
		options = append(options,
			opt(position, block+".issuer", String, "", "OpenID Connect issuer"+of+" It describes the other addresses, and its ID tokens are verified.").perApp(),
			opt(position+1, block+".authz_url", String, "", "Address that browsers are sent to"+of).perApp(),
			opt(position+2, block+".pkce_enabled", Boolean, "true", "Codes are bound to the flow by PKCE"+of).perApp(),
			opt(position+3, block+".trust_email", Boolean, "false", "Addresses count even if they are not verified"+of).perApp(),
		)
	}
	for i := range options {
		options[i].GoOnly, options[i].Listed, options[i].Category = true, false, "Para in Go"
	}
	return options
}
