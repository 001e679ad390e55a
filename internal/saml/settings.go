package saml

import (
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"strings"

	crewjam "github.com/crewjam/saml"
)

// Prefix starts the name of every setting (A 12.1).
const Prefix = "security.saml."

// Settings say who an app is as a service provider, and which identity provider it trusts (A 12.1).
type Settings struct {
	entityID    string
	acs         *url.URL
	nameID      string
	key         crypto.Signer     // nil: requests are not signed, and nothing can be decrypted
	certificate *x509.Certificate // of key

	metadataURL  *url.URL // nil: the provider is described by the settings below
	idpEntityID  string
	idpSSO       string
	idpCerts     []*x509.Certificate
	signRequests bool
	signMetadata bool
	unsolicited  bool // answers that nobody asked for are accepted

	attributes attributes
	domain     string
	keeps      bool
}

// attributes are the names of the attributes that describe a user.
type attributes struct{ id, picture, email, name, first, last string }

// ErrNotConfigured is returned by ParseSettings when an app does not use SAML.
var ErrNotConfigured = errors.New("the setting " + Prefix + "sp.entityid is missing")

// KeepsProfiles says whether the attributes are kept with the user as a delegated token (A 12.4).
func (s *Settings) KeepsProfiles() bool { return s.keeps }

// Domain is that of addresses that are made up for users without one (A 12.4).
func (s *Settings) Domain() string { return s.domain }

// ACSPath is the path of the address that answers are sent to.
func (s *Settings) ACSPath() string { return s.acs.EscapedPath() }

// ParseSettings reads the settings of an app. lookup gets a full name such as security.saml.sp.entityid and says whether
// the app has it. It returns ErrNotConfigured for an app without an entity id, and an error that names the setting when one
// cannot be used.
func ParseSettings(lookup func(name string) (value string, ok bool)) (*Settings, error) {
	text := func(name, def string) string {
		if v, ok := lookup(name); ok && strings.TrimSpace(v) != "" {
			return strings.TrimSpace(v)
		}
		return def
	}
	own := func(name, def string) string { return text(Prefix+name, def) }
	yes := func(names ...string) bool {
		for _, name := range names {
			if strings.EqualFold(text(name, ""), "true") {
				return true
			}
		}
		return false
	}
	s := &Settings{
		entityID:     own("sp.entityid", ""),
		nameID:       own("sp.nameidformat", string(crewjam.UnspecifiedNameIDFormat)),
		idpEntityID:  own("idp.entityid", ""),
		signRequests: yes(Prefix+"security.authrequest_signed", Prefix+"security.authnrequest_signed"),
		signMetadata: yes(Prefix + "security.sign_metadata"),
		unsolicited:  !strings.EqualFold(own("security.allow_unsolicited", "true"), "false"),
		attributes: attributes{
			id: own("attributes.id", "UserID"), picture: own("attributes.picture", "Picture"), email: own("attributes.email", "EmailAddress"),
			name: own("attributes.name", "GivenName"), first: own("attributes.firstname", "FirstName"), last: own("attributes.lastname", "LastName"),
		},
		domain: own("domain", "paraio.com"),
		keeps:  yes(Prefix+"token_delegation_enabled", "security.ldap.token_delegation_enabled"),
	}
	if s.entityID == "" {
		return nil, ErrNotConfigured
	}
	var err error
	if s.acs, err = parseAddress(own("sp.assertion_consumer_service.url", s.entityID)); err != nil {
		return nil, fmt.Errorf("%ssp.assertion_consumer_service.url (by default the same as sp.entityid): %w", Prefix, err)
	}
	if address := own("idp.metadata_url", ""); address != "" {
		if s.metadataURL, err = parseAddress(address); err != nil {
			return nil, fmt.Errorf("%sidp.metadata_url: %w", Prefix, err)
		}
	}
	if s.idpSSO = own("idp.single_sign_on_service.url", ""); s.idpSSO != "" {
		if _, err = parseAddress(s.idpSSO); err != nil {
			return nil, fmt.Errorf("%sidp.single_sign_on_service.url: %w", Prefix, err)
		}
	}
	if err := s.parseKeys(own("sp.privatekey", ""), own("sp.x509cert", ""), own("idp.x509cert", "")); err != nil {
		return nil, err
	}
	return s, s.check()
}

// parseKeys reads keys and certificates, which may each be missing.
func (s *Settings) parseKeys(key, certificate, idp string) error {
	var err error
	if key != "" {
		if s.key, err = parseKey(key); err != nil {
			return fmt.Errorf("%ssp.privatekey: %w", Prefix, err)
		}
	}
	if certificate != "" {
		certs, err := parseCertificates(certificate)
		if err != nil {
			return fmt.Errorf("%ssp.x509cert: %w", Prefix, err)
		}
		s.certificate = certs[0]
	}
	if idp != "" {
		if s.idpCerts, err = parseCertificates(idp); err != nil {
			return fmt.Errorf("%sidp.x509cert: %w", Prefix, err)
		}
	}
	return nil
}

// check refuses settings that contradict each other or leave out what every sign-in needs.
func (s *Settings) check() error {
	switch {
	case s.key != nil && s.certificate != nil && !samePublicKey(s.key.Public(), s.certificate.PublicKey):
		return fmt.Errorf("%ssp.privatekey does not belong to the certificate in %ssp.x509cert", Prefix, Prefix)
	case (s.signRequests || s.signMetadata) && (s.key == nil || s.certificate == nil):
		return fmt.Errorf("%ssp.privatekey and %ssp.x509cert are needed to sign requests or metadata", Prefix, Prefix)
	case s.metadataURL != nil:
		return nil
	case s.idpEntityID == "" || s.idpSSO == "" || len(s.idpCerts) == 0:
		return fmt.Errorf("%sidp.metadata_url is missing; without it idp.entityid, idp.single_sign_on_service.url and idp.x509cert are all needed", Prefix)
	}
	return nil
}

func parseAddress(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("%q is not a web address such as https://example.com/saml_auth/myapp", text)
	}
	return u, nil
}
