package ldap

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	goldap "github.com/go-ldap/ldap/v3"

	"github.com/erudika/para-go/internal/diagnose"
)

// Names of the steps of Check.
const (
	stepSettings = "settings"
	stepServer   = "server"
	stepTLS      = "encryption"
	stepSearcher = "search account"
	stepBase     = "search base"
	stepUser     = "find the user"
	stepSignIn   = "sign in"
	stepProfile  = "profile"
)

// soon is when the end of a certificate's validity is worth a warning.
const soon = 30 * 24 * time.Hour

// Check tries what a sign-in does, step by step, and says which step fails and why: the settings, the server and its
// certificate, the search account, the search base, and, when a user name is given, the user and with a password the
// sign-in and the profile.
func (a *Authenticator) Check(ctx context.Context, lookup func(name string) (string, bool), username, password string) *diagnose.Report {
	r := &diagnose.Report{}
	s, err := ParseSettings(lookup)
	if err != nil {
		r.Fail(stepSettings, err.Error(), "Write the settings of the app that begin with "+Prefix+" (docs/sign-in.md)")
		return r
	}
	s.reportSettings(r)
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	conn := s.reportConnection(ctx, r)
	if conn == nil {
		return r
	}
	defer func() { _ = conn.Close() }()
	v := &visit{ctx: ctx, auth: a, s: s, conn: conn}
	if s.directory {
		r.Skip(stepSearcher, "Active Directory is searched as the user who signs in")
	} else if !v.reportSearch(r, strings.TrimSpace(username)) {
		return r
	}
	a.reportSignIn(ctx, r, s, username, password)
	return r
}

func (s *Settings) reportSettings(r *diagnose.Report) {
	mode := "users bind with their password"
	switch {
	case s.directory && s.domain != "":
		mode = "Active Directory, domain " + s.domain
	case s.directory:
		mode = "Active Directory"
	case s.compare:
		mode = "passwords are compared with " + s.passwordAttr
	}
	detail := mode + "; base " + orElse(s.base, "(of the domain)") + "; filter " + s.filter
	if !s.directory {
		detail += "; patterns " + strings.Join(s.patterns, " | ")
	}
	if len(s.guessed) > 0 {
		r.Warn(stepSettings, detail+"; not set: "+strings.Join(s.guessed, ", "), "Set them; the defaults are those of a demonstration server")
		return
	}
	r.OK(stepSettings, detail)
}

// reportConnection connects to every server, and returns a connection to the first that answers.
func (s *Settings) reportConnection(ctx context.Context, r *diagnose.Report) *goldap.Conn {
	var first *goldap.Conn
	for _, srv := range s.servers {
		conn, err := s.connectTo(ctx, srv)
		if err != nil {
			step, remedy := explainConnection(err)
			r.Fail(step, srv.address+": "+err.Error(), remedy)
			continue
		}
		r.OK(stepServer, srv.address+" answers")
		s.reportTLS(r, srv, conn)
		if first == nil {
			first = conn
			continue
		}
		_ = conn.Close()
	}
	return first
}

// explainConnection says which step a failed connection belongs to, and what to look at.
func explainConnection(err error) (step, remedy string) {
	var authority *tls.CertificateVerificationError
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns):
		return stepServer, "Check the host name in " + Prefix + "server_url"
	case errors.As(err, &authority), strings.Contains(err.Error(), "certificate"):
		return stepTLS, "The certificate must name the host in " + Prefix + "server_url and be signed by an authority that this machine knows or " + Prefix + "ca_cert holds"
	case strings.Contains(err.Error(), "TLS"):
		return stepTLS, "Check whether the port speaks TLS: ldaps:// from the first byte (636), or " + Prefix + "start_tls=true on the plain port (389)"
	}
	return stepServer, "Check host and port in " + Prefix + "server_url, and firewalls between this machine and that one"
}

func (s *Settings) reportTLS(r *diagnose.Report, srv server, conn *goldap.Conn) {
	state, ok := conn.TLSConnectionState()
	if !ok || len(state.PeerCertificates) == 0 {
		if ip := net.ParseIP(srv.host); srv.host == "localhost" || ip != nil && ip.IsLoopback() {
			r.OK(stepTLS, "none; the server is on this machine")
			return
		}
		r.Warn(stepTLS, "none: passwords cross the network in the clear", "Use ldaps:// or set "+Prefix+"start_tls to true")
		return
	}
	cert := state.PeerCertificates[0]
	detail := tls.VersionName(state.Version) + ", certificate of " + orElse(cert.Subject.String(), strings.Join(cert.DNSNames, ", ")) + ", valid until " + cert.NotAfter.UTC().Format(time.DateOnly)
	if time.Until(cert.NotAfter) < soon {
		r.Warn(stepTLS, detail, "Renew the certificate of the directory")
		return
	}
	r.OK(stepTLS, detail)
}

// reportSearch tries the search account, the search base and the filter.
func (v *visit) reportSearch(r *diagnose.Report, username string) bool {
	who := orElse(v.s.bindDN, "nobody (anonymous)")
	if err := v.asSearcher(); err != nil {
		r.Fail(stepSearcher, "binding as "+who+": "+reason(err), "Check "+Prefix+"bind_dn and "+Prefix+"bind_pass")
		return false
	}
	r.OK(stepSearcher, "bound as "+who)
	base := below(v.s.searchBase, v.s.base)
	entry, err := v.read(base)
	switch {
	case err != nil:
		r.Fail(stepBase, base+": "+reason(err), "Check "+Prefix+"base_dn and "+Prefix+"user_search_base")
		return false
	case entry == nil:
		r.Fail(stepBase, base+" does not exist, or "+who+" may not read it", "Check "+Prefix+"base_dn and "+Prefix+"user_search_base, and the rights of the search account")
		return false
	}
	r.OK(stepBase, base+" can be read")
	if username == "" {
		r.Skip(stepUser, "no user name was given")
		return true
	}
	return v.reportUser(r, username)
}

// reportUser looks for a user as a sign-in does: by the patterns, then by a search.
func (v *visit) reportUser(r *diagnose.Report, username string) bool {
	if !acceptable(username) {
		r.Fail(stepUser, fmt.Sprintf("%q is no acceptable user name", username), "User names are text of at most 256 bytes without control characters")
		return false
	}
	for _, p := range v.s.patterns {
		dn := below(expandDN(p, username), v.s.base)
		entry, err := v.read(dn)
		if err == nil && entry != nil {
			r.OK(stepUser, "by the pattern "+p+": "+entry.DN)
			return true
		}
	}
	entry, err := v.find(username, username)
	if err != nil {
		r.Fail(stepUser, "no pattern fits, and the search for "+expandFilter(v.s.filter, username, username)+" below "+below(v.s.searchBase, v.s.base)+" fails: "+reason(err),
			"Check "+Prefix+"user_dn_pattern and "+Prefix+"user_search_filter; exactly one entry must match")
		return false
	}
	r.OK(stepUser, "by the search "+expandFilter(v.s.filter, username, username)+": "+entry.DN)
	return true
}

func (a *Authenticator) reportSignIn(ctx context.Context, r *diagnose.Report, s *Settings, username, password string) {
	if strings.TrimSpace(username) == "" || password == "" {
		r.Skip(stepSignIn, "no user name and password were given")
		return
	}
	p, err := a.Authenticate(ctx, "", s, username, password)
	if err != nil {
		r.Fail(stepSignIn, reason(err), "Check the password, and whether the account is locked in the directory")
		return
	}
	r.OK(stepSignIn, "signed in as "+p.DN)
	detail := fmt.Sprintf("identifier %s, address %s, name %s, group %s", p.Identifier, p.Email, orElse(p.Name, "(none)"), p.Groups)
	if s.directory {
		detail += ", groups of the directory: " + orElse(strings.Join(p.MemberOf, ", "), "(none)")
	}
	if p.MadeUp {
		r.Warn(stepProfile, detail, "The entry has no attribute mail; the address is made up, and nobody can prove it to be theirs")
		return
	}
	r.OK(stepProfile, detail)
}

// reason is what the directory answered.
func reason(err error) string {
	var refused *Refusal
	if errors.As(err, &refused) && refused.cause != nil {
		return refused.cause.Error()
	}
	return err.Error()
}
