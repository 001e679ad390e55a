package lucene

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Matcher matches whole texts against a regular expression, in time linear in their length. It is safe for concurrent
// use.
type Matcher struct {
	re     *regexp.Regexp
	prefix string
	size   int // about how many instructions it has
}

// Match says whether the expression matches all of text.
func (m *Matcher) Match(text string) bool { return m.re.MatchString(text) }

// Prefix returns the literal text that everything begins with that the expression matches.
func (m *Matcher) Prefix() string { return m.prefix }

// CompileRegexp reads a regular expression of the query language (S 11.5): . ? + * {n} {n,} {n,m} | ( ) [abc] [^a-z]
// "literal" @ # and \ before any character that is not a letter, or in \d \D \w \W \s \S. Every other character is
// itself. Intersections (&), numeric intervals (<1-99>), repetitions above 1000 and patterns that become too big are
// refused.
func CompileRegexp(pattern string) (*Matcher, error) {
	t := translator{in: pattern}
	if pattern != "" {
		if err := t.union(0); err != nil {
			return nil, err
		}
		if t.pos < len(t.in) {
			return nil, t.errorf("nothing is open that %q could close", t.in[t.pos:t.pos+1])
		}
	}
	inner := "(?s:" + string(t.out) + ")"
	re, err := regexp.Compile(`\A` + inner + `\z`)
	if err != nil {
		return nil, fmt.Errorf("compile: %w", err)
	}
	bare, err := regexp.Compile(inner) // an anchored one tells no prefix
	if err != nil {
		return nil, fmt.Errorf("compile: %w", err)
	}
	prefix, _ := bare.LiteralPrefix()
	return &Matcher{re: re, prefix: prefix, size: t.size}, nil
}

// translator rewrites a pattern in the syntax of package regexp.
type translator struct {
	in   string
	pos  int
	out  []byte
	size int // about how many instructions the expression at hand will have
}

// The limits of a pattern; package regexp has no tighter ones on memory.
const (
	maxSize        = 5_000
	maxRepeat      = 1000
	maxQuantifiers = 16
)

func (t *translator) put(s string) { t.out = append(t.out, s...) }

var errEnd = errors.New("the pattern ends too early")

func (t *translator) errorf(format string, args ...any) error {
	return fmt.Errorf("at byte %d: %s", t.pos, fmt.Sprintf(format, args...))
}

// take skips c if it is next.
func (t *translator) take(c byte) bool {
	if t.pos == len(t.in) || t.in[t.pos] != c {
		return false
	}
	t.pos++
	return true
}

// next returns the next character.
func (t *translator) next() (rune, error) {
	if t.pos == len(t.in) {
		return 0, errEnd
	}
	r, width := utf8.DecodeRuneInString(t.in[t.pos:])
	t.pos += width
	return r, nil
}

// char writes one literal character.
func (t *translator) char(r rune) {
	if r == utf8.RuneError || r < utf8.RuneSelf && !alphanumeric(byte(r)) {
		t.out = fmt.Appendf(t.out, `\x{%X}`, r)
		return
	}
	t.out = utf8.AppendRune(t.out, r)
}

func alphanumeric(c byte) bool {
	return '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z'
}

// union translates alternatives; depth is the number of parentheses around them.
func (t *translator) union(depth int) error {
	if depth > MaxDepth {
		return t.errorf("too many nested parentheses")
	}
	for {
		if err := t.concatenation(depth); err != nil {
			return err
		}
		if !t.take('|') {
			return nil
		}
		t.put("|")
	}
}

func (t *translator) concatenation(depth int) error {
	for {
		if err := t.repetition(depth); err != nil {
			return err
		}
		if t.pos == len(t.in) || t.in[t.pos] == '|' || t.in[t.pos] == ')' {
			return nil
		}
		if t.in[t.pos] == '&' {
			return t.errorf("intersections are not supported; write \\& for the character")
		}
	}
}

// repetition translates one expression and the quantifiers after it.
func (t *translator) repetition(depth int) error {
	start, size := len(t.out), t.size
	t.size = 0
	if err := t.class(depth); err != nil {
		return err
	}
	for n := 0; ; n++ {
		quantifier, times, err := t.quantifier()
		if err != nil {
			return err
		}
		if quantifier == "" {
			break
		}
		if n == maxQuantifiers {
			return t.errorf("too many quantifiers in a row")
		}
		t.out = slices.Insert(t.out, start, '(', '?', ':')
		t.put(")" + quantifier)
		t.size *= times
	}
	t.size += size
	if t.size > maxSize {
		return t.errorf("the pattern is too big or repeats too often")
	}
	return nil
}

// quantifier reads ? * + {n} {n,} or {n,m}, "" when there is none, and how often it makes an expression appear in the
// compiled form.
func (t *translator) quantifier() (string, int, error) {
	switch {
	case t.take('?'):
		return "?", 1, nil
	case t.take('*'):
		return "*", 1, nil
	case t.take('+'):
		return "+", 1, nil
	case !t.take('{'):
		return "", 0, nil
	}
	low, err := t.number()
	if err != nil {
		return "", 0, err
	}
	high, times := strconv.Itoa(low), low
	if t.take(',') {
		high, times = "", low+1
		if t.pos < len(t.in) && t.in[t.pos] != '}' {
			if times, err = t.number(); err != nil {
				return "", 0, err
			}
			if times < low {
				return "", 0, t.errorf("a repetition runs backwards")
			}
			high = strconv.Itoa(times)
		}
	}
	if !t.take('}') {
		return "", 0, t.errorf("a repetition ends with }")
	}
	return fmt.Sprintf("{%d,%s}", low, high), max(times, 1), nil
}

func (t *translator) number() (int, error) {
	n := digits(t.in[t.pos:])
	if n == 0 {
		return 0, t.errorf("a number is missing")
	}
	number, err := strconv.Atoi(t.in[t.pos : t.pos+n])
	if err != nil || number > maxRepeat {
		return 0, t.errorf("the number is too big")
	}
	t.pos += n
	return number, nil
}

// class translates a class in brackets or a simple expression.
func (t *translator) class(depth int) error {
	t.size++
	if !t.take('[') {
		return t.simple(depth)
	}
	t.put("[")
	if t.take('^') {
		t.put("^")
	}
	for first := true; first || t.pos < len(t.in) && t.in[t.pos] != ']'; first = false {
		if err := t.classMember(); err != nil {
			return err
		}
	}
	if !t.take(']') {
		return t.errorf("a class ends with ]")
	}
	t.put("]")
	return nil
}

func (t *translator) classMember() error {
	named, err := t.named()
	if err != nil || named != "" {
		t.put(named)
		return err
	}
	from, err := t.literal()
	if err != nil {
		return err
	}
	t.char(from)
	if !t.take('-') {
		return nil
	}
	to, err := t.literal()
	if err != nil {
		return err
	}
	if to < from {
		return t.errorf("a range of characters runs backwards")
	}
	t.put("-")
	t.char(to)
	return nil
}

func (t *translator) simple(depth int) error {
	switch {
	case t.take('.'):
		t.put(".")
		return nil
	case t.take('#'):
		t.put(`[^\x{0}-\x{10FFFF}]`)
		return nil
	case t.take('@'):
		t.put("(?:.*)")
		return nil
	case t.take('<'):
		return t.errorf("intervals are not supported; write \\< for the character")
	case t.take('"'):
		return t.quoted()
	case t.take('('):
		return t.group(depth)
	}
	named, err := t.named()
	if err != nil {
		return err
	}
	if named != "" {
		t.put("[" + named + "]")
		return nil
	}
	r, err := t.literal()
	if err != nil {
		return err
	}
	t.char(r)
	return nil
}

func (t *translator) quoted() error {
	end := strings.IndexByte(t.in[t.pos:], '"')
	if end < 0 {
		return t.errorf("a quotation mark is not closed")
	}
	t.put("(?:" + regexp.QuoteMeta(t.in[t.pos:t.pos+end]) + ")")
	t.pos += end + 1
	t.size += end
	return nil
}

func (t *translator) group(depth int) error {
	t.put("(?:")
	if !t.take(')') {
		if err := t.union(depth + 1); err != nil {
			return err
		}
		if !t.take(')') {
			return t.errorf("a parenthesis is not closed")
		}
	}
	t.put(")")
	return nil
}

// named reads \d and its like and returns what stands for it inside of brackets. For other characters after a backslash
// it returns "" and leaves them, with or without the backslash, to literal.
func (t *translator) named() (string, error) {
	if t.pos+1 >= len(t.in) || t.in[t.pos] != '\\' {
		return "", nil
	}
	c := t.in[t.pos+1]
	var named string
	switch c {
	case 'd':
		named = "0-9"
	case 'D':
		named = `\x{0}-/:-\x{10FFFF}`
	case 'w':
		named = "0-9A-Z_a-z"
	case 'W':
		named = "\\x{0}-/:-@\\[-\\^`{-\\x{10FFFF}"
	case 's':
		named = `\t\n\r `
	case 'S':
		named = `\x{0}-\x{8}\x{B}\x{C}\x{E}-\x{1F}!-\x{10FFFF}`
	case '\\':
		named = `\\`
	default:
		if 'a' <= c|0x20 && c|0x20 <= 'z' {
			return "", t.errorf(`\%c has no meaning`, c)
		}
		return "", nil
	}
	t.pos += 2
	return named, nil
}

// literal reads one character, with or without a backslash before it.
func (t *translator) literal() (rune, error) {
	t.take('\\')
	return t.next()
}
