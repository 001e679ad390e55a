package engine

import (
	"errors"
	"testing"
	"time"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/apikey"
)

// withKeys is a world whose app has API keys, and one of them.
func withKeys(t *testing.T) (*world, *apikey.Key) {
	t.Helper()
	w := newWorld(t)
	if err := w.PutSetting(t.Context(), w.p, para.SettingAPIKeys, []byte("true")); err != nil {
		t.Fatal(err)
	}
	w.reload(t)
	return w, w.newKey(t)
}

func (w *world) reload(t *testing.T) {
	t.Helper()
	var err error
	if w.p.App, err = w.App(t.Context(), "kid"); err != nil {
		t.Fatal(err)
	}
}

func (w *world) newKey(t *testing.T) *apikey.Key {
	t.Helper()
	name := "a key"
	k, text, err := w.CreateKey(t.Context(), w.p, KeyWish{Name: &name})
	if err != nil {
		t.Fatal(err)
	}
	if token, err := apikey.Parse(text); err != nil || token.ID != k.Key.ID || token.App != "kid" || k.Key.Check(token.Secret, "", w.now) != nil {
		t.Fatalf("%s: %v, %v", text, token, err)
	}
	return k.Key
}

// However often keys are used, the log gets one change in ten minutes, and the list knows the minute all the same.
func TestLastUseOfKeys(t *testing.T) {
	w, first := withKeys(t)
	second := w.newKey(t)
	changes := func() int64 {
		t.Helper()
		n, err := w.store.LastChange(t.Context(), "kid")
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	before, start := changes(), w.now
	for range 100 {
		w.KeyUsed(t.Context(), w.p.App, first.ID)
		w.KeyUsed(t.Context(), w.p.App, second.ID)
		w.now = w.now.Add(5 * time.Second)
	}
	if n := changes() - before; n != 1 {
		t.Errorf("%d changes in 500 seconds", n)
	}
	keys, err := w.Keys(t.Context(), w.p)
	if err != nil || len(keys) != 2 {
		t.Fatalf("%v, %v", keys, err)
	}
	for _, k := range keys {
		if age := w.now.UnixMilli() - k.LastUsed; age < 0 || age > 65_000 {
			t.Errorf("%s was used %d ms ago", k.Key.ID, age)
		}
	}
	w.now = start.Add(10 * time.Minute)
	w.KeyUsed(t.Context(), w.p.App, second.ID)
	if n := changes() - before; n != 2 {
		t.Errorf("%d changes in 10 minutes", n)
	}
	// Another process finds what was written.
	w.uses = keyUses{}
	keys, err = w.Keys(t.Context(), w.p)
	if err != nil || keys[0].LastUsed == 0 || keys[1].LastUsed != w.now.UnixMilli() {
		t.Errorf("%+v, %v", keys, err)
	}
	// Keys that are gone are forgotten.
	if err := w.DeleteKey(t.Context(), w.p, second.ID); err != nil {
		t.Fatal(err)
	}
	w.now = w.now.Add(time.Hour)
	w.KeyUsed(t.Context(), w.p.App, first.ID)
	if used, err := w.keyUse(t.Context(), "kid"); err != nil || len(used) != 1 || used[first.ID] != w.now.UnixMilli() {
		t.Errorf("%v, %v", used, err)
	}
}

// Revoking a key that fails on the way leaves a key that does not hold, and can be tried again.
func TestRevocationFailsSafely(t *testing.T) {
	w, key := withKeys(t)
	if _, err := w.Grant(t.Context(), w.p, key.ID, "cat", []string{"GET"}); err != nil {
		t.Fatal(err)
	}
	w.reload(t)
	w.store.writesLeft.Store(1)
	if err := w.DeleteKey(t.Context(), w.p, key.ID); !errors.Is(err, errDiskGone) {
		t.Fatalf("%v", err)
	}
	w.store.writesLeft.Store(-1)
	w.reload(t)
	k, err := w.Key(t.Context(), w.p.App, key.ID)
	if err != nil || k == nil || k.Active || len(w.p.App.Permissions[key.ID]) > 0 {
		t.Errorf("%+v, %v, %v", k, err, w.p.App.Permissions)
	}
	if err := w.DeleteKey(t.Context(), w.p, key.ID); err != nil {
		t.Fatal(err)
	}
	if k, err := w.Key(t.Context(), w.p.App, key.ID); k != nil || err != nil {
		t.Errorf("%+v, %v", k, err)
	}
}

// What is in the way of keys, and their bounds.
func TestBoundsOfKeys(t *testing.T) {
	w, _ := withKeys(t)
	name := "x"
	ids := []string{}
	for range MaxKeys {
		ids = append(ids, "key_1")
	}
	if _, err := w.one(t.Context(), "kid", &op{reads: []string{keysID}, do: func([]*para.Record) ([]para.Write, error) {
		return []para.Write{writeKeyIDs(ids)}, nil
	}}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.CreateKey(t.Context(), w.p, KeyWish{Name: &name}); para.CodeOf(err) != para.TooLarge {
		t.Errorf("one key more: %v", err)
	}
	taken := newWorld(t)
	if err := taken.PutSetting(t.Context(), taken.p, para.SettingAPIKeys, []byte("true")); err != nil {
		t.Fatal(err)
	}
	taken.reload(t)
	o := para.New("cat")
	o.SetID(keysID)
	if _, err := taken.Create(t.Context(), taken.p, o); err != nil {
		t.Fatal(err)
	}
	if _, _, err := taken.CreateKey(t.Context(), taken.p, KeyWish{Name: &name}); para.CodeOf(err) != para.Invalid {
		t.Errorf("an object is in the way: %v", err)
	}
	if keys, err := taken.Keys(t.Context(), taken.p); err == nil {
		t.Errorf("an object is taken for the list of keys: %v", keys)
	}
}
