package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/token"
)

// Info is what a server says about itself (R 18).
type Info struct {
	Info       string   `json:"info"`
	Version    string   `json:"version"` // level of the API, "1.54.8"
	Revision   string   `json:"revision"`
	Server     string   `json:"server"`     // "para-go/<version>"; empty for the Java server
	Extensions []string `json:"extensions"` // features that only the Go server has
}

// Info returns what the server says about itself.
func (c *Client) Info(ctx context.Context) (*Info, error) {
	return answer[*Info](ctx, c, &call{method: http.MethodGet, path: c.t.api, repeatable: true})
}

// ServerVersion returns the level of the API that the server offers.
func (c *Client) ServerVersion(ctx context.Context) (string, error) {
	info, err := c.Info(ctx)
	if err != nil {
		return "", err
	}
	return info.Version, nil
}

// Principal is who the server takes a client for: one of the two is set.
type Principal struct {
	App  *para.Object
	User *para.Object
}

// Me returns the app or the user that the client's credentials stand for; ErrUnauthorized for guests.
func (c *Client) Me(ctx context.Context) (*Principal, error) {
	o, err := answer[*para.Object](ctx, c, &call{method: http.MethodGet, path: c.t.api + "_me", repeatable: true})
	if err != nil {
		return nil, err
	}
	if o.Type() == "app" {
		return &Principal{App: o}, nil
	}
	return &Principal{User: o}, nil
}

// MeWithToken is Me for a token, without keeping it.
func (c *Client) MeWithToken(ctx context.Context, token string) (*Principal, error) {
	return c.As(token).Me(ctx)
}

// App returns the client's app; the client must not be that of a user.
func (c *Client) App(ctx context.Context) (*para.Object, error) {
	p, err := c.Me(ctx)
	if err != nil {
		return nil, err
	}
	if p.App == nil {
		return nil, errors.New("client: app: the client is that of a user")
	}
	return p.App, nil
}

// Keys are the keys of an app, which the server tells once.
type Keys struct {
	AccessKey string `json:"accessKey"`
	SecretKey string `json:"secretKey"`
	Message   string `json:"message"`
}

// NewKeys makes the server forget the app's secret and tokens, and signs with the new secret from then on, in this
// client and all that share its transport. Requests that are to be signed meanwhile wait. The request is sent once: when
// its answer is lost, the new secret is too.
func (c *Client) NewKeys(ctx context.Context) (*Keys, error) {
	c.keys.mu.Lock()
	defer c.keys.mu.Unlock()
	r := &call{method: http.MethodPost, path: c.t.api + "_newkeys"}
	if secret := c.keys.secret; c.session == nil {
		r.secret = &secret // the lock is held, so it cannot be asked for
	}
	keys, err := answer[*Keys](ctx, c, r)
	if err == nil && keys != nil && keys.SecretKey != "" {
		c.keys.secret = keys.SecretKey
	}
	return keys, err
}

// Setup makes the root app if the server has none yet; its keys are told only then (R 22). Sent once.
func (c *Client) Setup(ctx context.Context) (*Keys, error) {
	return answer[*Keys](ctx, c, &call{method: http.MethodGet, path: c.t.api + "_setup"})
}

// KeysOf returns the keys of an app; the client must be that of the root app, with a secret of at least 32 bytes (A 4.7).
// ErrNotFound when there is no such app.
func (c *Client) KeysOf(ctx context.Context, appID string) (*Keys, error) {
	const validity = 10 * time.Second
	t, err := token.IssueSuper(c.accessKey, appID, c.keys.get(), validity, c.t.now())
	if err != nil {
		return nil, fmt.Errorf("client: keys of %q: %w", appID, err)
	}
	a, err := answer[struct {
		Credentials *Keys `json:"credentials"`
	}](ctx, c, &call{method: http.MethodGet, path: c.t.api + "_me", token: &t, repeatable: true})
	if err == nil && a.Credentials == nil {
		err = fmt.Errorf("client: keys of %q: %w", appID, ErrNotFound)
	}
	return a.Credentials, err
}

// NewApp says how an app is made.
type NewApp struct {
	Name        string // empty: its id
	CreatorID   string
	SharedIndex bool
	SharedTable bool
}

// SetupApp makes an app and returns its keys; the client must be that of the root app. For an app that exists the keys
// are empty. The request is sent once: when its answer is lost, the keys are too.
func (c *Client) SetupApp(ctx context.Context, id string, n NewApp) (*Keys, error) {
	if id == "" {
		return nil, errors.New("client: set up an app: the id is needed")
	}
	q := url.Values{}
	if n.Name != "" {
		q.Set("name", n.Name)
	}
	if n.CreatorID != "" {
		q.Set("creatorid", n.CreatorID)
	}
	if n.SharedIndex {
		q.Set("sharedIndex", "true")
	}
	if n.SharedTable {
		q.Set("sharedTable", "true")
	}
	return answer[*Keys](ctx, c, &call{method: http.MethodGet, path: c.t.api + Path("_setup", id), query: q})
}

// DeleteApp deletes an app with everything in it: the client's own, or any when the client is that of the root app.
func (c *Client) DeleteApp(ctx context.Context, id string) error {
	return c.DeleteByID(ctx, "app", id)
}

// Types returns the types of the app: plural to singular.
func (c *Client) Types(ctx context.Context) (map[string]string, error) {
	return answer[map[string]string](ctx, c, &call{method: http.MethodGet, path: c.t.api + "_types", repeatable: true})
}

// TypeCounts returns the number of objects of each type of the app, by singular.
func (c *Client) TypeCounts(ctx context.Context) (map[string]int64, error) {
	return answer[map[string]int64](ctx, c, &call{method: http.MethodGet, path: c.t.api + "_types",
		query: url.Values{"count": {"true"}}, repeatable: true})
}

// Reindexed is the result of RebuildIndex.
type Reindexed struct {
	Objects int64         // number of objects read
	Took    time.Duration // as the server measured it

	Skipped  int64    // objects of the app that cannot be read and so were not indexed; Go servers tell
	Problems []string // the first of them, with the reason
}

// RebuildIndex makes the search index of the app anew. destination names the index that some engines can build beside
// the one in use; usually empty.
func (c *Client) RebuildIndex(ctx context.Context, destination string) (*Reindexed, error) {
	q := url.Values{}
	if destination != "" {
		q.Set("destinationIndex", destination)
	}
	return c.reindex(ctx, q)
}

// RebuildIndexOf makes the search index of another app anew; it needs the keys of the root app. Only Go servers do it: others
// take the app of the keys.
func (c *Client) RebuildIndexOf(ctx context.Context, app string) (*Reindexed, error) {
	return c.reindex(ctx, url.Values{"app": {app}})
}

func (c *Client) reindex(ctx context.Context, q url.Values) (*Reindexed, error) {
	r, err := answer[struct {
		Reindexed  int64    `json:"reindexed"`
		TookMillis int64    `json:"tookMillis"`
		Skipped    int64    `json:"skipped"`
		Problems   []string `json:"problems"`
	}](ctx, c, &call{method: http.MethodPost, path: c.t.api + "_reindex", query: q})
	if err != nil {
		return nil, err
	}
	return &Reindexed{Objects: r.Reindexed, Took: time.Duration(r.TookMillis) * time.Millisecond, Skipped: r.Skipped, Problems: r.Problems}, nil
}

// Health returns nil when the server says that it is healthy. It is asked once.
func (c *Client) Health(ctx context.Context) error {
	return c.call(ctx, &call{method: http.MethodGet, path: c.t.api + "_health"}, nil)
}

// ConfigOptions returns the reference of all configuration options as text in a format: json, markdown or hocon.
func (c *Client) ConfigOptions(ctx context.Context, format string) (string, error) {
	var text string
	err := c.get(ctx, "_config/options", url.Values{"format": {format}}, &text)
	return text, err
}

// SuperToken makes a token that equals the signature of the app for the time given (A 4.8). The server is not asked.
func (c *Client) SuperToken(validity time.Duration) (string, error) {
	t, err := token.IssueSuper(c.accessKey, "", c.keys.get(), validity, c.t.now())
	if err != nil {
		return "", fmt.Errorf("client: super token: %w", err)
	}
	return t, nil
}
