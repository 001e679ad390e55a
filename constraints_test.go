package para

import (
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"
)

// testChecks stand in for the patterns of O 20.5; the vectors here only need the plainest of them.
var testChecks = Checks{
	Email:   regexp.MustCompile(`^[^@\s]+@[^@\s]+\.[a-z]{2,}$`).MatchString,
	Address: regexp.MustCompile(`^[^@\s]+@[^@\s]+$`).MatchString,
	URL:     regexp.MustCompile(`^https?://`).MatchString,
	Match: func(pattern, text string) (bool, error) {
		re, err := regexp.Compile("^(?:" + pattern + ")$")
		return err == nil && re.MatchString(text), err
	},
}

// The building vectors of O 16.3 and D42.
func TestNewConstraint(t *testing.T) {
	for _, c := range []struct{ name, body, want string }{
		{"min", `{"value":"5"}`, `{"value":5,"message":"messages.min"}`},
		{"min", `{"value":5.5}`, `{"value":0,"message":"messages.min"}`},
		{"min", `{"value":-3}`, `{"value":-3,"message":"messages.min"}`},
		{"min", `{"value":null}`, `{"value":0,"message":"messages.min"}`},
		{"min", `{"value":true}`, `{"value":0,"message":"messages.min"}`},
		{"min", `{"value":[5]}`, `{"value":0,"message":"messages.min"}`},
		{"max", `{"value":"x"}`, `{"value":10000,"message":"messages.max"}`},
		{"max", `{"value":99999999999999999999}`, `{"value":10000,"message":"messages.max"}`},
		{"max", `{"value":5,"message":"m"}`, `{"value":5,"message":"messages.max"}`},
		{"size", `{"min":"1","max":"2"}`, `{"min":1,"max":2,"message":"messages.size"}`},
		{"size", `{"min":1.5,"max":2.5}`, `{"min":0,"max":10000,"message":"messages.size"}`},
		{"size", `{"min":2}`, ``},
		{"digits", `{"integer":2,"fraction":1}`, `{"integer":2,"fraction":1,"message":"messages.digits"}`},
		{"digits", `{"integer":"x","fraction":"y"}`, `{"integer":0,"fraction":0,"message":"messages.digits"}`},
		{"pattern", `{"value":5}`, `{"value":5,"message":"messages.pattern"}`},
		{"pattern", `{"value":"a\"<b"}`, `{"value":"a\"<b","message":"messages.pattern"}`},
		{"pattern", `{"value":null}`, `{"message":"messages.pattern"}`},
		{"pattern", `{}`, ``},
		{"required", `{"message":"x"}`, `{"message":"messages.required"}`},
		{"required", `{"message":"x","extra":1}`, `{"message":"messages.required"}`},
		{"required", `{}`, `{"message":"messages.required"}`},
		{"required", ``, `{"message":"messages.required"}`},
		{"email", ``, `{"message":"messages.email"}`},
		{"false", ``, `{"message":"messages.false"}`},
		{"true", ``, `{"message":"messages.true"}`},
		{"past", ``, `{"message":"messages.past"}`},
		{"future", ``, `{"message":"messages.future"}`},
		{"url", ``, `{"message":"messages.url"}`},
		{"min", `{}`, ``},
		{"min", ``, ``},
		{"min", `{"message":{"value":3}}`, `{"value":3,"message":"messages.min"}`},
		{"min", `{"value":4,"message":{"value":3}}`, `{"value":4,"message":"messages.min"}`},
		{"size", `{"message":{"min":1,"max":"2"}}`, `{"min":1,"max":2,"message":"messages.size"}`},
		{"size", `{"message":{"min":1}}`, ``},
		{"bogus", `{}`, ``},
		{"Required", `{}`, ``},
		{"", `{}`, ``},
	} {
		var body *Body
		if c.body != "" {
			var err error
			if body, err = ParseBody([]byte(c.body)); err != nil {
				t.Fatal(err)
			}
		}
		rule, ok := NewConstraint(c.name, body)
		if ok != (c.want != "") || string(rule.Payload) != c.want || ok && rule.Name != c.name {
			t.Errorf("%s %s: got %s %s, want %s", c.name, c.body, rule.Name, rule.Payload, c.want)
		}
	}
}

func TestConstraintPattern(t *testing.T) {
	for payload, want := range map[string]string{`{"value":"a\\d"}`: `a\d`, `{"value":""}`: ""} {
		if got, ok := (Constraint{"pattern", json.RawMessage(payload)}).Pattern(); !ok || got != want {
			t.Errorf("%s: got %q %t", payload, got, ok)
		}
	}
	for _, r := range []Constraint{{"pattern", json.RawMessage(`{"value":5}`)}, {"pattern", json.RawMessage(`{}`)}, {"pattern", nil}, {"min", json.RawMessage(`{"value":"x"}`)}} {
		if got, ok := r.Pattern(); ok {
			t.Errorf("%s %s: got %q", r.Name, r.Payload, got)
		}
	}
}

// rule makes a constraint for tests.
func rule(t *testing.T, name, body string) Constraint {
	t.Helper()
	b, err := ParseBody([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	r, ok := NewConstraint(name, b)
	if !ok {
		t.Fatalf("%s %s is no constraint", name, body)
	}
	return r
}

func TestConstraintsTable(t *testing.T) {
	var none Constraints
	required, small, large := rule(t, "required", `{}`), rule(t, "min", `{"value":1}`), rule(t, "min", `{"value":2}`)
	c := none.With("z", "b", required).With("a", "x", small).With("z", "b", small).With("z", "a", required)
	before := string(c.AppendJSON(nil))
	want := `{"z":{"b":{"required":{"message":"messages.required"},"min":{"value":1,"message":"messages.min"}},"a":{"required":{"message":"messages.required"}}},` +
		`"a":{"x":{"min":{"value":1,"message":"messages.min"}}}}`
	if before != want {
		t.Fatalf("got %s, want %s", before, want)
	}
	replaced := c.With("z", "b", large)
	if got := string(replaced.AppendJSON(nil)); got != strings.Replace(want, `"value":1`, `"value":2`, 1) {
		t.Errorf("replaced: %s", got)
	}
	rest, removed := c.Without("z", "b", "required")
	if !removed || strings.Contains(string(rest.AppendJSON(nil)), `"b":{"required"`) {
		t.Errorf("removed: %s", rest.AppendJSON(nil))
	}
	for _, r := range [][3]string{{"z", "b", "min"}, {"z", "a", "required"}, {"a", "x", "min"}} {
		if rest, removed = rest.Without(r[0], r[1], r[2]); !removed {
			t.Errorf("%v is not there", r)
		}
	}
	if got := string(rest.AppendJSON(nil)); got != `{}` {
		t.Errorf("what is empty stays: %s", got)
	}
	for _, r := range [][3]string{{"q", "b", "min"}, {"z", "q", "min"}, {"z", "b", "email"}} {
		if _, removed := c.Without(r[0], r[1], r[2]); removed {
			t.Errorf("%v was removed", r)
		}
	}
	if after := string(c.AppendJSON(nil)); after != before {
		t.Errorf("the receiver changed: %s", after)
	}
	var read Constraints
	if err := json.Unmarshal([]byte(before), &read); err != nil || string(read.AppendJSON(nil)) != before {
		t.Errorf("read back: %s %v", read.AppendJSON(nil), err)
	}
	for _, wrong := range []string{`[]`, `{"a":5}`, `{"a":{"b":[]}}`, `"x"`} {
		if err := json.Unmarshal([]byte(wrong), &read); err == nil {
			t.Errorf("%s was read", wrong)
		}
	}
}

// The core listing of O 16.3 and its overlay.
func TestListConstraints(t *testing.T) {
	required := `{"required":{"message":"messages.required"}}`
	core := `{"address":{"address":{"required":{"message":"messages.required"},"size":{"min":3,"max":255,"message":"messages.size"}},` +
		`"country":{"required":{"message":"messages.required"},"size":{"min":2,"max":255,"message":"messages.size"}},` +
		`"city":{"size":{"min":0,"max":255,"message":"messages.size"}},"latlng":` + required + `},` +
		`"app":{"id":` + required + `},` +
		`"form":{"captchaSecretKey":` + required + `,"notifyEmails":` + required + `,"redirectTo":{"url":{"message":"messages.url"}}},` +
		`"linker":{"id1":` + required + `,"id2":` + required + `,"type1":` + required + `,"type2":` + required + `},` +
		`"tag":{"tag":` + required + `},` +
		`"translation":{"authorName":` + required + `,"locale":` + required + `,"thekey":` + required + `,"value":` + required + `},` +
		`"user":{"identifier":` + required + `,"groups":` + required + `,"email":{"required":{"message":"messages.required"},"email":{"message":"messages.email"}},` +
		`"password":{"max":{"value":5000,"message":"messages.max"}}},` +
		`"vote":{"value":` + required + `,"expiresAfter":` + required + `,"lockedAfter":` + required + `},` +
		`"webhook":{"targetUrl":{"required":{"message":"messages.required"},"url":{"message":"messages.url"}}}}`
	a := &App{}
	if got := string(a.ListConstraints("").AppendJSON(nil)); got != core {
		t.Errorf("core listing: %s", got)
	}
	a.Constraints = a.Constraints.With("cat", "paws", rule(t, "required", `{}`)).With("user", "email", rule(t, "size", `{"min":1,"max":9}`)).With("user", "city", rule(t, "required", `{}`))
	for typ, want := range map[string]string{
		"cat": `{"cat":{"paws":` + required + `}}`, "cats": `{}`, "sysprop": `{}`, "dog": `{}`,
		"user": `{"user":{"identifier":` + required + `,"groups":` + required + `,"email":{"size":{"min":1,"max":9,"message":"messages.size"}},` +
			`"password":{"max":{"value":5000,"message":"messages.max"}},"city":` + required + `}}`,
	} {
		if got := string(a.ListConstraints(typ).AppendJSON(nil)); got != want {
			t.Errorf("%s: got %s, want %s", typ, got, want)
		}
	}
	if got := string(a.ListConstraints("").AppendJSON(nil)); !strings.HasSuffix(got, `"cat":{"paws":`+required+`}}`) || !strings.Contains(got, `"city"`) {
		t.Errorf("all: %s", got)
	}
	if got := string((&App{}).ListConstraints("user").AppendJSON(nil)); strings.Contains(got, "city") {
		t.Errorf("the table of built-in rules changed: %s", got)
	}
}

// The evaluation vectors of O 16.3: a value with a trailing ✗ breaks the rule, any other one holds.
func TestValidateConstraints(t *testing.T) {
	for _, c := range []struct{ name, payload, text, values string }{
		{"required", `{}`, "f is required.", `null✗ ""✗ "\u0020"✗ 0 false [] {} "x"`},
		{"min", `{"value":1000}`, "f must be a number larger than 1,000.", `null 1000 999✗ 999.9✗ 1000.5 "5000"✗ true✗ []✗ 1e3 1e400`},
		{"max", `{"value":5}`, "f must be a number smaller than 5.", `null 5 5.9 6✗ "1"✗ -9 -1e400 1e400✗`},
		{"max", `{"value":-1234567}`, "f must be a number smaller than -1,234,567.", `-1234568 0✗`},
		{"size", `{"min":2,"max":3}`, "f must be between 2 and 3.", `null "a"✗ "ab" "abcd"✗ "😀" []✗ [1,2] {"a":1}✗ {"a":1,"b":2} 5✗ true✗`},
		{"size", `{"min":0,"max":100000}`, "f must be between 0 and 100,000.", `7✗ ""`},
		{"digits", `{"integer":2,"fraction":1}`, "f is not a valid number or within range.",
			`null 12 123✗ 1.5 1.55✗ "1,5" "abc"✗ -1✗ ""✗ ".5"✗ 12.0 true✗ "1.5.77" "1." []✗ "١"✗`},
		{"pattern", `{"value":"^[a-z]+$"}`, "f doesn't match the pattern ^[a-z]+$.", `null "abc" "ABC"✗ 5✗ ""✗ []✗`},
		{"pattern", `{"value":"b"}`, "f doesn't match the pattern b.", `"abc"✗ "b"`},
		{"pattern", `{"value":"("}`, "f doesn't match the pattern (.", `null "abc"✗`},
		{"pattern", `{"value":5}`, "", `null "abc" 5 true`},
		{"true", `{}`, "f must be true.", `null true false✗ "TRUE" "x"✗ 0 1`},
		{"false", `{}`, "f must be false.", `null false true✗ "True"✗ "x" 1`},
		{"future", `{}`, "f must be in the future.", `null 1✗ 1700000000000✗ 1700000000001 99999999999999 "x"`},
		{"past", `{}`, "f must be in the past.", `null 1 1699999999999 1700000000000✗ 99999999999999✗ "x"`},
		{"email", `{}`, "f is not a valid email.", `null ""✗ 5✗ "a@b.co"`},
		{"url", `{}`, "f is not a valid URL.", `null ""✗ "a.co"✗ "http://a.co" 5✗`},
		{"unheard", `{}`, "", `null 5`},
	} {
		r := Constraint{c.name, json.RawMessage(c.payload)}
		a := &App{Constraints: Constraints{}.With("cat", "f", r)}
		for _, value := range strings.Fields(c.values) {
			value, breaks := strings.CutSuffix(value, "✗")
			o := New("cat")
			b, err := ParseBody([]byte(`{"type":"cat","f":` + value + `}`))
			if err == nil {
				o, err = Populate(b)
			}
			if err != nil {
				t.Fatal(err)
			}
			problems := a.ValidateConstraints(o, testChecks, time.UnixMilli(1700000000000))
			switch {
			case !breaks && len(problems) > 0, breaks && len(problems) != 1:
				t.Errorf("%s %s: %s: got %v", c.name, c.payload, value, problems)
			case breaks && (problems[0].Field != "f" || problems[0].Rule != c.name || problems[0].Message != c.text):
				t.Errorf("%s: got %v, want %q", value, problems[0], c.text)
			}
		}
	}
}

func TestValidateConstraintsScope(t *testing.T) {
	a := &App{}
	for _, typ := range []string{"cat", "webhook", "sysprop", "user", "tag"} {
		a.Constraints = a.Constraints.With(typ, "zeta", rule(t, "required", `{}`)).With(typ, "alpha", rule(t, "required", `{}`))
	}
	for typ, want := range map[string]string{
		"cat": "zeta is required.|alpha is required.", "webhook": "zeta is required.|alpha is required.", "sysprop": "", "user": "", "tag": "", "dog": "",
	} {
		var got []string
		for _, p := range a.ValidateConstraints(New(typ), testChecks, time.Now()) {
			got = append(got, p.Message)
		}
		if strings.Join(got, "|") != want {
			t.Errorf("%s: got %q, want %q", typ, got, want)
		}
	}
	// Fields that the type declares can be constrained too.
	a.Constraints = Constraints{}.With("cat", "name", rule(t, "size", `{"min":3,"max":5}`)).With("cat", "tags", rule(t, "required", `{}`))
	o := New("cat")
	o.SetName("Tommy")
	if p := a.ValidateConstraints(o, testChecks, time.Now()); len(p) != 1 || p[0].Message != "tags is required." {
		t.Errorf("got %v", p)
	}
	// A pattern whose test fails does not hold.
	a.Constraints = Constraints{}.With("cat", "name", rule(t, "pattern", `{"value":".*"}`))
	checks := testChecks
	checks.Match = func(string, string) (bool, error) { return true, errors.New("took too long") }
	if p := a.ValidateConstraints(o, checks, time.Now()); len(p) != 1 {
		t.Errorf("got %v", p)
	}
}
