package client

import (
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"time"

	para "github.com/erudika/para-go"
)

// transferToken is how long the token of an import is valid; it is checked when the transfer begins.
const transferToken = 10 * time.Minute

// Export returns all objects of the app as a zip file, which the caller reads and closes, and the name that the server
// gives it. Only the context limits the time.
func (c *Client) Export(ctx context.Context) (file io.ReadCloser, name string, err error) {
	r := &call{method: http.MethodGet, path: c.t.api + "_export"}
	res, err := c.open(ctx, r)
	if err != nil {
		return nil, "", err
	}
	if res.StatusCode != http.StatusOK {
		return nil, "", refused(r, res)
	}
	if _, params, err := mime.ParseMediaType(res.Header.Get("Content-Disposition")); err == nil {
		name = params["filename"]
	}
	return res.Body, name, nil
}

// Import stores the objects of a zip file made by Export and returns the object that describes the import. The file is
// sent while it is read, therefore with a token instead of a signature: an app needs a secret of at least 32 bytes.
// Sent once; only the context limits the time.
func (c *Client) Import(ctx context.Context, file io.Reader, name string) (*para.Object, error) {
	d := c
	if c.session == nil && c.keys.get() != "" {
		token, err := c.SuperToken(transferToken)
		if err != nil {
			return nil, err
		}
		d = c.As(token)
	}
	r := &call{method: http.MethodPut, path: c.t.api + "_import", contentType: "application/zip", stream: file}
	if name != "" {
		r.query = url.Values{"filename": {name}}
	}
	res, err := d.open(ctx, r)
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusOK {
		return nil, refused(r, res)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil || len(data) == 0 {
		return nil, err
	}
	o := new(para.Object)
	if err := decode(data, o); err != nil {
		return nil, fmt.Errorf("client: import: the answer cannot be read: %w", err)
	}
	return o, nil
}

// refused reads an answer that is not a success and closes it.
func refused(r *call, res *http.Response) error {
	defer res.Body.Close()
	data, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		return &connectionError{fmt.Errorf("client: %s %s: read the answer: %w", r.method, r.path, err)}
	}
	return errorOf(r.method, r.path, res, data)
}
