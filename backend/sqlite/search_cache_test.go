package sqlite

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/erudika/para-go"
	"github.com/erudika/para-go/backend/backendtest"
	"github.com/erudika/para-go/internal/analysis"
)

// foundBy is what a search answers.
func foundBy(t *testing.T, s *Store, q *para.Query) string {
	t.Helper()
	page, err := s.Search(t.Context(), "para", q)
	if err != nil {
		t.Fatalf("%+v: %v", q, err)
	}
	ids := make([]string, len(page.Records))
	for i, r := range page.Records {
		ids[i] = fmt.Sprint(r.ID, "@", r.Revision)
	}
	return fmt.Sprint(page.Total, ids)
}

// TestRemembered writes in every way that there is and asks the same questions again and again: with what was remembered from
// before the writes the answers are those without any memory.
func TestRemembered(t *testing.T) {
	opts := testOptions(t.TempDir())
	opts.Document = backendtest.Document
	s := openTest(t, opts)
	m := newTextMaker()
	r := rand.New(rand.NewPCG(3, 4))
	object := func(i int) para.Write {
		text := m.object(i)
		switch r.IntN(12) {
		case 0: // a number that is too long to be packed
			text = strings.Replace(text, `"views":`, `"views":0.12345678901234567891`, 1)
		case 1:
			text = strings.Replace(text, `"price":`, `"cost":`, 1)
		case 2:
			text = strings.Replace(text, `"type":"post"`, `"type":"comment"`, 1)
		}
		w := prepared(t, text)
		if r.IntN(15) == 0 {
			w.Document = nil // stored, but not indexed
		}
		return w
	}
	next := 0
	create := func(n int) {
		var ops []para.Op
		for range n {
			ops = append(ops, putting(object(next)))
			next++
		}
		mustApply(t, s, "para", ops...)
	}
	create(300)
	var queries []para.Query
	for _, shape := range shapes() {
		queries = append(queries, shape.query)
		for _, sort := range [][]para.SortKey{{{Field: "votes"}}, {{Field: "votes", Desc: true}}, {{Field: "properties.price"}}, {{Field: "timestamp"}}} {
			q := shape.query
			q.Sort, q.Limit, q.Offset = sort, 20, r.IntN(30)
			queries = append(queries, q)
			q.Type = ""
			queries = append(queries, q)
		}
	}
	questions := func(n int, when string) {
		t.Helper()
		for range n {
			q := queries[r.IntN(len(queries))]
			warm := foundBy(t, s, &q)
			memory := s.cache
			s.cache = newIndexCache()
			cold := foundBy(t, s, &q)
			s.cache = memory
			if warm != cold {
				t.Fatalf("after %s: %+v\nfound %s\nwant  %s", when, q, warm, cold)
			}
		}
	}
	asked, rounds := 1000, 150
	if raceDetector {
		asked, rounds = 300, 60
	}
	questions(asked, "the beginning")
	for range rounds {
		switch n := r.IntN(10); {
		case n < 3:
			create(1 + r.IntN(3))
			questions(8, "new objects")
		case n < 8:
			var ops []para.Op
			for range 1 + r.IntN(3) {
				ops = append(ops, putting(object(r.IntN(next))))
			}
			mustApply(t, s, "para", ops...)
			questions(8, "changes")
		default:
			mustApply(t, s, "para", para.Op{Do: func([]*para.Record) ([]para.Write, error) {
				return []para.Write{{Kind: para.Delete, Event: "delete", Record: para.Record{ID: fmt.Sprint(1_000_000_000 + r.IntN(next))}}}, nil
			}})
			questions(8, "a deletion")
		}
	}
	if err := s.Trim(t.Context(), "para", math.MaxInt64); err != nil {
		t.Fatal(err)
	}
	create(2)
	questions(50, "the log was trimmed")
	if _, err := s.Rebuild(t.Context(), "para"); err != nil {
		t.Fatal(err)
	}
	questions(50, "a rebuild")
	f, err := s.acquire(t.Context(), "para")
	if err != nil {
		t.Fatal(err)
	}
	defer s.release(f)
	columns := 0
	for key, elem := range s.cache.entries {
		if n, ok := elem.Value.(*cacheEntry).value.(*numbers); ok && key.f == f && len(n.ids) > 0 {
			columns++
		}
	}
	if columns == 0 {
		t.Error("no numbers are in memory")
	}
}

// TestRememberedBesideRebuild damages the index behind the writer's back; after a rebuild nothing of it is remembered.
func TestRememberedBesideRebuild(t *testing.T) {
	opts := testOptions(t.TempDir())
	opts.Document = backendtest.Document
	s := openTest(t, opts)
	fillChecked(t, s)
	onWriter(t, s, "para", func(c *conn) error { return c.script("DELETE FROM keys; DELETE FROM nums") })
	damaged := answers(t, s)
	if _, err := s.Rebuild(t.Context(), "para"); err != nil {
		t.Fatal(err)
	}
	mended := answers(t, s)
	s.cache = newIndexCache()
	if want := answers(t, s); mended != want || damaged == want {
		t.Errorf("after the rebuild:\n%s\nwant:\n%s\nbefore:\n%s", mended, want, damaged)
	}
}

// TestRememberedBeforeIndexed asks, makes an object that is not indexed, and indexes it: the next answer has it.
func TestRememberedBeforeIndexed(t *testing.T) {
	opts := testOptions(t.TempDir())
	opts.Document = backendtest.Document
	s := openTest(t, opts)
	m := newTextMaker()
	mustApply(t, s, "para", putting(prepared(t, m.object(0))))
	low := "0"
	views := para.Scope{Name: "properties.views"}
	for _, f := range []para.Filter{para.All{}, para.Term{Scope: para.Scope{Name: "type"}, Text: "post"}, para.Exists{Scope: para.Scope{Name: "properties.body"}},
		para.Range{Scope: views, Min: &low, IncludeMin: true}} {
		ask := func(want int) {
			t.Helper()
			for range 3 {
				if page, err := s.Search(t.Context(), "para", &para.Query{Type: "post", Filter: f, Limit: 9}); err != nil || page.Total != int64(want) || len(page.Records) != want {
					t.Errorf("%+v: %d of %d, %v, want %d", f, len(page.Records), page.Total, err, want)
				}
			}
		}
		ask(1)
		w := prepared(t, m.object(1))
		unindexed := w
		unindexed.Document = nil
		mustApply(t, s, "para", putting(unindexed))
		mustApply(t, s, "para", putting(w)) // nobody has asked in between
		ask(2)
		mustApply(t, s, "para", para.Op{Do: func([]*para.Record) ([]para.Write, error) {
			return []para.Write{{Kind: para.Delete, Event: "delete", Record: para.Record{ID: "1000000001"}}}, nil
		}})
	}
}

func TestTouchedLog(t *testing.T) {
	var l touchedLog
	l.from = 10
	l.note(12, 3, partWords, "")
	l.note(15, 5, partRows, "")
	l.note(16, 14, partWords, "")
	l.note(17, 3, partWords|partRows, "")
	for _, c := range []struct {
		from, to int64
		part     part
		want     set
		ok       bool
	}{
		{9, 20, partWords, nil, false},
		{10, 20, partWords, set{3}, true}, // 14 was made after 10
		{14, 20, partWords, set{3, 14}, true},
		{14, 16, partWords, set{14}, true},
		{10, 20, partRows, set{3, 5}, true},
		{12, 14, partRows, nil, true},
		{17, 20, partRows, nil, true},
		{10, 20, partWhole, nil, true},
	} {
		if got, ok := l.between(c.from, c.to, c.part); ok != c.ok || !slices.Equal(got, c.want) {
			t.Errorf("between %d and %d, part %d: %v, %v, want %v, %v", c.from, c.to, c.part, got, ok, c.want, c.ok)
		}
	}
	l.rolledBack(15)
	if got, ok := l.between(14, 20, partWords); !ok || len(got) != 0 {
		t.Errorf("after a rollback: %v, %v", got, ok)
	}
	for seq := int64(16); seq < 16+maxTouched; seq++ {
		l.note(seq, 7, partWords, "")
	}
	if _, ok := l.between(16, 9999, partWords); ok {
		t.Error("forgotten changes count as known")
	}
	if got, ok := l.between(14+maxTouched, 9999, partWords); !ok || !slices.Equal(got, set{7}) {
		t.Errorf("the last change: %v, %v", got, ok)
	}
	if len(l.changes) > maxTouched {
		t.Errorf("%d changes are remembered", len(l.changes))
	}
}

func TestIndexCache(t *testing.T) {
	c := newIndexCache()
	f, other := &file{}, &file{}
	key := func(n int) cacheKey { return cacheKey{f, "x", fmt.Sprint(n)} }
	const piece = maxCached / 10
	for n := range 20 {
		c.put(key(n), moment{1, int64(n)}, n, piece)
		c.get(key(0), moment{1, 99})
	}
	if c.size > maxCached || c.size < maxCached/2 || len(c.entries) != c.order.Len() {
		t.Errorf("%d bytes in %d entries, %d in order", c.size, len(c.entries), c.order.Len())
	}
	if v, _ := c.get(key(0), moment{1, 99}); v != 0 {
		t.Errorf("what is used all the time is %v", v)
	}
	if v, _ := c.get(key(2), moment{1, 99}); v != nil {
		t.Errorf("what was not used for long is %v", v)
	}
	if v, _ := c.get(key(19), moment{1, 18}); v != nil {
		t.Errorf("an earlier moment sees %v", v)
	}
	if v, _ := c.get(key(19), moment{2, 99}); v != nil {
		t.Errorf("another version of the paths sees %v", v)
	}
	c.put(key(19), moment{1, 3}, "older", piece)
	if v, at := c.get(key(19), moment{1, 99}); v != 19 || at != (moment{1, 19}) {
		t.Errorf("an older value took the place of a newer one: %v of %v", v, at)
	}
	c.put(key(30), moment{1, 1}, "large", maxCachedEntry+1)
	if v, _ := c.get(key(30), moment{1, 1}); v != nil {
		t.Error("a value beyond the limit is kept")
	}
	c.put(cacheKey{other, "x", "1"}, moment{1, 1}, 1, 10)
	c.forget(f)
	if v, _ := c.get(cacheKey{other, "x", "1"}, moment{1, 1}); len(c.entries) != 1 || v != 1 {
		t.Errorf("after one file was closed %d entries are left", len(c.entries))
	}
	c.forget(other)
	if c.size != 0 || len(c.entries) != 0 || c.order.Len() != 0 {
		t.Errorf("%d bytes are left of nothing", c.size)
	}
}

// TestPackKey: packed numbers sort as their keys do and are equal only for equal keys.
func TestPackKey(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	texts := []string{"0", "-0", "1", "-1", "10", "0.1", "-0.1", "9999999999999999", "-9999999999999999", "1e62", "-1e62", "1e-63", "12.5", "12.50", "1700000000000"}
	for range 2000 {
		sign := [...]string{"", "-"}[r.IntN(2)]
		texts = append(texts, fmt.Sprintf("%s%d.%de%d", sign, r.IntN(1_000_000), r.IntN(100_000), r.IntN(80)-40), fmt.Sprint(sign, r.IntN(200)))
	}
	type packed struct {
		key string
		n   uint64
	}
	var all []packed
	for _, text := range texts {
		key, ok := analysis.NumberKey(text)
		n, packs := packKey([]byte(key))
		if !ok || !packs {
			t.Fatalf("%s: %v, %v", text, ok, packs)
		}
		all = append(all, packed{key, n})
	}
	slices.SortFunc(all, func(a, b packed) int { return strings.Compare(a.key, b.key) })
	for i, p := range all[1:] {
		if before := all[i]; before.n > p.n || (before.n == p.n) != (before.key == p.key) {
			t.Errorf("%q is packed as %d, %q as %d", before.key, before.n, p.key, p.n)
		}
	}
	for _, text := range []string{"12345678901234567", "0.12345678901234567", "1e64", "1e-66", "-1e300", "1e-300"} {
		key, _ := analysis.NumberKey(text)
		if n, ok := packKey([]byte(key)); ok {
			t.Errorf("%s is packed as %d", text, n)
		}
	}
	if _, ok := packKey(bytes.Repeat([]byte{0xC0}, 3)); ok {
		t.Error("a torn key is packed")
	}
}
