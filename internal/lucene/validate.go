package lucene

import (
	"math"
	"strconv"
	"strings"
	"unicode"
)

// Validate says what is wrong with a query, nil when it is valid (S 11.2): the check that decides over HTTP whether a
// search is answered with 400. Beyond the reference it accepts "field:*" (T11). Blank text is not a query. Errors:
// *SyntaxError, *LimitError.
func Validate(q string) error {
	q, err := clean(q)
	if err != nil {
		return err
	}
	if blank(q) {
		return &SyntaxError{Expected: "a query; * finds everything"}
	}
	return validate(q)
}

// clean makes q valid UTF-8 and checks its length.
func clean(q string) (string, error) {
	if len(q) > MaxText {
		return "", &LimitError{Limit: "bytes of text", Max: MaxText}
	}
	return strings.ToValidUTF8(q, "\uFFFD"), nil
}

func blank(q string) bool { return strings.TrimFunc(q, unicode.IsSpace) == "" }

// trim removes the white space of the query language around q.
func trim(q string) string { return strings.Trim(q, " \t\n\r\u3000") }

func validate(q string) error {
	if trim(q) == "*" {
		return nil
	}
	tokens, err := tokenize(validity, q)
	if err != nil {
		return err
	}
	v := validator{cursor: cursor{text: q, tokens: tokens}}
	if err := v.query(0); err != nil {
		return err
	}
	if v.kind() != kEnd {
		return v.fail("AND, OR, another clause or the end of the query")
	}
	return nil
}

// cursor walks through tokens.
type cursor struct {
	text   string
	tokens []token
	at     int
}

func (c *cursor) kind() kind { return c.tokens[c.at].kind }

// after returns the kind of the token n places ahead.
func (c *cursor) after(n int) kind {
	if c.at+n >= len(c.tokens) {
		return kEnd
	}
	return c.tokens[c.at+n].kind
}

func (c *cursor) image() string { return c.imageOf(c.tokens[c.at]) }

func (c *cursor) imageOf(t token) string { return c.text[t.start:t.end] }

func (c *cursor) take() token {
	t := c.tokens[c.at]
	if t.kind != kEnd {
		c.at++
	}
	return t
}

// skip takes the next token if it is a k.
func (c *cursor) skip(k kind) bool {
	if c.kind() != k {
		return false
	}
	c.at++
	return true
}

func (c *cursor) fail(expected string) error {
	t := c.tokens[c.at]
	return &SyntaxError{Pos: t.start, Found: excerpt(c.imageOf(t)), Expected: expected}
}

func (c *cursor) failAt(t token, expected string) error {
	return &SyntaxError{Pos: t.start, Found: excerpt(c.imageOf(t)), Expected: expected}
}

// validator checks the grammar of S 11.2.
type validator struct {
	cursor
	patterns int // instructions of the regular expressions so far
}

// query checks Query; depth is the number of parentheses around it.
func (v *validator) query(depth int) error {
	for {
		if err := v.modified(depth); err != nil {
			return err
		}
		if v.skip(kAnd) || v.skip(kOr) {
			continue
		}
		if !v.atClause() {
			return nil
		}
	}
}

// atClause says whether another clause begins here.
func (v *validator) atClause() bool {
	switch v.kind() {
	case kPlus, kMinus, kNot, kOpen, kQuoted, kNumber, kTerm, kRegexp, kRangeOpen, kFunction:
		return true
	}
	return false
}

func (v *validator) modified(depth int) error {
	switch v.kind() {
	case kPlus, kMinus, kNot:
		v.at++
	}
	return v.clause(depth)
}

func (v *validator) clause(depth int) error {
	field := ""
	if v.kind() == kTerm {
		switch v.after(1) {
		case kRelate:
			return v.relation()
		case kColon, kEqual:
			name, err := v.unescaped()
			if err != nil {
				return err
			}
			// "=" stands for ":" only in this grammar, so that it gets no extension.
			if v.take().kind == kColon {
				field = name
			}
		}
	}
	switch v.kind() {
	case kOpen:
		return v.group(depth)
	case kRegexp:
		return v.regexp()
	case kTerm, kNumber:
		return v.term(field)
	case kQuoted:
		return v.quoted()
	case kRangeOpen:
		return v.span()
	case kFunction:
		return v.fail("a field's name; functions are not supported")
	}
	return v.fail("a word, a phrase in quotation marks or a group in parentheses")
}

// relation checks "field < value".
func (v *validator) relation() error {
	if _, err := v.unescaped(); err != nil {
		return err
	}
	v.at++
	switch v.kind() {
	case kTerm, kNumber, kQuoted:
		_, err := v.unescaped()
		return err
	}
	return v.fail("a value to compare with")
}

func (v *validator) group(depth int) error {
	if depth == MaxDepth {
		return &LimitError{Limit: "nested parentheses", Max: MaxDepth}
	}
	v.at++
	if err := v.query(depth + 1); err != nil {
		return err
	}
	if !v.skip(kClose) {
		return v.fail("a closing parenthesis")
	}
	if err := v.boost(); err != nil {
		return err
	}
	if v.skip(kAt) {
		return v.whole("a whole number after @")
	}
	return nil
}

func (v *validator) regexp() error {
	t := v.take()
	m, err := CompileRegexp(v.text[t.start+1 : t.end-1])
	if err != nil {
		return v.failAt(t, "a valid regular expression: "+err.Error())
	}
	if v.patterns += m.size; v.patterns > maxPatterns {
		return &LimitError{Limit: "steps in regular expressions", Max: maxPatterns}
	}
	return v.boost()
}

// term checks a word or a number and what may follow it. field is the name before it.
func (v *validator) term(field string) error {
	t := v.tokens[v.at]
	image := v.image()
	text, err := v.unescaped()
	if err != nil {
		return err
	}
	fuzzy := v.skip(kTilde)
	if fuzzy && v.kind() == kNumber {
		edits := v.take()
		n, err := strconv.ParseFloat(v.imageOf(edits), 32)
		if err != nil || n >= 1 && n != math.Trunc(n) {
			return v.failAt(edits, "a number of edits below 1 or without fraction")
		}
	}
	// "field:*" asks whether the field exists (T11), "*:*" finds everything; other patterns begin with a literal.
	exists := image == "*" && field != "" && !fuzzy
	if !exists && wildcardAt(image) == 0 && text != "" {
		return v.failAt(t, "a pattern that does not begin with * or ?")
	}
	return v.boost()
}

func (v *validator) quoted() error {
	if _, err := v.unescaped(); err != nil {
		return err
	}
	if v.skip(kTilde) {
		if err := v.whole("a whole number after ~"); err != nil {
			return err
		}
	}
	return v.boost()
}

// span checks a range in brackets.
func (v *validator) span() error {
	v.at++
	if err := v.bound(); err != nil {
		return err
	}
	if !v.skip(kTo) {
		return v.fail("TO between the bounds of a range")
	}
	if err := v.bound(); err != nil {
		return err
	}
	if !v.skip(kRangeClose) {
		return v.fail("a closing bracket")
	}
	return v.boost()
}

func (v *validator) bound() error {
	switch v.kind() {
	case kGoop, kRangeQuoted, kTo:
		_, err := v.unescaped()
		return err
	}
	return v.fail("the bound of a range")
}

func (v *validator) boost() error {
	if !v.skip(kCaret) {
		return nil
	}
	if v.kind() != kNumber {
		return v.fail("a number after ^")
	}
	if _, err := strconv.ParseFloat(v.image(), 32); err != nil {
		return v.fail("a smaller number")
	}
	v.at++
	return nil
}

// whole checks a number without fraction that fits 32 bits.
func (v *validator) whole(expected string) error {
	if v.kind() != kNumber {
		return v.fail(expected)
	}
	if _, err := strconv.ParseInt(v.image(), 10, 32); err != nil {
		return v.fail(expected)
	}
	v.at++
	return nil
}

// unescaped takes a token with text and returns it without quotes and escapes.
func (c *cursor) unescaped() (string, error) {
	t := c.take()
	if t.kind == kQuoted || t.kind == kRangeQuoted {
		t.start, t.end = t.start+1, t.end-1
	}
	return unescape(c.imageOf(t), t.start)
}
