package access

import (
	"fmt"
	"slices"
	"strings"

	para "github.com/erudika/para-go"
)

// Explain says what Allow decides and why, for those who manage the app: the rule that decides, what would change the
// answer, and what holds for the objects behind the path all the same (R 12). For Nobody the app is not known.
func (p Principal) Explain(r Request) para.Ruling {
	refused := func(rule, change string) para.Ruling { return para.Ruling{Rule: rule, Change: change} }
	allowed := func(rule, change string) para.Ruling {
		return para.Ruling{Allowed: true, Rule: rule, Change: change}
	}
	switch {
	case p.Kind == Nobody:
		return refused("A request without credentials reaches nothing but the open paths.", "Send credentials, or the id of an app to be its guest.")
	case p.Kind == User && !p.User.Bool("active"):
		return refused("The user is not active, so none of its tokens holds.", "Set active of the user to true.")
	case !p.App.Active:
		return refused("The app is not active: nobody may use it.", "The root app sets active of the app to true.")
	case p.App.ReadOnly && r.Writes():
		return refused("The app is read-only.", "The root app sets readOnly of the app to false.")
	case p.Kind == Key && !p.Key.Active, p.Kind == Key && !p.App.APIKeys:
		return p.keyOff()
	case p.Kind == App:
		return allowed("An app may do everything with its data.", "")
	case p.Admin():
		return allowed("A user of the group admins may do everything in its app.", "Take the user out of the group admins.")
	case p.App.RulesBroken:
		return refused("The setting "+para.SettingFieldRules+" of the app cannot be read, so nobody is let in whom it may be about.", "Mend the setting, or remove it.")
	case r.Path == "_me" && p.Kind == Guest:
		return refused("_me tells who is signed in, and a guest is not.", "Sign in.")
	case p.Kind == Key && r.Path == "_me":
		return allowed("Every API key may ask what it is.", "Revoke the key.")
	case r.Path == "_me":
		return allowed("Every user may ask who it is.", "Set active of the user to false.")
	case ownAuthenticators(r.Path) && p.Kind != User:
		return refused("Only users have a second factor and passkeys.", "Sign in as a user.")
	case ownAuthenticators(r.Path):
		return allowed("Every user keeps its own second factor and passkeys.", "")
	case resetsAuthenticators(r.Path):
		return refused("Only the app and its admins reset the second factor of a user.", "Ask with the app's keys or as an admin.")
	case p.mayRead(r.Path, r.right()):
		return allowed("Everybody may check permissions, and list those of itself and of everybody (*).", "")
	}
	ruling := p.why(r.Path, r.Method)
	ruling.Notes = p.limits(r.Path)
	return ruling
}

// limits are the rules that hold for objects even where the path is allowed.
func (p Principal) limits(path string) []string {
	first, rest, _ := strings.Cut(path, "/")
	if para.IsRoute(first) {
		if first == "_newkeys" {
			return []string{"Only the app itself gets new keys."}
		}
		return nil
	}
	o := para.New(first)
	id, _, _ := strings.Cut(rest, "/")
	o.SetID(id)
	var notes []string
	for _, s := range [...]string{"*", p.Subject()} {
		if s != "" && p.App.Own(s, o) && (p.Kind != Key || s != "*") {
			notes = append(notes, fmt.Sprintf("OWN stands in the permissions of %s: of existing objects of the type %s only one's own are found and changed.", s, first))
		}
	}
	if hidden := p.hidden(first); len(hidden) > 0 {
		slices.Sort(hidden)
		notes = append(notes, fmt.Sprintf("Hidden members of objects of the type %s: %s.", first, strings.Join(hidden, ", ")))
	}
	var readOnly []string
	_ = p.guarded(first, func(name string, hidden bool) error { // which fails only where the function does
		if !hidden {
			readOnly = append(readOnly, name)
		}
		return nil
	})
	if len(readOnly) > 0 {
		notes = append(notes, fmt.Sprintf("Read-only members of objects of the type %s: %s.", first, strings.Join(readOnly, ", ")))
	}
	return notes
}
