package access

import (
	"strings"

	para "github.com/erudika/para-go"
)

// Visible is a record that a principal may see, and how much of it. Only this package makes one, and nothing but the view
// of the principal comes out of it: a door cannot write what was not checked.
type Visible struct {
	record *para.Record
	view   para.View
	whole  bool // the stored bytes are what this caller sees

	hidden func(typ string) []string // nil: no rule of the app hides a member from anybody
}

// URI returns the path of the object below /v1.
func (v Visible) URI() string { return para.RecordURI(v.record) }

// Context is what the computed members of an object depend on.
type Context = para.ViewContext

// AppendJSON appends the JSON that the caller gets.
func (v Visible) AppendJSON(dst []byte, c Context) ([]byte, error) {
	if v.whole {
		return append(dst, v.record.Data...), nil
	}
	o, err := para.DecodeObject(v.record.Data)
	if err != nil {
		return dst, para.Wrap(para.Corrupt, "read "+v.record.ID, err)
	}
	c.Hidden = v.hidden
	return o.AppendView(dst, v.view, c), nil
}

// visible is what the principal sees of a record; whole says that its bytes can be sent as they are stored, unless a rule
// hides something.
func (p Principal) visible(r *para.Record, view para.View, whole bool) Visible {
	v := Visible{record: r, view: view, whole: whole}
	if p.ruled() && (len(p.App.FieldRules[r.Type]) > 0 || r.Type == "linker") { // links hold copies of objects of any type
		v.hidden = p.hidden
		v.whole = whole && len(p.hidden(r.Type)) == 0
	}
	return v
}

// See decides whether the principal may see a record (R 12). pathType is the type that the path names, already
// resolved; it is empty where the path names none. Users and guests only find objects of the type that they asked for,
// since permissions are granted on the path (D27).
func (p Principal) See(r *para.Record, pathType string) (Visible, bool) {
	if !p.Finds(r, "") {
		return Visible{}, false
	}
	if r.Type == "app" && !p.reachesApp(r.ID) {
		return Visible{}, false
	}
	plain := para.PlainType(r.Type) && r.Type != "sysprop"
	if p.Kind == App {
		return Visible{record: r, view: para.Privileged, whole: plain}, true
	}
	if pathType != "" && r.Type != pathType {
		return Visible{}, false
	}
	if plain && !p.App.HasOwn() {
		return p.visible(r, para.Public, true), true
	}
	o, err := para.DecodeObject(r.Data)
	if err != nil {
		return Visible{}, false
	}
	if !p.Owns(o) || !p.seesIdentity(o) {
		return Visible{}, false
	}
	return p.visible(r, p.view(r), plain), true
}

// view is how much the principal gets of a record that it may see (D32). Where the server enforces second factors, what
// proves one is for apps only: a stolen session, an admin's too, must not be enough to copy it.
func (p Principal) view(r *para.Record) para.View {
	switch {
	case p.Kind == App:
		return para.Privileged
	case !p.Admin() && (p.Kind != User || r.Type != "user" || r.ID != p.User.ID()):
		return para.Public
	case p.App.SecondFactor != para.SecondFactorOff:
		return para.PrivilegedUser
	}
	return para.Privileged
}

// reachesApp says whether an app's record is within the principal's reach: its own, or any for the root app.
func (p Principal) reachesApp(id string) bool {
	return p.Root && p.Admin() || id == p.App.ID
}

// seesIdentity hides identity records from everybody but apps, admins and their owner (D80).
func (p Principal) seesIdentity(o *para.Object) bool {
	if !para.IsIdentity(o) || p.Admin() {
		return true
	}
	return p.Kind == User && o.CreatorID() == p.User.ID()
}

// Owns says whether the principal passes the owner rule for an object (R 12): it applies to users and guests when the
// permissions limit a subject to its own objects of that type.
func (p Principal) Owns(o *para.Object) bool {
	switch p.Kind {
	case App:
		return true
	case Guest:
		return !p.Limited(o)
	case User, Key:
		if p.Admin() || !p.Limited(o) {
			return true
		}
		me := p.Subject()
		return o.CreatorID() == me || strings.HasPrefix(o.CreatorID(), me+":") || o.ID() == me || o.ParentID() == me
	}
	return false
}

// MayReplace decides whether a write with a chosen id may replace what is stored under it (D27): users and guests only
// an object of the same type that they own, never an app, never an identity record.
func (p Principal) MayReplace(old, o *para.Object) bool {
	if p.Kind == App {
		return true
	}
	if old.Type() != o.Type() || old.Type() == "app" || para.IsIdentity(old) && !p.Admin() {
		return false
	}
	if old.Type() == "user" && !p.Admin() && (p.Kind != User || old.ID() != p.User.ID()) {
		return false
	}
	return p.Owns(old)
}

// MayStore decides whether the principal may store an object with this content: identity records decide who signs in as
// whom, and only apps and admins make them (D80).
func (p Principal) MayStore(o *para.Object) bool { return p.Admin() || !para.IsIdentity(o) }

// MayChange decides whether the principal may update or delete an object that it can name (R 12).
func (p Principal) MayChange(o *para.Object) bool {
	if o.Type() == "app" && !p.reachesApp(o.ID()) {
		return false
	}
	return p.Owns(o) && (p.Admin() || !para.IsIdentity(o))
}
