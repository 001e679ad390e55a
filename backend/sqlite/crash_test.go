package sqlite

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/erudika/para-go"
)

// childDir is the environment variable that makes the test binary a writer to be killed.
const childDir = "PARA_SQLITE_CRASH_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		if err := writeForEver(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// writeForEver writes from several goroutines and prints the id of each record once it is acknowledged.
func writeForEver(dir string) error {
	s, err := Open(testOptions(dir))
	if err != nil {
		return err
	}
	ctx := context.Background()
	out := bufio.NewWriter(os.Stdout)
	var mu sync.Mutex
	failed := make(chan error, 1)
	for w := range 4 {
		go func() {
			app := fmt.Sprint("app", w%2)
			if err := s.CreateApp(ctx, app); err != nil {
				failed <- err
				return
			}
			for n := 0; ; n++ {
				id := fmt.Sprintf("%d-%d-%d", os.Getpid(), w, n)
				data := strings.Repeat("x", n*37%5000)
				outcomes, err := s.Apply(ctx, app, []para.Op{putOp(id+"-a", data), putOp(id+"-b", data)})
				if err != nil || outcomes[0].Err != nil || outcomes[1].Err != nil {
					failed <- fmt.Errorf("apply: %v, %v", outcomes, err)
					return
				}
				mu.Lock()
				fmt.Fprintln(out, app, id)
				out.Flush()
				mu.Unlock()
			}
		}()
	}
	return <-failed
}

// TestKilled kills a process in the midst of writing, again and again, and looks for every acknowledged record.
func TestKilled(t *testing.T) {
	if _, err := os.Executable(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	acknowledged := make(map[string][]string)
	total := 0
	for round := range 5 {
		for app, ids := range killOnce(t, dir, time.Duration(60+round*70)*time.Millisecond) {
			acknowledged[app] = append(acknowledged[app], ids...)
			total += len(ids)
		}
		s, err := Open(testOptions(dir))
		if err != nil {
			t.Fatalf("open after a kill: %v", err)
		}
		for app, ids := range acknowledged {
			checkSurvivors(t, s, app, ids)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if p := s.Health(); len(p) != 0 {
			t.Errorf("problems: %v", p)
		}
	}
	if total < 100 {
		t.Errorf("only %d records were acknowledged in 5 rounds", total)
	}
	t.Logf("%d calls acknowledged", total)
}

// killOnce runs a writer for a while, kills it, and returns the ids that it acknowledged.
func killOnce(t *testing.T, dir string, after time.Duration) map[string][]string {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childDir+"="+dir)
	cmd.Stderr = os.Stderr
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	acknowledged := make(map[string][]string)
	lines := bufio.NewScanner(pipe)
	var kill sync.Once
	for lines.Scan() {
		kill.Do(func() {
			time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
		})
		var app, id string
		if n, _ := fmt.Sscan(lines.Text(), &app, &id); n == 2 {
			acknowledged[app] = append(acknowledged[app], id)
		}
	}
	if err := cmd.Wait(); err == nil || !strings.Contains(err.Error(), "kill") {
		t.Fatalf("the writer was not killed: %v", err)
	}
	return acknowledged
}

func checkSurvivors(t *testing.T, s *Store, app string, ids []string) {
	t.Helper()
	ctx := t.Context()
	for _, id := range ids {
		got, err := s.Get(ctx, app, []string{id + "-a", id + "-b"})
		if err != nil || got[0] == nil || got[1] == nil {
			t.Fatalf("%s: acknowledged record %s is lost: %v, %v", app, id, got, err)
		}
	}
	var after int64
	puts := make(map[string]int)
	for {
		page, err := s.Changes(ctx, app, after, 1000)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		for _, c := range page {
			if c.Seq != after+1 {
				t.Fatalf("%s: change %d follows %d", app, c.Seq, after)
			}
			after = c.Seq
			puts[c.ID]++
		}
	}
	// What was not acknowledged is there whole or not at all, and log and records agree.
	records, err := s.Scan(ctx, app, 0, 1<<30)
	if err != nil || len(records) != len(puts) {
		t.Fatalf("%s: %d records, %d ids in the log, %v", app, len(records), len(puts), err)
	}
	for _, r := range records {
		base := r.ID[:len(r.ID)-2]
		if puts[base+"-a"] != 1 || puts[base+"-b"] != 1 {
			t.Errorf("%s: half of the call %s is there", app, base)
		}
	}
}

// TestLeftovers: Open finishes what creations and removals left behind.
func TestLeftovers(t *testing.T) {
	dir := t.TempDir()
	s := openTest(t, testOptions(dir))
	ctx := t.Context()
	for _, app := range []string{"keep", "drop"} {
		if err := s.CreateApp(ctx, app); err != nil {
			t.Fatal(err)
		}
		mustApply(t, s, app, putOp("a", "1"))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	apps := filepath.Join(dir, "apps")
	// A removal that was interrupted after its first step, and other debris.
	if err := os.Rename(filepath.Join(apps, "drop.db"), filepath.Join(apps, "drop.dropped")); err != nil {
		t.Fatal(err)
	}
	debris := []string{"apps/drop.db-wal", "apps/drop.db-shm", "apps/half.new", "apps/half.new-wal", "tmp/snapshot-1.db"}
	for _, name := range debris {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("debris"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s = openTest(t, testOptions(dir))
	for _, name := range append(debris, "apps/drop.dropped") {
		if there, _ := exists(filepath.Join(dir, name)); there {
			t.Errorf("%s is still there", name)
		}
	}
	if apps, err := s.Apps(ctx); err != nil || fmt.Sprint(apps) != "[keep para]" {
		t.Errorf("apps: %q, %v", apps, err)
	}
	if err := s.CreateApp(ctx, "drop"); err != nil {
		t.Fatal(err)
	}
	if n, err := s.LastChange(ctx, "drop"); n != 0 || err != nil {
		t.Errorf("the new app has a history: %d, %v", n, err)
	}
	if got, err := s.Get(ctx, "keep", []string{"a"}); err != nil || got[0] == nil {
		t.Errorf("another app lost its record: %v, %v", got, err)
	}
}
