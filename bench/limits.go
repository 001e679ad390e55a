package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"text/tabwriter"
	"time"

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
		return bareWrites(ctx, p.file("bench"), n, max(r.items, 1), r.updates, o.time)
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
