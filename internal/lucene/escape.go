package lucene

import (
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// wildcardAt returns the index of the first * or ? in s that no backslash escapes, -1 when there is none.
func wildcardAt(s string) int {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '*', '?':
			return i
		}
	}
	return -1
}

// unescape resolves \x and \uXXXX in s, which stands at byte pos of the query.
func unescape(s string, pos int) (string, error) {
	first := strings.IndexByte(s, '\\')
	if first < 0 {
		return s, nil
	}
	var b strings.Builder
	b.Grow(len(s))
	b.WriteString(s[:first])
	for i := first; i < len(s); {
		if s[i] != '\\' {
			b.WriteByte(s[i])
			i++
			continue
		}
		if i+1 == len(s) {
			return "", &SyntaxError{Pos: pos + i, Found: `\`, Expected: `a character after the backslash; a backslash itself is written \\`}
		}
		if s[i+1] != 'u' {
			_, width := utf8.DecodeRuneInString(s[i+1:])
			b.WriteString(s[i+1 : i+1+width])
			i += 1 + width
			continue
		}
		unit, ok := hexUnit(s[i:])
		if !ok {
			return "", &SyntaxError{Pos: pos + i, Found: excerpt(s[i:]), Expected: `four hexadecimal digits after \u`}
		}
		i += 6
		// Characters beyond the first 65 536 are written as two units.
		if utf16.IsSurrogate(unit) {
			if low, ok := hexUnit(s[i:]); ok && utf16.DecodeRune(unit, low) != utf8.RuneError {
				unit = utf16.DecodeRune(unit, low)
				i += 6
			}
		}
		b.WriteRune(unit)
	}
	return b.String(), nil
}

// hexUnit reads \uXXXX at the beginning of s.
func hexUnit(s string) (rune, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	var r rune
	for i := 2; i < 6; i++ {
		switch c := s[i]; {
		case '0' <= c && c <= '9':
			r = r<<4 | rune(c-'0')
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return r, true
}

// plainPattern removes the escapes of s that a pattern does not need: a backslash remains only before *, ? and \.
func plainPattern(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
			if strings.IndexByte(`*?\`, s[i]) >= 0 {
				b.WriteByte('\\')
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// special are the characters that mean something to one of the grammars.
const special = " \t\n\r+-!():^@<>=[]\"{}~*?\\/&|"

// appendEscaped appends s so that both grammars read it as one word. Wild cards stay what they are if pattern, in which
// case s is a pattern and has its own escapes.
func appendEscaped(dst []byte, s string, pattern bool) []byte {
	if keyword(s) {
		dst = append(dst, '\\')
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case pattern && (c == '*' || c == '?'):
			dst = append(dst, c)
		case pattern && c == '\\' && i+1 < len(s):
			i++
			dst = append(dst, c, s[i])
		case strings.IndexByte(special, c) >= 0 && !inner(s, i):
			dst = append(dst, '\\', c)
		case spaceAt(s[i:]):
			dst = append(dst, '\\', c)
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

// spaceAt says that s begins with white space of any kind: text of nothing else would be no query.
func spaceAt(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsSpace(r)
}

// inner says that s[i] is a sign or an ampersand that needs no escape inside of a word.
func inner(s string, i int) bool {
	return i > 0 && (s[i] == '-' || s[i] == '+')
}

// keyword says that a word would be read as an operator or, before a colon, as a function. None of these words begins
// with a u, so that a backslash may stand before them.
func keyword(s string) bool {
	switch s {
	case "AND", "OR", "NOT", "fn":
		return true
	}
	return false
}

// appendBound appends s as the bound of a range. Brackets, blanks and quotes are written as \uXXXX, as the rules for
// them inside of ranges differ from those elsewhere.
func appendBound(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c < '0' && strings.IndexByte("-.,/", c) < 0, strings.IndexByte(`\]}`, c) >= 0, i == 0 && s == "TO":
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		case c == 0xE3 && strings.HasPrefix(s[i:], "\u3000"):
			dst = append(dst, `\u3000`...)
			i += len("\u3000") - 1
		default:
			dst = append(dst, c)
		}
	}
	return dst
}
