package config

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

var rootKeys = []KeyValue{{"para.root_access_key", "app:para"}, {"para.root_secret_key", "s/e+c==$1"}}

const lines = "\npara.root_access_key = \"app:para\"\npara.root_secret_key = \"s/e+c==$1\""

// C 5.2, D88; the forms of the file that the Java server writes.
func TestSetKeys(t *testing.T) {
	tests := []struct{ name, before, after string }{
		{"f.conf", "", lines},
		{"f.conf", "para.port = 1", "para.port = 1" + lines},
		{"f.conf", "para.port = 1\n", "para.port = 1\n" + lines},
		{"f.conf", "para.root_access_key = \"x\" # mine\n  para.root_secret_key=old\npara.port=1\n",
			"para.root_access_key = \"app:para\" # mine\n  para.root_secret_key = \"s/e+c==$1\"\npara.port=1\n"},
		{"f.conf", "para.root_secret_key : \"a\\\"b\", para.port = 1", "para.root_secret_key = \"s/e+c==$1\", para.port = 1\npara.root_access_key = \"app:para\""},
		{"f.conf", "# para.root_secret_key = \"\"\n", "# para.root_secret_key = \"\"\n" + lines},
		{"f.conf", "para { root_secret_key = old }", "para { root_secret_key = old }" + lines},
		{"f.conf", "para.root_secret_key = \"\"\"old\"\"\"", "para.root_secret_key = \"\"\"old\"\"\"" + lines},
		{"f.conf", "{ para { a = ${X} } }", "{ para { a = ${X} } \npara.root_access_key = \"app:para\"\n\npara.root_secret_key = \"s/e+c==$1\"\n}"},
		{"f.conf", "include required(file(\"x.conf\"))\npara.a = ${?Y}${X}", "include required(file(\"x.conf\"))\npara.a = ${?Y}${X}" + lines},
		{"f.json", "", "{\"para\": {\"root_secret_key\": \"s/e+c==$1\", \"root_access_key\": \"app:para\"}}\n"},
		{"f.json", "{\n  \"para\": {\n    \"port\": 1\n  }\n}\n",
			"{\n  \"para\": {\n    \"root_secret_key\": \"s/e+c==$1\",\n    \"root_access_key\": \"app:para\",\n    \"port\": 1\n  }\n}\n"},
		{"f.json", `{"x":[1,2],"para":{"root_secret_key" : "old","root_access_key":5}}`, `{"x":[1,2],"para":{"root_secret_key" : "s/e+c==$1","root_access_key":"app:para"}}`},
		{"f.json", `{"x": 1}`, `{"para": {"root_secret_key": "s/e+c==$1", "root_access_key": "app:para"}, "x": 1}`},
		{"f.properties", "", "para.root_access_key=app:para\npara.root_secret_key=s/e+c==$1\n"},
		{"f.properties", "para.port=1", "para.port=1\npara.root_access_key=app:para\npara.root_secret_key=s/e+c==$1\n"},
		{"f.properties", "para.root_secret_key : old \\\n  more\npara.root_access_key\n#x\n", "para.root_secret_key=s/e+c==$1\npara.root_access_key=app:para\n#x\n"},
	}
	for _, tt := range tests {
		dir := t.TempDir()
		file := write(t, dir, tt.name, tt.before)
		changed, err := SetKeys(file, rootKeys)
		if err != nil || !changed {
			t.Errorf("%q: %v %v", tt.before, changed, err)
			continue
		}
		if got := read(t, file); got != tt.after {
			t.Errorf("%q:\n got %q\nwant %q", tt.before, got, tt.after)
		}
		write(t, dir, "x.conf", "")
		c, err := Load(context.Background(), Sources{WorkDir: dir, File: tt.name, Environ: []string{"X=1"}})
		if err != nil {
			t.Errorf("%q: %v", tt.before, err)
		} else if c.String("root_access_key") != "app:para" || c.String("root_secret_key") != "s/e+c==$1" {
			t.Errorf("%q reads back %q %q", tt.before, c.String("root_access_key"), c.String("root_secret_key"))
		}
		if changed, err := SetKeys(file, rootKeys); changed || err != nil {
			t.Errorf("%q: written again: %v %v", tt.before, changed, err)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, ".para-*")); len(left) != 0 {
			t.Errorf("left behind %q", left)
		}
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestSetKeysEscapes(t *testing.T) {
	value := "a\"b\\c$0\n\t=: é"
	for _, name := range []string{"f.conf", "f.json", "f.properties"} {
		file := filepath.Join(t.TempDir(), name)
		for range 2 { // new, then replaced
			if _, err := SetKeys(file, []KeyValue{{"para.root_secret_key", value + "1"}}); err != nil {
				t.Fatal(err)
			}
			value += "2"
		}
		c, err := Load(context.Background(), Sources{File: file})
		if err != nil {
			t.Fatal(err)
		}
		if got := c.String("root_secret_key"); got != strings.TrimSuffix(value, "2")+"1" {
			t.Errorf("%s: %q\n%s", name, got, read(t, file))
		}
		value = "a\"b\\c$0\n\t=: é"
	}
}

func TestSetKeysMode(t *testing.T) {
	if runtime.GOOS == "windows" {
		return
	}
	dir := t.TempDir()
	fresh := filepath.Join(dir, "new.conf")
	old := write(t, dir, "old.conf", "a = 1")
	if err := os.Chmod(old, 0o640); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link.conf")
	if err := os.Symlink(old, link); err != nil {
		t.Fatal(err)
	}
	for file, mode := range map[string]os.FileMode{fresh: 0o600, link: 0o640} {
		if _, err := SetKeys(file, rootKeys); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: mode %v %v", file, info.Mode(), err)
		}
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 || read(t, old) != "a = 1"+lines {
		t.Error("the link was replaced")
	}
}

func TestSetKeysErrors(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"a.conf": "para { x", "b.json": "{\"a\": 1,}", "c.json": "[]", "d.json": `{"para": 5}`, "e.properties": "a=\\u12"} {
		file := write(t, dir, name, text)
		if changed, err := SetKeys(file, rootKeys); err == nil || changed || read(t, file) != text {
			t.Errorf("%s: changed %v, error %v, now %q", name, changed, err, read(t, file))
		} else if strings.Contains(err.Error(), "s/e+c") {
			t.Errorf("%s: secret in %q", name, err)
		}
	}
	for _, file := range []string{dir, filepath.Join(dir, "none", "f.conf")} {
		if _, err := SetKeys(file, rootKeys); err == nil {
			t.Errorf("%s: no error", file)
		}
	}
	if runtime.GOOS == "linux" { // a folder in which not even root can make a file
		if _, err := SetKeys("/proc/para.conf", rootKeys); err == nil {
			t.Error("wrote into /proc")
		}
	}
	if os.Geteuid() > 0 {
		locked := write(t, dir, "locked.conf", "a = 1")
		if err := os.Chmod(locked, 0o400); err != nil {
			t.Fatal(err)
		}
		if _, err := SetKeys(locked, rootKeys); err == nil || read(t, locked) != "a = 1" {
			t.Errorf("a file without write permission was replaced: %v", err)
		}
	}
}

// A file that is mounted by itself cannot be replaced, nor can one in a folder without write permission.
func TestReplaceInPlace(t *testing.T) {
	dir := t.TempDir()
	file := write(t, dir, "f.conf", "a rather long old text")
	busy := func(string, string) error { return errors.New("device or resource busy") }
	if err := replaceFile(file, []byte("new"), busy); err != nil || read(t, file) != "new" {
		t.Errorf("%v %q", err, read(t, file))
	}
	if err := replaceFile(filepath.Join(dir, "new.conf"), []byte("new"), busy); err == nil {
		t.Error("a new file needs a rename")
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".para-*")); len(left) != 0 {
		t.Errorf("left behind %q", left)
	}
	if os.Geteuid() > 0 && runtime.GOOS != "windows" {
		if err := os.Chmod(dir, 0o500); err != nil {
			t.Fatal(err)
		}
		defer os.Chmod(dir, 0o700)
		if err := replaceFile(file, []byte("newer"), os.Rename); err != nil || read(t, file) != "newer" {
			t.Errorf("read-only folder: %v %q", err, read(t, file))
		}
	}
}

// FuzzSetKeys: whatever the file holds, either it is left alone or the keys can be read back.
func FuzzSetKeys(f *testing.F) {
	for _, s := range []string{"", "para.port = 1", "{ para { a = 1 } }", "para.root_secret_key = \"x\"", `{"para":{"root_secret_key":1}}`, "para.root_secret_key=a\\\nb\n", "para { root_secret_key = a }", "\ufeff{}"} {
		for kind := range 3 {
			f.Add(s, "v\"\\", kind)
		}
	}
	f.Fuzz(func(t *testing.T, text, value string, kind int) {
		if value == "" || strings.ToValidUTF8(value, "") != value {
			return
		}
		name := []string{"f.conf", "f.json", "f.properties"}[uint(kind)%3]
		edited, err := setKeys(name, []byte(text), []KeyValue{{"para.root_secret_key", value}})
		if err != nil {
			return
		}
		if got := readKey(name, edited, "para.root_secret_key"); got != value {
			t.Fatalf("%q became %q, which says %q instead of %q", text, edited, got, value)
		}
	})
}
