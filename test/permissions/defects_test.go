package permissions

import (
	"strings"
	"testing"
)

// Defects of the Java server that let somebody in (A 25) and must never come back.
func TestDefectsThatMustNotComeBack(t *testing.T) {
	s := start(t, errorsOnly(t), `para.security.ignored = ["/", "/v1/open/**"]`)
	app := s.app("perm")
	w := &world{t: t, app: app}
	ann, guest, nobody := app.user("ann", "users"), app.guest(), app.nobody()
	app.send("PUT", "/v1/todo/t1", `{"name":"secret todo"}`)
	check := func(c *caller, method, target, body string, want int) {
		t.Helper()
		a := c.send(method, target, body)
		if a.status != want || strings.Contains(string(a.body), "secret todo") {
			t.Errorf("%s as %s: %s %s: %s, want %d", t.Name(), c.name, method, target, a, want)
		}
	}
	// A path that cannot be decoded twice passed the check of permissions.
	w.grant(table{"*": {"cat": {"GET"}}})
	check(ann, "GET", "/v1/todo/search/%25zz", "", 403)
	check(ann, "GET", "/v1/todo/t1?x=%25zz", "", 403)
	check(ann, "GET", "/v1/todo/%25zz", "", 403)
	check(ann, "GET", "/v1/%5Fme/../todo/t1", "", 400)
	check(ann, "GET", "/v1/_me/todo", "", 403)
	check(ann, "GET", "/v1/%74odo/t1", "", 403)
	check(ann, "GET", "/v1//todo//t1", "", 403)
	check(ann, "GET", "/v1/todo/t1/", "", 403)
	check(ann, "GET", "/v1/todo/t1;ann", "", 403)
	check(ann, "GET", "/v1/user/..%2Ftodo%2Ft1", "", 403)
	check(ann, "GET", "/v1/todo/t1?_me", "", 403)
	// A path that ends in one's own id was one's own.
	check(ann, "GET", "/v1/todo/t1/links/user/ann", "", 403)
	check(ann, "DELETE", "/v1/todo/t1/links/user/ann", "", 403)
	check(ann, "GET", "/v1/todo/ann", "", 403)
	// A guest with wide rights was the app, and a user with * on * could give itself any right.
	w.grant(table{"*": {"*": {"*", "?"}}})
	for _, c := range []*caller{guest, ann} {
		check(c, "POST", "/v1/_newkeys", "", 401)
		check(c, "GET", "/v1/_setup/other", "", 403)
		check(c, "GET", "/v1/_settings", "", 403)
		check(c, "PUT", "/v1/_settings/x", `{"value":1}`, 403)
		check(c, "GET", "/v1/_permissions", "", 403)
		check(c, "PUT", "/v1/_permissions/ann/_settings", `["*"]`, 403)
		check(c, "DELETE", "/v1/_permissions/ann", "", 403)
		check(c, "GET", "/v1/_export", "", 403)
		check(c, "PUT", "/v1/_import", "", 403)
		check(c, "POST", "/v1/_reindex", "", 403)
		check(c, "PATCH", "/v1/app/perm", `{"name":"mine"}`, 403)
		check(c, "PUT", "/v1/_constraints/todo/x/required", "", 403)
		check(c, "GET", "/v1/_mcp", "", 404)
	}
	check(guest, "GET", "/v1/_me", "", 401)
	// What cannot be decoded revoked everything of a subject.
	w.grant(table{"ann": {"cat": {"GET"}, "dog": {"GET"}}})
	for _, segment := range []string{"%20", "Lg", "Ly8", "...", "_-_-", "cats"} {
		app.send("DELETE", "/v1/_permissions/ann/"+segment, "")
	}
	if a := app.send("GET", "/v1/_permissions/ann", ""); string(a.body) != `{"ann":{"cat":["GET"],"dog":["GET"]}}` && !strings.Contains(string(a.body), `"dog":["GET"]`) {
		t.Errorf("revoked: %s", a)
	}
	// Prefixes of names were prefixes of paths.
	w.grant(table{"ann": {"to": {"*"}, "todos": {"GET"}, "tod/*": {"*"}}})
	check(ann, "PUT", "/v1/todo/t1", `{"name":"x"}`, 403)
	// An open path has no app: whatever is asked there fails without harm.
	check(nobody, "GET", "/v1/open/t1", "", 404)
	check(nobody, "GET", "/v1/open", "", 404)
	check(nobody, "POST", "/v1/open", `{"name":"x"}`, 404)
	check(nobody, "GET", "/v1/open/search/ids?ids=t1", "", 404)
	check(ann, "GET", "/v1/open/t1", "", 404)
}
