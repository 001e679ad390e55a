package backendtest

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/erudika/para-go"
)

func testEmptyApp(t *testing.T, s *suite) {
	if r := s.get(app, "x"); r[0] != nil {
		t.Errorf("Get in an empty app: %s", describe(r[0]))
	}
	if r := s.get(app); len(r) != 0 {
		t.Errorf("Get without ids: %d records", len(r))
	}
	if r := s.scan(app, 10); len(r) != 0 {
		t.Errorf("Scan in an empty app: %d records", len(r))
	}
	if c := s.changes(app, 0); len(c) != 0 {
		t.Errorf("Changes in an empty app: %v", c)
	}
	if n := s.last(app); n != 0 {
		t.Errorf("LastChange in an empty app: %d", n)
	}
	if out := s.apply(app); len(out) != 0 {
		t.Errorf("Apply without ops: %v", out)
	}
}

// everyMethod calls every method that works on one app and returns the errors by name.
func everyMethod(s *suite, name string) map[string]error {
	errs := make(map[string]error)
	_, errs["Apply"] = s.store.Apply(s.ctx, name, []para.Op{put("x", "{}")})
	_, errs["Get"] = s.store.Get(s.ctx, name, []string{"x"})
	_, errs["Get two"] = s.store.Get(s.ctx, name, []string{"x", "y"})
	_, errs["Scan"] = s.store.Scan(s.ctx, name, 0, 10)
	_, errs["Changes"] = s.store.Changes(s.ctx, name, 0, 10)
	_, errs["LastChange"] = s.store.LastChange(s.ctx, name)
	errs["Trim"] = s.store.Trim(s.ctx, name, 1)
	return errs
}

func testUnknownApp(t *testing.T, s *suite) {
	for _, name := range []string{"nobody", ""} {
		for method, err := range everyMethod(s, name) {
			wantCode(t, fmt.Sprintf("%s in app %q", method, name), err, para.NotFound)
		}
		if has, err := s.store.HasApp(s.ctx, name); has || err != nil {
			t.Errorf("HasApp(%q) = %v, %v", name, has, err)
		}
		if err := s.store.DropApp(s.ctx, name); err != nil {
			t.Errorf("DropApp(%q): %v", name, err)
		}
	}
	if err := s.store.CreateApp(s.ctx, ""); err == nil {
		t.Error("CreateApp without an identifier succeeded")
	}
}

func testAppLifecycle(t *testing.T, s *suite) {
	before, err := s.store.Apps(s.ctx)
	if err != nil {
		t.Fatal(err)
	}
	s.create("zebra")
	s.create("ant")
	s.put("ant", "x", `{"n":1}`)
	s.create("ant") // no effect
	if r := s.get("ant", "x"); r[0] == nil {
		t.Error("creating an app again lost its records")
	}
	want := append(slices.Clone(before), "ant", "zebra")
	slices.Sort(want)
	if got, err := s.store.Apps(s.ctx); err != nil || !slices.Equal(got, want) {
		t.Errorf("Apps = %q, %v, want %q", got, err, want)
	}
	if has, err := s.store.HasApp(s.ctx, "ant"); !has || err != nil {
		t.Errorf("HasApp = %v, %v", has, err)
	}
	for range 2 { // the second has no effect
		if err := s.store.DropApp(s.ctx, "ant"); err != nil {
			t.Fatal(err)
		}
		if has, err := s.store.HasApp(s.ctx, "ant"); has || err != nil {
			t.Errorf("HasApp after DropApp = %v, %v", has, err)
		}
		for method, err := range everyMethod(s, "ant") {
			wantCode(t, method+" in a dropped app", err, para.NotFound)
		}
	}
	s.create("ant")
	if r := s.get("ant", "x"); r[0] != nil {
		t.Error("a record came back with an app of the same identifier")
	}
	if c := s.changes("ant", 0); len(c) != 0 {
		t.Error("the log came back with an app of the same identifier")
	}
	s.put("ant", "x", `{"n":2}`)
	if r := s.get("ant", "x"); r[0] == nil || string(r[0].Data) != `{"n":2}` {
		t.Error("the new app does not keep records")
	}
}

// testHostileIdentifiers: whatever identifiers a store accepts, it keeps them apart.
func testHostileIdentifiers(t *testing.T, s *suite) {
	names := []string{
		"a", "A", "a-b", "a_b", "a b", " a", "a ", "a.b", "a.", "..", ".", "../a", "a/../b", "/etc", `a\b`, "a%2db", "%61",
		"con", "nul", "select", `a"b`, "a'b", "a;drop table x", "a`b", "é", "e\u0301", "日本", "a\x00b", "a\nb", "para-a", "-a",
		"root", "app:a", "a:b", "*", "?", "a#b", "1", "_para_meta", "ı", "I", "i",
	}
	var accepted []string
	for _, name := range names {
		err := s.store.CreateApp(s.ctx, name)
		if err != nil {
			wantCode(t, fmt.Sprintf("CreateApp(%q)", name), err, para.Duplicate, para.Invalid)
			if has, _ := s.store.HasApp(s.ctx, name); has && !slices.Contains(accepted, name) {
				t.Errorf("HasApp(%q) although it was refused", name)
			}
			continue
		}
		accepted = append(accepted, name)
		if n := s.last(name); n != 0 {
			t.Errorf("app %q shares the log of another one", name)
		}
		s.put(name, "who", name)
		s.put(name, "only "+name, name)
	}
	if len(accepted) < 3 {
		t.Fatalf("only %q are accepted", accepted)
	}
	listed, err := s.store.Apps(s.ctx)
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range accepted {
		if !slices.Contains(listed, name) {
			t.Errorf("Apps does not list %q", name)
		}
		if r := s.get(name, "who"); r[0] == nil || string(r[0].Data) != name {
			t.Errorf("app %q has the record %s", name, describe(r[0]))
		}
		if n := len(s.scan(name, 10)); n != 2 {
			t.Errorf("app %q has %d records, want 2", name, n)
		}
		if i%2 == 0 {
			if err := s.store.DropApp(s.ctx, name); err != nil {
				t.Errorf("DropApp(%q): %v", name, err)
			}
		}
	}
	for i, name := range accepted {
		has, err := s.store.HasApp(s.ctx, name)
		if err != nil || has != (i%2 == 1) {
			t.Errorf("HasApp(%q) after dropping others = %v, %v", name, has, err)
		}
		if i%2 == 1 && len(s.scan(name, 10)) != 2 {
			t.Errorf("app %q lost records when others were dropped", name)
		}
	}
}

// testManyApps: apps come, work and go at the same time without noticing each other.
func testManyApps(t *testing.T, s *suite) {
	const apps, rounds = 12, 3
	var wg sync.WaitGroup
	for i := range apps {
		wg.Go(func() {
			name := fmt.Sprintf("tenant-%d", i)
			for round := range rounds {
				if err := s.store.CreateApp(s.ctx, name); err != nil {
					t.Errorf("CreateApp: %v", err)
					return
				}
				for n := range 10 {
					id := fmt.Sprintf("r%d", n)
					out, err := s.store.Apply(s.ctx, name, []para.Op{put(id, name)})
					if err != nil || out[0].Err != nil {
						t.Errorf("Apply: %v, %v", out, err)
						return
					}
				}
				records, err := s.store.Scan(s.ctx, name, 0, 100)
				if err != nil || len(records) != 10 {
					t.Errorf("Scan: %d records, %v", len(records), err)
				}
				for _, r := range records {
					if string(r.Data) != name {
						t.Errorf("app %q has a record of app %q", name, r.Data)
					}
				}
				if round == rounds-1 {
					return
				}
				if err := s.store.DropApp(s.ctx, name); err != nil {
					t.Errorf("DropApp: %v", err)
				}
			}
		})
	}
	wg.Wait()
}
