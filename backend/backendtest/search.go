package backendtest

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/analysis"
	"github.com/erudika/para-go/internal/match"
	"github.com/erudika/para-go/internal/query"
)

// SearchStore is a store that indexes in its own commit.
type SearchStore interface {
	para.Store
	para.Searcher
}

// Document makes the index document of a record whose Data is the JSON of an object. Stores under test that make
// documents again from records are given it.
func Document(r *para.Record) (*para.Document, error) {
	o, err := para.DecodeObject(r.Data)
	if err != nil {
		return nil, err
	}
	if !o.IsIndexed() {
		return nil, nil
	}
	return analysis.Document(o), nil
}

// RunSearch tests a store that searches against the contract of para.Searcher: the vectors and tables of S 23 and S 24,
// and the plain meaning of every filter as package match has it. Open returns a new store without data that makes
// documents with Document.
func RunSearch(t *testing.T, open func(t *testing.T) SearchStore) {
	tests := []struct {
		name string
		run  func(s *searchSuite)
	}{
		{"Vectors", testVectors},
		{"Kinds", testKinds},
		{"Expectations", testExpectations},
		{"Sorting", testSorting},
		{"Paging", testPaging},
		{"SearchAfter", testSearchAfter},
		{"Lifecycle", testLifecycle},
		{"NotStoredFound", testNotStoredFound},
		{"OddValues", testOddValues},
		{"Similar", testSimilar},
		{"Nested", testNested},
		{"Hidden", testHidden},
		{"Isolation", testIsolation},
		{"RefusedOpsFindNothing", testRefusedOpsFindNothing},
		{"ManyFields", testManyFields},
		{"ManyValues", testManyValues},
		{"ConcurrentReads", testConcurrentReads},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			store := open(t)
			test.run(newSearchSuite(t, store))
		})
	}
}

// searchSuite is a store under test together with a plain model of what one of its apps holds.
type searchSuite struct {
	*suite
	search para.Searcher
	app    string
	corpus match.Corpus
	names  map[int64]string // ids by DocID
}

func newSearchSuite(t testing.TB, store SearchStore) *searchSuite {
	return &searchSuite{suite: newSuite(t, store), search: store, app: app, corpus: match.Corpus{}, names: map[int64]string{}}
}

//go:embed testdata/search-vectors.json
var vectorFile []byte

type vectors struct {
	Corpora map[string][]json.RawMessage
	Queries map[string][]struct {
		Type         string
		Q            *string
		Target       []string
		TargetStatus int `json:"target_status"`
		Status       int
	}
}

func readVectors(t testing.TB) vectors {
	var v vectors
	if err := json.Unmarshal(vectorFile, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// index writes objects with their documents, in one call.
func (s *searchSuite) index(objects ...string) {
	s.t.Helper()
	ops := make([]para.Op, len(objects))
	docs := make([]*para.Document, len(objects))
	for i, text := range objects {
		w := s.object(text)
		docs[i] = w.Document
		ops[i] = writes(w)
	}
	for i, o := range s.apply(s.app, ops...) {
		s.remember(o.Records[0], docs[i])
	}
}

func (s *searchSuite) object(text string) para.Write {
	s.t.Helper()
	o, err := para.DecodeObject([]byte(text))
	if err != nil {
		s.t.Fatalf("%s: %v", text, err)
	}
	r := para.Record{ID: o.ID(), Type: o.Type(), Stored: o.IsStored(), Data: o.AppendJSON(nil)}
	doc, err := Document(&r)
	if err != nil {
		s.t.Fatalf("%s: %v", text, err)
	}
	return para.Write{Kind: para.Put, Event: "create", Record: r, Document: doc}
}

func (s *searchSuite) remember(r *para.Record, doc *para.Document) {
	s.names[r.DocID] = r.ID
	if doc == nil {
		delete(s.corpus, r.DocID)
		return
	}
	s.corpus[r.DocID] = doc
}

func (s *searchSuite) unindex(ids ...string) {
	s.t.Helper()
	var ops []para.Op
	for _, id := range ids {
		ops = append(ops, remove(id))
		for doc, name := range s.names {
			if name == id {
				delete(s.corpus, doc)
				delete(s.names, doc)
			}
		}
	}
	s.apply(s.app, ops...)
}

// load goes to a new app with the name of a corpus of the vectors and indexes that; documents hold the app's name.
func (s *searchSuite) load(name string) {
	s.t.Helper()
	s.create(name)
	s.app, s.corpus, s.names = name, match.Corpus{}, map[int64]string{}
	for _, doc := range readVectors(s.t).Corpora[name] {
		s.index(string(doc))
	}
}

// find runs a query against the store and against the model, and returns the ids.
func (s *searchSuite) find(what string, q *para.Query) (ids []string, total int64) {
	s.t.Helper()
	page, err := s.search.Search(s.ctx, s.app, q)
	if err != nil {
		s.t.Errorf("%s: %v", what, err)
		return nil, 0
	}
	for _, r := range page.Records {
		ids = append(ids, r.ID)
		if s.names[r.DocID] != r.ID || r.Revision == 0 && s.corpus[r.DocID] == nil {
			s.t.Errorf("%s: record %s is not what was written", what, describe(r))
		}
	}
	want, wantTotal := s.corpus.Search(q)
	var wantIDs []string
	for _, id := range want {
		wantIDs = append(wantIDs, s.names[id])
	}
	if page.Total != int64(wantTotal) || !slices.Equal(ids, wantIDs) {
		s.t.Errorf("%s: found %d, page %v; the model has %d, page %v\nquery %s", what, page.Total, ids, wantTotal, wantIDs, describeQuery(q))
	}
	return ids, page.Total
}

func describeQuery(q *para.Query) string {
	after := ""
	if q.After != nil {
		after = fmt.Sprint(" after ", *q.After)
	}
	return fmt.Sprintf("type %q filter %#v sort %v%s desc %v offset %d limit %d", q.Type, q.Filter, q.Sort, after, q.Desc, q.Offset, q.Limit)
}

var newestFirst = []para.SortKey{{Field: "timestamp", Desc: true}}

func testVectors(s *searchSuite) {
	s.load("lib")
	for i, v := range readVectors(s.t).Queries["lib"] {
		s.vector(fmt.Sprintf("Q%d", i+1), v.Type, v.Q, v.Target, v.Status, v.TargetStatus)
	}
	s.load("scoold")
	for i, v := range readVectors(s.t).Queries["scoold"] {
		s.vector(fmt.Sprintf("S%d", i+1), v.Type, v.Q, v.Target, v.Status, v.TargetStatus)
	}
}

func (s *searchSuite) all() []string {
	var ids []string
	for _, id := range s.names {
		ids = append(ids, id)
	}
	return ids
}

func (s *searchSuite) vector(name, typ string, text *string, want []string, status, targetStatus int) {
	s.t.Helper()
	filter := para.Filter(nil)
	q := "*"
	if text != nil {
		q = *text
	}
	what := fmt.Sprintf("%s type %q q=%s", name, typ, q)
	if targetStatus != 0 {
		status = targetStatus
	}
	if strings.TrimSpace(q) == "" {
		filter = para.None{}
	} else {
		var err error
		filter, err = query.Parse(q, "")
		if (err != nil) != (status == 400) {
			s.t.Errorf("%s: error %v, want status %d", what, err, status)
		}
		if err != nil {
			return
		}
	}
	got, total := s.find(what, &para.Query{Type: typ, Filter: filter, Sort: newestFirst, Limit: 100})
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		s.t.Errorf("%s: found %v, want %v", what, got, want)
	}
	if total != int64(len(want)) {
		s.t.Errorf("%s: total %d, want %d", what, total, len(want))
	}
	if _, n := s.find(what+" counted", &para.Query{Type: typ, Filter: filter}); n != total {
		s.t.Errorf("%s: count is %d, want %d", what, n, total)
	}
	for _, sort := range []string{"name", "votes", "properties.title", "_docid"} {
		s.find(what+" sorted by "+sort, &para.Query{Type: typ, Filter: filter, Sort: []para.SortKey{{Field: sort}}, Limit: 3, Offset: 1})
	}
}
