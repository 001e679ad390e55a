//go:build unix

package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/erudika/para-go/client"
	"github.com/erudika/para-go/internal/sigv4"
)

func TestUsers(t *testing.T) {
	at := startServer(t)
	keys, err := at.client.SetupApp(t.Context(), "shop", client.NewApp{})
	if err != nil {
		t.Fatal(err)
	}
	at.place = at.with("PARA_ACCESS_KEY="+keys.AccessKey, "PARA_SECRET_KEY="+keys.SecretKey)
	shop, err := client.New(client.Options{AccessKey: keys.AccessKey, Secret: keys.SecretKey, Endpoint: at.server.Address})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(shop.Close)
	for _, step := range []struct {
		line, out, err string // what the streams contain
		code           int
	}{
		{line: "users list", out: "[]"},
		{line: "users create nobody", code: exitUsage, err: "nobody is no e-mail address: name one with --email"},
		{line: "users create a@x.co --groups kings", code: exitUsage, err: "--groups kings: write users, mods or admins"},
		{line: "users create Ann@x.co --name Ann", out: `"identifier": "Ann@x.co"`, err: "✔ User created."},
		{line: "users create Ann@x.co", code: exitFailed, err: "is the identifier or address taken?"},
		{line: "users create gh:77 --email bob@x.co --groups mods --inactive", out: `"active": false`, err: "✔ User created."},
		{line: "users list groups:mods", out: `"identifier": "gh:77"`},
		{line: "users read gh:77", out: `"email": "bob@x.co"`},
		{line: "users read bob@x.co", out: `"identifier": "gh:77"`},
		{line: "users read nobody@x.co", code: exitNotFound, err: "✖ not found: no user nobody@x.co"},
		{line: "users enable bob@x.co", err: "is enabled."},
		{line: "users read gh:77", out: `"active": true`},
		{line: "users reset-second-factor bob@x.co", err: "has no second factor"},
		{line: "users reset-second-factor nobody@x.co", code: exitNotFound, err: "no user"},
		{line: "users disable bob@x.co", err: "is disabled."},
		{line: "users read gh:77", out: `"active": false`},
		{line: "users delete gh:77", code: exitUsage, err: "Say --yes if that is meant."},
		{line: "users delete gh:77 --yes", err: "was deleted."},
		{line: "users read gh:77", code: exitNotFound, err: "no user gh:77"},
		{line: "users gh:77", code: exitUsage, err: "unknown command"},
	} {
		o := at.run("", strings.Fields(step.line)...)
		if o.code != step.code || !strings.Contains(o.out, step.out) || !strings.Contains(o.err, step.err) {
			t.Errorf("para %s: exit %d, want %d\n%s%s", step.line, o.code, step.code, o.out, o.err)
		}
	}
	// Signed out, a user's token holds no longer, and everything else of the user stays.
	if err := shop.SetSetting(t.Context(), "security.allow_unverified_emails", true); err != nil {
		t.Fatal(err)
	}
	session, err := shop.SignIn(t.Context(), "password", "joe@x.co:Joe:secret-pass")
	if err != nil {
		t.Fatal(err)
	}
	before := at.run("", "users", "read", "joe@x.co").out
	if o := at.run("", "users", "sign-out", "joe@x.co"); o.code != 0 {
		t.Fatalf("sign-out: %s", o.err)
	}
	if _, err := shop.MeWithToken(t.Context(), session.Token); err == nil {
		t.Error("the token still holds")
	}
	if after := at.run("", "users", "read", "joe@x.co").out; without(after, "updated") != without(before, "updated") {
		t.Errorf("the user changed from %s to %s", before, after)
	}
	if _, err := shop.SignIn(t.Context(), "password", "joe@x.co::secret-pass"); err != nil {
		t.Errorf("the password holds no longer: %v", err)
	}
}

func TestKeys(t *testing.T) {
	at := startServer(t)
	keys, err := at.client.SetupApp(t.Context(), "shop", client.NewApp{})
	if err != nil {
		t.Fatal(err)
	}
	at.place = at.with("PARA_ACCESS_KEY="+keys.AccessKey, "PARA_SECRET_KEY="+keys.SecretKey)
	if o := at.run("", "keys", "list"); o.code != exitNotFound || !strings.Contains(o.err, "set its setting security.api_keys to true") {
		t.Errorf("exit %d: %s", o.code, o.err)
	}
	at.run("", "settings", "set", "security.api_keys", "true")
	run := func(code int, out, err string, args ...string) string {
		t.Helper()
		o := at.run("", args...)
		if o.code != code || !strings.Contains(o.out, out) || !strings.Contains(o.err, err) {
			t.Errorf("para %s: exit %d, want %d\n%s%s", strings.Join(args, " "), o.code, code, o.out, o.err)
		}
		return o.out
	}
	run(0, "[]", "", "keys", "list")
	run(exitUsage, "", "--days 900: write 1 to 366", "keys", "create", "x", "--days", "900")
	run(exitUsage, "", "write a path and methods", "keys", "create", "x", "--grant", "cats")
	run(exitFailed, "", "is no network", "keys", "create", "x", "--network", "ten")
	var made client.APIKey
	out := run(0, `"name": "reports"`, "it is not shown again", "keys", "create", "reports", "--grant", "cats GET POST", "--network", "127.0.0.1", "--network", "::1", "--days", "2")
	if err := json.Unmarshal([]byte(out), &made); err != nil || !strings.HasPrefix(made.Key, "para_") {
		t.Fatalf("%s: %v", out, err)
	}
	ask := func(key string) int {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, at.server.Address+"/v1/cats", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+key)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		return answer.StatusCode
	}
	if status := ask(made.Key); status != 200 {
		t.Errorf("the key: %d", status)
	}
	if list := run(0, `"lastUsed"`, "", "keys", "list"); strings.Contains(list, made.Key) {
		t.Error("the key is shown again")
	}
	run(0, `"allowed": true`, "", "why", made.ID, "GET", "cats")
	run(0, `"allowed": false`, "", "why", made.ID, "GET", "_settings")
	run(0, "", "is disabled", "keys", "disable", made.ID)
	if status := ask(made.Key); status != 401 {
		t.Errorf("the disabled key: %d", status)
	}
	run(0, "", "is enabled", "keys", "enable", made.ID)
	run(exitUsage, "", "--overlap -1s: write 0s to 168h", "keys", "rotate", made.ID, "--overlap", "-1s")
	var second client.APIKey
	if err := json.Unmarshal([]byte(run(0, `"key": "para_`, "has a new secret", "keys", "rotate", made.ID, "--overlap", "0s")), &second); err != nil {
		t.Fatal(err)
	}
	if old, status := ask(made.Key), ask(second.Key); old != 401 || status != 200 {
		t.Errorf("rotated: %d and %d", old, status)
	}
	run(exitNotFound, "", "There is no such API key", "keys", "rotate", "key_5")
	run(exitUsage, "", "Say --yes if that is meant.", "keys", "revoke", made.ID)
	run(0, "", "is revoked.", "keys", "revoke", made.ID, "--yes")
	if status := ask(second.Key); status != 401 {
		t.Errorf("revoked: %d", status)
	}
	run(exitNotFound, "", "", "keys", "revoke", made.ID, "--yes")
	run(0, "{}", "", "permissions", "list")
}

func without(text, name string) string {
	var m map[string]any
	if json.Unmarshal([]byte(text), &m) != nil {
		return text
	}
	delete(m, name)
	b, _ := json.Marshal(m) // what was decoded encodes
	return string(b)
}

func TestWhy(t *testing.T) {
	at := startServer(t)
	keys, err := at.client.SetupApp(t.Context(), "shop", client.NewApp{})
	if err != nil {
		t.Fatal(err)
	}
	at.place = at.with("PARA_ACCESS_KEY="+keys.AccessKey, "PARA_SECRET_KEY="+keys.SecretKey)
	for _, step := range []struct{ line, out string }{
		{"permissions grant * cat GET ? OWN", `"OWN"`},
		{"why guest get cat/1", `"rule": "The permissions of everybody (*) for cat allow GET."`},
		{"why guest get /v1/cat/1", "of existing objects of the type cat only one's own are found"},
		{"why u1 put cat/1", `"change": "Grant PUT on cat/1 to u1."`},
		{"why u1 put cat/1", "There is no user u1"},
		{"why app:shop put cat/1", "An app may do everything"},
	} {
		if o := at.run("", strings.Fields(step.line)...); o.code != 0 || !strings.Contains(o.out, step.out) {
			t.Errorf("para %s: exit %d\n%s%s", step.line, o.code, o.out, o.err)
		}
	}
	r := &client.Ruling{Rule: "Because.", Entry: &client.Entry{Subject: "*", Path: "cat", Allowed: []string{"GET", "?"}}, Change: "Do.", Notes: []string{"Note."}}
	if got, want := told(r), "No. Because.\nEntry: * cat GET ?\nTo change that: Do.\nNote."; got != want {
		t.Errorf("%q", got)
	}
}

func TestDebugSignature(t *testing.T) {
	at := newPlace(t).with("PARA_ACCESS_KEY=app:para", "PARA_SECRET_KEY="+testSecret)
	dump := func(secret, body string) string {
		r, err := http.NewRequest("PUT", "http://localhost:8080/v1/cat/a%20b?x=1", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if err := sigv4.Sign(r, sigv4.Credentials{AccessKey: "app:para", Secret: secret}, time.Now()); err != nil {
			t.Fatal(err)
		}
		return "PUT /v1/cat/a%20b?x=1 HTTP/1.1\nHost: localhost:8080\nContent-Length: 7\nX-Amz-Date: " + r.Header.Get("X-Amz-Date") +
			"\nAuthorization: " + r.Header.Get("Authorization") + "\n\n" + `{"a":1}` + "\n"
	}
	good := dump(testSecret, `{"a":1}`)
	curl := "* Connected\n> " + strings.ReplaceAll(strings.SplitN(dump(testSecret, ""), "\n\n", 2)[0], "\n", "\n> ") + "\n>\n< HTTP/1.1 403"
	explained := at.run(dump("another-secret-of-many-characters", `{"a":1}`), "debug-signature")
	canonical := strings.SplitN(explained.out, "canonical request:\n", 2)[1]
	canonical, _, _ = strings.Cut(canonical, "\nstring to sign:")
	at.write("theirs.txt", strings.Replace(canonical, "x=1", "x=2", 1))
	at.write("same.txt", canonical)
	inLog, err := json.Marshal(explained.out)
	if err != nil {
		t.Fatal(err)
	}
	for name, step := range map[string]struct {
		in, flags, out, err string
		code                int
	}{
		"valid":            {in: good, err: "✔ The signature is valid."},
		"line ends":        {in: strings.ReplaceAll(good, "\n", "\r\n"), err: "✔ The signature is valid."},
		"unsigned body":    {in: dump(testSecret, ""), code: 1, out: "the body is not signed"},
		"another secret":   {in: dump("another-secret-of-many-characters", `{"a":1}`), code: 1, out: "another secret was used"},
		"curl":             {in: curl, err: "✔ The signature is valid."},
		"part by part":     {in: dump("another-secret-of-many-characters", `{"a":1}`), flags: "--canonical theirs.txt", code: 1, out: `query: signed as "x=2", arrived as "x=1"`},
		"equal":            {in: dump("another-secret-of-many-characters", `{"a":1}`), flags: "--canonical same.txt", code: 1, out: "The canonical requests are equal"},
		"log":              {in: "2026 [INFO ] signature explained explanation=" + string(inLog) + "\n", code: 1, out: "another secret was used"},
		"log as JSON":      {in: `{"level":"INFO","msg":"signature explained","explanation":` + string(inLog) + `}`, flags: "--canonical theirs.txt", code: 1, out: "query: signed as"},
		"nothing":          {in: "hello", code: exitUsage, err: "neither a request nor a server's log"},
		"no Authorization": {in: "GET /v1/cat HTTP/1.1\nHost: x\n\n", code: 1, err: "the header Authorization"},
	} {
		o := at.run(step.in, append([]string{"debug-signature"}, strings.Fields(step.flags)...)...)
		if o.code != step.code || !strings.Contains(o.out, step.out) || !strings.Contains(o.err, step.err) || strings.Contains(o.out+o.err, testSecret) {
			t.Errorf("%s: exit %d, want %d\n%s%s", name, o.code, step.code, o.out, o.err)
		}
	}
}
