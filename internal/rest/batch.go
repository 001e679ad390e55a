package rest

import (
	"context"
	"net/http"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/access"
)

// createAll answers POST and PUT /_batch (R 15.1).
func (h *Handler) createAll(ctx context.Context, c *call) (*answer, error) {
	bodies, err := h.list(c)
	if err != nil {
		return nil, err
	}
	objects := make([]*para.Object, 0, len(bodies))
	for _, b := range bodies {
		if b == nil || b.Empty() {
			continue
		}
		if o, err := para.Populate(b); err == nil { // an unusable element is left out
			objects = append(objects, o)
		}
	}
	created, err := h.eng.CreateAll(ctx, c.p, objects)
	if err != nil {
		return nil, err
	}
	return h.array(created)
}

// readAll answers GET /_batch?ids=… (R 15.2).
func (h *Handler) readAll(ctx context.Context, c *call) (*answer, error) {
	ids, err := c.ids()
	if err != nil {
		return nil, err
	}
	found, err := h.eng.ReadAll(ctx, c.p, ids)
	if err != nil {
		return nil, err
	}
	return h.array(found)
}

// updateAll answers PATCH /_batch (R 15.3).
func (h *Handler) updateAll(ctx context.Context, c *call) (*answer, error) {
	bodies, err := h.list(c)
	if err != nil {
		return nil, err
	}
	for _, b := range bodies {
		if b != nil {
			b.DropVotes() // a batch does not vote (D36)
		}
	}
	updated, err := h.eng.UpdateAll(ctx, c.p, bodies)
	if err != nil {
		return nil, err
	}
	return h.array(updated)
}

// deleteAll answers DELETE /_batch?ids=… (R 15.4).
func (h *Handler) deleteAll(ctx context.Context, c *call) (*answer, error) {
	ids, err := c.ids()
	if err != nil {
		return nil, err
	}
	if err := h.eng.DeleteAll(ctx, c.p, ids); err != nil {
		return nil, err
	}
	return empty(), nil
}

// ids are the values of the repeated parameter of that name; commas are not split.
func (c *call) ids() ([]string, error) {
	if !c.query.has("ids") {
		return nil, para.Errorf(para.Invalid, "Missing ids.")
	}
	return c.query.all("ids"), nil
}

func (h *Handler) array(list []access.Visible) (*answer, error) {
	body, err := h.visibles(nil, list)
	if err != nil {
		return nil, err
	}
	return &answer{status: http.StatusOK, typ: typeJSON, body: body}, nil
}
