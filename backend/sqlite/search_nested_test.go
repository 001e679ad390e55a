package sqlite

import (
	"fmt"
	"strings"
	"testing"

	"github.com/erudika/para-go"
	"github.com/erudika/para-go/backend/backendtest"
)

// nestedStore has a store of its own with three posts and links to them, one also to an object that does not exist.
func nestedStore(t *testing.T) *Store {
	opts := testOptions(t.TempDir())
	opts.Document = backendtest.Document
	s := openTest(t, opts)
	const flags = `"appid":"para","stored":true,"indexed":true`
	link := func(id string, elements ...string) para.Op {
		return putting(prepared(t, fmt.Sprintf(`{"id":%q,"type":"linker",%s,"nstd":[%s]}`, id, flags, strings.Join(elements, ","))))
	}
	element := func(id, name string) string { return fmt.Sprintf(`{"id":%q,"type":"post","name":%q}`, id, name) }
	mustApply(t, s, "para",
		putting(prepared(t, `{"id":"p1","type":"post","name":"red",`+flags+`}`)),
		putting(prepared(t, `{"id":"p2","type":"post","name":"green",`+flags+`}`)),
		putting(prepared(t, `{"id":"p3","type":"post","name":"blue",`+flags+`}`)),
		link("l12", element("p1", "copy"), element("p2", "copy")),
		link("l23", element("p2", "copy"), element("p3", "copy")),
		link("l3x", element("p3", "copy"), element("x", "lost")))
	return s
}

// wantNested checks which links are found by the name of an element.
func wantNested(t *testing.T, s *Store, when, name, want string) {
	t.Helper()
	page, err := s.Search(t.Context(), "para", &para.Query{Type: "linker", Limit: 10,
		Filter: para.Nested{Part: para.Term{Scope: para.Scope{Name: "name"}, Text: name}}})
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, r := range page.Records {
		ids = append(ids, r.ID)
	}
	if got := strings.Join(ids, " "); got != want {
		t.Errorf("%s: links with %s are %q, want %q", when, name, got, want)
	}
}

// TestNestedAsObjectsChange asks again after each way in which a linked object can come and go: the object counts while it
// exists with the type that the link names, otherwise the copy (D33).
func TestNestedAsObjectsChange(t *testing.T) {
	s := nestedStore(t)
	post := func(id, typ, name string, indexed bool) para.Op {
		w := prepared(t, fmt.Sprintf(`{"id":%q,"type":%q,"name":%q,"appid":"para","stored":true,"indexed":%v}`, id, typ, name, indexed))
		return putting(w)
	}
	remove := para.Op{Do: func([]*para.Record) ([]para.Write, error) {
		return []para.Write{{Kind: para.Delete, Event: "delete", Record: para.Record{ID: "p3"}}}, nil
	}}
	for _, step := range []struct {
		when  string
		op    *para.Op
		names map[string]string
	}{
		{"at first", nil, map[string]string{"red": "l12", "green": "l12 l23", "blue": "l23 l3x", "lost": "l3x", "copy": ""}},
		{"changed", ptr(post("p1", "post", "pink", true)), map[string]string{"red": "", "pink": "l12", "copy": ""}},
		{"of another type", ptr(post("p1", "note", "pink", true)), map[string]string{"pink": "", "copy": "l12", "green": "l12 l23"}},
		{"of its type again", ptr(post("p1", "post", "red", true)), map[string]string{"red": "l12", "copy": ""}},
		{"deleted", &remove, map[string]string{"blue": "", "copy": "l23 l3x", "lost": "l3x"}},
		{"made anew", ptr(post("p3", "post", "black", true)), map[string]string{"black": "l23 l3x", "copy": ""}},
		{"no longer indexed", ptr(post("p2", "post", "green", false)), map[string]string{"green": "", "copy": "l12 l23"}},
		{"what was missing", ptr(post("x", "post", "found", true)), map[string]string{"lost": "", "found": "l3x"}},
	} {
		if step.op != nil {
			mustApply(t, s, "para", *step.op)
		}
		for name, want := range step.names {
			wantNested(t, s, step.when, name, want)
		}
	}
	if r := mustCheck(t, s); r.Problems != 0 {
		t.Errorf("%+v", r)
	}
}

func ptr[T any](v T) *T { return &v }

// TestElementsOfOlderFiles opens a file of format 1, which does not say what links connect.
func TestElementsOfOlderFiles(t *testing.T) {
	s := nestedStore(t)
	onWriter(t, s, "para", func(c *conn) error {
		p, err := c.int64("SELECT path FROM paths WHERE field=?", elementField)
		if err != nil {
			return err
		}
		ids, err := c.strings("SELECT DISTINCT docid FROM keys WHERE path=?", p)
		if err != nil {
			return err
		}
		if p == 0 || len(ids) != 3 {
			t.Fatalf("path %d of %d links", p, len(ids))
		}
		for _, id := range ids {
			text, err := c.string("SELECT rows FROM docs WHERE docid=?", id)
			if err != nil {
				return err
			}
			var rows []indexRow
			for _, r := range decodeRows([]byte(text)) {
				if r.path != p {
					rows = append(rows, r)
				}
			}
			if err := c.exec("UPDATE docs SET rows=? WHERE docid=?", encodeRows(rows), id); err != nil {
				return err
			}
		}
		return c.script(fmt.Sprintf("DELETE FROM keys WHERE path=%d; DELETE FROM paths WHERE path=%d; DELETE FROM counts WHERE path=%d; PRAGMA user_version=1", p, p, p))
	})
	closeApp(t, s, "para")
	wantNested(t, s, "after the upgrade", "green", "l12 l23")
	wantNested(t, s, "after the upgrade", "lost", "l3x")
	if r := mustCheck(t, s); r.Problems != 0 {
		t.Errorf("%+v", r)
	}
}
