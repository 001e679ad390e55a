package client

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

// maxRetryAfter is the longest wait that a server can ask for; longer ones are left to the caller.
const maxRetryAfter = time.Minute

// connectionError is a request that got no answer.
type connectionError struct{ err error }

func (e *connectionError) Error() string { return e.err.Error() }
func (e *connectionError) Unwrap() error { return e.err }

// wait says whether a request that failed with err may succeed when it is sent again, and how long to wait before.
func (p RetryPolicy) wait(attempt int, err error) (time.Duration, bool) {
	if attempt >= p.Max {
		return 0, false
	}
	limit := p.MaxWait
	if attempt < 20 && p.MinWait<<attempt < limit {
		limit = p.MinWait << attempt
	}
	wait := rand.N(limit + 1)
	var answer *Error
	var connection *connectionError
	switch {
	case errors.As(err, &connection):
		return wait, true
	case !errors.As(err, &answer):
		return 0, false
	}
	switch answer.Status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
	default:
		return 0, false
	}
	after := retryAfter(answer.Header.Get("Retry-After"))
	return max(wait, after), after <= maxRetryAfter
}

// retryAfter reads a number of seconds or a date; 0 for everything else.
func retryAfter(text string) time.Duration {
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if date, err := http.ParseTime(text); err == nil {
		return max(0, time.Until(date))
	}
	return 0
}

// learnClock takes the time of the server from an answer that refused a request as too old.
func (t *transport) learnClock(err error) bool {
	var answer *Error
	if !errors.As(err, &answer) {
		return false
	}
	date, err := http.ParseTime(answer.Header.Get("Date"))
	if err != nil {
		return false
	}
	t.skew.Store(int64(time.Until(date)))
	return true
}

func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
