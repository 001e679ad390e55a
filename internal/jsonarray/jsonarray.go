// Package jsonarray cuts a JSON array that is read from a stream into its elements, with one element in memory at a time.
package jsonarray

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// SyntaxError says what is wrong with the array. Elements themselves are not checked but for their outline.
type SyntaxError struct {
	Element int // number of elements before the place
	Problem string
}

// Error returns the place and the problem.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("after %d elements: %s", e.Element, e.Problem)
}

// Reader reads one array.
type Reader struct {
	r       *bufio.Reader
	limit   int
	buf     []byte
	read    int
	started bool
	err     error
}

// NewReader reads an array from r whose elements have at most limit bytes each.
func NewReader(r io.Reader, limit int) *Reader {
	return &Reader{r: bufio.NewReaderSize(r, 1<<16), limit: limit}
}

// Reset makes the reader read another array; it keeps its buffers.
func (r *Reader) Reset(source io.Reader) {
	r.r.Reset(source)
	r.read, r.started, r.err = 0, false, nil
}

// Next returns the JSON text of the next element, good until the next call; io.EOF when the array and the stream are at
// their end. Anything but white space behind the array is a *SyntaxError; other errors come from the stream.
func (r *Reader) Next() ([]byte, error) {
	if r.err != nil {
		return nil, r.err
	}
	element, err := r.next()
	if err != nil {
		r.err = err
		return nil, err
	}
	r.read++
	return element, nil
}

func (r *Reader) next() ([]byte, error) {
	if !r.started {
		r.started = true
		if err := r.begin(); err != nil {
			return nil, err
		}
		c, err := r.peek()
		switch {
		case err != nil:
			return nil, err
		case c == ']':
			return nil, r.end()
		}
		return r.element()
	}
	c, err := r.peek()
	switch {
	case err != nil:
		return nil, err
	case c == ']':
		return nil, r.end()
	case c != ',':
		return nil, r.wrong("a comma or the end of the array is expected")
	}
	_, _ = r.r.Discard(1) // it was peeked
	return r.element()
}

func (r *Reader) wrong(problem string) error { return &SyntaxError{Element: r.read, Problem: problem} }

// begin reads the bracket.
func (r *Reader) begin() error {
	if mark, err := r.r.Peek(3); err == nil && string(mark) == "\xef\xbb\xbf" {
		_, _ = r.r.Discard(3)
	}
	c, err := r.peek()
	switch {
	case err != nil:
		return err
	case c != '[':
		return r.wrong("a JSON array is expected")
	}
	_, err = r.r.Discard(1)
	return err
}

// end reads the closing bracket and what follows it, and returns io.EOF.
func (r *Reader) end() error {
	_, _ = r.r.Discard(1)
	for {
		c, err := r.r.ReadByte()
		if err != nil {
			return err
		}
		if !space(c) {
			return r.wrong("something follows the end of the array")
		}
	}
}

// peek returns the next byte that is no white space and leaves it.
func (r *Reader) peek() (byte, error) {
	for {
		c, err := r.byte()
		if err != nil {
			return 0, err
		}
		if !space(c) {
			return c, r.r.UnreadByte()
		}
	}
}

func (r *Reader) byte() (byte, error) {
	c, err := r.r.ReadByte()
	if errors.Is(err, io.EOF) {
		return 0, r.wrong("the array ends too early")
	}
	return c, err
}

// element reads a value up to its end: the bracket that closes it, the quotation mark, or what separates elements.
func (r *Reader) element() ([]byte, error) {
	if _, err := r.peek(); err != nil {
		return nil, err
	}
	r.buf = r.buf[:0]
	for depth := 0; ; {
		c, err := r.byte()
		if err != nil {
			return nil, err
		}
		if depth == 0 && (c == ',' || c == ']' || c == '}' || c == ':' || space(c)) {
			if len(r.buf) == 0 {
				return nil, r.wrong("a value is expected")
			}
			return r.buf, r.r.UnreadByte()
		}
		if len(r.buf) >= r.limit {
			return nil, r.wrong(fmt.Sprintf("the next element has more than %d bytes", r.limit))
		}
		r.buf = append(r.buf, c)
		switch c {
		case '"':
			if err := r.text(); err != nil {
				return nil, err
			}
		case '{', '[':
			depth++
			continue
		case '}', ']':
			depth--
		default:
			continue
		}
		if depth == 0 {
			return r.buf, nil
		}
	}
}

// text reads the rest of a string.
func (r *Reader) text() error {
	for escaped := false; ; {
		c, err := r.byte()
		if err != nil {
			return err
		}
		if len(r.buf) >= r.limit {
			return r.wrong(fmt.Sprintf("the next element has more than %d bytes", r.limit))
		}
		r.buf = append(r.buf, c)
		switch {
		case escaped:
			escaped = false
		case c == '\\':
			escaped = true
		case c == '"':
			return nil
		}
	}
}

func space(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }
