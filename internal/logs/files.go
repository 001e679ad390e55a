package logs

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"gopkg.in/natefinch/lumberjack.v2"
)

const (
	maxFile     = 100 // megabytes of one file before the next one begins
	keptFiles   = 6   // older files of the log that are kept (C 8)
	keptAccess  = 31  // of the access log, one for each day
	loggerOfAll = "para"
)

// Files are the log files of a server (C 8): <name>.log and <name>-access.log in one folder. The log begins anew each month,
// the access log each day, both at 100 MB; older files are named by the time of their end, compressed, and deleted when
// there are too many of them.
type Files struct {
	Log    slog.Handler
	Access io.Writer // nil without an access log

	files []*rotating
}

// Open opens the files in a folder, which is made when it is missing.
func Open(dir, name string, level slog.Level, access bool) (*Files, error) {
	if name == "" || name != filepath.Base(name) || strings.HasPrefix(name, ".") {
		return nil, fmt.Errorf("%q is not a name for log files", name)
	}
	f := &Files{}
	main, err := open(filepath.Join(dir, name+".log"), "2006-01", keptFiles)
	if err != nil {
		return nil, err
	}
	f.files = append(f.files, main)
	f.Log = NewText(main, level, Millis, loggerOfAll)
	if !access {
		return f, nil
	}
	requests, err := open(filepath.Join(dir, name+"-access.log"), time.DateOnly, keptAccess)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	f.files = append(f.files, requests)
	f.Access = requests
	return f, nil
}

// Close closes the files. Lines that come later open them again.
func (f *Files) Close() error {
	var errs []error
	for _, r := range f.files {
		errs = append(errs, r.file.Close())
	}
	return errors.Join(errs...)
}

// rotating is a file that begins anew when its period ends.
type rotating struct {
	mu     sync.Mutex
	file   *lumberjack.Logger
	period string // layout of the time that tells one period from the next
	now    func() time.Time
	begun  string // the period of what the file holds
}

// open opens a file, and makes it with mode 0600 when it is missing.
func open(name, period string, kept int) (*rotating, error) {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err = errors.Join(err, file.Close()); err != nil {
		return nil, err
	}
	return &rotating{
		file:   &lumberjack.Logger{Filename: name, MaxSize: maxFile, MaxBackups: kept, Compress: true, LocalTime: true},
		period: period,
		now:    time.Now,
		begun:  info.ModTime().Format(period),
	}, nil
}

// Write appends to the file of the period.
func (r *rotating) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now := r.now().Format(r.period); now != r.begun {
		if err := r.file.Rotate(); err != nil {
			return 0, err
		}
		r.begun = now
	}
	return r.file.Write(p)
}

// ParseLevel reads a threshold of log files: TRACE, DEBUG, INFO, WARN or ERROR in any case. off is true for OFF.
func ParseLevel(text string) (level slog.Level, off bool, err error) {
	switch strings.ToUpper(strings.TrimSpace(text)) {
	case "OFF":
		return 0, true, nil
	case "ALL", "TRACE", "DEBUG":
		return slog.LevelDebug, false, nil
	case "", "INFO":
		return slog.LevelInfo, false, nil
	case "WARN", "WARNING":
		return slog.LevelWarn, false, nil
	case "ERROR":
		return slog.LevelError, false, nil
	}
	return 0, false, errors.New("is not one of: OFF, ERROR, WARN, INFO, DEBUG, TRACE")
}
