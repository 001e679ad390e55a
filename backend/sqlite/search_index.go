package sqlite

import (
	"encoding/binary"
	"slices"
	"strconv"
	"strings"

	"github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/analysis"
)

// How the index of an app is kept, in the app's own file and in the transaction of each write:
//
//	paths   every field of every type that was ever seen gets a small number, a path. All terms carry their path, so a
//	        query on one type touches only that type's terms.
//	terms   FTS5, contentless: the tokens of text fields as "path|token". Phrases work because the tokens of one value
//	        stand side by side,
//	        with a filler between values. The token "path|" stands in every document that has the field, "path||" in
//	        those with a value too long for vals.
//	keys    whole values of keyword fields, but for id, which stands in objects, and appid, which is always the same; and the
//	        objects that links connect
//	vals    short whole text values in lower case, for ranges over dates and the like
//	nums    numbers, by document and by an order-preserving key; nothing is rounded. Zeros of votes and version, which
//	        nearly every object has, are left out: what is not there is 0.
//	points  positions
//	docs    for each document the rows it has in the tables above, so that a change touches only what differs
//	types, counts   how many documents a type has, and how many of them have a number or a keyword in a path
//
// FTS5 never sees raw text: tokens are made by package analysis, and the tokenizer only splits at blanks.
var searchSchema = []string{
	`CREATE TABLE paths(
		path  INTEGER PRIMARY KEY,
		type  TEXT NOT NULL,
		field TEXT NOT NULL,
		kinds INTEGER NOT NULL,
		UNIQUE(type, field)
	) STRICT`,
	`CREATE VIRTUAL TABLE terms USING fts5(t, content='', contentless_delete=1,
		tokenize="ascii tokenchars '` + tokenCharacters + `'")`,
	`CREATE VIRTUAL TABLE vocabulary USING fts5vocab(terms, 'row')`,
	`CREATE TABLE keys(
		path  INTEGER NOT NULL,
		value TEXT NOT NULL,
		docid INTEGER NOT NULL,
		PRIMARY KEY(path, value, docid)
	) STRICT, WITHOUT ROWID`,
	`CREATE TABLE vals(
		path  INTEGER NOT NULL,
		value TEXT NOT NULL,
		docid INTEGER NOT NULL,
		PRIMARY KEY(path, value, docid)
	) STRICT, WITHOUT ROWID`,
	`CREATE TABLE nums(
		path    INTEGER NOT NULL,
		docid   INTEGER NOT NULL,
		key     BLOB NOT NULL,
		literal TEXT NOT NULL,
		PRIMARY KEY(path, docid, key)
	) STRICT, WITHOUT ROWID`,
	`CREATE INDEX nums_key ON nums(path, key, docid)`,
	`CREATE TABLE points(
		docid INTEGER PRIMARY KEY,
		lat   REAL NOT NULL,
		lng   REAL NOT NULL
	) STRICT`,
	`CREATE INDEX points_lat ON points(lat, lng)`,
	`CREATE TABLE docs(
		docid INTEGER PRIMARY KEY,
		type  TEXT NOT NULL,
		text  INTEGER NOT NULL,
		rows  BLOB NOT NULL
	) STRICT`,
	`CREATE TABLE types(type TEXT PRIMARY KEY, docs INTEGER NOT NULL) STRICT, WITHOUT ROWID`,
	`CREATE TABLE counts(path INTEGER PRIMARY KEY, docs INTEGER NOT NULL) STRICT`,
	`INSERT INTO meta VALUES('paths', 0)`,
}

// tokenCharacters are the ASCII characters beside letters and digits that a token can hold, and the bar between path and
// token. Bytes outside ASCII always belong to tokens.
const tokenCharacters = `|''"".:,;_#*-`

// filler stands between two values of a field, so that no phrase runs across.
const filler = "|"

// longMarker is the token of documents with a value too long for vals.
const longMarker = "|"

// maxValueKey is the longest value in bytes that stands in vals.
const maxValueKey = 64

// zeroByDefault are the numbers whose zeros are not indexed.
func zeroByDefault(field string) bool { return field == "votes" || field == "version" }

// unindexed are the keywords that need no rows of their own.
func unindexed(field string) bool { return field == "id" || field == "appid" }

// Kinds of values that a path has had, as bits.
const (
	kindKeyword = 1 << iota
	kindText
	kindNumber
	kindList    // in an array
	kindElement // of a link
)

// path is a field of a type.
type path struct {
	id    int64
	typ   string
	field string
	kinds int64
}

type pathName struct{ typ, field string }

// indexer keeps the search tables of one app. It is used by the app's writer only.
type indexer struct {
	paths  map[pathName]*path
	types  map[string]int64 // changes of types.docs in this transaction
	counts map[int64]int64  // changes of counts.docs in this transaction
	grown  bool             // paths changed in this transaction
	parts  part             // what of a document the last put or remove touched, beside a new one

	used    map[int64]int64 // kinds of the paths that were used since a rebuild began; nil at other times
	reading bool            // for checking: paths are only looked up
	lacking []pathName      // paths that were looked up and are not there, or do not have all kinds

	text []byte // the tokens of a document, reused
	rows []indexRow
}

// indexRow is one row of keys, vals or nums.
type indexRow struct {
	table   byte // k, v or n
	path    int64
	value   string // for nums the key
	literal string // for nums
}

// newIndexer makes the indexer of an app whose writer uses c.
func newIndexer(c *conn) (*indexer, error) {
	x := &indexer{types: map[string]int64{}, counts: map[int64]int64{}}
	return x, x.load(c)
}

func (x *indexer) load(c *conn) error {
	list, err := readPaths(c)
	if err != nil {
		return err
	}
	x.paths = make(map[pathName]*path, len(list))
	for _, p := range list {
		x.paths[pathName{p.typ, p.field}] = p
	}
	return nil
}

func readPaths(c *conn) ([]*path, error) {
	s, err := c.prepare("SELECT path, type, field, kinds FROM paths")
	if err != nil {
		return nil, err
	}
	defer s.reset()
	var out []*path
	for {
		row, err := s.step()
		if err != nil || !row {
			return out, err
		}
		out = append(out, &path{s.int64(0), s.text(1), s.text(2), s.int64(3)})
	}
}

// schema returns the statements that create the search tables.
func (x *indexer) schema() []string { return searchSchema }

// rolledBack tells that what was done since the last commit has not happened: drop what was remembered of it.
func (x *indexer) rolledBack() {
	clear(x.types)
	clear(x.counts)
	if x.grown {
		x.paths = nil // read again when it is needed
	}
	x.grown = false
}

// flush writes what was counted in the transaction in progress; it is called before the commit.
func (x *indexer) flush(tx txConn) error {
	for typ, n := range x.types {
		if n != 0 {
			if err := tx.exec("INSERT INTO types VALUES(?1, ?2) ON CONFLICT DO UPDATE SET docs=docs+?2", typ, n); err != nil {
				return err
			}
		}
	}
	for path, n := range x.counts {
		if n != 0 {
			if err := tx.exec("INSERT INTO counts VALUES(?1, ?2) ON CONFLICT DO UPDATE SET docs=docs+?2", path, n); err != nil {
				return err
			}
		}
	}
	if x.grown {
		if err := tx.exec("UPDATE meta SET value=value+1 WHERE key='paths'"); err != nil {
			return err
		}
	}
	clear(x.types)
	clear(x.counts)
	x.grown = false
	return nil
}

// maintain does a bounded piece of upkeep in a transaction of its own while the writer has nothing else to do, and says
// whether there is more: FTS5 merges its segments a little.
func (x *indexer) maintain(tx txConn) (more bool, err error) {
	before := tx.totalChanges()
	if err := tx.exec("INSERT INTO terms(terms, rank) VALUES('merge', 64)"); err != nil {
		return false, err
	}
	return tx.totalChanges()-before >= 2, nil
}

// path returns the path of a field, made when it is new, and notes the kinds of values it has. While checking it is nil for
// a path that is missing.
func (x *indexer) path(tx txConn, typ, field string, kinds int64) (*path, error) {
	if x.paths == nil {
		if err := x.load(tx); err != nil {
			return nil, err
		}
	}
	name := pathName{typ, field}
	p := x.paths[name]
	switch {
	case x.reading:
		if p == nil || p.kinds|kinds != p.kinds {
			x.lacking = append(x.lacking, name)
		}
		return p, nil
	case p == nil:
		if err := tx.exec("INSERT INTO paths(type, field, kinds) VALUES(?,?,?)", typ, field, kinds); err != nil {
			return nil, err
		}
		id, err := tx.int64("SELECT path FROM paths WHERE type=? AND field=?", typ, field)
		if err != nil {
			return nil, err
		}
		p = &path{id, typ, field, kinds}
		x.paths[name] = p
		x.grown = true
	case p.kinds|kinds != p.kinds:
		if err := tx.exec("UPDATE paths SET kinds=? WHERE path=?", p.kinds|kinds, p.id); err != nil {
			return nil, err
		}
		p.kinds |= kinds
		x.grown = true
	}
	if x.used != nil {
		x.used[p.id] |= kinds
	}
	return p, nil
}

// put indexes doc under docID; with old a document was indexed under docID before and is replaced.
func (x *indexer) put(tx txConn, docID int64, doc *para.Document, old bool) error {
	if err := x.flatten(tx, doc); err != nil {
		return err
	}
	hash := textHash(x.text)
	var before storedDoc
	x.parts = partWords | partRows | partWhole
	if old {
		var err error
		if before, err = readDoc(tx, docID); err != nil {
			return err
		}
		x.parts = 0
		if before.text != hash {
			x.parts |= partWords
		}
		if !slices.Equal(before.rows, x.rows) {
			x.parts |= partRows
		}
	}
	switch {
	case !old:
		if err := tx.exec("INSERT INTO terms(rowid, t) VALUES(?,?)", docID, string(x.text)); err != nil {
			return err
		}
	case before.text != hash:
		if err := tx.exec("INSERT OR REPLACE INTO terms(rowid, t) VALUES(?,?)", docID, string(x.text)); err != nil {
			return err
		}
	}
	if err := x.change(tx, docID, before.rows, x.rows); err != nil {
		return err
	}
	if err := putPoint(tx, docID, doc.Point, old); err != nil {
		return err
	}
	if !old || before.typ != doc.Type {
		if old {
			x.types[before.typ]--
		}
		x.types[doc.Type]++
	}
	return tx.exec("INSERT OR REPLACE INTO docs VALUES(?,?,?,?)", docID, doc.Type, hash, encodeRows(x.rows))
}

// remove forgets the document indexed under docID.
func (x *indexer) remove(tx txConn, docID int64) error {
	before, err := readDoc(tx, docID)
	if err != nil {
		return err
	}
	if err := x.change(tx, docID, before.rows, nil); err != nil {
		return err
	}
	x.parts = partWords | partRows | partWhole
	x.types[before.typ]--
	for _, sql := range [...]string{"DELETE FROM terms WHERE rowid=?", "DELETE FROM points WHERE docid=?", "DELETE FROM docs WHERE docid=?"} {
		if err := tx.exec(sql, docID); err != nil {
			return err
		}
	}
	return nil
}

// textHash tells whether the tokens of a document changed. It is kept in the file, so it must not depend on the process.
func textHash(text []byte) int64 {
	h := uint64(14695981039346656037) // FNV-1a
	for _, c := range text {
		h = (h ^ uint64(c)) * 1099511628211
	}
	return int64(h)
}

// flatten makes the tokens and rows of a document.
func (x *indexer) flatten(tx txConn, doc *para.Document) error {
	x.text, x.rows = x.text[:0], x.rows[:0]
	for i := range doc.Fields {
		f := &doc.Fields[i]
		kinds := int64(0)
		for _, v := range f.Values {
			switch {
			case v.Number:
				kinds |= kindNumber
			case f.Keyword:
				kinds |= kindKeyword
			default:
				kinds |= kindText
			}
		}
		if f.List || len(f.Values) > 1 {
			kinds |= kindList
		}
		if len(f.Values) == 0 && !f.List {
			continue
		}
		p, err := x.path(tx, doc.Type, f.Name, kinds)
		if err != nil {
			return err
		}
		if p != nil {
			x.values(p, f)
		}
	}
	if err := x.elementRows(tx, doc); err != nil {
		return err
	}
	slices.SortFunc(x.rows, compareRows)
	x.rows = slices.CompactFunc(x.rows, func(a, b indexRow) bool { return compareRows(a, b) == 0 })
	return nil
}

func (x *indexer) values(p *path, f *para.IndexField) {
	prefix := strconv.FormatInt(p.id, 36) + "|"
	wrote, marked, long := false, false, false
	for _, v := range f.Values {
		switch {
		case v.Number:
			key, ok := analysis.NumberKey(v.Text)
			if ok && !(key == zeroKey && zeroByDefault(f.Name)) {
				x.rows = append(x.rows, indexRow{'n', p.id, key, v.Text})
			}
		case f.Keyword:
			if !unindexed(f.Name) {
				x.rows = append(x.rows, indexRow{'k', p.id, v.Text, ""})
			}
		default:
			marked = true
			switch {
			case v.Text == "true" || v.Text == "false":
			case len(v.Text) > maxValueKey:
				long = true
			default:
				x.rows = append(x.rows, indexRow{'v', p.id, analysis.Lower(v.Text), ""})
			}
			if wrote && len(v.Tokens) > 0 {
				x.text = append(append(x.text, ' '), filler...)
			}
			for _, t := range v.Tokens {
				if len(x.text) > 0 {
					x.text = append(x.text, ' ')
				}
				x.text = append(append(x.text, prefix...), t.Text...)
				wrote = true
			}
		}
	}
	if marked {
		x.text = append(append(x.text, ' '), prefix...)
	}
	if long {
		x.text = append(append(append(x.text, ' '), prefix...), longMarker...)
	}
}

// zeroKey is the key of the number 0.
var zeroKey, _ = analysis.NumberKey("0")

func compareRows(a, b indexRow) int {
	switch {
	case a.table != b.table:
		return int(a.table) - int(b.table)
	case a.path != b.path:
		return int(a.path - b.path)
	}
	return strings.Compare(a.value, b.value)
}

// change brings the rows of a document from before to after; both are sorted.
func (x *indexer) change(tx txConn, docID int64, before, after []indexRow) error {
	x.count(before, -1)
	x.count(after, 1)
	for len(before) > 0 || len(after) > 0 {
		c := 0
		switch {
		case len(before) == 0:
			c = 1
		case len(after) == 0:
			c = -1
		default:
			c = compareRows(before[0], after[0])
		}
		switch {
		case c < 0:
			if err := deleteRow(tx, docID, before[0]); err != nil {
				return err
			}
			before = before[1:]
		case c > 0:
			if err := insertRow(tx, docID, after[0]); err != nil {
				return err
			}
			after = after[1:]
		default:
			if before[0].literal != after[0].literal {
				if err := insertRow(tx, docID, after[0]); err != nil {
					return err
				}
			}
			before, after = before[1:], after[1:]
		}
	}
	return nil
}

// count counts the documents that have a number or a keyword in a path; rows are sorted.
func (x *indexer) count(rows []indexRow, n int64) {
	last := int64(-1)
	for _, r := range rows {
		if r.table != 'v' && r.path != last {
			x.counts[r.path] += n
			last = r.path
		}
	}
}

func insertRow(tx txConn, docID int64, r indexRow) error {
	switch r.table {
	case 'k':
		return tx.exec("INSERT OR REPLACE INTO keys VALUES(?,?,?)", r.path, r.value, docID)
	case 'v':
		return tx.exec("INSERT OR REPLACE INTO vals VALUES(?,?,?)", r.path, r.value, docID)
	}
	return tx.exec("INSERT OR REPLACE INTO nums VALUES(?,?,?,?)", r.path, docID, []byte(r.value), r.literal)
}

func deleteRow(tx txConn, docID int64, r indexRow) error {
	switch r.table {
	case 'k':
		return tx.exec("DELETE FROM keys WHERE path=? AND value=? AND docid=?", r.path, r.value, docID)
	case 'v':
		return tx.exec("DELETE FROM vals WHERE path=? AND value=? AND docid=?", r.path, r.value, docID)
	}
	return tx.exec("DELETE FROM nums WHERE path=? AND docid=? AND key=?", r.path, docID, []byte(r.value))
}

func putPoint(tx txConn, docID int64, p *para.Point, old bool) error {
	if p == nil {
		if !old {
			return nil
		}
		return tx.exec("DELETE FROM points WHERE docid=?", docID)
	}
	return tx.exec("INSERT OR REPLACE INTO points VALUES(?,?,?)", docID, p.Lat, p.Lng)
}

// storedDoc is a row of docs.
type storedDoc struct {
	typ  string
	text int64
	rows []indexRow
}

func readDoc(c *conn, docID int64) (storedDoc, error) {
	s, err := c.prepare("SELECT type, text, rows FROM docs WHERE docid=?")
	if err != nil {
		return storedDoc{}, err
	}
	defer s.reset()
	s.bindInt64(1, docID)
	row, err := s.step()
	if err != nil || !row {
		return storedDoc{}, err
	}
	return storedDoc{s.text(0), s.int64(1), decodeRows(s.blob(2))}, nil
}

func encodeRows(rows []indexRow) []byte {
	b := make([]byte, 0, 16+24*len(rows))
	for _, r := range rows {
		b = append(b, r.table)
		b = binary.AppendUvarint(b, uint64(r.path))
		b = appendString(b, r.value)
		if r.table == 'n' {
			b = appendString(b, r.literal)
		}
	}
	return b
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// decodeRows reads what encodeRows wrote; it stops at the first thing that is not of that form.
func decodeRows(b []byte) []indexRow {
	var rows []indexRow
	text := func() (string, bool) {
		n, k := binary.Uvarint(b)
		if k <= 0 || n > uint64(len(b)-k) {
			return "", false
		}
		s := string(b[k : k+int(n)])
		b = b[k+int(n):]
		return s, true
	}
	for len(b) > 0 {
		r := indexRow{table: b[0]}
		b = b[1:]
		path, k := binary.Uvarint(b)
		if k <= 0 {
			return rows
		}
		r.path = int64(path)
		b = b[k:]
		var ok bool
		if r.value, ok = text(); !ok {
			return rows
		}
		if r.table == 'n' {
			if r.literal, ok = text(); !ok {
				return rows
			}
		}
		rows = append(rows, r)
	}
	return rows
}
