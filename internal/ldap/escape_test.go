package ldap

import (
	"strings"
	"testing"

	goldap "github.com/go-ldap/ldap/v3"
)

func TestEscape(t *testing.T) {
	cases := []struct{ value, filter, dn string }{
		{"bob", "bob", "bob"},
		{"*", `\2a`, "*"},
		{"a)(uid=*", `a\29\28uid=\2a`, `a)(uid\3d*`},
		{`a\b`, `a\5cb`, `a\\b`},
		{"a\x00b", `a\00b`, `a\00b`},
		{"ü", `\c3\bc`, "ü"},
		{" a ", " a ", `\ a\ `},
		{"#a", "#a", `\#a`},
		{`a,b+c"d<e>f;g`, `a,b+c"d<e>f;g`, `a\,b\+c\"d\<e\>f\;g`},
		{"{0}{1}", "{0}{1}", "{0}{1}"},
	}
	for _, c := range cases {
		if got := expandFilter("(uid={0})", c.value, ""); got != "(uid="+c.filter+")" {
			t.Errorf("filter of %q: %s", c.value, got)
		}
		if got := expandDN("uid={0},ou=people", c.value); got != "uid="+c.dn+",ou=people" {
			t.Errorf("name of %q: %s", c.value, got)
		}
	}
	if got := expandFilter("(|(a={0})(b={1}))", "{1}", "x"); got != "(|(a={1})(b=x))" {
		t.Errorf("a value was expanded again: %s", got)
	}
}

// FuzzFilter checks that a value stays one value of the filter, whatever it holds (RFC 4515).
func FuzzFilter(f *testing.F) {
	for _, seed := range []string{"bob", "*", ")(uid=*", "\x00", `\2a`, "ü", "\xff", "({0})", strings.Repeat("(", 100)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		packet, err := goldap.CompileFilter(expandFilter("(&(objectClass=user)(|(uid={0})(mail={1})))", value, value))
		if err != nil {
			t.Fatalf("%q breaks the filter: %v", value, err)
		}
		either := packet.Children[1]
		if len(packet.Children) != 2 || len(either.Children) != 2 {
			t.Fatalf("%q changes the filter: %v", value, packet)
		}
		for _, part := range either.Children {
			if part.Tag != goldap.FilterEqualityMatch {
				t.Fatalf("%q turns a comparison into another kind of filter: %d", value, part.Tag)
			}
			if got := part.Children[1].Data.String(); got != value {
				t.Fatalf("%q becomes %q", value, got)
			}
		}
	})
}

// FuzzDN checks that a value stays one value of the entry's name, whatever it holds (RFC 4514).
func FuzzDN(f *testing.F) {
	for _, seed := range []string{"bob", "a,ou=b", "a+b", `a\`, "#00", " ", "  ", "\x00", "ü", `"`, "a=b", "{0}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if !acceptable(value) || value == "" {
			return
		}
		dn, err := goldap.ParseDN(below(expandDN("uid={0},ou=people", value), "dc=example,dc=com"))
		if err != nil {
			t.Fatalf("%q breaks the name: %v", value, err)
		}
		if len(dn.RDNs) != 4 || len(dn.RDNs[0].Attributes) != 1 {
			t.Fatalf("%q changes the name: %v", value, dn)
		}
		if got := dn.RDNs[0].Attributes[0].Value; got != value {
			t.Fatalf("%q becomes %q", value, got)
		}
	})
}
