package hocon

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
)

// atInclude reports whether an include statement stands here, as opposed to a key that begins with that word.
func (p *parser) atInclude() bool {
	if !p.has("include") {
		return false
	}
	rest := strings.TrimLeft(p.src[p.off+len("include"):], " \t")
	if len(rest) == len(p.src)-p.off-len("include") {
		return false
	}
	for _, start := range []string{`"`, "file(", "url(", "classpath(", "required("} {
		if strings.HasPrefix(rest, start) {
			return true
		}
	}
	return false
}

// include reads an include statement (C 2.1, rule 14). Only files are loaded: a plain include never was, and loading
// configuration over the network from within a file is a risk that nobody needs.
func (p *parser) include(o *objectNode) error {
	start := p.pos()
	p.off += len("include")
	p.skipBlanks()
	required, form := false, ""
	closing := 0
	if p.has("required(") {
		required = true
		closing++
		p.off += len("required(")
		p.skipBlanks()
	}
	for _, f := range []string{"file", "url", "classpath"} {
		if p.has(f + "(") {
			form = f
			closing++
			p.off += len(f) + 1
			p.skipBlanks()
		}
	}
	if p.peek() != '"' {
		return p.fail(`write include file("name")`, "include needs a quoted name before %s", p.found())
	}
	name, err := p.quotedString()
	if err != nil {
		return err
	}
	for ; closing > 0; closing-- {
		p.skipBlanks()
		if p.peek() != ')' {
			return p.fail("", "expected ')' before %s", p.found())
		}
		p.off++
	}
	if form == "file" {
		return p.includeFile(o, name, required, start)
	}
	if form == "" {
		p.session.warn(start, `include "`+name+`" has no effect; write include file("`+name+`")`)
	} else {
		p.session.warn(start, "include "+form+`("`+name+`") has no effect; only include file("…") is supported`)
	}
	return nil
}

func (p *parser) includeFile(o *objectNode, name string, required bool, start Position) error {
	read := p.session.opts.ReadFile
	if read == nil {
		return fail(start, "", "includes are not allowed here")
	}
	if p.includeDepth >= maxIncludeDepth {
		return fail(start, "look for a file that includes itself", "includes are nested deeper than %d files", maxIncludeDepth)
	}
	file := name
	if !filepath.IsAbs(file) {
		file = filepath.Join(p.session.opts.Dir, file)
	}
	src, err := read(file)
	switch {
	case err == nil:
	case errors.Is(err, fs.ErrNotExist) && !required:
		return nil
	default:
		return fail(start, "", "include of %q: %v", name, err)
	}
	prefix := append(p.prefix[:len(p.prefix):len(p.prefix)], p.at...)
	included, err := p.session.source(src, file, SyntaxOf(file), prefix, p.includeDepth+1)
	if err != nil {
		return err
	}
	o.merge(included)
	return nil
}
