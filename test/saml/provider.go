// Package samltest runs a real SAML identity provider for tests, and lets them change what it says.
package samltest

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/beevik/etree"
	"github.com/crewjam/saml"
	"github.com/crewjam/saml/xmlenc"
	dsig "github.com/russellhaering/goxmldsig"
)

// Provider is a running identity provider that signs everybody in as one user at once.
type Provider struct {
	URL string // of its metadata, and its entity id

	idp *saml.IdentityProvider

	mu       sync.Mutex
	partners map[string]*saml.EntityDescriptor
	user     map[string]string
	changes  Changes
}

// Changes are what a test changes of an answer on its way.
type Changes struct {
	Assertion func(*saml.Assertion)       // before it is signed
	Request   func(*saml.IdpAuthnRequest) // before the response is made
	Unsigned  bool                        // the assertion is not signed, the response is
	Bare      bool                        // the response is not signed
	Message   func(*etree.Element)        // the finished response
}

// Start runs a provider until the test ends.
func Start(tb testing.TB) *Provider {
	tb.Helper()
	p := &Provider{partners: map[string]*saml.EntityDescriptor{}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { p.idp.Handler().ServeHTTP(w, r) }))
	tb.Cleanup(server.Close)
	p.idp = newIDP(tb, server.URL, p)
	p.URL = p.idp.MetadataURL.String()
	p.SetUser(map[string]string{"UserID": "alice", "EmailAddress": "alice@example.com", "GivenName": "Alice Adams", "Picture": "https://example.com/alice.png?size=1"})
	return p
}

func newIDP(tb testing.TB, base string, p *Provider) *saml.IdentityProvider {
	tb.Helper()
	metadata, err := url.Parse(base + "/metadata")
	if err != nil {
		tb.Fatal(err)
	}
	sso, err := url.Parse(base + "/sso")
	if err != nil {
		tb.Fatal(err)
	}
	key, cert := sharedKey()
	return &saml.IdentityProvider{
		Key: key, Certificate: cert, MetadataURL: *metadata, SSOURL: *sso,
		ServiceProviderProvider: p, SessionProvider: p, AssertionMaker: p, ResponseWriter: p,
		OnError: func(w http.ResponseWriter, _ *http.Request, status int, err error) {
			http.Error(w, err.Error(), status)
		},
	}
}

// Twin is a provider that claims to be this one and has another key. It runs at the address that is returned.
func (p *Provider) Twin(tb testing.TB) (twin *Provider, sso string) {
	tb.Helper()
	twin = Start(tb)
	sso = twin.SSO()
	twin.idp.MetadataURL, twin.idp.SSOURL = p.idp.MetadataURL, p.idp.SSOURL
	twin.partners = p.partners
	twin.ChangeKey(NewKey(tb, false))
	return twin, sso
}

// SSO is the address that requests are sent to.
func (p *Provider) SSO() string { return p.idp.SSOURL.String() }

// ChangeKey makes the provider sign with another key, and say so in its metadata.
func (p *Provider) ChangeKey(key crypto.Signer, cert *x509.Certificate) {
	p.idp.Key, p.idp.Certificate = key, cert
}

// DemandSignatures makes the provider refuse requests that are not signed.
func (p *Provider) DemandSignatures() { p.idp.WantAuthnRequestsSigned = true }

// EncryptWithCBC makes the provider encrypt without protection against changes.
func (p *Provider) EncryptWithCBC() {
	e := xmlenc.OAEP()
	e.BlockCipher = xmlenc.AES128CBC
	p.idp.AssertionEncrypter = e
}

// SignWithSHA1 makes the provider sign as nobody should.
func (p *Provider) SignWithSHA1() { p.idp.SignatureMethod = dsig.RSASHA1SignatureMethod }

// Trust makes the provider answer a service provider, which its metadata describes.
func (p *Provider) Trust(tb testing.TB, metadata []byte) {
	tb.Helper()
	var e saml.EntityDescriptor
	if err := xml.Unmarshal(metadata, &e); err != nil {
		tb.Fatalf("the service provider's metadata: %v\n%s", err, metadata)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.partners[e.EntityID] = &e
}

// SetUser sets the attributes of the user that the provider signs in.
func (p *Provider) SetUser(attributes map[string]string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.user = attributes
}

// Change makes the provider's next answers differ.
func (p *Provider) Change(c Changes) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.changes = c
}

// GetServiceProvider implements the library's interface.
func (p *Provider) GetServiceProvider(_ *http.Request, id string) (*saml.EntityDescriptor, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if e := p.partners[id]; e != nil {
		return e, nil
	}
	return nil, os.ErrNotExist
}

// GetSession implements the library's interface: everybody is signed in already.
func (p *Provider) GetSession(http.ResponseWriter, *http.Request, *saml.IdpAuthnRequest) *saml.Session {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := &saml.Session{ID: "session", NameID: "name-id", CreateTime: time.Now(), ExpireTime: time.Now().Add(time.Hour), Index: "1"}
	for name, value := range p.user {
		s.CustomAttributes = append(s.CustomAttributes, saml.Attribute{Name: name, Values: []saml.AttributeValue{{Type: "xs:string", Value: value}}})
	}
	return s
}

// MakeAssertion implements the library's interface.
func (p *Provider) MakeAssertion(req *saml.IdpAuthnRequest, session *saml.Session) error {
	if err := (saml.DefaultAssertionMaker{}).MakeAssertion(req, session); err != nil {
		return err
	}
	if change := p.change().Assertion; change != nil {
		change(req.Assertion)
	}
	return nil
}

func (p *Provider) change() Changes {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.changes
}

// WriteResponse implements the library's interface.
func (p *Provider) WriteResponse(w http.ResponseWriter, req *saml.IdpAuthnRequest) error {
	c := p.change()
	if c.Request != nil {
		c.Request(req)
	}
	if c.Unsigned {
		req.AssertionEl = req.Assertion.Element()
	}
	if err := req.MakeResponse(); err != nil {
		return err
	}
	if c.Bare {
		RemoveSignature(req.ResponseEl)
	}
	if c.Message != nil {
		c.Message(req.ResponseEl)
	}
	return req.WriteResponse(w)
}

// RemoveSignature removes the signature that is a child of an element, and returns it; nil when there is none.
func RemoveSignature(el *etree.Element) *etree.Element {
	for _, child := range el.ChildElements() {
		if child.Tag == "Signature" {
			el.RemoveChild(child)
			return child
		}
	}
	return nil
}

// Form is what a provider's page makes the browser post.
type Form struct{ Action, Response, RelayState string }

var (
	formAction = regexp.MustCompile(`action="([^"]*)"`)
	formField  = regexp.MustCompile(`name="(SAMLResponse|RelayState)" value="([^"]*)"`)
)

// Visit sends a browser to the provider and returns the form it gets.
func (p *Provider) Visit(ctx context.Context, address string) (*Form, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	page, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the provider answers %s: %s", answer.Status, page)
	}
	f := &Form{}
	if m := formAction.FindSubmatch(page); m != nil {
		f.Action = html.UnescapeString(string(m[1]))
	}
	for _, m := range formField.FindAllSubmatch(page, -1) {
		if value := html.UnescapeString(string(m[2])); string(m[1]) == "SAMLResponse" {
			f.Response = value
		} else {
			f.RelayState = value
		}
	}
	if f.Response == "" {
		return nil, errors.New("the provider's page has no answer: " + string(page))
	}
	return f, nil
}

// sharedKey is the key of every provider that is not given another one: making one takes long.
var sharedKey = sync.OnceValues(func() (crypto.Signer, *x509.Certificate) {
	key, cert, err := newKey(false)
	if err != nil {
		panic(err)
	}
	return key, cert
})

// NewKey makes a key, RSA or EC, and a certificate for it.
func NewKey(tb testing.TB, ec bool) (crypto.Signer, *x509.Certificate) {
	tb.Helper()
	key, cert, err := newKey(ec)
	if err != nil {
		tb.Fatal(err)
	}
	return key, cert
}

func newKey(ec bool) (key crypto.Signer, cert *x509.Certificate, err error) {
	if ec {
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	} else {
		key, err = rsa.GenerateKey(rand.Reader, 2048)
	}
	if err != nil {
		return nil, nil, err
	}
	cert, err = certify(key, time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
	return key, cert, err
}

// Certify makes a certificate for a key.
func Certify(tb testing.TB, key crypto.Signer, from, to time.Time) *x509.Certificate {
	tb.Helper()
	cert, err := certify(key, from, to)
	if err != nil {
		tb.Fatal(err)
	}
	return cert
}

func certify(key crypto.Signer, from, to time.Time) (*x509.Certificate, error) {
	template := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "saml test"}, NotBefore: from, NotAfter: to}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

// PEM writes a key and a certificate as text.
func PEM(tb testing.TB, key crypto.Signer, cert *x509.Certificate) (keyText, certText string) {
	tb.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		tb.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw}))
}
