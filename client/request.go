package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/erudika/para-go/internal/sigv4"
)

// maxAnswer bounds the answers that are read into memory, in bytes.
const maxAnswer = 256 << 20

// transport is what all clients that were derived from one share.
type transport struct {
	http      *http.Client
	endpoint  string // without a trailing slash
	api       string // "/v1/"
	timeout   time.Duration
	retry     RetryPolicy
	keepClock bool
	chunk     int
	userAgent string
	log       *slog.Logger

	skew atomic.Int64 // nanoseconds by which the server's clock is ahead
}

func (t *transport) now() time.Time { return time.Now().Add(time.Duration(t.skew.Load())) }

// call is one request, which may be sent several times.
type call struct {
	method      string
	path        string // encoded, below the endpoint
	query       url.Values
	body        []byte
	stream      io.Reader // instead of body: sent while it is read
	contentType string    // empty: JSON
	repeatable  bool

	token  *string // instead of the client's credentials: this token, and no renewal
	secret *string // instead of the client's credentials: a signature with this secret
}

// call sends a request and reads the answer into out.
func (c *Client) call(ctx context.Context, r *call, out any) error {
	if c.immediate && r.method != http.MethodGet {
		out = nil
	}
	data, err := c.send(ctx, r)
	if err != nil {
		return err
	}
	if err := decode(data, out); err != nil {
		return fmt.Errorf("client: %s %s: the answer cannot be read: %w", r.method, r.path, err)
	}
	return nil
}

// send sends a request, again if that may help, and returns the body of a successful answer.
func (c *Client) send(ctx context.Context, r *call) ([]byte, error) {
	clockSet := c.t.keepClock
	for attempt := 0; ; {
		data, err := c.attempt(ctx, r)
		if err == nil {
			return data, nil
		}
		if ctx.Err() != nil {
			return nil, err
		}
		if !clockSet && errors.Is(err, ErrExpired) && c.t.learnClock(err) {
			clockSet = true
			continue // nothing has happened yet: the request was refused for its date
		}
		wait, ok := c.t.retry.wait(attempt, err)
		if !ok || !r.repeatable {
			return nil, err
		}
		attempt++
		if !sleep(ctx, wait) {
			return nil, err
		}
	}
}

// attempt sends a request once and reads the answer within the timeout.
func (c *Client) attempt(ctx context.Context, r *call) ([]byte, error) {
	if c.t.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.t.timeout)
		defer cancel()
	}
	res, err := c.open(ctx, r)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	data, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	if err != nil {
		return nil, &connectionError{fmt.Errorf("client: %s %s: read the answer: %w", r.method, r.path, err)}
	}
	if len(data) > maxAnswer {
		return nil, fmt.Errorf("client: %s %s: the answer is longer than %d bytes", r.method, r.path, maxAnswer)
	}
	if res.StatusCode < 200 || res.StatusCode > 299 {
		return nil, errorOf(r.method, r.path, res, data)
	}
	return data, nil
}

// open sends a request once and returns the answer, whatever its status; the caller closes the body.
func (c *Client) open(ctx context.Context, r *call) (*http.Response, error) {
	target := c.t.endpoint + r.path
	if len(r.query) > 0 {
		target += "?" + encodeQuery(r.query)
	}
	body := r.stream
	if r.body != nil {
		body = bytes.NewReader(r.body)
	}
	req, err := http.NewRequestWithContext(ctx, r.method, target, body)
	if err != nil {
		return nil, fmt.Errorf("client: %w", err)
	}
	req.Header.Set("User-Agent", c.t.userAgent)
	if body != nil {
		req.Header.Set("Content-Type", firstOf(r.contentType, "application/json"))
	}
	if c.immediate && r.method != http.MethodGet {
		req.Header.Set("X-Para-Respond-Immediately", "true")
	}
	if err := c.authorize(ctx, req, r); err != nil {
		return nil, err
	}
	start := time.Now()
	res, err := c.t.http.Do(req)
	if err != nil {
		c.t.log.LogAttrs(ctx, slog.LevelDebug, "para request failed", slog.String("method", r.method), slog.String("path", r.path),
			slog.Duration("took", time.Since(start)), slog.Any("error", err))
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err
		}
		return nil, &connectionError{fmt.Errorf("client: %s %s: %w", r.method, c.t.endpoint+r.path, err)}
	}
	c.t.log.LogAttrs(ctx, slog.LevelDebug, "para request", slog.String("method", r.method), slog.String("path", r.path),
		slog.Int("status", res.StatusCode), slog.Duration("took", time.Since(start)))
	return res, nil
}

// authorize gives a request its credentials (K 1.2): the token of a user if the client has one, else a signature, else
// the name of the app as a guest. A client of a user never uses the keys.
func (c *Client) authorize(ctx context.Context, req *http.Request, r *call) error {
	switch {
	case r.token != nil:
		req.Header.Set("Authorization", "Bearer "+*r.token)
		return nil
	case r.secret == nil && c.session != nil:
		token, err := c.session.current(ctx, c)
		if err != nil {
			return err
		}
		if token != "" {
			req.Header.Set("Authorization", "Bearer "+token)
		} else if c.accessKey != "" {
			req.Header.Set("Authorization", "Anonymous "+c.accessKey)
		}
		return nil
	case c.accessKey == "":
		return nil
	}
	var secret string
	if r.secret != nil {
		secret = *r.secret
	} else {
		secret = c.keys.get()
	}
	if secret == "" {
		req.Header.Set("Authorization", "Anonymous "+c.accessKey)
		return nil
	}
	return sigv4.SignHash(req, sigv4.Credentials{AccessKey: c.accessKey, Secret: secret}, sigv4.HashBody(r.body), c.t.now())
}
