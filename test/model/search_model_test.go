package model

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// keyword are the fields whose value is one term (S 4.1); all others are cut into lower-case words.
var keyword = map[string]bool{"id": true, "name": true, "type": true, "tags": true, "appid": true, "votes": true, "updated": true,
	"parentid": true, "creatorid": true, "timestamp": true, "tag": true, "id1": true, "id2": true, "type1": true, "type2": true}

// values are the scalars of a field of the index document, by its dotted path (S 3).
func (o *object) values() map[string][]any {
	out := map[string][]any{}
	var walk func(name string, v any)
	walk = func(name string, v any) {
		switch x := known(v).(type) {
		case nil:
		case map[string]any:
			for k, y := range x {
				walk(name+"."+k, y)
			}
		case []any:
			for _, y := range x {
				walk(name, y)
			}
		default:
			if text, isText := x.(string); !isText || strings.TrimSpace(text) != "" {
				out[name] = append(out[name], x)
			}
		}
	}
	for k, v := range o.members {
		walk(k, v)
	}
	for k, v := range o.custom {
		walk("properties."+k, v)
	}
	return out
}

func words(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' })
}

func text(v any) string { return fmt.Sprint(v) }

func float(v any) (float64, bool) {
	n, ok := v.(json.Number)
	if !ok {
		return 0, false
	}
	f, err := n.Float64()
	return f, err == nil
}

// condition decides on one value of a field.
type condition func(field string, v any) bool

// has says whether some value of a field, "" for any, fulfils a condition.
func has(o *object, field string, c condition) bool {
	for f, list := range o.values() {
		if field != "" && f != field {
			continue
		}
		if slices.ContainsFunc(list, func(v any) bool { return c(f, v) }) {
			return true
		}
	}
	return false
}

// clauseMatches evaluates one clause of a query: a word, a quoted phrase, a prefix, a range or `*`, with or without a
// field in front (S 11.5).
func clauseMatches(o *object, clause string) bool {
	field, arg := "", clause
	if f, rest, found := strings.Cut(clause, ":"); found && !strings.HasPrefix(clause, `"`) {
		field, arg = f, rest
	}
	switch {
	case arg == "*":
		return field == "" || has(o, field, func(string, any) bool { return true })
	case strings.HasPrefix(arg, "["):
		low, high, _ := strings.Cut(strings.Trim(arg, "[]"), " TO ")
		return has(o, field, func(_ string, v any) bool {
			return (low == "*" || compare(v, low) >= 0) && (high == "*" || compare(v, high) <= 0)
		})
	case strings.HasPrefix(arg, `"`):
		return has(o, field, func(f string, v any) bool { return phrase(f, v, strings.Trim(arg, `"`)) })
	case strings.HasSuffix(arg, "*"):
		start := strings.TrimSuffix(arg, "*")
		return has(o, field, func(f string, v any) bool {
			if keyword[f] {
				return strings.HasPrefix(text(v), start)
			}
			return slices.ContainsFunc(words(text(v)), func(w string) bool { return strings.HasPrefix(w, strings.ToLower(start)) })
		})
	}
	return has(o, field, func(f string, v any) bool { return phrase(f, v, arg) })
}

// phrase says whether a value is, or holds in this order, the given words. Numbers are equal by value (T1).
func phrase(field string, v any, want string) bool {
	if x, isNumber := float(v); isNumber {
		y, err := strconv.ParseFloat(want, 64)
		return err == nil && x == y
	}
	if keyword[field] {
		return text(v) == want
	}
	have, ws := words(text(v)), words(want)
	for i := 0; i+len(ws) <= len(have); i++ {
		if len(ws) > 0 && slices.Equal(have[i:i+len(ws)], ws) {
			return true
		}
	}
	return false
}

// compare compares a value with the text of a bound: as numbers when both are, else as texts.
func compare(v any, bound string) int {
	if x, isNumber := float(v); isNumber {
		if y, err := strconv.ParseFloat(bound, 64); err == nil {
			return cmp.Compare(x, y)
		}
	}
	return cmp.Compare(text(v), bound)
}

// queryMatches evaluates clauses joined by AND, or by OR, some with NOT in front (S 11.4).
func queryMatches(o *object, q string) bool {
	all := strings.Contains(q, " AND ")
	parts := strings.Split(q, " OR ")
	if all {
		parts = strings.Split(q, " AND ")
	}
	positive, hits := 0, 0
	for _, p := range parts {
		clause, negative := strings.CutPrefix(p, "NOT ")
		matches := clauseMatches(o, clause)
		switch {
		case negative && matches:
			return false
		case negative:
		default:
			positive++
			if matches {
				hits++
			}
		}
	}
	return positive == 0 || all && hits == positive || !all && hits > 0
}

// exact is the term rule of S 6: no analysis of the wanted text.
func exact(o *object, field, want string) bool {
	return has(o, field, func(f string, v any) bool {
		if _, isNumber := float(v); isNumber || keyword[f] {
			return phrase(f, v, want)
		}
		return slices.Contains(words(text(v)), want)
	})
}

// invalidQueries are those of the generator that are refused (S 11.2).
var invalidQueries = []string{`name:"open`, "(word", "*lead"}

// searchRoute answers the routes of R 16.3.
func (w *world) searchRoute(c *call, typ string, rest []string) expected {
	q := c.query
	kind := ""
	if len(rest) > 0 {
		kind = rest[0]
	}
	if typ == "" {
		typ = w.resolve(q.Get("type"))
	}
	if slices.Contains(invalidQueries, q.Get("q")) && kind != "wildcard" {
		return refuse(400, "Invalid query string syntax q="+q.Get("q")+" in request GET /v1/"+strings.Join(c.path, "/"))
	}
	accept := func(o *object) bool { return true }
	switch kind {
	case "id", "ids":
		return w.byIDs(c, kind)
	case "count":
	case "prefix":
		accept = func(o *object) bool {
			return has(o, q.Get("field"), func(f string, v any) bool {
				terms := words(text(v))
				if keyword[f] {
					terms = []string{text(v)}
				}
				return slices.ContainsFunc(terms, func(t string) bool { return strings.HasPrefix(t, q.Get("prefix")) })
			})
		}
	case "wildcard":
		accept = func(o *object) bool {
			return has(o, q.Get("field"), func(f string, v any) bool { matched, _ := path.Match(q.Get("q"), text(v)); return matched })
		}
	case "tagged":
		accept = func(o *object) bool {
			for _, t := range q["tags"] {
				if !exact(o, "tags", t) {
					return false
				}
			}
			return true
		}
	case "in":
		accept = func(o *object) bool {
			return slices.ContainsFunc(q["terms"], func(t string) bool { return exact(o, q.Get("field"), t) })
		}
	case "terms":
		accept = func(o *object) bool { return termsMatch(o, q["terms"], q.Get("matchall") != "false") }
	default:
		if q.Has("q") {
			if strings.TrimSpace(q.Get("q")) == "" {
				return w.page(c, nil, false)
			}
			accept = func(o *object) bool { return queryMatches(o, q.Get("q")) }
		}
	}
	var hits []*object
	for _, o := range w.objects {
		if o.indexed() && (typ == "" || o.typ() == typ) && accept(o) {
			hits = append(hits, o)
		}
	}
	return w.page(c, hits, kind == "count" || q.Has("count"))
}

// termsMatch evaluates a map of terms (S 12).
func termsMatch(o *object, terms []string, all bool) bool {
	byField := map[string]string{}
	for _, t := range terms {
		if f, v, ok := strings.Cut(t, ":"); ok {
			byField[f] = v
		}
	}
	matching := 0
	for f, v := range byField {
		name := strings.TrimRight(f, "<>= ")
		matches := exact(o, f, v)
		if op := strings.TrimSpace(strings.TrimPrefix(f, name)); op != "" {
			matches = has(o, name, func(_ string, x any) bool {
				n := compare(x, v)
				return op == ">" && n > 0 || op == ">=" && n >= 0 || op == "<" && n < 0 || op == "<=" && n <= 0
			})
		}
		if matches {
			matching++
		}
	}
	if all {
		return matching == len(byField)
	}
	return matching > 0
}

func (w *world) byIDs(c *call, kind string) expected {
	ids := c.query["ids"]
	if kind == "id" {
		ids = c.query["id"]
	}
	var hits []*object
	for _, o := range w.objects {
		if o.indexed() && slices.Contains(ids, o.id()) {
			hits = append(hits, o)
		}
	}
	w.order(hits, "", true)
	items := []any{}
	for _, o := range hits {
		items = append(items, o.view(w.now.to))
	}
	return ok(map[string]any{"items": items, "page": number(0), "totalHits": number(int64(len(hits)))})
}

// page orders hits, cuts out the page that was asked for and wraps it (R 16.1, R 16.2, S 8, D51).
func (w *world) page(c *call, hits []*object, countOnly bool) expected {
	q := c.query
	integer := func(name string, otherwise, most int) int {
		n, err := strconv.Atoi(q.Get(name))
		if err != nil {
			return otherwise
		}
		return min(max(n, -n), most)
	}
	page, limit := integer("page", 0, 1000), integer("limit", 30, 256)
	desc := !q.Has("desc") || slices.Contains([]string{"true", "1", "yes", "on"}, strings.ToLower(q.Get("desc")))
	envelope := map[string]any{"items": []any{}, "page": number(int64(page)), "totalHits": number(int64(len(hits)))}
	if q.Get("lastKey") != "" {
		envelope["lastKey"] = q.Get("lastKey")
	}
	if countOnly {
		return ok(envelope)
	}
	if q.Get("lastKey") != "" && page <= 1 {
		w.order(hits, "_docid", desc)
		hits = slices.DeleteFunc(hits, func(o *object) bool { return o.made == w.cursor || (o.made < w.cursor) != desc })
	} else {
		w.order(hits, q.Get("sort"), desc)
		start := 0
		if page > 1 {
			start = (page - 1) * limit
		}
		hits = hits[min(start, len(hits)):]
	}
	hits = hits[:min(limit, len(hits))]
	if len(hits) == 0 {
		return ok(envelope)
	}
	items := []any{}
	for _, o := range hits {
		items = append(items, selected(o.view(w.now.to), q["select"]))
	}
	w.last = hits[len(hits)-1]
	envelope["items"], envelope["lastKey"] = items, w.last.docid
	return ok(envelope)
}

// selected is R 10 with D3.
func selected(v map[string]any, lists []string) map[string]any {
	if len(lists) == 0 {
		return v
	}
	out := map[string]any{}
	for _, name := range strings.Split(strings.Join(lists, ","), ",") {
		if x, ok := v[name]; ok {
			out[name] = x
		}
	}
	return out
}

// order sorts by the keys of a sort parameter; equal ones stay in the order of creation (S 8.3).
func (w *world) order(hits []*object, sort string, desc bool) {
	if sort == "" {
		sort = "timestamp"
	}
	slices.SortFunc(hits, func(a, b *object) int {
		for _, key := range strings.Split(sort, ",") {
			down := desc
			if k, ok := strings.CutSuffix(key, ":asc"); ok {
				key, down = k, false
			} else if k, ok := strings.CutSuffix(key, ":desc"); ok {
				key, down = k, true
			}
			n := compareField(a, b, key)
			if down {
				n = -n
			}
			if n != 0 {
				return n
			}
		}
		return cmp.Compare(a.made, b.made)
	})
}

// numeric are the fields of the scripts that hold numbers only: there a missing value counts as 0, elsewhere it stands
// before all others.
var numeric = map[string]bool{"timestamp": true, "updated": true, "votes": true, "version": true, "properties.n": true}

func compareField(a, b *object, field string) int {
	if field == "_docid" {
		return cmp.Compare(a.made, b.made)
	}
	if numeric[field] {
		first := func(o *object) float64 {
			for _, v := range o.values()[field] {
				f, _ := float(v)
				return f
			}
			return 0
		}
		return cmp.Compare(first(a), first(b))
	}
	joined := func(o *object) string {
		s := ""
		for _, v := range o.values()[field] {
			s += text(v)
		}
		return s
	}
	return cmp.Compare(joined(a), joined(b))
}

// linksOf are the links of an object as it is now with objects of a type; without one all that name the object, also
// from the time when it had another type (R 17, D39, O 11.1).
func (w *world) linksOf(o *object, typ string) []*object {
	var out []*object
	for _, l := range w.objects {
		if l.typ() != "linker" {
			continue
		}
		here := func(n, other string) bool {
			return l.text("id"+n) == o.id() && (typ == "" || l.text("type"+n) == o.typ() && l.text("type"+other) == typ)
		}
		if here("1", "2") || here("2", "1") {
			out = append(out, l)
		}
	}
	return out
}

func (w *world) children(o *object, typ string) []*object {
	var out []*object
	for _, x := range w.objects {
		if x.typ() == typ && x.indexed() && x.text("parentid") == o.id() {
			out = append(out, x)
		}
	}
	return out
}

func linkID(t1, i1, t2, i2 string) string {
	if strings.ToLower(t1) > strings.ToLower(t2) {
		t1, i1, t2, i2 = t2, i2, t1, i1
	}
	return t1 + ":" + i1 + ":" + t2 + ":" + i2
}

// links answers the routes of R 17.
func (w *world) links(c *call, pathType string) expected {
	o := w.objects[pathID(pathType, c.path[1])]
	if o == nil {
		return refuse(404, "Object not found: "+c.path[1])
	}
	arg := c.path[3:]
	childrenOnly := c.query.Has("childrenonly")
	switch {
	case c.method == http.MethodPost || c.method == http.MethodPut:
		return w.link(o, arg[0])
	case c.method == http.MethodGet && len(arg) == 2:
		typ := w.resolve(arg[0])
		for _, id := range []string{linkID(o.typ(), o.id(), typ, arg[1]), linkID(typ, arg[1], o.typ(), o.id())} {
			if l := w.objects[id]; l != nil && l.typ() == "linker" {
				return ok(raw("true"))
			}
		}
		return ok(raw("false"))
	case c.method == http.MethodGet && childrenOnly:
		return w.listChildren(c, o, w.resolve(arg[0]))
	case c.method == http.MethodGet:
		return w.listLinks(c, o, w.resolve(arg[0]))
	case len(arg) == 2:
		typ := w.resolve(arg[0])
		delete(w.objects, linkID(o.typ(), o.id(), typ, arg[1]))
		delete(w.objects, linkID(typ, arg[1], o.typ(), o.id()))
	case childrenOnly:
		for _, x := range w.children(o, w.resolve(arg[0])) {
			delete(w.objects, x.id())
		}
	default:
		typ := ""
		if len(arg) == 1 {
			typ = w.resolve(arg[0])
		}
		for _, l := range w.linksOf(o, typ) {
			delete(w.objects, l.id())
		}
	}
	return expected{status: 200}
}

func (w *world) link(o *object, id2 string) expected {
	second := w.objects[id2]
	if second == nil {
		return refuse(400, "Failed to create link.")
	}
	id := linkID(o.typ(), o.id(), second.typ(), second.id())
	first := o
	if strings.ToLower(o.typ()) > strings.ToLower(second.typ()) {
		first, second = second, first
	}
	w.put(&object{custom: map[string]any{}, members: map[string]any{
		"id": id, "type": "linker", "appid": w.app, "name": first.typ() + ":" + second.typ(), "timestamp": moment(w.now),
		"votes": number(0), "version": number(0), "stored": true, "indexed": true, "cached": true,
		"type1": first.typ(), "id1": first.id(), "type2": second.typ(), "id2": second.id(),
	}})
	return ok(raw(id))
}

func (w *world) listChildren(c *call, o *object, typ string) expected {
	hits := w.children(o, typ)
	switch q := c.query; {
	case q.Get("field") != "" && q.Get("term") != "":
		hits = slices.DeleteFunc(hits, func(x *object) bool { return !exact(x, q.Get("field"), q.Get("term")) })
	case q.Get("q") != "":
		hits = slices.DeleteFunc(hits, func(x *object) bool { return !queryMatches(x, q.Get("q")) })
	}
	return w.page(c, hits, c.query.Has("count"))
}

// listLinks pages through links and shows the objects at their other ends, each once.
func (w *world) listLinks(c *call, o *object, typ string) expected {
	e := w.page(c, w.linksOf(o, typ), c.query.Has("count"))
	envelope := e.body.(map[string]any)
	items := []any{}
	var seen []string
	for _, l := range envelope["items"].([]any) {
		link := l.(map[string]any)
		id := link["id1"].(string)
		if id == o.id() {
			id = link["id2"].(string)
		}
		if partner := w.objects[id]; partner != nil && !slices.Contains(seen, id) {
			seen = append(seen, id)
			items = append(items, partner.view(w.now.to))
		}
	}
	envelope["items"] = items
	return e
}
