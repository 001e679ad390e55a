package sqlite

import (
	"strings"
	"testing"
)

func TestFileName(t *testing.T) {
	tests := map[string]string{
		"para": "para", "my-app": "my-app", "a_1": "a_1", "": "",
		"A": "%41", " kid": "%20kid", "a.b": "a%2eb", "..": "%2e%2e", "a/b": "a%2fb", "a%2fb": "a%252fb", "con": "%63on", "console": "console",
		"é": "%c3%a9", "a\x00": "a%00",
		strings.Repeat("x", maxFileName):   strings.Repeat("x", maxFileName),
		strings.Repeat("x", maxFileName+1): "",
	}
	for app, want := range tests {
		got := fileName(app)
		if got != want {
			t.Errorf("fileName(%q) = %q, want %q", app, got, want)
		}
		if back, ok := appName(got); got != "" && (!ok || back != app) {
			t.Errorf("appName(%q) = %q, %v, want %q", got, back, ok, app)
		}
	}
	for _, name := range []string{"", "A", "%", "%4", "%zz", "%61", "a.b", "%2E", "para copy", "con"} {
		if app, ok := appName(name); ok {
			t.Errorf("appName(%q) = %q, want none", name, app)
		}
	}
}

func FuzzFileName(f *testing.F) {
	for _, s := range []string{"para", "A", "con", "a/b", "é", "%2f", "\xff", "a.db-wal"} {
		f.Add(s, s+"x")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		name := fileName(a)
		if name == "" {
			return
		}
		if strings.ToLower(name) != name || strings.ContainsAny(name, "./\\:*?\"<>| \x00") || len(name) > maxFileName {
			t.Errorf("fileName(%q) = %q", a, name)
		}
		if back, ok := appName(name); !ok || back != a {
			t.Errorf("appName(fileName(%q)) = %q, %v", a, back, ok)
		}
		if a != b && fileName(b) == name {
			t.Errorf("%q and %q have the same file %q", a, b, name)
		}
	})
}
