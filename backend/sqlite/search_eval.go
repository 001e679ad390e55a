package sqlite

import (
	"slices"
	"strconv"
	"strings"

	"github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/analysis"
	"github.com/erudika/para-go/internal/lucene"
	"github.com/erudika/para-go/internal/match"
)

// maxExprParts bounds the alternatives of one FTS5 expression.
const maxExprParts = 250

// maxSet bounds the documents that one part of a query may hold in memory.
const maxSet = 20_000_000

// collect reads DocIDs, the first column of a statement, in any order. With limit above 0 it stops there and says so.
func (e *evaluation) collect(limit int, sql string, args ...any) (ids []int64, cut bool, err error) {
	s, err := e.c.prepare(sql)
	if err != nil {
		return nil, false, err
	}
	defer s.reset()
	s.bind(args...)
	for {
		row, err := s.step()
		if err != nil || !row {
			return ids, false, err
		}
		if limit > 0 && len(ids) >= limit {
			return ids, true, nil
		}
		if len(ids) >= maxSet {
			return nil, false, errTooComplex
		}
		ids = append(ids, s.int64(0))
	}
}

// universe is every document of the query's type.
func (e *evaluation) universe() (set, error) {
	if e.q.Type == "" {
		ids, _, err := e.collect(0, "SELECT docid FROM docs ORDER BY docid")
		return ids, err
	}
	return e.documentsOf(e.q.Type)
}

// documentsOf is every document of a type.
func (e *evaluation) documentsOf(typ string) (set, error) {
	if p := e.byTyp[pathName{typ, "type"}]; p != nil {
		ids, _, err := e.collect(0, "SELECT docid FROM keys WHERE path=? AND value=? ORDER BY docid", p.id, typ)
		return ids, err
	}
	ids, _, err := e.collect(0, "SELECT docid FROM docs WHERE type=? ORDER BY docid", typ)
	return ids, err
}

// idsLike finds indexed documents of a path's type by a condition on their id; a nil ok accepts all.
func (e *evaluation) idsLike(p *path, condition, text string, ok func(string) bool) (set, error) {
	s, err := e.c.prepare("SELECT docid, type, id FROM objects WHERE " + condition + " AND flags&2<>0")
	if err != nil {
		return nil, err
	}
	defer s.reset()
	if text != "" {
		s.bindText(1, text)
	}
	var ids []int64
	for {
		row, err := s.step()
		if err != nil {
			return nil, err
		}
		if !row {
			return sorted(ids), nil
		}
		if string(s.view(1)) == p.typ && (ok == nil || ok(string(s.view(2)))) {
			ids = append(ids, s.int64(0))
		}
	}
}

// typed says whether a filter only finds documents of the query's type, because all its terms carry their path.
func (e *evaluation) typed(f para.Filter) bool {
	switch f := f.(type) {
	case para.All, para.Not, para.IDs, para.Near, para.ParentOf, para.Similar:
		return false
	case para.And:
		return slices.ContainsFunc(f.Parts, e.typed)
	case para.Or:
		return !slices.ContainsFunc(f.Parts, func(p para.Filter) bool { return !e.typed(p) })
	}
	return true
}

// ofType keeps the documents of the query's type.
func (e *evaluation) ofType(hits set) (set, error) {
	out := make(set, 0, len(hits))
	s, err := e.c.prepare("SELECT type FROM docs WHERE docid=?")
	if err != nil {
		return nil, err
	}
	defer s.reset()
	for _, id := range hits {
		s.again()
		s.bindInt64(1, id)
		row, err := s.step()
		if err != nil {
			return nil, err
		}
		if row && string(s.view(0)) == e.q.Type {
			out = append(out, id)
		}
	}
	return out, nil
}

// eval returns the documents that match a filter.
func (e *evaluation) eval(f para.Filter) (set, error) {
	if err := e.tick(); err != nil {
		return nil, err
	}
	if expr, ok := e.match(f); ok {
		return e.fullText(expr)
	}
	switch f := f.(type) {
	case nil, para.All:
		return e.universe()
	case para.None:
		return nil, nil
	case para.And:
		return e.and(f.Parts)
	case para.Or:
		return e.or(f)
	case para.Not:
		all, err := e.universe()
		if err != nil {
			return nil, err
		}
		not, err := e.eval(f.Part)
		return all.minus(not), err
	case para.Term:
		return e.keywords(f.Scope, func(p *path) (set, error) { return e.keyTerm(p, f.Text) }, func(ps []*path) (set, error) {
			return e.tokens(ps, f.Text)
		})
	case para.Number:
		key, ok := analysis.NumberKey(f.Text)
		if !ok {
			return nil, nil
		}
		return e.each(f.Scope, kindNumber, func(p *path) (set, error) {
			if key == zeroKey && zeroByDefault(p.field) {
				return e.zeros(p, nil)
			}
			ids, _, err := e.collect(0, "SELECT docid FROM nums WHERE path=? AND key=? ORDER BY docid", p.id, []byte(key))
			return ids, err
		})
	case para.Phrase:
		return e.slop(f)
	case para.Prefix:
		return e.prefix(f)
	case para.Wildcard:
		return e.pattern(f.Scope, lucene.WildcardPrefix(f.Pattern), func(s string) bool { return lucene.MatchWildcard(f.Pattern, s) })
	case para.Regexp:
		m, err := lucene.CompileRegexp(f.Pattern)
		if err != nil {
			return nil, &para.Error{Code: para.Invalid, Message: err.Error()}
		}
		return e.pattern(f.Scope, m.Prefix(), m.Match)
	case para.Fuzzy:
		return e.pattern(f.Scope, "", func(s string) bool { return match.WithinEdits(f.Text, s, f.Edits) })
	case para.Range:
		return e.span(f)
	case para.Exists:
		return e.exists(f.Scope)
	case para.IDs:
		return e.byIDs(f.IDs)
	case para.Near:
		return e.near(f)
	case para.ParentOf:
		return e.parents(f)
	case para.Nested:
		return e.nested(f)
	case para.Similar:
		return e.similar(f)
	}
	return nil, errTooComplex
}

// scope returns the paths that a scope selects, with at least one value of the wanted kinds.
func (e *evaluation) scope(s para.Scope, kinds int64) []*path {
	var out []*path
	switch s.Kind {
	case para.NamedField:
		if e.q.Type != "" {
			if p := e.byTyp[pathName{e.q.Type, s.Name}]; p != nil && p.kinds&kinds != 0 {
				out = append(out, p)
			}
			return out
		}
		for _, p := range e.paths {
			if p.field == s.Name && p.kinds&kinds != 0 {
				out = append(out, p)
			}
		}
		return out
	case para.KeywordPattern, para.TextPattern:
	}
	for _, p := range e.paths {
		if p.kinds&kinds != 0 && match.InScope(s, p.field, analysis.IsKeyword(p.field)) {
			out = append(out, p)
		}
	}
	return out
}

// each joins what find returns for every path of a scope.
func (e *evaluation) each(s para.Scope, kinds int64, find func(*path) (set, error)) (set, error) {
	var sets []set
	for _, p := range e.scope(s, kinds) {
		found, err := find(p)
		if err != nil {
			return nil, err
		}
		sets = append(sets, found)
	}
	return union(sets), nil
}

// union joins many sets.
func union(sets []set) set {
	switch len(sets) {
	case 0:
		return nil
	case 1:
		return sets[0]
	case 2:
		return sets[0].or(sets[1])
	}
	n := 0
	for _, s := range sets {
		n += len(s)
	}
	all := make([]int64, 0, n)
	for _, s := range sets {
		all = append(all, s...)
	}
	return sorted(all)
}

// keywords joins what is found in keyword paths with what is found in text paths.
func (e *evaluation) keywords(s para.Scope, keyword func(*path) (set, error), text func([]*path) (set, error)) (set, error) {
	found, err := e.each(s, kindKeyword, keyword)
	if err != nil {
		return nil, err
	}
	ps := e.scope(s, kindText)
	if len(ps) == 0 {
		return found, nil
	}
	tokens, err := text(ps)
	return found.or(tokens), err
}

// zeros are the documents of a path's type that have no row for it, which means that the number is 0, beside those in and.
func (e *evaluation) zeros(p *path, and set) (set, error) {
	all, err := e.documentsOf(p.typ)
	if err != nil {
		return nil, err
	}
	rows, _, err := e.collect(0, "SELECT docid FROM nums WHERE path=? ORDER BY docid", p.id)
	return all.minus(rows).or(and), err
}

func (e *evaluation) keyTerm(p *path, text string) (set, error) {
	switch p.field {
	case "id":
		return e.idsLike(p, "id=?", text, nil)
	case "appid":
		if text != e.app {
			return nil, nil
		}
		return e.documentsOf(p.typ)
	}
	ids, _, err := e.collect(0, "SELECT docid FROM keys WHERE path=? AND value=? ORDER BY docid", p.id, text)
	return ids, err
}

// tokens finds documents with a token in any of the paths.
func (e *evaluation) tokens(ps []*path, text string) (set, error) {
	expr, ok := tokenExpr(ps, text)
	if !ok {
		return nil, nil
	}
	return e.fullText(expr)
}

// fullText runs an FTS5 expression.
func (e *evaluation) fullText(expr string) (set, error) {
	if expr == "" {
		return nil, nil
	}
	ids, _, err := e.collect(0, "SELECT rowid FROM terms WHERE terms MATCH ? ORDER BY rowid", expr)
	return ids, err
}

// indexable says whether a token can stand in the index at all.
func indexable(token string) bool {
	if token == "" {
		return false
	}
	for i := 0; i < len(token); i++ {
		c := token[i]
		if c < 0x80 && !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || strings.IndexByte("'\".:,;_#*-", c) >= 0) {
			return false
		}
	}
	return true
}

func (p *path) term(token string) string { return strconv.FormatInt(p.id, 36) + "|" + token }

// quoted is a token of a path as FTS5 reads it.
func (p *path) quoted(token string) string { return strings.ReplaceAll(p.term(token), `"`, `""`) }

// tokenExpr is the expression for a token in any of the paths.
func tokenExpr(ps []*path, token string) (string, bool) {
	if !indexable(token) || len(ps) == 0 {
		return "", false
	}
	parts := make([]string, len(ps))
	for i, p := range ps {
		parts[i] = `"` + p.quoted(token) + `"`
	}
	return orExpr(parts), true
}

func orExpr(parts []string) string {
	if len(parts) == 1 {
		return parts[0]
	}
	return "(" + strings.Join(parts, " OR ") + ")"
}

// match returns the FTS5 expression of a filter that only concerns the tokens of text; ok is false for any other filter.
// An empty expression matches nothing.
func (e *evaluation) match(f para.Filter) (expr string, ok bool) {
	switch f := f.(type) {
	case para.Term:
		if len(e.scope(f.Scope, kindKeyword)) > 0 {
			return "", false
		}
		expr, _ = tokenExpr(e.scope(f.Scope, kindText), f.Text)
		return expr, true
	case para.Phrase:
		if f.Slop > 0 || len(e.scope(f.Scope, kindKeyword)) > 0 {
			return "", false
		}
		return phraseExpr(e.scope(f.Scope, kindText), f.Terms), true
	case para.Prefix:
		if len(e.scope(f.Scope, kindKeyword|kindNumber)) > 0 {
			return "", false
		}
		return prefixExpr(e.scope(f.Scope, kindText), f.Text), true
	case para.And:
		var parts []string
		for _, p := range f.Parts {
			x, ok := e.match(p)
			if !ok {
				return "", false
			}
			if x == "" {
				return "", true
			}
			parts = append(parts, x)
		}
		if len(parts) == 0 {
			return "", false
		}
		return "(" + strings.Join(parts, " AND ") + ")", true
	case para.Or:
		if f.Min > 1 || len(f.Parts) > maxExprParts {
			return "", false
		}
		var parts []string
		for _, p := range f.Parts {
			x, ok := e.match(p)
			if !ok {
				return "", false
			}
			if x != "" {
				parts = append(parts, x)
			}
		}
		if len(parts) == 0 {
			return "", true
		}
		return orExpr(parts), true
	}
	return "", false
}

func phraseExpr(ps []*path, terms []string) string {
	for _, t := range terms {
		if !indexable(t) {
			return ""
		}
	}
	var parts []string
	for _, p := range ps {
		list := make([]string, len(terms))
		for i, t := range terms {
			list[i] = p.quoted(t)
		}
		parts = append(parts, `"`+strings.Join(list, " ")+`"`)
	}
	if len(parts) == 0 {
		return ""
	}
	return orExpr(parts)
}

func prefixExpr(ps []*path, text string) string {
	if !indexable(text) || len(ps) == 0 {
		return ""
	}
	parts := make([]string, len(ps))
	for i, p := range ps {
		parts[i] = `"` + p.quoted(text) + `"*`
	}
	return orExpr(parts)
}

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

func (e *evaluation) restrictRange(hits set, r para.Range) (set, bool, error) {
	ps := e.scope(r.Scope, kindNumber|kindText|kindKeyword)
	if len(ps) != 1 || ps[0].kinds&(kindText|kindKeyword) != 0 {
		return nil, false, nil
	}
	low, high, ok := numericBounds(r)
	if !ok || zeroByDefault(ps[0].field) {
		return nil, false, nil
	}
	sql, args := rangeSQL("SELECT docid FROM nums WHERE path=?", "key", []any{ps[0].id}, low, high, r)
	ids, cut, err := e.collect(4*len(hits)+100, sql, args...)
	if err != nil {
		return nil, false, err
	}
	if !cut {
		return hits.and(sorted(ids)), true, nil
	}
	s, err := e.c.prepare("SELECT key FROM nums WHERE path=? AND docid=?")
	if err != nil {
		return nil, false, err
	}
	defer s.reset()
	out := make(set, 0, len(hits))
	for _, id := range hits {
		s.again()
		s.bindInt64(1, ps[0].id)
		s.bindInt64(2, id)
		for {
			row, err := s.step()
			if err != nil {
				return nil, false, err
			}
			if !row {
				break
			}
			if match.Within(string(s.view(0)), low, high, r) {
				out = append(out, id)
				break
			}
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
			sql, args := rangeSQL("SELECT docid FROM nums WHERE path=?", "key", []any{p.id}, low, high, r)
			ids, _, err := e.collect(0, sql, args...)
			if err == nil && zeroByDefault(p.field) && match.Within(zeroKey, low, high, r) {
				return e.zeros(p, sorted(ids))
			}
			return sorted(ids), err
		}
		sql, args := rangeSQL("SELECT docid FROM nums WHERE path=?", "literal", []any{p.id}, r.Min, r.Max, r)
		ids, _, err := e.collect(0, sql, args...)
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

// expand finds the documents with a token of a path that starts with prefix, is not below from, and that ok accepts.
func (e *evaluation) expand(p *path, prefix, from string, ok func(string) bool) (set, error) {
	start := p.term(max(prefix, from))
	s, err := e.c.prepare("SELECT term FROM vocabulary WHERE term>=? AND term<?")
	if err != nil {
		return nil, err
	}
	defer s.reset()
	s.bindText(1, start)
	s.bindText(2, p.term(prefix+"\U0010FFFF\xff"))
	skip := len(p.term(""))
	var exprs []string
	for {
		row, err := s.step()
		if err != nil {
			return nil, err
		}
		if !row {
			break
		}
		token := s.text(0)[skip:]
		if token == "" || token == longMarker || !ok(token) {
			continue
		}
		if e.expansions--; e.expansions < 0 {
			return nil, errTooComplex
		}
		exprs = append(exprs, `"`+p.quoted(token)+`"`)
	}
	var found set
	for part := range slices.Chunk(exprs, maxExprParts) {
		ids, err := e.fullText(orExpr(part))
		if err != nil {
			return nil, err
		}
		found = found.or(ids)
	}
	return found, nil
}

// prefix finds values and tokens that start with a text, numbers by their literal.
func (e *evaluation) prefix(f para.Prefix) (set, error) {
	keys, err := e.each(f.Scope, kindKeyword, func(p *path) (set, error) { return e.keyPrefix(p, f.Text, nil) })
	if err != nil {
		return nil, err
	}
	numbers, err := e.literals(f.Scope, func(s string) bool { return strings.HasPrefix(s, f.Text) })
	if err != nil {
		return nil, err
	}
	texts, err := e.fullText(prefixExpr(e.scope(f.Scope, kindText), f.Text))
	return union([]set{keys, numbers, texts}), err
}

// keyPrefix finds keyword values that start with a text and that ok accepts; a nil ok accepts all.
func (e *evaluation) keyPrefix(p *path, prefix string, ok func(string) bool) (set, error) {
	switch {
	case p.field == "appid":
		if !strings.HasPrefix(e.app, prefix) || ok != nil && !ok(e.app) {
			return nil, nil
		}
		return e.documentsOf(p.typ)
	case p.field == "id" && prefix == "":
		return e.idsLike(p, "1", "", ok)
	case p.field == "id":
		return e.idsLike(p, "id>=?", prefix, func(s string) bool { return strings.HasPrefix(s, prefix) && (ok == nil || ok(s)) })
	}
	s, err := e.c.prepare("SELECT docid, value FROM keys WHERE path=? AND value>=? AND value<?")
	if err != nil {
		return nil, err
	}
	defer s.reset()
	s.bindInt64(1, p.id)
	s.bindText(2, prefix)
	s.bindText(3, prefix+"\xff")
	var ids []int64
	for {
		row, err := s.step()
		if err != nil {
			return nil, err
		}
		if !row {
			return sorted(ids), nil
		}
		if ok == nil || ok(string(s.view(1))) {
			ids = append(ids, s.int64(0))
		}
	}
}

// literals finds numbers by the text they were written as (D22).
func (e *evaluation) literals(sc para.Scope, ok func(string) bool) (set, error) {
	return e.each(sc, kindNumber, func(p *path) (set, error) {
		s, err := e.c.prepare("SELECT docid, literal FROM nums WHERE path=?")
		if err != nil {
			return nil, err
		}
		defer s.reset()
		s.bindInt64(1, p.id)
		var ids []int64
		for {
			row, err := s.step()
			if err != nil {
				return nil, err
			}
			if !row {
				if zeroByDefault(p.field) && ok("0") {
					return e.zeros(p, sorted(ids))
				}
				return sorted(ids), nil
			}
			if ok(string(s.view(1))) {
				ids = append(ids, s.int64(0))
			}
		}
	})
}

// pattern finds values, tokens and literals of numbers that a function accepts; they start with prefix.
func (e *evaluation) pattern(sc para.Scope, prefix string, ok func(string) bool) (set, error) {
	keys, err := e.each(sc, kindKeyword, func(p *path) (set, error) { return e.keyPrefix(p, prefix, ok) })
	if err != nil {
		return nil, err
	}
	numbers, err := e.literals(sc, ok)
	if err != nil {
		return nil, err
	}
	texts, err := e.each(sc, kindText, func(p *path) (set, error) { return e.expand(p, prefix, "", ok) })
	return union([]set{keys, numbers, texts}), err
}

// exists finds the documents that have any value in a scope.
func (e *evaluation) exists(sc para.Scope) (set, error) {
	var sets []set
	for _, x := range []struct {
		kind int64
		sql  string
	}{
		{kindKeyword, "SELECT DISTINCT docid FROM keys WHERE path=?"},
		{kindNumber, "SELECT DISTINCT docid FROM nums WHERE path=?"},
	} {
		found, err := e.each(sc, x.kind, func(p *path) (set, error) {
			if unindexed(p.field) || x.kind == kindNumber && zeroByDefault(p.field) {
				return e.documentsOf(p.typ)
			}
			ids, _, err := e.collect(0, x.sql, p.id)
			return sorted(ids), err
		})
		if err != nil {
			return nil, err
		}
		sets = append(sets, found)
	}
	texts, err := e.each(sc, kindText, func(p *path) (set, error) { return e.fullText(`"` + p.term("") + `"`) })
	if err != nil {
		return nil, err
	}
	sets = append(sets, texts)
	if sc.Kind == para.NamedField && sc.Name == "latlng" {
		ids, _, err := e.collect(0, "SELECT docid FROM points ORDER BY docid")
		if err != nil {
			return nil, err
		}
		points, err := e.ofTypeIfAny(ids)
		if err != nil {
			return nil, err
		}
		sets = append(sets, points)
	}
	return union(sets), nil
}

func (e *evaluation) ofTypeIfAny(ids set) (set, error) {
	if e.q.Type == "" {
		return ids, nil
	}
	return e.ofType(ids)
}

func (e *evaluation) byIDs(ids []string) (set, error) {
	s, err := e.c.prepare("SELECT docid FROM objects WHERE id=? AND flags&2<>0")
	if err != nil {
		return nil, err
	}
	defer s.reset()
	var out []int64
	for _, id := range ids {
		s.again()
		s.bindText(1, id)
		row, err := s.step()
		if err != nil {
			return nil, err
		}
		if row {
			out = append(out, s.int64(0))
		}
	}
	return sorted(out), nil
}

// metresPerDegree is a little less than the length of a degree of latitude.
const metresPerDegree = 111_000

// near finds positions within a circle: a band of latitudes from the index, then the exact distance.
func (e *evaluation) near(f para.Near) (set, error) {
	band := f.Radius/metresPerDegree + 1e-6
	s, err := e.c.prepare("SELECT docid, lat, lng FROM points WHERE lat BETWEEN ? AND ?")
	if err != nil {
		return nil, err
	}
	defer s.reset()
	s.bindFloat(1, f.Center.Lat-band)
	s.bindFloat(2, f.Center.Lat+band)
	var ids []int64
	for {
		row, err := s.step()
		if err != nil {
			return nil, err
		}
		if !row {
			return sorted(ids), nil
		}
		if match.Distance(f.Center, para.Point{Lat: s.float(1), Lng: s.float(2)}) <= f.Radius {
			ids = append(ids, s.int64(0))
		}
	}
}

// parents finds the objects that matching documents of any type name as their parent.
func (e *evaluation) parents(f para.ParentOf) (set, error) {
	children, err := e.anyType().eval(f.Part)
	if err != nil {
		return nil, err
	}
	var ids []string
	s, err := e.c.prepare("SELECT data FROM objects WHERE docid=?")
	if err != nil {
		return nil, err
	}
	defer s.reset()
	for _, id := range children {
		s.again()
		s.bindInt64(1, id)
		row, err := s.step()
		if err != nil {
			return nil, err
		}
		if !row {
			continue
		}
		if o, err := para.DecodeObject(s.blob(0)); err == nil && o.ParentID() != "" {
			ids = append(ids, o.ParentID())
		}
	}
	return e.byIDs(ids)
}
