package sqlite

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/erudika/para-go"
)

// Searches need processors, which all apps share, and connections, which each app has its own of. So a bounded number of
// searches runs at once in the whole store, and of these one app may have only a part, less than the connections it has:
// however many and however expensive its searches are, other apps' searches start beside them, and its own reads by id go
// on. The last places are kept for apps that have no search running, so that a few apps with expensive searches do not make
// all others wait. Searches beyond that wait, those of one app in order, and whenever a search ends the apps that wait take turns: with n
// apps waiting, the next search of each starts after at most n searches have ended. What a search waits does not count as its
// running time (D129).

// maxWaiting bounds the searches of one app that wait for their turn, and maxSearchWait how long one waits.
const (
	maxWaiting    = 256
	maxSearchWait = time.Minute
)

// maxFreeIDs is the number of ids that are looked up without a turn, as Get does: checks of the health ask so.
const maxFreeIDs = 100

// errBusy is the answer to a search that there is no place or no time to wait for.
var errBusy = &para.Error{Code: para.Busy, Message: "Too many searches of this app are running; try again later."}

// searchTurns says which search may run next.
type searchTurns struct {
	mu       sync.Mutex
	free     int         // searches that may start
	reserved int         // of these, those that only apps without a running search may start
	ready    []*appTurns // apps with waiting searches that may run more of them, the next one to serve first
}

// appTurns is what one app has of the turns; guarded by searchTurns.mu.
type appTurns struct {
	limit   int // searches that run at once
	running int
	waiting []chan struct{} // closed when the search may run
	queued  bool            // it stands in searchTurns.ready
}

// searchesAtOnce is how many searches run at the same time in one store: enough to keep the processors busy while some of
// them wait for the disk.
func searchesAtOnce() int { return max(8, 4*runtime.GOMAXPROCS(0)) }

// newSearchTurns makes the turns of a store.
func newSearchTurns() searchTurns {
	n := searchesAtOnce()
	return searchTurns{free: n, reserved: n / 4}
}

// newAppTurns makes the turns of an app that may use so many connections.
func newAppTurns(readers int) appTurns {
	return appTurns{limit: max(1, min(readers-1, searchesAtOnce()/2))}
}

// begin waits until one more search of an app may run. Call end when it has.
func (t *searchTurns) begin(ctx context.Context, a *appTurns) (err error) {
	t.mu.Lock()
	if t.mayStart(a) && a.running < a.limit && len(a.waiting) == 0 {
		t.free--
		a.running++
		t.mu.Unlock()
		return nil
	}
	if len(a.waiting) >= maxWaiting {
		t.mu.Unlock()
		return errBusy
	}
	turn := make(chan struct{})
	a.waiting = append(a.waiting, turn)
	t.queue(a)
	t.mu.Unlock()
	ctx, cancel := context.WithTimeoutCause(ctx, maxSearchWait, errBusy)
	defer cancel()
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
		t.leave(a, turn)
		return context.Cause(ctx)
	}
}

// leave takes back a search that does not wait any longer; if its turn came in that moment, the next one gets it.
func (t *searchTurns) leave(a *appTurns, turn chan struct{}) {
	t.mu.Lock()
	i := slices.Index(a.waiting, turn)
	if i >= 0 {
		a.waiting = slices.Delete(a.waiting, i, i+1)
	}
	t.mu.Unlock()
	if i < 0 {
		t.end(a)
	}
}

// end gives the turn of a search that ran to the next one.
func (t *searchTurns) end(a *appTurns) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.free++
	a.running--
	t.queue(a)
	for {
		i := slices.IndexFunc(t.ready, t.mayStart)
		if i < 0 {
			return
		}
		next := t.ready[i]
		t.ready = slices.Delete(t.ready, i, i+1)
		next.queued = false
		if len(next.waiting) == 0 {
			continue // they have left
		}
		t.free--
		next.running++
		close(next.waiting[0])
		next.waiting = slices.Delete(next.waiting, 0, 1)
		t.queue(next)
	}
}

// mayStart says whether there is a place for one more search of an app.
func (t *searchTurns) mayStart(a *appTurns) bool {
	return t.free > t.reserved || t.free > 0 && a.running == 0
}

// queue lets an app that may run one of its waiting searches take its place behind the others.
func (t *searchTurns) queue(a *appTurns) {
	if !a.queued && len(a.waiting) > 0 && a.running < a.limit {
		a.queued = true
		t.ready = append(t.ready, a)
	}
}
