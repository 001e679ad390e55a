package rest

import (
	"errors"
	"io"
	"net/http"
	"strings"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/sigv4"
)

// batchFactor is how many times the size limit of one object a batch may have (R 8.2).
const batchFactor = 100

// bodyLimit is the largest body in bytes that a path takes.
func (h *Handler) bodyLimit(segments []string) int64 {
	if len(segments) == 1 && segments[0] == "_batch" {
		return h.opts.MaxEntityBytes * batchFactor
	}
	return h.opts.MaxEntityBytes
}

// body returns the function that reads the body when it is first called, and says what its hash is. Bodies that are kept
// in memory are read at once; bodies of any size not before it is known that somebody may send them.
func (h *Handler) body(c *call, m *method) func() (sigv4.Hash, error) {
	if m.streams(c.r) {
		return func() (sigv4.Hash, error) {
			if c.spool == nil {
				var err error
				if c.spool, err = h.spoolBody(c.r); err != nil {
					return sigv4.Hash{}, err
				}
			}
			return c.spool.hash, nil
		}
	}
	hash, err := c.readBody(h.bodyLimit(c.segments))
	switch {
	case errors.Is(err, errEndless):
		err = h.tooLarge(c.segments)
	case err != nil:
		err = errUnreadable
	}
	return func() (sigv4.Hash, error) { return hash, err }
}

// dropSpool removes the body from the disk.
func (h *Handler) dropSpool(c *call) {
	if c.spool == nil {
		return
	}
	if err := c.spool.close(); err != nil {
		h.log.Warn("a spooled request body could not be removed", "path", c.uri, "error", err)
	}
}

// overrun is how far a body beyond its limit is read on, in bytes, if that is more than the limit once more.
const overrun = 16 << 20

// errEndless says that a body is not read to its end because it is too large: its signature cannot be checked.
var errEndless = errors.New("the body is far too large")

// refusable says whether the body announces that it exceeds the limit, and need not be read to say so: the client waits for
// leave to send it, or it is longer than what is read on. The connection ends then.
func (c *call) refusable(limit int64) bool {
	n := c.r.ContentLength
	return n > limit && (n > limit+max(limit, overrun) || strings.EqualFold(c.r.Header.Get("Expect"), "100-continue"))
}

// readBody reads and hashes the body. A body beyond the limit is not kept, but read on within reason so that its
// signature can be checked and the client gets its answer instead of a reset connection.
func (c *call) readBody(limit int64) (sigv4.Hash, error) {
	if c.r.Body == nil || c.r.Body == http.NoBody || c.r.ContentLength == 0 {
		return emptyHash, nil
	}
	if c.refusable(limit) {
		c.tooLarge = true
		return sigv4.Hash{}, errEndless
	}
	hashed := sigv4.NewBodyReader(c.r.Body)
	var err error
	if n := c.r.ContentLength; n > 0 && n <= limit {
		c.body = make([]byte, n)
		_, err = io.ReadFull(hashed, c.body)
	} else {
		c.body, err = io.ReadAll(io.LimitReader(hashed, limit+1))
	}
	if err != nil {
		return sigv4.Hash{}, err
	}
	if int64(len(c.body)) > limit {
		c.body, c.tooLarge = nil, true
		more := max(limit, overrun)
		n, err := io.Copy(io.Discard, io.LimitReader(hashed, more))
		if err == nil && n == more {
			err = errEndless
		}
		if err != nil {
			return sigv4.Hash{}, err
		}
	}
	return hashed.Sum(), nil
}

var emptyHash = sigv4.HashBody(nil)

// tooLarge is the answer to a body beyond its limit (R 8.2).
func (h *Handler) tooLarge(segments []string) error {
	kb := h.opts.MaxEntityBytes / 1024
	if len(segments) == 1 && segments[0] == "_batch" {
		return para.Errorf(para.TooLarge, "Batch request is too large - the maximum total batch size is %d KB.", kb*batchFactor)
	}
	return para.Errorf(para.TooLarge, "Request is too large - the maximum is %d KB.", kb)
}

// object parses the body as one JSON object (R 8.1).
func (c *call) object() (*para.Body, error) {
	b, err := para.ParseBody(c.body)
	if err != nil {
		return nil, badBody(err)
	}
	return b, nil
}

// list parses the body as an array of objects; null elements come out as nil (D36).
func (h *Handler) list(c *call) ([]*para.Body, error) {
	bodies, err := para.ParseBodies(c.body, h.elementLimit(c))
	if errors.Is(err, para.ErrElementTooLarge) {
		return nil, para.Errorf(para.TooLarge, "Batch request too large or containing items larger than the max. allowed size %d KB.", h.opts.MaxEntityBytes/1024)
	}
	if err != nil {
		return nil, badBody(err)
	}
	return bodies, nil
}

// elementLimit is the largest computed size of a batch element; it is only looked at when the whole body exceeds the
// limit of one object (R 8.2). 0: no limit.
func (h *Handler) elementLimit(c *call) int64 {
	if int64(len(c.body)) <= h.opts.MaxEntityBytes {
		return 0
	}
	return h.opts.MaxEntityBytes
}

func badBody(err error) error {
	return &para.Error{Code: para.Invalid, Message: err.Error(), Err: err}
}
