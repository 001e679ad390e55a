package functions

import (
	"strings"
	"testing"
)

func TestValidEmail(t *testing.T) {
	for _, s := range []string{"a@b.co", "A.B+c@d-e.co.uk", "a@b..co", "a@b.museum", "o'neil@x.com", "a%b@x.io", "a@b.co1", "a@b.c-", "a@b.со", "a@b.c@d.co", "a@b.abcdefghijklmnopqrst"} {
		if !ValidEmail(s) {
			t.Errorf("%q is valid", s)
		}
	}
	for _, s := range []string{"a@b", "a@b.c", "a@.c", "a b@c.co", "a@b.co ", "a/b@x.io", "ü@x.com", "a@ü.com", "a@x.abcdefghijklmnopqrstu", "@b.co", "", "a@", "a@.co", "a@b.c o"} {
		if ValidEmail(s) {
			t.Errorf("%q is not valid", s)
		}
	}
}

func TestValidUserEmail(t *testing.T) {
	for _, s := range []string{"a@b.co", "A.B+c@d-e.co.uk", "o'neil@x.com", strings.Repeat("a", 64) + "@b.co", "a@b.со", "a@" + strings.Repeat("b", 63) + ".co"} {
		if !ValidUserEmail(s) {
			t.Errorf("%q is valid", s)
		}
	}
	for _, s := range []string{"a@b..co", "a@b.co.", ".a@b.co", "a.@b.co", "a..b@c.co", strings.Repeat("a", 65) + "@b.co", "a@-b.co", "a@b-.co", "a@b.c-",
		"a@b.c@d.co", "a@" + strings.Repeat("b", 64) + ".co", "a@" + strings.Repeat("b.", 127) + "co"} {
		if ValidUserEmail(s) {
			t.Errorf("%q is not valid", s)
		}
	}
	for s, want := range map[string]bool{`"a b"`: true, `"a\"b"`: true, `"a`: false, `""`: false, `"a".b`: true, `a"b"`: false, `"\x"`: false, "": false, "a.": false, `"a"b`: false} {
		if got := validLocalPart(s); got != want {
			t.Errorf("validLocalPart(%q) = %v", s, got)
		}
	}
	for s, want := range map[string]bool{"[127.0.0.1]": true, "[IPv6:::1]": true, "[::1]": false, "[x]": false, "[127.0.0.1": false, "münchen.de": true, "a_b.de": true, "": false, "a b.de": false} {
		if got := validDomain(s); got != want {
			t.Errorf("validDomain(%q) = %v", s, got)
		}
	}
}

func TestValidURL(t *testing.T) {
	for _, s := range []string{"http://a.co", "https://a.co/x?y=1#z", "http:/a", "ftp://x", "file:///etc", "mailto:a@b.co", "http://ü.de/ö", "HTTP://A.CO", "http://a_b.co",
		"http://[::1]:8080/", "https://para", "http://localhost:8080", "jar:file:/x.jar!/y", "http://u:p@a.co:80/", "https://a.co/%20", "http://a.co:/"} {
		if !ValidURL(s) {
			t.Errorf("%q is valid", s)
		}
	}
	for _, s := range []string{"htp://a.co", "a.co", "//a.co", "http:", "http://", "jar:x", "http://a b.co", "javascript:alert(1)", "ws://x", "http://a.co/|", "https://a.co/%zz",
		"data:text/plain,x", "", " ", "http://[::1", "http://[x]/", "http://a.co:b/", "https://a.co/%2", "http:#x", "http://a.co/\u00a0", "http://a.co/\x80", "http://a.co/[x]",
		strings.Repeat("jar:", 10) + "file:/x!/!/!/!/!/!/!/!/!/!/"} {
		if ValidURL(s) {
			t.Errorf("%q is not valid", s)
		}
	}
}

func FuzzValidURL(f *testing.F) {
	for _, s := range []string{"http://[::1]:8080/", "jar:file:/x!/y", "mailto:a@b.co", "http://a.co/%zz"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if ValidURL(s) && (strings.ContainsAny(s, " \t\r\n<>\"|\\^`{}") || !strings.Contains(s, ":")) {
			t.Errorf("%q was accepted", s)
		}
	})
}
