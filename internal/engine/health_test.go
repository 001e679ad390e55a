package engine

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/backend/sqlite"
	"github.com/erudika/para-go/internal/access"
	"github.com/erudika/para-go/internal/analysis"
)

// failingSearch is a store whose searches in one app fail for a while.
type failingSearch struct {
	*sqlite.Store
	app string
	err atomic.Pointer[para.Error]
}

func (f *failingSearch) Search(ctx context.Context, app string, q *para.Query) (*para.Page, error) {
	if err := f.err.Load(); err != nil && app == f.app {
		return nil, err
	}
	return f.Store.Search(ctx, app, q)
}

// withFailingSearch is an engine with an app kid whose searches can be made to fail, and the app as a caller.
func withFailingSearch(t *testing.T) (*Engine, *failingSearch, access.Principal) {
	t.Helper()
	store, err := sqlite.Open(sqlite.Options{Dir: t.TempDir(), RootApp: "para", Durability: sqlite.Relaxed})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	search := &failingSearch{Store: store, app: "kid"}
	e, err := Open(t.Context(), Options{Store: store, Search: search, RootApp: "para", Document: analysis.Document})
	if err != nil {
		t.Fatal(err)
	}
	app, err := e.NewApp(t.Context(), NewApp{ID: "kid"})
	if err != nil {
		t.Fatal(err)
	}
	return e, search, access.Principal{Kind: access.App, App: app}
}

// TestHealthAfterFailedSearches turns health bad with the first search that the engine could not answer, and good again with
// the first check that finds the app searchable (D55). Queries that are refused, and callers who go away, are no failures.
func TestHealthAfterFailedSearches(t *testing.T) {
	e, search, p := withFailingSearch(t)
	ask := func(ctx context.Context) error {
		_, err := e.Search(ctx, p, &para.Query{Limit: 1})
		return err
	}
	if err := ask(t.Context()); err != nil || len(e.Healthy()) != 0 {
		t.Fatalf("at first: %v, failed %q", err, e.Healthy())
	}
	for _, code := range []para.Code{para.TooLarge, para.Busy, para.Invalid} {
		search.err.Store(&para.Error{Code: code})
		if err := ask(t.Context()); err == nil || len(e.Healthy()) != 0 {
			t.Errorf("a search refused with %s: %v, failed %q", code, err, e.Healthy())
		}
	}
	search.err.Store(&para.Error{Code: para.Corrupt, Err: errors.New("broken")})
	gone, leave := context.WithCancel(t.Context())
	leave()
	if err := ask(gone); err == nil || len(e.Healthy()) != 0 {
		t.Errorf("a search whose caller is gone: %v, failed %q", err, e.Healthy())
	}
	if err := ask(t.Context()); err == nil || !slices.Equal(e.Healthy(), []string{"Search"}) {
		t.Errorf("a failed search: %v, failed %q", err, e.Healthy())
	}
	e.CheckHealth(t.Context())
	if !slices.Equal(e.Healthy(), []string{"Search"}) {
		t.Errorf("after a check while it lasts: failed %q", e.Healthy())
	}
	search.err.Store(nil)
	e.CheckHealth(t.Context())
	if len(e.Healthy()) != 0 {
		t.Errorf("after a check when it is over: failed %q", e.Healthy())
	}
}
