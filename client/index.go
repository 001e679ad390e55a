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
