package model

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// clients is how many clients change one set of objects.
const clients = 16

// The objects of the crowd:
//
//   - steady ones are never deleted nor replaced. Each client has a member of its own in each of them, and counts what it
//     did, so that a lost member, vote or version shows. The second half has optimistic locking on.
//   - counters are incremented by clients that read and then PATCH with the version they saw.
//   - wild ones are created, replaced, patched and deleted by everybody. A life of one starts when it is created or
//     replaced and has a token of its own; patches add members and never take any away, so the states of one life form a
//     chain in which each contains the one before.
var (
	steady   = []string{"steady0", "steady1", "steady2", "steady3"}
	counters = []string{"counter0", "counter1"}
	wild     = []string{"wild0", "wild1", "wild2", "wild3"}
)

func locks(id string) bool { return id == "steady2" || id == "steady3" }

// crowd is what all clients know together.
type crowd struct {
	t     *testing.T
	c     *caller
	clock atomic.Int64 // orders the starts and ends of calls
	until time.Time

	mu      sync.Mutex
	members map[string]map[string]string // steady object, member, last acknowledged value
	patches map[string]int               // acknowledged updates of steady objects and counters
	votes   map[string]int               // object: sum of the votes that counted
	counted map[string]int               // object: how many votes counted
	once    map[string]int               // voter and object: how often a voter who votes up all the time succeeded
	lives   map[string][]life            // token of a life: its states as they were seen
	writes  map[string][]write           // wild object: acknowledged writes
	calls   map[string]int
}

// life is a state of a wild object.
type life struct {
	state   string // its added members, sorted
	members []string
	patched bool // the answer of an update, which added a member
}

// write is an acknowledged write to a wild object.
type write struct {
	start, end int64
	state      string // token and added members; "" for deleted
}

// TestConcurrentClients is described in the package comment.
func TestConcurrentClients(t *testing.T) {
	seed := *seedFlag
	if seed == 0 {
		seed = rand.Uint64() >> 16
	}
	t.Logf("the choices of the clients follow from -seed %d", seed)
	r := startServer(t)
	w := &crowd{
		t: t, c: r.app("crowd"), until: time.Now().Add(*duration / 2),
		members: map[string]map[string]string{}, patches: map[string]int{}, votes: map[string]int{}, counted: map[string]int{}, once: map[string]int{},
		lives: map[string][]life{}, writes: map[string][]write{}, calls: map[string]int{},
	}
	for _, id := range slices.Concat(steady, counters) {
		w.members[id] = map[string]string{}
		body := map[string]any{"id": id, "n": 0}
		if !strings.HasPrefix(id, "steady") || locks(id) {
			body["version"] = 1
		}
		if a := w.send("POST", []string{"cat"}, nil, body); a == nil || a.status != 201 {
			t.Fatalf("create %s: %v", id, a)
		}
	}
	var all sync.WaitGroup
	for i := range clients {
		all.Go(func() {
			p := &participant{crowd: w, Rand: rand.New(rand.NewPCG(seed, uint64(i))), me: i}
			for time.Now().Before(w.until) && !t.Failed() {
				p.act()
			}
		})
	}
	all.Wait()
	t.Logf("calls: %v", w.calls)
	if t.Failed() {
		return
	}
	w.checkSteady()
	w.checkLives()
	w.checkLast()
	w.checkLinks()
	before := w.checkIndex()
	r.stop()
	checkFiles(t, r.dir)
	r.start()
	w.c = r.root().as(w.c.keys)
	after := w.checkIndex()
	if d := differ("after a restart: objects", before, after); d != "" {
		t.Error(d)
	}
}

// send sends one call of the crowd; answers that no call of it may get fail the test.
func (w *crowd) send(method string, path []string, query url.Values, body any) *answer {
	text := ""
	if body != nil {
		text = text0(body)
	}
	a, err := w.c.send(method, path, query, text)
	if err == nil && a.status >= 500 {
		err = fmt.Errorf("the answer is %s", a)
	}
	if err != nil {
		w.t.Errorf("%s %s?%s %s: %v", method, strings.Join(path, "/"), query.Encode(), text, err)
		return nil
	}
	w.mu.Lock()
	w.calls[fmt.Sprintf("%s %d", method, a.status)]++
	w.mu.Unlock()
	return a
}

// locked changes the common knowledge.
func (w *crowd) locked(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f()
}

// participant is one client.
type participant struct {
	*crowd
	*rand.Rand
	me, n int
}

func (p *participant) one(list []string) string { return list[p.IntN(len(list))] }

func (p *participant) act() {
	p.n++
	switch x := p.IntN(100); {
	case x < 15:
		p.patchSteady()
	case x < 22:
		p.patchSteadyBatch()
	case x < 30:
		p.count()
	case x < 42:
		p.vote()
	case x < 52:
		p.link()
	case x < 65:
		p.replace()
	case x < 68:
		p.replaceBatch()
	case x < 80:
		p.patch()
	case x < 85:
		p.remove()
	case x < 92:
		p.read()
	default:
		p.search()
	}
}

func (p *participant) mine() string { return fmt.Sprintf("m%d", p.me) }

func (p *participant) patchSteady() {
	id, value := p.one(steady), fmt.Sprintf("v%dx%d", p.me, p.n)
	a := p.send("PATCH", []string{"cat", id}, nil, map[string]any{p.mine(): value})
	if a == nil || a.status == 412 && locks(id) {
		return
	}
	p.locked(func() {
		p.members[id][p.mine()] = value
		p.patches[id]++
	})
	if a.status != 200 || a.object()[p.mine()] != value {
		p.t.Errorf("PATCH of %s: %s", id, a)
	}
}

func (p *participant) patchSteadyBatch() {
	value := fmt.Sprintf("v%dx%d", p.me, p.n)
	a := p.send("PATCH", []string{"_batch"}, nil, []any{
		map[string]any{"id": "steady0", p.mine(): value}, map[string]any{"id": "steady1", p.mine(): value}, map[string]any{"id": "steady2", p.mine(): value},
	})
	if a == nil {
		return
	}
	v, _ := a.value()
	list, _ := v.([]any)
	if a.status != 200 || len(list) < 2 {
		p.t.Errorf("batch PATCH: %s", a)
	}
	for _, x := range list {
		o := x.(map[string]any)
		id := o["id"].(string)
		p.locked(func() {
			p.members[id][p.mine()] = value
			p.patches[id]++
		})
		if o[p.mine()] != value {
			p.t.Errorf("batch PATCH: %s", a)
		}
	}
}

// count increments a counter with the version it saw; somebody else's increment makes it fail.
func (p *participant) count() {
	id := p.one(counters)
	a := p.send("GET", []string{"cat", id}, nil, nil)
	if a == nil || a.status != 200 {
		p.t.Errorf("GET of %s: %v", id, a)
		return
	}
	o := a.object()
	a = p.send("PATCH", []string{"cat", id}, nil, map[string]any{"n": whole(o["n"]) + 1, "version": o["version"]})
	if a == nil || a.status == 412 {
		return
	}
	p.locked(func() { p.patches[id]++ })
	if a.status != 200 || whole(a.object()["version"]) != whole(o["version"])+1 {
		p.t.Errorf("PATCH of %s, version %v: %s", id, o["version"], a)
	}
}

// vote votes as a new voter, which must count, or as one whom all clients share, who counts once.
func (p *participant) vote() {
	id, direction, voter := p.one(slices.Concat(steady, wild)), "_voteup", fmt.Sprintf("voter%dx%d", p.me, p.n)
	isShared := p.IntN(2) == 0
	if isShared {
		voter = fmt.Sprintf("shared%d", p.IntN(20))
	} else if p.IntN(3) == 0 {
		direction = "_votedown"
	}
	a := p.send("PATCH", []string{"cat", id}, nil, map[string]any{direction: voter})
	if a == nil || a.status == 404 && slices.Contains(wild, id) {
		return
	}
	counted := string(a.data) == "true"
	if a.status != 200 || !counted && (!isShared || string(a.data) != "false") {
		p.t.Errorf("%s of %s by %s: %s", direction, id, voter, a)
		return
	}
	if !counted {
		return
	}
	p.locked(func() {
		if isShared {
			p.once[voter+" "+id]++
		}
		p.counted[id]++
		if direction == "_voteup" {
			p.votes[id]++
		} else {
			p.votes[id]--
		}
	})
}

func (p *participant) link() {
	first, second := p.one(slices.Concat(steady, wild)), p.one(slices.Concat(steady, wild))
	if first == second {
		return
	}
	method, path := "POST", []string{"cat", first, "links", second}
	switch x := p.IntN(20); {
	case x == 0:
		method, path = "DELETE", []string{"cat", first, "links"}
	case x < 8:
		method, path = "DELETE", []string{"cat", first, "links", "cat", second}
	}
	a := p.send(method, path, nil, nil)
	if a != nil && a.status != 200 && !(a.status == 404 && slices.Contains(wild, first)) && !(a.status == 400 && slices.Contains(wild, second)) {
		p.t.Errorf("%s %v: %s", method, path, a)
	}
}

// see notes a state of a wild object and returns it as text.
func (p *participant) see(o map[string]any, patched bool) string {
	token, _ := o["token"].(string)
	if o["word"] != "w"+token || o["name"] != "name of "+token || o["type"] != "cat" {
		p.t.Errorf("the object mixes several lives: %s", show(o))
	}
	l := life{patched: patched}
	for k := range o {
		if strings.HasPrefix(k, "add") {
			l.members = append(l.members, k)
		}
	}
	slices.Sort(l.members)
	l.state = token + " " + strings.Join(l.members, " ")
	p.locked(func() { p.lives[token] = append(p.lives[token], l) })
	return l.state
}

// wrote notes an acknowledged write; state is "" for a deletion.
func (w *crowd) wrote(id string, start int64, state string) {
	end := w.clock.Add(1)
	w.locked(func() { w.writes[id] = append(w.writes[id], write{start, end, state}) })
}

func (p *participant) newLife(id string) map[string]any {
	token := fmt.Sprintf("t%dx%dx%s", p.me, p.n, id)
	return map[string]any{"id": id, "type": "cat", "token": token, "word": "w" + token, "name": "name of " + token}
}

func (p *participant) replace() {
	id := p.one(wild)
	start := p.clock.Add(1)
	var a *answer
	if p.IntN(2) == 0 {
		a = p.send("PUT", []string{"cat", id}, nil, p.newLife(id))
	} else {
		a = p.send("POST", []string{"cat"}, nil, p.newLife(id))
	}
	if a == nil {
		return
	}
	if a.status != 200 && a.status != 201 {
		p.t.Errorf("replace %s: %s", id, a)
		return
	}
	p.wrote(id, start, p.see(a.object(), false))
}

func (p *participant) replaceBatch() {
	start := p.clock.Add(1)
	a := p.send("POST", []string{"_batch"}, nil, []any{p.newLife(wild[0]), p.newLife(wild[1])})
	if a == nil {
		return
	}
	v, _ := a.value()
	list, _ := v.([]any)
	if a.status != 200 || len(list) != 2 {
		p.t.Errorf("batch: %s", a)
		return
	}
	for i, x := range list {
		p.wrote(wild[i], start, p.see(x.(map[string]any), false))
	}
}

func (p *participant) patch() {
	id := p.one(wild)
	added := fmt.Sprintf("add%dx%d", p.me, p.n)
	start := p.clock.Add(1)
	var a *answer
	var o map[string]any
	if p.IntN(4) > 0 {
		a = p.send("PATCH", []string{"cat", id}, nil, map[string]any{added: 1})
		if a == nil || a.status == 404 {
			return
		}
		o = a.object()
	} else {
		a = p.send("PATCH", []string{"_batch"}, nil, []any{map[string]any{"id": id, added: 1}})
		if a == nil || string(a.data) == "[]" {
			return
		}
		if v, _ := a.value(); v != nil {
			list, _ := v.([]any)
			if len(list) == 1 {
				o, _ = list[0].(map[string]any)
			}
		}
	}
	if a.status != 200 || o[added] == nil {
		p.t.Errorf("PATCH of %s: %s", id, a)
		return
	}
	p.wrote(id, start, p.see(o, true))
}

func (p *participant) remove() {
	id := p.one(wild)
	start := p.clock.Add(1)
	a := p.send("DELETE", []string{"cat", id}, nil, nil)
	if a == nil || a.status == 404 {
		return
	}
	if a.status != 200 {
		p.t.Errorf("DELETE of %s: %s", id, a)
	}
	p.wrote(id, start, "")
}

func (p *participant) read() {
	a := p.send("GET", []string{"_batch"}, url.Values{"ids": wild}, nil)
	if a == nil {
		return
	}
	v, _ := a.value()
	list, isList := v.([]any)
	if a.status != 200 || !isList {
		p.t.Errorf("batch read: %s", a)
	}
	for _, x := range list {
		p.see(x.(map[string]any), false)
	}
}

// search looks for a life by its word: what is found must have that word at the moment it is found.
func (p *participant) search() {
	var tokens []string
	p.locked(func() {
		for token := range p.lives {
			if tokens = append(tokens, token); len(tokens) == 5 {
				break
			}
		}
	})
	if a := p.send("GET", []string{"cat", wild[0]}, nil, nil); a != nil && a.status == 200 {
		tokens = append(tokens, a.object()["token"].(string))
	}
	if len(tokens) == 0 {
		return
	}
	token := p.one(tokens[len(tokens)-1:])
	a := p.send("GET", []string{"cat"}, url.Values{"q": {"properties.word:w" + token}}, nil)
	if a == nil {
		return
	}
	items, isList := a.object()["items"].([]any)
	if a.status != 200 || !isList || len(items) > 1 {
		p.t.Errorf("search for %s: %s", token, a)
	}
	for _, x := range items {
		if o := x.(map[string]any); o["token"] != token {
			p.t.Errorf("a search for %s finds %s", token, show(o))
		}
	}
}

func (w *crowd) get(path ...string) map[string]any {
	a := w.send("GET", path, nil, nil)
	if a == nil || a.status != 200 {
		return nil
	}
	return a.object()
}

// checkSteady looks for lost members, counts and versions.
func (w *crowd) checkSteady() {
	for _, id := range slices.Concat(steady, counters) {
		o := w.get("cat", id)
		for k, v := range w.members[id] {
			if o[k] != v {
				w.t.Errorf("%s.%s is %v; the last acknowledged value is %s", id, k, o[k], v)
			}
		}
		if got := whole(o["votes"]); got != int64(w.votes[id]) {
			w.t.Errorf("%s has %d votes; %d counted", id, got, w.votes[id])
		}
		version := int64(0)
		if locks(id) || slices.Contains(counters, id) {
			version = 1 + int64(w.patches[id]) + int64(w.counted[id])
		}
		if got := whole(o["version"]); got != version {
			w.t.Errorf("%s has version %d after %d updates and %d votes, not %d", id, got, w.patches[id], w.counted[id], version)
		}
		if slices.Contains(counters, id) && whole(o["n"]) != int64(w.patches[id]) {
			w.t.Errorf("%s counts to %v; %d increments were acknowledged", id, o["n"], w.patches[id])
		}
	}
	for who, n := range w.once {
		if n > 1 {
			w.t.Errorf("the vote of %s counted %d times", who, n)
		}
	}
}

// checkLives looks for lost updates: the states of one life form a chain, and each update makes a new one.
func (w *crowd) checkLives() {
	for token, states := range w.lives {
		slices.SortFunc(states, func(a, b life) int { return len(a.members) - len(b.members) })
		made := map[string]bool{}
		for i, l := range states {
			if l.patched && made[l.state] {
				w.t.Errorf("two updates of %s yielded the same state %s: one is lost", token, l.state)
			}
			made[l.state] = made[l.state] || l.patched
			if i == 0 {
				continue
			}
			for _, m := range states[i-1].members {
				if !slices.Contains(l.members, m) {
					w.t.Errorf("%s was %q and %q: an update is lost", token, states[i-1].state, l.state)
				}
			}
		}
	}
}

// checkLast looks at what is left of wild objects: it must be what a write left after which no other one started.
func (w *crowd) checkLast() {
	for _, id := range wild {
		state := ""
		if o := w.get("cat", id); o != nil {
			state = (&participant{crowd: w}).see(o, false)
		}
		latest := int64(0)
		for _, x := range w.writes[id] {
			latest = max(latest, x.start)
		}
		possible := len(w.writes[id]) == 0 && state == ""
		for _, x := range w.writes[id] {
			possible = possible || x.end > latest && x.state == state
		}
		if !possible {
			w.t.Errorf("%s is %q, which is not what any of the last writes left", id, state)
		}
	}
}

// checkLinks compares the four ways to ask for links.
func (w *crowd) checkLinks() {
	ids := slices.Concat(steady, wild)
	for _, first := range ids {
		if w.get("cat", first) == nil {
			continue
		}
		listed := map[string]bool{}
		page := w.send("GET", []string{"cat", first, "links", "cat"}, url.Values{"limit": {"100"}}, nil).object()
		for _, x := range page["items"].([]any) {
			listed[x.(map[string]any)["id"].(string)] = true
		}
		links := int64(0)
		for _, second := range ids {
			is := string(w.send("GET", []string{"cat", first, "links", "cat", second}, nil, nil).data) == "true"
			stored := 0
			for _, id := range []string{linkID("cat", first, "cat", second), linkID("cat", second, "cat", first)} {
				if w.get("linker", id) != nil {
					stored++
				}
			}
			links += int64(stored)
			if is != (stored > 0) || listed[second] != (is && w.get("cat", second) != nil) {
				w.t.Errorf("%s and %s: linked: %v, listed: %v, stored links: %d", first, second, is, listed[second], stored)
			}
		}
		count := w.send("GET", []string{"cat", first, "links", "cat"}, url.Values{"count": {""}}, nil).object()
		if whole(count["totalHits"]) != links || whole(page["totalHits"]) != links {
			w.t.Errorf("%s has %d links; counted: %v, listed: %v", first, links, count["totalHits"], page["totalHits"])
		}
	}
}

// checkIndex compares the index with the store and returns all objects by id.
func (w *crowd) checkIndex() map[string]any {
	found := map[string]any{}
	page := url.Values{"sort": {"_docid"}, "desc": {"false"}, "limit": {"200"}}
	for {
		o := w.send("GET", []string{"search"}, page, nil).object()
		items, _ := o["items"].([]any)
		if len(items) == 0 {
			break
		}
		for _, x := range items {
			id := x.(map[string]any)["id"].(string)
			if found[id] != nil {
				w.t.Errorf("the index holds %s twice", id)
			}
			found[id] = x
		}
		page.Set("lastKey", o["lastKey"].(string))
	}
	// Every id that may be stored.
	ids := slices.Concat(slices.Collect(maps.Keys(found)), steady, counters, wild)
	for _, a := range slices.Concat(steady, wild) {
		for _, b := range slices.Concat(steady, wild) {
			ids = append(ids, linkID("cat", a, "cat", b))
		}
		for i := range 20 {
			ids = append(ids, fmt.Sprintf("vote:shared%d:%s", i, a))
		}
	}
	stored := map[string]any{}
	for part := range slices.Chunk(ids, 200) {
		v, _ := w.send("GET", []string{"_batch"}, url.Values{"ids": part}, nil).value()
		for _, x := range v.([]any) {
			stored[x.(map[string]any)["id"].(string)] = x
		}
	}
	for _, both := range []map[string]any{found, stored} { // computed from the time of the answer
		for _, x := range both {
			delete(x.(map[string]any), "amendable")
		}
	}
	if d := differ("found objects", stored, found); d != "" {
		w.t.Error(d)
	}
	w.checkWords(stored)
	return stored
}

// checkWords looks for the words of lives that go on, which must be found, and of some that ended, which must not.
func (w *crowd) checkWords(stored map[string]any) {
	there := map[string]bool{}
	for _, id := range wild {
		if o, ok := stored[id].(map[string]any); ok {
			there[o["token"].(string)] = true
		}
	}
	ended := 0
	for token := range w.lives {
		if !there[token] {
			if ended++; ended > 100 {
				continue
			}
		}
		a := w.send(http.MethodGet, []string{"search"}, url.Values{"q": {"w" + token}}, nil)
		if n := whole(a.object()["totalHits"]); (n == 1) != there[token] || n > 1 {
			w.t.Errorf("the word of %s is found %d times; there: %v", token, n, there[token])
		}
	}
}
