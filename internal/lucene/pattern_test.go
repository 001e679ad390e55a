package lucene

import (
	"strings"
	"testing"
)

func TestMatchWildcard(t *testing.T) {
	for _, c := range []struct {
		pattern string
		yes, no []string
	}{
		{"a*", []string{"a", "ab", "a*"}, []string{"", "ba"}},
		{"a?c", []string{"abc", "aбc", "a?c"}, []string{"ac", "abbc"}},
		{"*", []string{"", "x"}, nil},
		{"*b*d", []string{"bd", "abcbd", "bbdd"}, []string{"bdx", "db"}},
		{"?*", []string{"x", "xy"}, []string{""}},
		{`a\*b`, []string{"a*b"}, []string{"aab", "axb", `a\*b`}},
		{`a\?*`, []string{"a?", "a?b"}, []string{"ab"}},
		{`a\\*`, []string{`a\`, `a\b`}, []string{"ab"}},
		{`a\b`, []string{"ab"}, []string{`a\b`}},
		{`a\`, []string{`a\`}, []string{"a", "ab"}},
		{"日??", []string{"日本語"}, []string{"日本"}},
		{"", []string{""}, []string{"a"}},
		{"a\xffb", []string{"a\xffb"}, []string{"a\xfeb", "a\uFFFDb"}},
	} {
		for _, s := range c.yes {
			if !MatchWildcard(c.pattern, s) {
				t.Errorf("%q does not match %q", c.pattern, s)
			}
			if !strings.HasPrefix(s, WildcardPrefix(c.pattern)) {
				t.Errorf("%q does not begin with the prefix of %q", s, c.pattern)
			}
		}
		for _, s := range c.no {
			if MatchWildcard(c.pattern, s) {
				t.Errorf("%q matches %q", c.pattern, s)
			}
		}
	}
	if got := WildcardPrefix(`a\*b?c`); got != "a*b" {
		t.Errorf("prefix %q", got)
	}
}

func TestRegexp(t *testing.T) {
	for _, c := range []struct {
		pattern, prefix string
		yes, no         []string
	}{
		{"wh.*s", "wh", []string{"whales", "whs", "wh\ns"}, []string{"whale", "awhales"}},
		{"joh?n(ath[oa]n)", "jo", []string{"johnathon", "jonathan"}, []string{"john"}},
		{"a{2}", "aa", []string{"aa"}, []string{"a", "aaa"}},
		{"a{2,}", "aa", []string{"aa", "aaa"}, []string{"a"}},
		{"a{1,2}", "a", []string{"a", "aa"}, []string{"", "aaa"}},
		{"a{0,0}b", "b", []string{"b"}, []string{"ab"}},
		{"ab|cd", "", []string{"ab", "cd"}, []string{"abd", "acd"}},
		{"[^a-c]x", "", []string{"dx", "яx"}, []string{"ax"}},
		{`[\d_]\w\s`, "", []string{"1a ", "__\t"}, []string{"aa "}},
		{`\D\W\S`, "", []string{"a-b"}, []string{"1-b", "aab", "a- "}},
		{`a\.b\/\\`, `a.b/\`, []string{`a.b/\`}, []string{`axb/\`}},
		{`"a.b"*`, "", []string{"", "a.b", "a.ba.b"}, []string{"axb"}},
		{"a@", "a", []string{"a", "abc"}, []string{"b"}},
		{"a#", "a", nil, []string{"a", "a#"}},
		{"()", "", []string{""}, []string{"a"}},
		{"", "", []string{""}, []string{"a"}},
		{"*a", "*a", []string{"*a"}, []string{"a"}},
		{"a^$", "a^$", []string{"a^$"}, []string{"a"}},
		{")a", ")a", []string{")a"}, []string{"a"}},
		{"~a", "~a", []string{"~a"}, []string{"b"}},
		{"[]a]", "", []string{"]", "a"}, []string{"b"}},
		{`[\]\-\^]+`, "", []string{"]-^"}, []string{"a"}},
		{`[\\]`, `\`, []string{`\`}, []string{"a"}},
		{"(a?)*", "", []string{"", "aaa"}, []string{"b"}},
		{"a+?", "", []string{"", "a"}, []string{"b"}},
		{"доб.р", "доб", []string{"добър"}, []string{"добр"}},
	} {
		m, err := CompileRegexp(c.pattern)
		if err != nil {
			t.Errorf("CompileRegexp(%q) = %v", c.pattern, err)
			continue
		}
		if m.Prefix() != c.prefix {
			t.Errorf("%q has the prefix %q, want %q", c.pattern, m.Prefix(), c.prefix)
		}
		for _, s := range c.yes {
			if !m.Match(s) {
				t.Errorf("%q does not match %q", c.pattern, s)
			}
		}
		for _, s := range c.no {
			if m.Match(s) {
				t.Errorf("%q matches %q", c.pattern, s)
			}
		}
	}
}

func TestBadRegexps(t *testing.T) {
	for _, p := range []string{
		"(", "a)", "[", "[a", "[^", "a{", "a{x}", "a{1", "a{2,1}", "a{1001}", "(a{1000}){1000}", `\`, `a\`, `\q`,
		`[\q]`, "a|", "(a|)", "[z-a]", `"a`, "a&b", "<1-5>", "a{99999999999999999999}",
		strings.Repeat("(", 200) + "a" + strings.Repeat(")", 200), "a" + strings.Repeat("?", 100),
		strings.Repeat("a{1000}", 100),
	} {
		if _, err := CompileRegexp(p); err == nil {
			t.Errorf("CompileRegexp(%q) gives no error", p)
		}
	}
}

func FuzzRegexp(f *testing.F) {
	for _, p := range []string{"wh.*s", `[^a-z\d]{2,3}`, `("x"|@)+#?`, "a{2,1}", "[", `\w\\`} {
		f.Add(p, "whales")
	}
	f.Fuzz(func(t *testing.T, p, s string) {
		if len(p) > 1000 || len(s) > 1000 {
			return
		}
		m, err := CompileRegexp(p)
		if err == nil && m.Match(s) && !strings.HasPrefix(s, m.Prefix()) {
			t.Fatalf("%q matches %q, which does not begin with %q", p, s, m.Prefix())
		}
	})
}

func FuzzWildcard(f *testing.F) {
	f.Add(`a*?\*`, "abc*")
	f.Fuzz(func(t *testing.T, p, s string) {
		if len(p) > 500 || len(s) > 500 {
			return
		}
		if MatchWildcard(p, s) && !strings.HasPrefix(s, WildcardPrefix(p)) {
			t.Fatalf("%q matches %q, which does not begin with %q", p, s, WildcardPrefix(p))
		}
		if !MatchWildcard(string(appendLiteral(nil, s)), s) {
			t.Fatalf("%q does not match itself", s)
		}
	})
}
