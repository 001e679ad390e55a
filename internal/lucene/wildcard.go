package lucene

import "unicode/utf8"

// MatchWildcard says whether pattern matches the whole of text: * any run, ? one character, \ takes the next character
// literally (S 11.5). A pattern without end after \ means a backslash. It takes at most len(pattern)·len(text) steps.
func MatchWildcard(pattern, text string) bool {
	p, t := 0, 0
	// Where to go back to: behind the last *, and the text it has not swallowed yet.
	star, rest := -1, 0
	for t < len(text) {
		c, literal, width := patternChar(pattern[p:])
		r, w := utf8.DecodeRuneInString(text[t:])
		switch {
		case width > 0 && c == '*' && !literal:
			p += width
			star, rest = p, t
		case width > 0 && (c == '?' && !literal || c == r && (c != utf8.RuneError || pattern[p+width-1] == text[t+w-1])):
			p += width
			t += w
		case star >= 0:
			_, w := utf8.DecodeRuneInString(text[rest:])
			rest += w
			p, t = star, rest
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

// WildcardPrefix returns the literal text that everything begins with that pattern matches.
func WildcardPrefix(pattern string) string {
	var prefix []byte
	for len(pattern) > 0 {
		c, literal, width := patternChar(pattern)
		if (c == '*' || c == '?') && !literal {
			break
		}
		if literal && width > 1 {
			pattern, width = pattern[1:], width-1
		}
		prefix = append(prefix, pattern[:width]...)
		pattern = pattern[width:]
	}
	return string(prefix)
}

// patternChar reads one character of a pattern with the backslash before it; width 0 at the end.
func patternChar(s string) (c rune, literal bool, width int) {
	c, width = utf8.DecodeRuneInString(s)
	if c != '\\' || len(s) == 1 {
		return c, c == '\\', width
	}
	c, width = utf8.DecodeRuneInString(s[1:])
	return c, true, width + 1
}
