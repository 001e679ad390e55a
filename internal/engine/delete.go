package engine

import (
	"context"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/access"
)

// Delete removes an object with what belongs to it (R 13.6): the storage of an app, the identity records and
// permissions of a user.
func (e *Engine) Delete(ctx context.Context, p access.Principal, pathType, id string) error {
	storage, key := e.storage(p.App, pathType, para.PathID(pathType, id))
	r, err := e.record(ctx, storage, key)
	if err != nil {
		return err
	}
	if !p.Finds(r, pathType) {
		return errNotFound
	}
	o, err := para.DecodeObject(r.Data)
	if err != nil {
		return para.Wrap(para.Corrupt, "read "+r.ID, err)
	}
	switch {
	case p.MayChange(o):
	case r.Type == "app":
		return errNotFound // another app, as if it were not there (D35)
	default:
		return errRefused
	}
	switch r.Type {
	case "app":
		return e.deleteApp(ctx, p, r.ID)
	case "user":
		return e.deleteUser(ctx, p, o, "delete")
	}
	_, err = e.one(ctx, storage, e.deleteOp(p, r, "delete"))
	return err
}

// deleteOp removes a record. The caller's right is tested once more when somebody changed the record meanwhile; a record
// that is gone already is what the caller wants.
func (e *Engine) deleteOp(p access.Principal, seen *para.Record, event string) *op {
	return &op{reads: []string{seen.ID}, do: func(r []*para.Record) ([]para.Write, error) {
		now := r[0]
		if now == nil {
			if seen.Stored {
				return nil, errNotFound
			}
			now = seen
		}
		if now.Revision != seen.Revision {
			o, err := para.DecodeObject(now.Data)
			if err != nil {
				return nil, para.Wrap(para.Corrupt, "read "+now.ID, err)
			}
			if !p.MayChange(o) {
				return nil, errRefused
			}
		}
		return []para.Write{remove(now, event)}, nil
	}}
}

// DeleteAll removes the objects with these ids that exist and that the principal may change; apps are left alone
// (R 15.4). Nothing to delete is no error.
func (e *Engine) DeleteAll(ctx context.Context, p access.Principal, ids []string) error {
	records, err := e.records(ctx, p.App.Identifier, unique(ids))
	if err != nil {
		return err
	}
	var ops []*op
	for _, r := range records {
		if r == nil || r.Type == "app" || !p.Finds(r, "") {
			continue
		}
		o, err := para.DecodeObject(r.Data)
		if err != nil || !p.MayChange(o) {
			continue
		}
		if r.Type == "user" {
			if err := e.deleteUser(ctx, p, o, "deleteAll"); err != nil && para.CodeOf(err) != para.NotFound {
				return err
			}
			continue
		}
		ops = append(ops, e.deleteOp(p, r, "deleteAll"))
	}
	if len(ops) == 0 {
		return nil
	}
	outcomes, err := e.commit(ctx, p.App.Identifier, ops...)
	if err != nil {
		return err
	}
	_, err = written(p, outcomes)
	return err
}
