package sqlite

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	lib "modernc.org/sqlite/lib"
)

// fillLog writes until the write-ahead log is beyond its bound.
func fillLog(t testing.TB, s *Store) {
	const size = 200_000
	for i := range maxLogFrames * 4200 / size {
		mustApply(t, s, "para", putOp("a", strings.Repeat(string(rune('a'+i%26)), size))) // SQLite does not write pages that stay the same
	}
}

// TestLogBesideLongRead lets a read go on while the write-ahead log grows beyond its bound: the writer waits for it once and not
// again for a while, and when it is over the log starts afresh.
func TestLogBesideLongRead(t *testing.T) {
	s := openTest(t, testOptions(t.TempDir()))
	f, err := s.acquire(t.Context(), "para")
	must(t, err)
	defer s.release(f)
	reader, err := f.borrow(t.Context())
	must(t, err)
	must(t, reader.script("BEGIN; SELECT count(*) FROM objects"))
	fillLog(t, s)
	// From here on the test runs the checkpoints.
	for f.checkpointing.Swap(true) {
		time.Sleep(time.Millisecond)
	}
	f.restart = time.Time{}
	f.checkpoint()
	pause := f.restart
	if !pause.After(time.Now()) {
		t.Error("the writer would wait again at once")
	}
	f.checkpoint()
	if f.restart != pause {
		t.Error("the writer waited again")
	}
	f.giveBack(reader, reader.script("ROLLBACK"))
	f.restart = time.Time{}
	f.checkpoint()
	mustApply(t, s, "para", putOp("b", "small"))
	c, err := f.borrow(t.Context())
	must(t, err)
	frames, done, err := c.checkpoint(lib.SQLITE_CHECKPOINT_PASSIVE)
	f.giveBack(c, err)
	if err != nil || frames > 100 || done != frames {
		t.Errorf("%d frames are in the log, %d of them in the database, %v", frames, done, err)
	}
	f.checkpointing.Store(false)
}

// BenchmarkWritesBesideLongRead writes beside a read that does not end while the write-ahead log grows far beyond its bound.
func BenchmarkWritesBesideLongRead(b *testing.B) {
	s := openTest(b, testOptions(b.TempDir()))
	f, err := s.acquire(b.Context(), "para")
	must(b, err)
	defer s.release(f)
	c, err := f.borrow(b.Context())
	must(b, err)
	must(b, c.script("BEGIN; SELECT count(*) FROM objects"))
	defer func() { f.giveBack(c, c.script("ROLLBACK")) }()
	fillLog(b, s)
	var took []time.Duration
	for b.Loop() {
		start := time.Now()
		mustApply(b, s, "para", putOp("b", "small"))
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
	info, err := os.Stat(f.path + "-wal")
	must(b, err)
	b.ReportMetric(float64(info.Size()>>20), "log-MiB")
}
