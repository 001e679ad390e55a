package sqlite

import (
	"github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/analysis"
	"github.com/erudika/para-go/internal/match"
)

// numericBounds returns the keys of a range's bounds; false when a bound is no number.
func numericBounds(r para.Range) (low, high *string, ok bool) {
	for _, b := range []struct {
		text *string
		key  **string
	}{{r.Min, &low}, {r.Max, &high}} {
		if b.text == nil {
			continue
		}
		key, ok := analysis.NumberKey(*b.text)
		if !ok {
			return nil, nil, false
		}
		*b.key = &key
	}
	return low, high, true
}

// rangeSQL adds the bounds of a range to a condition on one column. Keys of numbers are blobs.
func rangeSQL(sql, column string, args []any, low, high *string, r para.Range) (string, []any) {
	bind := func(s string) any {
		if column == "key" {
			return []byte(s)
		}
		return s
	}
	if low != nil {
		op := ">"
		if r.IncludeMin {
			op = ">="
		}
		sql += " AND " + column + op + "?"
		args = append(args, bind(*low))
	}
	if high != nil {
		op := "<"
		if r.IncludeMax {
			op = "<="
		}
		sql += " AND " + column + op + "?"
		args = append(args, bind(*high))
	}
	return sql, args
}

// span finds the documents with a value between two bounds (S 11.5).
func (e *evaluation) span(r para.Range) (set, error) {
	low, high, numeric := numericBounds(r)
	numbers, err := e.each(r.Scope, kindNumber, func(p *path) (set, error) {
		if numeric {
			ids, err := e.numbersBetween(p, low, high, r)
			if err == nil && zeroByDefault(p.field) && match.Within(zeroKey, low, high, r) {
				return e.zeros(p, ids)
			}
			return ids, err
		}
		sql, args := rangeSQL("SELECT docid FROM nums WHERE path=?", "literal", []any{p.id}, r.Min, r.Max, r)
		ids, _, err := e.collect(0, sql, args...)
		if err == nil && zeroByDefault(p.field) && match.Within("0", r.Min, r.Max, r) {
			return e.zeros(p, sorted(ids))
		}
		return sorted(ids), err
	})
	if err != nil {
		return nil, err
	}
	keys, err := e.each(r.Scope, kindKeyword, func(p *path) (set, error) {
		if unindexed(p.field) {
			return e.keyPrefix(p, "", func(s string) bool { return match.Within(s, r.Min, r.Max, r) })
		}
		sql, args := rangeSQL("SELECT docid FROM keys WHERE path=?", "value", []any{p.id}, r.Min, r.Max, r)
		ids, _, err := e.collect(0, sql, args...)
		return sorted(ids), err
	})
	if err != nil {
		return nil, err
	}
	texts, err := e.each(r.Scope, kindText, func(p *path) (set, error) { return e.textRange(p, r) })
	return union([]set{numbers, keys, texts}), err
}

// numbersBetween finds the documents with a number of a path in a range.
func (e *evaluation) numbersBetween(p *path, low, high *string, r para.Range) (set, error) {
	first, last, packed := packBounds(low, high, r)
	if packed {
		n, err := e.numbersOf(p, 0)
		if err != nil {
			return nil, err
		}
		if n != nil {
			return n.all(first, last), nil
		}
	}
	sql, args := rangeSQL("SELECT docid FROM nums WHERE path=?", "key", []any{p.id}, low, high, r)
	ids, _, err := e.collect(0, sql, args...)
	if err == nil && packed {
		_, err = e.numbersOf(p, len(ids)) // for the next time
	}
	return sorted(ids), err
}

// textRange compares whole values, and unless the bounds say that only those count each token (T4, D52).
func (e *evaluation) textRange(p *path, r para.Range) (set, error) {
	sql, args := rangeSQL("SELECT docid FROM vals WHERE path=?", "value", []any{p.id}, r.Min, r.Max, r)
	ids, _, err := e.collect(0, sql, args...)
	if err != nil {
		return nil, err
	}
	more, err := e.otherValues(p, r)
	if err != nil {
		return nil, err
	}
	ids = sorted(ids).or(more)
	if r.WholeValue {
		return ids, nil
	}
	low := ""
	if r.Min != nil {
		low = *r.Min
	}
	tokens, err := e.expand(p, "", low, func(t string) bool { return match.Within(t, r.Min, r.Max, r) })
	return set(ids).or(tokens), err
}

// otherValues finds the values that do not stand in vals: booleans by their token, long values by looking at them.
func (e *evaluation) otherValues(p *path, r para.Range) (set, error) {
	var found set
	for _, b := range [...]string{"true", "false"} {
		if !match.Within(b, r.Min, r.Max, r) {
			continue
		}
		ids, err := e.fullText(`"` + p.term(b) + `"`)
		if err != nil {
			return nil, err
		}
		for _, id := range ids { // the token may come from a longer text, which vals or its length tells
			doc, err := e.document(id)
			if err != nil {
				return nil, err
			}
			if doc != nil && hasValue(doc, p.field, func(s string) bool { return s == b }) {
				found = append(found, id)
			}
		}
	}
	long, err := e.fullText(`"` + p.term(longMarker) + `"`)
	if err != nil {
		return nil, err
	}
	for _, id := range long {
		if err := e.tick(); err != nil {
			return nil, err
		}
		doc, err := e.document(id)
		if err != nil {
			return nil, err
		}
		if doc != nil && hasValue(doc, p.field, func(s string) bool { return match.Within(analysis.Lower(s), r.Min, r.Max, r) }) {
			found = append(found, id)
		}
	}
	return sorted(found), nil
}

func hasValue(doc *para.Document, field string, ok func(string) bool) bool {
	for i := range doc.Fields {
		if doc.Fields[i].Name != field {
			continue
		}
		for _, v := range doc.Fields[i].Values {
			if !v.Number && ok(v.Text) {
				return true
			}
		}
	}
	return false
}
