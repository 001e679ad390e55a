package rest

import (
	"context"
	"errors"
	"io"
	"net/http"
)

// writeStream sends an answer while it is made. A failure before the first byte is answered like any other; a later one
// makes the connection end without the end of the answer, so that nobody takes a part for the whole: complete is false
// then.
func (h *Handler) writeStream(w http.ResponseWriter, r *http.Request, a *answer) (complete bool) {
	header := w.Header()
	for _, p := range a.headers {
		header.Set(p.name, p.value)
	}
	header["Content-Type"] = []string{a.typ}
	bound := h.bound(w)
	bound.pauses = true
	defer bound.begin()
	if r.Method == http.MethodHead {
		w.WriteHeader(a.status)
		return true
	}
	out := &countingWriter{w: bound}
	err := a.stream(r.Context(), out)
	a.sent = out.n
	switch {
	case err == nil:
		return true
	case out.n == 0:
		for _, p := range a.headers {
			header.Del(p.name)
		}
		*a = *h.fail(r.Context(), &call{r: r, uri: rawPath(r)}, err)
		h.write(w, r, a)
		return true
	case errors.Is(err, context.Canceled) || out.failed:
		h.log.Debug("client went away", "method", r.Method, "path", rawPath(r), "error", err)
	default:
		h.log.Error("an answer was cut off", "method", r.Method, "path", rawPath(r), "bytes", out.n, "error", err)
	}
	return false
}

// countingWriter knows whether anything was written and whether writing failed.
type countingWriter struct {
	w      io.Writer
	n      int64
	failed bool
}

func (c *countingWriter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	c.failed = c.failed || err != nil
	return n, err
}
