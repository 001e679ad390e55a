package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	_ "modernc.org/sqlite" // the driver of the bare loop
)

// samples is how many objects the bare loop takes from the server's file and writes again and again.
const samples = 500

// stored is what the store keeps of one object: its row and those of its index.
type stored struct {
	typ, tokens string
	data, rows  []byte
	index       []indexed
}

// indexed is a row of one of the tables keys, vals and nums: path, value or key, and the literal of a number.
type indexed struct {
	table int
	args  []any
}

// Places of the statements that insert into the tables of the index.
const (
	inKeys = iota
	inVals
	inNums
	indexTables
)

var indexInserts = [indexTables]string{
	inKeys: "INSERT INTO keys(path, value, docid) VALUES(?,?,?)",
	inVals: "INSERT INTO vals(path, value, docid) VALUES(?,?,?)",
	inNums: "INSERT INTO nums(path, key, literal, docid) VALUES(?,?,?,?)",
}

// readStore reads the schema of the app's file and some of its objects, while the server goes on.
func readStore(ctx context.Context, file string) (schema []string, objects []stored, err error) {
	db, err := sql.Open("sqlite", "file:"+file+"?mode=ro")
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	err = each(ctx, db, `SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'terms_%' ORDER BY rowid`,
		func(rows *sql.Rows) error {
			var s string
			schema = append(schema, "")
			err := rows.Scan(&s)
			schema[len(schema)-1] = s
			return err
		})
	if err != nil {
		return nil, nil, err
	}
	places := map[int64]int{}
	err = each(ctx, db, fmt.Sprintf(`SELECT d.docid, o.type, o.data, d.rows FROM docs d JOIN objects o USING(docid) WHERE o.type = 'article' ORDER BY d.docid LIMIT %d`, samples),
		func(rows *sql.Rows) error {
			var docid int64
			var o stored
			if err := rows.Scan(&docid, &o.typ, &o.data, &o.rows); err != nil {
				return err
			}
			o.tokens = tokens(o.data)
			places[docid] = len(objects)
			objects = append(objects, o)
			return nil
		})
	if err != nil {
		return nil, nil, err
	}
	for table, columns := range []string{inKeys: "path, value", inVals: "path, value", inNums: "path, key, literal"} {
		name := [indexTables]string{"keys", "vals", "nums"}[table]
		err := each(ctx, db, "SELECT docid, "+columns+" FROM "+name, func(rows *sql.Rows) error {
			var docid int64
			row := indexed{table: table, args: make([]any, strings.Count(columns, ",")+1)}
			to := []any{&docid}
			for i := range row.args {
				to = append(to, &row.args[i])
			}
			if err := rows.Scan(to...); err != nil {
				return err
			}
			if i, ok := places[docid]; ok {
				objects[i].index = append(objects[i].index, row)
			}
			return nil
		})
		if err != nil {
			return nil, nil, err
		}
	}
	if len(objects) == 0 {
		return nil, nil, fmt.Errorf("%s holds no objects", file)
	}
	return schema, objects, nil
}

func each(ctx context.Context, db *sql.DB, query string, row func(*sql.Rows) error) error {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := row(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// tokens are about what the index holds of an object's texts: each word with the number of its field.
func tokens(data []byte) string {
	var members map[string]any
	if json.Unmarshal(data, &members) != nil {
		return ""
	}
	var b strings.Builder
	for _, v := range members {
		text, _ := v.(string)
		for word := range strings.FieldsSeq(text) {
			b.WriteString("12|")
			b.WriteString(word)
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// bareWrites is a loop that writes the rows the store keeps of an object, its index included, into the same SQLite schema
// and flushes every transaction; waiting writers share one, as in the server. No HTTP, no JSON, no validation, no
// analysis. With updates it changes one number of objects that are there.
func bareWrites(ctx context.Context, file string, n, items int, updates bool, d time.Duration) (float64, error) {
	schema, objects, err := readStore(ctx, file)
	if err != nil {
		return 0, err
	}
	dir, err := os.MkdirTemp("", "para-bare")
	if err != nil {
		return 0, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	db, err := sql.Open("sqlite", filepath.Join(dir, "x.db")+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	if err != nil {
		return 0, err
	}
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1)
	for _, s := range schema {
		if _, err := db.ExecContext(ctx, s); err != nil {
			return 0, fmt.Errorf("%.60s: %w", s, err)
		}
	}
	b := &bare{db: db, objects: objects}
	if updates {
		if err := b.write(b.insert, 20_000); err != nil {
			return 0, err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	waiting := make(chan chan struct{}, n)
	var requests atomic.Int64
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			done := make(chan struct{}, 1)
			for ctx.Err() == nil {
				select {
				case waiting <- done:
				case <-ctx.Done():
					return
				}
				select {
				case <-done:
					requests.Add(1)
				case <-ctx.Done():
					return
				}
			}
		})
	}
	step := b.insert
	if updates {
		step = b.update
	}
	began := clock()
	for ctx.Err() == nil {
		var group []chan struct{}
		select {
		case c := <-waiting:
			group = append(group, c)
		case <-ctx.Done():
			continue
		}
		for len(waiting) > 0 {
			group = append(group, <-waiting)
		}
		if err := b.write(step, len(group)*items); err != nil {
			return 0, err
		}
		for _, c := range group {
			c <- struct{}{}
		}
	}
	elapsed := clock().Sub(began)
	wg.Wait()
	return float64(requests.Load()) / elapsed.Seconds(), nil
}

// bare writes objects without a server.
type bare struct {
	db      *sql.DB
	objects []stored
	docid   int64 // of the newest object
	seq     int64 // of the newest change
	changed int64 // object that update changed last
}

// write runs a step many times in one transaction. Its statements are not cut off by the clock.
func (b *bare) write(step func(*statements) error, times int) error {
	tx, err := b.db.Begin() //nolint:noctx // as above
	if err != nil {
		return err
	}
	s := &statements{tx: tx, prepared: map[string]*sql.Stmt{}}
	for range times {
		if err := step(s); err != nil {
			return errors.Join(err, tx.Rollback())
		}
	}
	return tx.Commit()
}

func (b *bare) insert(s *statements) error {
	b.docid++
	b.seq = max(b.seq, b.docid-1) + 1
	o := &b.objects[b.docid%int64(len(b.objects))]
	id := fmt.Sprint(b.docid)
	s.run("INSERT INTO objects(docid, id, type, revision, flags, data) VALUES(?,?,?,?,3,?)", b.docid, id, o.typ, b.seq, o.data)
	s.run("INSERT INTO changes(seq, time, kind, event, id, type) VALUES(?,?,1,'create',?,?)", b.seq, b.seq, id, o.typ)
	s.run("INSERT INTO docs(docid, type, text, rows) VALUES(?,?,1,?)", b.docid, o.typ, o.rows)
	s.run("INSERT INTO terms(rowid, t) VALUES(?,?)", b.docid, o.tokens)
	for _, row := range o.index {
		s.run(indexInserts[row.table], append(append(make([]any, 0, 4), row.args...), b.docid)...)
	}
	return s.err
}

func (b *bare) update(s *statements) error {
	b.seq++
	b.changed = b.changed%b.docid + 1
	o := &b.objects[b.changed%int64(len(b.objects))]
	s.run("UPDATE objects SET revision = ?, data = ? WHERE docid = ?", b.seq, o.data, b.changed)
	s.run("INSERT INTO changes(seq, time, kind, event, id, type) VALUES(?,?,1,'update',?,?)", b.seq, b.seq, fmt.Sprint(b.changed), o.typ)
	s.run("UPDATE docs SET rows = ? WHERE docid = ?", o.rows, b.changed)
	for _, row := range o.index {
		if row.table == inNums {
			s.run("DELETE FROM nums WHERE path = ? AND docid = ?", row.args[0], b.changed)
			s.run(indexInserts[inNums], row.args[0], row.args[1], row.args[2], b.changed)
			break
		}
	}
	return s.err
}

// statements are those of one transaction, each prepared once. The first error stays.
type statements struct {
	tx       *sql.Tx
	prepared map[string]*sql.Stmt
	err      error
}

func (s *statements) run(query string, args ...any) {
	if s.err != nil {
		return
	}
	stmt := s.prepared[query]
	if stmt == nil {
		if stmt, s.err = s.tx.Prepare(query); s.err != nil { //nolint:noctx // the transaction must not be cut off
			return
		}
		s.prepared[query] = stmt
	}
	_, s.err = stmt.Exec(args...) //nolint:noctx // as above
}
