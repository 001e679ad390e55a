package rest

import (
	"context"
	"net/http"
	"net/url"

	"github.com/erudika/para-go/internal/functions"
)

// utils answers GET /utils/{method} and /utils?method=… (R 23, D44).
func (h *Handler) utils(_ context.Context, c *call) (*answer, error) {
	name := c.query.get("method")
	if len(c.segments) > 1 {
		name = c.seg(1)
	}
	params := url.Values{}
	for _, p := range c.query {
		params.Add(p.name, p.value)
	}
	text, typ, err := functions.Call(name, params, functions.Env{
		Now:      h.eng.Now,
		NewID:    func() (string, error) { return h.eng.NewID(), nil },
		Markdown: h.markdown,
	})
	if err != nil {
		return nil, err
	}
	return &answer{status: http.StatusOK, typ: typ, body: []byte(text), plain: true}, nil
}
