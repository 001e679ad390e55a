package sigv4

import (
	"crypto/sha256"
	"hash"
	"io"
)

// BodyReader hashes a body while it is read, so that a server neither reads nor keeps it twice.
type BodyReader struct {
	r io.Reader
	h hash.Hash
}

// NewBodyReader returns a reader that passes on what it reads from r.
func NewBodyReader(r io.Reader) *BodyReader {
	return &BodyReader{r: r, h: sha256.New()}
}

// Read reads from the body.
func (b *BodyReader) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	b.h.Write(p[:n])
	return n, err
}

// Sum returns the hash of what was read so far; ask when the body is at its end.
func (b *BodyReader) Sum() Hash {
	var sum Hash
	b.h.Sum(sum[:0])
	return sum
}
