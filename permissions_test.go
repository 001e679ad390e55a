package para

import (
	"slices"
	"strings"
	"testing"
)

// The table of O 9.2 and the spellings of O 9.1.
func TestNormalizeGrant(t *testing.T) {
	for _, c := range []struct{ given, everybody, user string }{
		{"*", "*", "*"},
		{"read_write", "*", "*"},
		{"GET,POST,PUT,PATCH,DELETE", "*", "*"},
		{"OWN,GET,POST,PUT,PATCH,DELETE", "OWN,*", "OWN,*"},
		{"w", "POST,PUT,PATCH,DELETE", "POST,PUT,PATCH,DELETE"},
		{"write_only", "POST,PUT,PATCH,DELETE", "POST,PUT,PATCH,DELETE"},
		{"W", "-", "-"},
		{"GET,w", "*", "*"},
		{"READ_ONLY,w", "*", "*"},
		{"w,POST", "POST,PUT,PATCH,DELETE", "POST,PUT,PATCH,DELETE"},
		{"read_only,PATCH", "GET", "GET"},
		{"OWN,*", "OWN,*", "OWN,*"},
		{"w,OWN", "OWN,POST,PUT,PATCH,DELETE", "OWN,POST,PUT,PATCH,DELETE"},
		{"?", "?", ""},
		{"?,GET", "?,GET", "GET"},
		{"guest,get", "?,GET", "GET"},
		{"?,OWN", "?,OWN", "OWN"},
		{"?,*", "?,*", "*"},
		{"-,GET", "-,GET", "-,GET"},
		{"-,*", "*", "*"},
		{"empty", "-", "-"},
		{"bogus", "-", "-"},
		{"r", "-", "-"},
		{"HEAD", "-", "-"},
		{" GET", "-", "-"},
		{"bogus,GET", "-,GET", "-,GET"},
		{"POST,GET", "GET,POST", "GET,POST"},
		{"GET,GET,,", "GET", "GET"},
	} {
		for subject, want := range map[string]string{"*": c.everybody, "u1": c.user} {
			got := NormalizeGrant(subject, strings.Split(c.given, ","))
			if got == nil || strings.Join(got, ",") != want {
				t.Errorf("%s for %s: got %q, want %q", c.given, subject, got, want)
			}
		}
	}
	for _, given := range [][]string{nil, {""}, {" ", "\t"}} {
		if got := NormalizeGrant("*", given); got != nil {
			t.Errorf("%q: got %q, want none", given, got)
		}
	}
}

func TestPermissionPath(t *testing.T) {
	for in, want := range map[string]string{
		"/x/": "x", "//x//": "x", "files/a.txt": "files/atxt", "a%2Fb": "a/b", "a+b": "a b", "/": "", ".": "", " ": "", "": "",
		"/0123/": "0123", "/4.5.6/": "456", "/./x": "x", "100%": "100%", "%ff": "%ff", "%2E%2F": "", "*": "*", "posts/*": "posts/*",
		"тип/1": "тип/1",
	} {
		got := PermissionPath(in)
		if got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
		if strings.ContainsAny(in, "%+") {
			continue
		}
		if again := PermissionPath(got); again != got {
			t.Errorf("%q: %q becomes %q when it is prepared again", in, got, again)
		}
	}
}

// The vectors of D74 and O 20.10.
func TestPermissionSegment(t *testing.T) {
	a := appWith(t, `{}`, "dog")
	withFile := appWith(t, `{}`, "file")
	for _, c := range []struct {
		app      *App
		in, want string
	}{
		{a, "ZG9n", "dog"}, {a, "dXNlcnM=", "users"}, {a, "dXNlcnM", "users"}, {a, "Kg", "*"}, {a, "Kg==", "*"}, {a, "*", "*"},
		{a, "utils/timestamp", "utils/timestamp"}, {a, "YT9iPmN-", "a?b>c~"}, {a, "YT9iPmN+", "a?b>c~"}, {a, "YWI_", "ab?"}, {a, "YWI/", "ab?"},
		{a, "dog", "dog"}, {a, "dogs", "dogs"}, {a, "file", "~)^"}, {withFile, "file", "file"}, {withFile, "files/1", "files/1"},
		{a, "0YLQuNC_", "тип"}, {a, "0YLQuNC_INC-0LTQuNC9", "тип один"}, {a, "dG9kby8q", "todo/*"}, {a, "MTIz", "123"}, {a, "YQ", "a"},
		{a, "YQ==", "a"}, {a, "YQ=", "YQ="}, {a, "Y Q", "Y Q"}, {a, "====", "===="}, {a, "a", "a"}, {a, "L2RvZy8", "dog"},
		{a, "my-type", "my-type"}, {a, "_batch", "_batch"}, {a, "X2JhdGNo", "_batch"}, {a, "search", "search"}, {a, "YSUyRmI", "a/b"},
		{a, "YSti", "a b"}, {a, "ZmlsZXMvYS50eHQ", "files/atxt"}, {a, "Lw", ""}, {a, "Lg", ""}, {a, "IA", ""}, {a, " ", ""}, {a, "", ""},
		{a, "AAAA", "AAAA"}, {a, "Cg", "Cg"}, {a, "YW\nJj", "YW\nJj"}, {a, "user/1", "user/1"}, {a, "posts/1", "posts/1"},
	} {
		if got := c.app.PermissionSegment(c.in); got != c.want {
			t.Errorf("%q: got %q, want %q", c.in, got, c.want)
		}
	}
}

func TestPermissionsTable(t *testing.T) {
	var p Permissions
	one := p.With("u1", "dog", []string{"GET"}).With("u1", "cat", []string{"PUT"}).With("*", "a<b", []string{"?"})
	if len(p) != 0 {
		t.Error("With changed its receiver")
	}
	if got, want := string(one.AppendJSON(nil)), `{"*":{"a<b":["?"]},"u1":{"cat":["PUT"],"dog":["GET"]}}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := string(one.Of("u2").AppendJSON(nil)), `{"*":{"a<b":["?"]},"u2":{}}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	two, removed := one.Without("u1", "dog")
	if !removed || len(one["u1"]) != 2 || len(two["u1"]) != 1 {
		t.Errorf("without one path: %v %v", one, two)
	}
	if three, removed := two.Without("u1", "cat"); !removed || three["u1"] != nil {
		t.Errorf("without its last path the subject is still there: %v", three)
	}
	if same, removed := one.Without("u1", "cow"); removed || len(same) != len(one) {
		t.Error("something was removed that was not there")
	}
	old := Permissions{"u1": {"/dog/": {"GET"}, "4.5.6": {"PUT"}}}
	for _, path := range []string{"dog", "456"} {
		rest, removed := old.Without("u1", path)
		if !removed {
			t.Errorf("%s: an entry in an old spelling stays", path)
		}
		old = rest
	}
	if len(old) != 0 {
		t.Errorf("left: %v", old)
	}
	if got := NormalizeGrant("u1", []string{"OWN"}); !slices.Equal(got, []string{"OWN"}) {
		t.Errorf("got %q", got)
	}
}

func TestOwn(t *testing.T) {
	a := appWith(t, `{"*":{"todos":["OWN","*"]},"u1":{"note":["OWN"],"cat/1%3A2":["OWN"],"dog/*":["OWN"],"*":["OWN"]}}`)
	object := func(typ, id string) *Object {
		o := New(typ)
		o.SetID(id)
		return o
	}
	if !a.HasOwn() || appWith(t, `{"*":{"x":["GET"]}}`).HasOwn() {
		t.Error("HasOwn")
	}
	for _, c := range []struct {
		subject string
		object  *Object
		want    bool
	}{
		{"*", object("todo", "1"), true}, {"u1", object("todo", "1"), false}, {"u1", object("note", "1"), true},
		{"u1", object("cat", "1:2"), true}, {"u1", object("cat", "2"), false}, {"u1", object("dog", "1"), false}, {"u2", object("note", "1"), false},
	} {
		if got := a.Own(c.subject, c.object); got != c.want {
			t.Errorf("%s on %s: got %t", c.subject, c.object.URI(), got)
		}
	}
}

func FuzzPermissionSegment(f *testing.F) {
	for _, s := range []string{"ZG9n", "Kg==", "YWI_", "a", "====", "%2F..", "utils/timestamp", "\xff"} {
		f.Add(s)
	}
	a := &App{Datatypes: map[string]string{"dogs": "dog"}}
	f.Fuzz(func(t *testing.T, s string) {
		p := a.PermissionSegment(s)
		if strings.Contains(p, ".") || strings.HasPrefix(p, "/") || strings.HasSuffix(p, "/") {
			t.Errorf("%q: %q is not in stored form", s, p)
		}
	})
}
