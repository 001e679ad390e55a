package golden

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/erudika/para-go/internal/servertest"
)

// recording is a line of index.tsv: a file, the part of the work it belongs to, and whether it needs a server of its own.
type recording struct {
	file, part string
	alone      bool
}

func recordings(t *testing.T) []recording {
	t.Helper()
	text, err := os.ReadFile("testdata/index.tsv")
	if err != nil {
		t.Fatal(err)
	}
	var out []recording
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		f := strings.Split(line, "\t")
		out = append(out, recording{file: f[0], part: f[1], alone: len(f) > 2 && f[2] == "alone"})
	}
	return out
}

// parts are those whose recordings are replayed.
var parts = map[string]bool{"runs": true, "objects": true, "search": true, "identity": true}

// waiting are steps of replayed files that need a route of a later part. They must differ: a step that is answered as
// recorded has to be taken off this list.
var waiting = map[string][]string{
	"transport.json":     {"forms need a multipart type", "GET on _emails"},
	"ignored-paths.json": {"forms without parts"},
	"validation.json":    {"email without recipients", "email, unknown member", "email, nothing", "email, bad address", "email"},
}

// decided are steps whose expected answer contradicts the decision that it names, or one that it overlooks; the decision
// wins. They must differ too.
var decided = map[string][]string{
	"tokens.json": {
		"iat in the future, other claims", // a number as jti makes the token unreadable (D61)
		"subject is a number",             // a number as sub counts as its text, which names no user (D61)
	},
	"votes.json": {
		"list of votes of a post", // a refused vote leaves no record (D37)
	},
	"permission-checks.json": {
		"guest: GET pubs/1", "u1: GET todos/1", // the grant registered the type, so its plural is known (D26, D76)
		"u1: GET _types", "u1: GET app/app:gchecks", "adm: GET _types", // reserved words are no types (D26)
	},
}

// start runs a server on a free port with its data in a folder of the test.
func start(t *testing.T, config []string) string {
	t.Helper()
	s := servertest.Start(t, append([]string{`para.app_name = "Para"`}, config...)...)
	return strings.TrimPrefix(s.URL, "http://")
}

func TestRecordings(t *testing.T) {
	shared := start(t, nil)
	for _, r := range recordings(t) {
		if !parts[r.part] {
			continue
		}
		t.Run(r.file, func(t *testing.T) {
			f, err := Read(filepath.Join("testdata", r.file))
			if err != nil {
				t.Fatal(err)
			}
			addr := shared
			if r.alone || len(f.Config) > 0 {
				addr = start(t, f.Config)
			}
			replay(t, addr, f, slices.Concat(waiting[r.file], decided[r.file]))
		})
	}
}

func replay(t *testing.T, addr string, f *File, wait []string) {
	c := NewClient(addr, servertest.RootSecret)
	defer c.Close()
	differences, err := c.Replay(f)
	if err != nil {
		t.Fatal(err)
	}
	waits := map[string]bool{}
	for _, name := range wait {
		waits[name] = true
	}
	for _, d := range differences {
		if waits[d.Step.Name] {
			delete(waits, d.Step.Name)
			continue
		}
		t.Error(d)
	}
	for name := range waits {
		t.Errorf("step %q is answered as recorded: take it off the list", name)
	}
}
