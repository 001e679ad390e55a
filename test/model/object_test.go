package model

import (
	"encoding/json"
	"fmt"
	"math/big"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// unknown is a value that the server chooses: the model accepts the first one that is as it must be, and expects that
// one from then on.
type unknown struct {
	ok    func(v any) bool
	what  string
	near  int64 // about this much, while it was not seen
	value any   // nil until it was seen
}

func (u *unknown) String() string {
	if u.value != nil {
		return fmt.Sprint(u.value)
	}
	return u.what
}

// span is a stretch of time, in milliseconds.
type span struct{ from, to int64 }

func moment(s span) *unknown {
	return &unknown{what: fmt.Sprintf("a time in [%d,%d]", s.from, s.to), near: s.to, ok: func(v any) bool {
		n, err := strconv.ParseInt(fmt.Sprint(v), 10, 64)
		_, isNumber := v.(json.Number)
		return err == nil && isNumber && n >= s.from && n <= s.to
	}}
}

func defaultName(s span) *unknown {
	return &unknown{what: fmt.Sprintf("ParaObject and a time in [%d,%d]", s.from, s.to), ok: func(v any) bool {
		text, _ := v.(string)
		rest, ok := strings.CutPrefix(text, "ParaObject ")
		n, err := strconv.ParseInt(rest, 10, 64)
		return ok && err == nil && n >= s.from && n <= s.to
	}}
}

func anyDigits() *unknown {
	return &unknown{what: "digits", ok: func(v any) bool {
		text, _ := v.(string)
		_, err := strconv.ParseUint(text, 10, 63)
		return err == nil
	}}
}

// object is an object of the model: declared members and custom ones.
type object struct {
	members map[string]any
	custom  map[string]any
	made    int64    // its place in the order of creation
	docid   *unknown // what lastKey is when it is the last of a page
}

func (o *object) id() string  { return o.text("id") }
func (o *object) typ() string { return o.text("type") }

func (o *object) text(name string) string {
	s, _ := known(o.members[name]).(string)
	return s
}

func (o *object) number(name string) int64 {
	if u, ok := o.members[name].(*unknown); ok && u.value == nil {
		return u.near
	}
	n, _ := strconv.ParseInt(fmt.Sprint(known(o.members[name])), 10, 64)
	return n
}

func (o *object) indexed() bool { return o.members["indexed"] == true }

// known is the value of an unknown once it was seen.
func known(v any) any {
	if u, ok := v.(*unknown); ok {
		return u.value
	}
	return v
}

func number(n int64) json.Number { return json.Number(strconv.FormatInt(n, 10)) }

// base are the members of every object and their kinds (O 4); own those of the core types in the scripts (O 7).
var (
	base = map[string]string{"id": "text", "timestamp": "int64", "type": "text", "appid": "text", "parentid": "text", "creatorid": "text",
		"updated": "int64", "name": "text", "tags": "texts", "votes": "int32", "version": "int64", "stored": "bool", "indexed": "bool", "cached": "bool"}
	own = map[string]map[string]string{
		"tag":    {"tag": "text", "count": "int32", "description": "text"},
		"vote":   {"value": "text", "expiresAfter": "int32", "lockedAfter": "int32"},
		"linker": {"id1": "text", "id2": "text", "type1": "text", "type2": "text", "metadata": "text"},
	}
	locked = []string{"id", "timestamp", "type", "appid", "parentid", "creatorid", "tag", "value", "expiresAfter", "lockedAfter", "id1", "id2", "type1", "type2"}
)

// errForm says that a member cannot be what its kind needs.
type errForm struct{ member string }

func (e errForm) Error() string { return e.member }

// convert brings a value to the kind of a declared member (O 6.2). nil: as if it were absent.
func convert(kind string, v any) (any, bool) {
	if list, ok := v.([]any); ok && kind != "texts" {
		if len(list) == 0 {
			return zero(kind), true
		}
		v = list[0]
	}
	switch kind {
	case "text":
		switch x := v.(type) {
		case string:
			return x, true
		case json.Number:
			return x.String(), true
		case bool:
			return strconv.FormatBool(x), true
		}
		return nil, true
	case "bool":
		switch strings.ToLower(fmt.Sprint(v)) {
		case "true", "yes", "y", "on", "1":
			return true, true
		}
		return false, true
	case "int32", "int64":
		n := whole(v)
		if kind == "int32" && int64(int32(n)) != n {
			n = 0
		}
		return number(n), true
	}
	list, ok := v.([]any)
	if !ok {
		return nil, false
	}
	out := []any{}
	for _, x := range list {
		if x != nil {
			out = append(out, fmt.Sprint(x))
		}
	}
	return out, true
}

func zero(kind string) any {
	switch kind {
	case "bool":
		return false
	case "int32", "int64":
		return number(0)
	}
	return nil
}

func whole(v any) int64 {
	switch x := v.(type) {
	case bool:
		if x {
			return 1
		}
	case json.Number:
		f, _, err := big.ParseFloat(x.String(), 10, 200, big.ToZero)
		if err == nil {
			n, _ := f.Int(nil)
			return n.Int64()
		}
	case string:
		n, _ := strconv.ParseInt(strings.TrimSpace(x), 10, 64)
		return n
	}
	return 0
}

// setMembers takes the members of a body into an object (O 6.1). update: locked members stay, null removes custom ones.
func setMembers(o *object, body map[string]any, update bool) error {
	kinds := map[string]string{}
	for k, v := range base {
		kinds[k] = v
	}
	core := own[o.typ()]
	for k, v := range core {
		kinds[k] = v
	}
	for name, kind := range kinds {
		v, sent := body[name]
		if !sent || v == nil || name == "type" || name == "appid" || update && slices.Contains(locked, name) {
			continue
		}
		v, ok := convert(kind, v)
		switch {
		case !ok:
			return errForm{name}
		case name == "name" && v == "", v == nil:
		case (name == "timestamp" || name == "updated") && v == number(0):
			delete(o.members, name)
		default:
			o.members[name] = v
		}
	}
	if core != nil {
		return nil
	}
	if nested, ok := body["properties"].(map[string]any); ok {
		o.custom = map[string]any{}
		setCustom(o, nested)
	}
	top := map[string]any{}
	for name, v := range body {
		_, isObject := v.(map[string]any)
		if name == "properties" && (isObject || v == nil) {
			continue
		}
		top[name] = v
	}
	setCustom(o, top)
	return nil
}

func setCustom(o *object, members map[string]any) {
	for name, v := range members {
		_, declared := base[name]
		if declared || name == "objectURI" || name == "plural" || strings.TrimSpace(name) == "" {
			continue
		}
		if v == nil {
			delete(o.custom, name)
			continue
		}
		o.custom[name] = withoutNulls(v)
	}
}

// withoutNulls drops nulls from objects at every depth; those in arrays stay (D1).
func withoutNulls(v any) any {
	switch x := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, y := range x {
			if y != nil {
				out[k] = withoutNulls(y)
			}
		}
		return out
	case []any:
		out := make([]any, len(x))
		for i, y := range x {
			out[i] = withoutNulls(y)
		}
		return out
	}
	return v
}

// clone copies an object; values are never changed in place.
func (o *object) clone() *object {
	d := &object{members: map[string]any{}, custom: map[string]any{}, made: o.made, docid: o.docid}
	for k, v := range o.members {
		d.members[k] = v
	}
	for k, v := range o.custom {
		d.custom[k] = v
	}
	return d
}

// plural is the rule of O 2.2.
func plural(s string) string {
	for _, r := range s {
		if r < 32 || r > 126 {
			return s
		}
	}
	switch {
	case strings.TrimSpace(s) == "" || strings.HasSuffix(s, "es"):
		return s
	case strings.HasSuffix(s, "s"):
		return s + "es"
	case strings.HasSuffix(s, "y"):
		return s[:len(s)-1] + "ies"
	}
	return s + "s"
}

// formEncode is the coding of objectURI (O 3.3).
func formEncode(s string) string {
	return strings.NewReplacer("%2A", "*", "~", "%7E").Replace(url.QueryEscape(s))
}

func (o *object) uri() string {
	last := o.id()
	if o.typ() == "tag" {
		last = o.text("tag")
	}
	return "/" + formEncode(o.typ()) + "/" + formEncode(last)
}

// view is the JSON of an object in answers (R 9). now serves the computed members of votes.
func (o *object) view(now int64) map[string]any {
	v := map[string]any{}
	for k, x := range o.custom {
		v[k] = x
	}
	for k, x := range o.members {
		v[k] = x
	}
	v["plural"], v["objectURI"] = plural(o.typ()), o.uri()
	switch o.typ() {
	case "vote":
		v["upvote"], v["downvote"] = o.text("value") == "up", o.text("value") == "down"
		v["expired"], v["amendable"] = o.expired(now), o.amendable(now)
		v["tags"], v["votes"] = []any{}, number(0)
	case "linker":
		v["nstd"] = anything
	}
	return v
}

// expired and amendable are those of a vote (O 12).
func (o *object) expired(now int64) bool {
	after := o.number("expiresAfter")
	return after != 0 && o.number("timestamp")+after*1000 <= now
}

func (o *object) amendable(now int64) bool {
	return o.number("timestamp")+o.number("lockedAfter")*1000 > now
}

// anything agrees with every value: the copies that links keep are no part of the model.
var anything = &struct{ any }{}
