package crash

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	para "github.com/erudika/para-go"
)

// fault is an error that the operating system gives to some system calls on one file.
type fault struct {
	name  string
	calls string
	errno string
}

var faults = []fault{
	{"write error", "pwrite64", "EIO"},
	{"read-only", "pwrite64,ftruncate", "EROFS"},
	{"flush error", "fsync,fdatasync", "EIO"},
	{"no room at the flush", "fsync,fdatasync", "ENOSPC"},
}

// TestDiskErrors lets the write-ahead log of one app fail while clients write to several. What is refused is not stored,
// also when the server is killed right after; other apps do not notice; and writes go on as soon as the disk does.
func TestDiskErrors(t *testing.T) {
	needStrace(t)
	for _, fault := range faults {
		t.Run(fault.name, func(t *testing.T) {
			rng := newRand(t)
			l := launch{dir: t.TempDir()}
			s := start(t, l)
			f := newFleet(t, s, rng, 2, 3)
			f.mustWrite(t, s, 6)

			end := fault.inject(t, s, "app:crash0")
			f.untilAppRefused(t, s, "app:crash0", 4)
			f.compare(t, s)
			end()
			f.mustWrite(t, s, 6)

			fault.inject(t, s, "app:crash0")
			f.untilAppRefused(t, s, "app:crash0", 4)
			s.kill()
			f.resolve(t, copyFiles(t, l.dir))
			s = start(t, l)
			f.compare(t, s)
			s.stop(t)
			t.Logf("%d writes acknowledged, %d refused", f.written(), f.refused())
		})
	}
}

// untilAppRefused lets all clients write until each of one app was refused some times; the others must not be.
func (f *fleet) untilAppRefused(t *testing.T, s *server, app string, times int) {
	t.Helper()
	f.mustRun(t, s, func(w *writer) func() bool {
		if w.app == app {
			w.refuse = notStored
			end := w.refused + times
			return func() bool { return w.refused < end }
		}
		w.refuse = nil
		end := w.written + times
		return func() bool { return w.written < end }
	})
}

// inject makes the calls on an app's write-ahead log fail until the function it returns is called.
func (x fault) inject(t *testing.T, s *server, app string) (end func()) {
	t.Helper()
	log := filepath.Join(s.dir, "apps", para.AppIdentifier(app)+".db-wal")
	cmd := exec.Command("strace", "-f", "-p", fmt.Sprint(s.cmd.Process.Pid), "-P", log, "-o", "/dev/null",
		"-e", "trace="+x.calls, "-e", "signal=none", "-e", "inject="+x.calls+":error="+x.errno)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	exited := make(chan error, 1)
	stop := func() {
		_ = cmd.Process.Signal(os.Interrupt)
		<-exited
	}
	lines := bufio.NewReader(stderr)
	attached := make(chan string, 1)
	go func() {
		line, _ := lines.ReadString('\n')
		attached <- line
		_, _ = io.Copy(io.Discard, lines)
		exited <- cmd.Wait()
	}()
	select {
	case line := <-attached:
		if !strings.Contains(line, "attached") {
			t.Fatalf("strace cannot attach to the server: %s. Allow it: root, and in a container CAP_SYS_PTRACE", strings.TrimSpace(line))
		}
	case <-time.After(patience):
		t.Fatal("strace does not attach to the server")
	}
	return stop
}
