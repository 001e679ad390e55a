//go:build unix

package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var wantedExit = regexp.MustCompile(`# exit (\d+)$`)

// examples are the lines of the shell blocks of a document.
func examples(t *testing.T, file, fence string) []string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for i, block := range strings.Split(string(text), "\n```") {
		if inside := i%2 == 1; !inside {
			continue
		}
		if language, lines, _ := strings.Cut(block, "\n"); language == fence {
			out = append(out, strings.Split(lines, "\n")...)
		}
	}
	return out
}

// runExamples runs lines in a new folder with an empty home, and a server on a port that the folder's file names.
func runExamples(t *testing.T, lines []string) {
	at := newPlace(t)
	probe, err := net.Listen("tcp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	at.write("para-application.conf", fmt.Sprintf("para.port = %d\n", probe.Addr().(*net.TCPAddr).Port))
	probe.Close()
	for _, line := range lines {
		if arguments, ok := strings.CutPrefix(line, "para serve"); ok {
			at.launch(append([]string{"serve"}, strings.Fields(arguments)...)...)
			continue
		}
		want := 0
		if m := wantedExit.FindStringSubmatch(line); m != nil {
			want, _ = strconv.Atoi(m[1])
		}
		if o := at.shell(line); o.code != want {
			t.Errorf("%s: exit %d, want %d\n%s%s", line, o.code, want, o.out, o.err)
		}
	}
}

// Every example of the page runs, and every command has one.
func TestExamplesOfThePage(t *testing.T) {
	lines := examples(t, "../../docs/cli.md", "sh")
	runExamples(t, lines)
	all := "\n" + strings.ReplaceAll(strings.Join(lines, "\n"), "| para", "\npara") + "\n"
	for _, path := range commands(newRoot(newTool(nil, io.Discard, io.Discard)), nil) {
		switch name := strings.Join(path, " "); name {
		case "help", "completion", "auth", "constraints", "keys", "permissions", "settings", "users": // they only group others
		default:
			if !regexp.MustCompile(`\npara ` + regexp.QuoteMeta(name) + `[ \n]`).MatchString(all) {
				t.Errorf("docs/cli.md has no example of para %s", name)
			}
		}
	}
}

// The quick start of the README works as it stands.
func TestQuickStart(t *testing.T) {
	var lines []string
	for _, line := range examples(t, "../../README.md", "") {
		if strings.HasPrefix(line, "para ") && !strings.Contains(line, " = ") || strings.HasPrefix(line, "echo ") {
			lines = append(lines, line)
		}
	}
	if len(lines) < 7 {
		t.Fatalf("the README has only %q", lines)
	}
	runExamples(t, append([]string{"para serve --data ./data"}, lines...))
}
