package engine

import (
	"context"
	"sync"
)

// lifecycle gives turns to whatever makes, removes or replaces the storage of an app together with its record. The two
// do not change in one transaction, so a creation that overlaps a deletion could lose the storage it has just made.
// Only one process uses a store at a time, so turns need not be known outside of it.
type lifecycle struct {
	mu   sync.Mutex
	busy map[string]chan struct{} // by app identifier; closed when the turn is over
}

// turn waits until nobody else has the turn of one of the apps, and takes them all. release must be called at the end.
func (l *lifecycle) turn(ctx context.Context, identifiers ...string) (release func(), err error) {
	for {
		wait := l.take(identifiers)
		if wait == nil {
			return func() { l.release(identifiers) }, nil
		}
		select {
		case <-wait:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// take takes the turns, all or none. It returns what to wait for when somebody has one of them, else nil.
func (l *lifecycle) take(identifiers []string) <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, id := range identifiers {
		if wait := l.busy[id]; wait != nil {
			return wait
		}
	}
	if l.busy == nil {
		l.busy = map[string]chan struct{}{}
	}
	over := make(chan struct{})
	for _, id := range identifiers {
		l.busy[id] = over
	}
	return nil
}

func (l *lifecycle) release(identifiers []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, id := range identifiers {
		if i == 0 {
			close(l.busy[id])
		}
		delete(l.busy, id)
	}
}
