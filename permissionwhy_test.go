package para

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestWhy(t *testing.T) {
	a := appWith(t, `{"*":{"*":["GET"],"public":["?","GET"],"secret":["-"]},
		"u1":{"posts":["PUT"],"posts/9":["-"],"cats":["-"],"cat":["GET"]},"u2":{"*":["-"]}}`, "cat")
	for request, want := range map[string]string{
		"u1 posts/1 PUT":     `true posts: The permissions of u1 for posts allow PUT.`,
		"u1 posts PUT":       `true posts: The permissions of u1`,
		"u1 posts GET":       `false posts: The permissions of u1 for posts do not allow GET`,
		"u1 posts/9 PUT":     `false posts/9: The permissions of u1 for posts/9 deny everything.`,
		"u1 cat/1 GET":       `false cats: The permissions of u1 for cats deny everything.`,
		"u1 secret/1 GET":    `false secret: The permissions of everybody (*) for secret deny everything.`,
		"u1 other HEAD":      `true *: The permissions of everybody (*) for * allow GET.`,
		"u1 other POST":      `false : No entry of u1 or of everybody (*) grants POST on other.`,
		"u1 _settings GET":   `false : GET _settings manages the app: it needs an entry that names the resource`,
		"u1 user/u1 PATCH":   `true : Every user may read, change and delete its own object.`,
		"u2 other GET":       `false *: The permissions of u2 for * deny everything.`,
		"guest public/1 GET": `true public: The permissions of everybody (*) for public allow GET.`,
		"guest other GET":    `false *: GET on other is granted to users, but not to guests.`,
		"guest other PUT":    `false : No entry of everybody (*) grants PUT on other.`,
		"guest _export GET":  `false : GET _export manages the app, which guests never do.`,
	} {
		f := strings.Fields(request)
		if f[0] == "guest" {
			f[0] = ""
		}
		r := a.Why(f[0], f[1], f[2])
		got := "false "
		if r.Allowed {
			got = "true "
		}
		if r.Entry != nil {
			got += r.Entry.Path
		}
		if got += ": " + r.Rule; !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s, wanted %s", request, got, want)
		}
		if r.Change == "" {
			t.Errorf("%s: nothing would change it", request)
		}
		if text := r.AppendJSON(nil); !json.Valid(text) {
			t.Errorf("%s: %s", request, text)
		}
	}
	a.Root = true
	if r := a.Why("u1", "posts/1", "PUT"); r.Allowed || !strings.HasPrefix(r.Rule, "The root app") {
		t.Errorf("root app: %+v", r)
	}
}

// What a ruling advises to grant does change the answer.
func FuzzWhy(f *testing.F) {
	f.Add("u1", "posts/1", "GET", "posts/*", "-")
	f.Add("", "pub", "GET", "pub", "?")
	f.Add("u1", "user/u1", "PATCH", "*", "-")
	f.Add("u1", "a+b", "PUT", "a b", "PUT")
	f.Fuzz(func(t *testing.T, subject, path, method, key, flag string) {
		p := Permissions{}.With(subject, key, []string{flag}).With("*", PermissionPath(key), []string{flag, "GET"})
		a := &App{Permissions: p, Datatypes: map[string]string{"cats": "cat"}}
		r := a.Why(subject, path, method)
		if r.Allowed != a.Permits(subject, path, method) || r.Rule == "" {
			t.Fatalf("%+v", r)
		}
		if !json.Valid(r.AppendJSON(nil)) {
			t.Fatal("no JSON")
		}
		if path != PermissionPath(path) || blank(path) || blank(subject) || r.Allowed || strings.ContainsAny(path, "+%*") || method != strings.ToUpper(strings.TrimSpace(method)) || method == "" || method == "HEAD" {
			return
		}
		switch method {
		case "GET", "POST", "PUT", "PATCH", "DELETE":
			a = &App{Permissions: p.With(subject, path, []string{method}), Datatypes: a.Datatypes}
			if first, _, _ := strings.Cut(path, "/"); subject != "*" && a.permissionPath(path) == path && first != "" && trimPermissionPath(key) != path && !a.Permits(subject, path, method) {
				t.Errorf("granting %s on %q to %q does not help: %v", method, path, subject, a.Permissions)
			}
		}
	})
}
