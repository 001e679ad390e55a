package engine

import (
	"context"

	para "github.com/erudika/para-go"
)

// SearchError is a failure of the search engine, apart from one of the store that objects are read from: lists show the first
// as an empty page (D55), the second as what it is (D16). It unwraps to what happened.
type SearchError struct{ Err error }

func (e *SearchError) Error() string { return "search: " + e.Err.Error() }

func (e *SearchError) Unwrap() error { return e.Err }

// ask asks the search engine about an app. Its failures are noted for the health and returned as *SearchError.
func (e *Engine) ask(ctx context.Context, app string, q *para.Query) (*para.Page, error) {
	page, err := e.search.Search(ctx, app, q)
	if err != nil {
		e.searchFailed(ctx, app, err)
		return nil, &SearchError{err}
	}
	return page, nil
}
