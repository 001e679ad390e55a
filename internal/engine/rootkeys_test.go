package engine

import (
	"testing"

	"github.com/erudika/para-go/backend/sqlite"
	"github.com/erudika/para-go/internal/analysis"
)

// TestRootKeysBeforeRootApp lets the process end at the moment the keys of a new root app are told: the app must not be there
// yet, or its keys would be lost with a process that dies before it saved them, and the next start makes the app with keys
// that are told again (D88). Once the app is there its keys are told no more.
func TestRootKeysBeforeRootApp(t *testing.T) {
	store, err := sqlite.Open(sqlite.Options{Dir: t.TempDir(), RootApp: "para", Durability: sqlite.Relaxed})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	var told []string
	open := func(then func()) (*Engine, error) {
		return Open(t.Context(), Options{Store: store, Search: store, RootApp: "para", Document: analysis.Document, RootMade: func(access, secret string) {
			if access != "app:para" {
				t.Errorf("told the keys of %q", access)
			}
			told = append(told, secret)
			then()
		}})
	}
	func() {
		defer func() { _ = recover() }()
		_, _ = open(func() {
			records, err := store.Get(t.Context(), "para", []string{"app:para"})
			if err != nil || records[0] != nil {
				t.Errorf("the root app is stored before its keys are told: %v, %v", records, err)
			}
			panic("the process ends")
		})
	}()
	e, err := open(func() {})
	if err != nil {
		t.Fatal(err)
	}
	if len(told) != 2 {
		t.Fatalf("keys were told %d times, want at each of the two starts", len(told))
	}
	root, err := e.App(t.Context(), "para")
	if err != nil || root.Secret != told[1] {
		t.Fatalf("the root app's secret is not the one that was told: %v", err)
	}
	if _, err := open(func() {}); err != nil || len(told) != 2 {
		t.Fatalf("a later start: %v, keys were told %d times", err, len(told))
	}
}
