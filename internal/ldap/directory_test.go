package ldap

import (
	"context"
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	ldaptest "github.com/erudika/para-go/test/ldap"
)

// settings returns the settings of the test directory, some replaced by name and value.
func settings(t *testing.T, url string, changes map[string]string) *Settings {
	t.Helper()
	all := map[string]string{
		"server_url": url, "base_dn": ldaptest.Base, "user_dn_pattern": "uid={0},ou=people",
		"bind_dn": ldaptest.Searcher, "bind_pass": ldaptest.SearcherPassword,
	}
	maps.Copy(all, changes)
	s, err := ParseSettings(func(name string) (string, bool) {
		v, ok := all[strings.TrimPrefix(name, Prefix)]
		return v, ok
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func authenticator() *Authenticator {
	return New(Options{Matches: func(_ context.Context, password, hash string) (bool, error) {
		return bcrypt.CompareHashAndPassword([]byte(hash), []byte(password)) == nil, nil
	}})
}

// TestDirectory signs in at a real OpenLDAP (A 11.3, A 11.5).
func TestDirectory(t *testing.T) {
	d := ldaptest.Start(t)
	bySearch := map[string]string{"user_dn_pattern": "uid={0},ou=nowhere", "user_search_base": "ou=people"}
	with := func(base map[string]string, more ...string) map[string]string {
		m := maps.Clone(base)
		for i := 0; i < len(more); i += 2 {
			m[more[i]] = more[i+1]
		}
		return m
	}
	none := map[string]string{}
	compare := with(none, "compare_passwords", "true")
	adDN := map[string]string{"ad_mode_enabled": "true", "user_search_filter": "(entryDN={0})", "mods_group_node": "cn=moderators", "admins_group_node": "CN=Domain Admins"}
	const ben, mary, bob = "uid=ben,ou=people,dc=example,dc=com", "uid=mary,ou=managers,ou=people,dc=example,dc=com", "uid=bob,ou=people,dc=example,dc=com"
	cases := []struct {
		name           string
		changes        map[string]string
		user, password string
		want           Profile // Identifier "" when the sign-in is refused
		text           string
	}{
		{"pattern", none, "bob", "bobspassword", Profile{Identifier: "ldap:bob", Email: "Bob@Example.com", Name: "Bob Hamilton", Groups: "users"}, ""},
		{"spaces around the name", none, "  bob ", "bobspassword", Profile{Identifier: "ldap:bob", Email: "Bob@Example.com", Name: "Bob Hamilton", Groups: "users"}, ""},
		{"wrong password", none, "bob", "bobspasswore", Profile{}, textNotFound},
		{"unknown user", none, "nobody", "bobspassword", Profile{}, textNotFound},
		{"no address: made up", none, "ben", "benspassword", Profile{Identifier: "ldap:ben", Email: "ben@paraio.com", MadeUp: true, Name: "Ben Alex", Groups: "users"}, ""},
		{"second pattern", with(none, "user_dn_pattern", "uid={0},ou=nowhere | uid={0},ou=people"), "bob", "bobspassword", Profile{Identifier: "ldap:bob", Email: "Bob@Example.com", Name: "Bob Hamilton", Groups: "users"}, ""},
		{"search by cn", none, "mouse, jerry", "jerryspassword", Profile{Identifier: "ldap:mouse, jerry", Email: "mouse, jerry@paraio.com", MadeUp: true, Name: "mouse, jerry", Groups: "users"}, ""},
		{"search by another filter", with(bySearch, "user_search_filter", "(|(mail={0})(uid={0}))"), "bob@example.com", "bobspassword", Profile{Identifier: "ldap:bob@example.com", Email: "Bob@Example.com", Name: "Bob Hamilton", Groups: "users"}, ""},
		{"search with a wrong password", with(bySearch, "user_search_filter", "(uid={0})"), "bob", "x", Profile{}, textNotFound},
		{"search finds two", bySearch, "twin", "twinpassword", Profile{}, textNotFound},
		{"search finds nobody", bySearch, "nobody", "x", Profile{}, textNotFound},
		{"search base does not exist", with(bySearch, "user_search_base", "ou=missing"), "bob", "bobspassword", Profile{}, textNotFound},
		{"search as a wrong account", with(bySearch, "bind_pass", "wrong"), "Bob Hamilton", "bobspassword", Profile{}, textUnusable},
		{"entry that its user may not read", with(none, "user_dn_pattern", "uid={0},ou=closed"), "hidden", "hiddenpassword", Profile{Identifier: "ldap:hidden", Email: "hidden@example.com", Name: "Hidden", Groups: "users"}, ""},
		{"entry that nobody may read", with(none, "user_dn_pattern", "uid={0},ou=closed", "bind_dn", "", "bind_pass", ""), "hidden", "hiddenpassword", Profile{}, textNotFound},
		{"beyond ASCII", none, "jürgen", "paßwort-ü", Profile{Identifier: "ldap:jürgen", Email: "juergen@example.com", Name: "Jürgen Groß", Groups: "users"}, ""},
		{"characters of names", none, `a+b,c"d\e`, "metapassword", Profile{Identifier: `ldap:a+b,c"d\e`, Email: `a+b,c"d\e@paraio.com`, MadeUp: true, Name: "Meta", Groups: "users"}, ""},
		{"characters of filters", with(bySearch, "user_search_filter", "(uid={0})"), "star*(paren)", "starpassword", Profile{Identifier: "ldap:star*(paren)", Email: "star@example.com", Name: "Star*", Groups: "users"}, ""},

		{"moderators by the entry's name", with(none, "user_dn_pattern", "uid={0},ou=managers,ou=people", "mods_group_node", "OU=Managers"), "mary", "maryspassword", Profile{Identifier: "ldap:mary", Email: "mary@example.com", Name: "Mary Manager", Groups: "mods"}, ""},
		{"administrators before moderators", with(none, "user_dn_pattern", "uid={0},ou=managers,ou=people", "mods_group_node", "ou=managers", "admins_group_node", "ou=managers,ou=people"), "mary", "maryspassword", Profile{Identifier: "ldap:mary", Email: "mary@example.com", Name: "Mary Manager", Groups: "admins"}, ""},
		{"groups do not count outside Active Directory", with(none, "mods_group_node", "cn=moderators"), "ben", "benspassword", Profile{Identifier: "ldap:ben", Email: "ben@paraio.com", MadeUp: true, Name: "Ben Alex", Groups: "users"}, ""},
		{"Active Directory: moderator", adDN, ben, "benspassword", Profile{Identifier: "ldap:" + ben, Email: ben + "@paraio.com", MadeUp: true, Name: "Ben Alex", Groups: "mods"}, ""},
		{"Active Directory: administrator", adDN, mary, "maryspassword", Profile{Identifier: "ldap:" + mary, Email: "mary@example.com", Name: "Mary Manager", Groups: "admins"}, ""},
		{"Active Directory: user", adDN, bob, "bobspassword", Profile{Identifier: "ldap:" + bob, Email: "Bob@Example.com", Name: "Bob Hamilton", Groups: "users"}, ""},
		{"Active Directory: wrong password", adDN, bob, "x", Profile{}, textBadCredentials},

		{"name by another attribute", with(none, "displayname_attribute", "displayname"), "bob", "bobspassword", Profile{Identifier: "ldap:bob", Email: "Bob@Example.com", Name: "Bobby", Groups: "users"}, ""},
		{"name by an attribute that is missing", with(none, "displayname_attribute", "displayname"), "ben", "benspassword", Profile{Identifier: "ldap:ben", Email: "ben@paraio.com", MadeUp: true, Name: "Ben Alex", Groups: "users"}, ""},
		{"name by a secret attribute", with(none, "displayname_attribute", "userPassword"), "bob", "bobspassword", Profile{Identifier: "ldap:bob", Email: "Bob@Example.com", Name: "Bob Hamilton", Groups: "users"}, ""},
		{"user name as name", with(none, "username_as_name", "true"), "bob", "bobspassword", Profile{Identifier: "ldap:bob", Email: "Bob@Example.com", Name: "Bob", Groups: "users"}, ""},
		{"user name by attribute", with(none, "displayname_attribute", "username"), "bob", "bobspassword", Profile{Identifier: "ldap:bob", Email: "Bob@Example.com", Name: "bob", Groups: "users"}, ""},

		{"compare a salted hash", compare, "bob", "bobspassword", Profile{Identifier: "ldap:bob", Email: "Bob@Example.com", Name: "Bob Hamilton", Groups: "users"}, ""},
		{"compare a wrong password", compare, "bob", "bobspasswore", Profile{}, textNotFound},
		{"compare by the directory", compare, "ben", "benspassword", Profile{Identifier: "ldap:ben", Email: "ben@paraio.com", MadeUp: true, Name: "Ben Alex", Groups: "users"}, ""},
		{"compare a bcrypt hash", with(compare, "password_attribute", "description"), "bcrypt", "p@ss:word", Profile{Identifier: "ldap:bcrypt", Email: "bcrypt@paraio.com", MadeUp: true, Name: "Bea Crypt", Groups: "users"}, ""},
		{"compare a bcrypt hash with a wrong password", with(compare, "password_attribute", "description"), "bcrypt", "p@ss:worD", Profile{}, textNotFound},
		{"compare after a search", compare, "mouse, jerry", "jerryspassword", Profile{Identifier: "ldap:mouse, jerry", Email: "mouse, jerry@paraio.com", MadeUp: true, Name: "mouse, jerry", Groups: "users"}, ""},
		{"the hash is no password", compare, "bob", "{SSHA}", Profile{}, textNotFound},
		{"compare without the right to read", with(compare, "bind_dn", "", "bind_pass", ""), "bob", "bobspassword", Profile{}, textNotFound},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p, err := authenticator().Authenticate(t.Context(), "myapp", settings(t, d.URL, c.changes), c.user, c.password)
			if c.want.Identifier == "" {
				var refused *Refusal
				if !errors.As(err, &refused) || refused.Text != c.text {
					t.Fatalf("profile %+v, error %v; want refusal %q", p, err, c.text)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got := Profile{Identifier: p.Identifier, Email: p.Email, MadeUp: p.MadeUp, Name: p.Name, Groups: p.Groups}
			if got.Identifier != c.want.Identifier || got.Email != c.want.Email || got.MadeUp != c.want.MadeUp || got.Name != c.want.Name || got.Groups != c.want.Groups {
				t.Errorf("got  %+v\nwant %+v", got, c.want)
			}
		})
	}
}

// TestInjection tries user names that would sign in if they reached the directory unescaped, and passwords that open every
// directory that takes them for none.
func TestInjection(t *testing.T) {
	d := ldaptest.Start(t)
	modes := map[string]map[string]string{
		"patterns":         {},
		"search":           {"user_dn_pattern": "uid={0},ou=nowhere", "user_search_filter": "(uid={0})"},
		"search in a list": {"user_dn_pattern": "uid={0},ou=nowhere", "user_search_filter": "(&(objectClass=inetOrgPerson)(uid={0}))"},
		"compare":          {"compare_passwords": "true", "user_search_filter": "(uid={0})"},
		"Active Directory": {"ad_mode_enabled": "true", "user_search_filter": "(entryDN={0})"},
	}
	names := []string{
		"*", "b*", "bo*", "*)(uid=*", "bob)(uid=bob", "bob)(|(uid=bob", "bob*)(objectClass=*", "bob\\2a", "\\62ob", "bob\x00", "bob\x00)(uid=*", "\x00bob",
		"bob,ou=people", "bob,ou=people,dc=example,dc=com", "bob+cn=Bob Hamilton", "bob\\,ou\\=people", "#626f62", "\\62\\6f\\62", "bob\nbob", "bo\u2028b",
		"bob\xff", "\xc0\xaf", "{0}", "{1}", strings.Repeat("b", maxUsername+1), "bob;", "bob#", `"bob"`, "<bob>", "bob=",
		"root,dc=example,dc=com", "searcher", "../bob",
	}
	for mode, changes := range modes {
		t.Run(mode, func(t *testing.T) {
			s := settings(t, d.URL, changes)
			for _, name := range names {
				if p, err := authenticator().Authenticate(t.Context(), "myapp", s, name, "bobspassword"); err == nil {
					t.Errorf("%q signed in as %+v", name, p)
				} else if r := (*Refusal)(nil); !errors.As(err, &r) || r.Text != textNotFound && r.Text != textBadCredentials {
					t.Errorf("%q: %v", name, err)
				}
			}
			for _, password := range []string{"", " ", "\t", "\x00", "\x00bobspassword", strings.Repeat("x", maxPassword+1)} {
				for _, name := range []string{"bob", "uid=bob,ou=people,dc=example,dc=com", "", " "} {
					var r *Refusal
					if p, err := authenticator().Authenticate(t.Context(), "myapp", s, name, password); !errors.As(err, &r) || r.Text != textBadCredentials {
						t.Errorf("%q with password %q: %+v, %v", name, password, p, err)
					}
				}
			}
		})
	}
}

// TestTLS signs in over both kinds of TLS, and never to a server whose certificate does not prove who it is.
func TestTLS(t *testing.T) {
	d := ldaptest.Start(t)
	strange := ldaptest.Start(t).CA
	cases := []struct {
		name    string
		url     string
		changes map[string]string
		ok      bool
	}{
		{"ldaps", d.TLSURL, map[string]string{"ca_cert": d.CA}, true},
		{"StartTLS", d.StartURL, map[string]string{"ca_cert": d.CA, "start_tls": "true"}, true},
		{"ldaps, unknown authority", d.TLSURL, nil, false},
		{"ldaps, another authority", d.TLSURL, map[string]string{"ca_cert": strange}, false},
		{"ldaps, another host", strings.Replace(d.TLSURL, "localhost", "127.0.0.1", 1), map[string]string{"ca_cert": d.CA}, false},
		{"StartTLS, unknown authority", d.StartURL, map[string]string{"start_tls": "true"}, false},
		{"StartTLS, another host", d.URL, map[string]string{"ca_cert": d.CA, "start_tls": "true"}, false},
		{"ldaps at a port without TLS", strings.Replace(d.StartURL, "ldap:", "ldaps:", 1), map[string]string{"ca_cert": d.CA}, false},
		{"second address", "ldap://127.0.0.1:1 " + d.URL, nil, true},
		{"nothing listens", "ldap://127.0.0.1:1", nil, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := authenticator().Authenticate(t.Context(), "myapp", settings(t, c.url, c.changes), "bob", "bobspassword")
			var r *Refusal
			if c.ok && err != nil || !c.ok && (!errors.As(err, &r) || r.Text != textNoConnection) {
				t.Errorf("error %v", err)
			}
		})
	}
}

// TestCancelled ends a sign-in when the browser goes away.
func TestCancelled(t *testing.T) {
	silent := listen(t, func(c *conversation) { c.wait() })
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	done := make(chan error, 1)
	go func() {
		_, err := authenticator().Authenticate(ctx, "myapp", settings(t, silent, nil), "bob", "bobspassword")
		done <- err
	}()
	if err := <-done; err == nil {
		t.Error("signed in at a server that says nothing")
	}
}
