package para

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestHiddenFields(t *testing.T) {
	h := HiddenFields{}
	h.Add("emp", "pay")
	h.Add("emp", "name")
	h.Add("linker", "metadata")
	for field, want := range map[string]bool{
		"properties.pay": true, "properties.pay.net": true, "properties.pay[0].net": true, "properties.pay~": true, "name": true, "name~": true,
		"properties.payment": false, "pay": false, "properties.name": false, "names": false, "properties": false, "": false,
	} {
		if got := h.Hides("emp", field); got != want {
			t.Errorf("%q: %t", field, got)
		}
	}
	if h.Hides("dog", "name") || !h.Hides("linker", "metadata") || HiddenFields(nil).Hides("emp", "name") {
		t.Error("another type")
	}
}

func TestMentions(t *testing.T) {
	for text, want := range map[string]bool{
		`{"pay":1}`: true, `{"pay":null}`: true, `{"properties":{"pay":1}}`: true, `{"properties":"{\"pay\":1}"}`: true,
		`{"p\u0061y":1}`: true, `{"properties":{"p\u0061y":1}}`: true, `{"properties":{"pay":null}}`: false, `{"properties":null}`: false, `{"properties":"pay"}`: false, `{"properties":["pay"]}`: false,
		`{"name":"pay"}`: false, `{"properties":{"other":{"pay":1}}}`: false,
	} {
		b, err := ParseBody([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if got := b.Mentions("pay"); got != want {
			t.Errorf("%s: %t", text, got)
		}
		first, err := ParseBody([]byte(`{"x":1}`))
		if err != nil {
			t.Fatal(err)
		}
		if got := JoinBodies([]*Body{b, first}).Mentions("pay"); got != want {
			t.Errorf("joined %s: %t", text, got)
		}
	}
}

// The rules of an app count under the names of its types, whatever they were written under, and those that cannot be read
// are no permission.
func TestFieldRulesOfApps(t *testing.T) {
	app := func(rules string) *App {
		t.Helper()
		o := New("app")
		o.SetID("app:x")
		o.SetRaw("datatypes", []byte(`{"employees":"employee"}`))
		o.SetRaw("settings", []byte(`{"security.field_rules":`+rules+`}`))
		a, err := ParseApp(o)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	a := app(`{"employees":{"pay":{"hidden":["u1"]}},"employee":{"pay":{"hidden":["u2"],"readonly":["*"]}},"votes":{"value":{"hidden":["?"],"readonly":["u3"]}}}`)
	got, err := json.Marshal(a.FieldRules)
	if err != nil {
		t.Fatal(err)
	}
	if a.RulesBroken || len(a.FieldRules["employee"]["pay"].Hidden) != 2 || len(a.FieldRules["vote"]["upvote"].Hidden) != 1 || len(a.FieldRules["vote"]["upvote"].ReadOnly) != 0 {
		t.Errorf("%s", got)
	}
	for _, rules := range []string{"null", "{}"} {
		if a := app(rules); a.FieldRules != nil || a.RulesBroken {
			t.Errorf("%s: %v", rules, a.FieldRules)
		}
	}
	for _, rules := range []string{"[]", "1", `{"x":{"id":{}}}`} {
		if a := app(rules); a.FieldRules != nil || !a.RulesBroken {
			t.Errorf("%s are taken for rules: %v", rules, a.FieldRules)
		}
	}
}

func TestCheckSettings(t *testing.T) {
	for text, want := range map[string]string{
		`{}`: "", `{"security.api_keys":true}`: "", `{"security.api_keys":false}`: "", `{"security.api_keys":null}`: "",
		`{"security.api_keys":"true"}`: "write true or false", `{"security.api_keys":1}`: "write true or false",
		`{"security.field_rules":{"emp":{"pay":{"hidden":["*"]}}}}`:        "",
		`{"security.field_rules":{"emp":{"pay":{"hidden":[""]}}}}`:         "is no subject",
		`{"security.field_rules":{"emp":{"pay":{"hidden":["group:"]}}}}`:   "is no subject",
		`{"security.field_rules":{"emp":{"pay":{"hidden":["app:x"]}}}}`:    "apps and admins",
		`{"security.field_rules":{"emp":{" ":{"hidden":["*"]}}}}`:          "needs the name of a member",
		`{"security.field_rules":{"linker":{"id1":{"hidden":["*"]}}}}`:     "the ends of links",
		`{"security.field_rules":{"emp":{"properties":{"hidden":["*"]}}}}`: "without properties.",
	} {
		var settings map[string]json.RawMessage
		if err := json.Unmarshal([]byte(text), &settings); err != nil {
			t.Fatal(err)
		}
		err := CheckSettings(settings)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func FuzzFieldRules(f *testing.F) {
	f.Add([]byte(`{"emp":{"pay":{"hidden":["*","?","group:x","u1"],"readonly":[]}},"votes":{"value":{}}}`))
	f.Add([]byte(`{"emp":{"pay":null}}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		rules, err := ParseFieldRules(data)
		if err != nil {
			if rules != nil {
				t.Error("rules with an error")
			}
			return
		}
		for typ, members := range rules {
			if typ == "" || CleanType(typ) != typ {
				t.Errorf("the type %q", typ)
			}
			for name := range members {
				h := HiddenFields{}
				h.Add(typ, name)
				if path := h[typ][0]; !h.Hides(typ, path) || !h.Hides(typ, path+".x") {
					t.Errorf("%q hides not even itself", path)
				}
			}
		}
	})
}
