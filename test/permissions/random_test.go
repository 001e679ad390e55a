package permissions

import (
	"encoding/base64"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

var (
	seedFlag = flag.Uint64("seed", 0, "seed of the random choices; 0 picks one")
	duration = flag.Duration("duration", 20*time.Second, "how long random requests are sent")
)

// request is a random request and what the rules say of it.
type request struct {
	method string
	path   []string
	query  url.Values
	body   string

	status int      // what it answers when the gate lets it through; 0 for anything but 401 and 403
	ids    []string // objects of the answer, when listed
	listed bool
	text   string                    // the whole answer
	check  func(after *state) string // further expectations of a request that succeeded
}

func (q request) target() string {
	s := path(q.path...)
	if len(q.query) > 0 {
		s += "?" + q.query.Encode()
	}
	return s
}

// state is everything that the app itself sees of its data.
type state struct {
	objects map[string]json.RawMessage
	parsed  map[string]object
	table   string
	rest    string // settings and constraints
}

// world is one app with its callers and objects.
type world struct {
	t       *testing.T
	r       *rand.Rand
	app     *caller
	key     string // the id of an API key
	callers []*caller
	seeds   map[string]string // objects as they are written, by id
	table   table
	now     *state
}

func newWorld(t *testing.T, r *rand.Rand) *world {
	s := start(t, errorsOnly(t), "para.access_log_enabled = false")
	app := s.app("perm")
	w := &world{t: t, r: r, app: app}
	app.send("PUT", "/v1/_settings", randomSettings)
	key := app.apiKey("reader")
	w.key = key.principal.id
	w.callers = []*caller{
		app.nobody(), app.guest(), app.guest(), app.user("u1", "users"), app.user("u2", "users"), app.user("mod", "mods"), app.user("admin", "admins"), app, key, key,
	}
	for _, typ := range []string{"cat", "dog", "note", "rule"} {
		app.send("POST", "/v1/"+typ, `{"id":"gone-`+typ+`","name":"x"}`)
		app.send("DELETE", "/v1/"+typ+"/gone-"+typ, "")
	}
	for _, o := range []struct{ id, typ, creator, parent, name string }{
		{"c1", "cat", "u1", "", "Tom"}, {"c2", "cat", "u2", "", "Tim"}, {"c3", "cat", "", "u1", "Tam"}, {"c4", "cat", "u1:profile", "", "Tum"},
		{"c.5", "cat", "u10", "c1", "Tem"}, {"d1", "dog", "u1", "c1", "Rex"}, {"d2", "dog", "mod", "c1", "Max"}, {"u1_d3", "dog", "u2", "u2", "Rax"},
		{"n1", "note", "admin", "", "note"}, {"s1", "sysprop", "u1", "", "plain"}, {"s2", "sysprop", "u2", "", "plain"},
	} {
		a := app.send("PUT", path(o.typ, o.id), fmt.Sprintf(`{"creatorid":%q,"parentid":%q,"name":%q}`, o.creator, o.parent, o.name))
		if a.status != 200 {
			t.Fatalf("%s: %s", o.id, a)
		}
	}
	app.send("POST", path("cat", "c1", "links", "d1"), "")
	app.send("POST", path("cat", "c1", "links", "u1_d3"), "")
	app.send("POST", path("cat", "c2", "links", "d2"), "")
	w.now = w.look()
	w.seeds = map[string]string{}
	for id, raw := range w.now.objects {
		w.seeds[id] = string(raw)
		if o := w.now.parsed[id]; o.typ == "user" { // which answers never tell
			w.seeds[id] = strings.TrimSuffix(string(raw), "}") + fmt.Sprintf(`,"tokenSecret":%q}`, secretOf(id))
		}
	}
	return w
}

// look reads everything as the app.
func (w *world) look() *state {
	s := &state{objects: map[string]json.RawMessage{}, parsed: map[string]object{}}
	a := w.app.send("GET", "/v1/search?q=*&limit=256", "")
	for _, raw := range items(a.body) {
		var o struct{ ID, Type, CreatorID, ParentID, Name string }
		if err := json.Unmarshal(raw, &o); err != nil {
			w.t.Fatal(err)
		}
		s.objects[o.ID] = raw
		s.parsed[o.ID] = object{o.ID, o.Type, o.CreatorID, o.ParentID, o.Name}
	}
	if len(s.objects) < 15 {
		w.t.Fatalf("the app does not see its objects: %s", a)
	}
	s.table = string(w.app.send("GET", "/v1/_permissions", "").body)
	s.rest = string(w.app.send("GET", "/v1/_settings", "").body) + string(w.app.send("GET", "/v1/_constraints/rule", "").body)
	return s
}

func items(body []byte) []json.RawMessage {
	var page struct{ Items []json.RawMessage }
	if json.Unmarshal(body, &page) == nil {
		return page.Items
	}
	var list []json.RawMessage
	_ = json.Unmarshal(body, &list) // an answer that is neither has no objects, which the caller notices
	return list
}

func (s *state) difference(other *state) string {
	for id, raw := range s.objects {
		if other.objects[id] == nil {
			return id + " is gone"
		}
		if string(other.objects[id]) != string(raw) {
			return fmt.Sprintf("%s changed from %s to %s", id, raw, other.objects[id])
		}
	}
	for id := range other.objects {
		if s.objects[id] == nil {
			return id + " is new"
		}
	}
	if s.table != other.table {
		return "the permissions changed from " + s.table + " to " + other.table
	}
	if s.rest != other.rest {
		return "settings or constraints changed from " + s.rest + " to " + other.rest
	}
	return ""
}

// restore makes everything as it was in the beginning, with the current table of permissions.
func (w *world) restore() {
	now := w.look()
	for id, o := range now.parsed {
		if w.seeds[id] == "" {
			w.app.send("DELETE", path(o.typ, id), "")
		}
	}
	var changed []string
	for id, seed := range w.seeds {
		if string(now.objects[id]) != seed {
			changed = append(changed, seed)
		}
	}
	slices.Sort(changed)
	if a := w.app.send("PUT", "/v1/_batch", "["+strings.Join(changed, ",")+"]"); a.status != 200 {
		w.t.Fatalf("restore: %s", a)
	}
	w.app.send("PUT", "/v1/_settings", randomSettings)
	w.app.send("DELETE", "/v1/_constraints/rule/f/required", "")
	w.grant(w.table)
	w.now = w.look()
}

// grant makes a table the one of the app, in whatever form it is.
func (w *world) grant(t table) {
	body, err := json.Marshal(map[string]any{"resourcePermissions": t})
	if err != nil {
		w.t.Fatal(err)
	}
	if a := w.app.send("PATCH", "/v1/app/perm", string(body)); a.status != 200 {
		w.t.Fatalf("permissions %s: %s", body, a)
	}
	w.table = t
}

// randomSettings are those that every random request finds.
const randomSettings = `{"colour":"red","security.api_keys":true}`

func pick[T any](r *rand.Rand, list ...T) T { return list[r.IntN(len(list))] }

// randomTable makes permissions in which much is allowed and something forbidden.
func (w *world) randomTable() table {
	r := w.r
	keys := []string{
		"*", "*", "cat", "cats", "/cat/", "dog", "note", "sysprop", "user", "users", "app", "cat/*", "dogs/*", "user/*", "cat/c1", "cats/c2", "cat/c.5",
		"dog/d1", "cat/c1/links", "cat/c1/links/*", "cat/c1/*", "user/u1", "users/u2", "user/mod", "_batch", "search", "search/*", "_id", "_id/*", "_types", "_me",
		"_settings", "_settings/*", "_permissions", "_permissions/*", "_constraints", "_constraints/*", "_export", "_import", "_reindex", "_newkeys",
		"_setup", "utils", "sysprop/u1@xco", "sysprop/*", "cat/search", "cats/search/*", "tag", "app/perm",
	}
	flags := []string{"GET", "POST", "PUT", "PATCH", "DELETE", "*", "?", "-", "OWN"}
	t := table{}
	for range r.IntN(10) {
		subject := pick(r, "*", "*", "*", "u1", "u2", "mod", "admin", "nobody", w.key, w.key)
		list := []string{}
		for range r.IntN(4) {
			list = append(list, pick(r, flags...))
		}
		if r.IntN(3) == 0 {
			list = append(list, "*")
		}
		if t[subject] == nil {
			t[subject] = map[string][]string{}
		}
		t[subject][pick(r, keys...)] = list
	}
	if r.IntN(4) == 0 { // what manages the app, as if for guests too
		if t["*"] == nil {
			t["*"] = map[string][]string{}
		}
		for _, key := range []string{"_settings", "_permissions", "_constraints", "_export", "_reindex"} {
			t["*"][key] = []string{"?", "*"}
		}
	}
	if r.IntN(3) == 0 { // much is open
		if t["*"] == nil {
			t["*"] = map[string][]string{}
		}
		t["*"]["*"] = pick(r, []string{"*"}, []string{"?", "*"}, []string{"?", "GET"}, []string{"GET", "PATCH"})
	}
	if r.IntN(3) == 0 {
		for _, key := range []string{"_batch", "search", "_id", "cat"} {
			if t["*"] == nil {
				t["*"] = map[string][]string{}
			}
			t["*"][key] = []string{"?", "*"}
		}
	}
	return t
}

func TestRandomRequests(t *testing.T) {
	seed := *seedFlag
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("-seed %d plays this run again", seed)
	w := newWorld(t, rand.New(rand.NewPCG(seed, 0)))
	end := time.Now().Add(*duration)
	tables, requests, allowed := 0, 0, map[string]int{}
	for time.Now().Before(end) && !t.Failed() {
		w.table = w.randomTable()
		w.restore()
		tables++
		for range 60 {
			c := pick(w.r, w.callers...)
			q := w.randomRequest(c.principal)
			requests++
			if w.play(c, q) {
				allowed[q.path[0]]++
			}
			if t.Failed() {
				return
			}
		}
	}
	t.Logf("%d requests under %d tables; allowed: %v", requests, tables, allowed)
	for _, route := range []string{"cat", "_batch", "search", "_id", "_settings", "_permissions", "user"} {
		if *duration >= 10*time.Second && allowed[route] == 0 {
			t.Errorf("no request to %s was ever allowed", route)
		}
	}
}

// play sends one request and compares.
func (w *world) play(c *caller, q request) (allowed bool) {
	want := w.table.gate(c.principal, q.method, q.path)
	refused := want != 0
	if !refused {
		want = q.status
	}
	w.why(c.principal, q, !refused)
	got := c.send(q.method, q.target(), q.body)
	fail := func(format string, args ...any) {
		permissions, _ := json.Marshal(w.table) // a table of texts always encodes
		w.t.Errorf("%s: %s %s %s\nanswer %s\n%s\npermissions %s", c.name, q.method, q.target(), q.body, got, fmt.Sprintf(format, args...), permissions)
	}
	switch {
	case want == 0 && (got.status == 401 || got.status == 403 || got.status >= 500):
		fail("wanted anything but a refusal")
	case want != 0 && got.status != want:
		fail("wanted %d", want)
	}
	if w.t.Failed() {
		return false
	}
	if q.text != "" && !refused && string(got.body) != q.text {
		fail("wanted the answer %s", q.text)
	}
	if q.listed && !refused && got.status == 200 {
		var ids []string
		for _, raw := range items(got.body) {
			var o struct{ ID string }
			_ = json.Unmarshal(raw, &o) // without an id the lists differ
			ids = append(ids, o.ID)
		}
		slices.Sort(ids)
		slices.Sort(q.ids)
		if !slices.Equal(ids, q.ids) {
			fail("objects %q\nwanted  %q", ids, q.ids)
		}
	}
	if q.method == "GET" || q.method == "HEAD" {
		return !refused
	}
	after := w.look()
	if refused || got.status >= 400 {
		if d := w.now.difference(after); d != "" {
			fail("the request was refused, but %s", d)
		}
		return false
	}
	if q.check != nil {
		if text := q.check(after); text != "" {
			fail("%s", text)
		}
	}
	if w.now.difference(after) != "" {
		w.restore()
	}
	return true
}

// why asks for the reason now and then: the explanation must know the answer (D76).
func (w *world) why(p principal, q request, allowed bool) {
	resource := strings.Join(q.path, "/")
	if w.r.IntN(4) > 0 || p.kind != "user" && p.kind != "key" && p.kind != "guest" || strings.Contains(resource, ".") || q.path[0] == "_permissions" && len(q.path) > 2 {
		return
	}
	subject, more := p.id, ""
	if p.kind == "guest" {
		subject, more = "*", "&guest=true"
	}
	target := path("_permissions", subject, base64url(resource), q.method) + "?explain=true" + more
	a := w.app.send("GET", target, "")
	var ruling struct {
		Allowed bool
		Rule    string
	}
	if err := json.Unmarshal(a.body, &ruling); err != nil || ruling.Rule == "" || ruling.Allowed != allowed {
		permissions, _ := json.Marshal(w.table) // a table of texts always encodes
		w.t.Errorf("why %s %s %s, which is allowed: %t\n%s: %s\npermissions %s", p.id, q.method, resource, allowed, target, a, permissions)
	}
}

// base64url is how clients write a resource path into a segment.
func base64url(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

func ids[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
