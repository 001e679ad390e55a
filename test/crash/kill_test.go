package crash

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	para "github.com/erudika/para-go"
)

// fleet are the writers of all apps with the secrets of the apps, by id.
type fleet struct {
	secrets map[string]string
	writers map[string][]*writer
	looks   int // calls of resolve
}

// newFleet makes apps and writers; the root app is one of the apps.
func newFleet(t *testing.T, s *server, rng *rand.Rand, children, writers int) *fleet {
	t.Helper()
	f := &fleet{secrets: map[string]string{rootApp: rootSecret}, writers: map[string][]*writer{}}
	for n := range children {
		id := fmt.Sprintf("app:crash%d", n)
		f.secrets[id] = s.newApp(t, id)
	}
	n := 0
	for id, secret := range f.secrets {
		o := para.New(tallyType)
		o.SetID(tallyID)
		if _, err := s.client(t, id, secret).Create(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		for range writers {
			n++
			f.writers[id] = append(f.writers[id], newWriter(fmt.Sprintf("w%d", n), id, rng.Uint64()))
		}
	}
	return f
}

// each runs do for every writer at the same time.
func (f *fleet) each(do func(w *writer) error) (errs []error) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	for _, writers := range f.writers {
		for _, w := range writers {
			wg.Go(func() {
				if err := do(w); err != nil {
					mu.Lock()
					errs = append(errs, err)
					mu.Unlock()
				}
			})
		}
	}
	wg.Wait()
	return errs
}

// resolve compares the writers with the files in a data folder that no server uses. Every third time the files are checked
// as a whole, which takes long.
func (f *fleet) resolve(t *testing.T, dir string) {
	t.Helper()
	files := openFiles(t, dir, f.looks%3 == 0)
	f.looks++
	for app, writers := range f.writers {
		file := files[para.AppIdentifier(app)]
		if file == nil {
			t.Fatalf("the file of %s is missing", app)
		}
		resolve(t, file, writers)
	}
	if t.Failed() {
		t.FailNow()
	}
}

// compare compares the writers with the answers of a server.
func (f *fleet) compare(t *testing.T, s *server) {
	t.Helper()
	for app, writers := range f.writers {
		compare(t, s.client(t, app, f.secrets[app]), writers)
	}
	if t.Failed() {
		t.Fatal(s.log)
	}
}

func (f *fleet) written() (n int) {
	for _, writers := range f.writers {
		for _, w := range writers {
			n += w.written
		}
	}
	return n
}

// TestKill kills the server while clients write, again and again. After each restart every acknowledged write is there,
// the index answers what the store holds, and the log has no gap.
func TestKill(t *testing.T) {
	rng := newRand(t)
	l := launch{dir: t.TempDir()}
	s := start(t, l)
	f := newFleet(t, s, rng, 2, 2)
	churn := &appChurn{}
	inDoubt := 0
	for n := 1; n <= *kills; n++ {
		f.writeUntilKilled(t, s, churn, rng.IntN(400), time.Duration(rng.IntN(3000))*time.Microsecond)
		for _, writers := range f.writers {
			for _, w := range writers {
				inDoubt += w.inDoubt()
			}
		}
		for rng.IntN(3) == 0 { // killed again while it starts
			b := begin(t, l)
			time.Sleep(time.Duration(rng.IntN(80)) * time.Millisecond)
			b.kill()
		}
		f.resolve(t, copyFiles(t, l.dir))
		s = start(t, l)
		f.compare(t, s)
		churn.check(t, s)
	}
	s.stop(t)
	f.resolve(t, l.dir)
	if written := f.written(); written < 20**kills {
		t.Errorf("only %d writes were acknowledged", written)
	}
	t.Logf("%d kills, %d writes acknowledged, %d objects in doubt, %d apps made", *kills, f.written(), inDoubt, churn.made)
}

func (w *writer) inDoubt() (n int) {
	for _, e := range w.entries {
		if e.doubted != nil {
			n++
		}
	}
	return n
}

// writeUntilKilled lets all clients write and kills the server some time after a number of requests have begun.
func (f *fleet) writeUntilKilled(t *testing.T, s *server, churn *appChurn, requests int, delay time.Duration) {
	t.Helper()
	var begun atomic.Int64
	enough := make(chan struct{})
	before := func() bool {
		if begun.Add(1) == int64(requests)+1 {
			close(enough)
		}
		return true
	}
	killed := make(chan struct{})
	go func() {
		defer close(killed)
		select {
		case <-enough:
			time.Sleep(delay)
		case <-s.exited:
		case <-time.After(patience):
		}
		s.kill()
	}()
	root := s.root(t)
	var churned error
	var wg sync.WaitGroup
	wg.Go(func() { churned = churn.run(t.Context(), root, s) })
	errs := f.each(func(w *writer) error {
		err := w.run(t.Context(), s.client(t, w.app, f.secrets[w.app]), before)
		if err != nil {
			s.kill()
		}
		return err
	})
	wg.Wait()
	<-killed
	if churned != nil {
		errs = append(errs, churned)
	}
	for _, err := range errs {
		t.Error(err)
	}
	select {
	case <-enough:
	default:
		t.Errorf("the server ended by itself, or hangs: %v", s.err)
	}
	if t.Failed() {
		t.Fatal(s.log)
	}
}
