package para

import (
	"slices"
	"strings"
)

// Permissions are the grants of an app: subject → resource path → methods and flags (O 9.1). Subjects are user ids and
// "*" for everybody; flags are * (every method), ? (guests too), - (nothing) and OWN (only one's own objects).
type Permissions map[string]map[string][]string

// everybody is the subject that stands for all.
const everybody = "*"

// HasOwn says whether any subject is limited to its own objects.
func (a *App) HasOwn() bool {
	for _, paths := range a.Permissions {
		for _, methods := range paths {
			if slices.Contains(methods, "OWN") {
				return true
			}
		}
	}
	return false
}

// Own says whether a subject is limited to its own objects when it touches an object (R 12): the flag stands under the
// object's type, its plural or its own path.
func (a *App) Own(subject string, o *Object) bool {
	paths := a.Permissions[subject]
	if len(paths) == 0 {
		return false
	}
	for _, key := range [...]string{o.Type(), strings.TrimPrefix(o.URI(), "/"), Plural(o.Type())} {
		if slices.Contains(paths[key], "OWN") {
			return true
		}
	}
	return false
}

// administrative are the first segments of routes that manage the app itself (D72).
func administrative(path []string, method string) bool {
	writes := method != "GET" && method != "HEAD"
	switch path[0] {
	case "_settings", "_export", "_import", "_reindex":
		return true
	case "_permissions":
		return writes || len(path) == 1
	case "_constraints", "app":
		return writes
	}
	return false
}

// IsAllowed evaluates the permissions for a subject (the id of a user, "" for guests), a resource path and a method, or
// the flag "?" (D76).
func (a *App) IsAllowed(subject, path, method string) bool {
	segments := a.permissionPath(path)
	method = strings.ToUpper(strings.TrimSpace(method))
	if len(segments) == 0 || method == "" {
		return false
	}
	if method == "HEAD" {
		method = "GET"
	}
	adm := administrative(segments, method)
	all := a.entries(everybody, segments, adm)
	granted, settled := false, false
	if subject != "" {
		own := a.entries(subject, segments, adm)
		switch {
		case own.exact != nil:
			if !own.allows(method) || own.forbids() {
				return false
			}
			granted, settled = true, true
		case own.all != nil && !listAllows(own.all, method), own.forbids():
			return false
		}
		if !settled {
			granted = own.allows(method) || own.all != nil && listAllows(own.all, method)
		}
	}
	if !granted {
		granted = !all.forbids() && (all.allows(method) || all.all != nil && listAllows(all.all, method))
	}
	if granted && !a.Root {
		return subject != "" || !adm && all.opensToGuests(method)
	}
	return subject != "" && implicit(subject, segments, method)
}

// implicit is what every user may do without a grant (D77).
func implicit(subject string, path []string, method string) bool {
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

// permissionPath prepares a path for the test (D75): outer slashes cut, dots dropped, first segment resolved.
func (a *App) permissionPath(path string) []string {
	path = strings.ReplaceAll(path, ".", "")
	path = strings.TrimSuffix(strings.TrimPrefix(path, "/"), "/")
	if strings.TrimSpace(path) == "" {
		return nil
	}
	segments := strings.Split(path, "/")
	segments[0] = a.ResolveType(segments[0])
	return segments
}

// entries are the grants of one subject that apply to a path.
type entries struct {
	exact    []string
	prefixes [][]string // of proper leading parts
	pattern  []string   // of the longest key ending in /*
	all      []string   // of the key *

	prefixLength, patternLength int
}

func (a *App) entries(subject string, path []string, adm bool) entries {
	var e entries
	for key, methods := range a.Permissions[subject] {
		if key == "*" {
			if !adm {
				e.all = notNil(methods)
			}
			continue
		}
		segments := a.permissionPath(key)
		if len(segments) == 0 {
			continue
		}
		if n := len(segments) - 1; segments[n] == "*" {
			if n > 0 && n < len(path) && n > e.patternLength && slices.Equal(segments[:n], path[:n]) {
				e.pattern, e.patternLength = notNil(methods), n
			}
			continue
		}
		switch n := len(segments); {
		case n == len(path) && slices.Equal(segments, path):
			e.exact = append(notNil(e.exact), methods...) // spellings that become equal are merged
		case n < len(path) && slices.Equal(segments, path[:n]):
			e.prefixes = append(e.prefixes, methods)
			e.prefixLength = max(e.prefixLength, n)
		}
	}
	return e
}

func notNil(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

func listAllows(list []string, method string) bool {
	if method == "?" {
		return slices.Contains(list, "?")
	}
	return slices.Contains(list, method) || slices.Contains(list, "*")
}

// allows says whether the entries other than * grant a method.
func (e entries) allows(method string) bool {
	if e.exact != nil && listAllows(e.exact, method) {
		return true
	}
	for _, p := range e.prefixes {
		if listAllows(p, method) {
			return true
		}
	}
	switch {
	case e.exact != nil:
		return false
	case e.pattern != nil:
		return listAllows(e.pattern, method)
	}
	return e.all != nil && listAllows(e.all, method)
}

// forbids says whether the most specific entry denies everything.
func (e entries) forbids() bool {
	switch {
	case e.exact != nil:
		return slices.Contains(e.exact, "-")
	case e.pattern != nil && e.patternLength >= e.prefixLength:
		return slices.Contains(e.pattern, "-")
	}
	for _, p := range e.prefixes {
		if slices.Contains(p, "-") {
			return true
		}
	}
	return false
}

// opensToGuests says whether one of the lists that carry ? grants the method, or names no method at all.
func (e entries) opensToGuests(method string) bool {
	lists := slices.Clone(e.prefixes)
	switch {
	case e.exact != nil:
		lists = append(lists, e.exact)
	case e.pattern != nil:
		lists = append(lists, e.pattern)
	case e.all != nil:
		lists = append(lists, e.all)
	}
	for _, l := range lists {
		if slices.Contains(l, "?") && (method == "?" || listAllows(l, method) || !namesMethod(l)) {
			return true
		}
	}
	return false
}

func namesMethod(list []string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return s != "?" && s != "OWN" && s != "-" })
}

// RevokeAll removes every grant of a subject from an app's record.
func RevokeAll(app *Object, subject string) error {
	a, err := ParseApp(app)
	if err != nil {
		return err
	}
	table := make(Permissions, len(a.Permissions))
	for s, paths := range a.Permissions {
		if s != subject {
			table[s] = paths
		}
	}
	return app.Set("resourcePermissions", table)
}
