package lucene

// Node is one part of a query's syntax tree: a *Boolean or one of the leaves.
type Node interface {
	// Position is the byte offset in the query text at which the node begins; 0 for nodes not made by Parse.
	Position() int
	node()
}

// Field names where a leaf looks.
type Field struct {
	Name    string // dotted path as written, unescaped; "" means every field
	Pattern bool   // Name is a pattern over dotted paths: * any run, ? one character, \ before a literal one of these (S 11.6)
}

// Any says that the leaf looks at every field.
func (f Field) Any() bool { return f.Name == "" }

// Leaf is what all leaves have in common.
type Leaf struct {
	Field Field
	Boost float32 // 1 when not written; parsed and kept, without effect on results (S 11.5)
	Pos   int     // byte offset in the query text
}

// Position returns Pos.
func (l *Leaf) Position() int { return l.Pos }

func (l *Leaf) node() {}

func (l *Leaf) leaf() *Leaf { return l }

// The leaves of a tree.
type (
	// Term is unquoted text: one word, or a run of words joined by single blanks (S 11.3, Multi). Keyword fields compare
	// their whole value with Text, analysed fields look for any of its tokens.
	Term struct {
		Leaf
		Text string
	}
	// Phrase is quoted text. Keyword fields compare their whole value, analysed fields look for its tokens in order,
	// up to Slop apart.
	Phrase struct {
		Leaf
		Text string
		Slop int // 0: adjacent
	}
	// Prefix is text that a term begins with.
	Prefix struct {
		Leaf
		Text string
	}
	// Wildcard is a pattern for whole terms: * any run, ? one character, \ before a literal *, ? or \; no other character
	// is escaped.
	Wildcard struct {
		Leaf
		Pattern string
	}
	// Regexp is a regular expression for whole terms, as written between the slashes; CompileRegexp accepts it.
	Regexp struct {
		Leaf
		Pattern string
	}
	// Fuzzy is text that terms may differ from by Edits insertions, deletions, substitutions and transpositions of
	// neighbours.
	Fuzzy struct {
		Leaf
		Text  string
		Edits int // 0 to 2
	}
	// Range is a span of values. At least one bound is given; a range without bounds is an Exists.
	Range struct {
		Leaf
		Min, Max               *string // nil: open
		IncludeMin, IncludeMax bool
	}
	// Exists holds when the field has any term: field:*, field:[* TO *], _exists_:field (T11). Its Field is never Any.
	Exists struct{ Leaf }
	// MatchAll holds for every document: * and *:*. Its Field is Any.
	MatchAll struct{ Leaf }
)

// Modifier is what stands before a clause.
type Modifier uint8

// The modifiers.
const (
	Plain      Modifier = iota
	Required            // +
	Prohibited          // -, ! or NOT
)

// Occur is the part a clause plays in its list (S 11.4).
type Occur uint8

// The parts.
const (
	Should Occur = iota // at least one of these must match when there is no Must
	Must
	MustNot
)

// Clause is one member of a Boolean.
type Clause struct {
	Node  Node
	Mod   Modifier
	And   bool  // introduced by AND
	Occur Occur // follows from Mod and And of this clause and the next (S 11.4)
}

// Boolean is a list of clauses in the order they were written, without precedence (S 11.4). It matches when no MustNot
// clause does and all Must clauses do; if there is no Must clause, at least one Should clause has to match; a list of
// MustNot clauses alone matches everything else (T2). It has at least one clause.
type Boolean struct {
	Clauses []Clause
	Boost   float32 // 1 when not written; without effect
	Pos     int
}

// Position returns Pos.
func (b *Boolean) Position() int { return b.Pos }

func (b *Boolean) node() {}

// Without returns the clauses that remain, with their parts, when those for which gone is true have vanished in
// analysis. A vanished clause that was introduced by AND still makes the clause before it a Must (S 11.4), which is why
// this is more than leaving some out.
func (b *Boolean) Without(gone func(Node) bool) []Clause {
	kept := make([]Clause, 0, len(b.Clauses))
	for _, c := range b.Clauses {
		if last := len(kept) - 1; c.And && last >= 0 && kept[last].Occur != MustNot {
			kept[last].Occur = Must
		}
		if gone != nil && gone(c.Node) {
			continue
		}
		switch {
		case c.Mod == Prohibited:
			c.Occur = MustNot
		case c.Mod == Required || c.And:
			c.Occur = Must
		default:
			c.Occur = Should
		}
		kept = append(kept, c)
	}
	return kept
}

// Walk calls visit for n and, as long as visit returns true, for the nodes below it, in the order of the text.
func Walk(n Node, visit func(Node) bool) {
	if !visit(n) {
		return
	}
	if b, ok := n.(*Boolean); ok {
		for _, c := range b.Clauses {
			Walk(c.Node, visit)
		}
	}
}

// In makes every leaf that looks at all fields look at one, as if the query stood in parentheses after "field:". It
// changes n. Nested queries are read so (S 15, T7). MatchAll stays as it is.
func In(field string, n Node) {
	Walk(n, func(n Node) bool {
		l, ok := n.(interface{ leaf() *Leaf })
		if _, all := n.(*MatchAll); ok && !all && l.leaf().Field.Any() {
			l.leaf().Field = Field{Name: field}
		}
		return true
	})
}
