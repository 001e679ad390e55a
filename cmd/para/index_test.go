package main

import (
	"encoding/json"
	"strings"
	"testing"

	para "github.com/erudika/para-go"
)

func TestCheckAndRebuildIndex(t *testing.T) {
	at := startServer(t)
	for _, name := range []string{"Milk", "Bread"} {
		o := para.New("todo")
		o.SetName(name)
		if _, err := at.client.Create(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"check"}, {"check", "--app", "para"}} {
		got := at.run("", args...)
		var r struct {
			Equal             bool
			Objects, Problems int64
		}
		if err := json.Unmarshal([]byte(got.out), &r); err != nil || got.code != 0 || !r.Equal || r.Objects < 3 || r.Problems != 0 {
			t.Errorf("%q: %d %s %v", args, got.code, got.out, err)
		}
	}
	if got := at.run("", "check", "--app", "nobody"); got.code == 0 {
		t.Error("an app that does not exist was checked")
	}
	for _, args := range [][]string{{"rebuild-index"}, {"rebuild-index", "--app", "para"}} {
		got := at.run("", args...)
		var r struct{ Reindexed, TookMillis *int64 }
		if err := json.Unmarshal([]byte(got.out), &r); err != nil || got.code != 0 || r.Reindexed == nil || *r.Reindexed < 3 || r.TookMillis == nil {
			t.Errorf("%q: %d %s %v", args, got.code, got.out, err)
		}
	}
	if got := at.run("", "rebuild-index", "--app", "nobody"); got.code == 0 {
		t.Error("the index of an app that does not exist was made anew")
	}
	if got := at.run("", "search", "name:Milk", "--type", "todo"); got.code != 0 || len(got.out) < 10 {
		t.Errorf("search after the rebuild: %d %s", got.code, got.out)
	}
}

func TestExplain(t *testing.T) {
	at := startServer(t)
	o := para.New("todo")
	o.Set("text", "buy milk")
	if _, err := at.client.Create(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	got := at.run("", "search", "Milk AND properties.text:buy*", "--type", "todo", "--explain")
	var r struct {
		Filter string
		Steps  []struct {
			What  string
			Found int
		}
	}
	if err := json.Unmarshal([]byte(got.out), &r); err != nil || got.code != 0 {
		t.Fatalf("%d %s %v", got.code, got.out, err)
	}
	if want := `all(any(any keyword = "Milk", any text = "milk"), properties.text begins with "buy")`; r.Filter != want {
		t.Errorf("filter %s, want %s", r.Filter, want)
	}
	if len(r.Steps) < 3 || r.Steps[0].Found != 1 {
		t.Errorf("steps %+v", r.Steps)
	}
	if _, err := at.client.Explain(t.Context(), "", "(a", nil); err == nil || !strings.Contains(err.Error(), "expected") || !strings.Contains(err.Error(), "Invalid query string syntax q=(a in request GET ") {
		t.Errorf("a wrong query: %v", err)
	}
	if _, err := at.client.Find(t.Context(), "", "(a", nil); err == nil || strings.Contains(err.Error(), "expected") {
		t.Errorf("a wrong query without explain: %v", err)
	}
}
