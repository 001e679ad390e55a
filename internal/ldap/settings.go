package ldap

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	goldap "github.com/go-ldap/ldap/v3"
)

// Prefix starts the name of every setting (A 11.1).
const Prefix = "security.ldap."

// Defaults of the settings (A 11.1), and the filter of Active Directory, which takes the place of the default when no
// filter was configured (A 11.4).
const (
	defaultServer       = "ldap://localhost:8389/"
	defaultBase         = "dc=springframework,dc=org"
	defaultFilter       = "(cn={0})"
	defaultPattern      = "uid={0}"
	defaultPassword     = "userPassword"
	defaultDisplayName  = "cn"
	activeDirectoryRule = "(&(objectClass=user)(userPrincipalName={0}))"
)

// maxServers and maxPatterns bound what one sign-in can cost.
const (
	maxServers  = 4
	maxPatterns = 8
)

// ErrNotConfigured is returned by ParseSettings when an app has no directory at all.
var ErrNotConfigured = errors.New("no setting " + Prefix + "* is there")

// Settings say where an app's directory is and how users are found in it (A 11.1).
type Settings struct {
	servers       []server
	base          string // may be empty in Active Directory mode: then the domain names it
	bindDN        string
	bindPassword  string
	searchBase    string // relative to base
	filter        string
	patterns      []string
	passwordAttr  string
	displayName   string
	domain        string // of Active Directory, small letters
	directory     bool   // Active Directory mode
	compare       bool   // passwords are compared instead of used to bind
	usernameAs    bool
	modsNode      string // small letters; empty: nobody
	adminsNode    string
	startTLS      bool
	authorities   *x509.CertPool // nil: those of the system
	keepsProfiles bool
	guessed       []string // names of important settings that were left to their defaults
}

// server is one address of a directory.
type server struct {
	address string // host:port
	host    string
	tls     bool // from the first byte
}

// KeepsProfiles says whether the profile is kept with the user as a delegated token (A 11.5).
func (s *Settings) KeepsProfiles() bool { return s.keepsProfiles }

// ParseSettings reads the settings of an app. lookup gets a full name such as security.ldap.base_dn and says whether the
// app has it. Blank values count as missing. It returns ErrNotConfigured when there is none at all, and an error that
// names the setting when one cannot be used.
func ParseSettings(lookup func(name string) (value string, ok bool)) (*Settings, error) {
	r := reader{lookup: lookup}
	s := &Settings{
		bindDN:        r.text("bind_dn", ""),
		bindPassword:  r.raw("bind_pass"),
		searchBase:    r.text("user_search_base", ""),
		passwordAttr:  r.text("password_attribute", defaultPassword),
		domain:        strings.ToLower(r.text("active_directory_domain", "")),
		compare:       r.text("compare_passwords", "") != "" && !strings.EqualFold(r.text("compare_passwords", ""), "false"),
		usernameAs:    r.yes("username_as_name"),
		modsNode:      strings.ToLower(r.text("mods_group_node", "")),
		adminsNode:    strings.ToLower(r.text("admins_group_node", "")),
		startTLS:      r.yes("start_tls"),
		keepsProfiles: r.yes("token_delegation_enabled"),
	}
	s.directory = s.domain != "" || r.yes("ad_mode_enabled")
	s.displayName = knownDisplayName(r.text("displayname_attribute", defaultDisplayName))
	base, filter := defaultBase, defaultFilter
	if s.directory {
		base, filter = "", activeDirectoryRule
	}
	s.base, s.filter = r.text("base_dn", base), r.text("user_search_filter", filter)
	servers, patterns, authorities := r.text("server_url", defaultServer), r.text("user_dn_pattern", defaultPattern), r.text("ca_cert", "")
	if r.found == 0 {
		return nil, ErrNotConfigured
	}
	s.guessed = r.guessed
	var err error
	if s.servers, err = parseServers(servers); err != nil {
		return nil, fmt.Errorf("%sserver_url: %w", Prefix, err)
	}
	for _, srv := range s.servers {
		if srv.tls && s.startTLS {
			return nil, fmt.Errorf("%sstart_tls: addresses that begin with ldaps:// speak TLS already; use ldap:// or remove the setting", Prefix)
		}
	}
	if s.authorities, err = parseAuthorities(authorities); err != nil {
		return nil, fmt.Errorf("%sca_cert: %w", Prefix, err)
	}
	if s.patterns, err = parsePatterns(patterns); err != nil {
		return nil, fmt.Errorf("%suser_dn_pattern: %w", Prefix, err)
	}
	return s, s.check()
}

// check refuses what would fail at every sign-in.
func (s *Settings) check() error {
	for name, dn := range map[string]string{"base_dn": s.base, "user_search_base": s.searchBase} {
		if _, err := goldap.ParseDN(dn); err != nil {
			return fmt.Errorf("%s%s: %q is not the name of an entry, such as dc=example,dc=com: %w", Prefix, name, dn, err)
		}
	}
	if _, err := goldap.CompileFilter(expandFilter(s.filter, "x", "x")); err != nil {
		return fmt.Errorf("%suser_search_filter: %q is not a search filter, such as (uid={0}): %w", Prefix, s.filter, err)
	}
	if !strings.Contains(s.filter, "{0}") && !strings.Contains(s.filter, "{1}") {
		return fmt.Errorf("%suser_search_filter: %q has no {0} in place of the user name", Prefix, s.filter)
	}
	if !isAttribute(s.passwordAttr) {
		return fmt.Errorf("%spassword_attribute: %q is not the name of an attribute", Prefix, s.passwordAttr)
	}
	if s.bindDN != "" && s.bindPassword == "" {
		return fmt.Errorf("%sbind_pass: it is missing, and %sbind_dn is there; a directory takes an empty password for no sign-in at all", Prefix, Prefix)
	}
	return nil
}

// reader reads settings, and counts those that are there.
type reader struct {
	lookup  func(string) (string, bool)
	found   int
	guessed []string
}

func (r *reader) raw(name string) string {
	v, ok := r.lookup(Prefix + name)
	if !ok || strings.TrimSpace(v) == "" {
		return ""
	}
	r.found++
	return v
}

func (r *reader) text(name, def string) string {
	v := strings.TrimSpace(r.raw(name))
	if v == "" {
		if name == "server_url" || name == "base_dn" && def != "" {
			r.guessed = append(r.guessed, Prefix+name)
		}
		return def
	}
	return v
}

func (r *reader) yes(name string) bool { return strings.EqualFold(r.text(name, ""), "true") }

// parseServers reads one or more addresses, separated by spaces; they are tried in that order.
func parseServers(text string) ([]server, error) {
	var servers []server
	for _, address := range strings.Fields(text) {
		u, err := url.Parse(address)
		if err != nil || u.Hostname() == "" || u.User != nil {
			return nil, fmt.Errorf("%q is not an address such as ldaps://directory.example.com", address)
		}
		srv := server{host: u.Hostname()}
		port := u.Port()
		switch strings.ToLower(u.Scheme) {
		case "ldap":
			port = orElse(port, "389")
		case "ldaps":
			srv.tls, port = true, orElse(port, "636")
		default:
			return nil, fmt.Errorf("%q must begin with ldap:// or ldaps://", address)
		}
		srv.address = net.JoinHostPort(srv.host, port)
		servers = append(servers, srv)
	}
	if len(servers) > maxServers {
		return nil, fmt.Errorf("there are %d addresses; %d are allowed", len(servers), maxServers)
	}
	return servers, nil
}

func parsePatterns(text string) ([]string, error) {
	var patterns []string
	for _, p := range strings.Split(text, "|") {
		if p = strings.TrimSpace(p); p == "" {
			continue
		}
		if !strings.Contains(p, "{0}") {
			return nil, fmt.Errorf("%q has no {0} in place of the user name", p)
		}
		if _, err := goldap.ParseDN(expandDN(p, "x")); err != nil {
			return nil, fmt.Errorf("%q is not the name of an entry, such as uid={0},ou=people: %w", p, err)
		}
		patterns = append(patterns, p)
	}
	if len(patterns) > maxPatterns {
		return nil, fmt.Errorf("there are %d patterns; %d are allowed", len(patterns), maxPatterns)
	}
	return patterns, nil
}

// parseAuthorities reads certificates in PEM, or in Base64 of PEM; nil for an empty text.
func parseAuthorities(text string) (*x509.CertPool, error) {
	if text == "" {
		return nil, nil
	}
	data := []byte(text)
	if block, _ := pem.Decode(data); block == nil {
		decoded, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
		if err != nil {
			return nil, errors.New("it is neither a certificate in PEM nor Base64 of one")
		}
		data = decoded
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(data) {
		return nil, errors.New("it holds no certificate in PEM")
	}
	return pool, nil
}

// knownDisplayName returns the attribute that displayname_attribute stands for; cn for what it cannot stand for, so that
// the setting cannot make a secret attribute public.
func knownDisplayName(name string) string {
	for _, known := range []string{"cn", "displayname", "username", "uid", "sn"} {
		if strings.EqualFold(name, known) {
			return known
		}
	}
	return defaultDisplayName
}

func isAttribute(name string) bool {
	for i, c := range name {
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && (i == 0 || c != '-' && c != ';' && c != '.' && (c < '0' || c > '9')) {
			return false
		}
	}
	return name != ""
}

func orElse(text, def string) string {
	if text == "" {
		return def
	}
	return text
}
