package backendtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/erudika/para-go"
)

// Run tests a store against the contract of para.Store. Open returns a new store without data; it may have a root app, and
// registers what it needs to clean up with t.Cleanup. The suite closes some of the stores itself.
func Run(t *testing.T, open func(t *testing.T) para.Store) {
	tests := []struct {
		name string
		run  func(t *testing.T, s *suite)
	}{
		{"EmptyApp", testEmptyApp},
		{"UnknownApp", testUnknownApp},
		{"AppLifecycle", testAppLifecycle},
		{"HostileIdentifiers", testHostileIdentifiers},
		{"PutGet", testPutGet},
		{"UpdateAndRecreate", testUpdateAndRecreate},
		{"NotStored", testNotStored},
		{"OpsInOrder", testOpsInOrder},
		{"ReadsOfOps", testReadsOfOps},
		{"RefusedOps", testRefusedOps},
		{"PanicInDo", testPanicInDo},
		{"OddIDs", testOddIDs},
		{"Values", testValues},
		{"Limits", testLimits},
		{"Scan", testScan},
		{"ScanUnderWrites", testScanUnderWrites},
		{"ChangeLog", testChangeLog},
		{"ChangesUnderWrites", testChangesUnderWrites},
		{"Trim", testTrim},
		{"Counter", testCounter},
		{"Transfers", testTransfers},
		{"Uniqueness", testUniqueness},
		{"ManyApps", testManyApps},
		{"Context", testContext},
		{"Abandoned", testAbandoned},
		{"Closed", testClosed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.run(t, newSuite(t, open(t)))
		})
	}
}

// app is the identifier of the app that most tests use.
const app = "contract"

// suite is a store under test with short forms of its operations that fail the test on an unexpected error.
type suite struct {
	t     testing.TB
	store para.Store
	ctx   context.Context
}

func newSuite(t testing.TB, store para.Store) *suite {
	s := &suite{t: t, store: store, ctx: t.Context()}
	s.create(app)
	return s
}

func (s *suite) create(name string) {
	s.t.Helper()
	if err := s.store.CreateApp(s.ctx, name); err != nil {
		s.t.Fatalf("CreateApp(%q): %v", name, err)
	}
}

// apply runs ops that all succeed.
func (s *suite) apply(name string, ops ...para.Op) []para.Outcome {
	s.t.Helper()
	out, err := s.store.Apply(s.ctx, name, ops)
	if err != nil {
		s.t.Fatalf("Apply: %v", err)
	}
	if len(out) != len(ops) {
		s.t.Fatalf("Apply: %d outcomes for %d ops", len(out), len(ops))
	}
	for i, o := range out {
		if o.Err != nil {
			s.t.Fatalf("Apply: op %d: %v", i, o.Err)
		}
	}
	return out
}

// put writes one record and returns it.
func (s *suite) put(name, id, data string) *para.Record {
	s.t.Helper()
	out := s.apply(name, put(id, data))
	if len(out[0].Records) != 1 || out[0].Records[0] == nil {
		s.t.Fatalf("put %q: outcome has records %v, want one", id, out[0].Records)
	}
	return out[0].Records[0]
}

func (s *suite) get(name string, ids ...string) []*para.Record {
	s.t.Helper()
	records, err := s.store.Get(s.ctx, name, ids)
	if err != nil {
		s.t.Fatalf("Get(%q): %v", ids, err)
	}
	if len(records) != len(ids) {
		s.t.Fatalf("Get: %d records for %d ids", len(records), len(ids))
	}
	return records
}

// scan reads all records in pages.
func (s *suite) scan(name string, page int) []*para.Record {
	s.t.Helper()
	var all []*para.Record
	after := int64(0)
	for {
		records, err := s.store.Scan(s.ctx, name, after, page)
		if err != nil {
			s.t.Fatalf("Scan: %v", err)
		}
		if len(records) > page {
			s.t.Fatalf("Scan: %d records with limit %d", len(records), page)
		}
		if len(records) == 0 {
			return all
		}
		for _, r := range records {
			if r.DocID <= after {
				s.t.Fatalf("Scan: DocID %d after %d", r.DocID, after)
			}
			after = r.DocID
		}
		all = append(all, records...)
	}
}

// changes reads the log from after on in pages and checks that it has no gaps.
func (s *suite) changes(name string, after int64) []para.Change {
	s.t.Helper()
	var all []para.Change
	for {
		page, err := s.store.Changes(s.ctx, name, after, 7)
		if err != nil {
			s.t.Fatalf("Changes(%d): %v", after, err)
		}
		if len(page) > 7 {
			s.t.Fatalf("Changes: %d entries with limit 7", len(page))
		}
		if len(page) == 0 {
			return all
		}
		for _, c := range page {
			if c.Seq != after+1 {
				s.t.Fatalf("Changes: entry %d follows %d", c.Seq, after)
			}
			after = c.Seq
		}
		all = append(all, page...)
	}
}

func (s *suite) last(name string) int64 {
	s.t.Helper()
	n, err := s.store.LastChange(s.ctx, name)
	if err != nil {
		s.t.Fatalf("LastChange: %v", err)
	}
	return n
}

// put is an op that writes one record without looking.
func put(id, data string) para.Op {
	return writes(para.Write{Kind: para.Put, Event: "create", Record: record(id, data)})
}

// remove is an op that deletes one record without looking.
func remove(id string) para.Op {
	return writes(para.Write{Kind: para.Delete, Event: "delete", Record: para.Record{ID: id, Type: "thing"}})
}

func writes(w ...para.Write) para.Op {
	return para.Op{Do: func([]*para.Record) ([]para.Write, error) { return w, nil }}
}

func record(id, data string) para.Record {
	return para.Record{ID: id, Type: "thing", Stored: true, Data: []byte(data)}
}

// equal says whether a record read is the one that was written.
func equal(a, b *para.Record) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.ID == b.ID && a.Type == b.Type && a.DocID == b.DocID && a.Revision == b.Revision &&
		a.Stored == b.Stored && bytes.Equal(a.Data, b.Data)
}

func describe(r *para.Record) string {
	if r == nil {
		return "nil"
	}
	data := r.Data
	if len(data) > 40 {
		data = data[:40]
	}
	return fmt.Sprintf("{%q %q doc %d rev %d stored %v %q}", r.ID, r.Type, r.DocID, r.Revision, r.Stored, data)
}

// wantCode fails the test unless err is an *para.Error with one of the codes.
func wantCode(t testing.TB, what string, err error, codes ...para.Code) {
	t.Helper()
	var e *para.Error
	if !errors.As(err, &e) {
		t.Errorf("%s: error is %v, want a *para.Error with code %v", what, err, codes)
		return
	}
	for _, c := range codes {
		if e.Code == c {
			return
		}
	}
	t.Errorf("%s: code is %q (%v), want %v", what, e.Code, err, codes)
}
