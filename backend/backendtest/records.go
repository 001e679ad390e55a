package backendtest

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/erudika/para-go"
)

func testPutGet(t *testing.T, s *suite) {
	a := s.put(app, "a", `{"n":1}`)
	b := s.put(app, "b", `{"n":2}`)
	if a.ID != "a" || a.Type != "thing" || !a.Stored || string(a.Data) != `{"n":1}` {
		t.Errorf("outcome is %s", describe(a))
	}
	if a.DocID < 1 || b.DocID <= a.DocID {
		t.Errorf("DocIDs %d, %d do not grow", a.DocID, b.DocID)
	}
	if a.Revision < 1 || b.Revision <= a.Revision {
		t.Errorf("revisions %d, %d do not grow", a.Revision, b.Revision)
	}
	got := s.get(app, "b", "none", "a", "b", "")
	want := []*para.Record{b, nil, a, b, nil}
	for i := range want {
		if !equal(got[i], want[i]) {
			t.Errorf("Get[%d] = %s, want %s", i, describe(got[i]), describe(want[i]))
		}
	}
}

func testUpdateAndRecreate(t *testing.T, s *suite) {
	first := s.put(app, "a", "1")
	second := s.put(app, "a", "2")
	if second.DocID != first.DocID {
		t.Errorf("an update changed the DocID from %d to %d", first.DocID, second.DocID)
	}
	if second.Revision <= first.Revision {
		t.Errorf("an update changed the revision from %d to %d", first.Revision, second.Revision)
	}
	if got := s.get(app, "a")[0]; !equal(got, second) {
		t.Errorf("after an update: %s, want %s", describe(got), describe(second))
	}
	out := s.apply(app, remove("a"))
	if len(out[0].Records) != 1 || out[0].Records[0] != nil {
		t.Errorf("outcome of a deletion has records %v, want one nil", out[0].Records)
	}
	if got := s.get(app, "a")[0]; got != nil {
		t.Errorf("after a deletion: %s", describe(got))
	}
	s.apply(app, remove("a"), remove("never")) // no effect, no error
	third := s.put(app, "a", "3")
	if third.DocID <= first.DocID {
		t.Errorf("a record created again has DocID %d, the one before had %d", third.DocID, first.DocID)
	}
	other := para.Record{ID: "a", Type: "other", Stored: true, Data: []byte("4")}
	s.apply(app, writes(para.Write{Kind: para.Put, Record: other}))
	if got := s.get(app, "a")[0]; got == nil || got.Type != "other" || got.DocID != third.DocID {
		t.Errorf("after a change of type: %s", describe(got))
	}
}

// testNotStored: objects with stored=false are seen by scans and operations, not by reads.
func testNotStored(t *testing.T, s *suite) {
	hidden := record("hidden", "1")
	hidden.Stored = false
	s.apply(app, writes(para.Write{Kind: para.Put, Record: hidden}))
	s.put(app, "seen", "2")
	got := s.get(app, "hidden", "seen")
	if got[0] != nil || got[1] == nil {
		t.Errorf("Get = %s, %s", describe(got[0]), describe(got[1]))
	}
	if got := s.get(app, "hidden"); got[0] != nil {
		t.Errorf("Get of one = %s", describe(got[0]))
	}
	all := s.scan(app, 10)
	if len(all) != 2 || all[0].ID != "hidden" || all[0].Stored || !all[1].Stored {
		t.Fatalf("Scan has %d records", len(all))
	}
	saw := false
	s.apply(app, para.Op{Reads: []string{"hidden"}, Do: func(r []*para.Record) ([]para.Write, error) {
		saw = r[0] != nil && !r[0].Stored
		return []para.Write{{Kind: para.Put, Record: record("hidden", "3")}}, nil
	}})
	if !saw {
		t.Error("an operation does not see a record that is not stored")
	}
	if got := s.get(app, "hidden")[0]; got == nil || string(got.Data) != "3" || got.DocID != all[0].DocID {
		t.Errorf("after storing it: %s", describe(got))
	}
}

func testOpsInOrder(t *testing.T, s *suite) {
	var seen []string
	step := func(next string) para.Op {
		return para.Op{Reads: []string{"a"}, Do: func(r []*para.Record) ([]para.Write, error) {
			if r[0] == nil {
				seen = append(seen, "nil")
			} else {
				seen = append(seen, string(r[0].Data))
			}
			if next == "" {
				return []para.Write{{Kind: para.Delete, Record: para.Record{ID: "a"}}}, nil
			}
			return []para.Write{{Kind: para.Put, Record: record("a", next)}}, nil
		}}
	}
	out := s.apply(app, step("1"), step("2"), step(""), step("3"))
	// Do may run again after a conflict, so only the last run counts.
	if got := strings.Join(seen[len(seen)-4:], " "); got != "nil 1 2 nil" {
		t.Errorf("the operations saw %q", got)
	}
	if got := s.get(app, "a")[0]; !equal(got, out[3].Records[0]) {
		t.Errorf("at the end: %s, want %s", describe(got), describe(out[3].Records[0]))
	}
	// One op with several writes.
	out = s.apply(app, writes(
		para.Write{Kind: para.Put, Record: record("x", "1")},
		para.Write{Kind: para.Delete, Record: para.Record{ID: "a"}},
		para.Write{Kind: para.Put, Record: record("y", "2")},
	), writes())
	if r := out[0].Records; len(r) != 3 || r[0] == nil || r[1] != nil || r[2] == nil {
		t.Errorf("outcome of three writes: %v", r)
	}
	if len(out[1].Records) != 0 {
		t.Errorf("outcome of no writes: %v", out[1].Records)
	}
	got := s.get(app, "x", "a", "y")
	if got[0] == nil || got[1] != nil || got[2] == nil {
		t.Errorf("after three writes: %s, %s, %s", describe(got[0]), describe(got[1]), describe(got[2]))
	}
}

func testReadsOfOps(t *testing.T, s *suite) {
	a, b := s.put(app, "a", "1"), s.put(app, "b", "2")
	s.apply(app, para.Op{Reads: []string{"b", "none", "a", "b"}, Do: func(r []*para.Record) ([]para.Write, error) {
		want := []*para.Record{b, nil, a, b}
		if len(r) != len(want) {
			t.Errorf("Do got %d records, want %d", len(r), len(want))
			return nil, nil
		}
		for i := range want {
			if !equal(r[i], want[i]) {
				t.Errorf("Do got %s at %d, want %s", describe(r[i]), i, describe(want[i]))
			}
		}
		return nil, nil
	}})
	if n := s.last(app); n != 2 {
		t.Errorf("an operation without writes changed the log to %d", n)
	}
	many := make([]string, para.MaxOpReads)
	for i := range many {
		many[i] = fmt.Sprintf("m%d", i)
	}
	s.apply(app, para.Op{Reads: many, Do: func(r []*para.Record) ([]para.Write, error) {
		if len(r) != len(many) {
			t.Errorf("Do got %d records, want %d", len(r), len(many))
		}
		return nil, nil
	}})
	tooMany := para.Op{Reads: append(many, "x"), Do: func([]*para.Record) ([]para.Write, error) {
		t.Error("Do ran with too many reads")
		return nil, nil
	}}
	out, err := s.store.Apply(s.ctx, app, []para.Op{tooMany, put("c", "3")})
	if err != nil {
		t.Fatalf("Apply with too many reads: %v", err)
	}
	wantCode(t, "too many reads", out[0].Err, para.TooLarge, para.Invalid)
	if out[1].Err != nil || s.get(app, "c")[0] == nil {
		t.Error("an operation beside one with too many reads was lost")
	}
}

func testRefusedOps(t *testing.T, s *suite) {
	refusal := errors.New("refused")
	coded := para.Errorf(para.Conflict, "Version mismatch.")
	refuse := func(err error) para.Op {
		return para.Op{Do: func([]*para.Record) ([]para.Write, error) {
			return []para.Write{{Kind: para.Put, Record: record("never", "x")}}, err
		}}
	}
	out, err := s.store.Apply(s.ctx, app, []para.Op{put("a", "1"), refuse(refusal), put("b", "2"), refuse(coded)})
	if err != nil {
		t.Fatalf("Apply: %v", err)
	}
	if out[0].Err != nil || out[2].Err != nil {
		t.Errorf("accepted operations: %v, %v", out[0].Err, out[2].Err)
	}
	if out[1].Err != refusal || out[3].Err != error(coded) {
		t.Errorf("refused operations: %v, %v; want the errors as they were returned", out[1].Err, out[3].Err)
	}
	got := s.get(app, "a", "never", "b")
	if got[0] == nil || got[1] != nil || got[2] == nil {
		t.Errorf("records: %s, %s, %s", describe(got[0]), describe(got[1]), describe(got[2]))
	}
	if n := len(s.changes(app, 0)); n != 2 {
		t.Errorf("the log has %d entries, want 2", n)
	}
}

func testPanicInDo(t *testing.T, s *suite) {
	bad := para.Op{Do: func([]*para.Record) ([]para.Write, error) { panic("on purpose") }}
	out, err := s.store.Apply(s.ctx, app, []para.Op{put("a", "1"), bad, put("b", "2")})
	if err != nil {
		t.Fatalf("Apply: %v", err)
	}
	wantCode(t, "panic", out[1].Err, para.Internal)
	got := s.get(app, "a", "b")
	if out[0].Err != nil || out[2].Err != nil || got[0] == nil || got[1] == nil {
		t.Error("operations beside one that panics were lost")
	}
	s.put(app, "c", "3")
}

func testOddIDs(t *testing.T, s *suite) {
	ids := []string{
		"a", "A", "a ", " a", "á", "a\u0301", "ß", "ss", "日本語", "🦊", "a\x00b", "a\x00c", "\x00", "a\nb", "a'b", `a"b`, `a\b`, "a%b",
		"a_b", "a*b", "a/b", "../a", "email@test.com", "NULL", "0", "00", "1", "1.0", "1e0", "true", strings.Repeat("x", 4000),
		strings.Repeat("x", 3999) + "y", "\u202e", "\ufeff", "\ufeffa", "\U0010ffff",
	}
	for i, id := range ids {
		s.put(app, id, fmt.Sprint(i))
	}
	if n := len(s.scan(app, 5)); n != len(ids) {
		t.Errorf("%d records for %d ids", n, len(ids))
	}
	got := s.get(app, ids...)
	for i, r := range got {
		if r == nil || r.ID != ids[i] || string(r.Data) != fmt.Sprint(i) {
			t.Errorf("id %q: %s, want data %d", ids[i], describe(r), i)
		}
	}
	for i, c := range s.changes(app, 0) {
		if c.ID != ids[i] {
			t.Errorf("the log has id %q, want %q", c.ID, ids[i])
		}
	}
	for _, id := range ids[:len(ids)/2] {
		s.apply(app, remove(id))
	}
	for i, r := range s.get(app, ids...) {
		if (r != nil) != (i >= len(ids)/2) {
			t.Errorf("id %q after deleting the first half: %s", ids[i], describe(r))
		}
	}
}

func testValues(t *testing.T, s *suite) {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	values := []string{
		`{}`, `{"a":"\u0000"}`, `{"name":"日本語 🦊"}`, string(all), strings.Repeat("\x00", 100), strings.Repeat("0123456789", 1000),
		strings.Repeat("abcdefgh", 300_000),
	}
	for i, v := range values {
		id := fmt.Sprint("v", i)
		s.put(app, id, v)
		if got := s.get(app, id)[0]; got == nil || string(got.Data) != v {
			t.Errorf("value %d of %d bytes comes back as %s", i, len(v), describe(got))
		}
	}
	for i, r := range s.scan(app, 3) {
		if string(r.Data) != values[i] {
			t.Errorf("Scan: value %d comes back as %s", i, describe(r))
		}
	}
	// From large to small and back, in place.
	s.put(app, "v6", "small")
	s.put(app, "v0", values[6])
	got := s.get(app, "v6", "v0")
	if string(got[0].Data) != "small" || string(got[1].Data) != values[6] {
		t.Error("values of changed size are not kept")
	}
	types := []string{"x", "Ünïcode type", "a'b\"c", strings.Repeat("t", 200)}
	for _, typ := range types {
		s.apply(app, writes(para.Write{Kind: para.Put, Record: para.Record{ID: "typed", Type: typ, Stored: true, Data: []byte("1")}}))
		if got := s.get(app, "typed")[0]; got == nil || got.Type != typ {
			t.Errorf("type %q comes back as %s", typ, describe(got))
		}
	}
}

// testLimits: a record above the limit is refused alone.
func testLimits(t *testing.T, s *suite) {
	limit := s.store.Properties().MaxRecordSize
	if limit == 0 || limit > 128<<20 {
		t.Logf("no limit that can be tested: %d", limit)
		limit = 1 << 20
	} else {
		out, err := s.store.Apply(s.ctx, app, []para.Op{put("a", "1"), put("big", string(bytes.Repeat([]byte("x"), limit+1)))})
		if err != nil {
			t.Fatalf("Apply: %v", err)
		}
		wantCode(t, "too large record", out[1].Err, para.TooLarge)
		if got := s.get(app, "a", "big"); out[0].Err != nil || got[0] == nil || got[1] != nil {
			t.Errorf("after a too large record: %v, %s, %s", out[0].Err, describe(got[0]), describe(got[1]))
		}
	}
	data := bytes.Repeat([]byte("x"), limit)
	s.apply(app, para.Op{Do: func([]*para.Record) ([]para.Write, error) {
		return []para.Write{{Kind: para.Put, Record: para.Record{ID: "full", Type: "thing", Stored: true, Data: data}}}, nil
	}})
	if got := s.get(app, "full")[0]; got == nil || !bytes.Equal(got.Data, data) {
		t.Error("a record of the largest size does not come back")
	}
}

func testScan(t *testing.T, s *suite) {
	var want []*para.Record
	for i := range 25 {
		want = append(want, s.put(app, fmt.Sprint("r", i), fmt.Sprint(i)))
	}
	want[3] = s.put(app, "r3", "new") // keeps its place
	s.apply(app, remove("r7"))
	want = append(want[:7], want[8:]...)
	want = append(want, s.put(app, "r7", "again"))
	for _, page := range []int{1, 7, 25, 26, 1000} {
		got := s.scan(app, page)
		if len(got) != len(want) {
			t.Fatalf("pages of %d: %d records, want %d", page, len(got), len(want))
		}
		for i := range want {
			if !equal(got[i], want[i]) {
				t.Errorf("pages of %d: record %d is %s, want %s", page, i, describe(got[i]), describe(want[i]))
			}
		}
	}
	if r, err := s.store.Scan(s.ctx, app, 0, 0); err != nil || len(r) != 0 {
		t.Errorf("Scan with limit 0: %d records, %v", len(r), err)
	}
	if r, err := s.store.Scan(s.ctx, app, want[len(want)-1].DocID, 10); err != nil || len(r) != 0 {
		t.Errorf("Scan after the end: %d records, %v", len(r), err)
	}
}
