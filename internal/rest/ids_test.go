package rest_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/client"
)

// Every object that can be made can be reached by a path: ids that no path can hold are refused, whatever else they are made
// of is accepted (O 3.1, D8).
func TestIDsThatNoPathCanHold(t *testing.T) {
	endpoint, root := startWith(t)
	app := newApp(t, endpoint, root, "ids")
	cat := func(id string) *para.Object {
		o := para.New("cat")
		o.SetName("Tom")
		o.SetID(id)
		return o
	}
	for _, id := range []string{".", "..", "\x00", "a\x00b"} {
		err := app.Do(t.Context(), http.MethodPost, "cat", nil, cat(id), nil)
		var refused *client.Error
		if !errors.As(err, &refused) || refused.Status != http.StatusBadRequest || !strings.Contains(err.Error(), "no path can name") {
			t.Errorf("POST of %q: %v", id, err)
		}
		made, _ := app.CreateAll(t.Context(), []*para.Object{cat(id), cat("good")})
		if len(made) != 1 || made[0].ID() != "good" {
			t.Errorf("batch with %q: %v", id, made)
		}
	}
	for _, id := range []string{"...", ".a", "a/b", "\x01", "\x7f", "a b", "ä:%2F"} {
		if _, err := app.Create(t.Context(), cat(id)); err != nil {
			t.Errorf("POST of %q: %v", id, err)
			continue
		}
		o, err := app.Read(t.Context(), "cat", id)
		if err != nil || o == nil || o.ID() != id {
			t.Errorf("GET of %q (%s): %v %v", id, url.PathEscape(id), o, err)
		}
	}
}
