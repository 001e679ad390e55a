package saml

import (
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	crewjam "github.com/crewjam/saml"

	"github.com/erudika/para-go/internal/outbound"
	samltest "github.com/erudika/para-go/test/saml"
)

// TestOwnMetadata checks what providers are told (A 12.5).
func TestOwnMetadata(t *testing.T) {
	for _, signed := range []string{"false", "true"} {
		w := newWorld(t, withKey(t, map[string]string{"security.sign_metadata": signed}))
		text, err := w.service.Metadata(t.Context(), w.tenant, w.settings, "")
		if err != nil {
			t.Fatal(err)
		}
		var e crewjam.EntityDescriptor
		if err := xml.Unmarshal(text, &e); err != nil {
			t.Fatal(err)
		}
		uses := ""
		for _, k := range e.SPSSODescriptors[0].KeyDescriptors {
			uses += k.Use + " "
		}
		acs := e.SPSSODescriptors[0].AssertionConsumerServices
		if e.EntityID != "https://para.example.com/saml_auth/myapp" || uses != "encryption signing " || len(acs) != 1 || acs[0].Index != 1 || acs[0].Binding != crewjam.HTTPPostBinding ||
			acs[0].Location != e.EntityID || !e.ValidUntil.IsZero() || e.SPSSODescriptors[0].NameIDFormats[0] != crewjam.UnspecifiedNameIDFormat {
			t.Errorf("metadata %s", text)
		}
		if (e.Signature != nil) != (signed == "true") {
			t.Errorf("signed=%s: signature %v", signed, e.Signature)
		}
	}
}

const entity = `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="%s"%s><IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="%s/sso"/></IDPSSODescriptor></EntityDescriptor>`

func federation(until string) string {
	one, two := fmt.Sprintf(entity, "https://one", "", "https://one"), fmt.Sprintf(entity, "https://two", "", "https://two")
	return `<EntitiesDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata"` + until + `><EntityDescriptor entityID="https://sp"/>` + one + `<EntitiesDescriptor>` + two + `</EntitiesDescriptor></EntitiesDescriptor>`
}

// TestFederation chooses one of several providers.
func TestFederation(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(federation(""))) }))
	defer server.Close()
	cases := []struct{ configured, wanted, found string }{
		{"", "", "https://one"},
		{"", "https://two", "https://two"},
		{"", "https://three", ""},
		{"https://two", "", "https://two"},
		{"https://two", "https://one", ""},
		{"https://three", "", ""},
	}
	for _, c := range cases {
		set := settingsOf(t, map[string]string{"sp.entityid": "https://h/saml_auth/a", "idp.metadata_url": server.URL, "idp.entityid": c.configured})
		e, err := New(nil).provider(t.Context(), set, c.wanted, false)
		switch {
		case c.found == "" && err == nil:
			t.Errorf("%+v: found %s", c, e.EntityID)
		case c.found != "" && (err != nil || e.EntityID != c.found):
			t.Errorf("%+v: %v", c, err)
		}
	}
}

// TestOverrides lets the settings win over the metadata (A 12.1).
func TestOverrides(t *testing.T) {
	known, err := parseMetadata([]byte(fmt.Sprintf(entity, "https://one", "", "https://one")))
	if err != nil {
		t.Fatal(err)
	}
	_, cert := newPEM(t, false)
	set := settingsOf(t, map[string]string{"sp.entityid": "https://h/saml_auth/a", "idp.metadata_url": "https://m", "idp.entityid": "urn:other", "idp.single_sign_on_service.url": "https://other/sso", "idp.x509cert": cert})
	e := set.choose(known, "urn:other")
	d := e.IDPSSODescriptors[0]
	if e.EntityID != "urn:other" || d.SingleSignOnServices[0].Location != "https://other/sso" || len(d.KeyDescriptors) != 1 {
		t.Errorf("provider %+v", e)
	}
	if known[0].EntityID != "https://one" || known[0].IDPSSODescriptors[0].SingleSignOnServices[0].Location != "https://one/sso" {
		t.Error("the cached metadata changed")
	}
}

func TestExpiredMetadata(t *testing.T) {
	known, err := parseMetadata([]byte(federation(` validUntil="2020-01-01T00:00:00Z"`)))
	if err != nil || len(known) != 2 {
		t.Fatal(len(known), err)
	}
	for _, e := range known {
		if e.ValidUntil.Year() != 2020 {
			t.Errorf("%s is valid until %s", e.EntityID, e.ValidUntil)
		}
	}
}

// TestMetadataCache asks the provider rarely, and lives with its outages.
func TestMetadataCache(t *testing.T) {
	var asked, broken atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		if broken.Load() != 0 {
			http.Error(w, "out of order", http.StatusBadGateway)
			return
		}
		_, _ = fmt.Fprintf(w, entity, "https://one", "", "https://one")
	}))
	defer server.Close()
	address, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	c := newMetadataCache(func() time.Time { return now })
	steps := []struct {
		name    string
		wait    time.Duration
		broken  int32
		younger bool
		asked   int32 // so far
		ok      bool
	}{
		{"out of order at first", 0, 1, false, 1, false},
		{"not asked again at once", time.Second, 0, false, 1, false},
		{"asked again", retry, 0, false, 2, true},
		{"kept", fresh - time.Second, 0, false, 2, true},
		{"a key is unknown", 0, 0, true, 3, true},
		{"another key is unknown, at once", time.Second, 0, true, 3, true},
		{"too old", fresh, 0, false, 4, true},
		{"out of order", fresh, 1, false, 5, true},
		{"out of order for long", usable, 1, false, 6, false},
		{"works again", retry, 0, false, 7, true},
	}
	for _, s := range steps {
		now = now.Add(s.wait)
		broken.Store(s.broken)
		known, err := c.get(t.Context(), address, s.younger)
		if (err == nil) != s.ok || asked.Load() != s.asked || s.ok && known[0].EntityID != "https://one" {
			t.Errorf("%s: error %v, asked %d times", s.name, err, asked.Load())
		}
	}
}

func TestMetadataCacheBounds(t *testing.T) {
	now := time.Now()
	c := newMetadataCache(func() time.Time { now = now.Add(time.Second); return now })
	for i := range 3 * maxCachedURLs {
		address := fmt.Sprintf("https://idp/%d", i)
		c.account(address, c.entry(address), 1<<20)
	}
	if len(c.entries) > maxCachedURLs || c.bytes > maxCachedBytes || c.entries[fmt.Sprintf("https://idp/%d", 3*maxCachedURLs-1)] == nil {
		t.Errorf("%d entries of %d bytes", len(c.entries), c.bytes)
	}
	sum := 0
	for _, e := range c.entries {
		sum += e.size
	}
	if sum != c.bytes {
		t.Errorf("%d bytes counted, %d there", c.bytes, sum)
	}
}

// TestStrangeMetadata refuses what is too large, leads elsewhere or is something else.
func TestStrangeMetadata(t *testing.T) {
	good := fmt.Sprintf(entity, "https://one", "", "https://one")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/good":
			_, _ = w.Write([]byte(good))
		case "/large":
			_, _ = w.Write([]byte(strings.Repeat(" ", maxMetadata) + good))
		case "/doctype":
			_, _ = w.Write([]byte(`<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>` + good))
		case "/file":
			http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		case "/moved":
			http.Redirect(w, r, "/good", http.StatusFound)
		case "/sp":
			_, _ = w.Write([]byte(`<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="x"/>`))
		}
	}))
	defer server.Close()
	for path, ok := range map[string]bool{"/good": true, "/moved": true, "/large": false, "/doctype": false, "/file": false, "/loop": false, "/sp": false, "/empty": false} {
		address, err := url.Parse(server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := newMetadataCache(time.Now).get(t.Context(), address, false); (err == nil) != ok {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// TestNewKeyOfTheProvider fetches the metadata anew when the provider has changed its key.
func TestNewKeyOfTheProvider(t *testing.T) {
	w := newWorld(t, nil)
	now := time.Now()
	w.service = New(func() time.Time { return now })
	if _, err := w.service.Start(t.Context(), w.tenant, w.settings, "", nil); err != nil {
		t.Fatal(err)
	}
	w.provider.ChangeKey(samltest.NewKey(t, false))
	now = now.Add(refetch)
	response, cookies := w.start(t)
	if _, err := w.finish(t, response, cookies); err != nil {
		t.Error(err)
	}
}

// TestAddressesOfTheCloud: neither a setting nor a redirect leads to what a cloud tells its machines about themselves.
func TestAddressesOfTheCloud(t *testing.T) {
	server := httptest.NewServer(http.RedirectHandler("http://169.254.169.254/latest/meta-data/", http.StatusFound))
	defer server.Close()
	for _, address := range []string{"http://169.254.169.254/latest/meta-data/", "http://[::ffff:169.254.169.254]/", server.URL} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := newMetadataCache(time.Now).get(t.Context(), u, false); !errors.Is(err, outbound.ErrRefused) {
			t.Errorf("%s: %v", address, err)
		}
	}
}
