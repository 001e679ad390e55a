package objects

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// Plurals are computed from the type as it is, and so are addresses of objects (O 2.2, O 3.3).
func TestComputedMembers(t *testing.T) {
	a := newApp(t)
	for _, v := range [][4]string{
		{"key", "1", "keies", "/key/1"},
		{"KEY", "1", "KEYs", "/KEY/1"},
		{"bS", "1", "bSs", "/bS/1"},
		{"news", "1", "newses", "/news/1"},
		{"CITY", "1", "CITYs", "/CITY/1"},
		{"café", "1", "café", "/caf%C3%A9/1"},
		{"my type", "a b/c:d", "my types", "/my+type/a+b%2Fc%3Ad"},
		{"cat", "a*b~c-d_e.f", "cats", "/cat/a*b%7Ec-d_e.f"},
		{"tag", "C++", "tags", "/tag/c%2B%2B"},
	} {
		o := a.object(t, http.StatusOK, "PUT", "/v1/"+segment(v[0])+"/"+segment(v[1]), fmt.Sprintf(`{"tag":%q,"objectURI":"x","plural":"y"}`, v[1]))
		if o["plural"] != v[2] || o["objectURI"] != v[3] || o["type"] != v[0] {
			t.Errorf("%v: %v %v %v", v, o["type"], o["plural"], o["objectURI"])
		}
	}
}

// The type of a batch element is repaired (O 2.3).
func TestRepairedTypes(t *testing.T) {
	a := newApp(t)
	for typ, want := range map[string]string{
		"a#b": "ab", "a/b": "ab", "#": "sysprop", "Search": "sysprop", "UTILS": "sysprop", "para": "sysprop", "searches": "searches",
		"a.b": "a.b", "cat ": "cat ", " ": "sysprop", "_/x": "x", "___NOT_OK_": "NOT_OK_",
	} {
		list, _ := a.want(t, http.StatusOK, "POST", "/v1/_batch", fmt.Sprintf(`[{"id":"x","type":%q}]`, typ)).([]any)
		if len(list) != 1 || list[0].(map[string]any)["type"] != want {
			t.Errorf("%q: %v", typ, list)
		}
	}
}

// Members become the kind of their field or are refused, in a POST as in a PATCH; what a POST answers is what is stored
// (O 6.2, D23).
func TestKindsOfMembers(t *testing.T) {
	a := newApp(t)
	for _, v := range []struct{ member, value, want string }{ // want "": refused
		{"timestamp", `" 5 "`, `5`}, {"timestamp", `12.7`, `12`}, {"timestamp", `true`, `1`}, {"timestamp", `[5,6]`, `5`},
		{"votes", `"7"`, `7`}, {"votes", `2147483648`, `0`}, {"votes", `5.9`, `5`}, {"votes", `"x"`, `0`}, {"votes", `[]`, `0`},
		{"indexed", `"x"`, `false`}, {"indexed", `1.0`, `false`}, {"indexed", `[true]`, `true`}, {"indexed", `"Y"`, `true`}, {"cached", `null`, `true`},
		{"name", `5.0`, `"5.0"`}, {"name", `["a"]`, `"a"`}, {"name", `{"a":1}`, `"{a=1}"`}, {"name", `"  "`, ``},
		{"parentid", `""`, `""`}, {"parentid", `5`, `"5"`}, {"parentid", `[]`, `null`},
		{"tags", `"[]"`, `[]`}, {"tags", `"null"`, `null`}, {"tags", `""`, `null`}, {"tags", `"a"`, ``}, {"tags", `{}`, ``}, {"tags", `5`, ``},
		{"tags", `[1,null,"z",2.5,{"a":1}]`, `["1","z","2.5","{a=1}"]`},
	} {
		body := fmt.Sprintf(`{%q:%s,"q":1}`, v.member, v.value)
		if v.want == "" {
			a.want(t, http.StatusBadRequest, "POST", "/v1/cat", body)
			a.want(t, http.StatusOK, "PUT", "/v1/cat/p", `{"name":"n","x":1}`)
			a.want(t, http.StatusBadRequest, "PATCH", "/v1/cat/p", fmt.Sprintf(`{"x":2,%q:%s}`, v.member, v.value))
			if o := a.object(t, http.StatusOK, "GET", "/v1/cat/p", ""); o["x"] != 1.0 || o["name"] != "n" {
				t.Errorf("a refused PATCH of %s changed the object: %v", v.member, o)
			}
			continue
		}
		o := a.object(t, http.StatusCreated, "POST", "/v1/cat", body)
		if got := asJSON(o[v.member]); got != v.want {
			t.Errorf("%s: %s, want %s", body, got, v.want)
		}
		if read := a.object(t, http.StatusOK, "GET", "/v1/cat/"+o["id"].(string), ""); asJSON(read) != asJSON(o) {
			t.Errorf("%s: answered %v, stored %v", body, o, read)
		}
	}
}

// Numbers come back as they were sent, through the store and through a search (D22).
func TestLiteralsOfNumbers(t *testing.T) {
	a := newApp(t)
	numbers := `"a":1.0,"b":5,"c":9007199254740993,"d":1e400,"e":1.10,"f":-0,"g":1E-7,"h":123456789012345678901234567890`
	a.want(t, http.StatusOK, "PUT", "/v1/cat/1", "{"+numbers+"}")
	for _, target := range []string{"/v1/cat/1", "/v1/cat?q=id:1", "/v1/_batch?ids=1"} {
		if _, text := a.Send(t, "GET", target, ""); !strings.Contains(text, numbers) {
			t.Errorf("%s: %s", target, text)
		}
	}
}

// custom are the custom members of an object.
func custom(o map[string]any) string {
	for _, name := range strings.Fields("id timestamp type appid parentid creatorid updated name tags votes version stored indexed cached objectURI plural") {
		delete(o, name)
	}
	return asJSON(o)
}

// Custom members: nested ones replace all, names of declared members never get in, nulls remove (O 6.3, O 6.4, D1, D23).
func TestCustomMembers(t *testing.T) {
	a := newApp(t)
	for _, v := range [][2]string{
		{`{"properties":{"name":"X","id":"z","objectURI":"u","plural":"v","legs":3}}`, `{"legs":3}`},
		{`{"a.b":2,"x[0]":3,"class":1,"password":"p","settings":{"a":1},"secret":"s"}`, `{"a.b":2,"class":1,"password":"p","secret":"s","settings":{"a":1},"x[0]":3}`},
		{`{"parentid.x":1,"tags.x":2,"name.empty":3}`, `{"name.empty":3,"parentid.x":1,"tags.x":2}`},
		{`{"n":{"a":null,"b":[null,1],"c":{"d":null}}}`, `{"n":{"b":[null,1],"c":{}}}`},
		{`{" ":1,"":2,"ok":3}`, `{"ok":3}`},
		{`{"a":1,"a":2}`, `{"a":2}`},
	} {
		if got := custom(a.object(t, http.StatusOK, "PUT", "/v1/cat/c", v[0])); got != v[1] {
			t.Errorf("%s: %s, want %s", v[0], got, v[1])
		}
	}
	for _, v := range [][3]string{
		{`{"x":1,"y":2}`, `{"properties":{"z":1}}`, `{"z":1}`},
		{`{"x":1,"y":2}`, `{"x":null,"z":3}`, `{"y":2,"z":3}`},
		{`{"x":{"a":1,"b":2}}`, `{"x":{"a":5}}`, `{"x":{"a":5}}`},
		{`{"x":1}`, `{"properties":{"a":1},"a":null,"b":2}`, `{"b":2}`},
		{`{"x":1}`, `{"properties":"{}"}`, `{}`},
		{`{"x":1}`, `{"properties":null}`, `{"x":1}`},
	} {
		a.want(t, http.StatusOK, "PUT", "/v1/cat/c", v[0])
		answered := custom(a.object(t, http.StatusOK, "PATCH", "/v1/cat/c", v[1]))
		stored := custom(a.object(t, http.StatusOK, "GET", "/v1/cat/c", ""))
		if answered != v[2] || stored != v[2] {
			t.Errorf("%s after %s: answered %s, stored %s", v[1], v[0], answered, stored)
		}
	}
}

// Locked members stay in a PATCH and in a batch PATCH, and vote members of a batch are ignored (O 4, D36).
func TestLockedMembers(t *testing.T) {
	a := newApp(t)
	a.want(t, http.StatusOK, "PUT", "/v1/cat/l", `{"parentid":"p","creatorid":"c","timestamp":77}`)
	patch := `"parentid":"q","creatorid":"d","timestamp":78,"type":"dog","appid":"zz"`
	a.want(t, http.StatusOK, "PATCH", "/v1/cat/l", "{"+patch+"}")
	a.want(t, http.StatusOK, "PATCH", "/v1/_batch", `[{"id":"l",`+patch+`,"_voteup":"x"}]`)
	o := a.object(t, http.StatusOK, "GET", "/v1/cat/l", "")
	if o["parentid"] != "p" || o["creatorid"] != "c" || o["timestamp"] != 77.0 || o["type"] != "cat" || o["appid"] != "kid" || o["_voteup"] != nil || o["votes"] != 0.0 {
		t.Error(o)
	}
}

// The flags: what is not stored is found and readable; what is not indexed any more is not found (O 4, O 17.1, D29).
func TestFlags(t *testing.T) {
	a := newApp(t)
	o := a.object(t, http.StatusCreated, "POST", "/v1/cat", `{"stored":false}`)
	if o["id"] == nil || o["timestamp"] == nil {
		t.Errorf("no id or time: %v", o)
	}
	if ids, _ := a.ids(t, "/v1/cat"); ids != o["id"] {
		t.Errorf("found %q", ids)
	}
	a.want(t, http.StatusOK, "PUT", "/v1/dog/d", `{}`)
	for _, indexed := range []bool{false, true} {
		a.want(t, http.StatusOK, "PATCH", "/v1/dog/d", fmt.Sprintf(`{"indexed":%t}`, indexed))
		if _, n := a.ids(t, "/v1/dog"); (n == 1) != indexed {
			t.Errorf("indexed %t: found %v", indexed, n)
		}
	}
}

// Core types drop what they do not declare, and compute what they do (O 7).
func TestCoreTypes(t *testing.T) {
	a := newApp(t)
	for _, v := range []struct{ typ, body, want string }{
		{"vote", `{"value":"up","creatorid":"a","parentid":"b","tags":["t"],"votes":5,"x":1}`, `{"id":"vote:a:b","tags":[],"votes":0,"upvote":true,"downvote":false,"x":null,"name":"vote"}`},
		{"tag", `{"tag":"Hello World","x":1}`, `{"id":"tag:hello-world","tag":"hello-world","count":0,"x":null}`},
		{"tag", `{"id":"One","tag":"Two"}`, `{"id":"tag:one","tag":"two"}`},
		{"linker", `{"id1":"a","id2":"b","type1":"t","type2":"u","nstd":"[]","metadata":5}`, `{"nstd":[],"metadata":"5"}`},
		{"form", `{"captchaSecretKey":"k","notifyEmails":5,"markdownEnabled":true}`, `{"notifyEmails":["5"],"markdownEnabled":false,"plaintextOnly":true}`},
		{"webhook", `{"targetUrl":"https://a.co","create":true,"customPayload":{"a":1},"legs":4,"repeatedDeliveryAttempts":-3}`, `{"active":true,"customPayload":null,"legs":4,"repeatedDeliveryAttempts":3}`},
		{"user", `{"identifier":"fb:1","email":"Joe@X.Co","name":"J_o(h)n","currency":"usd","groups":"mods","password":"x","tokenSecret":"t"}`, `{"email":"joe@x.co","name":"John","currency":"USD","groups":"mods","password":null,"tokenSecret":null,"identityProvider":"facebook"}`},
		{"translation", `{"locale":"en","thekey":"k","value":"v"}`, `{"authorName":"unknown","name":"translation","approved":false}`},
	} {
		o := a.object(t, http.StatusCreated, "POST", "/v1/"+v.typ, v.body)
		var want map[string]any
		if err := json.Unmarshal([]byte(v.want), &want); err != nil {
			t.Fatal(err)
		}
		for name, x := range want {
			if asJSON(o[name]) != asJSON(x) {
				t.Errorf("%s %s: %s is %s, want %s", v.typ, v.body, name, asJSON(o[name]), asJSON(x))
			}
		}
	}
	a.want(t, http.StatusBadRequest, "POST", "/v1/webhook", `{"triggeredEvent":"e"}`)
	a.want(t, http.StatusBadRequest, "POST", "/v1/tag", `{"description":"neither id nor tag"}`)
}
