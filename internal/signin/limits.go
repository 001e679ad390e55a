package signin

import (
	"hash/maphash"
	"net/netip"
	"sync"
	"time"
)

const (
	limitWindow = time.Minute
	limitRows   = 2
	limitCells  = 1 << 15 // in each row
)

// attemptLimit counts attempts by key and refuses those beyond a number within a minute (D87). It takes constant memory
// however many keys there are: each key is counted in one cell of every row, and the lowest count is taken for its own,
// so that keys which share a cell in one row do not disturb one another.
type attemptLimit struct {
	most int // within a minute; 0 for no limit
	now  func() time.Time
	seed maphash.Seed

	mu      sync.Mutex
	window  int64 // number of the current minute
	current *counters
	before  *counters // of the minute before
}

type counters [limitRows][limitCells]uint32

func newAttemptLimit(most int, now func() time.Time) *attemptLimit {
	return &attemptLimit{most: most, now: now, seed: maphash.MakeSeed()}
}

// admit counts an attempt and says whether it may go on. Refused attempts are not counted.
func (l *attemptLimit) admit(key string) bool {
	if l.most <= 0 {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now().UnixNano()
	l.turn(now / int64(limitWindow))
	sum := maphash.String(l.seed, key)
	lowest := func(c *counters) uint32 {
		return min(c[0][sum%limitCells], c[1][sum>>32%limitCells])
	}
	// The part of the minute before that still lies within the last minute counts as if its attempts were spread evenly.
	rest := float64(int64(limitWindow)-now%int64(limitWindow)) / float64(limitWindow)
	if float64(lowest(l.current))+rest*float64(lowest(l.before)) >= float64(l.most) {
		return false
	}
	l.current[0][sum%limitCells]++
	l.current[1][sum>>32%limitCells]++
	return true
}

// turn begins a new minute when it has come.
func (l *attemptLimit) turn(window int64) {
	switch {
	case l.current == nil, window > l.window+1, window < l.window:
		l.current, l.before = new(counters), new(counters)
	case window == l.window+1:
		l.before, l.current = l.current, l.before
		*l.current = counters{}
	}
	l.window = window
}

// Admit says whether somebody at a network address may try to sign in now; an error of code Busy when it tried too often
// (D87).
func (s *Service) Admit(address string) error {
	if s.addresses.admit(networkOf(address)) {
		return nil
	}
	return errBusy()
}

// networkOf is whom an address belongs to: itself, or the 64 bits of an IPv6 address that are not its owner's to choose.
func networkOf(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is4() {
		return ip.String()
	}
	return netip.PrefixFrom(ip, 64).Masked().String()
}
