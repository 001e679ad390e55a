package sqlite

import (
	"math"
	"slices"
	"strings"

	"github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/match"
)

// document makes the index document of a stored object again, for what the index alone cannot decide.
func (e *evaluation) document(docID int64) (*para.Document, error) {
	s, err := e.c.prepare("SELECT " + recordColumns + " FROM objects WHERE docid=?")
	if err != nil {
		return nil, err
	}
	defer s.reset()
	s.bindInt64(1, docID)
	row, err := s.step()
	if err != nil || !row {
		return nil, err
	}
	return e.s.opts.Document(scanRecord(e.c, s))
}

// slop finds phrases whose words may stand apart: FTS5 names the documents that have all words, their positions decide
// (S 11.5).
func (e *evaluation) slop(f para.Phrase) (set, error) {
	return e.keywords(f.Scope, func(*path) (set, error) { return nil, nil }, func(ps []*path) (set, error) {
		var found set
		for _, p := range ps {
			var terms []string
			for _, t := range f.Terms {
				if !indexable(t) {
					return nil, nil
				}
				terms = append(terms, `"`+p.quoted(t)+`"`)
			}
			candidates, err := e.fullText("(" + strings.Join(terms, " AND ") + ")")
			if err != nil {
				return nil, err
			}
			var ids []int64
			for _, id := range candidates {
				doc, err := e.document(id)
				if err != nil {
					return nil, err
				}
				if doc != nil && sloppy(doc, p.field, f) {
					ids = append(ids, id)
				}
			}
			found = found.or(ids)
		}
		return found, nil
	})
}

// sloppy says whether the words of a phrase stand close enough in a field.
func sloppy(doc *para.Document, field string, f para.Phrase) bool {
	for i := range doc.Fields {
		if doc.Fields[i].Name == field && match.Phrase(&doc.Fields[i], f) {
			return true
		}
	}
	return false
}

// similar finds documents that share the heaviest words with a text (S 13).
func (e *evaluation) similar(f para.Similar) (set, error) {
	type word struct {
		text   string
		weight float64
	}
	n, err := e.documentsWith(f.Fields)
	if err != nil {
		return nil, err
	}
	var words []word
	for _, t := range f.Tokens {
		df, err := e.frequency(f.Fields, t.Text)
		if err != nil {
			return nil, err
		}
		if df > 0 {
			words = append(words, word{t.Text, float64(t.Count) * (math.Log(float64(n+1)/float64(df+1)) + 1)})
		}
	}
	slices.SortStableFunc(words, func(a, b word) int {
		switch {
		case a.weight > b.weight:
			return -1
		case a.weight < b.weight:
			return 1
		}
		return 0
	})
	words = words[:min(len(words), f.MaxTerms)]
	if len(words) == 0 {
		return nil, nil
	}
	var sets []set
	for _, w := range words {
		var found set
		for _, field := range f.Fields {
			ids, err := e.eval(para.Term{Scope: para.Scope{Name: field}, Text: w.text})
			if err != nil {
				return nil, err
			}
			found = found.or(ids)
		}
		sets = append(sets, found)
	}
	return atLeast(sets, max(1, len(words)*7/10)), nil
}

// anyType is the evaluation without its type.
func (e *evaluation) anyType() *evaluation {
	inner, q := *e, *e.q
	q.Type = ""
	inner.q, inner.paths = &q, e.all.all
	return &inner
}

// frequency is the number of documents of the app with a word in a field, the greatest one over several fields.
func (e *evaluation) frequency(fields []string, word string) (int, error) {
	most := 0
	for _, f := range fields {
		found, err := e.anyType().eval(para.Term{Scope: para.Scope{Name: f}, Text: word})
		if err != nil {
			return 0, err
		}
		most = max(most, len(found))
	}
	return most, nil
}

// documentsWith is the number of documents of the app that have a field, the greatest one over several fields.
func (e *evaluation) documentsWith(fields []string) (int, error) {
	most := 0
	for _, f := range fields {
		found, err := e.anyType().exists(para.Scope{Name: f})
		if err != nil {
			return 0, err
		}
		most = max(most, len(found))
	}
	return most, nil
}
