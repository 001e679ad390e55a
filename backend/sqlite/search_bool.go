package sqlite

import (
	"slices"
	"strings"

	"github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/match"
)

// and intersects. What concerns text is left to FTS5 in one expression; what is left is taken in the order of its size,
// and large parts are asked about the few candidates instead of being read whole.
func (e *evaluation) and(parts []para.Filter) (set, error) {
	parts = flattenAnd(parts)
	var exprs []string
	var mixed []mixedPart
	var others, nots []para.Filter
	for _, p := range parts {
		switch x := p.(type) {
		case para.All:
			continue
		case para.Not:
			nots = append(nots, x.Part)
			continue
		}
		if expr, ok := e.match(p); ok {
			if expr == "" {
				return nil, nil
			}
			exprs = append(exprs, expr)
			continue
		}
		if m, ok, err := e.mix(p); err != nil {
			return nil, err
		} else if ok {
			mixed = append(mixed, m)
			continue
		}
		others = append(others, p)
	}
	var hits set
	have := false
	if len(exprs)+len(mixed) > 0 {
		var err error
		if hits, err = e.mixedAnd(exprs, mixed); err != nil || len(hits) == 0 {
			return nil, err
		}
		have = true
	}
	slices.SortStableFunc(others, func(a, b para.Filter) int { return cost(a) - cost(b) })
	for _, p := range others {
		if !have {
			found, err := e.eval(p)
			if err != nil || len(found) == 0 {
				return nil, err
			}
			hits, have = found, true
			continue
		}
		var err error
		if hits, err = e.restrict(hits, p); err != nil || len(hits) == 0 {
			return nil, err
		}
	}
	if !have {
		var err error
		if hits, err = e.universe(); err != nil {
			return nil, err
		}
	}
	for _, n := range nots {
		found, err := e.eval(n)
		if err != nil {
			return nil, err
		}
		hits = hits.minus(found)
	}
	return hits, nil
}

func flattenAnd(parts []para.Filter) []para.Filter {
	var out []para.Filter
	for _, p := range parts {
		if a, ok := p.(para.And); ok {
			out = append(out, flattenAnd(a.Parts)...)
			continue
		}
		out = append(out, p)
	}
	return out
}

// cost orders the parts of a conjunction: what is probably small first.
func cost(f para.Filter) int {
	switch f.(type) {
	case para.IDs:
		return 0
	case para.Term, para.Phrase:
		return 1
	case para.Number:
		return 2
	case para.Near, para.Prefix:
		return 3
	case para.Range:
		return 5
	case para.Exists:
		return 6
	}
	return 4
}

// mixedPart is a part of a conjunction that some documents satisfy by their text and few others otherwise, like a word in
// any field: the expression for the text, and the other documents.
type mixedPart struct {
	expr string
	rest set
}

// maxRest is how many documents the side of a mixed part that is not text may have.
const maxRest = 2000

// mix splits a disjunction into text and a small rest; false when that is not possible.
func (e *evaluation) mix(f para.Filter) (mixedPart, bool, error) {
	or, ok := f.(para.Or)
	if !ok || or.Min > 1 {
		return mixedPart{}, false, nil
	}
	var exprs []string
	var rest []para.Filter
	for _, p := range flattenOr(or.Parts) {
		if x, ok := e.match(p); ok {
			if x != "" {
				exprs = append(exprs, x)
			}
			continue
		}
		switch p.(type) {
		case para.Term, para.Number:
			rest = append(rest, p)
		default:
			return mixedPart{}, false, nil
		}
	}
	if len(exprs) == 0 {
		return mixedPart{}, false, nil
	}
	m := mixedPart{expr: orExpr(exprs)}
	for _, p := range rest {
		found, err := e.eval(p)
		if err != nil {
			return m, false, err
		}
		m.rest = m.rest.or(found)
	}
	return m, len(m.rest) <= maxRest, nil
}

func flattenOr(parts []para.Filter) []para.Filter {
	var out []para.Filter
	for _, p := range parts {
		if o, ok := p.(para.Or); ok && o.Min <= 1 {
			out = append(out, flattenOr(o.Parts)...)
			continue
		}
		out = append(out, p)
	}
	return out
}

// mixedAnd intersects text expressions with mixed parts: the text of all of them at once, and each document of a rest by
// asking the other parts about it.
func (e *evaluation) mixedAnd(exprs []string, mixed []mixedPart) (set, error) {
	all := slices.Clone(exprs)
	var rests []set
	for _, m := range mixed {
		all = append(all, m.expr)
		rests = append(rests, m.rest)
	}
	if len(all) == 1 {
		hits, err := e.fullText(all[0])
		return hits.or(union(rests)), err
	}
	if sets, err := e.rememberedWords(all); sets != nil || err != nil {
		return intersection(sets, len(exprs), rests), err
	}
	hits, err := e.fullText("(" + strings.Join(all, " AND ") + ")")
	if err != nil {
		return nil, err
	}
	candidates := union(rests).minus(hits)
	if len(candidates) == 0 {
		return hits, nil
	}
	for _, x := range exprs {
		if candidates, err = e.holding(candidates, x, nil); err != nil {
			return nil, err
		}
	}
	for _, m := range mixed {
		if candidates, err = e.holding(candidates, m.expr, m.rest); err != nil {
			return nil, err
		}
	}
	return hits.or(candidates), nil
}

// asked is remembered for a text expression that was asked about together with others.
type asked struct{}

// rememberedWords returns the documents of each of several text expressions from memory; nil when it is better to ask about
// all of them at once. An expression that is asked about for the second time is read and remembered.
func (e *evaluation) rememberedWords(exprs []string) ([]set, error) {
	sets := make([]set, len(exprs))
	missing := false
	for i, expr := range exprs {
		key := cacheKey{e.f, readWords.sql, packArgs([]any{expr})}
		var err error
		switch value, _ := e.s.cache.get(key, e.at); value.(type) {
		case nil:
			e.s.cache.put(key, e.at, asked{}, 0)
			missing = true
		case notKept:
			missing = true
		default:
			if !missing {
				sets[i], err = e.fullText(expr)
			}
		}
		if err != nil {
			return nil, err
		}
	}
	if missing {
		return nil, nil
	}
	return sets, nil
}

// intersection of sets, to the last of which, from the one with the number first on, belong the rests.
func intersection(sets []set, first int, rests []set) set {
	for i := range rests {
		sets[first+i] = sets[first+i].or(rests[i])
	}
	slices.SortFunc(sets, func(a, b set) int { return len(a) - len(b) })
	hits := sets[0]
	for _, s := range sets[1:] {
		hits = hits.and(s)
	}
	return hits
}

// holding keeps the candidates that are in rest or match an expression.
func (e *evaluation) holding(candidates set, expr string, rest set) (set, error) {
	if len(candidates) == 0 {
		return nil, nil
	}
	s, err := e.c.prepare("SELECT 1 FROM terms WHERE terms MATCH ? AND rowid=?")
	if err != nil {
		return nil, err
	}
	defer s.reset()
	out := make(set, 0, len(candidates))
	for _, id := range candidates {
		if rest.has(id) {
			out = append(out, id)
			continue
		}
		s.again()
		s.bindText(1, expr)
		s.bindInt64(2, id)
		row, err := s.step()
		if err != nil {
			return nil, err
		}
		if row {
			out = append(out, id)
		}
	}
	return out, nil
}

// restrict keeps the hits that match a filter. A number range is asked about each hit when that is less work than to read
// the range.
func (e *evaluation) restrict(hits set, f para.Filter) (set, error) {
	if r, ok := f.(para.Range); ok {
		if out, ok, err := e.restrictRange(hits, r); ok || err != nil {
			return out, err
		}
	}
	found, err := e.eval(f)
	if err != nil {
		return nil, err
	}
	return hits.and(found), nil
}

// rangeSample is how many hits are looked up to estimate how many of all documents are in a range.
const rangeSample = 64

// restrictRange keeps the hits with a number in a range; false when the range is not only about numbers of one path.
func (e *evaluation) restrictRange(hits set, r para.Range) (set, bool, error) {
	ps := e.scope(r.Scope, kindNumber|kindText|kindKeyword)
	if len(ps) != 1 || ps[0].kinds&(kindText|kindKeyword) != 0 {
		return nil, false, nil
	}
	low, high, ok := numericBounds(r)
	if !ok || zeroByDefault(ps[0].field) {
		return nil, false, nil
	}
	if first, last, ok := packBounds(low, high, r); ok {
		n, err := e.numbersOf(ps[0], len(hits)*walkToLookUp)
		if err != nil {
			return nil, false, err
		}
		if n != nil {
			return n.within(hits, first, last), true, nil
		}
	}
	s, err := e.c.prepare("SELECT key FROM nums WHERE path=? AND docid=?")
	if err != nil {
		return nil, false, err
	}
	defer s.reset()
	within := func(id int64) (bool, error) {
		s.again()
		s.bindInt64(1, ps[0].id)
		s.bindInt64(2, id)
		for {
			row, err := s.step()
			if err != nil || !row {
				return false, err
			}
			if match.Within(string(s.view(0)), low, high, r) {
				return true, nil
			}
		}
	}
	// Reading the range costs less than looking every hit up when the range is small; a sample of the hits tells.
	read := true
	if len(hits) > 4*rangeSample {
		inside := 0
		for i := range rangeSample {
			in, err := within(hits[i*len(hits)/rangeSample])
			if err != nil {
				return nil, false, err
			}
			if in {
				inside++
			}
		}
		having, err := e.c.int64("SELECT docs FROM counts WHERE path=?", ps[0].id)
		if err != nil {
			return nil, false, err
		}
		read = having*int64(inside) < int64(4*len(hits))*rangeSample
	}
	if read {
		sql, args := rangeSQL("SELECT docid FROM nums WHERE path=?", "key", []any{ps[0].id}, low, high, r)
		ids, cut, err := e.collect(4*len(hits)+100, sql, args...)
		if err != nil {
			return nil, false, err
		}
		if !cut {
			return hits.and(sorted(ids)), true, nil
		}
	}
	out := make(set, 0, len(hits))
	for _, id := range hits {
		in, err := within(id)
		if err != nil {
			return nil, false, err
		}
		if in {
			out = append(out, id)
		}
	}
	return out, true, nil
}

// or joins, with at least Min parts.
func (e *evaluation) or(f para.Or) (set, error) {
	var sets []set
	var exprs []string
	for _, p := range f.Parts {
		if f.Min <= 1 {
			if x, ok := e.match(p); ok {
				if x != "" {
					exprs = append(exprs, x)
				}
				continue
			}
		}
		found, err := e.eval(p)
		if err != nil {
			return nil, err
		}
		sets = append(sets, found)
	}
	for part := range slices.Chunk(exprs, maxExprParts) {
		if err := e.tick(); err != nil {
			return nil, err
		}
		found, err := e.fullText(orExpr(part))
		if err != nil {
			return nil, err
		}
		sets = append(sets, found)
	}
	if f.Min > 1 {
		return atLeast(sets, f.Min), nil
	}
	return union(sets), nil
}
