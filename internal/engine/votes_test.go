package engine

import (
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	para "github.com/erudika/para-go"
)

func bodyOf(t *testing.T, text string) *para.Body {
	t.Helper()
	b, err := para.ParseBody([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// create stores an object of the child app as a POST does.
func (w *world) create(t *testing.T, text string) {
	t.Helper()
	o, err := para.Populate(bodyOf(t, text))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Create(t.Context(), w.p, o); err != nil {
		t.Fatal(err)
	}
}

// load reads an object of the child app.
func (w *world) load(t *testing.T, id string) *para.Object {
	t.Helper()
	r, err := w.record(t.Context(), "kid", id)
	if err != nil || r == nil {
		t.Fatalf("%s: %v, %v", id, r, err)
	}
	o, err := para.DecodeObject(r.Data)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func (w *world) votes(t *testing.T, body string, want bool) {
	t.Helper()
	if got, err := w.Vote(t.Context(), w.p, "post", "p", bodyOf(t, body)); err != nil || got != want {
		t.Errorf("%s: %v, %v", body, got, err)
	}
}

// Votes that are posted as objects, or imported, get the windows of the options like those cast with PATCH (O 7.5, O 12).
func TestWindowsOfVotes(t *testing.T) {
	w := newWorld(t)
	w.opts.VoteExpires, w.opts.VoteLocked = 100, 10
	w.create(t, `{"id":"p","type":"post"}`)
	w.create(t, `{"type":"vote","value":"up","creatorid":"posted","parentid":"p"}`)
	w.create(t, `{"type":"vote","value":"up","creatorid":"given","parentid":"p","expiresAfter":7,"lockedAfter":0}`)
	if _, err := w.Import(t.Context(), w.p, archiveOf(t, `{"type":"vote","value":"up","creatorid":"imported","parentid":"p"}`)); err != nil {
		t.Fatal(err)
	}
	w.votes(t, `{"_voteup":"cast"}`, true)
	w.votes(t, `{"_voteup":"null","_vote_expires_after":null,"_vote_locked_after":null}`, true)
	w.votes(t, `{"_voteup":"own","_vote_expires_after":7,"_vote_locked_after":0}`, true)
	for voter, want := range map[string][2]int64{
		"posted": {100, 10}, "given": {7, 0}, "imported": {100, 10}, "cast": {100, 10}, "null": {100, 10}, "own": {7, 0},
	} {
		o := w.load(t, "vote:"+voter+":p")
		if got := [2]int64{o.Int("expiresAfter"), o.Int("lockedAfter")}; got != want {
			t.Errorf("%s: %v, want %v", voter, got, want)
		}
	}
	w.votes(t, `{"_voteup":"posted"}`, false)
	w.votes(t, `{"_votedown":"own"}`, false) // locked at once
	w.now = w.now.Add(8 * time.Second)
	w.votes(t, `{"_votedown":"own"}`, true)    // expired
	w.votes(t, `{"_votedown":"posted"}`, true) // taken back
	w.now = w.now.Add(3 * time.Second)
	w.votes(t, `{"_votedown":"cast"}`, false) // neither
}

// A vote is an update: locking goes on from it, so an update that was made for the state before it is refused (D30).
func TestVotesCountVersions(t *testing.T) {
	w := newWorld(t)
	w.create(t, `{"id":"p","type":"post","version":3}`)
	w.votes(t, `{"_voteup":"a"}`, true)
	w.votes(t, `{"_voteup":"a"}`, false)
	if o := w.load(t, "p"); o.Version() != 4 || o.Votes() != 1 {
		t.Errorf("version %d, votes %d", o.Version(), o.Votes())
	}
	if _, err := w.Update(t.Context(), w.p, "post", "p", bodyOf(t, `{"votes":0,"version":3}`)); para.CodeOf(err) != para.Conflict {
		t.Errorf("an update for the version before the vote: %v", err)
	}
	if _, err := w.Update(t.Context(), w.p, "post", "p", bodyOf(t, `{"version":0}`)); err != nil {
		t.Fatal(err)
	}
	w.votes(t, `{"_voteup":"b"}`, true)
	if o := w.load(t, "p"); o.Version() != 0 {
		t.Errorf("a vote switched locking on: %d", o.Version())
	}
}

// The counter stays within the kind of the member (O 4).
func TestMostVotes(t *testing.T) {
	w := newWorld(t)
	w.create(t, `{"id":"p","type":"post","votes":2147483647}`)
	w.votes(t, `{"_voteup":"a"}`, true)
	if n := w.load(t, "p").Votes(); n != math.MaxInt32 {
		t.Errorf("%d votes", n)
	}
}

// Of many votes of one voter at once exactly one counts, and the counter loses none of different voters (D37).
func TestVotesAtOnce(t *testing.T) {
	w := newWorld(t)
	w.opts.VoteExpires, w.opts.VoteLocked = 100, 10
	w.create(t, `{"id":"p","type":"post"}`)
	var counted atomic.Int64
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			for _, voter := range []string{"same", fmt.Sprintf("v%d", i)} {
				ok, err := w.Vote(t.Context(), w.p, "post", "p", bodyOf(t, fmt.Sprintf(`{"_voteup":%q}`, voter)))
				if err != nil {
					t.Error(err)
				}
				if ok {
					counted.Add(1)
				}
			}
		})
	}
	all.Wait()
	if n := w.load(t, "p").Votes(); n != 41 || counted.Load() != 41 {
		t.Errorf("%d votes, %d counted; want 41", n, counted.Load())
	}
}
