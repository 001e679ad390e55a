package ldap

import (
	"maps"
	"strings"
	"testing"

	"github.com/erudika/para-go/internal/diagnose"
	ldaptest "github.com/erudika/para-go/test/ldap"
)

// TestCheck checks that the step that fails is the one that is wrong, and that no report holds a password.
func TestCheck(t *testing.T) {
	d := ldaptest.Start(t)
	good := map[string]string{
		"server_url": d.URL, "base_dn": ldaptest.Base, "user_dn_pattern": "uid={0},ou=people", "user_search_filter": "(uid={0})",
		"bind_dn": ldaptest.Searcher, "bind_pass": ldaptest.SearcherPassword,
	}
	cases := []struct {
		name           string
		changes        map[string]string
		user, password string
		failed, text   string // step that fails, "" for none; text in one of the steps
	}{
		{"all is well", nil, "bob", "bobspassword", "", "identifier ldap:bob, address Bob@Example.com, name Bob Hamilton, group users"},
		{"no user", nil, "", "", "", "no user name was given"},
		{"found by the search", map[string]string{"user_dn_pattern": "uid={0},ou=nowhere"}, "mary", "maryspassword", "", "by the search (uid=mary): uid=mary,ou=managers"},
		{"no settings", map[string]string{"server_url": "", "base_dn": "", "user_dn_pattern": "", "user_search_filter": "", "bind_dn": "", "bind_pass": ""}, "", "", stepSettings, "no setting"},
		{"wrong setting", map[string]string{"user_search_filter": "(uid"}, "", "", stepSettings, "user_search_filter"},
		{"unknown host", map[string]string{"server_url": "ldap://nowhere.invalid"}, "", "", stepServer, "nowhere.invalid"},
		{"nothing listens", map[string]string{"server_url": "ldap://127.0.0.1:1"}, "", "", stepServer, "connection refused"},
		{"unknown authority", map[string]string{"server_url": d.TLSURL}, "", "", stepTLS, "certificate"},
		{"no TLS there", map[string]string{"server_url": strings.Replace(d.StartURL, "ldap:", "ldaps:", 1)}, "", "", stepTLS, "TLS"},
		{"TLS", map[string]string{"server_url": d.TLSURL, "ca_cert": d.CA}, "bob", "bobspassword", "", "TLS 1.3, certificate of CN=localhost"},
		{"search account", map[string]string{"bind_pass": "wrong"}, "", "", stepSearcher, "Invalid Credentials"},
		{"search base", map[string]string{"user_search_base": "ou=missing"}, "", "", stepBase, "ou=missing,dc=example,dc=com"},
		{"unknown user", nil, "nobody", "x", stepUser, "uid=nobody"},
		{"impossible user", nil, "a\x00b", "x", stepUser, "no acceptable user name"},
		{"wrong password", nil, "bob", "not-bobs-password", stepSignIn, "Invalid Credentials"},
		{"made-up address", nil, "ben", "benspassword", "", "address ben@paraio.com"},
		{"Active Directory", map[string]string{"ad_mode_enabled": "true", "user_search_filter": "(entryDN={0})"}, "uid=mary,ou=managers,ou=people,dc=example,dc=com", "maryspassword", "", "groups of the directory: "},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			all := maps.Clone(good)
			maps.Copy(all, c.changes)
			r := authenticator().Check(t.Context(), func(name string) (string, bool) {
				v, ok := all[strings.TrimPrefix(name, Prefix)]
				return v, ok
			}, c.user, c.password)
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
			for _, secret := range []string{ldaptest.SearcherPassword, "bobspassword", "not-bobs-password", "maryspassword"} {
				if strings.Contains(b.String(), secret) {
					t.Errorf("the report holds a password:\n%s", b.String())
				}
			}
		})
	}
}
