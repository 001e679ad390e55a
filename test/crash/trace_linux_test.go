package crash

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// needStrace fails the test where strace is missing.
func needStrace(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("strace"); err != nil {
		t.Fatal("strace is missing, so nobody can see whether commits are flushed before they are answered: " +
			"install it (Debian: apt-get install strace; test/crash/tools.sh does that as root)")
	}
}

// tracedCalls are the system calls that change files or their names, flush them, or talk to clients.
const tracedCalls = "open,openat,creat,read,write,pwrite64,writev,pwritev,pwritev2,sendto,sendmsg,fsync,fdatasync," +
	"sync_file_range,msync,truncate,ftruncate,fallocate,rename,renameat,renameat2,unlink,unlinkat,link,linkat," +
	"copy_file_range,sendfile"

// tracedText is the number of bytes of a text that strace keeps; longer ones fail the test.
const tracedText = 200_000

// straceTo is the command that runs another one and writes its system calls to a file. Texts and paths are hexadecimal.
func straceTo(path string) []string {
	return []string{"strace", "-D", "-f", "--seccomp-bpf", "-yy", "-xx", "-s", strconv.Itoa(tracedText), "-e", "trace=" + tracedCalls,
		"-e", "signal=none", "-o", path, "--"}
}

// syscallEntry is one system call. The order of lines is the order of events: what was seen to end stands before what began
// because of it.
type syscallEntry struct {
	enter, exit int // line numbers; equal when nothing else happened in between
	name        string
	args        []string
	result      int64
}

// event is the begin or the end of a call.
type event struct {
	call *syscallEntry
	end  bool
}

// readTrace returns the begins and ends of all calls in order.
func readTrace(t *testing.T, path string) []event {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16*tracedText)
	var events []event
	open := map[string]*syscallEntry{} // unfinished calls by thread
	for n := 1; lines.Scan(); n++ {
		if strings.Contains(lines.Text(), `"...`) {
			t.Fatalf("%s:%d: a text is cut off; raise tracedText", path, n)
		}
		thread, rest, _ := strings.Cut(lines.Text(), " ")
		rest = strings.TrimLeft(rest, " ")
		switch {
		case strings.HasPrefix(rest, "+++"), strings.HasPrefix(rest, "---"):
		case strings.HasPrefix(rest, "<... "):
			c := open[thread]
			if c == nil {
				t.Fatalf("%s:%d: the end of a call without its begin", path, n)
			}
			delete(open, thread)
			_, tail, _ := strings.Cut(rest, " resumed>")
			c.exit = n
			err = c.finish(tail)
			events = append(events, event{c, true})
		case strings.HasSuffix(rest, "<unfinished ...>"):
			c := &syscallEntry{enter: n}
			open[thread] = c
			c.begin(strings.TrimSuffix(rest, "<unfinished ...>"))
			events = append(events, event{c, false})
		default:
			c := &syscallEntry{enter: n, exit: n}
			i := strings.LastIndex(rest, ") ")
			if i < 0 {
				t.Fatalf("%s:%d: not a call: %.200s", path, n, rest)
			}
			c.begin(rest[:i])
			err = c.finish(rest[i:])
			events = append(events, event{c, false}, event{c, true})
		}
		if err != nil {
			t.Fatalf("%s:%d: %v: %.200s", path, n, err, rest)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return events
}

func (c *syscallEntry) begin(text string) {
	var args string
	c.name, args, _ = strings.Cut(text, "(")
	c.addArgs(args)
}

func (c *syscallEntry) addArgs(text string) {
	text = strings.Trim(text, ", ")
	if text != "" {
		c.args = append(c.args, strings.Split(text, ", ")...)
	}
}

// finish reads the rest of the arguments and the result.
func (c *syscallEntry) finish(text string) error {
	args, result, ok := strings.Cut(text, ")")
	if !ok {
		return fmt.Errorf("no result")
	}
	c.addArgs(args)
	result = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(result), "="))
	if strings.HasPrefix(result, "?") { // the process ended in the midst of it
		c.result = -1
		return nil
	}
	end := strings.IndexFunc(result, func(r rune) bool { return r != '-' && (r < '0' || r > '9') })
	if end < 0 {
		end = len(result)
	}
	var err error
	c.result, err = strconv.ParseInt(result[:end], 10, 64)
	return err
}

// path is the file or socket that argument i, a descriptor, stands for.
func (c *syscallEntry) path(i int) string {
	if i >= len(c.args) {
		return ""
	}
	_, p, _ := strings.Cut(c.args[i], "<")
	return unhex(strings.TrimSuffix(p, ">"))
}

// text is the text of argument i.
func (c *syscallEntry) text(i int) string {
	if i >= len(c.args) {
		return ""
	}
	return unhex(strings.Trim(c.args[i], `"`))
}

func (c *syscallEntry) number(i int) (int64, error) {
	if i >= len(c.args) {
		return 0, fmt.Errorf("%s: argument %d is missing", c.name, i)
	}
	return strconv.ParseInt(c.args[i], 10, 64)
}

// unhex decodes \x61\x62; other text stays as it is.
func unhex(s string) string {
	if !strings.HasPrefix(s, `\x`) {
		return s
	}
	b, err := hex.DecodeString(strings.ReplaceAll(s, `\x`, ""))
	if err != nil {
		return s
	}
	return string(b)
}
