package permissions

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// randomRequest makes a request to some route and says what the rules make of it.
func (w *world) randomRequest(p principal) request {
	r := w.r
	switch n := r.IntN(100); {
	case n < 14:
		return w.read(p)
	case n < 24:
		return w.patch(p)
	case n < 32:
		return w.put(p)
	case n < 38:
		return w.post(p)
	case n < 45:
		return w.remove(p)
	case n < 58:
		return w.search(p)
	case n < 70:
		return w.batch(p)
	case n < 80:
		return w.links(p)
	case n < 83:
		return w.vote(p)
	}
	return w.other(p)
}

// someObject is an object that exists, or does not.
func (w *world) someObject() (object, bool) {
	if w.r.IntN(12) == 0 {
		return object{id: "nothing", typ: pick(w.r, "cat", "user")}, false
	}
	o := w.now.parsed[pick(w.r, ids(w.now.parsed)...)]
	return o, true
}

// pathOf is a path to an object: its type, the plural, or another type.
func (w *world) pathOf(o object) (segment, typ string) {
	switch w.r.IntN(8) {
	case 0:
		segment = pick(w.r, "cat", "dogs", "user", "note")
	case 1, 2, 3:
		segment = plurals[o.typ]
	default:
		segment = o.typ
	}
	return segment, singular(segment)
}

func (w *world) read(p principal) request {
	o, exists := w.someObject()
	segment, typ := w.pathOf(o)
	q := request{method: pick(w.r, "GET", "GET", "GET", "HEAD"), path: []string{segment, o.id}, status: 404}
	if w.r.IntN(4) == 0 {
		q.path, typ = []string{"_id", o.id}, ""
	}
	if w.r.IntN(15) == 0 { // the app itself
		app := object{id: "app:perm", typ: "app"}
		q.path = pick(w.r, []string{"app", "perm"}, []string{"apps", "app:perm"}, []string{"_id", "app:perm"}, []string{"app", "para"})
		if q.path[1] != "para" && w.table.owns(p, app) {
			q.status = 200
		}
		return q
	}
	if exists && w.table.sees(p, o, typ) {
		q.status = 200
	}
	return q
}

func (w *world) patch(p principal) request {
	o, exists := w.someObject()
	segment, typ := w.pathOf(o)
	q := request{method: "PATCH", path: []string{segment, o.id}, status: 404, body: `{"name":"changed"}`}
	stealing := o.typ == "user" && w.r.IntN(2) == 0
	if stealing {
		q.body = `{"name":"changed","identifier":"thief@x.co","active":false,"groups":"admins","tokenSecret":"stolen"}`
	}
	becomesIdentity := o.typ == "sysprop" && w.r.IntN(2) == 0
	if becomesIdentity {
		q.body = `{"name":"identifier"}`
	}
	if !exists || !w.table.finds(p, o, typ) {
		return q
	}
	q.status = 400
	if !w.table.changes(p, o) || becomesIdentity && !p.admin() {
		return q
	}
	q.status = 200
	if stealing && !p.admin() {
		before := w.now.objects[o.id]
		q.check = func(after *state) string {
			for _, name := range []string{"identifier", "active", "groups"} {
				if member(before, name) != member(after.objects[o.id], name) {
					return "the member " + name + " changed"
				}
			}
			return ""
		}
	}
	return q
}

// member is a member of an object as JSON.
func member(raw json.RawMessage, name string) string {
	var m map[string]json.RawMessage
	_ = json.Unmarshal(raw, &m) // nothing is different from everything
	return string(m[name])
}

// written expects what a write with a chosen id leaves.
func (w *world) written(p principal, o object, created int) (status int, check func(*state) string) {
	if o.identity() && !p.admin() {
		return 400, nil
	}
	o.id = w.table.stores(p, o)
	old, exists := w.now.parsed[o.id]
	if exists && !w.table.replaces(p, old, o) {
		return 400, nil
	}
	creator := o.creator
	if p.kind == "user" || p.kind == "key" {
		creator = p.id
		if exists {
			creator = old.creator
		}
	}
	return created, func(after *state) string {
		got, ok := after.parsed[o.id]
		switch {
		case !ok:
			return "no object " + o.id + " was stored"
		case got.creator != creator:
			return fmt.Sprintf("%s has the creator %q, wanted %q", o.id, got.creator, creator)
		}
		return ""
	}
}

func (w *world) put(p principal) request {
	o, _ := w.someObject()
	segment := pick(w.r, "cat", "cats", "dog", "note", "sysprop")
	if o.typ == "user" {
		return w.putUser(p, o)
	}
	if w.r.IntN(2) == 0 && slices.Contains([]string{"cat", "dog", "note", "sysprop"}, o.typ) {
		segment = o.typ
	}
	o = object{id: pick(w.r, o.id, o.id, "new", "u1_new", "u2_new"), typ: singular(segment), creator: pick(w.r, "", "u1", "u2"), name: "put"}
	if o.typ == "sysprop" {
		o.name = pick(w.r, "put", "identifier")
	}
	q := request{method: "PUT", path: []string{segment, o.id}, body: fmt.Sprintf(`{"name":%q,"creatorid":%q}`, o.name, o.creator)}
	q.status, q.check = w.written(p, o, 200)
	return q
}

func (w *world) putUser(p principal, o object) request {
	q := request{method: "PUT", path: []string{"user", o.id}, status: 200}
	q.body = fmt.Sprintf(`{"name":"put","identifier":"%s@x.co","email":"%s@x.co","groups":"admins","active":true,"tokenSecret":"stolen"}`, o.id, o.id)
	id := w.table.stores(p, object{id: o.id, typ: "user"})
	old, exists := w.now.parsed[id]
	if exists && !w.table.replaces(p, old, object{id: id, typ: "user"}) {
		q.status = 400
		return q
	}
	before := w.now.objects[id]
	q.check = func(after *state) string {
		groups := `"admins"`
		if !p.admin() {
			groups = `"users"`
			if exists {
				groups = member(before, "groups")
			}
		}
		if got := member(after.objects[id], "groups"); got != groups {
			return "groups " + got + ", wanted " + groups
		}
		return ""
	}
	return q
}

func (w *world) post(p principal) request {
	segment := pick(w.r, "cat", "cats", "dogs", "note", "sysprop", "user", "app")
	o := object{typ: singular(segment), creator: pick(w.r, "", "u2"), name: "posted"}
	if w.r.IntN(2) == 0 {
		o.id = pick(w.r, "c1", "c2", "d1", "s1", "new", "u1_new", "u2@x.co", "victim@x.co")
	}
	if o.typ == "sysprop" {
		o.name = pick(w.r, "posted", "identifier")
	}
	q := request{method: "POST", path: []string{segment}, status: 400, body: fmt.Sprintf(`{"id":%q,"name":%q,"creatorid":%q}`, o.id, o.name, o.creator)}
	switch o.typ {
	case "app":
		return q
	case "user":
		return w.signUp(p, q)
	}
	if o.id == "" {
		q.status = 201
		if o.identity() && !p.admin() {
			q.status = 400
		}
		return q
	}
	q.status, q.check = w.written(p, o, 201)
	return q
}

// signUp makes a user by POST: what outsiders may not choose is not theirs to choose (D79).
func (w *world) signUp(p principal, q request) request {
	address := pick(w.r, "new@x.co", "u2@x.co")
	q.body = fmt.Sprintf(`{"name":"new","identifier":%q,"email":%[1]q,"groups":"admins","active":true,"tokenSecret":"mine"}`, address)
	if address == "u2@x.co" {
		return q // 400: it is taken
	}
	q.status = 201
	q.check = func(after *state) string {
		for id, o := range after.parsed {
			if o.typ == "user" && w.now.parsed[id].id == "" {
				if admin := member(after.objects[id], "groups") == `"admins"`; admin != p.admin() {
					return "the new user has the groups " + member(after.objects[id], "groups")
				}
				return ""
			}
		}
		return "no user was made"
	}
	return q
}

func (w *world) remove(p principal) request {
	o, exists := w.someObject()
	segment, typ := w.pathOf(o)
	q := request{method: "DELETE", path: []string{segment, o.id}, status: 404}
	if w.r.IntN(15) == 0 {
		q.path = []string{"app", "para"} // another app is as if it were not there
		return q
	}
	if !exists || !w.table.finds(p, o, typ) {
		return q
	}
	q.status = 400
	if w.table.changes(p, o) {
		q.status = 200
		before := w.now
		q.check = func(after *state) string { return onlyGone(before, after, o) }
	}
	return q
}

// onlyGone says whether exactly an object is gone, with the identity records of a user.
func onlyGone(before, after *state, o object) string {
	for id, x := range before.parsed {
		_, there := after.parsed[id]
		gone := id == o.id || o.typ == "user" && x.identity() && x.creator == o.id
		if there == gone {
			return fmt.Sprintf("after the deletion of %s: %s is there: %t", o.id, id, there)
		}
	}
	return ""
}

// seen are the ids of the objects that a principal sees and that fit.
func (w *world) seen(p principal, fits func(object) bool) []string {
	out := []string{}
	for _, o := range w.now.parsed {
		if fits(o) && w.table.sees(p, o, "") {
			out = append(out, o.id)
		}
	}
	return out
}

func (w *world) search(p principal) request {
	q := request{method: "GET", status: 200, listed: true, query: url.Values{"limit": {"256"}}}
	segment := pick(w.r, "cat", "cats", "dogs", "note", "sysprop", "users", "linker")
	typ := singular(segment)
	byType := func(o object) bool { return typ == "" || o.typ == typ }
	switch w.r.IntN(6) {
	case 0:
		q.path = []string{segment}
	case 1:
		q.path, q.query["q"] = []string{segment, "search"}, []string{"*"}
	case 2:
		q.path, q.query["q"] = []string{"search"}, []string{"*"}
		typ = ""
		if w.r.IntN(2) == 0 {
			q.query["type"] = []string{segment}
			typ = singular(segment)
		}
	default:
		wanted := []string{}
		for range w.r.IntN(4) {
			o, _ := w.someObject()
			wanted = append(wanted, o.id)
		}
		q.query["ids"] = wanted
		q.path = pick(w.r, []string{segment, "search", "ids"}, []string{"search", "ids"})
		if q.path[0] == "search" {
			typ = ""
		}
		q.ids = w.seen(p, func(o object) bool {
			return slices.Contains(wanted, o.id) && (typ == "" || p.kind == "app" || o.typ == typ)
		})
		return q
	}
	q.ids = w.seen(p, byType)
	return q
}

func (w *world) batch(p principal) request {
	q := request{path: []string{"_batch"}, status: 200, listed: true}
	var chosen []object
	for range 1 + w.r.IntN(4) {
		o, exists := w.someObject()
		if !slices.ContainsFunc(chosen, func(x object) bool { return x.id == o.id }) && (exists || w.r.IntN(3) > 0) {
			chosen = append(chosen, o)
		}
	}
	list := []string{}
	for _, o := range chosen {
		list = append(list, o.id)
	}
	there := func(o object) bool { _, ok := w.now.parsed[o.id]; return ok }
	switch q.method = pick(w.r, "GET", "DELETE", "PATCH", "PUT", "POST"); q.method {
	case "GET":
		q.query = url.Values{"ids": append(list, "app:perm")}
		q.ids = w.seen(p, func(o object) bool { return slices.Contains(list, o.id) })
		if len(list) == 0 {
			q.ids = []string{}
		}
	case "DELETE":
		q.query, q.listed = url.Values{"ids": append(list, "app:perm")}, false
		before := w.now
		q.check = func(after *state) string {
			for _, o := range chosen {
				_, still := after.parsed[o.id]
				deletable := there(o) && w.table.changes(p, o)
				byUser := o.identity() && slices.ContainsFunc(chosen, func(u object) bool { return u.typ == "user" && u.id == o.creator && w.table.changes(p, u) })
				if before.parsed[o.id].id != "" && still == (deletable || byUser) {
					return fmt.Sprintf("%s is there: %t", o.id, still)
				}
			}
			return ""
		}
	case "PATCH":
		var bodies []string
		q.ids = []string{}
		for _, o := range chosen {
			bodies = append(bodies, fmt.Sprintf(`{"id":%q,"votes":7}`, o.id))
			if there(o) && w.table.changes(p, o) {
				q.ids = append(q.ids, o.id)
			}
		}
		q.body = "[" + strings.Join(append(bodies, `{"id":"app:perm","name":"no"}`), ",") + "]"
	default:
		w.batchOfNew(p, &q, chosen)
	}
	return q
}

// batchOfNew makes a batch that creates or replaces objects.
func (w *world) batchOfNew(p principal, q *request, chosen []object) {
	var bodies []string
	kept := map[string]bool{}
	q.ids = []string{}
	for i, o := range chosen {
		n := object{id: pick(w.r, o.id, o.id, fmt.Sprintf("new%d", i)), typ: pick(w.r, "cat", "dog", "sysprop"), name: "batch"}
		if n.typ == "sysprop" {
			n.name = pick(w.r, "batch", "identifier")
		}
		body := fmt.Sprintf(`{"id":%q,"type":%q,"name":%q}`, n.id, n.typ, n.name)
		if o.typ == "user" {
			n = object{id: o.id, typ: "user"}
			body = fmt.Sprintf(`{"id":%q,"type":"user","name":"batch","identifier":"%s@x.co","email":"%s@x.co","groups":"admins","tokenSecret":"stolen"}`, o.id, o.id, o.id)
		}
		bodies = append(bodies, body)
		id := w.table.stores(p, n)
		old, exists := w.now.parsed[id]
		if n.identity() && !p.admin() || exists && !w.table.replaces(p, old, n) || kept[id] {
			continue
		}
		kept[id] = true
		q.ids = append(q.ids, id)
	}
	q.body = "[" + strings.Join(append(bodies, `{"id":"app:evil","type":"app","name":"evil"}`), ",") + "]"
	before := w.now
	q.check = func(after *state) string {
		for id, o := range after.parsed {
			if o.typ == "user" && !p.admin() && member(after.objects[id], "groups") == `"admins"` && member(before.objects[id], "groups") != `"admins"` {
				return id + " became an admin"
			}
		}
		return ""
	}
}

func (w *world) links(p principal) request {
	o, exists := w.someObject()
	segment, typ := w.pathOf(o)
	if w.r.IntN(2) == 0 {
		o, exists, segment, typ = w.now.parsed["c1"], true, "cat", "cat"
	}
	other, otherExists := w.someObject()
	q := request{status: 200, path: []string{segment, o.id, "links"}}
	switch w.r.IntN(6) {
	case 0:
		q.method, q.path = pick(w.r, "POST", "PUT"), append(q.path, other.id)
		if !otherExists {
			q.status = 400
		}
	case 1, 2:
		two := pick(w.r, "dog", "cats", "dogs", "user")
		q.method, q.path, q.listed = "GET", append(q.path, two), true
		q.query = url.Values{"limit": {"256"}}
		if w.r.IntN(2) == 0 {
			q.query["childrenonly"] = []string{"true"}
			q.ids = w.seen(p, func(x object) bool { return x.parent == o.id && x.typ == singular(two) })
			break
		}
		partners := w.partners(o, singular(two))
		q.ids = w.seen(p, func(x object) bool { return slices.Contains(partners, x.id) })
	case 3:
		q.method, q.path = "GET", append(q.path, other.typ, other.id)
	case 4:
		q.method, q.path = "DELETE", append(q.path, other.typ, other.id)
	case 5:
		q.method = "DELETE"
		before := w.now
		if w.r.IntN(2) == 0 {
			q.path, q.query = append(q.path, "dog"), url.Values{"childrenonly": {""}}
			q.check = func(after *state) string {
				for id, x := range before.parsed {
					_, still := after.parsed[id]
					if mine := x.parent == o.id && x.typ == "dog" && w.table.changes(p, x); still == mine {
						return fmt.Sprintf("%s is there: %t", id, still)
					}
				}
				return ""
			}
		}
	}
	if !exists || !w.table.finds(p, o, typ) {
		q.status, q.check = 404, nil
	}
	return q
}

// partners are the ids of the objects of a type that an object is linked with.
func (w *world) partners(o object, typ string) []string {
	var out []string
	for _, x := range w.now.parsed {
		if x.typ != "linker" {
			continue
		}
		end := func(n string) (id, typ string) {
			_ = json.Unmarshal([]byte(member(w.now.objects[x.id], "id"+n)), &id)
			_ = json.Unmarshal([]byte(member(w.now.objects[x.id], "type"+n)), &typ)
			return id, typ
		}
		id1, type1 := end("1")
		id2, type2 := end("2")
		switch {
		case id1 == o.id && type1 == o.typ && type2 == typ:
			out = append(out, id2)
		case id2 == o.id && type2 == o.typ && type1 == typ:
			out = append(out, id1)
		}
	}
	return out
}

// vote is voting by PATCH: users vote as themselves, whomever they name (D37).
func (w *world) vote(p principal) request {
	o, exists := w.someObject()
	segment, typ := w.pathOf(o)
	q := request{method: "PATCH", path: []string{segment, o.id}, status: 404, body: pick(w.r, `{"_voteup":"u2"}`, `{"_votedown":"somebody"}`)}
	if !exists || !w.table.finds(p, o, typ) {
		return q
	}
	if p.kind == "key" {
		q.status = 403
		return q
	}
	q.status = 200
	before := w.now
	q.check = func(after *state) string {
		for id, x := range after.parsed {
			if _, old := before.parsed[id]; !old && x.typ == "vote" && p.kind == "user" && !p.admin() && x.creator != p.id {
				return "a vote in the name of " + x.creator
			}
		}
		return ""
	}
	return q
}

// other is a request to one of the routes that are not about objects, or with a method that a route does not have.
func (w *world) other(p principal) request {
	r := w.r
	q := request{status: 200}
	get := func(path ...string) { q.method, q.path = pick(r, "GET", "GET", "HEAD"), path }
	subject, resource := pick(r, "u1", "u2", "*", "nobody", w.key), pick(r, "cat", "cat/c1", "_settings", "user/u1", "users")
	switch r.IntN(26) {
	case 24: // both are off in this app
		q.status = 404
		get("_me", pick(r, "second_factor", "passkeys"))
		if r.IntN(3) > 0 {
			q.method, q.body = "POST", "{}"
			q.path = pick(r, []string{"_me", "second_factor"}, []string{"_me", "passkeys"}, []string{"_me", "second_factor", "disable"}, []string{"_me", "passkeys", "options"})
		}
	case 25:
		q.method, q.path, q.status = "DELETE", []string{"user", pick(r, "nobody", p.id), "second_factor"}, 404
		switch {
		case q.path[1] == "":
			q.path[1] = "nobody"
		case q.path[1] == p.id && p.kind == "user": // one's own goes with a code only
			q.status = 403
		}
	case 0:
		get("_me")
	case 1:
		get("_types")
		if r.IntN(2) == 0 {
			q.query = url.Values{"count": {"1"}}
		}
	case 2:
		get("_settings")
	case 3:
		get("_settings", "colour")
	case 4:
		q.method, q.path, q.body = "PUT", []string{"_settings", "colour"}, `{"value":"blue"}`
	case 5:
		q.method, q.path, q.body = "PUT", []string{"_settings"}, `{"shape":"round"}`
	case 6:
		q.method, q.path = "DELETE", []string{"_settings", "colour"}
	case 7:
		get("_permissions")
	case 8, 9:
		get("_permissions", subject)
	case 10, 11:
		method := pick(r, "GET", "PUT", "DELETE", "PATCH")
		get("_permissions", subject, pick(r, resource, base64url(resource)), method)
		if q.method == "GET" {
			q.text = fmt.Sprint(w.table.permits(subject, method, strings.Split(resource, "/")))
			if subject == w.key {
				q.text = fmt.Sprint(w.table.permitsKey(subject, method, strings.Split(resource, "/")))
			}
		}
	case 12:
		q.method, q.path, q.body = "PUT", []string{"_permissions", subject, base64url(resource)}, `["GET"]`
	case 13:
		q.method, q.path = "DELETE", []string{"_permissions", subject, base64url(resource)}
	case 14:
		q.method, q.path = "DELETE", []string{"_permissions", subject}
	case 15:
		get("_constraints", pick(r, "rule", "cat"))
	case 16:
		q.method, q.path, q.body = pick(r, "PUT", "DELETE"), []string{"_constraints", "rule", "f", "required"}, ""
	case 17:
		get("utils", "timestamp")
	case 18:
		if p.kind != "app" {
			q.method, q.path, q.status = "POST", []string{"_newkeys"}, 401
			break
		}
		q.method, q.path, q.status = "GET", []string{"_setup", "other"}, 403
	case 19:
		q.method, q.path, q.status = "GET", pick(r, []string{"_setup", "other"}, []string{"_backup", "perm"}), 403
	case 20:
		switch r.IntN(4) {
		case 0:
			q.method, q.path = "GET", []string{"_export"}
		case 1:
			q.method, q.path = "POST", []string{"_reindex"}
		case 2:
			q.method, q.path, q.status = "PUT", []string{"_import"}, 415
		case 3:
			q.method, q.path, q.status = "GET", []string{"_reindex", "check"}, 0
		}
	case 21:
		get("_keys")
	case 22:
		q.method, q.path, q.status = pick(r, "PATCH", "DELETE", "GET"), []string{"_keys", "key_1"}, 404
		if q.method == "PATCH" {
			q.body = `{"active":true}`
		}
		if r.IntN(2) == 0 {
			q.method, q.path, q.status, q.body = "POST", []string{"_keys"}, 400, `{"name":" "}`
		}
	default: // any method on any path: the gate comes first
		q.method, q.status = pick(r, "GET", "POST", "PUT", "PATCH", "DELETE"), 0
		q.path = pick(r, []string{"cat", "c1", "links", "dog", "d1", "x"}, []string{"unknown", "x", "y"}, []string{"_batch", "x"}, []string{"_types"}, []string{"search", "a", "b"}, []string{"_emails"}, []string{"_mcp"}, []string{"user", "u1", "x"})
		if q.method == "GET" && q.path[0] == "_types" {
			q.status = 200
		}
	}
	return q
}
