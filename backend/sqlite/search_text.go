package sqlite

import (
	"strconv"
	"strings"

	"github.com/erudika/para-go"
)

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
	return e.documentsIn(readKey, p.id, text)
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
	if e.trace == nil {
		return e.matching(expr)
	}
	return e.step(func() string { return "words: " + strings.ToValidUTF8(expr[:min(len(expr), 500)], "") }, func() (set, error) {
		return e.matching(expr)
	})
}

// matching is fullText without its story.
func (e *evaluation) matching(expr string) (set, error) {
	return e.documentsIn(readWords, expr)
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
