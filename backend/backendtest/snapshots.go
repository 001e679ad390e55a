package backendtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"testing"

	"github.com/erudika/para-go"
)

// RunSnapshotter tests a store that is a para.Snapshotter too. Open is as for Run.
func RunSnapshotter(t *testing.T, open func(t *testing.T) para.Store) {
	tests := []struct {
		name string
		run  func(t *testing.T, s *suite, c para.Snapshotter)
	}{
		{"RoundTrip", testSnapshotRoundTrip},
		{"OtherApp", testSnapshotOtherApp},
		{"UnderWrites", testSnapshotUnderWrites},
		{"Torn", testSnapshotTorn},
		{"Edited", testSnapshotEdited},
		{"Failures", testSnapshotFailures},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newSuite(t, open(t))
			c, ok := s.store.(para.Snapshotter)
			if !ok {
				t.Fatalf("%T is not a para.Snapshotter", s.store)
			}
			test.run(t, s, c)
		})
	}
}

func (s *suite) snapshot(c para.Snapshotter, name string) []byte {
	s.t.Helper()
	var b bytes.Buffer
	if err := c.Snapshot(s.ctx, name, &b); err != nil {
		s.t.Fatalf("Snapshot: %v", err)
	}
	return b.Bytes()
}

func (s *suite) sameRecords(what, name string, want []*para.Record) {
	s.t.Helper()
	got := s.scan(name, 100)
	if len(got) != len(want) {
		s.t.Errorf("%s: %d records, want %d", what, len(got), len(want))
		return
	}
	for i := range want {
		if !equal(got[i], want[i]) {
			s.t.Errorf("%s: record %d is %s, want %s", what, i, describe(got[i]), describe(want[i]))
		}
	}
}

func testSnapshotRoundTrip(t *testing.T, s *suite, c para.Snapshotter) {
	for i := range 30 {
		s.put(app, fmt.Sprint("r", i), fmt.Sprint(i))
	}
	s.apply(app, remove("r3"))
	saved := s.scan(app, 100)
	archive := s.snapshot(c, app)
	// What happens afterwards is undone by the restore.
	s.put(app, "r5", "later")
	s.put(app, "new", "later")
	s.apply(app, remove("r6"))
	last := s.last(app)
	if err := c.RestoreSnapshot(s.ctx, app, bytes.NewReader(archive)); err != nil {
		t.Fatalf("RestoreSnapshot: %v", err)
	}
	s.sameRecords("after the restore", app, saved)
	if s.get(app, "new")[0] != nil {
		t.Error("a record from after the snapshot is still there")
	}
	// Numbers are never used again, although the records are older now.
	r := s.put(app, "new", "1")
	if r.Revision <= last || r.DocID <= last {
		t.Errorf("after the restore a record is %s; its numbers must be above %d", describe(r), last)
	}
	if n := s.last(app); n != r.Revision {
		t.Errorf("LastChange = %d, want %d", n, r.Revision)
	}
	// Restoring into a store that has dropped the app.
	if err := s.store.DropApp(s.ctx, app); err != nil {
		t.Fatal(err)
	}
	if err := c.RestoreSnapshot(s.ctx, app, bytes.NewReader(archive)); err != nil {
		t.Fatalf("RestoreSnapshot of a dropped app: %v", err)
	}
	s.sameRecords("after the restore of a dropped app", app, saved)
}

func testSnapshotOtherApp(t *testing.T, s *suite, c para.Snapshotter) {
	s.put(app, "a", "1")
	saved := s.scan(app, 10)
	archive := s.snapshot(c, app)
	if err := c.RestoreSnapshot(s.ctx, "clone", bytes.NewReader(archive)); err != nil {
		t.Fatalf("RestoreSnapshot into another app: %v", err)
	}
	s.sameRecords("clone", "clone", saved)
	s.put("clone", "b", "2")
	s.sameRecords("original", app, saved)
	if has, err := s.store.HasApp(s.ctx, "clone"); !has || err != nil {
		t.Errorf("HasApp(clone) = %v, %v", has, err)
	}
}

// testSnapshotUnderWrites: the copy is of one moment, and writes go on meanwhile.
func testSnapshotUnderWrites(t *testing.T, s *suite, c para.Snapshotter) {
	for i := range 200 {
		s.put(app, fmt.Sprint("ballast", i), string(bytes.Repeat([]byte{'x'}, 5000)))
	}
	stop := make(chan struct{})
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		parallel(3, func(w int) {
			for {
				select {
				case <-stop:
					return
				default:
				}
				// Both counters are equal in every state that was ever committed.
				both := para.Op{Reads: []string{"left", "right"}, Do: func(r []*para.Record) ([]para.Write, error) {
					n := strconv.Itoa(number(r[0]) + 1)
					return []para.Write{{Kind: para.Put, Record: record("left", n)}, {Kind: para.Put, Record: record("right", n)}}, nil
				}}
				if out, err := s.store.Apply(s.ctx, app, []para.Op{both}); err != nil || out[0].Err != nil {
					t.Errorf("Apply: %v, %v", out, err)
					return
				}
			}
		})
	}()
	for i := range 4 {
		before := number(s.get(app, "left")[0])
		archive := s.snapshot(c, app)
		clone := fmt.Sprint("clone", i)
		if err := c.RestoreSnapshot(s.ctx, clone, bytes.NewReader(archive)); err != nil {
			t.Fatalf("RestoreSnapshot: %v", err)
		}
		got := s.get(clone, "left", "right")
		if number(got[0]) != number(got[1]) || number(got[0]) < before {
			t.Errorf("the copy has %s and %s; it began at %d", describe(got[0]), describe(got[1]), before)
		}
		s.changes(clone, 0) // fails on gaps
		if n := len(s.scan(clone, 50)); n < 200 {
			t.Errorf("the copy has %d records", n)
		}
	}
	close(stop)
	<-finished
}

// testSnapshotTorn: an archive that ends early is refused whole.
func testSnapshotTorn(t *testing.T, s *suite, c para.Snapshotter) {
	s.put(app, "a", "1")
	archive := s.snapshot(c, app)
	s.put(app, "b", "2")
	saved := s.scan(app, 10)
	for _, part := range []int{0, 1, 10, 100, 300, 500, 700, 800, 900} {
		torn := archive[:len(archive)*part/1000]
		err := c.RestoreSnapshot(s.ctx, app, bytes.NewReader(torn))
		wantCode(t, fmt.Sprintf("the first %d of %d bytes", len(torn), len(archive)), err, para.Invalid)
		broken := io.MultiReader(bytes.NewReader(torn), failingReader{})
		if err := c.RestoreSnapshot(s.ctx, app, broken); err == nil {
			t.Errorf("an archive that breaks off after %d bytes was restored", len(torn))
		}
		if err := c.RestoreSnapshot(s.ctx, "fresh", bytes.NewReader(torn)); err == nil {
			t.Errorf("the first %d bytes were restored into a new app", len(torn))
		}
	}
	s.sameRecords("after refused restores", app, saved)
	if has, _ := s.store.HasApp(s.ctx, "fresh"); has {
		t.Error("a refused restore made an app")
	}
}

type failingReader struct{}

func (failingReader) Read([]byte) (int, error) { return 0, errors.New("connection lost") }

// testSnapshotEdited: an archive with a changed byte restores to what was saved or is refused; it never does harm.
func testSnapshotEdited(t *testing.T, s *suite, c para.Snapshotter) {
	for i := range 10 {
		s.put(app, fmt.Sprint("r", i), "payload-payload-payload")
	}
	archive := s.snapshot(c, app)
	saved := s.scan(app, 100)
	refused := 0
	step := max(1, len(archive)/97)
	for at := 0; at < len(archive); at += step {
		edited := bytes.Clone(archive)
		edited[at] ^= 0x41
		if err := c.RestoreSnapshot(s.ctx, app, bytes.NewReader(edited)); err != nil {
			wantCode(t, fmt.Sprintf("byte %d changed", at), err, para.Invalid)
			refused++
		}
		s.sameRecords(fmt.Sprintf("byte %d changed", at), app, saved)
	}
	if refused < 50 {
		t.Errorf("only %d of 97 changed archives were refused", refused)
	}
	at := bytes.Index(archive, []byte("payload-payload-payload"))
	if at >= 0 {
		edited := bytes.Clone(archive)
		copy(edited[at:], "PAYLOAD")
		err := c.RestoreSnapshot(s.ctx, app, bytes.NewReader(edited))
		wantCode(t, "edited record", err, para.Invalid)
	}
	wantCode(t, "something else", c.RestoreSnapshot(s.ctx, app, bytes.NewReader(bytes.Repeat([]byte("hello"), 1000))), para.Invalid)
	s.sameRecords("at the end", app, saved)
}

type failingWriter struct{ left int }

func (w *failingWriter) Write(p []byte) (int, error) {
	if len(p) > w.left {
		return 0, errors.New("pipe closed")
	}
	w.left -= len(p)
	return len(p), nil
}

func testSnapshotFailures(t *testing.T, s *suite, c para.Snapshotter) {
	s.put(app, "a", "1")
	wantCode(t, "Snapshot of an unknown app", c.Snapshot(s.ctx, "nobody", io.Discard), para.NotFound)
	if err := c.Snapshot(s.ctx, app, &failingWriter{left: 1000}); err == nil {
		t.Error("Snapshot to a broken writer succeeded")
	}
	ended, cancel := context.WithCancel(s.ctx)
	cancel()
	if err := c.Snapshot(ended, app, io.Discard); !errors.Is(err, context.Canceled) {
		t.Errorf("Snapshot with an ended context: %v", err)
	}
	archive := s.snapshot(c, app)
	if err := c.RestoreSnapshot(ended, app, bytes.NewReader(archive)); !errors.Is(err, context.Canceled) {
		t.Errorf("RestoreSnapshot with an ended context: %v", err)
	}
	s.put(app, "b", "2")
	if got := s.get(app, "a", "b"); got[0] == nil || got[1] == nil {
		t.Error("records were lost")
	}
}
