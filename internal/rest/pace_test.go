package rest

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/erudika/para-go/internal/authn"
)

// serveSlow starts a server on which nobody is known, so that bodies are read and their senders refused.
func serveSlow(t *testing.T, patience time.Duration) *httptest.Server {
	t.Helper()
	h := New(Options{BodyPatience: patience, MaxEntityBytes: 1 << 20, APIEnabled: true, Authn: authn.New(authn.Options{})})
	s := httptest.NewServer(h)
	t.Cleanup(func() {
		s.Close()
		_ = h.Close(t.Context())
	})
	return s
}

// A client that announces a body and does not send it gets its answer, and the connection ends.
func TestStalledBodies(t *testing.T) {
	s := serveSlow(t, 50*time.Millisecond)
	for name, request := range map[string]string{
		"nothing sent":   "POST /v1/cat HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n",
		"half sent":      "POST /v1/cat HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n" + strings.Repeat(" ", 500_000),
		"beyond limit":   "POST /v1/cat HTTP/1.1\r\nHost: x\r\nContent-Length: 99000000000\r\n\r\n{",
		"expect":         "POST /v1/cat HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1000\r\n\r\n",
		"chunk not sent": "POST /v1/_batch HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n[",
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := net.Dial("tcp", s.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
				t.Fatal(err)
			}
			if _, err := io.WriteString(conn, request); err != nil {
				t.Fatal(err)
			}
			answer, err := io.ReadAll(conn)
			if err != nil {
				t.Fatalf("the connection was not ended: %v", err)
			}
			if !strings.Contains(string(answer), "HTTP/1.1 400 ") && !strings.Contains(string(answer), "HTTP/1.1 401 ") {
				t.Errorf("got %q", answer)
			}
		})
	}
}

// A body that takes longer than the patience, but goes on, is read; and the connection serves further requests, also after
// the deadline of the body has passed.
func TestSlowBodiesThatGoOn(t *testing.T) {
	s := serveSlow(t, 500*time.Millisecond)
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	answers := bufio.NewReader(conn)
	for range 2 {
		if _, err := io.WriteString(conn, "POST /v1/cat HTTP/1.1\r\nHost: x\r\nContent-Length: 262144\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		for range 4 {
			time.Sleep(200 * time.Millisecond)
			if _, err := io.WriteString(conn, strings.Repeat(" ", 65536)); err != nil {
				t.Fatal(err)
			}
		}
		res, err := http.ReadResponse(answers, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, res.Body); err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusUnauthorized {
			t.Errorf("got %s", res.Status)
		}
		time.Sleep(600 * time.Millisecond)
	}
}

// Once the server stops, a body that stalls ends soon whatever its patience was, and one that goes on is finished.
func TestDrainCutsStalledBodies(t *testing.T) {
	h := New(Options{BodyPatience: time.Hour, DrainPatience: 400 * time.Millisecond, MaxEntityBytes: 1 << 20, APIEnabled: true, Authn: authn.New(authn.Options{})})
	s := httptest.NewServer(h)
	defer s.Close()
	defer func() { _ = h.Close(t.Context()) }()
	open := func() (net.Conn, *bufio.Reader) {
		conn, err := net.Dial("tcp", s.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, "POST /v1/cat HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 8\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		in := bufio.NewReader(conn)
		if line, err := in.ReadString('\n'); err != nil || !strings.Contains(line, "100 Continue") { // the body is being read
			t.Fatalf("%q %v", line, err)
		}
		_, _ = in.ReadString('\n')
		return conn, in
	}
	_, stalled := open()
	slow, alive := open()
	h.Drain()
	if _, err := io.WriteString(slow, "{\"a\":1} "); err != nil {
		t.Fatal(err)
	}
	if res, err := http.ReadResponse(alive, nil); err != nil || res.StatusCode != http.StatusUnauthorized {
		t.Errorf("the body that came: %v %v", res, err)
	}
	answer, err := io.ReadAll(stalled)
	if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 40") {
		t.Errorf("the body that did not come: %q %v", answer, err)
	}
}

// A client that does not receive its answer loses the connection, whether the answer is in memory or is made on the way; and
// it ends at once when the server stops.
func TestClientsThatDoNotReceive(t *testing.T) {
	tests := map[string]struct {
		opts  Options
		drain bool
		a     func() *answer
	}{
		"buffered": {opts: Options{AnswerPatience: 100 * time.Millisecond}, a: func() *answer { return bodyText(strings.Repeat("x", 64<<20)) }},
		"stream":   {opts: Options{AnswerPatience: 100 * time.Millisecond}, a: func() *answer { return file(typeZip, "x.zip", endless) }},
		"drain":    {opts: Options{AnswerPatience: time.Hour, DrainPatience: 100 * time.Millisecond}, drain: true, a: func() *answer { return file(typeZip, "x.zip", endless) }},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			h := New(tt.opts)
			defer func() { _ = h.Close(t.Context()) }()
			ended, started := make(chan struct{}), make(chan struct{})
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				close(started)
				defer close(ended)
				if !h.write(w, r, tt.a()) {
					panic(http.ErrAbortHandler)
				}
			}))
			defer s.Close()
			conn, err := net.Dial("tcp", s.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
				t.Fatal(err)
			}
			<-started
			if tt.drain {
				h.Drain()
			}
			select {
			case <-ended:
			case <-time.After(20 * time.Second):
				t.Fatal("the request never ends")
			}
		})
	}
}

func endless(_ context.Context, w io.Writer) error {
	part := make([]byte, 1<<20)
	for {
		if _, err := w.Write(part); err != nil {
			return err
		}
	}
}

// An answer that takes much longer than the patience arrives whole when it is taken, also when its maker pauses; and the
// connection serves further requests.
func TestSlowAnswersThatGoOn(t *testing.T) {
	for _, version := range []string{"HTTP/1.1", "HTTP/2.0"} {
		h := New(Options{AnswerPatience: 300 * time.Millisecond})
		defer func() { _ = h.Close(t.Context()) }()
		s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h.write(w, r, file(typeZip, "x.zip", func(_ context.Context, w io.Writer) error {
				for range 3 {
					if _, err := w.Write(make([]byte, 100_000)); err != nil {
						return err
					}
					time.Sleep(500 * time.Millisecond)
				}
				return nil
			}))
		}))
		s.EnableHTTP2 = version == "HTTP/2.0"
		if s.EnableHTTP2 {
			s.StartTLS()
		} else {
			s.Start()
		}
		defer s.Close()
		for range 2 {
			res, err := s.Client().Get(s.URL)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(res.Body)
			res.Body.Close()
			if err != nil || len(body) != 300_000 || res.Proto != version {
				t.Errorf("%s: got %d bytes, %v", res.Proto, len(body), err)
			}
			time.Sleep(400 * time.Millisecond)
		}
	}
}
