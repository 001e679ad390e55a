package saml

import (
	"context"
	"runtime"

	para "github.com/erudika/para-go"
)

// maxWaiting is how many answers may wait to be checked.
const maxWaiting = 64

// turns let a few answers be checked at the same time: anybody can send one that takes a good part of a second of a
// processor to find out that it is forged.
type turns struct {
	admitted chan struct{} // being checked and waiting
	running  chan struct{}
}

func newTurns() *turns {
	workers := max(1, runtime.GOMAXPROCS(0)/2)
	return &turns{admitted: make(chan struct{}, workers+maxWaiting), running: make(chan struct{}, workers)}
}

// take waits for a turn and returns what ends it. An error of code Busy when too many wait already.
func (t *turns) take(ctx context.Context) (leave func(), err error) {
	select {
	case t.admitted <- struct{}{}:
	default:
		return nil, para.Errorf(para.Busy, "Too Many Requests")
	}
	select {
	case t.running <- struct{}{}:
		return func() { <-t.running; <-t.admitted }, nil
	case <-ctx.Done():
		<-t.admitted
		return nil, ctx.Err()
	}
}
