package engine

import (
	"context"

	para "github.com/erudika/para-go"
)

// errRefused is what an operation returns when the stored object must not be written by this caller.
var errRefused = &para.Error{Code: para.Invalid, Message: "Bad Request"}

// errTaken refuses to replace an object of another type or owner (D27).
var errTaken = &para.Error{Code: para.Invalid, Message: "Bad Request", Problems: []para.Problem{
	{Field: "id", Rule: "taken", Message: "an object of another type or owner has this id"},
}}

// op is an operation with the ids it wrote, which are known only after its function ran.
type op struct {
	reads []string
	do    func(records []*para.Record) ([]para.Write, error)
	wrote []string
}

// commit applies operations to one app's storage and forgets what memory holds of the ids they wrote. When it returns,
// the outcomes without error are durable; nothing that follows can turn them into failures.
func (e *Engine) commit(ctx context.Context, storage string, ops ...*op) ([]para.Outcome, error) {
	list := make([]para.Op, len(ops))
	for i, o := range ops {
		list[i] = para.Op{Reads: o.reads, Do: func(records []*para.Record) ([]para.Write, error) {
			o.wrote = o.wrote[:0]
			writes, err := o.do(records)
			for _, w := range writes {
				o.wrote = append(o.wrote, w.Record.ID)
			}
			return writes, err
		}}
	}
	outcomes, err := e.store.Apply(ctx, storage, list)
	for i, o := range ops {
		for _, id := range o.wrote {
			e.forget(storage, id)
		}
		if err == nil && outcomes[i].Err == nil {
			e.keepUnstored(storage, outcomes[i].Records)
		}
	}
	if err != nil {
		e.noteDamage(storage, err)
		if para.CodeOf(err) == para.Corrupt { // a write that failed, whatever the reason (D16)
			return nil, &para.Error{Code: para.WriteFailed, Op: "write to app " + storage, Err: err}
		}
		return nil, para.Wrap(para.WriteFailed, "write to app "+storage, err)
	}
	e.trimLog(ctx, storage, outcomes)
	return outcomes, nil
}

// one commits a single operation and returns the records it put.
func (e *Engine) one(ctx context.Context, storage string, o *op) ([]*para.Record, error) {
	outcomes, err := e.commit(ctx, storage, o)
	if err != nil {
		return nil, err
	}
	return outcomes[0].Records, outcomes[0].Err
}

// forget drops what memory holds of an id.
func (e *Engine) forget(storage, id string) {
	e.cache.evict(storage, id)
	if storage == e.root {
		e.apps.evict(id)
	}
}

// keepUnstored puts objects with stored=false into the cache: it is the only place where they can be read by id (D100).
func (e *Engine) keepUnstored(storage string, records []*para.Record) {
	for _, r := range records {
		if r != nil && !r.Stored && cacheable(r) {
			_, generation := e.cache.get(storage, r.ID)
			e.cache.fill(storage, r, generation)
		}
	}
}

// put makes the write that stores an object: its bytes, and its index document unless it must not be found.
func (e *Engine) put(o *para.Object, event string) para.Write {
	w := para.Write{
		Kind:  para.Put,
		Event: event,
		Record: para.Record{
			ID:     o.ID(),
			Type:   o.Type(),
			Stored: o.IsStored(),
			Data:   o.AppendJSON(nil),
		},
	}
	if o.IsIndexed() && !e.opts.IndexOff {
		w.Document = e.opts.Document(o)
	}
	return w
}

// remove makes the write that deletes an object.
func remove(r *para.Record, event string) para.Write {
	return para.Write{Kind: para.Delete, Event: event, Record: para.Record{ID: r.ID, Type: r.Type}}
}

// internalType marks records of the engine itself, which no caller can see or write: type names of objects never start
// with an underscore (O 2.3).
func internalType(typ string) bool { return len(typ) > 0 && typ[0] == '_' }
