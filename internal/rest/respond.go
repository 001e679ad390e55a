package rest

import (
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	para "github.com/erudika/para-go"
)

// Content types of answers (R 6.5).
const (
	typeJSON  = "application/json"
	typeGate  = "application/json;charset=UTF-8" // errors of the gate
	typeText  = "text/plain"
	typeHTML  = "text/html"
	gzipFloor = 128 // bytes from which an answer is compressed (D4)
)

// answer is a complete answer: everything is buffered and written in one go, since clients lose bodies that arrive
// later than their headers (D4, W2).
//
// The exception are files of any size: they have a stream instead of a body.
type answer struct {
	status  int
	typ     string // content type; "" for an empty body
	body    []byte
	headers []param // further headers
	plain   bool    // the select filter does not apply (maps, texts, errors)

	stream func(ctx context.Context, w io.Writer) error // writes the body; what it writes is neither kept nor compressed
	sent   int64                                        // bytes that stream wrote
}

// bodyJSON is a 200 with JSON that select does not touch.
func bodyJSON(body []byte) *answer {
	return &answer{status: http.StatusOK, typ: typeJSON, body: body, plain: true}
}

// bodyText is a 200 with a bare text.
func bodyText(text string) *answer {
	return &answer{status: http.StatusOK, typ: typeText, body: []byte(text), plain: true}
}

// empty is a 200 without a body.
func empty() *answer { return &answer{status: http.StatusOK, plain: true} }

// errorAnswer is {"code":…,"message":…} (R 7, D5). A blank message becomes the reason phrase.
func errorAnswer(status int, message string) *answer {
	if strings.TrimSpace(message) == "" {
		message = reason(status)
	}
	b := append(make([]byte, 0, 40+len(message)), `{"code":`...)
	b = strconv.AppendInt(b, int64(status), 10)
	b = append(b, `,"message":`...)
	b = para.AppendJSONString(b, message)
	return &answer{status: status, typ: typeJSON, body: append(b, '}'), plain: true}
}

// reason is the phrase of a status as the reference's framework words it.
func reason(status int) string {
	switch status {
	case http.StatusRequestEntityTooLarge:
		return "Content Too Large"
	case http.StatusUnprocessableEntity:
		return "Unprocessable Content"
	case http.StatusRequestURITooLong:
		return "URI Too Long"
	}
	return http.StatusText(status)
}

// statusOf maps the code of an error to an HTTP status: the only such table.
func statusOf(code para.Code) int {
	switch code {
	case para.Invalid, para.TooLarge, para.Duplicate:
		return http.StatusBadRequest
	case para.NotFound:
		return http.StatusNotFound
	case para.Conflict:
		return http.StatusPreconditionFailed
	case para.Denied:
		return http.StatusForbidden
	case para.Unknown:
		return http.StatusUnauthorized
	case para.Busy:
		return http.StatusTooManyRequests
	case para.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

var gzipWriters = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

// write sends an answer. HEAD requests get the headers of the body they would have got. It returns false when the answer
// could not be completed and the connection must not look as if it was.
func (h *Handler) write(w http.ResponseWriter, r *http.Request, a *answer) (complete bool) {
	if a.stream != nil {
		return h.writeStream(w, r, a)
	}
	header := w.Header()
	for _, p := range a.headers {
		if p.name == "Set-Cookie" {
			header.Add(p.name, p.value)
			continue
		}
		header.Set(p.name, p.value)
	}
	body := a.body
	if a.typ != "" {
		header["Content-Type"] = []string{a.typ}
	}
	if h.opts.Gzip && a.typ != "" && compressible(a.typ) {
		if len(body) >= gzipFloor {
			vary(header, "accept-encoding")
			if acceptsGzip(r.Header["Accept-Encoding"]) {
				if z, ok := compress(body); ok {
					body = z
					header["Content-Encoding"] = []string{"gzip"}
				}
			}
		}
	}
	header["Content-Length"] = []string{strconv.Itoa(len(body))}
	out := h.bound(w)
	out.begin()
	out.WriteHeader(a.status)
	if r.Method != http.MethodHead && len(body) > 0 {
		_, _ = out.Write(body) // a client that went away is no error of ours
	}
	return true
}

// vary adds a request header that the answer depends on, in the one-line form of R 6.1.
func vary(h http.Header, name string) {
	if len(h["Vary"]) == 0 {
		h["Vary"] = []string{name}
		return
	}
	h["Vary"] = []string{strings.ToLower(strings.Join(h["Vary"], ", ")) + ", " + name}
}

func compressible(typ string) bool {
	typ, _, _ = strings.Cut(typ, ";")
	switch typ {
	case typeJSON, typeText, typeHTML, "text/xml", "text/css", "text/javascript", "application/javascript":
		return true
	}
	return false
}

// acceptsGzip reads Accept-Encoding: gzip named with a weight above zero, or not named and everything else wanted.
func acceptsGzip(values []string) bool {
	others := false
	for _, line := range values {
		for line != "" {
			var part string
			part, line, _ = strings.Cut(line, ",")
			name, weight, _ := strings.Cut(part, ";")
			switch name = strings.TrimSpace(name); {
			case strings.EqualFold(name, "gzip"):
				return wanted(weight)
			case name == "*":
				others = wanted(weight)
			}
		}
	}
	return others
}

// wanted reads the weight of an encoding: only zero, and what is no number, says no.
func wanted(weight string) bool {
	q, ok := strings.CutPrefix(strings.ReplaceAll(weight, " ", ""), "q=")
	if !ok {
		return true
	}
	f, err := strconv.ParseFloat(q, 64)
	return err == nil && f > 0
}

// compress returns the gzip form of an answer.
func compress(body []byte) ([]byte, bool) {
	var b sliceWriter
	b.data = make([]byte, 0, len(body)/2+64)
	z := gzipWriters.Get().(*gzip.Writer)
	defer gzipWriters.Put(z)
	z.Reset(&b)
	if _, err := z.Write(body); err != nil {
		return nil, false
	}
	if err := z.Close(); err != nil {
		return nil, false
	}
	return b.data, true
}

type sliceWriter struct{ data []byte }

func (s *sliceWriter) Write(p []byte) (int, error) {
	s.data = append(s.data, p...)
	return len(p), nil
}
