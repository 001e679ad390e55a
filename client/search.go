package client

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"

	para "github.com/erudika/para-go"
)

// Match says how the terms of FindTerms are combined.
type Match bool

// Ways to combine terms.
const (
	MatchAll Match = true
	MatchAny Match = false
)

// Find returns the objects of a type that match a query (S 11); an empty query matches everything, an empty type means
// all types.
func (c *Client) Find(ctx context.Context, typ, query string, p *Pager) (*Page[*para.Object], error) {
	return FindAs[*para.Object](ctx, c, typ, query, p)
}

// FindAs is Find for a type of the program.
func FindAs[T any](ctx context.Context, c *Client, typ, query string, p *Pager) (*Page[T], error) {
	params := url.Values{}
	if query != "" { // a blank q finds nothing (D48)
		params.Set("q", query)
	}
	return SearchAs[T](ctx, c, typ, "default", params, p)
}

// SearchAs runs a search of any kind with its own parameters (K 1.6.3, R 16.4) for a type of the program; the other
// methods are made of it.
func SearchAs[T any](ctx context.Context, c *Client, typ, kind string, params url.Values, p *Pager) (*Page[T], error) {
	params = maps.Clone(params)
	if params == nil {
		params = url.Values{}
	}
	path := Path("search", kind)
	if typ != "" {
		path = Path(typ, "search", kind)
		params.Set("type", typ)
	}
	return answer[*Page[T]](ctx, c, &call{method: http.MethodGet, path: c.t.api + path, query: p.query(params), repeatable: true})
}

func (c *Client) search(ctx context.Context, typ, kind string, params url.Values, p *Pager) (*Page[*para.Object], error) {
	return SearchAs[*para.Object](ctx, c, typ, kind, params, p)
}

// FindByID returns the object with an id from the search index; ErrNotFound when there is none.
func (c *Client) FindByID(ctx context.Context, id string) (*para.Object, error) {
	page, err := c.search(ctx, "", "id", url.Values{"id": {id}}, nil)
	if err != nil {
		return nil, err
	}
	if len(page.Items) == 0 {
		return nil, fmt.Errorf("client: find object %q: %w", id, ErrNotFound)
	}
	return page.Items[0], nil
}

// FindByIDs returns the objects with the given ids from the search index.
func (c *Client) FindByIDs(ctx context.Context, ids []string) (*Page[*para.Object], error) {
	return c.search(ctx, "", "ids", url.Values{"ids": ids}, nil)
}

// FindNearby returns objects within a radius of kilometres around a point given in degrees.
func (c *Client) FindNearby(ctx context.Context, typ, query string, radiusKM int, lat, lng float64, p *Pager) (*Page[*para.Object], error) {
	params := url.Values{
		"latlng": {strconv.FormatFloat(lat, 'f', -1, 64) + "," + strconv.FormatFloat(lng, 'f', -1, 64)},
		"radius": {strconv.Itoa(radiusKM)},
	}
	if query != "" {
		params.Set("q", query)
	}
	return c.search(ctx, typ, "nearby", params, p)
}

// FindPrefix returns objects of which a field begins with a text.
func (c *Client) FindPrefix(ctx context.Context, typ, field, prefix string, p *Pager) (*Page[*para.Object], error) {
	return c.search(ctx, typ, "prefix", url.Values{"field": {field}, "prefix": {prefix}}, p)
}

// FindNested returns objects of which an embedded object (nstd) matches a query on a field.
func (c *Client) FindNested(ctx context.Context, typ, field, query string, p *Pager) (*Page[*para.Object], error) {
	return c.search(ctx, typ, "nested", url.Values{"field": {field}, "q": {query}}, p)
}

// FindSimilar returns objects whose fields are like a text, or like another object when the text is "id:" and its id.
// The object with the id filterID is left out.
func (c *Client) FindSimilar(ctx context.Context, typ, filterID string, fields []string, like string, p *Pager) (*Page[*para.Object], error) {
	return c.search(ctx, typ, "similar", url.Values{"fields": fields, "filterid": {filterID}, "like": {like}}, p)
}

// FindTagged returns objects that have all the tags.
func (c *Client) FindTagged(ctx context.Context, typ string, tags []string, p *Pager) (*Page[*para.Object], error) {
	return c.search(ctx, typ, "tagged", url.Values{"tags": tags}, p)
}

// FindTags returns the tags that begin with a keyword.
func (c *Client) FindTags(ctx context.Context, keyword string, p *Pager) (*Page[*para.Object], error) {
	return c.FindWildcard(ctx, "tag", "tag", keyword+"*", p)
}

// FindIn returns objects of which a field equals one of the terms.
func (c *Client) FindIn(ctx context.Context, typ, field string, terms []string, p *Pager) (*Page[*para.Object], error) {
	return c.search(ctx, typ, "in", url.Values{"field": {field}, "terms": terms}, p)
}

// FindTerms returns objects by the values of fields. A field name may end in an operator: "age >".
func (c *Client) FindTerms(ctx context.Context, typ string, terms map[string]any, match Match, p *Pager) (*Page[*para.Object], error) {
	params := termParams(terms)
	if len(params) == 0 {
		return nil, errors.New("client: find terms: at least one term is needed")
	}
	params.Set("matchall", strconv.FormatBool(bool(match)))
	return c.search(ctx, typ, "terms", params, p)
}

// FindWildcard returns objects of which a field matches a pattern with * and ?.
func (c *Client) FindWildcard(ctx context.Context, typ, field, pattern string, p *Pager) (*Page[*para.Object], error) {
	return c.search(ctx, typ, "wildcard", url.Values{"field": {field}, "q": {pattern}}, p)
}

// Count returns the number of objects of a type, of all objects when the type is empty.
func (c *Client) Count(ctx context.Context, typ string) (int64, error) {
	return total(c.search(ctx, typ, "count", url.Values{}, nil))
}

// CountTerms returns the number of objects that FindTerms with MatchAll would find; 0 without terms.
func (c *Client) CountTerms(ctx context.Context, typ string, terms map[string]any) (int64, error) {
	params := termParams(terms)
	if len(params) == 0 {
		return 0, nil
	}
	params.Set("count", "true")
	return total(c.search(ctx, typ, "terms", params, nil))
}

func total[T any](page *Page[T], err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return page.TotalHits, nil
}

// termParams encodes terms as "field:value"; nil values are left out.
func termParams(terms map[string]any) url.Values {
	params := url.Values{}
	for field, value := range terms {
		if value != nil {
			params.Add("terms", field+":"+fmt.Sprint(value))
		}
	}
	return params
}
