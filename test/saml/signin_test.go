package samltest_test

import (
	"maps"
	"net/url"
	"strings"
	"testing"

	"github.com/crewjam/saml"

	samltest "github.com/erudika/para-go/test/saml"
	signintest "github.com/erudika/para-go/test/signin"
)

// set makes an app that signs in at a provider, and makes the two know each other.
func set(t *testing.T, s *signintest.Server, p *samltest.Provider, id string, more map[string]any) (address string) {
	t.Helper()
	address = s.Endpoint + "/saml_auth/" + id
	all := map[string]any{
		"security.saml.sp.entityid": address, "security.saml.idp.metadata_url": p.URL,
		"signin_success": "https://app.example.com/in?jwt=id", "signin_failure": "https://app.example.com/out?cause=?",
	}
	maps.Copy(all, more)
	s.App(t, id, all)
	metadata := signintest.NewBrowser(t).Get(s.Endpoint + "/saml_metadata/" + id)
	if metadata.Status != 200 || metadata.Header.Get("Content-Type") != "text/xml;charset=UTF-8" {
		t.Fatalf("metadata: %d %s %s", metadata.Status, metadata.Header.Get("Content-Type"), metadata.Body)
	}
	p.Trust(t, []byte(metadata.Body))
	return address
}

// visit sends a browser to the provider and returns the form that it comes back with.
func visit(t *testing.T, b *signintest.Browser, p *samltest.Provider, address string) *samltest.Form {
	t.Helper()
	page := b.Get(address)
	if page.Status != 302 || !strings.HasPrefix(page.Location, p.SSO()+"?SAMLRequest=") {
		t.Fatalf("start: %d %s %s", page.Status, page.Location, page.Body)
	}
	form, err := p.Visit(t.Context(), page.Location)
	if err != nil {
		t.Fatal(err)
	}
	return form
}

func values(f *samltest.Form) url.Values {
	return url.Values{"SAMLResponse": {f.Response}, "RelayState": {f.RelayState}}
}

const failed = "https://app.example.com/out?cause=Bad%20credentials."

// TestBrowser goes the whole way through a browser (A 9.3, A 12).
func TestBrowser(t *testing.T) {
	s, p := signintest.Start(t), samltest.Start(t)
	address := set(t, s, p, "myapp", map[string]any{"security.saml.token_delegation_enabled": true})
	other := set(t, s, p, "other", nil)
	b := signintest.NewBrowser(t)
	form := visit(t, b, p, address)
	if form.Action != address {
		t.Errorf("the answer goes to %s", form.Action)
	}
	page := b.Post(form.Action, values(form), "Origin", "null")
	token, ok := strings.CutPrefix(page.Location, "https://app.example.com/in?jwt=")
	if page.Status != 302 || !ok {
		t.Fatalf("answer: %d %s", page.Status, page.Location)
	}
	status, user, text := s.SignIn(t, "myapp", "passwordless", token)
	if status != 200 {
		t.Fatalf("%d %s", status, text)
	}
	for name, want := range map[string]any{
		"identifier": "saml:alice", "email": "alice@example.com", "name": "Alice Adams", "groups": "users", "identityProvider": "saml", "picture": "https://example.com/alice.png",
	} {
		if user[name] != want {
			t.Errorf("%s is %v, want %v", name, user[name], want)
		}
	}
	if kept, _ := user["idpAccessToken"].(string); !strings.HasSuffix(kept, ".bogus") {
		t.Errorf("the attributes are not kept: %s", text)
	}

	t.Run("replay", func(t *testing.T) {
		form := visit(t, b, p, address)
		if page := b.Post(address, values(form)); !strings.HasPrefix(page.Location, "https://app.example.com/in?jwt=") {
			t.Fatalf("answer: %d %s", page.Status, page.Location)
		}
		if page := b.Post(address, values(form)); page.Location != failed {
			t.Errorf("a second time: %d %s", page.Status, page.Location)
		}
	})
	t.Run("another browser", func(t *testing.T) {
		if page := signintest.NewBrowser(t).Post(address, values(visit(t, b, p, address))); page.Location != failed {
			t.Errorf("%d %s", page.Status, page.Location)
		}
	})
	t.Run("another app", func(t *testing.T) {
		if page := b.Post(other, values(visit(t, b, p, address))); page.Location != failed {
			t.Errorf("%d %s", page.Status, page.Location)
		}
		if page := b.Post(address+"?appid=other", values(visit(t, b, p, address))); page.Location != failed {
			t.Errorf("by parameter: %d %s", page.Status, page.Location)
		}
	})
	t.Run("answer by GET", func(t *testing.T) {
		form := visit(t, b, p, address)
		if page := b.Get(address + "?" + values(form).Encode()); !strings.HasPrefix(page.Location, "https://app.example.com/in?jwt=") {
			t.Errorf("%d %s", page.Status, page.Location)
		}
	})
	t.Run("relay state and return address are not followed", func(t *testing.T) {
		form := visit(t, b, p, address)
		v := values(form)
		v.Set("RelayState", "https://evil.example.org")
		v.Set("returnto", "https://evil.example.org")
		v.Set("host_url", "https://evil.example.org")
		if page := b.Post(address, v); page.Location != "https://app.example.com" {
			t.Errorf("%d %s", page.Status, page.Location)
		}
	})
	t.Run("nonsense", func(t *testing.T) {
		for _, response := range []string{"", "x", strings.Repeat("A", 2<<20), "PHgvPg==", strings.Repeat("A", 1<<19), "<Response/>"} {
			if page := b.Post(address, url.Values{"SAMLResponse": {response}}); page.Location != failed {
				t.Errorf("%.20s: %d %s", response, page.Status, page.Location)
			}
		}
	})
	t.Run("wrong audience", func(t *testing.T) {
		p.Change(samltest.Changes{Assertion: func(a *saml.Assertion) { a.Conditions.AudienceRestrictions[0].Audience.Value = "x" }})
		defer p.Change(samltest.Changes{})
		if page := b.Post(address, values(visit(t, b, p, address))); page.Location != failed {
			t.Errorf("%d %s", page.Status, page.Location)
		}
		if !strings.Contains(s.Log(), "AudienceRestriction does not contain") {
			t.Error("the log does not say why")
		}
	})
	t.Run("no address", func(t *testing.T) {
		p.SetUser(map[string]string{"UserID": "carol"})
		if page := b.Post(address, values(visit(t, b, p, address))); !strings.HasPrefix(page.Location, "https://app.example.com/in?jwt=") {
			t.Errorf("%d %s", page.Status, page.Location)
		}
		p.SetUser(map[string]string{"UserID": "Dave (Sales)"})
		if page := b.Post(address, values(visit(t, b, p, address))); !strings.HasPrefix(page.Location, "https://app.example.com/in?jwt=") {
			t.Errorf("%d %s", page.Status, page.Location)
		}
	})
}

// TestEncrypted goes the whole way with own keys: the request is signed, the answer encrypted.
func TestEncrypted(t *testing.T) {
	s, p := signintest.Start(t), samltest.Start(t)
	p.DemandSignatures()
	key, cert := samltest.NewKey(t, false)
	keyText, certText := samltest.PEM(t, key, cert)
	address := set(t, s, p, "myapp", map[string]any{"security.saml.sp.privatekey": keyText, "security.saml.sp.x509cert": certText, "security.saml.security.sign_metadata": true})
	b := signintest.NewBrowser(t)
	if page := b.Post(address, values(visit(t, b, p, address))); !strings.HasPrefix(page.Location, "https://app.example.com/in?jwt=") {
		t.Errorf("%d %s", page.Status, page.Location)
	}
	if strings.Contains(s.Log(), "PRIVATE KEY") {
		t.Error("the log holds the key")
	}
}

// TestNotConfigured covers apps that do not use SAML, and providers that cannot be reached (A 12.2, A 12.5).
func TestNotConfigured(t *testing.T) {
	s := signintest.Start(t)
	s.App(t, "none", map[string]any{"signin_failure": "https://app.example.com/out?cause=?"})
	s.App(t, "away", map[string]any{
		"signin_failure":            "https://app.example.com/out?cause=?",
		"security.saml.sp.entityid": s.Endpoint + "/saml_auth/away", "security.saml.idp.metadata_url": "http://127.0.0.1:1/metadata",
	})
	b := signintest.NewBrowser(t)
	for _, app := range []string{"none", "away"} {
		if page := b.Get(s.Endpoint + "/saml_auth/" + app); page.Location != failed {
			t.Errorf("%s: %d %s", app, page.Status, page.Location)
		}
		if page := b.Post(s.Endpoint+"/saml_auth/"+app, url.Values{"SAMLResponse": {"PHgvPg=="}}); page.Location != failed {
			t.Errorf("%s: %d %s", app, page.Status, page.Location)
		}
		if page := b.Get(s.Endpoint + "/saml_metadata/" + app); page.Status != 400 {
			t.Errorf("metadata of %s: %d %s", app, page.Status, page.Body)
		}
	}
	for _, path := range []string{"/saml_metadata", "/saml_metadata/nosuchapp"} {
		if page := b.Get(s.Endpoint + path); page.Status != 400 {
			t.Errorf("%s: %d %s", path, page.Status, page.Body)
		}
	}
	if status, _, _ := s.SignIn(t, "none", "saml", "abc"); status != 400 {
		t.Errorf("/jwt_auth takes SAML: %d", status)
	}
}
