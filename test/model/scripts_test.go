package model

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// replayScripts is how many scripts are played at the same time, each against an app of its own.
const replayScripts = 2

// player plays scripts, each against an app of its own.
type player struct {
	root  *caller
	apps  atomic.Int64
	kept  atomic.Int64
	tasks sync.WaitGroup
}

// TestScripts plays random scripts until the time is over or one disagrees with the model.
func TestScripts(t *testing.T) {
	r := startServer(t)
	p := &player{root: r.root()}
	first := *seedFlag
	single := first != 0
	if !single {
		first = rand.Uint64() >> 16
	}
	t.Logf("scripts from seed %d on, %d calls each", first, *steps)
	end := time.Now().Add(*duration)
	var next, calls atomic.Uint64
	for range replayScripts {
		p.tasks.Go(func() {
			for !t.Failed() {
				i := next.Add(1) - 1
				if single && i > 0 || time.Now().After(end) {
					return
				}
				script := scriptOf(first+i, *steps)
				d := p.play(script)
				calls.Add(uint64(len(script)))
				if d != nil {
					t.Error(p.shrink(first+i, script, d))
				}
			}
		})
	}
	p.tasks.Wait()
	t.Logf("%d scripts, %d calls", next.Load(), calls.Load())
	r.stop()
	checkFiles(t, r.dir)
}

// difference is where an answer differs from the model's.
type difference struct {
	at   int // index in the script
	what string
}

// play plays a script against a new app and a new model.
func (p *player) play(script []*call) *difference {
	app := fmt.Sprintf("script-%d", p.apps.Add(1))
	c, err := p.root.newApp(app)
	if err != nil {
		return &difference{0, err.Error()}
	}
	w := newWorld(app)
	m := &names{ids: map[int]string{}}
	for i, symbolic := range script {
		if what := step(c, w, m, m.resolve(symbolic)); what != "" {
			return &difference{i, what}
		}
	}
	if what := sweep(c, w); what != "" {
		return &difference{len(script) - 1, "after the script: " + what}
	}
	// Keep some files for the look into them; the others would fill the disk.
	if p.kept.Add(1) > keepFiles {
		if a, err := p.root.send("DELETE", []string{"apps", "app:" + app}, nil, ""); err != nil || a.status != 200 {
			return &difference{len(script) - 1, fmt.Sprintf("delete the app: %v %v", a, err)}
		}
	}
	return nil
}

// keepFiles is how many apps are left for checkFiles.
const keepFiles = 60

// step sends one call and compares the answer with the model's.
func step(c *caller, w *world, m *names, k *call) string {
	if what := settle(c, w); what != "" {
		return what
	}
	w.now.from = time.Now().UnixMilli()
	a, err := c.send(k.method, k.path, k.query, k.body)
	if err != nil {
		return err.Error()
	}
	w.now.to = time.Now().UnixMilli()
	w.got, w.last = a, nil
	e := w.apply(k)
	if what := disagree(e, a); what != "" {
		return what
	}
	if e.made != "" {
		m.ids[k.n] = e.made
	}
	if w.last != nil {
		w.cursor, m.cursor = w.last.made, w.last.docid.String()
	}
	return ""
}

// settle reads the objects of which the model does not know all that the server chose.
func settle(c *caller, w *world) string {
	query := url.Values{}
	var read []*object
	for id, o := range w.objects {
		for _, v := range o.members {
			if u, isUnknown := v.(*unknown); isUnknown && u.value == nil {
				query.Add("ids", id)
				read = append(read, o)
				break
			}
		}
	}
	if len(read) == 0 {
		return ""
	}
	a, err := c.send("GET", []string{"_batch"}, query, "")
	if err != nil {
		return err.Error()
	}
	want := []any{}
	for _, o := range read {
		want = append(want, o.view(time.Now().UnixMilli()))
	}
	if what := disagree(ok(want), a); what != "" {
		return "read back: " + what
	}
	return ""
}

// sweep compares everything that is stored and everything that is found with the model.
func sweep(c *caller, w *world) string {
	if what := settle(c, w); what != "" {
		return what
	}
	var all []*object
	query := url.Values{}
	for id, o := range w.objects {
		all = append(all, o)
		query.Add("ids", id)
	}
	want := []any{}
	for _, o := range all {
		want = append(want, o.view(time.Now().UnixMilli()))
	}
	if len(all) > 0 {
		a, err := c.send("GET", []string{"_batch"}, query, "")
		if err != nil {
			return err.Error()
		}
		if what := disagree(ok(want), a); what != "" {
			return "read all: " + what
		}
	}
	// Page through the index in the order of creation.
	all = slices.DeleteFunc(all, func(o *object) bool { return !o.indexed() })
	w.order(all, "_docid", false)
	var docids []uint64
	page := url.Values{"sort": {"_docid"}, "desc": {"false"}, "limit": {"7"}}
	for len(all) > 0 {
		a, err := c.send("GET", []string{"search"}, page, "")
		if err != nil {
			return err.Error()
		}
		items, _ := a.object()["items"].([]any)
		if len(items) == 0 || len(items) > len(all) {
			return fmt.Sprintf("a page of the index is %s; %d objects are left", a, len(all))
		}
		for i, item := range items {
			if what := differ(fmt.Sprintf("item %d of the index", i), all[i].view(time.Now().UnixMilli()), item); what != "" {
				return what
			}
		}
		last := all[len(items)-1]
		if what := differ("lastKey", last.docid, a.object()["lastKey"]); what != "" {
			return what
		}
		var docid uint64
		_, _ = fmt.Sscan(last.docid.String(), &docid)
		docids = append(docids, docid)
		all = all[len(items):]
		page.Set("lastKey", last.docid.String())
	}
	if !slices.IsSorted(docids) {
		return fmt.Sprintf("the pages end with the numbers %d: they must grow", docids)
	}
	a, err := c.send("GET", []string{"search"}, page, "")
	if err != nil {
		return err.Error()
	}
	if items, isList := a.object()["items"].([]any); !isList || len(items) != 0 {
		return fmt.Sprintf("the page after the last one is %s", a)
	}
	return ""
}

// shrink takes calls out of a script as long as it disagrees, and reports what is left.
func (p *player) shrink(seed uint64, script []*call, d *difference) string {
	end := time.Now().Add(shrinkTime)
	script = script[:d.at+1]
	for size := len(script) / 2; size > 0; size /= 2 {
		for from := 0; from+size <= len(script) && time.Now().Before(end); {
			shorter := slices.Concat(script[:from], script[from+size:])
			if found := p.play(shorter); found != nil {
				script, d = shorter[:found.at+1], found
				continue
			}
			from += size
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "the script of seed %d disagrees with the model; play it again with -run TestScripts -seed %d -steps %d\n", seed, seed, *steps)
	for _, c := range script {
		fmt.Fprintln(&b, c)
	}
	fmt.Fprintf(&b, "to the last call: %s", d.what)
	return b.String()
}

// shrinkTime is how long a script is made shorter.
const shrinkTime = 20 * time.Second
