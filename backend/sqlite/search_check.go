package sqlite

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"math"
	"slices"
	"strings"

	"github.com/erudika/para-go"
	lib "modernc.org/sqlite/lib"
)

// How an index is checked while it is in use. First the records are read piece by piece, each piece in a short transaction
// of its own, and for each a sum is made over everything that its document should have in the index. Then the tables of the
// index are read piece by piece and what is there is taken from the sums. Where a sum is not zero, or a row belongs to no
// record, something is wrong or was written meanwhile: those few are looked at again, each in one transaction, which
// tells the two apart. So no transaction lasts long, and nothing is missed.

// Sizes of the pieces that are read in one transaction.
const (
	checkRecords = 500
	checkRows    = 20_000
)

// Bounds of the documents that are looked at again and of the rows that are remembered; what is left comes to light in the
// next check.
const (
	maxSuspects = 10_000
	maxStray    = 100_000
)

// Check compares the index of an app with its records, as of the moments at which they are read.
func (s *Store) Check(ctx context.Context, app string) (*para.IndexReport, error) {
	k, err := s.checkIndex(ctx, app)
	if err != nil {
		return nil, err
	}
	return &k.report, nil
}

// checker compares one index.
type checker struct {
	ctx    context.Context
	s      *Store
	c      *conn
	x      *indexer // of the reader: makes rows and tokens, and looks paths up
	seed   maphash.Seed
	upper  int64 // newest change when the check began
	report para.IndexReport

	docs     []int64  // DocIDs of the records, ascending
	sums     []uint64 // for each of them what should be in the index minus what is
	suspects map[int64]bool
	guilty   map[int64]bool // suspects about which something was reported
	lacking  map[pathName]bool

	// What a rebuild mends.
	stray      []strayRow
	types      map[string]int64 // what the counters lack
	counts     map[int64]int64
	unreadable int64 // records of which no document can be made; a rebuild does not mend them
	words      bool  // words are wrong: when the documents were just written, their tables are damaged
}

// strayRow is a row that belongs to no document.
type strayRow struct {
	docID int64
	row   indexRow
}

// checkIndex runs a check on a connection of its own: one for each app, and few in the whole store, at the same time.
func (s *Store) checkIndex(ctx context.Context, app string) (k *checker, err error) {
	f, err := s.acquire(ctx, app)
	if err != nil {
		return nil, err
	}
	defer s.release(f)
	for _, turn := range []chan struct{}{f.checked, s.indexChecks} {
		select {
		case turn <- struct{}{}:
			defer func() { <-turn }()
		case <-ctx.Done():
			return nil, readFailure("check index", ctx.Err())
		}
	}
	ctx, stop := s.givingWay(ctx, f, errCheckEnded)
	defer stop()
	c, err := f.openReader()
	if err != nil {
		return nil, readFailure("check index", err)
	}
	defer func() { err = errors.Join(err, c.close()) }()
	defer c.interruptWhen(ctx)()
	k = &checker{
		ctx: ctx, s: s, c: c, seed: maphash.MakeSeed(), upper: f.w.last.Load(),
		x:        &indexer{types: map[string]int64{}, counts: map[int64]int64{}, reading: true},
		suspects: map[int64]bool{}, guilty: map[int64]bool{}, lacking: map[pathName]bool{},
	}
	if err = k.run(); err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
		if errors.Is(err, errCheckEnded) {
			err = &para.Error{Code: para.Unavailable, Message: "The check was ended because the app is being closed.", Err: err}
		}
	}
	if err != nil {
		return nil, readFailure("check index", err)
	}
	return k, nil
}

func (k *checker) run() error {
	// The view of single words lives in the memory of this connection only.
	if err := k.c.script(`PRAGMA query_only=OFF; CREATE VIRTUAL TABLE temp.instances USING fts5vocab(main, terms, instance);
		PRAGMA query_only=ON`); err != nil {
		return err
	}
	for _, step := range []func() error{k.soundWords, k.records, k.tables, k.judge, k.counters} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// piece runs do in a transaction, with the paths of that moment.
func (k *checker) piece(do func() error) error {
	if err := k.ctx.Err(); err != nil {
		return err
	}
	if err := k.c.exec("BEGIN"); err != nil {
		return err
	}
	err := k.x.load(k.c)
	if err == nil {
		err = do()
	}
	if k.c.inTransaction() {
		err = errors.Join(err, k.c.exec("ROLLBACK"))
	}
	return err
}

// differ reports a difference.
func (k *checker) differ(format string, args ...any) {
	k.report.Problems++
	if len(k.report.Differences) < para.MaxDifferences {
		k.report.Differences = append(k.report.Differences, fmt.Sprintf(format, args...))
	}
}

func (k *checker) suspect(docID int64) {
	if len(k.suspects) < maxSuspects {
		k.suspects[docID] = true
	}
}

// soundWords asks FTS5 whether its own tables fit together.
func (k *checker) soundWords() error {
	lines, err := k.c.strings(`PRAGMA quick_check("terms")`)
	if err != nil {
		return k.damagedWords(err)
	}
	for _, l := range lines {
		if l != "ok" {
			k.words = true
			k.differ("the tables of words: %s", l)
		}
	}
	return nil
}

// damagedWords reports an error that means damage of the tables of words, and returns any other.
func (k *checker) damagedWords(err error) error {
	if resultCode(err) != lib.SQLITE_CORRUPT {
		return err
	}
	if !k.words {
		k.differ("the tables of words: %v", err)
	}
	k.words = true
	return nil
}

// records makes the sums of all records.
func (k *checker) records() error {
	after := int64(0)
	for more := true; more; {
		err := k.piece(func() error {
			s, err := k.c.prepare("SELECT " + recordColumns + " FROM objects WHERE docid>? AND docid<=? ORDER BY docid LIMIT ?")
			if err != nil {
				return err
			}
			defer s.reset()
			s.bind(after, k.upper, checkRecords)
			more = false
			for {
				row, err := s.step()
				if err != nil || !row {
					return err
				}
				r, flags := scanRecord(k.c, s), s.int64(4)
				after, more = r.DocID, true
				sum, sound := k.expect(r, flags)
				k.docs, k.sums = append(k.docs, r.DocID), append(k.sums, sum)
				if !sound {
					k.suspect(r.DocID)
				}
			}
		})
		if err != nil {
			return err
		}
	}
	k.report.Records = int64(len(k.docs))
	return nil
}

// document makes rows and tokens of a record in k.x; false when it has no document.
func (k *checker) document(r *para.Record) (*para.Document, error) {
	k.x.text, k.x.rows, k.x.lacking = k.x.text[:0], k.x.rows[:0], nil
	doc, err := k.s.opts.Document(r)
	if err != nil || doc == nil {
		return nil, err
	}
	return doc, k.x.flatten(k.c, doc)
}

// expect makes the sum of what a record should have in the index. It is not sound when what the index keeps about the
// document as a whole says otherwise.
func (k *checker) expect(r *para.Record, flags int64) (sum uint64, sound bool) {
	doc, err := k.document(r)
	if err != nil {
		return 0, false
	}
	sound = (doc != nil) == (flags&flagIndexed != 0) && len(k.x.lacking) == 0
	if doc == nil {
		return 0, sound
	}
	sum = k.sum('d', 0, doc.Type, string(encodeRows(k.x.rows)), textHash(k.x.text)) + k.sum('s', 0, "", "", 0)
	for _, row := range k.x.rows {
		sum += k.sum(row.table, row.path, row.value, row.literal, 0)
	}
	if doc.Point != nil {
		sum += k.point(doc.Point.Lat, doc.Point.Lng)
	}
	eachToken(k.x.text, func(token []byte, position int64) { sum += k.token(token, position) })
	return sum, sound
}

// sum is one row of a table as a number.
func (k *checker) sum(table byte, path int64, value, more string, n int64) uint64 {
	var h maphash.Hash
	h.SetSeed(k.seed)
	maphash.WriteComparable(&h, [3]int64{int64(table), path, n})
	h.WriteString(value)
	h.WriteByte(0)
	h.WriteString(more)
	return h.Sum64()
}

func (k *checker) point(lat, lng float64) uint64 {
	return k.sum('p', int64(math.Float64bits(lat)), "", "", int64(math.Float64bits(lng)))
}

func (k *checker) token(token []byte, position int64) uint64 {
	return k.sum('t', position, string(token), "", 0)
}

// maxToken is the length in bytes at which FTS5 cuts tokens.
const maxToken = 32768

// eachToken cuts the text of a document as the tokenizer of terms does.
func eachToken(text []byte, tell func(token []byte, position int64)) {
	position := int64(0)
	for len(text) > 0 {
		n := slices.IndexFunc(text, func(b byte) bool { return b == ' ' })
		token := text
		if n >= 0 {
			token, text = text[:n], text[n+1:]
		} else {
			text = nil
		}
		if len(token) > 0 {
			tell(token[:min(len(token), maxToken)], position)
			position++
		}
	}
}

// found takes what stands in the index from the sum of its document.
func (k *checker) found(docID int64, sum uint64) {
	if docID > k.upper {
		return // newer than the check
	}
	if i, ok := slices.BinarySearch(k.docs, docID); ok {
		k.sums[i] -= sum
		return
	}
	k.suspect(docID)
}

// tables reads the whole index.
func (k *checker) tables() error {
	err := k.rows(func(docID int64, r indexRow) error {
		k.found(docID, k.sum(r.table, r.path, r.value, r.literal, 0))
		return nil
	})
	if err != nil {
		return err
	}
	err = k.byDoc("SELECT docid, lat, lng FROM points WHERE docid>? ORDER BY docid LIMIT ?", func(s *stmt) {
		k.found(s.int64(0), k.point(s.float(1), s.float(2)))
	})
	if err != nil {
		return err
	}
	err = k.byDoc("SELECT docid, type, rows, text FROM docs WHERE docid>? ORDER BY docid LIMIT ?", func(s *stmt) {
		k.found(s.int64(0), k.sum('d', 0, s.text(1), s.text(2), s.int64(3)))
	})
	if err != nil {
		return err
	}
	err = k.byDoc("SELECT id FROM terms_docsize WHERE id>? ORDER BY id LIMIT ?", func(s *stmt) {
		k.found(s.int64(0), k.sum('s', 0, "", "", 0))
	})
	if err != nil {
		return err
	}
	err = k.instances(func(docID int64, token []byte, position int64) error {
		k.found(docID, k.token(token, position))
		return nil
	})
	if err != nil {
		return k.damagedWords(err)
	}
	for i, sum := range k.sums {
		if sum != 0 {
			k.suspect(k.docs[i])
		}
	}
	return nil
}

// rows reads keys, vals and nums.
func (k *checker) rows(tell func(docID int64, r indexRow) error) error {
	for _, t := range []struct {
		table byte
		sql   string
	}{
		{'k', "SELECT path, value, docid, '' FROM keys WHERE (path, value, docid)>(?,?,?) ORDER BY path, value, docid LIMIT ?"},
		{'v', "SELECT path, value, docid, '' FROM vals WHERE (path, value, docid)>(?,?,?) ORDER BY path, value, docid LIMIT ?"},
		{'n', "SELECT path, key, docid, literal FROM nums WHERE (path, docid, key)>(?1,?3,?2) ORDER BY path, docid, key LIMIT ?4"},
	} {
		last, lastID := indexRow{table: t.table}, int64(0)
		for more := true; more; {
			err := k.piece(func() error {
				s, err := k.c.prepare(t.sql)
				if err != nil {
					return err
				}
				defer s.reset()
				s.bindInt64(1, last.path)
				if t.table == 'n' {
					s.bindBlob(2, []byte(last.value))
				} else {
					s.bindText(2, last.value)
				}
				s.bindInt64(3, lastID)
				s.bindInt64(4, checkRows)
				more = false
				for {
					row, err := s.step()
					if err != nil || !row {
						return err
					}
					more = true
					last, lastID = indexRow{t.table, s.int64(0), s.text(1), s.text(3)}, s.int64(2)
					if err := tell(lastID, last); err != nil {
						return err
					}
				}
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// byDoc reads a table in the order of its DocIDs, the first column.
func (k *checker) byDoc(sql string, tell func(s *stmt)) error {
	after := int64(math.MinInt64)
	for more := true; more; {
		err := k.piece(func() error {
			s, err := k.c.prepare(sql)
			if err != nil {
				return err
			}
			defer s.reset()
			s.bind(after, checkRows)
			more = false
			for {
				row, err := s.step()
				if err != nil || !row {
					return err
				}
				after, more = s.int64(0), true
				tell(s)
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// instances reads every token of every document; a piece ends with a token.
func (k *checker) instances(tell func(docID int64, token []byte, position int64) error) error {
	after := ""
	for more := true; more; {
		err := k.piece(func() error {
			s, err := k.c.prepare(`SELECT term, doc, "offset" FROM temp.instances WHERE term>?`)
			if err != nil {
				return err
			}
			defer s.reset()
			s.bindText(1, after)
			more = false
			for n := 0; ; n++ {
				row, err := s.step()
				if err != nil || !row {
					more = false
					return err
				}
				token := s.view(0)
				if string(token) != after {
					if n >= checkRows {
						more = true
						return nil
					}
					after = string(token)
				}
				if err := tell(s.int64(1), token, s.int64(2)); err != nil {
					return err
				}
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// judge looks at the suspects again.
func (k *checker) judge() error {
	if len(k.suspects) == 0 {
		return nil
	}
	ids := make([]int64, 0, len(k.suspects))
	for id := range k.suspects {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for part := range slices.Chunk(ids, checkRecords) {
		err := k.piece(func() error {
			for _, id := range part {
				if err := k.examine(id); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if err := k.strays(); err != nil {
		return err
	}
	// Documents that nobody has touched since the check began and whose sum is wrong all the same: words at wrong places.
	return k.piece(func() error {
		for _, id := range ids {
			i, ok := slices.BinarySearch(k.docs, id)
			if !ok || k.sums[i] == 0 || k.guilty[id] {
				continue
			}
			r, _, err := k.record(id)
			if err != nil {
				return err
			}
			if r != nil && r.Revision <= k.upper {
				k.words = true
				k.accuse(id, "object %s: its words do not stand in the index as they do in the object", r.ID)
			}
		}
		return nil
	})
}

func (k *checker) accuse(docID int64, format string, args ...any) {
	k.guilty[docID] = true
	k.differ(format, args...)
}

// record reads a record by DocID; nil when there is none.
func (k *checker) record(docID int64) (*para.Record, int64, error) {
	s, err := k.c.prepare("SELECT " + recordColumns + " FROM objects WHERE docid=?")
	if err != nil {
		return nil, 0, err
	}
	defer s.reset()
	s.bindInt64(1, docID)
	row, err := s.step()
	if err != nil || !row {
		return nil, 0, err
	}
	return scanRecord(k.c, s), s.int64(4), nil
}

// examine looks up everything that a suspect should have in the index.
func (k *checker) examine(docID int64) error {
	r, flags, err := k.record(docID)
	if err != nil {
		return err
	}
	var doc *para.Document
	name := fmt.Sprintf("document %d", docID)
	if r != nil {
		name = "object " + r.ID
		if doc, err = k.document(r); err != nil {
			k.unreadable++
			k.accuse(docID, "%s cannot be indexed: %v", name, err)
			return nil
		}
	}
	for _, p := range k.x.lacking {
		if doc != nil && !k.lacking[p] {
			k.lacking[p] = true
			k.accuse(docID, "field %s of type %s is not known to the index", p.field, p.typ)
		}
	}
	stored, err := readDoc(k.c, docID)
	if err != nil {
		return err
	}
	sized, err := k.c.int64("SELECT count(*) FROM terms_docsize WHERE id=?", docID)
	if err != nil {
		return err
	}
	points, err := k.c.int64("SELECT count(*) FROM points WHERE docid=?", docID)
	if err != nil {
		return err
	}
	if doc == nil {
		if stored.typ != "" || sized+points != 0 || flags&flagIndexed != 0 {
			k.accuse(docID, "%s is in the index and must not be found", name)
		}
		return nil
	}
	switch {
	case flags&flagIndexed == 0 || stored.typ == "" || sized == 0:
		k.accuse(docID, "%s is not in the index", name)
		return nil
	case stored.typ != doc.Type || stored.text != textHash(k.x.text) || !slices.Equal(stored.rows, k.x.rows):
		k.accuse(docID, "%s: the index holds another state of it", name)
		return nil
	}
	for _, row := range k.x.rows {
		there, err := k.hasRow(docID, row)
		if err != nil {
			return err
		}
		if !there {
			k.accuse(docID, "%s: a value of %s is not in the index", name, k.field(row.path))
		}
	}
	want := int64(0)
	if doc.Point != nil {
		want = 1
		points, err = k.c.int64("SELECT count(*) FROM points WHERE docid=? AND lat=? AND lng=?", docID, doc.Point.Lat, doc.Point.Lng)
		if err != nil {
			return err
		}
	}
	if points != want {
		k.accuse(docID, "%s: the index holds another position of it", name)
	}
	return k.missingWords(docID, name)
}

// missingWords looks each word of a document up.
func (k *checker) missingWords(docID int64, name string) error {
	s, err := k.c.prepare("SELECT 1 FROM terms WHERE terms MATCH ? AND rowid=?")
	if err != nil {
		return err
	}
	defer s.reset()
	seen := map[string]bool{}
	eachToken(k.x.text, func(token []byte, _ int64) {
		if err != nil || seen[string(token)] {
			return
		}
		seen[string(token)] = true
		s.again()
		s.bindText(1, `"`+strings.ReplaceAll(string(token), `"`, `""`)+`"`)
		s.bindInt64(2, docID)
		var row bool
		if row, err = s.step(); err == nil && !row {
			k.words = true
			k.accuse(docID, "%s: a word of it is not in the index", name)
		}
	})
	if err != nil {
		return k.damagedWords(err)
	}
	return nil
}

func (k *checker) hasRow(docID int64, r indexRow) (bool, error) {
	var n int64
	var err error
	switch r.table {
	case 'k':
		n, err = k.c.int64("SELECT count(*) FROM keys WHERE path=? AND value=? AND docid=?", r.path, r.value, docID)
	case 'v':
		n, err = k.c.int64("SELECT count(*) FROM vals WHERE path=? AND value=? AND docid=?", r.path, r.value, docID)
	default:
		n, err = k.c.int64("SELECT count(*) FROM nums WHERE path=? AND docid=? AND key=? AND literal=?", r.path, docID, []byte(r.value), r.literal)
	}
	return n > 0, err
}

// field names a path for people.
func (k *checker) field(id int64) string {
	for name, p := range k.x.paths {
		if p.id == id {
			return "field " + name.field
		}
	}
	return fmt.Sprintf("path %d", id)
}

// strays looks for rows and words that the suspects have in the index and should not have.
func (k *checker) strays() error {
	err := k.rows(func(docID int64, row indexRow) error {
		if !k.suspects[docID] {
			return nil
		}
		r, _, err := k.record(docID)
		if err != nil {
			return err
		}
		if r != nil {
			doc, err := k.document(r)
			if err != nil {
				return nil // reported
			}
			if doc != nil && slices.ContainsFunc(k.x.rows, func(x indexRow) bool { return compareRows(x, row) == 0 }) {
				return nil
			}
		}
		k.accuse(docID, "document %d: the index holds a value of %s that it does not have", docID, k.field(row.path))
		if len(k.stray) < maxStray {
			k.stray = append(k.stray, strayRow{docID, row})
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = k.instances(func(docID int64, token []byte, position int64) error {
		if !k.suspects[docID] {
			return nil
		}
		r, _, err := k.record(docID)
		if err != nil {
			return err
		}
		there := false
		if r != nil {
			doc, err := k.document(r)
			if err != nil {
				return nil // reported
			}
			if doc != nil {
				eachToken(k.x.text, func(t []byte, at int64) { there = there || at == position && string(t) == string(token) })
			}
		}
		if !there {
			k.words = true
			k.accuse(docID, "document %d: the index holds a word that it does not have", docID)
		}
		return nil
	})
	if err != nil {
		return k.damagedWords(err)
	}
	return nil
}

// counters counts what docs says and compares it with what was counted on the way.
func (k *checker) counters() error {
	k.types, k.counts = map[string]int64{}, map[int64]int64{}
	return k.piece(func() error {
		clear(k.x.counts)
		docs := map[string]int64{}
		s, err := k.c.prepare("SELECT type, rows FROM docs")
		if err != nil {
			return err
		}
		defer s.reset()
		for {
			row, err := s.step()
			if err != nil {
				return err
			}
			if !row {
				break
			}
			docs[k.c.name(s.view(0))]++
			k.x.count(decodeRows(s.view(1)), 1)
		}
		t, err := k.c.prepare("SELECT type, docs FROM types")
		if err != nil {
			return err
		}
		defer t.reset()
		for {
			row, err := t.step()
			if err != nil {
				return err
			}
			if !row {
				break
			}
			docs[t.text(0)] -= t.int64(1)
		}
		n, err := k.c.prepare("SELECT path, docs FROM counts")
		if err != nil {
			return err
		}
		defer n.reset()
		for {
			row, err := n.step()
			if err != nil {
				return err
			}
			if !row {
				break
			}
			k.x.counts[n.int64(0)] -= n.int64(1)
		}
		for typ, d := range docs {
			if d != 0 {
				k.types[typ] = d
				k.differ("type %s: the number of its objects is wrong by %d", typ, -d)
			}
		}
		for path, d := range k.x.counts {
			if d != 0 {
				k.counts[path] = d
				k.differ("%s: the number of objects that have it is wrong by %d", k.field(path), -d)
			}
		}
		return nil
	})
}
