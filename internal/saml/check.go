package saml

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"
	"time"

	crewjam "github.com/crewjam/saml"

	"github.com/erudika/para-go/internal/diagnose"
)

// Names of the steps of Check.
const (
	stepSettings = "settings"
	stepAddress  = "address for answers"
	stepKeys     = "own key"
	stepMetadata = "metadata of the provider"
	stepProvider = "identity provider"
	stepCerts    = "certificates of the provider"
	stepRequest  = "request"
)

// soon is when the end of a certificate's validity is worth a warning.
const soon = 30 * 24 * time.Hour

// Check tries what a sign-in does up to the point where a user is needed, step by step, and says which step fails and why:
// the settings, the own key, the provider's metadata, its certificates and addresses, and a request.
func (s *Service) Check(ctx context.Context, t Tenant, lookup func(name string) (string, bool)) *diagnose.Report {
	r := &diagnose.Report{}
	set, err := ParseSettings(lookup)
	if err != nil {
		r.Fail(stepSettings, err.Error(), "Write the settings of the app that begin with "+Prefix+" (docs/sign-in.md)")
		return r
	}
	r.OK(stepSettings, fmt.Sprintf("entity id %s; users are told apart by the attribute %q", set.entityID, set.attributes.id))
	set.reportAddress(r, t.App)
	set.reportKeys(r, s.now())
	provider := s.reportProvider(ctx, r, set)
	if provider == nil {
		return r
	}
	reportCertificates(r, provider, s.now())
	request, err := s.Start(ctx, t, set, provider.EntityID, nil)
	if err != nil {
		r.Fail(stepRequest, err.Error(), "")
		return r
	}
	u, err := url.Parse(request.URL)
	if err != nil {
		r.Fail(stepRequest, err.Error(), "Check the provider's address for requests")
		return r
	}
	signed := "not signed"
	if u.Query().Get("Signature") != "" {
		signed = "signed"
	}
	r.OK(stepRequest, signed+", to "+u.Scheme+"://"+u.Host+u.Path)
	return r
}

func (s *Settings) reportAddress(r *diagnose.Report, app string) {
	address := s.acs.String()
	switch {
	case !strings.HasSuffix(s.acs.Path, "/saml_auth/"+app):
		r.Warn(stepAddress, address, "Answers are taken at <server>/saml_auth/"+app+" only; if no proxy turns this address into that one, set "+Prefix+"sp.entityid or "+Prefix+"sp.assertion_consumer_service.url")
	case s.acs.Scheme != "https":
		r.Warn(stepAddress, address, "Use https://; without it browsers do not send the cookie that answers are bound to after two minutes, or not at all")
	default:
		r.OK(stepAddress, address)
	}
}

func (s *Settings) reportKeys(r *diagnose.Report, now time.Time) {
	switch {
	case s.key == nil:
		r.Skip(stepKeys, "none; requests are not signed, and encrypted answers cannot be read")
	case s.certificate == nil:
		r.Warn(stepKeys, "there is a key and no certificate", "Set "+Prefix+"sp.x509cert, so that providers learn the public key")
	default:
		detail := describe(s.certificate)
		if _, ok := s.key.(*rsa.PrivateKey); !ok {
			detail += "; an EC key signs, and cannot decrypt"
		}
		report(r, stepKeys, s.certificate, detail, now)
	}
}

func describe(c *x509.Certificate) string {
	return fmt.Sprintf("%s, %s, valid from %s to %s", c.Subject, c.PublicKeyAlgorithm, c.NotBefore.UTC().Format(time.DateOnly), c.NotAfter.UTC().Format(time.DateOnly))
}

// report says whether a certificate is valid now.
func report(r *diagnose.Report, step string, c *x509.Certificate, detail string, now time.Time) {
	switch {
	case now.After(c.NotAfter):
		r.Fail(step, detail+"; it has expired", "Replace the certificate")
	case now.Before(c.NotBefore):
		r.Fail(step, detail+"; it is not valid yet", "Check the clock of this machine")
	case c.NotAfter.Sub(now) < soon:
		r.Warn(step, detail+"; it expires soon", "Replace the certificate in time")
	default:
		r.OK(step, detail)
	}
}

// reportProvider reads the metadata and chooses the provider; nil when that fails.
func (s *Service) reportProvider(ctx context.Context, r *diagnose.Report, set *Settings) *crewjam.EntityDescriptor {
	var known []*crewjam.EntityDescriptor
	if set.metadataURL == nil {
		r.Skip(stepMetadata, "the settings describe the provider")
	} else {
		var err error
		if known, err = s.metadata.get(ctx, set.metadataURL, false); err != nil {
			r.Fail(stepMetadata, err.Error(), "Open "+set.metadataURL.Redacted()+" on this machine; it must be the provider's metadata in XML")
			return nil
		}
		detail := fmt.Sprintf("%s describes %d identity providers", set.metadataURL.Redacted(), len(known))
		if set.metadataURL.Scheme != "https" {
			r.Warn(stepMetadata, detail, "Use https://; whoever can change the metadata on its way can sign in as anybody")
		} else {
			r.OK(stepMetadata, detail)
		}
	}
	provider := set.choose(known, "")
	switch {
	case provider == nil:
		r.Fail(stepProvider, fmt.Sprintf("the metadata does not describe %q", set.idpEntityID), "Check "+Prefix+"idp.entityid")
		return nil
	case !provider.ValidUntil.IsZero() && !s.now().Before(provider.ValidUntil):
		r.Fail(stepProvider, provider.EntityID+": its metadata has expired on "+provider.ValidUntil.UTC().Format(time.DateOnly), "The provider has to publish it anew")
	case set.idpEntityID == "" && len(known) > 1:
		r.Warn(stepProvider, provider.EntityID+", the first of several", "Every one of them can sign in any user; set "+Prefix+"idp.entityid to trust only one")
	default:
		r.OK(stepProvider, provider.EntityID)
	}
	return provider
}

// reportCertificates says which certificates answers may be signed with.
func reportCertificates(r *diagnose.Report, provider *crewjam.EntityDescriptor, now time.Time) {
	found := 0
	for _, d := range provider.IDPSSODescriptors {
		for _, k := range d.KeyDescriptors {
			if k.Use != "" && k.Use != "signing" {
				continue
			}
			for _, c := range k.KeyInfo.X509Data.X509Certificates {
				found++
				der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(c.Data), ""))
				if err == nil {
					var cert *x509.Certificate
					if cert, err = x509.ParseCertificate(der); err == nil {
						report(r, stepCerts, cert, describe(cert), now)
						continue
					}
				}
				r.Fail(stepCerts, "one of them cannot be read: "+err.Error(), "The provider's metadata, or "+Prefix+"idp.x509cert, must hold its certificate")
			}
		}
	}
	if found == 0 {
		r.Fail(stepCerts, "there are none, so no answer can be checked", "Set "+Prefix+"idp.x509cert")
	}
}
