package sqlite

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strconv"
	"sync/atomic"

	"github.com/erudika/para-go"
)

// numbers are all numbers of a path in memory, in the order of documents and of the numbers of each. Looking one up takes a
// twentieth of what the table takes.
type numbers struct {
	ids     []uint32
	keys    []uint64           // as packKey makes them
	changed map[int64][]uint64 // numbers of documents that were written since ids and keys were read

	extended *atomic.Bool // somebody has appended behind the end of ids and keys; shared by all that end there
}

// numberSize is what a number takes in bytes.
const numberSize = 12

// searched is remembered for what is not in memory: the work that was done with the table instead, in rows read one after the
// other. When it is as much as to read all of them, that is done.
type searched int64

// readNumbers names what is remembered of a path.
const readNumbers = "SELECT docid, key FROM nums WHERE path=?"

// zeroPacked is packKey of zero.
const zeroPacked = 1 << 62

// packKey makes a number that sorts like a key of package analysis; false for keys with more than 16 digits or beyond 63
// places before or after the point.
func packKey(key []byte) (uint64, bool) {
	const places, digits = 64, 16
	if len(key) == 1 && key[0] == zeroKey[0] {
		return zeroPacked, true
	}
	if len(key) < 5 {
		return 0, false
	}
	negative := key[0] < 0x80
	flip, end := byte(0), len(key)
	if negative {
		flip, end = 0xFF, len(key)-1
	}
	exponent := int(key[1]^flip)<<16 | int(key[2]^flip)<<8 | int(key[3]^flip)
	exponent += places - 1<<23
	if exponent < 0 || exponent >= 2*places || end-4 > digits {
		return 0, false
	}
	n := uint64(0)
	for i := range digits {
		n *= 10
		if 4+i < end {
			n += uint64((key[4+i] ^ flip) - '0')
		}
	}
	n |= uint64(exponent) << 54
	if negative {
		return zeroPacked - 1 - n, true
	}
	return zeroPacked + 1 + n, true
}

// numbersOf returns the numbers of a path when they are in memory, or when work, what the query would otherwise do with the
// table, makes it worth while to read them all; nil otherwise.
func (e *evaluation) numbersOf(p *path, work int) (*numbers, error) {
	key := cacheKey{e.f, readNumbers, strconv.FormatInt(p.id, 36)}
	value, at := e.s.cache.get(key, e.at)
	switch v := value.(type) {
	case notKept:
		return nil, nil
	case *numbers:
		if at == e.at {
			return v, nil
		}
		fresh, ok, err := e.refreshNumbers(v, p, at.seq)
		if err != nil {
			return nil, err
		}
		if ok {
			e.keepNumbers(key, fresh)
			return fresh, nil
		}
	case searched:
		work += int(v)
	}
	having, err := e.c.int64("SELECT docs FROM counts WHERE path=?", p.id)
	if err != nil {
		return nil, err
	}
	if having*numberSize > maxCachedEntry {
		return nil, nil
	}
	if int64(work) < having {
		e.s.cache.put(key, e.at, searched(work), 8)
		return nil, nil
	}
	n := &numbers{ids: make([]uint32, 0, having), keys: make([]uint64, 0, having), extended: new(atomic.Bool)}
	ok, err := e.appendNumbers(n, readNumbers+" ORDER BY docid, key", p.id)
	if err != nil {
		return nil, err
	}
	if !ok {
		n = nil
	}
	e.keepNumbers(key, n)
	return n, nil
}

// keepNumbers remembers the numbers of a path; nil when they cannot be packed.
func (e *evaluation) keepNumbers(key cacheKey, n *numbers) {
	if n == nil {
		e.s.cache.put(key, e.at, notKept{}, 8)
		return
	}
	e.s.cache.put(key, e.at, n, numberSize*cap(n.ids))
}

// appendNumbers reads rows of nums in their order; false when one cannot be packed.
func (e *evaluation) appendNumbers(n *numbers, sql string, args ...any) (bool, error) {
	s, err := e.c.prepare(sql)
	if err != nil {
		return false, err
	}
	defer s.reset()
	s.bind(args...)
	for {
		row, err := s.step()
		if err != nil || !row {
			return true, err
		}
		id := s.int64(0)
		key, ok := packKey(s.view(1))
		if !ok || id > math.MaxUint32 {
			return false, nil
		}
		n.ids = append(n.ids, uint32(id))
		n.keys = append(n.keys, key)
	}
}

// maxChanged bounds the documents whose numbers are kept beside the others.
const maxChanged = 1024

// refreshNumbers brings numbers that were read after the change from up to the moment of the evaluation. They are nil when
// there is a number that cannot be packed; ok is false when reading all again is better.
func (e *evaluation) refreshNumbers(old *numbers, p *path, from int64) (n *numbers, ok bool, err error) {
	touched, ok := e.f.touched.between(from, e.at.seq, partRows)
	if !ok || len(touched)+len(old.changed) > maxChanged {
		return nil, false, nil
	}
	n = &numbers{old.ids, old.keys, old.changed, old.extended}
	if len(touched) > 0 {
		n.changed = make(map[int64][]uint64, len(touched)+len(old.changed))
		maps.Copy(n.changed, old.changed)
	}
	for _, id := range touched {
		var one numbers
		packed, err := e.appendNumbers(&one, readNumbers+" AND docid=? ORDER BY docid, key", p.id, id)
		if err != nil || !packed {
			return nil, true, err
		}
		n.changed[id] = one.keys
	}
	if e.f.touched.made.Load() <= from {
		return n, true, nil
	}
	var made numbers
	packed, err := e.appendNumbers(&made, readNumbers+" AND docid>? ORDER BY docid, key", p.id, from)
	if err != nil || !packed {
		return nil, true, err
	}
	if len(made.ids) == 0 {
		return n, true, nil
	}
	if !n.extended.CompareAndSwap(false, true) { // what lies behind the end belongs to somebody else
		n.ids, n.keys = slices.Clip(n.ids), slices.Clip(n.keys)
	}
	n.extended = new(atomic.Bool)
	n.ids, n.keys = append(n.ids, made.ids...), append(n.keys, made.keys...)
	return n, true, nil
}

// from returns the index of the first number of a document with at least this DocID, which is not before i.
func (n *numbers) from(i int, id int64) int {
	// Hits come in order, so the next one is near: steps that double, then halves.
	step := 1
	for i+step < len(n.ids) && int64(n.ids[i+step]) < id {
		i += step
		step *= 2
	}
	k, _ := slices.BinarySearchFunc(n.ids[i:min(i+step+1, len(n.ids))], id, func(a uint32, b int64) int { return cmp.Compare(int64(a), b) })
	return i + k
}

// each tells the numbers of each hit.
func (n *numbers) each(hits set, tell func(i int, keys []uint64)) {
	k := 0
	for i, id := range hits {
		if n.changed != nil {
			if keys, ok := n.changed[id]; ok {
				tell(i, keys)
				continue
			}
		}
		k = n.from(k, id)
		end := k
		for end < len(n.ids) && int64(n.ids[end]) == id {
			end++
		}
		tell(i, n.keys[k:end])
		k = end
	}
}

// within keeps the hits with a number between two packed bounds, both included.
func (n *numbers) within(hits set, low, high uint64) set {
	out := make(set, 0, len(hits)/4)
	n.each(hits, func(i int, keys []uint64) {
		for _, key := range keys {
			if key >= low && key <= high {
				out = append(out, hits[i])
				return
			}
		}
	})
	return out
}

// all returns the documents with a number between two packed bounds, both included.
func (n *numbers) all(low, high uint64) set {
	var out []int64
	for i, key := range n.keys {
		if id := int64(n.ids[i]); key >= low && key <= high {
			if _, changed := n.changed[id]; !changed {
				out = append(out, id)
			}
		}
	}
	out = ascending(out)
	var more []int64
	for id, keys := range n.changed {
		if slices.ContainsFunc(keys, func(key uint64) bool { return key >= low && key <= high }) {
			more = append(more, id)
		}
	}
	return set(out).or(sorted(more))
}

// packBounds returns the bounds of a range as packed numbers, both included; false when one cannot be packed.
func packBounds(low, high *string, r para.Range) (first, last uint64, ok bool) {
	last = math.MaxUint64
	if low != nil {
		if first, ok = packKey([]byte(*low)); !ok {
			return 0, 0, false
		}
		if !r.IncludeMin {
			first++
		}
	}
	if high != nil {
		if last, ok = packKey([]byte(*high)); !ok {
			return 0, 0, false
		}
		if !r.IncludeMax {
			last--
		}
	}
	return first, last, true
}

// walkToMemory is what reading one entry of an index in order costs beside looking one number up in memory.
const walkToMemory = 20

// top returns the page of hits sorted by columns of numbers in memory; false when they are not there. work is what would be
// done with tables otherwise.
func (e *evaluation) top(hits set, columns []column, desc bool, work int) (ids []int64, done bool, err error) {
	values := make([]uint64, len(hits))
	for i := range values {
		values[i] = zeroPacked
	}
	for _, c := range columns {
		n, err := e.numbersOf(c.path, work/len(columns))
		if err != nil || n == nil {
			return nil, false, err
		}
		n.each(hits, func(i int, keys []uint64) {
			if len(keys) > 0 {
				values[i] = keys[0]
			}
		})
	}
	if desc {
		for i := range values {
			values[i] = ^values[i]
		}
	}
	type hit struct {
		value uint64
		id    int64
	}
	compare := func(a, b hit) int { return cmp.Or(cmp.Compare(a.value, b.value), cmp.Compare(a.id, b.id)) }
	want := min(e.q.Offset+e.q.Limit, len(hits))
	best := make([]hit, 0, min(2*want, len(hits)))
	worst := hit{math.MaxUint64, math.MaxInt64} // of the page as it is now
	for i := range hits {
		if desc { // times grow with DocIDs: the page is soon full of the best
			i = len(hits) - 1 - i
		}
		h := hit{values[i], hits[i]}
		if h.value > worst.value || h.value == worst.value && h.id > worst.id {
			continue
		}
		best = append(best, h)
		if len(best) == 2*want {
			slices.SortFunc(best, compare)
			best = best[:want]
			worst = best[want-1]
		}
	}
	slices.SortFunc(best, compare)
	best = best[min(e.q.Offset, want):want]
	ids = make([]int64, len(best))
	for i := range best {
		ids[i] = best[i].id
	}
	return ids, true, nil
}
