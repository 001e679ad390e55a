//go:build unix

package main

import (
	"encoding/json"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// commands are all command lines without arguments: "serve", "settings get", …
func commands(c *cobra.Command, prefix []string) [][]string {
	var out [][]string
	for _, sub := range c.Commands() {
		if sub.Hidden {
			continue
		}
		path := append(append([]string{}, prefix...), sub.Name())
		out = append(append(out, path), commands(sub, path)...)
	}
	return out
}

// D124: --help never executes.
func TestHelpNeverExecutes(t *testing.T) {
	at := startServer(t)
	for _, path := range commands(newRoot(newTool(nil, io.Discard, io.Discard)), nil) {
		for _, flag := range []string{"--help", "-h"} {
			o := at.run("", append(path, flag)...)
			if o.code != 0 || o.err != "" || !strings.Contains(o.out, "Usage:\n  para "+path[0]) {
				t.Errorf("para %s %s: exit %d\n%s%s", strings.Join(path, " "), flag, o.code, o.out, o.err)
			}
		}
	}
	for _, line := range []string{"new-key --help", "delete-app para --yes --help", "new-app x --help", "export --help", "help new-key"} {
		if o := at.run("", strings.Fields(line)...); o.code != 0 {
			t.Errorf("%s: exit %d\n%s", line, o.code, o.err)
		}
	}
	if o := at.run("", "ping"); o.code != 0 {
		t.Errorf("the key was replaced: %s", o.err)
	}
	if left, err := os.ReadDir(at.dir); err != nil || len(left) > 0 {
		t.Errorf("help left %v", left)
	}
}

// What is printed where, and the exit codes (K 2.5).
func TestCalls(t *testing.T) {
	at := startServer(t)
	for i := range 3 {
		if o := at.run(`{"id":"t`+string(rune('1'+i))+`","type":"todo","name":"n"}`, "create", "-"); o.code != 0 {
			t.Fatal(o.err)
		}
	}
	at.write("file.txt", "x")
	at.write("no.zip", "x")
	for _, tt := range []struct {
		line     string
		code     int
		out, err string // what the streams contain; "" for nothing at all
	}{
		{"", 0, "Usage:\n  para [flags]\n  para [command]", ""},
		{"--version", 0, "para version 0", ""},
		{"version", 0, `"api": "1.54.8"`, ""},
		{"version --json", 0, `"revision": "`, ""},
		{"serch x", 2, "", `✖ unknown command "serch"; did you mean search? (para --help lists the commands)`},
		{"xyzzy", 2, "", `✖ unknown command "xyzzy" (para --help lists the commands)`},
		{"settings gte", 2, "", "✖ para settings needs no argument"},
		{"ping --bogus", 2, "", "✖ unknown flag: --bogus; para ping --help shows how it is called"},
		{"ping extra", 2, "", "✖ para ping needs no argument"},
		{"completion bash extra", 2, "", "✖ "},
		{"serve --port 70000", 2, "", "✖ --port 70000: a port is a number from 0 to 65535"},
		{"serve --port x", 2, "", `✖ invalid argument "x" for "--port"`},
		{"serve -D x", 2, "", "✖ -D x: write -D name=value"},
		{"serve extra", 2, "", "✖ para serve needs no argument"},
		{"search a b", 2, "", "put it into quotes"},
		{"search --page 2x", 2, "", "✖ --page 2x: write a number or all"},
		{"search --limit x", 2, "", "--limit"},
		{"create", 2, "", "✖ para create needs a file, folder or pattern"},
		{"create file.txt --encodeId maybe", 2, "", "✖ --encodeId maybe: write true or false"},
		{"create none.txt", 1, "", "✖ no file none.txt"},
		{"read", 2, "", "✖ must specify object id(s): --id ID"},
		{"read --id t1 --id t1", 0, `"id": "t1"`, ""},
		{"read t2 --id t1", 0, `"id": "t2"`, ""},
		{"read --id none", 3, "[]", "✖ not found: no object with id none"},
		{"read --id t1 --id none", 5, `"id": "t1"`, "✖ No object with id none."},
		{"search", 0, `"id": "t1"`, ""},
		{"search type:nothing", 0, "[]", ""},
		{"search --type todo --page all", 0, `"id": "t3"`, ""},
		{"search type:nothing --page all", 0, "[]", ""},
		{"search (", 1, "", "(400 Bad Request)"},
		{"search ( --page all", 1, "", "(400 Bad Request)"},
		{"types", 0, `"todos": "todo"`, ""},
		{"types --count", 0, `"todo": 3`, ""},
		{"me", 0, `"id": "app:para"`, ""},
		{"ping", 0, `"version": "1.54.8"`, "✔ Connected to Para server v1.54.8 on http://localhost:"},
		{"ping -q", 0, `"version": "1.54.8"`, ""},
		{"ping -v", 0, `"version"`, `msg="para request" method=GET path=/v1/_me status=200`},
		{"ping --secretKey wrong-secret", 4, "", "Invalid signature"},
		{"ping --access-key app:nobody", 3, "", "failed: App not found. (404 Not Found)"},
		{"ping --endpoint http://localhost:1", 1, "", "connection refused; is the server running?"},
		{"ping --endpoint localhost:8080", 2, "", `✖ invalid endpoint "localhost:8080"`},
		{"new-jwt --days 0", 2, "", "✖ --days 0: at least 1"},
		{"new-jwt --print", 0, "eyJ", ""},
		{"new-app", 2, "", "✖ para new-app needs the id of the app"},
		{"select nobody", 2, "", "run `para setup` with the keys of the root app"},
		{"delete-app nobody", 2, "", "Say --yes if that is meant."},
		{"delete-app nobody --yes", 3, "", "✖ failed to delete app: "},
		{"import no.zip", 1, "", "(400 Bad Request)"},
		{"import none.zip", 1, "", "no such file"},
		{"backup --app nobody x", 3, "", "✖ backup of app nobody: "},
	} {
		o := at.run("", strings.Fields(tt.line)...)
		if o.code != tt.code || !strings.Contains(o.out, tt.out) || !strings.Contains(o.err, tt.err) || (tt.out == "") != (o.out == "") || (tt.err == "") != (o.err == "") {
			t.Errorf("para %s: exit %d, want %d\nstdout %s\nstderr %s\nwanted %q and %q", tt.line, o.code, tt.code, o.out, o.err, tt.out, tt.err)
		}
		if strings.Contains(o.err+o.out, testSecret) {
			t.Errorf("para %s shows the secret", tt.line)
		}
		if strings.Contains(o.err+o.out, "\x1b") {
			t.Errorf("para %s colours what is no terminal", tt.line)
		}
	}
}

// Where the keys come from (K 2.2).
func TestCredentials(t *testing.T) {
	s := startServer(t)
	at := newPlace(t)
	if o := at.run("", "ping"); o.code != exitUsage || !strings.Contains(o.err, "run `para setup`") {
		t.Errorf("no keys: exit %d %s", o.code, o.err)
	}
	env := []string{"PARA_ENDPOINT=" + s.server.Address, "PARA_ACCESS_KEY=app:para", "PARA_SECRET_KEY=" + testSecret}
	homeless := at.with("HOME=", "XDG_CONFIG_HOME=")
	if o := homeless.with(env...).run("", "ping"); o.code != 0 {
		t.Errorf("the environment is enough without a home: %s", o.err)
	}
	if o := homeless.run("", "ping"); o.code != exitFailed || !strings.Contains(o.err, "set PARA_CONFIG to a file name") {
		t.Errorf("neither keys nor a home: exit %d %s", o.code, o.err)
	}
	file := homeless.with("PARA_CONFIG=" + at.path("c/own.json"))
	if o := file.with(env...).run("", "setup"); o.code != 0 || mode(t, at.path("c/own.json")) != "-rw-------" {
		t.Fatalf("setup from the environment: exit %d %s", o.code, o.err)
	}
	if o := file.run("", "ping"); o.code != 0 {
		t.Errorf("PARA_CONFIG: %s", o.err)
	}
	if o := file.with("PARA_SECRET_KEY=wrong-secret").run("", "ping"); o.code != exitDenied {
		t.Errorf("the environment wins over the file: exit %d %s", o.code, o.err)
	}
	if o := file.with("PARA_SECRET_KEY=wrong-secret").run("", "ping", "--secretKey", testSecret); o.code != 0 {
		t.Errorf("flags win over the environment: exit %d %s", o.code, o.err)
	}
	at.write("c/own.json", "{")
	if o := file.run("", "ping"); o.code != exitFailed || !strings.Contains(o.err, at.path("c/own.json")+" is not valid JSON") {
		t.Errorf("a broken file: exit %d %s", o.code, o.err)
	}
	// The file of the older tool counts while there is no own one; what it holds besides is kept.
	at.write("home/para-cli-nodejs/config.json", `{"accessKey":"app:para","secretKey":"`+testSecret+`","endpoint":"`+s.server.Address+`/","endpoints":[]}`)
	old := at.with("XDG_CONFIG_HOME=" + at.path("home"))
	if o := old.run("", "ping"); o.code != 0 {
		t.Errorf("the older tool's file: %s", o.err)
	}
	if o := old.run("", "new-jwt"); o.code != 0 || strings.Count(o.out, ".") != 2 {
		t.Errorf("new-jwt: %d %s", o.code, o.out)
	}
	if o := at.run("", "setup", "--endpoint", s.server.Address, "--accessKey", "app:para", "--secretKey", "wrong-secret"); o.code != exitDenied {
		t.Errorf("setup with a wrong secret: exit %d %s", o.code, o.err)
	}
	if o := at.run("", "ping"); o.code != exitUsage {
		t.Errorf("wrong keys were saved: exit %d %s", o.code, o.err)
	}
	if o := at.run("", "setup", "--secretKey", "x"); o.code != exitUsage || !strings.Contains(o.err, "invalid credentials") {
		t.Errorf("a short secret: exit %d %s", o.code, o.err)
	}
}

// A call that waits for the server ends with 130 when it is interrupted.
func TestInterrupted(t *testing.T) {
	hanging, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	defer hanging.Close()
	at := newPlace(t).with("PARA_ENDPOINT=http://"+hanging.Addr().String(), "PARA_ACCESS_KEY=app:para", "PARA_SECRET_KEY="+testSecret)
	s := at.start(at.command("ping"))
	conn, err := hanging.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	s.signal(os.Interrupt)
	if code := s.exit(); code != exitInterrupted || s.log.String() != "✖ Interrupted.\n" {
		t.Errorf("exit %d %s", code, s.log)
	}
}

// K 4.18, R1 to R7, with an empty home and the keys that the server left in the folder.
func TestScenarios(t *testing.T) {
	at := newPlace(t)
	s := at.serve()
	ok := func(line string, want ...string) outcome {
		t.Helper()
		o := at.shell(line)
		if o.code != 0 {
			t.Fatalf("%s: exit %d\n%s%s", line, o.code, o.out, o.err)
		}
		for _, w := range want {
			if !strings.Contains(o.out+o.err, w) {
				t.Errorf("%s: no %q in\n%s%s", line, w, o.out, o.err)
			}
		}
		return o
	}
	ok("para setup --endpoint "+s.Address, "✔ Connected to Para server v1.54.8", "Saved in") // R1
	ok("para ping", "Authenticated as: app para (app:para)")
	ok("para me", `"id": "app:para"`)
	ok("para types", `"sysprops": "sysprop"`)
	ok("para app-settings", "{}")

	var keys struct{ AccessKey, SecretKey string } // R2
	if err := json.Unmarshal([]byte(ok(`para new-app blog --name "My blog"`, "✔ App created:").out), &keys); err != nil || keys.AccessKey != "app:blog" || len(keys.SecretKey) != 56 {
		t.Errorf("new-app: %v %+v", err, keys)
	}
	ok(`para new-app blog`, `✔ App "blog" already exists.`)
	ok(`para apps`, `"id": "app:blog"`, `"name": "My blog"`)
	ok(`para select blog`, "✔ Selected app:blog as the current app.")
	ok(`para me`, `"id": "app:blog"`)

	at.write("README.md", "# Read me\n\nand more") // R3
	ok(`para create README.md --type doc`, `"id": "UkVBRE1FLm1k"`, `"name": "README.md"`, `"text": "# Read me and more"`)
	ok(`para search "*" --type doc`, `"UkVBRE1FLm1k"`)
	ok(`para delete --id UkVBRE1FLm1k`, "✔ Deleted objects UkVBRE1FLm1k from Para.")
	if o := at.run("", "read", "--id", "UkVBRE1FLm1k"); o.code != exitNotFound || o.out != "[]\n" {
		t.Errorf("after the deletion: exit %d %s", o.code, o.out)
	}

	var batch []string // R4
	for i := range 270 {
		batch = append(batch, `{"type":"doc","name":"`+strconv.Itoa(i)+`"}`)
	}
	at.write("docs.json", "["+strings.Join(batch, ",")+"]")
	ok(`para create docs.json`, "✔ Created 270 objects.")
	for _, line := range []string{`para search "*" --type doc --page all`, `para search "*" --type doc --page all --limit 5`} {
		if got := printed(t, ok(line)); len(got) != 270 {
			t.Errorf("%s: %d objects", line, len(got))
		}
	}

	ok(`para export -o blog.zip`, "✔ Exported ") // R5
	ok(`para delete --id "$(para search --type doc --limit 1 | sed -n 's/.*"id": "\(.*\)",/\1/p')"`)
	ok(`para import blog.zip`, `"appid": "blog"`)
	if got := printed(t, ok(`para search "*" --type doc --page all`)); len(got) != 270 {
		t.Errorf("after the import: %d objects", len(got))
	}

	ok(`para new-key`, "✔ New secret key generated and saved in ") // R6: of the selected app
	ok(`para ping`, "(app:blog)")
	ok(`para select`, "✔ Selected app:para as the current app.")
	ok(`para new-key`, "saved in ")
	ok(`para ping`, "(app:para)")
	if saved := twoKeys.FindStringSubmatch(at.read("para-application.conf")); saved == nil || !accepts(t, s, saved[1]) { // D91
		t.Errorf("the server's file does not have the new key:\n%s", at.read("para-application.conf"))
	}
	o := at.with("PARA_ACCESS_KEY=app:blog", "PARA_SECRET_KEY="+keys.SecretKey).run("", "new-key")
	if o.code != exitDenied {
		t.Errorf("the old key still works: exit %d %s", o.code, o.out)
	}

	ok(`para select blog`)
	ok(`PARA_SECRET_KEY= para delete-app blog --yes`, "✔ App app:blog was deleted!") // R7: as the app itself
	ok(`para ping`, "(app:para)")
	if o := ok(`para apps`); strings.Contains(o.out, "app:blog") {
		t.Errorf("the app is still there: %s", o.out)
	}
}

func TestCompletion(t *testing.T) {
	at := newPlace(t)
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		o := at.run("", "completion", shell)
		if o.code != 0 || o.err != "" || !strings.Contains(o.out, "__complete") || !strings.Contains(o.out, "para") {
			t.Errorf("%s: exit %d\n%s", shell, o.code, o.err)
		}
	}
	if o := at.shell("para completion bash | bash -n"); o.code != 0 {
		t.Errorf("bash does not read its completion: %s", o.err)
	}
	for line, want := range map[string]string{"se": "search", "serve --con": "--config", "settings ": "unset", "create --enc": "--encodeId"} {
		if o := at.run("", append([]string{"__complete"}, strings.Split(line, " ")...)...); o.code != 0 || !strings.Contains("\n"+o.out, "\n"+want+"\t") {
			t.Errorf("%q: exit %d, no %q in\n%s", line, o.code, want, o.out)
		}
	}
}
