package rest_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/erudika/para-go/client"
	"github.com/erudika/para-go/internal/sigv4"
)

// TestExplainRefusedWrites sends writes that break rules: with explain=true the answer names each rule for programs too,
// without it there is no further member.
func TestExplainRefusedWrites(t *testing.T) {
	endpoint, root := start(t)
	keys, err := root.SetupApp(t.Context(), "explains", client.NewApp{})
	if err != nil {
		t.Fatal(err)
	}
	send := func(method, path, body string, want int) map[string]json.RawMessage {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, endpoint+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		cred := sigv4.Credentials{AccessKey: keys.AccessKey, Secret: keys.SecretKey}
		if err := sigv4.SignHash(r, cred, sigv4.HashBody([]byte(body)), time.Now()); err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		var answer map[string]json.RawMessage
		if res.StatusCode != want || want != 200 && json.NewDecoder(res.Body).Decode(&answer) != nil {
			t.Fatalf("%s %s: %d, want %d", method, path, res.StatusCode, want)
		}
		return answer
	}
	send("PUT", "/v1/_constraints/cat/age/max", `{"value":30}`, 200)
	send("PUT", "/v1/_constraints/cat/owner/required", `{}`, 200)
	const body = `{"type":"cat","name":"Tom","age":31}`
	plain := send("POST", "/v1/cat", body, 400)
	if len(plain) != 2 {
		t.Errorf("without explain the answer has the members %v", plain)
	}
	explained := send("POST", "/v1/cat?explain=true", body, 400)
	if string(explained["message"]) != string(plain["message"]) {
		t.Errorf("the message changed to %s", explained["message"])
	}
	var problems []struct {
		Field, Rule, Message string
		Value                json.RawMessage
	}
	if err := json.Unmarshal(explained["errors"], &problems); err != nil || len(problems) != 2 {
		t.Fatalf("errors is %s", explained["errors"])
	}
	for _, p := range problems {
		value := map[string]string{"age": "31", "owner": ""}[p.Field]
		rule := map[string]string{"age": "max", "owner": "required"}[p.Field]
		if p.Rule != rule || string(p.Value) != value || !strings.Contains(string(plain["message"]), p.Message) {
			t.Errorf("problem %+v", p)
		}
	}
}

// Every refusal of a write that an admin can do something about names the member and the rule when it is asked for; users
// get no more than the text (D16).
func TestExplainNamesMemberAndRule(t *testing.T) {
	endpoint, root := start(t)
	a := newTenant(t, endpoint, root, "reasons")
	id, token := a.user(t, "u@reasons.test")
	_, admin := a.user(t, "admin@reasons.test")
	a.want(t, "PUT", "/v1/cat/c1", `{"version":3}`, 200)
	a.want(t, "PUT", "/v1/_constraints/cat/color/pattern", `{"value":"[a-z]+"}`, 200)
	a.grant(t, "*", "*", `["*"]`)
	for _, step := range []struct {
		method, target, body string
		status               int
		message, field, rule string
		value                string
	}{
		{"POST", "/v1/cat", `{"color":"RED"}`, 400, "color doesn't match", "color", "pattern", `"RED"`},
		{"POST", "/v1/cat", `{"tags":"x"}`, 400, "Failed to create object.", "tags", "type", `"x"`},
		{"PUT", "/v1/cat/c2", `{"tags":5}`, 400, "Failed to overwrite object.", "tags", "type", `5`},
		{"PATCH", "/v1/cat/c1", `{"tags":{}}`, 400, `the member "tags"`, "tags", "type", `{}`},
		{"POST", "/v1/cat", `{"type":7}`, 400, `the member "type"`, "type", "type", `7`},
		{"PATCH", "/v1/cat/c1", `{"version":2}`, 412, "Update failed due to 'version' mismatch.", "version", "version", `2`},
		{"POST", "/v1/user", `{"identifier":"u@reasons.test","email":"u@reasons.test"}`, 400, "Bad Request", "identifier", "unique", ""},
		{"POST", "/v1/webhook", `{"targetUrl":"http://a.test","triggeredEvent":"e"}`, 400, "'customPayload' must not be null", "customPayload", "required", ""},
		{"POST", "/v1/app", `{"id":"x"}`, 400, "Failed to create object.", "type", "app", ""},
		{"PUT", "/v1/_constraints/cat/x/pattern", `{"value":"["}`, 400, "Invalid pattern.", "x", "pattern", `"["`},
	} {
		plain := a.app(t, step.method, step.target, step.body)
		if plain.status != step.status || strings.Contains(plain.body, `"errors"`) {
			t.Errorf("%s %s without explain: %d %s", step.method, step.target, plain.status, plain.body)
		}
		r := a.app(t, step.method, step.target+"?explain=true", step.body)
		var answer struct {
			Code    int
			Message string
			Errors  []struct {
				Field, Rule, Message string
				Value                json.RawMessage
			}
		}
		if err := json.Unmarshal([]byte(r.body), &answer); err != nil || answer.Code != step.status || len(answer.Errors) != 1 {
			t.Errorf("%s %s: %d %s", step.method, step.target, r.status, r.body)
			continue
		}
		e := answer.Errors[0]
		if !strings.HasPrefix(answer.Message, step.message) || e.Field != step.field || e.Rule != step.rule || string(e.Value) != step.value || e.Message == "" {
			t.Errorf("%s %s: %s", step.method, step.target, r.body)
		}
		if r := a.as(t, token, step.method, step.target+"?explain=true", step.body); strings.Contains(r.body, `"errors"`) {
			t.Errorf("%s %s: a user is told %s", step.method, step.target, r.body)
		}
	}
	a.want(t, "PATCH", "/v1/user/"+id, `{"name":"U"}`, 200)
	var page struct{ Items []struct{ ID string } }
	if err := json.Unmarshal([]byte(a.want(t, "GET", "/v1/users?q=email:%22admin@reasons.test%22", "", 200)), &page); err != nil || len(page.Items) != 1 {
		t.Fatalf("the admin is not found: %v", page)
	}
	a.want(t, "PUT", "/v1/user/"+page.Items[0].ID, `{"identifier":"admin@reasons.test","email":"admin@reasons.test","groups":"admins","active":true}`, 200)
	for _, step := range []struct{ method, target, body, want string }{
		{"POST", "/v1/cat", `{"color":"RED"}`, `"rule":"pattern"`},
		{"PUT", "/v1/dog/c1", `{}`, `"rule":"taken"`},
	} {
		if r := a.as(t, admin, step.method, step.target+"?explain=1", step.body); r.status != 400 || !strings.Contains(r.body, step.want) {
			t.Errorf("%s %s as an admin: %d %s", step.method, step.target, r.status, r.body)
		}
	}
}
