package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/erudika/para-go/client"
)

// binary is the program under test, built once for all tests.
var binary string

// program links main into the tests, so that a result of before main was changed does not count as cached.
var program = main

func TestMain(m *testing.M) {
	if program == nil {
		os.Exit(1)
	}
	code, err := buildAndRun(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func buildAndRun(m *testing.M) (int, error) {
	dir, err := os.MkdirTemp("", "para-cli")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o755); err != nil { // one test runs the program as somebody else
		return 1, err
	}
	binary = filepath.Join(dir, "para")
	build := exec.Command("go", "build", "-o", binary, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return 1, fmt.Errorf("build: %w\n%s", err, out)
	}
	return m.Run(), nil
}

const (
	testSecret = "a-root-secret-of-the-command-tests-longer-than-forty"

	// patience is how long a test waits for what must happen.
	patience = time.Minute
)

// place is a folder in which the program runs, with nothing in the environment but an empty HOME below it.
type place struct {
	t   *testing.T
	dir string
	env []string
}

func newPlace(t *testing.T) *place {
	t.Helper()
	dir := t.TempDir()
	home := filepath.Join(t.TempDir(), "home")
	if err := os.Mkdir(home, 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Dir(binary) + string(os.PathListSeparator) + os.Getenv("PATH")
	return &place{t: t, dir: dir, env: []string{"PATH=" + path, "HOME=" + home, "TMPDIR=" + os.TempDir()}}
}

// with returns the same place with further environment variables.
func (p *place) with(variables ...string) *place {
	q := *p
	q.env = append(append([]string{}, p.env...), variables...)
	return &q
}

func (p *place) path(name string) string { return filepath.Join(p.dir, name) }

func (p *place) write(name, text string) {
	p.t.Helper()
	if err := os.MkdirAll(filepath.Dir(p.path(name)), 0o755); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(p.path(name), []byte(text), 0o600); err != nil {
		p.t.Fatal(err)
	}
}

func (p *place) read(name string) string {
	p.t.Helper()
	data, err := os.ReadFile(p.path(name))
	if err != nil {
		p.t.Fatal(err)
	}
	return string(data)
}

func (p *place) command(args ...string) *exec.Cmd {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	p.t.Cleanup(cancel)
	c := exec.CommandContext(ctx, binary, args...)
	c.Dir, c.Env = p.dir, p.env
	return c
}

// outcome is what a call of the program left behind.
type outcome struct {
	out, err string
	code     int
}

func (p *place) run(in string, args ...string) outcome {
	p.t.Helper()
	return p.finish(p.command(args...), in)
}

// shell runs a line as a person would type it.
func (p *place) shell(line string) outcome {
	p.t.Helper()
	c := p.command()
	c.Path, c.Args = "/bin/sh", []string{"sh", "-c", line}
	return p.finish(c, "")
}

func (p *place) finish(c *exec.Cmd, in string) outcome {
	p.t.Helper()
	var out, errs bytes.Buffer
	c.Stdin, c.Stdout, c.Stderr = strings.NewReader(in), &out, &errs
	err := c.Run()
	if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
		p.t.Fatal(err)
	}
	return outcome{out.String(), errs.String(), c.ProcessState.ExitCode()}
}

// process is a running server.
type process struct {
	t    *testing.T
	cmd  *exec.Cmd
	log  *logBuffer
	done chan struct{}

	Address  string
	Storage  string
	RootKeys string
	Try      []string
}

// serve starts the server on a port that the system chooses and waits until it says that it is ready.
func (p *place) serve(args ...string) *process {
	p.t.Helper()
	return p.launch(append([]string{"serve", "--port", "0"}, args...)...)
}

func (p *place) launch(args ...string) *process {
	p.t.Helper()
	s := p.start(p.command(args...))
	s.waitReady()
	return s
}

func (p *place) start(c *exec.Cmd) *process {
	p.t.Helper()
	s := &process{t: p.t, cmd: exec.Command(c.Path, c.Args[1:]...), log: &logBuffer{ready: make(chan string, 1)}, done: make(chan struct{})}
	s.cmd.Dir, s.cmd.Env, s.cmd.Stderr, s.cmd.SysProcAttr = c.Dir, c.Env, s.log, c.SysProcAttr
	if err := s.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	go func() {
		_ = s.cmd.Wait() // the state tells how it ended
		close(s.done)
	}()
	p.t.Cleanup(func() {
		_ = s.cmd.Process.Kill() // gone already when the test stopped it
		<-s.done
	})
	return s
}

func (s *process) waitReady() {
	s.t.Helper()
	select {
	case line := <-s.log.ready:
		if err := json.Unmarshal([]byte(line), s); err != nil {
			s.t.Fatalf("%s: %v", line, err)
		}
	case <-s.done:
		s.t.Fatalf("the server did not start:\n%s", s.log)
	case <-time.After(patience):
		s.t.Fatalf("the server is not ready:\n%s", s.log)
	}
}

func (s *process) signal(sig os.Signal) {
	s.t.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil {
		s.t.Fatal(err)
	}
}

// exit waits for the end and returns the exit code.
func (s *process) exit() int {
	s.t.Helper()
	select {
	case <-s.done:
	case <-time.After(patience):
		s.t.Fatalf("the server does not end:\n%s", s.log)
	}
	return s.cmd.ProcessState.ExitCode()
}

// stop ends the server as an operator does.
func (s *process) stop() {
	s.t.Helper()
	s.signal(syscall.SIGTERM)
	if code := s.exit(); code != 0 {
		s.t.Fatalf("exit code %d after SIGTERM:\n%s", code, s.log)
	}
}

// get requests a path and returns status and body.
func (s *process) get(path string) (int, string) {
	s.t.Helper()
	res, err := http.Get(s.Address + path)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

// logBuffer keeps what the server logs and tells when it is ready.
type logBuffer struct {
	mu    sync.Mutex
	text  strings.Builder
	seen  int // bytes that were searched for the line
	ready chan string
}

func (b *logBuffer) Write(data []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.text.Write(data)
	for {
		line, _, whole := strings.Cut(b.text.String()[b.seen:], "\n")
		if !whole {
			return len(data), nil
		}
		b.seen += len(line) + 1
		if strings.Contains(line, `"msg":"Para is ready"`) {
			b.ready <- line
		}
	}
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// connected is a place whose environment names a running server and the keys of its root app.
type connected struct {
	*place
	server *process
	client *client.Client
}

func startServer(t *testing.T) connected {
	t.Helper()
	at := newPlace(t)
	s := newPlace(t).with("para_root_secret_override=" + testSecret).serve()
	c, err := client.New(client.Options{AccessKey: "app:para", Secret: testSecret, Endpoint: s.Address})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return connected{at.with("PARA_ENDPOINT="+s.Address, "PARA_ACCESS_KEY=app:para", "PARA_SECRET_KEY="+testSecret), s, c}
}
