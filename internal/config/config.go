package config

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/erudika/para-go/internal/hocon"
)

// Config is the effective configuration. It never changes after Load and may be used by many goroutines.
type Config struct {
	flags       map[string]string
	definitions map[string]string
	env         map[string]string
	dir         string
	path        string
	root        *hocon.Object // the whole file
	file        *hocon.Object // its part below "para"
	packaged    *hocon.Object
	effective   map[string]effective // every option of the table
	isSet       map[string]bool      // options that have a value other than the default
	protected   []ProtectedPath
	warnings    []string
	unknown     []Unknown
}

// effective is what is in force for one option.
type effective struct {
	text   string
	origin Origin
	number int64
	truth  bool
	items  []string
}

// found is a value before it is checked.
type found struct {
	text   string
	origin Origin
	value  *hocon.Value // of a file
}

// String returns the text of an option, "" when it is neither set nor has a default. Any key may be asked for, also
// one that is not in the table (C 3.4).
func (c *Config) String(name string) string {
	if e, ok := c.effective[name]; ok {
		return e.text
	}
	f, _ := c.find(name)
	return f.text
}

// Bool returns a boolean option: true when its text is "true" in any case, false otherwise (C 3.1).
func (c *Config) Bool(name string) bool {
	if e, ok := c.effective[name]; ok {
		return e.truth
	}
	return isTrue(c.String(name))
}

// Int returns an integer option. Integer options of the table were checked by Load; the text of any other option or key
// gives 0 when it is not a number.
func (c *Config) Int(name string) int { return int(c.Int64(name)) }

// Int64 returns an integer option, like Int.
func (c *Config) Int64(name string) int64 {
	if o := byName[name]; o != nil && (o.Type == Integer || o.Type == Duration) {
		return c.effective[name].number
	}
	n, err := strconv.ParseInt(c.String(name), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// Float returns a number, 0 when the text is not one.
func (c *Config) Float(name string) float64 {
	f, err := strconv.ParseFloat(c.String(name), 64)
	if err != nil {
		return 0
	}
	return f
}

// Duration returns an option that is a time: an Integer in its unit, or a Duration. Any other key counts seconds, or
// has a Go duration; 0 when it is neither.
func (c *Config) Duration(name string) time.Duration {
	o, ok := byName[name]
	if !ok {
		d, _ := parseDuration(c.String(name))
		return d
	}
	n := c.effective[name].number
	if o.Type == Duration {
		return time.Duration(n)
	}
	unit := max(o.Unit, 1)
	if n > int64(maxDuration/unit) {
		return maxDuration
	}
	return time.Duration(n) * unit
}

const maxDuration = time.Duration(1<<63 - 1)

// List returns the elements of a list. Text counts as elements that are separated by commas; blank ones are left out.
// Implements security.ignored, and options such as cassandra.hosts that are one text in the Java server.
func (c *Config) List(name string) []string {
	if e, ok := c.effective[name]; ok && e.items != nil {
		return slices.Clone(e.items)
	}
	f, ok := c.find(name)
	if !ok {
		f.text = c.String(name)
	}
	return listOf(f)
}

// Has reports whether a key is set by anything else than a default of the table: a file, the environment, the command
// line or the packaged defaults.
func (c *Config) Has(name string) bool {
	if _, ok := byName[name]; ok {
		return c.isSet[name]
	}
	_, ok := c.find(name)
	return ok
}

// Production reports whether the environment is "production" (C 6).
func (c *Config) Production() bool { return c.String("env") == production }

// ContextPath returns the prefix of all paths: it begins with a slash, does not end in one, and is empty when the
// option is shorter than two characters or does not begin with a slash (C 4.2).
func (c *Config) ContextPath() string {
	p := strings.TrimRight(c.String("context_path"), "/")
	if len(p) < 2 || p[0] != '/' {
		return ""
	}
	return p
}

// Path returns the absolute name of the configuration file, whether or not it exists: the one that was named, else
// DefaultFile in the working directory (C 1.3).
func (c *Config) Path() string { return c.path }

// WorkDir returns the folder that relative file names start from.
func (c *Config) WorkDir() string { return c.dir }

// Getenv returns an environment variable, from the environment that was given to Load.
func (c *Config) Getenv(name string) (string, bool) {
	v, ok := c.env[name]
	return v, ok
}

// Property returns a setting of the Java framework that is not an option, such as "server.ssl.enabled" or
// "spring.mail.host" (C 3.4, C 4.3): from a definition, else from the environment in capitals with dots as underscores
// and hyphens removed or as underscores. Blank values do not count.
func (c *Config) Property(name string) (string, bool) {
	if v := c.definitions[name]; strings.TrimSpace(v) != "" {
		return v, true
	}
	upper := strings.ToUpper(strings.ReplaceAll(name, ".", "_"))
	for _, hyphen := range []string{"", "_"} {
		if v := c.env[strings.ReplaceAll(upper, "-", hyphen)]; strings.TrimSpace(v) != "" {
			return v, true
		}
	}
	return "", false
}

// Value is the effective value of one key.
type Value struct {
	Name   string // without "para."
	Text   string
	Origin Origin
}

// Value returns the effective value of a key and where it came from; false when the key is not in the table and not set.
func (c *Config) Value(name string) (Value, bool) {
	if e, ok := c.effective[name]; ok {
		return Value{Name: name, Text: e.text, Origin: e.origin}, true
	}
	f, ok := c.find(name)
	return Value{Name: name, Text: f.text, Origin: f.origin}, ok
}

// Values returns every option of the table by position, then every other key of the configuration file by name. With
// mask, sensitive values are replaced (Redact).
func (c *Config) Values(mask bool) []Value {
	out := make([]Value, 0, len(table)+len(c.unknown))
	for i := range table {
		v, _ := c.Value(table[i].Name)
		out = append(out, v)
	}
	others := map[string]bool{}
	for _, u := range c.unknown {
		if u.Origin.Source != FromEnvironment && byName[u.Name] == nil {
			others[u.Name] = true
		}
	}
	start := len(out)
	for name := range others {
		if v, ok := c.Value(name); ok {
			out = append(out, v)
		}
	}
	slices.SortFunc(out[start:], func(a, b Value) int { return strings.Compare(a.Name, b.Name) })
	if mask {
		for i := range out {
			out[i].Text = Redact(out[i].Name, out[i].Text)
		}
	}
	return out
}

// Warnings returns what was odd but did not stop the start, one line each. Unknown keys are not among them.
func (c *Config) Warnings() []string { return slices.Clone(c.warnings) }

// Unknown returns the keys that nothing reads, in the order of their names.
func (c *Config) Unknown() []Unknown { return slices.Clone(c.unknown) }

func (c *Config) warn(origin Origin, key, message string) {
	c.warnings = append(c.warnings, (&Problem{Origin: origin, Key: key, Message: message}).Error())
}
