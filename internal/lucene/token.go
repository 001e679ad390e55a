package lucene

import (
	"strings"
	"unicode/utf8"
)

// kind is the kind of a token. Both grammars use the same kinds; some occur in one of them only.
type kind uint8

const (
	kEnd kind = iota
	kAnd
	kOr
	kNot
	kPlus
	kMinus
	kBare // X: + - ! standing alone
	kOpen
	kClose
	kColon
	kEqual  // V
	kRelate // V: < <= > >=
	kAt     // V
	kTilde  // V
	kFuzz   // X: ~ with what follows it
	kCaret
	kQuoted
	kNumber
	kTerm
	kStar   // X
	kPrefix // X
	kWild   // X
	kRegexp
	kFunction // V: fn:
	kRangeOpen
	kRangeClose
	kTo
	kRangeQuoted
	kGoop
)

// token is a piece of the query text. Quoted pieces include their quotes.
type token struct {
	kind       kind
	start, end int
}

// grammar distinguishes the two ways of cutting text into tokens.
type grammar uint8

const (
	validity  grammar = iota // S 11.2
	execution                // S 11.3
)

// lexer cuts a query into tokens: the longest one wins.
type lexer struct {
	grammar grammar
	text    string
	pos     int
	tokens  []token
	inRange bool // between the brackets of a range other rules hold
}

// tokenize cuts text into tokens, the last of which is kEnd.
func tokenize(g grammar, text string) ([]token, error) {
	l := lexer{grammar: g, text: text, tokens: make([]token, 0, 16)}
	for {
		if !l.inRange {
			l.pos += spaces(text[l.pos:])
		}
		if l.pos == len(text) {
			l.add(kEnd, l.pos)
			return l.tokens, nil
		}
		var err error
		if l.inRange {
			l.rangePart()
		} else {
			err = l.next()
		}
		if err != nil {
			return nil, err
		}
	}
}

func (l *lexer) add(k kind, end int) {
	l.tokens = append(l.tokens, token{kind: k, start: l.pos, end: end})
	l.pos = end
}

func (l *lexer) fail(expected string) error {
	return &SyntaxError{Pos: l.pos, Found: excerpt(l.text[l.pos:]), Expected: expected}
}

// next reads one token outside of ranges; l.pos is not at white space.
func (l *lexer) next() error {
	if end := l.word(); end > l.pos {
		l.add(l.wordKind(l.text[l.pos:end]), end)
		return nil
	}
	rest := l.text[l.pos:]
	switch c := rest[0]; c {
	case '+', '-', '!':
		if l.grammar == execution {
			if _, width := leadingSpace(rest[1:]); width > 0 {
				l.add(kBare, l.pos+1+width)
				return nil
			}
		}
		l.add(signKind(c), l.pos+1)
	case '(':
		l.add(kOpen, l.pos+1)
	case ')':
		l.add(kClose, l.pos+1)
	case ':':
		l.add(kColon, l.pos+1)
	case '=':
		l.add(kEqual, l.pos+1)
	case '@':
		l.add(kAt, l.pos+1)
	case '<', '>':
		width := 1
		if strings.HasPrefix(rest[1:], "=") {
			width = 2
		}
		l.add(kRelate, l.pos+width)
	case '[', '{':
		l.add(kRangeOpen, l.pos+1)
		l.inRange = true
	case '~':
		if l.grammar == validity {
			l.add(kTilde, l.pos+1)
			return nil
		}
		l.add(kFuzz, l.termChars(l.pos+1))
	case '^':
		l.add(kCaret, l.pos+1)
		return l.boost()
	case '"':
		end := quotedEnd(rest)
		if end < 0 {
			return l.fail("a closing quotation mark")
		}
		l.add(kQuoted, l.pos+end)
	case '/':
		end := delimitedEnd(rest, 1)
		if end < 0 {
			return l.fail("a closing slash; a slash in a word is written \\/")
		}
		l.add(kRegexp, l.pos+end)
	default:
		return l.fail("a word, a phrase in quotation marks or a group in parentheses")
	}
	return nil
}

func signKind(c byte) kind {
	switch c {
	case '+':
		return kPlus
	case '-':
		return kMinus
	}
	return kNot
}

// boost reads what follows "^" in the execution grammar: a number, directly.
func (l *lexer) boost() error {
	if l.grammar == validity {
		return nil
	}
	end := l.pos + numberEnd(l.text[l.pos:])
	if end == l.pos {
		return l.fail("a number directly after ^")
	}
	l.add(kNumber, end)
	return nil
}

// word returns the end of the longest run of word characters at l.pos, l.pos itself when there is none.
func (l *lexer) word() int {
	if c := l.text[l.pos]; c == '+' || c == '-' {
		return l.pos
	}
	return l.scan(l.pos, l.grammar == execution)
}

// termChars returns the end of the run of term characters at from, wild cards of the execution grammar excluded.
func (l *lexer) termChars(from int) int { return l.scan(from, false) }

func (l *lexer) scan(from int, wildcards bool) int {
	i := from
	for i < len(l.text) {
		switch c := l.text[i]; {
		case c == '\\':
			if i+1 == len(l.text) {
				return i
			}
			_, width := utf8.DecodeRuneInString(l.text[i+1:])
			i += 1 + width
		case c >= utf8.RuneSelf:
			r, width := utf8.DecodeRuneInString(l.text[i:])
			if r == '\u3000' {
				return i
			}
			i += width
		case strings.IndexByte(" \t\n\r!():^[]\"{}~/", c) >= 0:
			return i
		case l.grammar == validity && strings.IndexByte("@<>=", c) >= 0:
			return i
		case l.grammar == execution && !wildcards && (c == '*' || c == '?'):
			return i
		default:
			i++
		}
	}
	return i
}

// wordKind tells what a run of word characters is.
func (l *lexer) wordKind(word string) kind {
	switch word {
	case "AND", "&&":
		return kAnd
	case "OR", "||":
		return kOr
	case "NOT":
		return kNot
	}
	if l.grammar == validity {
		switch {
		case word == "fn" && strings.HasPrefix(l.text[l.pos+len(word):], ":"):
			return kFunction
		case numberEnd(word) == len(word):
			return kNumber
		}
		return kTerm
	}
	first := wildcardAt(word)
	switch {
	case first < 0:
		return kTerm
	case word == "*":
		return kStar
	case first == len(word)-1 && first > 0 && word[first] == '*':
		return kPrefix
	}
	return kWild
}

// rangePart reads one token inside of a range.
func (l *lexer) rangePart() {
	rest := l.text[l.pos:]
	switch rest[0] {
	case ' ':
		l.pos++
		return
	case ']', '}':
		l.add(kRangeClose, l.pos+1)
		l.inRange = false
		return
	}
	goop := strings.IndexAny(rest, " ]}")
	if goop < 0 {
		goop = len(rest)
	}
	if rest[0] == '"' {
		// At least one character stands between the quotes.
		if end := delimitedEnd(rest, 2); end >= goop {
			l.add(kRangeQuoted, l.pos+end)
			return
		}
	}
	if _, width := leadingSpace(rest); width == goop {
		l.pos += width // white space alone is skipped; next to other characters it belongs to them
		return
	}
	if rest[:goop] == "TO" {
		l.add(kTo, l.pos+goop)
		return
	}
	l.add(kGoop, l.pos+goop)
}

// quotedEnd returns the length of the quoted text that s begins with, -1 when it is not closed.
func quotedEnd(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return -1
}

// delimitedEnd returns the length of the longest text that s begins with which starts and ends with s[0] and has it in
// between only after a backslash; -1 when there is none. The text has at least min bytes before the closing one.
func delimitedEnd(s string, min int) int {
	end := -1
	for i := 1; i < len(s); i++ {
		if s[i] != s[0] {
			continue
		}
		escaped := i > 1 && s[i-1] == '\\'
		if i >= min {
			end = i + 1
		}
		if !escaped {
			return end
		}
	}
	return end
}

// numberEnd returns the length of the number that s begins with, 0 when it does not.
func numberEnd(s string) int {
	whole := digits(s)
	if whole == 0 || whole == len(s) || s[whole] != '.' {
		return whole
	}
	if fraction := digits(s[whole+1:]); fraction > 0 {
		return whole + 1 + fraction
	}
	return whole
}

func digits(s string) int {
	i := 0
	for i < len(s) && '0' <= s[i] && s[i] <= '9' {
		i++
	}
	return i
}

// leadingSpace returns the first character of s and its width when it is white space of the query language.
func leadingSpace(s string) (rune, int) {
	r, width := utf8.DecodeRuneInString(s)
	switch r {
	case ' ', '\t', '\n', '\r', '\u3000':
		return r, width
	}
	return 0, 0
}

// spaces returns the length of the white space that s begins with.
func spaces(s string) int {
	n := 0
	for {
		_, width := leadingSpace(s[n:])
		if width == 0 {
			return n
		}
		n += width
	}
}

// excerpt shortens what an error message quotes.
func excerpt(s string) string {
	const most = 20
	n := 0
	for i := range s {
		if n == most {
			return s[:i] + "…"
		}
		n++
	}
	return s
}
