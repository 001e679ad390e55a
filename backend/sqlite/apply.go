package sqlite

import (
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/erudika/para-go"
)

// apply runs the ops of one call in the transaction in progress. An error means that the transaction must be rolled back.
func (w *writer) apply(ops []para.Op) (outcomes []para.Outcome, err error) {
	defer func() {
		if p := recover(); p != nil { // a defect of this package must not end the process
			w.c.resetAll()
			outcomes, err = nil, &para.Error{Code: para.Internal, Op: "apply", Err: fmt.Errorf("panic: %v\n%s", p, debug.Stack())}
		}
	}()
	outcomes = make([]para.Outcome, len(ops))
	for i := range ops {
		if n := len(ops[i].Reads); n > para.MaxOpReads {
			outcomes[i].Err = para.Errorf(para.TooLarge, "An operation reads %d records; at most %d are possible.", n, para.MaxOpReads)
			continue
		}
		records, err := w.reads(ops[i].Reads)
		if err != nil {
			return nil, err
		}
		writes, err := w.ask(&ops[i], records)
		if err == nil {
			err = w.acceptable(writes)
		}
		if err != nil {
			outcomes[i].Err = err
			continue
		}
		outcomes[i].Records = make([]*para.Record, len(writes))
		for j := range writes {
			if outcomes[i].Records[j], err = w.write(&writes[j]); err != nil {
				return nil, err
			}
		}
	}
	return outcomes, nil
}

func (w *writer) reads(ids []string) ([]*para.Record, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	records := make([]*para.Record, len(ids))
	for i, id := range ids {
		r, err := readRecord(w.c, id)
		if err != nil {
			return nil, err
		}
		records[i] = r
	}
	return records, nil
}

// ask calls Do, whose panic must not end the writer.
func (w *writer) ask(op *para.Op, records []*para.Record) (writes []para.Write, err error) {
	defer func() {
		if p := recover(); p != nil {
			writes, err = nil, &para.Error{Code: para.Internal, Op: "apply",
				Err: fmt.Errorf("panic in Op.Do: %v\n%s", p, debug.Stack())}
		}
	}()
	return op.Do(records)
}

// acceptable checks the writes of an operation before the first one is done.
func (w *writer) acceptable(writes []para.Write) error {
	var deleted map[string]bool
	for i := range writes {
		r := &writes[i].Record
		switch {
		case r.ID == "":
			return wrongWrite("a write without an id")
		case writes[i].Kind == para.Put:
			if len(r.Data) > w.f.s.opts.MaxRecordSize {
				return para.Errorf(para.TooLarge, "The object has %d bytes; at most %d are possible.", len(r.Data), w.f.s.opts.MaxRecordSize)
			}
		case writes[i].Kind == para.Delete:
			if deleted == nil {
				deleted = make(map[string]bool)
			}
			deleted[r.ID] = true
		default:
			return wrongWrite(fmt.Sprintf("a write of kind %d", writes[i].Kind))
		}
	}
	if len(deleted) == 0 {
		return nil
	}
	for i := range writes {
		if writes[i].Kind == para.Put && deleted[writes[i].Record.ID] {
			return wrongWrite("a put and a deletion of the same id")
		}
	}
	return nil
}

func wrongWrite(what string) error {
	return &para.Error{Code: para.Internal, Op: "apply", Err: errors.New("Op.Do returned " + what)}
}

// write does one write with its change record and its document.
func (w *writer) write(p *para.Write) (*para.Record, error) {
	id := p.Record.ID
	old, there, err := w.find(id)
	if err != nil {
		return nil, err
	}
	switch {
	case p.Kind == para.Put && there:
		return w.update(p, old)
	case p.Kind == para.Put:
		return w.insert(p)
	case there:
		return nil, w.delete(p, old)
	}
	return nil, nil // a deletion of what is not there has no effect and is no change
}

// found is what a write needs to know of the row that is there.
type found struct {
	docID   int64
	typ     string
	indexed bool
}

func (w *writer) find(id string) (f found, there bool, err error) {
	s, err := w.c.prepare("SELECT docid, type, flags FROM objects WHERE id=?")
	if err != nil {
		return found{}, false, err
	}
	defer s.reset()
	s.bindText(1, id)
	there, err = s.step()
	if err != nil || !there {
		return found{}, false, err
	}
	return found{docID: s.int64(0), typ: w.c.name(s.view(1)), indexed: s.int64(2)&flagIndexed != 0}, true, nil
}

func flagsOf(p *para.Write) (flags int64) {
	if p.Record.Stored {
		flags |= flagStored
	}
	if p.Document != nil {
		flags |= flagIndexed
	}
	return flags
}

// notNull makes the empty blob of nil, which would be NULL.
func notNull(data []byte) []byte {
	if data == nil {
		return []byte{}
	}
	return data
}

func (w *writer) insert(p *para.Write) (*para.Record, error) {
	s, err := w.c.prepare("INSERT INTO objects(docid, id, type, revision, flags, data) VALUES(?1, ?2, ?3, ?1, ?4, ?5)")
	if err != nil {
		return nil, err
	}
	docID := w.next
	s.bindInt64(1, docID)
	s.bindText(2, p.Record.ID)
	s.bindText(3, p.Record.Type)
	s.bindInt64(4, flagsOf(p))
	s.bindBlob(5, notNull(p.Record.Data))
	if err := s.run(); err != nil {
		return nil, err
	}
	if p.Document != nil {
		if err := w.x.put(w.c, docID, p.Document, false); err != nil {
			return nil, err
		}
	}
	w.f.touched.made.Store(docID)
	return w.put(p, docID, para.Created)
}

func (w *writer) update(p *para.Write, old found) (*para.Record, error) {
	s, err := w.c.prepare("UPDATE objects SET type=?2, revision=?3, flags=?4, data=?5 WHERE docid=?1")
	if err != nil {
		return nil, err
	}
	s.bindInt64(1, old.docID)
	s.bindText(2, p.Record.Type)
	s.bindInt64(3, w.next)
	s.bindInt64(4, flagsOf(p))
	s.bindBlob(5, notNull(p.Record.Data))
	if err := s.run(); err != nil {
		return nil, err
	}
	if p.Document != nil || old.indexed {
		if p.Document != nil {
			err = w.x.put(w.c, old.docID, p.Document, old.indexed)
		} else {
			err = w.x.remove(w.c, old.docID)
		}
		if err != nil {
			return nil, err
		}
		gone := ""
		if p.Document == nil || p.Record.Type != old.typ {
			gone = p.Record.ID
		}
		w.f.touched.note(w.next, old.docID, w.x.parts, gone)
	}
	return w.put(p, old.docID, para.Updated)
}

// put completes the write of a record.
func (w *writer) put(p *para.Write, docID int64, kind para.ChangeKind) (*para.Record, error) {
	r := p.Record
	r.DocID = docID
	r.Revision = w.next
	w.bytes += len(r.Data) + 100
	return &r, w.change(p, kind, r.Type)
}

func (w *writer) delete(p *para.Write, old found) error {
	s, err := w.c.prepare("DELETE FROM objects WHERE docid=?")
	if err != nil {
		return err
	}
	s.bindInt64(1, old.docID)
	if err := s.run(); err != nil {
		return err
	}
	if old.indexed {
		if err := w.x.remove(w.c, old.docID); err != nil {
			return err
		}
		w.f.touched.note(w.next, old.docID, w.x.parts, p.Record.ID)
	}
	return w.change(p, para.Deleted, old.typ)
}

// change writes the change record of a write and counts it.
func (w *writer) change(p *para.Write, kind para.ChangeKind, typ string) error {
	s, err := w.c.prepare("INSERT INTO changes(seq, time, kind, event, id, type, data) VALUES(?,?,?,?,?,?,?)")
	if err != nil {
		return err
	}
	s.bindInt64(1, w.next)
	s.bindInt64(2, w.now)
	s.bindInt64(3, int64(kind))
	s.bindText(4, p.Event)
	s.bindText(5, p.Record.ID)
	s.bindText(6, typ)
	s.bindBlob(7, p.ChangeData)
	w.next++
	w.bytes += len(p.ChangeData) + 100
	return s.run()
}
