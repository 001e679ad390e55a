package sqlite

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/analysis"
)

// What reading one entry of an index in order costs beside looking one document up.
const walkToLookUp = 6

// page returns the DocIDs of the wanted page of the hits, in order.
func (e *evaluation) page(hits set) ([]int64, error) {
	if e.q.Limit == 0 || len(hits) == 0 {
		return nil, nil
	}
	if e.q.After != nil {
		return e.after(hits), nil
	}
	if e.q.Offset >= len(hits) {
		return nil, nil
	}
	if ids, done, err := e.walk(hits, int64(len(hits))); done || err != nil {
		return ids, err
	}
	ordered, err := e.order(hits)
	if err != nil {
		return nil, err
	}
	return ordered[min(e.q.Offset, len(ordered)):min(e.q.Offset+e.q.Limit, len(ordered))], nil
}

// after is search-after mode: the hits beyond a DocID, in its order (S 8.5).
func (e *evaluation) after(hits set) []int64 {
	i, there := slices.BinarySearch(hits, *e.q.After)
	if !e.q.Desc {
		if there {
			i++
		}
		return hits[i:min(i+e.q.Limit, len(hits))]
	}
	out := slices.Clone(hits[max(0, i-e.q.Limit):i])
	slices.Reverse(out)
	return out
}

// sortPath is the path that a query is sorted by when that is a single field of the query's type which only ever held
// single numbers, nil otherwise.
func (e *evaluation) sortPath() *path {
	if len(e.q.Sort) != 1 || e.q.Type == "" {
		return nil
	}
	p := e.byTyp[pathName{e.q.Type, e.q.Sort[0].Field}]
	if p == nil || p.kinds != kindNumber {
		return nil
	}
	return p
}

// walk reads the index of the sort field in order until the page is full. hits nil stands for all documents of the type,
// of which there are total. done is false when another way is better or the only one.
func (e *evaluation) walk(hits set, total int64) (ids []int64, done bool, err error) {
	if e.q.After != nil {
		return e.walkAfter(hits)
	}
	p := e.sortPath()
	if p == nil {
		return nil, false, nil
	}
	all, err := e.c.int64("SELECT docs FROM types WHERE type=?", e.q.Type)
	if err != nil {
		return nil, false, err
	}
	having, err := e.c.int64("SELECT docs FROM counts WHERE path=?", p.id)
	if err != nil {
		return nil, false, err
	}
	if having != all {
		return e.walkPositive(hits, p)
	}
	want := int64(e.q.Offset + e.q.Limit)
	if hits != nil && want*all/max(total, 1) > total*walkToLookUp {
		return nil, false, nil
	}
	sql := "SELECT docid, key FROM nums WHERE path=? ORDER BY key, docid"
	if e.q.Sort[0].Desc {
		sql = "SELECT docid, key FROM nums WHERE path=? ORDER BY key DESC, docid DESC"
	}
	s, err := e.c.prepare(sql)
	if err != nil {
		return nil, false, err
	}
	defer s.reset()
	s.bindInt64(1, p.id)
	return e.take(s, hits, e.q.Sort[0].Desc)
}

// walkPositive reads the greatest numbers of a path of which zeros may be missing; it is done when they fill the page.
// Otherwise the index alone does not say where the documents without the field stand, which count as 0.
func (e *evaluation) walkPositive(hits set, p *path) ([]int64, bool, error) {
	if !e.q.Sort[0].Desc {
		return nil, false, nil
	}
	s, err := e.c.prepare("SELECT docid, key FROM nums WHERE path=? AND key>? ORDER BY key DESC, docid DESC")
	if err != nil {
		return nil, false, err
	}
	defer s.reset()
	s.bindInt64(1, p.id)
	s.bindBlob(2, []byte(zeroKey))
	ids, _, err := e.takeDesc(s, hits)
	return ids, len(ids) == e.q.Limit, err
}

// take reads the page from a statement that yields DocIDs in order of a key. Ties are in ascending DocID for both
// directions (S 8.3), so entries of one key are turned round when the index is read backwards.
func (e *evaluation) take(s *stmt, hits set, desc bool) ([]int64, bool, error) {
	skip, out := e.q.Offset, make([]int64, 0, e.q.Limit)
	if !desc {
		for len(out) < e.q.Limit {
			row, err := s.step()
			if err != nil {
				return nil, false, err
			}
			if !row {
				break
			}
			if id := s.int64(0); hits == nil || hits.has(id) {
				if skip > 0 {
					skip--
					continue
				}
				out = append(out, id)
			}
		}
		return out, true, nil
	}
	return e.takeDesc(s, hits)
}

func (e *evaluation) takeDesc(s *stmt, hits set) ([]int64, bool, error) {
	want := e.q.Offset + e.q.Limit
	out := make([]int64, 0, want)
	var run []int64 // entries of the current key, descending
	var key []byte
	flush := func() {
		slices.Reverse(run)
		out = append(out, run...)
		run = run[:0]
	}
	for {
		row, err := s.step()
		if err != nil {
			return nil, false, err
		}
		if !row {
			break
		}
		id := s.int64(0)
		if hits != nil && !hits.has(id) {
			continue
		}
		if k := s.view(1); !bytes.Equal(k, key) {
			flush()
			if len(out) >= want {
				break
			}
			key = append(key[:0], k...)
		}
		run = append(run, id)
	}
	flush()
	if len(out) > want {
		out = out[:want]
	}
	return out[min(e.q.Offset, len(out)):], true, nil
}

// walkAfter is search-after mode over all documents of a type.
func (e *evaluation) walkAfter(hits set) ([]int64, bool, error) {
	if hits != nil {
		return nil, false, nil
	}
	sql, args := "SELECT docid FROM docs WHERE docid>? ORDER BY docid LIMIT ?", []any{*e.q.After, e.q.Limit}
	if e.q.Desc {
		sql = "SELECT docid FROM docs WHERE docid<? ORDER BY docid DESC LIMIT ?"
	}
	if e.q.Type != "" {
		p := e.byTyp[pathName{e.q.Type, "type"}]
		if p == nil {
			return nil, false, nil
		}
		sql = "SELECT docid FROM keys WHERE path=? AND value=? AND docid>? ORDER BY docid LIMIT ?"
		if e.q.Desc {
			sql = "SELECT docid FROM keys WHERE path=? AND value=? AND docid<? ORDER BY docid DESC LIMIT ?"
		}
		args = append([]any{p.id, e.q.Type}, args...)
	}
	ids, _, err := e.collect(0, sql, args...)
	return ids, true, err
}

// sortValue is what a document has in a sort field: numbers come before texts (S 8.3).
type sortValue struct {
	text bool
	key  string
}

func compareValues(a, b sortValue) int {
	if a.text != b.text {
		if a.text {
			return 1
		}
		return -1
	}
	return strings.Compare(a.key, b.key)
}

// order sorts hits in memory by the values in the documents.
func (e *evaluation) order(hits set) ([]int64, error) {
	type hit struct {
		id     int64
		values []sortValue
	}
	keys := e.knownKeys()
	if len(keys) == 0 {
		return hits, nil
	}
	list := make([]hit, len(hits))
	for i, id := range hits {
		list[i].id = id
		list[i].values = make([]sortValue, len(keys))
	}
	for k, key := range keys {
		for i := range list {
			list[i].values[k] = e.missing(key.Field)
		}
		if err := e.sortValues(hits, key.Field, func(i int, v sortValue) { list[i].values[k] = v }); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(list, func(a, b hit) int {
		for k, key := range keys {
			if c := compareValues(a.values[k], b.values[k]); c != 0 {
				if key.Desc {
					return -c
				}
				return c
			}
		}
		return cmp.Compare(a.id, b.id)
	})
	out := make([]int64, len(list))
	for i := range list {
		out[i] = list[i].id
	}
	return out, nil
}

// docIDField sorts by creation order.
const docIDField = "_docid"

// knownKeys leaves out sort fields that no document has (T5).
func (e *evaluation) knownKeys() []para.SortKey {
	var out []para.SortKey
	for _, k := range e.q.Sort {
		if k.Field == docIDField || len(e.sortPaths(k.Field)) > 0 {
			out = append(out, k)
		}
	}
	return out
}

// sortPaths are the paths of a sort field. The type decides; a field that only other types have counts as known too.
func (e *evaluation) sortPaths(field string) []*path {
	var out []*path
	for _, p := range e.byTyp {
		if p.field == field {
			out = append(out, p)
		}
	}
	return out
}

// missing is what a document without a field sorts as: 0 among numbers, before all others among texts.
func (e *evaluation) missing(field string) sortValue {
	numbers, texts := false, false
	for _, p := range e.sortPaths(field) {
		numbers = numbers || p.kinds == kindNumber
		texts = texts || p.kinds&^kindNumber != 0
	}
	if numbers && !texts {
		zero, _ := analysis.NumberKey("0")
		return sortValue{key: zero}
	}
	return sortValue{text: true}
}

// sortValues tells the values of a field for the hits that have it.
func (e *evaluation) sortValues(hits set, field string, tell func(i int, v sortValue)) error {
	if field == docIDField {
		for i := range hits {
			tell(i, sortValue{key: string(appendKey(nil, hits[i]))})
		}
		return nil
	}
	if p := e.onlyNumbers(field); len(p) > 0 {
		return e.numbersOf(hits, p, tell)
	}
	s, err := e.c.prepare("SELECT " + recordColumns + " FROM objects WHERE docid=?")
	if err != nil {
		return err
	}
	defer s.reset()
	for i, id := range hits {
		s.again()
		s.bindInt64(1, id)
		row, err := s.step()
		if err != nil {
			return err
		}
		if !row {
			continue
		}
		doc, err := e.s.opts.Document(scanRecord(e.c, s))
		if err != nil || doc == nil {
			continue
		}
		for j := range doc.Fields {
			if f := &doc.Fields[j]; f.Name == field {
				tell(i, valueOf(f))
			}
		}
	}
	return nil
}

func valueOf(f *para.IndexField) sortValue {
	if !f.List && len(f.Values) == 1 && f.Values[0].Number {
		if key, ok := analysis.NumberKey(f.Values[0].Text); ok {
			return sortValue{key: key}
		}
	}
	return sortValue{text: true, key: f.Sort}
}

func appendKey(b []byte, n int64) []byte {
	for shift := 56; shift >= 0; shift -= 8 {
		b = append(b, byte(uint64(n)>>shift))
	}
	return b
}

// onlyNumbers are the paths of a field that only holds single numbers, nil otherwise.
func (e *evaluation) onlyNumbers(field string) []*path {
	if e.q.Type != "" {
		if p := e.byTyp[pathName{e.q.Type, field}]; p != nil && p.kinds == kindNumber {
			return []*path{p}
		}
		return nil
	}
	ps := e.sortPaths(field)
	for _, p := range ps {
		if p.kinds != kindNumber {
			return nil
		}
	}
	return ps
}

// numbersOf looks the numbers of the hits up; when the hits are a large part of the documents it reads the whole path.
func (e *evaluation) numbersOf(hits set, paths []*path, tell func(int, sortValue)) error {
	for _, p := range paths {
		having, err := e.c.int64("SELECT docs FROM counts WHERE path=?", p.id)
		if err != nil {
			return err
		}
		if having < int64(len(hits))*3 {
			if err := e.allNumbers(hits, p, tell); err != nil {
				return err
			}
			continue
		}
		s, err := e.c.prepare("SELECT key FROM nums WHERE path=? AND docid=?")
		if err != nil {
			return err
		}
		for i, id := range hits {
			s.again()
			s.bindInt64(1, p.id)
			s.bindInt64(2, id)
			row, err := s.step()
			if err != nil {
				s.reset()
				return err
			}
			if row {
				tell(i, sortValue{key: string(s.view(0))})
			}
		}
		s.reset()
	}
	return nil
}

func (e *evaluation) allNumbers(hits set, p *path, tell func(int, sortValue)) error {
	s, err := e.c.prepare("SELECT docid, key FROM nums WHERE path=? ORDER BY docid")
	if err != nil {
		return err
	}
	defer s.reset()
	s.bindInt64(1, p.id)
	i := 0
	for {
		row, err := s.step()
		if err != nil || !row {
			return err
		}
		id := s.int64(0)
		for i < len(hits) && hits[i] < id {
			i++
		}
		if i < len(hits) && hits[i] == id {
			tell(i, sortValue{key: string(s.view(1))})
		}
	}
}
