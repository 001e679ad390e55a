package permissions

import (
	"net/url"
	"slices"
	"strings"
)

// table holds permissions: subject, resource path, what is allowed.
type table map[string]map[string][]string

// plurals are those of the types in these tests.
var plurals = map[string]string{
	"cat": "cats", "dog": "dogs", "note": "notes", "rule": "rules", "sysprop": "sysprops", "user": "users", "app": "apps",
	"tag": "tags", "vote": "votes", "linker": "linkers",
}

func singular(segment string) string {
	for one, many := range plurals {
		if segment == many {
			return one
		}
	}
	return segment
}

// object is what the rules look at of an object.
type object struct {
	id, typ, creator, parent, name string
}

func (o object) identity() bool { return o.typ == "sysprop" && o.name == "identifier" }

// principal is who asks. kind is app, user, key, guest or nobody.
type principal struct {
	kind   string
	id     string // of a user or an API key
	groups string
}

func (p principal) admin() bool { return p.kind == "app" || p.kind == "user" && p.groups == "admins" }

// prepared is a resource path ready for comparison: without dots and outer slashes, its first segment as a type (D75).
func prepared(path string) []string {
	s := strings.Split(strings.Trim(strings.ReplaceAll(path, ".", ""), "/"), "/")
	s[0] = singular(s[0])
	return s
}

// administers says whether a request manages the app (D72).
func administers(method string, path []string) bool {
	switch path[0] {
	case "_settings", "_export", "_import", "_reindex":
		return true
	case "_permissions":
		return method != "GET" || len(path) == 1
	case "_constraints", "app":
		return method != "GET"
	}
	return false
}

// share are the entries of one subject that apply to a path.
type share struct {
	exact, pattern, all          []string
	hasExact, hasPattern, hasAll bool
	prefixes                     map[int][]string // by their number of segments
	patternLength, prefixLength  int
}

func (t table) share(subject string, path []string, adm bool) share {
	s := share{prefixes: map[int][]string{}}
	for key, list := range t[subject] {
		k := prepared(key)
		n := len(k)
		switch {
		case n == 1 && k[0] == "*":
			if !adm {
				s.hasAll, s.all = true, append(s.all, list...)
			}
		case n > 1 && k[n-1] == "*":
			if n-1 < len(path) && slices.Equal(k[:n-1], path[:n-1]) && n-1 >= s.patternLength {
				if n-1 > s.patternLength {
					s.pattern = nil
				}
				s.hasPattern, s.patternLength, s.pattern = true, n-1, append(s.pattern, list...)
			}
		case slices.Equal(k, path):
			s.hasExact, s.exact = true, append(s.exact, list...)
		case n < len(path) && slices.Equal(k, path[:n]):
			s.prefixes[n] = append(s.prefixes[n], list...)
			s.prefixLength = max(s.prefixLength, n)
		}
	}
	return s
}

func grants(list []string, method string) bool {
	return slices.Contains(list, method) || slices.Contains(list, "*")
}

func (s share) allows(method string) bool {
	for _, list := range s.prefixes {
		if grants(list, method) {
			return true
		}
	}
	switch {
	case s.hasExact:
		return grants(s.exact, method)
	case s.hasPattern:
		return grants(s.pattern, method)
	}
	return grants(s.all, method)
}

func (s share) forbids() bool {
	specific := s.exact
	switch {
	case s.hasExact:
	case s.hasPattern && s.patternLength >= s.prefixLength:
		specific = s.pattern
	default:
		specific = s.prefixes[s.prefixLength]
	}
	return slices.Contains(specific, "-")
}

// permits is the algorithm of D76 with D77 for a child app, in the order in which the contract tells it.
func (t table) permits(subject, method string, segments []string) bool {
	literal := slices.Clone(segments)
	literal[0] = singular(literal[0])
	path := prepared(strings.Join(literal, "/"))
	if strings.TrimSpace(strings.Join(path, "/")) == "" || path[0] == "_keys" {
		return false
	}
	adm := administers(method, path)
	everybody := t.share("*", path, adm)
	granted := false
	if subject != "" {
		own := t.share(subject, path, adm)
		switch {
		case own.hasExact:
			if !own.allows(method) || own.forbids() {
				return false
			}
			granted = true
		case own.hasAll && !grants(own.all, method), own.forbids():
			return false
		}
		granted = granted || own.allows(method) || grants(own.all, method)
	}
	if !granted && !everybody.forbids() {
		granted = everybody.allows(method) || grants(everybody.all, method)
	}
	if granted && subject != "" {
		return true
	}
	if granted {
		return !adm && everybody.opens(method)
	}
	return subject != "" && itself(subject, method, literal)
}

// permitsKey is what an API key may do: what its own entries grant, and nothing that manages the app.
func (t table) permitsKey(id, method string, segments []string) bool {
	literal := slices.Clone(segments)
	literal[0] = singular(literal[0])
	path := prepared(strings.Join(literal, "/"))
	if strings.TrimSpace(strings.Join(path, "/")) == "" || path[0] == "_keys" || administers(method, path) {
		return false
	}
	own := t.share(id, path, false)
	switch {
	case own.hasExact:
		return own.allows(method) && !own.forbids()
	case own.hasAll && !grants(own.all, method), own.forbids():
		return false
	}
	return own.allows(method) || grants(own.all, method)
}

// opens is the part of D76 about guests.
func (s share) opens(method string) bool {
	lists := [][]string{}
	for _, list := range s.prefixes {
		lists = append(lists, list)
	}
	switch {
	case s.hasExact:
		lists = append(lists, s.exact)
	case s.hasPattern:
		lists = append(lists, s.pattern)
	default:
		lists = append(lists, s.all)
	}
	for _, list := range lists {
		if !slices.Contains(list, "?") {
			continue
		}
		none := true
		for _, flag := range list {
			none = none && (flag == "?" || flag == "-" || flag == "OWN")
		}
		if none || grants(list, method) {
			return true
		}
	}
	return false
}

// itself is what every user may do with its own object (D77).
func itself(subject, method string, path []string) bool {
	if len(path) != 2 || path[1] != subject {
		return false
	}
	switch path[0] {
	case "user":
		return method == "GET" || method == "PATCH" || method == "DELETE"
	case "_id":
		return method == "GET"
	}
	return false
}

// gate is the status that a request is refused with, 0 when it may go on (R 5, D71, D73, D78).
func (t table) gate(p principal, method string, path []string) int {
	if method == "HEAD" {
		method = "GET"
	}
	open := method == "GET" && len(path) > 1 && path[0] == "_permissions" &&
		(len(path) == 4 || len(path) == 2 && (path[1] == "*" || path[1] == p.id && p.id != ""))
	me := len(path) == 1 && path[0] == "_me"
	own := len(path) > 1 && path[0] == "_me" && (path[1] == "second_factor" || path[1] == "passkeys")
	resets := len(path) == 3 && path[0] == "user" && path[2] == "second_factor"
	switch {
	case p.kind == "nobody", me && p.kind == "guest":
		return 401
	case p.admin(), me, open, own && p.kind == "user":
		return 0
	case own, resets:
		return 403
	case p.kind == "key":
		if t.permitsKey(p.id, method, path) {
			return 0
		}
	case t.permits(p.id, method, path):
		return 0
	}
	return 403
}

// limited says whether a subject is limited to its own objects when it touches an object (R 12).
func (t table) limited(subject string, o object) bool {
	paths := t[subject]
	for _, key := range []string{o.typ, o.typ + "/" + url.QueryEscape(o.id), plurals[o.typ]} {
		if slices.Contains(paths[key], "OWN") {
			return true
		}
	}
	return false
}

// owns is the rule of R 12 about OWN.
func (t table) owns(p principal, o object) bool {
	switch {
	case p.admin():
		return true
	case p.kind == "guest":
		return !t.limited("*", o)
	case p.kind == "key" && !t.limited(p.id, o):
		return true
	case p.kind == "user" && !t.limited("*", o) && !t.limited(p.id, o):
		return true
	}
	return o.creator == p.id || strings.HasPrefix(o.creator, p.id+":") || o.id == p.id || o.parent == p.id
}

// sees says whether an object is in an answer at all. pathType is the type of the path, "" for none (D27, D80).
func (t table) sees(p principal, o object, pathType string) bool {
	if p.kind == "app" {
		return true
	}
	if pathType != "" && o.typ != pathType || o.identity() && !p.admin() && (p.kind != "user" || o.creator != p.id) {
		return false
	}
	return t.owns(p, o)
}

// finds says whether a path leads to an object that may be changed or linked.
func (t table) finds(p principal, o object, pathType string) bool {
	return p.kind == "app" || pathType == "" || o.typ == pathType
}

func (t table) changes(p principal, o object) bool {
	return t.owns(p, o) && (p.admin() || !o.identity())
}

// stores is the id under which a write with a chosen id is kept (R 12, D81).
func (t table) stores(p principal, o object) string {
	limited := t.limited(p.id, o) || p.kind == "user" && t.limited("*", o)
	if (p.kind == "user" || p.kind == "key") && o.id != "" && limited && !strings.HasPrefix(o.id, p.id+"_") {
		return p.id + "_" + o.id
	}
	return o.id
}

// replaces says whether a write may take the place of what is there (D27, D79, D80).
func (t table) replaces(p principal, old, o object) bool {
	switch {
	case p.kind == "app":
		return true
	case old.typ != o.typ, old.identity() && !p.admin():
		return false
	case old.typ == "user" && !p.admin() && (p.kind != "user" || old.id != p.id):
		return false
	}
	return t.owns(p, old)
}
