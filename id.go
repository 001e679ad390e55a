package para

import (
	"math/rand/v2"
	"strconv"
	"sync"
	"time"
)

// epoch is the moment from which ids count, in milliseconds (O 3.1).
const epoch = 1310084584692

const (
	sequenceBits = 12
	workerShift  = sequenceBits
	timeShift    = 22
	maxSequence  = 1<<sequenceBits - 1
	maxWorker    = 31
)

// IDGenerator makes object ids: 64-bit numbers that grow with time, as decimal text (O 3.1). It is safe for concurrent use.
type IDGenerator struct {
	worker int64
	now    func() time.Time

	mu       sync.Mutex
	last     int64 // millisecond of the last id
	sequence int64
}

// NewIDGenerator returns a generator for a worker from 0 to 31; any other number stands for a random one.
func NewIDGenerator(worker int, now func() time.Time) *IDGenerator {
	if worker < 0 || worker > maxWorker {
		worker = rand.IntN(maxWorker + 1)
	}
	if now == nil {
		now = time.Now
	}
	return &IDGenerator{worker: int64(worker), now: now}
}

// Next returns a new id. When the clock stands still or goes back, ids continue from the last moment seen, so that they
// never repeat and keep growing.
func (g *IDGenerator) Next() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	ms := g.now().UnixMilli()
	switch {
	case ms > g.last:
		g.last, g.sequence = ms, 0
	case g.sequence < maxSequence:
		g.sequence++
	default:
		g.last, g.sequence = g.last+1, 0
	}
	return strconv.FormatInt((g.last-epoch)<<timeShift|g.worker<<workerShift|g.sequence, 10)
}
