package backendtest

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/query"
)

// RunRandomSearches writes random objects, replaces and deletes some, and asks random queries in between, so many rounds.
// Every answer must be that of package match on the same documents.
func RunRandomSearches(t *testing.T, open func(t *testing.T) SearchStore, seed uint64, rounds int) {
	store := open(t)
	s := newSearchSuite(t, store)
	g := &generator{r: rand.New(rand.NewPCG(seed, 1))}
	for round := range rounds {
		if round%20 == 0 {
			s.change(g)
		}
		q := g.query(s)
		s.find(fmt.Sprintf("seed %d round %d", seed, round), q)
		if t.Failed() {
			data, _ := json.Marshal(s.corpus)
			t.Fatalf("the documents are %.20000s", data)
		}
	}
}

// change writes some objects in one call and deletes some.
func (s *searchSuite) change(g *generator) {
	var objects []string
	for range 1 + g.r.IntN(12) {
		objects = append(objects, g.object(g.r.IntN(60)))
	}
	s.index(objects...)
	ids := s.all()
	slices.Sort(ids)
	if len(ids) > 20 && g.r.IntN(2) == 0 {
		s.unindex(ids[g.r.IntN(len(ids))])
	}
}

// generator makes random objects and queries from few words, so that they meet often.
type generator struct{ r *rand.Rand }

func pick[T any](g *generator, list ...T) T { return list[g.r.IntN(len(list))] }

var (
	someWords = []string{"alpha", "Beta", "gamma", "Gamma", "delta", "wi-fi", "it's", "10", "10.0", "-44", "2019-03-04", "2019-03-04T10:00:00Z",
		"café", "東京", "a.b", "foo_bar", "x:y", "@home", "A-17", "The", "the", "...", "true", "1e3", "Zoë", "alphabet", "alpha beta", "alpha gamma"}
	someTypes  = []string{"book", "book", "note", "note", "address", "address", "x", "x", "linker"}
	someFields = []string{"name", "tags", "votes", "timestamp", "parentid", "id", "type", "properties.title", "properties.n", "properties.list",
		"properties.deep.er", "properties.pets.name", "properties.pets", "properties.flag", "latlng", "nosuch", "properties.mixed", "creatorid",
		"properties.pets[0].name", "version", "appid", "stored"}
	// Where a document without a field stands among documents with numbers and others with texts is not specified.
	sortFields = []string{"name", "tags", "votes", "timestamp", "parentid", "id", "type", "properties.title", "properties.n", "properties.flag",
		"properties.pets[0].name", "properties.pets.name", "version", "nosuch", "creatorid", "latlng", "_docid"}
)

func (g *generator) text() string {
	n := 1 + g.r.IntN(4)
	if g.r.IntN(30) == 0 {
		n = 60
	}
	words := make([]string, n)
	for i := range words {
		words[i] = pick(g, someWords...)
	}
	return strings.Join(words, " ")
}

func (g *generator) number() string {
	return pick(g, "0", "1", "5", "-3", "10", "10.0", "10.50", "1e3", "1000", "-0.5", "1e400", "123456789012345678901234567890", "7", "44", "-44")
}

func (g *generator) value(depth int) any {
	switch n := g.r.IntN(12); {
	case n < 4:
		return g.text()
	case n < 7:
		return json.RawMessage(g.number())
	case n == 7:
		return g.r.IntN(2) == 0
	case n == 8:
		return nil
	case depth > 2:
		return ""
	case n < 11:
		list := []any{}
		for range g.r.IntN(4) {
			list = append(list, g.value(depth+1))
		}
		return list
	default:
		return map[string]any{"er": g.value(depth + 1), "name": g.text()}
	}
}

func (g *generator) object(n int) string {
	o := map[string]any{"id": fmt.Sprint("o", n), "type": pick(g, someTypes...), "stored": g.r.IntN(10) > 0, "indexed": g.r.IntN(10) > 0,
		"appid": app, "cached": true, "version": json.RawMessage(pick(g, "0", "0", "1")), // members that every object has
		"votes": json.RawMessage(strconv.Itoa(g.r.IntN(7) - 3)), "name": g.text(), "timestamp": json.RawMessage(strconv.Itoa(1_700_000_000_000 + g.r.IntN(20)))}
	properties := map[string]any{}
	maybe := func(to map[string]any, name string, v any) {
		if g.r.IntN(3) > 0 {
			to[name] = v
		}
	}
	maybe(o, "parentid", fmt.Sprint("o", g.r.IntN(60)))
	maybe(o, "creatorid", pick(g, "u1", "u2", "U-3"))
	maybe(o, "tags", []string{pick(g, someWords...), pick(g, someWords...)})
	maybe(properties, "title", g.text())
	maybe(properties, "n", json.RawMessage(g.number()))
	maybe(properties, "list", []any{g.value(1), g.value(1), g.text()})
	maybe(properties, "deep", g.value(0))
	maybe(properties, "pets", []any{map[string]any{"name": g.text(), "age": json.RawMessage(g.number())}, map[string]any{"name": g.text()}})
	maybe(properties, "flag", g.r.IntN(2) == 0)
	maybe(properties, "mixed", g.value(0))
	if o["type"] == "address" {
		o["latlng"] = pick(g, "40.67,-73.94", "40.69,-73.95", "42.7,23.3", "95,0", "NaN,NaN", "40.67,-Inf", "1e999,0", "here", "x,y", "-40.6,179.9")
	} else {
		o["properties"] = properties
	}
	if o["type"] == "linker" {
		o["nstd"] = g.elements()
	}
	data, _ := json.Marshal(o)
	return string(data)
}

// elements are the copies of linked objects in a link: of some the object itself exists, and it counts instead (D33).
func (g *generator) elements() []any {
	list := []any{}
	for i := range g.r.IntN(4) {
		id := fmt.Sprint("elsewhere", i)
		if g.r.IntN(3) > 0 {
			id = fmt.Sprint("o", g.r.IntN(60))
		}
		list = append(list, map[string]any{"id": id, "type": pick(g, someTypes...), "name": g.text(), "title": g.text(),
			"votes": json.RawMessage(strconv.Itoa(g.r.IntN(7) - 3)), "tags": []string{pick(g, someWords...)},
			"properties": map[string]any{"title": g.text(), "n": json.RawMessage(g.number()), "pets": []any{map[string]any{"name": g.text()}}}})
	}
	return list
}

func (g *generator) scope() para.Scope {
	switch g.r.IntN(8) {
	case 0:
		return para.Scope{Kind: para.AnyKeyword}
	case 1:
		return para.Scope{Kind: para.AnyText}
	case 2:
		return para.Scope{Kind: pick(g, para.KeywordPattern, para.TextPattern), Name: pick(g, "*", "properties.*", "n*", "t?gs", "*e*", "properties.pets*")}
	}
	return para.Scope{Name: pick(g, someFields...)}
}

// term is a word, a whole value or a part of one.
func (g *generator) term() string {
	if g.r.IntN(3) == 0 {
		return g.text()
	}
	w := pick(g, someWords...)
	if g.r.IntN(2) == 0 {
		w = strings.ToLower(w)
	}
	return pick(g, w, w, g.number(), "o7", "u1", "book")
}

func (g *generator) bound() *string {
	if g.r.IntN(4) == 0 {
		return nil
	}
	s := pick(g, g.number(), g.number(), g.term(), "2019-01-01", "a", "z", "A")
	return &s
}

// filter is a random filter; deep ones combine others.
func (g *generator) filter(depth int) para.Filter {
	if depth < 3 && g.r.IntN(3) == 0 {
		parts := make([]para.Filter, 1+g.r.IntN(3))
		for i := range parts {
			parts[i] = g.filter(depth + 1)
		}
		switch g.r.IntN(4) {
		case 0:
			return para.And{Parts: parts}
		case 1:
			return para.Or{Parts: parts}
		case 2:
			return para.Or{Parts: parts, Min: g.r.IntN(4)}
		}
		return para.Not{Part: parts[0]}
	}
	s := g.scope()
	switch g.r.IntN(16) {
	case 0, 1, 2:
		return para.Term{Scope: s, Text: g.term()}
	case 3:
		return para.Number{Scope: s, Text: g.number()}
	case 4:
		return para.Phrase{Scope: s, Terms: []string{strings.ToLower(pick(g, someWords...)), strings.ToLower(pick(g, someWords...))}}
	case 5:
		return para.Phrase{Scope: s, Terms: []string{"alpha", pick(g, "beta", "gamma", "alpha"), "the"}[:2+g.r.IntN(2)], Slop: g.r.IntN(6)}
	case 6:
		t := g.term()
		return para.Prefix{Scope: s, Text: t[:min(len(t), 1+g.r.IntN(5))]}
	case 7:
		return para.Wildcard{Scope: s, Pattern: pick(g, "al*", "*a", "?lpha", "*", "a?p*a", "10*", "-4?", "*e*a*", `\@*`, "G*")}
	case 8:
		return para.Fuzzy{Scope: s, Text: pick(g, "alpah", "beta", "gama", "10", "delt", "Gamma"), Edits: g.r.IntN(3)}
	case 9:
		return para.Regexp{Scope: s, Pattern: pick(g, "al.*", "[ab].*a", "1[0-9]", ".*", "(alpha|beta)", "G.*")}
	case 10, 11:
		return para.Range{Scope: s, Min: g.bound(), Max: g.bound(), IncludeMin: g.r.IntN(2) == 0, IncludeMax: g.r.IntN(2) == 0, WholeValue: g.r.IntN(3) == 0}
	case 12:
		return para.Exists{Scope: s}
	case 13:
		return para.IDs{IDs: []string{fmt.Sprint("o", g.r.IntN(60)), fmt.Sprint("o", g.r.IntN(60)), "none", fmt.Sprint("o", g.r.IntN(60))}}
	case 14:
		return para.Near{Center: para.Point{Lat: 40.6, Lng: pick(g, -73.9, 179.9, 0)}, Radius: float64(g.r.IntN(5)) * 5000}
	}
	switch g.r.IntN(5) {
	case 0:
		return para.ParentOf{Part: g.filter(depth + 1)}
	case 4:
		return g.nested()
	case 1:
		return query.Similar(g.text(), []string{pick(g, someFields...), "properties.title"}, "o1")
	case 2:
		return para.All{}
	}
	return para.None{}
}

// nested is a filter on one element of a link.
func (g *generator) nested() para.Filter {
	if f, err := query.Parse(g.queryString(), pick(g, someFields...)); err == nil && g.r.IntN(6) > 0 {
		return para.Nested{Part: f}
	}
	return para.Nested{Part: para.All{}}
}

func (g *generator) query(s *searchSuite) *para.Query {
	q := &para.Query{Type: pick(g, "", "", "book", "book", "note", "address", "linker", "nosuch"), Limit: pick(g, 0, 1, 3, 10, 100), Offset: pick(g, 0, 0, 0, 1, 5)}
	switch g.r.IntN(6) {
	case 0:
		if f, err := query.Parse(g.queryString(), ""); err == nil {
			q.Filter = f
		}
	case 1:
	case 2:
		q.Filter = g.nested()
		if g.r.IntN(2) == 0 {
			q.Type = "linker"
		}
	default:
		q.Filter = g.filter(0)
	}
	if g.r.IntN(5) == 0 {
		after := int64(g.r.IntN(300) - 10)
		q.After, q.Desc, q.Offset = &after, g.r.IntN(2) == 0, 0
	}
	for range g.r.IntN(3) {
		q.Sort = append(q.Sort, para.SortKey{Field: pick(g, sortFields...), Desc: g.r.IntN(2) == 0})
	}
	return q
}

func (g *generator) queryString() string {
	clause := func() string {
		w := strings.NewReplacer("@", `\@`, ":", `\:`, "-", `\-`, "/", `\/`).Replace(pick(g, someWords...))
		w = pick(g, w, w, `"`+strings.ReplaceAll(g.text(), `"`, "")+`"`, "al*", "g?mma", "alpah~", "[a TO c]", "[1 TO 20]", "{* TO 5]", "/al.*/")
		if g.r.IntN(2) == 0 {
			w = pick(g, someFields...) + ":" + w
		}
		return pick(g, "", "", "", "+", "-") + w
	}
	parts := []string{clause()}
	for range g.r.IntN(3) {
		parts = append(parts, pick(g, "", "AND ", "OR ")+clause())
	}
	return strings.Join(parts, " ")
}
