package para

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
)

var testTime = time.UnixMilli(1_700_000_000_000)

func body(t testing.TB, text string) *Body {
	t.Helper()
	b, err := ParseBody([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return b
}

func populate(t testing.TB, text string) *Object {
	t.Helper()
	o, err := Populate(body(t, text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return o
}

const absent, fails = "absent", "FAIL"

// member returns what a member is, for comparison with a table.
func stateOf(o *Object, err error, name string) string {
	if err != nil {
		return fails
	}
	raw, ok := o.Raw(name)
	if !ok {
		return absent
	}
	return string(raw)
}

func TestConversions(t *testing.T) { // O 6.2
	for _, v := range []struct{ typ, field, value, want string }{
		{"cat", "timestamp", `5`, `5`}, {"cat", "timestamp", `"5"`, `5`}, {"cat", "timestamp", `" 5 "`, `5`},
		{"cat", "timestamp", `"5.5"`, absent}, {"cat", "timestamp", `"abc"`, absent}, {"cat", "timestamp", `12.7`, `12`},
		{"cat", "timestamp", `-12.7`, `-12`}, {"cat", "timestamp", `true`, `1`}, {"cat", "timestamp", `false`, absent},
		{"cat", "timestamp", `[5,6]`, `5`}, {"cat", "timestamp", `{}`, absent}, {"cat", "timestamp", `1e3`, `1000`},
		{"cat", "timestamp", `"9223372036854775808"`, absent}, {"cat", "timestamp", `0`, absent}, {"cat", "timestamp", `null`, absent},
		{"cat", "timestamp", `1e400`, absent}, {"cat", "timestamp", `9223372036854775807`, `9223372036854775807`},
		{"cat", "version", `"x"`, `0`}, {"cat", "version", `-3`, `-3`}, {"app", "deleteOn", `"x"`, `0`},
		{"cat", "votes", `"7"`, `7`}, {"cat", "votes", `2147483648`, `0`}, {"cat", "votes", `2147483647`, `2147483647`},
		{"cat", "votes", `5.9`, `5`}, {"cat", "votes", `"x"`, `0`}, {"cat", "votes", `[]`, `0`},
		{"cat", "stored", `"yes"`, `true`}, {"cat", "stored", `"TRUE"`, `true`}, {"cat", "stored", `"on"`, `true`}, {"cat", "stored", `"y"`, `true`},
		{"cat", "stored", `1`, `true`}, {"cat", "stored", `1.0`, `false`}, {"cat", "stored", `0`, `false`}, {"cat", "stored", `2`, `false`},
		{"cat", "stored", `"x"`, `false`}, {"cat", "stored", `""`, `false`}, {"cat", "stored", `[true]`, `true`}, {"cat", "stored", `[]`, `false`},
		{"cat", "stored", `{}`, `false`}, {"cat", "stored", `null`, absent}, {"cat", "stored", `"off"`, `false`},
		{"cat", "name", `5`, `"5"`}, {"cat", "name", `5.0`, `"5.0"`}, {"cat", "name", `true`, `"true"`}, {"cat", "name", `["a"]`, `"a"`},
		{"cat", "name", `[]`, absent}, {"cat", "name", `{"a":1}`, `"{a=1}"`}, {"cat", "name", `{"a":1,"b":{"c":["x","y"]}}`, `"{a=1, b={c=[x, y]}}"`},
		{"cat", "name", `""`, absent}, {"cat", "name", `"  "`, `"  "`}, {"cat", "name", `null`, absent}, {"cat", "name", `[[["a"]]]`, `"a"`},
		{"cat", "parentid", `""`, `""`}, {"cat", "parentid", `5`, `"5"`}, {"cat", "parentid", `[]`, absent}, {"cat", "parentid", `[null]`, absent},
		{"cat", "tags", `["a"]`, `["a"]`}, {"cat", "tags", `"[]"`, `[]`}, {"cat", "tags", `"null"`, absent}, {"cat", "tags", `""`, absent},
		{"cat", "tags", `"a"`, fails}, {"cat", "tags", `{}`, fails}, {"cat", "tags", `5`, fails}, {"cat", "tags", `true`, fails},
		{"cat", "tags", `[1,null,"z"]`, `["1","z"]`}, {"cat", "tags", `"[\"a\",1]"`, `["a","1"]`}, {"cat", "tags", `"[1] x"`, fails},
		{"form", "notifyEmails", `["a@b.co"]`, `["a@b.co"]`}, {"form", "notifyEmails", `5`, `["5"]`}, {"form", "notifyEmails", `"x"`, fails},
		{"form", "notifyEmails", `"[\"a@b.co\"]"`, `["a@b.co"]`},
		{"form", "notifyEmails", `[1,2,3,4,5,6,7,8,9,null,10,11,12]`, `["1","2","3","4","5","6","7","8","9","10"]`},
		{"app", "settings", `{"a":1}`, `{"a":1}`}, {"app", "settings", `{"a":null}`, `{}`}, {"app", "settings", `"{\"a\":1}"`, `{"a":1}`},
		{"app", "settings", `"x"`, fails}, {"app", "settings", `[]`, fails},
		{"app", "datatypes", `{"cats":1}`, fails}, {"app", "datatypes", `{"cats":"cat"}`, `{"cats":"cat"}`},
		{"app", "resourcePermissions", `{"*":["GET"]}`, fails}, {"app", "resourcePermissions", `{"*":{"x":["GET"]}}`, `{"*":{"x":["GET"]}}`},
		{"app", "validationConstraints", `{"cat":{"a":5}}`, fails}, {"app", "validationConstraints", `"{}"`, `{}`},
		{"linker", "nstd", `[{"id":"1"}]`, `[{"id":"1"}]`}, {"linker", "nstd", `{}`, fails}, {"linker", "nstd", `"null"`, absent},
		{"user", "email", `"Joe@X.co"`, `"joe@x.co"`}, {"user", "picture", `" "`, `"` + DefaultPicture + `"`},
		{"webhook", "customPayload", `"{\"a\":1}"`, `{"a":1}`}, {"webhook", "customPayload", `"text"`, `"text"`}, {"webhook", "customPayload", `[1.0]`, `[1.0]`},
		{"webhook", "repeatedDeliveryAttempts", `-3`, `3`}, {"webhook", "repeatedDeliveryAttempts", `-2147483648`, `2147483647`},
		{"cat", "id", `5`, `"5"`}, {"cat", "id", `"a/b c"`, `"a/b c"`},
	} {
		o, err := Populate(body(t, `{"type":"`+v.typ+`","`+v.field+`":`+v.value+`}`))
		if got := stateOf(o, err, v.field); got != v.want {
			t.Errorf("%s.%s %s: got %s, want %s (%v)", v.typ, v.field, v.value, got, v.want, err)
		}
	}
}

func custom(o *Object) string {
	return string(properties(o.list))
}

func TestCustomProperties(t *testing.T) { // O 6.3, O 6.4, D22, D23
	for in, want := range map[string]string{
		`{"type":"cat","properties":{"p":1},"q":2}`:                                             `{"p":1,"q":2}`,
		`{"type":"cat","properties":"{\"p\":1}","q":2}`:                                         `{"p":1,"q":2}`,
		`{"type":"cat","properties":"str","q":2}`:                                               `{"properties":"str","q":2}`,
		`{"type":"cat","properties":[1],"q":2}`:                                                 `{"properties":[1],"q":2}`,
		`{"type":"cat","properties":null,"q":2}`:                                                `{"q":2}`,
		`{"type":"cat","properties":{"name":"X","id":"z","properties":{"a":1},"p":1}}`:          `{"p":1}`,
		`{"type":"cat","a":null,"b":{"c":null,"d":[null]}}`:                                     `{"b":{"d":[null]}}`,
		`{"type":"cat","objectURI":"/x","plural":"y","":1," ":2}`:                               `{}`,
		`{"type":"cat","class":1,"password":"p","settings":{},"a.b":1,"x[0]":2,"name.empty":3}`: `{"class":1,"password":"p","settings":{},"a.b":1,"x[0]":2,"name.empty":3}`,
		`{"type":"cat","n":1.0,"m":1e400,"l":9007199254740993,"k":1.10}`:                        `{"n":1.0,"m":1e400,"l":9007199254740993,"k":1.10}`,
		`{"name":"n","x":1}`: `{"x":1}`,
		`{"type":"webhook","targetUrl":"https://x","color":"red"}`: `{"color":"red"}`,
	} {
		if got := custom(populate(t, in)); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
	for _, v := range [][3]string{
		{`{"x":1,"y":2}`, `{"properties":{"z":1}}`, `{"z":1}`},
		{`{"x":1,"y":2}`, `{"x":null,"z":3}`, `{"y":2,"z":3}`},
		{`{"x":{"a":1,"b":2}}`, `{"x":{"a":5}}`, `{"x":{"a":5}}`},
		{`{"x":1,"y":2}`, `{"properties":null}`, `{"x":1,"y":2}`},
		{`{"x":1}`, `{"properties":{"y":1},"z":2,"x":null}`, `{"y":1,"z":2}`},
		{`{"x":1}`, `{"properties":"{}"}`, `{}`},
	} {
		o := populate(t, v[0])
		if err := o.Merge(body(t, v[1])); err != nil {
			t.Errorf("%s: %v", v[1], err)
		}
		if got := custom(o); got != v[2] {
			t.Errorf("%s updated by %s: %s, want %s", v[0], v[1], got, v[2])
		}
	}
	for _, typ := range []string{"user", "app", "tag", "vote", "address", "translation", "linker", "form"} {
		o := populate(t, `{"type":"`+typ+`","colour":"red","properties":{"a":1}}`)
		if _, ok := o.Raw("colour"); ok || slices.Contains(o.Names(), "properties") {
			t.Errorf("%s keeps members it does not declare: %v", typ, o.Names())
		}
	}
}

func TestPopulateTypes(t *testing.T) { // O 6.1, O 2.3
	for in, want := range map[string]string{
		`{"name":"n"}`: "sysprop", `{"type":null,"x":1}`: "sysprop", `{"type":" ","x":1}`: "sysprop", `{"type":"User"}`: "User",
		`{"type":"_user"}`: "user", `{"type":"#app"}`: "app", `{"type":"search"}`: "sysprop",
	} {
		if o := populate(t, in); o.Type() != want || o.Description() != TypeOf(want) {
			t.Errorf("%s: %s", in, o.Type())
		}
	}
	if _, err := Populate(body(t, `{}`)); err == nil {
		t.Error("an empty body makes an object")
	}
	if _, err := Populate(nil); err == nil {
		t.Error("no body makes an object")
	}
}

func TestSpecialMembers(t *testing.T) {
	o := populate(t, `{"tag":"A b","id":"C++","type":"tag"}`) // O 7.4: id first, then the tag
	if o.ID() != "tag:c++" || o.Text("tag") != "a-b" {
		t.Errorf("tag: %s, %s", o.ID(), o.Text("tag"))
	}
	o = populate(t, `{"type":"tag","tag":"Hello World"}`)
	o.AssignID(NewIDGenerator(1, nil))
	if o.ID() != "tag:hello-world" || o.Text("tag") != "hello-world" { // D25
		t.Errorf("tag without id: %s, %s", o.ID(), o.Text("tag"))
	}
	o = populate(t, `{"type":"tag","count":1}`)
	o.AssignID(NewIDGenerator(1, nil))
	if _, ok := o.Raw("tag"); ok || !strings.HasPrefix(o.ID(), "tag:") {
		t.Errorf("tag without value: %s", o.AppendJSON(nil))
	}
	o = populate(t, `{"type":"vote","creatorid":"1001","parentid":"77","value":"up","tags":["x"],"votes":5}`)
	o.AssignID(NewIDGenerator(1, nil))
	o.ApplyDefaults(testTime)
	if o.ID() != "vote:1001:77" || o.Name() != "vote" || o.Tags() != nil || o.Votes() != 0 || o.Int("expiresAfter") != 2592000 || o.Int("lockedAfter") != 30 {
		t.Errorf("vote: %s", o.AppendJSON(nil))
	}
	o = populate(t, `{"type":"app","id":"My App","name":"x"}`)
	if o.ID() != "app:my-app" {
		t.Errorf("app: %s", o.ID())
	}
	o = populate(t, `{"type":"user","name":"J_o(h)n","groups":"admins","tokenSecret":"s","password":"p"}`) // O 6.5
	if o.Name() != "John" || o.Text("groups") != "admins" || o.Text("tokenSecret") != "s" || o.Text("password") != "" {
		t.Errorf("user: %s", o.AppendJSON(nil))
	}
	o = populate(t, `{"type":"form","plaintextOnly":true,"markdownEnabled":true}`)
	if o.Bool("markdownEnabled") {
		t.Error("a form of plain text has no Markdown")
	}
	if o = populate(t, `{"type":"form","plaintextOnly":false,"markdownEnabled":true}`); !o.Bool("markdownEnabled") {
		t.Error("Markdown of a form is lost")
	}
	if err := o.Merge(body(t, `{"plaintextOnly":true}`)); err != nil || o.Bool("markdownEnabled") {
		t.Error("an update to plain text keeps Markdown")
	}
	o = populate(t, `{"type":"webhook","triggeredEvent":"e","customPayload":5}`)
	if o.Text("targetUrl") != "https://para" {
		t.Errorf("target of a trigger: %s", o.Text("targetUrl"))
	}
}

func TestLockedMembers(t *testing.T) { // R 8.4
	locked := map[string][]string{
		"cat": {"id", "timestamp", "type", "appid", "parentid", "creatorid"},
		"app": {"sharingIndex", "sharingTable", "secret", "readOnly", "datatypes"}, "user": {"groups", "authenticators", "claimedEmail", "tokenSecret"},
		"vote": {"value", "expiresAfter", "lockedAfter"}, "linker": {"id1", "id2", "type1", "type2"}, "tag": {"tag"},
		"translation": {"authorName", "locale", "thekey"}, "webhook": {}, "form": {}, "address": {},
	}
	for typ, own := range locked {
		d := TypeOf(typ)
		var got []string
		for _, f := range d.Fields {
			if f.Locked {
				got = append(got, f.Name)
			}
		}
		want := locked["cat"]
		if typ != "cat" {
			want = append(slices.Clone(want), own...)
		}
		if !slices.Equal(sorted(got), sorted(want)) {
			t.Errorf("%s: locked are %v, want %v", typ, got, want)
		}
		o := New(typ)
		for _, name := range want {
			if err := o.Merge(body(t, `{"`+name+`":"changed"}`)); err != nil {
				t.Error(err)
			}
			if strings.Contains(o.Text(name), "changed") {
				t.Errorf("%s.%s can be updated", typ, name)
			}
		}
	}
}

func sorted(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return list
}

func TestMerge(t *testing.T) { // R 8.3, O 6.1
	o := populate(t, `{"type":"cat","name":"Tom","tags":["a"],"votes":3,"x":1}`)
	if err := o.Merge(body(t, `{"name":"","tags":[],"votes":null,"stored":null,"updated":0,"y":2}`)); err != nil {
		t.Fatal(err)
	}
	if o.Name() != "Tom" || len(o.Tags()) != 0 || o.Votes() != 3 || !o.IsStored() || o.Updated() != 0 || custom(o) != `{"x":1,"y":2}` {
		t.Errorf("%s", o.AppendJSON(nil))
	}
	before := string(o.AppendJSON(nil))
	c := o.Clone()
	if err := c.Merge(body(t, `{"x":5,"name":"Bob","tags":5}`)); err == nil {
		t.Error("a number is a list of tags")
	}
	if after := string(o.AppendJSON(nil)); after != before {
		t.Errorf("a failed merge into a copy changed the original: %s", after)
	}
	if err := o.Merge(nil); err != nil {
		t.Error(err)
	}
}

func TestJoinBodies(t *testing.T) { // D36: merged in order
	for _, v := range []struct {
		stored string
		bodies []string
		want   string
	}{
		{`{"type":"cat","x":1}`, []string{`{"x":2,"name":"a"}`, `{"y":3,"name":null}`}, `{"name":"a","x":2,"y":3}`},
		{`{"type":"cat","x":1}`, []string{`{"y":2}`, `{"properties":{"z":1}}`}, `{"z":1}`},
		{`{"type":"webhook","targetUrl":"https://a"}`, []string{`{"targetUrl":"https://b"}`, `{"properties":{"z":1}}`}, `{"targetUrl":"https://b","z":1}`},
		{`{"type":"cat","x":1}`, []string{`{"x":null}`, `{"x":3}`, `{"w":1}`}, `{"x":3,"w":1}`},
	} {
		o, one := populate(t, v.stored), populate(t, v.stored)
		var list []*Body
		for _, text := range v.bodies {
			list = append(list, body(t, text))
			if err := one.Merge(body(t, text)); err != nil {
				t.Fatal(err)
			}
		}
		if err := o.Merge(JoinBodies(list)); err != nil {
			t.Fatal(err)
		}
		if string(o.AppendJSON(nil)) != string(one.AppendJSON(nil)) {
			t.Errorf("%v: %s, want %s", v.bodies, o.AppendJSON(nil), one.AppendJSON(nil))
		}
		var got, want map[string]any
		if json.Unmarshal(o.AppendJSON(nil), &got) != nil || json.Unmarshal([]byte(v.want), &want) != nil {
			t.Fatal("not JSON")
		}
		for name, x := range want {
			if got[name] != x {
				t.Errorf("%v: %s is %v, want %v", v.bodies, name, got[name], x)
			}
		}
	}
	joined := JoinBodies([]*Body{body(t, `{"id":"1","version":5}`), body(t, `{"id":"1","version":null}`)})
	if joined.ID() != "1" || *joined.Version() != 5 || joined.Empty() || len(joined.Members()) != 2 {
		t.Error("members of joined bodies")
	}
}

func TestDeclaredType(t *testing.T) { // D27
	for _, v := range [][4]string{
		{`{"type":"cat"}`, "cats", "cats", "cat"}, {`{"type":"cat"}`, "cat", "cat", "cat"}, {`{"type":"u"}`, "users", "user", "user"},
		{`{"type":"dog"}`, "cats", "cat", "cat"}, {`{"a":1}`, "cats", "cat", "cat"}, {`{"type":" "}`, "cat", "cat", "cat"},
		{`{"type":"app"}`, "apple", "apple", "app"}, {`{"type":"_app"}`, "apple", "apple", "_app"}, {`{"type":"Cat"}`, "cats", "cat", "cat"},
	} {
		b := body(t, v[0])
		b.SetDeclaredType(v[1], v[2])
		if got := b.Text("type"); got != v[3] {
			t.Errorf("%s posted to %s: %s, want %s", v[0], v[1], got, v[3])
		}
	}
}

func TestDropVotes(t *testing.T) {
	b := body(t, `{"id":"1","_voteup":"u","a":1,"_votedown":"u","_vote_expires_after":1,"_vote_locked_after":2}`)
	b.DropVotes()
	if m := b.Members(); len(m) != 2 {
		t.Errorf("left: %v", m)
	}
}

func TestDefaults(t *testing.T) { // O 4, R 9.2, D24
	for typ, want := range map[string]string{
		"cat": "ParaObject 1700000000000", "app": "ParaObject 1700000000000", "user": "ParaObject 1700000000000",
		"tag": "ParaObject 1700000000000", "address": "ParaObject 1700000000000", "webhook": "ParaObject 1700000000000",
		"vote": "vote", "translation": "translation", "linker": "ParaObject x", "form": "Form #x",
	} {
		o := New(typ)
		o.setText("id", "x")
		o.ApplyDefaults(testTime)
		if o.Name() != want {
			t.Errorf("%s: name %q, want %q", typ, o.Name(), want)
		}
		if !o.IsStored() || !o.IsIndexed() || !o.IsCached() || o.Version() != 0 {
			t.Errorf("%s: %s", typ, o.AppendJSON(nil))
		}
	}
	o := populate(t, `{"type":"user","name":"!!!"}`)
	o.ApplyDefaults(testTime)
	if o.Name() != "" || o.Text("groups") != "users" || o.Text("picture") != DefaultPicture || o.Bool("active") || o.Bool("twoFA") {
		t.Errorf("user: %s", o.AppendJSON(nil))
	}
	if s := NewTokenSecret(); len(s) != 44 || s == NewTokenSecret() {
		t.Errorf("token secret %q", s)
	}
}

func TestPatchVersion(t *testing.T) { // D30
	sent := func(v int64) *int64 { return &v }
	for _, v := range []struct {
		sent     *int64
		stored   int64
		want     int64
		conflict bool
	}{
		{nil, 5, 6, false}, {nil, 0, 0, false}, {sent(5), 5, 6, false}, {sent(4), 5, 5, true}, {sent(7), 0, 7, false},
		{sent(0), 5, 0, false}, {sent(0), 0, 0, false}, {sent(-1), 5, 5, true}, {sent(-1), 0, 0, true},
		{nil, 1<<63 - 1, 1, false},
	} {
		got, conflict := PatchVersion(v.sent, v.stored)
		if got != v.want || conflict != v.conflict {
			t.Errorf("%v over %d: %d, %v", v.sent, v.stored, got, conflict)
		}
	}
}

func TestIdentityProvider(t *testing.T) { // O 10.1
	isEmail := func(s string) bool { return strings.Contains(s, "@") }
	for id, want := range map[string]string{
		"fb:1": "facebook", "FB:1": "facebook", "gp:1": "google", "gh:1": "github", "tw:1": "twitter", "in:1": "linkedin", "ms:1": "microsoft",
		"sl:1": "slack", "mm:1": "mattermost", "az:1": "amazon", "ldap:x": "ldap", "saml:x": "saml", "oa2:x": "oauth2", "oa2second:x": "oauth2",
		"oa2third:x": "oauth2", "custom:x": "custom", "joe@x.co": "generic", "oa2fourth:x": "unknown", "fb": "unknown", "": "unknown", "fb:": "facebook",
	} {
		if got := IdentityProvider(id, isEmail); got != want {
			t.Errorf("%q: %s, want %s", id, got, want)
		}
	}
	if IdentityProvider("joe@x.co", nil) != "unknown" {
		t.Error("without a test of addresses nothing is one")
	}
}

func TestNewIdentity(t *testing.T) { // O 10.2
	u := populate(t, `{"id":"u1","type":"user","appid":"kid","identifier":"joe@x.co"}`)
	o := NewIdentity(u, testTime)
	want := `{"id":"joe@x.co","timestamp":1700000000000,"type":"sysprop","appid":"kid","creatorid":"u1","name":"identifier","votes":0,"version":0,` +
		`"stored":true,"indexed":true,"cached":true,"objectURI":"/sysprop/joe%40x.co","plural":"sysprops"}`
	if got := string(o.AppendJSON(nil)); got != want || !IsIdentity(o) || IsIdentity(u) {
		t.Errorf("%s", got)
	}
}

// Whatever a body is, populating it does not panic, and what comes out survives storing, reading and merging.
func FuzzPopulate(f *testing.F) {
	for _, s := range []string{
		`{"type":"cat","name":"Tom","tags":["a",1],"x":{"y":[1.0,null]}}`, `{"type":"user","email":"A@b.co","name":"J_o","groups":[1]}`,
		`{"type":"webhook","customPayload":"{}","properties":"{\"a\":1}"}`, `{"type":"form","notifyEmails":5,"plaintextOnly":false}`,
		`{"type":"_#app","id":"x","resourcePermissions":{"*":{"x":["GET"]}}}`, `{"type":"tag","tag":"A b"}`, `{"id":1e5,"timestamp":"5","votes":1e9}`,
		`{"type":"vote","value":"up","parentid":"1","creatorid":"2"}`, `{"type":"linker","nstd":[{"id":"1","secret":"x","type":"app"}]}`,
	} {
		f.Add([]byte(s), []byte(s))
	}
	ids := NewIDGenerator(1, nil)
	f.Fuzz(func(t *testing.T, first, second []byte) {
		b, err := ParseBody(first)
		if err != nil {
			return
		}
		b.size()
		o, err := Populate(b)
		if err != nil {
			return
		}
		if o.ID() == "" {
			o.AssignID(ids)
		}
		o.ApplyDefaults(testTime)
		Validate(o, allowAll)
		roundTrip(t, o)
		patch, err := ParseBody(second)
		if err != nil {
			return
		}
		c := o.Clone()
		before := string(o.AppendJSON(nil))
		if err := c.Merge(patch); err == nil {
			roundTrip(t, c)
		}
		if string(o.AppendJSON(nil)) != before {
			t.Fatal("merging into a copy changed the original")
		}
	})
}

var allowAll = Checks{
	Email: func(string) bool { return true }, Address: func(string) bool { return true }, URL: func(string) bool { return true },
	Match: func(string, string) (bool, error) { return true, nil },
}

func roundTrip(t *testing.T, o *Object) {
	t.Helper()
	data := o.AppendJSON(nil)
	if !json.Valid(data) {
		t.Fatalf("not JSON: %s", data)
	}
	if again, err := canonical(string(data)); err != nil || again != string(data) {
		t.Fatalf("not canonical: %s became %s (%v)", data, again, err)
	}
	back, err := DecodeObject(data)
	if err != nil {
		t.Fatal(err)
	}
	if got := string(back.AppendJSON(nil)); got != string(data) {
		t.Fatalf("%s was read as %s", data, got)
	}
	for _, v := range []View{Public, Privileged} {
		view := o.AppendView(nil, v, ViewContext{Now: testTime})
		if !json.Valid(view) {
			t.Fatalf("not JSON: %s", view)
		}
		if PlainType(o.Type()) && o.typ.Open && !IsIdentity(o) && string(view) != string(data) {
			t.Fatalf("a plain object is stored as %s and seen as %s", data, view)
		}
	}
}
