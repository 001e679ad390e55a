package engine

import (
	"context"
	"strings"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/access"
)

// Create stores a new object, or replaces the one with the same id (R 13.1). o is populated from a body in create mode.
func (e *Engine) Create(ctx context.Context, p access.Principal, o *para.Object) (access.Visible, error) {
	if o.Type() == "app" {
		return access.Visible{}, noApp("Failed to create object.")
	}
	if isTrigger(o) {
		return e.trigger(p, o)
	}
	return e.store1(ctx, p, o, e.createOp(ctx, o))
}

// noApp refuses to store an app as an object (R 12).
func noApp(message string) error {
	return &para.Error{Code: para.Invalid, Message: message, Problems: []para.Problem{
		{Field: "type", Rule: "app", Message: "the root app makes apps with GET /v1/_setup/{id}"},
	}}
}

// Overwrite stores an object under the id it has, replacing everything (R 13.5).
func (e *Engine) Overwrite(ctx context.Context, p access.Principal, o *para.Object) (access.Visible, error) {
	if o.Type() == "app" {
		return access.Visible{}, noApp("Failed to overwrite object.")
	}
	if o.Updated() == 0 {
		o.SetUpdated(e.now().UnixMilli())
	}
	return e.store1(ctx, p, o, e.putOp)
}

// buildOp makes the operation that stores a prepared object.
type buildOp func(p access.Principal, o *para.Object, event string) (*op, error)

// store1 prepares and commits one object and returns what the caller sees of it.
func (e *Engine) store1(ctx context.Context, p access.Principal, o *para.Object, build buildOp) (access.Visible, error) {
	r, err := e.storeRecord(ctx, p, o, build)
	if err != nil {
		return access.Visible{}, err
	}
	return p.Written(r), nil
}

// storeRecord prepares and commits one object.
func (e *Engine) storeRecord(ctx context.Context, p access.Principal, o *para.Object, build buildOp) (*para.Record, error) {
	if err := e.prepare(p, o); err != nil {
		return nil, err
	}
	if err := e.validate(p.App, o); err != nil {
		return nil, err
	}
	action, err := build(p, o, "create")
	if err != nil {
		return nil, err
	}
	if _, err := e.registerTypes(ctx, p.App, o.Type()); err != nil {
		return nil, err
	}
	records, err := e.one(ctx, p.App.Identifier, action)
	if err != nil {
		return nil, err
	}
	return records[0], nil
}

// prepare completes an object that is about to be stored as a whole: the app it belongs to, its owner, id, times and
// version, and what its type asks for (O 18.1, D28–D30, D79, D109).
func (e *Engine) prepare(p access.Principal, o *para.Object) error {
	o.CleanType()
	o.SetAppID(p.App.Identifier)
	if !p.MayStore(o) {
		return errRefused
	}
	p.Restrict(o)
	if me := p.Subject(); me != "" {
		o.SetCreatorID(me)
		if id := o.ID(); id != "" && p.Limited(o) && !strings.HasPrefix(id, me+"_") {
			o.SetID(me + "_" + id)
		}
	}
	if strings.TrimSpace(o.ID()) == "" {
		o.AssignID(e.ids)
	}
	now := e.now().UnixMilli()
	if o.Timestamp() == 0 {
		o.SetTimestamp(now)
	}
	if o.Version() < 0 {
		o.SetVersion(0)
	}
	if err := e.applyDefaults(o); err != nil {
		return err
	}
	switch o.Type() {
	case "user":
		return prepareUser(o)
	case "webhook":
		return prepareWebhook(o)
	}
	return nil
}

// putOp stores an object under its id. What is there already decides what is kept (D28) and whether the caller may
// replace it (D27).
func (e *Engine) putOp(p access.Principal, o *para.Object, event string) (*op, error) {
	fresh := e.put(o, event)
	return &op{reads: []string{o.ID()}, do: func(r []*para.Record) ([]para.Write, error) {
		w, err := e.replace(p, r[0], o, fresh, event)
		if err != nil {
			return nil, err
		}
		return []para.Write{w}, nil
	}}, nil
}

// replace makes the write of an object over what is stored under its id. fresh is the write when nothing has to be kept.
func (e *Engine) replace(p access.Principal, old *para.Record, o *para.Object, fresh para.Write, event string) (para.Write, error) {
	if old == nil {
		return fresh, p.GuardNew(o)
	}
	if internalType(old.Type) {
		return para.Write{}, errRefused
	}
	if p.Kind == access.App && o.Type() != "user" {
		return fresh, nil
	}
	stored, err := para.DecodeObject(old.Data)
	if err != nil {
		return para.Write{}, para.Wrap(para.Corrupt, "read "+old.ID, err)
	}
	if !p.MayReplace(stored, o) {
		return para.Write{}, errTaken
	}
	kept := o.Clone()
	if err := p.GuardReplacement(stored, kept); err != nil {
		return para.Write{}, err
	}
	if p.Subject() != "" {
		kept.SetCreatorID(stored.CreatorID())
	}
	if o.Type() == "user" && stored.Type() == "user" {
		p.KeepUserFields(stored, kept, o.Sent("tokenSecret"))
	}
	return e.put(kept, event), nil
}

// CreateAll stores many objects and returns the accepted ones in order, each id once with its last content (R 15.1,
// D36). Refused elements are left out. The accepted ones commit together where the store has transactions.
func (e *Engine) CreateAll(ctx context.Context, p access.Principal, objects []*para.Object) ([]access.Visible, error) {
	var accepted []*para.Object
	place := map[string]int{}
	for _, o := range objects {
		if o == nil || o.Type() == "app" {
			continue
		}
		if e.prepare(p, o) != nil || e.validate(p.App, o) != nil {
			continue
		}
		if i, ok := place[o.ID()]; ok {
			accepted[i] = o
			continue
		}
		place[o.ID()] = len(accepted)
		accepted = append(accepted, o)
	}
	if len(accepted) == 0 {
		return nil, nil
	}
	types := make([]string, 0, len(accepted))
	ops := make([]*op, 0, len(accepted))
	for _, o := range accepted {
		types = append(types, o.Type())
		action, err := e.putOp(p, o, "createAll")
		if err != nil {
			return nil, err
		}
		ops = append(ops, action)
	}
	if _, err := e.registerTypes(ctx, p.App, types...); err != nil {
		return nil, err
	}
	outcomes, err := e.commit(ctx, p.App.Identifier, ops...)
	if err != nil {
		return nil, err
	}
	return written(p, outcomes)
}

// written collects what a batch put. Refused elements are left out; a failed write fails the batch.
func written(p access.Principal, outcomes []para.Outcome) ([]access.Visible, error) {
	var out []access.Visible
	for _, o := range outcomes {
		switch para.CodeOf(o.Err) {
		case "":
			if len(o.Records) > 0 && o.Records[0] != nil {
				out = append(out, p.Written(o.Records[0]))
			}
		case para.WriteFailed, para.Unavailable, para.Internal, para.Corrupt:
			return nil, o.Err
		}
	}
	return out, nil
}
