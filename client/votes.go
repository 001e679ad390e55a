package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	para "github.com/erudika/para-go"
)

// VoteWindow says how long a vote holds and how long it can be taken back; times are sent in whole seconds. Zero values
// leave it to the server (O 12).
type VoteWindow struct {
	ExpiresAfter time.Duration
	LockedAfter  time.Duration
}

// VoteUp casts a positive vote of a user and says whether it counted. w may be nil.
func (c *Client) VoteUp(ctx context.Context, o *para.Object, voterID string, w *VoteWindow) (bool, error) {
	return c.vote(ctx, o, "_voteup", voterID, w)
}

// VoteDown casts a negative vote of a user and says whether it counted. w may be nil.
func (c *Client) VoteDown(ctx context.Context, o *para.Object, voterID string, w *VoteWindow) (bool, error) {
	return c.vote(ctx, o, "_votedown", voterID, w)
}

func (c *Client) vote(ctx context.Context, o *para.Object, member, voterID string, w *VoteWindow) (bool, error) {
	path, err := objectPath(o)
	if err != nil {
		return false, err
	}
	if voterID == "" {
		return false, errors.New("client: vote: the voter's id is needed")
	}
	body := map[string]any{member: voterID}
	if w != nil && w.ExpiresAfter > 0 {
		body["_vote_expires_after"] = int64(w.ExpiresAfter / time.Second)
	}
	if w != nil && w.LockedAfter > 0 {
		body["_vote_locked_after"] = int64(w.LockedAfter / time.Second)
	}
	data, err := encodeBody(body)
	if err != nil {
		return false, err
	}
	return c.truth(ctx, &call{method: http.MethodPatch, path: c.t.api + path, body: data})
}

// truth sends a request that is answered by true or false.
func (c *Client) truth(ctx context.Context, r *call) (bool, error) {
	data, err := c.send(ctx, r)
	if err != nil || c.immediate && r.method != http.MethodGet {
		return false, err
	}
	switch string(data) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, fmt.Errorf("client: %s %s: the answer is neither true nor false", r.method, r.path)
}
