package rest

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"

	"github.com/erudika/para-go/internal/diskspace"
	"github.com/erudika/para-go/internal/sigv4"
)

// Bodies of any size go to a file first: what is done with them begins when they are there as a whole, and their hash,
// which signatures cover, is known.

// spoolReserve is what spooled bodies leave free on the disk, in bytes: the store needs room to write.
const spoolReserve = 256 << 20

// spoolStep is the number of bytes after which the free space is looked at again.
const spoolStep = 32 << 20

// spool is a body on disk.
type spool struct {
	file *os.File
	size int64
	hash sigv4.Hash
}

// close removes the file.
func (s *spool) close() error {
	return errors.Join(s.file.Close(), os.Remove(s.file.Name()))
}

var errUnreadable = &statusError{http.StatusBadRequest, "The request body could not be read."}

// spoolBody reads the body of a request to a file.
func (h *Handler) spoolBody(r *http.Request) (*spool, error) {
	if err := h.roomFor(max(r.ContentLength, 0)); err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(h.opts.SpoolDir, "body-*")
	if err != nil {
		return nil, fmt.Errorf("spool a request body: %w", err)
	}
	s := &spool{file: f}
	if err := h.fill(s, r.Body); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (h *Handler) fill(s *spool, body io.Reader) error {
	if body == nil {
		s.hash = emptyHash
		return nil
	}
	hashed := sigv4.NewBodyReader(body)
	for {
		source := &readerWithError{r: io.LimitReader(hashed, spoolStep)}
		n, err := io.Copy(s.file, source)
		s.size += n
		switch {
		case source.err != nil:
			return errUnreadable
		case err != nil:
			return fmt.Errorf("spool a request body: %w", err)
		case n < spoolStep:
			s.hash = hashed.Sum()
			return nil
		}
		if err := h.roomFor(spoolStep); err != nil {
			return err
		}
	}
}

// roomFor says whether n more bytes can be spooled.
func (h *Handler) roomFor(n int64) error {
	free, err := diskspace.Free(h.opts.SpoolDir)
	if err != nil {
		return fmt.Errorf("spool a request body: %w", err)
	}
	if free-spoolReserve < n {
		return &statusError{http.StatusInsufficientStorage, "The server has not enough disk space for this upload."}
	}
	return nil
}

// readerWithError remembers a failure to read, so that it can be told from a failure to write.
type readerWithError struct {
	r   io.Reader
	err error
}

func (r *readerWithError) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	if err != nil && err != io.EOF {
		r.err = err
	}
	return n, err
}

// streams says whether the body of a request to a method is spooled: when it is of the content type that the method wants.
func (m *method) streams(r *http.Request) bool {
	if m.bodyType == "" {
		return false
	}
	if m.bodyType == anyType {
		return true
	}
	typ, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && typ == m.bodyType
}

// anyType is the body type of methods that take every one.
const anyType = "*/*"

// spooled marks a route whose body is spooled when it has a content type.
func spooled(contentType string) func(*method) {
	return func(m *method) { m.bodyType = contentType }
}
