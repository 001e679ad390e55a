//go:build unix

package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// C 8: log files in the folder that logs_dir names, none without it; requests stand in the access log, without what may be
// secret in them.
func TestLogFiles(t *testing.T) {
	main := regexp.MustCompile(`(?s)^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} \[(INFO |WARN )\] para - [^\n]+\n)+$`)
	access := regexp.MustCompile(`^(127\.0\.0\.1|::1) - - \[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] "GET /v1/_health HTTP/1\.1" 200 21\n(127\.0\.0\.1|::1) - - \[[^\]]+\] "GET /v1/x%22y HTTP/1\.1" 401 \d+\n$`)
	for _, tt := range []struct {
		name, env    string
		args         []string
		main, access string // files, "" for none
	}{
		{"definition", "", []string{"-Dpara.logs_dir=my/logs"}, "my/logs/para.log", "my/logs/para-access.log"},
		{"environment", "PARA_LOGS_DIR=logs", []string{"-Dpara.logs_name=node1", "-Dpara.file_logger_level=info"}, "logs/node1.log", "logs/node1-access.log"},
		{"only what matters", "", []string{"-Dpara.logs_dir=logs", "-Dpara.access_log_enabled=false", "-Dpara.file_logger_level=WARN"}, "logs/para.log", ""},
		{"off", "PARA_FILE_LOGGER_LEVEL=OFF", []string{"-Dpara.logs_dir=logs"}, "", ""},
		{"not asked for", "", nil, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			at := newPlace(t).with("para_root_secret_override=" + testSecret)
			if tt.env != "" {
				at = at.with(tt.env)
			}
			s := at.serve(append(tt.args, "-Dpara.unheard_of=1")...)
			s.get("/v1/_health?Authorization=Bearer+secret")
			s.get("/v1/x%22y?token=secret")
			s.stop()
			found, err := filepath.Glob(at.path("*.log"))
			if err != nil {
				t.Fatal(err)
			}
			for _, folder := range []string{"logs/*", "my/logs/*"} {
				more, err := filepath.Glob(at.path(folder))
				if err != nil {
					t.Fatal(err)
				}
				found = append(found, more...)
			}
			want := 0
			for _, name := range []string{tt.main, tt.access} {
				if name != "" {
					want++
				}
			}
			if len(found) != want {
				t.Errorf("files %q", found)
			}
			if strings.Contains(s.log.String(), "secret") && !strings.Contains(s.log.String(), "root_secret_override") {
				t.Errorf("the log shows a secret:\n%s", s.log)
			}
			if onlyHere := strings.Contains(s.log.String(), `"path":"/v1/_health"`); onlyHere != (tt.main == "") {
				t.Errorf("requests in the log: %v\n%s", onlyHere, s.log)
			}
			if tt.access != "" {
				if text := at.read(tt.access); !access.MatchString(text) {
					t.Errorf("%s:\n%s", tt.access, text)
				}
			}
			if tt.main == "" {
				return
			}
			text := at.read(tt.main)
			if !main.MatchString(text) || strings.Contains(text, testSecret) || !strings.Contains(text, "para.unheard_of") {
				t.Errorf("%s:\n%s", tt.main, text)
			}
			for _, line := range []string{"Started ParaServer in ", "--- Para.destroy() ---", "Created root app 'para', sharingTable = false, sharingIndex = false.",
				"Creating root app with the provided secret override...", "Loaded new DAO, Search and Cache implementations - H2DAO, LuceneSearch, CaffeineCache."} {
				if has := strings.Contains(text, line); has != (tt.name != "only what matters") {
					t.Errorf("%q in %s: %v\n%s", line, tt.main, has, text)
				}
			}
		})
	}
}

// Log files that cannot be written keep no server from running; a threshold that is none does.
func TestLogFilesThatFail(t *testing.T) {
	at := newPlace(t)
	at.write("file", "x")
	s := at.serve("-Dpara.logs_dir=file")
	s.get("/v1/_health")
	s.stop()
	if !strings.Contains(s.log.String(), "there are no log files in para.logs_dir") || !strings.Contains(s.log.String(), `"path":"/v1/_health"`) {
		t.Errorf("%s", s.log)
	}
	if o := at.run("", "serve", "--port", "0", "-Dpara.logs_dir=logs", "-Dpara.file_logger_level=loud"); o.code != exitFailed || !strings.Contains(o.err, `para.file_logger_level: "loud" is not one of: OFF, ERROR`) {
		t.Errorf("exit %d\n%s", o.code, o.err)
	}
	if _, err := os.Stat(at.path("logs")); err == nil {
		t.Error("a start that failed made the folder")
	}
	o := at.with("PIDFILE=no/such/folder.pid", "PID_FAIL_ON_WRITE_ERROR=true").run("", "serve", "--port", "0")
	if o.code != exitFailed || !strings.Contains(o.err, "write the process id") {
		t.Errorf("PID_FAIL_ON_WRITE_ERROR: exit %d\n%s", o.code, o.err)
	}
}
