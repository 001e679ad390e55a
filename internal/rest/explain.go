package rest

import (
	"context"
	"encoding/json"
	"strings"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/access"
)

// explaining says whether a search is to tell how it was answered: the parameter explain, for apps only, since the story
// tells of objects that users may not see.
func explaining(c *call) bool {
	return c.p.Kind == access.App && c.query.yes("explain", false)
}

// explain answers a search with the further member explain.
func (h *Handler) explain(ctx context.Context, c *call, p pager, q *para.Query, keys bool) (*answer, error) {
	found, story, err := h.eng.Explain(ctx, c.p, q)
	if err != nil {
		return h.searchFailed(ctx, c, p, err)
	}
	a, err := h.envelope(p, found, keys)
	if err != nil || story == nil {
		return a, err
	}
	type step struct {
		What   string `json:"what"`
		Found  int    `json:"found"`
		Micros int64  `json:"micros"`
	}
	steps := make([]step, len(story.Steps))
	for i, s := range story.Steps {
		steps[i] = step{strings.Repeat("  ", s.Depth) + s.What, s.Found, s.Took.Microseconds()}
	}
	b, err := json.Marshal(struct {
		Filter string `json:"filter"`
		Micros int64  `json:"micros"`
		Steps  []step `json:"steps"`
	}{story.Filter, story.Took.Microseconds(), steps})
	if err != nil {
		return nil, para.Wrap(para.Internal, "explain", err)
	}
	a.body = append(a.body[:len(a.body)-1], `,"explain":`...)
	a.body = append(append(a.body, b...), '}')
	return a, nil
}

// addProblems adds the broken rules to the answer of a refused write in the further member errors, for programs.
func (a *answer) addProblems(problems []para.Problem) {
	if len(problems) == 0 {
		return
	}
	a.body = append(a.body[:len(a.body)-1], `,"errors":[`...)
	for i, p := range problems {
		if i > 0 {
			a.body = append(a.body, ',')
		}
		a.body = p.AppendJSON(a.body)
	}
	a.body = append(a.body, "]}"...)
}
