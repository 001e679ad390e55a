package main

import (
	"encoding/json"
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
