//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// older makes a call of the program by the name of the older tool.
func (p *place) older(args ...string) *exec.Cmd {
	c := p.command(args...)
	c.Args[0] = "/usr/local/bin/para-cli"
	return c
}

// K 2.3: what setup asks, on a terminal: the secret does not show, Ctrl-C changes nothing and is no failure, and a server
// without apps offers to make one.
func TestParaCLISetupOnATerminal(t *testing.T) {
	s := startServer(t)
	dir := t.TempDir()
	at := newPlace(t).with("XDG_CONFIG_HOME=" + dir)
	file := filepath.Join(dir, "para-cli-nodejs", "config.json")

	one := at.show(at.older("setup"))
	one.wait("Para Access Key [app:para]: ")
	before := one.state()
	one.write("\n")
	one.wait("Para Secret Key: ")
	for end := time.Now().Add(patience); one.state() == before && time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
	}
	one.write(testSecret[:9] + interruptKey)
	if code, got := one.exit(); code != 0 || !strings.Contains(got, "Setup cancelled.") || strings.Contains(got, testSecret[:9]) {
		t.Errorf("Ctrl-C: exit %d\n%s", code, got)
	}
	if _, err := os.Stat(file); err == nil || one.state() != before {
		t.Error("the cancelled setup left something behind")
	}

	two := at.show(at.older("ping")) // without keys: setup first, and failed
	two.wait("Please enter the access key and secret key for the root app 'app:para' first.")
	two.wait("Para Access Key [app:para]: ")
	two.write("\n")
	two.wait("Para Secret Key: ")
	two.write(testSecret + "\n")
	two.wait("Para Endpoint [https://paraio.com]: ")
	two.write(s.server.Address + "\n")
	code, got := two.exit()
	for _, text := range []string{"✔", "New JWT generated and saved in " + file, "Connected to Para server v1.54.8 on " + s.server.Address, "Found 1 apps on"} {
		if code != 1 || !strings.Contains(got, text) || strings.Contains(got, testSecret) {
			t.Fatalf("no %q, exit %d\n%s", text, code, got)
		}
	}
	if text := string(readFile(t, file)); !strings.HasPrefix(text, "{\n\t\"") || strings.HasSuffix(text, "\n") || !strings.Contains(text, `"secretKey": "`+testSecret+`"`) {
		t.Errorf("the file:\n%s", text)
	}

	three := at.show(at.older("delete-app", "none"))
	three.wait("Are you sure you want to delete app:none? ALL DATA FOR THAT APP WILL BE LOST! yes/No")
	three.write(interruptKey)
	if code, got := three.exit(); code != 0 || !strings.Contains(got, "Delete cancelled.") {
		t.Errorf("Ctrl-C: exit %d\n%s", code, got)
	}

	four := at.show(at.older("endpoints"))
	four.wait("Type the number of the Para endpoint to select")
	four.write("nonsense\n")
	if code, got := four.exit(); code != 0 || !strings.Contains(got, "Selected endpoint: "+s.server.Address) {
		t.Errorf("endpoints: exit %d\n%s", code, got)
	}
}

// K 2.2: an endpoint with a context path, with and without a slash at the end; an existing file with all its members.
func TestParaCLIContextPath(t *testing.T) {
	home := newPlace(t).with("para_root_secret_override=" + testSecret)
	s := home.serve("-Dpara.context_path=/deep/ctx")
	at := newPlace(t)
	dir := t.TempDir()
	at = at.with("XDG_CONFIG_HOME=" + dir)
	at.write("a.txt", "x < y & z")
	file := filepath.Join(dir, "para-cli-nodejs", "config.json")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, slash := range []string{"", "/"} {
		text := "{\n\t\"accessKey\": \"app:para\",\n\t\"secretKey\": \"\",\n\t\"endpoint\": \"https://paraio.com\",\n\t\"jwt\": \"\",\n\t\"endpoints\": [\n\t\t{\n\t\t\t\"accessKey\": \"app:para\",\n\t\t\t\"secretKey\": \"" +
			testSecret + "\",\n\t\t\t\"endpoint\": \"" + s.Address + slash + "\"\n\t\t}\n\t],\n\t\"selectedEndpoint\": 1\n}"
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		for _, line := range []string{"ping", "create a.txt", "search *", "types", "new-app x", "apps", "select x", "me", "select", "new-jwt"} {
			if o := at.old("", strings.Fields(line)...); o.code != 0 || o.err != "" {
				t.Fatalf("%s: exit %d\n%s%s", line, o.code, o.out, o.err)
			}
		}
		if o := at.old("", "read", "--id", "YS50eHQ="); !strings.Contains(o.out, `"text": "x < y & z"`) {
			t.Errorf("read: %s", o.out)
		}
		if o := at.old("", "export"); o.code != 0 {
			t.Fatal(o.err)
		}
		zips, err := filepath.Glob(at.path("*.zip"))
		if err != nil || len(zips) != 1 {
			t.Fatalf("%q %v", zips, err)
		}
		if o := at.old("", "import", filepath.Base(zips[0])); o.code != 0 || !strings.Contains(o.out, "✔ Imported ") {
			t.Fatalf("import: %s%s", o.out, o.err)
		}
		if err := os.Remove(zips[0]); err != nil { // the next one may have another name
			t.Fatal(err)
		}
	}
}
