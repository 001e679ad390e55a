//go:build unix

package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/term"
)

// screen is a call of the program on a terminal.
type screen struct {
	t       *testing.T
	file    *os.File // the side of the person
	mu      sync.Mutex
	text    bytes.Buffer
	reading chan struct{}
	done    chan int
}

// onTerminal calls the program with a terminal as standard input, output and error.
func (p *place) onTerminal(args ...string) *screen {
	p.t.Helper()
	return p.show(p.command(args...))
}

// show starts a call of the program on a terminal.
func (p *place) show(c *exec.Cmd) *screen {
	p.t.Helper()
	c.Env = append([]string{"TERM=xterm"}, c.Env...) // what the place says wins
	file, err := pty.Start(c)
	if err != nil {
		p.t.Fatal(err)
	}
	s := &screen{t: p.t, file: file, reading: make(chan struct{}), done: make(chan int, 1)}
	go func() {
		defer close(s.reading)
		buffer := make([]byte, 4096)
		for {
			n, err := file.Read(buffer)
			s.mu.Lock()
			s.text.Write(buffer[:n])
			s.mu.Unlock()
			if err != nil { // the program has ended
				return
			}
		}
	}()
	go func() {
		_ = c.Wait() // the state tells how it ended
		s.done <- c.ProcessState.ExitCode()
	}()
	p.t.Cleanup(func() {
		_ = c.Process.Kill() // gone already when the test waited for it
		file.Close()
	})
	return s
}

// String is what the terminal shows, with plain line ends.
func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.ReplaceAll(s.text.String(), "\r\n", "\n")
}

// wait waits until the terminal shows a text.
func (s *screen) wait(text string) {
	s.t.Helper()
	for end := time.Now().Add(patience); !strings.Contains(s.String(), text); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			s.t.Fatalf("no %q on the terminal:\n%s", text, s)
		}
	}
}

func (s *screen) write(keys string) {
	s.t.Helper()
	if _, err := io.WriteString(s.file, keys); err != nil {
		s.t.Fatal(err)
	}
}

// exit waits for the end and returns exit code and all that was shown.
func (s *screen) exit() (int, string) {
	s.t.Helper()
	select {
	case code := <-s.done:
		<-s.reading
		return code, s.String()
	case <-time.After(patience):
		s.t.Fatalf("the program does not end:\n%s", s)
		return 0, ""
	}
}

// state is what the terminal does with keys, the echo among it.
func (s *screen) state() term.State {
	s.t.Helper()
	state, err := term.GetState(int(s.file.Fd()))
	if err != nil {
		s.t.Fatal(err)
	}
	return *state
}

const interruptKey = "\x03"

func TestResultsOnATerminal(t *testing.T) {
	at := startServer(t)
	at.write("a.json", `[{"id":"t1","type":"todo","name":"buy milk"},{"id":"t2","type":"todo","name":"evil \u001b[2J\u0007\nname"}]`)
	at.write("k.md", "x")
	green, red, off := "\x1b[32m", "\x1b[31m", "\x1b[0m"
	for _, tt := range []struct {
		line string
		code int
		want string // a regular expression for all that is shown
	}{
		{"ping", 0, `^` + regexp.QuoteMeta(green+"✔ "+off) + `Connected to Para server v1\.54\.8 on \S+\. Authenticated as: app para \(app:para\)\n$`},
		{"create a.json", 0, `^` + regexp.QuoteMeta(green+"✔ "+off) + `Created 2 objects\.\n$`},
		{"search type:todo --sort name --desc false", 0, `^ID +TYPE +NAME +CREATED\nt1  todo  buy milk +\d{4}-\d\d-\d\d \d\d:\d\d\nt2  todo  evil  \[2J  name  .*\n$`},
		{"search type:todo --limit 1", 0, `(?s)^ID.*1 of 2 objects; the next ones: --lastKey \d+\n$`},
		{"search type:todo --page all", 0, `(?s)^ID.*t1.*t2.*\n$`},
		{"search type:nothing", 0, `^\[\]\n$`},
		{"search type:todo --json", 0, `(?s)^\[\n  \{\n    "id": "t.*\]\n$`},
		{"read --id t1", 0, `(?s)^id +t1\ntimestamp +\d+\ntype +todo\n.*name +buy milk\n`},
		{"read t1 t2", 0, `(?s)^id +t1\n.*\n\nid +t2\n`},
		{"read --id none", 3, `^\[\]\n` + regexp.QuoteMeta(red+"✖ "+off) + `not found: no object with id none\n$`},
		{"types", 0, `(?m)^todos +todo$`},
		{"apps", 0, `^ID +TYPE +NAME +CREATED\napp:para  app `},
		{"new-app blog", 0, `(?s)App created:\naccessKey +app:blog\nsecretKey +\S{56}\n`},
		{"settings set a 5", 0, `Setting a stored`},
		{"settings", 0, `^a  5\n$`},
		{"version", 0, `^para 0\.\S+ \(.*\), API level 1\.54\.8\n$`},
		{"config", 0, `(?m)^para\.dao += "H2DAO" +packaged default$`},
		{"check", 0, `\d+ objects compared, 0 differences`},
		{"serch", 2, `unknown command "serch"; did you mean search\?`},
		{"children app/x cat --count --delete", 2, `count`},
	} {
		code, got := at.onTerminal(strings.Fields(tt.line)...).exit()
		if code != tt.code || !regexp.MustCompile(tt.want).MatchString(got) {
			t.Errorf("para %s: exit %d\n%q\nwant %d, %s", tt.line, code, got, tt.code, tt.want)
		}
		if strings.Contains(got, "\x1b[2J") || strings.Contains(got, "\a") {
			t.Errorf("para %s lets an object write to the terminal: %q", tt.line, got)
		}
	}
	for _, variable := range []string{"NO_COLOR=1", "TERM=dumb"} {
		if _, got := at.with(variable).onTerminal("ping").exit(); !strings.Contains(got, "✔ Connected") || strings.Contains(got, "\x1b") {
			t.Errorf("%s: %q", variable, got)
		}
	}
}

// para setup asks, does not show the secret, and keeps nothing when it is interrupted.
func TestSetupOnATerminal(t *testing.T) {
	s := startServer(t)
	at := newPlace(t)

	one := at.onTerminal("setup")
	one.wait("Para Access Key [app:para]: ")
	one.write("\n")
	one.wait("Para Secret Key: ")
	one.write(testSecret + "\n")
	one.wait("Para Endpoint [http://localhost:8080]: ")
	one.write(s.server.Address + "\n")
	code, got := one.exit()
	if code != 0 || !strings.Contains(got, "Connected to Para server") || !strings.Contains(got, "Saved in ") || strings.Contains(got, testSecret) {
		t.Fatalf("exit %d\n%s", code, got)
	}
	if o := at.run("", "ping"); o.code != 0 {
		t.Error(o.err)
	}

	two := at.onTerminal("setup")
	two.wait("Para Access Key [app:para]: ")
	before := two.state()
	two.write("app:other\n")
	two.wait("Para Secret Key [keep the one found]: ")
	for end := time.Now().Add(patience); two.state() == before && time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
	}
	if two.state() == before {
		t.Fatal("the terminal shows the secret while it is typed")
	}
	two.write(interruptKey)
	if code, got := two.exit(); code != exitInterrupted || !strings.Contains(got, "Interrupted.") {
		t.Errorf("interrupted: exit %d\n%s", code, got)
	}
	if two.state() != before {
		t.Error("the terminal still hides what is typed")
	}
	if o := at.run("", "ping"); o.code != 0 {
		t.Errorf("the interrupted setup changed something: %s", o.err)
	}

	three := at.onTerminal("setup") // the values of before are offered
	for range 3 {
		three.write("\n")
	}
	if code, got := three.exit(); code != 0 || !strings.Contains(got, "Para Endpoint ["+s.server.Address+"]: ") {
		t.Errorf("the same again: exit %d\n%s", code, got)
	}
}

func TestDeleteAppAsks(t *testing.T) {
	at := startServer(t)
	if o := at.run("", "new-app", "blog"); o.code != 0 {
		t.Fatal(o.err)
	}
	for _, tt := range []struct {
		answer, want string
		code         int
	}{
		{"no\n", "cancelled: nothing was changed", exitFailed},
		{"\n", "cancelled: nothing was changed", exitFailed},
		{interruptKey, "Interrupted.", exitInterrupted},
		{"yes\n", "App app:blog was deleted!", 0},
	} {
		s := at.onTerminal("delete-app", "blog")
		s.wait("Delete app:blog? ALL DATA FOR THAT APP WILL BE LOST! Type yes to go on: ")
		s.write(tt.answer)
		if code, got := s.exit(); code != tt.code || !strings.Contains(got, tt.want) {
			t.Errorf("%q: exit %d\n%s", tt.answer, code, got)
		}
	}
}

// The start on a terminal says where things are and what to try, and what it says works as it stands.
func TestServeOnATerminal(t *testing.T) {
	for _, tt := range []struct {
		name string
		args []string
	}{
		{"defaults", []string{"serve", "--port", "0"}},
		{"other places", []string{"serve", "--port", "0", "--config", "my keys.conf", "--data", "my data", "-Dpara.context_path=/ctx", "-Dpara.print_logo=false"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			at := newPlace(t)
			at.write("my keys.conf", "")
			s := at.onTerminal(tt.args...)
			s.wait(`search "type:todo"`)
			text := s.String()
			for _, want := range []string{
				`(?m)^  Para 0\.\S+ is ready\.$`,
				`(?m)^  Address    http://localhost:\d+(/ctx)?$`,
				`(?m)^  Storage    SQLite, in ` + regexp.QuoteMeta(at.dir) + `/(my )?data$`,
				`(?m)^  Root keys  ` + regexp.QuoteMeta(at.dir) + `/(para-application|my keys)\.conf$`,
				`(?m)^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \[INFO \] Started ParaServer in `,
			} {
				if !regexp.MustCompile(want).MatchString(text) {
					t.Errorf("no %s in\n%s", want, text)
				}
			}
			if got, want := strings.Contains(text, `/ .___/`), tt.name == "defaults"; got != want {
				t.Errorf("the banner is shown: %v\n%s", got, text)
			}
			_, try, _ := strings.Cut(text, "Try in another terminal, in this folder:\n\n")
			lines := strings.Split(try, "\n")[:3]
			for _, line := range lines {
				if o := at.shell(line); o.code != 0 {
					t.Errorf("%s: exit %d\n%s%s", line, o.code, o.out, o.err)
				}
			}
			if o := at.run("", "read", "--id", "todo1"); o.code != 0 || !strings.Contains(o.out, "buy milk") {
				t.Errorf("after these lines: exit %d\n%s", o.code, o.err)
			}
			s.write(interruptKey)
			if code, got := s.exit(); code != 0 {
				t.Errorf("Ctrl-C: exit %d\n%s", code, got)
			}
		})
	}
	at := newPlace(t)
	s := at.onTerminal("serve", "--port", "0", "--json")
	s.wait(`"msg":"Para is ready"`)
	if text := s.String(); strings.Contains(text, "[INFO ]") || strings.Contains(text, "Try in another terminal") {
		t.Errorf("--json on a terminal:\n%s", text)
	}
	s.write(interruptKey)
	s.exit()
}
