package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/erudika/para-go/internal/hocon"
)

// ProtectedPath is one entry of security.protected (C 3.7).
type ProtectedPath struct {
	Name     string
	Patterns []string
	Methods  []string // in capitals; all methods when the file names none
	Roles    []string // in capitals; USER, MOD, ADMIN and APP when the file names none
}

// REST reports whether the patterns are treated like paths of the API: apps are among the roles.
func (p ProtectedPath) REST() bool { return slices.Contains(p.Roles, "APP") }

// Ignored returns the patterns of public paths (C 3.7): those of the file, else the packaged ones, else just "/".
func (c *Config) Ignored() []string { return c.List("security.ignored") }

// Protected returns the entries of security.protected in file order. Malformed entries are left out with a warning.
func (c *Config) Protected() []ProtectedPath { return slices.Clone(c.protected) }

func (c *Config) findProtected() {
	v := c.fileValue(c.file, "security.protected", nil)
	if v == nil || v.Object() == nil {
		return
	}
	for _, name := range v.Object().Keys() {
		entry := v.Object().Get(name)
		p, ok := parseProtected(name, entry)
		if !ok {
			pos := entry.Position()
			c.warn(Origin{Source: FromFile, Name: pos.File, Line: pos.Line, Column: pos.Column}, "",
				fmt.Sprintf("Invalid syntax for protected resource: 'security.protected.%s'.", name))
			continue
		}
		if len(p.Patterns) > 0 {
			c.protected = append(c.protected, p)
		}
	}
}

func allMethods() []string {
	return []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"}
}

func parseProtected(name string, v *hocon.Value) (ProtectedPath, bool) {
	p := ProtectedPath{Name: name}
	if v.Kind() != hocon.List {
		return p, false
	}
	for _, item := range v.Items() {
		switch item.Kind() {
		case hocon.List:
			for _, word := range item.Items() {
				if word.Kind() == hocon.List || word.Kind() == hocon.Map {
					return p, false
				}
				p.add(strings.ToUpper(strings.TrimSpace(word.Text())))
			}
		case hocon.Map:
			return p, false
		default:
			p.Patterns = append(p.Patterns, item.Text())
		}
	}
	if len(p.Methods) == 0 {
		p.Methods = allMethods()
	}
	if len(p.Roles) == 0 {
		p.Roles = []string{"USER", "MOD", "ADMIN", "APP"}
	}
	return p, true
}

func (p *ProtectedPath) add(word string) {
	if slices.Contains(allMethods(), word) {
		p.Methods = append(p.Methods, word)
	} else if word != "" {
		p.Roles = append(p.Roles, word)
	}
}
