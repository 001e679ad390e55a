package client

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"
)

// restoreToken is how long the token of a restore is valid; it is checked when the transfer begins.
const restoreToken = 10 * time.Minute

// Backup writes a consistent copy of an app, made while the server runs, and returns its size in bytes. It needs the keys
// of the root app and a Go server that announces "backup". A copy that was cut off is an error, and is refused by Restore.
func (c *Client) Backup(ctx context.Context, app string, w io.Writer) (int64, error) {
	r := &call{method: http.MethodGet, path: c.t.api + Path("_backup", app)}
	res, err := c.open(ctx, r)
	if err != nil {
		return 0, err
	}
	if res.StatusCode != http.StatusOK {
		return 0, refused(r, res)
	}
	defer res.Body.Close()
	n, err := io.Copy(w, res.Body)
	if err != nil {
		return n, fmt.Errorf("client: backup of %s: %w", app, err)
	}
	return n, nil
}

// Restore replaces an app by a copy that Backup made, whole or not at all; an app that does not exist is made. It needs the
// keys of the root app. The copy is sent while it is read, therefore with a token instead of a signature.
func (c *Client) Restore(ctx context.Context, app string, copied io.Reader) error {
	token, err := c.SuperToken(restoreToken)
	if err != nil {
		return err
	}
	r := &call{method: http.MethodPut, path: c.t.api + Path("_backup", app), contentType: "application/octet-stream", stream: copied}
	res, err := c.As(token).open(ctx, r)
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return refused(r, res)
	}
	return res.Body.Close()
}
