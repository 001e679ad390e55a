package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/erudika/para-go/internal/sigv4"
)

// transfers exports the app of the run and imports the archive into a fresh one: objects a second, and the most memory
// that the server held meanwhile.
func transfers(ctx context.Context, o options, p *process, cred sigv4.Credentials, out io.Writer) error {
	if !strings.Contains("export import", o.only) {
		return nil
	}
	objects, err := count(ctx, p.addr, cred)
	if err != nil {
		return err
	}
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "whole app\tobjects\tarchive\tseconds\tobjects per second\tmemory before\tpeak\t")
	timed := func(name, method, target string, cred sigv4.Credentials, body []byte) ([]byte, error) {
		before := p.forgetPeak()
		began := time.Now()
		answer, err := whole(ctx, p.addr, cred, method, target, body)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		took := time.Since(began).Seconds()
		_, peak := p.memory()
		fmt.Fprintf(t, "%s\t%d\t%.1f MiB\t%.2f\t%.0f\t%.0f MiB\t%.0f MiB\t\n", name, objects,
			float64(max(len(answer), len(body)))/(1<<20), took, float64(objects)/took, before, peak)
		return answer, nil
	}
	archive, err := timed("export", http.MethodGet, "/v1/_export", cred, nil)
	if err != nil {
		return err
	}
	fresh, err := newApp(p.addr, "copy")
	if err != nil {
		return err
	}
	if _, err := timed("import", http.MethodPut, "/v1/_import", fresh, archive); err != nil {
		return err
	}
	if n, err := count(ctx, p.addr, fresh); err != nil || n < objects {
		return fmt.Errorf("import: %d of %d objects arrived: %w", n, objects, err)
	}
	return t.Flush()
}

// count is the number of objects of the benchmark's type in an app.
func count(ctx context.Context, addr string, cred sigv4.Credentials) (int, error) {
	body, err := whole(ctx, addr, cred, http.MethodGet, "/v1/article/search/count", nil)
	if err != nil {
		return 0, err
	}
	n := 0
	_, after, _ := strings.Cut(string(body), `"totalHits":`)
	_, err = fmt.Sscan(strings.TrimRight(strings.SplitN(after, ",", 2)[0], "}"), &n)
	return n, err
}

// whole sends one request, however long it takes, and returns its answer.
func whole(ctx context.Context, addr string, cred sigv4.Credentials, method, target string, body []byte) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, method, "http://"+addr+target, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/zip")
	}
	if err := sigv4.SignHash(r, cred, sigv4.HashBody(body), time.Now()); err != nil {
		return nil, err
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s %s: status %d: %.200s", method, target, res.StatusCode, answer)
	}
	return answer, err
}

// forgetPeak starts the measurement of the peak of memory anew and returns what is used now, in MiB (Linux only).
func (p *process) forgetPeak() float64 {
	_ = os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", p.cmd.Process.Pid), []byte("5"), 0) // else it is that of the whole run
	now, _ := p.memory()
	return now
}
