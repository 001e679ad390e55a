package para

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Conversions of JSON values to the kinds of declared fields (O 6.2).

// embedded returns the JSON that a text holds when it is of the wanted kind, or null (O 5.2).
func embedded(raw []byte, kind byte) ([]byte, bool) {
	p := newParser([]byte(textOf(raw)))
	inner, err := p.value(nil, 2)
	if err != nil || p.peek() != 0 || p.pos < len(p.data) {
		return nil, false
	}
	return inner, kindOf(inner) == kind || kindOf(inner) == 'n'
}

// toText converts a value to a text; false: there is none, the field keeps its value.
func toText(raw []byte) (string, bool) {
	raw, ok := first(raw)
	if !ok {
		return "", false
	}
	switch kindOf(raw) {
	case '"':
		return textOf(raw), true
	case 'n':
		return "", false
	case '{':
		return string(appendMapText(nil, raw)), true
	}
	return string(raw), true
}

// first returns a value that is no array as it is; of an array the first element that is none, through all levels; false
// when there is none.
func first(raw []byte) ([]byte, bool) {
	i := 0
	for i < len(raw) && raw[i] == '[' {
		i++
	}
	if i == 0 {
		return raw, true
	}
	if i >= len(raw) || raw[i] == ']' {
		return nil, false
	}
	s := skipper{data: raw, pos: i}
	return s.skip()
}

// appendMapText appends the text that Java makes of a map: {a=1, b=[x, y]}. It is one pass over canonical JSON.
func appendMapText(dst, raw []byte) []byte {
	s := skipper{data: raw}
	for s.pos < len(raw) {
		switch c := raw[s.pos]; c {
		case '"':
			start := s.pos
			if !s.skipText() {
				return dst
			}
			dst = append(dst, textOf(raw[start:s.pos])...)
			continue
		case ',':
			dst = append(dst, ", "...)
		case ':':
			dst = append(dst, '=')
		default:
			dst = append(dst, c)
		}
		s.pos++
	}
	return dst
}

// toLong converts a value to an integer: fractions are cut off, of an array the first element counts, what cannot be
// converted is 0.
func toLong(raw []byte) int64 {
	raw, ok := first(raw)
	if !ok {
		return 0
	}
	switch kindOf(raw) {
	case '0':
		if n, exact := cut(raw); exact {
			return n
		}
	case '"':
		if n, err := strconv.ParseInt(strings.TrimSpace(textOf(raw)), 10, 64); err == nil {
			return n
		}
	case 't':
		return 1
	}
	return 0
}

// cut returns a JSON number without its fraction. When it does not fit, exact is false and the nearest integer that
// does is returned.
func cut(raw []byte) (n int64, exact bool) {
	if n, err := strconv.ParseInt(string(raw), 10, 64); err == nil {
		return n, true
	}
	f, err := strconv.ParseFloat(string(raw), 64)
	switch {
	case f >= 1<<63:
		return math.MaxInt64, false
	case f < -1<<63:
		return math.MinInt64, false
	}
	return int64(f), err == nil
}

// toInt converts a value to a 32-bit integer; what is out of range is 0.
func toInt(raw []byte) int64 {
	n := toLong(raw)
	if n != int64(int32(n)) {
		return 0
	}
	return n
}

// toFlag converts a value to a boolean; what cannot be converted is false.
func toFlag(raw []byte) bool {
	raw, ok := first(raw)
	if !ok {
		return false
	}
	switch kindOf(raw) {
	case 't':
		return true
	case '0':
		return string(raw) == "1"
	case '"':
		switch strings.ToLower(textOf(raw)) {
		case "true", "yes", "y", "on", "1":
			return true
		}
	}
	return false
}

// utf16Len is the length of a text in UTF-16 code units (O 1).
func utf16Len(s string) int {
	n := 0
	for i := 0; i < len(s); {
		if s[i] < utf8.RuneSelf {
			i++
			n++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		i += size
		n++
		if r > 0xFFFF {
			n++
		}
	}
	return n
}
