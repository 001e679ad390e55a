package sqlite

import (
	"context"
	"time"

	"github.com/erudika/para-go"
)

// trace notes the steps of an evaluation.
type trace struct {
	steps []para.ExplainStep
	depth int
}

// Explain is Search with the story of it.
func (s *Store) Explain(ctx context.Context, app string, q *para.Query) (*para.Page, *para.Explanation, error) {
	start := time.Now()
	t := &trace{}
	page, err := s.search(ctx, app, q, t)
	if err != nil {
		return nil, nil, err
	}
	return page, &para.Explanation{Filter: para.FilterText(q.Filter), Steps: t.steps, Took: time.Since(start)}, nil
}

// step runs one step of an evaluation and notes it where somebody wants to know.
func (e *evaluation) step(what func() string, do func() (set, error)) (set, error) {
	t := e.trace
	if t == nil || len(t.steps) >= para.MaxExplainSteps {
		return do()
	}
	i := len(t.steps)
	t.steps = append(t.steps, para.ExplainStep{Depth: t.depth, What: what()})
	t.depth++
	start := time.Now()
	found, err := do()
	t.depth--
	t.steps[i].Took, t.steps[i].Found = time.Since(start), len(found)
	return found, err
}
