package saml

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/beevik/etree"
	crewjam "github.com/crewjam/saml"

	samltest "github.com/erudika/para-go/test/saml"
)

// world is an app and its identity provider.
type world struct {
	service  *Service
	tenant   Tenant
	settings *Settings
	provider *samltest.Provider
}

func settingsOf(t testing.TB, all map[string]string) *Settings {
	t.Helper()
	s, err := parse(all)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func parse(all map[string]string) (*Settings, error) {
	return ParseSettings(func(name string) (string, bool) {
		v, ok := all[strings.TrimPrefix(name, Prefix)]
		return v, ok
	})
}

// newWorld makes an app whose settings are those of a plain one with some changes, known to a provider.
func newWorld(t testing.TB, changes map[string]string) *world {
	t.Helper()
	w := &world{service: New(nil), tenant: Tenant{App: "myapp", Secret: "secret of myapp"}, provider: samltest.Start(t)}
	all := map[string]string{"sp.entityid": "https://para.example.com/saml_auth/myapp", "idp.metadata_url": w.provider.URL}
	maps.Copy(all, changes)
	w.settings = settingsOf(t, all)
	w.trust(t)
	return w
}

func (w *world) trust(t testing.TB) {
	t.Helper()
	metadata, err := w.service.Metadata(t.Context(), w.tenant, w.settings, "")
	if err != nil {
		t.Fatal(err)
	}
	w.provider.Trust(t, metadata)
}

// start begins a sign-in and returns what the browser brings back from the provider, and its cookies.
func (w *world) start(t testing.TB) (response string, cookies []*http.Cookie) {
	t.Helper()
	r, err := w.service.Start(t.Context(), w.tenant, w.settings, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	form, err := w.provider.Visit(t.Context(), r.URL)
	if err != nil {
		t.Fatal(err)
	}
	return form.Response, r.Cookies
}

func (w *world) finish(t testing.TB, response string, cookies []*http.Cookie) (*Profile, error) {
	t.Helper()
	p, _, err := w.service.Finish(t.Context(), w.tenant, w.settings, response, cookies)
	if (p == nil) == (err == nil) {
		t.Fatalf("profile %v and error %v", p, err)
	}
	return p, err
}

// ownKey is the key of every app that has one: making one takes long.
var ownKey struct {
	sync.Once
	key, cert string
}

func withKey(t testing.TB, more map[string]string) map[string]string {
	t.Helper()
	ownKey.Do(func() { ownKey.key, ownKey.cert = newPEM(t, false) })
	key, cert := ownKey.key, ownKey.cert
	all := map[string]string{"sp.privatekey": key, "sp.x509cert": cert}
	maps.Copy(all, more)
	return all
}

func newPEM(t testing.TB, ec bool) (key, cert string) {
	k, c := samltest.NewKey(t, ec)
	return samltest.PEM(t, k, c)
}

// TestSignIn goes the whole way with what providers do legitimately (A 12.2–12.4).
func TestSignIn(t *testing.T) {
	minutes := func(n time.Duration) func(*crewjam.Assertion) {
		return func(a *crewjam.Assertion) { shift(a, n*time.Minute) }
	}
	ecKey, ecCert := newPEM(t, true)
	cases := []struct {
		name     string
		settings map[string]string
		changes  samltest.Changes
		prepare  func(*samltest.Provider)
	}{
		{name: "signed twice, not encrypted"},
		{name: "signed twice, encrypted", settings: withKey(t, nil)},
		{name: "only the assertion is signed", changes: samltest.Changes{Bare: true}},
		{name: "only the response is signed", changes: samltest.Changes{Unsigned: true}},
		{name: "encrypted with authentication, response not signed", settings: withKey(t, nil), changes: samltest.Changes{Bare: true}},
		{name: "encrypted without authentication, response signed", settings: withKey(t, nil), prepare: (*samltest.Provider).EncryptWithCBC},
		{name: "signed request", settings: withKey(t, map[string]string{"security.authrequest_signed": "true"})},
		{name: "signed request, by its documented name", settings: withKey(t, map[string]string{"security.authnrequest_signed": "true"})},
		{name: "provider demands signed requests", settings: withKey(t, nil), prepare: (*samltest.Provider).DemandSignatures},
		{name: "key of the other kind", settings: map[string]string{"sp.privatekey": ecKey, "sp.x509cert": ecCert}, prepare: (*samltest.Provider).DemandSignatures},
		{name: "keys in Base64 of PEM", settings: encodeAll(withKey(t, nil))},
		{name: "own address for answers", settings: map[string]string{"sp.entityid": "urn:example:para", "sp.assertion_consumer_service.url": "http://localhost:8080/saml_auth/myapp?x=1"}},
		{name: "signed metadata", settings: withKey(t, map[string]string{"security.sign_metadata": "true"})},
		{name: "clock of the provider is behind", changes: samltest.Changes{Assertion: minutes(-4)}},
		{name: "clock of the provider is ahead", changes: samltest.Changes{Assertion: minutes(4)}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, c.settings)
			if c.prepare != nil {
				c.prepare(w.provider)
				w.service = New(nil) // reads the metadata anew
				w.trust(t)
			}
			w.provider.Change(c.changes)
			response, cookies := w.start(t)
			_, encrypts := c.settings["sp.privatekey"]
			if encrypts && c.name != "key of the other kind" && strings.Contains(mustDecode(t, response), "alice") {
				t.Error("the answer is not encrypted")
			}
			p, err := w.finish(t, response, cookies)
			if err != nil {
				t.Fatal(err)
			}
			if p.Identifier != "saml:alice" || p.Email != "alice@example.com" || p.Name != "Alice Adams" || p.Picture != "https://example.com/alice.png" {
				t.Errorf("profile %+v", p)
			}
		})
	}
}

func encodeAll(all map[string]string) map[string]string {
	for name, v := range all {
		all[name] = base64.StdEncoding.EncodeToString([]byte(v))
	}
	return all
}

func mustDecode(t testing.TB, response string) string {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString(response)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// shift moves all times of an assertion.
func shift(a *crewjam.Assertion, by time.Duration) {
	a.IssueInstant = a.IssueInstant.Add(by)
	a.Conditions.NotBefore = a.Conditions.NotBefore.Add(by)
	a.Conditions.NotOnOrAfter = a.Conditions.NotOnOrAfter.Add(by)
	for i := range a.Subject.SubjectConfirmations {
		d := a.Subject.SubjectConfirmations[i].SubjectConfirmationData
		d.NotOnOrAfter = d.NotOnOrAfter.Add(by)
	}
}

// TestRefused tries what must not sign in.
func TestRefused(t *testing.T) {
	confirm := func(change func(*crewjam.SubjectConfirmationData)) samltest.Changes {
		return samltest.Changes{Assertion: func(a *crewjam.Assertion) { change(a.Subject.SubjectConfirmations[0].SubjectConfirmationData) }}
	}
	cases := []struct {
		name     string
		settings map[string]string
		changes  samltest.Changes
		prepare  func(*samltest.Provider)
		want     error // nil: any
	}{
		{"not signed at all", nil, samltest.Changes{Unsigned: true, Bare: true}, nil, nil},
		{"encrypted without authentication, response not signed", withKey(t, nil), samltest.Changes{Bare: true}, (*samltest.Provider).EncryptWithCBC, crewjam.ErrInvalidSignature},
		{"signed with SHA-1", nil, samltest.Changes{}, (*samltest.Provider).SignWithSHA1, crewjam.ErrInvalidSignature},
		{"wrong audience", nil, samltest.Changes{Assertion: func(a *crewjam.Assertion) {
			a.Conditions.AudienceRestrictions[0].Audience.Value = "https://other.example.com"
		}}, nil, crewjam.ErrAudienceMismatch},
		{"no audience", nil, samltest.Changes{Assertion: func(a *crewjam.Assertion) { a.Conditions.AudienceRestrictions = nil }}, nil, crewjam.ErrAudienceMismatch},
		{"wrong recipient", nil, confirm(func(d *crewjam.SubjectConfirmationData) { d.Recipient = "https://other.example.com/saml_auth/myapp" }), nil, crewjam.ErrDestinationMismatch},
		{"wrong destination", nil, samltest.Changes{Request: func(r *crewjam.IdpAuthnRequest) {
			e := *r.ACSEndpoint
			e.Location = "https://other.example.com/saml_auth/myapp"
			r.ACSEndpoint = &e
		}}, nil, crewjam.ErrDestinationMismatch},
		{"expired", nil, samltest.Changes{Assertion: func(a *crewjam.Assertion) { shift(a, -11*time.Minute) }}, nil, crewjam.ErrExpired},
		{"expired conditions", nil, samltest.Changes{Assertion: func(a *crewjam.Assertion) { a.Conditions.NotOnOrAfter = time.Now().Add(-6 * time.Minute) }}, nil, crewjam.ErrExpired},
		{"expired confirmation", nil, confirm(func(d *crewjam.SubjectConfirmationData) { d.NotOnOrAfter = time.Now().Add(-6 * time.Minute) }), nil, crewjam.ErrExpired},
		{"not yet valid", nil, samltest.Changes{Assertion: func(a *crewjam.Assertion) { shift(a, 6*time.Minute) }}, nil, crewjam.ErrNotYetValid},
		{"old response", nil, samltest.Changes{Request: func(r *crewjam.IdpAuthnRequest) { r.Now = r.Now.Add(-6 * time.Minute) }}, nil, crewjam.ErrExpired},
		{"answers another request", nil, confirm(func(d *crewjam.SubjectConfirmationData) { d.InResponseTo = "ARQsomebody-elses" }), nil, crewjam.ErrRequestIDMismatch},
		{"response answers another request", nil, samltest.Changes{Request: func(r *crewjam.IdpAuthnRequest) { r.Request.ID = "ARQsomebody-elses" }}, nil, crewjam.ErrRequestIDMismatch},
		{"another issuer", nil, samltest.Changes{Assertion: func(a *crewjam.Assertion) { a.Issuer.Value = "https://idp.example.org" }}, nil, crewjam.ErrIssuerMismatch},
		{"no subject", nil, samltest.Changes{Assertion: func(a *crewjam.Assertion) { a.Subject = nil }}, nil, crewjam.ErrMissingElement},
		{"no name id", nil, samltest.Changes{Assertion: func(a *crewjam.Assertion) { a.Subject.NameID = nil }}, nil, crewjam.ErrMissingElement},
		{"no bearer", nil, samltest.Changes{Assertion: func(a *crewjam.Assertion) {
			a.Subject.SubjectConfirmations[0].Method = "urn:oasis:names:tc:SAML:2.0:cm:sender-vouches"
		}}, nil, crewjam.ErrMissingElement},
		{"no authentication", nil, samltest.Changes{Assertion: func(a *crewjam.Assertion) { a.AuthnStatements = nil }}, nil, crewjam.ErrMissingElement},
		{"no id", nil, samltest.Changes{Assertion: func(a *crewjam.Assertion) { a.AttributeStatements = nil }}, nil, nil},
		{"another id attribute", map[string]string{"attributes.id": "uid"}, samltest.Changes{}, nil, nil},
		{"status of a failure", nil, samltest.Changes{Bare: true, Message: func(e *etree.Element) {
			e.FindElement("./Status/StatusCode").CreateAttr("Value", crewjam.StatusResponder)
		}}, nil, nil},
		{"altered assertion, response not signed", nil, samltest.Changes{Bare: true, Message: becomeAdmin}, nil, crewjam.ErrInvalidSignature},
		{"altered assertion, both signed", nil, samltest.Changes{Message: becomeAdmin}, nil, crewjam.ErrInvalidSignature},
		{"altered assertion, only the response signed", nil, samltest.Changes{Unsigned: true, Message: becomeAdmin}, nil, crewjam.ErrInvalidSignature},
		{"response signed, assertion with a broken signature", nil, samltest.Changes{Request: func(r *crewjam.IdpAuthnRequest) {
			if err := r.MakeAssertionEl(); err != nil {
				panic(err)
			}
			becomeAdmin(r.AssertionEl)
		}}, nil, crewjam.ErrInvalidSignature},
		{"no assertion", nil, samltest.Changes{Bare: true, Message: func(e *etree.Element) { e.RemoveChild(e.FindElement("./Assertion")) }}, nil, crewjam.ErrMissingElement},
		{"two assertions in an unsigned response", nil, samltest.Changes{Bare: true, Message: func(e *etree.Element) { e.AddChild(e.FindElement("./Assertion").Copy()) }}, nil, crewjam.ErrMalformedMessage},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, c.settings)
			if c.prepare != nil {
				c.prepare(w.provider)
			}
			w.provider.Change(c.changes)
			response, cookies := w.start(t)
			p, err := w.finish(t, response, cookies)
			if err == nil {
				t.Fatalf("signed in as %+v", p)
			}
			if c.want != nil && !errors.Is(err, c.want) {
				t.Errorf("error %v, want %v", err, c.want)
			}
		})
	}
}

// becomeAdmin changes who an answer speaks of.
func becomeAdmin(e *etree.Element) {
	for _, v := range e.FindElements(".//AttributeValue") {
		v.SetText(strings.ReplaceAll(v.Text(), "alice", "admin"))
	}
}

// TestBoundToTheBrowser checks that an answer counts for the browser that asked, for its app, and once.
func TestBoundToTheBrowser(t *testing.T) {
	w := newWorld(t, nil)
	other := &world{service: w.service, tenant: Tenant{App: "other", Secret: "secret of other"}, settings: w.settings, provider: w.provider}

	t.Run("no cookie", func(t *testing.T) {
		response, _ := w.start(t)
		if _, err := w.finish(t, response, nil); !errors.Is(err, crewjam.ErrRequestIDMismatch) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("cookie of another browser", func(t *testing.T) {
		response, _ := w.start(t)
		_, cookies := w.start(t)
		if _, err := w.finish(t, response, cookies); !errors.Is(err, crewjam.ErrRequestIDMismatch) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("forged cookie", func(t *testing.T) {
		response, cookies := w.start(t)
		forged := *cookies[0]
		forged.Value = forged.Value[:len(forged.Value)-2] + "xx"
		later := *cookies[0]
		later.Value = "9" + later.Value
		for _, c := range []*http.Cookie{&forged, &later, {Name: cookiePrefix + "x", Value: ""}} {
			if _, err := w.finish(t, response, []*http.Cookie{c}); !errors.Is(err, crewjam.ErrRequestIDMismatch) {
				t.Errorf("cookie %s: error %v", c.Value, err)
			}
		}
	})
	t.Run("other app, whose settings are the same", func(t *testing.T) {
		response, cookies := w.start(t)
		_, others := other.start(t)
		if _, err := other.finish(t, response, append(cookies, others...)); !errors.Is(err, crewjam.ErrRequestIDMismatch) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("other app", func(t *testing.T) {
		response, cookies := w.start(t)
		foreign := *other
		foreign.settings = settingsOf(t, map[string]string{"sp.entityid": "https://para.example.com/saml_auth/other", "idp.metadata_url": w.provider.URL})
		if _, err := foreign.finish(t, response, cookies); !errors.Is(err, crewjam.ErrDestinationMismatch) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("too late", func(t *testing.T) {
		response, cookies := w.start(t)
		late := New(func() time.Time { return time.Now().Add(requestLife + time.Second) })
		if _, _, err := late.Finish(t.Context(), w.tenant, w.settings, response, cookies); !errors.Is(err, crewjam.ErrRequestIDMismatch) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("twice", func(t *testing.T) {
		response, cookies := w.start(t)
		_, gone, err := w.service.Finish(t.Context(), w.tenant, w.settings, response, cookies)
		if err != nil || len(gone) != 1 || gone[0].Name != cookies[0].Name || gone[0].MaxAge >= 0 {
			t.Fatalf("cookies %v, error %v", gone, err)
		}
		if _, err := w.finish(t, response, cookies); !errors.Is(err, crewjam.ErrAssertionReplayed) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("nobody asked", func(t *testing.T) {
		w.provider.Change(samltest.Changes{
			Assertion: func(a *crewjam.Assertion) {
				a.Subject.SubjectConfirmations[0].SubjectConfirmationData.InResponseTo = ""
			},
			Request: func(r *crewjam.IdpAuthnRequest) { r.Request.ID = "" },
		})
		defer w.provider.Change(samltest.Changes{})
		response, _ := w.start(t)
		strict := *w
		strict.settings = settingsOf(t, map[string]string{"sp.entityid": "https://para.example.com/saml_auth/myapp", "idp.metadata_url": w.provider.URL, "security.allow_unsolicited": "false"})
		if _, err := strict.finish(t, response, nil); !errors.Is(err, crewjam.ErrRequestIDMismatch) {
			t.Errorf("error %v", err)
		}
		if p, err := w.finish(t, response, nil); err != nil || p.Identifier != "saml:alice" {
			t.Errorf("profile %v, error %v", p, err)
		}
		if _, err := w.finish(t, response, nil); !errors.Is(err, crewjam.ErrAssertionReplayed) {
			t.Errorf("a second time: error %v", err)
		}
	})
	t.Run("another provider that claims the same name", func(t *testing.T) {
		twin, sso := w.provider.Twin(t)
		r, err := w.service.Start(t.Context(), w.tenant, w.settings, "", nil)
		if err != nil {
			t.Fatal(err)
		}
		form, err := twin.Visit(t.Context(), strings.Replace(r.URL, w.provider.SSO(), sso, 1))
		if err != nil {
			t.Fatal(err)
		}
		if _, err = w.finish(t, form.Response, r.Cookies); !errors.Is(err, crewjam.ErrUntrustedCertificate) {
			t.Errorf("error %v", err)
		}
	})
}

// TestCookies checks what browsers are told about the cookies, and that they do not pile up.
func TestCookies(t *testing.T) {
	w := newWorld(t, nil)
	var all []*http.Cookie
	for range 2 * maxPending {
		r, err := w.service.Start(t.Context(), w.tenant, w.settings, "", all)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range r.Cookies {
			if c.MaxAge < 0 {
				for i := range all {
					if all[i].Name == c.Name {
						all = append(all[:i], all[i+1:]...)
						break
					}
				}
				continue
			}
			if !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteNoneMode || c.Path != "/saml_auth/myapp" || c.MaxAge != int(requestLife/time.Second) {
				t.Errorf("cookie %v", c)
			}
			all = append(all, c)
		}
	}
	if len(all) != maxPending {
		t.Errorf("a browser keeps %d cookies", len(all))
	}
	plain := settingsOf(t, map[string]string{"sp.entityid": "http://localhost:8080/saml_auth/myapp", "idp.metadata_url": w.provider.URL})
	r, err := w.service.Start(t.Context(), w.tenant, plain, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	if c := r.Cookies[0]; c.Secure || c.SameSite != 0 {
		t.Errorf("cookie without TLS %v", c)
	}
}

// TestRequest checks what providers are asked (A 12.2).
func TestRequest(t *testing.T) {
	w := newWorld(t, withKey(t, map[string]string{"security.authrequest_signed": "true"}))
	r, err := w.service.Start(t.Context(), w.tenant, w.settings, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(r.URL)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	if q.Get("Signature") == "" || q.Get("SigAlg") != "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256" || len(q.Get("RelayState")) != 36 {
		t.Errorf("query %v", q)
	}
	raw, err := base64.StdEncoding.DecodeString(q.Get("SAMLRequest"))
	if err != nil {
		t.Fatal(err)
	}
	var full struct {
		ID      string `xml:",attr"`
		Dest    string `xml:"Destination,attr"`
		Force   string `xml:"ForceAuthn,attr"`
		Passive string `xml:"IsPassive,attr"`
		Binding string `xml:"ProtocolBinding,attr"`
		ACS     string `xml:"AssertionConsumerServiceURL,attr"`
		Issuer  string `xml:"Issuer"`
		Policy  struct {
			Format string `xml:",attr"`
		} `xml:"NameIDPolicy"`
	}
	if err := xml.NewDecoder(flate.NewReader(bytes.NewReader(raw))).Decode(&full); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(full.ID, "ARQ") || len(full.ID) != 38 || full.Dest != w.provider.SSO() || full.Force != "false" || full.Passive != "false" ||
		full.Binding != crewjam.HTTPPostBinding || full.ACS != "https://para.example.com/saml_auth/myapp" || full.Issuer != "https://para.example.com/saml_auth/myapp" ||
		full.Policy.Format != "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified" {
		t.Errorf("request %+v", full)
	}
}
