package saml

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/beevik/etree"
	crewjam "github.com/crewjam/saml"
)

// Service is a service provider for all apps. It is safe for concurrent use.
type Service struct {
	metadata *metadataCache
	replays  *replays
	now      func() time.Time
	turns    *turns
}

// New makes a service. now is the clock for cookies and caches; nil for the real one.
func New(now func() time.Time) *Service {
	if now == nil {
		now = time.Now
	}
	return &Service{metadata: newMetadataCache(now), replays: &replays{now: now, apps: map[string]*appReplays{}}, now: now, turns: newTurns()}
}

// Request sends a browser to an identity provider.
type Request struct {
	URL     string         // to send it to
	Cookies []*http.Cookie // to give it
}

// Start makes the request of a browser that wants to sign in (A 12.2). entityID chooses one of several providers; "" takes
// the first. cookies are those of the browser.
func (s *Service) Start(ctx context.Context, t Tenant, set *Settings, entityID string, cookies []*http.Cookie) (*Request, error) {
	if t.Secret == "" {
		return nil, errors.New("the app has no secret to bind the request with")
	}
	provider, err := s.provider(ctx, set, entityID, false)
	if err != nil {
		return nil, err
	}
	sp := s.serviceProvider(t, set, provider)
	if wantsSignature(provider) && sp.SignatureMethod == "" {
		if set.key == nil || set.certificate == nil {
			return nil, fmt.Errorf("the identity provider demands signed requests; set %ssp.privatekey and %ssp.x509cert", Prefix, Prefix)
		}
		sp.SignatureMethod = signatureMethod(set.key)
	}
	target := sp.GetSSOBindingLocation(crewjam.HTTPRedirectBinding)
	if target == "" {
		return nil, fmt.Errorf("the identity provider %q has no address for requests by redirect", provider.EntityID)
	}
	if _, err := parseAddress(target); err != nil {
		return nil, fmt.Errorf("the identity provider's address for requests: %w", err)
	}
	r, err := sp.MakeAuthenticationRequest(target, crewjam.HTTPRedirectBinding, crewjam.HTTPPostBinding)
	if err != nil {
		return nil, fmt.Errorf("make the request: %w", err)
	}
	passive := false
	r.ID, r.IsPassive = newRequestID(), &passive
	u, err := r.Redirect(newRelayState(), sp)
	if err != nil {
		return nil, fmt.Errorf("make the request: %w", err)
	}
	return &Request{URL: u.String(), Cookies: append(set.surplus(cookies), t.bind(set, provider.EntityID, r.ID, s.now()))}, nil
}

// newRequestID is ARQ and 35 characters of a random UUID (A 12.2).
func newRequestID() string { return idPrefix + uuid()[1:] }

func newRelayState() string { return uuid() }

func uuid() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// provider returns the identity provider with an entity id, the first one when id is empty.
func (s *Service) provider(ctx context.Context, set *Settings, id string, younger bool) (*crewjam.EntityDescriptor, error) {
	var known []*crewjam.EntityDescriptor
	if set.metadataURL != nil {
		var err error
		if known, err = s.metadata.get(ctx, set.metadataURL, younger); err != nil {
			return nil, fmt.Errorf("read the identity provider's metadata: %w", err)
		}
	}
	provider := set.choose(known, id)
	if provider == nil {
		return nil, fmt.Errorf("there is no identity provider %q", id)
	}
	return provider, nil
}

// serviceProvider describes an app to the library.
func (s *Service) serviceProvider(t Tenant, set *Settings, provider *crewjam.EntityDescriptor) *crewjam.ServiceProvider {
	force := false
	sp := &crewjam.ServiceProvider{
		EntityID:                         set.entityID,
		AcsURL:                           *set.acs,
		IDPMetadata:                      provider,
		Certificate:                      set.certificate,
		AuthnNameIDFormat:                crewjam.NameIDFormat(set.nameID),
		SendUnspecifiedNameIDFormat:      true,
		ForceAuthn:                       &force,
		AllowIDPInitiated:                set.unsolicited,
		AssertionConsumerServiceBindings: []string{crewjam.HTTPPostBinding},
		MetadataOmitValidUntil:           true,
		RejectUnknownConditions:          true,
		RequireSignedResponseForCBC:      true,
		RejectExpiredIDPMetadata:         true,
		RejectSHA1Signatures:             true,
		ReplayCache:                      s.replays.of(t.App, provider.EntityID),
	}
	if set.key == nil {
		return sp
	}
	sp.Key = set.key
	if k, ok := set.key.(*rsa.PrivateKey); ok {
		sp.EncryptionKey = k
	}
	if set.certificate != nil {
		sp.LogoutSignatureMethod = signatureMethod(set.key) // the library publishes the certificate for signing only then
	}
	if set.signRequests {
		sp.SignatureMethod = signatureMethod(set.key)
	}
	return sp
}

// Finish checks the answer that a browser brings from an identity provider, the parameter SAMLResponse, and returns the
// user's profile (A 12.3, A 12.4) and the cookies to give the browser. An error of code Busy when too many answers wait to
// be checked.
func (s *Service) Finish(ctx context.Context, t Tenant, set *Settings, response string, cookies []*http.Cookie) (*Profile, []*http.Cookie, error) {
	data, err := decodeMessage(response)
	if err != nil {
		return nil, nil, err
	}
	issuer := claimedIssuer(data)
	assertion, err := s.check(ctx, t, set, data, issuer, cookies, false)
	if errors.Is(err, crewjam.ErrUntrustedCertificate) && set.metadataURL != nil && len(set.idpCerts) == 0 {
		assertion, err = s.check(ctx, t, set, data, issuer, cookies, true) // the provider may have changed its key
	}
	if err != nil {
		return nil, nil, explain(err)
	}
	profile, err := set.profile(assertion)
	if err != nil {
		return nil, nil, err
	}
	var gone []*http.Cookie
	for _, c := range cookies {
		if id, ok := answered(assertion); ok && c.Name == cookiePrefix+id {
			gone = append(gone, set.forget(c.Name))
		}
	}
	return profile, gone, nil
}

// check returns the assertion of an answer if everything holds that A 12.3 demands.
func (s *Service) check(ctx context.Context, t Tenant, set *Settings, data []byte, issuer string, cookies []*http.Cookie, younger bool) (*crewjam.Assertion, error) {
	provider, err := s.provider(ctx, set, issuer, younger)
	if err != nil {
		return nil, err
	}
	leave, err := s.turns.take(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	sp := s.serviceProvider(t, set, provider)
	return sp.ParseXMLResponse(data, t.pending(set, provider.EntityID, cookies, s.now()), *set.acs)
}

// answered returns which request an assertion answers, without its prefix.
func answered(a *crewjam.Assertion) (string, bool) {
	for _, c := range a.Subject.SubjectConfirmations {
		if d := c.SubjectConfirmationData; d != nil && len(d.InResponseTo) > len(idPrefix) {
			return d.InResponseTo[len(idPrefix):], true
		}
	}
	return "", false
}

// explain returns what the library found, which its own text leaves out. It holds parts of the answer, and no secret.
func explain(err error) error {
	var invalid *crewjam.InvalidResponseError
	if errors.As(err, &invalid) && invalid.PrivateErr != nil {
		return invalid.PrivateErr
	}
	return err
}

// Metadata describes an app to identity providers (A 12.5).
func (s *Service) Metadata(ctx context.Context, t Tenant, set *Settings, entityID string) ([]byte, error) {
	provider, err := s.provider(ctx, set, entityID, false)
	if err != nil {
		return nil, err
	}
	sp := s.serviceProvider(t, set, provider)
	if wantsSignature(provider) && set.key != nil && set.certificate != nil {
		sp.SignatureMethod = signatureMethod(set.key)
	}
	var out bytes.Buffer
	out.WriteString(xml.Header)
	if !set.signMetadata {
		body, err := xml.MarshalIndent(sp.Metadata(), "", "  ")
		if err != nil {
			return nil, fmt.Errorf("write the metadata: %w", err)
		}
		out.Write(body)
		return out.Bytes(), nil
	}
	signed, err := sp.SignedMetadata()
	if err != nil {
		return nil, fmt.Errorf("sign the metadata: %w", err)
	}
	doc := etree.NewDocument()
	doc.SetRoot(signed)
	if _, err := doc.WriteTo(&out); err != nil {
		return nil, fmt.Errorf("write the metadata: %w", err)
	}
	return out.Bytes(), nil
}
