package client

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"
)

// renewalPause is how long a client goes on with a token that could not be renewed before it tries again.
const renewalPause = 10 * time.Second

// session holds the token of a user and renews it when it is due.
type session struct {
	mu      sync.Mutex
	token   string
	expires time.Time // zero: unknown, then the token is never renewed
	refresh time.Time
	retryAt time.Time
	running chan struct{} // closed when the renewal that is under way has ended
}

// newSession reads the times of a token from its claims; those of Para have exp in seconds and refresh in milliseconds,
// and an exp in milliseconds is understood as well (K 1.5).
func newSession(token string) *session {
	s := &session{token: strings.TrimSpace(strings.TrimPrefix(token, "Bearer"))}
	parts := strings.Split(s.token, ".")
	if len(parts) != 3 {
		return s
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return s
	}
	var claims struct {
		Expires json.Number `json:"exp"`
		Refresh json.Number `json:"refresh"`
	}
	if json.Unmarshal(payload, &claims) != nil {
		return s
	}
	expires, err1 := claims.Expires.Int64()
	refresh, err2 := claims.Refresh.Int64()
	if err1 != nil || err2 != nil {
		return s
	}
	const earliestMilliseconds = 100_000_000_000 // as seconds this would be the year 5138
	if expires < earliestMilliseconds {
		expires *= 1000
	}
	s.expires, s.refresh = time.UnixMilli(expires), time.UnixMilli(refresh)
	return s
}

// due says whether the token is to be renewed (K 1.5): it is still valid and its refresh time has come, or lies behind
// its end, where it would never come.
func (s *session) due(now time.Time) bool {
	return s.token != "" && s.expires.After(now) && !s.refresh.IsZero() && (s.refresh.Before(now) || s.refresh.After(s.expires)) &&
		!now.Before(s.retryAt)
}

// current returns the token to send. One caller renews it when it is due while the others wait. A token that cannot be
// renewed is used until it expires: then the server says so.
func (s *session) current(ctx context.Context, c *Client) (string, error) {
	for {
		s.mu.Lock()
		if !s.due(c.t.now()) {
			defer s.mu.Unlock()
			return s.token, nil
		}
		if running := s.running; running != nil {
			s.mu.Unlock()
			select {
			case <-running:
				continue
			case <-ctx.Done():
				return "", ctx.Err()
			}
		}
		running := make(chan struct{})
		s.running = running
		token := s.token
		s.mu.Unlock()

		answer, err := c.renew(ctx, token)

		s.mu.Lock()
		s.running = nil
		switch {
		case s.token != token: // signed out, or renewed by Refresh
		case err == nil:
			s.set(answer)
		case ctx.Err() == nil:
			s.retryAt = c.t.now().Add(renewalPause)
		}
		s.mu.Unlock()
		close(running)
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
	}
}

// set takes over a new token; the caller holds the lock.
func (s *session) set(t tokenAnswer) {
	s.token, s.expires, s.refresh, s.retryAt = t.Token, time.UnixMilli(t.Expires), time.UnixMilli(t.Refresh), time.Time{}
}

// tokenAnswer is the member jwt of what /jwt_auth answers; times are milliseconds since 1970 (W5).
type tokenAnswer struct {
	Token   string `json:"access_token"`
	Expires int64  `json:"expires"`
	Refresh int64  `json:"refresh"`
}

func (c *Client) renew(ctx context.Context, token string) (tokenAnswer, error) {
	var answer struct {
		JWT tokenAnswer `json:"jwt"`
	}
	err := c.call(ctx, &call{method: http.MethodGet, path: c.t.signInPath(), token: &token, repeatable: true}, &answer)
	if err == nil && answer.JWT.Token == "" {
		err = errors.New("client: the answer holds no token")
	}
	return answer.JWT, err
}

// signInPath is where tokens are issued: beside the API path, within the context path (W22).
func (t *transport) signInPath() string {
	context := strings.TrimSuffix(t.api, "/")
	return context[:strings.LastIndexByte(context, '/')] + "/jwt_auth"
}
