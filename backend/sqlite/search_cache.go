package sqlite

import (
	"container/list"
	"encoding/binary"
	"sync"
	"sync/atomic"
)

// What searches read from the indexes is remembered: the documents of a word or of a keyword, and the numbers of a field.
// Every read transaction begins by asking which moment of the app it sees, and what is remembered carries the moment it was
// read at. It is used as it is when the two are the same; when the app was written to in between, the documents that were
// written are asked about one by one, as long as that is less work than to read it all again. So what a search finds never
// depends on what is remembered.

// moment is a state of an app's index. Commits that write changes get a new seq; others that write to the index, like those
// of a rebuild, a new version of the paths.
type moment struct{ paths, seq int64 }

// Bounds of what a store remembers, in bytes: in all, and in one entry.
const (
	maxCached      = 24 << 20
	maxCachedEntry = maxCached * 11 / 20
)

// cachedOverhead is about what an entry needs beside its value.
const cachedOverhead = 200

// indexCache remembers what was read from the indexes of all open apps; what was not used for longest goes first.
type indexCache struct {
	mu      sync.Mutex
	size    int
	entries map[cacheKey]*list.Element // of *cacheEntry
	order   *list.List                 // the last used one first
}

// cacheKey is a statement with its parameters.
type cacheKey struct {
	f    *file
	sql  string
	args string
}

type cacheEntry struct {
	key   cacheKey
	at    moment
	value any // set, *numbers, or what is known without them: searched, asked, notKept; never changed
	size  int
}

func newIndexCache() *indexCache {
	return &indexCache{entries: map[cacheKey]*list.Element{}, order: list.New()}
}

// notKept is remembered in the place of what is too large for the memory, or cannot be kept there.
type notKept struct{}

// get returns what is remembered, as of a moment that is not after now.
func (c *indexCache) get(key cacheKey, now moment) (value any, at moment) {
	c.mu.Lock()
	defer c.mu.Unlock()
	elem := c.entries[key]
	if elem == nil {
		return nil, moment{}
	}
	e := elem.Value.(*cacheEntry)
	if e.at.paths != now.paths || e.at.seq > now.seq {
		return nil, moment{}
	}
	c.order.MoveToFront(elem)
	return e.value, e.at
}

// put remembers a value of some bytes, unless a newer one is there.
func (c *indexCache) put(key cacheKey, at moment, value any, size int) {
	size += cachedOverhead + len(key.args)
	c.mu.Lock()
	defer c.mu.Unlock()
	if elem := c.entries[key]; elem != nil {
		e := elem.Value.(*cacheEntry)
		if e.at.paths > at.paths || e.at.paths == at.paths && e.at.seq > at.seq {
			return
		}
		c.remove(elem)
	}
	if size > maxCachedEntry {
		return
	}
	c.entries[key] = c.order.PushFront(&cacheEntry{key, at, value, size})
	c.size += size
	for c.size > maxCached {
		c.remove(c.order.Back())
	}
}

func (c *indexCache) remove(elem *list.Element) {
	e := c.order.Remove(elem).(*cacheEntry)
	delete(c.entries, e.key)
	c.size -= e.size
}

// forget drops what was read from a file that is being closed.
func (c *indexCache) forget(f *file) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for elem := c.order.Front(); elem != nil; {
		next := elem.Next()
		if elem.Value.(*cacheEntry).key.f == f {
			c.remove(elem)
		}
		elem = next
	}
}

// packArgs makes one text of the parameters of a statement, different for different ones.
func packArgs(args []any) string {
	var b []byte
	for _, a := range args {
		switch v := a.(type) {
		case int64:
			b = binary.AppendVarint(append(b, 'i'), v)
		case string:
			b = appendString(append(b, 's'), v)
		case []byte:
			b = appendString(append(b, 'b'), string(v))
		}
	}
	return string(b)
}

// reading is a statement that reads documents from an index.
type reading struct {
	sql   string // without ORDER BY; the first column is the DocID
	id    string // the column of the DocID
	part  part   // what of a document it reads
	ratio int    // documents that are read in the time in which one is asked about
}

// The readings that are remembered.
var (
	readWords = reading{"SELECT rowid FROM terms WHERE terms MATCH ?", "rowid", partWords, 80}
	readKey   = reading{"SELECT docid FROM keys WHERE path=? AND value=?", "docid", partRows, 16}
	readNum   = reading{"SELECT docid FROM nums WHERE path=? AND key=?", "docid", partRows, 16}
	readDocs  = reading{"SELECT docid FROM docs WHERE 1", "docid", partWhole, 16}
)

// fewTouched is how many written documents are asked about however few are remembered.
const fewTouched = 2

// remembered returns the documents of a reading from memory, and whether they are there.
func (e *evaluation) remembered(r reading, args ...any) (set, bool, error) {
	key := cacheKey{e.f, r.sql, packArgs(args)}
	value, at := e.s.cache.get(key, e.at)
	ids, ok := value.(set)
	if !ok || at == e.at {
		return ids, ok, nil
	}
	fresh, ok, err := e.refresh(ids, at.seq, r, args)
	if ok {
		e.s.cache.put(key, e.at, fresh, 8*cap(fresh))
	}
	return fresh, ok, err
}

// documentsIn returns the documents of a reading.
func (e *evaluation) documentsIn(r reading, args ...any) (set, error) {
	ids, ok, err := e.remembered(r, args...)
	if ok || err != nil {
		return ids, err
	}
	if ids, _, err = e.collect(0, r.sql, args...); err != nil {
		return nil, err
	}
	ids = ascending(ids)
	key := cacheKey{e.f, r.sql, packArgs(args)}
	if size := 8 * cap(ids); size < maxCachedEntry/2 {
		e.s.cache.put(key, e.at, ids, size)
	} else {
		e.s.cache.put(key, e.at, notKept{}, 0)
	}
	return ids, nil
}

// refresh brings documents that were read after the change from up to the moment of the evaluation; false when reading them
// again is less work.
func (e *evaluation) refresh(ids set, from int64, r reading, args []any) (set, bool, error) {
	touched, ok := e.f.touched.between(from, e.at.seq, r.part)
	if !ok || len(touched) > fewTouched+len(ids)/r.ratio {
		return nil, false, nil
	}
	if len(touched) > 0 {
		var kept []int64
		for _, id := range touched {
			found, _, err := e.collect(0, r.sql+" AND "+r.id+"=?", append(args, id)...)
			if err != nil {
				return nil, false, err
			}
			kept = append(kept, found...)
		}
		ids = ids.minus(touched).or(kept)
	}
	if e.f.touched.made.Load() <= from {
		return ids, true, nil
	}
	made, _, err := e.collect(0, r.sql+" AND "+r.id+">?", append(args, from)...)
	if err != nil {
		return nil, false, err
	}
	return ids.or(ascending(made)), true, nil
}

// part is what of a document a change touched, as bits.
type part uint8

const (
	partWords part = 1 << iota // tokens
	partRows                   // keys, vals and nums
	partWhole                  // whether there is a document
)

// maxTouched bounds the changes that are remembered for an app.
const maxTouched = 4096

// touchedLog knows which documents the last changes of an app touched. Documents that a change made are left out: their DocID
// is the number of that change. The writer notes a change before it is committed, so a reader that sees a change finds it here.
type touchedLog struct {
	mu      sync.Mutex
	from    int64 // changes up to this one are not remembered any more
	changes []touch

	made atomic.Int64 // DocID of the newest object that was made since the file was opened; it may be indexed later
}

type touch struct {
	seq, docID int64
	parts      part
	gone       string // id of an object that left the index, or stands there as another type
}

// gone is the id of the object when it leaves the index or becomes one of another type, "" otherwise.
func (l *touchedLog) note(seq, docID int64, parts part, gone string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.changes) >= maxTouched {
		half := len(l.changes) / 2
		l.from = l.changes[half-1].seq
		l.changes = append(l.changes[:0], l.changes[half:]...)
	}
	l.changes = append(l.changes, touch{seq, docID, parts, gone})
}

// rolledBack drops the changes after last, which have not happened.
func (l *touchedLog) rolledBack(last int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := len(l.changes)
	for n > 0 && l.changes[n-1].seq > last {
		n--
	}
	l.changes = l.changes[:n]
}

// gone returns the ids of the objects that left the index after the change from and up to the change to, which are known when
// between knows them.
func (l *touchedLog) gone(from, to int64) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var ids []string
	for i := len(l.changes) - 1; i >= 0 && l.changes[i].seq > from; i-- {
		if t := l.changes[i]; t.seq <= to && t.gone != "" {
			ids = append(ids, t.gone)
		}
	}
	return ids
}

// between returns the documents made up to the change from of which a later change, up to the change to, touched a part;
// false when that is not known any more.
func (l *touchedLog) between(from, to int64, p part) (set, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if from < l.from {
		return nil, false
	}
	var ids []int64
	for i := len(l.changes) - 1; i >= 0 && l.changes[i].seq > from; i-- {
		if t := l.changes[i]; t.seq <= to && t.docID <= from && t.parts&p != 0 {
			ids = append(ids, t.docID)
		}
	}
	return sorted(ids), true
}
