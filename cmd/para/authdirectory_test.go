//go:build unix

package main

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/erudika/para-go/client"
	"github.com/erudika/para-go/internal/diagnose"
	ldaptest "github.com/erudika/para-go/test/ldap"
	samltest "github.com/erudika/para-go/test/saml"
)

// TestAuthTestDirectories runs `para auth test` for LDAP and SAML against real partners: the step that is wrong fails, and
// the exit code says so.
func TestAuthTestDirectories(t *testing.T) {
	d, p := ldaptest.Start(t), samltest.Start(t)
	at := startServer(t)
	keys, err := at.client.SetupApp(t.Context(), "shop", client.NewApp{})
	if err != nil {
		t.Fatal(err)
	}
	shop, err := client.New(client.Options{AccessKey: keys.AccessKey, Secret: keys.SecretKey, Endpoint: at.server.Address})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(shop.Close)
	good := map[string]any{
		"security.ldap.server_url": d.URL, "security.ldap.base_dn": ldaptest.Base, "security.ldap.user_dn_pattern": "uid={0},ou=people",
		"security.ldap.bind_dn": ldaptest.Searcher, "security.ldap.bind_pass": ldaptest.SearcherPassword,
		"security.saml.sp.entityid": "https://para.example.com/saml_auth/shop", "security.saml.idp.metadata_url": p.URL,
	}
	for _, c := range []struct {
		line, name, value string
		step              string // step that is looked at
		state             diagnose.State
		detail            string // part of what it says
		code              int
	}{
		{line: "auth test ldap --app shop", step: "sign in", state: diagnose.Skipped},
		{line: "auth test ldap --app shop --user bob", step: "profile", state: diagnose.OK, detail: "identifier ldap:bob, address Bob@Example.com"},
		{line: "auth test ldap --app shop --user ben", step: "sign in", state: diagnose.Failed, code: exitFailed},
		{line: "auth test ldap --app shop", name: "security.ldap.server_url", value: "ldap://127.0.0.1:1", step: "server", state: diagnose.Failed, code: exitFailed},
		{line: "auth test ldap --app shop", name: "security.ldap.bind_pass", value: "wrong", step: "search account", state: diagnose.Failed, code: exitFailed},
		{line: "auth test ldap", step: "settings", state: diagnose.Failed, code: exitFailed}, // the root app has no directory
		{line: "auth test saml --app shop", step: "request", state: diagnose.OK, detail: "not signed, to " + p.SSO()},
		{line: "auth test saml --app shop", name: "security.saml.idp.metadata_url", value: "http://127.0.0.1:1/", step: "metadata of the provider", state: diagnose.Failed, code: exitFailed},
		{line: "auth test saml --app nosuchapp", code: exitNotFound},
		{line: "auth test telepathy", code: exitUsage},
	} {
		all := maps.Clone(good)
		if c.name != "" {
			all[c.name] = c.value
		}
		if err := shop.ReplaceSettings(t.Context(), all); err != nil {
			t.Fatal(err)
		}
		with := at.place.with(testPassword + "=bobspassword")
		o := with.run("", strings.Fields(c.line)...)
		found := c.step == ""
		var reports map[string]*diagnose.Report
		if c.step != "" {
			if err := json.Unmarshal([]byte(o.out), &reports); err != nil {
				t.Fatalf("para %s: %v\n%s%s", c.line, err, o.out, o.err)
			}
		}
		for _, r := range reports {
			for _, s := range r.Steps {
				found = found || s.Name == c.step && s.State == c.state && strings.Contains(s.Detail, c.detail)
			}
		}
		if o.code != c.code || !found {
			t.Errorf("para %s (%s=%s): exit %d, want %d; want %q %s\n%s%s", c.line, c.name, c.value, o.code, c.code, c.step, c.state, o.out, o.err)
		}
		if strings.Contains(o.out+o.err, "bobspassword") || strings.Contains(o.out+o.err, ldaptest.SearcherPassword) {
			t.Errorf("para %s shows a password:\n%s%s", c.line, o.out, o.err)
		}
	}
}
