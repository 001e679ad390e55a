package access

import (
	"strings"

	para "github.com/erudika/para-go"
)

// Written returns what a caller sees of an object that it has just written.
func (p Principal) Written(r *para.Record) Visible {
	return p.visible(r, p.view(r), para.PlainType(r.Type) && r.Type != "sysprop")
}

// Finds says whether a path with a type leads the principal to a record: users and guests find only objects of that type
// (D27), and nobody finds an app out of reach (D35) or a record of the engine itself. Whether it may be changed is decided
// by MayChange.
func (p Principal) Finds(r *para.Record, pathType string) bool {
	if r == nil || p.Kind == Nobody || len(r.Type) > 0 && r.Type[0] == '_' {
		return false
	}
	if r.Type == "app" && p.Kind != App && !p.reachesApp(r.ID) {
		return false
	}
	return p.Kind == App || pathType == "" || r.Type == pathType
}

// Restrict removes what a caller may not set on an object that it stores as a whole (D79, D80).
func (p Principal) Restrict(o *para.Object) {
	if o.Type() == "user" {
		o.Remove("authenticators")
		o.Remove(para.ClaimedEmail)
		for _, name := range p.factorFields() {
			o.Remove(name)
		}
	}
	if p.Admin() {
		if p.Kind == User {
			o.Remove("tokenSecret")
		}
		return
	}
	if o.Type() == "user" {
		o.Remove("tokenSecret")
		_ = o.Set("groups", "users") // a text always encodes
	}
}

// RestrictUpdate undoes what a caller may not change by an update (D79).
func (p Principal) RestrictUpdate(stored, o *para.Object) {
	if stored.Type() != "user" {
		return
	}
	for _, name := range p.factorFields() {
		keep(stored, o, name)
	}
	if p.Admin() {
		return
	}
	for _, name := range [...]string{"groups", "tokenSecret", "identifier", "active"} {
		keep(stored, o, name)
	}
	claimEmail(stored, o)
}

// claimEmail notes an address that a user has given itself: nobody vouches for it, so it must not decide whose account it
// is (A 6.1).
func claimEmail(stored, o *para.Object) {
	small := func(o *para.Object) string { return strings.ToLower(strings.TrimSpace(o.Text("email"))) }
	if email := small(o); email != small(stored) {
		_ = o.Set(para.ClaimedEmail, email) // a text always encodes
	}
}

// KeepUserFields keeps what replacing a user must not change (D28, D79): its authenticators, the token secret unless an
// app sends one, and for callers without power over others the groups, the identifier and whether the user is active.
func (p Principal) KeepUserFields(stored, o *para.Object, secretSent bool) {
	keep(stored, o, "authenticators")
	keep(stored, o, para.ClaimedEmail)
	for _, name := range p.factorFields() {
		keep(stored, o, name)
	}
	if p.Kind != App || !secretSent {
		keep(stored, o, "tokenSecret")
	}
	if !p.Admin() {
		for _, name := range [...]string{"groups", "identifier", "active"} {
			keep(stored, o, name)
		}
		claimEmail(stored, o)
	}
}

// factorFields are the members of users that the principal may not write because the app has the server enforce second
// factors: users get and lose theirs by proving it, admins too. Apps write them as they like.
func (p Principal) factorFields() []string {
	if p.Kind == App || p.App.SecondFactor == para.SecondFactorOff {
		return nil
	}
	return []string{"twoFA", "twoFAkey", "twoFAbackupKeyHash"}
}

func keep(from, to *para.Object, name string) {
	if raw, ok := from.Raw(name); ok {
		to.SetRaw(name, raw)
		return
	}
	to.Remove(name)
}

// AsApp returns the app itself as the principal: for what the server writes on somebody's behalf.
func (p Principal) AsApp() Principal { return Principal{Kind: App, App: p.App, Root: p.Root} }
