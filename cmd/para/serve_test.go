//go:build unix

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/client"
)

var twoKeys = regexp.MustCompile(`^\npara\.root_access_key = "app:para"\npara\.root_secret_key = "([A-Za-z0-9+/]{54}==)"$`)

// mode is the permissions of a file as text.
func mode(t *testing.T, file string) string {
	t.Helper()
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode().Perm().String()
}

// accepts says whether a server takes a secret of the root app.
func accepts(t *testing.T, s *process, secret string) bool {
	t.Helper()
	c, err := client.New(client.Options{AccessKey: "app:para", Secret: secret, Endpoint: s.Address})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	me, err := c.Me(t.Context())
	return err == nil && me.App.ID() == "app:para"
}

// D88, C 5.2, what the reference does at its first start: the file is made, with the two lines, and they work at once.
func TestFirstStart(t *testing.T) {
	at := newPlace(t)
	s := at.serve()
	text := at.read("para-application.conf")
	m := twoKeys.FindStringSubmatch(text)
	if m == nil {
		t.Fatalf("para-application.conf:\n%s", text)
	}
	if got := mode(t, at.path("para-application.conf")); got != "-rw-------" {
		t.Errorf("its mode is %s", got)
	}
	if !accepts(t, s, m[1]) {
		t.Error("the key in it is refused")
	}
	if status, body := s.get("/v1/_setup"); status != 200 || body != `{"message":"All set!"}` {
		t.Errorf("_setup: %d %s", status, body)
	}
	if s.RootKeys != at.path("para-application.conf") || s.Storage != at.path("data") || len(s.Try) != 3 {
		t.Errorf("the server tells: keys %s, storage %s, try %q", s.RootKeys, s.Storage, s.Try)
	}
	s.stop()
	for _, line := range []string{
		"Saved root app credentials to " + at.path("para-application.conf") + ".",
		"Instance #1 initialized and listening on " + s.Address, "Started ParaServer in ", "--- Para.destroy() ---",
	} {
		if !strings.Contains(s.log.String(), `"msg":"`+line) {
			t.Errorf("the log lacks %q:\n%s", line, s.log)
		}
	}
	if strings.Contains(s.log.String(), m[1]) {
		t.Error("the log shows the secret")
	}

	s = at.serve() // production: nothing is written again
	if at.read("para-application.conf") != text || !accepts(t, s, m[1]) {
		t.Errorf("after the second start:\n%s", at.read("para-application.conf"))
	}
	s.stop()
	at.write("para-application.conf", "")
	at.serve().stop()
	if got := at.read("para-application.conf"); got != "" {
		t.Errorf("written again in production:\n%s", got)
	}
	at.serve("-Dpara.env=embedded").stop()
	if got := at.read("para-application.conf"); got != text {
		t.Errorf("outside production:\n%s", got)
	}
}

// A server that was killed between a change of the root app's keys and their way into the file has keys that nobody knows: the
// next start brings the line up to date, also in production (D91).
func TestKeysOfInterruptedChange(t *testing.T) {
	at := newPlace(t)
	at.serve().stop()
	text := at.read("para-application.conf")
	m := twoKeys.FindStringSubmatch(text)
	if m == nil {
		t.Fatalf("para-application.conf:\n%s", text)
	}
	stale := strings.Replace(text, m[1], strings.Repeat("a", 54)+"==", 1)
	at.write("para-application.conf", stale)
	at.serve("-Dpara.root_secret_override=" + m[1]).stop()
	if got := at.read("para-application.conf"); got != stale {
		t.Errorf("written in production with a secret of the administrator's own:\n%s", got)
	}
	at.serve().stop()
	if got := at.read("para-application.conf"); got != text {
		t.Errorf("after the next start:\n%s", got)
	}
}

func TestFirstStartOutsideProductionWritesOnlyTheKeys(t *testing.T) {
	at := newPlace(t).with("para_env=embedded")
	at.serve()
	if text := at.read("para-application.conf"); !twoKeys.MatchString(text) {
		t.Errorf("para-application.conf:\n%s", text)
	}
}

// The lines of a file that has other keys are replaced in place; JSON and properties stay what they are (D88).
func TestKeysInFilesThatExist(t *testing.T) {
	secret := `[A-Za-z0-9+/]{54}==`
	for _, tt := range []struct{ name, before, after string }{
		{"a.conf", "# mine\npara.root_secret_key   =   \"old\"\npara.env = \"production\"\npara.root_access_key = \"app:x\"\n",
			`^# mine\npara\.root_secret_key = "` + secret + `"\npara\.env = "production"\npara\.root_access_key = "app:para"\n$`},
		{"empty.conf", "", twoKeys.String()},
		{"a.properties", "para.env=production\n", `^para\.env=production\n\n?para\.root_access_key=app:para\npara\.root_secret_key=` + secret + `\n?$`},
	} {
		at := newPlace(t)
		at.write(tt.name, tt.before)
		at.serve("-Dconfig.file=./" + tt.name).stop()
		if got := at.read(tt.name); !regexp.MustCompile(tt.after).MatchString(got) {
			t.Errorf("%s:\n%s", tt.name, got)
		}
		if _, err := os.Stat(at.path("para-application.conf")); err == nil {
			t.Errorf("%s: another file was written too", tt.name)
		}
	}
	at := newPlace(t)
	at.write("c.json", `{"para":{"app_name":"Para"}}`)
	at.serve("--config", "c.json").stop()
	var members any
	if err := json.Unmarshal([]byte(at.read("c.json")), &members); err != nil || !strings.Contains(at.read("c.json"), "root_secret_key") {
		t.Errorf("c.json: %v\n%s", err, at.read("c.json"))
	}
	at.serve("--config", "c.json").stop() // and is read again
}

// Servers that share a folder, but not the data, do not take each other's keys: the first one's stay in the configuration
// file, those of others go to their data folders. A data folder that is made anew gets its lines back.
func TestKeysOfTwoDataFolders(t *testing.T) {
	secretIn := func(text string) string {
		_, rest, _ := strings.Cut(text, `root_secret_key = "`)
		secret, _, _ := strings.Cut(rest, `"`)
		return secret
	}
	for _, order := range [][]string{{"", "--data=other"}, {"--data=other", ""}} {
		at := newPlace(t)
		args := func(flag string) []string { return strings.Fields(flag) }
		first := at.serve(args(order[0])...)
		kept := secretIn(at.read("para-application.conf"))
		if kept == "" || !accepts(t, first, kept) || first.RootKeys != at.path("para-application.conf") {
			t.Fatalf("%q: the first server's keys are in %s", order, first.RootKeys)
		}
		second := at.serve(args(order[1])...)
		if got := secretIn(at.read("para-application.conf")); got != kept {
			t.Errorf("%q: the second server replaced the keys", order)
		}
		folder := map[string]string{"": "data", "--data=other": "other"}[order[1]]
		if secret := secretIn(at.read(folder + "/root-credentials.conf")); !accepts(t, second, secret) {
			t.Errorf("%q: the second server does not accept the keys in its folder", order)
		}
		second.stop()
		first.stop()
		folder = map[string]string{"": "data", "--data=other": "other"}[order[0]]
		if err := os.RemoveAll(at.path(folder)); err != nil {
			t.Fatal(err)
		}
		first = at.serve(args(order[0])...)
		if got := secretIn(at.read("para-application.conf")); got == kept || !accepts(t, first, got) {
			t.Errorf("%q: the new keys of the first server are not in its file", order)
		}
	}
}

// D92: nothing is written in production, and the stored secret follows the option.
func TestSecretOverride(t *testing.T) {
	at := newPlace(t)
	for _, secret := range []string{testSecret, "another-" + testSecret} {
		s := at.with("para_root_secret_override=" + secret).serve()
		if !accepts(t, s, secret) {
			t.Errorf("%s is refused", secret)
		}
		if s.RootKeys != "set by the option para.root_secret_override" {
			t.Errorf("root keys: %s", s.RootKeys)
		}
		s.stop()
	}
	if _, err := os.Stat(at.path("para-application.conf")); err == nil {
		t.Error("para-application.conf was written")
	}
}

// Where the folder cannot be written the keys go to the data folder (D88), and the process id is only a warning.
func TestReadOnlyFolder(t *testing.T) {
	root, err := os.MkdirTemp("", "para-readonly") // t.TempDir is closed to others
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = os.Chmod(filepath.Join(root, "work"), 0o755)
		_ = os.RemoveAll(root)
	})
	at := newPlace(t)
	at.dir = filepath.Join(root, "work")
	data := filepath.Join(root, "data")
	for _, dir := range []string{at.dir, data} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(root, 0o755); err != nil {
		t.Fatal(err)
	}
	c := at.command("serve", "--port", "0", "--data", data)
	if os.Geteuid() == 0 { // who may write everywhere
		const nobody = 65534
		if err := os.Chown(data, nobody, nobody); err != nil {
			t.Fatal(err)
		}
		c.SysProcAttr = asUser(nobody)
	}
	if err := os.Chmod(at.dir, 0o555); err != nil {
		t.Fatal(err)
	}
	s := at.start(c)
	s.waitReady()
	file := filepath.Join(data, "root-credentials.conf")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	m := twoKeys.FindSubmatch(text)
	if m == nil || mode(t, file) != "-rw-------" || s.RootKeys != file {
		t.Fatalf("mode %s, told %s\n%s", mode(t, file), s.RootKeys, text)
	}
	if !accepts(t, s, string(m[1])) {
		t.Error("the key is refused")
	}
	s.stop()
	if !strings.Contains(s.log.String(), `"level":"WARN","msg":"write the process id`) {
		t.Errorf("no warning about the process id:\n%s", s.log)
	}
	if left, err := os.ReadDir(at.dir); err != nil || len(left) > 0 {
		t.Errorf("the folder holds %v", left)
	}
}

// One process for each data folder; a port in use; both end with 1 and say why.
func TestStartsThatFail(t *testing.T) {
	at := newPlace(t)
	s := at.serve()
	_, port, err := net.SplitHostPort(strings.TrimPrefix(s.Address, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	other := newPlace(t)
	other.write("syntax.conf", "para { port = 5\n")
	other.write("value.conf", "para.env = \"production\"\npara.max_page_limit = abc\n")
	other.write("driver.conf", "para.dao = \"Foo\"\n")
	for _, tt := range []struct {
		args []string
		want []string
	}{
		{[]string{"--data", at.path("data"), "--port", "0"}, []string{"the server did not start", at.path("data"), "in use by another process", "process id " + strconv.Itoa(s.cmd.Process.Pid)}},
		{[]string{"--port", port}, []string{"open port " + port, "address already in use"}},
		{[]string{"--config", "nope.conf"}, []string{"nope.conf", "no such file", "config.file"}},
		{[]string{"--config", "syntax.conf"}, []string{"Failed to load configuration file", "syntax.conf:"}},
		{[]string{"--config", "value.conf"}, []string{"value.conf:2:", "para.max_page_limit", `"abc"`}},
		{[]string{"--config", "driver.conf"}, []string{"para.dao", "Foo", "H2DAO"}},
		{[]string{"-Dconfig.url=http://127.0.0.1:1/x.conf"}, []string{"Failed to load configuration file", "connection refused"}},
		{[]string{"-Dconfig.file=a", "-Dconfig.url=http://b/"}, []string{"more than one of config.file"}},
		{[]string{"-Dpara.port=x"}, []string{"-Dpara.port", "x"}},
		{[]string{"-Dpara.app_name=!!! Приложение"}, []string{"para.app_name", "ASCII letters or digits"}},
		{[]string{"-Dpara.search=elasticsearch"}, []string{"para.search", "LuceneSearch"}},
		{[]string{"-Dpara.cache=Redis"}, []string{"para.cache", "CaffeineCache"}},
		{[]string{"-Dpara.q=AWSQueue"}, []string{"para.q", "LocalQueue"}},
		{[]string{"-Dpara.db.hostname=db.test", "--data", "fresh"}, []string{"db.hostname"}},
	} {
		got := other.run("", append([]string{"serve"}, tt.args...)...)
		if got.code != exitFailed || got.out != "" {
			t.Errorf("%q: exit %d, stdout %q", tt.args, got.code, got.out)
		}
		for _, want := range tt.want {
			if !strings.Contains(got.err, want) || strings.Contains(got.err, "is the server running") {
				t.Errorf("%q: no %q in\n%s", tt.args, want, got.err)
			}
		}
	}
	if !accepts(t, s, twoKeys.FindStringSubmatch(at.read("para-application.conf"))[1]) {
		t.Error("the first server does not answer any more")
	}
}

// A process that may have few files open serves many apps all the same: it keeps few of them open.
func TestFewFilesManyApps(t *testing.T) {
	at := newPlace(t).with("para_root_secret_override=" + testSecret)
	c := at.command()
	c.Path, c.Args = "/bin/sh", []string{"sh", "-c", "ulimit -n 256 && exec para serve --port 0"}
	s := at.start(c)
	s.waitReady()
	root, err := client.New(client.Options{AccessKey: "app:para", Secret: testSecret, Endpoint: s.Address})
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	var apps []*client.Client
	for i := range 100 {
		keys, err := root.SetupApp(t.Context(), fmt.Sprintf("app%d", i), client.NewApp{})
		if err != nil {
			t.Fatalf("app %d: %v\n%s", i, err, s.log)
		}
		app, err := client.New(client.Options{AccessKey: keys.AccessKey, Secret: keys.SecretKey, Endpoint: s.Address, Retry: client.RetryPolicy{Max: -1}})
		if err != nil {
			t.Fatal(err)
		}
		defer app.Close()
		apps = append(apps, app)
	}
	var all sync.WaitGroup
	for start := range 8 {
		all.Go(func() {
			for i := range apps {
				app := apps[(i+start*13)%len(apps)]
				o := para.New("cat")
				o.SetName("Tom")
				if _, err := app.Create(t.Context(), o); err != nil {
					t.Errorf("create: %v", err)
				}
				if n, err := app.Count(t.Context(), "cat"); err != nil || n < 1 {
					t.Errorf("%d cats, %v", n, err)
				}
			}
		})
	}
	all.Wait()
	if status, body := s.get("/v1/_health"); status != 200 {
		t.Errorf("health: %d %s", status, body)
	}
	s.stop()
	if strings.Contains(s.log.String(), "too many open files") {
		t.Errorf("the server ran out of files:\n%s", s.log)
	}
}

// Data folders that cannot be used: the start fails and names them.
func TestUnusableDataFolders(t *testing.T) {
	root, err := os.MkdirTemp("", "para-unusable") // t.TempDir is closed to others
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = os.Chmod(filepath.Join(root, "readonly"), 0o755)
		_ = os.RemoveAll(root)
	})
	at := newPlace(t)
	at.dir = root
	if err := os.Chmod(root, 0o755); err != nil {
		t.Fatal(err)
	}
	at.write("file", "x")
	at.serve("--data", "used").stop()
	if err := os.Remove(at.path("para-application.conf")); err != nil { // which the other user may not read
		t.Fatal(err)
	}
	if err := os.Mkdir(at.path("readonly"), 0o555); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ dir, want string }{
		{"file", "not a directory"},
		{"file/below", "not a directory"},
		{"readonly", "permission denied"},
		{"readonly/below", "permission denied"},
		{"used", "permission denied"}, // made by another user
	} {
		c := at.command("serve", "--port", "0", "--data", at.path(tt.dir))
		if os.Geteuid() == 0 { // who may write everywhere
			c.SysProcAttr = asUser(65534)
		} else if tt.dir == "used" {
			if err := os.Chmod(at.path("used/apps/para.db"), 0o400); err != nil {
				t.Fatal(err)
			}
			tt.want = "para.db"
		}
		got := at.finish(c, "")
		if got.code != exitFailed || !strings.Contains(got.err, at.path(strings.TrimSuffix(tt.dir, "/below"))) || !strings.Contains(got.err, tt.want) || strings.Contains(got.err, "goroutine ") {
			t.Errorf("%s: exit %d\n%s", tt.dir, got.code, got.err)
		}
	}
}

// C 1.6: the ways to set options on the command line, with the words of the Java server among them.
func TestOptionsOnTheCommandLine(t *testing.T) {
	at := newPlace(t)
	at.write("x.conf", "para.port = 0\npara.context_path = \"/ctx\"\n")
	for _, tt := range []struct {
		env  string
		args []string
	}{
		{"", []string{"serve", "-Dconfig.file=x.conf"}},
		{"", []string{"-Dconfig.file=x.conf"}}, // as after java -jar para.jar
		{"", []string{"-Xmx512m", "--add-modules", "java.sql", "-jar", "para.jar", "--config=x.conf"}},
		{"", []string{"serve", "-config", "x.conf"}},
		{"", []string{"--config", "x.conf", "serve"}},
		{"", []string{"-q=false", "serve", "--config", "x.conf"}},
		{"", []string{"serve", "--para.port=0", "-D", "para.context_path=/ctx"}},
		{"", []string{"serve", "--server.port=0", "--server.servlet.context-path=/ctx", "-Dpara.port=99999"}},
		{"", []string{"serve", "--port", "0", "-Dserver.port=1", "-Dpara.context_path=/ctx"}},
		{"JAVA_OPTS=-Xmx1g -Dpara.context_path=/ctx -Dpara.port=0", []string{"serve"}},
		{"JAVA_OPTS=-Dpara.context_path=/no -Dpara.port=0", []string{"serve", "-Dpara.context_path=/ctx"}},
		{"PARA_CONTEXT_PATH=/ctx", []string{"serve", "--port=0"}},
	} {
		s := at.with(tt.env).launch(tt.args...)
		if !strings.HasSuffix(s.Address, "/ctx") {
			t.Errorf("%s %q: address %s", tt.env, tt.args, s.Address)
		}
		if status, _ := s.get("/v1"); status != 200 {
			t.Errorf("%s %q: status %d", tt.env, tt.args, status)
		}
		s.stop()
	}
}

// C 7.5.
func TestProcessIDFile(t *testing.T) {
	at := newPlace(t)
	port := func(s *process) string {
		_, port, _ := net.SplitHostPort(strings.TrimPrefix(s.Address, "http://"))
		return port
	}
	s := at.serve()
	file := "para_" + port(s) + ".pid"
	if got := at.read(file); got != strconv.Itoa(s.cmd.Process.Pid) {
		t.Errorf("%s holds %q", file, got)
	}
	s.stop()
	if _, err := os.Stat(at.path(file)); err == nil {
		t.Error("the file is still there")
	}
	s = at.serve("-Dpara.pidfile_enabled=false")
	if found, _ := filepath.Glob(at.path("*.pid")); len(found) > 0 {
		t.Errorf("switched off, but %q", found)
	}
	s.stop()
	s = at.with("PIDFILE=own.pid").serve()
	if got := at.read("own.pid"); got != strconv.Itoa(s.cmd.Process.Pid) {
		t.Errorf("own.pid holds %q", got)
	}
	at.write("own.pid", "1") // another server's by now
	s.stop()
	if got := at.read("own.pid"); got != "1" {
		t.Errorf("the other server's file holds %q", got)
	}
	if got := at.run("", "serve", "--port", "0", "-Dspring.pid.file=no/such/folder.pid", "-Dspring.pid.fail-on-write-error=true"); got.code != exitFailed || !strings.Contains(got.err, "write the process id") {
		t.Errorf("a file that must be written: exit %d\n%s", got.code, got.err)
	}
}

// slowRequest sends a request but for the end of its body and returns what sends that and reads the answer.
func slowRequest(t *testing.T, s *process) (finish func() (*http.Response, error)) {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.Address, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	body := `{"grant_type":"none"}`
	fmt.Fprintf(conn, "POST /jwt_auth HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n", len(body))
	in := bufio.NewReader(conn)
	if line, err := in.ReadString('\n'); err != nil || !strings.Contains(line, "100 Continue") { // the server reads the body
		t.Fatalf("%q %v", line, err)
	}
	if _, err := in.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	return func() (*http.Response, error) {
		if _, err := io.WriteString(conn, body); err != nil {
			return nil, err
		}
		return http.ReadResponse(in, nil)
	}
}

// closed waits until a server takes no connections any more.
func closed(t *testing.T, s *process) {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		conn, err := net.Dial("tcp", strings.TrimPrefix(s.Address, "http://"))
		if err != nil {
			return
		}
		conn.Close()
	}
	t.Fatal("the server still takes connections")
}

// D116: the running request is finished, then the server ends with 0.
func TestSignalsDrain(t *testing.T) {
	for _, sig := range []os.Signal{syscall.SIGTERM, os.Interrupt, syscall.SIGHUP} {
		at := newPlace(t)
		s := at.serve()
		finish := slowRequest(t, s)
		s.signal(sig)
		closed(t, s)
		res, err := finish()
		if err != nil {
			t.Fatalf("%s: %v\n%s", sig, err, s.log)
		}
		if res.StatusCode != http.StatusBadRequest { // a complete answer: the provider is unknown
			t.Errorf("%s: status %d", sig, res.StatusCode)
		}
		if code := s.exit(); code != 0 {
			t.Errorf("%s: exit code %d", sig, code)
		}
		if left, _ := filepath.Glob(at.path("*.pid")); len(left) > 0 {
			t.Errorf("%s: left %q", sig, left)
		}
		at.serve().stop() // nothing holds the data folder
	}
}

// D116: a client that stalls in the midst of its request does not hold up the end, and is no failure.
func TestStalledRequestsDoNotHoldUpTheEnd(t *testing.T) {
	s := newPlace(t).serve()
	slowRequest(t, s)
	s.stop()
	if strings.Contains(s.log.String(), "cut off") { // the patience of the drain is shorter than the drain
		t.Errorf("%s", s.log)
	}
}

// C 7.4: who cannot wait signals again.
func TestSecondSignalEndsAtOnce(t *testing.T) {
	s := newPlace(t).serve()
	slowRequest(t, s)
	s.signal(syscall.SIGTERM)
	closed(t, s)
	s.signal(syscall.SIGTERM)
	if code := s.exit(); code != exitFailed || strings.Contains(s.log.String(), "--- Para.destroy() ---") {
		t.Errorf("exit code %d\n%s", code, s.log)
	}
}

// One line for each request, if that is wanted; JSON, as the log is not a terminal.
func TestAccessLog(t *testing.T) {
	for _, on := range []bool{true, false} {
		s := newPlace(t).serve("-Dpara.access_log_enabled=" + strconv.FormatBool(on))
		for range 3 {
			s.get("/v1/_health")
		}
		s.stop()
		var lines []map[string]any
		for line := range strings.SplitSeq(strings.TrimSpace(s.log.String()), "\n") {
			var members map[string]any
			if err := json.Unmarshal([]byte(line), &members); err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			if members["path"] == "/v1/_health" {
				lines = append(lines, members)
			}
		}
		if want := map[bool]int{true: 3}[on]; len(lines) != want {
			t.Errorf("%v: %d lines\n%s", on, len(lines), s.log)
		}
		if slices.ContainsFunc(lines, func(m map[string]any) bool { return m["method"] != "GET" || m["status"] != 200.0 }) {
			t.Errorf("%v", lines)
		}
	}
}

func TestConfig(t *testing.T) {
	at := newPlace(t)
	example, err := os.ReadFile("testdata/application.conf")
	if err != nil {
		t.Fatal(err)
	}
	at.write("application.conf", string(example))
	got := at.with("PARA_WORKER_ID=7").run("", "config", "--config", "application.conf", "--port", "81", "-Dpara.gzip_enabled=true")
	var settings []struct {
		Name, Value, Origin string
		Default             bool
	}
	if err := json.Unmarshal([]byte(got.out), &settings); err != nil || got.code != 0 {
		t.Fatalf("exit %d, %v\n%s%s", got.code, err, got.out, got.err)
	}
	seen := map[string]string{}
	for _, s := range settings {
		seen[s.Name] = s.Value + " from " + s.Origin
		if s.Default {
			t.Errorf("%s has its default and is shown without --all", s.Name)
		}
	}
	for name, want := range map[string]string{
		"para.app_name":       "Para from application.conf:1:17",
		"para.app_secret_key": "<redacted> from application.conf:6:23",
		"para.worker_id":      "7 from environment variable PARA_WORKER_ID",
		"para.port":           "81 from flag --port",
		"para.gzip_enabled":   "true from definition -Dpara.gzip_enabled",
		"para.dao":            "H2DAO from packaged default",
	} {
		if seen[name] != want {
			t.Errorf("%s: %s, want %s", name, seen[name], want)
		}
	}
	if strings.Contains(got.out+got.err, "b8db69a24a43f2ce134909f164a45263") {
		t.Error("the secret is shown")
	}
	for _, warning := range []string{"application.conf:4:36: unknown key para.clients_can_access_root_app", "application.conf:7:30: unknown key para.security.api_security"} {
		if !strings.Contains(got.err, warning) {
			t.Errorf("no warning %q:\n%s", warning, got.err)
		}
	}
	at.write("typo.conf", "para.max_page_limt = 9\n")
	if got := at.run("", "config", "--config", "typo.conf"); got.code != 0 || !strings.Contains(got.err, "typo.conf:1:22: unknown key para.max_page_limt; did you mean para.max_page_limit?") {
		t.Errorf("typo: exit %d\n%s", got.code, got.err)
	}
	at.write("bad.conf", "\npara.max_page_limit = abc\n")
	for _, command := range []string{"config", "check-config"} {
		if got := at.run("", command, "--config", "bad.conf"); got.code != exitFailed || got.out != "" || !strings.Contains(got.err, "bad.conf:2:23") || !strings.Contains(got.err, "para.max_page_limit") {
			t.Errorf("%s: exit %d\n%s%s", command, got.code, got.out, got.err)
		}
	}
	if got := at.run("", "config", "--all"); got.code != 0 || !strings.Contains(got.out, `"para.max_page_limit"`) || !strings.Contains(got.err, "-Dconfig.file=./application.conf") {
		t.Errorf("--all: exit %d\n%s", got.code, got.err)
	}
}

// asUser makes a process run as another user.
func asUser(id uint32) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: id, Gid: id}}
}
