package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/erudika/para-go/internal/sigv4"
)

const rootSecret = "a-root-secret-for-benchmarks-that-is-long-enough-56-x==="

// process is a running server.
type process struct {
	cmd   *exec.Cmd
	addr  string
	start time.Duration // from exec to the first answer
	log   *os.File
	data  string
}

// file is where the server keeps an app.
func (p *process) file(app string) string { return filepath.Join(p.data, "apps", app+".db") }

// launch starts the binary with its data in dir and waits until it answers.
func launch(ctx context.Context, binary, dir string) (*process, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	addr := l.Addr().String()
	_ = l.Close()
	_, port, _ := net.SplitHostPort(addr)
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, binary, "serve", "--port", port, "--data", filepath.Join(dir, "data"))
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "para_root_secret_override="+rootSecret)
	cmd.Stdout, cmd.Stderr = log, log
	p := &process{cmd: cmd, addr: addr, log: log, data: filepath.Join(dir, "data")}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	for time.Since(began) < 30*time.Second {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/ping", nil)
		if err != nil {
			return nil, err
		}
		res, err := http.DefaultClient.Do(req)
		if err == nil {
			_, _ = io.Copy(io.Discard, res.Body)
			_ = res.Body.Close()
			p.start = time.Since(began)
			return p, nil
		}
		time.Sleep(time.Millisecond)
	}
	p.stop()
	text, _ := os.ReadFile(log.Name())
	return nil, fmt.Errorf("the server does not answer:\n%s", text)
}

func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	_ = p.cmd.Wait()
	_ = p.log.Close()
}

// memory reads the resident memory now and its peak, in MiB (Linux only; 0 elsewhere).
func (p *process) memory() (now, peak float64) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, 0
	}
	field := func(name string) float64 {
		_, rest, _ := strings.Cut(string(text), name+":")
		kb, _ := strconv.ParseFloat(strings.Fields(rest + " 0")[0], 64)
		return kb / 1024
	}
	return field("VmRSS"), field("VmHWM")
}

// cpu reads the processor time used so far (Linux only).
func (p *process) cpu() time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond
}

// newApp makes an app through the API.
func newApp(addr, id string) (sigv4.Credentials, error) {
	w := &wire{addr: addr, cred: sigv4.Credentials{AccessKey: "app:para", Secret: rootSecret}}
	defer w.close()
	status, body, err := w.send(request{method: http.MethodGet, target: "/v1/_setup/" + id})
	if err != nil {
		return sigv4.Credentials{}, err
	}
	var keys struct{ AccessKey, SecretKey string }
	if err := json.Unmarshal(body, &keys); err != nil || keys.SecretKey == "" {
		return sigv4.Credentials{}, fmt.Errorf("make app %s: %d %.200s", id, status, body)
	}
	return sigv4.Credentials{AccessKey: keys.AccessKey, Secret: keys.SecretKey}, nil
}
