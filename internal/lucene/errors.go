package lucene

import (
	"errors"
	"fmt"
)

// The limits of a query (S 11.6, D49, D129).
const (
	MaxText    = 32 << 10 // bytes of text
	MaxDepth   = 100      // parentheses inside each other
	MaxClauses = 1024     // words or runs of words, phrases, ranges and patterns written in one query

	maxPatterns = 25_000 // instructions of all regular expressions of one query
)

// ErrTooComplex is what every *LimitError is: errors.Is(err, ErrTooComplex) tells a query that is too big from one that
// is wrong.
var ErrTooComplex = errors.New("query is too complex")

// LimitError refuses a query that exceeds one of the limits of this package.
type LimitError struct {
	Limit string // what is limited: for example "bytes of text" or "nested parentheses"
	Max   int    // how many are allowed
}

// Error says which limit is exceeded.
func (e *LimitError) Error() string {
	return fmt.Sprintf("%s: more than %d %s", ErrTooComplex, e.Max, e.Limit)
}

// Is makes every LimitError an ErrTooComplex.
func (e *LimitError) Is(target error) bool { return target == ErrTooComplex }

// SyntaxError says where a query cannot be read, what stands there and what could stand there.
type SyntaxError struct {
	Pos      int    // byte offset in the query text
	Found    string // the text there; empty at the end of the query
	Expected string // what would be right, for people
}

// Error describes the mistake in one line.
func (e *SyntaxError) Error() string {
	if e.Found == "" {
		return fmt.Sprintf("syntax error at the end of the query (byte %d): expected %s", e.Pos, e.Expected)
	}
	return fmt.Sprintf("syntax error at byte %d: found %q, expected %s", e.Pos, e.Found, e.Expected)
}
