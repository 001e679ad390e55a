// Package backendtest is the contract of stores and of search engines as tests. Every backend passes the same ones; authors of
// backends call them from tests of their own:
//
//	func TestContract(t *testing.T)  { backendtest.Run(t, open) }
//	func TestSnapshots(t *testing.T) { backendtest.RunSnapshotter(t, open) }
//	func TestSearch(t *testing.T)    { backendtest.RunSearch(t, openSearch) }
//	func TestRandom(t *testing.T)    { backendtest.RunRandomSearches(t, openSearch, seed, 1500) }
//
// Open functions return a new store without data and register what they have to clean up with t.Cleanup.
//
// # Search
//
// The search part knows nothing of how an engine works: no SQL, no tables, no query text. An engine meets two things only,
// both made by Para once for all engines:
//
//   - a [para.Document] in each [para.Write]: the fields of an object by their dotted paths, each a keyword or a text cut into
//     tokens with positions, numbers apart. The engine keeps what it is given. It never cuts text, folds case or decides
//     what is indexed.
//   - a [para.Query] with a [para.Filter]: a tree of conditions whose terms are analysed. The engine compiles it; each node's
//     comment says when a document matches.
//
// What a compiler of filters has to get right, and these tests look at:
//
//   - A keyword field has whole values, a text field has tokens. Numbers are neither: Number and Range compare them by value
//     without rounding, Term never matches them, and Prefix, Wildcard, Regexp and Fuzzy see the text they were written as.
//   - Scopes name one field or many: every keyword, every text, or those whose path fits a pattern. There is no list of fields
//     to configure; new paths appear with new objects, and one field may hold numbers in one object and texts in another.
//   - Not is everything else of the query's type. Or may want more than one part. And without parts is everything, Or nothing.
//   - Phrase with a slop is the window of S 11.5 and not that of PostgreSQL's <N> or of Lucene's scorer; positions leave gaps
//     between the values of a list, so that no phrase spans two.
//   - Range compares numbers as numbers where the value and both bounds are numbers, otherwise texts by their bytes: use the
//     collation "C".
//   - Nested looks at one element of a link at a time, and at the linked object itself where there is one (D33).
//   - Similar needs document frequencies over the whole app, and ParentOf documents of all types.
//   - Sorting is by value, not by relevance (S 8.3): numbers before texts, a missing number as 0, a missing text before all
//     others when ascending, ties by DocID ascending in both directions. Total is exact, also with Limit 0, and search-after mode goes by DocID.
//   - A write is found by every search that begins after Apply returned; what Apply refused is never found.
//
// Where a database cannot decide a condition by itself, for example a pattern with this package's syntax of regular
// expressions, it names candidates, and the engine decides with package internal/match, the evaluator these tests compare
// with; backends of this module may import it.
//
// RunSearch holds the vectors and tables of the specification (S 23, S 24) and hand-written cases for each rule above;
// RunRandomSearches writes random objects, asks random queries of every shape and compares each answer, order included, with
// the plain evaluator. A failure prints the seed, the query and the documents. Budgets (D129) and plans are the engine's own to
// test.
package backendtest
