package para

import (
	"encoding/base64"
	"net/url"
	"slices"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Permissions are the grants of an app: subject → resource path → methods and flags (O 9.1). Subjects are user ids and
// "*" for everybody; flags are * (every method), ? (guests too), - (nothing) and OWN (only one's own objects).
type Permissions map[string]map[string][]string

// everybody is the subject that stands for all.
const everybody = "*"

// What the lists of a grant hold, in the order in which they are stored.
var grantOrder = []string{"?", "-", "OWN", "*", "GET", "POST", "PUT", "PATCH", "DELETE"}

// NormalizeGrant brings what a client allows a subject into the form that is stored (O 9.2): words in any case, unknown
// ones as "-", blank ones dropped, sets of methods reduced. It is nil when nothing but blanks was given.
func NormalizeGrant(subject string, allowed []string) []string {
	set := map[string]bool{}
	for _, word := range allowed {
		if strings.TrimSpace(word) != "" {
			set[grantFlag(word)] = true
		}
	}
	if len(set) == 0 {
		return nil
	}
	guests, own := set["?"], set["OWN"]
	delete(set, "?")
	switch {
	case set["*"], (set["READ_ONLY"] || set["GET"]) && set["w"],
		set["GET"] && set["POST"] && set["PUT"] && set["PATCH"] && set["DELETE"]:
		set = map[string]bool{"*": true}
	case set["w"]:
		set = map[string]bool{"POST": true, "PUT": true, "PATCH": true, "DELETE": true}
	case set["READ_ONLY"]:
		set = map[string]bool{"GET": true}
	}
	set["?"] = guests && subject == everybody
	set["OWN"] = own
	out := []string{}
	for _, flag := range grantOrder {
		if set[flag] {
			out = append(out, flag)
		}
	}
	return out
}

// grantFlag reads one word of a grant (O 9.1).
func grantFlag(word string) string {
	switch word {
	case "*", "?", "-", "w":
		return word
	}
	switch upper := strings.ToUpper(word); upper {
	case "GET", "POST", "PUT", "PATCH", "DELETE", "OWN", "READ_ONLY":
		return upper
	case "READ_WRITE":
		return "*"
	case "WRITE_ONLY":
		return "w"
	case "GUEST":
		return "?"
	}
	return "-"
}

// With returns the table with a grant for a subject and a path, both in stored form, replacing an earlier one. p itself
// does not change.
func (p Permissions) With(subject, path string, list []string) Permissions {
	table := make(Permissions, len(p)+1)
	for s, paths := range p {
		table[s] = paths
	}
	paths := make(map[string][]string, len(p[subject])+1)
	for k, v := range p[subject] {
		paths[k] = v
	}
	paths[path] = list
	table[subject] = paths
	return table
}

// Without returns the table without the grant for a subject and a path in stored form, whatever spelling it was stored
// in; a subject without paths goes too. removed says whether there was such a grant. p itself does not change.
func (p Permissions) Without(subject, path string) (rest Permissions, removed bool) {
	paths := make(map[string][]string, len(p[subject]))
	for k, v := range p[subject] {
		if k == path || trimPermissionPath(k) == path {
			removed = true
			continue
		}
		paths[k] = v
	}
	if !removed {
		return p, false
	}
	rest = p.withoutSubject(subject)
	if len(paths) > 0 {
		rest[subject] = paths
	}
	return rest, true
}

func (p Permissions) withoutSubject(subject string) Permissions {
	rest := make(Permissions, len(p))
	for s, paths := range p {
		if s != subject {
			rest[s] = paths
		}
	}
	return rest
}

// Of returns the part of the table that an answer about one subject shows: its own grants, empty ones too, and those of
// everybody if there are any (O 9.3).
func (p Permissions) Of(subject string) Permissions {
	part := Permissions{subject: p[subject]}
	if all, ok := p[everybody]; ok {
		part[everybody] = all
	}
	return part
}

// AppendJSON appends the table with sorted names.
func (p Permissions) AppendJSON(dst []byte) []byte {
	dst = append(dst, '{')
	for i, subject := range sortedNames(p) {
		dst = append(appendName(dst, subject, i > 0), '{')
		for j, path := range sortedNames(p[subject]) {
			dst = append(appendName(dst, path, j > 0), '[')
			for k, flag := range p[subject][path] {
				if k > 0 {
					dst = append(dst, ',')
				}
				dst = AppendJSONString(dst, flag)
			}
			dst = append(dst, ']')
		}
		dst = append(dst, '}')
	}
	return append(dst, '}')
}

// MarshalJSON writes the stored form.
func (p Permissions) MarshalJSON() ([]byte, error) { return p.AppendJSON(nil), nil }

func sortedNames[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for n := range m {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}

// RevokeAll removes every grant of a subject from an app's record.
func RevokeAll(app *Object, subject string) error {
	a, err := ParseApp(app)
	if err != nil {
		return err
	}
	return app.Set("resourcePermissions", a.Permissions.withoutSubject(subject))
}

// PermissionPath brings a resource path that a client wrote into the form in which grants are stored and tested (D75):
// decoded once as HTML forms are, without dots and outer slashes. A path with escapes that do not decode is taken as it
// is. Nothing but blanks is left of a path that names nothing.
func PermissionPath(path string) string {
	if decoded, err := url.QueryUnescape(path); err == nil && utf8.ValidString(decoded) {
		path = decoded
	}
	if path = trimPermissionPath(path); blank(path) {
		return ""
	}
	return path
}

func trimPermissionPath(path string) string {
	return strings.Trim(strings.ReplaceAll(path, ".", ""), "/")
}

// PermissionSegment reads the path segment of the permission routes, percent-decoded, that holds a resource path (D74):
// Base64 of either alphabet, padded or not, or the path itself. The result is in the form of PermissionPath.
func (a *App) PermissionSegment(literal string) string {
	decoded, ok := decodeSegment(literal)
	if ok && a.known(decoded) || !a.known(literal) && ok {
		return PermissionPath(decoded)
	}
	return PermissionPath(literal)
}

// decodeSegment decodes Base64 that holds text without control characters.
func decodeSegment(s string) (string, bool) {
	plain := strings.TrimRight(s, "=")
	if padding := len(s) - len(plain); padding > 2 || padding > 0 && len(s)%4 != 0 {
		return "", false
	}
	plain = strings.NewReplacer("+", "-", "/", "_").Replace(plain)
	if strings.ContainsAny(plain, "\r\n") { // which the decoder would skip
		return "", false
	}
	data, err := base64.RawURLEncoding.DecodeString(plain)
	if err != nil || !utf8.Valid(data) || slices.ContainsFunc([]rune(string(data)), unicode.IsControl) {
		return "", false
	}
	return string(data), true
}

// known says whether a resource path starts with something that the app or the server has: a type, its plural, a route
// (D74).
func (a *App) known(path string) bool {
	path = strings.Trim(path, "/")
	first, _, _ := strings.Cut(path, "/")
	return path == "*" || IsRoute(first) || a.HasType(first)
}

// HasOwn says whether any subject is limited to its own objects.
func (a *App) HasOwn() bool {
	if a.grants == nil { // made by hand
		return a.Permissions.own()
	}
	return a.own
}

func (p Permissions) own() bool {
	for _, paths := range p {
		for _, methods := range paths {
			if slices.Contains(methods, "OWN") {
				return true
			}
		}
	}
	return false
}

// Own says whether a subject is limited to its own objects when it touches an object (R 12): the flag stands under the
// object's type, its plural or its own path.
func (a *App) Own(subject string, o *Object) bool {
	paths := a.Permissions[subject]
	if len(paths) == 0 {
		return false
	}
	for _, key := range [...]string{o.Type(), strings.TrimPrefix(o.URI(), "/"), Plural(o.Type())} {
		if slices.Contains(paths[key], "OWN") {
			return true
		}
	}
	return false
}
