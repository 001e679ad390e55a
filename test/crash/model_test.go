package crash

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"

	para "github.com/erudika/para-go"
)

// state is what one object is like. Every write makes a state that no other write makes: stamp is a word of its own.
// The zero state means that the object is not there.
type state struct {
	stamp   string
	counter int64
	size    int // length of the member text
}

func (s state) there() bool { return s.stamp != "" }

// entry is one object as its only writer knows it.
type entry struct {
	key string // a word that is in no other object
	typ string
	id  string // empty until it is known
	now state  // as of the last acknowledged write

	// A write without an answer may have happened or not. All entries of one request share the operation: they have
	// happened together or not at all.
	doubt   state
	doubted *operation
}

// operation is a request that got no answer.
type operation struct {
	what    string
	decided bool
	done    bool
}

// object makes the body of a write that stores s.
func (e *entry) object(s state) *para.Object {
	o := para.New(e.typ)
	if e.id != "" {
		o.SetID(e.id)
	}
	for name, v := range e.members(s) {
		if err := o.Set(name, v); err != nil {
			panic(err) // numbers and texts always encode
		}
	}
	return o
}

// members are those that a write changes: a name, which searches take as a whole, the same as words, a number and a text.
func (e *entry) members(s state) map[string]any {
	name := e.key + " " + s.stamp
	return map[string]any{"name": name, "words": name, "counter": s.counter, "text": text(s.stamp, s.size)}
}

// text is the long member of a state: words that follow from the stamp.
func text(stamp string, size int) string {
	var h uint64
	for _, c := range []byte(stamp) {
		h = h*131 + uint64(c)
	}
	rng := rand.NewPCG(h, 0)
	b := make([]byte, 0, size+16)
	for len(b) < size {
		b = append(strconv.AppendUint(b, rng.Uint64()>>58, 36), ' ')
	}
	return string(b[:size])
}

// seen is an object as the server or a file shows it.
type seen struct {
	ID      string `json:"id"`
	Type    string `json:"type"`
	Name    string `json:"name"`
	Words   string `json:"words"`
	Counter int64  `json:"counter"`
	Text    string `json:"text"`
}

func (o *seen) key() string {
	key, _, _ := strings.Cut(o.Name, " ")
	return key
}

// state reads the state back; an error means that the object is not what any single write made.
func (o *seen) state() (state, error) {
	_, stamp, _ := strings.Cut(o.Name, " ")
	s := state{stamp: stamp, counter: o.Counter, size: len(o.Text)}
	if o.Words != o.Name || o.Text != text(stamp, len(o.Text)) {
		return s, fmt.Errorf("object %s: its members do not belong to its name %q", o.ID, o.Name)
	}
	return s, nil
}

// tally is an object that all clients of an app change, each its own member.
type tally struct {
	members map[string]json.RawMessage
}

const (
	tallyType = "tally"
	tallyID   = "tally-of-all"
)

func (t tally) count(member string) (int64, error) {
	raw, ok := t.members[member]
	if !ok {
		return 0, nil
	}
	var n int64
	err := json.Unmarshal(raw, &n)
	return n, err
}
