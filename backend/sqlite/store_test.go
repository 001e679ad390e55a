package sqlite

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/erudika/para-go"
)

func testOptions(dir string) Options {
	return Options{Dir: dir, RootApp: "para", Logger: slog.New(slog.DiscardHandler)}
}

func openTest(t testing.TB, opts Options) *Store {
	t.Helper()
	s, err := Open(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func putOp(id, data string) para.Op {
	return para.Op{Do: func([]*para.Record) ([]para.Write, error) {
		return []para.Write{{Kind: para.Put, Event: "create", Record: para.Record{ID: id, Type: "t", Stored: true, Data: []byte(data)}}}, nil
	}}
}

func mustApply(t testing.TB, s *Store, app string, ops ...para.Op) []para.Outcome {
	t.Helper()
	out, err := s.Apply(context.Background(), app, ops)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range out {
		if o.Err != nil {
			t.Fatal(o.Err)
		}
	}
	return out
}

// onWriter runs do on the writer of an app.
func onWriter(t testing.TB, s *Store, app string, do func(c *conn) error) {
	t.Helper()
	f, err := s.acquire(context.Background(), app)
	if err != nil {
		t.Fatal(err)
	}
	defer s.release(f)
	if err := f.w.do(context.Background(), func() error { return do(f.w.c) }); err != nil {
		t.Fatal(err)
	}
}

func wantError(t *testing.T, err error, code para.Code, texts ...string) {
	t.Helper()
	if para.CodeOf(err) != code {
		t.Fatalf("error %v has code %q, want %q", err, para.CodeOf(err), code)
	}
	for _, text := range texts {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("error %q does not say %q", err, text)
		}
	}
}

func TestReopen(t *testing.T) {
	dir := t.TempDir()
	s := openTest(t, testOptions(dir))
	ctx := t.Context()
	for i := range 10 {
		mustApply(t, s, "para", putOp(fmt.Sprint("a", i), "{}"))
	}
	if err := s.Trim(ctx, "para", 100); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if there, _ := exists(filepath.Join(dir, "apps", "para.db-wal")); there {
		t.Error("a clean close leaves the write-ahead log behind")
	}
	s = openTest(t, testOptions(dir))
	if n, err := s.LastChange(ctx, "para"); n != 10 || err != nil {
		t.Errorf("LastChange = %d, %v", n, err)
	}
	r := mustApply(t, s, "para", putOp("new", "{}"))[0].Records[0]
	if r.DocID != 11 || r.Revision != 11 {
		t.Errorf("after a trimmed log: %+v", r)
	}
}

func TestFolderLock(t *testing.T) {
	dir := t.TempDir()
	s := openTest(t, testOptions(dir))
	_, err := Open(testOptions(dir))
	wantError(t, err, para.Unavailable, dir, fmt.Sprint(os.Getpid()))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	openTest(t, testOptions(dir))
	// The lock holds between processes too.
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childDir+"="+dir)
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "in use by another process") {
		t.Errorf("a second process: %v, %s", err, out)
	}
}

func TestOpenRefuses(t *testing.T) {
	fill := func(t *testing.T, name, content string) string {
		dir := t.TempDir()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	tests := []struct {
		name, file, content string
		code                para.Code
		says                []string
	}{
		{"empty root file", "apps/para.db", "", para.Corrupt, []string{"para.db", "snapshot"}},
		{"root file of another kind", "apps/para.db", strings.Repeat("no database ", 500), para.Corrupt, []string{"not an SQLite database"}},
		{"damaged root file", "apps/para.db", "SQLite format 3\x00" + strings.Repeat("\x01", 8000), para.Corrupt, []string{"root app"}},
		{"other apps only", "apps/kid.db", "x", para.Unavailable, []string{"kid.db", "snapshot", "move the files away"}},
		{"data of the Java server", "para.mv.db", "H:2", para.Unavailable, []string{"para.mv.db", "org.h2.tools.Script"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := fill(t, test.file, test.content)
			for range 2 { // the first refusal must not have changed anything
				_, err := Open(testOptions(dir))
				wantError(t, err, test.code, test.says...)
			}
			got, err := os.ReadFile(filepath.Join(dir, test.file))
			if err != nil || string(got) != test.content {
				t.Errorf("the file was changed: %v", err)
			}
		})
	}
	t.Run("no options", func(t *testing.T) {
		for _, o := range []Options{{}, {Dir: t.TempDir()}, {Dir: t.TempDir(), RootApp: strings.Repeat("x", 500)}} {
			if _, err := Open(o); err == nil {
				t.Errorf("Open(%+v) succeeded", o)
			}
		}
	})
	t.Run("allowed new root", func(t *testing.T) {
		dir := fill(t, "apps/kid.db", "x")
		opts := testOptions(dir)
		opts.AllowNewRoot = true
		openTest(t, opts)
	})
	t.Run("migrated Java data", func(t *testing.T) {
		dir := t.TempDir()
		if err := openTest(t, testOptions(dir)).Close(); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "para.mv.db"), []byte("H:2"), 0o600); err != nil {
			t.Fatal(err)
		}
		openTest(t, testOptions(dir))
	})
}

// TestDamagedApp: a damaged file makes its own app unusable and nothing else.
func TestDamagedApp(t *testing.T) {
	damage := map[string]func(t *testing.T, path string){
		"empty":        func(t *testing.T, path string) { writeFile(t, path, nil) },
		"short":        func(t *testing.T, path string) { writeFile(t, path, []byte("SQLite format 3\x00")) },
		"text":         func(t *testing.T, path string) { writeFile(t, path, bytes.Repeat([]byte("hello "), 1000)) },
		"foreign":      func(t *testing.T, path string) { setPragma(t, path, "application_id=7") },
		"newer":        func(t *testing.T, path string) { setPragma(t, path, "user_version=99") },
		"no format":    func(t *testing.T, path string) { setPragma(t, path, "user_version=0") },
		"other's file": func(t *testing.T, path string) { copyFile(t, filepath.Join(filepath.Dir(path), "ok.db"), path) },
		"overwritten": func(t *testing.T, path string) {
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for i := 100; i < len(b); i++ {
				b[i] = 0xa5
			}
			writeFile(t, path, b)
		},
	}
	dir := t.TempDir()
	s := openTest(t, testOptions(dir))
	ctx := t.Context()
	if err := s.CreateApp(ctx, "ok"); err != nil {
		t.Fatal(err)
	}
	mustApply(t, s, "ok", putOp("a", "1"))
	closeApp(t, s, "ok")
	for name, harm := range damage {
		t.Run(name, func(t *testing.T) {
			app := "app " + name
			if err := s.CreateApp(ctx, app); err != nil {
				t.Fatal(err)
			}
			mustApply(t, s, app, putOp("a", "1"))
			var archive bytes.Buffer
			if err := s.Snapshot(ctx, app, &archive); err != nil {
				t.Fatal(err)
			}
			closeApp(t, s, app)
			harm(t, s.path(app))
			_, err := s.Get(ctx, app, []string{"a"})
			wantError(t, err, para.Corrupt)
			_, err = s.Apply(ctx, app, []para.Op{putOp("b", "2")})
			wantError(t, err, para.Corrupt)
			if name == "newer" {
				wantError(t, err, para.Corrupt, "newer version", "format 99")
			}
			if got, err := s.Get(ctx, "ok", []string{"a"}); err != nil || got[0] == nil {
				t.Errorf("another app: %v, %v", got, err)
			}
			if apps, err := s.Apps(ctx); err != nil || !strings.Contains(strings.Join(apps, ","), app) {
				t.Errorf("Apps does not list a damaged app: %q, %v", apps, err)
			}
			if err := s.CreateApp(ctx, app); err != nil {
				t.Errorf("CreateApp: %v", err)
			}
			if _, err = s.Get(ctx, app, []string{"a"}); err == nil {
				t.Error("CreateApp made a fresh app over a damaged one")
			}
			// A snapshot mends it, and numbers go on far above.
			if err := s.RestoreSnapshot(ctx, app, &archive); err != nil {
				t.Fatalf("restore over a damaged file: %v", err)
			}
			if got, err := s.Get(ctx, app, []string{"a"}); err != nil || got[0] == nil {
				t.Errorf("after the restore: %v, %v", got, err)
			}
			if r := mustApply(t, s, app, putOp("b", "2"))[0].Records[0]; r.Revision < 2 {
				t.Errorf("a revision is used again: %+v", r)
			}
		})
	}
}

func writeFile(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	b, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, to, b)
}

func setPragma(t *testing.T, path, pragma string) {
	t.Helper()
	c, err := openConn(path, openExisting)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(c.script("PRAGMA "+pragma), c.close()); err != nil {
		t.Fatal(err)
	}
}

// closeApp closes the file of an app that nobody uses.
func closeApp(t *testing.T, s *Store, app string) {
	t.Helper()
	if err := s.exclusive(context.Background(), app, func() error { return nil }); err != nil {
		t.Fatal(err)
	}
}

// TestDiskFull: writes fail as such while there is no space, alone and in groups, and work again afterwards.
func TestDiskFull(t *testing.T) {
	s := openTest(t, testOptions(t.TempDir()))
	ctx := t.Context()
	mustApply(t, s, "para", putOp("a", "1"))
	setLimit := func(pages string) {
		onWriter(t, s, "para", func(c *conn) error { return c.script("PRAGMA max_page_count=" + pages) })
	}
	setLimit("60")
	big := strings.Repeat("x", 100_000)
	before, err := s.LastChange(ctx, "para")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	fate := make(map[string]error)
	for i := range 40 {
		wg.Go(func() {
			id, data := fmt.Sprint("n", i), "small"
			if i%2 == 0 {
				data = big
			}
			_, err := s.Apply(ctx, "para", []para.Op{putOp(id, data)})
			mu.Lock()
			fate[id] = err
			mu.Unlock()
		})
	}
	wg.Wait()
	failed, done := 0, 0
	for id, err := range fate {
		got, readErr := s.Get(ctx, "para", []string{id})
		if readErr != nil {
			t.Fatalf("reading while the disk is full: %v", readErr)
		}
		if err != nil {
			wantError(t, err, para.WriteFailed, "full")
			failed++
		} else {
			done++
		}
		if (got[0] != nil) != (err == nil) {
			t.Errorf("%s: error %v, stored %v", id, err, got[0] != nil)
		}
	}
	if failed < 15 || done < 15 {
		t.Errorf("%d calls failed, %d succeeded; the small ones must not fail with the big ones", failed, done)
	}
	setLimit("1000000")
	mustApply(t, s, "para", putOp("b", big))
	changes, err := s.Changes(ctx, "para", before, 1000)
	if err != nil || len(changes) != done+1 {
		t.Errorf("%d changes for %d writes, %v", len(changes), done+1, err)
	}
	for i, c := range changes {
		if c.Seq != before+int64(i)+1 {
			t.Errorf("change %d at place %d", c.Seq, i)
		}
	}
}

func TestMaxFileSize(t *testing.T) {
	opts := testOptions(t.TempDir())
	opts.MaxFileSize = 1 << 20
	s := openTest(t, opts)
	_, err := s.Apply(t.Context(), "para", []para.Op{putOp("a", strings.Repeat("x", 2<<20))})
	wantError(t, err, para.WriteFailed)
	mustApply(t, s, "para", putOp("a", strings.Repeat("x", 1<<19)))
}

func TestReadOnly(t *testing.T) {
	s := openTest(t, testOptions(t.TempDir()))
	ctx := t.Context()
	mustApply(t, s, "para", putOp("a", "1"))
	onWriter(t, s, "para", func(c *conn) error { return c.script("PRAGMA query_only=ON") })
	_, err := s.Apply(ctx, "para", []para.Op{putOp("b", "2")})
	wantError(t, err, para.WriteFailed)
	wantError(t, s.Trim(ctx, "para", 2), para.WriteFailed)
	if got, err := s.Get(ctx, "para", []string{"a", "b"}); err != nil || got[0] == nil || got[1] != nil {
		t.Errorf("Get = %v, %v", got, err)
	}
	onWriter(t, s, "para", func(c *conn) error { return c.script("PRAGMA query_only=OFF") })
	mustApply(t, s, "para", putOp("b", "2"))
}

// TestWrongWrites: what an operation must not return fails alone.
func TestWrongWrites(t *testing.T) {
	s := openTest(t, testOptions(t.TempDir()))
	wrong := [][]para.Write{
		{{Kind: para.Put}},
		{{Record: para.Record{ID: "a"}}},
		{{Kind: 9, Record: para.Record{ID: "a"}}},
		{{Kind: para.Put, Record: para.Record{ID: "a"}}, {Kind: para.Delete, Record: para.Record{ID: "a"}}},
	}
	var ops []para.Op
	for _, w := range wrong {
		ops = append(ops, para.Op{Do: func([]*para.Record) ([]para.Write, error) { return w, nil }})
	}
	out, err := s.Apply(t.Context(), "para", append(ops, putOp("ok", "1")))
	if err != nil || out[len(wrong)].Err != nil {
		t.Fatal(out, err)
	}
	for i := range wrong {
		wantError(t, out[i].Err, para.Internal)
	}
	if n, _ := s.LastChange(t.Context(), "para"); n != 1 {
		t.Errorf("%d changes, want 1", n)
	}
}

func TestRootApp(t *testing.T) {
	s := openTest(t, testOptions(t.TempDir()))
	ctx := t.Context()
	if apps, err := s.Apps(ctx); err != nil || fmt.Sprint(apps) != "[para]" {
		t.Errorf("Apps = %v, %v", apps, err)
	}
	wantError(t, s.DropApp(ctx, "para"), para.Invalid)
	wantError(t, s.CreateApp(ctx, strings.Repeat("x", 1000)), para.Invalid)
	if has, err := s.HasApp(ctx, strings.Repeat("x", 1000)); has || err != nil {
		t.Errorf("HasApp of a long name = %v, %v", has, err)
	}
	if !s.Properties().Durable {
		t.Error("the default is not durable")
	}
}

// TestLongRead: a read that takes too long is ended, and one whose caller gives up too.
func TestLongRead(t *testing.T) {
	opts := testOptions(t.TempDir())
	opts.MaxReadTime = 30 * time.Millisecond
	s := openTest(t, opts)
	endless := func(c readConn) error {
		_, err := c.int64("WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i+1 FROM n) SELECT count(*) FROM n")
		return err
	}
	wantError(t, s.read(t.Context(), "para", endless), para.Unavailable, "took too long")
	s.opts.MaxReadTime = time.Minute
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	err := s.read(ctx, "para", endless)
	wantError(t, err, para.Unavailable)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v does not wrap the context's error", err)
	}
	func() { // a panic must not spoil the connection
		defer func() { _ = recover() }()
		_ = s.read(t.Context(), "para", func(c readConn) error {
			st, err := c.prepare("SELECT 1")
			if err == nil {
				_, err = st.step()
			}
			panic(err)
		})
	}()
	for range 20 {
		if _, err := s.Scan(t.Context(), "para", 0, 10); err != nil {
			t.Fatal(err)
		}
	}
}

// TestLogStaysBounded: the write-ahead log does not grow for ever while commits never pause.
func TestLogStaysBounded(t *testing.T) {
	dir := t.TempDir()
	opts := testOptions(dir)
	opts.Durability = Relaxed
	s := openTest(t, opts)
	data := strings.Repeat("x", 40_000)
	written := 0
	for i := 0; written < 300<<20; i++ {
		var ops []para.Op
		for n := range 20 {
			ops = append(ops, putOp(fmt.Sprint("r", (i*20+n)%200), data))
		}
		mustApply(t, s, "para", ops...)
		written += 20 * len(data)
	}
	info, err := os.Stat(filepath.Join(dir, "apps", "para.db-wal"))
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > 2*maxLogFrames*4096 {
		t.Errorf("the write-ahead log has %d bytes after %d bytes were written", info.Size(), written)
	}
}

func TestIdleClose(t *testing.T) {
	opts := testOptions(t.TempDir())
	opts.IdleClose = 20 * time.Millisecond
	s := openTest(t, opts)
	mustApply(t, s, "para", putOp("a", "1"))
	deadline := time.Now().Add(10 * time.Second)
	for {
		s.mu.Lock()
		n := len(s.files)
		s.mu.Unlock()
		if n == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d files are still open", n)
		}
		time.Sleep(5 * time.Millisecond)
	}
	mustApply(t, s, "para", putOp("b", "1"))
}

// TestHealth: damage inside a file that was in use at a kill is found in the background.
func TestHealth(t *testing.T) {
	dir := t.TempDir()
	acknowledged := killOnce(t, dir, 100*time.Millisecond)
	if len(acknowledged["app0"]) == 0 {
		t.Fatal("nothing was written")
	}
	// Move the log into the file, damage pages of the file, and put an (empty-handed) log beside it again.
	path := filepath.Join(dir, "apps", "app0.db")
	c, err := openConn(path, openExisting)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = c.int64("SELECT count(*) FROM objects"); err != nil {
		t.Fatal(err)
	}
	root, err := c.int64("SELECT rootpage FROM sqlite_schema WHERE name='sqlite_autoindex_objects_1'")
	if err = errors.Join(err, c.close()); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	copy(b[(root-1)*4096+8:root*4096], bytes.Repeat([]byte{0xff}, 4000))
	writeFile(t, path, b)
	writeFile(t, path+"-wal", []byte("torn"))
	s := openTest(t, testOptions(dir))
	if _, err := s.LastChange(t.Context(), "app0"); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(20 * time.Second)
	for len(s.Health()) == 0 {
		if time.Now().After(deadline) {
			t.Fatal("the damage was not found")
		}
		time.Sleep(5 * time.Millisecond)
	}
	if p := s.Health()[0]; p.App != "app0" || !strings.Contains(p.Message, "snapshot") {
		t.Errorf("problem: %+v", p)
	}
	if err := s.DropApp(t.Context(), "app0"); err != nil {
		t.Fatal(err)
	}
	if p := s.Health(); len(p) != 0 {
		t.Errorf("problems of a dropped app: %v", p)
	}
}
