package para

// Filter is a condition on documents: the engine-neutral form of every query, with terms already analysed. Engines
// compile it; they never analyse text themselves. A nil Filter matches everything.
//
// A leaf names the field it looks at in Scope. Its condition holds for a document when at least one value (keyword
// fields) or one token (analysed fields) of a field in that scope satisfies it.
type Filter interface{ filter() }

// Scope says which fields a leaf looks at.
type Scope struct {
	Kind ScopeKind
	Name string // NamedField: the dotted path; the patterns: * any run, ? one character, \ before a literal one of these
}

// ScopeKind says how a Scope selects fields.
type ScopeKind uint8

// The kinds of scopes.
const (
	NamedField     ScopeKind = iota // exactly the field Name
	KeywordPattern                  // every keyword field whose path matches Name (S 11.6)
	TextPattern                     // every analysed field whose path matches Name
	AnyKeyword                      // every keyword field
	AnyText                         // every analysed field
)

// The nodes of a Filter.
type (
	// All matches every document.
	All struct{}
	// None matches no document.
	None struct{}
	// And matches when all its parts do; without parts: everything.
	And struct{ Parts []Filter }
	// Or matches when at least Min of its parts do (0 counts as 1); without parts: nothing.
	Or struct {
		Parts []Filter
		Min   int
	}
	// Not matches when its part does not.
	Not struct{ Part Filter }

	// Term matches a text value or token equal to Text; it never matches numbers.
	Term struct {
		Scope Scope
		Text  string
	}
	// Number matches values that are JSON numbers equal to Text, which is the text of a number (T1): 10 equals 10.0, 44
	// does not equal -44.
	Number struct {
		Scope Scope
		Text  string
	}
	// Phrase matches tokens at adjacent positions in order, or, with Slop, as S 11.5 defines. Terms[i] is the i-th token.
	Phrase struct {
		Scope Scope
		Terms []string
		Slop  int
	}
	// Prefix matches values or tokens that start with Text.
	Prefix struct {
		Scope Scope
		Text  string
	}
	// Wildcard matches whole values or tokens against a pattern: * any run, ? one character, \ escapes.
	Wildcard struct {
		Scope   Scope
		Pattern string
	}
	// Regexp matches whole values or tokens against a regular expression of S 11.5.
	Regexp struct {
		Scope   Scope
		Pattern string
	}
	// Fuzzy matches values or tokens at most Edits (0 to 2) changes away from Text (S 11.5).
	Fuzzy struct {
		Scope Scope
		Text  string
		Edits int
	}
	// Range matches values between two bounds. Where the document's value is a JSON number and every given bound is a
	// number, the comparison is numeric, otherwise by the bytes of the text (T1). Analysed fields compare each token
	// unless WholeValue, and additionally the whole lower-cased value (T4).
	Range struct {
		Scope                  Scope
		Min, Max               *string // nil: open
		IncludeMin, IncludeMax bool
		WholeValue             bool
	}
	// Exists matches documents that have a value in the scope, numbers and points included (T11).
	Exists struct{ Scope Scope }
	// IDs matches documents with one of these ids.
	IDs struct{ IDs []string }
	// Near matches documents whose Point lies within Radius metres of Center, inclusive (S 14).
	Near struct {
		Center Point
		Radius float64
	}
	// ParentOf matches documents whose id is the parentid of a document that matches Part (S 14).
	ParentOf struct{ Part Filter }
	// Nested matches documents of which one and the same element of nstd matches Part (S 15).
	Nested struct{ Part Filter }
	// Similar matches documents that are like the token counts given (S 13): the engine keeps the heaviest MaxTerms of
	// Tokens by its document frequencies over Fields and requires 70 % of them.
	Similar struct {
		Fields   []string
		Tokens   []TokenCount // in order of first occurrence
		MaxTerms int
	}
)

// TokenCount is a token and how often it occurs.
type TokenCount struct {
	Text  string
	Count int
}

func (All) filter()      {}
func (None) filter()     {}
func (And) filter()      {}
func (Or) filter()       {}
func (Not) filter()      {}
func (Term) filter()     {}
func (Number) filter()   {}
func (Phrase) filter()   {}
func (Prefix) filter()   {}
func (Wildcard) filter() {}
func (Regexp) filter()   {}
func (Fuzzy) filter()    {}
func (Range) filter()    {}
func (Exists) filter()   {}
func (IDs) filter()      {}
func (Near) filter()     {}
func (ParentOf) filter() {}
func (Nested) filter()   {}
func (Similar) filter()  {}

// ScopeOf returns the fields that a condition looks at; false for a filter that has no scope of its own.
func ScopeOf(f Filter) (Scope, bool) {
	switch f := f.(type) {
	case Term:
		return f.Scope, true
	case Number:
		return f.Scope, true
	case Phrase:
		return f.Scope, true
	case Prefix:
		return f.Scope, true
	case Wildcard:
		return f.Scope, true
	case Regexp:
		return f.Scope, true
	case Fuzzy:
		return f.Scope, true
	case Range:
		return f.Scope, true
	case Exists:
		return f.Scope, true
	}
	return Scope{}, false
}
