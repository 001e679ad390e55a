package ldap

import "testing"

func TestAttemptKey(t *testing.T) {
	plain, domain := &Settings{}, &Settings{directory: true, domain: "example.com"}
	for _, name := range []string{"jane doe", "JANE DOE", " jane  doe ", "ｊａｎｅ doe", "ja\u200bne doe", "jane\u00a0doe"} {
		if got := plain.AttemptKey(name); got != "jane doe" {
			t.Errorf("%q: %q", name, got)
		}
	}
	if a, b := plain.AttemptKey("jane@a"), plain.AttemptKey("jane@b"); a == b {
		t.Errorf("both %q", a)
	}
	for _, name := range []string{"jane", "jane@example.com", "Jane@x"} {
		if got := domain.AttemptKey(name); got != "jane" {
			t.Errorf("%q: %q", name, got)
		}
	}
}
