package para

import (
	"slices"
	"strings"
)

// IsAllowed evaluates the permissions for a subject (the id of a user, "" for guests), a resource path in the form of
// PermissionPath and a method, or one of the flags of a grant (D76).
func (a *App) IsAllowed(subject, path, method string) bool {
	return a.evaluate(subject, a.permissionPath(path), path, method) == granted
}

// Permits is IsAllowed for a path as the router has it: segments decoded and joined by slashes, the first one resolved to
// its type already. It must not be resolved again, since the name of a type can be the plural of another one. A plus
// sign also stands for a space, as some clients write it (D75), unless the path as it is has been denied.
func (a *App) Permits(subject, path, method string) bool {
	v := a.evaluate(subject, trimPermissionPath(path), path, method)
	if v == silent && strings.Contains(path, "+") {
		path = strings.ReplaceAll(path, "+", " ")
		v = a.evaluate(subject, trimPermissionPath(path), path, method)
	}
	return v == granted
}

// verdict is what the permissions say about a request.
type verdict uint8

const (
	silent  verdict = iota // nothing is granted
	denied                 // an entry for the path refuses it
	granted                // it is allowed
)

// evaluate is the algorithm of D76. The path is prepared for comparison; literal still has its dots, since the implicit
// rule must not take one user for another.
func (a *App) evaluate(subject, path, literal, method string) verdict {
	method = strings.ToUpper(strings.TrimSpace(method))
	if blank(path) || method == "" || managesKeys(path) {
		return denied
	}
	if method == "HEAD" {
		method = "GET"
	}
	if blank(subject) {
		subject = ""
	}
	administrative := isAdministrative(path, method)
	all := a.entries(everybody, path, administrative)
	v := silent
	if subject != "" {
		v = a.entries(subject, path, administrative).verdict(method)
	}
	switch {
	case v == denied:
		return denied
	case v == granted:
	case all.forbids():
		v = denied
	case all.allowsAnyhow(method):
		v = granted
	}
	if v == granted && !a.Root {
		if subject == "" && (administrative || !all.opensToGuests(method)) {
			return denied
		}
		return granted
	}
	if subject != "" && implicit(subject, strings.Trim(literal, "/"), method) {
		return granted
	}
	if v == granted { // the root app lets in nobody by permission
		return denied
	}
	return v
}

// verdict is what the own entries of a user say, which nothing overrules when they deny.
func (e entries) verdict(method string) verdict {
	switch {
	case e.exact != nil && !e.allows(method), e.exact == nil && e.all != nil && !listAllows(e.all, method), e.forbids():
		return denied
	case e.allowsAnyhow(method):
		return granted
	}
	return silent
}

// implicit is what every user may do without a grant, on exactly its own object (D77).
func implicit(subject, path, method string) bool {
	first, id, _ := strings.Cut(path, "/")
	if id != subject || strings.Contains(id, "/") {
		return false
	}
	switch first {
	case "user", "users":
		return method == "GET" || method == "PATCH" || method == "DELETE"
	case "_id":
		return method == "GET"
	}
	return false
}

// isAdministrative says whether a path and a method manage the app itself (D72).
func isAdministrative(path, method string) bool {
	writes := method != "GET" && method != "?"
	first, rest, _ := strings.Cut(path, "/")
	switch first {
	case "_settings", "_export", "_import", "_reindex":
		return true
	case "_permissions":
		return writes || rest == ""
	case "_constraints", "app":
		return writes
	}
	return false
}

// permissionPath prepares a path or the key of a grant for comparison (D75, D76): without dots and outer slashes, the
// first segment as the type that a request with it is about. Routes keep their names.
func (a *App) permissionPath(path string) string {
	path = trimPermissionPath(path)
	first, rest, more := strings.Cut(path, "/")
	if blank(path) || IsRoute(first) {
		return path
	}
	resolved := CleanType(a.ResolveType(first))
	switch {
	case resolved == first:
		return path
	case more:
		return resolved + "/" + rest
	}
	return resolved
}

// grants are those of one subject, prepared for look-up.
type grants struct {
	exact    map[string][]string // by path
	patterns map[string][]string // by what stands before /*
	all      []string            // of the key *, nil for none
}

// grantsOf prepares the grants of a subject, nil for none.
func (a *App) grantsOf(subject string) *grants {
	paths := a.Permissions[subject]
	if len(paths) == 0 {
		return nil
	}
	if a.grants != nil {
		if g, ok := a.grants.Load(subject); ok {
			return g.(*grants)
		}
	}
	g := &grants{exact: make(map[string][]string, len(paths)), patterns: map[string][]string{}}
	for key, list := range paths {
		list = notNil(list)
		path := a.permissionPath(key)
		before, pattern := strings.CutSuffix(path, "/*")
		switch {
		case path == "*":
			g.all = append(notNil(g.all), list...)
		case blank(path):
		case pattern:
			g.patterns[before] = append(notNil(g.patterns[before]), list...) // spellings that become equal are merged
		default:
			g.exact[path] = append(notNil(g.exact[path]), list...)
		}
	}
	if a.grants != nil {
		a.grants.Store(subject, g)
	}
	return g
}

// entries are the grants of one subject that apply to a path.
type entries struct {
	exact    []string
	prefixes [][]string // of proper leading parts
	pattern  []string   // of the longest key ending in /*
	all      []string   // of the key *

	prefixLength, patternLength int // in bytes of the path
}

func (a *App) entries(subject, path string, administrative bool) entries {
	var e entries
	g := a.grantsOf(subject)
	if g == nil {
		return e
	}
	if !administrative {
		e.all = g.all
	}
	e.exact = g.exact[path]
	for i := range len(path) {
		if path[i] != '/' {
			continue
		}
		if list, ok := g.exact[path[:i]]; ok {
			e.prefixes, e.prefixLength = append(e.prefixes, list), i
		}
		if list, ok := g.patterns[path[:i]]; ok {
			e.pattern, e.patternLength = list, i
		}
	}
	return e
}

func notNil(list []string) []string {
	if list == nil {
		return []string{}
	}
	return slices.Clip(list)
}

// listAllows says whether a list grants a method; every method does not include the guests (D76).
func listAllows(list []string, method string) bool {
	return slices.Contains(list, method) || method != "?" && slices.Contains(list, "*")
}

// allows says whether the entries grant a method, the most specific of them first.
func (e entries) allows(method string) bool {
	if listAllows(e.exact, method) {
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
	return listAllows(e.all, method)
}

// allowsAnyhow says whether the entries grant a method, or the key * does.
func (e entries) allowsAnyhow(method string) bool {
	return e.allows(method) || listAllows(e.all, method)
}

// forbids says whether the most specific entry denies everything; the key * is never that.
func (e entries) forbids() bool {
	switch {
	case e.exact != nil:
		return slices.Contains(e.exact, "-")
	case e.pattern != nil && e.patternLength >= e.prefixLength:
		return slices.Contains(e.pattern, "-")
	case len(e.prefixes) > 0:
		return slices.Contains(e.prefixes[len(e.prefixes)-1], "-")
	}
	return false
}

// opensToGuests says whether one of the lists that carry ? grants the method, or names no method at all.
func (e entries) opensToGuests(method string) bool {
	opens := func(list []string) bool {
		return slices.Contains(list, "?") && (listAllows(list, method) || !namesMethod(list))
	}
	switch {
	case slices.ContainsFunc(e.prefixes, opens):
		return true
	case e.exact != nil:
		return opens(e.exact)
	case e.pattern != nil:
		return opens(e.pattern)
	}
	return opens(e.all)
}

func namesMethod(list []string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return s != "?" && s != "OWN" && s != "-" })
}
