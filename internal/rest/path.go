package rest

import (
	"strings"
	"unicode/utf8"

	para "github.com/erudika/para-go"
)

// splitPath decodes a raw request path (D8). Segments are separated by slashes before anything is decoded, so an
// escaped slash belongs to its segment; "+", ";" and everything else are ordinary characters. Empty segments are
// skipped, except a final one, which comes back as an empty string: "/v1/users/" is not "/v1/users". The second result
// names what is wrong with the path, "" for nothing.
func splitPath(raw string) (segments []string, problem string) {
	raw = strings.TrimPrefix(raw, "/")
	segments = make([]string, 0, 6)
	for {
		part, rest, more := strings.Cut(raw, "/")
		if part == "" && more {
			raw = rest
			continue
		}
		s, problem := unescape(part)
		if problem != "" {
			return nil, problem
		}
		if s == "." || s == ".." {
			return nil, "The path contains a '" + s + "' segment."
		}
		segments = append(segments, s)
		if !more {
			return segments, ""
		}
		raw = rest
	}
}

// unescape decodes %XX once.
func unescape(s string) (decoded, problem string) {
	if strings.IndexByte(s, '%') >= 0 {
		b := make([]byte, 0, len(s))
		for i := 0; i < len(s); i++ {
			if s[i] != '%' {
				b = append(b, s[i])
				continue
			}
			if i+2 >= len(s) || !isHex(s[i+1]) || !isHex(s[i+2]) {
				return "", "The path contains an incomplete escape; write a percent sign as %25."
			}
			b = append(b, unhex(s[i+1])<<4|unhex(s[i+2]))
			i += 2
		}
		s = string(b)
	}
	if strings.IndexByte(s, 0) >= 0 {
		return "", "The path contains a NUL character."
	}
	if !utf8.ValidString(s) {
		return "", "The path is not valid UTF-8."
	}
	return s, ""
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

func unhex(c byte) byte {
	switch {
	case c <= '9':
		return c - '0'
	case c >= 'a':
		return c - 'a' + 10
	}
	return c - 'A' + 10
}

// typeAt is the type that the n-th segment names: its singular if the app knows it as a plural, repaired as types are when
// objects are stored (R 11, D7).
func (c *call) typeAt(n int) string { return para.CleanType(c.p.App.ResolveType(c.seg(n))) }

// params holds the parameters of a request in the order they were sent. Only the URL counts: bodies are never read as
// forms on /v1 (R 4.2).
type params []param

type param struct{ name, value string }

// parseQuery decodes a raw query string: "+" and "%20" are spaces, a bare name has an empty value, escapes that do not
// decode stay as they are (W12).
func parseQuery(raw string) params {
	var q params
	for raw != "" {
		var part string
		part, raw, _ = strings.Cut(raw, "&")
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		q = append(q, param{formUnescape(name), formUnescape(value)})
	}
	return q
}

func formUnescape(s string) string {
	if strings.IndexByte(s, '%') < 0 && strings.IndexByte(s, '+') < 0 {
		return strings.ToValidUTF8(s, "\uFFFD")
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '+':
			b = append(b, ' ')
		case s[i] == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
			b = append(b, unhex(s[i+1])<<4|unhex(s[i+2]))
			i += 2
		default:
			b = append(b, s[i])
		}
	}
	return strings.ToValidUTF8(string(b), "\uFFFD")
}

// has says whether a parameter is present, also with an empty value.
func (q params) has(name string) bool {
	for _, p := range q {
		if p.name == name {
			return true
		}
	}
	return false
}

// get returns the first value of a parameter, "" when it is absent.
func (q params) get(name string) string {
	for _, p := range q {
		if p.name == name {
			return p.value
		}
	}
	return ""
}

// all returns every value of a repeated parameter.
func (q params) all(name string) []string {
	var out []string
	for _, p := range q {
		if p.name == name {
			out = append(out, p.value)
		}
	}
	return out
}

// yes reads a boolean parameter (D12): true, 1, yes and on in any case are true, any other present value is false,
// an absent one is def.
func (q params) yes(name string, def bool) bool {
	if !q.has(name) {
		return def
	}
	switch strings.ToLower(q.get(name)) {
	case "true", "1", "yes", "on":
		return true
	}
	return false
}
