package rest

import (
	"context"
	"encoding/json"

	para "github.com/erudika/para-go"
)

// checkIndex answers GET /_reindex/check: whether the search index of the app, or with the parameter app that of another
// one, equals its objects. Only this server has it.
func (h *Handler) checkIndex(ctx context.Context, c *call) (*answer, error) {
	r, err := h.eng.CheckIndex(ctx, c.p, c.query.get("app"))
	if err != nil {
		return nil, err
	}
	b, err := json.Marshal(struct {
		Equal       bool     `json:"equal"`
		Objects     int64    `json:"objects"`
		Problems    int64    `json:"problems"`
		Differences []string `json:"differences,omitempty"`
	}{r.Problems == 0, r.Records, r.Problems, r.Differences})
	if err != nil {
		return nil, para.Wrap(para.Internal, "check index", err)
	}
	return bodyJSON(b), nil
}
