package engine

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/access"
)

var errVersion = errors.New("versions differ")

// versionConflict is the refusal of an update that was made for another version than the stored one; sent is the version as
// the body has it.
func versionConflict(sent json.RawMessage, stored int64) error {
	return &para.Error{Code: para.Conflict, Message: "Update failed due to 'version' mismatch.", Err: errVersion, Problems: []para.Problem{
		{Field: "version", Rule: "version", Value: sent, Message: "the stored object has version " + strconv.FormatInt(stored, 10)},
	}}
}

// Update merges the members of a body into a stored object (R 13.4): read, merge and write are one transaction, so
// concurrent updates of different members both survive, and with a version the loser is refused (D30, D31).
func (e *Engine) Update(ctx context.Context, p access.Principal, pathType, id string, patch *para.Body) (access.Visible, error) {
	storage, key := e.storage(p.App, pathType, para.PathID(pathType, id))
	r, err := e.record(ctx, storage, key)
	if err != nil {
		return access.Visible{}, err
	}
	if !p.Finds(r, pathType) {
		return access.Visible{}, errNotFound
	}
	if patch == nil {
		return access.Visible{}, errRefused
	}
	action, typ, err := e.updateOp(p, r, patch, "update")
	if err != nil {
		return access.Visible{}, err
	}
	if _, err := e.registerTypes(ctx, p.App, typ); err != nil {
		return access.Visible{}, err
	}
	records, err := e.one(ctx, storage, action)
	if err != nil {
		return access.Visible{}, err
	}
	return p.Written(records[0]), nil
}

// updateOp prepares an update against the record as it was read. The operation uses the prepared write while the record
// is the same; after a concurrent change it prepares once more from what is stored now.
func (e *Engine) updateOp(p access.Principal, seen *para.Record, patch *para.Body, event string) (*op, string, error) {
	prepared, err := e.merge(p, seen, patch, event)
	if err != nil {
		return nil, "", err
	}
	return &op{reads: []string{seen.ID}, do: func(r []*para.Record) ([]para.Write, error) {
		now := r[0]
		switch {
		case now == nil && !seen.Stored:
			return []para.Write{prepared}, nil
		case now == nil:
			return nil, errNotFound
		case now.Revision == seen.Revision:
			return []para.Write{prepared}, nil
		}
		w, err := e.merge(p, now, patch, event)
		if err != nil {
			return nil, err
		}
		return []para.Write{w}, nil
	}}, prepared.Record.Type, nil
}

// merge makes the write that updates a record with a body: pure, so that it can run inside a transaction.
func (e *Engine) merge(p access.Principal, r *para.Record, patch *para.Body, event string) (para.Write, error) {
	if internalType(r.Type) {
		return para.Write{}, errNotFound
	}
	stored, err := para.DecodeObject(r.Data)
	if err != nil {
		return para.Write{}, para.Wrap(para.Corrupt, "read "+r.ID, err)
	}
	o := stored.Clone()
	if err := o.Merge(patch); err != nil {
		return para.Write{}, &para.Error{Code: para.Invalid, Message: err.Error(), Problems: para.ProblemsOf(err)}
	}
	p.RestrictUpdate(stored, o)
	if err := p.GuardUpdate(stored, o, patch); err != nil {
		return para.Write{}, err
	}
	version, conflict := para.PatchVersion(patch.Version(), stored.Version())
	if conflict {
		sent, _ := patch.Raw("version")
		return para.Write{}, versionConflict(sent, stored.Version())
	}
	o.SetVersion(version)
	o.CleanType()
	switch o.Type() {
	case "webhook":
		prepareWebhookUpdate(o)
	case "user":
		if err := fixCurrency(o); err != nil {
			return para.Write{}, err
		}
	case "app":
		if err := checkSentSettings(o, patch); err != nil {
			return para.Write{}, err
		}
		if err := e.settleApp(o); err != nil {
			return para.Write{}, err
		}
	}
	if stored.Type() == "app" && !p.MayChange(stored) {
		return para.Write{}, errRefused
	}
	if err := e.validate(p.App, o); err != nil {
		return para.Write{}, err
	}
	if !p.MayChange(stored) || !p.MayStore(o) {
		return para.Write{}, errRefused
	}
	o.SetUpdated(e.now().UnixMilli())
	return e.put(o, event), nil
}

// UpdateAll merges many bodies into stored objects (R 15.3, D36): bodies of one id are merged in order; unknown,
// forbidden and invalid elements are left out. When every element was refused for its version the whole is a conflict.
func (e *Engine) UpdateAll(ctx context.Context, p access.Principal, patches []*para.Body) ([]access.Visible, error) {
	var ids []string
	grouped := map[string][]*para.Body{}
	for _, b := range patches {
		if b == nil || b.ID() == "" {
			continue
		}
		if grouped[b.ID()] == nil {
			ids = append(ids, b.ID())
		}
		grouped[b.ID()] = append(grouped[b.ID()], b)
	}
	records, err := e.records(ctx, p.App.Identifier, ids)
	if err != nil {
		return nil, err
	}
	var ops []*op
	conflicts := 0
	for _, r := range records {
		if r == nil || r.Type == "app" || !p.Finds(r, "") {
			continue
		}
		action, _, err := e.updateOp(p, r, para.JoinBodies(grouped[r.ID]), "updateAll")
		switch {
		case errors.Is(err, errVersion):
			conflicts++
			continue
		case err != nil:
			continue
		}
		ops = append(ops, action)
	}
	var out []access.Visible
	if len(ops) > 0 {
		outcomes, err := e.commit(ctx, p.App.Identifier, ops...)
		if err != nil {
			return nil, err
		}
		for _, o := range outcomes {
			if errors.Is(o.Err, errVersion) {
				conflicts++
			}
		}
		if out, err = written(p, outcomes); err != nil {
			return nil, err
		}
	}
	if len(out) == 0 && conflicts > 0 {
		return nil, para.Errorf(para.Conflict, "Update failed for all objects in batch due to 'version' mismatch.")
	}
	return out, nil
}
