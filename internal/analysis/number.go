package analysis

import (
	"strings"

	para "github.com/erudika/para-go"
)

// IsNumber says whether a text is the text of a number, as JSON or a person writes it: digits, a sign, a point, an
// exponent.
func IsNumber(s string) bool {
	_, ok := NumberKey(s)
	return ok
}

// NumberKey returns a key that sorts as the numbers do and is equal for equal numbers, however they are written; nothing
// is rounded. ok is false for what is no number.
//
// The key is a sign, the exponent of the first digit as two bytes, and the digits without trailing zeros; all bytes are
// complemented for negative numbers.
func NumberKey(s string) (key string, ok bool) {
	s = strings.TrimSpace(s)
	negative := strings.HasPrefix(s, "-")
	s = strings.TrimPrefix(strings.TrimPrefix(s, "-"), "+")
	mantissa, exponent := s, ""
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		mantissa, exponent = s[:i], s[i+1:]
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	if whole+fraction == "" || !digitsOnly(whole) || !digitsOnly(fraction) {
		return "", false
	}
	e, ok := exponentOf(exponent, len(s) != len(mantissa))
	if !ok {
		return "", false
	}
	digits := strings.TrimLeft(whole, "0")
	e += len(digits)
	if digits == "" {
		trimmed := strings.TrimLeft(fraction, "0")
		e -= len(fraction) - len(trimmed)
		digits = trimmed
	} else {
		digits += fraction
	}
	digits = strings.TrimRight(digits, "0")
	if digits == "" {
		return "\x80", true // zero
	}
	e = max(min(e, maxExponent), -maxExponent)
	b := make([]byte, 0, len(digits)+5)
	b = append(b, 0xC0, byte((e+exponentBias)>>16), byte((e+exponentBias)>>8), byte(e+exponentBias))
	b = append(b, digits...)
	if negative {
		b = append(b, 0) // so that, complemented, fewer digits sort after more
		for i := range b {
			b[i] = ^b[i]
		}
	}
	return string(b), true
}

const (
	maxExponent  = 8_000_000
	exponentBias = 8_388_608
	maxDigits    = 7 // of an exponent that is written
)

func digitsOnly(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

func exponentOf(s string, written bool) (int, bool) {
	if !written {
		return 0, true
	}
	negative := strings.HasPrefix(s, "-")
	s = strings.TrimPrefix(strings.TrimPrefix(s, "-"), "+")
	if s == "" || !digitsOnly(s) {
		return 0, false
	}
	s = strings.TrimLeft(s, "0")
	n := maxExponent
	if len(s) <= maxDigits {
		n = 0
		for i := 0; i < len(s); i++ {
			n = n*10 + int(s[i]-'0')
		}
	}
	if negative {
		n = -n
	}
	return n, true
}

// Point reads "lat,lng" as a query gives it; false without a comma or outside the earth (S 14).
func Point(text string) (para.Point, bool) {
	p := point(text)
	if p == nil || !strings.Contains(text, ",") {
		return para.Point{}, false
	}
	return *p, true
}
