package main

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
)

func b64(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

// printed reads the objects that a command printed.
func printed(t *testing.T, o outcome) map[string]map[string]any {
	t.Helper()
	var list []map[string]any
	if o.out != "" {
		if err := json.Unmarshal([]byte(o.out), &list); err != nil {
			t.Fatalf("%v\n%s\n%s", err, o.out, o.err)
		}
	}
	out := map[string]map[string]any{}
	for _, m := range list {
		out[m["id"].(string)] = m
	}
	return out
}

func ids(t *testing.T, o outcome) string {
	t.Helper()
	return strings.Join(slices.Sorted(maps.Keys(printed(t, o))), " ")
}

// K 2.4: ids of files.
func TestIDsOfFiles(t *testing.T) {
	at := startServer(t)
	for file, want := range map[string]string{"a.md": "YS5tZA==", "sub/e.txt": "c3ViL2UudHh0", "тест.md": "0YLQtdGB0YIubWQ="} {
		at.write(file, "text")
		got := printed(t, at.run("", "create", file))
		if o := got[want]; o == nil || o["name"] != file || o["text"] != "text" || o["type"] != "sysprop" {
			t.Errorf("%s: %v", file, got)
		}
	}
	at.write("x", "text")
	at.write("y.md", "text")
	at.write("own.json", `{"id":"own", "name":"N"}`)
	at.write("page.html", `<meta property="og:url" content="https://e.com/x">`)
	for _, tt := range []struct{ args, want string }{
		{"x --id foo?/>>", "Zm9vPy8+Pg=="},
		{"page.html", "aHR0cHM6Ly9lLmNvbS94"},
		{"page.html --id p --encodeId false", "p"},
		{"./x --encodeId false", "x"},
		{at.path("x") + " --encode-id=false", "x"},
		{"sub/e.txt --cwd sub --encodeId FALSE", "e.txt"},
		{"own.json --id other", "own"}, // what the file says wins
		{"y.md x --id 1 --id 2 --encodeId false", "1 2"},
	} {
		if got := ids(t, at.run("", append([]string{"create"}, strings.Fields(tt.args)...)...)); got != tt.want {
			t.Errorf("create %s: %q, want %q", tt.args, got, tt.want)
		}
	}
	got := printed(t, at.run("", "create", "y.md", "x", "--id", "1", "--id", "2", "--encodeId", "false"))
	if got["1"]["name"] != "1" || got["2"]["name"] != "2" {
		t.Errorf("two ids: %v", got)
	}
}

// K 2.4: the form of --type.
func TestTypesOfFiles(t *testing.T) {
	for in, want := range map[string]string{"my type!": "my-type-", "a b!c": "a-b-c", "тип": "-", "--x--": "-x-", "": "sysprop", "ok_1": "ok_1"} {
		if got := typeName(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	at := startServer(t)
	at.write("a.md", "x")
	if got := printed(t, at.run("", "create", "a.md", "--type", "my type!")); got[b64("a.md")]["type"] != "my-type-" {
		t.Errorf("%v", got)
	}
}

func TestPatterns(t *testing.T) {
	at := startServer(t)
	for _, file := range []string{"a.md", "b.md", "c.txt", ".hidden.md", "d/e.md", "d/f/g.md", "d/.git/h.md", "d/[1].md", "{x}.md"} {
		at.write(file, "x")
	}
	for _, tt := range []struct{ args, want string }{
		{"*.md", "a.md b.md {x}.md"},
		{"**/*.md", "a.md b.md d/[1].md d/e.md d/f/g.md {x}.md"},
		{"d/**", "d/[1].md d/e.md d/f/g.md"},
		{"d", "d/[1].md d/e.md d/f/g.md"},
		{".", "a.md b.md c.txt d/[1].md d/e.md d/f/g.md {x}.md"},
		{"{a,c}.*", "a.md c.txt"},
		{"{a,d/**/g}.md", "a.md d/f/g.md"},
		{"?.txt", "c.txt"},
		{"[ab].md", "a.md b.md"},
		{"d/[1].md", "d/[1].md"},
		{"{x}.md", "{x}.md"},
		{".hidden.md", ".hidden.md"},
		{"b.md a.md *.md", "a.md b.md {x}.md"},
		{"*.md !b.md", "a.md {x}.md"},
		{"!**/*.md", "c.txt"},
		{"*.none", ""},
	} {
		o := at.run("", append([]string{"create", "--encodeId", "false", "--type", "t"}, strings.Fields(tt.args)...)...)
		if got := ids(t, o); got != tt.want || o.code != 0 {
			t.Errorf("create %s: exit %d, %q, want %q\n%s", tt.args, o.code, got, tt.want, o.err)
		}
	}
	for args, code := range map[string]int{"nothing.md": exitFailed, "a[": exitUsage, "*[": exitUsage, "!*[": exitUsage} {
		if o := at.run("", "create", args); o.code != code {
			t.Errorf("create %s: exit %d, want %d\n%s", args, o.code, code, o.err)
		}
	}
	if o := at.run("", "create", "*.none"); o.err != "✔ Created 0 objects.\n" {
		t.Errorf("nothing found: %q", o.err)
	}
}

// K 2.4: what becomes of the kinds of files.
func TestKindsOfFiles(t *testing.T) {
	at := startServer(t)
	at.write("t.md", "\ufeff# Hi\n\n<b>bold</b>  a < b > c\t<!-- no --> end\n")
	at.write("t.log", "a-b_c, d!1 é")
	at.write("LICENSE", "free")
	at.write("data.bin", "a\x00b")
	at.write("v.svg", "<svg/>")
	at.write("z.unknown", "seen")
	at.write("p.html", `<html><head><title>no</title><meta property="og:title" content="A &amp; B"><meta property="og:url" content="https://e.com/p">
<script>var x = 1;</script><style>p{}</style></head><body><p>One <b>two</b></p><a href="/local">menu <i>deep</i></a><a href="https://e.com">three</a> four</body></html>`)
	o := at.run("", "create", ".", "--encodeId", "false")
	got := printed(t, o)
	if o.code != exitPartly || !strings.Contains(o.err, "Skipping data.bin") || !strings.Contains(o.err, "✖ Skipping v.svg - it isn't JSON, HTML nor text.") || len(got) != 5 {
		t.Errorf("exit %d, %d objects\n%s", o.code, len(got), o.err)
	}
	for id, want := range map[string]string{"t.md": "# Hi bold a < b > c end", "t.log": "a-b_c, d!1 é", "LICENSE": "free", "z.unknown": "seen"} {
		if got[id]["text"] != want || got[id]["name"] != id {
			t.Errorf("%s: %q", id, got[id]["text"])
		}
	}
	page := got["https://e.com/p"]
	if text, _ := page["text"].(string); page["name"] != "A & B" || page["url"] != "https://e.com/p" || !strings.Contains(text, "One two") ||
		!strings.HasSuffix(text, "three four") || strings.Contains(text, "menu") || strings.Contains(text, "deep") || strings.Contains(text, "var x") {
		t.Errorf("page: %v", page)
	}
	if got := printed(t, at.run("", "create", "t.log", "--sanitize")); got[b64("t.log")]["text"] != "a b c d 1 é" {
		t.Errorf("--sanitize: %v", got)
	}
	if o := at.run("", "create", "v.svg"); o.code != exitFailed {
		t.Errorf("only a file that is skipped: exit %d", o.code)
	}
}

func TestJSONFiles(t *testing.T) {
	at := startServer(t)
	at.write("one.json", `{"type":"todo", "name": "buy milk", "n": 1.50}`)
	at.write("many.json", `[{"id":"m1","type":"todo"},{"type":"todo","name":"x"},{"type":"todo","name":"y"}]`)
	at.write("lines.ndjson", "{\"id\":\"l1\"}\n{\"id\":\"l2\"}\n")
	at.write("broken.json", `{"a":`)
	at.write("text.json", `"a"`)
	at.write("null.json", `[null]`)
	at.write("empty.json", ``)
	if got := printed(t, at.run("", "create", "one.json"))[b64("one.json")]; got["type"] != "todo" || got["name"] != "buy milk" {
		t.Errorf("one: %v", got)
	}
	if o := at.run("", "read", "--id", b64("one.json")); !strings.Contains(o.out, `"n": 1.50`) {
		t.Errorf("digits are lost: %s", o.out)
	}
	if got := printed(t, at.run("", "create", "many.json")); len(got) != 3 || got["m1"] == nil {
		t.Errorf("objects without id must not replace each other: %v", got)
	}
	if got := ids(t, at.run("", "create", "lines.ndjson", "--type", "t")); got != "l1 l2" {
		t.Errorf("lines: %s", got)
	}
	for _, file := range []string{"broken", "text", "null", "empty"} {
		if o := at.run("", "create", file+".json"); o.code != exitFailed || o.out != "" || !strings.Contains(o.err, "Skipping "+file+".json - it") {
			t.Errorf("%s: exit %d %s", file, o.code, o.err)
		}
	}
	if got := printed(t, at.run(`{"type":"todo","name":"piped"}`, "create", "-")); len(got) != 1 || got["stdin"] != nil {
		t.Errorf("standard input: %v", got)
	}
	if got := ids(t, at.run(`{"type":"todo"}`, "create", "-", "--id", "s1", "--encodeId", "false")); got != "s1" {
		t.Errorf("standard input with an id: %s", got)
	}
	// An object that cannot be stored does not keep the others out.
	o := at.run(`[{"type":"user","id":"u1","name":"no mail"},{"type":"todo","id":"ok"}]`, "create", "-")
	if ids(t, o) != "ok" || o.code != exitPartly || !strings.Contains(o.err, "1 of 2") {
		t.Errorf("one is refused: exit %d\n%s%s", o.code, o.out, o.err)
	}
}

// K 2.4: long texts become several objects, cut between words, and no word is lost.
func TestLongTexts(t *testing.T) {
	at := startServer(t)
	words := make([]string, 0, 150000)
	for i := range 150000 {
		words = append(words, "wörd"+string(rune('a'+i%26)))
	}
	text := strings.Join(words, " ") + " last"
	at.write("long.md", text)
	o := at.run("", "create", "long.md", "--type", "doc", "-v")
	got := printed(t, o)
	var parts []string
	for n := 1; n <= len(got); n++ {
		id := b64("long.md_chunk" + string(rune('0'+n)))
		part, _ := got[id]["text"].(string)
		if part == "" || len(part) > maxChunk || got[id]["chunkid"] != float64(n) || got[id]["type"] != "doc" {
			t.Fatalf("chunk %d: %d bytes, %v", n, len(part), got[id]["chunkid"])
		}
		parts = append(parts, part)
	}
	if len(parts) != len(text)/maxChunk+1 || strings.Join(parts, " ") != text {
		t.Errorf("%d chunks; the words are not the same", len(parts))
	}
	if n := strings.Count(o.err, "method=POST path=/v1/_batch status=200"); n != len(parts) {
		t.Errorf("%d requests for %d chunks", n, len(parts))
	}
	if o.code != 0 || !strings.Contains(o.err, "splitting into chunks") {
		t.Errorf("exit %d\n%s", o.code, o.err)
	}
	for _, long := range []string{strings.Repeat("é", maxChunk), "x" + strings.Repeat("é", maxChunk)} {
		var whole string
		for _, o := range fromText(long, "f", fileOptions{}) {
			whole += o.Text("text")
		}
		if whole != long {
			t.Error("a text without spaces changed")
		}
	}
}

func TestUpdateAndDelete(t *testing.T) {
	at := startServer(t)
	at.write("a.json", `{"type":"todo","name":"A","keep":1}`)
	at.write("b.json", `{"id":"b","type":"todo","name":"B"}`)
	at.write("n.md", "note")
	if o := at.run("", "create", "a.json", "b.json", "n.md"); o.code != 0 {
		t.Fatal(o.err)
	}
	at.write("a.json", `{"done":true}`)
	got := printed(t, at.run("", "update", "a.json"))[b64("a.json")]
	if got["name"] != "A" || got["keep"] != 1.0 || got["done"] != true || got["type"] != "todo" {
		t.Errorf("update: %v", got)
	}
	at.write("c.json", `{"done":1}`)
	if got := printed(t, at.run("", "update", "c.json", "--id", "b", "--encodeId", "false"))["b"]; got["name"] != "B" || got["done"] != 1.0 {
		t.Errorf("update by id: %v", got)
	}
	if o := at.run("", "update", "n.md"); o.code != exitFailed || !strings.Contains(o.err, "✖ Skipping n.md - it is not a JSON file.") {
		t.Errorf("update of a text: exit %d %s", o.code, o.err)
	}
	if o := at.run(`{"id":"nobody","done":1}`, "update", "-"); o.code != exitFailed {
		t.Errorf("update of nothing: exit %d %s", o.code, o.err)
	}
	if o := at.run("", "delete", "n.md", "--id", "b"); o.code != 0 || o.out != "" || o.err != "✔ Deleted objects b, "+b64("n.md")+" from Para.\n" {
		t.Errorf("delete: exit %d %s%s", o.code, o.out, o.err)
	}
	if o := at.run("", "read", "--id", "b", "--id", b64("n.md"), "--id", b64("a.json")); o.code != exitPartly || ids(t, o) != b64("a.json") {
		t.Errorf("after delete: exit %d %s", o.code, o.out)
	}
	if o := at.run("", "delete", "*.none"); o.code != 0 || !strings.Contains(o.err, "No file matches") {
		t.Errorf("delete of no file: exit %d %s", o.code, o.err)
	}
	if o := at.run("", "delete"); o.code != exitUsage {
		t.Errorf("delete of nothing: exit %d", o.code)
	}
}

// The folder of a server can be stored without its secrets.
func TestKeyFilesAreLeftOut(t *testing.T) {
	at := startServer(t)
	at.write("note.txt", "a note")
	at.write("para-application.conf", "para.root_secret_key = \"leaked\"")
	at.write("data/root-credentials.conf", "para.root_secret_key = \"leaked\"")
	at.write("application.conf", "para.root_secret_override = \"leaked\"")
	for _, args := range [][]string{{"create", "."}, {"create", "para-application.conf", "note.txt"}, {"create", "**/*"}} {
		got := at.run("", append(args, "--type", "note", "--encodeId", "false")...)
		if got.code != 0 || !strings.Contains(got.err, "para-application.conf is left out") {
			t.Errorf("%q: exit %d\n%s", args, got.code, got.err)
		}
	}
	all := at.run("", "search", "leaked", "--json")
	if got := at.run("", "search", "*", "--type", "note", "--json"); strings.Contains(got.out+all.out, "leaked") || !strings.Contains(got.out, "note.txt") {
		t.Errorf("stored:\n%s", got.out)
	}
}

// Nothing is replaced without a word: who has no terminal says --yes.
func TestRestoreAsks(t *testing.T) {
	at := startServer(t)
	for _, args := range [][]string{{"new-app", "shop"}, {"backup", "--app", "shop", "shop.backup"}} {
		if got := at.run("", args...); got.code != 0 {
			t.Fatalf("%q: %s", args, got.err)
		}
	}
	if got := at.run("", "restore", "--app", "shop", "shop.backup"); got.code != exitUsage || !strings.Contains(got.err, "--yes") {
		t.Errorf("without --yes: exit %d\n%s", got.code, got.err)
	}
	if got := at.run("", "restore", "--app", "shop", "--yes", "shop.backup"); got.code != 0 {
		t.Errorf("with --yes: exit %d\n%s", got.code, got.err)
	}
}
