// Package match decides whether one index document satisfies a filter, by the plain meaning of every node (S 11.5). It is
// the oracle of the tests of search engines, and the last word where an index can only name candidates.
package match

import (
	"math"
	"slices"
	"strings"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/analysis"
	"github.com/erudika/para-go/internal/edits"
	"github.com/erudika/para-go/internal/lucene"
)

// Document says whether a document matches a filter. ParentOf and Similar depend on other documents and never match here.
func Document(d *para.Document, f para.Filter) bool {
	switch f := f.(type) {
	case nil, para.All:
		return true
	case para.And:
		return !slices.ContainsFunc(f.Parts, func(p para.Filter) bool { return !Document(d, p) })
	case para.Or:
		n := 0
		for _, p := range f.Parts {
			if Document(d, p) {
				n++
			}
		}
		return n >= max(f.Min, 1)
	case para.Not:
		return !Document(d, f.Part)
	case para.Term:
		return anyText(d, f.Scope, func(s string) bool { return s == f.Text })
	case para.Number:
		key, ok := analysis.NumberKey(f.Text)
		return ok && anyNumber(d, f.Scope, func(k, _ string) bool { return k == key })
	case para.Prefix:
		has := func(s string) bool { return strings.HasPrefix(s, f.Text) }
		return anyTerm(d, f.Scope, has)
	case para.Wildcard:
		return anyTerm(d, f.Scope, func(s string) bool { return lucene.MatchWildcard(f.Pattern, s) })
	case para.Regexp:
		m, err := lucene.CompileRegexp(f.Pattern)
		return err == nil && anyTerm(d, f.Scope, m.Match)
	case para.Fuzzy:
		return anyTerm(d, f.Scope, func(s string) bool { return WithinEdits(f.Text, s, f.Edits) })
	case para.Phrase:
		return fields(d, f.Scope, func(field *para.IndexField) bool { return Phrase(field, f) })
	case para.Range:
		return inRange(d, f)
	case para.Exists:
		if f.Scope.Kind == para.NamedField && f.Scope.Name == "latlng" && d.Point != nil {
			return true
		}
		return fields(d, f.Scope, func(field *para.IndexField) bool { return len(field.Values) > 0 })
	case para.IDs:
		return slices.Contains(f.IDs, d.ID)
	case para.Near:
		return d.Point != nil && Distance(f.Center, *d.Point) <= f.Radius
	case para.Nested:
		return slices.ContainsFunc(d.Nested, func(n para.Document) bool { return Document(&n, f.Part) })
	}
	return false
}

// fields says whether ok holds for a field that a scope selects.
func fields(d *para.Document, s para.Scope, ok func(*para.IndexField) bool) bool {
	for i := range d.Fields {
		f := &d.Fields[i]
		if InScope(s, f.Name, f.Keyword) && ok(f) {
			return true
		}
	}
	return false
}

// InScope says whether a scope selects a field.
func InScope(s para.Scope, name string, keyword bool) bool {
	switch s.Kind {
	case para.NamedField:
		return s.Name == name
	case para.KeywordPattern:
		return keyword && lucene.MatchWildcard(s.Name, name)
	case para.TextPattern:
		return !keyword && lucene.MatchWildcard(s.Name, name)
	case para.AnyKeyword:
		return keyword
	}
	return !keyword
}

// anyText looks at keyword values and at tokens, not at numbers.
func anyText(d *para.Document, s para.Scope, ok func(string) bool) bool {
	return fields(d, s, func(f *para.IndexField) bool {
		for _, v := range f.Values {
			if v.Number {
				continue
			}
			if f.Keyword {
				if ok(v.Text) {
					return true
				}
				continue
			}
			for _, t := range v.Tokens {
				if ok(t.Text) {
					return true
				}
			}
		}
		return false
	})
}

func anyNumber(d *para.Document, s para.Scope, ok func(key, literal string) bool) bool {
	return fields(d, s, func(f *para.IndexField) bool {
		for _, v := range f.Values {
			if !v.Number {
				continue
			}
			if key, isNumber := analysis.NumberKey(v.Text); isNumber && ok(key, v.Text) {
				return true
			}
		}
		return false
	})
}

// anyTerm looks at keyword values, tokens and the literals of numbers.
func anyTerm(d *para.Document, s para.Scope, ok func(string) bool) bool {
	return anyText(d, s, ok) || anyNumber(d, s, func(_, literal string) bool { return ok(literal) })
}

func inRange(d *para.Document, r para.Range) bool {
	low, lowOK := bound(r.Min)
	high, highOK := bound(r.Max)
	if anyNumber(d, r.Scope, func(key, literal string) bool {
		if lowOK && highOK {
			return Within(key, low, high, r)
		}
		return Within(literal, r.Min, r.Max, r)
	}) {
		return true
	}
	if !r.WholeValue && anyText(d, r.Scope, func(s string) bool { return Within(s, r.Min, r.Max, r) }) {
		return true
	}
	return fields(d, r.Scope, func(f *para.IndexField) bool {
		for _, v := range f.Values {
			text := v.Text
			if !f.Keyword {
				text = analysis.Lower(text)
			}
			if !v.Number && Within(text, r.Min, r.Max, r) {
				return true
			}
		}
		return false
	})
}

// bound returns the key of a bound; ok is false when it is given and no number.
func bound(text *string) (*string, bool) {
	if text == nil {
		return nil, true
	}
	key, ok := analysis.NumberKey(*text)
	return &key, ok
}

// Within says whether a value lies between two bounds, by its bytes; nil is open.
func Within(s string, low, high *string, r para.Range) bool {
	if low != nil && (s < *low || s == *low && !r.IncludeMin) {
		return false
	}
	return high == nil || s < *high || s == *high && r.IncludeMax
}

// Phrase says whether the words of a phrase stand close enough in one value of a text field: with pᵢ the position of word
// i, the spread of pᵢ−i is at most the slop, and no position is used twice.
func Phrase(field *para.IndexField, f para.Phrase) bool {
	if field.Keyword {
		return false
	}
	for i := range field.Values {
		positions := make([][]int, len(f.Terms))
		for _, t := range field.Values[i].Tokens {
			for k, term := range f.Terms {
				if t.Text == term {
					positions[k] = append(positions[k], t.Position)
				}
			}
		}
		steps := maxSteps
		if len(positions) > 0 && spread(positions, nil, math.MaxInt, math.MinInt, f.Slop, &steps) {
			return true
		}
	}
	return false
}

// maxSteps bounds the search for positions; a field beyond it does not match.
const maxSteps = 1_000_000

func spread(positions [][]int, used []int, low, high, slop int, steps *int) bool {
	k := len(used)
	if k == len(positions) {
		return true
	}
	for _, p := range positions[k] {
		if *steps--; *steps < 0 {
			return false
		}
		l, h := min(low, p-k), max(high, p-k)
		if h-l <= slop && !slices.Contains(used, p) && spread(positions, append(used, p), l, h, slop, steps) {
			return true
		}
	}
	return false
}

const (
	earthRadius = 6_371_008.7714 // metres (S 14)
	degree      = math.Pi / 180
)

// Distance is the length of the great circle between two positions, in metres (haversine, S 14).
func Distance(a, b para.Point) float64 {
	la, lb := a.Lat*degree, b.Lat*degree
	h := math.Pow(math.Sin((lb-la)/2), 2) + math.Cos(la)*math.Cos(lb)*math.Pow(math.Sin((b.Lng-a.Lng)*degree/2), 2)
	return 2 * earthRadius * math.Asin(math.Min(1, math.Sqrt(h)))
}

// WithinEdits says whether one text becomes the other by at most n edits (S 11.5).
func WithinEdits(a, b string, n int) bool {
	return a == b || n > 0 && edits.Distance(a, b, n+1) <= n
}
