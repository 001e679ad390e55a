package crash

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/client"
)

// writer is one client that writes objects of its own, one request after the other, and remembers what must be there.
type writer struct {
	name     string // unique; letters and digits
	app      string
	rng      *rand.Rand
	entries  []*entry
	live     int      // entries that are there, about
	keep     int      // how many objects it keeps, about
	maxText  int      // longest text of an object
	stamps   int      // states made so far
	replaced []string // stamps that no object has any more, since the last verification
	gone     []*entry // entries removed since the last verification

	hits      int64 // own member of the tally, as acknowledged
	hitsDoubt int64 // not 0: a write of this value got no answer

	// refuse decides about an answer that refuses a write: nil goes on, nothing of the write has happened. A nil
	// function makes every refusal an error.
	refuse  func(*client.Error) error
	refused int
	written int // acknowledged requests

	remember bool       // keep the acknowledged requests
	requests []*request // in order
}

func newWriter(name, app string, seed uint64) *writer {
	return &writer{name: name, app: app, rng: rand.New(rand.NewPCG(seed, 1)), keep: 50, maxText: 2000}
}

// run writes until a request gets no answer, ctx ends or before returns false, which is asked ahead of each request.
// Errors are answers that should not be.
func (w *writer) run(ctx context.Context, c *client.Client, before func() bool) error {
	for ctx.Err() == nil && before() {
		goOn, err := w.step(ctx, c)
		if err != nil {
			return fmt.Errorf("client %s: %w", w.name, err)
		}
		if !goOn {
			return nil
		}
	}
	return nil
}

// step sends one request and says whether there was an answer.
func (w *writer) step(ctx context.Context, c *client.Client) (bool, error) {
	grow := 30
	if w.live < w.keep {
		grow = 60
	}
	n := w.rng.IntN(100)
	old := w.pick()
	switch {
	case n < 5:
		return w.hit(ctx, c)
	case old == nil || n < grow/2:
		return w.create(ctx, c)
	case n < grow*3/4:
		return w.createWithID(ctx, c)
	case n < grow:
		return w.createBatch(ctx, c)
	case n < grow+15:
		return w.overwrite(ctx, c, old)
	case n < grow+25:
		return w.patch(ctx, c, old)
	}
	return w.remove(ctx, c, old)
}

// pick chooses an object that is there.
func (w *writer) pick() *entry {
	for range 20 {
		if len(w.entries) == 0 {
			return nil
		}
		if e := w.entries[w.rng.IntN(len(w.entries))]; e.now.there() {
			return e
		}
	}
	return nil
}

func (w *writer) entry(withID bool) *entry {
	e := &entry{key: fmt.Sprintf("k%sk%d", w.name, len(w.entries)), typ: [...]string{"article", "remark"}[w.rng.IntN(2)]}
	if withID {
		e.id = "id-" + e.key
	}
	w.entries = append(w.entries, e)
	return e
}

func (w *writer) state(counter int64) state {
	w.stamps++
	size := w.rng.IntN(w.maxText)
	if w.rng.IntN(20) == 0 {
		size *= 10
	}
	return state{stamp: fmt.Sprintf("s%ss%d", w.name, w.stamps), counter: counter, size: size}
}

// create lets the server choose the id.
func (w *writer) create(ctx context.Context, c *client.Client) (bool, error) {
	e, s := w.entry(false), w.state(0)
	return w.write("POST", []*entry{e}, []state{s}, func() error {
		o, err := c.Create(ctx, e.object(s))
		if err == nil {
			e.id = o.ID()
		}
		return err
	})
}

func (w *writer) createWithID(ctx context.Context, c *client.Client) (bool, error) {
	e, s := w.entry(true), w.state(0)
	return w.write("POST with id", []*entry{e}, []state{s}, func() error {
		return c.Do(ctx, http.MethodPost, client.Path(e.typ), nil, e.object(s), nil)
	})
}

func (w *writer) createBatch(ctx context.Context, c *client.Client) (bool, error) {
	var entries []*entry
	var states []state
	var objects []*para.Object
	for range 2 + w.rng.IntN(12) {
		e, s := w.entry(true), w.state(0)
		entries, states, objects = append(entries, e), append(states, s), append(objects, e.object(s))
	}
	return w.write("batch", entries, states, func() error {
		_, err := c.CreateAll(ctx, objects)
		return err
	})
}

func (w *writer) overwrite(ctx context.Context, c *client.Client, e *entry) (bool, error) {
	s := w.state(w.rng.Int64N(1000))
	return w.write("PUT", []*entry{e}, []state{s}, func() error {
		_, err := c.Create(ctx, e.object(s)) // with an id it is a PUT
		return err
	})
}

func (w *writer) patch(ctx context.Context, c *client.Client, e *entry) (bool, error) {
	s := w.state(e.now.counter + 1)
	return w.write("PATCH", []*entry{e}, []state{s}, func() error {
		_, err := c.Patch(ctx, e.typ, e.id, e.members(s))
		return err
	})
}

func (w *writer) remove(ctx context.Context, c *client.Client, e *entry) (bool, error) {
	return w.write("DELETE", []*entry{e}, []state{{}}, func() error {
		return c.DeleteByID(ctx, e.typ, e.id)
	})
}

// hit changes the own member of the object that all clients change.
func (w *writer) hit(ctx context.Context, c *client.Client) (bool, error) {
	n := w.hits + 1
	_, err := c.Patch(ctx, tallyType, tallyID, map[string]any{w.name: n})
	switch answered, err := w.answered("PATCH of the tally", err); {
	case err != nil:
		return false, err
	case !answered:
		w.hitsDoubt = n
		return false, nil
	}
	if err == nil {
		w.hits = n
		w.note(&request{w: w, what: "PATCH of the tally", hits: n})
	}
	return true, nil
}

// write sends a request that brings entries to new states, and keeps in mind what is known of them afterwards.
func (w *writer) write(what string, entries []*entry, states []state, send func() error) (bool, error) {
	failed := send()
	answered, err := w.answered(what, failed)
	if err != nil {
		return false, err
	}
	if !answered {
		op := &operation{what: what}
		for i, e := range entries {
			e.doubt, e.doubted = states[i], op
		}
		return false, nil
	}
	for i, e := range entries {
		if failed != nil { // nothing of it has happened
			w.forget(states[i])
			if e.id != "" && !e.now.there() {
				w.gone = append(w.gone, e)
			}
			continue
		}
		w.become(e, states[i])
	}
	if failed == nil {
		w.note(&request{w: w, what: what, entries: entries, states: states})
	}
	return true, nil
}

// request is an acknowledged write.
type request struct {
	w       *writer
	what    string
	entries []*entry
	states  []state
	hits    int64 // for a write of the tally
	answer  int   // where its answer begins in a trace
}

func (w *writer) note(r *request) {
	if w.remember {
		w.requests = append(w.requests, r)
	}
}

// become takes over what is known to be stored.
func (w *writer) become(e *entry, s state) {
	w.forget(e.now)
	if e.now.there() {
		w.live--
	}
	if s.there() {
		w.live++
	} else {
		w.gone = append(w.gone, e)
	}
	e.now = s
}

// forget notes that no object has a state any more.
func (w *writer) forget(s state) {
	if s.there() {
		w.replaced = append(w.replaced, s.stamp)
	}
}

// answered classifies the end of a request: acknowledged or refused, without an answer, or wrong.
func (w *writer) answered(what string, err error) (bool, error) {
	if err == nil {
		w.written++
		return true, nil
	}
	var missing *client.BatchError
	if errors.As(err, &missing) {
		return true, fmt.Errorf("%s: %w", what, err)
	}
	answer := refused(err)
	if answer == nil {
		return false, nil
	}
	if w.refuse == nil {
		return true, fmt.Errorf("%s: %w", what, err)
	}
	w.refused++
	return true, w.refuse(answer)
}
