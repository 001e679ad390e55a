package model

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
)

// generator makes the calls of a script. It knows nothing of the server's answers, so a seed always yields the same
// script.
type generator struct {
	*rand.Rand
	n       int
	posted  []int // calls that may have made an id
	weighed []func(*generator) *call
}

var (
	idsOf = map[string][]string{
		"cat": {"c1", "c2", "c3", "c4", "c5"}, "dog": {"d1", "d2", "d3"}, "sysprop": {"s1", "s2"},
		"Bus": {"a b/ü:1", "b~*+%2F"}, "my_type": {"m1"}, "city": {"x1", "x2"}, "tag": {"java", "c++", "tag:java"},
	}
	customTypes = []string{"cat", "cat", "cat", "cats", "dog", "dog", "dogs", "sysprop", "Bus", "my_type", "city", "cities"}
	nameList    = []string{"Alpha", "alpha", "Beta Two", "Gamma", "zebra", "Zoë's Café"}
	wordList    = []string{"amber", "birch", "cedar", "delta", "zebra", "Ember"}
	tagList     = []string{"java", "Go", "two words"}
	voters      = []string{"u1", "u2", "c1"}
)

func scriptOf(seed uint64, length int) []*call {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 7))}
	for _, k := range kinds {
		for range k.weight {
			g.weighed = append(g.weighed, k.make)
		}
	}
	script := make([]*call, 0, length)
	for g.n = 1; g.n <= length; g.n++ {
		c := pick(g, g.weighed)(g)
		c.n = g.n
		script = append(script, c)
	}
	return script
}

func pick[T any](g *generator, list []T) T { return list[g.IntN(len(list))] }

func (g *generator) chance(percent int) bool { return g.IntN(100) < percent }

// id is one that an object of a type may have: now and then one of another type, or one that the server made.
func (g *generator) id(typ string) string {
	switch {
	case len(g.posted) > 0 && g.chance(10):
		return idToken(pick(g, g.posted))
	case g.chance(4):
		typ = pick(g, customTypes)
	}
	for t, list := range idsOf {
		if t == typ || plural(t) == typ {
			return pick(g, list)
		}
	}
	return "nothing"
}

func (g *generator) typ() string { return pick(g, customTypes) }

func (g *generator) text() string {
	list := make([]string, 1+g.IntN(3))
	for i := range list {
		list[i] = pick(g, wordList)
	}
	return strings.Join(list, pick(g, []string{" ", ", ", " - "}))
}

// member makes one member of a body.
func (g *generator) member(patch bool) (string, any) {
	switch g.IntN(24) {
	case 0, 1:
		return "name", pick(g, []any{"", "   ", 5, json.RawMessage("5.0"), true, nil, strings.Repeat("n", 255), strings.Repeat("n", 256)})
	case 2, 3, 4:
		return "name", pick(g, nameList)
	case 5, 6:
		return "text", g.text()
	case 7:
		return "title", pick(g, wordList)
	case 8, 9, 10:
		return "n", json.RawMessage(pick(g, []string{"1", "2", "2.5", "10", "-3", "1.0", "1e3", "9007199254740993"}))
	case 11:
		return "nums", json.RawMessage(pick(g, []string{"[1,2.5]", "[]", "[10]", "[1,null]"}))
	case 12:
		return "labels", pick(g, []any{[]string{"red", "Green apple"}, []string{}, []any{"red", nil}})
	case 13:
		return "deep", pick(g, []any{map[string]any{"a": map[string]any{"b": pick(g, wordList)}, "k": nil}, map[string]any{}, map[string]any{"a": map[string]any{"b": 7}}})
	case 14:
		return "flag", g.chance(50)
	case 15, 16:
		return "tags", pick(g, []any{[]string{"java"}, []string{"java", "Go"}, []string{"two words"}, []string{}, nil, "x", []any{5, nil, "z"}})
	case 17:
		return "votes", pick(g, []any{3, -2, "7", 5.9, 2147483648, "x", []any{4}})
	case 18:
		if patch { // locked
			return pick(g, []string{"timestamp", "type", "id", "appid", "parentid", "creatorid"}), "junk"
		}
		return "parentid", pick(g, []string{"c1", "c2", "d1", "tag:java", "a b/ü:1"})
	case 19:
		return "creatorid", pick(g, []string{"u1", "u2"})
	case 20:
		return pick(g, []string{"indexed", "cached"}), pick(g, []any{false, true, "yes"})
	case 21:
		return pick(g, []string{"objectURI", "plural", "appid"}), "junk"
	case 22:
		return "properties", pick(g, []any{map[string]any{"title": pick(g, wordList), "name": "X", "z": 1}, map[string]any{}, nil})
	}
	return pick(g, []string{"text", "n", "title", "deep", "labels"}), nil
}

func (g *generator) members(patch bool) map[string]any {
	m := map[string]any{}
	for range g.IntN(6) {
		k, v := g.member(patch)
		if patch && k == "id" {
			continue
		}
		m[k] = v
	}
	if !patch && g.chance(60) {
		m["timestamp"] = 1700000000000 + g.IntN(5)
	}
	return m
}

func (g *generator) version(m map[string]any) map[string]any {
	if g.chance(25) {
		m["version"] = pick(g, []int{1, 1, 1, 2, 2, 3, 0, -1})
	}
	return m
}

func text0(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(data)
}

func request(method string, body any, path ...string) *call {
	c := &call{method: method, path: path}
	if body != nil {
		c.body = text0(body)
	}
	return c
}

func (c *call) with(pairs ...string) *call {
	if c.query == nil {
		c.query = url.Values{}
	}
	for i := 0; i < len(pairs); i += 2 {
		c.query.Add(pairs[i], pairs[i+1])
	}
	return c
}

// kinds are the calls of scripts and how often each is made.
var kinds = []struct {
	weight int
	make   func(*generator) *call
}{
	{14, func(g *generator) *call {
		m := g.version(g.members(false))
		typ := g.typ()
		switch {
		case g.chance(70):
			m["id"] = g.id(typ)
		case g.chance(10):
			m["id"] = 40 + g.IntN(3)
		default:
			g.posted = append(g.posted, g.n)
		}
		if g.chance(30) {
			m["type"] = pick(g, []string{"cat", "dog", "ca", "cats"})
		}
		return request("POST", m, typ)
	}},
	{12, func(g *generator) *call {
		typ := g.typ()
		return request("PUT", g.version(g.members(false)), typ, g.id(typ))
	}},
	{18, func(g *generator) *call {
		typ := g.typ()
		return request("PATCH", g.version(g.members(true)), typ, g.id(typ))
	}},
	{8, func(g *generator) *call { typ := g.typ(); return request("GET", nil, typ, g.id(typ)) }},
	{2, func(g *generator) *call { return request("GET", nil, "_id", g.id(g.typ())) }},
	{6, func(g *generator) *call { typ := g.typ(); return request("DELETE", nil, typ, g.id(typ)) }},
	{3, (*generator).tag},
	{8, (*generator).createBatch},
	{8, (*generator).patchBatch},
	{3, func(g *generator) *call { return g.ids("ids", request("GET", nil, "_batch")) }},
	{2, func(g *generator) *call { return g.ids("ids", request("DELETE", nil, "_batch")) }},
	{14, (*generator).vote},
	{2, func(g *generator) *call {
		// A vote of long ago, so that what depends on time can be played without waiting.
		voter, id := pick(g, voters), pick(g, []string{"c1", "d1"})
		return request("PUT", map[string]any{"value": pick(g, []string{"up", "down"}), "creatorid": voter, "parentid": id,
			"timestamp": 1700000000000, "expiresAfter": pick(g, []int{0, 5}), "lockedAfter": 30}, "vote", "vote:"+voter+":"+id)
	}},
	{2, func(g *generator) *call {
		return request("GET", nil, "vote", "vote:"+pick(g, voters)+":"+pick(g, []string{"c1", "d1"}))
	}},
	{12, (*generator).linkCall},
	{12, (*generator).readLinks},
	{6, (*generator).setting},
	{2, (*generator).constraint},
	{2, func(g *generator) *call {
		c := request("GET", nil, "_types")
		if g.chance(50) {
			c.with("count", "true")
		}
		return c
	}},
	{40, (*generator).search},
}

func (g *generator) tag() *call {
	m := g.members(false)
	switch g.IntN(5) {
	case 0:
		m["tag"] = "java"
		return request("POST", m, "tags")
	case 1:
		m["id"] = pick(g, idsOf["tag"])
		m["count"] = 4
		return request("POST", m, "tag")
	case 2:
		return request("PUT", m, "tags", pick(g, idsOf["tag"]))
	case 3:
		return request("PATCH", map[string]any{"tag": "junk", "description": g.text(), "count": 9, "unknown": 1}, "tag", pick(g, idsOf["tag"]))
	}
	return request("GET", nil, "tags", pick(g, idsOf["tag"]))
}

func (g *generator) createBatch() *call {
	list := []any{}
	for range g.IntN(5) {
		m := g.version(g.members(false))
		if g.chance(80) {
			m["type"] = g.typ()
			if g.chance(80) {
				m["id"] = g.id(m["type"].(string))
			}
		}
		list = append(list, m)
	}
	if g.chance(15) {
		list = append(list, pick(g, []any{nil, map[string]any{}, map[string]any{"type": "app", "id": "app:x"}, map[string]any{"type": "tag"}}))
	}
	if g.chance(3) {
		list = append(list, "text")
	}
	return request(pick(g, []string{"POST", "PUT"}), list, "_batch")
}

func (g *generator) patchBatch() *call {
	list := []any{}
	seen := map[string]bool{}
	for range g.IntN(5) {
		m := g.members(true)
		id := g.id(pick(g, []string{"cat", "cat", "dog"}))
		if again := seen[id]; again {
			// What refuses one element of several with one id is not fixed: leave it out.
			delete(m, "name")
			delete(m, "tags")
		} else {
			g.version(m)
			if m["version"] != nil {
				delete(m, "version")
				if !seen["version"] {
					m["version"] = pick(g, []int{1, 2})
					seen["version"] = true
				}
			}
		}
		seen[id] = true
		m["id"] = id
		list = append(list, m)
	}
	if g.chance(10) {
		list = append(list, pick(g, []any{nil, map[string]any{"name": "no id"}, map[string]any{"id": "c1"}}))
	}
	return request("PATCH", list, "_batch")
}

func (g *generator) ids(param string, c *call) *call {
	for range g.IntN(5) {
		c.with(param, g.id(g.typ()))
	}
	return c
}

func (g *generator) vote() *call {
	typ := pick(g, []string{"cat", "cats", "dog"})
	m := map[string]any{pick(g, []string{"_voteup", "_voteup", "_votedown"}): pick(g, append(voters, " "))}
	if g.chance(60) {
		m["_vote_locked_after"] = pick(g, []int{0, 100000})
		m["_vote_expires_after"] = pick(g, []int{0, -1, 100000})
	}
	m["text"] = "not applied"
	return request("PATCH", m, typ, pick(g, []string{"c1", "c2", "d1"}))
}

func (g *generator) linkCall() *call {
	typ := pick(g, []string{"cat", "dog", "tag", "Bus"})
	first := g.id(typ)
	second := pick(g, []string{"cat", "dog", "dogs", "tag", "Bus"})
	switch g.IntN(8) {
	case 0:
		return request("DELETE", nil, typ, first, "links", second, g.other(second))
	case 1:
		if g.chance(50) {
			return request("DELETE", nil, typ, first, "links")
		}
		return request("DELETE", nil, typ, first, "links", second)
	case 2:
		if g.chance(30) {
			return request("DELETE", nil, typ, first, "links", second).with("childrenonly", "")
		}
	}
	return request(pick(g, []string{"POST", "PUT"}), nil, typ, first, "links", g.other(second))
}

// other is the id of the second object of a link, for which nothing is normalised.
func (g *generator) other(typ string) string {
	if typ == "tag" {
		return "tag:java"
	}
	return g.id(typ)
}

func (g *generator) readLinks() *call {
	typ := pick(g, []string{"cat", "cats", "dog", "tag", "Bus"})
	id := g.id(typ)
	second := pick(g, []string{"cat", "dog", "dogs", "tag", "Bus"})
	switch g.IntN(6) {
	case 0, 1:
		return request("GET", nil, typ, id, "links", second, g.other(second))
	case 2:
		return request("GET", nil, typ, id, "links", second)
	case 3:
		return request("GET", nil, typ, id, "links", second).with("count", "")
	}
	c := request("GET", nil, pick(g, []string{"cat", "Bus", "tag"}), "", "links", pick(g, []string{"cat", "cats", "dog"})).with("childrenonly", pick(g, []string{"", "false"}))
	c.path[1] = map[string]string{"cat": pick(g, []string{"c1", "c2"}), "Bus": "a b/ü:1", "tag": "java"}[c.path[0]]
	switch g.IntN(4) {
	case 0:
		c.with("field", "name", "term", pick(g, nameList))
	case 1:
		c.with("q", g.query())
	case 2:
		c.with("count", "")
	}
	return c
}

func (g *generator) setting() *call {
	key := pick(g, []string{"k1", "k2", "a b"})
	switch g.IntN(6) {
	case 0:
		return request("GET", nil, "_settings")
	case 1:
		return request("GET", nil, "_settings", key)
	case 2:
		return request("DELETE", nil, "_settings", key)
	case 3:
		if g.chance(30) {
			return request("PUT", map[string]any{"k1": 1, "k9": []int{1}, "gone": nil}, "_settings")
		}
	case 4:
		return request("PUT", pick(g, []map[string]any{{"value": nil}, {"other": 1}}), "_settings", key)
	}
	return request("PUT", map[string]any{"value": pick(g, []any{"x", 5, true, []int{1}, map[string]any{"a": "b"}})}, "_settings", key)
}

func (g *generator) constraint() *call {
	field, name := pick(g, []string{"title", "n"}), "required"
	var body any = map[string]any{}
	if field == "n" && g.chance(70) {
		name, body = "max", map[string]any{"value": 5}
	}
	switch g.IntN(4) {
	case 0:
		return request("PUT", body, "_constraints", "dog", field, name)
	case 1:
		return request("GET", nil, "_constraints", "dog")
	}
	return request("DELETE", nil, "_constraints", "dog", field, name)
}

func (g *generator) clause() string {
	switch g.IntN(12) {
	case 0:
		return `name:"` + pick(g, nameList) + `"`
	case 1:
		return "properties.text:" + pick(g, wordList)
	case 2:
		return pick(g, wordList)
	case 3:
		return `properties.text:"` + pick(g, wordList) + " " + pick(g, wordList) + `"`
	case 4:
		return "tags:" + pick(g, []string{"java", "Go", "go", `"two words"`})
	case 5:
		return fmt.Sprintf("properties.n:[%s TO %s]", pick(g, []string{"*", "-3", "2", "1.5"}), pick(g, []string{"*", "2.5", "10", "1000"}))
	case 6:
		return "votes:[" + pick(g, []string{"*", "1", "0"}) + " TO *]"
	case 7:
		return "properties." + pick(g, []string{"n", "title", "deep.a.b", "labels"}) + ":*"
	case 8:
		return "properties.labels:apple"
	case 9:
		return "properties.deep.a.b:" + pick(g, wordList)
	case 10:
		return "properties.text:" + pick(g, []string{"am", "ce", "Del"}) + "*"
	}
	return "properties.n:" + pick(g, []string{"1", "2.5", "10"})
}

func (g *generator) query() string {
	q := g.clause()
	if g.chance(15) {
		q = "NOT " + q
	}
	if g.chance(40) {
		not := ""
		if g.chance(30) {
			not = "NOT "
		}
		q += pick(g, []string{" AND ", " OR "}) + not + g.clause()
	}
	return q
}

func (g *generator) search() *call {
	typ := pick(g, []string{"cat", "cats", "dog", "dogs", "tag", "tags", "vote", "city", "Bus"})
	var c *call
	switch g.IntN(14) {
	case 0, 1, 2, 3:
		c = request("GET", nil, typ)
	case 4:
		c = request("GET", nil, "search").with("type", typ)
	case 5:
		return g.ids("ids", request("GET", nil, "search", "ids"))
	case 6:
		return request("GET", nil, typ, "search", "id").with("id", g.id(typ))
	case 7:
		if g.chance(20) {
			return request("GET", nil, "search", "count")
		}
		return request("GET", nil, typ, "search", "count")
	case 8:
		c = request("GET", nil, typ, "search", "tagged").with("tags", pick(g, tagList))
		if g.chance(40) {
			c.with("tags", pick(g, tagList))
		}
	case 9:
		c = request("GET", nil, typ, "search", "prefix")
		if g.chance(50) {
			c.with("field", "name", "prefix", pick(g, []string{"Al", "al", "Beta T", "Zoë"}))
		} else {
			c.with("field", "properties.text", "prefix", pick(g, []string{"am", "ce", "Am"}))
		}
	case 10:
		c = request("GET", nil, typ, "search", "wildcard").with("field", "name", "q", pick(g, []string{"*a", "?lpha", "Beta*", "*"}))
	case 11:
		c = request("GET", nil, typ, "search", "in")
		if g.chance(50) {
			c.with("field", "name", "terms", "Alpha", "terms", pick(g, nameList))
		} else {
			c.with("field", "properties.n", "terms", "1", "terms", pick(g, []string{"2.5", "10", "1000"}))
		}
	case 12:
		c = request("GET", nil, typ, "search", "terms").with("terms", pick(g, []string{"name:Alpha", "votes>:0", "properties.n<=:2.5", "properties.text:cedar"}))
		if g.chance(50) {
			c.with("terms", pick(g, []string{"parentid:c1", "properties.n >=:2", "tags:java", "creatorid:u1"}))
		}
		if g.chance(30) {
			c.with("matchall", "false")
		}
	default:
		c = request("GET", nil, typ, "search")
	}
	if len(c.path) < 3 {
		switch {
		case g.chance(60):
			c.with("q", g.query())
		case g.chance(5):
			c.with("q", pick(g, invalidQueries))
		case g.chance(5):
			c.with("q", "")
		}
	}
	return g.pager(c)
}

func (g *generator) pager(c *call) *call {
	if g.chance(40) {
		c.with("limit", pick(g, []string{"0", "1", "2", "3", "-2", "x", "999"}))
	}
	if g.chance(25) {
		c.with("page", pick(g, []string{"1", "2", "-2", "3", "x"}))
	}
	if g.chance(40) {
		c.with("sort", pick(g, []string{"name", "votes", "properties.n", "properties.title", "_docid", "votes:asc,name:desc", "name:desc", "nowhere", "updated"}))
	}
	if g.chance(40) {
		c.with("desc", pick(g, []string{"false", "true", "1", ""}))
	}
	if c.query.Get("limit") != "0" && g.chance(30) {
		c.with("lastKey", cursorToken)
	}
	if g.chance(10) {
		c.with("select", "id,name", "select", "text,unknown")
	}
	return c
}
