package sqlite

import (
	"slices"
	"strings"

	"github.com/erudika/para-go"
)

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
	return s.documents(func() bool { return ok == nil || ok(string(s.view(1))) })
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
		ids, err := s.documents(func() bool { return ok(string(s.view(1))) })
		if err == nil && zeroByDefault(p.field) && ok("0") {
			return e.zeros(p, ids)
		}
		return ids, err
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
