package para

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Separator joins the parts of ids (O 1).
const Separator = ":"

// AppPrefix starts the id of every app (O 8.1).
const AppPrefix = "app" + Separator

// Plural returns the plural of a type name (O 2.2).
func Plural(s string) string {
	for i := 0; i < len(s); i++ {
		if s[i] < 32 || s[i] > 126 {
			return s
		}
	}
	switch {
	case strings.TrimSpace(s) == "" || strings.HasSuffix(s, "es"):
		return s
	case strings.HasSuffix(s, "s"):
		return s + "es"
	case strings.HasSuffix(s, "y"):
		return s[:len(s)-1] + "ies"
	}
	return s + "s"
}

// CleanType repairs the name of a type as every write does (O 2.3). The result never starts with an underscore, also when
// one stood behind a character that is removed: such names are for records of the server itself.
func CleanType(s string) string {
	if strings.ContainsAny(s, "#/_") {
		s = strings.TrimLeft(strings.NewReplacer("#", "", "/", "").Replace(s), "_")
	}
	if blank(s) || strings.EqualFold(s, "search") || strings.EqualFold(s, "utils") || strings.EqualFold(s, "para") {
		return "sysprop"
	}
	return s
}

// isSymbol says whether a character is a symbol, punctuation, or belongs to the Unicode category Other, which includes
// what is not assigned.
func isSymbol(r rune) bool {
	return !unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.Z)
}

// words replaces symbols, punctuation and control characters by spaces, makes one of runs of separators and trims.
func words(s string) string {
	var b strings.Builder
	space := false
	for _, r := range s {
		if isSymbol(r) || unicode.Is(unicode.Z, r) {
			space = true
			continue
		}
		if space && b.Len() > 0 {
			b.WriteByte(' ')
		}
		space = false
		b.WriteRune(r)
	}
	return b.String()
}

// AppID returns the id of an app in its normal form, "" when nothing is left of it (O 8.1, C 5.1).
func AppID(s string) string {
	if strings.HasPrefix(s, AppPrefix) {
		s = strings.ReplaceAll(s, AppPrefix, "")
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] < utf8.RuneSelf {
			b.WriteByte(s[i])
		}
	}
	name := strings.ToLower(strings.ReplaceAll(words(b.String()), " ", "-"))
	if name == "" {
		return ""
	}
	return AppPrefix + name
}

// AppIdentifier returns an app's identifier: its id without the prefix.
func AppIdentifier(id string) string { return strings.TrimPrefix(id, AppPrefix) }

// TagValue returns the normal form of a tag (O 7.4).
func TagValue(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	s = strings.TrimLeftFunc(s, func(r rune) bool { return isSymbol(r) || unicode.Is(unicode.Z, r) })
	var b strings.Builder
	space := false
	for _, r := range s {
		if !unicode.IsLetter(r) && !unicode.IsNumber(r) && !strings.ContainsRune("+#-.", r) {
			space = true
			continue
		}
		if space && b.Len() > 0 {
			b.WriteByte('-')
		}
		space = false
		b.WriteRune(r)
	}
	return b.String()
}

// TagID returns the id of a tag: "tag:" and its value (O 7.4).
func TagID(s string) string {
	const prefix = "tag" + Separator
	if strings.HasPrefix(s, prefix) {
		s = strings.ReplaceAll(s, prefix, "")
	}
	return prefix + TagValue(s)
}

// PathID returns the id that a path names, in the form of its type (R 11.6).
func PathID(typ, id string) string {
	switch typ {
	case "app":
		return AppID(id)
	case "tag":
		return TagID(id)
	}
	return id
}

// cleanUserName removes what names of users must not hold (O 7.3).
func cleanUserName(s string) string {
	var b strings.Builder
	space := false
	for _, r := range s {
		if unicode.Is(unicode.Z, r) {
			space = true
			continue
		}
		if isSymbol(r) && !strings.ContainsRune("'-,.", r) {
			continue
		}
		if space && b.Len() > 0 {
			b.WriteByte(' ')
		}
		space = false
		b.WriteRune(r)
	}
	return b.String()
}

// formEncode encodes a text as HTML forms do (O 3.3).
func formEncode(dst []byte, s string) []byte {
	const hex = "0123456789ABCDEF"
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '-' || c == '*' || c == '_':
			dst = append(dst, c)
		case c == ' ':
			dst = append(dst, '+')
		default:
			dst = append(dst, '%', hex[c>>4], hex[c&15])
		}
	}
	return dst
}

// typeName is the form in which types are registered (O 2.5).
func typeName(s string) string {
	return strings.ToLower(strings.ReplaceAll(words(s), " ", "-"))
}

// RegisterTypes adds types to the map plural → singular of an app (O 2.5, D26). changed says whether it grew; the map
// itself is not changed. Core types, names known already and names of routes are not added; neither is anything beyond
// limit entries (0: no limit).
func RegisterTypes(known map[string]string, limit int, types ...string) (all map[string]string, changed bool) {
	all = known
	for _, t := range types {
		if IsCoreType(t) || strings.HasPrefix(t, "_") || t == "*" {
			continue
		}
		singular, plural := typeName(t), typeName(Plural(t))
		if singular == "" || plural == "" || singular == "utils" || singular == "search" || IsCoreType(singular) {
			continue
		}
		if knownPlural(all, plural) || knownPlural(all, singular) || knownSingular(all, singular) || knownSingular(all, plural) {
			continue
		}
		if limit > 0 && len(all) >= limit {
			continue
		}
		if !changed {
			all = make(map[string]string, len(known)+1)
			for k, v := range known {
				all[k] = v
			}
			changed = true
		}
		all[plural] = singular
	}
	return all, changed
}

func knownPlural(m map[string]string, name string) bool {
	_, app := m[name]
	_, core := corePlurals[name]
	return app || core
}

func knownSingular(m map[string]string, name string) bool {
	for _, x := range m {
		if x == name {
			return true
		}
	}
	return false
}
