package javatext

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Limits of patterns.
const (
	maxPattern = 1024 // bytes
	maxDigits  = 64   // letters in a row, which ask for that many digits
)

// Pattern is a date pattern that has been read. It can be used by many goroutines.
type Pattern struct {
	fields []field
}

// field is a run of one letter, or literal text when the letter is 0.
type field struct {
	letter byte
	count  int
	text   string
}

// letters are those a pattern may contain.
const letters = "GyYMwWDdFEuaHkKhmsSzZX"

// ParsePattern reads a date pattern of at most 1024 bytes (O 20.8). Text in single quotes is literal, two quotes stand
// for one, and characters that are no ASCII letters stand for themselves. Any other letter is an error.
func ParsePattern(s string) (Pattern, error) {
	if len(s) > maxPattern {
		return Pattern{}, fmt.Errorf("the pattern is longer than %d bytes", maxPattern)
	}
	if !utf8.ValidString(s) {
		return Pattern{}, fmt.Errorf("the pattern is not UTF-8")
	}
	var p Pattern
	for i := 0; i < len(s); {
		c := s[i]
		if !isLetter(c) {
			text, next := literal(s, i)
			p.fields = append(p.fields, field{text: text})
			i = next
			continue
		}
		n := 1
		for i+n < len(s) && s[i+n] == c {
			n++
		}
		switch {
		case strings.IndexByte(letters, c) < 0:
			return Pattern{}, fmt.Errorf("letter %q at position %d has no meaning: put text into single quotes", c, i+1)
		case c == 'X' && n > 3:
			return Pattern{}, fmt.Errorf("%d letters X at position %d: use one to three", n, i+1)
		case n > maxDigits:
			return Pattern{}, fmt.Errorf("%d letters %q at position %d: use %d at most", n, c, i+1, maxDigits)
		}
		p.fields = append(p.fields, field{letter: c, count: n})
		i += n
	}
	return p, nil
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

// literal reads text up to the next letter outside quotes; a quote that is never closed reaches to the end.
func literal(s string, i int) (text string, next int) {
	var b strings.Builder
	quoted := false
	for ; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '\'' && i+1 < len(s) && s[i+1] == '\'':
			b.WriteByte('\'')
			i++
		case c == '\'':
			quoted = !quoted
		case !quoted && isLetter(c):
			return b.String(), i
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), i
}

// Format writes t, in its own zone, with the names of l.
func (p Pattern) Format(t time.Time, l Locale) string {
	f := formatter{t: t, rule: l.weekRule(), names: l.names()}
	for _, x := range p.fields {
		f.write(x)
	}
	return string(f.out)
}

type formatter struct {
	out   []byte
	t     time.Time
	rule  weekRule
	names names
}

func (f *formatter) write(x field) {
	t := f.t
	switch x.letter {
	case 0:
		f.out = append(f.out, x.text...)
	case 'G':
		f.out = append(f.out, f.names.eras[boolIndex(t.Year() > 0)]...)
	case 'y':
		f.year(eraYear(t.Year()), x.count)
	case 'Y':
		y, _ := f.rule.ofYear(t)
		f.year(eraYear(y), x.count)
	case 'M':
		f.month(x.count)
	case 'w':
		_, w := f.rule.ofYear(t)
		f.number(w, x.count)
	case 'W':
		f.number(f.rule.ofMonth(t), x.count)
	case 'D':
		f.number(t.YearDay(), x.count)
	case 'd':
		f.number(t.Day(), x.count)
	case 'F':
		f.number((t.Day()-1)/7+1, x.count)
	case 'E':
		list := f.names.days
		if x.count < 4 {
			list = f.names.shortDays
		}
		f.out = append(f.out, list[t.Weekday()]...)
	case 'u':
		f.number((int(t.Weekday())+6)%7+1, x.count)
	case 'a':
		f.out = append(f.out, f.names.halves[boolIndex(t.Hour() >= 12)]...)
	case 'H':
		f.number(t.Hour(), x.count)
	case 'k':
		f.number((t.Hour()+23)%24+1, x.count)
	case 'K':
		f.number(t.Hour()%12, x.count)
	case 'h':
		f.number((t.Hour()+11)%12+1, x.count)
	case 'm':
		f.number(t.Minute(), x.count)
	case 's':
		f.number(t.Second(), x.count)
	case 'S':
		f.number(t.Nanosecond()/int(time.Millisecond), x.count)
	case 'z':
		f.zoneName(x.count)
	case 'Z':
		f.zoneOffset(x.count)
	case 'X':
		f.isoOffset(x.count)
	}
}

func boolIndex(b bool) int {
	if b {
		return 1
	}
	return 0
}

// eraYear counts years before the first one upwards from 1.
func eraYear(y int) int {
	if y > 0 {
		return y
	}
	return 1 - y
}

func (f *formatter) year(y, count int) {
	if count == 2 {
		f.number(y%100, 2)
		return
	}
	f.number(y, max(count, 4))
}

func (f *formatter) month(count int) {
	switch m := int(f.t.Month()); {
	case count >= 4:
		f.out = append(f.out, f.names.months[m-1]...)
	case count == 3:
		f.out = append(f.out, f.names.shortMonths[m-1]...)
	default:
		f.number(m, count)
	}
}

// number appends n with at least width digits.
func (f *formatter) number(n, width int) {
	start := len(f.out)
	f.out = strconv.AppendInt(f.out, int64(n), 10)
	for missing := width - (len(f.out) - start); missing > 0; missing-- {
		f.out = append(f.out, 0)
		copy(f.out[start+1:], f.out[start:])
		f.out[start] = '0'
	}
}

// zoneName appends the abbreviation of the zone; the platform keeps no long names but that of UTC, so that long names of
// other zones are their offsets.
func (f *formatter) zoneName(count int) {
	name, offset := f.t.Zone()
	switch {
	case name == "UTC" && count >= 4:
		name = "Coordinated Universal Time"
	case count >= 4 || name == "" || !unicode.IsLetter(rune(name[0])):
		f.out = append(f.out, "GMT"...)
		f.offset(offset, ":")
		return
	}
	f.out = append(f.out, name...)
}

func (f *formatter) zoneOffset(count int) {
	_, offset := f.t.Zone()
	switch {
	case count == 1:
		f.offset(offset, "")
	case count == 2 && offset == 0:
		f.out = append(f.out, 'Z')
	default:
		f.offset(offset, ":")
	}
}

func (f *formatter) isoOffset(count int) {
	_, offset := f.t.Zone()
	switch {
	case offset == 0:
		f.out = append(f.out, 'Z')
	case count == 1:
		f.sign(&offset)
		f.number(offset/3600, 2)
	case count == 2:
		f.offset(offset, "")
	default:
		f.offset(offset, ":")
	}
}

func (f *formatter) sign(offset *int) {
	if *offset < 0 {
		*offset = -*offset
		f.out = append(f.out, '-')
		return
	}
	f.out = append(f.out, '+')
}

// offset appends hours and minutes with their sign.
func (f *formatter) offset(seconds int, colon string) {
	f.sign(&seconds)
	f.number(seconds/3600, 2)
	f.out = append(f.out, colon...)
	f.number(seconds/60%60, 2)
}
