package signin

import (
	"context"
	"sync"
)

// maxAttemptsWaiting is how many requests may wait for their turn to try a password of one account.
const maxAttemptsWaiting = 8

// keyedLock is a mutex for each key. At most a few callers may wait for one key.
type keyedLock struct {
	mu      sync.Mutex
	entries map[string]*lockEntry
	limit   int
}

type lockEntry struct {
	turn  chan struct{}
	users int // holding or waiting
}

func newKeyedLock(limit int) *keyedLock {
	return &keyedLock{entries: map[string]*lockEntry{}, limit: limit}
}

// lock waits for the key and returns what releases it. It returns an error of code Busy when too many wait already.
func (l *keyedLock) lock(ctx context.Context, key string) (unlock func(), err error) {
	l.mu.Lock()
	e := l.entries[key]
	if e == nil {
		e = &lockEntry{turn: make(chan struct{}, 1)}
		l.entries[key] = e
	}
	if e.users > l.limit {
		l.mu.Unlock()
		return nil, errBusy()
	}
	e.users++
	l.mu.Unlock()
	leave := func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if e.users--; e.users == 0 {
			delete(l.entries, key)
		}
	}
	select {
	case e.turn <- struct{}{}:
		return func() { <-e.turn; leave() }, nil
	case <-ctx.Done():
		leave()
		return nil, ctx.Err()
	}
}
