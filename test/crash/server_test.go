package crash

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/erudika/para-go/client"
)

// patience bounds every wait, so that a server that hangs fails the test instead of blocking it.
const patience = 2 * time.Minute

const (
	rootApp    = "app:para"
	rootSecret = "root-secret-of-the-crash-tests-0123456789"
)

// server is a running process of the server.
type server struct {
	dir    string
	url    string
	cmd    *exec.Cmd
	log    *serverLog
	exited chan struct{}
	err    error // of the process; set before exited is closed
}

// launch says how a server is started.
type launch struct {
	dir    string   // data folder
	before []string // command that the server's command line is appended to
	flags  []string
}

// begin starts the process without waiting for it.
func begin(t *testing.T, l launch) *server {
	t.Helper()
	args := append(append([]string{}, l.before...), serverBinary, "serve", "--port", "0", "--data", l.dir, "-D", "para.access_log_enabled=false")
	args = append(args, l.flags...)
	s := &server{dir: l.dir, log: &serverLog{ready: make(chan string, 1)}, exited: make(chan struct{})}
	s.cmd = exec.Command(args[0], args[1:]...)
	s.cmd.Dir = t.TempDir()
	s.cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + s.cmd.Dir, "para_root_secret_override=" + rootSecret, "para_db_log_changes=0"}
	s.cmd.Stderr = s.log
	if err := s.cmd.Start(); err != nil {
		t.Fatalf("start %v: %v", args, err)
	}
	go func() {
		s.err = s.cmd.Wait()
		close(s.exited)
	}()
	t.Cleanup(s.kill)
	return s
}

// start starts a server and waits until it answers.
func start(t *testing.T, l launch) *server {
	t.Helper()
	s := begin(t, l)
	select {
	case port := <-s.log.ready:
		s.url = "http://127.0.0.1:" + port
	case <-s.exited:
		t.Fatalf("the server did not start: %v\n%s", s.err, s.log)
	case <-time.After(patience):
		t.Fatalf("the server did not start\n%s", s.log)
	}
	return s
}

// kill ends the process at once, like kill -9.
func (s *server) kill() {
	_ = s.cmd.Process.Kill()
	<-s.exited
}

// stop asks the process to end and waits until it has.
func (s *server) stop(t *testing.T) {
	t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatalf("the server is gone: %v\n%s", err, s.log)
	}
	select {
	case <-s.exited:
		if s.err != nil {
			t.Errorf("the server did not stop cleanly: %v\n%s", s.err, s.log)
		}
	case <-time.After(patience):
		t.Fatalf("the server does not stop\n%s", s.log)
	}
}

// alive fails the test when the process has ended.
func (s *server) alive(t *testing.T) {
	t.Helper()
	select {
	case <-s.exited:
		t.Fatalf("the server ended by itself: %v\n%s", s.err, s.log)
	default:
	}
}

// client returns a client of an app that sends every request once and shows answers uncompressed.
func (s *server) client(t *testing.T, app, secret string) *client.Client {
	t.Helper()
	transport := &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 16}
	t.Cleanup(transport.CloseIdleConnections)
	c, err := client.New(client.Options{
		Endpoint: s.url, AccessKey: app, Secret: secret, KeepClock: true, Timeout: patience,
		Retry: client.RetryPolicy{Max: -1}, HTTPClient: &http.Client{Transport: transport},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (s *server) root(t *testing.T) *client.Client { return s.client(t, rootApp, rootSecret) }

// newApp makes an app and returns its secret.
func (s *server) newApp(t *testing.T, id string) string {
	t.Helper()
	keys, err := s.root(t).SetupApp(t.Context(), id, client.NewApp{})
	if err != nil || keys.SecretKey == "" {
		t.Fatalf("make the app %s: %v, %v\n%s", id, keys, err, s.log)
	}
	return keys.SecretKey
}

// refused returns the answer with which the server refused a request; nil when there was no answer.
func refused(err error) *client.Error {
	var e *client.Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}

// serverLog keeps the last lines of a server's log and finds the port in it.
type serverLog struct {
	ready chan string

	mu    sync.Mutex
	rest  []byte
	lines []string
	found bool
}

var listening = regexp.MustCompile(`listening on http://localhost:(\d+)`)

const keptLines = 60

func (l *serverLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rest = append(l.rest, p...)
	for {
		i := bytes.IndexByte(l.rest, '\n')
		if i < 0 {
			return len(p), nil
		}
		line := string(l.rest[:i])
		l.rest = l.rest[i+1:]
		if m := listening.FindStringSubmatch(line); m != nil && !l.found {
			l.found = true
			l.ready <- m[1]
		}
		if l.lines = append(l.lines, line); len(l.lines) > keptLines {
			l.lines = l.lines[1:]
		}
	}
}

// String returns the last lines.
func (l *serverLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return fmt.Sprintf("--- log of the server:\n%s\n---", strings.Join(l.lines, "\n"))
}
