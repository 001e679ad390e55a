// Package javaregexp matches texts against regular expressions as Java writes them, look-around and back-references
// included, within a time limit (O 16.3, D42).
package javaregexp

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/dlclark/regexp2/v2"
)

const (
	// MaxPattern is the longest pattern in bytes.
	MaxPattern = 8 << 10
	// Timeout bounds one match; a pattern that takes longer does not match.
	Timeout = 250 * time.Millisecond

	maxCached = 1024
)

// Matcher compiles patterns once and keeps them. The zero value is ready; it is safe for concurrent use.
type Matcher struct {
	mu       sync.Mutex
	compiled map[string]*regexp2.Regexp
}

// Compile says what is wrong with a pattern, nil when it can be used.
func (m *Matcher) Compile(pattern string) error {
	_, err := m.get(pattern)
	return err
}

// Match says whether a pattern matches the whole text, as Java's String.matches does. Errors: the pattern cannot be
// compiled, or the match took longer than Timeout.
func (m *Matcher) Match(pattern, text string) (bool, error) {
	re, err := m.get(pattern)
	if err != nil {
		return false, err
	}
	ok, err := re.MatchString(text)
	if err != nil {
		return false, fmt.Errorf("match a pattern: %w", err)
	}
	return ok, nil
}

func (m *Matcher) get(pattern string) (*regexp2.Regexp, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if re := m.compiled[pattern]; re != nil {
		return re, nil
	}
	if len(pattern) > MaxPattern {
		return nil, fmt.Errorf("the pattern has more than %d bytes", MaxPattern)
	}
	re, err := regexp2.Compile(`\A(?:`+translate(pattern)+`)\z`, regexp2.None)
	if err != nil {
		return nil, fmt.Errorf("the pattern cannot be compiled: %w", err)
	}
	re.MatchTimeout = Timeout
	if m.compiled == nil {
		m.compiled = map[string]*regexp2.Regexp{}
	}
	if len(m.compiled) >= maxCached {
		clear(m.compiled)
	}
	m.compiled[pattern] = re
	return re, nil
}

// posix are the character classes that Java names and the engine does not know by these names.
var posix = map[string]string{
	"Lower": `a-z`, "Upper": `A-Z`, "ASCII": `\x00-\x7F`, "Alpha": `A-Za-z`, "Digit": `0-9`, "Alnum": `A-Za-z0-9`,
	"Punct": "!-/:-@\\[-`{-~", "Graph": `!-~`, "Print": ` -~`, "Blank": ` \t`, "Cntrl": `\x00-\x1F\x7F`, "XDigit": `0-9A-Fa-f`,
	"Space": ` \t\n\x0B\f\r`, "IsAlphabetic": `\p{L}`, "IsDigit": `\p{Nd}`, "IsLetter": `\p{L}`, "IsLowercase": `\p{Ll}`, "IsUppercase": `\p{Lu}`,
	"javaLowerCase": `\p{Ll}`, "javaUpperCase": `\p{Lu}`,
}

// translate rewrites what Java writes differently: possessive quantifiers become atomic groups where they stand on a
// single item, \Q…\E is quoted, \h, \R and named classes are spelled out, \x{…} becomes the character.
func translate(p string) string {
	var b strings.Builder
	inClass := 0
	for i := 0; i < len(p); i++ {
		c := p[i]
		switch {
		case c == '\\' && strings.HasPrefix(p[i:], `\Q`):
			end := strings.Index(p[i+2:], `\E`)
			quoted := p[i+2:]
			if end >= 0 {
				quoted = p[i+2 : i+2+end]
			}
			b.WriteString(regexp2.Escape(quoted))
			i += 1 + len(quoted)
			if end >= 0 {
				i += 2
			}
		case c == '\\' && i+1 < len(p):
			i += writeEscape(&b, p[i:], inClass > 0)
		case c == '[':
			inClass++
			b.WriteByte(c)
		case c == ']' && inClass > 0:
			inClass--
			b.WriteByte(c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// writeEscape writes the escape at the start of s and returns how many bytes beyond the backslash it took.
func writeEscape(b *strings.Builder, s string, inClass bool) int {
	class := func(set string, negated bool) {
		switch {
		case inClass && !negated:
			b.WriteString(set)
		case negated:
			b.WriteString("[^" + set + "]")
		default:
			b.WriteString("[" + set + "]")
		}
	}
	switch s[1] {
	case 'h':
		class(` \t\xA0\u1680\u180e\u2000-\u200a\u202f\u205f\u3000`, false)
		return 1
	case 'R':
		b.WriteString(`(?:\r\n|[\n\x0B\f\r\u0085\u2028\u2029])`)
		return 1
	case 'Z':
		b.WriteString(`(?=\n?\z)`)
		return 1
	case 'd':
		class(`0-9`, false)
		return 1
	case 'D':
		if !inClass {
			class(`0-9`, true)
			return 1
		}
	case 'w':
		class(`a-zA-Z_0-9`, false)
		return 1
	case 'W':
		if !inClass {
			class(`a-zA-Z_0-9`, true)
			return 1
		}
	case 's':
		class(` \t\n\x0B\f\r`, false)
		return 1
	case 'p', 'P':
		if len(s) > 3 && s[2] == '{' {
			if end := strings.IndexByte(s, '}'); end > 0 {
				if set, ok := posix[s[3:end]]; ok {
					class(set, s[1] == 'P')
					return end
				}
			}
		}
	}
	b.WriteString(s[:2])
	return 1
}
