package transfer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/client"
)

// command builds the program once and returns a function that runs it with keys.
func command(t *testing.T) func(i *instance, access, secret string, args ...string) (string, error) {
	t.Helper()
	binary, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return func(i *instance, access, secret string, args ...string) (string, error) {
		c := exec.CommandContext(t.Context(), binary, args...)
		c.Env = append(os.Environ(), "PARA_ENDPOINT="+i.url, "PARA_ACCESS_KEY="+access, "PARA_SECRET_KEY="+secret, "HOME="+t.TempDir())
		c.Dir = t.TempDir()
		text, err := c.CombinedOutput()
		return string(text), err
	}
}

var built = sync.OnceValues(func() (string, error) {
	name := filepath.Join(folder, "para")
	text, err := exec.CommandContext(context.Background(), "go", "build", "-o", name, "github.com/erudika/para-go/cmd/para").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, text)
	}
	return name, nil
})

// folder holds the program.
var folder string

func TestMain(m *testing.M) {
	var err error
	if folder, err = os.MkdirTemp("", "para-transfer-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(folder)
	os.Exit(code)
}

// write stores an object.
func write(t *testing.T, c *client.Client, id, name string) {
	t.Helper()
	o := para.New("cat")
	o.SetID(id)
	o.SetName(name)
	if _, err := c.Create(t.Context(), o); err != nil {
		t.Fatal(err)
	}
}

// name reads an object's name, "" when there is none.
func name(t *testing.T, c *client.Client, id string) string {
	t.Helper()
	o, err := c.Read(t.Context(), "cat", id)
	if errors.Is(err, client.ErrNotFound) {
		return ""
	}
	if err != nil {
		t.Fatal(err)
	}
	return o.Name()
}

// The command saves an app while others write to it, and brings it back: what memory held is forgotten.
func TestBackupAndRestore(t *testing.T) {
	run := command(t)
	i := start(t)
	c, _ := i.app(t, "kid")
	other, _ := i.app(t, "other")
	write(t, c, "1", "before")
	write(t, other, "1", "other")
	mustImport(t, c, pack(t, javaParts("x", cats(2000))))
	before := contents(t, export(t, c))

	file := filepath.Join(t.TempDir(), "kid.tar")
	stop, written := make(chan struct{}), make(chan error, 1)
	go func() { // the server goes on
		for n := 0; ; n++ {
			select {
			case <-stop:
				written <- nil
				return
			default:
			}
			o := para.New("dog")
			o.SetID(fmt.Sprintf("d%d", n))
			if _, err := other.Create(context.Background(), o); err != nil {
				written <- err
				return
			}
		}
	}()
	if text, err := run(i, "app:para", rootSecret, "backup", "--app", "kid", file); err != nil || !strings.Contains(text, "Saved app kid") {
		t.Fatalf("backup: %v\n%s", err, text)
	}
	write(t, c, "1", "after")
	write(t, c, "2", "new")
	if name(t, c, "1") != "after" || name(t, c, "2") != "new" {
		t.Fatal("the changes cannot be read")
	}
	if text, err := run(i, "app:para", rootSecret, "restore", "--app", "app:kid", "--yes", file); err != nil || !strings.Contains(text, "Restored app") {
		t.Fatalf("restore: %v\n%s", err, text)
	}
	close(stop)
	if err := <-written; err != nil {
		t.Errorf("another app could not be written meanwhile: %v", err)
	}
	if got := name(t, c, "1"); got != "before" {
		t.Errorf("after the restore the object is called %q", got)
	}
	if got := name(t, c, "2"); got != "" {
		t.Errorf("an object that is not in the copy is called %q", got)
	}
	if got := contents(t, export(t, c)); !maps.Equal(got, before) {
		t.Errorf("%d objects after the restore, %d before the backup, or other ones", len(got), len(before))
	}
	if name(t, other, "1") != "other" {
		t.Error("the restore touched another app")
	}
	write(t, c, "3", "later")
	if name(t, c, "3") != "later" {
		t.Error("the app cannot be written after the restore")
	}
	if left := i.spooled(t); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// An app that was deleted comes back with its keys, settings and types.
func TestRestoreLostApp(t *testing.T) {
	i := start(t)
	c, _ := i.app(t, "lost")
	write(t, c, "1", "saved")
	if err := c.SetSetting(t.Context(), "colour", "blue"); err != nil {
		t.Fatal(err)
	}
	copied := backup(t, i.root, "lost")
	if err := i.root.DeleteApp(t.Context(), "lost"); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Read(t.Context(), "cat", "1"); err == nil {
		t.Fatal("the deleted app still answers")
	}
	if err := i.root.Restore(t.Context(), "lost", bytes.NewReader(copied)); err != nil {
		t.Fatal(err)
	}
	settings, err := c.Settings(t.Context())
	if err != nil || settings["colour"] != "blue" || name(t, c, "1") != "saved" {
		t.Errorf("settings %v, %v, object %q", settings, err, name(t, c, "1"))
	}
	types, err := c.Types(t.Context())
	if err != nil || types["cats"] != "cat" {
		t.Errorf("types %v, %v", types, err)
	}
	// Another server has never heard of the app.
	elsewhere := start(t)
	if err := elsewhere.root.Restore(t.Context(), "lost", bytes.NewReader(copied)); err != nil {
		t.Fatal(err)
	}
	if n := len(contents(t, export(t, elsewhere.root))); n != 2 { // the two app records
		t.Errorf("the root app of the other server has %d objects", n)
	}
}

func backup(t *testing.T, root *client.Client, app string) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, err := root.Backup(t.Context(), app, &b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// What is torn, edited, of another app or sent by somebody else changes nothing.
func TestRestoreRefused(t *testing.T) {
	run := command(t)
	i := start(t)
	c, secret := i.app(t, "kid")
	i.app(t, "other")
	write(t, c, "1", "kept")
	copied := backup(t, i.root, "kid")
	write(t, c, "1", "newer")

	for label, x := range map[string]struct {
		app, access, secret string
		data                []byte
		status              int
		says                string
	}{
		"torn":             {"kid", "app:para", rootSecret, copied[:len(copied)/2], 400, "cannot be restored"},
		"no seal":          {"kid", "app:para", rootSecret, copied[:len(copied)-2000], 400, "cannot be restored"},
		"empty":            {"kid", "app:para", rootSecret, nil, 400, "cannot be restored"},
		"edited":           {"kid", "app:para", rootSecret, flip(copied, len(copied)/2), 400, "cannot be restored"},
		"of another app":   {"other", "app:para", rootSecret, copied, 400, "is one of app kid and cannot replace app other"},
		"as the root app":  {"para", "app:para", rootSecret, copied, 400, "is one of app kid and cannot replace app para"},
		"by the app":       {"kid", "app:kid", secret, copied, 403, "Only root app"},
		"with a false key": {"kid", "app:para", secret, copied, 403, "Invalid signature"},
	} {
		status, text := i.send(t, http.MethodPut, "/v1/_backup/"+x.app, x.access, x.secret, "application/octet-stream", x.data)
		if status != x.status || !strings.Contains(text, x.says) {
			t.Errorf("%s: got %d %s", label, status, text)
		}
		if got := name(t, c, "1"); got != "newer" {
			t.Errorf("%s: the object is called %q", label, got)
		}
	}
	file := filepath.Join(t.TempDir(), "torn.tar")
	if err := os.WriteFile(file, copied[:len(copied)-1500], 0o600); err != nil {
		t.Fatal(err)
	}
	if text, err := run(i, "app:para", rootSecret, "restore", "--app", "kid", "--yes", file); err == nil {
		t.Errorf("the command restored a torn file: %s", text)
	}
	if status, text := i.send(t, http.MethodGet, "/v1/_backup/kid", "app:kid", secret, "", nil); status != http.StatusForbidden {
		t.Errorf("an app got its own backup: %d %.80s", status, text)
	}
	if status, text := i.send(t, http.MethodGet, "/v1/_backup/nobody", "app:para", rootSecret, "", nil); status != http.StatusNotFound {
		t.Errorf("backup of no app: %d %.80s", status, text)
	}
	if left := i.spooled(t); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// The root app can be restored from a copy of itself: apps are then those of the copy, storages stay.
func TestRestoreRoot(t *testing.T) {
	i := start(t)
	c, _ := i.app(t, "first")
	write(t, c, "1", "first")
	copied := backup(t, i.root, "para")
	second, _ := i.app(t, "second")
	write(t, second, "1", "second")
	if err := c.SetSetting(t.Context(), "colour", "blue"); err != nil {
		t.Fatal(err)
	}
	if err := i.root.Restore(t.Context(), "para", bytes.NewReader(copied)); err != nil {
		t.Fatal(err)
	}
	if name(t, c, "1") != "first" {
		t.Error("the first app does not answer")
	}
	settings, err := c.Settings(t.Context())
	if err != nil || len(settings) != 0 {
		t.Errorf("settings after the restore: %v, %v", settings, err)
	}
	if _, err := second.Read(t.Context(), "cat", "1"); err == nil {
		t.Error("the app that is not in the copy still answers")
	}
	if _, err := os.Stat(filepath.Join(i.data, "apps", "second.db")); err != nil {
		t.Errorf("its storage: %v", err)
	}
}

// The commands move an app from one server to another.
func TestExportAndImportCommands(t *testing.T) {
	run := command(t)
	first, second := start(t), start(t)
	c, secret := first.app(t, "kid")
	write(t, c, "1", "moved")
	d, secondSecret := second.app(t, "kid")
	file := filepath.Join(t.TempDir(), "kid.zip")
	if text, err := run(first, "app:kid", secret, "export", "-o", file); err != nil || !strings.Contains(text, "Exported") {
		t.Fatalf("export: %v\n%s", err, text)
	}
	text, err := run(second, "app:kid", secondSecret, "import", file)
	if err != nil || !strings.Contains(text, `"count": 1`) || !strings.Contains(text, `"name": "kid.zip"`) {
		t.Fatalf("import: %v\n%s", err, text)
	}
	if name(t, d, "1") != "moved" {
		t.Error("the object did not arrive")
	}
	if text, err = run(second, "app:kid", secondSecret+"x", "export", "-o", file); err == nil {
		t.Errorf("export with a false key: %s", text)
	}
	if data, err := os.ReadFile(file); err != nil || len(contents(t, data)) != 1 {
		t.Errorf("the old file is gone: %v", err)
	}
	entries, err := os.ReadDir(filepath.Dir(file))
	if err != nil || len(entries) != 1 {
		t.Errorf("left beside the file: %v, %v", entries, err)
	}
}

// Exports and backups end whole while the app is written.
func TestExportWhileWriting(t *testing.T) {
	i := start(t)
	c, _ := i.app(t, "live")
	mustImport(t, c, pack(t, javaParts("x", cats(1500))))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	stop, done := make(chan struct{}), make(chan error, 1)
	go func() {
		for n := 0; ; n++ {
			select {
			case <-stop:
				done <- nil
				return
			default:
			}
			o := para.New("cat")
			o.SetID(fmt.Sprintf("c%d", n%1500))
			o.SetName(fmt.Sprintf("written %d", n))
			if _, err := c.Create(ctx, o); err != nil {
				done <- err
				return
			}
		}
	}()
	for range 3 {
		seen := map[string]bool{}
		for _, p := range partsOf(t, export(t, c)) {
			for _, e := range p.elements {
				id := decode(t, e)["id"].(string)
				if seen[id] {
					t.Errorf("%s is in the export twice", id)
				}
				seen[id] = true
			}
		}
		for n := range 1500 {
			if !seen[fmt.Sprintf("c%d", n)] {
				t.Fatalf("c%d is missing", n)
			}
		}
	}
	close(stop)
	if err := <-done; err != nil {
		t.Error(err)
	}
}
