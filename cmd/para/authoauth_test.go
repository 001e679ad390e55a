//go:build unix

package main

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/erudika/para-go/client"
	"github.com/erudika/para-go/internal/diagnose"
)

// idProvider answers as an OpenID provider does to calls without a user.
func idProvider(t *testing.T) string {
	t.Helper()
	var s *httptest.Server
	say := func(res http.ResponseWriter, status int, body string) {
		res.Header().Set("Content-Type", "application/json")
		res.WriteHeader(status)
		_, _ = io.WriteString(res, strings.ReplaceAll(body, "SELF", s.URL))
	}
	s = httptest.NewServer(http.HandlerFunc(func(res http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/.well-known/openid-configuration", "/nokeys/.well-known/openid-configuration":
			keys, issuer := "/keys", ""
			if strings.HasPrefix(r.URL.Path, "/nokeys") {
				keys, issuer = "/gone", "/nokeys"
			}
			say(res, 200, `{"issuer":"SELF`+issuer+`","authorization_endpoint":"SELF/auth","token_endpoint":"SELF/token","userinfo_endpoint":"SELF/me","jwks_uri":"SELF`+keys+`"}`)
		case "/keys":
			say(res, 200, `{"keys":[{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","kid":"1"}]}`)
		case "/auth":
			say(res, 302, "")
		case "/token":
			_ = r.ParseForm()
			if r.Form.Get("client_id") != "my-id" || r.Form.Get("client_secret") != "my-secret" {
				say(res, 401, `{"error":"invalid_client"}`)
				return
			}
			say(res, 400, `{"error":"invalid_grant"}`)
		case "/me":
			say(res, 401, "")
		case "/open":
			say(res, 200, `{"sub":"1"}`)
		default:
			say(res, 404, "")
		}
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// TestAuthTestOAuth runs `para auth test` for OAuth providers: the step that is wrong fails, and the exit code says so.
func TestAuthTestOAuth(t *testing.T) {
	at := startServer(t)
	issuer := idProvider(t)
	keys, err := at.client.SetupApp(t.Context(), "shop", client.NewApp{})
	if err != nil {
		t.Fatal(err)
	}
	shop, err := client.New(client.Options{AccessKey: keys.AccessKey, Secret: keys.SecretKey, Endpoint: at.server.Address})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(shop.Close)
	const block = "security.oauth."
	good := map[string]any{"oa2_app_id": "my-id", "oa2_secret": "my-secret", block + "issuer": issuer, block + "scope": "openid email"}
	plain := map[string]any{"oa2_app_id": "my-id", "oa2_secret": "my-secret", block + "token_url": issuer + "/token", block + "profile_url": issuer + "/me"}
	for _, c := range []struct {
		what     string
		line     string
		settings map[string]any
		name     string
		value    any
		failed   string // the step, "" when none fails
		code     int
	}{
		{"all is well", "auth test oidc --app shop", good, "x", "y", "", 0},
		{"one provider", "auth test oauth2 --app shop", good, "x", "y", "", 0},
		{"addresses without an issuer", "auth test oauth2 --app shop", plain, "x", "y", "", 0},
		{"no provider", "auth test oidc --app shop", nil, "x", "y", "settings", exitFailed},
		{"the root app has none", "auth test oidc", good, "x", "y", "settings", exitFailed},
		{"another provider", "auth test google --app shop", good, "x", "y", "settings", exitFailed},
		{"no secret", "auth test oauth2 --app shop", good, "oa2_secret", "", "settings", exitFailed},
		{"another name of the issuer", "auth test oidc --app shop", good, block + "issuer", issuer + "/", "issuer", exitFailed},
		{"nobody there", "auth test oidc --app shop", good, block + "issuer", "http://127.0.0.1:1", "issuer", exitFailed},
		{"no keys", "auth test oidc --app shop", good, block + "issuer", issuer + "/nokeys", "keys", exitFailed},
		{"wrong page", "auth test oidc --app shop", good, block + "authz_url", issuer + "/nothing", "authorization endpoint", exitFailed},
		{"wrong client id", "auth test oidc --app shop", good, "oa2_app_id", "other", "token endpoint", exitFailed},
		{"wrong secret", "auth test oidc --app shop", good, "oa2_secret", "other", "token endpoint", exitFailed},
		{"wrong token address", "auth test oidc --app shop", plain, block + "token_url", issuer + "/nothing", "token endpoint", exitFailed},
		{"an address that is none", "auth test oidc --app shop", plain, block + "token_url", "nothing", "token endpoint", exitFailed},
		{"a profile for everybody", "auth test oidc --app shop", plain, block + "profile_url", issuer + "/open", "profile endpoint", exitFailed},
		{"wrong profile address", "auth test oidc --app shop", plain, block + "profile_url", issuer + "/nothing", "profile endpoint", exitFailed},
		{"no such app", "auth test oidc --app nosuchapp", good, "x", "y", "", exitNotFound},
		{"no such provider", "auth test telepathy", good, "x", "y", "", exitUsage},
	} {
		all := map[string]any{c.name: c.value}
		for name, v := range c.settings {
			if _, ok := all[name]; !ok {
				all[name] = v
			}
		}
		if err := shop.ReplaceSettings(t.Context(), all); err != nil {
			t.Fatal(err)
		}
		o := at.place.run("", append(strings.Fields(c.line), "--json")...)
		if o.code != c.code {
			t.Errorf("%s: exit %d, want %d\n%s%s", c.what, o.code, c.code, o.out, o.err)
			continue
		}
		if strings.Contains(o.out+o.err, "my-secret") {
			t.Errorf("%s: the secret is shown", c.what)
		}
		if o.code != 0 && o.code != exitFailed {
			continue
		}
		var got map[string]diagnose.Report
		if err := json.Unmarshal([]byte(o.out), &got); err != nil || len(got) != 1 {
			t.Errorf("%s: %v\n%s", c.what, err, o.out)
			continue
		}
		for name := range maps.Keys(got) {
			r := got[name]
			failed := ""
			for _, s := range r.Steps {
				if s.State == diagnose.Failed && failed == "" {
					failed = s.Name
				}
				if s.State == diagnose.Failed && (s.Detail == "" || s.Remedy == "") {
					t.Errorf("%s: step %s does not say what and how to mend it", c.what, s.Name)
				}
			}
			if failed != c.failed {
				t.Errorf("%s: step %q fails, want %q\n%s", c.what, failed, c.failed, o.out)
			}
		}
	}
}
