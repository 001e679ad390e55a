package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/erudika/para-go/server"
)

// writePID writes the process id into para_<port>.pid, or the file that spring.pid.file or PIDFILE names, and returns
// what removes it again (C 7.5). A failure is an error only when spring.pid.fail-on-write-error or
// PID_FAIL_ON_WRITE_ERROR says so; otherwise warn gets it.
func writePID(s *server.Server, warn func(error)) (remove func(), err error) {
	cfg := s.Config()
	nothing := func() {}
	if !cfg.Bool("pidfile_enabled") {
		return nothing, nil
	}
	file := fmt.Sprintf("para_%d.pid", s.Port())
	if name, ok := cfg.Property("spring.pid.file"); ok {
		file = name
	} else if name, ok := cfg.Getenv("PIDFILE"); ok && name != "" {
		file = name
	}
	if !filepath.IsAbs(file) {
		file = filepath.Join(cfg.WorkDir(), file)
	}
	pid := []byte(strconv.Itoa(os.Getpid()))
	if err := os.WriteFile(file, pid, 0o644); err != nil {
		err = fmt.Errorf("write the process id: %w", err)
		strict, ok := cfg.Property("spring.pid.fail-on-write-error")
		if !ok {
			strict, _ = cfg.Getenv("PID_FAIL_ON_WRITE_ERROR")
		}
		if strings.EqualFold(strict, "true") {
			return nothing, err
		}
		warn(err)
		return nothing, nil
	}
	return func() {
		if now, err := os.ReadFile(file); err != nil || string(now) != string(pid) {
			return // removed, or another server's by now
		}
		if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
			warn(fmt.Errorf("remove the process id: %w", err))
		}
	}, nil
}
