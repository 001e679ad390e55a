package engine

import (
	"context"
	"strings"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/access"
	"github.com/erudika/para-go/internal/functions"
)

var errNotFound = &para.Error{Code: para.NotFound, Message: "Not Found"}

// Read returns the object with an id as far as the principal may see it. pathType is the resolved type of the path, ""
// when the path names none (R 11.6, R 13.3, R 18).
func (e *Engine) Read(ctx context.Context, p access.Principal, pathType, id string) (access.Visible, error) {
	storage, key := e.storage(p.App, pathType, para.PathID(pathType, id))
	r, err := e.record(ctx, storage, key)
	if err != nil {
		return access.Visible{}, err
	}
	v, ok := p.See(r, pathType)
	if !ok {
		return access.Visible{}, errNotFound
	}
	return v, nil
}

// Exists returns NotFound unless the path leads the principal to an object.
func (e *Engine) Exists(ctx context.Context, p access.Principal, pathType, id string) error {
	storage, key := e.storage(p.App, pathType, para.PathID(pathType, id))
	r, err := e.record(ctx, storage, key)
	if err != nil {
		return err
	}
	if !p.Finds(r, pathType) {
		return errNotFound
	}
	return nil
}

// ReadAll returns the objects with these ids that exist and that the principal may see, each once, in the order of ids
// (R 15.2).
func (e *Engine) ReadAll(ctx context.Context, p access.Principal, ids []string) ([]access.Visible, error) {
	records, err := e.records(ctx, p.App.Identifier, unique(ids))
	if err != nil {
		return nil, err
	}
	return e.see(p, records), nil
}

func (e *Engine) see(p access.Principal, records []*para.Record) []access.Visible {
	out := make([]access.Visible, 0, len(records))
	for _, r := range records {
		if v, ok := p.See(r, ""); ok {
			out = append(out, v)
		}
	}
	return out
}

// record reads one record through the cache, nil when there is none.
func (e *Engine) record(ctx context.Context, storage, id string) (*para.Record, error) {
	r, generation := e.cache.get(storage, id)
	if r != nil {
		return r, nil
	}
	records, err := e.store.Get(ctx, storage, []string{id})
	if err != nil {
		e.noteDamage(storage, err)
		return nil, readFailure(ctx, err)
	}
	if r = records[0]; r != nil && cacheable(r) {
		e.cache.fill(storage, r, generation)
	}
	return r, nil
}

// records reads several records through the cache, in the order of ids, nil for missing ones.
func (e *Engine) records(ctx context.Context, storage string, ids []string) ([]*para.Record, error) {
	out := make([]*para.Record, len(ids))
	var missing []string
	var places []int
	var generations []uint64
	for i, id := range ids {
		r, generation := e.cache.get(storage, id)
		if r != nil {
			out[i] = r
			continue
		}
		missing, places, generations = append(missing, id), append(places, i), append(generations, generation)
	}
	if len(missing) == 0 {
		return out, nil
	}
	found, err := e.store.Get(ctx, storage, missing)
	if err != nil {
		e.noteDamage(storage, err)
		return nil, readFailure(ctx, err)
	}
	for j, r := range found {
		out[places[j]] = r
		if r != nil && cacheable(r) {
			e.cache.fill(storage, r, generations[j])
		}
	}
	return out, nil
}

// readFailure keeps a failed read apart from "not found" (D16).
func readFailure(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if para.CodeOf(err) == para.Internal {
		return &para.Error{Code: para.Unavailable, Op: "read", Err: err}
	}
	return err
}

// cacheable says whether a record may be kept in memory: objects with cached=false may not (O 4).
func cacheable(r *para.Record) bool { return para.CachedFlag(r.Data) }

func unique(ids []string) []string {
	seen := make(map[string]bool, len(ids))
	out := make([]string, 0, len(ids))
	for _, id := range ids {
		if id != "" && !seen[id] {
			seen[id] = true
			out = append(out, id)
		}
	}
	return out
}

// Found is a page of search results as far as the principal may see them.
type Found struct {
	Items   []access.Visible
	Total   int64
	LastKey int64 // DocID of the last hit before filtering; 0 when the page was empty
}

// Search answers a query (R 16, S 9). A total counts every match, also those the principal may not see, except that it
// is 0 when there were hits and all of them were filtered away (R 16.2).
func (e *Engine) Search(ctx context.Context, p access.Principal, q *para.Query) (*Found, error) {
	q, err := p.Narrow(q)
	if err != nil {
		return nil, err
	}
	page, err := e.ask(ctx, p.App.Identifier, q)
	if err != nil {
		return nil, err
	}
	return e.found(ctx, p, page)
}

// Explain is Search with the story of it, nil where the search engine cannot tell it.
func (e *Engine) Explain(ctx context.Context, p access.Principal, q *para.Query) (*Found, *para.Explanation, error) {
	index, ok := e.search.(para.Explainer)
	if !ok {
		f, err := e.Search(ctx, p, q)
		return f, nil, err
	}
	q, err := p.Narrow(q)
	if err != nil {
		return nil, nil, err
	}
	page, story, err := index.Explain(ctx, p.App.Identifier, q)
	if err != nil {
		e.searchFailed(ctx, p.App.Identifier, err)
		return nil, nil, err
	}
	f, err := e.found(ctx, p, page)
	return f, story, err
}

// found makes a page of records one of what the principal may see.
func (e *Engine) found(ctx context.Context, p access.Principal, page *para.Page) (*Found, error) {
	f := &Found{Total: page.Total}
	if len(page.Records) == 0 {
		return f, nil
	}
	records := page.Records
	f.LastKey = records[len(records)-1].DocID
	if records[0].Data == nil {
		ids := make([]string, len(records))
		for i, r := range records {
			ids[i] = r.ID
		}
		var err error
		if records, err = e.records(ctx, p.App.Identifier, ids); err != nil {
			return nil, err
		}
	}
	f.Items = e.see(p, records)
	if len(f.Items) == 0 {
		f.Total = 0
	}
	return f, nil
}

// Count returns how many objects of an app match, "" for all types (R 18 _types, S 6).
func (e *Engine) Count(ctx context.Context, p access.Principal, typ string) (int64, error) {
	page, err := e.search.Search(ctx, p.App.Identifier, &para.Query{Type: typ})
	if err != nil {
		return 0, err
	}
	return page.Total, nil
}

// Text returns the values of an object's fields without symbols, joined by blanks: what similar objects are looked for with
// (R 16.4). Of lists the first element counts.
func (e *Engine) Text(ctx context.Context, p access.Principal, id string, fields []string) (string, error) {
	r, err := e.record(ctx, p.App.Identifier, id)
	if err != nil {
		return "", err
	}
	if _, ok := p.See(r, ""); !ok {
		return "", errNotFound
	}
	o, err := para.DecodeObject(r.Data)
	if err != nil {
		return "", para.Wrap(para.Corrupt, "read "+id, err)
	}
	var parts []string
	for _, name := range fields {
		raw, ok := o.Lookup(name)
		if !ok || p.Hides(o.Type(), name) {
			continue
		}
		if items := para.JSONElements(raw); len(items) > 0 {
			raw = items[0]
		}
		if text := functions.StripAndTrim(para.JSONText(raw), "", false); text != "" {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, " "), nil
}
