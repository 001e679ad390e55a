package javatext

import (
	_ "embed"
	"strings"
	"sync"
)

// Locale is a language, optionally with a region. The zero Locale is the root locale.
type Locale struct {
	Language string // two or three lower-case letters, or empty
	Region   string // two upper-case letters or three digits, or empty
}

// US is American English, the locale used when none is given.
var US = Locale{Language: "en", Region: "US"}

// maxLocale is longer than any locale anybody needs, in bytes.
const maxLocale = 64

// ParseLocale reads "en", "en_US", "en-US", "_US" or "de_DE_variant"; empty text is the root locale. Everything else
// gives US (O 20.8). Whether names are known for the locale does not matter.
func ParseLocale(s string) Locale {
	if s == "" {
		return Locale{}
	}
	if len(s) > maxLocale {
		return US
	}
	parts := strings.SplitN(strings.ReplaceAll(s, "-", "_"), "_", 3)
	l := Locale{Language: parts[0]}
	if len(parts) > 1 {
		l.Region = parts[1]
	}
	if l.Language != "" && !isLanguage(l.Language) || len(parts) == 1 && l.Language == "" {
		return US
	}
	if l.Region != "" && !isRegion(l.Region) {
		return US
	}
	if l.Region == "" && (len(parts) == 2 || l.Language == "") {
		return US
	}
	if len(parts) == 3 && parts[2] == "" {
		return US
	}
	return l
}

func isLanguage(s string) bool {
	return (len(s) == 2 || len(s) == 3) && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz") == ""
}

func isRegion(s string) bool {
	return len(s) == 2 && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" ||
		len(s) == 3 && strings.Trim(s, "0123456789") == ""
}

//go:embed names.tsv
var namesTable string

// names are the words of one locale, by columns of names.tsv.
type names struct {
	months, shortMonths, days, shortDays, halves, eras []string
}

// tableOfNames maps locales to their lines, without splitting them: most are never asked for.
var tableOfNames = sync.OnceValue(func() map[string]string {
	t := make(map[string]string, 512)
	for line := range strings.Lines(namesTable) {
		if key, rest, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "\t"); ok {
			t[key] = rest
		}
	}
	return t
})

func (l Locale) names() names {
	table := tableOfNames()
	line, ok := table[l.Language+"_"+l.Region]
	if !ok {
		line, ok = table[oldLanguage(l.Language)]
	}
	if !ok {
		line = table["root"]
	}
	if same, ok := strings.CutPrefix(line, "="); ok {
		line = table[same]
	}
	columns := strings.Split(line, "\t")
	list := func(i int) []string { return strings.Split(columns[i], "|") }
	return names{months: list(0), shortMonths: list(1), days: list(2), shortDays: list(3), halves: list(4), eras: list(5)}
}

// oldLanguage maps withdrawn language codes to today's.
func oldLanguage(s string) string {
	switch s {
	case "iw":
		return "he"
	case "in":
		return "id"
	case "ji":
		return "yi"
	}
	return s
}
