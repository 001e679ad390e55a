package access

import (
	"fmt"

	para "github.com/erudika/para-go"
)

// Narrow returns a query as the principal may ask it: unchanged where no member is hidden from it. A query that names a
// hidden member, or sorts by one, is refused. Without a type it looks for objects of all types, and a member must not be
// hidden in any. Conditions that name no member look only at members that are not hidden, so that hits, their number and
// their order tell nothing.
func (p Principal) Narrow(q *para.Query) (*para.Query, error) {
	fields := p.hiddenFields()
	if fields == nil {
		return q, nil
	}
	n := narrowing{fields: fields}
	if err := n.filter(q.Filter, q.Type, false); err != nil {
		return nil, err
	}
	for _, key := range q.Sort {
		if err := n.field(q.Type, key.Field); err != nil {
			return nil, err
		}
	}
	narrowed := *q
	narrowed.Hidden = fields
	return &narrowed, nil
}

type narrowing struct{ fields para.HiddenFields }

// field refuses a field that is hidden in objects of a type, "" for any type.
func (n narrowing) field(typ, name string) error {
	for t := range n.fields {
		if (typ == "" || typ == t) && n.fields.Hides(t, name) {
			text := fmt.Sprintf("The member %q of type %q is hidden from you: it cannot be searched or sorted by.", name, t)
			return &para.Error{Code: para.Denied, Message: text, Problems: []para.Problem{{Field: name, Rule: "hidden", Message: text}}}
		}
	}
	return nil
}

// filter looks at all conditions of a filter. In nested ones objects of any type are looked at by engines that know
// nothing of hidden fields, so they must name theirs.
func (n narrowing) filter(f para.Filter, typ string, nested bool) error {
	switch f := f.(type) {
	case para.And:
		return n.all(f.Parts, typ, nested)
	case para.Or:
		return n.all(f.Parts, typ, nested)
	case para.Not:
		return n.filter(f.Part, typ, nested)
	case para.Nested:
		return n.filter(f.Part, "", true)
	case para.ParentOf:
		return n.filter(f.Part, "", nested)
	case para.Near:
		return n.field("", "latlng")
	case para.Similar:
		for _, name := range f.Fields {
			if err := n.field(typ, name); err != nil {
				return err
			}
		}
		return nil
	case nil, para.All, para.None, para.IDs:
		return nil
	}
	scope, ok := para.ScopeOf(f)
	switch {
	case !ok:
		return para.Errorf(para.Denied, "This kind of query cannot be asked where members are hidden from you.")
	case scope.Kind == para.NamedField:
		return n.field(typ, scope.Name)
	case nested:
		return para.Errorf(para.Denied, "Members of objects are hidden from you: a query about linked objects has to name its fields.")
	}
	return nil
}

func (n narrowing) all(parts []para.Filter, typ string, nested bool) error {
	for _, part := range parts {
		if err := n.filter(part, typ, nested); err != nil {
			return err
		}
	}
	return nil
}
