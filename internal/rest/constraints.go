package rest

import (
	"bytes"
	"context"

	para "github.com/erudika/para-go"
)

// constraints answers GET /_constraints and /_constraints/{type} (R 19).
func (h *Handler) constraints(_ context.Context, c *call) (*answer, error) {
	typ := ""
	if len(c.segments) > 1 {
		typ = c.seg(1)
	}
	return constraintsOf(c.p.App, typ), nil
}

func constraintsOf(a *para.App, typ string) *answer {
	return bodyJSON(a.ListConstraints(typ).AppendJSON(nil))
}

// addConstraint answers PUT /_constraints/{type}/{field}/{cname}: 200 whatever comes of it, but for a pattern that cannot
// be compiled (D42).
func (h *Handler) addConstraint(ctx context.Context, c *call) (*answer, error) {
	var body *para.Body
	if len(bytes.TrimSpace(c.body)) > 0 {
		var err error
		if body, err = para.ParseBody(c.body); err != nil {
			return constraintsOf(c.p.App, c.seg(1)), nil
		}
	}
	rule, ok := para.NewConstraint(c.seg(3), body)
	if !ok {
		return constraintsOf(c.p.App, c.seg(1)), nil
	}
	a, err := h.eng.AddConstraint(ctx, c.p, c.seg(1), c.seg(2), rule)
	if err != nil {
		return nil, err
	}
	return constraintsOf(a, c.seg(1)), nil
}

// removeConstraint answers DELETE /_constraints/{type}/{field}/{cname}.
func (h *Handler) removeConstraint(ctx context.Context, c *call) (*answer, error) {
	a, err := h.eng.RemoveConstraint(ctx, c.p, c.seg(1), c.seg(2), c.seg(3))
	if err != nil {
		return nil, err
	}
	return constraintsOf(a, c.seg(1)), nil
}
