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
