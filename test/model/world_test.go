package model

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// world is the plain model of one app.
type world struct {
	app         string
	objects     map[string]*object
	types       map[string]string // registered ones, plural to singular
	settings    map[string]any
	constraints map[string]map[string]map[string]any // type, field, name
	made        int64
	cursor      int64 // place in the order of creation of the last hit of the newest page
	last        *object

	now span
	got *answer // only for ids that the server makes
}

func newWorld(app string) *world {
	return &world{app: app, objects: map[string]*object{}, types: map[string]string{}, settings: map[string]any{}, constraints: map[string]map[string]map[string]any{}}
}

// expected is the answer that the model gives. body is nil for an empty one, raw text for answers that are not JSON.
type expected struct {
	status   int
	body     any
	message  string // of an error; "" for any
	location string
	made     string // id that the server made
}

type raw string

func ok(body any) expected { return expected{status: 200, body: body} }

func refuse(status int, message string) expected { return expected{status: status, message: message} }

var notFound = refuse(404, "Not Found")

// coreTypes are those that the server knows (O 2.1).
var coreTypes = []string{"address", "app", "form", "linker", "sysprop", "tag", "translation", "user", "vote", "webhook"}

// allTypes maps plural to singular (R 11.1).
func (w *world) allTypes() map[string]string {
	m := map[string]string{}
	for _, t := range coreTypes {
		m[plural(t)] = t
	}
	for p, t := range w.types {
		m[p] = t
	}
	return m
}

func (w *world) resolve(segment string) string {
	if t, ok := w.allTypes()[segment]; ok {
		return t
	}
	return segment
}

// register adds a type of which neither the singular nor the plural is known as either (O 2.5, D26).
func (w *world) register(typ string) {
	name := func(s string) string {
		return strings.ToLower(strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r < 128 && strings.ContainsRune("_-?#/.*", r) }), "-"))
	}
	all := w.allTypes()
	singular, plural := name(typ), name(plural(typ))
	for p, t := range all {
		if p == singular || t == singular || p == plural || t == plural {
			return
		}
	}
	w.types[plural] = singular
}

// cleanType is the repair of a type on write (O 2.3).
func cleanType(t string) string {
	t = strings.NewReplacer("#", "", "/", "").Replace(strings.TrimLeft(t, "_"))
	switch strings.ToLower(t) {
	case "search", "utils", "para":
		return "sysprop"
	}
	if strings.TrimSpace(t) == "" {
		return "sysprop"
	}
	return t
}

// pathID is the id that a path means (R 11.6).
func pathID(typ, id string) string {
	if typ == "tag" {
		return "tag:" + strings.TrimPrefix(id, "tag:")
	}
	return id
}

// apply answers a call and changes the model accordingly.
func (w *world) apply(c *call) expected {
	p := c.path
	switch p[0] {
	case "_batch":
		return w.batch(c)
	case "_settings":
		return w.setting(c)
	case "_constraints":
		return w.constrain(c)
	case "_types":
		return w.listTypes(c)
	case "_id":
		o := w.objects[p[1]]
		if o == nil {
			return notFound
		}
		return ok(o.view(w.now.to))
	case "search":
		return w.searchRoute(c, "", p[1:])
	}
	typ := w.resolve(p[0])
	switch {
	case len(p) == 1 && c.method == http.MethodPost:
		return w.create(c, typ)
	case len(p) == 1:
		return w.searchRoute(c, typ, nil)
	case p[1] == "search":
		return w.searchRoute(c, typ, p[2:])
	case len(p) > 2:
		return w.links(c, typ)
	}
	id := pathID(typ, p[1])
	o := w.objects[id]
	switch c.method {
	case http.MethodPut:
		return w.overwrite(c, typ, id)
	case http.MethodGet:
		if o == nil {
			return notFound
		}
		return ok(o.view(w.now.to))
	case http.MethodPatch:
		if o == nil {
			return notFound
		}
		return w.patch(o, body(c))
	}
	if o == nil {
		return notFound
	}
	delete(w.objects, id)
	return expected{status: 200}
}

func body(c *call) map[string]any {
	v, err := decode([]byte(c.body))
	if err != nil {
		panic(fmt.Sprintf("the generator made the body %s: %v", c.body, err))
	}
	m, _ := v.(map[string]any)
	return m
}

// build makes an object from a body in create mode (O 6.1, O 18.1).
func (w *world) build(body map[string]any, typ string) (*object, error) {
	o := &object{members: map[string]any{"type": typ, "votes": number(0), "version": number(0), "stored": true, "indexed": true, "cached": true}, custom: map[string]any{}}
	if typ == "tag" {
		o.members["count"] = number(0)
	}
	if err := setMembers(o, body, false); err != nil {
		return nil, err
	}
	o.members["type"] = cleanType(typ)
	o.members["appid"] = w.app
	if o.number("version") < 0 {
		o.members["version"] = number(0)
	}
	if o.members["timestamp"] == nil {
		o.members["timestamp"] = moment(w.now)
	}
	switch typ {
	case "tag":
		if id, sent := o.members["id"]; sent {
			o.members["tag"] = strings.TrimPrefix(id.(string), "tag:")
		}
		if o.text("tag") != "" {
			o.members["id"] = "tag:" + o.text("tag")
		}
	case "vote":
		delete(o.members, "tags")
		delete(o.members, "votes")
		if o.members["name"] == nil {
			o.members["name"] = "vote"
		}
	}
	if o.members["name"] == nil {
		o.members["name"] = defaultName(w.now)
	}
	return o, nil
}

// valid says whether an object passes validation (O 16).
func (w *world) valid(o *object) bool {
	name, isText := o.members["name"].(string)
	if isText && (strings.TrimSpace(name) == "" || len(name) > 255) {
		return false
	}
	if o.typ() == "tag" && o.text("tag") == "" {
		return false
	}
	for field, rules := range w.constraints[o.typ()] {
		v := o.custom[field]
		if rules["required"] != nil && (v == nil || strings.TrimSpace(fmt.Sprint(v)) == "") {
			return false
		}
		if max, ok := rules["max"].(map[string]any); ok && v != nil {
			n, isNumber := v.(json.Number)
			limit, _ := strconv.ParseFloat(fmt.Sprint(max["value"]), 64)
			if x, err := n.Float64(); !isNumber || err != nil || float64(int64(x)) > limit {
				return false
			}
		}
	}
	return true
}

// put stores an object; what is replaced passes on its place in the order of creation.
func (w *world) put(o *object) {
	if old := w.objects[o.id()]; old != nil {
		o.made, o.docid = old.made, old.docid
	} else {
		w.made++
		o.made, o.docid = w.made, anyDigits()
	}
	w.objects[o.id()] = o
}

// freshID takes over an id that the server made, as it stands in an answer.
func (w *world) freshID(v any) string {
	m, _ := v.(map[string]any)
	id, _ := m["id"].(string)
	if _, err := strconv.ParseUint(id, 10, 63); err != nil || w.objects[id] != nil {
		return "«an id that the server makes»"
	}
	return id
}

func (w *world) create(c *call, pathType string) expected {
	b := body(c)
	typ := pathType
	if declared, _ := b["type"].(string); declared == pathType && declared != "" || plural(declared) == c.path[0] && declared != "" {
		typ = declared
	}
	o, err := w.build(b, typ)
	if err != nil {
		return refuse(400, "")
	}
	if !w.valid(o) {
		return refuse(400, "")
	}
	e := expected{status: 201}
	if strings.TrimSpace(o.text("id")) == "" {
		e.made = w.freshID(w.got.object())
		o.members["id"] = e.made
	}
	w.put(o)
	w.register(o.typ())
	e.body, e.location = o.view(w.now.to), "/v1"+o.uri()
	return e
}

func (w *world) overwrite(c *call, typ, id string) expected {
	b := map[string]any{}
	for k, v := range body(c) {
		b[k] = v
	}
	b["id"] = id
	o, err := w.build(b, typ)
	if err != nil || !w.valid(o) {
		return refuse(400, "")
	}
	if o.members["updated"] == nil {
		o.members["updated"] = moment(w.now)
	}
	w.put(o)
	w.register(o.typ())
	return ok(o.view(w.now.to))
}

// patchVersion is the table of D30.
func patchVersion(sent any, stored int64) (version int64, conflict bool) {
	if sent == nil {
		if stored > 0 {
			return stored + 1, false
		}
		return 0, false
	}
	v := whole(sent)
	switch {
	case v < 0:
		return 0, true
	case v == 0:
		return 0, false
	case stored == 0:
		return v, false
	case v != stored:
		return 0, true
	}
	return v + 1, false
}

// merge makes the patched state of an object; conflict tells a wrong version.
func (w *world) merge(o *object, b map[string]any) (n *object, conflict bool, err error) {
	n, conflict, err = w.overlay(o, b)
	if err == nil && !conflict && !w.valid(n) {
		return nil, false, errForm{"invalid"}
	}
	return n, conflict, err
}

// overlay is merge without the rules.
func (w *world) overlay(o *object, b map[string]any) (n *object, conflict bool, err error) {
	n = o.clone()
	if err := setMembers(n, b, true); err != nil {
		return nil, false, err
	}
	version, conflict := patchVersion(b["version"], o.number("version"))
	if conflict {
		return nil, true, nil
	}
	n.members["version"] = number(version)
	n.members["updated"] = moment(w.now)
	return n, false, nil
}

func (w *world) patch(o *object, b map[string]any) expected {
	_, up := b["_voteup"]
	_, down := b["_votedown"]
	if up || down {
		return w.vote(o, b)
	}
	n, conflict, err := w.merge(o, b)
	switch {
	case conflict:
		return refuse(412, "")
	case err != nil:
		return refuse(400, "")
	}
	w.put(n)
	w.register(n.typ())
	return ok(n.view(w.now.to))
}

// vote is R 14 and O 12.
func (w *world) vote(o *object, b map[string]any) expected {
	voter, up := b["_voteup"].(string)
	value, weight := "up", int64(1)
	if !up || strings.TrimSpace(voter) == "" {
		voter, _ = b["_votedown"].(string)
		value, weight = "down", -1
	}
	if strings.TrimSpace(voter) == "" || voter == o.text("creatorid") || voter == o.id() || o.typ() == "vote" {
		return ok(false)
	}
	id := "vote:" + voter + ":" + o.id()
	saved := w.objects[id]
	switch {
	case saved == nil, saved.expired(w.now.to):
		window := func(name string, otherwise int64) json.Number {
			if v, sent := b[name]; sent {
				return v.(json.Number)
			}
			return number(otherwise)
		}
		w.put(&object{custom: map[string]any{}, members: map[string]any{
			"id": id, "type": "vote", "appid": w.app, "name": "vote", "value": value, "creatorid": voter, "parentid": o.id(),
			"expiresAfter": window("_vote_expires_after", 2592000), "lockedAfter": window("_vote_locked_after", 30),
			"timestamp": moment(w.now), "version": number(0), "stored": true, "indexed": true, "cached": true,
		}})
	case saved.amendable(w.now.to) && saved.text("value") != value:
		delete(w.objects, id)
	default:
		return ok(false)
	}
	n := o.clone()
	version, _ := patchVersion(nil, o.number("version")) // a vote is an update
	n.members["version"] = number(version)
	n.members["votes"] = number(o.number("votes") + weight)
	n.members["updated"] = moment(w.now)
	w.put(n)
	return ok(true)
}

// batch is R 15 and D36.
func (w *world) batch(c *call) expected {
	switch c.method {
	case http.MethodGet, http.MethodDelete:
		ids := c.query["ids"]
		if len(ids) == 0 {
			return refuse(400, "Missing ids.")
		}
		found := []any{}
		var seen []string
		for _, id := range ids {
			o := w.objects[id]
			if o == nil || slices.Contains(seen, id) {
				continue
			}
			seen = append(seen, id)
			found = append(found, o.view(w.now.to))
			if c.method == http.MethodDelete {
				delete(w.objects, id)
			}
		}
		if c.method == http.MethodDelete {
			return expected{status: 200}
		}
		return ok(found)
	}
	v, err := decode([]byte(c.body))
	if err != nil {
		panic(fmt.Sprintf("the generator made the body %s: %v", c.body, err))
	}
	list := v.([]any)
	for _, x := range list {
		if _, isObject := x.(map[string]any); x != nil && !isObject {
			return refuse(400, "")
		}
	}
	if c.method == http.MethodPatch {
		return w.patchAll(list)
	}
	return w.createAll(list)
}

func (w *world) createAll(list []any) expected {
	var accepted []*object
	place := map[string]int{}
	got, _ := w.got.value()
	answered, _ := got.([]any)
	for _, x := range list {
		b, _ := x.(map[string]any)
		typ, _ := b["type"].(string)
		if len(b) == 0 || typ == "app" {
			continue
		}
		if typ == "" {
			typ = "sysprop"
		}
		o, err := w.build(b, typ)
		if err != nil || !w.valid(o) {
			continue
		}
		if strings.TrimSpace(o.text("id")) == "" {
			if len(accepted) >= len(answered) {
				return refuse(200, "an answer with more objects")
			}
			o.members["id"] = w.freshID(answered[len(accepted)])
		}
		if i, again := place[o.id()]; again {
			accepted[i] = o
			continue
		}
		place[o.id()] = len(accepted)
		accepted = append(accepted, o)
	}
	out := []any{}
	for _, o := range accepted {
		w.put(o)
		w.register(o.typ())
		out = append(out, o.view(w.now.to))
	}
	return ok(out)
}

func (w *world) patchAll(list []any) expected {
	var order []string
	merged := map[string]*object{} // nil: left out
	conflicts := 0
	stored := map[string]int64{}
	for _, x := range list {
		b, _ := x.(map[string]any)
		id, _ := b["id"].(string)
		o := w.objects[id]
		if o == nil {
			continue
		}
		before, again := merged[id]
		if !again {
			order = append(order, id)
			before = o
			stored[id] = o.number("version")
		}
		if before == nil {
			continue
		}
		n, conflict, err := w.overlay(before, b) // what is written in the end must be valid, not every step (D36)
		if conflict {
			conflicts++
		}
		if conflict || err != nil {
			merged[id] = nil
			continue
		}
		if again { // one write, one step of the version
			n.members["version"] = before.members["version"]
		}
		merged[id] = n
	}
	out := []any{}
	for _, id := range order {
		if n := merged[id]; n != nil && w.valid(n) {
			w.put(n)
			out = append(out, n.view(w.now.to))
		}
	}
	if len(out) == 0 && conflicts > 0 {
		return refuse(412, "Update failed for all objects in batch due to 'version' mismatch.")
	}
	return ok(out)
}

// setting is R 21.
func (w *world) setting(c *call) expected {
	all := len(c.path) == 1
	switch {
	case c.method == http.MethodGet && all:
		return ok(copyMap(w.settings))
	case c.method == http.MethodGet:
		if v, ok1 := w.settings[c.path[1]]; ok1 {
			return ok(map[string]any{"value": v})
		}
		return ok(map[string]any{})
	case c.method == http.MethodDelete:
		delete(w.settings, c.path[1])
	case all:
		w.settings = map[string]any{}
		for k, v := range body(c) {
			if v != nil {
				w.settings[k] = v
			}
		}
	default:
		v, sent := body(c)["value"]
		if !sent {
			return refuse(400, "")
		}
		if v != nil {
			w.settings[c.path[1]] = v
		}
	}
	return expected{status: 200}
}

func copyMap(m map[string]any) map[string]any {
	out := map[string]any{}
	for k, v := range m {
		out[k] = v
	}
	return out
}

// constrain is R 19 for `required` and `max` of custom types.
func (w *world) constrain(c *call) expected {
	typ, field, name := c.path[1], "", ""
	if len(c.path) == 4 {
		field, name = c.path[2], c.path[3]
	}
	switch c.method {
	case http.MethodPut:
		payload := map[string]any{"message": "messages." + name}
		if name == "max" {
			payload["value"] = body(c)["value"]
		}
		if w.constraints[typ] == nil {
			w.constraints[typ] = map[string]map[string]any{}
		}
		if w.constraints[typ][field] == nil {
			w.constraints[typ][field] = map[string]any{}
		}
		w.constraints[typ][field][name] = payload
		w.register(typ)
	case http.MethodDelete:
		delete(w.constraints[typ][field], name)
		if len(w.constraints[typ][field]) == 0 {
			delete(w.constraints[typ], field)
		}
		if len(w.constraints[typ]) == 0 {
			delete(w.constraints, typ)
		}
	}
	fields := map[string]any{}
	for f, rules := range w.constraints[typ] {
		fields[f] = copyMap(rules)
	}
	if len(fields) == 0 {
		return ok(map[string]any{})
	}
	return ok(map[string]any{typ: fields})
}

// listTypes is R 18.
func (w *world) listTypes(c *call) expected {
	out := map[string]any{}
	for p, t := range w.allTypes() {
		if !c.query.Has("count") {
			out[p] = t
			continue
		}
		n := 0
		for _, o := range w.objects {
			if o.typ() == t && o.indexed() {
				n++
			}
		}
		out[t] = number(int64(n))
	}
	return ok(out)
}
