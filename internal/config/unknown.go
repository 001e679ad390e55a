package config

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/erudika/para-go/internal/edits"
)

// Unknown is a key that nothing reads.
type Unknown struct {
	Name       string // without "para." for keys below it; the variable for one of the environment
	Origin     Origin
	Suggestion string // how the key was probably meant, "" when nothing is near
}

// String returns a line for the log.
func (u Unknown) String() string {
	s := u.Origin.String() + ": unknown key " + prefix + u.Name
	if u.Origin.Source == FromEnvironment {
		s = "unknown " + u.Origin.String()
	}
	if u.Suggestion != "" {
		s += "; did you mean " + u.Suggestion + "?"
	}
	return s
}

func (c *Config) findUnknown() {
	names := slices.Sorted(maps.Keys(byName))
	add := func(name string, origin Origin) {
		if byName[name] == nil && !insideObject(name) {
			c.unknown = append(c.unknown, Unknown{name, origin, withPrefix(nearest(name, names))})
		}
	}
	if c.file != nil {
		for _, e := range c.file.Entries() {
			p := e.Value.Position()
			add(e.Key, Origin{Source: FromFile, Name: p.File, Line: p.Line, Column: p.Column})
		}
	}
	for name := range c.definitions {
		if key, ok := strings.CutPrefix(name, prefix); ok {
			add(key, Origin{Source: FromDefinition, Name: name})
		}
	}
	for name := range c.flags {
		add(name, Origin{Source: FromFlag, Name: name})
	}
	c.findMisplaced()
	c.findMisspeltVariables(names)
	slices.SortStableFunc(c.unknown, func(a, b Unknown) int { return strings.Compare(a.Name, b.Name) })
}

// insideObject reports whether a key is a member of an option that is an object.
func insideObject(name string) bool {
	for i := range name {
		if name[i] == '.' {
			if o := byName[name[:i]]; o != nil && o.Type == Object {
				return true
			}
		}
	}
	return false
}

// findMisplaced warns about options that lack the prefix. Other keys outside of it belong to other programs that share
// the file.
func (c *Config) findMisplaced() {
	if c.root == nil {
		return
	}
	for _, e := range c.root.Entries() {
		name := strings.Join(e.Path, ".")
		if e.Path[0] == "para" || byName[trimPrefix(name)] == nil {
			continue
		}
		p := e.Value.Position()
		c.warn(Origin{Source: FromFile, Name: p.File, Line: p.Line, Column: p.Column}, "",
			e.Key+" has no effect; write "+prefix+trimPrefix(name))
	}
}

// findMisspeltVariables lists environment variables that look like options and are none. Variables with the prefix that
// resemble nothing belong to others: clients, Kubernetes, applications.
func (c *Config) findMisspeltVariables(names []string) {
	upper, known := make([]string, len(names)), make(map[string]bool, 2*len(names))
	for i, name := range names {
		both := EnvironmentNames(name)
		upper[i] = both[0]
		known[both[0]], known[both[1]] = true, true
	}
	for variable := range c.env {
		if known[variable] || len(variable) < 6 || !strings.EqualFold(variable[:5], "PARA_") {
			continue
		}
		if near := nearest(strings.ToUpper(variable), upper); near != "" {
			c.unknown = append(c.unknown, Unknown{variable, Origin{Source: FromEnvironment, Name: variable}, near})
		}
	}
}

func withPrefix(name string) string {
	if name == "" {
		return ""
	}
	return prefix + name
}

func suggestion(text string, choices []string) string {
	if near := nearest(text, choices); near != "" {
		return "; did you mean " + strconv.Quote(near) + "?"
	}
	return ""
}

// nearest returns the candidate with the fewest edits to name, "" when even that one needs more than a third of the
// name changed. Case does not count. A name whose last part alone is that of one candidate only means that candidate.
func nearest(name string, candidates []string) string {
	name = strings.ToLower(name)
	if len(name) > 100 {
		return ""
	}
	best, fewest := "", min(len(name)/3, 3)+1
	for _, candidate := range candidates {
		if n := edits.Distance(name, strings.ToLower(candidate), fewest); n < fewest {
			best, fewest = candidate, n
		}
	}
	if best != "" {
		return best
	}
	last := name[strings.LastIndexByte(name, '.')+1:]
	for _, candidate := range candidates {
		if strings.HasSuffix(strings.ToLower(candidate), "."+last) {
			if best != "" {
				return ""
			}
			best = candidate
		}
	}
	return best
}
