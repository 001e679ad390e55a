package sqlite

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// testStep adds a table, as an upgrade would.
func testStep(c *conn) error { return c.script("CREATE TABLE added(x)") }

func openFile(t *testing.T, s *Store, app string) (*file, *conn) {
	t.Helper()
	f := &file{s: s, app: app, path: s.path(app)}
	c, err := openConn(f.path, openExisting)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.setup(c); err != nil {
		t.Fatal(err)
	}
	return f, c
}

func TestUpgrade(t *testing.T) {
	dir := t.TempDir()
	s := openTest(t, testOptions(dir))
	if err := s.CreateApp(t.Context(), "kid"); err != nil {
		t.Fatal(err)
	}
	mustApply(t, s, "kid", putOp("a", "1"))
	closeApp(t, s, "kid")

	f, c := openFile(t, s, "kid")
	if err := f.upgrade(c, 1, []func(*conn) error{testStep, testStep2}); err != nil {
		t.Fatal(err)
	}
	if n, err := c.int64("PRAGMA user_version"); n != 3 || err != nil {
		t.Errorf("format %d, %v, want 3", n, err)
	}
	if n, err := c.int64("SELECT count(*) FROM added"); n != 1 || err != nil {
		t.Errorf("the steps left %d rows, %v", n, err)
	}
	if err := c.close(); err != nil {
		t.Fatal(err)
	}
	// The copy from before can be read by the program from before.
	copies, err := filepath.Glob(filepath.Join(dir, "before-upgrade", "kid-format1-*.db"))
	if err != nil || len(copies) != 1 {
		t.Fatalf("copies: %q, %v", copies, err)
	}
	if err := s.DropApp(t.Context(), "kid"); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(copies[0], s.path("kid")); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Get(t.Context(), "kid", []string{"a"}); err != nil || got[0] == nil || string(got[0].Data) != "1" {
		t.Errorf("the copy holds %v, %v", got, err)
	}
}

func testStep2(c *conn) error { return c.script("INSERT INTO added VALUES(1)") }

// TestFailedUpgrade leaves the file as it was.
func TestFailedUpgrade(t *testing.T) {
	s := openTest(t, testOptions(t.TempDir()))
	if err := s.CreateApp(t.Context(), "kid"); err != nil {
		t.Fatal(err)
	}
	mustApply(t, s, "kid", putOp("a", "1"))
	closeApp(t, s, "kid")
	f, c := openFile(t, s, "kid")
	before, err := describeSchema(c)
	if err != nil {
		t.Fatal(err)
	}
	broken := errors.New("step is broken")
	err = f.upgrade(c, 1, []func(*conn) error{testStep, func(*conn) error { return broken }})
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), "from format 2") {
		t.Errorf("upgrade: %v", err)
	}
	if after, err := describeSchema(c); after != before || err != nil {
		t.Errorf("a failed upgrade left:\n%s\nwas:\n%s", after, before)
	}
	if err := c.close(); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Get(t.Context(), "kid", []string{"a"}); err != nil || got[0] == nil {
		t.Errorf("after a failed upgrade: %v, %v", got, err)
	}
}
