package transfer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// export(import(x)) = x: what an app exports, another one has after importing it, to the byte. And what random archives of
// the Java form hold is in the export.
func TestRoundTrip(t *testing.T) {
	first, second := start(t), start(t)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	for round := range 6 {
		s := source{rand.New(rand.NewPCG(seed, uint64(round)))}
		given := map[string]json.RawMessage{}
		var list []json.RawMessage
		for n := range 1 + s.IntN(200) {
			id, o := s.object(n)
			given[id] = o
			list = append(list, o)
		}
		name := fmt.Sprintf("round%d", round)
		a, _ := first.app(t, name)
		b, _ := second.app(t, name)
		if n := mustImport(t, a, pack(t, javaParts(name, list))); n != int64(len(list)) {
			t.Errorf("round %d: imported %d of %d", round, n, len(list))
		}
		archive := export(t, a)
		x := contents(t, archive)
		if len(x) != len(given) {
			t.Errorf("round %d: %d objects came back of %d", round, len(x), len(given))
		}
		for id, o := range given {
			sameMembers(t, id, o, x[id])
		}
		mustImport(t, b, archive)
		y := contents(t, export(t, b))
		if len(y) != len(x) {
			t.Errorf("round %d: second app has %d objects, first %d", round, len(y), len(x))
		}
		for id := range x {
			if x[id] != y[id] {
				t.Errorf("round %d, %q:\nfirst  %s\nsecond %s", round, id, x[id], y[id])
			}
		}
	}
}

// decode reads JSON with numbers as they are written.
func decode(t *testing.T, text []byte) map[string]any {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v map[string]any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

// sameMembers says whether an exported object has all stored members that were given, and nothing computed.
func sameMembers(t *testing.T, id string, given []byte, exported string) {
	t.Helper()
	if exported == "" {
		t.Errorf("%q did not come back", id)
		return
	}
	got := decode(t, []byte(exported))
	for name, want := range decode(t, given) {
		switch name {
		case "objectURI", "plural", "anything", "password":
			if _, ok := got[name]; ok {
				t.Errorf("%q: the export has %s", id, name)
			}
			continue
		}
		if p, ok := want.(map[string]any); ok && name == "properties" && len(p) == 0 {
			continue
		}
		if !reflect.DeepEqual(got[name], want) {
			t.Errorf("%q: %s = %#v, want %#v\ngiven    %s\nexported %s", id, name, got[name], want, given, exported)
		}
	}
}

// The form of an export: names, parts in creation order, the last one empty.
func TestForm(t *testing.T) {
	i := start(t)
	c, _ := i.app(t, "form")
	mustImport(t, c, pack(t, javaParts("x", cats(2345))))
	body, name, err := c.Export(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	body.Close()
	if !regexp.MustCompile(`^form_\d{8}_\d{6}\.zip$`).MatchString(name) {
		t.Errorf("file name %q", name)
	}
	parts := partsOf(t, export(t, c))
	n := 0
	for k, p := range parts {
		if want := fmt.Sprintf("_part%d.json", k+1); !strings.HasSuffix(p.name, want) {
			t.Errorf("part %d is called %s", k+1, p.name)
		}
		if last := k == len(parts)-1; last != (len(p.elements) == 0) {
			t.Errorf("part %d of %d has %d objects", k+1, len(parts), len(p.elements))
		}
		for _, e := range p.elements {
			if n < 2345 && !strings.Contains(string(e), fmt.Sprintf(`"id":"c%d",`, n)) {
				t.Fatalf("object %d is %s", n, e)
			}
			n++
		}
	}
	if n != 2346 || len(parts) != 4 { // the summary of the import is an object too
		t.Errorf("%d objects in %d parts", n, len(parts))
	}
}

// An archive from the root app brings the apps with their keys and storages; the own record keeps its secret (D46).
func TestRootApp(t *testing.T) {
	first := start(t)
	kid, secret := first.app(t, "kid")
	mustImport(t, kid, pack(t, javaParts("kid", cats(3))))
	if err := kid.SetSetting(t.Context(), "colour", "blue"); err != nil {
		t.Fatal(err)
	}
	root, child := export(t, first.root), export(t, kid)

	second := startIn(t, t.TempDir(), rootSecret+"-other")
	mustImport(t, second.root, root)
	moved := second.as(t, "app:kid", secret)
	mustImport(t, moved, child)
	if got, want := contents(t, export(t, moved)), contents(t, child); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	settings, err := moved.Settings(t.Context())
	if err != nil || settings["colour"] != "blue" {
		t.Errorf("settings %v, %v", settings, err)
	}
	if !strings.Contains(contents(t, export(t, second.root))["app:para"], `"secret":"`+rootSecret+`-other"`) {
		t.Error("the root app's own secret changed")
	}
	if strings.Contains(contents(t, child)["app:kid"], "secret") {
		t.Error("the export of a child holds its app record")
	}
}

// Objects without an id get the same one when the archive is sent again.
func TestImportTwice(t *testing.T) {
	i := start(t)
	c, _ := i.app(t, "twice")
	archive := pack(t, []part{{"a.json", []json.RawMessage{
		json.RawMessage(`{"type":"cat","name":"one","timestamp":1}`), json.RawMessage(`{"type":"cat","name":"two","timestamp":2}`),
		json.RawMessage(`{"type":"tag","tag":"red","timestamp":3}`), json.RawMessage(`null`),
	}}})
	if n := mustImport(t, c, archive); n != 4 {
		t.Errorf("count %d, want 4", n)
	}
	before := contents(t, export(t, c))
	mustImport(t, c, archive)
	after := contents(t, export(t, c))
	if len(before) != 3 || len(after) != 3 || before["tag:red"] == "" {
		t.Errorf("%d objects after the first import, %d after the second: %v", len(before), len(after), after)
	}
}
