package rest

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/access"
	"github.com/erudika/para-go/internal/engine"
	"github.com/erudika/para-go/internal/query"
)

// pager are the parameters of R 16.1, within their limits.
type pager struct {
	page    int64
	limit   int
	sort    string
	desc    bool
	lastKey string
}

func (h *Handler) pager(q params) pager {
	p := pager{limit: h.opts.DefaultLimit, sort: q.get("sort"), desc: q.yes("desc", true), lastKey: q.get("lastKey")}
	if n, ok := integer(q.get("page")); ok {
		p.page = min(n, h.opts.MaxPages)
	}
	if n, ok := integer(q.get("limit")); ok {
		p.limit = int(min(n, int64(h.opts.MaxLimit)))
	}
	return p
}

// integer reads a whole number without its sign.
func integer(s string) (int64, bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n == -1<<63 {
		return 0, false
	}
	return max(n, -n), true
}

// search answers every list and search route (R 16.3, S 9).
func (h *Handler) search(ctx context.Context, c *call) (*answer, error) {
	typ, kind := h.searchTarget(c)
	p := h.pager(c.query)
	q, err := h.buildQuery(ctx, c, typ, kind)
	if err != nil {
		return nil, err
	}
	if q == nil {
		return h.envelope(p, &engine.Found{}, true)
	}
	if c.p.Kind != access.App {
		// Looking up ids ignores the type, but permissions are granted on it: users and guests get objects of no other one (D27).
		q.Type = typ
	}
	keys := kind != "id" && kind != "ids" && !(kind == "nearby" && typ == "address")
	if err := p.apply(q, kind); err != nil {
		return h.envelope(p, &engine.Found{}, keys)
	}
	if explaining(c) {
		return h.explain(ctx, c, p, q, keys)
	}
	found, err := h.eng.Search(ctx, c.p, q)
	if err != nil {
		return h.searchFailed(ctx, c, p, err)
	}
	return h.envelope(p, found, keys)
}

// searchFailed answers a search that the engine could not run: queries beyond their budget, and searches that found no
// place among too many others, are told (D129); a broken engine gives an empty page (D55).
func (h *Handler) searchFailed(ctx context.Context, c *call, p pager, err error) (*answer, error) {
	switch para.CodeOf(err) {
	case para.Invalid, para.TooLarge, para.NotFound, para.Busy, para.Denied:
		return nil, err
	}
	if ctx.Err() != nil {
		return nil, err
	}
	h.log.ErrorContext(ctx, "search failed", "path", c.uri, "app", appOf(c.p), "error", err)
	return h.envelope(p, &engine.Found{}, true)
}

// searchTarget finds type and kind of a search (R 16.3).
func (h *Handler) searchTarget(c *call) (typ, kind string) {
	kind = "default"
	segments := c.segments
	if segments[0] == "search" {
		if len(segments) == 3 {
			segments = segments[1:] // /search/search/{querytype}: the type "search" is none
		}
	} else {
		typ = para.CleanType(c.p.App.ResolveType(segments[0]))
		segments = segments[1:]
	}
	if len(segments) > 1 {
		kind = segments[1]
	}
	if typ == "" {
		typ = c.p.App.ResolveType(c.query.get("type"))
	}
	if c.query.has("querytype") {
		kind = c.query.get("querytype")
	}
	return typ, kind
}

// buildQuery makes the query of a kind; nil stands for one that finds nothing.
func (h *Handler) buildQuery(ctx context.Context, c *call, typ, kind string) (*para.Query, error) {
	get := c.query.get
	if id, ok := strings.CutPrefix(get("like"), "id:"); ok && kind == "similar" {
		like, err := h.likeObject(ctx, c, id)
		if err != nil {
			return nil, err
		}
		get = func(name string) string {
			if name == "like" {
				return like
			}
			return c.query.get(name)
		}
	}
	q := query.Params{
		Type: typ, Kind: kind, Separator: h.opts.Separator,
		Get: get, Has: c.query.has, All: c.query.all,
		MatchAll: c.query.yes("matchall", true),
	}
	built, err := query.Build(q)
	if err != nil {
		return nil, h.badQuery(c, err)
	}
	return built, nil
}

// likeObject is the text that objects similar to another one are looked for with: the values of its fields without
// symbols, or the parameter itself when there is no such object (R 16.4, S 13).
func (h *Handler) likeObject(ctx context.Context, c *call, id string) (string, error) {
	text, err := h.eng.Text(ctx, c.p, id, c.query.all("fields"))
	if para.CodeOf(err) == para.NotFound {
		return c.query.get("like"), nil
	}
	return text, err
}

// badQuery is the 400 of S 9.2.
func (h *Handler) badQuery(c *call, err error) error {
	if para.CodeOf(err) == para.TooLarge {
		return err
	}
	message := "Invalid query string syntax q=" + c.query.get("q") + " in request " + c.r.Method + " " + c.uri
	if explaining(c) {
		message += ": " + err.Error()
	}
	return &para.Error{Code: para.Invalid, Err: err, Message: message}
}

// apply puts the pager into a query (S 8).
func (p pager) apply(q *para.Query, kind string) error {
	if kind == "id" || kind == "ids" {
		q.Limit = maxIDs
		q.Sort = []para.SortKey{{Field: "timestamp", Desc: true}}
		return nil
	}
	if kind == "count" || q.Limit < 0 {
		q.Limit = 0
		return nil
	}
	q.Limit, q.Desc = p.limit, p.desc
	if p.page <= 1 && strings.TrimSpace(p.lastKey) != "" {
		n, err := strconv.ParseInt(p.lastKey, 10, 64)
		if err != nil {
			return err
		}
		n = max(n, keyBase) - keyBase
		q.After = &n
		return nil
	}
	if p.page > 1 {
		q.Offset = int(p.page-1) * p.limit
	}
	q.Sort = sortKeys(p.sort, p.desc)
	return nil
}

// keyBase is added to DocIDs in lastKey, so that there are numbers before the first one: clients may make up a cursor that
// stands before everything.
const keyBase = 1 << 40

// maxIDs bounds the answer of a search by ids; a request line holds fewer.
const maxIDs = 10_000

// sortKeys reads the parameter sort: fields separated by commas, each may end in :asc or :desc (S 8.3, T6).
func sortKeys(sort string, desc bool) []para.SortKey {
	if strings.TrimSpace(sort) == "" {
		sort = "timestamp"
	}
	var keys []para.SortKey
	for _, part := range strings.Split(sort, ",") {
		k := para.SortKey{Field: strings.TrimSpace(part), Desc: desc}
		if f, ok := strings.CutSuffix(k.Field, ":asc"); ok {
			k.Field, k.Desc = strings.TrimSpace(f), false
		} else if f, ok := strings.CutSuffix(k.Field, ":desc"); ok {
			k.Field, k.Desc = strings.TrimSpace(f), true
		}
		if k.Field != "" {
			keys = append(keys, k)
		}
	}
	return keys
}

// envelope is the answer of lists and searches (R 16.2).
func (h *Handler) envelope(p pager, found *engine.Found, keys bool) (*answer, error) {
	b := make([]byte, 0, 64+700*len(found.Items))
	b, err := h.visibles(append(b, `{"items":`...), found.Items)
	if err != nil {
		return nil, err
	}
	last := ""
	switch {
	case !keys:
		last = p.lastKey
	case found.LastKey > 0:
		last = strconv.FormatInt(found.LastKey+keyBase, 10)
	default:
		last = p.lastKey
	}
	if strings.TrimSpace(last) != "" {
		b = append(b, `,"lastKey":`...)
		b = para.AppendJSONString(b, last)
	}
	b = append(b, `,"page":`...)
	b = strconv.AppendInt(b, p.page, 10)
	b = append(b, `,"totalHits":`...)
	b = strconv.AppendInt(b, min(found.Total, 1<<31-1), 10)
	return &answer{status: http.StatusOK, typ: typeJSON, body: append(b, '}')}, nil
}
