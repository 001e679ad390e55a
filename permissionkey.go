package para

import (
	"fmt"
	"strings"
)

// An API key is a subject with entries in the permissions, and has what these grant and nothing else: the entries of
// everybody are for users, a key has no object of its own, and what manages the app is never for keys.

// PermitsKey is Permits for an API key.
func (a *App) PermitsKey(id, path, method string) bool {
	return a.evaluateKey(id, path, method, trimPermissionPath) == granted
}

// IsAllowedKey is IsAllowed for an API key.
func (a *App) IsAllowedKey(id, path, method string) bool {
	return a.evaluateKey(id, path, method, a.permissionPath) == granted
}

func (a *App) evaluateKey(id, path, method string, prepare func(string) string) verdict {
	v := a.ownVerdict(id, prepare(path), method)
	if v == silent && strings.Contains(path, "+") {
		v = a.ownVerdict(id, prepare(strings.ReplaceAll(path, "+", " ")), method)
	}
	return v
}

func (a *App) ownVerdict(id, path, method string) verdict {
	method = strings.ToUpper(strings.TrimSpace(method))
	if method == "HEAD" {
		method = "GET"
	}
	if blank(id) || blank(path) || method == "" || a.Root || isAdministrative(path, method) || managesKeys(path) {
		return denied
	}
	return a.entries(id, path, false).verdict(method)
}

// managesKeys says whether a path is about API keys, which only apps and admins manage: who could make keys could do
// whatever any key can.
func managesKeys(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return first == "_keys"
}

const keysRule = "API keys are managed by the app and its admins only."

// WhyKey is Why for an API key.
func (a *App) WhyKey(id, path, method string) Ruling {
	r := Ruling{Allowed: a.PermitsKey(id, path, method)}
	compared, method, ok := r.request(path, method)
	if !ok {
		return r
	}
	if plus := strings.ReplaceAll(compared, "+", " "); plus != compared && a.ownVerdict(id, compared, method) == silent {
		compared = plus
	}
	entries := a.applying(id, compared, false)
	switch {
	case a.Root:
		r.Rule, r.Change = "The root app lets in nobody by permission.", "Make the key in another app."
	case managesKeys(compared):
		r.Rule, r.Change = keysRule, "Nothing: use the keys of the app."
	case isAdministrative(compared, method):
		r.Rule, r.Change = fmt.Sprintf("%s %s manages the app, which API keys never do.", method, compared), "Nothing: use the keys of the app."
	case r.Allowed:
		for i, e := range entries {
			if listAllows(e.Allowed, method) {
				r.Entry = &entries[i]
				r.Rule = fmt.Sprintf("The permissions of %s for %s allow %s.", id, e.Path, method)
				r.Change = fmt.Sprintf("Revoke %s from %s.", e.Path, id)
				break
			}
		}
	case len(entries) > 0:
		r.decide(foremost(entries), method)
		r.Change = fmt.Sprintf("Grant %s on %s to %s.", method, compared, id)
	default:
		r.Rule = fmt.Sprintf("No entry of %s grants %s on %s, and those of everybody (*) are not for API keys.", id, method, compared)
		r.Change = fmt.Sprintf("Grant %s on %s to %s.", method, compared, id)
	}
	return r
}
