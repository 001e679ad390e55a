package lucene

import (
	"strconv"
	"strings"
)

// Print writes a tree made by Parse as a query text with the same meaning: Parse of the result gives the same tree,
// positions aside. It is a normal form, for logs and tests: every clause has its own field and conjunction.
func Print(n Node) string { return string(appendNode(nil, n, false)) }

func appendNode(dst []byte, n Node, inside bool) []byte {
	switch n := n.(type) {
	case *Boolean:
		return appendList(dst, n, inside)
	case *Term:
		dst = appendEscaped(appendField(dst, n.Field), n.Text, false)
		return appendBoost(dst, n.Boost)
	case *Phrase:
		dst = append(appendField(dst, n.Field), '"')
		for i := 0; i < len(n.Text); i++ {
			if n.Text[i] == '"' || n.Text[i] == '\\' {
				dst = append(dst, '\\')
			}
			dst = append(dst, n.Text[i])
		}
		dst = append(dst, '"')
		if n.Slop > 0 {
			dst = strconv.AppendInt(append(dst, '~'), int64(n.Slop), 10)
		}
		return appendBoost(dst, n.Boost)
	case *Prefix:
		dst = append(appendEscaped(appendField(dst, n.Field), n.Text, false), '*')
		return appendBoost(dst, n.Boost)
	case *Wildcard:
		dst = appendEscaped(appendField(dst, n.Field), n.Pattern, true)
		return appendBoost(dst, n.Boost)
	case *Regexp:
		dst = append(append(append(appendField(dst, n.Field), '/'), n.Pattern...), '/')
		return appendBoost(dst, n.Boost)
	case *Fuzzy:
		dst = append(appendEscaped(appendField(dst, n.Field), n.Text, false), '~')
		return appendBoost(strconv.AppendInt(dst, int64(n.Edits), 10), n.Boost)
	case *Range:
		return appendRange(dst, n)
	case *Exists:
		if n.Field == (Field{Name: existsField}) {
			dst = append(dst, existsField+":"+existsField...)
		} else {
			dst = append(appendField(dst, n.Field), '*')
		}
		return appendBoost(dst, n.Boost)
	case *MatchAll:
		return appendBoost(append(dst, "*:*"...), n.Boost)
	}
	return dst
}

func appendList(dst []byte, b *Boolean, inside bool) []byte {
	grouped := inside || b.Boost != 1
	if grouped {
		dst = append(dst, '(')
	}
	for i, c := range b.Clauses {
		switch {
		case c.And:
			dst = append(dst, " AND "...)
		case i > 0:
			dst = append(dst, " OR "...)
		}
		switch c.Mod {
		case Required:
			dst = append(dst, '+')
		case Prohibited:
			dst = append(dst, '-')
		}
		dst = appendNode(dst, c.Node, true)
	}
	if !grouped {
		return dst
	}
	return appendBoost(append(dst, ')'), b.Boost)
}

func appendRange(dst []byte, r *Range) []byte {
	bracket := map[bool]string{true: "[]", false: "{}"}
	dst = append(appendField(dst, r.Field), bracket[r.IncludeMin][0])
	dst = appendOpenBound(dst, r.Min)
	dst = append(dst, " TO "...)
	dst = appendOpenBound(dst, r.Max)
	return appendBoost(append(dst, bracket[r.IncludeMax][1]), r.Boost)
}

func appendOpenBound(dst []byte, bound *string) []byte {
	if bound == nil {
		return append(dst, '*')
	}
	return appendBound(dst, *bound)
}

// appendField appends "field:", nothing for any field.
func appendField(dst []byte, f Field) []byte {
	if f.Any() {
		return dst
	}
	// A number is no field's name unless something in it is escaped.
	if numberEnd(f.Name) == len(f.Name) {
		dst = append(dst, '\\')
	}
	return append(appendEscaped(dst, f.Name, f.Pattern), ':')
}

// appendLiteral appends s so that a pattern takes it literally.
func appendLiteral(dst []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if strings.IndexByte(`*?\`, s[i]) >= 0 {
			dst = append(dst, '\\')
		}
		dst = append(dst, s[i])
	}
	return dst
}

func appendBoost(dst []byte, boost float32) []byte {
	if boost == 1 {
		return dst
	}
	return strconv.AppendFloat(append(dst, '^'), float64(boost), 'f', -1, 32)
}
