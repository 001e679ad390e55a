package crash

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/erudika/para-go/client"
)

// mount mounts a file system in memory of a size in bytes and returns its folder.
func mount(t *testing.T, size int) string {
	t.Helper()
	dir := t.TempDir()
	remount(t, dir, 0, size)
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Errorf("unmount %s: %v", dir, err)
			_ = syscall.Unmount(dir, syscall.MNT_DETACH)
		}
	})
	return dir
}

// remount changes a file system of mount, or mounts it when flags lack MS_REMOUNT.
func remount(t *testing.T, dir string, flags uintptr, size int) {
	t.Helper()
	err := syscall.Mount("tmpfs", dir, "tmpfs", flags, fmt.Sprintf("size=%d,mode=700", size))
	if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EACCES) {
		t.Fatalf("mount a tmpfs: %v: nobody can see what a full disk does. Run the tests as root; in a container give it "+
			"the right to mount (CAP_SYS_ADMIN, for Docker --privileged)", err)
	}
	if err != nil {
		t.Fatalf("mount a tmpfs on %s: %v", dir, err)
	}
}

// notStored is the one answer to a write that the disk did not take.
func notStored(e *client.Error) error {
	if e.Status == http.StatusInternalServerError && e.Message == "DAO write operation failed!" {
		return nil
	}
	return e
}

// untilRefused lets all clients write until each was refused some times.
func (f *fleet) untilRefused(t *testing.T, s *server, times int) {
	t.Helper()
	f.mustRun(t, s, func(w *writer) func() bool {
		w.refuse = notStored
		end := w.refused + times
		return func() bool { return w.refused < end }
	})
}

// mustWrite lets all clients write; nothing may be refused.
func (f *fleet) mustWrite(t *testing.T, s *server, times int) {
	t.Helper()
	f.mustRun(t, s, func(w *writer) func() bool {
		w.refuse = nil
		end := w.written + times
		return func() bool { return w.written < end }
	})
}

// mustRun lets all clients write while the function that goOn makes for each says so.
func (f *fleet) mustRun(t *testing.T, s *server, goOn func(w *writer) func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for _, err := range f.each(func(w *writer) error {
		more := goOn(w)
		err := w.run(t.Context(), s.client(t, w.app, f.secrets[w.app]), func() bool { return more() && time.Now().Before(deadline) })
		switch {
		case err != nil:
			return err
		case w.inDoubt() > 0 || w.hitsDoubt != 0:
			return fmt.Errorf("client %s: a request got no answer", w.name)
		case more():
			return fmt.Errorf("client %s: nothing happens: %d writes acknowledged, %d refused", w.name, w.written, w.refused)
		}
		return nil
	}) {
		t.Error(err)
	}
	if s.alive(t); t.Failed() {
		t.Fatal(s.log)
	}
}

// TestDiskFull fills the disk while clients write. Each client is told the true fate of each write, reads go on, and so
// do writes as soon as there is room again.
func TestDiskFull(t *testing.T) {
	rng := newRand(t)
	const size = 20 << 20
	disk := mount(t, size)
	ballast := filepath.Join(disk, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 10<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	l := launch{dir: filepath.Join(disk, "data")}
	s := start(t, l)
	f := newFleet(t, s, rng, 2, 3)
	for _, writers := range f.writers {
		for _, w := range writers {
			w.keep, w.maxText = 1<<30, 8000
		}
	}
	f.untilRefused(t, s, 5)
	f.compare(t, s)

	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	f.mustWrite(t, s, 5)
	f.untilRefused(t, s, 5)
	f.compare(t, s)

	remount(t, disk, syscall.MS_REMOUNT, size+10<<20) // the disk grows
	f.mustWrite(t, s, 5)
	f.untilRefused(t, s, 5)
	s.kill() // with a full disk
	f.resolve(t, copyFiles(t, l.dir))
	remount(t, disk, syscall.MS_REMOUNT, size+64<<20)
	s = start(t, l)
	f.compare(t, s)
	f.mustWrite(t, s, 5)
	s.stop(t)
	f.resolve(t, l.dir)
	t.Logf("%d writes acknowledged, %d refused", f.written(), f.refused())
}

func (f *fleet) refused() (n int) {
	for _, writers := range f.writers {
		for _, w := range writers {
			n += w.refused
		}
	}
	return n
}

// TestReadOnlyDisk starts the server on a disk that cannot be written: it says so and ends, and nothing is lost.
func TestReadOnlyDisk(t *testing.T) {
	rng := newRand(t)
	const size = 64 << 20
	disk := mount(t, size)
	l := launch{dir: filepath.Join(disk, "data")}
	s := start(t, l)
	f := newFleet(t, s, rng, 1, 2)
	f.mustWrite(t, s, 20)
	s.kill()
	remount(t, disk, syscall.MS_REMOUNT|syscall.MS_RDONLY, size)
	s = begin(t, l)
	select {
	case <-s.exited:
		if s.err == nil || !strings.Contains(strings.ToLower(s.log.String()), "read-only") {
			t.Errorf("the server does not say what is wrong: %v\n%s", s.err, s.log)
		}
	case <-s.log.ready:
		t.Error("the server started on a disk that it cannot write")
		s.kill()
	case <-time.After(patience):
		t.Fatalf("the server hangs\n%s", s.log)
	}
	remount(t, disk, syscall.MS_REMOUNT, size)
	s = start(t, l)
	f.compare(t, s)
	f.mustWrite(t, s, 20)
	s.stop(t)
	f.resolve(t, l.dir)
}
