package logs

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// C 8: the forms of a line. No value can make a second line or speak to a terminal.
func TestText(t *testing.T) {
	at := time.Date(2026, 6, 11, 16, 11, 17, 123_000_000, time.Local)
	for _, tt := range []struct {
		layout, logger, message string
		level                   slog.Level
		attrs                   []any
		want                    string
	}{
		{Seconds, "", "message", slog.LevelInfo, nil, "2026-06-11 16:11:17 [INFO ] message\n"},
		{Seconds, "", "m", slog.LevelError, []any{"k", "v", "n", 5}, "2026-06-11 16:11:17 [ERROR] m k=v n=5\n"},
		{Millis, "para", "m", slog.LevelWarn, []any{"k", "two words"}, "2026-06-11 16:11:17,123 [WARN ] para - m k=\"two words\"\n"},
		{Seconds, "", "a\nb\x1b[2Jc", slog.LevelDebug, []any{"k", "x\r2026", "e", "\x1b[2J", "q", `"`}, "2026-06-11 16:11:17 [DEBUG] a; b [2Jc k=\"x\\r2026\" e=\"\\x1b[2J\" q=\"\\\"\"\n"},
		{Seconds, "", "m", slog.LevelInfo, []any{"error", errors.Join(errors.New("one"), errors.New("two"))}, "2026-06-11 16:11:17 [INFO ] m error=\"one\\ntwo\"\n"},
		{Seconds, "", "below", slog.LevelDebug - 1, nil, ""},
	} {
		var b bytes.Buffer
		h := NewText(&b, slog.LevelDebug, tt.layout, tt.logger)
		r := slog.NewRecord(at, tt.level, tt.message, 0)
		r.Add(tt.attrs...)
		if h.Enabled(t.Context(), tt.level) {
			if err := h.Handle(t.Context(), r); err != nil {
				t.Error(err)
			}
		}
		if b.String() != tt.want {
			t.Errorf("%q, want %q", b.String(), tt.want)
		}
	}
	var b bytes.Buffer
	slog.New(NewText(&b, slog.LevelInfo, Seconds, "")).With("a", 1).WithGroup("g").With("b", 2).Info("m", "c", 3)
	if !strings.HasSuffix(b.String(), "[INFO ] m a=1 g.b=2 g.c=3\n") {
		t.Errorf("%q", b.String())
	}
}

// C 8: the Common Log Format.
func TestRequest(t *testing.T) {
	at := time.Date(2026, 6, 1, 6, 5, 4, 0, time.FixedZone("", 2*3600))
	for want, r := range map[string]Request{
		`10.0.0.1 - - [01/Jun/2026:06:05:04 +0200] "GET /v1/cat HTTP/1.1" 200 17`: {"10.0.0.1", at, "GET", "/v1/cat", "HTTP/1.1", 200, 17},
		`::1 - - [01/Jun/2026:06:05:04 +0200] "DELETE / HTTP/2.0" 404 -`:          {"::1", at, "DELETE", "/", "HTTP/2.0", 404, 0},
		`x - - [01/Jun/2026:06:05:04 +0200] "GET /a\x22\x20\x5cb HTTP/1.1" 400 1`: {"x", at, "GET", "/a\" \\b", "HTTP/1.1", 400, 1},
	} {
		if got := r.String(); got != want+"\n" {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestParseLevel(t *testing.T) {
	for text, want := range map[string]string{"OFF": "INFO true", "off": "INFO true", "": "INFO false", "info": "INFO false", "Debug": "DEBUG false", "TRACE": "DEBUG false",
		"WARN": "WARN false", "ERROR": "ERROR false", "loud": "error"} {
		level, off, err := ParseLevel(text)
		got := fmt.Sprint(level, off)
		if err != nil {
			got = "error"
		}
		if got = strings.Replace(got, "INFOtrue", "INFO true", 1); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

// unpacked returns the text of the older files of a log.
func unpacked(t *testing.T, dir, pattern string) (texts []string) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) { // they are compressed later
		found, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		plain, _ := filepath.Glob(filepath.Join(dir, strings.TrimSuffix(pattern, ".gz")))
		if len(plain) > 0 && time.Now().Before(end) || len(found) == 0 && time.Now().Before(end) {
			continue
		}
		for _, name := range found {
			f, err := os.Open(name)
			if err != nil {
				t.Fatal(err)
			}
			z, err := gzip.NewReader(f)
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(z)
			f.Close()
			if err != nil {
				t.Fatal(err)
			}
			texts = append(texts, string(text))
		}
		return texts
	}
}

// C 8: the log begins anew each month, the access log each day, also when the server did not run at that time; older
// files are kept compressed.
func TestRotation(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made", "here")
	now := time.Date(2026, 5, 30, 12, 0, 0, 0, time.Local)
	files := func() *Files {
		f, err := Open(dir, "para", slog.LevelInfo, true)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range f.files {
			r.now = func() time.Time { return now }
			if info, err := os.Stat(r.file.Filename); err == nil && info.Size() == 0 {
				r.begun = now.Format(r.period)
			}
		}
		return f
	}
	f := files()
	log := slog.New(f.Log)
	write := func(text string) {
		t.Helper()
		log.Info(text)
		if _, err := io.WriteString(f.Access, text+"\n"); err != nil {
			t.Fatal(err)
		}
	}
	write("one")
	write("two")
	now = now.AddDate(0, 0, 1) // the last day of the month
	write("three")
	read := func(name string) string {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	if got := read("para-access.log"); got != "three\n" {
		t.Errorf("the access log of the second day: %q", got)
	}
	if got := unpacked(t, dir, "para-access-*.log.gz"); len(got) != 1 || got[0] != "one\ntwo\n" {
		t.Errorf("the access log of the first day: %q", got)
	}
	lines := regexp.MustCompile(`^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} \[INFO \] para - one\n.* para - two\n.* para - three\n$`)
	if got := read("para.log"); !lines.MatchString(got) {
		t.Errorf("the log: %q", got)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"para.log", "para-access.log"} { // as files of a server that was stopped
		if err := os.Chtimes(filepath.Join(dir, name), now, now); err != nil {
			t.Fatal(err)
		}
	}
	now = now.AddDate(0, 0, 2)
	f = files()
	log = slog.New(f.Log)
	write("four")
	if got := read("para.log"); !strings.HasSuffix(got, " para - four\n") || strings.Count(got, "\n") != 1 {
		t.Errorf("the log of the next month: %q", got)
	}
	if got := unpacked(t, dir, "para-2*.log.gz"); len(got) != 1 || !lines.MatchString(got[0]) {
		t.Errorf("the log of the month before: %q", got)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat(filepath.Join(dir, "para.log")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
}

func TestOpenFails(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range [][2]string{{filepath.Join(dir, "file"), "para"}, {dir, ""}, {dir, "../x"}, {dir, "a/b"}, {dir, ".."}} {
		if f, err := Open(tt[0], tt[1], slog.LevelInfo, true); err == nil {
			_ = f.Close()
			t.Errorf("%q are opened", tt)
		}
	}
}
