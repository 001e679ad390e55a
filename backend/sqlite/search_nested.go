package sqlite

import (
	"cmp"
	"slices"
	"strings"

	"github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/analysis"
	"github.com/erudika/para-go/internal/match"
)

// Nested queries are about the objects that a link connects (S 15). The index says which: each element of a link has a row in
// keys, under a path that no field can have. So a query first finds the objects, then their links. Only elements that stand for
// no object of the index, because it is gone or never was, are looked at one by one: of these the copy in the link counts (D33).

// elementField is the name of the path of elements. No scope selects it, as its values are of a kind of their own.
const elementField = "nstd|"

// maxElementKey bounds what is kept of an element in bytes.
const maxElementKey = 600

// elementKey names the object that an element stands for; "" when it cannot be any.
func elementKey(id, typ string) string {
	if id == "" || typ == "" || len(id)+len(typ) > maxElementKey || strings.Contains(id, "\x00") || strings.Contains(typ, "\x00") {
		return ""
	}
	return id + "\x00" + typ
}

// elementRows adds the rows of the elements of a document.
func (x *indexer) elementRows(tx txConn, doc *para.Document) error {
	if len(doc.Nested) == 0 {
		return nil
	}
	p, err := x.path(tx, doc.Type, elementField, kindElement)
	if err != nil || p == nil {
		return err
	}
	for i := range doc.Nested {
		x.rows = append(x.rows, indexRow{'k', p.id, elementKey(doc.Nested[i].ID, doc.Nested[i].Type), ""})
	}
	return nil
}

// indexElements is the step to format 2: the links of older files get the rows of their elements.
func indexElements(c *conn) error {
	x, err := newIndexer(c)
	if err != nil {
		return err
	}
	const links = "SELECT " + recordColumns + " FROM objects WHERE docid>? AND type='linker' AND flags&2<>0 ORDER BY docid LIMIT 256"
	for after, more := int64(0), true; more; {
		more = false
		var docs []*para.Document
		var ids []int64
		s, err := c.prepare(links)
		if err != nil {
			return err
		}
		s.bindInt64(1, after)
		for {
			row, err := s.step()
			if err != nil {
				s.reset()
				return err
			}
			if !row {
				break
			}
			r := scanRecord(c, s)
			after, more = r.DocID, true
			if o, err := para.DecodeObject(r.Data); err == nil { // what cannot be read has no elements
				docs, ids = append(docs, analysis.Document(o)), append(ids, r.DocID)
			}
		}
		s.reset()
		for i, doc := range docs {
			if err := x.put(c, ids[i], doc, true); err != nil {
				return err
			}
		}
	}
	return x.flush(c)
}

// nested finds documents of which one element matches (S 15).
func (e *evaluation) nested(f para.Nested) (set, error) {
	p := e.all.byName[pathName{cmp.Or(e.q.Type, "linker"), elementField}]
	if p == nil {
		return nil, nil
	}
	objects, err := e.anyType().eval(f.Part)
	if err != nil {
		return nil, err
	}
	found, err := e.linking(p, objects)
	if err != nil {
		return nil, err
	}
	loose, err := e.loose(p)
	if err != nil {
		return nil, err
	}
	var more []int64
	for _, id := range loose.minus(found) {
		if err := e.tick(); err != nil {
			return nil, err
		}
		doc, err := e.document(id)
		if err != nil {
			return nil, err
		}
		if doc == nil || doc.Type != p.typ {
			continue
		}
		elements, err := e.elements(doc)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(elements, func(n para.Document) bool { return match.Document(&n, f.Part) }) {
			more = append(more, id)
		}
	}
	return found.or(more), nil
}

// elements are the elements of a link as they are now: the linked objects themselves where they exist, so that a copy is
// never stale (D33).
func (e *evaluation) elements(doc *para.Document) ([]para.Document, error) {
	out := make([]para.Document, 0, len(doc.Nested))
	for _, n := range doc.Nested {
		r, err := readRecord(e.c, n.ID)
		if err != nil {
			return nil, err
		}
		if r != nil && r.Type == n.Type {
			fresh, err := e.s.opts.Document(r)
			if err != nil {
				return nil, err
			}
			if fresh != nil {
				n = *fresh
			}
		}
		out = append(out, n)
	}
	return out, nil
}

// linking finds the links with an element that stands for one of some objects: by each object, or when there are many of them
// by each element.
func (e *evaluation) linking(p *path, objects set) (set, error) {
	if len(objects) == 0 {
		return nil, nil
	}
	links, err := e.c.int64("SELECT docs FROM counts WHERE path=?", p.id)
	if err != nil {
		return nil, err
	}
	if int64(len(objects)) > links {
		return e.linkingAny(p, objects)
	}
	s, err := e.c.prepare("SELECT docid FROM keys WHERE path=? AND value=?")
	if err != nil {
		return nil, err
	}
	defer s.reset()
	var ids []int64
	err = e.lookUp("SELECT id, type FROM objects WHERE docid=?", objects, func(_ int, o *stmt) error {
		key := elementKey(o.text(0), string(o.view(1)))
		if key == "" {
			return nil
		}
		s.again()
		s.bindInt64(1, p.id)
		s.bindText(2, key)
		for {
			row, err := s.step()
			if err != nil || !row {
				return err
			}
			ids = append(ids, s.int64(0))
		}
	})
	return sorted(ids), err
}

// linkingAny is linking by each element.
func (e *evaluation) linkingAny(p *path, objects set) (set, error) {
	var ids []int64
	err := e.eachElement(p, "SELECT value, docid FROM keys WHERE path=?", []any{p.id}, func(link, object int64) {
		if object != 0 && objects.has(object) {
			ids = append(ids, link)
		}
	})
	return sorted(ids), err
}

// eachElement tells the DocIDs of the links and objects of elements; 0 where there is no such object in the index. The
// statement names keys of elements and DocIDs of links.
func (e *evaluation) eachElement(p *path, sql string, args []any, tell func(link, object int64)) error {
	s, err := e.c.prepare(sql)
	if err != nil {
		return err
	}
	defer s.reset()
	o, err := e.c.prepare("SELECT docid, type FROM objects WHERE id=? AND flags&2<>0")
	if err != nil {
		return err
	}
	defer o.reset()
	s.bind(args...)
	last, object := "", int64(0) // rows with equal keys come together
	for {
		row, err := s.step()
		if err != nil || !row {
			return err
		}
		if key := s.view(0); string(key) != last {
			last, object = string(key), 0
			id, typ, _ := strings.Cut(last, "\x00")
			o.again()
			o.bindText(1, id)
			there, err := o.step()
			if err != nil {
				return err
			}
			if there && string(o.view(1)) == typ {
				object = o.int64(0)
			}
		}
		tell(s.int64(1), object)
	}
}

// readLoose names what is remembered of a path of elements.
const readLoose = "loose elements"

// maxLooseRefresh bounds the documents that were made since loose links were read, for which these are brought up to date.
const maxLooseRefresh = 5000

// loose are the links with an element that stands for no object of the index, and perhaps some others.
func (e *evaluation) loose(p *path) (set, error) {
	key := cacheKey{e.f, readLoose, packArgs([]any{p.id})}
	value, at := e.s.cache.get(key, e.at)
	links, ok := value.(set)
	if ok && at == e.at {
		return links, nil
	}
	var ids []int64
	collect := func(link, object int64) {
		if object == 0 {
			ids = append(ids, link)
		}
	}
	var err error
	if ok {
		ok, err = e.newLoose(p, at.seq, collect)
		links = links.or(sorted(ids))
	}
	if err == nil && !ok {
		ids = nil
		err = e.eachElement(p, "SELECT value, docid FROM keys WHERE path=?", []any{p.id}, collect)
		links = sorted(ids)
	}
	if err != nil {
		return nil, err
	}
	e.s.cache.put(key, e.at, links, 8*cap(links))
	return links, nil
}

// newLoose tells the elements of links that were written after a change, and those of objects that are gone since; false when
// reading all elements is better.
func (e *evaluation) newLoose(p *path, from int64, tell func(link, object int64)) (bool, error) {
	touched, ok := e.f.touched.between(from, e.at.seq, partRows)
	if !ok || e.f.touched.made.Load()-from > maxLooseRefresh {
		return false, nil
	}
	for _, id := range e.f.touched.gone(from, e.at.seq) {
		err := e.eachElement(p, "SELECT value, docid FROM keys WHERE path=? AND value>=? AND value<?", []any{p.id, id + "\x00", id + "\x01"}, tell)
		if err != nil {
			return false, err
		}
	}
	made, _, err := e.collect(0, "SELECT docid FROM docs WHERE docid>?", from)
	if err != nil {
		return false, err
	}
	var keys []indexRow
	var links []int64
	err = e.lookUp("SELECT rows, docid FROM docs WHERE docid=?", set(touched).or(ascending(made)), func(_ int, s *stmt) error {
		for _, r := range decodeRows(s.view(0)) {
			if r.table == 'k' && r.path == p.id {
				keys, links = append(keys, r), append(links, s.int64(1))
			}
		}
		return nil
	})
	if err != nil {
		return false, err
	}
	for i, r := range keys {
		if err := e.eachElement(p, "SELECT ?, ?", []any{r.value, links[i]}, tell); err != nil {
			return false, err
		}
	}
	return true, nil
}
