package rest

import (
	"context"
	"net/http"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/access"
)

// Work on a batch needs many times the memory of its body. Batches from largeBatch bytes on wait for their turn, so that
// the bodies of those that are worked on together have at most batchRoom bytes, or are one. The store writes one batch of an
// app after the other anyway.
const (
	largeBatch = 128 << 10
	batchRoom  = 2 << 20
)

// room waits until there is memory for the batch in the body. Call release when it is answered.
func (h *Handler) room(ctx context.Context, c *call) (release func(), err error) {
	if len(c.body) < largeBatch {
		return func() {}, nil
	}
	n := int64(min(len(c.body), batchRoom))
	if err := h.batches.Acquire(ctx, n); err != nil {
		return nil, err
	}
	return func() { h.batches.Release(n) }, nil
}

// createAll answers POST and PUT /_batch (R 15.1).
func (h *Handler) createAll(ctx context.Context, c *call) (*answer, error) {
	release, err := h.room(ctx, c)
	if err != nil {
		return nil, err
	}
	defer release()
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
	release, err := h.room(ctx, c)
	if err != nil {
		return nil, err
	}
	defer release()
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
