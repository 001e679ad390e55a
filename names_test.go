package para

import (
	"maps"
	"strings"
	"testing"
	"time"
)

// check compares what f makes of inputs with the outputs that follow them.
func check(t *testing.T, f func(string) string, vectors ...string) {
	t.Helper()
	if len(vectors)%2 != 0 {
		t.Fatal("vectors are pairs")
	}
	for i := 0; i < len(vectors); i += 2 {
		if got := f(vectors[i]); got != vectors[i+1] {
			t.Errorf("%q: got %q, want %q", vectors[i], got, vectors[i+1])
		}
	}
}

func TestPlural(t *testing.T) { // O 2.2, R 31
	check(t, Plural,
		"cat", "cats", "user", "users", "address", "addresses", "class", "classes", "bus", "buses", "recipe", "recipes",
		"recipes", "recipes", "city", "cities", "City", "Cities", "CITY", "CITYs", "key", "keies", "KEY", "KEYs", "day", "daies",
		"fly", "flies", "y", "ies", "s", "ses", "wolf", "wolfs", "box", "boxs", "series", "series", "species", "species",
		"es", "es", "ies", "ies", "news", "newses", "tags", "tagses", "bY", "bYs", "bS", "bSs", "my type", "my types",
		"app", "apps", "vote", "votes", "sysprop", "sysprops", "_batch", "_batchs", "тип", "тип", "café", "café", "", "",
		"boxes", "boxes", "  ", "  ", "a\tb", "a\tb")
}

func TestCleanType(t *testing.T) { // O 2.3
	check(t, CleanType,
		"_cat", "cat", "___", "sysprop", "___NOT_OK_", "NOT_OK_", "a#b", "ab", "a/b", "ab", "NOT/OK/.OK", "NOTOK.OK", "_/x", "x",
		"#", "sysprop", "search", "sysprop", "Search", "sysprop", "UTILS", "sysprop", "para", "sysprop", "searches", "searches",
		"utilss", "utilss", "a.b", "a.b", "cat ", "cat ", " ", "sysprop", "", "sysprop", "type?=-+^><_|'", "type?=-+^><_|'",
		"type 123  +__", "type 123  +__", "#_internal", "internal", "/__#_x", "x", "___ x", " x")
}

func TestAppID(t *testing.T) { // O 8.1, R 31
	check(t, AppID,
		"myapp", "app:myapp", "My App", "app:my-app", "app:My App", "app:my-app", "app:app:x", "app:x", "my_app", "app:my-app",
		"my.app", "app:my-app", "Тест 123", "app:123", "leones de león", "app:leones-de-len", " x ", "app:x", "a--b", "app:a-b",
		"-a-", "app:a", "APP:X", "app:app-x", "x app:y", "app:x-app-y", "app:", "", "", "", "ה", "",
		"app:app:test app ? @#$%^&>?<~`|\\;:./>-= COOL", "app:test-app-cool", "a_b-c.d", "app:a-b-c-d", "Café 1", "app:caf-1")
	check(t, AppIdentifier, "app:kid", "kid", "kid", "kid", "app:app:x", "app:x")
}

func TestTagID(t *testing.T) { // O 7.4, R 31
	check(t, TagID,
		"Hello World", "tag:hello-world", "tag:x", "tag:x", "tag:tag:x", "tag:x", "C++", "tag:c++", "C ++", "tag:c-++",
		"c#", "tag:c#", "node.js", "tag:node.js", "D--", "tag:d--", "-x-", "tag:x-", "+x", "tag:x", "a_b", "tag:a-b",
		"a/b", "tag:a-b", "a:b", "tag:a-b", "#1", "tag:1", "été", "tag:été", "日本 語", "tag:日本-語", "a  b", "tag:a-b",
		"+-#-+971507107546-#abortio", "tag:971507107546-#abortio", "# +971507107546 #abortio+", "tag:971507107546-#abortio+",
		"tag:tag:test tag ? @$%^&>?<~`|\\;:/>= COOL", "tag:test-tag-cool", "", "tag:",
		"Hello World!", "tag:hello-world", "--x y", "tag:x-y", "@me", "tag:me")
}

func TestUserName(t *testing.T) { // O 7.3
	check(t, cleanUserName,
		"J_o(h)n", "John", "O'Neil-Smith, Jr.", "O'Neil-Smith, Jr.", "  a   b ", "a b", "!!!", "", "José 日本", "José 日本",
		"x@y.co", "xy.co", "A&B", "AB", "Tab\there", "Tabhere")
}

func TestURI(t *testing.T) { // O 3.3, R 31
	for _, v := range []struct{ typ, id, want string }{
		{"cat", "1", "/cat/1"}, {"my type", "a b/c:d", "/my+type/a+b%2Fc%3Ad"}, {"cat", "é+&", "/cat/%C3%A9%2B%26"},
		{"cat", "a*b~c-d_e.f", "/cat/a*b%7Ec-d_e.f"}, {"cat", "", "/cat"}, {"cat", "  ", "/cat"},
		{"тип", "уникод", "/%D1%82%D0%B8%D0%BF/%D1%83%D0%BD%D0%B8%D0%BA%D0%BE%D0%B4"},
		{"profile", "753344895351001088:profile", "/profile/753344895351001088%3Aprofile"},
		{"tag", "C++", "/tag/c%2B%2B"}, {"app", "app:kid", "/app/app%3Akid"}, {"vote", "", "/vote"},
		{"cat", "~*+", "/cat/%7E*%2B"}, {"file.txt-^><±_|'", "x", "/file.txt-%5E%3E%3C%C2%B1_%7C%27/x"},
	} {
		o := New(v.typ)
		if v.id != "" {
			o.SetID(v.id)
		}
		if got := o.URI(); got != v.want {
			t.Errorf("%s %q: got %s, want %s", v.typ, v.id, got, v.want)
		}
	}
	o := New("tag")
	if got := o.URI(); got != "/tag" {
		t.Errorf("a tag without value: %s", got)
	}
	o.SetID("")
	if got := o.URI(); got != "/tag/" {
		t.Errorf("an empty tag: %s", got)
	}
	if got := RecordURI(&Record{Type: "cat", ID: "a b", Data: []byte(`{"id":"a b","type":"cat"}`)}); got != "/cat/a+b" {
		t.Errorf("of a record: %s", got)
	}
}

func TestRegisterTypes(t *testing.T) { // O 2.5, D26
	for _, v := range []struct{ typ, plural, singular string }{
		{"cat", "cats", "cat"}, {"bus", "buses", "bus"}, {"my_type", "my-types", "my-type"}, {"тип", "тип", "тип"},
		{"My Type", "my-types", "my-type"}, {"a-b", "a-bs", "a-b"}, {"series", "series", "series"},
		{"_batch", "", ""}, {"*", "", ""}, {"user", "", ""}, {"users", "", ""}, {"User", "", ""}, {"search", "", ""}, {"utils", "", ""},
		{"#", "", ""}, {"", "", ""},
	} {
		got, changed := RegisterTypes(nil, 0, v.typ)
		want := map[string]string{}
		if v.plural != "" {
			want[v.plural] = v.singular
		}
		if !maps.Equal(got, want) || changed != (len(want) > 0) {
			t.Errorf("%q: got %v, %v", v.typ, got, changed)
		}
	}
	known := map[string]string{"cats": "cat", "mice": "mouse"}
	got, changed := RegisterTypes(known, 0, "cat", "cats", "mouse", "dog")
	if !changed || !maps.Equal(got, map[string]string{"cats": "cat", "mice": "mouse", "dogs": "dog"}) {
		t.Errorf("known names: %v", got)
	}
	if len(known) != 2 {
		t.Errorf("the given map changed: %v", known)
	}
	if got, changed := RegisterTypes(known, 2, "dog"); changed || len(got) != 2 {
		t.Errorf("beyond the limit: %v", got)
	}
	if got, _ := RegisterTypes(known, 3, "dog", "fox"); len(got) != 3 {
		t.Errorf("up to the limit: %v", got)
	}
}

func TestResolveType(t *testing.T) { // O 2.4, D26
	o := New("app")
	o.SetID("kid")
	if err := o.Set("datatypes", map[string]string{
		"cats": "cat", "my-types": "my-type", "big-things": "big-thing", "keies": "key", "mice": "mouse", "buses": "bus", "series": "series",
	}); err != nil {
		t.Fatal(err)
	}
	a, err := ParseApp(o)
	if err != nil {
		t.Fatal(err)
	}
	check(t, a.ResolveType,
		"users", "user", "user", "user", "addresses", "address", "cats", "cat", "cat", "cat", "dogs", "dogs", "CATS", "CATS",
		"my_types", "my_type", "my_type", "my_type", "my-types", "my-type", "Big Things", "Big Thing", "keies", "key", "mice", "mouse",
		"mouses", "mouse", "buses", "bus", "bus", "bus", "series", "series", "_id", "_id", "", "", "s", "s", "ies", "ies")
	for segment, want := range map[string]bool{"cat": true, "cats": true, "user": true, "users": true, "my_types": true, "dogs": false, "mice": true, "": false} {
		if a.HasType(segment) != want {
			t.Errorf("HasType(%q) is %v", segment, !want)
		}
	}
	if all := a.Types(); len(all) != 17 || all["mice"] != "mouse" || all["users"] != "user" {
		t.Errorf("types: %v", all)
	}
}

func TestIDs(t *testing.T) { // O 3.1, R 31
	for _, v := range []struct {
		ms          int64
		worker, seq int
		want        string
	}{
		{1700000000000, 1, 0, "1635423786088009728"}, {1700000000000, 1, 1, "1635423786088009729"},
		{1700000000000, 31, 4095, "1635423786088136703"}, {1700000000000, 0, 0, "1635423786088005632"},
		{1310084584692, 1, 0, "4096"}, {1446469779546, 1, 0, "572040968316915712"}, {1800000000000, 5, 7, "2054854186088026119"},
		{1767225600000, 1, 0, "1917388389070409728"}, {1767225600000, 1, 4095, "1917388389070413823"},
		{1767225600000, 31, 1, "1917388389070532609"},
	} {
		g := NewIDGenerator(v.worker, func() time.Time { return time.UnixMilli(v.ms) })
		var got string
		for range v.seq + 1 {
			got = g.Next()
		}
		if got != v.want {
			t.Errorf("%d worker %d sequence %d: got %s, want %s", v.ms, v.worker, v.seq, got, v.want)
		}
	}
}

func TestIDsNeverRepeat(t *testing.T) {
	now := time.UnixMilli(1_700_000_000_000)
	g := NewIDGenerator(99, func() time.Time { now = now.Add(-time.Millisecond / 4); return now }) // the clock goes back
	last := ""
	for range 20_000 {
		id := g.Next()
		if len(id) < len(last) || len(id) == len(last) && id <= last {
			t.Fatalf("%s after %s", id, last)
		}
		last = id
	}
	results := make(chan string, 4000)
	shared := NewIDGenerator(1, nil)
	for range 4 {
		go func() {
			for range 1000 {
				results <- shared.Next()
			}
		}()
	}
	seen := map[string]bool{}
	for range 4000 {
		seen[<-results] = true
	}
	if len(seen) != 4000 {
		t.Errorf("%d different ids of 4000", len(seen))
	}
}

func TestPathID(t *testing.T) { // R 11.6
	for _, v := range [][3]string{{"app", "kid", "app:kid"}, {"app", "app:kid", "app:kid"}, {"tag", "hello", "tag:hello"}, {"tag", "tag:hello", "tag:hello"}, {"cat", "tag:x", "tag:x"}, {"", "hello", "hello"}} {
		if got := PathID(v[0], v[1]); got != v[2] {
			t.Errorf("%s %s: %s", v[0], v[1], got)
		}
	}
	if VoteID("u", "o") != "vote:u:o" {
		t.Error("vote id")
	}
}

func TestBlank(t *testing.T) { // O 1
	for s, want := range map[string]bool{"": true, " ": true, "\t\n\r ": true, "\u2003": true, "\u00a0": false, "x": false, " x ": false, "\x00": false, "\u0085": false} {
		if blank(s) != want {
			t.Errorf("%q: %v", s, !want)
		}
	}
}

func FuzzNames(f *testing.F) {
	for _, s := range []string{"cat", "_#/_x", "app:My App", "tag:tag:C++", "José 日本", "\xff", "my_types"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if c := CleanType(s); CleanType(c) != c || c == "" || strings.HasPrefix(c, "_") {
			t.Errorf("CleanType(%q) is %q", s, c)
		}
		if id := AppID(s); AppID(id) != id {
			t.Errorf("AppID(%q) is %q, of which the id is %q", s, id, AppID(id))
		}
		if n := cleanUserName(s); cleanUserName(n) != n {
			t.Errorf("a user name %q is not stable: %q", s, n)
		}
		_ = Plural(s)
		TagID(s)
		if all, changed := RegisterTypes(nil, 0, s); changed != (len(all) == 1) {
			t.Errorf("RegisterTypes(%q) is %v, %v", s, all, changed)
		}
	})
}
