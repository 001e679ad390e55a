package para

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// View is how much of an object a caller gets (D32). Hidden members are in no view.
type View uint8

// The views.
const (
	Public         View = iota // without secret members
	Privileged                 // with secret members
	PrivilegedUser             // with secret members, but without those that prove a second factor
)

// secret says whether a view has a secret member.
func (v View) secret(name string) bool {
	return v == Privileged || v == PrivilegedUser && name != "twoFAkey" && name != "twoFAbackupKeyHash"
}

// ViewContext is what computed members depend on.
type ViewContext struct {
	Now         time.Time
	ContextPath string            // prefix of formActionURI
	IsEmail     func(string) bool // for identityProvider

	// Hidden returns the members of objects of a type that the caller does not see because of the app's field rules; nil
	// for none at all.
	Hidden func(typ string) []string
}

// identitySecrets are the custom properties of identity records that only apps and admins get (D32).
func identitySecret(name string) bool {
	return name == "password" || name == "token" || strings.HasPrefix(name, "etoken")
}

// AppendView appends the JSON of the object that a caller gets (R 9, D1, D32, D33).
func (o *Object) AppendView(dst []byte, v View, c ViewContext) []byte {
	var hidden []string
	if c.Hidden != nil {
		hidden = c.Hidden(o.Type())
	}
	dst = append(dst, '{')
	n := len(dst)
	next := 0
	for i := range o.typ.Fields {
		f := &o.typ.Fields[i]
		switch {
		case len(hidden) > 0 && slices.Contains(hidden, f.Name):
		case f.Hidden, f.Secret && !v.secret(f.Name):
		case f.Computed:
			dst = o.appendComputed(dst, n, f.Name, c)
		default:
			if raw := o.shown(f.Name, o.next(f.Name, &next), c.Hidden); raw != nil {
				dst = appendMember(dst, n, f.Name, raw)
			}
		}
	}
	if !o.typ.Open {
		return append(dst, '}') // what else the data holds was never checked
	}
	keepAll := v != Public || !IsIdentity(o)
	for i := range o.list {
		m := &o.list[i]
		if o.typ.Field(m.name) == nil && (keepAll || !identitySecret(m.name)) && (len(hidden) == 0 || !slices.Contains(hidden, m.name)) {
			dst = appendMember(dst, n, m.name, m.raw)
		}
	}
	return append(dst, '}')
}

// shown returns what callers see of a declared member whose stored value is raw.
func (o *Object) shown(name string, raw []byte, hidden func(string) []string) []byte {
	switch o.typ.Name {
	case "vote":
		switch name {
		case "tags":
			return []byte("[]")
		case "votes":
			return []byte("0")
		}
	case "linker":
		if name == "nstd" && raw != nil {
			raw = stripCopies(raw)
			if hidden != nil {
				raw = withoutMembers(raw, hidden)
			}
			return raw
		}
	case "form":
		if name == "markdownEnabled" && raw != nil && o.Bool("plaintextOnly") {
			return []byte("false")
		}
	}
	return raw
}

// appendComputed appends a member that is made on output (O 7).
func (o *Object) appendComputed(dst []byte, n int, name string, c ViewContext) []byte {
	text := func(s string) []byte { return AppendJSONString(appendMember(dst, n, name, nil), s) }
	flag := func(b bool) []byte { return strconv.AppendBool(appendMember(dst, n, name, nil), b) }
	switch name {
	case "objectURI":
		return o.appendURI(dst, n)
	case "plural":
		return o.appendPlural(dst, n)
	case "appIdentifier":
		return text(AppIdentifier(o.ID()))
	case "identityProvider":
		return text(IdentityProvider(o.Text("identifier"), c.IsEmail))
	case "formActionURI":
		return text(c.ContextPath + "/v1/_forms/" + o.AppID() + "/" + o.ID())
	case "upvote":
		return flag(o.Text("value") == "up")
	case "downvote":
		return flag(o.Text("value") == "down")
	case "expired":
		return flag(o.VoteExpired(c.Now))
	case "amendable":
		return flag(o.VoteAmendable(c.Now))
	}
	return dst
}

// VoteExpired says whether a vote has expired, so that its voter may vote again (O 12).
func (o *Object) VoteExpired(now time.Time) bool {
	after := o.Int("expiresAfter")
	return after != 0 && o.Timestamp() != 0 && o.age(now) >= seconds(after)
}

// VoteAmendable says whether a vote may still be taken back (O 12).
func (o *Object) VoteAmendable(now time.Time) bool {
	return o.Timestamp() != 0 && o.age(now) < seconds(o.Int("lockedAfter"))
}

// farAway bounds numbers of milliseconds that clients sent, so that sums of them do not overflow.
const farAway = 1 << 60

// age is how many milliseconds ago the object was made, negative for times to come.
func (o *Object) age(now time.Time) int64 {
	return now.UnixMilli() - min(max(o.Timestamp(), -farAway), farAway)
}

// seconds converts seconds to milliseconds.
func seconds(n int64) int64 { return min(max(n, -farAway/1000), farAway/1000) * 1000 }

// stripCopies removes hidden and secret members from the copies of linked objects (D33).
func stripCopies(raw []byte) []byte {
	items, ok := splitArray(raw)
	if !ok {
		return raw
	}
	out := []byte{'['}
	for i, item := range items {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, LinkCopy(item)...)
	}
	return append(out, ']')
}

// neverCopied are the names of secrets, which no link keeps whatever the type says it is (D33).
var neverCopied = map[string]bool{
	"password": true, "tokenSecret": true, "secret": true, "settings": true, "credentials": true, "twoFAkey": true,
	"twoFAbackupKeyHash": true, "authenticators": true, ClaimedEmail: true, "idpIdToken": true, "idpAccessToken": true, "idpRefreshToken": true, "captchaSecretKey": true,
}

// LinkCopy returns the copy of an object that a link keeps: without hidden and secret members (D33).
func LinkCopy(raw []byte) []byte {
	members, err := splitObject(raw, nil)
	if err != nil {
		return []byte("{}")
	}
	typ, name := "", ""
	for _, m := range members {
		switch m.name {
		case "type":
			typ = textOf(m.raw)
		case "name":
			name = textOf(m.raw)
		}
	}
	t := TypeOf(typ)
	identity := typ == "sysprop" && name == IdentityName
	out := []byte{'{'}
	for _, m := range members {
		f := t.Field(m.name)
		switch {
		case f != nil && (f.Hidden || f.Secret || f.Computed), neverCopied[m.name]:
			continue
		case identity && f == nil && identitySecret(m.name):
			continue
		case identity && m.name == "properties":
			continue
		}
		out = appendMember(out, 1, m.name, m.raw)
	}
	return append(out, '}')
}

// LinkCopies returns the member nstd of a link: copies of the two objects as they are stored, with their custom properties
// nested (O 7.8, D33).
func LinkCopies(first, second []byte) []byte {
	out := append([]byte{'['}, nested(first)...)
	out = append(append(out, ','), nested(second)...)
	return append(out, ']')
}

// nested is the stored form of an object: without computed, hidden and secret members, custom properties under
// "properties" (O 5.1).
func nested(data []byte) []byte {
	members, err := splitObject(LinkCopy(data), nil)
	if err != nil {
		return []byte("{}")
	}
	o := &Object{members: newMembers(members)}
	o.typ = TypeOf(o.Type())
	out := []byte{'{'}
	for _, m := range members {
		if o.typ.Field(m.name) != nil {
			out = appendMember(out, 1, m.name, m.raw)
		}
	}
	if raw := properties(members); raw != nil {
		out = appendMember(out, 1, "properties", raw)
	}
	return append(out, '}')
}

// properties nests the custom properties of an object; nil when its type has none.
func properties(members []member) []byte {
	typ := ""
	for _, m := range members {
		if m.name == "type" {
			typ = textOf(m.raw)
		}
	}
	t := TypeOf(typ)
	if !t.Open {
		return nil
	}
	out := []byte{'{'}
	for _, m := range members {
		if t.Field(m.name) == nil {
			out = appendMember(out, 1, m.name, m.raw)
		}
	}
	return append(out, '}')
}
