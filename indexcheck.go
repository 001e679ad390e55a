package para

import "context"

// IndexReport is the result of comparing a search index with the records it was made from.
type IndexReport struct {
	Records  int64 // records that were looked at
	Problems int64 // differences between the index and the records; 0: they are equal

	// Differences are the first MaxDifferences of them in words, for the operator. They name ids, types and fields, and
	// hold no values.
	Differences []string
}

// MaxDifferences bounds IndexReport.Differences.
const MaxDifferences = 50

// IndexChecker is implemented by searchers that can compare their index with the records while searches and writes go on.
type IndexChecker interface {
	// Check compares the index of an app with its records and changes nothing. What is written meanwhile is no difference.
	Check(ctx context.Context, app string) (*IndexReport, error)
}
