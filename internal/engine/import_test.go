package engine

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/backend/sqlite"
	"github.com/erudika/para-go/internal/access"
	"github.com/erudika/para-go/internal/analysis"
)

// failingStore is a store whose writes and scans of one app fail from a moment on.
type failingStore struct {
	*sqlite.Store
	app         string
	writesLeft  atomic.Int64 // calls of Apply that still succeed; below 0: all
	scansLeft   atomic.Int64
	scansBroken atomic.Bool
}

var errDiskGone = &para.Error{Code: para.WriteFailed, Message: "the disk is gone"}

func (f *failingStore) Apply(ctx context.Context, app string, ops []para.Op) ([]para.Outcome, error) {
	if app == f.app && f.writesLeft.Load() >= 0 && f.writesLeft.Add(-1) < 0 {
		f.writesLeft.Store(0)
		return nil, errDiskGone
	}
	return f.Store.Apply(ctx, app, ops)
}

func (f *failingStore) Scan(ctx context.Context, app string, after int64, limit int) ([]*para.Record, error) {
	if app == f.app && f.scansBroken.Load() && f.scansLeft.Add(-1) < 0 {
		return nil, errors.New("the disk is gone")
	}
	return f.Store.Scan(ctx, app, after, limit)
}

// world is an engine over a store of its own with one child app.
type world struct {
	*Engine
	store *failingStore
	p     access.Principal
	now   time.Time
}

func newWorld(t *testing.T) *world {
	t.Helper()
	store, err := sqlite.Open(sqlite.Options{Dir: t.TempDir(), RootApp: "para", Durability: sqlite.Relaxed})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	w := &world{store: &failingStore{Store: store, app: "kid"}, now: time.Now()}
	w.store.writesLeft.Store(-1)
	w.Engine, err = Open(t.Context(), Options{
		Store: w.store, Search: store, RootApp: "para", Document: analysis.Document, CacheBytes: 1 << 20, ImportBatch: 100,
		Now: func() time.Time { return w.now },
	})
	if err != nil {
		t.Fatal(err)
	}
	app, err := w.NewApp(t.Context(), NewApp{ID: "kid"})
	if err != nil {
		t.Fatal(err)
	}
	w.p = access.Principal{Kind: access.App, App: app}
	return w
}

func (w *world) name(t *testing.T, id string) string {
	t.Helper()
	r, err := w.record(t.Context(), "kid", id)
	if err != nil {
		t.Fatal(err)
	}
	if r == nil {
		return ""
	}
	o, err := para.DecodeObject(r.Data)
	if err != nil {
		t.Fatal(err)
	}
	return o.Name()
}

// changes counts the changes of an object.
func (w *world) changes(t *testing.T, id string) int {
	t.Helper()
	list, err := w.store.Changes(t.Context(), "kid", 0, 100_000)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, c := range list {
		if c.ID == id {
			n++
		}
	}
	return n
}

// archiveOf packs texts of objects into one entry.
func archiveOf(t *testing.T, objects ...string) Archive {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f, err := w.Create("a.json")
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(f, "[%s]", strings.Join(objects, ","))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return Archive{Content: bytes.NewReader(b.Bytes()), Size: int64(b.Len()), SHA256: sha256.Sum256(b.Bytes()), Name: "a.zip"}
}

func thousand(name string) []string {
	out := make([]string, 1000)
	for i := range out {
		out[i] = fmt.Sprintf(`{"id":"c%d","type":"cat","name":%q,"timestamp":5}`, i, name)
		if i%10 == 9 {
			out[i] = fmt.Sprintf(`{"type":"dog","name":"made %d","timestamp":5}`, i)
		}
	}
	return out
}

// interrupted runs an import that fails after 400 objects.
func (w *world) interrupted(t *testing.T, a Archive) {
	t.Helper()
	w.store.writesLeft.Store(4)
	if _, err := w.Import(t.Context(), w.p, a); !errors.Is(err, errDiskGone) {
		t.Fatalf("got %v, want the error of the store", err)
	}
	w.store.writesLeft.Store(-1)
	if w.name(t, "c398") == "" || w.name(t, "c400") != "" {
		t.Fatal("the import was interrupted elsewhere")
	}
	o := para.New("cat")
	o.SetID("c0")
	o.SetName("changed since")
	if _, err := w.Overwrite(t.Context(), w.p, o); err != nil {
		t.Fatal(err)
	}
	if err := w.Delete(t.Context(), w.p, "cat", "c1"); err != nil {
		t.Fatal(err)
	}
}

func (w *world) count(t *testing.T) int {
	t.Helper()
	done, err := w.Reindex(t.Context(), w.p, "")
	if err != nil {
		t.Fatal(err)
	}
	return int(done.Records)
}

// shown is what the caller of an operation gets.
func shown(t *testing.T, v access.Visible) []byte {
	t.Helper()
	b, err := v.AppendJSON(nil, access.Context{})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// An interrupted import goes on when the archive is sent again: nothing is written twice, what changed since stays, what
// is gone comes back.
func TestImportResumes(t *testing.T) {
	w := newWorld(t)
	a := archiveOf(t, thousand("imported")...)
	w.interrupted(t, a)
	v, err := w.Import(t.Context(), w.p, a)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(shown(t, v), []byte(`"count":1000`)) {
		t.Errorf("summary %s", shown(t, v))
	}
	for id, want := range map[string]string{"c0": "changed since", "c1": "imported", "c2": "imported", "c998": "imported"} {
		if got := w.name(t, id); got != want {
			t.Errorf("%s is called %q, want %q", id, got, want)
		}
	}
	if n := w.changes(t, "c2"); n != 1 {
		t.Errorf("an object was written %d times", n)
	}
	if n := w.count(t); n != 1001 {
		t.Errorf("%d objects, want 1000 and the summary", n)
	}
	if r, err := w.store.Get(t.Context(), "kid", []string{positionID}); err != nil || r[0] != nil {
		t.Errorf("the position is still there: %v, %v", r[0], err)
	}
	// When it is complete, sending it once more writes everything again.
	if _, err := w.Import(t.Context(), w.p, a); err != nil || w.name(t, "c0") != "imported" {
		t.Errorf("%v, c0 is called %q", err, w.name(t, "c0"))
	}
}

// Another archive, or the same one much later, starts from its beginning.
func TestImportStartsOver(t *testing.T) {
	for label, again := range map[string]func(w *world, a Archive) Archive{
		"another archive": func(*world, Archive) Archive { return archiveOf(t, thousand("other")...) },
		"two days later": func(w *world, a Archive) Archive {
			w.now = w.now.Add(48 * time.Hour)
			return a
		},
	} {
		w := newWorld(t)
		a := archiveOf(t, thousand("imported")...)
		w.interrupted(t, a)
		if _, err := w.Import(t.Context(), w.p, again(w, a)); err != nil {
			t.Fatal(err)
		}
		if got := w.name(t, "c0"); got == "changed since" {
			t.Errorf("%s: c0 was not written", label)
		}
	}
}

// Records of the engine itself are neither exported nor replaced, and an ordinary object may have their ids.
func TestImportLeavesInternalRecords(t *testing.T) {
	w := newWorld(t)
	w.interrupted(t, archiveOf(t, thousand("imported")...))
	var b bytes.Buffer
	if err := w.Export(t.Context(), w.p, "x", &b); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(exported(t, b.Bytes()), positionID); n > 0 {
		t.Errorf("the export holds the position of an import")
	}
	if _, err := w.Import(t.Context(), w.p, archiveOf(t, `{"id":"`+positionID+`","type":"cat","name":"x"}`)); err != nil {
		t.Fatal(err)
	}
	w = newWorld(t)
	for range 2 {
		if _, err := w.Import(t.Context(), w.p, archiveOf(t, `{"id":"`+positionID+`","type":"cat","name":"ordinary"}`)); err != nil {
			t.Fatal(err)
		}
	}
	if got := w.name(t, positionID); got != "ordinary" {
		t.Errorf("the object is called %q", got)
	}
}

func exported(t *testing.T, archive []byte) string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(&all, r); err != nil {
			t.Fatal(err)
		}
	}
	return all.String()
}

// An export whose reading fails is no archive.
func TestExportFails(t *testing.T) {
	w := newWorld(t)
	if _, err := w.Import(t.Context(), w.p, archiveOf(t, thousand("x")...)); err != nil {
		t.Fatal(err)
	}
	for _, scans := range []int64{0, 1, 5} {
		w.store.scansLeft.Store(scans)
		w.store.scansBroken.Store(true)
		var b bytes.Buffer
		if err := w.Export(t.Context(), w.p, "x", &b); para.CodeOf(err) != para.Unavailable {
			t.Errorf("after %d pages: got %v", scans, err)
		}
		if scans == 0 && b.Len() > 0 {
			t.Errorf("%d bytes were written before the first object", b.Len())
		}
		if _, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len())); err == nil {
			t.Errorf("after %d pages: the export can be read", scans)
		}
		w.store.scansBroken.Store(false)
	}
}

// Who does not manage the root app exports and imports no app records there (D35, D46).
func TestAppRecordsNeedTheRootApp(t *testing.T) {
	w := newWorld(t)
	root, err := w.App(t.Context(), "para")
	if err != nil {
		t.Fatal(err)
	}
	user := para.New("user")
	user.SetID("u")
	app := `{"id":"app:made","type":"app","name":"made","secret":"s"}`
	for label, x := range map[string]struct {
		p    access.Principal
		want bool
	}{
		"root app":     {access.Principal{Kind: access.App, App: root, Root: true}, true},
		"user of root": {access.Principal{Kind: access.User, App: root, User: user, Root: true}, false},
		"child":        {w.p, false},
	} {
		var b bytes.Buffer
		if err := w.Export(t.Context(), x.p, "x", &b); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(exported(t, b.Bytes()), `"type":"app"`); got != x.want {
			t.Errorf("%s: app records in the export: %v", label, got)
		}
		v, err := w.Import(t.Context(), x.p, archiveOf(t, app))
		if err != nil {
			t.Fatalf("%s: %v", label, err)
		}
		if got := shown(t, v); !bytes.Contains(got, []byte(`"count":1`)) {
			t.Fatalf("%s: %s", label, got)
		}
		made, err := w.App(t.Context(), "made")
		if (err == nil) != x.want {
			t.Errorf("%s: app %v, %v", label, made, err)
		}
		if err == nil {
			if there, err := w.store.HasApp(t.Context(), "made"); err != nil || !there {
				t.Errorf("%s: the app has no storage: %v", label, err)
			}
			if err := w.deleteApp(t.Context(), x.p, "app:made"); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func BenchmarkExport(b *testing.B) {
	o := para.New("cat")
	o.SetID("1")
	o.SetName("Tom")
	if err := o.Set("legs", 4); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	var dst []byte
	for b.Loop() {
		dst = appendExport(dst[:0], o)
	}
}
