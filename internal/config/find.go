package config

import (
	"strings"

	"github.com/erudika/para-go/internal/hocon"
)

// find looks a key up in all sources but the defaults of the table, strongest first (C 1.1). Blank values of command
// line and environment fall through to the next source.
func (c *Config) find(name string) (found, bool) {
	o := byName[name]
	if o == nil || !o.structural {
		if f, ok := c.findOverride(name); ok {
			return f, true
		}
	}
	if v := c.fileValue(c.file, name, o); v != nil {
		p := v.Position()
		return found{text: v.Text(), value: v, origin: Origin{Source: FromFile, Name: p.File, Line: p.Line, Column: p.Column}}, true
	}
	if name == "context_path" { // C 3.3: falls back to the property of the framework
		if f, ok := c.definition("server.servlet.context-path"); ok {
			return f, true
		}
	}
	if v := c.fileValue(c.packaged, name, o); v != nil {
		return found{text: v.Text(), value: v, origin: Origin{Source: FromPackaged}}, true
	}
	return found{}, false
}

func (c *Config) findOverride(name string) (found, bool) {
	if v := c.flags[name]; strings.TrimSpace(v) != "" {
		return found{text: v, origin: Origin{Source: FromFlag, Name: name}}, true
	}
	if name == "port" { // C 3.3: the property of the framework wins when it is a number
		if f, ok := c.definition("server.port"); ok && isInteger(f.text) {
			return f, true
		}
	}
	if f, ok := c.definition(prefix + name); ok {
		return f, true
	}
	for _, variable := range EnvironmentNames(name) {
		v := c.env[variable]
		if strings.TrimSpace(v) == "" || variable == "PARA_PORT" && isServiceLink(v) {
			continue
		}
		return found{text: v, origin: Origin{Source: FromEnvironment, Name: variable}}, true
	}
	return found{}, false
}

func (c *Config) definition(name string) (found, bool) {
	v := c.definitions[name]
	return found{text: v, origin: Origin{Source: FromDefinition, Name: name}}, strings.TrimSpace(v) != ""
}

// EnvironmentNames returns the environment variables that set an option, strongest first (C 1.2): "PARA_DB_DIR" and
// "para_db_dir" for "db.dir".
func EnvironmentNames(name string) []string {
	name = strings.ReplaceAll(name, ".", "_")
	return []string{"PARA_" + strings.ToUpper(name), "para_" + name}
}

// isServiceLink recognises what Kubernetes puts into PARA_PORT when a service is called "para": the address of the
// service, not a port.
func isServiceLink(v string) bool {
	return strings.HasPrefix(v, "tcp://") || strings.HasPrefix(v, "udp://")
}

// fileValue follows a dotted name into an object. Where an option's name is also the beginning of others ("search" and
// "search.timeout"), a file sets both although HOCON lets the later hide the earlier.
func (c *Config) fileValue(o *hocon.Object, name string, option *Option) *hocon.Value {
	if o == nil {
		return nil
	}
	v := o.Get(strings.Split(name, ".")...)
	switch {
	case option == nil:
	case v == nil:
		if i := strings.LastIndexByte(name, '.'); i > 0 && parents[name[:i]] {
			if parent := o.Get(strings.Split(name[:i], ".")...); parent != nil && parent.Hidden().Object() != nil {
				return parent.Hidden().Object().Get(name[i+1:])
			}
		}
	case v.Kind() == hocon.Map && parents[name]:
		if hidden := v.Hidden(); hidden != nil && hidden.Kind() != hocon.Null {
			return hidden
		}
		return nil
	}
	return v
}
