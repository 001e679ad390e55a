package permissions

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/erudika/para-go/internal/apikey"
)

type expected struct {
	who            *caller
	method, target string
	body           string
	status         int
	text           string // what the answer holds
}

func expect(t *testing.T, list ...expected) {
	t.Helper()
	for i, x := range list {
		if a := x.who.send(x.method, x.target, x.body); a.status != x.status || !strings.Contains(string(a.body), x.text) {
			t.Errorf("%d: %s %s %s as %s: %s, want %d %s", i, x.method, x.target, x.body, x.who.name, a, x.status, x.text)
		}
	}
}

// An API key from its making to its end, and what it never is.
func TestAPIKeys(t *testing.T) {
	log := new(logged)
	s := start(t, slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.Level(-100)})), "para.access_log_enabled = true")
	app := s.app("shop")
	ann, admin, guest := app.user("ann", "users"), app.user("admin", "admins"), app.guest()
	app.send("PUT", "/v1/cat/c1", `{"name":"Tom","creatorid":"ann"}`)
	app.send("PUT", "/v1/_permissions/*/*", `["*","?"]`)
	expect(t,
		expected{app, "POST", "/v1/_keys", `{"name":"x"}`, 404, "set its setting security.api_keys to true"},
		expected{app, "GET", "/v1/_keys", "", 404, ""},
		expected{ann, "GET", "/v1/_keys", "", 403, ""},
		expected{app, "PUT", "/v1/_settings/security.api_keys", `{"value":"yes"}`, 400, "write true or false"},
		expected{app, "PUT", "/v1/_settings/security.api_keys", `{"value":true}`, 200, ""},
		expected{app, "GET", "/v1/_keys", "", 200, "[]"},
		expected{ann, "GET", "/v1/_keys", "", 403, ""},
		expected{guest, "POST", "/v1/_keys", `{"name":"x"}`, 403, ""},
		expected{app, "POST", "/v1/_keys", `{}`, 400, "an API key needs a name"},
		expected{app, "POST", "/v1/_keys", `{"name":"x","network":["10.0.0.0/8"]}`, 400, `unknown field \"network\"`},
		expected{app, "POST", "/v1/_keys", `{"name":"x","networks":["10.0.0.0.0/8"]}`, 400, "is no network"},
		expected{app, "POST", "/v1/_keys", `{"name":"x","expires":1}`, 400, "a time to come"},
		expected{app, "POST", "/v1/_keys", fmt.Sprintf(`{"name":"x","expires":%d}`, time.Now().AddDate(2, 0, 0).UnixMilli()), 400, "within 366 days"},
		expected{app, "POST", "/v1/_keys", `{"name":"x","overlap":5}`, 400, "rotation"},
	)
	key := admin.apiKey("reports")
	id, secrets := key.principal.id, []string{key.bearer}
	if !strings.HasPrefix(key.bearer, "para_") || !apikey.IsID(id) {
		t.Fatalf("key %s, id %s", key.bearer, id)
	}
	grants := "/v1/_permissions/" + id + "/"
	expect(t,
		expected{app, "GET", "/v1/_keys/" + id, "", 200, `"name":"reports","creatorid":"admin"`},
		expected{app, "GET", "/v1/_keys/key_1", "", 404, "no such API key"},
		expected{app, "GET", "/v1/_keys/c1", "", 404, ""},
		// Nothing is granted: what everybody may do is not for keys.
		expected{key, "GET", "/v1/cat/c1", "", 403, "[user: " + id},
		expected{app, "GET", grants + "cat/GET", "", 200, "false"},
		expected{app, "GET", grants + "cat/GET?explain=true", "", 200, "those of everybody (*) are not for API keys"},
		expected{app, "PUT", grants + "cat", `["GET","POST","PUT","PATCH"]`, 200, id},
		expected{key, "GET", "/v1/cat/c1", "", 200, "Tom"},
		expected{key, "GET", "/v1/cats", "", 200, "Tom"},
		expected{key, "DELETE", "/v1/cat/c1", "", 403, ""},
		expected{key, "GET", "/v1/dog", "", 403, ""},
		expected{app, "GET", grants + "cat/GET", "", 200, "true"},
		expected{app, "GET", grants + "cat/GET?explain=true", "", 200, "allow GET"},
		// What it makes is its own, and it votes for nobody.
		expected{key, "POST", "/v1/cat", `{"id":"mine","name":"Kit","creatorid":"ann"}`, 201, `"creatorid":"` + id},
		expected{key, "PATCH", "/v1/cat/c1", `{"_voteup":"ann"}`, 403, "do not vote"},
		expected{app, "PUT", grants + "cat", `["GET","POST","PUT","PATCH","OWN"]`, 200, ""},
		expected{key, "GET", "/v1/cat/c1", "", 404, ""},
		expected{key, "GET", "/v1/cat/mine", "", 200, "Kit"},
		expected{key, "POST", "/v1/cat", `{"id":"c1","name":"stolen"}`, 201, `"id":"` + id + `_c1"`},
		// It shows itself, without what it is made of.
		expected{key, "GET", "/v1/_me", "", 200, `"type":"apikey"`},
		// With every right there is it manages nothing and is nobody else.
		expected{app, "PUT", grants + "*", `["*"]`, 200, ""},
		expected{key, "GET", "/v1/dog", "", 200, ""},
		expected{key, "GET", "/v1/_settings", "", 403, ""},
		expected{key, "PUT", "/v1/_settings/x", `{"value":1}`, 403, ""},
		expected{key, "GET", "/v1/_keys", "", 403, ""},
		expected{key, "POST", "/v1/_keys", `{"name":"y"}`, 403, ""},
		expected{key, "PATCH", "/v1/_keys/" + id, `{"expires":9999999999999}`, 403, ""},
		expected{key, "POST", "/v1/_keys/" + id + "/rotate", "", 403, ""},
		expected{key, "POST", "/v1/_newkeys", "", 401, ""},
		expected{key, "GET", "/v1/_export", "", 403, ""},
		expected{key, "PUT", "/v1/_import", "", 403, ""},
		expected{key, "PUT", "/v1/_permissions/" + id + "/_settings", `["*"]`, 403, ""},
		expected{key, "PATCH", "/v1/app/shop", `{"resourcePermissions":{}}`, 403, ""},
		expected{key, "GET", "/v1/_setup/other", "", 403, ""},
		expected{key, "GET", "/jwt_auth", "", 401, ""},
		expected{key, "GET", "/v1/_me/second_factor", "", 403, ""},
		expected{key, "POST", "/v1/_me/passkeys/options", "{}", 403, ""},
		expected{key, "GET", "/v1/_id/ann@x.co", "", 404, ""},
		expected{key, "PATCH", "/v1/user/ann", `{"groups":"admins"}`, 200, `"groups":"users"`},
		expected{key, "PUT", "/v1/user/ann", `{"name":"x","identifier":"k@x.co","email":"k@x.co"}`, 400, ""},
	)
	for _, resource := range []string{"_settings", "_export", "_keys", "_constraints"} { // even when somebody grants it by name
		app.send("PUT", grants+resource, `["*"]`)
	}
	expect(t,
		expected{key, "GET", "/v1/_settings", "", 403, ""}, expected{key, "GET", "/v1/_export", "", 403, ""}, expected{key, "GET", "/v1/_keys", "", 403, ""},
		expected{key, "PUT", "/v1/_constraints/cat/x/required", "{}", 403, ""},
		expected{app, "GET", grants + "_settings/GET?explain=true", "", 200, "which API keys never do"},
		expected{ann, "GET", "/v1/_keys", "", 403, ""},
		// No door but its own leads to it.
		expected{app, "GET", "/v1/_id/" + id, "", 404, ""}, expected{app, "GET", "/v1/_id/_keys", "", 404, ""},
		expected{app, "PATCH", "/v1/apikey/" + id, `{"hash":"x"}`, 404, ""},
		expected{app, "PUT", "/v1/user/" + id, `{"name":"x","identifier":"x@x.co","email":"x@x.co"}`, 400, ""},
		expected{ann, "POST", "/v1/user", `{"id":"` + id + `","name":"x","identifier":"y@x.co","email":"y@x.co"}`, 400, ""},
		expected{app, "DELETE", "/v1/_batch?ids=" + id, "", 200, ""},
		expected{key, "GET", "/v1/cat/mine", "", 200, ""},
	)
	for _, target := range []string{"/v1/search?q=*&limit=256", "/v1/_batch?ids=" + id, "/v1/search/ids?ids=" + id, "/v1/_types?count=true", "/v1/_settings", "/v1/_keys"} {
		if a := app.send("GET", target, ""); strings.Contains(string(a.body), "hash") || strings.Contains(string(a.body), "Hash") || target != "/v1/_keys" && strings.Contains(string(a.body), id+`","type"`) {
			t.Errorf("%s: %s", target, a)
		}
	}
	// Only in the header, and only as it is.
	inQuery := app.nobody().send("GET", "/v1/_me?Authorization=Bearer+"+key.bearer, "")
	if inQuery.status != 401 {
		t.Errorf("in the query: %s", inQuery)
	}
	for _, text := range []string{key.bearer + "a", key.bearer[:len(key.bearer)-1], strings.ToUpper(key.bearer), "para_", "para_aaaa", strings.Replace(key.bearer, "para_", "", 1)} {
		if a := (&caller{place: s, bearer: text, name: "broken"}).send("GET", "/v1/cat/mine", ""); a.status != 401 {
			t.Errorf("%s: %s", text, a)
		}
	}
	token, err := apikey.Parse(key.bearer)
	if err != nil {
		t.Fatal(err)
	}
	forged := apikey.Token{App: token.App, ID: token.ID, Secret: apikey.NewSecret()}.Text()
	elsewhere := apikey.Token{App: "para", ID: token.ID, Secret: token.Secret}.Text()
	for _, text := range []string{forged, elsewhere} {
		if a := (&caller{place: s, bearer: text, name: "forged"}).send("GET", "/v1/cat/mine", ""); a.status != 401 {
			t.Errorf("%s: %s", text, a)
		}
	}
	// Rotation: the old secret goes on for a while, or not.
	rotate := func(body string) *caller {
		t.Helper()
		a := app.send("POST", "/v1/_keys/"+id+"/rotate", body)
		var made struct{ Key string }
		if err := json.Unmarshal(a.body, &made); err != nil || a.status != 200 || made.Key == "" {
			t.Fatalf("rotate: %s", a)
		}
		secrets = append(secrets, made.Key)
		return &caller{place: s, bearer: made.Key, name: "rotated"}
	}
	second := rotate("")
	expect(t, expected{key, "GET", "/v1/cat/mine", "", 200, ""}, expected{second, "GET", "/v1/cat/mine", "", 200, ""})
	third := rotate(`{"overlap":0}`)
	expect(t, expected{key, "GET", "/v1/cat/mine", "", 401, ""}, expected{second, "GET", "/v1/cat/mine", "", 401, ""}, expected{third, "GET", "/v1/cat/mine", "", 200, ""},
		expected{app, "POST", "/v1/_keys/" + id + "/rotate", `{"overlap":99999999999}`, 400, "overlap"},
		expected{app, "POST", "/v1/_keys/key_5/rotate", ``, 404, ""},
		// Networks, and being switched off, count for the next request.
		expected{app, "PATCH", "/v1/_keys/" + id, `{"networks":["10.0.0.0/8"]}`, 200, "10.0.0.0/8"}, expected{third, "GET", "/v1/cat/mine", "", 401, ""},
		expected{app, "PATCH", "/v1/_keys/" + id, `{"networks":["192.0.2.1","2001:db8::/32"]}`, 200, "192.0.2.1/32"}, expected{third, "GET", "/v1/cat/mine", "", 200, ""},
		expected{app, "PATCH", "/v1/_keys/" + id, `{"active":false}`, 200, ""}, expected{third, "GET", "/v1/cat/mine", "", 401, ""},
		expected{app, "GET", grants + "cat/GET?explain=true", "", 200, "is switched off"},
		expected{app, "PATCH", "/v1/_keys/" + id, `{"active":true}`, 200, ""}, expected{third, "GET", "/v1/cat/mine", "", 200, ""},
		expected{app, "DELETE", "/v1/_settings/security.api_keys", "", 200, ""}, expected{third, "GET", "/v1/cat/mine", "", 401, ""},
		expected{app, "PUT", "/v1/_settings/security.api_keys", `{"value":true}`, 200, ""}, expected{third, "GET", "/v1/cat/mine", "", 200, ""},
		expected{app, "GET", "/v1/_keys", "", 200, `"lastUsed":`},
		// The end: the key, and everything that was granted to it.
		expected{app, "DELETE", "/v1/_keys/" + id, "", 200, ""}, expected{third, "GET", "/v1/cat/mine", "", 401, ""},
		expected{app, "GET", "/v1/_keys", "", 200, "[]"}, expected{app, "DELETE", "/v1/_keys/" + id, "", 404, ""},
	)
	if a := app.send("GET", "/v1/_permissions", ""); strings.Contains(string(a.body), id) {
		t.Errorf("the grants stay: %s", a)
	}
	for _, secret := range secrets {
		if strings.Contains(log.String(), secret[5:40]) || strings.Contains(log.String(), secret[len(secret)-20:]) {
			t.Errorf("a key is in the log")
		}
	}
	if !strings.Contains(log.String(), "API key refused") || !strings.Contains(log.String(), "another network") && !strings.Contains(log.String(), "from this network") {
		t.Errorf("the log does not say why keys were refused")
	}
	expect(t, expected{s.root(), "PUT", "/v1/_settings/security.api_keys", `{"value":true}`, 200, ""},
		expected{s.root(), "POST", "/v1/_keys", `{"name":"x"}`, 400, "make the key in another app"})
}
