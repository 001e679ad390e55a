//go:build unix

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// old calls the program by the name of the older tool.
func (p *place) old(in string, args ...string) outcome {
	p.t.Helper()
	c := p.command(args...)
	c.Args[0] = "/usr/local/bin/para-cli"
	return p.finish(c, in)
}

// setUp is a place where para-cli was set up with the keys of the root app, and the file of its configuration.
func setUp(t *testing.T) (at *place, s connected, config string) {
	t.Helper()
	s = startServer(t)
	at = newPlace(t)
	dir := t.TempDir()
	at = at.with("XDG_CONFIG_HOME=" + dir)
	o := at.old("app:para\n"+testSecret+"\n"+s.server.Address+"\n", "setup")
	if o.code != 0 || o.err != "" || !strings.Contains(o.out, "✔ New JWT generated and saved in ") ||
		!strings.Contains(o.out, "✔ Connected to Para server v1.54.8 on "+s.server.Address+". Authenticated as: app ") ||
		!strings.Contains(o.out, "Found 1 apps on "+s.server.Address+":\n [para]\n") {
		t.Fatalf("exit %d\n%s%s", o.code, o.out, o.err)
	}
	return at, s, filepath.Join(dir, "para-cli-nodejs", "config.json")
}

func readFile(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// K 2.1, K 2.2: what is said without keys, of the program itself, and of wrong calls.
func TestParaCLICalls(t *testing.T) {
	empty := newPlace(t)
	empty = empty.with("XDG_CONFIG_HOME=" + empty.path("config"))
	at, _, _ := setUp(t)
	for _, tt := range []struct {
		at       *place
		line     string
		code     int
		out, err string
	}{
		{empty, "", 0, "Command-line tool for Para backend servers", ""},
		{empty, "--help", 0, "new-jwt", ""},
		{empty, "-h", 0, "new-jwt", ""},
		{empty, "new-key --help", 0, "new-jwt", ""},
		{empty, "--version", 0, "0.", ""},
		{empty, "ping", 1, "Please enter the access key and secret key for the root app 'app:para' first.", "Command ping failed! Blank credentials, running setup first..."},
		{empty, "setup", 0, "Setup cancelled.", ""},
		{empty, "xyzzy", 1, "Please enter", "Command xyzzy failed!"},
		{at, "xyzzy", 0, "", ""},
		{at, "ping", 0, "✔ Connected to Para server v1.54.8 on http://", ""},
		{at, "ping --secretKey wrong-secret", 1, "", `✖ Connection failed. Run "para-cli setup" or check the configuration file `},
		{at, "me --endpoint http://localhost:1", 1, "", "✖ Connection failed. Server might be down. Check the configuration file "},
		{at, "app-settings --secretKey=wrong-secret", 1, "", "✖ Connection failed. Check the configuration file "},
		{at, "me --endpoint x:y", 1, "", "✖ Invalid Para endpoint: "},
		{at, "me", 0, `"appIdentifier": "para"`, ""},
		{at, "types", 0, "{", ""},
		{at, "app-settings", 0, "{}", ""},
		{at, "rebuild-index", 0, `"reindexed": `, ""},
		{at, "read", 1, "", "✖ Must specify object id(s)."},
		{at, "read --id none", 0, "[]", ""},
		{at, "create", 1, "", "✖ No files specified."},
		{at, "create none.txt", 0, "✔ Created 0 objects with a total size of 0 KB.", ""},
		{at, "create none/*.txt", 0, "✔ Created 0 objects with a total size of 0 KB.", ""},
		{at, "delete", 1, "", "✖ No files specified."},
		{at, "delete none*", 1, "", "✖ No files specified."},
		{at, "search (", 1, "", "✖ Search failed. "},
		{at, "new-app", 1, "", "✖ App name not specified."},
		{at, "new-app para", 0, `✔ App "para" already exists.`, ""},
		{at, "delete-app", 1, "", "✖ App id not specified."},
		{at, "delete-app none", 0, "Delete cancelled.", ""},
		{at, "select none", 1, "", "✖ App none not found!"},
		{at, "import", 1, "", "✖ No file to import."},
		{at, "import none.zip", 1, "", "✖ Import request failed: "},
		{at, "new-jwt --secretKey short", 1, "", "✖ Invalid credentials."},
		{at, "new-jwt --print", 0, "eyJ", ""},
	} {
		o := tt.at.old("", strings.Fields(tt.line)...)
		if o.code != tt.code || !strings.Contains(o.out, tt.out) || !strings.Contains(o.err, tt.err) || tt.out == "" && o.out != "" || tt.err == "" && o.err != "" {
			t.Errorf("para-cli %s: exit %d\n%s%s", tt.line, o.code, o.out, o.err)
		}
	}
}

// K 2.3, K 2.4: objects go in, come out and go away again.
func TestParaCLIObjects(t *testing.T) {
	at, _, _ := setUp(t)
	at.write("a.md", "one <b>two</b>\n\nthree")
	at.write("sub/page.html", `<html><head><meta property="og:title" content="T"><meta property="og:url" content="https://e.com/x"></head><body>words<script>no</script></body></html>`)
	at.write("x1.json", `{"id":"x1","type":"note","name":"N","n":5}`)
	at.write("pic.png", "png")
	o := at.old("", "create", ".", "--type", "my type!", "--sanitize")
	for _, text := range []string{"✔ Creating a.md\n", "✔ Created 3 objects with a total size of 0 KB.\n", "✔ Created 3 objects.\n"} {
		if o.code != 0 || !strings.Contains(o.out, text) || o.err != "✖ Skipping pic.png - isn't JSON, HTML nor text.\n" {
			t.Fatalf("exit %d\n%s%s", o.code, o.out, o.err)
		}
	}
	read := func(args ...string) []map[string]any {
		t.Helper()
		o := at.old("", args...)
		var list []map[string]any
		if err := json.Unmarshal([]byte(o.out), &list); err != nil || o.code != 0 || !strings.HasPrefix(o.out, "[\n  {\n    \"") {
			t.Fatalf("%v: exit %d, %v\n%s%s", args, o.code, err, o.out, o.err)
		}
		return list
	}
	got := read("read", "--id", "YS5tZA==", "--id", "x1", "--id", "aHR0cHM6Ly9lLmNvbS94")
	if len(got) != 3 || got[0]["text"] != "one two three" || got[0]["type"] != "my-type-" || got[0]["name"] != "a.md" || got[0]["stored"] != true || got[0]["version"] == nil ||
		got[1]["type"] != "note" || got[2]["name"] != "T" || got[2]["text"] != "words" {
		t.Errorf("read %v", got)
	}
	at.write("x1.json", `{"id":"x1","type":"note","n":6}`)
	if o := at.old("", "update", "*.json"); o.code != 0 || o.out != "✔ Updating x1\n✔ Updated 1 files.\n" {
		t.Errorf("update: exit %d\n%s%s", o.code, o.out, o.err)
	}
	if o := at.old("", "update", "a.md"); o.err != "✖ a.md skipped because it is not a JSON file\n" {
		t.Errorf("update of a text: exit %d\n%s%s", o.code, o.out, o.err)
	}
	if got := read("search", "properties.n:6", "--type", "note", "--limit", "1", "--sort", "properties.n", "--desc", "false"); len(got) != 1 || got[0]["name"] != "N" {
		t.Errorf("search found %v", got)
	}
	if got := read("search", "*", "--type", "my type!", "--page", "all"); len(got) != 2 {
		t.Errorf("search of all found %v", got)
	}
	if o := at.old("", "export"); o.code != 0 || !strings.HasPrefix(o.out, "✔ Exported 0") || !strings.Contains(o.out, "MB of data to file para") {
		t.Errorf("export: exit %d\n%s%s", o.code, o.out, o.err)
	}
	if o := at.old("", "delete", "a.md"); o.code != 0 || o.out != "✔ Deleted objects \" [ 'YS5tZA==' ] \" from Para.\n" {
		t.Errorf("delete: exit %d\n%s%s", o.code, o.out, o.err)
	}
	if o := at.old("", "delete", "--id", "x1", "--id", "aHR0cHM6Ly9lLmNvbS94"); o.code != 0 || o.out != "✔ Deleted objects \" [ 'x1', 'aHR0cHM6Ly9lLmNvbS94' ] \" from Para.\n" {
		t.Errorf("delete: exit %d\n%s%s", o.code, o.out, o.err)
	}
	if o := at.old("", "read", "--id", "x1", "--id", "YS5tZA=="); o.out != "[]\n" {
		t.Errorf("deleted objects: %s", o.out)
	}
	zips := at.shell("ls *.zip").out
	if o := at.old("", "import", strings.TrimSpace(zips)); o.code != 0 || !strings.Contains(o.out, ` object into app "para"`) {
		t.Errorf("import: exit %d\n%s%s", o.code, o.out, o.err)
	}
	if got := read("read", "--id", "x1", "--id", "YS5tZA=="); len(got) != 2 {
		t.Errorf("imported: %v", got)
	}
}

// K 2.2, K 2.3, D124: apps, endpoints, keys and tokens, and where they are kept.
func TestParaCLIKeys(t *testing.T) {
	at, s, file := setUp(t)
	config := func() (c struct {
		AccessKey, SecretKey, Endpoint, JWT, Other string
		SelectedEndpoint                           int
		SelectedApp                                *paraCLIKeys
		Endpoints                                  []paraCLIKeys
	}) {
		t.Helper()
		if err := json.Unmarshal(readFile(t, file), &c); err != nil {
			t.Fatal(err)
		}
		return c
	}
	run := func(in string, line string, out string) {
		t.Helper()
		if o := at.old(in, strings.Fields(line)...); o.code != 0 || !strings.Contains(o.out, out) || o.err != "" {
			t.Fatalf("para-cli %s: exit %d\n%s%s", line, o.code, o.out, o.err)
		}
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	run("", "new-app scoold --name Scoold --shared", `"secretKey": "`)
	run("", "apps", "Found 2 apps on ")
	run("", "select scoold", "✔ Selected app:scoold as the current app.\n")
	run("", "me", `"id": "app:scoold"`)
	before := config()
	run("", "new-key", "✔ New secret key generated and saved in ")
	if after := config(); after.SecretKey != testSecret || after.SelectedApp == nil || after.SelectedApp.SecretKey == before.SelectedApp.SecretKey {
		t.Errorf("after new-key: %+v", after)
	}
	run("", "me", `"id": "app:scoold"`)
	run("", "apps", "Current app: app:scoold")
	run("", "new-jwt", "✔ New JWT generated and saved in ")
	if after := config(); after.JWT == before.JWT || after.SecretKey != testSecret {
		t.Errorf("after new-jwt: %+v", after)
	}
	run("no\n", "delete-app scoold", "Delete cancelled.")
	run("", "select", "✔ Selected app:para as the current app.\n")
	run("", "me", `"id": "app:para"`)
	run("", "select scoold", "")
	run("yes\n", "delete-app scoold", "✔ App app:scoold was deleted!\n")
	run("", "me", `"id": "app:para"`)

	// A member that is not known here is kept.
	text := strings.Replace(string(readFile(t, file)), "{", `{"other":"kept",`, 1)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	home := newPlace(t)
	other := home.serve()
	secret := twoKeys.FindStringSubmatch(home.read("para-application.conf"))[1]
	run(other.Address+"\n"+secret+"\n", "endpoints add", "✔ Connected to Para server")
	run("2\n", "endpoints", " ➤ 1. "+s.server.Address+" ✔ root app configured\n   2. "+other.Address+" ✔ root app configured\n")
	run("", "ping", " on "+other.Address)
	run("", "new-key", "✔ New secret key")
	if c := config(); c.SelectedEndpoint != 1 || c.Endpoints[0].SecretKey == secret || c.SecretKey != testSecret || c.Other != "kept" {
		t.Errorf("after new-key of the second endpoint: %+v", c)
	}
	run("", "ping", " on "+other.Address)
	run("", "ping --secretKey "+testSecret+" --endpoint "+s.server.Address, " on "+s.server.Address) // flags win over the selection
	kept := config()
	run("", "new-jwt", "✔ New JWT")
	if c := config(); c.JWT == kept.JWT || c.SecretKey != testSecret || c.Endpoint != s.server.Address || !slices.Equal(c.Endpoints, kept.Endpoints) {
		t.Errorf("after new-jwt of the second endpoint: %+v", c)
	}
	if o := at.old("x\n", "endpoints", "remove"); o.code != 1 || !strings.Contains(o.err, "✖ No endpoint has that number.") {
		t.Errorf("exit %d\n%s%s", o.code, o.out, o.err)
	}
	run("2\n", "endpoints remove", "Removed endpoint: "+other.Address+"\n")
	run("", "ping", " on "+s.server.Address)
	if o := at.old("nonsense\n", "endpoints", "add"); o.code != 1 || !strings.Contains(o.err, "✖ Endpoint must be a valid URL.") {
		t.Errorf("exit %d\n%s%s", o.code, o.out, o.err)
	}
}

// K 2.1: both spellings of flags, values with and without an equals sign, and switches that take no word.
func TestSplitParaCLI(t *testing.T) {
	for line, want := range map[string]string{
		"create --sanitize a.md":         `["create","a.md"] {"sanitize":["true"]}`,
		"create --sanitize false a.md":   `["create","a.md"] {"sanitize":["false"]}`,
		"ping --access-key app:x":        `["ping"] {"accessKey":["app:x"]}`,
		"ping --accessKey=app:x=":        `["ping"] {"accessKey":["app:x="]}`,
		"read --id 1 --id=2":             `["read"] {"id":["1","2"]}`,
		"search x --desc --limit 10":     `["search","x"] {"desc":["true"],"limit":["10"]}`,
		"search -- --x":                  `["search","--x"] {}`,
		"new-app a b --name My --shared": `["new-app","a","b"] {"name":["My"],"shared":["true"]}`,
	} {
		words, flags := splitParaCLI(strings.Fields(line))
		w, _ := json.Marshal(words)
		f, _ := json.Marshal(flags)
		if got := string(w) + " " + string(f); got != want {
			t.Errorf("%s: %s, want %s", line, got, want)
		}
	}
}
