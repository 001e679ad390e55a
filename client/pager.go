package client

import (
	"net/url"
	"strconv"
	"strings"
)

// Pager says which part of a list is wanted (R 16.1). A nil Pager, like the zero value, asks for the first 30 objects,
// the newest first.
type Pager struct {
	Page      int      // counted from 1; 0 is the first as well
	Limit     int      // objects per page; 0: the server's default of 30. The server caps it at 256
	SortBy    string   // field name; empty: timestamp
	Ascending bool     // the default is descending
	LastKey   string   // Page.LastKey of the page before: continue after it, in creation order
	Select    []string // members that the objects shall have; empty: all (D3)
}

// Page is one part of a list.
type Page[T any] struct {
	Items     []T    `json:"items"`
	TotalHits int64  `json:"totalHits"` // of the whole list
	Page      int    `json:"page"`
	LastKey   string `json:"lastKey"` // where the next page continues; empty when the engine gives none
}

// query adds the pager's parameters to others (K 1.4.4).
func (p *Pager) query(q url.Values) url.Values {
	if q == nil {
		q = url.Values{}
	}
	if p == nil {
		return q
	}
	if p.Page != 0 {
		q.Set("page", strconv.Itoa(p.Page))
	}
	if p.Limit != 0 {
		q.Set("limit", strconv.Itoa(p.Limit))
	}
	if p.SortBy != "" {
		q.Set("sort", p.SortBy)
	}
	q.Set("desc", strconv.FormatBool(!p.Ascending))
	if p.LastKey != "" {
		q.Set("lastKey", p.LastKey)
	}
	if len(p.Select) > 0 {
		q.Set("select", strings.Join(p.Select, ","))
	}
	return q
}
