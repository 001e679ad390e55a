package sqlite

import (
	"slices"

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
		return e.documentsIn(readDocs)
	}
	return e.documentsOf(e.q.Type)
}

// documentsOf is every document of a type.
func (e *evaluation) documentsOf(typ string) (set, error) {
	if p := e.all.byName[pathName{typ, "type"}]; p != nil {
		return e.documentsIn(readKey, p.id, typ)
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
	return s.documents(func() bool { return string(s.view(1)) == p.typ && (ok == nil || ok(string(s.view(2)))) })
}

// documents are those in the first column of the rows that keep accepts.
func (s *stmt) documents(keep func() bool) (set, error) {
	var ids []int64
	for {
		row, err := s.step()
		if err != nil {
			return nil, err
		}
		if !row {
			return sorted(ids), nil
		}
		if keep() {
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
	if whole, err := e.wholeType(len(hits)); err != nil || whole {
		if err != nil {
			return nil, err
		}
		all, err := e.documentsOf(e.q.Type)
		return hits.and(all), err
	}
	out := make(set, 0, len(hits))
	err := e.lookUp("SELECT type FROM docs WHERE docid=?", hits, func(i int, s *stmt) error {
		if string(s.view(0)) == e.q.Type {
			out = append(out, hits[i])
		}
		return nil
	})
	return out, err
}

// lookUp runs a statement for each of some DocIDs, its only parameter, and tells the row where there is one.
func (e *evaluation) lookUp(sql string, ids []int64, tell func(i int, s *stmt) error) error {
	s, err := e.c.prepare(sql)
	if err != nil {
		return err
	}
	defer s.reset()
	for i, id := range ids {
		s.again()
		s.bindInt64(1, id)
		row, err := s.step()
		if err == nil && row {
			err = tell(i, s)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// wholeType says whether the documents of the query's type are remembered or worth reading all, for so many hits that would
// else be looked up one by one.
func (e *evaluation) wholeType(hits int) (bool, error) {
	p := e.all.byName[pathName{e.q.Type, "type"}]
	if p == nil {
		return false, nil
	}
	key := cacheKey{e.f, readKey.sql, packArgs([]any{p.id, e.q.Type})}
	work := hits * walkToLookUp
	switch value, _ := e.s.cache.get(key, e.at); v := value.(type) {
	case set:
		return true, nil
	case notKept:
		return false, nil
	case searched:
		work += int(v)
	}
	having, err := e.documents()
	if err != nil || int64(work) >= having {
		return err == nil, err
	}
	e.s.cache.put(key, e.at, searched(work), 0)
	return false, nil
}

// eval returns the documents that match a filter.
func (e *evaluation) eval(f para.Filter) (set, error) {
	if e.trace == nil {
		return e.find(f)
	}
	return e.step(func() string { return para.FilterText(f) }, func() (set, error) { return e.find(f) })
}

// find is eval without its story.
func (e *evaluation) find(f para.Filter) (set, error) {
	if err := e.tick(); err != nil {
		return nil, err
	}
	if _, and := f.(para.And); !and { // the parts of a conjunction may be remembered
		if expr, ok := e.match(f); ok {
			return e.fullText(expr)
		}
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
			return e.documentsIn(readNum, p.id, []byte(key))
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
			if p := e.all.byName[pathName{e.q.Type, s.Name}]; p != nil && p.kinds&kinds != 0 && !e.hidden(p) {
				out = append(out, p)
			}
			return out
		}
		for _, p := range e.all.byField[s.Name] {
			if p.kinds&kinds != 0 && !e.hidden(p) {
				out = append(out, p)
			}
		}
		return out
	case para.KeywordPattern, para.TextPattern:
	}
	for _, p := range e.paths {
		if p.kinds&kinds != 0 && match.InScope(s, p.field, analysis.IsKeyword(p.field)) && !e.hidden(p) {
			out = append(out, p)
		}
	}
	return out
}

// hidden says whether the search must not look at a path.
func (e *evaluation) hidden(p *path) bool {
	return e.q.Hidden != nil && e.q.Hidden.Hides(p.typ, p.field)
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

// exists finds the documents that have any value in a scope.
func (e *evaluation) exists(sc para.Scope) (set, error) {
	var sets []set
	for _, x := range []struct {
		kind int64
		sql  string
	}{
		{kindKeyword, "SELECT docid FROM keys WHERE path=?"},
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
	sql := "SELECT docid FROM objects WHERE id=? AND flags&2<>0"
	if e.q.Type != "" {
		sql = "SELECT docid FROM objects WHERE id=?" // those that are not indexed have no type in the index
	}
	s, err := e.c.prepare(sql)
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
