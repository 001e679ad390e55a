package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/erudika/para-go/internal/sigv4"
)

// request is one signed request of a row.
type request struct {
	method, target string
	body           []byte
}

// result is a row of the table.
type result struct {
	count    int
	elapsed  time.Duration
	p50, p99 time.Duration
}

func (r result) perSecond() float64 { return float64(r.count) / r.elapsed.Seconds() }

// drive sends what next makes from n connections for the given time, or until it makes an empty request, and collects the
// latencies. The first refused request ends the row: figures of errors are worth nothing.
func drive(ctx context.Context, addr string, cred sigv4.Credentials, n int, d time.Duration, next func(client, i int) request) (result, error) {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	latencies := make([][]time.Duration, n)
	var firstError atomic.Value
	var wg sync.WaitGroup
	start := time.Now()
	for c := range n {
		wg.Go(func() {
			conn := &wire{addr: addr, cred: cred}
			defer conn.close()
			for i := 0; ctx.Err() == nil; i++ {
				r := next(c, i)
				if r.method == "" {
					return
				}
				began := time.Now()
				status, body, err := conn.send(r)
				if err == nil && status >= 300 {
					err = fmt.Errorf("%s %s: status %d: %.200s", r.method, r.target, status, body)
				}
				if err != nil {
					firstError.CompareAndSwap(nil, err)
					cancel()
					return
				}
				latencies[c] = append(latencies[c], time.Since(began))
			}
		})
	}
	wg.Wait()
	out := result{elapsed: time.Since(start)}
	if err, ok := firstError.Load().(error); ok {
		return out, err
	}
	var all []time.Duration
	for _, l := range latencies {
		all = append(all, l...)
	}
	if len(all) == 0 {
		return out, errors.New("no request was answered in time")
	}
	slices.Sort(all)
	out.count, out.p50, out.p99 = len(all), all[len(all)/2], all[len(all)*99/100]
	return out, nil
}

// wire is one HTTP/1.1 connection with as little between the request and the socket as possible: the load generator
// shares the processors with the server.
type wire struct {
	addr string
	cred sigv4.Credentials
	conn net.Conn
	r    *bufio.Reader
	buf  bytes.Buffer
}

func (w *wire) close() {
	if w.conn != nil {
		_ = w.conn.Close()
	}
}

func (w *wire) send(r request) (int, []byte, error) {
	if w.conn == nil {
		conn, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(context.Background(), "tcp", w.addr)
		if err != nil {
			return 0, nil, err
		}
		w.conn, w.r = conn, bufio.NewReaderSize(conn, 64<<10)
	}
	req, err := http.NewRequest(r.method, "http://"+w.addr+r.target, nil) //nolint:noctx // never sent, only signed
	if err != nil {
		return 0, nil, err
	}
	if err := sigv4.SignHash(req, w.cred, sigv4.HashBody(r.body), time.Now()); err != nil {
		return 0, nil, err
	}
	w.buf.Reset()
	fmt.Fprintf(&w.buf, "%s %s HTTP/1.1\r\nHost: %s\r\nX-Amz-Date: %s\r\nAuthorization: %s\r\n", r.method, r.target, w.addr,
		req.Header.Get("X-Amz-Date"), req.Header.Get("Authorization"))
	if r.body != nil {
		fmt.Fprintf(&w.buf, "Content-Type: application/json\r\nContent-Length: %d\r\n", len(r.body))
	}
	w.buf.WriteString("\r\n")
	w.buf.Write(r.body)
	_ = w.conn.SetDeadline(time.Now().Add(time.Minute))
	if _, err := w.conn.Write(w.buf.Bytes()); err != nil {
		return 0, nil, err
	}
	res, err := http.ReadResponse(w.r, req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return res.StatusCode, body, err
}
