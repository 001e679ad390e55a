package client

import (
	"context"
	"iter"

	para "github.com/erudika/para-go"
)

// Fetch returns one page of a list; every method that takes a Pager can be wrapped in one.
type Fetch[T any] func(ctx context.Context, p *Pager) (*Page[T], error)

// All goes through all objects of a type that match a query, in creation order; an empty query matches everything.
//
//	for cat, err := range c.All(ctx, "cat", "age:[2 TO *]") { … }
func (c *Client) All(ctx context.Context, typ, query string) iter.Seq2[*para.Object, error] {
	return AllAs[*para.Object](ctx, c, typ, query)
}

// AllAs is All for a type of the program.
func AllAs[T any](ctx context.Context, c *Client, typ, query string) iter.Seq2[T, error] {
	return Each(ctx, 0, func(ctx context.Context, p *Pager) (*Page[T], error) {
		return FindAs[T](ctx, c, typ, query, p)
	})
}

// Each goes through a list in creation order, pageSize objects at a time (0: 100). It ends with the first page that does
// not say where another one begins, or with an error.
func Each[T any](ctx context.Context, pageSize int, fetch Fetch[T]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		p := &Pager{Page: 1, SortBy: "_docid", Ascending: true, Limit: firstPositive(pageSize, 100)}
		for {
			page, err := fetch(ctx, p)
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, item := range page.Items {
				if !yield(item, nil) {
					return
				}
			}
			// Items that the caller may not see are left out by the server, so an empty page need not be the last one.
			if page.LastKey == "" || page.LastKey == p.LastKey {
				return
			}
			p.LastKey = page.LastKey
		}
	}
}

// PatchEverything reads a whole list, asks change for the members to change of each object (nil: none), and then writes
// them in batches of batchSize (0: 100). It returns how many objects were changed. The elements that change returns need
// the member "id"; reading ends before writing begins, so that no object is met twice (K 1.7).
func PatchEverything[T any](ctx context.Context, c *Client, fetch Fetch[T], change func(T) map[string]any, batchSize int) (int, error) {
	var changes []map[string]any
	for item, err := range Each(ctx, 0, fetch) {
		if err != nil {
			return 0, err
		}
		if ch := change(item); len(ch) > 0 {
			changes = append(changes, ch)
		}
	}
	size, changed := firstPositive(batchSize, 100), 0
	for len(changes) > 0 {
		n := min(size, len(changes))
		list, err := c.PatchAll(ctx, changes[:n])
		changed += len(list)
		if err != nil {
			return changed, err
		}
		changes = changes[n:]
	}
	return changed, nil
}
