package objects

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// The twelve rules of apps with the vectors of O 16.3 and patterns that only Java's syntax has, one that would run for
// ever among them (D42).
func TestRulesOfApps(t *testing.T) {
	a := newApp(t)
	for _, v := range []struct{ rule, payload, good, bad string }{
		{"required", ``, `0|false|[]|{}|"x"`, `null|""|" "`},
		{"min", `{"value":"1000"}`, `null|1000.5`, `999|999.9|"5000"|true`},
		{"max", `{"message":{"value":5}}`, `null|5.9`, `6|"1"`},
		{"size", `{"min":2,"max":3}`, `"ab"|"😀"|[1,2]`, `"a"|"abcd"|[]|{"a":1}|5|true`},
		{"digits", `{"integer":2,"fraction":1}`, `12|1.5|"1,5"|12.0`, `123|1.55|"abc"|-1|""|".5"|true`},
		{"pattern", `{"value":"b"}`, `"b"`, `"abc"|5`},
		{"pattern", `{"value":"(?=.*[0-9])([a-z]+)-\\1-[0-9]+"}`, `"ab-ab-1"`, `"ab-cd-1"|"ab-ab-"`},
		{"pattern", `{"value":"\\p{IsAlphabetic}++(?<!x)"}`, `"né"`, `"nx"|""`},
		{"pattern", `{"value":"(a+)+$"}`, `"aaa"`, `"` + strings.Repeat("a", 60) + `!"`},
		{"pattern", `{"value":5}`, `"x"|5`, ``},
		{"false", ``, `"x"|1|false`, `true|"True"`},
		{"true", ``, `true|"TRUE"|0|1`, `false|"x"`},
		{"future", ``, `99999999999999|"x"`, `1`},
		{"past", ``, `1|"x"`, `99999999999999`},
		{"email", ``, `null|"a@b.co"`, `""|5`},
		{"url", ``, `null|"http://a.co"`, `""|"a.co"|5`},
	} {
		at := "/v1/_constraints/kind/f/" + v.rule
		a.want(t, http.StatusOK, "PUT", at, v.payload)
		for values, status := range map[string]int{v.good: http.StatusCreated, v.bad: http.StatusBadRequest} {
			for x := range strings.SplitSeq(values, "|") {
				if x != "" {
					a.want(t, status, "POST", "/v1/kind", fmt.Sprintf(`{"f":%s,"rule":%q}`, x, v.rule+v.payload))
				}
			}
		}
		a.want(t, http.StatusOK, "DELETE", at, "")
	}
	for _, rule := range []string{"bogus", "Required", "min", "pattern", "size"} {
		if o := a.object(t, http.StatusOK, "PUT", "/v1/_constraints/kind/f/"+rule, `{}`); len(o) != 0 {
			t.Errorf("%s without what it needs was added: %v", rule, o)
		}
	}
	a.want(t, http.StatusBadRequest, "PUT", "/v1/_constraints/kind/f/pattern", `{"value":"["}`)
}

// Rules reach base members, are told alone and in the order of their definition, and leave core types alone; refused
// elements of a batch are left out (O 16.1, O 16.4, D36, D43).
func TestWhereRulesApply(t *testing.T) {
	a := newApp(t)
	for _, rule := range [][2]string{{"kind/tags/required", ""}, {"kind/name/size", `{"min":3,"max":1000}`}, {"user/name/size", `{"min":50,"max":60}`}} {
		a.want(t, http.StatusOK, "PUT", "/v1/_constraints/"+rule[0], rule[1])
	}
	if o := a.object(t, http.StatusBadRequest, "POST", "/v1/kind", `{"name":"ab"}`); o["message"] != "tags is required.. name must be between 3 and 1,000." || o["errors"] != nil {
		t.Error(o)
	}
	if o := a.object(t, http.StatusBadRequest, "POST", "/v1/kind?explain=true", `{"name":"ab"}`); asJSON(o["errors"]) !=
		`[{"field":"tags","message":"tags is required.","rule":"required"},{"field":"name","message":"name must be between 3 and 1,000.","rule":"size","value":"ab"}]` {
		t.Error(asJSON(o["errors"]))
	}
	a.want(t, http.StatusBadRequest, "POST", "/v1/kind", `{"tags":["a"],"name":" "}`)
	a.want(t, http.StatusCreated, "POST", "/v1/user", `{"identifier":"gp:7","email":"q@w.co","name":"A"}`)
	list, _ := a.want(t, http.StatusOK, "POST", "/v1/_batch", `[{"type":"kind","id":"k","tags":[],"name":"abc"},null,{"type":"kind","name":"ab"},{},{"type":"app","id":"x"}]`).([]any)
	if len(list) != 1 {
		t.Errorf("accepted: %v", list)
	}
	if list, _ = a.want(t, http.StatusOK, "PATCH", "/v1/_batch", `[{"id":"k","name":"x"},{"id":"nobody"}]`).([]any); len(list) != 0 {
		t.Errorf("a batch update of a bad name: %v", list)
	}
}

// A batch: one entry for each id in the place of its first occurrence; wrong elements refuse the whole (R 15, D36).
func TestBatches(t *testing.T) {
	a := newApp(t)
	list, _ := a.want(t, http.StatusOK, "POST", "/v1/_batch", `[{"id":"a","type":"thing","n":1},{"id":"b","type":"thing"},{"id":"a","type":"thing","n":2}]`).([]any)
	if len(list) != 2 || list[0].(map[string]any)["n"] != 2.0 {
		t.Error(list)
	}
	if _, n := a.ids(t, "/v1/things"); n != 2 {
		t.Errorf("%v objects by the plural that the batch registered", n)
	}
	list, _ = a.want(t, http.StatusOK, "PATCH", "/v1/_batch", `[{"id":"a","x":1,"n":3},{"id":"a","y":2,"x":null},{"x":1},{"id":"b","version":-1}]`).([]any)
	if len(list) != 1 || custom(list[0].(map[string]any)) != `{"n":3,"y":2}` {
		t.Error(list)
	}
	a.want(t, http.StatusPreconditionFailed, "PATCH", "/v1/_batch", `[{"id":"a","version":-1}]`)
	for _, body := range []string{`[{"id":"c","type":"thing"},5]`, `[{"id":"c","type":"thing"},{"type":5}]`, `[{"id":"c","type":"thing"},"x"]`, `{}`, `[`} {
		a.want(t, http.StatusBadRequest, "POST", "/v1/_batch", body)
	}
	a.want(t, http.StatusNotFound, "GET", "/v1/thing/c", "")

	var ids, objects []string
	for i := range 1000 {
		id := fmt.Sprintf("an-identifier-%04d", i)
		ids, objects = append(ids, "ids="+id), append(objects, fmt.Sprintf(`{"id":%q,"type":"thing"}`, id))
	}
	a.want(t, http.StatusOK, "POST", "/v1/_batch", "["+strings.Join(objects, ",")+"]")
	target := "/v1/_batch?" + strings.Join(ids, "&")
	if list, _ = a.want(t, http.StatusOK, "GET", target, "").([]any); len(list) != 1000 || list[999].(map[string]any)["id"] != "an-identifier-0999" {
		t.Errorf("%d objects of 1000 ids in one URL", len(list))
	}
	a.want(t, http.StatusOK, "DELETE", target, "")
	if _, n := a.ids(t, "/v1/thing"); n != 2 {
		t.Errorf("%v objects are left", n)
	}
}
