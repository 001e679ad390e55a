// Package lucene reads the query language of searches (S 11): the syntax of Lucene's query parser as Para's clients use
// it, from text to a tree that no engine has touched yet.
//
// A query passes two grammars, as in the reference: a strict one that decides whether the text is valid at all
// (Validate, S 11.2), and the classic one that gives it its meaning (S 11.3). They disagree in places; Parse applies
// both. Text in the tree is unescaped and otherwise as written: whether it is a keyword, a list of tokens or a number
// is decided where the kind of the field is known (S 11.5).
package lucene
