package sqlite

import (
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

// column is where the values of a sort field stand in order: numbers in nums, keywords in keys.
type column struct {
	*path
	text bool
}

// columns are the places that hold every value of a field, each document at most once; nil when values may be elsewhere.
func (e *evaluation) columns(field string) []column {
	paths := e.sortPaths(field)
	if e.q.Type != "" {
		paths = nil
		if p := e.all.byName[pathName{e.q.Type, field}]; p != nil {
			paths = append(paths, p)
		}
	}
	out := make([]column, 0, len(paths))
	for _, p := range paths {
		text := p.kinds == kindKeyword && !unindexed(field)
		if !text && p.kinds != kindNumber || len(out) > 0 && out[0].text != text {
			return nil
		}
		out = append(out, column{p, text})
	}
	return out
}

// entry is a document at its place in a column.
type entry struct {
	key string
	id  int64
}

// maxWalk bounds the entries that a walk holds in memory.
const maxWalk = 200_000

// walk reads the columns of the sort field in order until the page is full. hits nil stands for all documents of the
// query's type, of which there are total. done is false when another way is better or the only one.
func (e *evaluation) walk(hits set, total int64) (ids []int64, done bool, err error) {
	if e.q.After != nil {
		return e.walkAfter(hits)
	}
	if len(e.q.Sort) != 1 {
		return nil, false, nil
	}
	desc := e.q.Sort[0].Desc
	columns := e.columns(e.q.Sort[0].Field)
	want := int64(e.q.Offset + e.q.Limit)
	if len(columns) == 0 || want*int64(len(columns)) > maxWalk {
		return nil, false, nil
	}
	all, err := e.documents()
	if err != nil {
		return nil, false, err
	}
	having := int64(0)
	for _, c := range columns {
		n, err := e.c.int64("SELECT docs FROM counts WHERE path=?", c.id)
		if err != nil {
			return nil, false, err
		}
		having += n
	}
	if hits != nil {
		entries := min(want, total) * having / max(total, 1) // that a walk reads
		if total < entries*walkToMemory && !columns[0].text && !e.missing(e.q.Sort[0].Field).text {
			ids, done, err := e.top(hits, columns, desc, int(min(total*walkToLookUp, entries)))
			if done || err != nil {
				return ids, done, err
			}
		}
	}
	// Where the documents without the field stand, the columns do not say: numbers that are missing count as 0, texts come
	// before all others (S 8.3). A walk from the far end may fill the page before it gets there.
	gaps := having != all
	if gaps && !desc {
		return nil, false, nil
	}
	if hits != nil && min(want, total)*having/max(total, 1) > total*walkToLookUp {
		return nil, false, nil
	}
	var found []entry
	for _, c := range columns {
		if found, err = e.take(found, c, hits, desc, gaps && !c.text); err != nil {
			return nil, false, err
		}
	}
	if len(columns) > 1 {
		slices.SortFunc(found, func(a, b entry) int {
			c := strings.Compare(a.key, b.key)
			if desc {
				c = -c
			}
			return cmp.Or(c, cmp.Compare(a.id, b.id))
		})
	}
	if gaps && int64(len(found)) < want {
		return nil, false, nil
	}
	found = found[min(e.q.Offset, len(found)):min(int(want), len(found))]
	ids = make([]int64, len(found))
	for i, f := range found {
		ids[i] = f.id
	}
	return ids, true, nil
}

// documents is the number of documents of the query's type.
func (e *evaluation) documents() (int64, error) {
	if e.q.Type == "" {
		return e.c.int64("SELECT sum(docs) FROM types")
	}
	return e.c.int64("SELECT docs FROM types WHERE type=?", e.q.Type)
}

// take appends the first hits of a column up to the end of the page. Ties are in ascending DocID for both directions
// (S 8.3), so entries of one key are turned round when a column is read backwards.
func (e *evaluation) take(out []entry, c column, hits set, desc, positive bool) ([]entry, error) {
	sql, args := "SELECT docid, key FROM nums WHERE path=? ORDER BY key, docid", []any{c.id}
	switch {
	case c.text && desc:
		sql = "SELECT docid, value FROM keys WHERE path=? ORDER BY value DESC, docid DESC"
	case c.text:
		sql = "SELECT docid, value FROM keys WHERE path=? ORDER BY value, docid"
	case positive:
		sql, args = "SELECT docid, key FROM nums WHERE path=? AND key>? ORDER BY key DESC, docid DESC", append(args, []byte(zeroKey))
	case desc:
		sql = "SELECT docid, key FROM nums WHERE path=? ORDER BY key DESC, docid DESC"
	}
	s, err := e.c.prepare(sql)
	if err != nil {
		return nil, err
	}
	defer s.reset()
	s.bind(args...)
	begin, run := len(out), len(out) // run is where the current key begins
	want := e.q.Offset + e.q.Limit
	for {
		row, err := s.step()
		if err != nil {
			return nil, err
		}
		if !row {
			break
		}
		id := s.int64(0)
		if hits != nil && !hits.has(id) {
			continue
		}
		key := s.view(1)
		if len(out) == run || string(key) != out[run].key {
			if desc {
				slices.Reverse(out[run:])
			}
			if len(out)-begin >= want {
				return out, nil
			}
			run = len(out)
			out = append(out, entry{string(key), id})
			continue
		}
		if !desc && len(out)-begin >= want {
			return out, nil
		}
		out = append(out, entry{out[run].key, id})
	}
	if desc {
		slices.Reverse(out[run:])
	}
	return out, nil
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
		p := e.all.byName[pathName{e.q.Type, "type"}]
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
	used := len(hits) * len(keys) * sortValueSize
	if used > e.s.opts.maxSortBytes {
		return nil, errTooComplex
	}
	list := make([]hit, len(hits))
	values := make([]sortValue, len(hits)*len(keys))
	for i, id := range hits {
		list[i] = hit{id, values[i*len(keys) : (i+1)*len(keys)]}
	}
	for k, key := range keys {
		for i := range list {
			list[i].values[k] = e.missing(key.Field)
		}
		err := e.sortValues(hits, key.Field, func(i int, v sortValue) {
			if used += len(v.key); used <= e.s.opts.maxSortBytes {
				list[i].values[k] = v
			}
		})
		if err != nil {
			return nil, err
		}
		if used > e.s.opts.maxSortBytes {
			return nil, errTooComplex
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

// sortValueSize is about what a value takes beside its text.
const sortValueSize = 48

// docIDField sorts by creation order.
const docIDField = "_docid"

// knownKeys leaves out sort fields that no document has (T5), and those that stand there for the second time.
func (e *evaluation) knownKeys() []para.SortKey {
	var out []para.SortKey
	for _, k := range e.q.Sort {
		again := slices.ContainsFunc(out, func(o para.SortKey) bool { return o.Field == k.Field })
		if !again && (k.Field == docIDField || len(e.sortPaths(k.Field)) > 0) {
			out = append(out, k)
		}
	}
	return out
}

// sortPaths are the paths of a sort field. The type decides; a field that only other types have counts as known too.
func (e *evaluation) sortPaths(field string) []*path { return e.all.byField[field] }

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
	if e.q.Type != "" && e.all.byName[pathName{e.q.Type, field}] == nil {
		return nil
	}
	if columns := e.columns(field); len(columns) > 0 {
		done, err := e.columnValues(hits, columns, tell)
		if done || err != nil {
			return err
		}
	}
	return e.lookUp("SELECT "+recordColumns+" FROM objects WHERE docid=?", hits, func(i int, s *stmt) error {
		o, err := para.DecodeObject(scanRecord(e.c, s).Data)
		if err != nil {
			return err
		}
		if f, ok := analysis.SortField(o, field); ok {
			tell(i, valueOf(&f))
		}
		return nil
	})
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

// columnValues reads the values of the hits from columns. It is not done when there are few hits and no way to look them up
// in a column.
func (e *evaluation) columnValues(hits set, columns []column, tell func(int, sortValue)) (done bool, err error) {
	having := make([]int64, len(columns))
	for i, c := range columns {
		if having[i], err = e.c.int64("SELECT docs FROM counts WHERE path=?", c.id); err != nil {
			return false, err
		}
		if c.text && having[i] > int64(len(hits))*10 {
			return false, nil
		}
	}
	for i, c := range columns {
		if c.text || having[i] < int64(len(hits))*3 {
			err = e.wholeColumn(hits, c, tell)
		} else {
			err = e.numbersOneByOne(hits, c, tell)
		}
		if err != nil {
			return false, err
		}
	}
	return true, nil
}

// numbersOneByOne looks up the number of each hit.
func (e *evaluation) numbersOneByOne(hits set, c column, tell func(int, sortValue)) error {
	s, err := e.c.prepare("SELECT key FROM nums WHERE path=? AND docid=?")
	if err != nil {
		return err
	}
	defer s.reset()
	for i, id := range hits {
		s.again()
		s.bindInt64(1, c.id)
		s.bindInt64(2, id)
		row, err := s.step()
		if err != nil {
			return err
		}
		if row {
			tell(i, sortValue{key: string(s.view(0))})
		}
	}
	return nil
}

// wholeColumn reads all values of a column and keeps those of the hits.
func (e *evaluation) wholeColumn(hits set, c column, tell func(int, sortValue)) error {
	sql := "SELECT docid, key FROM nums WHERE path=?"
	if c.text {
		sql = "SELECT docid, value FROM keys WHERE path=?"
	}
	s, err := e.c.prepare(sql)
	if err != nil {
		return err
	}
	defer s.reset()
	s.bindInt64(1, c.id)
	for {
		row, err := s.step()
		if err != nil || !row {
			return err
		}
		if i, there := slices.BinarySearch(hits, s.int64(0)); there {
			tell(i, sortValue{text: c.text, key: string(s.view(1))})
		}
	}
}
