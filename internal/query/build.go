package query

import (
	"strconv"
	"strings"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/analysis"
	"github.com/erudika/para-go/internal/lucene"
)

// Params are the parameters of a search (S 9.3).
type Params struct {
	Type      string // resolved; "" for all types
	Kind      string // default, id, ids, in, terms, wildcard, prefix, tagged, similar, nearby, nested, count; others are default
	Separator string // between field and value of a term

	Get      func(name string) string // first value of a parameter
	Has      func(name string) bool
	All      func(name string) []string
	MatchAll bool // terms: all conditions must hold
}

// earthRadius in metres (S 14).
const defaultRadius = 10

// Build makes the query of a search; nil stands for one that finds nothing. With Limit -1 only the number of objects is
// wanted. An error means that q is not a valid query string.
func Build(p Params) (*para.Query, error) {
	q := &para.Query{Type: p.Type}
	text, given := p.Get("q"), p.Has("q")
	if !given {
		text = "*"
	}
	var parsed para.Filter
	if strings.TrimSpace(text) != "" && p.Kind != "wildcard" && p.Kind != "nested" {
		f, err := Parse(text, "")
		if err != nil {
			return nil, err
		}
		parsed = f
	}
	field := p.Get("field")
	switch p.Kind {
	case "id":
		q.Type = ""
		return withIDs(q, []string{p.Get("id")}), nil
	case "ids":
		q.Type = ""
		return withIDs(q, p.All("ids")), nil
	case "in":
		return with(q, in(field, p.All("terms"))), nil
	case "terms":
		if p.Has("count") {
			q.Limit = -1
			p.MatchAll = true
		}
		return with(q, terms(p.All("terms"), p.Separator, p.MatchAll)), nil
	case "wildcard":
		return with(q, wildcard(field, text)), nil
	case "prefix":
		if blank(field) || blank(p.Get("prefix")) {
			return nil, nil
		}
		return with(q, para.Prefix{Scope: para.Scope{Name: field}, Text: p.Get("prefix")}), nil
	case "tagged":
		return with(q, tagged(p.All("tags"))), nil
	case "count":
		q.Limit = -1
		return q, nil
	case "similar":
		return with(q, Similar(p.Get("like"), p.All("fields"), p.Get("filterid"))), nil
	case "nearby":
		if blank(p.Type) {
			return nil, nil
		}
		if blank(text) {
			parsed = para.All{}
		}
		return with(q, nearby(p.Type, p.Get("latlng"), p.Get("radius"), parsed)), nil
	case "nested":
		f, err := nested(field, text)
		if err != nil || f == nil {
			return nil, err
		}
		return with(q, f), nil
	}
	if parsed == nil {
		return nil, nil
	}
	return with(q, parsed), nil
}

// with puts a filter into a query; nil finds nothing.
func with(q *para.Query, f para.Filter) *para.Query {
	switch f.(type) {
	case nil, para.None:
		return nil
	case para.All:
		return q
	}
	q.Filter = f
	return q
}

func blank(s string) bool { return strings.TrimSpace(s) == "" }

func withIDs(q *para.Query, ids []string) *para.Query {
	var list []string
	for _, id := range ids {
		if !blank(id) {
			list = append(list, id)
		}
	}
	if len(list) == 0 {
		return nil
	}
	q.Filter = para.IDs{IDs: list}
	return q
}

// Exact is the condition that a field has a value: the whole value of a keyword, one token of a text, or a number by its
// value (S 6, T1).
func Exact(field, text string) para.Filter {
	s := para.Scope{Name: field}
	if !analysis.IsNumber(text) {
		return para.Term{Scope: s, Text: text}
	}
	return para.Or{Parts: []para.Filter{para.Term{Scope: s, Text: text}, para.Number{Scope: s, Text: text}}}
}

func in(field string, values []string) para.Filter {
	if blank(field) {
		return nil
	}
	var parts []para.Filter
	for _, v := range values {
		parts = append(parts, Exact(field, v))
	}
	return anyOf(parts)
}

func tagged(tags []string) para.Filter {
	var parts []para.Filter
	for _, t := range tags {
		if blank(t) {
			return nil
		}
		parts = append(parts, para.Term{Scope: para.Scope{Name: "tags"}, Text: t})
	}
	return allOf(parts)
}

func allOf(parts []para.Filter) para.Filter {
	switch len(parts) {
	case 0:
		return nil
	case 1:
		return parts[0]
	}
	return para.And{Parts: parts}
}

func wildcard(field, pattern string) para.Filter {
	if blank(field) || blank(pattern) {
		return nil
	}
	s := para.Scope{Name: field}
	if strings.Trim(pattern, "*") == "" {
		return para.Exists{Scope: s}
	}
	return para.Wildcard{Scope: s, Pattern: pattern}
}

// terms reads conditions of the form field:value, where the field may end in a comparison (S 12.1). Of several on one
// field the last counts.
func terms(list []string, separator string, matchAll bool) para.Filter {
	var order []string
	values := map[string]string{}
	for _, t := range list {
		field, value, ok := strings.Cut(t, separator)
		if !ok || blank(t) || blank(field) {
			continue
		}
		if _, again := values[field]; !again {
			order = append(order, field)
		}
		values[field] = value
	}
	var parts []para.Filter
	for _, field := range order {
		parts = append(parts, condition(field, values[field]))
	}
	if matchAll {
		return allOf(parts)
	}
	return anyOf(parts)
}

// condition is one entry of a terms map.
func condition(field, value string) para.Filter {
	key := strings.TrimSpace(field)
	for _, op := range []string{">=", "<=", ">", "<"} {
		name, ok := strings.CutSuffix(key, op)
		if !ok {
			continue
		}
		name = strings.TrimSpace(name)
		if blank(value) {
			return para.None{}
		}
		r := para.Range{Scope: para.Scope{Name: name}}
		if op[0] == '>' {
			r.Min, r.IncludeMin = &value, op == ">="
		} else {
			r.Max, r.IncludeMax = &value, op == "<="
		}
		return r
	}
	if blank(value) {
		return para.None{}
	}
	return Exact(field, value)
}

// maxLike bounds the tokens of a text that similar objects are looked for (S 13).
const maxLike = 5000

// Similar is the condition of S 13; nil when there is nothing to compare.
func Similar(like string, fields []string, except string) para.Filter {
	if blank(like) {
		return nil
	}
	if len(fields) == 0 {
		fields = []string{"name"}
	}
	var used []string
	for _, f := range fields {
		if !blank(f) {
			used = append(used, f)
		}
	}
	if len(used) == 0 {
		return nil
	}
	s := para.Similar{Fields: used, MaxTerms: 5}
	place := map[string]int{}
	tokens := analysis.Tokens(like)
	for _, t := range tokens[:min(len(tokens), maxLike)] {
		if i, ok := place[t.Text]; ok {
			s.Tokens[i].Count++
			continue
		}
		place[t.Text] = len(s.Tokens)
		s.Tokens = append(s.Tokens, para.TokenCount{Text: t.Text, Count: 1})
	}
	if blank(except) {
		return s
	}
	return para.And{Parts: []para.Filter{s, para.Not{Part: para.IDs{IDs: []string{except}}}}}
}

// nearby is the condition of S 14; nil finds nothing.
func nearby(typ, latlng, radius string, q para.Filter) para.Filter {
	center, ok := analysis.Point(latlng)
	if !ok {
		return nil
	}
	km, err := strconv.ParseInt(strings.TrimSpace(radius), 10, 32)
	if err != nil {
		km = defaultRadius
	}
	if km < 0 {
		return nil
	}
	near := para.Filter(para.Near{Center: center, Radius: float64(km) * 1000})
	if typ == "address" {
		return near
	}
	return para.And{Parts: []para.Filter{
		para.ParentOf{Part: para.And{Parts: []para.Filter{para.Term{Scope: para.Scope{Name: "type"}, Text: "address"}, near}}}, q}}
}

// nested is the condition of S 15; nil finds nothing.
func nested(field, q string) (para.Filter, error) {
	if blank(field) || blank(q) {
		return nil, nil
	}
	if strings.TrimSpace(q) == "*" {
		return para.Nested{Part: para.All{}}, nil
	}
	f, err := Parse(q, field)
	if err != nil {
		return nil, err
	}
	if _, all := f.(para.All); all { // [* TO *]
		f = exists(lucene.Field{Name: field})
	}
	return para.Nested{Part: f}, nil
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
