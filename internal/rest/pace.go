package rest

import (
	"io"
	"net/http"
	"sync"
	"time"
)

const (
	// bodyPatience is how long a request body may take for its next pacePart bytes, or for its end.
	bodyPatience = 30 * time.Second
	// answerPatience is how long a client may take to receive the next pacePart bytes of an answer. It is longer than that
	// of bodies because the system tells of room in its buffers, which may hold megabytes, only now and then.
	answerPatience = 2 * time.Minute
	// drainPatience takes the place of both once the server stops. The rate stays the same: the part shrinks with the time.
	drainPatience = 3 * time.Second
	// pacePart is the number of bytes after which the time begins anew. Bodies and answers of any size can go over a slow
	// line, but a client that sends or takes next to nothing does not hold a connection, a goroutine and a buffer for ever:
	// bodies are read before it is known who sends them.
	pacePart = 64 << 10
)

// pace ends requests whose client is too slow.
type pace struct {
	body, answer, drain time.Duration

	mu       sync.Mutex
	draining bool
	running  map[*transfer]struct{} // those whose deadline must move forward when the server stops
}

func newPace(o Options) *pace {
	p := &pace{body: bodyPatience, answer: answerPatience, drain: drainPatience, running: map[*transfer]struct{}{}}
	if o.BodyPatience > 0 {
		p.body = o.BodyPatience
	}
	if o.AnswerPatience > 0 {
		p.answer = o.AnswerPatience
	}
	if o.DrainPatience > 0 {
		p.drain = o.DrainPatience
	}
	return p
}

// hurry shortens the patience of what runs now and of what comes.
func (p *pace) hurry() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.draining = true
	for t := range p.running {
		t.extend()
	}
}

// transfer is a body or an answer on its way. Its members are guarded by the mutex of the pace.
type transfer struct {
	pace     *pace
	patience time.Duration
	set      func(deadline time.Time) error // writers without a connection, of tests, have no deadlines
	left     int                            // bytes until the deadline moves
}

// extend gives the next part its time.
func (t *transfer) extend() {
	patience, part := t.patience, pacePart
	if t.pace.draining && t.pace.drain < patience {
		part = int(int64(part) * int64(t.pace.drain) / int64(patience))
		patience = t.pace.drain
	}
	t.left = part
	_ = t.set(time.Now().Add(patience))
}

// start begins the time of the first part.
func (t *transfer) start() {
	t.pace.mu.Lock()
	defer t.pace.mu.Unlock()
	t.pace.running[t] = struct{}{}
	t.extend()
}

// moved counts bytes that went over the line.
func (t *transfer) moved(n int) {
	t.pace.mu.Lock()
	defer t.pace.mu.Unlock()
	if t.left -= n; t.left <= 0 {
		t.extend()
	}
}

// end forgets the transfer; the deadline stays as it is.
func (t *transfer) end() {
	t.pace.mu.Lock()
	defer t.pace.mu.Unlock()
	delete(t.pace.running, t)
}

// boundBody returns the request with a body whose reading fails when its sender is too slow, and what ends that. The request
// given stays as it is: the library looks at its body to see whether the connection can be used again.
func (h *Handler) boundBody(w http.ResponseWriter, r *http.Request) (bounded *http.Request, end func()) {
	if r.Body == nil || r.Body == http.NoBody {
		return r, func() {}
	}
	conn := http.NewResponseController(w)
	body := &slowBody{ReadCloser: r.Body, conn: conn, transfer: transfer{pace: h.pace, patience: h.pace.body}}
	body.set = func(deadline time.Time) error {
		_ = conn.SetWriteDeadline(deadline) // reading may have to write: 100 Continue
		return conn.SetReadDeadline(deadline)
	}
	bounded = r.WithContext(r.Context())
	bounded.Body = body
	return bounded, body.end
}

// slowBody is a body with a deadline that moves while enough of it arrives.
type slowBody struct {
	io.ReadCloser
	transfer
	conn    *http.ResponseController
	started bool
}

func (b *slowBody) Read(p []byte) (int, error) {
	if !b.started {
		b.started = true
		b.start()
	}
	n, err := b.ReadCloser.Read(p)
	if err == nil {
		b.moved(n)
		return n, nil
	}
	b.end()
	if err == io.EOF {
		// The connection is watched for its end while the answer is made: a deadline left behind would end the request.
		_ = b.conn.SetReadDeadline(time.Time{})
	}
	return n, err
}

// boundWriter writes an answer with a deadline that moves while enough of it is taken.
type boundWriter struct {
	http.ResponseWriter
	transfer
	pauses bool // there may be any time between two writes
}

// bound returns what writes an answer.
func (h *Handler) bound(w http.ResponseWriter) *boundWriter {
	return &boundWriter{ResponseWriter: w, transfer: transfer{pace: h.pace, patience: h.pace.answer, set: http.NewResponseController(w).SetWriteDeadline}}
}

// begin gives time for what the library writes by itself: headers, and after the last Write what it has kept back.
func (b *boundWriter) begin() {
	b.pace.mu.Lock()
	defer b.pace.mu.Unlock()
	b.extend()
}

func (b *boundWriter) Write(p []byte) (written int, err error) {
	b.start()
	defer b.end()
	for len(p) > 0 {
		n, err := b.ResponseWriter.Write(p[:min(len(p), pacePart)])
		written += n
		if err != nil {
			return written, err
		}
		b.moved(n)
		p = p[n:]
	}
	if b.pauses {
		_ = b.set(time.Time{}) // HTTP/2 ends a stream at its deadline even if nobody writes
	}
	return written, nil
}
