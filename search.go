package para

import (
	"context"
	"fmt"
)

// Document is what search engines keep of an object: made from the object by one definition for all engines (package
// analysis, S 3 and S 4), so that every engine finds the same objects.
type Document struct {
	ID     string
	Type   string
	Fields []IndexField // in the order of the object's members, without empty ones
	Point  *Point       // position of an object whose top-level latlng holds one (S 3.3)
	Nested []Document   // elements of nstd, searched by Nested filters only (S 15, T7)
}

// IndexField is one dotted path of a document with all its values.
type IndexField struct {
	Name    string // dotted path: "name", "properties.author.name"
	Keyword bool   // S 4.1: the whole value is one term
	Values  []IndexValue
	List    bool   // the member is an array, whatever it holds
	Sort    string // what the field sorts by when it is not a single number: raw text, arrays joined (S 3.3)
}

// IndexValue is one value of a field.
type IndexValue struct {
	Text   string  // raw text; for numbers the literal as the object has it
	Number bool    // a JSON number: compared by value, its only term is Text (T1, D22)
	Tokens []Token // terms of an analysed text value, with positions that never run from one value into the next (T9)
}

// Token is one term of an analysed text with its position in the field.
type Token struct {
	Text     string
	Position int
}

// Point is a position on the earth in degrees.
type Point struct {
	Lat, Lng float64
}

// Query asks a Searcher for objects of one app.
type Query struct {
	Type   string // only objects of this type; "" for all
	Filter Filter // which objects; nil for all

	// Hidden are fields that the search behaves as if no document had them. Access keeps away queries that name one in the
	// type they look for; here they must not be found by conditions on any field, or on a pattern of names. nil for none.
	Hidden HiddenFields

	Sort []SortKey // ties are in ascending DocID (S 8.3); empty: ascending DocID

	// After switches to search-after mode (S 8.5): the order is by DocID in direction Desc and only documents strictly
	// after *After in that direction are returned. Total still counts all matches.
	After *int64
	Desc  bool

	Offset, Limit int // Limit 0: only Total is wanted
}

// SortKey is one field to sort by. The field "_docid" means creation order; a field no document has leaves the order as
// it is (T5).
type SortKey struct {
	Field string
	Desc  bool
}

// Page is the answer to a Query.
type Page struct {
	// Records of this page in order: those that the searching store keeps, read in the same snapshot as the search.
	// An engine that is not the store returns records with only ID, DocID and Type set.
	Records []*Record

	// Total is the exact number of matching documents before paging.
	Total int64
}

// Searcher finds objects. It is implemented by stores that index in their own commit, and by external engines that
// follow the log. Limits: a query whose expansion or time exceeds the engine's budget is an *Error with code TooLarge
// and the message "Query is too complex." (D129).
type Searcher interface {
	Search(ctx context.Context, app string, q *Query) (*Page, error)
}

// Rebuilder is implemented by searchers whose index can be made anew from the records, while searches and writes go on:
// the old content is found until the new one is complete, and objects with indexed=false are not in it (D57, T19, T21).
type Rebuilder interface {
	// Rebuild makes the index of an app anew and returns the number of Stored records that it read. Records that cannot be
	// indexed do not stop it: they are told by an UnindexedError, and everything else is indexed.
	Rebuild(ctx context.Context, app string) (int64, error)
}

// UnindexedError says that an index was made anew but for some records, of which no document can be made.
type UnindexedError struct {
	Records  int64
	Examples []string // the first MaxDifferences of them, with the reason
}

// Error names the number of records and the first one.
func (e *UnindexedError) Error() string {
	s := fmt.Sprintf("%d records cannot be indexed", e.Records)
	if len(e.Examples) > 0 {
		s += ": " + e.Examples[0]
	}
	return s
}
