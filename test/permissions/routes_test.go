package permissions

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/erudika/para-go/internal/rest"
)

var update = flag.Bool("update", false, "rewrite the table of routes in docs/security.md")

const (
	securityPage = "../../docs/security.md"
	tableBegins  = "<!-- table of routes: go test ./test/permissions -run TestTableOfRoutes -update -->\n"
	tableEnds    = "<!-- end of the table -->\n"
)

// examples stand for the variables of patterns.
var examples = map[string]string{
	"{type}": "cat", "{id}": "c1", "{type2}": "dog", "{id2}": "d1", "{querytype}": "ids", "{key}": "colour", "{subject}": "somebody",
	"{path}": "Y2F0", "{method}": "GET", "{field}": "f", "{cname}": "required", "{appid}": "other",
}

// The page says of every route who may use it, and it is true: each cell comes from requests.
func TestTableOfRoutes(t *testing.T) {
	s := start(t, errorsOnly(t), "para.access_log_enabled = false")
	handler, ok := s.s.Handler().(*rest.Handler)
	if !ok {
		t.Fatal("the handler is another one")
	}
	app := s.app("perm")
	w := &world{t: t, app: app}
	user := app.user("ann", "users")
	mod, admin := app.user("mod", "mods"), app.user("admin", "admins")
	routes := handler.Routes()
	routes = append(routes, []rest.Route{
		{Method: "GET", Pattern: "/user/{own id}"}, {Method: "PATCH", Pattern: "/user/{own id}"}, {Method: "PUT", Pattern: "/user/{own id}"},
		{Method: "DELETE", Pattern: "/user/{own id}"}, {Method: "GET", Pattern: "/_id/{own id}"}, {Method: "GET", Pattern: "/_permissions/{own id}"},
		{Method: "POST", Pattern: "/app"}, {Method: "GET", Pattern: "/app/{appid}"}, {Method: "PATCH", Pattern: "/app/{appid}"}, {Method: "DELETE", Pattern: "/app/{appid}"},
	}...)
	slices.SortStableFunc(routes, func(a, b rest.Route) int { // what takes keys away comes last
		return cmp.Or(strings.Compare(position(a.Pattern), position(b.Pattern)), strings.Compare(a.Method, b.Method))
	})
	rows := []string{"| Route below `/v1` | nobody | guest | user | moderator | admin | app | root app |", "|---|---|---|---|---|---|---|---|"}
	for _, r := range routes {
		cells := []string{}
		for _, c := range []*caller{app.nobody(), app.guest(), user, mod, admin, app, s.root()} {
			cells = append(cells, w.cell(c, r))
		}
		rows = append(rows, fmt.Sprintf("| `%s %s` | %s |", r.Method, r.Pattern, strings.Join(cells, " | ")))
		if r.Pattern == "/user/{own id}" && r.Method == "DELETE" {
			user, mod, admin = app.user("ann", "users"), app.user("mod", "mods"), app.user("admin", "admins")
		}
	}
	text := strings.Join(rows, "\n") + "\n\nAt the addresses where people sign in nobody needs credentials: `/jwt_auth`, `" +
		strings.Join(handler.SignInPaths(), "`, `") + "`.\n"
	page, err := os.ReadFile(securityPage)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok1 := strings.Cut(string(page), tableBegins)
	old, after, ok2 := strings.Cut(rest, tableEnds)
	if !ok1 || !ok2 {
		t.Fatalf("%s has no place for the table", securityPage)
	}
	if old == text {
		return
	}
	if !*update {
		t.Fatalf("%s is out of date: run the test with -update and look at what changed\n%s", securityPage, text)
	}
	if err := os.WriteFile(securityPage, []byte(before+tableBegins+text+tableEnds+after), 0o644); err != nil {
		t.Fatal(err)
	}
}

func position(pattern string) string {
	if pattern == "/_newkeys" {
		return "~"
	}
	return pattern
}

// cell says what one sort of caller needs for a route, by asking with ever more permissions.
func (w *world) cell(c *caller, r rest.Route) string {
	var segments []string
	for s := range strings.SplitSeq(strings.TrimPrefix(r.Pattern, "/"), "/") {
		if s == "{own id}" {
			if s = c.principal.id; s == "" {
				s = "somebody"
			}
		}
		if example, ok := examples[s]; ok {
			s = example
		}
		segments = append(segments, s)
	}
	may := func() bool {
		a := c.send(r.Method, path(segments...), "")
		if a.status >= 500 {
			w.t.Errorf("%s %s: %s", r.Method, r.Pattern, a)
		}
		return a.status != 401 && a.status != 403
	}
	switch c.principal.kind {
	case "nobody":
		if may() {
			return "open"
		}
		return "–"
	case "app":
		if may() {
			return "yes"
		}
		return "–"
	}
	w.grant(table{})
	if may() {
		return "yes"
	}
	w.grant(table{"*": {"*": {"*", "?"}}})
	if may() {
		return "if granted"
	}
	w.grant(table{"*": {strings.Join(segments, "/"): {"*", "?"}}})
	if may() {
		return "if named"
	}
	return "–"
}
