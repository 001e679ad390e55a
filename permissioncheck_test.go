package para

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// appWith is an app with a table of permissions and some types of its own.
func appWith(t testing.TB, table string, types ...string) *App {
	t.Helper()
	o := New("app")
	o.SetID("app:kid")
	o.SetAppID("para")
	o.SetRaw("resourcePermissions", json.RawMessage(table))
	datatypes, _ := RegisterTypes(nil, 0, types...)
	if err := o.Set("datatypes", datatypes); err != nil {
		t.Fatal(err)
	}
	a, err := ParseApp(o)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// checkAll tests cases of the form "subject path method → yes|no"; guest stands for nobody.
func checkAll(t *testing.T, a *App, cases []string) {
	t.Helper()
	for _, line := range cases {
		f := strings.Fields(line)
		if len(f) != 4 {
			t.Fatalf("case %q", line)
		}
		subject := f[0]
		if subject == "guest" {
			subject = ""
		}
		if got, want := a.IsAllowed(subject, PermissionPath(f[1]), f[2]), f[3] == "yes"; got != want {
			t.Errorf("%s: got %t", line, got)
		}
	}
}

// The vectors of O 9.5 with the differences of D76.
func TestIsAllowedVectors(t *testing.T) {
	for _, c := range []struct {
		table string
		types []string
		cases []string
	}{
		{`{}`, nil, []string{
			"u1 user/u1 GET yes", "u1 users/u1 PATCH yes", "u1 user/u1 DELETE yes", "u1 _id/u1 GET yes", "u1 /user/u1/ GET yes",
			"u1 user/u1 PUT no", "u1 user/u1 POST no", "u1 _id/u1 DELETE no", "u1 user/u2 GET no", "u1 x/user/u1 GET no", "u1 posts/u1 GET no",
			"u1 posts GET no", "guest user/u1 GET no", "guest posts GET no"}},
		{`{"u1":{"posts":["GET","PUT"]}}`, nil, []string{
			"u1 posts GET yes", "u1 posts get yes", "u1 posts HEAD yes", "u1 posts POST no", "u1 posts/1 PUT yes", "u1 posts/1 DELETE no",
			"u1 posts123 GET no", "u1 posts/1/links/x GET yes", "u2 posts GET no", "guest posts GET no"}},
		{`{"u1":{"po":["GET"]}}`, nil, []string{"u1 po GET yes", "u1 posts GET no", "u1 posts/1 GET no", "u1 p/1 GET no"}},
		{`{"u1":{"post":["*"]}}`, []string{"post"}, []string{"u1 posts/1 GET yes", "u1 posts GET yes", "u1 post/1 DELETE yes"}},
		{`{"u1":{"post":["*"]}}`, nil, []string{"u1 posts/1 GET no", "u1 posts GET no", "u1 post/1 DELETE yes"}},
		{`{"*":{"posts":["*"]},"u1":{"posts":["GET"]}}`, nil, []string{"u1 posts POST no", "u1 posts/1 POST yes", "u2 posts POST yes"}},
		{`{"*":{"*":["*"]},"u1":{"*":["GET"]}}`, nil, []string{
			"u1 posts GET yes", "u1 posts POST no", "u1 posts/1 POST no", "u2 posts POST yes", "guest posts GET no"}},
		{`{"*":{"*":["*"]},"u1":{"posts":["-"]}}`, nil, []string{"u1 posts GET no", "u1 posts/1 GET no", "u1 cats GET yes"}},
		{`{"*":{"*":["GET","?"]}}`, nil, []string{"guest posts GET yes", "guest posts POST no", "guest posts/1 GET yes", "u1 posts GET yes"}},
		{`{"*":{"posts":["GET"],"pub":["?","GET"]}}`, nil, []string{
			"guest posts GET no", "guest pub GET yes", "guest pub/1 GET yes", "guest pub POST no", "guest pubs/1 GET no"}},
		{`{"*":{"posts":["GET"],"pub":["?","GET"]}}`, []string{"pub"}, []string{"guest pubs/1 GET yes", "guest pubs GET yes"}},
		{`{"*":{"pub":["?"]}}`, nil, []string{"guest pub GET no", "u1 pub GET no"}},
		{`{"*":{"*":["*"],"pub":["?"]}}`, nil, []string{"guest pub GET yes", "guest pub/1 PUT yes", "guest other GET no"}},
		{`{"*":{"*":["*"],"pub":["?","GET"]}}`, nil, []string{"guest pub GET yes", "guest pub POST no", "guest other GET no"}},
		{`{"*":{"*":["?","*"]}}`, nil, []string{"guest pub/1 DELETE yes", "u1 x PUT yes"}},
		{`{"u1":{"todo/*":["GET"]}}`, nil, []string{"u1 todo GET no", "u1 todo/1 GET yes", "u1 todo/1/2 GET yes", "u1 todo/1 POST no"}},
		{`{"u1":{"a/*":["-"],"a":["GET"]}}`, nil, []string{"u1 a/1 GET no", "u1 a GET yes"}},
		{`{"u1":{"a":["GET"],"a/*":["-"]}}`, nil, []string{"u1 a/1 GET no", "u1 a GET yes"}},
		{`{"u1":{"a/*":["GET"],"a/b/*":["PUT"]}}`, nil, []string{"u1 a/b/1 GET no", "u1 a/b/1 PUT yes", "u1 a/c GET yes"}},
		{`{"u1":{"a/b/*":["PUT"],"a/*":["GET"]}}`, nil, []string{"u1 a/b/1 GET no", "u1 a/b/1 PUT yes"}},
		{`{"u1":{"a/*":["PUT"],"*":["GET"]}}`, nil, []string{"u1 a/1 GET yes", "u1 a GET yes", "u1 a/1 PUT no"}},
		{`{"u1":{"posts/123":["DELETE"],"posts":["GET"]}}`, nil, []string{
			"u1 posts/123 DELETE yes", "u1 posts/123 GET yes", "u1 posts/124 DELETE no", "u1 posts/1234/x DELETE no"}},
		{`{"u1":{"a b":["GET"]}}`, nil, []string{"u1 a%20b GET yes", "u1 a+b GET yes"}},
		{`{"u1":{"y":["GET"]},"*":{"x":["PUT"]}}`, nil, []string{"u1 x PUT yes"}},
		// AppTest of the reference, as A 14.6 quotes it.
		{`{"user1":{"posts":["GET","PUT"],"posts/123":["DELETE"]}}`, nil, []string{
			"user1 posts123 PUT no", "user1 posts/456 PUT yes", "user1 posts/123 DELETE yes", "user1 posts/1234 DELETE no"}},
		{`{"u1":{"wildcard/*":["GET"]}}`, nil, []string{
			"u1 wildcard GET no", "u1 wildcard/123/456 GET yes", "u1 wildcard/123/456 POST no"}},
		{`{"*":{"publicRes":["?","*"]}}`, nil, []string{"guest publicRes/test GET yes", "guest publicRes/test DELETE yes"}},
		{`{"u1":{"456":["GET"]}}`, nil, []string{"u1 /4.5.6/ GET yes", "u1 4.5.6 GET yes"}},
		// The most specific entry decides what is forbidden, a grant for the same subject wins otherwise.
		{`{"u1":{"a":["-"],"a/b":["GET"],"a/b/c/d":["-"]}}`, nil, []string{
			"u1 a GET no", "u1 a/x GET no", "u1 a/b GET yes", "u1 a/b/c GET yes", "u1 a/b/c/d GET no", "u1 a/b/c/d/e GET no"}},
		{`{"*":{"*":["GET"],"secret":["-"]}}`, nil, []string{"u1 secret GET no", "u1 secret/1 GET no", "u1 open GET yes"}},
		{`{"*":{"secret":["-"]},"u1":{"secret":["GET"]}}`, nil, []string{"u1 secret GET yes", "u1 secret/1 GET yes", "u2 secret GET no"}},
		// An own entry that denies wins over the implicit rule (D77).
		{`{"u1":{"user/u1":["GET"]}}`, nil, []string{"u1 user/u1 GET yes", "u1 user/u1 PATCH no"}},
		{`{"u1":{"user":["-"]}}`, nil, []string{"u1 user/u1 GET no", "u1 users/u1 GET no", "u1 _id/u1 GET yes"}},
		{`{"u1":{"*":["-"]}}`, nil, []string{"u1 user/u1 GET no"}},
		// Flags as methods (check route).
		{`{"*":{"cat":["?","GET"],"dog":["*"]},"u1":{"dog":["OWN","GET"]}}`, nil, []string{
			"u1 cat ? yes", "* cat ? yes", "* dog ? no", "u1 dog OWN yes", "u1 dog * no", "u1 dog - no", "* dog * yes"}},
		{`{"u1":{"posts":[]}}`, nil, []string{"u1 posts GET no", "u1 posts/1 GET no"}},
		{`{"*":{"*":["GET"]},"u1":{"posts":[]}}`, nil, []string{"u1 posts GET no", "u1 posts/1 GET yes"}},
		// Spellings that become equal are merged.
		{`{"u1":{"cat":["GET"],"cats":["PUT"],"/cat/":["POST"]}}`, []string{"cat"}, []string{
			"u1 cat GET yes", "u1 cats PUT yes", "u1 cat POST yes", "u1 cat DELETE no"}},
		{`{"u1":{"cat/1":["GET"],"cats/*":["PUT"]}}`, []string{"cat"}, []string{"u1 cats/1 GET yes", "u1 cat/2 PUT yes", "u1 cat/1 PUT no"}},
	} {
		t.Run(c.table, func(t *testing.T) { checkAll(t, appWith(t, c.table, c.types...), c.cases) })
	}
}

func TestIsAllowedOnTheRootApp(t *testing.T) {
	a := appWith(t, `{"u1":{"*":["*"]},"*":{"*":["?","*"]}}`)
	a.Root = true
	checkAll(t, a, []string{
		"u1 x GET no", "u1 user/u1 GET yes", "u1 user/u1 PATCH yes", "u1 user/u1 PUT no", "u1 user/u2 GET no", "guest x GET no"})
}

// The truth table of A 14.6, with what D76 changes.
func TestIsAllowedTruthTable(t *testing.T) {
	a := appWith(t, `{"*":{"*":["GET"],"public":["?","GET"],"posts":["POST"],"wild/*":["*"]},
		"u1":{"posts":["PUT"],"secret":["-"],"posts/9":["-"]},"u2":{"*":["-"]},"u3":{"*":["*"],"posts":["GET"]}}`)
	subjects := []string{"guest", "u1", "u2", "u3", "u9"}
	for request, want := range map[string]string{
		"public GET":      "yes yes no yes yes",
		"public/1 GET":    "yes yes no yes yes",
		"public POST":     "no no no yes no",
		"posts GET":       "no no no yes yes",
		"posts PUT":       "no yes no no no",
		"posts POST":      "no no no no yes",
		"posts/7 PUT":     "no yes no yes no",
		"posts/7 DELETE":  "no no no yes no",
		"posts/9 PUT":     "no no no yes no",
		"posts/9 GET":     "no no no yes yes",
		"secret GET":      "no no no yes yes",
		"secret/1 GET":    "no no no yes yes",
		"posts123/1 PUT":  "no no no yes no",
		"wild/a/b DELETE": "no yes no yes yes",
		"wild GET":        "no yes no yes yes",
		"user/u1 PATCH":   "no yes no yes no",
		"user/u1 PUT":     "no no no yes no",
	} {
		for i, cell := range strings.Fields(want) {
			checkAll(t, a, []string{subjects[i] + " " + request + " " + cell})
		}
	}
}

// The key * does not cover what manages the app (D72).
func TestIsAllowedAdministrative(t *testing.T) {
	requests := []string{
		"_settings GET", "_settings/x PUT", "_export GET", "_import PUT", "_reindex POST", "_permissions GET", "_permissions/u1/x PUT",
		"_permissions/u1 DELETE", "_constraints/cat/x/required PUT", "app/x PATCH", "apps/x DELETE", "app POST",
	}
	everything := appWith(t, `{"*":{"*":["?","*"]},"u1":{"*":["*"]}}`)
	named := appWith(t, `{"*":{"_settings":["?","*"],"_export":["?","*"],"_import":["?","*"],"_reindex":["?","*"],"_permissions":["?","*"],
		"_constraints":["?","*"],"app":["?","*"]}}`)
	pattern := appWith(t, `{"u1":{"_permissions/*":["*"],"app/*":["PATCH"]}}`)
	for _, r := range requests {
		checkAll(t, everything, []string{"u1 " + r + " no", "guest " + r + " no"})
		checkAll(t, named, []string{"u1 " + r + " yes", "guest " + r + " no"})
	}
	checkAll(t, everything, []string{
		"u1 app/x GET yes", "u1 _constraints GET yes", "u1 _permissions/u2 GET yes", "guest app/x GET yes", "guest app/x ? yes"})
	checkAll(t, pattern, []string{"u1 _permissions/u1/x PUT yes", "u1 _permissions GET no", "u1 app/x PATCH yes", "u1 apps/x PATCH yes"})
}

func TestPermits(t *testing.T) {
	// "cats" is a type of its own here and the plural of another one.
	a := appWith(t, `{"u1":{"cat":["GET"]},"u2":{"catses":["GET"]}}`)
	a.Datatypes = map[string]string{"cats": "cat", "catses": "cats"}
	if a.Permits("u1", "cats/1", "GET") {
		t.Error("a type with the name of a plural was resolved again")
	}
	if !a.Permits("u1", "cat/1", "GET") || !a.Permits("u2", "cats/1", "GET") {
		t.Error("grants do not reach their types")
	}
	// Dots are dropped from paths but never make one user another one.
	a = appWith(t, `{"u1":{"files/atxt":["GET"]}}`)
	if !a.Permits("u1", "files/a.txt", "GET") {
		t.Error("a grant with dots is not found")
	}
	if a.Permits("ab", "user/a.b", "GET") || a.Permits("a.b", "user/ab", "GET") || !a.Permits("a.b", "user/a.b", "GET") {
		t.Error("the implicit rule confuses users whose ids differ in dots")
	}
	// A plus sign is a space too, but never a way around what is denied.
	a = appWith(t, `{"u1":{"a b":["GET"],"c d":["GET"],"c+d":["-"]},"*":{"*":["GET"],"e+f":["-"]}}`)
	if !a.Permits("u1", "a+b/1", "GET") || a.Permits("u1", "c+d", "GET") || a.Permits("u1", "c+d/1", "GET") || a.Permits("u1", "e+f/1", "GET") {
		t.Error("plus signs")
	}
	a = appWith(t, `{"u1":{"files/atxt":["GET"]}}`)
	if a.Permits("u1", "files/a.txt", "") || a.Permits("u1", "", "GET") || a.Permits("u1", ".", "GET") || a.Permits(" ", "files/atxt", "GET") {
		t.Error("blank arguments")
	}
}

// However the keys of a table are ordered and spelt, the answer is the same, and a table nobody granted anything in
// grants nothing.
func FuzzIsAllowed(f *testing.F) {
	f.Add("u1", "posts/1", "GET", "posts/*", "-")
	f.Add("", "pub", "GET", "pub", "?")
	f.Add("a.b", "user/a.b", "GET", "*", "*")
	f.Add("x", "//..//", "*", "/", "GET")
	f.Fuzz(func(t *testing.T, subject, path, method, key, flag string) {
		p := Permissions{}.With(subject, key, []string{flag}).With("*", PermissionPath(key), []string{flag, "GET"})
		a := &App{Permissions: p, Datatypes: map[string]string{"cats": "cat"}}
		first := a.IsAllowed(subject, path, method)
		if first != a.IsAllowed(subject, path, method) {
			t.Error("the answer changes")
		}
		if blank(subject) && first && flag != "?" {
			t.Errorf("a guest got in without ?: %q %q %q", path, method, key)
		}
		none := &App{}
		if none.IsAllowed(subject, path, method) && !strings.HasSuffix(strings.Trim(path, "/"), "/"+subject) {
			t.Errorf("an empty table grants %q %q %q", subject, path, method)
		}
	})
}

func BenchmarkPermits(b *testing.B) {
	table := Permissions{}
	for i := range 200 {
		table = table.With("*", fmt.Sprintf("type%d", i), []string{"GET"}).With("u1", fmt.Sprintf("type%d/%d", i, i), []string{"PUT"})
	}
	a := appWith(b, string(table.AppendJSON(nil)))
	b.ReportAllocs()
	for b.Loop() {
		if !a.Permits("u1", "type77/1", "GET") {
			b.Fatal("refused")
		}
	}
}
