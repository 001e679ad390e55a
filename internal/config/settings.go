package config

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// AppSettings is what an app overrides (C 3.6). A nil *AppSettings stands for no app.
type AppSettings struct {
	Root   bool           // the app is the root app, to which the options of the server apply too
	Values map[string]any // the app's settings, as decoded from JSON
}

// Setting returns a setting of an app: its own, for the root app else the option of the same name when that is set,
// else def (C 3.6). What a file says never applies to a child app this way; pass the option as def where it should.
func (c *Config) Setting(app *AppSettings, key, def string) string {
	if app == nil {
		return def
	}
	if v, ok := app.Values[key]; ok {
		return settingText(v)
	}
	if app.Root && c.Has(key) {
		return c.String(key)
	}
	return def
}

// SettingBool is Setting for a boolean: true when the text is "true" in any case (C 3.1).
func (c *Config) SettingBool(app *AppSettings, key string, def bool) bool {
	return isTrue(c.Setting(app, key, strconv.FormatBool(def)))
}

// SettingInt is Setting for a whole number; a setting that is not a number is ignored (D97).
func (c *Config) SettingInt(app *AppSettings, key string, def int64) int64 {
	if app == nil {
		return def
	}
	if v, ok := app.Values[key]; ok {
		if n, err := strconv.ParseInt(settingText(v), 10, 64); err == nil {
			return n
		}
	}
	if app.Root && c.Has(key) {
		return c.Int64(key)
	}
	return def
}

// DirectSetting returns a setting of an app that has no counterpart among the options, "" when it is missing. For the
// root app a blank signin_success or signin_failure becomes the option security.signin_success or
// security.signin_failure (C 3.6).
func (c *Config) DirectSetting(app *AppSettings, key string) string {
	if app == nil {
		return ""
	}
	text := settingText(app.Values[key])
	if app.Root && strings.TrimSpace(text) == "" && (key == "signin_success" || key == "signin_failure") {
		return c.String("security." + key)
	}
	return text
}

// OAuthKeys returns client id and secret of an app at a provider such as "fb" (C 3.6): from the app's settings when both
// are there, else for the root app from the options, else two empty strings.
func (c *Config) OAuthKeys(app *AppSettings, provider string) (id, secret string) {
	if app == nil {
		return "", ""
	}
	idKey, secretKey := provider+"_app_id", provider+"_secret"
	idValue, hasID := app.Values[idKey]
	secretValue, hasSecret := app.Values[secretKey]
	switch {
	case hasID && hasSecret:
		return settingText(idValue), settingText(secretValue)
	case app.Root:
		return c.String(idKey), c.String(secretKey)
	}
	return "", ""
}

// LDAPSettings returns the directory settings of an app, by full key such as "security.ldap.server_url": the defaults of
// C 3.4, each replaced by the app's setting or, for the root app, by the option. All keys follow this one rule (A 11).
func (c *Config) LDAPSettings(app *AppSettings) map[string]string {
	options := ldapServerOptions()
	block := make(map[string]string, len(options))
	for _, o := range options {
		block[o.Name] = c.Setting(app, o.Name, o.Default)
	}
	return block
}

// settingText is the text form of a JSON value; the same as C 2.2 for values of a file.
func settingText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case json.Number:
		return v.String()
	case []any:
		parts := make([]string, len(v))
		for i, item := range v {
			parts[i] = settingText(item)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case map[string]any:
		parts := make([]string, 0, len(v))
		for key, member := range v {
			parts = append(parts, key+"="+settingText(member))
		}
		slices.Sort(parts)
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return fmt.Sprint(v)
}
