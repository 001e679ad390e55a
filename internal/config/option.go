package config

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"
)

// Type is the type of an option.
type Type int

// The types of options (C 3.1). Duration is a number of seconds or a Go duration such as "10s" or "1m30s"; only
// options that the Java server does not have use it.
const (
	String Type = iota
	Boolean
	Integer
	Duration
	List
	Object
)

// String returns the type's name as the self-documentation writes it (C 3.8).
func (t Type) String() string {
	return [...]string{"String", "Boolean", "Integer", "Duration", "ConfigList", "ConfigObject"}[t]
}

// Option describes one option. Implements the table of C 3.3 and the keys of C 3.4.
type Option struct {
	Name        string // without the prefix "para."
	Category    string
	Description string
	Type        Type
	Announced   string // type in the self-documentation
	Default     string // text of the default; empty when it is computed from other options
	Position    int    // sort position
	Restart     bool   // announced as needing a restart
	PerApp      bool   // an app's settings may override it (C 3.6)
	GoOnly      bool   // the Java server does not have it
	Listed      bool   // part of the self-documentation: the 192 options of the Java server
	Choices     []string
	Min, Max    int64         // of an Integer; 0 and the largest 32-bit number unless the table says otherwise
	Unit        time.Duration // what an Integer counts; 0 when it is not a time

	// Check says what is wrong with a text that the type allows: an error keeps the server from starting, a warning tells of
	// a value that is replaced. Nil for none.
	Check func(text string) (warning string, err error)

	derive     func(defaults) string
	structural bool // read from the file only, never from environment or command line (C 1.1)
}

// defaults is what computed defaults look at.
type defaults interface {
	option(name string) string
	getenv(name string) string
	workDir() string
}

func opt(position int, name string, t Type, def, description string) Option {
	return Option{Name: name, Description: description, Type: t, Announced: t.String(), Default: def, Position: position,
		Listed: true, Max: math.MaxInt32}
}

func section(category string, options ...Option) []Option {
	for i := range options {
		options[i].Category = category
	}
	return options
}

func (o Option) announced(t string) Option      { o.Announced = t; return o }
func (o Option) within(low, high int64) Option  { o.Min, o.Max = low, high; return o }
func (o Option) positive() Option               { o.Min = 1; return o }
func (o Option) signed() Option                 { o.Min = math.MinInt32; return o }
func (o Option) unit(u time.Duration) Option    { o.Unit = u; return o }
func (o Option) oneOf(choices ...string) Option { o.Choices = choices; return o }
func (o Option) restart() Option                { o.Restart = true; return o }
func (o Option) perApp() Option                 { o.PerApp = true; return o }
func (o Option) unlisted() Option               { o.Listed = false; return o }
func (o Option) fileOnly() Option               { o.structural = true; return o }
func (o Option) checked(f func(string) (string, error)) Option {
	o.Check = f
	return o
}
func (o Option) derived(f func(defaults) string) Option { o.derive = f; return o }

// table is every option, by position. Nothing changes it.
var table = slices.SortedStableFunc(slices.Values(slices.Concat(
	coreOptions(), authenticationOptions(), securityOptions(), queueOptions(), metricsOptions(), ldapOptions(), fileOptions(),
	clientOptions(), engineOptions(), luceneOptions(), mongoOptions(), sqlOptions(), cassandraOptions(), dynamoOptions(),
	cacheOptions(), hazelcastOptions(), miscellaneousOptions(), ownOptions(), undeclaredOptions(),
)), func(a, b Option) int { return cmp.Compare(a.Position, b.Position) })

var byName = index(table)

func index(options []Option) map[string]*Option {
	m := make(map[string]*Option, len(options))
	for i := range options {
		m[options[i].Name] = &options[i]
	}
	return m
}

// parents are the options whose names are also prefixes of others, such as "search" and "search.timeout".
var parents = findParents(table)

func findParents(options []Option) map[string]bool {
	m := map[string]bool{}
	for _, o := range options {
		for i, c := range o.Name {
			if c == '.' {
				if _, ok := byName[o.Name[:i]]; ok {
					m[o.Name[:i]] = true
				}
			}
		}
	}
	return m
}

// Options returns every option that is known, by position: those of the Java server, those that only this server has
// and the keys of C 3.4. The caller may change the slice.
func Options() []Option { return slices.Clone(table) }

// Find returns the option of that name; the prefix "para." may be there or not, and case is ignored (C 12.5).
func Find(name string) (Option, bool) {
	name = trimPrefix(name)
	if o, ok := byName[name]; ok {
		return *o, true
	}
	for i := range table {
		if strings.EqualFold(table[i].Name, name) {
			return table[i], true
		}
	}
	return Option{}, false
}

// prefix is the namespace of all options in files and definitions.
const prefix = "para."

func trimPrefix(name string) string {
	if len(name) > len(prefix) && strings.EqualFold(name[:len(prefix)], prefix) {
		return name[len(prefix):]
	}
	return name
}

// Sensitive reports whether the value of an option must not be shown (C 3.5).
func Sensitive(name string) bool {
	name = strings.ToLower(name)
	for _, word := range []string{"secret", "credential", "sensitive", "pass", "privatekey"} { // "pass" covers "password"
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}
