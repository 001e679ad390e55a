package sqlite

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/erudika/para-go"
	"github.com/erudika/para-go/backend/backendtest"
)

// checkedStore is a store of its own with objects of many kinds in the app para.
func checkedStore(t *testing.T) *Store {
	opts := testOptions(t.TempDir())
	opts.Document = backendtest.Document
	s := openTest(t, opts)
	fillChecked(t, s)
	return s
}

func fillChecked(t *testing.T, s *Store) {
	m := newTextMaker()
	var ops []para.Op
	for i := range 60 {
		ops = append(ops, putting(prepared(t, m.object(i))))
	}
	for _, text := range []string{
		`{"id":"odd1","timestamp":5,"type":"address","appid":"para","name":"Café 44","latlng":"42.1,23.2","indexed":true,"stored":true}`,
		`{"id":"odd2","timestamp":6,"type":"place","appid":"para","name":"","indexed":true,"stored":true,"properties":{"n":[1,2,3],"s":["a b","c d"],"long":"` + strings.Repeat("long value ", 40) + `"}}`,
		`{"id":"odd3","timestamp":7,"type":"place","appid":"para","name":"hidden","indexed":false,"stored":true}`,
		`{"id":"odd4","timestamp":8,"type":"place","appid":"para","name":"word, \"quoted\" it's o'clock","indexed":true,"stored":true,"properties":{"mixed":["x",1,true]}}`,
	} {
		ops = append(ops, putting(prepared(t, text)))
	}
	for i := range 10 { // changed and removed ones leave nothing behind
		ops = append(ops, putting(prepared(t, m.object(i*3))))
		ops = append(ops, para.Op{Do: func([]*para.Record) ([]para.Write, error) {
			return []para.Write{{Kind: para.Delete, Event: "delete", Record: para.Record{ID: fmt.Sprint(1_000_000_000 + i*5)}}}, nil
		}})
	}
	mustApply(t, s, "para", ops...)
}

// answers is what a store says to queries that use every table of the index.
func answers(t *testing.T, s *Store) string {
	t.Helper()
	min, max := "10", "900"
	field := func(name string) para.Scope { return para.Scope{Name: name} }
	var b strings.Builder
	for _, q := range []para.Query{
		{}, {Type: "post"}, {Type: "place"},
		{Filter: para.Term{Scope: field("properties.body"), Text: "w7"}},
		{Filter: para.Phrase{Scope: field("properties.s"), Terms: []string{"c", "d"}}},
		{Filter: para.Term{Scope: field("tags"), Text: "t3"}},
		{Filter: para.Prefix{Scope: para.Scope{Kind: para.AnyText}, Text: "w1"}},
		{Filter: para.Range{Scope: field("properties.price"), Min: &min, Max: &max}, Sort: []para.SortKey{{Field: "properties.views"}}},
		{Filter: para.Near{Center: para.Point{Lat: 42.1, Lng: 23.2}, Radius: 1000}},
		{Filter: para.Exists{Scope: field("properties.mixed")}},
		{Type: "post", Sort: []para.SortKey{{Field: "creatorid", Desc: true}}},
	} {
		q.Limit = 40
		page, err := s.Search(t.Context(), "para", &q)
		if err != nil {
			t.Fatalf("%+v: %v", q, err)
		}
		fmt.Fprint(&b, page.Total)
		for _, r := range page.Records {
			b.WriteString(" " + r.ID)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func mustCheck(t *testing.T, s *Store) *para.IndexReport {
	t.Helper()
	r, err := s.Check(t.Context(), "para")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestCheckAndRebuild damages an index in every table; the check finds it, and a rebuild mends it.
func TestCheckAndRebuild(t *testing.T) {
	const aPost = "(SELECT docid FROM docs WHERE type='post' LIMIT 1)"
	tests := map[string]struct {
		damage []string
		says   string
	}{
		"nothing":            {nil, ""},
		"a keyword":          {[]string{"DELETE FROM keys WHERE docid=" + aPost}, "a value of field"},
		"all keywords":       {[]string{"DELETE FROM keys"}, "a value of field"},
		"a short value":      {[]string{"DELETE FROM vals WHERE docid IN (SELECT docid FROM vals LIMIT 1)"}, "a value of field"},
		"a number":           {[]string{"DELETE FROM nums WHERE docid=" + aPost}, "a value of field"},
		"a literal":          {[]string{"UPDATE nums SET literal='77' WHERE docid=" + aPost}, "a value of field"},
		"a stray keyword":    {[]string{"INSERT INTO keys SELECT path, 'stray', docid FROM keys LIMIT 5"}, "a value of field"},
		"a stray of nobody":  {[]string{"INSERT INTO keys SELECT DISTINCT path, value, 1 FROM keys LIMIT 5"}, "document 1"},
		"a stray number":     {[]string{"INSERT INTO nums SELECT path, docid, x'ff', 'z' FROM nums LIMIT 5"}, "that it does not have"},
		"a stray short text": {[]string{"INSERT INTO vals SELECT path, 'stray', docid FROM vals LIMIT 5"}, "that it does not have"},
		"a point":            {[]string{"DELETE FROM points"}, "position"},
		"a moved point":      {[]string{"UPDATE points SET lat=1"}, "position"},
		"a stray point":      {[]string{"INSERT INTO points VALUES(" + aPost + ", 42.1, 23.2)"}, "position"},
		"words":              {[]string{"DELETE FROM terms WHERE rowid=" + aPost}, "is not in the index"},
		"other words":        {[]string{"INSERT OR REPLACE INTO terms(rowid, t) VALUES(" + aPost + ", '1|w7 2|stray')"}, "word"},
		"words of nobody":    {[]string{"INSERT INTO terms(rowid, t) VALUES(1, '1|w7')"}, "document 1"},
		"words in another order": {[]string{"INSERT OR REPLACE INTO terms(rowid, t) SELECT docid, (SELECT group_concat(term, ' ') FROM (SELECT term FROM temp.w WHERE doc=docid ORDER BY term DESC)) FROM docs WHERE docid=" + aPost},
			"a word that it does not have"},
		"lengths":        {[]string{"DELETE FROM terms_docsize WHERE id=" + aPost}, "is not in the index"},
		"pages of words": {[]string{"DELETE FROM terms_data WHERE id>100"}, "the tables of words"},
		"the list":       {[]string{"DELETE FROM docs WHERE docid=" + aPost}, "is not in the index"},
		"a listed type":  {[]string{"UPDATE docs SET type='other' WHERE docid=" + aPost}, "another state"},
		"a flag":         {[]string{"UPDATE objects SET flags=flags&~2 WHERE docid=" + aPost}, "is not in the index"},
		"a wrong flag":   {[]string{"UPDATE objects SET flags=flags|2 WHERE id='odd3'"}, "must not be found"},
		"an object":      {[]string{"DELETE FROM objects WHERE docid=" + aPost}, "must not be found"},
		"paths":          {[]string{"DELETE FROM paths WHERE field IN ('properties.body','tags')"}, "is not known"},
		"kinds":          {[]string{"UPDATE paths SET kinds=0 WHERE field='properties.price'"}, "is not known"},
		"types":          {[]string{"UPDATE types SET docs=docs+3 WHERE type='post'"}, "type post: the number of its objects is wrong by 3"},
		"counts":         {[]string{"DELETE FROM counts"}, "the number of objects that have it"},
		"everything": {[]string{"DELETE FROM keys", "DELETE FROM vals", "DELETE FROM nums", "DELETE FROM points", "DELETE FROM docs", "DELETE FROM types",
			"DELETE FROM counts", "DELETE FROM paths", "DELETE FROM terms_data"}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := checkedStore(t)
			if r := mustCheck(t, s); r.Problems != 0 || r.Records < 50 {
				t.Fatalf("before the damage: %+v", r)
			}
			onWriter(t, s, "para", func(c *conn) error {
				if err := c.script("CREATE VIRTUAL TABLE temp.w USING fts5vocab(main, terms, instance)"); err != nil {
					return err
				}
				for _, sql := range test.damage {
					if err := c.script(sql); err != nil {
						return fmt.Errorf("%s: %w", sql, err)
					}
				}
				return nil
			})
			closeApp(t, s, "para") // nothing is remembered of what was there
			r := mustCheck(t, s)
			if (r.Problems != 0) != (test.damage != nil) || int64(len(r.Differences)) != min(r.Problems, para.MaxDifferences) {
				t.Fatalf("after the damage: %+v", r)
			}
			if !strings.Contains(strings.Join(r.Differences, "\n"), test.says) {
				t.Errorf("the check says %q, want %q", r.Differences, test.says)
			}
			n, err := s.Rebuild(t.Context(), "para")
			if err != nil {
				t.Fatal(err)
			}
			if r := mustCheck(t, s); r.Problems != 0 || r.Records != n {
				t.Errorf("after a rebuild of %d records: %+v", n, r)
			}
			want := checkedStore(t)
			if name == "an object" {
				id := firstPost(t, want)
				mustApply(t, want, "para", para.Op{Do: func([]*para.Record) ([]para.Write, error) {
					return []para.Write{{Kind: para.Delete, Event: "delete", Record: para.Record{ID: id}}}, nil
				}})
			}
			if got, want := answers(t, s), answers(t, want); got != want {
				t.Errorf("answers after the rebuild:\n%s\nof a fresh store:\n%s", got, want)
			}
		})
	}
}

func firstPost(t *testing.T, s *Store) (id string) {
	onWriter(t, s, "para", func(c *conn) (err error) {
		id, err = c.string("SELECT id FROM objects WHERE docid=(SELECT docid FROM docs WHERE type='post' LIMIT 1)")
		return err
	})
	return id
}

// TestRebuildBesideOthers writes and searches while an index is checked and made anew: what is there all the time is found
// all the time, and what was written is found in the end.
func TestRebuildBesideOthers(t *testing.T) {
	s := checkedStore(t)
	ctx := t.Context()
	stop := make(chan struct{})
	var others sync.WaitGroup
	others.Go(func() {
		m := newTextMaker()
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			if _, err := s.Apply(ctx, "para", []para.Op{putting(prepared(t, m.object(1000+i%40))), putting(prepared(t, m.object(i%40)))}); err != nil {
				t.Error(err)
				return
			}
		}
	})
	others.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			for _, f := range []para.Filter{
				para.Term{Scope: para.Scope{Name: "properties.s"}, Text: "c"}, para.Number{Scope: para.Scope{Name: "properties.n"}, Text: "2"},
				para.Near{Center: para.Point{Lat: 42.1, Lng: 23.2}, Radius: 1000}, para.Term{Scope: para.Scope{Name: "properties.mixed"}, Text: "x"},
			} {
				page, err := s.Search(ctx, "para", &para.Query{Filter: f, Limit: 10})
				if err != nil || page.Total != 1 {
					t.Errorf("%+v during a rebuild: %+v, %v", f, page, err)
					return
				}
			}
		}
	})
	for range 3 {
		if r := mustCheck(t, s); r.Problems != 0 {
			t.Errorf("check beside writers: %+v", r)
		}
		if n, err := s.Rebuild(ctx, "para"); err != nil || n < 50 {
			t.Errorf("rebuild: %d, %v", n, err)
		}
	}
	close(stop)
	others.Wait()
	if r := mustCheck(t, s); r.Problems != 0 {
		t.Errorf("check in the end: %+v", r)
	}
}

// TestRebuildForgetsFields leaves no trace of fields and kinds that no object has any more: they would decide how missing
// values are sorted.
func TestRebuildForgetsFields(t *testing.T) {
	s := checkedStore(t)
	mustApply(t, s, "para",
		putting(prepared(t, `{"id":"x","type":"place","appid":"para","indexed":true,"stored":true,"properties":{"gone":"text","price":"dear"}}`)),
		putting(prepared(t, `{"id":"x","type":"place","appid":"para","indexed":true,"stored":true,"properties":{"price":5}}`)))
	if _, err := s.Rebuild(t.Context(), "para"); err != nil {
		t.Fatal(err)
	}
	onWriter(t, s, "para", func(c *conn) error {
		if n, err := c.int64("SELECT count(*) FROM paths WHERE field='properties.gone'"); n != 0 || err != nil {
			t.Errorf("%d paths of a field that no object has, %v", n, err)
		}
		kinds, err := c.int64("SELECT kinds FROM paths WHERE field='properties.price' AND type='place'")
		if kinds != kindNumber || err != nil {
			t.Errorf("kinds %d, %v, want numbers only", kinds, err)
		}
		return nil
	})
	// The field comes back.
	mustApply(t, s, "para", putting(prepared(t, `{"id":"x","type":"place","appid":"para","indexed":true,"stored":true,"properties":{"gone":"again"}}`)))
	page, err := s.Search(t.Context(), "para", &para.Query{Filter: para.Term{Scope: para.Scope{Name: "properties.gone"}, Text: "again"}, Limit: 1})
	if err != nil || page.Total != 1 {
		t.Errorf("%+v, %v", page, err)
	}
	if r := mustCheck(t, s); r.Problems != 0 {
		t.Errorf("%+v", r)
	}
}

// TestCheckOfNothing is about apps that are not there and checks that are not wanted any more.
func TestCheckOfNothing(t *testing.T) {
	s := checkedStore(t)
	_, err := s.Check(t.Context(), "nobody")
	wantError(t, err, para.NotFound)
	_, err = s.Rebuild(t.Context(), "nobody")
	wantError(t, err, para.NotFound)
	if _, err := os.Stat(s.path("nobody")); err == nil {
		t.Error("a check made a file")
	}
}

// TestRebuildPastBadRecords makes an index anew in which some records cannot be read: they are told, they keep what the index
// has of them, and everything else is mended.
func TestRebuildPastBadRecords(t *testing.T) {
	s := checkedStore(t)
	const bad = 3
	onWriter(t, s, "para", func(c *conn) error {
		return c.script(fmt.Sprintf(`UPDATE objects SET data=x'7b' WHERE docid IN (SELECT docid FROM docs WHERE type='post' ORDER BY docid LIMIT %d);
			DELETE FROM keys; DELETE FROM terms_data WHERE id>100`, bad))
	})
	closeApp(t, s, "para")
	n, err := s.Rebuild(t.Context(), "para")
	var left *para.UnindexedError
	if !errors.As(err, &left) || left.Records != bad || len(left.Examples) != bad || !strings.Contains(left.Examples[0], "cannot be indexed") {
		t.Fatalf("rebuild: %d, %v", n, err)
	}
	r := mustCheck(t, s)
	if n != r.Records || r.Problems != bad {
		t.Errorf("after the rebuild of %d records: %+v", n, r)
	}
	page, err := s.Search(t.Context(), "para", &para.Query{Filter: para.Phrase{Scope: para.Scope{Name: "properties.s"}, Terms: []string{"c", "d"}}, Limit: 1})
	if err != nil || page.Total != 1 {
		t.Errorf("a readable object: %+v, %v", page, err)
	}
	// When the records are well again, so is the index after the next rebuild.
	mustApply(t, s, "para", func() (ops []para.Op) {
		m := newTextMaker()
		for i := range 60 {
			ops = append(ops, putting(prepared(t, m.object(i))))
		}
		return ops
	}()...)
	if _, err := s.Rebuild(t.Context(), "para"); err != nil {
		t.Error(err)
	}
	if r := mustCheck(t, s); r.Problems != 0 {
		t.Errorf("in the end: %+v", r)
	}
}

// A rebuild does not keep those away who want the app's file closed: they would wait for each other.
func TestRebuildGivesWay(t *testing.T) {
	opts := testOptions(t.TempDir())
	var armed atomic.Bool
	reached, release := make(chan struct{}), make(chan struct{})
	opts.Document = func(r *para.Record) (*para.Document, error) {
		if armed.CompareAndSwap(true, false) {
			close(reached)
			<-release
		}
		return backendtest.Document(r)
	}
	s := openTest(t, opts)
	fillChecked(t, s)
	var copied bytes.Buffer
	if err := s.Snapshot(t.Context(), "para", &copied); err != nil {
		t.Fatal(err)
	}
	armed.Store(true)
	rebuilt, restored := make(chan error, 1), make(chan error, 1)
	go func() {
		_, err := s.Rebuild(t.Context(), "para")
		rebuilt <- err
	}()
	<-reached
	s.mu.Lock()
	want := s.files["para"].want
	s.mu.Unlock()
	go func() { restored <- s.RestoreSnapshot(t.Context(), "para", &copied) }()
	<-want
	close(release)
	if err := <-rebuilt; para.CodeOf(err) != para.Unavailable {
		t.Errorf("the rebuild ended with %v", err)
	}
	if err := <-restored; err != nil {
		t.Error(err)
	}
	if n, err := s.Rebuild(t.Context(), "para"); err != nil || n == 0 {
		t.Errorf("%d objects, %v", n, err)
	}
	if r := mustCheck(t, s); r.Problems != 0 {
		t.Errorf("the index differs: %+v", r)
	}
}
