package rest_test

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/erudika/para-go/client"
	"github.com/erudika/para-go/internal/sigv4"
)

// tenant is an app of a test with somebody who asks in its name.
type tenant struct {
	endpoint string
	keys     *client.Keys
}

// newTenant makes an app whose users need not confirm their addresses.
func newTenant(t *testing.T, endpoint string, root *client.Client, id string) *tenant {
	t.Helper()
	keys, err := root.SetupApp(t.Context(), id, client.NewApp{})
	if err != nil {
		t.Fatal(err)
	}
	a := &tenant{endpoint, keys}
	a.want(t, "PUT", "/v1/_settings/security.allow_unverified_emails", `{"value":true}`, http.StatusOK)
	return a
}

// app sends a request signed with the app's keys.
func (a *tenant) app(t *testing.T, method, target, body string, header ...string) reply {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, a.endpoint+target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	cred := sigv4.Credentials{AccessKey: a.keys.AccessKey, Secret: a.keys.SecretKey}
	if err := sigv4.SignHash(r, cred, sigv4.HashBody([]byte(body)), time.Now()); err != nil {
		t.Fatal(err)
	}
	res, err := noRedirects.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{res.StatusCode, res.Header, string(b)}
}

// want sends a request of the app and checks the status.
func (a *tenant) want(t *testing.T, method, target, body string, status int, header ...string) string {
	t.Helper()
	r := a.app(t, method, target, body, header...)
	if r.status != status {
		t.Errorf("%s %s %.100s: %d %.300s, want %d", method, target, body, r.status, r.body, status)
	}
	return r.body
}

// user signs a user in and returns its id and its token.
func (a *tenant) user(t *testing.T, email string) (id, token string) {
	t.Helper()
	r := ask(t, http.MethodPost, a.endpoint+"/jwt_auth", passwordBody(a.keys.AccessKey, email+":Name:a long password"))
	var session struct {
		User struct {
			ID string `json:"id"`
		} `json:"user"`
		JWT struct {
			AccessToken string `json:"access_token"`
		} `json:"jwt"`
	}
	if err := json.Unmarshal([]byte(r.body), &session); err != nil || session.JWT.AccessToken == "" {
		t.Fatalf("sign-in of %s: %d %s", email, r.status, r.body)
	}
	return session.User.ID, session.JWT.AccessToken
}

// as sends a request with a user's token, "" for a guest.
func (a *tenant) as(t *testing.T, token, method, target, body string, header ...string) reply {
	t.Helper()
	authorization := "Anonymous " + a.keys.AccessKey
	if token != "" {
		authorization = "Bearer " + token
	}
	return ask(t, method, a.endpoint+target, body, append(header, "Authorization", authorization)...)
}

// grant replaces what a subject may do with a path.
func (a *tenant) grant(t *testing.T, subject, path, methods string) {
	t.Helper()
	a.want(t, "PUT", "/v1/_permissions/"+subject+"/"+base64.RawURLEncoding.EncodeToString([]byte(path)), methods, http.StatusOK)
}

// A grant on "utils" or "search" opens the functions of that name; the routes of objects whose type is spelt so are about
// the type that such objects get, sysprop (D8).
func TestGrantsOnWordsOfRoutes(t *testing.T) {
	endpoint, root := start(t)
	a := newTenant(t, endpoint, root, "words")
	id, token := a.user(t, "u@words.test")
	a.want(t, "PUT", "/v1/sysprop/s1", `{"x":1}`, http.StatusOK)
	a.grant(t, id, "utils", `["*"]`)
	a.grant(t, id, "search", `["*"]`)
	for _, step := range []struct {
		method, target, body string
		status               int
	}{
		{"GET", "/v1/utils/timestamp", "", 200},
		{"GET", "/v1/utils?method=timestamp", "", 200},
		{"HEAD", "/v1/utils/timestamp", "", 200},
		{"GET", "/v1/search", "", 200},
		{"GET", "/v1/search/count", "", 200},
		{"GET", "/v1/utils/search", "", 403},
		{"GET", "/v1/utils/search/count", "", 403},
		{"GET", "/v1/utils/s1/links/sysprop", "", 403},
		{"PUT", "/v1/utils/x", "{}", 403},
		{"POST", "/v1/utils", "{}", 403},
		{"PUT", "/v1/search/x", "{}", 403},
		{"POST", "/v1/search", "{}", 403},
		{"PATCH", "/v1/search/s1", "{}", 403},
		{"DELETE", "/v1/utils/s1", "", 403},
	} {
		if r := a.as(t, token, step.method, step.target, step.body); r.status != step.status {
			t.Errorf("%s %s: %d %s, want %d", step.method, step.target, r.status, r.body, step.status)
		}
	}
	a.grant(t, id, "sysprop", `["*"]`)
	for target, status := range map[string]int{"/v1/utils/x": 200, "/v1/search/y": 200, "/v1/para/z": 200} {
		if r := a.as(t, token, "PUT", target, "{}"); r.status != status || !strings.Contains(r.body, `"type":"sysprop"`) {
			t.Errorf("PUT %s: %d %s", target, r.status, r.body)
		}
	}
}

// The type in a path is repaired like the type of an object that is stored: whatever spelling made an object finds it again,
// for users too, whose objects must be of the path's type (R 11, D7, D27).
func TestRepairedTypesInPaths(t *testing.T) {
	endpoint, root := start(t)
	a := newTenant(t, endpoint, root, "repairs")
	id, token := a.user(t, "u@repairs.test")
	a.grant(t, "*", "*", `["*"]`)
	for _, typ := range []string{"_cat", "c%23at", "c%2Fat", "___cat", "cat"} {
		for _, step := range []struct{ method, suffix, body, want string }{
			{"PUT", "/c1", `{"n":1}`, `"type":"cat"`},
			{"GET", "/c1", "", `"objectURI":"/cat/c1"`},
			{"PATCH", "/c1", `{"n":2}`, `"n":2`},
			{"GET", "/c1/links/cat", "", `"items":[]`},
			{"GET", "/search", "", `"totalHits":1`},
			{"DELETE", "/c1", "", ""},
		} {
			if r := a.as(t, token, step.method, "/v1/"+typ+step.suffix, step.body); r.status != 200 || !strings.Contains(r.body, step.want) {
				t.Errorf("%s /v1/%s%s: %d %s", step.method, typ, step.suffix, r.status, r.body)
			}
		}
	}
	if body := a.want(t, "PUT", "/v1/_tag/Hello%20W", "{}", 200); !strings.Contains(body, `"id":"tag:hello-w"`) {
		t.Errorf("a tag under a repaired type: %s", body)
	}
	for _, typ := range []string{"_user", "us%23er", "us%2Fer"} {
		r := a.as(t, token, "PUT", "/v1/"+typ+"/"+id, `{"email":"u@repairs.test","identifier":"u@repairs.test","groups":"admins","name":"Renamed"}`)
		if r.status != 200 || !strings.Contains(r.body, `"groups":"users"`) || !strings.Contains(r.body, `"type":"user"`) {
			t.Errorf("PUT /v1/%s/…: %d %s", typ, r.status, r.body)
		}
		r = a.as(t, token, "POST", "/v1/_batch", `[{"type":"`+strings.NewReplacer("%23", "#", "%2F", "/").Replace(typ)+
			`","email":"v@repairs.test","identifier":"v@repairs.test","groups":"admins","tokenSecret":"known"}]`)
		if r.status != 200 || strings.Contains(r.body, "admins") {
			t.Errorf("a batch with a user of type %s: %d %s", typ, r.status, r.body)
		}
	}
	for _, typ := range []string{"_app", "a%23pp", "app", "apps"} {
		a.want(t, "PUT", "/v1/"+typ+"/other", "{}", 400)
		if r := a.as(t, token, "PATCH", "/v1/"+typ+"/repairs", "{}"); r.status != 403 {
			t.Errorf("PATCH /v1/%s/repairs as a user: %d %s", typ, r.status, r.body)
		}
	}
}

// What is answered immediately has passed the same checks of credentials, permission, size and form as otherwise; only what
// fails later is not told (R 26, D20).
func TestRespondImmediatelyChecksTheForm(t *testing.T) {
	endpoint, root := start(t)
	a := newTenant(t, endpoint, root, "later")
	_, token := a.user(t, "u@later.test")
	a.want(t, "PUT", "/v1/cat/c1", "{}", 200)
	a.want(t, "PUT", "/v1/cat/c2", "{}", 200)
	const header, on = "X-Para-Respond-Immediately", "true"
	for _, step := range []struct {
		method, target, body string
		status               int
	}{
		{"POST", "/v1/cat", `{"id":"p1"}`, 200},
		{"POST", "/v1/cat", ``, 400},
		{"POST", "/v1/cat", `null`, 400},
		{"POST", "/v1/cat", `[]`, 400},
		{"POST", "/v1/cat", `{"id":true}`, 400},
		{"POST", "/v1/cat", `{broken`, 400},
		{"PUT", "/v1/cat/p2", ``, 400},
		{"PUT", "/v1/cat/p2", `{"n":1}`, 200},
		{"PATCH", "/v1/cat/c1", `"text"`, 400},
		{"PATCH", "/v1/cat/none", `{}`, 200},
		{"POST", "/v1/_batch", `{}`, 400},
		{"PUT", "/v1/_batch", `[1]`, 400},
		{"PUT", "/v1/_batch", `[{"id":"b1","type":"cat"},null]`, 200},
		{"PATCH", "/v1/_batch", ``, 400},
		{"DELETE", "/v1/cat/c2", `not read`, 200},
		{"DELETE", "/v1/cat/none", ``, 200},
		{"POST", "/v1/cat/c1/links/b1", `not read`, 200},
		{"DELETE", "/v1/_batch?ids=none", ``, 200},
		{"POST", "/v1/_reindex", `not read`, 200},
		{"POST", "/v1/cat", `{"x":"` + strings.Repeat("y", 1<<20) + `"}`, 400},
		{"PUT", "/v1/_import", `{}`, 415},
		{"POST", "/v1/_x", `{}`, 405},
	} {
		r := a.app(t, step.method, step.target, step.body, header, on)
		if r.status != step.status || r.status == 200 && r.body != "" {
			t.Errorf("%s %s %.60s: %d %s, want %d", step.method, step.target, step.body, r.status, r.body, step.status)
		}
	}
	if r := a.as(t, token, "POST", "/v1/cat", `{"id":"u1"}`, header, on); r.status != 403 {
		t.Errorf("a user without permission: %d %s", r.status, r.body)
	}
	for _, value := range []string{"TRUE", "1", "", " true x"} {
		a.want(t, "PUT", "/v1/cat/p3", "{}", 200, header, value)
		if r := a.app(t, "GET", "/v1/cat/p3", "", header, on); !strings.Contains(r.body, `"id":"p3"`) {
			t.Errorf("reading with the header: %d %s", r.status, r.body)
		}
	}
	// What was accepted is done.
	deadline := time.Now().Add(30 * time.Second)
	for {
		body := a.want(t, "GET", "/v1/_batch?select=id&ids=p1&ids=p2&ids=b1&ids=c2", "", 200)
		if body == `[{"id":"p1"},{"id":"p2"},{"id":"b1"}]` {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("accepted work is not done: %s", body)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// What the router answers for methods and paths that the recordings do not hold (R 4.1, R 4.2, D6–D8, D13).
func TestRouter(t *testing.T) {
	endpoint, root := start(t)
	a := newTenant(t, endpoint, root, "router")
	a.want(t, "PUT", "/v1/cat/c1", "{}", 200)
	for _, step := range []struct {
		method, target string
		status         int
		allow          string
	}{
		{"OPTIONS", "/v1/", 200, "GET,HEAD,OPTIONS"},
		{"OPTIONS", "/v1/cat", 200, "GET,HEAD,POST,OPTIONS"},
		{"OPTIONS", "/v1/cat/c1", 200, "DELETE,GET,HEAD,PATCH,PUT,OPTIONS"},
		{"OPTIONS", "/v1/_import", 200, "PUT,OPTIONS"},
		{"OPTIONS", "/v1/_types/x", 200, "OPTIONS"},
		{"OPTIONS", "/v1/a/b/c/d/e/f/g", 404, ""},
		{"POST", "/v1", 405, "GET"},
		{"POST", "/v1/", 405, "GET"},
		{"PUT", "/v1/cat", 405, "GET,POST"},
		{"PATCH", "/v1/cat", 405, "GET,POST"},
		{"BREW", "/v1/cat", 405, "GET,POST"},
		{"get", "/v1/cat", 405, "GET,POST"},
		{"POST", "/v1/cat/c1", 405, "DELETE,GET,PATCH,PUT"},
		{"GET", "/v1/cat/c1/links", 405, "DELETE"},
		{"PATCH", "/v1/cat/c1/links/dog", 405, "DELETE,GET,POST,PUT"},
		{"DELETE", "/v1/_settings", 405, "GET,PUT"},
		{"PATCH", "/v1/_settings/x", 405, "DELETE,GET,PUT"},
		{"DELETE", "/v1/_permissions", 405, "GET"},
		{"POST", "/v1/_types", 405, "GET"},
		{"POST", "/v1/_anything", 405, "GET"},
		{"GET", "/v1/_newkeys", 405, "POST"},
		{"HEAD", "/v1/_newkeys", 405, "POST"},
		{"GET", "/v1/_reindex", 405, "POST"},
		{"GET", "/v1/_import", 405, "PUT"},
		{"PUT", "/v1/_id/x", 405, "GET"},
		{"DELETE", "/v1/_id/c1", 405, "GET"},
		{"PATCH", "/v1/_types/x", 405, ""},
		{"GET", "/v1/_id", 405, ""},
		{"GET", "/v1/_me/x", 405, ""},
		{"GET", "/v1/_health/x", 405, ""},
		{"GET", "/v1/_config", 405, ""},
		{"HEAD", "/v1/_setup/fresh", 405, "GET"},
		{"GET", "/v1/_mcp", 404, ""},
		{"POST", "/v1/_metrics", 404, ""},
		{"GET", "/v1/cat/", 404, ""},
		{"GET", "/v1/cat/c1/", 404, ""},
		{"GET", "/v1/cat/c1/links/", 404, ""},
		{"GET", "/v1/_settings/", 404, ""},
		{"GET", "/v1/_me/", 404, ""},
		{"GET", "/V1/cat/c1", 404, ""},
		{"GET", "/v1.0/cat/c1", 404, ""},
		{"GET", "/v2/cat/c1", 404, ""},
		{"GET", "//v1//cat//c1", 200, ""},
		{"GET", "/v1/c%61t/%63%31", 200, ""},
		{"GET", "/v1/cat/c1;x=1", 404, ""},
		{"GET", "/v1/cat/c1%2F", 404, ""},
		{"GET", "/v1/cat/%2e", 400, ""},
		{"GET", "/v1/cat/%2E%2E/c1", 400, ""},
		{"GET", "/v1/cat/%00", 400, ""},
		{"GET", "/v1/cat/%ff", 400, ""},
		{"GET", "/v1/search/search", 200, ""},
		{"GET", "/v1/_constraints/search", 200, ""},
		{"GET", "/v1/_permissions/search", 200, ""},
		{"PUT", "/v1/_constraints/a/links/required", 200, ""},
		{"DELETE", "/v1/_permissions/u/links", 200, ""},
	} {
		r := a.app(t, step.method, step.target, "")
		if r.status != step.status || r.header.Get("Allow") != step.allow {
			t.Errorf("%s %s: %d, Allow %q, want %d %q", step.method, step.target, r.status, r.header.Get("Allow"), step.status, step.allow)
		}
		switch {
		case step.status == 405, step.method == "OPTIONS" && step.status == 200:
			if r.body != "" || r.header.Get("Content-Type") != "" {
				t.Errorf("%s %s has the body %q", step.method, step.target, r.body)
			}
		case step.status == 404 && step.method != "OPTIONS" && r.body != `{"code":404,"message":"Not found"}` && r.body != `{"code":404,"message":"Not Found"}`:
			t.Errorf("%s %s: %s", step.method, step.target, r.body)
		}
	}
	// Conditions and ranges are ignored: every answer is fresh and whole (R 6.1).
	r := a.app(t, "GET", "/v1/cat/c1", "", "If-None-Match", "*", "If-Modified-Since", "Thu, 26 Nov 2037 00:00:00 GMT", "Range", "bytes=0-5")
	if r.status != 200 || r.body[0] != '{' || r.header.Get("ETag")+r.header.Get("Last-Modified")+r.header.Get("Server")+r.header.Get("Set-Cookie") != "" {
		t.Errorf("a conditional request: %d %s %v", r.status, r.body, r.header)
	}
	// HEAD counts as GET, for permissions too, and has the headers of GET; it makes nothing.
	id, token := a.user(t, "u@router.test")
	a.grant(t, id, "cat", `["GET"]`)
	for target, status := range map[string]int{"/v1/cat/c1": 200, "/v1/cat": 200, "/v1/users/" + id: 200, "/v1/dog": 403, "/v1/cat/none": 404} {
		get, head := a.as(t, token, "GET", target, "", "Accept-Encoding", "identity"), a.as(t, token, "HEAD", target, "")
		if get.status != status || head.status != status || head.body != "" || status != 403 && head.header.Get("Content-Length") != get.header.Get("Content-Length") {
			t.Errorf("HEAD %s: %d %v, GET %d", target, head.status, head.header, get.status)
		}
	}
	owner := &tenant{endpoint, &client.Keys{AccessKey: "app:para", SecretKey: rootSecret}}
	owner.want(t, "HEAD", "/v1/_setup/fresh", "", 405)
	if body := owner.want(t, "GET", "/v1/_setup/fresh", "", 200); !strings.Contains(body, "secretKey") {
		t.Errorf("the app was made by HEAD, its keys are lost: %s", body)
	}
	for _, format := range []string{"", "?format=", "?format=%20", "?format=json"} {
		if r := ask(t, "GET", endpoint+"/v1/_config/options"+format, ""); r.header.Get("Content-Type") != "application/json" {
			t.Errorf("options%s: %s", format, r.header.Get("Content-Type"))
		}
	}
}
