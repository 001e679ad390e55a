package sqlite

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/erudika/para-go"
)

// How an index is made anew while it is in use: document by document, each replaced whole in one transaction, so a search
// finds the old or the new one at any moment and never neither (T19). Only when the tables of words are damaged in a way
// that replacing documents does not mend are they emptied first. What belongs to no document is found by a check afterwards
// and removed.

// rebuildRecords is how many documents one transaction of a rebuild replaces at most; maxGroupTime may end it before.
const rebuildRecords = 200

// maxMendings bounds the checks that follow a rebuild. One is enough unless more than maxSuspects documents are left over.
const maxMendings = 20

// Rebuild makes the index of an app anew from its records and checks it. It returns the number of records that it read
// which can be read by id; those whose type begins with an underscore are the engine's own and do not count. A record of which
// no document can be made keeps what the index has of it; it is told by a *para.UnindexedError when all else is done.
func (s *Store) Rebuild(ctx context.Context, app string) (int64, error) {
	f, err := s.acquire(ctx, app)
	if err != nil {
		return 0, err
	}
	defer s.release(f)
	// Its steps use the app as others do, and those wait while somebody waits for the file to be closed, who in turn waits for
	// the rebuild: it ends instead.
	ctx, stop := s.givingWay(ctx, f, errRebuildEnded)
	defer stop()
	b := &rebuild{s: s, f: f, app: app, left: map[int64]string{}}
	select {
	case f.w.rebuilding <- struct{}{}: // one at a time
	case <-ctx.Done():
		return 0, readFailure("rebuild index", ctx.Err())
	}
	defer func() { <-f.w.rebuilding }()
	if err := b.run(ctx); err != nil {
		if errors.Is(context.Cause(ctx), errRebuildEnded) {
			err = &para.Error{Code: para.Unavailable, Message: "The rebuild was ended because the app is being closed, replaced or removed; start it again.", Err: errRebuildEnded}
		}
		return b.read, writeFailure("rebuild index", err)
	}
	return b.read, b.unindexed()
}

// errRebuildEnded ends a rebuild whose file somebody wants to close.
var errRebuildEnded = errors.New("rebuild ended")

// rebuild is one rebuild at work.
type rebuild struct {
	s    *Store
	f    *file
	app  string
	read int64
	left map[int64]string // records that cannot be indexed and why, by DocID
}

// leave notes that no document can be made of a record.
func (b *rebuild) leave(r *para.Record, err error) {
	b.left[r.DocID] = fmt.Sprintf("object %s cannot be indexed: %v", r.ID, err)
}

// unindexed tells of the records that were left out.
func (b *rebuild) unindexed() error {
	if len(b.left) == 0 {
		return nil
	}
	e := &para.UnindexedError{Records: int64(len(b.left))}
	for _, id := range slices.Sorted(maps.Keys(b.left)) {
		if len(e.Examples) == para.MaxDifferences {
			break
		}
		e.Examples = append(e.Examples, b.left[id])
	}
	return e
}

func (b *rebuild) run(ctx context.Context) (err error) {
	w := b.f.w
	err = b.transact(ctx, func() error {
		w.x.paths = nil // the table counts, not what is remembered of it
		w.x.used = map[int64]int64{}
		return nil
	})
	if err != nil {
		return err
	}
	defer func() {
		ended := w.do(context.WithoutCancel(ctx), func() error {
			w.x.used = nil
			return nil
		})
		err = errors.Join(err, ended)
	}()
	broken, err := b.brokenWords(ctx)
	if err != nil {
		return err
	}
	if broken {
		if err := b.emptyWords(ctx); err != nil {
			return err
		}
	}
	if err := b.documents(ctx); err != nil {
		return err
	}
	emptied := broken
	for range maxMendings {
		k, err := b.s.checkIndex(ctx, b.app)
		if err != nil {
			return err
		}
		if k.report.Problems == k.unreadable {
			if len(b.left) > 0 {
				return nil // the index may still hold fields of them
			}
			return b.transact(ctx, b.paths)
		}
		if err := b.mend(ctx, k); err != nil {
			return err
		}
		if !k.words {
			continue
		}
		if emptied {
			break
		}
		emptied = true
		if err := b.emptyWords(ctx); err != nil {
			return err
		}
		if err := b.documents(ctx); err != nil {
			return err
		}
	}
	return &para.Error{Code: para.Corrupt, Message: "The search index could not be mended; restore the app from a backup."}
}

// transact runs do in a transaction of the writer, between its groups.
func (b *rebuild) transact(ctx context.Context, do func() error) error {
	w := b.f.w
	return w.do(ctx, func() error {
		w.f.s.turns <- struct{}{}
		defer func() { <-w.f.s.turns }()
		err := w.begin()
		if err == nil {
			err = w.guarded(do)
		}
		if err == nil {
			err = w.commit()
		}
		if err != nil {
			w.rollback()
		}
		w.afterCommit()
		return err
	})
}

// guarded turns a panic into an error: a defect of this package must not end the process.
func (w *writer) guarded(do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			w.c.resetAll()
			err = &para.Error{Code: para.Internal, Err: fmt.Errorf("panic: %v\n%s", p, debug.Stack())}
		}
	}()
	return do()
}

// brokenWords says whether FTS5 finds its own tables damaged. The connection is a new one: on one that was used FTS5
// compares the tables with what it remembers of them from before the last write.
func (b *rebuild) brokenWords(ctx context.Context) (broken bool, err error) {
	c, err := b.f.openReader()
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	defer c.interruptWhen(ctx)()
	k := &checker{ctx: ctx, c: c}
	err = k.soundWords()
	return k.words, err
}

// emptyWords removes all words.
func (b *rebuild) emptyWords(ctx context.Context) error {
	b.s.log.Warn("The words of an app's search index are damaged and are made anew; until that is done searches for words find less.", "app", b.app)
	return b.transact(ctx, func() error { return b.f.w.c.exec("INSERT INTO terms(terms) VALUES('delete-all')") })
}

// documents replaces the documents of all records. Documents are made outside the writer; only those of records that were
// written in between are made again inside.
func (b *rebuild) documents(ctx context.Context) error {
	b.read = 0
	for after := int64(0); ; {
		records, err := b.s.Scan(ctx, b.app, after, rebuildRecords)
		if err != nil || len(records) == 0 {
			return err
		}
		docs := make([]*para.Document, len(records))
		for i, r := range records {
			after = r.DocID
			if r.Stored && !strings.HasPrefix(r.Type, "_") {
				b.read++
			}
			delete(b.left, r.DocID)
			if docs[i], err = b.s.opts.Document(r); err != nil {
				b.leave(r, err)
			}
		}
		err = b.transact(ctx, func() error {
			for i, r := range records {
				revision, err := b.f.w.c.int64("SELECT revision FROM objects WHERE docid=?", r.DocID)
				if err == nil && revision != r.Revision {
					err = b.again(r.DocID)
				} else if _, unread := b.left[r.DocID]; err == nil && !unread {
					err = b.f.w.x.replace(b.f.w.c, r.DocID, docs[i])
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
}

// again indexes what is stored under a DocID now.
func (b *rebuild) again(docID int64) error {
	k := &checker{c: b.f.w.c}
	r, _, err := k.record(docID)
	if err != nil {
		return err
	}
	delete(b.left, docID)
	var doc *para.Document
	if r != nil {
		if doc, err = b.s.opts.Document(r); err != nil {
			b.leave(r, err)
			return nil
		}
	}
	return b.f.w.x.replace(b.f.w.c, docID, doc)
}

// mend removes what a check found too much and adds what it found missing.
func (b *rebuild) mend(ctx context.Context, k *checker) error {
	w := b.f.w
	guilty := make([]int64, 0, len(k.guilty))
	for id := range k.guilty {
		guilty = append(guilty, id)
	}
	slices.Sort(guilty)
	for part := range slices.Chunk(guilty, rebuildRecords) {
		err := b.transact(ctx, func() error {
			for _, id := range part {
				if err := b.again(id); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	for part := range slices.Chunk(k.stray, rebuildRecords) {
		err := b.transact(ctx, func() error {
			for _, stray := range part {
				doc, err := readDoc(w.c, stray.docID)
				if err != nil {
					return err
				}
				if slices.ContainsFunc(doc.rows, func(r indexRow) bool { return compareRows(r, stray.row) == 0 }) {
					continue // it was written in between
				}
				if err := deleteRow(w.c, stray.docID, stray.row); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return b.transact(ctx, func() error { // the counters lack the same number however much was counted in between
		for typ, n := range k.types {
			w.x.types[typ] += n
		}
		for path, n := range k.counts {
			w.x.counts[path] += n
		}
		return nil
	})
}

// paths forgets fields and kinds of values that no document has any more.
func (b *rebuild) paths() error {
	w := b.f.w
	list, err := readPaths(w.c)
	if err != nil {
		return err
	}
	for _, p := range list {
		kinds, used := w.x.used[p.id]
		switch {
		case !used:
			err = w.c.exec("DELETE FROM paths WHERE path=?", p.id)
			if err == nil {
				err = w.c.exec("DELETE FROM counts WHERE path=?", p.id)
			}
		case kinds != p.kinds:
			err = w.c.exec("UPDATE paths SET kinds=? WHERE path=?", kinds, p.id)
		default:
			continue
		}
		if err != nil {
			return err
		}
		w.x.grown = true
		w.x.paths = nil
	}
	return nil
}

// replace makes what the index holds under a DocID that of doc, nil for nothing, whatever is there.
func (x *indexer) replace(tx txConn, docID int64, doc *para.Document) error {
	before, err := readDoc(tx, docID)
	if err != nil {
		return err
	}
	x.text, x.rows = x.text[:0], x.rows[:0]
	flags := "UPDATE objects SET flags=flags&~2 WHERE docid=? AND flags&2<>0"
	if doc != nil {
		flags = "UPDATE objects SET flags=flags|2 WHERE docid=? AND flags&2=0"
		if err := x.flatten(tx, doc); err != nil {
			return err
		}
	}
	if err := tx.exec(flags, docID); err != nil {
		return err
	}
	for _, r := range before.rows {
		if _, kept := slices.BinarySearchFunc(x.rows, r, compareRows); !kept {
			if err := deleteRow(tx, docID, r); err != nil {
				return err
			}
		}
	}
	for _, r := range x.rows {
		if err := insertRow(tx, docID, r); err != nil {
			return err
		}
	}
	x.count(before.rows, -1)
	x.count(x.rows, 1)
	if before.typ != "" {
		x.types[before.typ]--
	}
	if doc == nil {
		for _, sql := range [...]string{"DELETE FROM terms WHERE rowid=?", "DELETE FROM points WHERE docid=?", "DELETE FROM docs WHERE docid=?"} {
			if err := tx.exec(sql, docID); err != nil {
				return err
			}
		}
		return nil
	}
	x.types[doc.Type]++
	if err := tx.exec("INSERT OR REPLACE INTO terms(rowid, t) VALUES(?,?)", docID, string(x.text)); err != nil {
		return err
	}
	if err := putPoint(tx, docID, doc.Point, true); err != nil {
		return err
	}
	return tx.exec("INSERT OR REPLACE INTO docs VALUES(?,?,?,?)", docID, doc.Type, textHash(x.text), encodeRows(x.rows))
}
