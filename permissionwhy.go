package para

import (
	"fmt"
	"slices"
	"strings"
)

// Ruling says how a request is decided, and why, for those who manage an app.
type Ruling struct {
	Allowed bool
	Rule    string // what decided, in a sentence
	Entry   *Entry // the entry of the permissions that decided, nil for none
	Change  string // what would change the answer
	Notes   []string
}

// Entry is one entry of the permissions of an app.
type Entry struct {
	Subject string
	Path    string // as it is stored
	Allowed []string
	rank    int // by how much of a path it names
}

// Why decides as Permits does and says which entry was decisive (D76, D77).
func (a *App) Why(subject, path, method string) Ruling {
	r := Ruling{Allowed: a.Permits(subject, path, method)}
	compared, method, ok := r.request(path, method)
	if !ok {
		return r
	}
	if plus := strings.ReplaceAll(compared, "+", " "); plus != compared && a.evaluate(subject, compared, path, method) == silent {
		compared = plus
	}
	administrative := isAdministrative(compared, method)
	if r.Allowed {
		r.explainGrant(a, subject, compared, method, administrative)
		return r
	}
	r.explainRefusal(a, subject, compared, method, administrative)
	return r
}

// request returns path and method in the form that entries are compared with; false when there is nothing to compare, which
// is the rule then.
func (r *Ruling) request(path, method string) (compared, upper string, ok bool) {
	upper = strings.ToUpper(strings.TrimSpace(method))
	if upper == "HEAD" {
		upper = "GET"
	}
	compared = trimPermissionPath(path)
	if blank(compared) || upper == "" {
		r.Rule, r.Change = "A request needs a path and a method.", "Name them."
		return "", "", false
	}
	return compared, upper, true
}

func (r *Ruling) explainGrant(a *App, subject, path, method string, administrative bool) {
	refuse := fmt.Sprintf("Grant - on %s to %s.", path, named(subject))
	opens := func(e Entry) bool { return listAllows(e.Allowed, method) }
	subjects := []string{subject, everybody}
	switch {
	case a.Root:
		subjects = nil
	case subject == "":
		subjects = subjects[1:]
		opens = func(e Entry) bool { return slices.Contains(e.Allowed, "?") }
	}
	for _, s := range subjects {
		entries := a.applying(s, path, administrative)
		i := slices.IndexFunc(entries, opens)
		if i < 0 {
			continue
		}
		e := entries[i]
		r.Entry = &e
		r.Rule = fmt.Sprintf("The permissions of %s for %s allow %s.", named(s), e.Path, method)
		r.Change = fmt.Sprintf("Revoke %s from %s. %s", e.Path, named(s), refuse)
		if subject == "" {
			r.Change = fmt.Sprintf("Take ? out of the permissions of %s for %s.", named(s), e.Path)
		}
		return
	}
	r.Rule, r.Change = "Every user may read, change and delete its own object.", refuse
}

func (r *Ruling) explainRefusal(a *App, subject, path, method string, administrative bool) {
	r.Change = fmt.Sprintf("Grant %s on %s to %s.", method, path, named(subject))
	if subject == "" {
		r.Change = fmt.Sprintf("Grant ? and %s on %s to %s.", method, path, named(everybody))
	}
	if a.Root {
		r.Rule = "The root app lets in nobody by permission, only its own keys and admins."
		r.Change = "Use another app, or put the user into the group admins."
		return
	}
	if managesKeys(path) {
		r.Rule, r.Change = keysRule, "Nothing: put the user into the group admins, or use the keys of the app."
		return
	}
	if subject == "" && administrative {
		r.Rule = fmt.Sprintf("%s %s manages the app, which guests never do.", method, path)
		r.Change = "Nothing: sign in."
		return
	}
	own := a.entries(subject, path, administrative)
	all := a.entries(everybody, path, administrative)
	mine, others := a.applying(subject, path, administrative), a.applying(everybody, path, administrative)
	switch {
	case subject != "" && own.exact != nil && !own.allows(method), subject != "" && own.forbids():
		r.decide(foremost(mine), method)
	case subject != "" && own.exact == nil && own.all != nil && !listAllows(own.all, method):
		r.decide(mine[len(mine)-1], method)
	case all.forbids():
		r.decide(foremost(others), method)
	case subject == "" && all.allowsAnyhow(method):
		r.Rule = fmt.Sprintf("%s on %s is granted to users, but not to guests.", method, path)
		if len(others) > 0 {
			r.Entry = &others[0]
		}
	case administrative:
		r.Rule = fmt.Sprintf("%s %s manages the app: it needs an entry that names the resource, which * does not.", method, path)
	default:
		r.Rule = fmt.Sprintf("No entry of %s or of %s grants %s on %s.", named(subject), named(everybody), method, path)
		if subject == "" {
			r.Rule = fmt.Sprintf("No entry of %s grants %s on %s.", named(everybody), method, path)
		}
	}
}

// decide names the entry that refuses.
func (r *Ruling) decide(e Entry, method string) {
	r.Entry = &e
	r.Rule = fmt.Sprintf("The permissions of %s for %s do not allow %s, and they come before all others.", named(e.Subject), e.Path, method)
	if slices.Contains(e.Allowed, "-") {
		r.Rule = fmt.Sprintf("The permissions of %s for %s deny everything.", named(e.Subject), e.Path)
	}
}

// foremost is the most specific of some entries; of several spellings of one path the one that denies.
func foremost(entries []Entry) Entry {
	for _, e := range entries {
		if e.rank == entries[0].rank && slices.Contains(e.Allowed, "-") {
			return e
		}
	}
	return entries[0]
}

func named(subject string) string {
	switch subject {
	case "":
		return "guests"
	case everybody:
		return "everybody (*)"
	}
	return subject
}

// applying are the entries of a subject that apply to a path, the most specific ones first (D76).
func (a *App) applying(subject, path string, administrative bool) []Entry {
	var out []Entry
	for _, key := range sortedNames(a.Permissions[subject]) {
		k := a.permissionPath(key)
		before, pattern := strings.CutSuffix(k, "/*")
		rank := 0
		switch {
		case k == "*":
			rank = 1
			if administrative {
				rank = 0
			}
		case blank(k):
		case pattern && strings.HasPrefix(path, before+"/"):
			rank = 3 + 2*len(before)
		case k == path:
			rank = 4 + 2*len(path)
		case strings.HasPrefix(path, k+"/"):
			rank = 2 + 2*len(k)
		}
		if rank > 0 {
			out = append(out, Entry{subject, key, a.Permissions[subject][key], rank})
		}
	}
	slices.SortStableFunc(out, func(x, y Entry) int { return y.rank - x.rank })
	return out
}

// AppendJSON appends the ruling as an object.
func (r Ruling) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"allowed":`...)
	dst = append(dst, fmt.Sprint(r.Allowed)...)
	dst = AppendJSONString(append(dst, `,"rule":`...), r.Rule)
	if r.Entry != nil {
		dst = AppendJSONString(append(dst, `,"entry":{"subject":`...), r.Entry.Subject)
		dst = AppendJSONString(append(dst, `,"path":`...), r.Entry.Path)
		dst = append(dst, `,"allowed":[`...)
		for i, flag := range r.Entry.Allowed {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = AppendJSONString(dst, flag)
		}
		dst = append(dst, "]}"...)
	}
	if r.Change != "" {
		dst = AppendJSONString(append(dst, `,"change":`...), r.Change)
	}
	for i, note := range r.Notes {
		if i == 0 {
			dst = append(dst, `,"notes":[`...)
		} else {
			dst = append(dst, ',')
		}
		dst = AppendJSONString(dst, note)
	}
	if len(r.Notes) > 0 {
		dst = append(dst, ']')
	}
	return append(dst, '}')
}
