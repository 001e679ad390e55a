package rest

import (
	"io"
	"net/http"
	"time"
)

const (
	// bodyPatience is how long a request body may take for its next bodyPart bytes, or for its end.
	bodyPatience = 30 * time.Second
	// bodyPart is the number of bytes after which the time begins anew. A body of any size can be sent over a slow line, but
	// a client that sends next to nothing does not hold a connection, a goroutine and a buffer for ever: bodies are read
	// before it is known who sends them.
	bodyPart = 64 << 10
)

// boundBody returns the request with a body whose reading fails when its sender is too slow. The request given stays as it
// is: the library looks at its body to see whether the connection can be used again.
func (h *Handler) boundBody(w http.ResponseWriter, r *http.Request) *http.Request {
	if r.Body == nil || r.Body == http.NoBody {
		return r
	}
	patience := h.opts.BodyPatience
	if patience <= 0 {
		patience = bodyPatience
	}
	bounded := r.WithContext(r.Context())
	bounded.Body = &slowBody{ReadCloser: r.Body, conn: http.NewResponseController(w), patience: patience}
	return bounded
}

// slowBody is a body with a deadline that moves while enough of it arrives.
type slowBody struct {
	io.ReadCloser
	conn     *http.ResponseController
	patience time.Duration
	part     int // bytes until the deadline moves
}

func (b *slowBody) Read(p []byte) (int, error) {
	if b.part <= 0 {
		b.part = bodyPart
		_ = b.conn.SetReadDeadline(time.Now().Add(b.patience)) // writers without a connection, of tests, have no deadlines
	}
	n, err := b.ReadCloser.Read(p)
	b.part -= n
	if err == io.EOF {
		// The connection is watched for its end while the answer is made: a deadline left behind would end the request.
		_ = b.conn.SetReadDeadline(time.Time{})
	}
	return n, err
}
