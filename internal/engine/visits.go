package engine

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	para "github.com/erudika/para-go"
)

// visits counts the requests that work on each app, so that nothing that began before an app was deleted reaches another
// app that is made under its name.
type visits struct {
	counts sync.Map // app identifier → *atomic.Int64
}

func (v *visits) of(identifier string) *atomic.Int64 {
	if n, ok := v.counts.Load(identifier); ok {
		return n.(*atomic.Int64)
	}
	n, _ := v.counts.LoadOrStore(identifier, new(atomic.Int64))
	return n.(*atomic.Int64)
}

// idlePoll is how often a creation looks whether the requests of the deleted app have ended.
const idlePoll = time.Millisecond

// idle waits until nobody works on an app any more. After its record is gone nobody begins to.
func (v *visits) idle(ctx context.Context, identifiers ...string) error {
	for _, id := range identifiers {
		for n := v.of(id); n.Load() > 0; {
			select {
			case <-time.After(idlePoll):
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	return nil
}

// Enter begins work for an app as it was when a caller proved to belong to it; leave must be called when the work is
// done. NotFound when the app was deleted since, even if there is another one of its name now (D35). A nil app is that of
// a request which needs none.
func (e *Engine) Enter(ctx context.Context, app *para.App) (leave func(), err error) {
	if app == nil {
		return func() {}, nil
	}
	n := e.visits.of(app.Identifier)
	n.Add(1) // before the look at the record: a creation looks in the other order
	now, err := e.App(ctx, app.ID)
	if err == nil && now.Created != app.Created {
		err = appNotFound()
	}
	if err != nil {
		n.Add(-1)
		return nil, err
	}
	return func() { n.Add(-1) }, nil
}
