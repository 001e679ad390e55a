package client

import (
	"context"
	"net/http"
	"net/url"
	"sync"
)

// Client sends requests of one app or one user. See the package comment.
type Client struct {
	t         *transport
	accessKey string
	keys      *keyring
	session   *session // nil: the app itself, or a guest when there is no secret
	immediate bool
}

// keyring holds the secret, which NewKeys changes while other requests go on.
type keyring struct {
	mu     sync.RWMutex
	secret string
}

func (k *keyring) get() string {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.secret
}

// AccessKey returns the app id that the client was made with.
func (c *Client) AccessKey() string { return c.accessKey }

// Endpoint returns the address of the server without a trailing slash.
func (c *Client) Endpoint() string { return c.t.endpoint }

// SetSecret replaces the secret that requests are signed with, for this client and all that share its transport.
func (c *Client) SetSecret(secret string) {
	c.keys.mu.Lock()
	defer c.keys.mu.Unlock()
	c.keys.secret = secret
}

// As returns a client that sends requests with the token of a user, or with a super token. It shares connections and
// settings with c. When the token tells its times, it is renewed before it expires (K 1.5).
func (c *Client) As(token string) *Client {
	d := *c
	d.session = newSession(token)
	return &d
}

// RespondImmediately returns a client whose writes are answered before they are carried out (R 26): the server checks
// credentials and form, and does the work later. Methods of such a client return empty results.
func (c *Client) RespondImmediately() *Client {
	d := *c
	d.immediate = true
	return &d
}

// Close lets idle connections go. The client can still be used.
func (c *Client) Close() { c.t.http.CloseIdleConnections() }

// Do sends a request for which there is no method (K 1.6.1). path is what follows the API path, already encoded (Path
// makes it): "_types", "cat/1". body is sent as JSON, or as it is when it is a []byte; nil for none. out receives the
// answer: *string and *[]byte the text, everything else what encoding/json makes of it, numbers in interfaces as
// json.Number; nil drops it. An empty answer leaves out as it is.
func (c *Client) Do(ctx context.Context, method, path string, query url.Values, body, out any) error {
	data, err := encodeBody(body)
	if err != nil {
		return err
	}
	return c.call(ctx, &call{method: method, path: c.t.api + trimSlash(path), query: query, body: data,
		repeatable: method == http.MethodGet || method == http.MethodHead || method == http.MethodPut || method == http.MethodDelete}, out)
}

// get, del, put and post send the requests of the methods; all but post can be repeated.
func (c *Client) get(ctx context.Context, path string, query url.Values, out any) error {
	return c.Do(ctx, http.MethodGet, path, query, nil, out)
}

func (c *Client) del(ctx context.Context, path string, query url.Values, out any) error {
	return c.Do(ctx, http.MethodDelete, path, query, nil, out)
}

func (c *Client) put(ctx context.Context, path string, body, out any) error {
	return c.Do(ctx, http.MethodPut, path, nil, body, out)
}

func (c *Client) post(ctx context.Context, path string, query url.Values, body, out any) error {
	return c.Do(ctx, http.MethodPost, path, query, body, out)
}
