package engine

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/access"
)

// What spans two storages, and what a crash leaves behind
//
// An app is a record in the root app's storage and a storage of its own. No transaction spans the two, so the order
// decides:
//
//   - Creation makes the storage first and the record second. A crash in between leaves an empty storage that nobody can
//     reach; creating the app again uses it, and start-up removes it.
//   - Deletion writes one transaction in the root app: the record goes and the app's identifier is noted in the record
//     dropsID. Then the storage is dropped, then the note is removed. Start-up drops whatever is noted. As long as an app
//     is noted it can not be created again: whoever makes or removes an app has its turn (lifecycle) and finishes a
//     noted deletion of it first.
//   - A new type is registered in the app's record before its first object is committed. A crash in between leaves a
//     name without objects, which is harmless.
//
// A storage without record and without note that is not empty is never removed: it is reported and left to a person.
const dropsID = "_drops"

// maxApps bounds the parsed apps kept in memory.
const maxApps = 20_000

// appCache keeps parsed app records by app id. A generation guards against keeping what was read before a commit.
type appCache struct {
	mu         sync.RWMutex
	apps       map[string]*para.App
	generation uint64
}

func newAppCache() *appCache { return &appCache{apps: map[string]*para.App{}} }

func (c *appCache) get(id string) (*para.App, uint64) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.apps[id], c.generation
}

func (c *appCache) fill(a *para.App, generation uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.generation != generation {
		return
	}
	if len(c.apps) >= maxApps {
		for id := range c.apps { // any one: an app costs one read to parse again
			delete(c.apps, id)
			break
		}
	}
	c.apps[a.ID] = a
}

func (c *appCache) evict(id string) {
	if !strings.HasPrefix(id, para.AppPrefix) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.generation++
	delete(c.apps, id)
}

// evictAll forgets every app.
func (c *appCache) evictAll() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.generation++
	clear(c.apps)
}

// App returns the app with an id or identifier, NotFound when there is none.
func (e *Engine) App(ctx context.Context, id string) (*para.App, error) {
	id = para.AppID(id)
	if id == "" {
		return nil, appNotFound()
	}
	a, generation := e.apps.get(id)
	if a != nil {
		return a, nil
	}
	records, err := e.store.Get(ctx, e.root, []string{id})
	if err != nil {
		return nil, readFailure(ctx, err)
	}
	if records[0] == nil || records[0].Type != "app" {
		return nil, appNotFound()
	}
	a, err = parseApp(records[0])
	if err != nil {
		return nil, err
	}
	e.apps.fill(a, generation)
	return a, nil
}

func appNotFound() error { return para.Errorf(para.NotFound, "App not found.") }

func parseApp(r *para.Record) (*para.App, error) {
	o, err := para.DecodeObject(r.Data)
	if err != nil {
		return nil, para.Wrap(para.Corrupt, "read app "+r.ID, err)
	}
	a, err := para.ParseApp(o)
	return a, para.Wrap(para.Corrupt, "read app "+r.ID, err)
}

// openRoot makes the root app when the store is new and applies the secret override.
func (e *Engine) openRoot(ctx context.Context) error {
	exists, err := e.store.HasApp(ctx, e.root)
	if err != nil {
		return err
	}
	if !exists {
		if err := e.store.CreateApp(ctx, e.root); err != nil {
			return err
		}
	}
	root, err := e.App(ctx, e.root)
	switch {
	case para.CodeOf(err) == para.NotFound:
		if last, err := e.store.LastChange(ctx, e.root); err != nil || last > 0 {
			return fmt.Errorf("the storage of the root app '%s' holds data but no app record: restore a backup: %w", e.root, errors.Join(err, errMissingRoot))
		}
		if e.opts.RootSecret != "" {
			e.log.InfoContext(ctx, "Creating root app with the provided secret override...")
		}
		made, err := e.NewApp(ctx, NewApp{ID: e.root, Name: e.opts.RootAppName, tell: e.opts.RootMade})
		if err != nil {
			return err
		}
		if made == nil {
			return errMissingRoot
		}
		return nil
	case err != nil:
		return err
	}
	if s := e.opts.RootSecret; s != "" && s != root.Secret {
		_, err = e.ChangeApp(ctx, root.ID, func(o *para.Object) error { return o.Set("secret", s) })
	}
	return err
}

var errMissingRoot = errors.New("no record of the root app")

// NewApp describes an app to be made (C 5.4).
type NewApp struct {
	ID           string // id or identifier, in any spelling (O 8.1)
	Name         string // "" for ID as it was given
	CreatorID    string
	SharingTable bool
	SharingIndex bool

	// tell, if there is one, gets the keys before the app is stored: a crash between the two leaves keys of no app, which
	// the next attempt replaces, and never an app whose keys nobody has.
	tell func(access, secret string)
}

// NewApp makes an app with its storage and a new secret. It returns nil when an app with that id exists already.
func (e *Engine) NewApp(ctx context.Context, n NewApp) (*para.App, error) {
	id := para.AppID(n.ID)
	if id == "" {
		return nil, para.Errorf(para.Invalid, "Error - app was not created.")
	}
	identifier := para.AppIdentifier(id)
	release, err := e.lifecycle.turn(ctx, identifier)
	if err != nil {
		return nil, err
	}
	defer release()
	if _, err := e.App(ctx, id); err == nil {
		return nil, nil
	} else if para.CodeOf(err) != para.NotFound {
		return nil, err
	}
	if err := e.finishDrops(ctx, identifier); err != nil {
		return nil, err
	}
	if err := e.visits.idle(ctx, identifier); err != nil {
		return nil, err
	}
	if err := e.store.CreateApp(ctx, identifier); err != nil {
		return nil, err
	}
	o := para.New("app")
	o.SetID(id)
	o.SetName(n.Name)
	if n.Name == "" {
		o.SetName(n.ID)
	}
	o.SetCreatorID(n.CreatorID)
	secret := newSecret()
	if identifier == e.root && e.opts.RootSecret != "" {
		secret = e.opts.RootSecret
	}
	for name, v := range map[string]any{"secret": secret, "active": true, "sharingTable": n.SharingTable, "sharingIndex": n.SharingIndex && identifier != e.root, "tokenValiditySec": e.opts.TokenValidity} {
		if err := o.Set(name, v); err != nil {
			return nil, err
		}
	}
	o.SetAppID(e.root)
	o.SetTimestamp(e.now().UnixMilli())
	o.ApplyDefaults(e.now())
	if problems := para.Validate(o, e.opts.Checks); len(problems) > 0 {
		return nil, para.Errorf(para.Invalid, "Error - app was not created.")
	}
	if n.tell != nil {
		n.tell(id, secret)
	}
	records, err := e.one(ctx, e.root, &op{reads: []string{id}, do: func(r []*para.Record) ([]para.Write, error) {
		if r[0] != nil {
			return nil, para.Errorf(para.Duplicate, "An app with the id %s exists already.", id)
		}
		return []para.Write{e.put(o, "create")}, nil
	}})
	if para.CodeOf(err) == para.Duplicate {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	kind := "new"
	if identifier == e.root {
		kind = "root"
	}
	e.log.InfoContext(ctx, fmt.Sprintf("Created %s app '%s', sharingTable = %t, sharingIndex = %t.", kind, identifier, n.SharingTable, n.SharingIndex && identifier != e.root))
	return parseApp(records[0])
}

// newSecret returns 40 random bytes in standard Base64: 56 characters (O 8.2).
func newSecret() string {
	b := make([]byte, 40)
	_, _ = rand.Read(b) // never fails
	return base64.StdEncoding.EncodeToString(b)
}

// ChangeApp changes an app's record in one transaction: change gets a copy of the stored object, and must be pure and
// repeatable. Concurrent changes of one app never lose each other (D26, D31, D93). It returns the new state.
func (e *Engine) ChangeApp(ctx context.Context, id string, change func(*para.Object) error) (*para.App, error) {
	records, err := e.one(ctx, e.root, &op{reads: []string{id}, do: func(r []*para.Record) ([]para.Write, error) {
		if r[0] == nil {
			return nil, appNotFound()
		}
		o, err := para.DecodeObject(r[0].Data)
		if err != nil {
			return nil, para.Wrap(para.Corrupt, "read app "+id, err)
		}
		if err := change(o); err != nil {
			if errors.Is(err, errUnchanged) {
				return nil, nil
			}
			return nil, err
		}
		o.SetUpdated(e.now().UnixMilli())
		return []para.Write{e.put(o, "update")}, nil
	}})
	if err != nil {
		return nil, err
	}
	if len(records) == 0 {
		return e.App(ctx, id)
	}
	return parseApp(records[0])
}

// errUnchanged ends a change of an app that has nothing to write.
var errUnchanged = errors.New("unchanged")

// registerTypes adds the types of objects that an app has not seen yet to its record (D26) and returns the app to go on
// with.
func (e *Engine) registerTypes(ctx context.Context, a *para.App, types ...string) (*para.App, error) {
	if _, changed := para.RegisterTypes(a.Datatypes, e.opts.MaxTypes, types...); !changed {
		return a, nil
	}
	return e.ChangeApp(ctx, a.ID, func(o *para.Object) error {
		stored, err := para.ParseApp(o)
		if err != nil {
			return err
		}
		all, changed := para.RegisterTypes(stored.Datatypes, e.opts.MaxTypes, types...)
		if !changed {
			return errUnchanged
		}
		return o.Set("datatypes", all)
	})
}

// NewKeys gives the principal's app a new secret; every token of the app is void from then on (C 5.7). Under a root
// secret override the root app keeps it (D91).
func (e *Engine) NewKeys(ctx context.Context, p access.Principal) (*para.App, error) {
	if p.Kind != access.App {
		return nil, para.Errorf(para.Unknown, "Not an app.")
	}
	secret := newSecret()
	if p.Root && e.opts.RootSecret != "" {
		e.log.Warn("the root secret is set by para.root_secret_override and cannot be renewed through the API")
		secret = e.opts.RootSecret
	}
	return e.ChangeApp(ctx, p.App.ID, func(o *para.Object) error { return o.Set("secret", secret) })
}

// deleteApp removes an app with all that belongs to it (D35). The root app is never removed.
func (e *Engine) deleteApp(ctx context.Context, p access.Principal, id string) error {
	if id == para.AppID(e.root) {
		return nil
	}
	identifier := para.AppIdentifier(id)
	release, err := e.lifecycle.turn(ctx, identifier)
	if err != nil {
		return err
	}
	defer release()
	_, err = e.one(ctx, e.root, &op{reads: []string{id, dropsID}, do: func(r []*para.Record) ([]para.Write, error) {
		if r[0] == nil || r[0].Type != "app" {
			return nil, errNotFound
		}
		apps, err := readDrops(r[1])
		if err != nil {
			return nil, err
		}
		return []para.Write{remove(r[0], "delete"), writeDrops(append(apps, identifier))}, nil
	}})
	if err != nil {
		return err
	}
	e.log.Info("app deleted", "app", identifier, "by", p.App.Identifier)
	return e.finishDrops(context.WithoutCancel(ctx), identifier)
}

// finishDrops removes the storages of those of the apps that are noted as deleted; without identifiers, of all that are
// noted. The caller has the turn of the apps.
func (e *Engine) finishDrops(ctx context.Context, identifiers ...string) error {
	records, err := e.store.Get(ctx, e.root, []string{dropsID})
	if err != nil {
		return err
	}
	apps, err := readDrops(records[0])
	if err != nil {
		return err
	}
	for _, identifier := range apps {
		if len(identifiers) > 0 && !slices.Contains(identifiers, identifier) {
			continue
		}
		if err := e.store.DropApp(ctx, identifier); err != nil {
			return fmt.Errorf("remove the storage of app %s: %w", identifier, err)
		}
		e.cache.evictApp(identifier)
		_, err := e.one(ctx, e.root, &op{reads: []string{dropsID}, do: func(r []*para.Record) ([]para.Write, error) {
			noted, err := readDrops(r[0])
			if err != nil {
				return nil, err
			}
			left := slices.DeleteFunc(noted, func(x string) bool { return x == identifier })
			return []para.Write{writeDrops(left)}, nil
		}})
		if err != nil {
			return err
		}
	}
	return nil
}

type drops struct {
	ID   string   `json:"id"`
	Type string   `json:"type"`
	Apps []string `json:"apps"`
}

func readDrops(r *para.Record) ([]string, error) {
	if r == nil || !internalType(r.Type) { // an ordinary object may have that id
		return nil, nil
	}
	var d drops
	if err := json.Unmarshal(r.Data, &d); err != nil {
		return nil, para.Wrap(para.Corrupt, "read the list of deleted apps", err)
	}
	return d.Apps, nil
}

func writeDrops(apps []string) para.Write {
	data, _ := json.Marshal(drops{ID: dropsID, Type: "_internal", Apps: apps}) // strings always encode
	return para.Write{Kind: para.Put, Event: "", Record: para.Record{ID: dropsID, Type: "_internal", Stored: true, Data: data}}
}

// SweepStorages removes storages that belong to no app and hold nothing, and reports those that hold something.
func (e *Engine) SweepStorages(ctx context.Context) error {
	apps, err := e.store.Apps(ctx)
	if err != nil {
		return err
	}
	const many = 500 // records read at once, so that a start with many apps takes no longer than it must
	for part := range slices.Chunk(apps, many) {
		ids := make([]string, len(part))
		for i, identifier := range part {
			ids[i] = para.AppID(identifier)
		}
		records, err := e.store.Get(ctx, e.root, ids)
		if err != nil {
			return err
		}
		for i, identifier := range part {
			if r := records[i]; r != nil && r.Type == "app" {
				continue
			}
			if err := e.sweepStorage(ctx, identifier); err != nil {
				return err
			}
		}
	}
	return nil
}

// sweepStorage removes the storage of an app that does not exist when it holds nothing.
func (e *Engine) sweepStorage(ctx context.Context, identifier string) error {
	last, err := e.store.LastChange(ctx, identifier)
	if err != nil {
		return err
	}
	if last > 0 {
		e.log.Warn("a storage with data belongs to no app; restore the app's record or remove the storage by hand", "app", identifier)
		return nil
	}
	return e.store.DropApp(ctx, identifier)
}

// User returns the object with an id in an app if it is a user, nil when it is none.
func (e *Engine) User(ctx context.Context, app *para.App, id string) (*para.Object, error) {
	r, err := e.record(ctx, app.Identifier, id)
	if err != nil || r == nil || r.Type != "user" {
		return nil, err
	}
	return e.users.decode(app.Identifier, r)
}
