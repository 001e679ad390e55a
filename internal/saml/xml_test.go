package saml

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	crewjam "github.com/crewjam/saml"

	samltest "github.com/erudika/para-go/test/saml"
)

func deflate(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, 9)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(b.Bytes())
}

func TestDecodeMessage(t *testing.T) {
	encode := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	bomb := `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><x>&b;</x>`
	cases := []struct {
		name, text string
		ok         bool
	}{
		{"XML", encode("<x/>"), true},
		{"XML with a declaration", encode(`<?xml version="1.0" encoding="UTF-8"?><x/>`), true},
		{"folded Base64", encode("<x>aaaaaaaaaaa</x>")[:8] + "\r\n" + encode("<x>aaaaaaaaaaa</x>")[8:], true},
		{"deflated", deflate(t, "<x/>"), true},
		{"deflated bomb", deflate(t, "<x>"+strings.Repeat(" ", 50<<20)+"</x>"), false},
		{"no Base64", "<x/>", false},
		{"empty", "", false},
		{"text", encode("hello"), false},
		{"entities", encode(bomb), false},
		{"external entity", encode(`<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>`), false},
		{"processing instruction", encode(`<x><?php x?></x>`), false},
		{"another encoding", encode(`<?xml version="1.0" encoding="UTF-7"?><x/>`), false},
		{"two roots", encode("<x/><y/>"), false},
		{"not closed", encode("<x>"), false},
		{"closed too often", encode("<x/></y>"), false},
		{"deep", encode(strings.Repeat("<x>", maxNesting+1) + strings.Repeat("</x>", maxNesting+1)), false},
		{"many elements", encode("<x>" + strings.Repeat("<y/>", maxElements) + "</x>"), false},
		{"many namespaces", encode("<x" + namespacesOf(maxNamespaces) + "><y" + namespacesOf(1) + "/></x>"), false},
		{"as many namespaces as may be", encode("<x><y" + namespacesOf(maxNamespaces) + "/><y" + namespacesOf(maxNamespaces) + "/></x>"), true},
		{"many attributes", encode("<x" + attributesOf(maxXMLAttributes+1) + "/>"), false},
		{"large", encode("<x>" + strings.Repeat(" ", maxMessage) + "</x>"), false},
		{"larger", strings.Repeat("A", 2*maxMessage), false},
	}
	for _, c := range cases {
		if _, err := decodeMessage(c.text); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func namespacesOf(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, ` xmlns:n%d="urn:n"`, i)
	}
	return b.String()
}

func attributesOf(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, ` a%d=""`, i)
	}
	return b.String()
}

// TestRedirected takes an answer that came deflated in the address (A 12.2).
func TestRedirected(t *testing.T) {
	w := newWorld(t, nil)
	response, cookies := w.start(t)
	if _, err := w.finish(t, deflate(t, mustDecode(t, response)), cookies); err != nil {
		t.Error(err)
	}
}

// TestProfile maps attributes (A 12.4).
func TestProfile(t *testing.T) {
	set := settingsOf(t, map[string]string{"sp.entityid": "https://h/saml_auth/a", "idp.metadata_url": "https://x/m"})
	cases := []struct {
		attributes map[string]string
		want       Profile
	}{
		{map[string]string{"UserID": "u1", "EmailAddress": "a@b.cc", "GivenName": "Ann"}, Profile{Identifier: "saml:u1", Email: "a@b.cc", Name: "Ann"}},
		{map[string]string{"UserID": " u1 ", "FirstName": "Ann", "LastName": "Bee"}, Profile{Identifier: "saml:u1", Name: "Ann Bee"}},
		{map[string]string{"UserID": "u1", "FirstName": "Ann"}, Profile{Identifier: "saml:u1"}},
		{map[string]string{"UserID": "u1", "GivenName": "Ann", "FirstName": "X", "LastName": "Y"}, Profile{Identifier: "saml:u1", Name: "Ann"}},
		{map[string]string{"UserID": "ann@example.com", "Picture": "https://x/p.png?a=b"}, Profile{Identifier: "saml:ann@example.com", Email: "ann@example.com", Picture: "https://x/p.png"}},
		{map[string]string{"UserID": "u1", "EmailAddress": "none"}, Profile{Identifier: "saml:u1"}},
		{map[string]string{"UserID": ""}, Profile{}},
		{map[string]string{"UserID": "a\x00b"}, Profile{}},
		{map[string]string{"UserID": strings.Repeat("a", maxID+1)}, Profile{}},
		{map[string]string{"userid": "u1"}, Profile{}},
	}
	for _, c := range cases {
		a := &crewjam.Assertion{AttributeStatements: []crewjam.AttributeStatement{{}}}
		for name, v := range c.attributes {
			s := &a.AttributeStatements[0]
			s.Attributes = append(s.Attributes, crewjam.Attribute{Name: name, Values: []crewjam.AttributeValue{{Value: v}}})
		}
		p, err := set.profile(a)
		if c.want.Identifier == "" {
			if err == nil {
				t.Errorf("%v: %+v", c.attributes, p)
			}
			continue
		}
		if err != nil || p.Identifier != c.want.Identifier || p.Email != c.want.Email || p.Name != c.want.Name || p.Picture != c.want.Picture {
			t.Errorf("%v: %+v, %v", c.attributes, p, err)
		}
	}
	if token := (&Profile{Attributes: map[string][]string{"UserID": {"u1"}}}).Token(); token != "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJVc2VySUQiOlsidTEiXX0.bogus" {
		t.Errorf("token %s", token)
	}
}

// TestReplays bounds and forgets what was accepted.
func TestReplays(t *testing.T) {
	now := time.Now()
	r := &replays{now: func() time.Time { return now }, apps: map[string]*appReplays{}}
	a := r.of("a", "idp")
	if err := a.Consume("x", now.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if err := a.Consume("x", now.Add(time.Minute)); err == nil {
		t.Error("accepted twice")
	}
	if err := r.of("b", "idp").Consume("x", now.Add(time.Minute)); err != nil {
		t.Error("apps share what they remember")
	}
	if err := r.of("a", "other").Consume("x", now.Add(time.Minute)); err != nil {
		t.Error("providers share what they remember")
	}
	for i := range maxRemembered - 2 {
		if err := a.Consume(fmt.Sprint(i), now.Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.Consume("one more", now.Add(time.Minute)); err == nil {
		t.Error("there is no bound")
	}
	now = now.Add(2 * time.Minute)
	if err := a.Consume("x", now.Add(time.Minute)); err != nil {
		t.Errorf("after all have expired: %v", err)
	}
	now = now.Add(3 * time.Minute)
	for i := range 4 {
		if err := r.of("c", "idp").Consume(fmt.Sprint(i), now.Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	if len(r.apps) != 1 {
		t.Errorf("%d apps are remembered", len(r.apps))
	}
}

// FuzzResponse checks that no answer but the provider's own signs anybody in, and that none breaks the server.
func FuzzResponse(f *testing.F) {
	w := newWorld(f, nil)
	w.provider.SetUser(map[string]string{"UserID": "alice", "EmailAddress": "alice@example.com"})
	var cookies []*http.Cookie
	for _, c := range []samltest.Changes{{}, {Bare: true}, {Unsigned: true}, {Bare: true, Unsigned: true}} {
		w.provider.Change(c)
		response, cookie := w.start(f)
		cookies = append(cookies, cookie...)
		f.Add([]byte(mustDecode(f, response)))
	}
	for _, seed := range []string{"", "<x/>", `<!DOCTYPE x><x/>`, `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"/>`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, message []byte) {
		p, _, err := New(nil).Finish(t.Context(), w.tenant, w.settings, base64.StdEncoding.EncodeToString(message), cookies)
		if err == nil && (p.ID != "alice" || p.Email != "alice@example.com") {
			t.Fatalf("signed in as %+v with\n%s", p, message)
		}
	})
}

// FuzzMetadata checks that no metadata breaks the server.
func FuzzMetadata(f *testing.F) {
	f.Add([]byte(fmt.Sprintf(entity, "https://one", "", "https://one")))
	f.Add([]byte(federation("")))
	f.Fuzz(func(t *testing.T, data []byte) {
		known, err := parseMetadata(data)
		if (err == nil) == (len(known) == 0) {
			t.Fatalf("%d providers, error %v", len(known), err)
		}
	})
}
