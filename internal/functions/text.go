package functions

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
)

// StripAndTrim replaces each symbol, punctuation mark and control character of s by replacement, makes one space of each
// run of separators and trims the result; with asciiOnly everything outside ASCII is dropped first. Blank text gives ""
// (O 20.4). Tabs and line ends are control characters.
func StripAndTrim(s, replacement string, asciiOnly bool) string {
	if isBlank(s) {
		return ""
	}
	var b strings.Builder
	b.Grow(len(s))
	inSeparators := false
	write := func(r rune) {
		if unicode.Is(unicode.Z, r) {
			if !inSeparators {
				b.WriteByte(' ')
			}
			inSeparators = true
			return
		}
		inSeparators = false
		b.WriteRune(r)
	}
	for _, r := range s {
		switch {
		case asciiOnly && r >= utf8.RuneSelf:
		case unicode.In(r, unicode.S, unicode.P) || isControl(r):
			for _, x := range replacement { // separators of the replacement merge with their neighbours
				write(x)
			}
		default:
			write(r)
		}
	}
	return trimControls(b.String())
}

// NoSpaces trims s, makes the trimmed replacement of each run of control characters and separators and turns the rest to
// lower case. Blank text gives "" (O 20.4).
func NoSpaces(s, replacement string) string {
	if isBlank(s) {
		return ""
	}
	replacement = trimControls(replacement)
	var b strings.Builder
	b.Grow(len(s))
	inSpace := false
	for _, r := range trimControls(s) {
		if isControl(r) || unicode.Is(unicode.Z, r) {
			if !inSpace {
				b.WriteString(replacement)
			}
			inSpace = true
			continue
		}
		inSpace = false
		b.WriteRune(r)
	}
	return cases.Lower(language.Und).String(b.String())
}

// Abbreviate shortens s to at most limit characters, the last three of them "..." when something was cut off (O 20.13).
// limit below 4 counts as 4; blank text gives "".
func Abbreviate(s string, limit int) string {
	if isBlank(s) {
		return ""
	}
	limit = max(limit, 4)
	if utf8.RuneCountInString(s) <= limit {
		return s
	}
	return string([]rune(s)[:limit-3]) + "..."
}

// isControl covers the Unicode category C, unassigned code points included.
func isControl(r rune) bool {
	if unicode.Is(unicode.C, r) {
		return true
	}
	return !unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Z)
}

// trimControls removes leading and trailing characters up to U+0020.
func trimControls(s string) string {
	return strings.TrimFunc(s, func(r rune) bool { return r <= ' ' })
}

func isJavaWhitespace(r rune) bool {
	switch {
	case r >= '\t' && r <= '\r', r >= 0x1c && r <= 0x1f:
		return true
	case r == 0xa0, r == 0x2007, r == 0x202f:
		return false
	}
	return unicode.Is(unicode.Z, r)
}
