package client

import (
	"context"
	"net/http"
	"net/url"
)

// IndexCheck is the result of CheckIndex.
type IndexCheck struct {
	Equal       bool     `json:"equal"`
	Objects     int64    `json:"objects"`     // that were compared
	Problems    int64    `json:"problems"`    // number of differences
	Differences []string `json:"differences"` // the first of them, in words
}

// CheckIndex compares the search index of an app with its objects while both are in use; RebuildIndex mends what differs. An
// empty app is the client's own; others need the keys of the root app. Only Go servers answer it.
func (c *Client) CheckIndex(ctx context.Context, app string) (*IndexCheck, error) {
	q := url.Values{}
	if app != "" {
		q.Set("app", app)
	}
	return answer[*IndexCheck](ctx, c, &call{method: http.MethodGet, path: c.t.api + "_reindex/check", query: q})
}

// Explanation tells how a server answered a search.
type Explanation struct {
	Filter string        `json:"filter"` // the query after analysis
	Micros int64         `json:"micros"` // microseconds
	Steps  []ExplainStep `json:"steps"`
}

// ExplainStep is one step of a search; What is indented by the steps it is a part of.
type ExplainStep struct {
	What   string `json:"what"`
	Found  int    `json:"found"`
	Micros int64  `json:"micros"`
}

// Explain runs a search as Find does and returns the story of it; for app keys only. Only Go servers tell it: from others it
// is nil.
func (c *Client) Explain(ctx context.Context, typ, query string, p *Pager) (*Explanation, error) {
	path, params := Path("search"), url.Values{"q": {query}, "explain": {"true"}}
	if typ != "" {
		path = Path(typ, "search")
	}
	r, err := answer[struct {
		Explain *Explanation `json:"explain"`
	}](ctx, c, &call{method: http.MethodGet, path: c.t.api + path, query: p.query(params), repeatable: true})
	if err != nil {
		return nil, err
	}
	return r.Explain, nil
}
