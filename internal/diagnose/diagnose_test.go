package diagnose

import (
	"strings"
	"testing"
)

func TestReport(t *testing.T) {
	var r Report
	r.OK("settings", "complete")
	r.Warn("encryption", "none", "use ldaps://")
	if r.Failed() {
		t.Error("a warning is no failure")
	}
	r.Fail("sign in", "refused", "check the password")
	r.Skip("profile", "nobody signed in")
	if !r.Failed() {
		t.Error("the failure is lost")
	}
	var b strings.Builder
	if err := r.Write(&b); err != nil {
		t.Fatal(err)
	}
	want := "ok       settings: complete\nwarning  encryption: none\n         -> use ldaps://\nfailed   sign in: refused\n         -> check the password\nskipped  profile: nobody signed in\n"
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
}
