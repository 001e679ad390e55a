package crash

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/erudika/para-go/client"
)

// resolve compares what the writers of one app know with what the app's file holds, and settles what they did not know.
func resolve(t *testing.T, f *appFile, writers []*writer) {
	t.Helper()
	objects := make(map[string]*seen, len(f.objects))
	for _, o := range f.objects {
		if other := objects[o.key()]; other != nil {
			t.Errorf("%s: the objects %s and %s are one and the same", f.app, o.ID, other.ID)
		}
		objects[o.key()] = o
	}
	for _, w := range writers {
		w.resolveTally(t, f)
		for _, e := range w.entries {
			o := objects[e.key]
			delete(objects, e.key)
			w.resolve(t, e, o)
		}
	}
	for _, o := range objects {
		t.Errorf("%s: nobody wrote the object %s, %q", f.app, o.ID, o.Name)
	}
}

func (w *writer) resolve(t *testing.T, e *entry, o *seen) {
	t.Helper()
	var found state
	if o != nil {
		var err error
		if found, err = o.state(); err != nil {
			t.Errorf("%s: %v", w.app, err)
			return
		}
		if e.id == "" {
			e.id = o.ID
		}
		if o.ID != e.id || o.Type != e.typ {
			t.Errorf("%s: the object %s %s was written as %s %s", w.app, o.Type, o.ID, e.typ, e.id)
		}
	}
	op := e.doubted
	if op == nil {
		if found != e.now {
			t.Errorf("%s: object %s (%s): acknowledged %+v, stored %+v", w.app, e.id, e.key, e.now, found)
		}
		return
	}
	e.doubted = nil
	var done bool
	switch found {
	case e.doubt:
		done = true
		w.become(e, e.doubt)
	case e.now:
		w.forget(e.doubt)
		if e.id != "" && !e.now.there() {
			w.gone = append(w.gone, e)
		}
	default:
		t.Errorf("%s: object %s (%s): acknowledged %+v, %s without answer %+v, stored %+v", w.app, e.id, e.key, e.now, op.what, e.doubt, found)
	}
	if op.decided && op.done != done {
		t.Errorf("%s: half of a %s is stored: object %s (%s) differs from others of it", w.app, op.what, e.id, e.key)
	}
	op.decided, op.done = true, done
}

func (w *writer) resolveTally(t *testing.T, f *appFile) {
	t.Helper()
	n, err := f.tally.count(w.name)
	if err != nil {
		t.Errorf("%s: %v", w.app, err)
	}
	if n != w.hits && (w.hitsDoubt == 0 || n != w.hitsDoubt) {
		t.Errorf("%s: the member %s of the tally is %d; acknowledged %d, without answer %d", w.app, w.name, n, w.hits, w.hitsDoubt)
	}
	w.hits, w.hitsDoubt = n, 0
}

// compare asks a server for everything that the writers of one app know: reads by id, the pages of lists, searches for
// words that are in one object only, and counts.
func compare(t *testing.T, c *client.Client, writers []*writer) {
	t.Helper()
	v := &comparison{c: c, live: map[string]*entry{}, types: map[string]int{"article": 0, "remark": 0}}
	var ids []string
	for _, w := range writers {
		v.app = w.app
		for _, e := range w.entries {
			if e.now.there() {
				v.live[e.id] = e
				v.types[e.typ]++
				ids = append(ids, e.id)
			}
		}
		for _, e := range w.gone {
			if e.id != "" {
				ids = append(ids, e.id)
			}
		}
	}
	v.reads(t, ids)
	v.lists(t)
	v.counts(t)
	v.searches(t, writers)
	for _, w := range writers {
		w.gone, w.replaced = nil, nil
	}
}

type comparison struct {
	c     *client.Client
	app   string
	live  map[string]*entry
	types map[string]int // number of objects that must be there
}

// same checks one object of an answer.
func (v *comparison) same(t *testing.T, where string, o *seen) {
	t.Helper()
	e := v.live[o.ID]
	if e == nil {
		t.Errorf("%s: %s: the object %s is not there any more", v.app, where, o.ID)
		return
	}
	got, err := o.state()
	if err != nil {
		t.Errorf("%s: %s: %v", v.app, where, err)
	}
	if got != e.now || o.Type != e.typ {
		t.Errorf("%s: %s: object %s is %s %+v, must be %s %+v", v.app, where, o.ID, o.Type, got, e.typ, e.now)
	}
}

// reads reads live and removed objects by id, in batches and some of them alone.
func (v *comparison) reads(t *testing.T, ids []string) {
	t.Helper()
	list, err := client.ReadAllAs[*seen](t.Context(), v.c, ids)
	if err != nil {
		t.Fatalf("%s: read by ids: %v", v.app, err)
	}
	for _, o := range list {
		v.same(t, "read by ids", o)
	}
	if len(list) != len(v.live) {
		t.Errorf("%s: read by ids: %d objects, must be %d", v.app, len(list), len(v.live))
	}
	for i, id := range ids {
		if i%10 != 0 {
			continue
		}
		o, err := client.GetAs[*seen](t.Context(), v.c, id)
		if err == nil {
			v.same(t, "read", o)
		} else if v.live[id] != nil || !errors.Is(err, client.ErrNotFound) {
			t.Errorf("%s: read %s: %v", v.app, id, err)
		}
	}
}

// lists goes through the pages of each type.
func (v *comparison) lists(t *testing.T) {
	t.Helper()
	for typ, n := range v.types {
		got := map[string]bool{}
		p := &client.Pager{SortBy: "_docid", Ascending: true, Limit: 37}
		for {
			page, err := client.ListAs[*seen](t.Context(), v.c, typ, p)
			if err != nil {
				t.Fatalf("%s: list %s: %v", v.app, typ, err)
			}
			if page.TotalHits != int64(n) {
				t.Errorf("%s: list %s: %d in all, must be %d", v.app, typ, page.TotalHits, n)
			}
			if len(page.Items) == 0 {
				break
			}
			for _, o := range page.Items {
				if got[o.ID] {
					t.Fatalf("%s: list %s: object %s comes twice", v.app, typ, o.ID)
				}
				got[o.ID] = true
				v.same(t, "list", o)
			}
			p.LastKey = page.LastKey
		}
		if len(got) != n {
			t.Errorf("%s: list %s: %d objects, must be %d", v.app, typ, len(got), n)
		}
	}
}

func (v *comparison) counts(t *testing.T) {
	t.Helper()
	counts, err := v.c.TypeCounts(t.Context())
	if err != nil {
		t.Fatalf("%s: count: %v", v.app, err)
	}
	for typ, n := range v.types {
		if counts[typ] != int64(n) {
			t.Errorf("%s: %d objects of the type %s are counted, must be %d", v.app, counts[typ], typ, n)
		}
	}
}

// searches looks for each object by its key and its stamp, and for stamps that must not be found any more.
func (v *comparison) searches(t *testing.T, writers []*writer) {
	t.Helper()
	type query struct {
		q    string
		want *entry
	}
	var all []query
	for _, e := range v.live {
		all = append(all, query{e.key, e}, query{"properties.words:" + e.now.stamp, e}, query{`name:"` + e.key + " " + e.now.stamp + `"`, e})
	}
	for _, w := range writers {
		for _, stamp := range w.replaced {
			all = append(all, query{stamp, nil})
		}
		for _, e := range w.gone {
			if !e.now.there() {
				all = append(all, query{"properties.words:" + e.key, nil})
			}
		}
	}
	work := make(chan query)
	var wg sync.WaitGroup
	var mu sync.Mutex
	wrong := 0
	for range 4 {
		wg.Go(func() {
			for q := range work {
				err := v.search(t.Context(), q.q, q.want)
				mu.Lock()
				if err != nil {
					if wrong++; wrong <= 10 {
						t.Errorf("%s: search for %s: %v", v.app, q.q, err)
					}
				}
				mu.Unlock()
			}
		})
	}
	for _, q := range all {
		work <- q
	}
	close(work)
	wg.Wait()
	if wrong > 0 {
		t.Errorf("%s: %d of %d searches gave a wrong answer", v.app, wrong, len(all))
	}
}

func (v *comparison) search(ctx context.Context, q string, want *entry) error {
	typ := ""
	if want != nil {
		typ = want.typ
	}
	page, err := client.FindAs[*seen](ctx, v.c, typ, q, nil)
	switch {
	case err != nil:
		return err
	case want == nil && (page.TotalHits != 0 || len(page.Items) != 0):
		return fmt.Errorf("%d found, must be none", page.TotalHits)
	case want == nil:
		return nil
	case page.TotalHits != 1 || len(page.Items) != 1:
		return fmt.Errorf("%d found, must be 1", page.TotalHits)
	}
	if s, err := page.Items[0].state(); err != nil || s != want.now || page.Items[0].ID != want.id {
		return fmt.Errorf("found %s %+v (%w), must be %s %+v", page.Items[0].ID, s, err, want.id, want.now)
	}
	return nil
}
