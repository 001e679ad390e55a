package engine

import (
	"context"
	"io"
	"maps"
	"slices"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/access"
)

// A backup is a copy of one app's storage as the store makes it, with the app's record as a further member: the record lies
// in the root app's storage, and without it a lost app could not be made again.
const recordMember = "app.json"

var errNoBackups = &para.Error{Code: para.Invalid, Message: "This store makes no backups of single apps; use its own tools."}

// Backup writes a consistent copy of an app to w while it is in use. Only the root app itself may ask. Nothing was written
// yet when an error happened before the copy was complete.
func (e *Engine) Backup(ctx context.Context, p access.Principal, id string, w io.Writer) error {
	store, err := e.backups(p)
	if err != nil {
		return err
	}
	app, err := e.App(ctx, id)
	if err != nil {
		return err
	}
	records, err := e.store.Get(ctx, e.root, []string{app.ID})
	if err != nil {
		return readFailure(ctx, err)
	}
	if records[0] == nil {
		return appNotFound()
	}
	return store.SnapshotWith(ctx, app.Identifier, w, map[string][]byte{recordMember: records[0].Data})
}

// backups returns the store's side of backups to those who may have it.
func (e *Engine) backups(p access.Principal) (para.SnapshotStore, error) {
	if !p.IsRootApp() {
		return nil, para.Errorf(para.Denied, "Only root app can make and restore backups.")
	}
	store, ok := e.store.(para.SnapshotStore)
	if !ok {
		return nil, errNoBackups
	}
	return store, nil
}

// Restore replaces an app's storage by a copy that Backup made of the same app. The copy is read to its end and checked
// before anything is replaced, and replaced as a whole. An app without a record gets the one in the copy, its secret
// included; an app that has a record keeps it, so its keys and settings stay, and learns the types in the copy.
//
// The root app can be restored from a copy of itself: the records of all apps become those of the copy. Storages of apps
// that were created later stay and are reported at the next start; apps that were deleted later have a record again and
// need a copy of their own. A root secret override wins over the secret in the copy.
func (e *Engine) Restore(ctx context.Context, p access.Principal, id string, r io.Reader) error {
	store, err := e.backups(p)
	if err != nil {
		return err
	}
	id = para.AppID(id)
	identifier := para.AppIdentifier(id)
	if identifier == "" {
		return para.Errorf(para.Invalid, "The path names no app.")
	}
	copied, err := store.OpenSnapshot(ctx, r)
	if err != nil {
		return err
	}
	defer func() { _ = copied.Close() }() // what it leaves behind goes at the next start
	if copied.App() != identifier {
		return para.Errorf(para.Invalid, "The copy is one of app %s and cannot replace app %s.", copied.App(), identifier)
	}
	record, err := recordOf(copied, id)
	if err != nil {
		return err
	}
	if identifier == e.root {
		if record == nil {
			return para.Errorf(para.Invalid, "The copy cannot be restored: it has no record of the root app.")
		}
		return e.restoreRoot(ctx, copied)
	}
	release, err := e.lifecycle.turn(ctx, identifier)
	if err != nil {
		return err
	}
	defer release()
	known, err := e.knows(ctx, id)
	if err != nil {
		return err
	}
	if !known && record == nil {
		return para.Errorf(para.Invalid, "App %s does not exist and the copy has no record of it; create the app first.", identifier)
	}
	if err := e.finishDrops(ctx, identifier); err != nil {
		return err
	}
	// From here on nobody is asked any more: the storage first, the record second, as when an app is created.
	ctx = context.WithoutCancel(ctx)
	if err := copied.Restore(ctx, identifier); err != nil {
		return err
	}
	e.cache.evictApp(identifier)
	e.noteRestored(identifier)
	e.log.Info("app restored from a copy", "app", identifier)
	return e.restoreRecord(ctx, id, record)
}

// recordOf returns the app's record in a copy, nil when it has none.
func recordOf(copied para.Snapshot, id string) (*para.Object, error) {
	data, ok := copied.Member(recordMember)
	if !ok {
		return nil, nil
	}
	o, err := para.DecodeObject(data)
	if err == nil {
		_, err = para.ParseApp(o)
	}
	if err != nil || o.Type() != "app" || o.ID() != id {
		return nil, &para.Error{Code: para.Invalid, Message: "The copy cannot be restored: it holds a wrong record of the app.", Err: err}
	}
	return o, nil
}

func (e *Engine) knows(ctx context.Context, id string) (bool, error) {
	switch _, err := e.App(ctx, id); para.CodeOf(err) {
	case "":
		return true, nil
	case para.NotFound:
		return false, nil
	default:
		return false, err
	}
}

// restoreRecord makes an app's record when it is missing, and registers the types of the copy when it is there.
func (e *Engine) restoreRecord(ctx context.Context, id string, record *para.Object) error {
	if record == nil {
		return nil
	}
	o := record.Clone()
	o.SetAppID(e.root)
	_, err := e.one(ctx, e.root, &op{reads: []string{id}, do: func(r []*para.Record) ([]para.Write, error) {
		if r[0] != nil {
			return nil, nil
		}
		return []para.Write{e.put(o, "create")}, nil
	}})
	if err != nil {
		return err
	}
	app, err := e.App(ctx, id)
	if err != nil {
		return err
	}
	copied, err := para.ParseApp(o)
	if err != nil {
		return para.Wrap(para.Corrupt, "read app "+id, err)
	}
	_, err = e.registerTypes(ctx, app, slices.Sorted(maps.Values(copied.Datatypes))...)
	return err
}

// restoreRoot replaces the root app's storage: everything that memory holds of any app is forgotten.
func (e *Engine) restoreRoot(ctx context.Context, copied para.Snapshot) error {
	ctx = context.WithoutCancel(ctx)
	if err := copied.Restore(ctx, e.root); err != nil {
		return err
	}
	e.cache.evictApp(e.root)
	e.apps.evictAll()
	// Deletions that the copy was made in the midst of must not be finished: the app may have been made again since.
	_, err := e.one(ctx, e.root, &op{reads: []string{dropsID}, do: func(r []*para.Record) ([]para.Write, error) {
		if noted, err := readDrops(r[0]); err != nil || len(noted) == 0 {
			return nil, err
		}
		return []para.Write{writeDrops(nil)}, nil
	}})
	if err != nil {
		return err
	}
	e.log.Warn("the root app was restored from a copy: the records of all apps are those of the copy now")
	return e.openRoot(ctx)
}
