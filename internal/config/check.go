package config

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/erudika/para-go/internal/hocon"
)

// fill works out every option of the table and returns what is wrong with their values.
func (c *Config) fill() []error {
	c.effective = make(map[string]effective, len(table))
	var problems []error
	for i := range table {
		o := &table[i]
		f, ok := c.find(o.Name)
		if !ok || isBlankDefault(o, f.text) {
			continue
		}
		e, err := check(o, f)
		if err != nil {
			problems = append(problems, &Problem{Origin: f.origin, Key: prefix + o.Name, Message: err.Error()})
			continue
		}
		if o.Type == Boolean && !e.truth && !strings.EqualFold(f.text, "false") {
			c.warn(f.origin, prefix+o.Name, shown(o, f.text)+"is neither true nor false and counts as false")
		}
		if o.Check != nil {
			warning, err := o.Check(f.text)
			if err != nil {
				problems = append(problems, &Problem{Origin: f.origin, Key: prefix + o.Name, Message: shown(o, f.text) + err.Error()})
				continue
			}
			if warning != "" {
				c.warn(f.origin, prefix+o.Name, shown(o, f.text)+warning)
			}
		}
		c.effective[o.Name] = e
		c.isSet[o.Name] = true
	}
	for i := range table {
		c.option(table[i].Name)
	}
	c.warnStructural()
	return problems
}

// isBlankDefault reports whether a blank value means the default (D97). For most texts blank is a value (C 1.1).
func isBlankDefault(o *Option, text string) bool {
	if strings.TrimSpace(text) != "" {
		return false
	}
	return o.Type != String && o.Type != List || len(o.Choices) > 0 || o.Name == "localstorage.folder" || o.Name == "worker_id" // D110, O 3.1
}

// option, getenv and workDir are what computed defaults look at.
func (c *Config) option(name string) string {
	if e, ok := c.effective[name]; ok {
		return e.text
	}
	o := byName[name]
	f := found{text: o.Default}
	if o.derive != nil {
		f.text = o.derive(c)
	}
	e, err := check(o, f)
	if err != nil { // a computed default that is not valid; the text is still the best there is
		e = effective{text: f.text}
	}
	c.effective[name] = e
	return e.text
}

func (c *Config) getenv(name string) string { return c.env[name] }
func (c *Config) workDir() string           { return c.dir }

// check turns text into the type of the option (C 3.1, D97).
func check(o *Option, f found) (effective, error) {
	e := effective{text: f.text, origin: f.origin}
	show := shown(o, f.text)
	switch o.Type {
	case Boolean:
		e.truth = isTrue(f.text)
	case Integer:
		if f.text == "" && f.origin.Source == FromDefault {
			return e, nil
		}
		n, err := strconv.ParseInt(f.text, 10, 64)
		if err != nil {
			if errors.Is(err, strconv.ErrRange) {
				return e, fmt.Errorf("%sis out of range; use a number from %d to %d", show, o.Min, o.Max)
			}
			return e, fmt.Errorf("%sis not a whole number; write digits only, such as %s", show, example(o))
		}
		if n < o.Min || n > o.Max {
			return e, fmt.Errorf("%sis out of range; use a number from %d to %d", show, o.Min, o.Max)
		}
		e.number = n
	case Duration:
		d, err := parseDuration(f.text)
		if err != nil || int64(d) < o.Min {
			return e, fmt.Errorf("%sis not a time; write seconds or a time with a unit, such as %s", show, o.Default)
		}
		e.number = int64(d)
	case List:
		if o.structural && f.value != nil && f.value.Kind() != hocon.List {
			return e, fmt.Errorf(`is a %s, not a list; write ["/first", "/second"]`, f.value.Kind())
		}
		e.items = listOf(f)
	case Object:
		if f.value != nil && f.value.Kind() != hocon.Map {
			return e, fmt.Errorf("is a %s, not an object; write %s { … }", f.value.Kind(), o.Name)
		}
	}
	if len(o.Choices) > 0 && !slices.Contains(o.Choices, f.text) {
		return e, fmt.Errorf("%sis not one of: %s%s", show, strings.Join(o.Choices, ", "), suggestion(f.text, o.Choices))
	}
	return e, nil
}

func example(o *Option) string {
	if o.Default != "" {
		return o.Default
	}
	return "10"
}

// shown returns the beginning of a message about a value: the value in quotes, shortened, unless it is sensitive.
func shown(o *Option, text string) string {
	if Sensitive(o.Name) {
		return ""
	}
	const longest = 60
	if r := []rune(text); len(r) > longest {
		text = string(r[:longest]) + "…"
	}
	return strconv.Quote(text) + " "
}

// warnStructural tells about variables and definitions of options that only a file can set (C 1.1).
func (c *Config) warnStructural() {
	for i := range table {
		o := &table[i]
		if !o.structural {
			continue
		}
		if f, ok := c.findOverride(o.Name); ok {
			c.warn(f.origin, prefix+o.Name, "has no effect here; only a configuration file can set it")
		}
	}
	if v, ok := c.env["PARA_PORT"]; ok && isServiceLink(v) {
		c.warn(Origin{Source: FromEnvironment, Name: "PARA_PORT"}, prefix+"port",
			"ignored because Kubernetes sets it for a service called \"para\"; rename the service or set enableServiceLinks: false")
	}
}

func isTrue(s string) bool { return strings.EqualFold(s, "true") }

func isInteger(s string) bool {
	_, err := strconv.ParseInt(s, 10, 32)
	return err == nil
}

// parseDuration reads seconds or a Go duration; negative ones are refused.
func parseDuration(s string) (time.Duration, error) {
	if n, err := strconv.ParseInt(s, 10, 32); err == nil {
		s = strconv.FormatInt(n, 10) + "s"
	}
	d, err := time.ParseDuration(s)
	if err == nil && d < 0 {
		err = errors.New("negative")
	}
	return d, err
}

// listOf returns the elements of a list, or of text that is separated by commas.
func listOf(f found) []string {
	items := []string{}
	if f.value != nil && f.value.Kind() == hocon.List {
		for _, v := range f.value.Items() {
			items = append(items, v.Text())
		}
		return items
	}
	for part := range strings.SplitSeq(f.text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			items = append(items, part)
		}
	}
	return items
}
