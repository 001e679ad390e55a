package rest

import (
	"bufio"
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
