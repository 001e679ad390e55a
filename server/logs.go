package server

import (
	"fmt"
	"io"
	"log/slog"
	"path/filepath"

	"github.com/erudika/para-go/internal/logs"
)

// openLogFiles adds files to the log when the configuration names a folder for them (C 8). That they cannot be written is
// told and keeps no server from running.
func (s *Server) openLogFiles() {
	cfg := s.config
	if !cfg.Has("logs_dir") {
		return
	}
	level, off, err := logs.ParseLevel(cfg.String("file_logger_level"))
	if off {
		return
	}
	dir := cfg.String("logs_dir")
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(cfg.WorkDir(), dir)
	}
	if err == nil {
		s.logFiles, err = logs.Open(dir, cfg.String("logs_name"), level, cfg.Bool("access_log_enabled"))
	}
	if err != nil {
		s.log.Warn(fmt.Sprintf("there are no log files in para.logs_dir = %q", dir), "reason", err)
		return
	}
	s.log = slog.New(slog.NewMultiHandler(s.log.Handler(), s.logFiles.Log))
}

// accessFile is the file of the access log, nil when requests are told in the log itself.
func (s *Server) accessFile() io.Writer {
	if s.logFiles == nil {
		return nil
	}
	return s.logFiles.Access
}

// Log is the log of the server: the one that it was given, and its files.
func (s *Server) Log() *slog.Logger { return s.log }
