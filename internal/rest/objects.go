package rest

import (
	"context"
	"net/http"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/access"
	"github.com/erudika/para-go/internal/engine"
	"github.com/erudika/para-go/internal/functions"
)

// create answers POST /{type} (R 13.1).
func (h *Handler) create(ctx context.Context, c *call) (*answer, error) {
	pathType := c.typeAt(0)
	body, err := c.object()
	if err != nil {
		return nil, err
	}
	body.SetDeclaredType(c.seg(0), pathType)
	o, err := para.Populate(body)
	if err != nil {
		return nil, failed("Failed to create object.", err)
	}
	v, err := h.eng.Create(ctx, c.p, o)
	if err != nil {
		return nil, err
	}
	a, err := h.visible(v)
	if err != nil {
		return nil, err
	}
	a.status = http.StatusCreated
	a.headers = append(a.headers, param{"Location", h.opts.ContextPath + "/v1" + v.URI()})
	return a, nil
}

// overwrite answers PUT /{type}/{id} (R 13.5).
func (h *Handler) overwrite(ctx context.Context, c *call) (*answer, error) {
	pathType := c.typeAt(0)
	body, err := c.object()
	if err != nil {
		return nil, err
	}
	body.SetType(pathType)
	body.SetID(para.PathID(pathType, c.seg(1)))
	o, err := para.Populate(body)
	if err != nil {
		return nil, failed("Failed to overwrite object.", err)
	}
	v, err := h.eng.Overwrite(ctx, c.p, o)
	if err != nil {
		return nil, err
	}
	return h.visible(v)
}

// failed is the answer to a body that makes no object.
func failed(text string, err error) error {
	return &para.Error{Code: para.Invalid, Message: text, Err: err}
}

// read answers GET /{type}/{id} (R 13.3).
func (h *Handler) read(ctx context.Context, c *call) (*answer, error) {
	v, err := h.eng.Read(ctx, c.p, c.typeAt(0), c.seg(1))
	if err != nil {
		return nil, err
	}
	return h.visible(v)
}

// readID answers GET /_id/{id} (R 18).
func (h *Handler) readID(ctx context.Context, c *call) (*answer, error) {
	v, err := h.eng.Read(ctx, c.p, "", c.seg(1))
	if err != nil {
		return nil, err
	}
	return h.visible(v)
}

// update answers PATCH /{type}/{id} (R 13.4). The object is looked for before the body is read.
func (h *Handler) update(ctx context.Context, c *call) (*answer, error) {
	pathType := c.typeAt(0)
	if err := h.eng.Exists(ctx, c.p, pathType, c.seg(1)); err != nil {
		return nil, err
	}
	body, err := c.object()
	if err != nil {
		return nil, err
	}
	if engine.IsVote(body) {
		return h.vote(ctx, c, pathType, body)
	}
	v, err := h.eng.Update(ctx, c.p, pathType, c.seg(1), body)
	if err != nil {
		return nil, err
	}
	return h.visible(v)
}

// delete answers DELETE /{type}/{id} (R 13.6).
func (h *Handler) delete(ctx context.Context, c *call) (*answer, error) {
	if err := h.eng.Delete(ctx, c.p, c.typeAt(0), c.seg(1)); err != nil {
		return nil, err
	}
	return empty(), nil
}

// visible makes the answer of one object.
func (h *Handler) visible(v access.Visible) (*answer, error) {
	body, err := v.AppendJSON(nil, h.context())
	if err != nil {
		return nil, err
	}
	return &answer{status: http.StatusOK, typ: typeJSON, body: body}, nil
}

// visibles appends a JSON array of objects.
func (h *Handler) visibles(dst []byte, list []access.Visible) ([]byte, error) {
	dst = append(dst, '[')
	c := h.context()
	for i, v := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		var err error
		if dst, err = v.AppendJSON(dst, c); err != nil {
			return nil, err
		}
	}
	return append(dst, ']'), nil
}

func (h *Handler) context() access.Context {
	return access.Context{Now: h.eng.Now(), ContextPath: h.opts.ContextPath, IsEmail: functions.ValidEmail}
}

// selected applies the select parameter to an answer with objects (R 10, D3).
func (h *Handler) selected(c *call, a *answer) *answer {
	if a.plain || len(c.query) == 0 {
		return a
	}
	names := para.SelectNames(c.query.all("select"))
	if len(names) == 0 {
		return a
	}
	body, err := para.Select(a.body, names)
	if err != nil {
		h.log.Error("select failed", "path", c.uri, "error", err)
		return errorAnswer(http.StatusInternalServerError, "")
	}
	a.body = body
	return a
}
