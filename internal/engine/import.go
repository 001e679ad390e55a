package engine

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"time"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/access"
	"github.com/erudika/para-go/internal/ziparchive"
)

// An import first reads the whole archive: its directory, every checksum, every object, the end of the export. Whatever
// is wrong is found before the first write. Then the objects are written in chunks, each one operation that also notes
// how far the import is (positionID). Objects without an id get one that follows from the archive and their place in it,
// so a chunk that is written again changes nothing.
//
// An import that was interrupted goes on when the same archive is sent again: of what lies before the noted position only
// objects that are gone meanwhile are written, so that changes made since stay. After positionAge the archive is written
// from its beginning.
const (
	positionID  = "_import"
	positionAge = 24 * time.Hour
	chunkBytes  = 8 << 20
)

// importBatch is the number of objects in a chunk when Options.ImportBatch is not set.
const importBatch = 100

// maxImportBatch bounds a chunk: an operation can read MaxOpReads records.
const maxImportBatch = 5000

// Archive is a zip archive of objects, completely at hand.
type Archive struct {
	Content io.ReaderAt
	Size    int64
	SHA256  [32]byte // of Content: tells an archive that is sent again
	Name    string   // of the summary object
}

// Import stores the objects of an archive in the principal's app and returns the object that describes the import, stored
// unless the archive held none (R 24, D46). Existing objects are replaced; nothing is validated; all members are taken as
// given but appid. Types are registered. Objects of type app are stored for principals who manage the root app, with
// their storage; elsewhere they are counted only. The importing app's own record keeps its secret.
//
// An archive that is cut off, damaged or not of the right form is refused whole with an Invalid error. Once writing has
// begun it does not depend on ctx any more.
func (e *Engine) Import(ctx context.Context, p access.Principal, a Archive) (access.Visible, error) {
	if err := p.MayImport(); err != nil {
		return access.Visible{}, err
	}
	identifier := p.App.Identifier
	if _, running := e.imports.LoadOrStore(identifier, true); running {
		return access.Visible{}, importFailed("another import of app %s is running.", identifier)
	}
	defer e.imports.Delete(identifier)
	maxObject := maxImported
	if n := e.store.Properties().MaxRecordSize; n > importRoom {
		maxObject = n
	}
	r, err := openArchive(a.Content, a.Size, maxObject-importRoom)
	if err != nil {
		return access.Visible{}, err
	}
	im := &importing{e: e, p: p, app: p.App, archive: a, places: map[string]int{}}
	if err := im.verify(ctx, r); err != nil {
		return access.Visible{}, err
	}
	return im.write(context.WithoutCancel(ctx), r)
}

// importing is one import on its way.
type importing struct {
	e       *Engine
	p       access.Principal
	app     *para.App
	archive Archive

	count   int64 // elements so far
	resumed int64 // elements that an interrupted import of the same archive had written

	chunk  []imported
	places map[string]int // id → place in chunk
	bytes  int
}

// imported is an object of a chunk.
type imported struct {
	object *para.Object
	again  bool // it was written before the import was interrupted
}

// verify reads the archive to its end.
func (im *importing) verify(ctx context.Context, r *archiveReader) error {
	var p parts
	err := r.visit(ctx, visitor{
		others: true,
		object: func(b *para.Body) error {
			im.count++
			_, err := im.prepare(b)
			return err
		},
		entry: func(e ziparchive.Entry, n int) error { return p.add(e, n, r.zip.Len()) },
	})
	if err != nil {
		return err
	}
	return p.complete()
}

// write stores all objects and the summary.
func (im *importing) write(ctx context.Context, r *archiveReader) (access.Visible, error) {
	var err error
	if im.resumed, err = im.position(ctx); err != nil {
		return access.Visible{}, err
	}
	if im.resumed > 0 {
		im.e.log.InfoContext(ctx, "import goes on where it was interrupted", "app", im.app.Identifier, "objects", im.resumed)
	}
	batch := im.e.opts.ImportBatch
	if batch <= 0 {
		batch = importBatch
	}
	batch = min(batch, maxImportBatch)
	im.count = 0
	err = r.visit(ctx, visitor{object: func(b *para.Body) error {
		im.count++
		o, err := im.prepare(b)
		if err != nil || o == nil {
			return err
		}
		im.add(o)
		if len(im.chunk) >= batch || im.bytes >= chunkBytes {
			return im.flush(ctx)
		}
		return nil
	}})
	if err == nil && len(im.chunk) > 0 {
		err = im.flush(ctx)
	}
	if err != nil {
		return access.Visible{}, err
	}
	return im.finish(ctx)
}

// prepare makes the object of an element: population in create mode and what every stored object has (O 5.4, O 6). It
// returns nil for an element that is only counted. It depends on nothing but the archive and the time.
func (im *importing) prepare(b *para.Body) (*para.Object, error) {
	if b == nil {
		return nil, nil
	}
	o, err := para.Populate(b)
	if err != nil {
		return nil, &refusedObject{err.Error()}
	}
	o.SetAppID(im.app.Identifier)
	switch {
	case o.Type() == "app" && !managesApps(im.p):
		return nil, nil
	case o.Type() == "app":
		if para.AppIdentifier(o.ID()) == "" {
			return nil, &refusedObject{"an app needs an id"}
		}
		if own := o.ID() == im.app.ID; own || !o.Sent("sharingIndex") { // O 7.2: true for children, never for the root app
			if err := o.Set("sharingIndex", !own); err != nil {
				return nil, err
			}
		}
	case strings.HasPrefix(o.ID(), para.AppPrefix) && im.p.Root:
		return nil, &refusedObject{"the id " + o.ID() + " is that of an app"}
	}
	if strings.TrimSpace(o.ID()) == "" {
		im.assignID(o)
	}
	now := im.e.now()
	if o.Timestamp() == 0 {
		o.SetTimestamp(now.UnixMilli())
	}
	if o.Version() < 0 {
		o.SetVersion(0)
	}
	if err := im.e.applyDefaults(o); err != nil {
		return nil, err
	}
	switch o.Type() {
	case "user":
		return o, prepareUser(o)
	case "app":
		if err := im.e.settleApp(o); err != nil {
			return nil, &refusedObject{err.Error()}
		}
		if _, err := para.ParseApp(o); err != nil {
			return nil, &refusedObject{err.Error()}
		}
	}
	return o, nil
}

// add puts an object into the chunk; of several with one id the last one counts.
func (im *importing) add(o *para.Object) {
	x := imported{object: o, again: im.count <= im.resumed}
	if i, ok := im.places[o.ID()]; ok {
		im.chunk[i] = x
	} else {
		im.places[o.ID()] = len(im.chunk)
		im.chunk = append(im.chunk, x)
	}
	for _, name := range o.Names() {
		raw, _ := o.Raw(name)
		im.bytes += len(raw)
	}
}

// flush commits the chunk together with the position behind it.
func (im *importing) flush(ctx context.Context) error {
	e, identifier := im.e, im.app.Identifier
	var types []string
	var apps []string
	ids := make([]string, 0, len(im.chunk)+1)
	for _, x := range im.chunk {
		ids = append(ids, x.object.ID())
		types = append(types, x.object.Type())
		if x.object.Type() == "app" {
			apps = append(apps, para.AppIdentifier(x.object.ID()))
		}
	}
	if len(apps) > 0 {
		release, err := e.lifecycle.turn(ctx, apps...)
		if err != nil {
			return err
		}
		defer release()
		if err := e.finishDrops(ctx, apps...); err != nil { // a deleted app can be imported again
			return err
		}
	}
	for _, a := range apps {
		if err := e.store.CreateApp(ctx, a); err != nil {
			return err
		}
	}
	app, err := e.registerTypes(ctx, im.app, types...)
	if err != nil {
		return err
	}
	im.app = app
	count := im.count
	ids = append(ids, positionID)
	_, err = e.one(ctx, identifier, &op{reads: ids, do: func(records []*para.Record) ([]para.Write, error) {
		writes := make([]para.Write, 0, len(ids))
		for i, x := range im.chunk {
			o, err := im.keep(records[i], x)
			if err != nil {
				return nil, err
			}
			if o != nil {
				writes = append(writes, e.put(o, "createAll"))
			}
		}
		if w, ok := im.mark(records[len(ids)-1], count); ok {
			writes = append(writes, w)
		}
		return writes, nil
	}})
	clear(im.places)
	clear(im.chunk)
	im.chunk, im.bytes = im.chunk[:0], 0
	return err
}

// keep decides what is stored for an object over what is there under its id: nil for nothing.
func (im *importing) keep(old *para.Record, x imported) (*para.Object, error) {
	o := x.object
	if old == nil {
		if o.Type() == "app" && o.Text("secret") == "" {
			o = o.Clone()
			return o, o.Set("secret", newSecret())
		}
		return o, nil
	}
	if x.again || internalType(old.Type) {
		return nil, nil
	}
	if old.Type != o.Type() || o.Type() != "app" && o.Type() != "user" {
		return o, nil
	}
	stored, err := para.DecodeObject(old.Data)
	if err != nil {
		return nil, para.Wrap(para.Corrupt, "read "+old.ID, err)
	}
	o = o.Clone()
	switch {
	case o.Type() == "user":
		if !o.Sent("tokenSecret") { // it was made up
			copyMember(stored, o, "tokenSecret")
		}
	case o.ID() == im.app.ID:
		return o, im.keepOwn(stored, o)
	case o.Text("secret") == "":
		copyMember(stored, o, "secret")
	}
	return o, nil
}

// keepOwn keeps what the importing app's own record must not lose: its secret, and the types of what it holds (D46).
func (im *importing) keepOwn(stored, o *para.Object) error {
	copyMember(stored, o, "secret")
	before, err := para.ParseApp(stored)
	if err != nil {
		return para.Wrap(para.Corrupt, "read app "+stored.ID(), err)
	}
	given, err := para.ParseApp(o)
	if err != nil {
		return para.Wrap(para.Invalid, "read app "+o.ID(), err)
	}
	types := make([]string, 0, len(before.Datatypes))
	for _, singular := range before.Datatypes {
		types = append(types, singular)
	}
	all, changed := para.RegisterTypes(given.Datatypes, im.e.opts.MaxTypes, types...)
	if !changed {
		return nil
	}
	return o.Set("datatypes", all)
}

func copyMember(from, to *para.Object, name string) {
	if raw, ok := from.Raw(name); ok {
		to.SetRaw(name, raw)
	}
}

// finish stores the summary and removes the position.
func (im *importing) finish(ctx context.Context) (access.Visible, error) {
	e := im.e
	o := para.New("paraimport")
	o.SetAppID(im.app.Identifier)
	o.SetCreatorID(im.app.Identifier)
	o.SetName(im.archive.Name)
	if err := o.Set("count", im.count); err != nil {
		return access.Visible{}, err
	}
	if im.count > 0 {
		o.SetID(e.NewID())
		o.SetTimestamp(e.now().UnixMilli())
	}
	o.ApplyDefaults(e.now())
	summary := e.put(o, "create")
	if im.count == 0 {
		return im.p.Written(&summary.Record), nil
	}
	if _, err := e.registerTypes(ctx, im.app, o.Type()); err != nil {
		return access.Visible{}, err
	}
	records, err := e.one(ctx, im.app.Identifier, &op{reads: []string{positionID}, do: func(r []*para.Record) ([]para.Write, error) {
		writes := []para.Write{summary}
		if r[0] != nil && internalType(r[0].Type) {
			writes = append(writes, remove(r[0], ""))
		}
		return writes, nil
	}})
	if err != nil {
		return access.Visible{}, err
	}
	e.log.InfoContext(ctx, "imported objects", "app", im.app.Identifier, "objects", im.count, "archive", im.archive.Name)
	return im.p.Written(records[0]), nil
}

// position is how far an import is, as it is stored.
type position struct {
	ID      string `json:"id"`
	Type    string `json:"type"`
	Archive string `json:"archive"` // SHA-256 in hexadecimal
	Count   int64  `json:"count"`   // elements that are written
	Time    int64  `json:"time"`    // milliseconds since 1970
}

// position returns how many elements an interrupted import of the same archive has written, 0 for none.
func (im *importing) position(ctx context.Context) (int64, error) {
	records, err := im.e.store.Get(ctx, im.app.Identifier, []string{positionID})
	if err != nil {
		return 0, readFailure(ctx, err)
	}
	if records[0] == nil || !internalType(records[0].Type) {
		return 0, nil
	}
	var at position
	if err := json.Unmarshal(records[0].Data, &at); err != nil {
		return 0, para.Wrap(para.Corrupt, "read the position of an import", err)
	}
	age := im.e.now().Sub(time.UnixMilli(at.Time))
	if at.Archive != hex.EncodeToString(im.archive.SHA256[:]) || age < 0 || age > positionAge {
		return 0, nil
	}
	return at.Count, nil
}

// mark makes the write that notes the position; false when there is nothing to note, or no place: an ordinary object has
// that id.
func (im *importing) mark(old *para.Record, count int64) (para.Write, bool) {
	_, taken := im.places[positionID]
	if taken || count <= im.resumed || old != nil && !internalType(old.Type) {
		return para.Write{}, false
	}
	data, _ := json.Marshal(position{ // texts and numbers always encode
		ID:      positionID,
		Type:    "_internal",
		Archive: hex.EncodeToString(im.archive.SHA256[:]),
		Count:   count,
		Time:    im.e.now().UnixMilli(),
	})
	return para.Write{Kind: para.Put, Record: para.Record{ID: positionID, Type: "_internal", Stored: true, Data: data}}, true
}

// assignID gives an object the id that its members make, or one that follows from the archive and its place in it.
func (im *importing) assignID(o *para.Object) {
	switch {
	case o.Type() == "tag" && o.Text("tag") != "", o.Type() == "vote" && o.CreatorID() != "" && o.ParentID() != "":
		o.AssignID(im.e.ids)
	default:
		o.SetID(placeID(im.archive.SHA256, im.count))
	}
}

// placeID is the id of the n-th element of an archive. It has 18 digits: generated ids have had 19 since 2018 (O 3.1), so
// none will be the same.
func placeID(archive [32]byte, n int64) string {
	sum := sha256.Sum256(binary.BigEndian.AppendUint64(archive[:], uint64(n)))
	const least = 100_000_000_000_000_000
	return strconv.FormatUint(least+binary.BigEndian.Uint64(sum[:])%(9*least), 10)
}
