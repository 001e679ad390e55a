package para

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func isAddress(s string) bool { return strings.Contains(s, "@") }

func decode(t testing.TB, text string) *Object {
	t.Helper()
	o, err := DecodeObject([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return o
}

const storedCat = `{"id":"1","timestamp":1700000000000,"type":"cat","appid":"kid","name":"Tom","votes":0,"version":0,` +
	`"stored":true,"indexed":true,"cached":true,"objectURI":"/cat/1","plural":"cats","legs":4,"colour":"white"}`

// What is stored of a plain object is what everybody gets, byte for byte (O 5.3).
func TestPlainObject(t *testing.T) {
	for name, in := range map[string]string{
		"stored": storedCat,
		"nested properties": `{"id":"1","timestamp":1700000000000,"type":"cat","appid":"kid","name":"Tom","votes":0,"version":0,` +
			`"stored":true,"indexed":true,"cached":true,"properties":{"legs":4,"colour":"white"}}`,
		"other order": `{"cached":true,"legs":4,"colour":"white","plural":"x","objectURI":"y","indexed":true,"stored":true,"version":0,"votes":0,` +
			`"name":"Tom","appid":"kid","type":"cat","timestamp":1700000000000,"id":"1","parentid":null}`,
	} {
		o := decode(t, in)
		if got := string(o.AppendJSON(nil)); got != storedCat {
			t.Errorf("%s: %s", name, got)
		}
		for _, v := range []View{Public, Privileged} {
			if got := string(o.AppendView([]byte("x"), v, ViewContext{})); got != "x"+storedCat {
				t.Errorf("%s, view %d: %s", name, v, got)
			}
		}
	}
	for _, typ := range []string{"cat", "sysprop", "tag", "translation", "address"} {
		if !PlainType(typ) {
			t.Errorf("%s is plain", typ)
		}
	}
	for _, typ := range []string{"app", "user", "vote", "webhook", "form", "linker"} {
		if PlainType(typ) {
			t.Errorf("%s has members that not everybody sees", typ)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	for _, in := range []string{``, `[]`, `5`, `"x"`, `{`, `{"a"`, `{"a":`, `{"a":1`, `{"a":1 "b":2}`, `{a:1}`, `{"a":}`, `{"type":"cat","properties":{`} {
		if o, err := DecodeObject([]byte(in)); err == nil {
			t.Errorf("%q was read as %s", in, o.AppendJSON(nil))
		}
	}
	var o Object
	if err := json.Unmarshal([]byte(`{"type":"cat","a":null,"b":[1, 2.50],"properties":{"c":1}}`), &o); err != nil {
		t.Fatal(err)
	}
	if got, err := json.Marshal(&o); err != nil || string(got) != `{"type":"cat","objectURI":"/cat","plural":"cats","b":[1,2.50],"c":1}` {
		t.Errorf("%s, %v", got, err)
	}
	if err := o.UnmarshalJSON([]byte(`{"a":`)); err == nil {
		t.Error("half an object was read")
	}
}

func TestAccessors(t *testing.T) {
	o := New("cat")
	o.SetID("1")
	o.SetAppID("kid")
	o.SetParentID("p")
	o.SetCreatorID("c")
	o.SetName("Tom")
	o.SetName("")
	o.SetTimestamp(1)
	o.SetUpdated(2)
	o.SetVersion(3)
	o.SetTags("a", "b")
	if err := o.Set("legs", 4); err != nil {
		t.Fatal(err)
	}
	if err := o.Set("text", "<a&b>"); err != nil {
		t.Fatal(err)
	}
	if err := o.Set("list", []string{"<x>"}); err != nil {
		t.Fatal(err)
	}
	if err := o.Set("bad", func() {}); err == nil {
		t.Error("a function is JSON")
	}
	want := `{"id":"1","timestamp":1,"type":"cat","appid":"kid","parentid":"p","creatorid":"c","updated":2,"name":"Tom","tags":["a","b"],` +
		`"version":3,"objectURI":"/cat/1","plural":"cats","legs":4,"text":"<a&b>","list":["<x>"]}`
	if got := string(o.AppendJSON(nil)); got != want {
		t.Errorf("%s", got)
	}
	if o.ID() != "1" || o.AppID() != "kid" || o.ParentID() != "p" || o.CreatorID() != "c" || o.Name() != "Tom" || o.Timestamp() != 1 ||
		o.Updated() != 2 || o.Version() != 3 || o.Votes() != 0 || len(o.Tags()) != 2 || o.Int("legs") != 4 || o.Text("legs") != "4" ||
		!o.Custom("legs") || o.Custom("name") || o.Bool("legs") || o.List("name") != nil || o.Int("name") != 0 {
		t.Errorf("%s", o.AppendJSON(nil))
	}
	o.SetParentID("")
	o.Remove("legs")
	if err := o.Set("text", nil); err != nil {
		t.Fatal(err)
	}
	o.SetRaw("list", json.RawMessage("null"))
	if got := strings.Join(o.Names(), " "); got != "id timestamp type appid creatorid updated name tags version" {
		t.Errorf("names: %s", got)
	}
	if CachedFlag([]byte(storedCat)) != true || CachedFlag([]byte(`{"cached":false}`)) || !CachedFlag([]byte(`{"cached":true,"x":{"cached":false}}`)) {
		t.Error("cached flag")
	}
	o = decode(t, `{"type":"cat","name":"Tom","tags":["a"],"a":{"b":{"c":1},"x.y":2},"a.b":3}`)
	for path, want := range map[string]string{"name": `"Tom"`, "properties.a.b.c": "1", "properties.a.x.y": "2", "properties.a.b": `{"c":1}`, "tags": `["a"]`, "a": "", "properties.name": "", "properties.a.z": ""} {
		if got, ok := o.Lookup(path); string(got) != want || ok != (want != "") {
			t.Errorf("%s: %s", path, got)
		}
	}
}

func TestViews(t *testing.T) { // D32, O 7
	now := time.UnixMilli(1_700_000_020_000)
	c := ViewContext{Now: now, ContextPath: "/ctx", IsEmail: isAddress}
	for _, v := range []struct{ in, public, privileged string }{
		{ // O 7.2
			`{"id":"app:kid","timestamp":1700000000000,"type":"app","appid":"para","name":"Kid","votes":0,"version":0,"stored":true,"indexed":true,"cached":true,` +
				`"objectCount":0,"sharingIndex":false,"sharingTable":false,"secret":"s","readOnly":false,"datatypes":{"cats":"cat"},"validationConstraints":{},` +
				`"resourcePermissions":{},"active":true,"tokenValiditySec":86400,"settings":{"k":1},"credentials":{"a":1}}`,
			`{"id":"app:kid","timestamp":1700000000000,"type":"app","appid":"para","name":"Kid","votes":0,"version":0,"stored":true,"indexed":true,"cached":true,` +
				`"objectCount":0,"sharingIndex":false,"sharingTable":false,"readOnly":false,"datatypes":{"cats":"cat"},"validationConstraints":{},` +
				`"resourcePermissions":{},"active":true,"tokenValiditySec":86400,"appIdentifier":"kid","objectURI":"/app/app%3Akid","plural":"apps"}`,
			"same",
		},
		{ // O 7.3
			`{"id":"u","type":"user","identifier":"joe@x.co","groups":"admins","active":true,"twoFA":true,"twoFAkey":"k","twoFAbackupKeyHash":"h","email":"joe@x.co",` +
				`"tokenSecret":"t","idpIdToken":"a","idpAccessToken":"b","idpRefreshToken":"c","password":"p"}`,
			`{"id":"u","type":"user","identifier":"joe@x.co","groups":"admins","active":true,"twoFA":true,"email":"joe@x.co","identityProvider":"generic",` +
				`"objectURI":"/user/u","plural":"users"}`,
			`{"id":"u","type":"user","identifier":"joe@x.co","groups":"admins","active":true,"twoFA":true,"twoFAkey":"k","twoFAbackupKeyHash":"h","email":"joe@x.co",` +
				`"idpIdToken":"a","idpAccessToken":"b","idpRefreshToken":"c","identityProvider":"generic","objectURI":"/user/u","plural":"users"}`,
		},
		{ // O 7.5
			`{"id":"vote:1001:77","timestamp":1700000000000,"type":"vote","parentid":"77","creatorid":"1001","name":"vote","value":"up","expiresAfter":2592000,"lockedAfter":30}`,
			`{"id":"vote:1001:77","timestamp":1700000000000,"type":"vote","parentid":"77","creatorid":"1001","name":"vote","tags":[],"votes":0,"value":"up",` +
				`"expiresAfter":2592000,"lockedAfter":30,"upvote":true,"downvote":false,"expired":false,"amendable":true,"objectURI":"/vote/vote%3A1001%3A77","plural":"votes"}`,
			"same",
		},
		{ // O 7.9
			`{"id":"w","type":"webhook","targetUrl":"https://x","secret":"s","color":"red"}`,
			`{"id":"w","type":"webhook","targetUrl":"https://x","objectURI":"/webhook/w","plural":"webhooks","color":"red"}`,
			`{"id":"w","type":"webhook","targetUrl":"https://x","secret":"s","objectURI":"/webhook/w","plural":"webhooks","color":"red"}`,
		},
		{ // O 7.10
			`{"id":"f","type":"form","appid":"kid","captchaSecretKey":"s","plaintextOnly":true,"markdownEnabled":true}`,
			`{"id":"f","type":"form","appid":"kid","plaintextOnly":true,"markdownEnabled":false,"formActionURI":"/ctx/v1/_forms/kid/f","objectURI":"/form/f","plural":"forms"}`,
			`{"id":"f","type":"form","appid":"kid","captchaSecretKey":"s","plaintextOnly":true,"markdownEnabled":false,"formActionURI":"/ctx/v1/_forms/kid/f",` +
				`"objectURI":"/form/f","plural":"forms"}`,
		},
		{ // D32: identity records
			`{"id":"joe@x.co","type":"sysprop","name":"identifier","password":"p","token":"t","etoken":"e","etoken2":"f","lockedUntil":5}`,
			`{"id":"joe@x.co","type":"sysprop","name":"identifier","objectURI":"/sysprop/joe%40x.co","plural":"sysprops","lockedUntil":5}`,
			`{"id":"joe@x.co","type":"sysprop","name":"identifier","objectURI":"/sysprop/joe%40x.co","plural":"sysprops","password":"p","token":"t","etoken":"e","etoken2":"f","lockedUntil":5}`,
		},
		{ // D33: links of old data
			`{"id":"l","type":"linker","nstd":[{"id":"u","type":"user","name":"n","tokenSecret":"t","twoFAkey":"k","email":"e"},{"id":"app:x","type":"app","secret":"s","settings":{}}]}`,
			`{"id":"l","type":"linker","nstd":[{"id":"u","type":"user","name":"n","email":"e"},{"id":"app:x","type":"app"}],"objectURI":"/linker/l","plural":"linkers"}`,
			"same",
		},
	} {
		if v.privileged == "same" {
			v.privileged = v.public
		}
		// Members that a type does not declare can only stand in data that something else wrote.
		in := strings.ReplaceAll(strings.ReplaceAll(v.in, `,"credentials":{"a":1}`, ""), `"idpRefreshToken":"c","password":"p"`, `"idpRefreshToken":"c"`)
		o := decode(t, in)
		if got := string(o.AppendView(nil, Public, c)); got != v.public {
			t.Errorf("public\n got %s\nwant %s", got, v.public)
		}
		if got := string(o.AppendView(nil, Privileged, c)); got != v.privileged {
			t.Errorf("privileged\n got %s\nwant %s", got, v.privileged)
		}
	}
}

// Members that a closed type does not declare are in no answer, whoever wrote them into the data.
func TestUndeclaredMembers(t *testing.T) {
	o := decode(t, `{"id":"u","type":"user","password":"p","credentials":{"a":1},"colour":"red"}`)
	for _, v := range []View{Public, Privileged} {
		if got := string(o.AppendView(nil, v, ViewContext{IsEmail: isAddress})); strings.Contains(got, "password") || strings.Contains(got, "colour") {
			t.Errorf("%s", got)
		}
	}
}

func TestVoteTimes(t *testing.T) { // O 12
	for _, v := range []struct {
		timestamp, expires, locked, now int64
		expired, amendable              bool
	}{
		{1000, 10, 5, 10_999, false, false}, {1000, 10, 5, 11_000, true, false}, {1000, 0, 5, 1 << 50, false, false},
		{1000, 10, 5, 5_999, false, true}, {1000, 10, 5, 6_000, false, false}, {0, 10, 5, 5_000, false, false},
		{1<<63 - 1, 10, 5, 5_000, false, true}, {-1 << 63, 10, 5, 5_000, true, false}, {1000, 1<<63 - 1, 1<<63 - 1, 5_000, false, true},
	} {
		o := New("vote")
		o.SetTimestamp(v.timestamp)
		o.setInt("expiresAfter", v.expires)
		o.setInt("lockedAfter", v.locked)
		now := time.UnixMilli(v.now)
		if v.timestamp == 0 {
			o.Remove("timestamp")
		}
		if o.VoteExpired(now) != v.expired || o.VoteAmendable(now) != v.amendable {
			t.Errorf("%+v: expired %v, amendable %v", v, o.VoteExpired(now), o.VoteAmendable(now))
		}
	}
}

func TestLinkCopies(t *testing.T) { // O 7.8, D33
	user := `{"id":"u","type":"user","name":"n","email":"e@x.co","tokenSecret":"t","twoFAkey":"k","idpIdToken":"i","objectURI":"/user/u","plural":"users"}`
	want := `[{"id":"1","timestamp":1700000000000,"type":"cat","appid":"kid","name":"Tom","votes":0,"version":0,"stored":true,"indexed":true,"cached":true,` +
		`"properties":{"legs":4,"colour":"white"}},{"id":"u","type":"user","name":"n","email":"e@x.co"}]`
	if got := string(LinkCopies([]byte(storedCat), []byte(user))); got != want {
		t.Errorf("%s", got)
	}
	identity := `{"id":"joe@x.co","type":"sysprop","name":"identifier","password":"p","token":"t","etoken2":"e"}`
	if got := string(LinkCopies([]byte(identity), []byte(`broken`))); strings.Contains(got, `"p"`) || strings.Contains(got, "token") || !json.Valid([]byte(got)) {
		t.Errorf("%s", got)
	}
}

func TestSelect(t *testing.T) { // R 10, D3
	names := SelectNames([]string{" id, name,,id", "legs"})
	if strings.Join(names, "|") != "id|name|legs" {
		t.Errorf("names: %q", names)
	}
	if SelectNames([]string{"", " , "}) != nil || SelectNames(nil) != nil {
		t.Error("blank values select nothing")
	}
	for _, v := range []struct{ body, names, want string }{
		{storedCat, "id,name,legs", `{"id":"1","name":"Tom","legs":4}`},
		{storedCat, "legs,id", `{"legs":4,"id":"1"}`},
		{storedCat, "plural,objectURI,nope", `{"plural":"cats","objectURI":"/cat/1"}`},
		{storedCat, "properties", `{"properties":{"legs":4,"colour":"white"}}`},
		{storedCat, "nope", `{}`},
		{`{"items":[` + storedCat + `],"page":0,"totalHits":1}`, "id", `{"items":[{"id":"1"}],"page":0,"totalHits":1}`},
		{`[` + storedCat + `,` + storedCat + `]`, "id", `[{"id":"1"},{"id":"1"}]`},
		{`[]`, "id", `[]`}, {`["a","b"]`, "id", `["a","b"]`}, {`true`, "id", `true`}, {`"text"`, "id", `"text"`}, {`{}`, "id", `{}`},
		{`{"code":404,"message":"Not Found"}`, "id", `{"code":404,"message":"Not Found"}`},
		{`{"cats":"cat"}`, "id", `{"cats":"cat"}`}, {`{"items":5}`, "id", `{"items":5}`},
		{`{"id":"u","type":"user","objectURI":"/user/u","plural":"users"}`, "properties,id", `{"id":"u"}`},
	} {
		got, err := Select([]byte(v.body), SelectNames([]string{v.names}))
		if err != nil || string(got) != v.want {
			t.Errorf("%s of %s: %s, %v; want %s", v.names, v.body, got, err, v.want)
		}
	}
}

func FuzzDecodeObject(f *testing.F) {
	for _, s := range []string{storedCat, `{"type":"user","properties":{"a":1}}`, `{"type":"linker","nstd":[{"type":"app","secret":"x"}]}`, `{"a":"\u00e9","a":[`} {
		f.Add([]byte(s), "id,properties")
	}
	f.Fuzz(func(t *testing.T, data []byte, names string) {
		Select(data, SelectNames([]string{names}))
		LinkCopies(data, data)
		CachedFlag(data)
		RecordURI(&Record{Data: data})
		o, err := DecodeObject(data)
		if err != nil {
			return
		}
		o.AppendView(nil, Public, ViewContext{Now: testTime})
		o.Names()
		o.Lookup(names)
		if a, err := ParseApp(o); err == nil {
			a.ResolveType(names)
			a.IsAllowed(names, names, names)
		}
		if canonicalForm, err := canonical(string(data)); err == nil && canonicalForm == string(data) {
			roundTrip(t, o)
		}
	})
}
