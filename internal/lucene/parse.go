package lucene

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// existsField is the field whose text is the name of a field that has to exist (S 11.6).
const existsField = "_exists_"

// Parse reads a query that Validate accepts and returns its meaning (S 11.1 to 11.4, with the extensions of 11.6). Blank
// text finds everything, as "*" does; callers that treat it differently look before (D48). Errors: *SyntaxError,
// *LimitError.
func Parse(q string) (Node, error) {
	q, err := clean(q)
	if err != nil {
		return nil, err
	}
	if trim(q) == "*" || blank(q) {
		return &MatchAll{Leaf{Boost: 1}}, nil
	}
	if err := validate(q); err != nil {
		return nil, err
	}
	tokens, err := tokenize(execution, q)
	if err != nil {
		return nil, err
	}
	p := parser{cursor: cursor{text: q, tokens: tokens}}
	n, err := p.query(Field{}, 0)
	if err != nil {
		return nil, err
	}
	if p.kind() != kEnd {
		return nil, p.fail("AND, OR, another clause or the end of the query")
	}
	return n, nil
}

// parser builds the tree by the grammar of S 11.3.
type parser struct {
	cursor
	clauses int // written so far
}

// query reads Query. field holds for clauses without one of their own.
func (p *parser) query(field Field, depth int) (Node, error) {
	list := &Boolean{Boost: 1, Pos: p.tokens[p.at].start}
	for first := true; first || p.atClause(); first = false {
		c, err := p.listed(field, depth, first)
		if err != nil {
			return nil, err
		}
		list.Clauses = append(list.Clauses, c)
	}
	if len(list.Clauses) == 1 && list.Clauses[0].Mod == Plain {
		return list.Clauses[0].Node, nil
	}
	list.Clauses = list.Without(nil)
	return list, nil
}

// atClause says whether the list of clauses goes on here.
func (p *parser) atClause() bool {
	switch p.kind() {
	case kAnd, kOr, kPlus, kMinus, kNot, kBare, kOpen, kStar, kQuoted, kTerm, kPrefix, kWild, kRegexp, kRangeOpen:
		return true
	}
	return false
}

// listed reads a member of a list: a run of words, or a clause with its conjunction and modifier.
func (p *parser) listed(field Field, depth int, first bool) (Clause, error) {
	if p.runGoesOn(0) && p.kind() == kTerm {
		n, err := p.run(field)
		return Clause{Node: n}, err
	}
	var c Clause
	if !first {
		if c.And = p.skip(kAnd); !c.And {
			p.skip(kOr)
		}
	}
	switch p.kind() {
	case kPlus:
		p.at++
		c.Mod = Required
	case kMinus, kNot:
		p.at++
		c.Mod = Prohibited
	}
	var err error
	c.Node, err = p.clause(field, depth)
	return c, err
}

// runGoesOn says whether the token after the one n places ahead is one more word of a run: a word that is not itself
// followed by something that binds to it (S 11.3, Multi).
func (p *parser) runGoesOn(n int) bool {
	if p.after(n+1) != kTerm {
		return false
	}
	switch p.after(n + 2) {
	case kColon, kStar, kFuzz, kCaret, kAnd, kOr:
		return false
	}
	return true
}

// run reads two or more words that are one text.
func (p *parser) run(field Field) (Node, error) {
	start := p.tokens[p.at].start
	words := make([]string, 0, 8)
	for last := false; !last; {
		last = !p.runGoesOn(0)
		word, err := p.unescaped()
		if err != nil {
			return nil, err
		}
		words = append(words, word)
	}
	if err := p.count(); err != nil {
		return nil, err
	}
	return p.named(&Term{Leaf: Leaf{Field: field, Boost: 1, Pos: start}, Text: strings.Join(words, " ")}), nil
}

// count counts one more written clause.
func (p *parser) count() error {
	if p.clauses++; p.clauses > MaxClauses {
		return &LimitError{Limit: "clauses", Max: MaxClauses}
	}
	return nil
}

func (p *parser) clause(field Field, depth int) (Node, error) {
	own := p.after(1) == kColon
	if own {
		switch p.kind() {
		case kTerm:
			name, err := p.unescaped()
			if err != nil {
				return nil, err
			}
			field = Field{Name: name}
			p.at++
		case kStar:
			field = Field{}
			p.at += 2
		case kPrefix, kWild:
			field = Field{Name: plainPattern(p.image()), Pattern: true}
			p.at += 2
		}
	}
	if p.kind() == kOpen {
		return p.group(field, depth)
	}
	if err := p.count(); err != nil {
		return nil, err
	}
	leaf := Leaf{Field: field, Boost: 1, Pos: p.tokens[p.at].start}
	switch p.kind() {
	case kRangeOpen:
		return p.span(leaf)
	case kQuoted:
		return p.phrase(leaf)
	}
	if !own && wildcardAt(p.image()) == 0 || p.kind() == kWild && wildcardAt(p.image()) == 0 {
		return nil, p.fail("a pattern that does not begin with * or ?")
	}
	return p.unit(leaf)
}

func (p *parser) group(field Field, depth int) (Node, error) {
	if depth == MaxDepth {
		return nil, &LimitError{Limit: "nested parentheses", Max: MaxDepth}
	}
	start := p.take().start
	n, err := p.query(field, depth+1)
	if err != nil {
		return nil, err
	}
	if !p.skip(kClose) {
		return nil, p.fail("a closing parenthesis")
	}
	boost, err := p.boost()
	if err != nil || boost == 1 {
		return n, err
	}
	if b, ok := n.(*Boolean); ok && b.Boost == 1 {
		b.Boost = boost
		return b, nil
	}
	return &Boolean{Clauses: []Clause{{Node: n}}, Boost: boost, Pos: start}, nil
}

// unit reads a clause that is one word, pattern or regular expression.
func (p *parser) unit(leaf Leaf) (Node, error) {
	t := p.take()
	image := p.imageOf(t)
	switch t.kind {
	case kTerm, kStar, kPrefix, kWild, kRegexp, kBare:
	default:
		p.at--
		return nil, p.fail("a word, a phrase in quotation marks or a group in parentheses")
	}
	var fuzz string
	var fuzzy bool
	var err error
	if leaf.Boost, fuzz, fuzzy, err = p.suffixes(); err != nil {
		return nil, err
	}
	switch t.kind {
	case kStar:
		return exists(leaf), nil
	case kPrefix:
		text, err := unescape(image[:len(image)-1], t.start)
		return p.named(&Prefix{Leaf: leaf, Text: text}), err
	case kWild:
		return p.named(&Wildcard{Leaf: leaf, Pattern: plainPattern(image)}), nil
	case kRegexp:
		return regexpOf(leaf, image[1:len(image)-1]), nil
	case kBare:
		return p.named(&Term{Leaf: leaf, Text: image[:1]}), nil
	}
	text, err := unescape(image, t.start)
	if err != nil {
		return nil, err
	}
	if !fuzzy {
		return p.named(&Term{Leaf: leaf, Text: text}), nil
	}
	edits, ok := edits(fuzz, text)
	if !ok {
		return nil, p.failAt(t, "a number of edits below 1 or without fraction")
	}
	return &Fuzzy{Leaf: leaf, Text: text, Edits: edits}, nil
}

// suffixes reads a boost and a fuzziness or slop in either order. The latter is returned without its tilde.
func (p *parser) suffixes() (boost float32, fuzz string, fuzzy bool, err error) {
	if p.kind() != kFuzz {
		if boost, err = p.boost(); err != nil {
			return 0, "", false, err
		}
		if fuzzy = p.kind() == kFuzz && p.tokens[p.at-1].kind == kNumber; fuzzy {
			fuzz = p.imageOf(p.take())[1:]
		}
		return boost, fuzz, fuzzy, nil
	}
	fuzz = p.imageOf(p.take())[1:]
	boost, err = p.boost()
	return boost, fuzz, true, err
}

// boost reads what "^" introduces, 1 when there is none.
func (p *parser) boost() (float32, error) {
	if !p.skip(kCaret) {
		return 1, nil
	}
	t := p.take()
	n, err := strconv.ParseFloat(p.imageOf(t), 32)
	if err != nil {
		return 0, p.failAt(t, "a smaller number")
	}
	return float32(n), nil
}

func (p *parser) phrase(leaf Leaf) (Node, error) {
	text, err := p.unescaped()
	if err != nil {
		return nil, err
	}
	var slop string
	var sloppy bool
	if leaf.Boost, slop, sloppy, err = p.suffixes(); err != nil {
		return nil, err
	}
	n := &Phrase{Leaf: leaf, Text: text}
	if f, ok := float(slop); sloppy && ok {
		n.Slop = int(min(max(f, 0), math.MaxInt32))
	}
	return p.named(n), nil
}

// span reads a range in brackets.
func (p *parser) span(leaf Leaf) (Node, error) {
	r := &Range{Leaf: leaf}
	r.IncludeMin = p.imageOf(p.take()) == "["
	var err error
	if r.Min, err = p.bound(); err != nil {
		return nil, err
	}
	if !p.skip(kTo) {
		return nil, p.fail("TO between the bounds of a range")
	}
	if r.Max, err = p.bound(); err != nil {
		return nil, err
	}
	if p.kind() != kRangeClose {
		return nil, p.fail("a closing bracket")
	}
	r.IncludeMax = p.imageOf(p.take()) == "]"
	if r.Boost, err = p.boost(); err != nil {
		return nil, err
	}
	if r.Min == nil && r.Max == nil {
		return exists(r.Leaf), nil
	}
	return r, nil
}

// bound reads one bound of a range, nil when it is open.
func (p *parser) bound() (*string, error) {
	switch p.kind() {
	case kGoop, kRangeQuoted, kTo:
	default:
		return nil, p.fail("the bound of a range")
	}
	open := p.image() == "*"
	text, err := p.unescaped()
	if err != nil || open {
		return nil, err
	}
	return &text, nil
}

// named turns a text on the field _exists_ into the condition it stands for.
func (p *parser) named(n Node) Node {
	l := n.(interface{ leaf() *Leaf }).leaf()
	if l.Field != (Field{Name: existsField}) {
		return n
	}
	leaf := *l
	switch n := n.(type) {
	case *Term:
		leaf.Field = Field{Name: n.Text}
	case *Phrase:
		leaf.Field = Field{Name: n.Text}
	case *Prefix:
		leaf.Field = Field{Name: string(appendLiteral(nil, n.Text)) + "*", Pattern: true}
	case *Wildcard:
		leaf.Field = Field{Name: n.Pattern, Pattern: true}
	}
	if leaf.Field.Any() {
		return n // _exists_:"" names no field
	}
	return &Exists{leaf}
}

// exists is the condition that the leaf's field has a term.
func exists(leaf Leaf) Node {
	if leaf.Field.Any() || leaf.Field == (Field{Name: existsField}) {
		leaf.Field = Field{}
		return &MatchAll{leaf}
	}
	return &Exists{leaf}
}

// regexpOf makes a Regexp of a pattern that Validate has compiled. A pattern must not end in a backslash for Print, as
// the slash after it would not end the pattern if another one followed.
func regexpOf(leaf Leaf, pattern string) Node {
	if strings.HasSuffix(pattern, `\`) {
		pattern = "(" + pattern + ")"
	}
	return &Regexp{Leaf: leaf, Pattern: pattern}
}

// edits returns the number of edits that the text after a tilde allows for a word (S 11.5), false when it is a fraction
// above 1 or negative.
func edits(fuzz, word string) (int, bool) {
	const most = 2
	f, ok := float(fuzz)
	switch {
	case !ok:
		return most, true
	case f < 0:
		return 0, false
	case f >= 1:
		return int(min(f, most)), f == math.Trunc(f)
	case f == 0:
		return 0, true
	}
	return min(most, int((1-f)*float64(utf8.RuneCountInString(word)))), true
}

// float reads a number with 32 bits of precision.
func float(s string) (float64, bool) {
	if s == "" || strings.Trim(s, "0123456789.+-eE") != "" {
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 32)
	return f, err == nil
}
