// Package query turns what clients ask for — query strings, terms, prefixes, ids and so on — into filters that every
// search engine understands (S 9–S 12). Text is analysed here, once for all engines.
package query

import (
	"errors"
	"strings"
	"time"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/analysis"
	"github.com/erudika/para-go/internal/lucene"
)

// Parse reads a query string (S 11). With a field, clauses without a field of their own look there; otherwise they look
// everywhere. Errors: *lucene.SyntaxError and *lucene.LimitError say what is wrong, and where.
func Parse(q, field string) (para.Filter, error) {
	n, err := lucene.Parse(q)
	if err != nil {
		return nil, err
	}
	if field != "" {
		lucene.In(field, n)
	}
	f := compile(n)
	if f == nil {
		return para.None{}, nil
	}
	return f, nil
}

// compile makes the filter of a node; nil for one that vanishes in analysis (S 11.5).
func compile(n lucene.Node) para.Filter {
	switch n := n.(type) {
	case *lucene.Boolean:
		return compileList(n)
	case *lucene.MatchAll:
		return para.All{}
	case *lucene.Exists:
		return exists(n.Field)
	case *lucene.Term:
		return term(n)
	case *lucene.Phrase:
		return phrase(n)
	case *lucene.Prefix:
		return onTargets(n.Field, func(s para.Scope) para.Filter { return para.Prefix{Scope: s, Text: n.Text} },
			func(s para.Scope) para.Filter { return para.Prefix{Scope: s, Text: analysis.Lower(n.Text)} })
	case *lucene.Wildcard:
		return onTargets(n.Field, func(s para.Scope) para.Filter { return para.Wildcard{Scope: s, Pattern: n.Pattern} },
			func(s para.Scope) para.Filter { return para.Wildcard{Scope: s, Pattern: analysis.Lower(n.Pattern)} })
	case *lucene.Regexp:
		return onTargets(n.Field, func(s para.Scope) para.Filter { return para.Regexp{Scope: s, Pattern: n.Pattern} },
			func(s para.Scope) para.Filter { return para.Regexp{Scope: s, Pattern: analysis.Lower(n.Pattern)} })
	case *lucene.Fuzzy:
		return onTargets(n.Field, func(s para.Scope) para.Filter { return para.Fuzzy{Scope: s, Text: n.Text, Edits: n.Edits} },
			func(s para.Scope) para.Filter {
				return para.Fuzzy{Scope: s, Text: analysis.Lower(n.Text), Edits: n.Edits}
			})
	case *lucene.Range:
		return span(n)
	}
	return nil
}

// compileList combines clauses (S 11.4).
func compileList(b *lucene.Boolean) para.Filter {
	parts := map[lucene.Node]para.Filter{}
	clauses := b.Without(func(n lucene.Node) bool {
		f := compile(n)
		parts[n] = f
		return f == nil
	})
	var must, should, not []para.Filter
	for _, c := range clauses {
		f := parts[c.Node]
		switch c.Occur {
		case lucene.Must:
			must = append(must, f)
		case lucene.MustNot:
			not = append(not, para.Not{Part: f})
		default:
			should = append(should, f)
		}
	}
	switch {
	case len(clauses) == 0:
		return nil
	case len(must) == 0 && len(should) == 1:
		must = should
	case len(must) == 0 && len(should) > 1:
		must = []para.Filter{para.Or{Parts: should}}
	}
	all := append(must, not...)
	if len(all) == 1 {
		return all[0]
	}
	return para.And{Parts: all}
}

// targets are the scopes a leaf looks at: as a keyword and as text; nil where it does not.
func targets(f lucene.Field) (keyword, text *para.Scope) {
	switch {
	case f.Any():
		return &para.Scope{Kind: para.AnyKeyword}, &para.Scope{Kind: para.AnyText}
	case f.Pattern:
		return &para.Scope{Kind: para.KeywordPattern, Name: f.Name}, &para.Scope{Kind: para.TextPattern, Name: f.Name}
	case analysis.IsBoth(f.Name):
		return &para.Scope{Name: f.Name}, &para.Scope{Name: f.Name + analysis.TextSuffix}
	case analysis.IsKeyword(f.Name):
		return &para.Scope{Name: f.Name}, nil
	}
	return nil, &para.Scope{Name: f.Name}
}

// onTargets makes the filter of a leaf that has one form for keywords and one for text.
func onTargets(f lucene.Field, keyword, text func(para.Scope) para.Filter) para.Filter {
	k, t := targets(f)
	var parts []para.Filter
	if k != nil {
		if x := keyword(*k); x != nil {
			parts = append(parts, x)
		}
	}
	if t != nil {
		if x := text(*t); x != nil {
			parts = append(parts, x)
		}
	}
	return anyOf(parts)
}

func anyOf(parts []para.Filter) para.Filter {
	switch len(parts) {
	case 0:
		return nil
	case 1:
		return parts[0]
	}
	return para.Or{Parts: parts}
}

func exists(f lucene.Field) para.Filter {
	return onTargets(f, func(s para.Scope) para.Filter { return para.Exists{Scope: s} },
		func(s para.Scope) para.Filter { return para.Exists{Scope: s} })
}

// term is unquoted text: the whole of it as a keyword, any of its tokens as text, and every word of it that is a number
// as a number (S 11.5, T1).
func term(n *lucene.Term) para.Filter {
	f := onTargets(n.Field,
		func(s para.Scope) para.Filter { return para.Term{Scope: s, Text: n.Text} },
		func(s para.Scope) para.Filter {
			var parts []para.Filter
			seen := map[string]bool{}
			for _, t := range analysis.Tokens(n.Text) {
				if !seen[t.Text] {
					seen[t.Text] = true
					parts = append(parts, para.Term{Scope: s, Text: t.Text})
				}
			}
			return anyOf(parts)
		})
	return withNumbers(f, n.Field, strings.Fields(n.Text))
}

// phrase is quoted text.
func phrase(n *lucene.Phrase) para.Filter {
	f := onTargets(n.Field,
		func(s para.Scope) para.Filter { return para.Term{Scope: s, Text: n.Text} },
		func(s para.Scope) para.Filter {
			tokens := analysis.Tokens(n.Text)
			switch len(tokens) {
			case 0:
				return nil
			case 1:
				return para.Term{Scope: s, Text: tokens[0].Text}
			}
			p := para.Phrase{Scope: s, Slop: n.Slop}
			for _, t := range tokens {
				p.Terms = append(p.Terms, t.Text)
			}
			return p
		})
	if len(analysis.Tokens(n.Text)) > 1 && !analysis.IsNumber(n.Text) {
		if _, _, ok := date(n.Field.Name, n.Text); !ok {
			return f
		}
	}
	return withNumbers(f, n.Field, []string{n.Text})
}

// withNumbers adds the words that are numbers, compared by value. On the two times a day or a date counts as well.
func withNumbers(f para.Filter, field lucene.Field, words []string) para.Filter {
	k, t := targets(field)
	parts := []para.Filter{}
	if f != nil {
		parts = append(parts, f)
	}
	for _, w := range words {
		if ms, end, ok := date(field.Name, w); ok {
			low, high := itoa(ms), itoa(end)
			parts = append(parts, para.Range{Scope: *k, Min: &low, Max: &high, IncludeMin: true, IncludeMax: true})
			continue
		}
		for _, number := range numbersIn(w) {
			if k != nil {
				parts = append(parts, para.Number{Scope: *k, Text: number})
			}
			if t != nil {
				parts = append(parts, para.Number{Scope: *t, Text: number})
			}
		}
	}
	return anyOf(parts)
}

// numbersIn returns the number that a word stands for: itself, sign included, or its only token, as in "100%".
func numbersIn(word string) []string {
	if analysis.IsNumber(word) {
		return []string{word}
	}
	if tokens := analysis.Tokens(word); len(tokens) == 1 && analysis.IsNumber(tokens[0].Text) {
		return []string{tokens[0].Text}
	}
	return nil
}

// span is a range (S 11.5).
func span(n *lucene.Range) para.Filter {
	r := para.Range{Min: n.Min, Max: n.Max, IncludeMin: n.IncludeMin, IncludeMax: n.IncludeMax}
	if n.Field.Name == "timestamp" || n.Field.Name == "updated" {
		r.Min, r.Max = bound(n.Field.Name, n.Min, n.IncludeMin, false), bound(n.Field.Name, n.Max, n.IncludeMax, true)
	}
	return onTargets(n.Field,
		func(s para.Scope) para.Filter {
			k := r
			k.Scope = s
			return k
		},
		func(s para.Scope) para.Filter {
			t := r
			t.Scope, t.Min, t.Max = s, lower(r.Min), lower(r.Max)
			t.WholeValue = manyTokens(r.Min) || manyTokens(r.Max)
			return t
		})
}

func lower(s *string) *string {
	if s == nil {
		return nil
	}
	l := analysis.Lower(*s)
	return &l
}

func manyTokens(s *string) bool { return s != nil && len(analysis.Tokens(*s)) > 1 }

// bound turns a bound that is a day or a time into milliseconds; a day as an inclusive upper bound, or an exclusive lower
// one, means its end (S 11.5, D52).
func bound(field string, text *string, inclusive, upper bool) *string {
	if text == nil {
		return nil
	}
	start, end, ok := date(field, *text)
	if !ok {
		return text
	}
	ms := start
	if upper == inclusive {
		ms = end
	}
	s := itoa(ms)
	return &s
}

// date reads a day or a time of a field that holds milliseconds (D52): first and last millisecond of what it names, UTC.
func date(field, text string) (start, end int64, ok bool) {
	if field != "timestamp" && field != "updated" {
		return 0, 0, false
	}
	for layout, span := range map[string]time.Duration{
		"2006-01-02": 24 * time.Hour, "2006/01/02": 24 * time.Hour, "2006-01-02 15:04:05": time.Second, "2006-01-02T15:04:05": time.Second,
		time.RFC3339: time.Second,
	} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UnixMilli(), t.Add(span).UnixMilli() - 1, true
		}
	}
	return 0, 0, false
}

// TooComplex says whether an error means that a query exceeds a limit rather than the grammar.
func TooComplex(err error) bool {
	var l *lucene.LimitError
	return errors.As(err, &l)
}
