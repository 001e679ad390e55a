package client

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// APIKey is a key with which a program may do what the permissions of its id grant. Only Go servers have them, and only in
// apps whose setting security.api_keys is true. Times are milliseconds since 1970.
type APIKey struct {
	ID              string   `json:"id"`
	Name            string   `json:"name"`
	CreatorID       string   `json:"creatorid,omitempty"` // the admin who made it; empty: the app itself
	Timestamp       int64    `json:"timestamp"`           // when it was made
	Updated         int64    `json:"updated,omitempty"`
	Expires         int64    `json:"expires"`
	Active          bool     `json:"active"`
	Networks        []string `json:"networks,omitempty"`        // where it may be used from; empty: everywhere
	PreviousExpires int64    `json:"previousExpires,omitempty"` // until when the text before the last rotation holds too
	LastUsed        int64    `json:"lastUsed,omitempty"`        // 0: never

	// Key is what requests carry as "Authorization: Bearer". It is told by CreateAPIKey and RotateAPIKey, and never again.
	Key string `json:"key,omitempty"`
}

// APIKeyChange says what an API key shall be. What is nil, or zero, stays as it is, or as it is by default.
type APIKeyChange struct {
	Name     string
	Expires  time.Time
	Active   *bool
	Networks *[]string // CIDR, or single addresses
}

func (w APIKeyChange) body() map[string]any {
	b := map[string]any{}
	if w.Name != "" {
		b["name"] = w.Name
	}
	if !w.Expires.IsZero() {
		b["expires"] = w.Expires.UnixMilli()
	}
	if w.Active != nil {
		b["active"] = *w.Active
	}
	if w.Networks != nil {
		b["networks"] = *w.Networks
	}
	return b
}

var errNoAPIKey = errors.New("client: the id of the API key is needed")

// APIKeys returns all API keys of the app, the oldest first.
func (c *Client) APIKeys(ctx context.Context) ([]APIKey, error) {
	return answer[[]APIKey](ctx, c, &call{method: http.MethodGet, path: c.t.api + "_keys", repeatable: true})
}

// APIKey returns one API key.
func (c *Client) APIKey(ctx context.Context, id string) (APIKey, error) {
	return c.apiKey(ctx, http.MethodGet, id, nil)
}

// CreateAPIKey makes an API key, which needs a name and is good for 90 days unless the wish says otherwise. It may do
// nothing until something is granted to its id.
func (c *Client) CreateAPIKey(ctx context.Context, wish APIKeyChange) (APIKey, error) {
	var k APIKey
	err := c.Do(ctx, http.MethodPost, "_keys", nil, wish.body(), &k)
	return k, err
}

// ChangeAPIKey changes an API key.
func (c *Client) ChangeAPIKey(ctx context.Context, id string, wish APIKeyChange) (APIKey, error) {
	return c.apiKey(ctx, http.MethodPatch, id, wish.body())
}

// RotateAPIKey gives an API key a new text, which is good for 90 days unless the wish says otherwise. The one before holds
// for the time overlap longer, at most a week.
func (c *Client) RotateAPIKey(ctx context.Context, id string, wish APIKeyChange, overlap time.Duration) (APIKey, error) {
	var k APIKey
	if id == "" {
		return k, errNoAPIKey
	}
	body := wish.body()
	body["overlap"] = int64(overlap / time.Second)
	err := c.Do(ctx, http.MethodPost, Path("_keys", id, "rotate"), nil, body, &k)
	return k, err
}

// RevokeAPIKey ends an API key at once, with everything that was granted to it.
func (c *Client) RevokeAPIKey(ctx context.Context, id string) error {
	if id == "" {
		return errNoAPIKey
	}
	return c.del(ctx, Path("_keys", id), nil, nil)
}

func (c *Client) apiKey(ctx context.Context, method, id string, body any) (APIKey, error) {
	var k APIKey
	if id == "" {
		return k, errNoAPIKey
	}
	err := c.Do(ctx, method, Path("_keys", id), nil, body, &k)
	return k, err
}
