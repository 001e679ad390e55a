package ldap

import (
	"errors"
	"strings"
	"testing"
)

func parse(all map[string]string) (*Settings, error) {
	return ParseSettings(func(name string) (string, bool) {
		v, ok := all[strings.TrimPrefix(name, Prefix)]
		return v, ok
	})
}

func TestSettingsDefaults(t *testing.T) {
	s, err := parse(map[string]string{"bind_dn": "CN=Search User,DC=x", "bind_pass": " secret "})
	if err != nil {
		t.Fatal(err)
	}
	if s.servers[0].address != "localhost:8389" || s.base != defaultBase || s.filter != defaultFilter || len(s.patterns) != 1 || s.patterns[0] != defaultPattern ||
		s.passwordAttr != defaultPassword || s.displayName != "cn" || s.directory || s.compare {
		t.Errorf("defaults: %+v", s)
	}
	if s.bindDN != "CN=Search User,DC=x" || s.bindPassword != " secret " {
		t.Errorf("the search account changed: %q %q", s.bindDN, s.bindPassword)
	}
	for value, want := range map[string]bool{"": false, "false": false, "true": true, "yes": true} {
		if s, err := parse(map[string]string{"base_dn": "dc=x", "compare_passwords": value}); err != nil || s.compare != want {
			t.Errorf("compare_passwords=%q: %v %v", value, s.compare, err)
		}
	}
	if s, err := parse(map[string]string{"ad_mode_enabled": "true"}); err != nil || s.base != "" || s.filter != activeDirectoryRule {
		t.Errorf("Active Directory: %+v %v", s, err)
	}
	if s, err := parse(map[string]string{"active_directory_domain": "x.y", "user_search_filter": "(cn={0})", "base_dn": "dc=z"}); err != nil || s.base != "dc=z" || s.filter != "(cn={0})" {
		t.Errorf("Active Directory as configured: %+v %v", s, err)
	}
	if _, err := parse(map[string]string{"base_dn": " ", "server_url": ""}); !errors.Is(err, ErrNotConfigured) {
		t.Errorf("blank settings: %v", err)
	}
}

func TestSettingsProblems(t *testing.T) {
	cases := []struct{ name, value, text string }{
		{"server_url", "http://x", "must begin with ldap:// or ldaps://"},
		{"server_url", "directory.example.com", "is not an address"},
		{"server_url", "ldap://", "is not an address"},
		{"server_url", "ldap://user:secret@x", "is not an address"},
		{"server_url", strings.Repeat("ldap://x ", 5), "4 are allowed"},
		{"base_dn", "example.com", "is not the name of an entry"},
		{"user_search_base", "people", "is not the name of an entry"},
		{"user_search_filter", "uid={0}(", "is not a search filter"},
		{"user_search_filter", "(uid=bob)", "has no {0}"},
		{"user_dn_pattern", "uid=bob", "has no {0}"},
		{"user_dn_pattern", "{0}", "is not the name of an entry"},
		{"user_dn_pattern", strings.Repeat("uid={0}|", 9), "8 are allowed"},
		{"password_attribute", "user Password", "is not the name of an attribute"},
		{"bind_dn", "cn=x", "bind_pass"},
		{"ca_cert", "!!", "neither"},
		{"ca_cert", "aGVsbG8=", "holds no certificate"},
	}
	for _, c := range cases {
		_, err := parse(map[string]string{c.name: c.value})
		if err == nil || !strings.Contains(err.Error(), c.text) || !strings.Contains(err.Error(), Prefix) {
			t.Errorf("%s=%q: %v, want %q", c.name, c.value, err, c.text)
		}
	}
	if _, err := parse(map[string]string{"server_url": "ldaps://x", "start_tls": "true"}); err == nil {
		t.Error("TLS in TLS")
	}
}
