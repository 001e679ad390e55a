package rest

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/engine"
	"github.com/erudika/para-go/internal/query"
)

// link answers POST and PUT /{type}/{id}/links/{id2} (R 17).
func (h *Handler) link(ctx context.Context, c *call) (*answer, error) {
	id, err := h.eng.Link(ctx, c.p, c.typeAt(0), c.seg(1), c.seg(3))
	if err != nil {
		return nil, err
	}
	return bodyText(id), nil
}

// isLinked answers GET /{type}/{id}/links/{type2}/{id2}.
func (h *Handler) isLinked(ctx context.Context, c *call) (*answer, error) {
	linked, err := h.eng.IsLinked(ctx, c.p, c.typeAt(0), c.seg(1), c.typeAt(3), c.seg(4))
	if err != nil {
		return nil, err
	}
	return bodyText(strconv.FormatBool(linked)), nil
}

// links answers GET /{type}/{id}/links/{type2}: linked objects, or with childrenonly the children (R 17, D40).
func (h *Handler) links(ctx context.Context, c *call) (*answer, error) {
	p := h.pager(c.query)
	s := engine.LinkSearch{
		PathType: c.typeAt(0),
		ID:       c.seg(1),
		Type2:    c.typeAt(3),
	}
	children := c.query.has("childrenonly")
	filter, err := h.linkFilter(c, children)
	if err != nil {
		return nil, err
	}
	s.Filter = filter
	kind := "default"
	if c.query.has("count") {
		kind = "count"
	}
	if err := p.apply(&s.Query, kind); err != nil {
		return h.envelope(p, &engine.Found{}, true)
	}
	find := h.eng.Links
	if children {
		find = h.eng.Children
	}
	found, err := find(ctx, c.p, s)
	var failed *engine.SearchError
	if errors.As(err, &failed) { // and not the store, which is asked whether the object is there (D16)
		return h.searchFailed(ctx, c, p, err)
	}
	if err != nil {
		return nil, err
	}
	return h.envelope(p, found, true)
}

// linkFilter is what a link route asks of the objects it lists: a field with a value, or a query (D40).
func (h *Handler) linkFilter(c *call, children bool) (para.Filter, error) {
	field, term, q := c.query.get("field"), c.query.get("term"), c.query.get("q")
	if children && c.query.has("field") && c.query.has("term") && strings.TrimSpace(field) != "" && strings.TrimSpace(term) != "" {
		if field == "parentid" {
			return nil, nil // the parent is what the path says
		}
		return query.Exact(field, term), nil
	}
	if strings.TrimSpace(q) == "" || strings.TrimSpace(q) == "*" {
		return nil, nil
	}
	if children {
		field = ""
	}
	f, err := query.Parse(q, field)
	if err != nil {
		return nil, h.badQuery(c, err)
	}
	return f, nil
}

// unlink answers DELETE /{type}/{id}/links/{type2}/{id2}.
func (h *Handler) unlink(ctx context.Context, c *call) (*answer, error) {
	if err := h.eng.Unlink(ctx, c.p, c.typeAt(0), c.seg(1), c.typeAt(3), c.seg(4)); err != nil {
		return nil, err
	}
	return empty(), nil
}

// unlinkAll answers DELETE /{type}/{id}/links, and …/links/{type2} for one type or with childrenonly for the children
// (D38).
func (h *Handler) unlinkAll(ctx context.Context, c *call) (*answer, error) {
	pathType, type2 := c.typeAt(0), ""
	remove := h.eng.UnlinkAll
	if len(c.segments) > 3 {
		type2 = c.typeAt(3)
		if c.query.has("childrenonly") {
			remove = h.eng.DeleteChildren
		}
	}
	if err := remove(ctx, c.p, pathType, c.seg(1), type2); err != nil {
		return nil, err
	}
	return empty(), nil
}

// vote answers a PATCH whose body votes (R 14).
func (h *Handler) vote(ctx context.Context, c *call, pathType string, body *para.Body) (*answer, error) {
	counted, err := h.eng.Vote(ctx, c.p, pathType, c.seg(1), body)
	if err != nil {
		return nil, err
	}
	return &answer{status: http.StatusOK, typ: typeJSON, body: []byte(strconv.FormatBool(counted)), plain: true}, nil
}
