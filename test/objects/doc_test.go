// Package objects tests the contract of objects through HTTP with inputs that the recordings of the Java server do not
// hold (O 2 to O 7, O 11, O 12, O 16, O 18).
package objects

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/erudika/para-go/internal/servertest"
)

// app is an app of a test.
type app struct{ *servertest.App }

func newApp(t *testing.T) app {
	t.Helper()
	return app{servertest.Start(t).NewApp(t, "kid")}
}

// want sends a request and checks the status; the answer comes back decoded, nil when it is no JSON.
func (a app) want(t *testing.T, status int, method, target, body string) any {
	t.Helper()
	got, text := a.Send(t, method, target, body)
	if got != status {
		t.Errorf("%s %s %.100s: %d %.300s, want %d", method, target, body, got, text, status)
	}
	var v any
	if json.Unmarshal([]byte(text), &v) != nil {
		return nil
	}
	return v
}

// object is want for an answer that is an object.
func (a app) object(t *testing.T, status int, method, target, body string) map[string]any {
	t.Helper()
	o, _ := a.want(t, status, method, target, body).(map[string]any)
	return o
}

// ids sends a GET and returns the ids of the page and the total.
func (a app) ids(t *testing.T, target string) (string, float64) {
	t.Helper()
	o := a.object(t, http.StatusOK, "GET", target, "")
	var ids []string
	items, _ := o["items"].([]any)
	for _, x := range items {
		id, _ := x.(map[string]any)["id"].(string)
		ids = append(ids, id)
	}
	total, _ := o["totalHits"].(float64)
	return strings.Join(ids, " "), total
}

func asJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

func segment(s string) string { return url.PathEscape(s) }
