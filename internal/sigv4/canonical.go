package sigv4

import (
	"bytes"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
)

// Request is what of a request is signed, as it came over the wire (A 3.3, W14).
type Request struct {
	Method string
	Path   string // raw: not decoded, context path included, without the query
	Query  string // raw, without the question mark
	Date   string // text of the header X-Amz-Date
	Header http.Header
}

// RequestOf takes a received request apart. It reads the request line, not URL, which handlers may have changed.
func RequestOf(r *http.Request) Request {
	target := r.RequestURI
	if !strings.HasPrefix(target, "/") { // absolute form, as sent to a proxy
		if _, rest, ok := strings.Cut(target, "://"); ok {
			if i := strings.IndexAny(rest, "/?"); i >= 0 {
				target = rest[i:]
			} else {
				target = ""
			}
		}
	}
	path, query, _ := strings.Cut(target, "?")
	return Request{Method: r.Method, Path: path, Query: query, Date: r.Header.Get(DateHeader), Header: r.Header}
}

// param is one query parameter within scratch.arena.
type param struct{ start, equals, end int }

// scratch is the memory that one check needs; it is used again by the next one.
type scratch struct {
	canonical []byte
	arena     []byte // encoded query parameters
	params    []param
	toSign    []byte
	sum       []byte
	names     []string
}

// appendTarget appends the first three lines of the canonical request: method, path and query.
func (s *scratch) appendTarget(dst []byte, r *Request, plusLiteral bool) []byte {
	dst = append(dst, r.Method...)
	dst = append(dst, '\n')
	dst = appendPath(dst, r.Path)
	dst = append(dst, '\n')
	dst = s.appendQuery(dst, r.Query, plusLiteral)
	return append(dst, '\n')
}

// appendHeaders appends the rest of the canonical request: signed headers with their values, their names, and the hash
// of the body. Names that the request does not carry are left out, which makes the signature differ (A 3.3).
func appendHeaders(dst []byte, r *Request, names []string, host string, body *Hash) []byte {
	for _, name := range names {
		if value, ok := headerValue(r, name, host); ok {
			dst = append(dst, name...)
			dst = append(dst, ':')
			dst = appendFolded(dst, value)
			dst = append(dst, '\n')
		}
	}
	dst = append(dst, '\n')
	first := true
	for _, name := range names {
		if _, ok := headerValue(r, name, host); !ok {
			continue
		}
		if !first {
			dst = append(dst, ';')
		}
		first = false
		dst = append(dst, name...)
	}
	dst = append(dst, '\n')
	return hex.AppendEncode(dst, body[:])
}

func headerValue(r *Request, name, host string) (string, bool) {
	switch name {
	case "host":
		return host, true
	case "x-amz-date":
		return r.Date, true
	}
	values := r.Header.Values(name)
	if len(values) == 0 {
		return "", false
	}
	return values[0], true
}

// appendPath encodes a raw path once more: what was encoded on the wire is signed encoded twice (A 3.3).
func appendPath(dst []byte, path string) []byte {
	if path == "" {
		return append(dst, '/')
	}
	for i := 0; i < len(path); i++ {
		if c := path[i]; c == '/' {
			dst = append(dst, c)
		} else {
			dst = appendEncoded(dst, c)
		}
	}
	return dst
}

// appendQuery appends the canonical query: parameters decoded as a form, encoded again, sorted by name, of each name
// the first. plusLiteral keeps a plus sign instead of reading a space (D60).
func (s *scratch) appendQuery(dst []byte, query string, plusLiteral bool) []byte {
	s.arena, s.params = s.arena[:0], s.params[:0]
	for more := query != ""; more; {
		var part string
		part, query, more = strings.Cut(query, "&")
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		p := param{start: len(s.arena)}
		s.arena = appendReencoded(s.arena, name, plusLiteral)
		p.equals = len(s.arena)
		s.arena = append(s.arena, '=')
		s.arena = appendReencoded(s.arena, value, plusLiteral)
		p.end = len(s.arena)
		s.params = append(s.params, p)
	}
	name := func(p param) []byte { return s.arena[p.start:p.equals] }
	slices.SortFunc(s.params, func(a, b param) int {
		if c := bytes.Compare(name(a), name(b)); c != 0 {
			return c
		}
		return a.start - b.start // of equal names the first comes first
	})
	for i, p := range s.params {
		if i > 0 {
			if bytes.Equal(name(p), name(s.params[i-1])) {
				continue
			}
			dst = append(dst, '&')
		}
		dst = append(dst, s.arena[p.start:p.end]...)
	}
	return dst
}

// appendReencoded decodes a form-encoded text and encodes it as RFC 3986 has it. A percent sign that begins no escape
// stands for itself.
func appendReencoded(dst []byte, text string, plusLiteral bool) []byte {
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '+' && !plusLiteral:
			c = ' '
		case c == '%' && i+2 < len(text) && hexDigit[text[i+1]] >= 0 && hexDigit[text[i+2]] >= 0:
			c = byte(hexDigit[text[i+1]])<<4 | byte(hexDigit[text[i+2]])
			i += 2
		}
		dst = appendEncoded(dst, c)
	}
	return dst
}

func appendEncoded(dst []byte, c byte) []byte {
	if unreserved[c] {
		return append(dst, c)
	}
	const digits = "0123456789ABCDEF"
	return append(dst, '%', digits[c>>4], digits[c&15])
}

// appendFolded replaces every run of white space by one space.
func appendFolded(dst []byte, value string) []byte {
	space := false
	for i := 0; i < len(value); i++ {
		c := value[i]
		if c == ' ' || '\t' <= c && c <= '\r' {
			if !space {
				dst = append(dst, ' ')
			}
			space = true
			continue
		}
		space = false
		dst = append(dst, c)
	}
	return dst
}

// Tables over all bytes; never written to after initialisation.
var (
	unreserved = func() (t [256]bool) {
		for c := range t {
			t[c] = strings.IndexByte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~", byte(c)) >= 0
		}
		return t
	}()
	hexDigit = func() (t [256]int8) {
		for c := range t {
			t[c] = int8(strings.IndexByte("0123456789abcdef", byte(c)))
		}
		for c := byte('A'); c <= 'F'; c++ {
			t[c] = int8(c-'A') + 10
		}
		return t
	}()
)
