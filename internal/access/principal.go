// Package access holds the one decision of the server: who may do what, and how much of an object each caller gets.
// Every door asks it. What it lets through comes out as a Visible, and only a Visible can be written to a client.
package access

import (
	"strings"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/apikey"
)

// Kind is what sort of caller a principal is (D71).
type Kind uint8

// The kinds of principals.
const (
	Nobody Kind = iota // no credentials, or none that hold
	App                // a request signed with an app's keys, or a super token
	User               // a signed-in user of an app
	Guest              // an app id without credentials
	Key                // an API key of an app
)

// Principal is who a request acts for. The zero value is Nobody.
type Principal struct {
	Kind Kind
	App  *para.App    // the app whose data the request is about; nil for Nobody
	User *para.Object // Kind User: the user's own object
	Key  *apikey.Key  // Kind Key
	Root bool         // App is the root app
}

// Subject is the id that permissions are granted to, and that what it makes gets as creator: that of the user or of the
// API key, empty for everybody else.
func (p Principal) Subject() string {
	switch p.Kind {
	case User:
		return p.User.ID()
	case Key:
		return p.Key.ID
	}
	return ""
}

// Admin says whether the principal may manage the app: an app itself, or a user of the group admins.
func (p Principal) Admin() bool {
	return p.Kind == App || p.Kind == User && strings.EqualFold(p.User.Text("groups"), "admins")
}

// IsRootApp says whether the root app itself asks, which alone may create apps.
func (p Principal) IsRootApp() bool { return p.Kind == App && p.Root }

// Request is what a principal wants to do.
type Request struct {
	Method string
	Path   string // the resource path: decoded, below /v1, the first segment resolved to its type (D8)
	URI    string // the path as it was sent, for messages
}

// Writes says whether the method changes something.
func (r Request) Writes() bool {
	switch r.Method {
	case "POST", "PUT", "PATCH", "DELETE":
		return true
	}
	return false
}

// right is the method that permissions are about: HEAD is GET (D13).
func (r Request) right() string {
	if r.Method == "HEAD" {
		return "GET"
	}
	return r.Method
}

// Allow decides whether the principal may make a request (R 5, A 2, D63, D71–D78). The error says why not: Unknown for
// callers without valid credentials, Denied for the others.
func (p Principal) Allow(r Request) error {
	if p.Kind == Nobody {
		return para.Errorf(para.Unknown, "You don't have permission to access this resource. [%s %s]", r.Method, r.URI)
	}
	if err := p.Usable(r.Method); err != nil {
		return err
	}
	if p.App.RulesBroken && !p.Admin() {
		return para.Errorf(para.Denied, "The setting %s of this app cannot be read, so nobody is let in whom it may be about.", para.SettingFieldRules)
	}
	switch {
	case p.Admin(), r.Path == "_me":
		return nil
	case ownAuthenticators(r.Path) && p.Kind == User:
		return nil
	case ownAuthenticators(r.Path):
		return para.Errorf(para.Denied, "Only users have a second factor and passkeys.")
	case resetsAuthenticators(r.Path):
		return para.Errorf(para.Denied, "Only the app and its admins reset the second factor of a user.")
	}
	method := r.right()
	if p.mayRead(r.Path, method) || p.permits(r.Path, method) {
		return nil
	}
	who := "[GUEST]"
	if p.Kind == User || p.Kind == Key {
		who = p.Subject()
	}
	return para.Errorf(para.Denied, "You don't have permission to access this resource. [user: %s, resource: %s %s]", who, r.Method, r.URI)
}

// ownAuthenticators says whether a path is about the second factor or the passkeys of the user who asks: users need no
// permission for those, and nobody else gets anything out of one.
func ownAuthenticators(path string) bool {
	first, rest, _ := strings.Cut(path, "/")
	second, _, _ := strings.Cut(rest, "/")
	return first == "_me" && (second == "second_factor" || second == "passkeys")
}

// resetsAuthenticators says whether a path takes the second factor of some user away, which is for those who manage the
// app, whatever anybody is granted.
func resetsAuthenticators(path string) bool {
	id, ok := strings.CutSuffix(path, "/second_factor")
	return ok && strings.HasPrefix(id, "user/") && strings.Count(id, "/") == 1
}

// mayRead opens what every user and guest of an app may ask: the check of a permission, and the permissions of its own
// subject and of everybody (D73).
func (p Principal) mayRead(path, method string) bool {
	rest, ok := strings.CutPrefix(path, "_permissions/")
	if !ok || method != "GET" {
		return false
	}
	parts := strings.Split(rest, "/")
	if len(parts) == 3 {
		return true
	}
	return len(parts) == 1 && (parts[0] == "*" || parts[0] != "" && parts[0] == p.Subject())
}
