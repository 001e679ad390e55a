package rest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/client"
	"github.com/erudika/para-go/server"
)

// place is a folder in which servers run one after the other.
type place struct {
	t   *testing.T
	dir string
}

// start runs a server with lines of configuration; it fails as Start does.
func (p place) start(lines ...string) (s *server.Server, root *client.Client, err error) {
	p.t.Helper()
	conf := filepath.Join(p.dir, "para-application.conf")
	text := strings.Join(append(lines, fmt.Sprintf("para.root_secret_override = %q", rootSecret)), "\n")
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		p.t.Fatal(err)
	}
	if s, err = server.Start(p.t.Context(), server.Options{ConfigFile: conf, WorkDir: p.dir, Flags: map[string]string{"port": "0"}}); err != nil {
		return nil, nil, err
	}
	root, err = client.New(client.Options{AccessKey: "app:para", Secret: rootSecret, Endpoint: fmt.Sprintf("http://127.0.0.1:%d", s.Port())})
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(root.Close)
	return s, root, nil
}

func (p place) stop(s *server.Server) {
	p.t.Helper()
	if err := s.Close(context.Background()); err != nil {
		p.t.Error(err)
	}
}

// TestSearchDisabled switches indexing off and on again: meanwhile nothing new is found, what is there is searched, what is
// changed or deleted leaves the index, so that nothing outdated is found, the server is healthy, there is nothing to check, and a rebuild afterwards finds everything (D55, S 2).
func TestSearchDisabled(t *testing.T) {
	p := place{t, t.TempDir()}
	ctx := t.Context()
	create := func(c *client.Client, id string) {
		t.Helper()
		o := para.New("cat")
		o.SetID(id)
		if err := o.Set("color", "red"); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Create(ctx, o); err != nil {
			t.Fatal(err)
		}
	}
	found := func(c *client.Client, want ...string) {
		t.Helper()
		page, err := c.Find(ctx, "cat", "properties.color:red", &client.Pager{SortBy: "id", Ascending: true})
		var ids []string
		if err == nil {
			for _, o := range page.Items {
				ids = append(ids, o.ID())
			}
		}
		if err != nil || strings.Join(ids, " ") != strings.Join(want, " ") {
			t.Errorf("found %q, want %q, %v", ids, want, err)
		}
	}
	s, root, err := p.start()
	if err != nil {
		t.Fatal(err)
	}
	create(root, "a")
	create(root, "changed")
	create(root, "deleted")
	found(root, "a", "changed", "deleted")
	p.stop(s)

	if s, root, err = p.start("para.search_enabled = false"); err != nil {
		t.Fatal(err)
	}
	create(root, "b")
	found(root, "a", "changed", "deleted")
	changed, err := root.Get(ctx, "changed")
	if err != nil {
		t.Fatal(err)
	}
	changed.SetName("Kitty")
	if _, err := root.Update(ctx, changed); err != nil {
		t.Fatal(err)
	}
	if err := root.DeleteByID(ctx, "cat", "deleted"); err != nil {
		t.Fatal(err)
	}
	found(root, "a") // nothing that is outdated
	if err := root.Health(ctx); err != nil {
		t.Errorf("health without indexing: %v", err)
	}
	if r, err := root.CheckIndex(ctx, ""); !errors.Is(err, client.ErrBadRequest) || !strings.Contains(err.Error(), "switched off") {
		t.Errorf("the check of an index that is not kept: %+v, %v", r, err)
	}
	if r, err := root.RebuildIndex(ctx, ""); err != nil || r.Objects < 2 {
		t.Errorf("a rebuild only counts: %+v, %v", r, err)
	}
	found(root, "a")
	p.stop(s)

	if s, root, err = p.start("para.search_enabled = true"); err != nil {
		t.Fatal(err)
	}
	defer p.stop(s)
	found(root, "a")
	if r, err := root.CheckIndex(ctx, ""); err != nil || r.Equal || strings.Join(r.Differences, "; ") != "object changed is not in the index; object b is not in the index" {
		t.Errorf("the check after indexing was off: %+v, %v", r, err)
	}
	if _, err := root.RebuildIndex(ctx, ""); err != nil {
		t.Error(err)
	}
	found(root, "a", "b", "changed")
	if r, err := root.CheckIndex(ctx, ""); err != nil || !r.Equal {
		t.Errorf("the check after the rebuild: %+v, %v", r, err)
	}
}

// TestSearchOptions starts with the names of search engines and with the options of those that are not compiled in (S 19, D96).
func TestSearchOptions(t *testing.T) {
	for _, lines := range [][]string{
		{"para.search = LuceneSearch"}, {"para.search = lucenesearch"},
		{"para.es.shards = 3", "para.es.flavor = opensearch", "para.es.bulk.size_limit_mb = 9", "para.es.track_total_hits = 1000", "para.es.fail_on_indexing_errors = true"},
		{"para.read_from_index = true", "para.sync_index_with_db = false", "para.reindex_batch_size = 7", `para.lucene.dir = "/nowhere"`},
	} {
		s, root, err := place{t, t.TempDir()}.start(lines...)
		if err != nil {
			t.Errorf("%q: %v", lines, err)
			continue
		}
		if page, err := root.Find(t.Context(), "app", "*", nil); err != nil || page.TotalHits != 1 {
			t.Errorf("%q: %+v, %v", lines, page, err)
		}
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	}
	for _, name := range []string{"ElasticSearch", "NoSearch"} {
		_, _, err := place{t, t.TempDir()}.start("para.search = " + name)
		if err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "LuceneSearch") {
			t.Errorf("a start with the search engine %s: %v", name, err)
		}
	}
}

// TestSearchBudget sets the limits of queries: what exceeds them is refused with the text of D129, and what a search before
// that found is found (D129).
func TestSearchBudget(t *testing.T) {
	p := place{t, t.TempDir()}
	s, root, err := p.start("para.search.max_expansions = 10")
	if err != nil {
		t.Fatal(err)
	}
	defer p.stop(s)
	var cats []*para.Object
	for i := range 40 {
		o := para.New("cat")
		if err := o.Set("text", fmt.Sprintf("word%02d", i)); err != nil {
			t.Fatal(err)
		}
		cats = append(cats, o)
	}
	if _, err := root.CreateAll(t.Context(), cats); err != nil {
		t.Fatal(err)
	}
	for q, refused := range map[string]bool{"properties.text:word0?": false, "properties.text:/word0[0-5]/": false, "properties.text:w?rd*": true,
		"properties.text:/word.*/": true, "properties.text:word11~": true, "properties.text:word1*": false} {
		page, err := root.Find(t.Context(), "cat", q, nil)
		if !refused && (err != nil || page.TotalHits == 0) {
			t.Errorf("%s: %+v, %v", q, page, err)
		}
		var e *client.Error
		if refused && (err == nil || !errors.As(err, &e) || e.Status != http.StatusBadRequest || e.Message != "Query is too complex.") {
			t.Errorf("%s: %+v, %v", q, page, err)
		}
	}
}
