package main

import (
	"encoding/json"
	"strings"
	"testing"

	para "github.com/erudika/para-go"
)

func TestCheckAndRebuildIndex(t *testing.T) {
	c := startServer(t)
	for _, name := range []string{"Milk", "Bread"} {
		o := para.New("todo")
		o.SetName(name)
		if _, err := c.Create(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"check"}, {"check", "--app", "para"}} {
		out, code := run(t, "", args...)
		var r struct {
			Equal             bool
			Objects, Problems int64
		}
		if err := json.Unmarshal([]byte(out), &r); err != nil || code != 0 || !r.Equal || r.Objects < 3 || r.Problems != 0 {
			t.Errorf("%q: %d %s %v", args, code, out, err)
		}
	}
	if _, code := run(t, "", "check", "--app", "nobody"); code == 0 {
		t.Error("an app that does not exist was checked")
	}
	out, code := run(t, "", "rebuild-index")
	var r struct{ Reindexed, TookMillis *int64 }
	if err := json.Unmarshal([]byte(out), &r); err != nil || code != 0 || r.Reindexed == nil || *r.Reindexed < 3 || r.TookMillis == nil {
		t.Errorf("rebuild-index: %d %s %v", code, out, err)
	}
	if out, code := run(t, "", "search", "name:Milk", "--type", "todo"); code != 0 || len(out) < 10 {
		t.Errorf("search after the rebuild: %d %s", code, out)
	}
}

func TestExplain(t *testing.T) {
	c := startServer(t)
	o := para.New("todo")
	o.Set("text", "buy milk")
	if _, err := c.Create(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	out, code := run(t, "", "search", "Milk AND properties.text:buy*", "--type", "todo", "--explain")
	var r struct {
		Filter string
		Steps  []struct {
			What  string
			Found int
		}
	}
	if err := json.Unmarshal([]byte(out), &r); err != nil || code != 0 {
		t.Fatalf("%d %s %v", code, out, err)
	}
	if want := `all(any(any keyword = "Milk", any text = "milk"), properties.text begins with "buy")`; r.Filter != want {
		t.Errorf("filter %s, want %s", r.Filter, want)
	}
	if len(r.Steps) < 3 || r.Steps[0].Found != 1 {
		t.Errorf("steps %+v", r.Steps)
	}
	if _, err := c.Explain(t.Context(), "", "(a", nil); err == nil || !strings.Contains(err.Error(), "expected") || !strings.Contains(err.Error(), "Invalid query string syntax q=(a in request GET ") {
		t.Errorf("a wrong query: %v", err)
	}
	if _, err := c.Find(t.Context(), "", "(a", nil); err == nil || strings.Contains(err.Error(), "expected") {
		t.Errorf("a wrong query without explain: %v", err)
	}
}
