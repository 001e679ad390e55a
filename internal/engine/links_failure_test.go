package engine

import (
	"errors"
	"testing"

	para "github.com/erudika/para-go"
)

// TestLinksWithoutSearch keeps a search engine that fails apart from objects that are not there or cannot be read: the first is a
// SearchError and makes the server unhealthy (D16, D55).
func TestLinksWithoutSearch(t *testing.T) {
	e, search, p := withFailingSearch(t)
	search.err.Store(&para.Error{Code: para.Corrupt, Err: errors.New("broken")})
	named := para.Term{Scope: para.Scope{Name: "name"}, Text: "x"}
	here, nowhere := para.AppID("kid"), "nobody"
	for _, c := range []struct {
		what string
		find func() error
		want bool
	}{
		{"links", func() error {
			_, err := e.Links(t.Context(), p, LinkSearch{PathType: "app", ID: here, Type2: "cat"})
			return err
		}, true},
		{"links with a query", func() error {
			_, err := e.Links(t.Context(), p, LinkSearch{PathType: "app", ID: here, Type2: "cat", Filter: named})
			return err
		}, true},
		{"children", func() error {
			_, err := e.Children(t.Context(), p, LinkSearch{PathType: "app", ID: here, Type2: "cat"})
			return err
		}, true},
		{"links of nothing", func() error {
			_, err := e.Links(t.Context(), p, LinkSearch{PathType: "cat", ID: nowhere, Type2: "cat"})
			return err
		}, false},
	} {
		err := c.find()
		var failed *SearchError
		if err == nil || errors.As(err, &failed) != c.want {
			t.Errorf("%s: %v", c.what, err)
		}
		if c.want && para.CodeOf(err) != para.Corrupt {
			t.Errorf("%s: code %s", c.what, para.CodeOf(err))
		}
	}
	if failed := e.Healthy(); len(failed) != 1 || failed[0] != "Search" {
		t.Errorf("failed %q", failed)
	}
}
