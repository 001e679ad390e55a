package crash

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	para "github.com/erudika/para-go"
)

const tracedRequests = 240

// TestFlushBeforeAnswer traces the system calls of the server while clients write. The flush of each commit must have
// ended before its answer begins, and a disk that loses what was not flushed must hold, at every moment, everything that
// was answered until then.
func TestFlushBeforeAnswer(t *testing.T) {
	needStrace(t)
	rng := newRand(t)
	dir := filepath.Join(t.TempDir(), "data")
	traced := filepath.Join(t.TempDir(), "trace")
	s := start(t, launch{dir: dir, before: straceTo(traced)})
	f := newFleet(t, s, rng, 1, 2)
	for _, err := range f.each(func(w *writer) error {
		w.maxText = 300
		w.remember = true
		return w.run(t.Context(), s.client(t, w.app, f.secrets[w.app]), func() bool { return w.written < tracedRequests/4 })
	}) {
		t.Error(err)
	}
	s.stop(t)
	events := readTrace(t, traced)
	t.Logf("%d events", len(events))
	answers := findAnswers(t, events, f)
	checkFlushes(t, events, dir, answers)
	cutPower(t, rng, events, dir, f, answers)
}

// needles are texts that are in the answer, and in the log of the store: a name with its quotation mark.
func (r *request) needles() []string {
	if r.hits > 0 {
		return []string{fmt.Sprintf(`"%s":%d,`, r.w.name, r.hits), fmt.Sprintf(`"%s":%d}`, r.w.name, r.hits)}
	}
	var list []string
	for i, s := range r.states {
		if s.there() {
			list = append(list, r.entries[i].key+" "+s.stamp+`"`)
		}
	}
	return list
}

// findAnswers finds the line on which the answer to each request begins.
func findAnswers(t *testing.T, events []event, f *fleet) (all []*request) {
	t.Helper()
	waiting := map[string]*request{} // by needle
	for _, writers := range f.writers {
		for _, w := range writers {
			for _, r := range w.requests {
				all = append(all, r)
				needles := r.needles()
				if len(needles) == 0 { // the server may read the first byte by itself
					needles = []string{"ELETE /v1/" + r.entries[0].typ + "/" + r.entries[0].id + " "}
				}
				for _, n := range needles {
					waiting[n] = r
				}
			}
		}
	}
	deleting := map[string]*request{} // by connection
	for _, e := range events {
		c := e.call
		if len(c.args) < 2 || !strings.Contains(c.args[0], "TCP") {
			continue
		}
		text := c.text(1)
		switch {
		case c.name == "read" && e.end:
			line, _, _ := strings.Cut(text, "HTTP/1.1\r\n")
			if r := waiting[strings.TrimPrefix(line, "D")]; r != nil {
				deleting[c.args[0]] = r
			}
		case c.name == "write" && !e.end:
			if r := deleting[c.args[0]]; r != nil {
				r.answer = c.enter
				delete(deleting, c.args[0])
			}
			for n, r := range waiting {
				if strings.Contains(text, n) {
					if r.answer == 0 {
						r.answer = c.enter
					}
					delete(waiting, n)
				}
			}
		}
	}
	for _, r := range all {
		if r.answer == 0 {
			t.Fatalf("the answer to a %s of client %s is not in the trace", r.what, r.w.name)
		}
	}
	return all
}

// checkFlushes finds, for each object that was written, the commit in the write-ahead log and its flush.
func checkFlushes(t *testing.T, events []event, dir string, answers []*request) {
	t.Helper()
	late := 0
	for app, requests := range byApp(answers) {
		l := readWriteAheadLog(events, filepath.Join(dir, "apps", para.AppIdentifier(app)+".db-wal"))
		for _, r := range requests {
			if r.hits > 0 { // later commits write the same bytes again
				continue
			}
			for _, n := range r.needles() {
				if err := l.flushed(n, r.answer); err != nil {
					if late++; late <= 5 {
						t.Errorf("%s of client %s, answered on line %d: %v", r.what, r.w.name, r.answer, err)
					}
				}
			}
		}
	}
	if late > 0 {
		t.Fatalf("%d objects were answered before their commit was flushed", late)
	}
}

func byApp(requests []*request) map[string][]*request {
	apps := map[string][]*request{}
	for _, r := range requests {
		apps[r.w.app] = append(apps[r.w.app], r)
	}
	return apps
}

// writeAheadLog is what happened to one log of SQLite.
type writeAheadLog struct {
	writes []*syscallEntry // of frame headers and pages in turn
	texts  []string        // what they wrote
	syncs  []*syscallEntry
}

func readWriteAheadLog(events []event, path string) *writeAheadLog {
	l := &writeAheadLog{}
	for _, e := range events {
		if !e.end || e.call.result < 0 || e.call.path(0) != path {
			continue
		}
		switch e.call.name {
		case "pwrite64":
			l.writes, l.texts = append(l.writes, e.call), append(l.texts, e.call.text(1))
		case "fsync", "fdatasync":
			l.syncs = append(l.syncs, e.call)
		}
	}
	return l
}

// frameHeader is the size of the header of a frame; at offset 4 the last frame of a commit has the size of the database
// (https://sqlite.org/fileformat2.html#walformat).
const frameHeader = 24

// flushed checks that a flush of the first commit that wrote text ended before an answer.
func (l *writeAheadLog) flushed(text string, answer int) error {
	first := slices.IndexFunc(l.texts, func(written string) bool { return strings.Contains(written, text) })
	if first < 1 {
		return fmt.Errorf("%q was not written to the log", text)
	}
	for i := first - 1; i < len(l.writes)-1; i++ {
		head := l.texts[i]
		if len(head) != frameHeader || binary.BigEndian.Uint32([]byte(head[4:])) == 0 {
			continue
		}
		page := l.writes[i+1] // the last write of the commit
		for _, s := range l.syncs {
			if s.enter > page.exit {
				if s.exit < answer {
					return nil
				}
				return fmt.Errorf("its commit, complete on line %d, was flushed on line %d only", page.exit, s.exit)
			}
		}
		return fmt.Errorf("its commit, complete on line %d, was never flushed", page.exit)
	}
	return fmt.Errorf("%q was not committed", text)
}

// cutPower cuts the power when answers begin and at random moments.
func cutPower(t *testing.T, rng *rand.Rand, events []event, dir string, f *fleet, answers []*request) {
	t.Helper()
	slices.SortFunc(answers, func(a, b *request) int { return a.answer - b.answer })
	lines := map[int]bool{}
	for range 14 {
		lines[answers[rng.IntN(len(answers))].answer] = true
	}
	first, last := answers[0].answer, events[len(events)-1].call.exit
	for range 14 {
		lines[first+rng.IntN(last-first)] = true
	}
	disk := newTracedDisk(dir)
	cuts := 0
	for _, e := range events {
		line := e.call.enter
		if e.end {
			line = e.call.exit
		}
		if lines[line] && !e.end {
			delete(lines, line)
			what := luck(cuts % 3)
			left := disk.cut(t, rng, what)
			past := f.before(line)
			past.looks = cuts/3 + cuts // so that each kind of luck is checked as a whole now and then
			past.resolve(t, left)
			if cuts%9 == 0 {
				s := start(t, launch{dir: left})
				past.compare(t, s)
				s.stop(t)
			}
			cuts++
		}
		if err := disk.take(e); err != nil {
			t.Fatal(err)
		}
	}
	if cuts < 15 {
		t.Errorf("power was cut %d times only", cuts)
	}
	t.Logf("power was cut %d times within %d answers", cuts, len(answers))
}

// before returns the fleet as it was known on a line of the trace: answers that begin later count as not given.
func (f *fleet) before(line int) *fleet {
	past := &fleet{secrets: f.secrets, writers: map[string][]*writer{}}
	for app, writers := range f.writers {
		for _, w := range writers {
			past.writers[app] = append(past.writers[app], w.before(line))
		}
	}
	return past
}

func (w *writer) before(line int) *writer {
	past := newWriter(w.name, w.app, 0)
	entries := map[*entry]*entry{}
	for _, e := range w.entries {
		entries[e] = &entry{key: e.key, typ: e.typ, id: e.id}
		past.entries = append(past.entries, entries[e])
	}
	for _, r := range w.requests {
		known := r.answer <= line
		op := &operation{what: r.what}
		if r.hits > 0 && known {
			past.hits = r.hits
		} else if r.hits > 0 {
			past.hitsDoubt = r.hits
		}
		for i, e := range r.entries {
			if known {
				past.become(entries[e], r.states[i])
			} else {
				entries[e].doubt, entries[e].doubted = r.states[i], op
			}
		}
		if !known { // a client sends its next request after this answer
			break
		}
	}
	return past
}
