package hocon

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// parseProperties reads a Java properties file (C 2.4): keys with dots become nested objects and every value is text.
// If a key is both a scalar and the parent of other keys, the parent wins.
func parseProperties(src, file string) (*objectNode, error) {
	root := newObjectNode()
	lines := strings.Split(strings.ReplaceAll(src, "\r\n", "\n"), "\n")
	type scalar struct {
		path []string
		n    *node
	}
	var scalars []scalar
	for i := 0; i < len(lines); i++ {
		number := i + 1
		line := strings.TrimLeft(lines[i], " \t\f")
		if line == "" || line[0] == '#' || line[0] == '!' {
			continue
		}
		for continues(line) && i+1 < len(lines) {
			i++
			line = line[:len(line)-1] + strings.TrimLeft(lines[i], " \t\f")
		}
		pos := Position{File: file, Line: number, Column: utf8.RuneCountInString(lines[number-1]) -
			utf8.RuneCountInString(strings.TrimLeft(lines[number-1], " \t\f")) + 1}
		rawKey, rawValue := splitProperty(line)
		key, err := unescapeProperty(rawKey, pos)
		if err != nil {
			return nil, err
		}
		value, err := unescapeProperty(rawValue, pos)
		if err != nil {
			return nil, err
		}
		path := strings.Split(key, ".")
		if len(path) > maxNesting {
			return nil, fail(pos, "", "key has more than %d parts", maxNesting)
		}
		for _, part := range path {
			if part == "" {
				return nil, fail(pos, "remove the dot", "key %q has an empty part", key)
			}
		}
		scalars = append(scalars, scalar{path, &node{kind: scalarNode, scalar: String, text: value, pos: pos}})
	}
	// Short keys first, so that parents come after scalars of the same name and win.
	for depth := 1; depth <= maxNesting; depth++ {
		for _, s := range scalars {
			if len(s.path) == depth {
				root.put(s.path, s.n, s.n.pos)
			}
		}
	}
	return root, nil
}

// continues reports whether a line ends in an odd number of backslashes.
func continues(line string) bool {
	n := len(line) - len(strings.TrimRight(line, `\`))
	return n%2 == 1
}

// splitProperty divides a line at the first blank, '=' or ':' that is not escaped.
func splitProperty(line string) (key, value string) {
	i := 0
	for i < len(line) && !strings.ContainsRune(" \t\f=:", rune(line[i])) {
		if line[i] == '\\' {
			i++
		}
		i++
	}
	i = min(i, len(line))
	key = line[:i]
	rest := strings.TrimLeft(line[i:], " \t\f")
	if rest != "" && (rest[0] == '=' || rest[0] == ':') {
		rest = strings.TrimLeft(rest[1:], " \t\f")
	}
	return key, rest
}

func unescapeProperty(s string, pos Position) (string, error) {
	if !strings.Contains(s, `\`) {
		return s, nil
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			b.WriteByte(s[i])
			continue
		}
		i++
		if i == len(s) {
			break
		}
		switch c := s[i]; c {
		case 't':
			b.WriteByte('\t')
		case 'n':
			b.WriteByte('\n')
		case 'r':
			b.WriteByte('\r')
		case 'f':
			b.WriteByte('\f')
		case 'u':
			if i+5 > len(s) {
				return "", fail(pos, `write \\ for a backslash`, `\u needs four hexadecimal digits`)
			}
			r, err := strconv.ParseUint(s[i+1:i+5], 16, 16)
			if err != nil {
				return "", fail(pos, `write \\ for a backslash`, `\u needs four hexadecimal digits`)
			}
			b.WriteRune(rune(r))
			i += 4
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), nil
}
