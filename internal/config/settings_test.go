package config

import (
	"encoding/json"
	"testing"
)

// C 3.6.
func TestSettings(t *testing.T) {
	c := mustLoad(t, `para { mail.host = "file", gh_app_id = id, gh_secret = s, session_timeout = 50, security.signin_success = "/in", security.ldap.base_dn = "dc=f" }`, Sources{})
	root := &AppSettings{Root: true, Values: map[string]any{"own": "v", "n": json.Number("7"), "b": true, "word": "x", "nil": nil,
		"list": []any{"a", 1.5}, "map": map[string]any{"port": 1.0, "host": "h"}, "fb_app_id": "only"}}
	child := &AppSettings{Values: map[string]any{"gh_app_id": "cid", "gh_secret": "cs", "tw_app_id": "half", "security.ldap.bind_dn": "cn=c", "session_timeout": "abc", "signin_success": 5.0}}
	tests := []struct {
		app            *AppSettings
		key, def, want string
	}{
		{nil, "mail.host", "d", "d"}, {root, "mail.host", "d", "file"}, {child, "mail.host", "d", "d"}, {root, "own", "d", "v"}, {root, "n", "", "7"},
		{root, "b", "", "true"}, {root, "list", "", "[a, 1.5]"}, {root, "map", "", "{host=h, port=1}"}, {root, "nil", "d", ""},
		{root, "mail.username", "d", "d"}, // not set: the default of the caller, not that of the table
		{root, "app_secret_key", "secret of the app", "secret of the app"},
	}
	for _, tt := range tests {
		if got := c.Setting(tt.app, tt.key, tt.def); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.key, got, tt.want)
		}
	}
	if c.SettingInt(root, "n", 1) != 7 || c.SettingInt(root, "word", 1) != 1 || c.SettingInt(root, "session_timeout", 1) != 50 ||
		c.SettingInt(child, "session_timeout", 1) != 1 || c.SettingInt(nil, "n", 1) != 1 {
		t.Error("SettingInt")
	}
	if !c.SettingBool(root, "b", false) || !c.SettingBool(child, "b", true) || c.SettingBool(root, "word", true) {
		t.Error("SettingBool")
	}
	for _, tt := range []struct {
		app              *AppSettings
		provider, id, sc string
	}{{root, "gh", "id", "s"}, {child, "gh", "cid", "cs"}, {child, "tw", "", ""}, {root, "fb", "", ""}, {nil, "gh", "", ""}} {
		if id, secret := c.OAuthKeys(tt.app, tt.provider); id != tt.id || secret != tt.sc {
			t.Errorf("%s: %q %q", tt.provider, id, secret)
		}
	}
	if c.DirectSetting(root, "signin_success") != "/in" || c.DirectSetting(child, "signin_success") != "5" || c.DirectSetting(child, "signin_failure") != "" ||
		c.DirectSetting(root, "signin_failure") != "/signin?error" || c.DirectSetting(nil, "x") != "" || c.DirectSetting(root, "mail.host") != "" {
		t.Error("DirectSetting")
	}
	l, r := c.LDAPSettings(child), c.LDAPSettings(root)
	if len(l) != 16 || l["security.ldap.displayname_attribute"] != "cn" || l["security.ldap.bind_dn"] != "cn=c" || l["security.ldap.base_dn"] != "dc=springframework,dc=org" || r["security.ldap.base_dn"] != "dc=f" {
		t.Errorf("LDAP %v %v", l, r)
	}
}
