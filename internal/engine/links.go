package engine

import (
	"context"
	"strings"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/access"
)

// page256 is how many hits internal scans take at a time.
const page256 = 256

// linkTarget is the first object of a link route, or the error that its absence is answered with (R 17).
func (e *Engine) linkTarget(ctx context.Context, p access.Principal, pathType, id string) (*para.Record, error) {
	storage, key := e.storage(p.App, pathType, para.PathID(pathType, id))
	r, err := e.record(ctx, storage, key)
	if err != nil {
		return nil, err
	}
	if !p.Finds(r, pathType) {
		return nil, para.Errorf(para.NotFound, "Object not found: %s", id)
	}
	return r, nil
}

// linkEnds brings the two ends of a link into canonical order: the smaller type first, without regard to case; ends of
// one type keep the order of the call (O 11.1).
func linkEnds(type1, id1, type2, id2 string) (t1, i1, t2, i2 string) {
	if strings.ToLower(type1) > strings.ToLower(type2) {
		return type2, id2, type1, id1
	}
	return type1, id1, type2, id2
}

func linkID(type1, id1, type2, id2 string) string {
	t1, i1, t2, i2 := linkEnds(type1, id1, type2, id2)
	return strings.Join([]string{t1, i1, t2, i2}, para.Separator)
}

// linkIDs are the ids under which a link can be stored: links between objects of one type exist in both orders (D39).
func linkIDs(type1, id1, type2, id2 string) []string {
	ids := []string{linkID(type1, id1, type2, id2)}
	if other := linkID(type2, id2, type1, id1); other != ids[0] {
		ids = append(ids, other)
	}
	return ids
}

// Link links an object with another one and returns the id of the link; linking again renews it (R 17).
func (e *Engine) Link(ctx context.Context, p access.Principal, pathType, id, id2 string) (string, error) {
	first, err := e.linkTarget(ctx, p, pathType, id)
	if err != nil {
		return "", err
	}
	second, err := e.record(ctx, p.App.Identifier, id2)
	if err != nil {
		return "", err
	}
	if second == nil || internalType(second.Type) {
		return "", para.Errorf(para.Invalid, "Failed to create link.")
	}
	t1, i1, t2, i2 := linkEnds(first.Type, first.ID, second.Type, second.ID)
	o := para.New("linker")
	o.SetID(linkID(first.Type, first.ID, second.Type, second.ID))
	o.SetAppID(p.App.Identifier)
	o.SetName(t1 + para.Separator + t2)
	o.SetTimestamp(e.now().UnixMilli())
	for name, v := range map[string]string{"type1": t1, "id1": i1, "type2": t2, "id2": i2} {
		if err := o.Set(name, v); err != nil {
			return "", err
		}
	}
	o.SetRaw("nstd", para.LinkCopies(first.Data, second.Data))
	o.ApplyDefaults(e.now())
	if me := p.Subject(); me != "" {
		o.SetCreatorID(me)
	}
	action, err := e.putOp(p.AsApp(), o, "create")
	if err != nil {
		return "", err
	}
	if _, err := e.one(ctx, p.App.Identifier, action); err != nil {
		return "", err
	}
	return o.ID(), nil
}

// IsLinked says whether two objects are linked (R 17).
func (e *Engine) IsLinked(ctx context.Context, p access.Principal, pathType, id, type2, id2 string) (bool, error) {
	first, err := e.linkTarget(ctx, p, pathType, id)
	if err != nil {
		return false, err
	}
	records, err := e.records(ctx, p.App.Identifier, linkIDs(first.Type, first.ID, type2, id2))
	if err != nil {
		return false, err
	}
	for _, r := range records {
		if r != nil && r.Type == "linker" {
			return true, nil
		}
	}
	return false, nil
}

// linksOf is the condition on linkers between an object and objects of a type; "" for all that name the object, also
// those made when it had another type (O 11.1).
func linksOf(first *para.Record, type2 string) para.Filter {
	is := func(field, text string) para.Filter {
		return para.Term{Scope: para.Scope{Name: field}, Text: text}
	}
	here := func(n string) para.Filter {
		if type2 == "" {
			return is("id"+n, first.ID)
		}
		end := para.And{Parts: []para.Filter{is("id"+n, first.ID), is("type"+n, first.Type)}}
		other := "2"
		if n == "2" {
			other = "1"
		}
		end.Parts = append(end.Parts, is("type"+other, type2))
		return end
	}
	return para.Or{Parts: []para.Filter{here("1"), here("2")}}
}

// partner returns the other end of a link.
func partner(o *para.Object, first *para.Record) string {
	if o.Text("id1") == first.ID && o.Text("type1") == first.Type {
		return o.Text("id2")
	}
	return o.Text("id1")
}

// LinkSearch says which linked objects are wanted.
type LinkSearch struct {
	PathType, ID string
	Type2        string
	Filter       para.Filter // on the linked objects; nil for all
	Query        para.Query  // paging and order, by members of the links
}

// Links returns the objects of a type that are linked with an object, in the order of the links (R 17, D39, D40).
func (e *Engine) Links(ctx context.Context, p access.Principal, s LinkSearch) (*Found, error) {
	first, err := e.linkTarget(ctx, p, s.PathType, s.ID)
	if err != nil {
		return nil, err
	}
	q := s.Query
	q.Type = "linker"
	order, err := p.Narrow(&q) // clients choose the order
	if err != nil {
		return nil, err
	}
	q = *order
	q.Filter = linksOf(first, s.Type2)
	if s.Filter != nil {
		ids, err := e.matchingLinks(ctx, p, first, s)
		if err != nil {
			return nil, err
		}
		q.Filter = para.IDs{IDs: ids}
	}
	page, err := e.ask(ctx, p.App.Identifier, &q)
	if err != nil {
		return nil, err
	}
	f := &Found{Total: page.Total}
	if len(page.Records) == 0 {
		return f, nil
	}
	f.LastKey = page.Records[len(page.Records)-1].DocID
	var ids []string
	for _, r := range page.Records {
		o, err := para.DecodeObject(r.Data)
		if err != nil {
			return nil, para.Wrap(para.Corrupt, "read link "+r.ID, err)
		}
		ids = append(ids, partner(o, first))
	}
	records, err := e.records(ctx, p.App.Identifier, unique(ids))
	if err != nil {
		return nil, err
	}
	f.Items = e.see(p, records)
	return f, nil
}

// matchingLinks returns the ids of the links of an object whose other end matches a filter. The objects themselves are
// asked, not the copies that links keep, so the answer is never stale (D33).
func (e *Engine) matchingLinks(ctx context.Context, p access.Principal, first *para.Record, s LinkSearch) ([]string, error) {
	byPartner := map[string][]string{}
	var partners []string
	err := e.scan(ctx, p.App.Identifier, para.Query{Type: "linker", Filter: linksOf(first, s.Type2)}, func(o *para.Object) {
		id := partner(o, first)
		if byPartner[id] == nil {
			partners = append(partners, id)
		}
		byPartner[id] = append(byPartner[id], o.ID())
	})
	if err != nil || len(partners) == 0 {
		return nil, err
	}
	var ids []string
	q, err := p.Narrow(&para.Query{Type: s.Type2, Filter: para.And{Parts: []para.Filter{para.IDs{IDs: partners}, s.Filter}}})
	if err != nil {
		return nil, err
	}
	err = e.scan(ctx, p.App.Identifier, *q, func(o *para.Object) {
		ids = append(ids, byPartner[o.ID()][0])
	})
	return ids, err
}

// scan visits every object that a query finds, in creation order.
func (e *Engine) scan(ctx context.Context, app string, q para.Query, visit func(*para.Object)) error {
	q.Limit, q.Offset, q.Sort, q.Desc = page256, 0, nil, false
	for after := int64(0); ; {
		q.After = &after
		page, err := e.ask(ctx, app, &q)
		if err != nil {
			return err
		}
		for _, r := range page.Records {
			o, err := para.DecodeObject(r.Data)
			if err != nil {
				return para.Wrap(para.Corrupt, "read "+r.ID, err)
			}
			visit(o)
			after = r.DocID
		}
		if len(page.Records) < page256 {
			return nil
		}
	}
}

// Unlink removes the link between two objects in both orders; none is no error (R 17, D39).
func (e *Engine) Unlink(ctx context.Context, p access.Principal, pathType, id, type2, id2 string) error {
	first, err := e.linkTarget(ctx, p, pathType, id)
	if err != nil {
		return err
	}
	return e.removeLinks(ctx, p, linkIDs(first.Type, first.ID, type2, id2))
}

// UnlinkAll removes all links of an object, with type2 only those to objects of that type (R 17, D38, D41).
func (e *Engine) UnlinkAll(ctx context.Context, p access.Principal, pathType, id, type2 string) error {
	first, err := e.linkTarget(ctx, p, pathType, id)
	if err != nil {
		return err
	}
	var ids []string
	err = e.scan(ctx, p.App.Identifier, para.Query{Type: "linker", Filter: linksOf(first, type2)}, func(o *para.Object) { ids = append(ids, o.ID()) })
	if err != nil {
		return err
	}
	return e.removeLinks(ctx, p, ids)
}

func (e *Engine) removeLinks(ctx context.Context, p access.Principal, ids []string) error {
	var ops []*op
	for _, id := range ids {
		ops = append(ops, &op{reads: []string{id}, do: func(r []*para.Record) ([]para.Write, error) {
			if r[0] == nil || r[0].Type != "linker" {
				return nil, nil
			}
			return []para.Write{remove(r[0], "delete")}, nil
		}})
	}
	if len(ops) == 0 {
		return nil
	}
	outcomes, err := e.commit(ctx, p.App.Identifier, ops...)
	if err != nil {
		return err
	}
	_, err = written(p, outcomes)
	return err
}

// childrenOf is the condition on the children of an object.
func childrenOf(parent *para.Record, more para.Filter) para.Filter {
	f := para.Filter(para.Term{Scope: para.Scope{Name: "parentid"}, Text: parent.ID})
	if more != nil {
		f = para.And{Parts: []para.Filter{f, more}}
	}
	return f
}

// Children returns the children of an object of a type (R 17, O 11.2).
func (e *Engine) Children(ctx context.Context, p access.Principal, s LinkSearch) (*Found, error) {
	parent, err := e.linkTarget(ctx, p, s.PathType, s.ID)
	if err != nil {
		return nil, err
	}
	q := s.Query
	q.Type, q.Filter = s.Type2, childrenOf(parent, s.Filter)
	return e.Search(ctx, p, &q)
}

// DeleteChildren deletes all children of an object of a type that the principal may change (R 17, D38, D41).
func (e *Engine) DeleteChildren(ctx context.Context, p access.Principal, pathType, id, type2 string) error {
	parent, err := e.linkTarget(ctx, p, pathType, id)
	if err != nil {
		return err
	}
	var ids []string
	err = e.scan(ctx, p.App.Identifier, para.Query{Type: type2, Filter: childrenOf(parent, nil)}, func(o *para.Object) { ids = append(ids, o.ID()) })
	if err != nil {
		return err
	}
	for start := 0; start < len(ids); start += page256 {
		if err := e.DeleteAll(ctx, p, ids[start:min(start+page256, len(ids))]); err != nil {
			return err
		}
	}
	return nil
}
