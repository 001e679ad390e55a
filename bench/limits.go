package main

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"text/tabwriter"
	"time"

	_ "modernc.org/sqlite" // the driver of the bare loop

	"github.com/erudika/para-go/internal/sigv4"
)

func clock() time.Time { return time.Now() }

func short(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return fmt.Sprintf("%dµs", d.Microseconds())
	case d < 10*time.Millisecond:
		return fmt.Sprintf("%.1fms", d.Seconds()*1000)
	}
	return fmt.Sprintf("%dms", d.Milliseconds())
}

// limitOf measures the most that could be had of a row: requests per second.
func limitOf(ctx context.Context, o options, p *process, cred sigv4.Credentials, r row, n int) (float64, error) {
	if r.writes {
		return bareWrites(ctx, n, max(r.items, 1), o.time)
	}
	w := &wire{addr: p.addr, cred: cred}
	defer w.close()
	_, body, err := w.send(r.next(0, 0))
	if err != nil {
		return 0, err
	}
	return bareReads(ctx, cred, body, n, o.time, r.next)
}

// bareReads drives a net/http handler that verifies the signature and writes given bytes.
func bareReads(ctx context.Context, cred sigv4.Credentials, body []byte, n int, d time.Duration, next func(int, int) request) (float64, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	var verifier sigv4.Verifier
	s := &http.Server{ReadHeaderTimeout: time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		auth, err := sigv4.ParseAuthorization(r.Header.Get("Authorization"))
		if err == nil {
			err = verifier.Verify(auth, sigv4.RequestOf(r), sigv4.HashBody(nil), cred.Secret, []string{r.Host})
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusForbidden)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", fmt.Sprint(len(body)))
		_, _ = w.Write(body)
	})}
	go func() { _ = s.Serve(l) }()
	defer func() { _ = s.Close() }()
	res, err := drive(ctx, l.Addr().String(), cred, n, d, next)
	return res.perSecond(), err
}

// bareWrites is a loop that inserts rows with a log entry into SQLite and flushes every transaction; waiting writers
// share one, as in the server. No index, no HTTP, no JSON.
func bareWrites(ctx context.Context, n, items int, d time.Duration) (float64, error) {
	dir, err := os.MkdirTemp("", "para-bare")
	if err != nil {
		return 0, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	db, err := sql.Open("sqlite", filepath.Join(dir, "x.db")+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	if err != nil {
		return 0, err
	}
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(ctx, `CREATE TABLE objects(docid INTEGER PRIMARY KEY, id TEXT UNIQUE, type TEXT, data BLOB);
		CREATE TABLE changes(seq INTEGER PRIMARY KEY, time INTEGER, id TEXT, type TEXT)`); err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	waiting := make(chan chan struct{}, n)
	var requests atomic.Int64
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			done := make(chan struct{}, 1)
			for ctx.Err() == nil {
				select {
				case waiting <- done:
				case <-ctx.Done():
					return
				}
				select {
				case <-done:
					requests.Add(1)
				case <-ctx.Done():
					return
				}
			}
		})
	}
	began := clock()
	data := make([]byte, 700)
	id := 0
	for ctx.Err() == nil {
		var group []chan struct{}
		select {
		case c := <-waiting:
			group = append(group, c)
		case <-ctx.Done():
			continue
		}
		for len(waiting) > 0 {
			group = append(group, <-waiting)
		}
		tx, err := db.Begin() //nolint:noctx // the transaction must not be cut off by the clock
		if err != nil {
			return 0, err
		}
		insert, err := tx.Prepare("INSERT INTO objects VALUES(?,?,'article',?)") //nolint:noctx // as above
		if err != nil {
			return 0, err
		}
		log, err := tx.Prepare("INSERT INTO changes VALUES(?,?,?,'article')") //nolint:noctx // as above
		if err != nil {
			return 0, err
		}
		for range len(group) * items {
			id++
			if _, err := insert.Exec(id, fmt.Sprint(id), data); err != nil { //nolint:noctx // as above
				return 0, err
			}
			if _, err := log.Exec(id, id, fmt.Sprint(id)); err != nil { //nolint:noctx // as above
				return 0, err
			}
		}
		if err := tx.Commit(); err != nil {
			return 0, err
		}
		for _, c := range group {
			c <- struct{}{}
		}
	}
	elapsed := clock().Sub(began)
	wg.Wait()
	return float64(requests.Load()) / elapsed.Seconds(), nil
}

// startTimes measures the time from exec to the first answer, with an empty folder and with many apps on disk.
func startTimes(ctx context.Context, o options, out io.Writer) error {
	dir, err := os.MkdirTemp("", "para-bench")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	p, err := launch(ctx, o.binary, dir)
	if err != nil {
		return err
	}
	first := p.start
	for i := range o.tenants {
		if _, err := newApp(p.addr, fmt.Sprintf("tenant%d", i)); err != nil {
			p.stop()
			return err
		}
	}
	p.stop()
	if p, err = launch(ctx, o.binary, dir); err != nil {
		return err
	}
	now, _ := p.memory()
	again := p.start
	p.stop()
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "\nstart with an empty folder\t%s\t\nstart with %d apps on disk\t%s\t%.0f MiB\n", short(first), o.tenants, short(again), now)
	return t.Flush()
}
