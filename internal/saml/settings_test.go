package saml

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/erudika/para-go/internal/diagnose"
	samltest "github.com/erudika/para-go/test/saml"
)

func TestSettings(t *testing.T) {
	if _, err := parse(map[string]string{"idp.metadata_url": "https://x"}); !errors.Is(err, ErrNotConfigured) {
		t.Errorf("without entity id: %v", err)
	}
	s, err := parse(map[string]string{"sp.entityid": "https://h/saml_auth/a", "idp.metadata_url": "https://x/m"})
	if err != nil {
		t.Fatal(err)
	}
	if s.acs.String() != "https://h/saml_auth/a" || s.attributes != (attributes{"UserID", "Picture", "EmailAddress", "GivenName", "FirstName", "LastName"}) || s.domain != "paraio.com" || !s.unsolicited || s.keeps || s.signRequests {
		t.Errorf("defaults %+v", s)
	}
	key, cert := newPEM(t, false)
	_, strange := newPEM(t, false)
	weak := x509.MarshalPKCS1PrivateKey(shortKey(t))
	base := map[string]string{"sp.entityid": "https://h/saml_auth/a", "idp.metadata_url": "https://x/m"}
	cases := []struct {
		changes map[string]string
		text    string
	}{
		{map[string]string{"sp.entityid": "urn:x"}, "sp.assertion_consumer_service.url"},
		{map[string]string{"sp.assertion_consumer_service.url": "ftp://h/x"}, "sp.assertion_consumer_service.url"},
		{map[string]string{"idp.metadata_url": "file:///etc/passwd"}, "idp.metadata_url"},
		{map[string]string{"idp.metadata_url": "https://user:secret@h/x"}, "idp.metadata_url"},
		{map[string]string{"idp.single_sign_on_service.url": "javascript:alert(1)"}, "idp.single_sign_on_service.url"},
		{map[string]string{"idp.metadata_url": ""}, "are all needed"},
		{map[string]string{"idp.metadata_url": "", "idp.entityid": "x", "idp.single_sign_on_service.url": "https://x"}, "are all needed"},
		{map[string]string{"sp.privatekey": "nonsense!"}, "sp.privatekey: it holds no private key"},
		{map[string]string{"sp.privatekey": cert}, "sp.privatekey: it holds no private key"},
		{map[string]string{"sp.privatekey": base64.StdEncoding.EncodeToString(weak)}, "shorter than 2048"},
		{map[string]string{"sp.privatekey": "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----\n"}, "passphrase"},
		{map[string]string{"sp.x509cert": "nonsense!"}, "sp.x509cert: it holds no certificate"},
		{map[string]string{"sp.x509cert": "bm9uc2Vuc2U="}, "sp.x509cert"},
		{map[string]string{"idp.x509cert": key}, "idp.x509cert: it holds no certificate"},
		{map[string]string{"sp.privatekey": key, "sp.x509cert": strange}, "does not belong"},
		{map[string]string{"security.authrequest_signed": "true"}, "are needed to sign"},
	}
	for _, c := range cases {
		all := maps.Clone(base)
		maps.Copy(all, c.changes)
		_, err := parse(all)
		if err == nil || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%v: %v, want %q", maps.Keys(c.changes), err, c.text)
		}
		if err != nil && (strings.Contains(err.Error(), "BEGIN") || strings.Contains(err.Error(), "secret")) && c.changes["idp.metadata_url"] == "" {
			t.Errorf("the error tells a key: %v", err)
		}
	}
}

func shortKey(t *testing.T) *rsa.PrivateKey {
	t.Helper()
	t.Setenv("GODEBUG", "rsa1024min=0")
	k, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestKeyForms(t *testing.T) {
	r, _ := samltest.NewKey(t, false)
	e, _ := samltest.NewKey(t, true)
	rsaKey, ecKey := r.(*rsa.PrivateKey), e.(*ecdsa.PrivateKey)
	sec1, err := x509.MarshalECPrivateKey(ecKey)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(rsaKey)
	if err != nil {
		t.Fatal(err)
	}
	for typ, der := range map[string][]byte{"RSA PRIVATE KEY": x509.MarshalPKCS1PrivateKey(rsaKey), "EC PRIVATE KEY": sec1, "PRIVATE KEY": pkcs8} {
		text := string(pem.EncodeToMemory(&pem.Block{Type: typ, Bytes: der}))
		for _, form := range []string{text, base64.StdEncoding.EncodeToString([]byte(text)), base64.StdEncoding.EncodeToString(der)} {
			if k, err := parseKey(form); err != nil || !samePublicKey(k.Public(), rsaKey.Public()) && !samePublicKey(k.Public(), ecKey.Public()) {
				t.Errorf("%s: %v", typ, err)
			}
		}
	}
}

// TestCheck checks that the step that fails is the one that is wrong, and that no report holds a key.
func TestCheck(t *testing.T) {
	p := samltest.Start(t)
	key, cert := newPEM(t, false)
	signer, _ := samltest.NewKey(t, false)
	signerKey, expired := samltest.PEM(t, signer, samltest.Certify(t, signer, time.Now().Add(-48*time.Hour), time.Now().Add(-24*time.Hour)))
	_, valid := samltest.PEM(t, signer, samltest.Certify(t, signer, time.Now().Add(-time.Hour), time.Now().Add(90*24*time.Hour)))
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/missing" {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write([]byte("<html><body>Sign in</body></html>"))
	}))
	defer page.Close()
	base := map[string]string{"sp.entityid": "https://para.example.com/saml_auth/myapp", "idp.metadata_url": p.URL}
	described := map[string]string{"idp.metadata_url": "", "idp.entityid": "https://idp", "idp.single_sign_on_service.url": "https://idp/sso", "idp.x509cert": valid}
	with := func(m map[string]string, more ...string) map[string]string {
		m = maps.Clone(m)
		for i := 0; i < len(more); i += 2 {
			m[more[i]] = more[i+1]
		}
		return m
	}
	cases := []struct {
		name         string
		changes      map[string]string
		failed, text string
	}{
		{"metadata", nil, "", "not signed, to " + p.SSO()},
		{"own key", map[string]string{"sp.privatekey": key, "sp.x509cert": cert, "security.authrequest_signed": "true"}, "", "signed, to " + p.SSO()},
		{"described", described, "", "not signed, to https://idp/sso"},
		{"nothing", map[string]string{"sp.entityid": ""}, stepSettings, "sp.entityid is missing"},
		{"another address", map[string]string{"sp.entityid": "https://para.example.com/saml_auth/other"}, "", "/saml_auth/myapp only"},
		{"no TLS", map[string]string{"sp.entityid": "http://para.example.com/saml_auth/myapp"}, "", "Use https://"},
		{"nothing listens", map[string]string{"idp.metadata_url": "http://127.0.0.1:1/metadata"}, stepMetadata, "connection refused"},
		{"no metadata there", map[string]string{"idp.metadata_url": page.URL + "/missing"}, stepMetadata, "status 404"},
		{"a page instead", map[string]string{"idp.metadata_url": page.URL}, stepMetadata, `the document is a "html"`},
		{"expired certificate", with(described, "idp.x509cert", expired), stepCerts, "it has expired"},
		{"own certificate expired", map[string]string{"sp.privatekey": signerKey, "sp.x509cert": expired}, stepKeys, "it has expired"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			all := maps.Clone(base)
			maps.Copy(all, c.changes)
			r := New(nil).Check(t.Context(), Tenant{App: "myapp", Secret: "app secret"}, func(name string) (string, bool) {
				v, ok := all[strings.TrimPrefix(name, Prefix)]
				return v, ok
			})
			var b strings.Builder
			if err := r.Write(&b); err != nil {
				t.Fatal(err)
			}
			failed := ""
			for _, s := range r.Steps {
				if s.State == diagnose.Failed {
					failed = s.Name
				}
			}
			if failed != c.failed || !strings.Contains(b.String(), c.text) {
				t.Errorf("failed step %q, want %q; want the text %q in\n%s", failed, c.failed, c.text, b.String())
			}
			if strings.Contains(b.String(), "PRIVATE") || strings.Contains(b.String(), "app secret") {
				t.Errorf("the report holds a secret:\n%s", b.String())
			}
		})
	}
}
