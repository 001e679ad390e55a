package saml

import (
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"time"

	crewjam "github.com/crewjam/saml"
)

// parseMetadata returns the identity providers of a metadata document, in its order: one, or those of a federation.
func parseMetadata(data []byte) ([]*crewjam.EntityDescriptor, error) {
	if err := checkXML(data, maxMetadataEntries); err != nil {
		return nil, err
	}
	var root struct{ XMLName xml.Name }
	if err := xml.Unmarshal(data, &root); err != nil {
		return nil, fmt.Errorf("no XML: %w", err)
	}
	var found []*crewjam.EntityDescriptor
	switch root.XMLName.Local {
	case "EntityDescriptor":
		var one crewjam.EntityDescriptor
		if err := xml.Unmarshal(data, &one); err != nil {
			return nil, fmt.Errorf("no SAML metadata: %w", err)
		}
		if len(one.IDPSSODescriptors) > 0 {
			found = append(found, &one)
		}
	case "EntitiesDescriptor":
		var many crewjam.EntitiesDescriptor
		if err := xml.Unmarshal(data, &many); err != nil {
			return nil, fmt.Errorf("no SAML metadata: %w", err)
		}
		found = collect(found, &many, time.Time{})
	default:
		return nil, fmt.Errorf("no SAML metadata: the document is a %q", root.XMLName.Local)
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("the metadata describes no identity provider")
	}
	return found, nil
}

// collect adds the providers of a federation and of those within it. What encloses a provider limits its validity.
func collect(found []*crewjam.EntityDescriptor, many *crewjam.EntitiesDescriptor, until time.Time) []*crewjam.EntityDescriptor {
	if many.ValidUntil != nil {
		until = earlier(until, *many.ValidUntil)
	}
	for i := range many.EntityDescriptors {
		e := &many.EntityDescriptors[i]
		if len(e.IDPSSODescriptors) == 0 {
			continue
		}
		e.ValidUntil = earlier(e.ValidUntil, until)
		found = append(found, e)
	}
	for i := range many.EntitiesDescriptors {
		found = collect(found, &many.EntitiesDescriptors[i], until)
	}
	return found
}

// earlier returns the earlier of two times, of which each may be missing.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// choose returns the provider with an entity id, the first one when id is empty, completed by the settings; nil when there
// is none. The settings win over the metadata (A 12.1).
func (s *Settings) choose(known []*crewjam.EntityDescriptor, id string) *crewjam.EntityDescriptor {
	if s.idpEntityID != "" {
		if id != "" && id != s.idpEntityID {
			return nil
		}
		id = s.idpEntityID
	}
	if s.metadataURL == nil {
		return s.override(&crewjam.EntityDescriptor{IDPSSODescriptors: []crewjam.IDPSSODescriptor{{}}})
	}
	for _, e := range known {
		if id == "" || e.EntityID == id {
			return s.override(e)
		}
	}
	if s.idpEntityID != "" && len(known) == 1 {
		return s.override(known[0])
	}
	return nil
}

// override returns a copy of a provider in which what the settings say stands in place of what the metadata says.
func (s *Settings) override(e *crewjam.EntityDescriptor) *crewjam.EntityDescriptor {
	c := *e
	c.IDPSSODescriptors = append([]crewjam.IDPSSODescriptor(nil), e.IDPSSODescriptors...)
	if s.idpEntityID != "" {
		c.EntityID = s.idpEntityID
	}
	for i := range c.IDPSSODescriptors {
		d := &c.IDPSSODescriptors[i]
		if s.idpSSO != "" {
			d.SingleSignOnServices = []crewjam.Endpoint{{Binding: crewjam.HTTPRedirectBinding, Location: s.idpSSO}}
		}
		if len(s.idpCerts) == 0 {
			continue
		}
		d.KeyDescriptors = nil
		for _, cert := range s.idpCerts {
			d.KeyDescriptors = append(d.KeyDescriptors, crewjam.KeyDescriptor{Use: "signing", KeyInfo: crewjam.KeyInfo{X509Data: crewjam.X509Data{
				X509Certificates: []crewjam.X509Certificate{{Data: base64.StdEncoding.EncodeToString(cert.Raw)}},
			}}})
		}
	}
	return &c
}

// wantsSignature says whether a provider demands signed requests.
func wantsSignature(e *crewjam.EntityDescriptor) bool {
	for _, d := range e.IDPSSODescriptors {
		if d.WantAuthnRequestsSigned != nil && *d.WantAuthnRequestsSigned {
			return true
		}
	}
	return false
}
