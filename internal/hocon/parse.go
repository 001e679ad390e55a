package hocon

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

// Limits on what is read. A configuration of hundreds of options is some tens of kilobytes.
const (
	MaxBytes        = 1 << 20 // of one source
	maxTotalBytes   = 4 << 20 // of a source and everything it includes
	maxNesting      = 64      // of objects, lists and substitutions
	maxIncludeDepth = 10
	maxSteps        = 200_000 // values made while resolving
	maxExpanded     = 8 << 20 // bytes of text made while resolving
)

// Syntax is the form of a source.
type Syntax int

// The forms of C 2.4.
const (
	HOCON Syntax = iota
	JSON
	Properties
)

// SyntaxOf tells the syntax from the ending of a file name: ".json", ".properties", anything else is HOCON (C 1.3).
func SyntaxOf(name string) Syntax {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".json":
		return JSON
	case ".properties":
		return Properties
	}
	return HOCON
}

// Options say how a source is read. The zero value reads HOCON without environment and without included files.
type Options struct {
	File   string // name that positions show
	Syntax Syntax

	// Overrides are texts that substitutions find before anything in the source, keyed by full path (C 2.1, rule 12).
	Overrides map[string]string
	// Fallback is where substitutions look after the source and before the environment. May be nil.
	Fallback *Object
	// Env looks a name up in the environment. May be nil.
	Env func(name string) (string, bool)
	// AllowUnresolved makes a mandatory substitution without a value absent instead of an error, for looking at a file
	// without its environment.
	AllowUnresolved bool

	// ReadFile reads the file of an include. Nil refuses all includes of files.
	ReadFile func(name string) ([]byte, error)
	// Dir is the folder that names of included files are relative to (C 2.1, rule 14).
	Dir string
	// Warn is told about text that is legal but has no effect. May be nil.
	Warn func(pos Position, message string)
}

// Parse reads one source and resolves its substitutions. The error is an *Error that says where, what and how to mend.
// Implements C 2.
func Parse(src []byte, opts Options) (*Object, error) {
	s := &session{opts: opts}
	root, err := s.source(src, opts.File, opts.Syntax, nil, 0)
	if err != nil {
		return nil, err
	}
	r := &resolver{root: root, opts: opts, active: map[*cell][]int{}}
	v, err := r.objectValue(&node{kind: objectKind, object: root, pos: Position{File: opts.File}})
	if err != nil {
		return nil, err
	}
	return v.object, nil
}

// ParseFile reads a file of at most MaxBytes; its syntax follows from its name (SyntaxOf). Options.File, if empty, is
// the name; includes read the local disk unless Options.ReadFile says otherwise.
func ParseFile(name string, opts Options) (*Object, error) {
	src, err := ReadLimited(name)
	if err != nil {
		return nil, err
	}
	if opts.File == "" {
		opts.File = name
	}
	if opts.ReadFile == nil {
		opts.ReadFile = ReadLimited
	}
	opts.Syntax = SyntaxOf(name)
	return Parse(src, opts)
}

// ReadLimited reads a file from the local disk and refuses one that is longer than MaxBytes.
func ReadLimited(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	src, err := io.ReadAll(io.LimitReader(f, MaxBytes+1))
	if err != nil {
		return nil, err
	}
	if len(src) > MaxBytes {
		return nil, fail(Position{File: name}, "", "file is longer than %d bytes", MaxBytes)
	}
	return src, nil
}

// session is the reading of one source with everything it includes.
type session struct {
	opts  Options
	total int
}

func (s *session) warn(pos Position, message string) {
	if s.opts.Warn != nil {
		s.opts.Warn(pos, message)
	}
}

func (s *session) source(src []byte, file string, syntax Syntax, prefix []string, depth int) (*objectNode, error) {
	start := Position{File: file, Line: 1, Column: 1}
	s.total += len(src)
	if len(src) > MaxBytes || s.total > maxTotalBytes {
		return nil, fail(start, "", "configuration is longer than %d bytes", MaxBytes)
	}
	src = bytes.TrimPrefix(src, []byte("\uFEFF"))
	if !utf8.Valid(src) {
		off := 0
		for off < len(src) {
			r, n := utf8.DecodeRune(src[off:])
			if r == utf8.RuneError && n == 1 {
				break
			}
			off += n
		}
		return nil, fail(positionAt(src, off, file), "save the file as UTF-8", "text is not UTF-8")
	}
	switch syntax {
	case Properties:
		return parseProperties(string(src), file)
	case JSON:
		if len(bytes.TrimSpace(src)) == 0 {
			return newObjectNode(), nil
		}
		if err := checkJSON(src, file); err != nil {
			return nil, err
		}
	}
	p := &parser{session: s, src: string(src), file: file, line: 1, prefix: prefix, includeDepth: depth}
	return p.root()
}

// checkJSON refuses what HOCON would accept and JSON does not.
func checkJSON(src []byte, file string) error {
	var doc map[string]json.RawMessage
	err := json.Unmarshal(src, &doc)
	if err == nil {
		return nil
	}
	const hint = "a .json file must be one strict JSON object without comments; name it .conf to use HOCON"
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		off := min(max(int(syntax.Offset)-1, 0), len(src))
		return fail(positionAt(src, off, file), hint, "invalid JSON: %s", syntax.Error())
	}
	return fail(Position{File: file, Line: 1, Column: 1}, hint, "the document is not a JSON object")
}

func positionAt(src []byte, off int, file string) Position {
	before := src[:off]
	line := bytes.Count(before, []byte("\n")) + 1
	start := bytes.LastIndexByte(before, '\n') + 1
	return Position{File: file, Line: line, Column: utf8.RuneCount(before[start:]) + 1}
}
