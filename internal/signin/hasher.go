package signin

import (
	"context"
	"runtime"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/functions"
	"golang.org/x/crypto/bcrypt"
)

const (
	defaultHashQueue = 64

	// maxCost bounds the work factor of stored hashes, which applications may write themselves: each step doubles the
	// time, and one hash of cost 31 would keep a worker busy for days.
	maxCost = 16

	// dummyHash is compared with when there is no hash, so that the time an answer takes does not tell whether an account
	// exists. Nothing is known to match it.
	dummyHash = "$2b$12$abcdefghijklmnopqrstuuWH53eEN6nVMzD3lRlPuz44zzZjn7zJ."
)

// hasher computes password hashes, which take a quarter of a second of a processor each. It admits a few at a time, lets
// a bounded number wait and refuses the others at once, so that a flood of sign-ins cannot starve other requests.
type hasher struct {
	admitted chan struct{} // running and waiting
	running  chan struct{}
}

func newHasher(workers, queue int) *hasher {
	if workers <= 0 {
		workers = max(1, runtime.GOMAXPROCS(0)/2)
	}
	if queue <= 0 {
		queue = defaultHashQueue
	}
	return &hasher{admitted: make(chan struct{}, workers+queue), running: make(chan struct{}, workers)}
}

// run calls work as soon as a worker is free. It returns an error of code Busy when the queue is full.
func (h *hasher) run(ctx context.Context, work func()) error {
	select {
	case h.admitted <- struct{}{}:
	default:
		return errBusy()
	}
	defer func() { <-h.admitted }()
	select {
	case h.running <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-h.running }()
	if err := ctx.Err(); err != nil {
		return err
	}
	work()
	return nil
}

func errBusy() error { return para.Errorf(para.Busy, "Too Many Requests") }

// hash returns the hash of a password.
func (h *hasher) hash(ctx context.Context, password string) (hash string, err error) {
	if e := h.run(ctx, func() { hash, err = functions.HashPassword(password) }); e != nil {
		return "", e
	}
	return hash, err
}

// matches says whether a hash was made from a password. What is no hash takes as long and never matches.
func (h *hasher) matches(ctx context.Context, password, hash string) (ok bool, err error) {
	usable := true
	if cost, e := bcrypt.Cost([]byte(hash)); e != nil || cost > maxCost || len(hash) != len(dummyHash) {
		hash, usable = dummyHash, false
	}
	err = h.run(ctx, func() { ok = functions.CheckPassword(password, hash) })
	return ok && usable, err
}
