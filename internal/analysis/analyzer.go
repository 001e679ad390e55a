// Package analysis turns a stored object into the document that search sees, and its texts into terms (S 3, S 4).
package analysis

import (
	"iter"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	para "github.com/erudika/para-go"
)

// MaxToken is the length in UTF-16 units at which longer tokens are split (S 4.2).
const MaxToken = 255

// Span is a token of an analysed text and where it stands.
type Span struct {
	Text       string // in lower case
	Position   int    // number of tokens before it
	Start, End int    // bytes of the analysed text
}

// Spans analyses text (S 4.2): it yields the words of the text in lower case. Nothing is left out for being frequent, no
// ending is cut off, accents stay. A word that is in lower case already shares the memory of text.
func Spans(text string) iter.Seq[Span] {
	return func(yield func(Span) bool) {
		position := 0
		for start, end := nextToken(text, 0); start < end; start, end = nextToken(text, end) {
			if !yield(Span{Text: Lower(text[start:end]), Position: position, Start: start, End: end}) {
				return
			}
			position++
		}
	}
}

// Tokens returns the tokens of text with positions from 0 (S 4.2). See Spans.
func Tokens(text string) []para.Token { return AppendTokens(nil, text, 0) }

// AppendTokens appends the tokens of text to dst, the first of them at the given position. See Spans.
func AppendTokens(dst []para.Token, text string, position int) []para.Token {
	for start, end := nextToken(text, 0); start < end; start, end = nextToken(text, end) {
		dst = append(dst, para.Token{Text: Lower(text[start:end]), Position: position})
		position++
	}
	return dst
}

// Lower returns s with every code point in lower case by the simple mapping of Unicode (S 4.2): what happens to terms in
// the index, and on analysed fields to prefixes, patterns, fuzzy words and bounds of ranges, which are not cut into
// tokens (S 11.5). A text that is in lower case already is returned as it is. Lengths in code points do not change.
func Lower(s string) string {
	i := 0
	for i < len(s) && s[i] < utf8.RuneSelf && (s[i] < 'A' || s[i] > 'Z') {
		i++
	}
	for i < len(s) {
		r, width := utf8.DecodeRuneInString(s[i:])
		if unicode.ToLower(r) != r {
			return lowerFrom(s, i)
		}
		i += width
	}
	return s
}

// lowerFrom is Lower for a text whose first i bytes stay as they are.
func lowerFrom(s string, i int) string {
	var b strings.Builder
	b.Grow(len(s))
	b.WriteString(s[:i])
	for i < len(s) {
		r, width := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError {
			b.WriteString(s[i : i+width]) // keep bytes that are no text
		} else {
			b.WriteRune(unicode.ToLower(r))
		}
		i += width
	}
	return b.String()
}

// nextToken returns where the first token at or after from stands; start and end are equal when there is none.
func nextToken(s string, from int) (start, end int) {
	for i := from; i < len(s); {
		c, width := classAt(s, i)
		end := longest(s, i, c)
		if end > i+MaxToken {
			// Too many bytes, but perhaps not too many units.
			end = longest(s[:limit(s[:end], i)], i, c)
		}
		if end > i {
			return i, end
		}
		i += width
	}
	return len(s), len(s)
}

// limit returns the end of the text from i on that has at most MaxToken UTF-16 units.
func limit(s string, i int) int {
	for units := 0; i < len(s); {
		r, width := utf8.DecodeRuneInString(s[i:])
		if units += max(utf16.RuneLen(r), 1); units > MaxToken {
			break
		}
		i += width
	}
	return i
}

// longest returns the end of the longest token that begins at s[i], a character of class c; i when none does.
func longest(s string, i int, c class) int {
	// No token has more bytes than this, so that a word without end is not read again and again.
	const most = 3*MaxToken + utf8.UTFMax
	if len(s)-i > most {
		s = s[:i+most]
	}
	if c&word != 0 {
		end := wordEnd(s, i)
		if c&emoji != 0 {
			end = max(end, emojiEnd(s, i))
		}
		return end
	}
	switch {
	case s[i] < utf8.RuneSelf:
		return keycapEnd(s, i)
	case c&asian != 0:
		return asianEnd(s, i)
	case c&(han|hiragana) != 0:
		_, width := classAt(s, i)
		return skip(s, i+width)
	case c&flag != 0:
		return flagEnd(s, i)
	case c&(emoji|modifier|extend) != 0:
		return emojiEnd(s, i)
	}
	return i
}

// skip returns the end of the combining marks and format characters at s[i].
func skip(s string, i int) int {
	for i < len(s) && s[i] >= utf8.RuneSelf {
		c, width := classAt(s, i)
		if c&extend == 0 {
			break
		}
		i += width
	}
	return i
}
