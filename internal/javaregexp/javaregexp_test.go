package javaregexp

import (
	"strings"
	"testing"
)

func TestMatch(t *testing.T) {
	var m Matcher
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{`^[a-z]+$`, "abc", true},
		{`^[a-z]+$`, "ABC", false},
		{`b`, "abc", false}, // the whole text has to match
		{`b`, "b", true},
		{`a|bc`, "bc", true},
		{`(?=.*\d)(?=.*[a-z]).{4,}`, "ab12", true},
		{`(?=.*\d)(?=.*[a-z]).{4,}`, "abcd", false},
		{`(\w)\1`, "aa", true},
		{`(\w)\1`, "ab", false},
		{`(?<!x)y`, "y", true},
		{`\Qa.b\E+`, "a.b", true},
		{`\Qa.b\E`, "axb", false},
		{`\p{Alpha}+`, "Abc", true},
		{`[\p{Digit}x]+`, "1x2", true},
		{`\P{Digit}+`, "ab", true},
		{`\d+`, "٣", false}, // Java's classes are ASCII
		{`\w+`, "é", false},
		{`\p{L}+`, "é", true},
		{`a\hb`, "a b", true},
		{`(?i)ABC`, "abc", true},
		{`a$`, "a\n", false},
	} {
		got, err := m.Match(c.pattern, c.text)
		if err != nil || got != c.want {
			t.Errorf("Match(%q, %q) = %v, %v; want %v", c.pattern, c.text, got, err, c.want)
		}
	}
}

func TestBadPatterns(t *testing.T) {
	var m Matcher
	for _, p := range []string{`(`, `[a`, `*a`, `(?<n>`, strings.Repeat("a", MaxPattern+1)} {
		if err := m.Compile(p); err == nil {
			t.Errorf("Compile(%.20q) succeeded", p)
		}
	}
}

func TestSlowPatternEnds(t *testing.T) {
	var m Matcher
	ok, err := m.Match(`(a+)+b`, strings.Repeat("a", 60)+"c")
	if ok || err == nil {
		t.Errorf("a match without end gave %v, %v", ok, err)
	}
}

func FuzzMatch(f *testing.F) {
	f.Add(`^[a-z]+$`, "abc")
	f.Add(`\Qx`, "x")
	f.Add(`[\p{Alpha}\h]\R`, "a\n")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		var m Matcher
		_, _ = m.Match(pattern, text)
	})
}

func BenchmarkMatch(b *testing.B) {
	var m Matcher
	for name, v := range map[string][2]string{
		"plain":          {`[a-z0-9._%+-]+@[a-z0-9.-]+\.[a-z]{2,8}`, "somebody.of.people@mail.example.com"},
		"back reference": {`(?=.*[0-9])([a-z]{2,8})-\1-[0-9]{1,9}`, "abcd-abcd-123456"},
		"cut off":        {`(a+)+$`, strings.Repeat("a", 60) + "!"}, // takes as long as the time limit says
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if ok, err := m.Match(v[0], v[1]); ok == (name == "cut off") || (err != nil) != (name == "cut off") {
					b.Fatal(ok, err)
				}
			}
		})
	}
}
