package para

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
)

func canonical(s string) (string, error) {
	p := newParser([]byte(s))
	out, err := p.value(nil, 1)
	return string(out), err
}

func TestCanonicalJSON(t *testing.T) { // R 8.1, D1, D22, O 5.3
	for in, want := range map[string]string{
		` { "a" : 1 } `:                          `{"a":1}`,
		`{"a":1,"b":2,"a":3}`:                    `{"b":2,"a":3}`,
		`{"a":null,"b":[null,{"c":null,"d":1}]}`: `{"b":[null,{"d":1}]}`,
		`{"a":1,"a":null}`:                       `{}`,
		`[1.0,5,1.10,1e3,1E-7,-0.0,1e400,12345678901234567890]`: `[1.0,5,1.10,1e3,1E-7,-0.0,1e400,12345678901234567890]`,
		`"\u00e9\/\u0001\u007f\uD83D\uDE00"`:                    "\"é/\\u0001\x7f😀\"",
		`"\ud83d x \ude00"`:                                     "\"\uFFFD x \uFFFD\"",
		`"\"\\\b\f\n\r\t"`:                                      `"\"\\\b\f\n\r\t"`,
		`{"a":1} trailing`:                                      `{"a":1}`,
		"\xef\xbb\xbf[]":                                        `[]`,
		`true`:                                                  `true`,
		`{}`:                                                    `{}`,
		`{"` + strings.Repeat("é", 20) + `":"ж"}`: `{"` + strings.Repeat("é", 20) + `":"ж"}`,
	} {
		got, err := canonical(in)
		if err != nil || got != want {
			t.Errorf("%s: got %s, %v; want %s", in, got, err, want)
		}
	}
}

func TestJSONErrors(t *testing.T) { // R 8.1, O 6.5
	for in, want := range map[string]string{
		``:                            "The body is empty; a JSON value is expected (line 1, column 1)",
		"  \n ":                       "The body is empty; a JSON value is expected (line 2, column 2)",
		`{"a":1`:                      "A comma or the end of the object is expected here (line 1, column 7)",
		"{\n \"é\": x}":               "A JSON value is expected here (line 2, column 7)",
		`{"a" 1}`:                     "A colon is expected after the name of a member (line 1, column 6)",
		`{a:1}`:                       "The name of a member is expected here, in quotation marks (line 1, column 2)",
		`{'a':1}`:                     "The name of a member is expected here, in quotation marks (line 1, column 2)",
		`{"a":1,}`:                    "The name of a member is expected here, in quotation marks (line 1, column 8)",
		`[1,]`:                        "A JSON value is expected here (line 1, column 4)",
		`[1 2]`:                       "A comma or the end of the array is expected here (line 1, column 4)",
		`NaN`:                         "A JSON value is expected here (line 1, column 1)",
		`{"a":1} // x`:                "",
		`// x`:                        "A JSON value is expected here (line 1, column 1)",
		`01`:                          "A number must not start with a zero (line 1, column 1)",
		`-`:                           "A digit is expected here (line 1, column 2)",
		`1.`:                          "A digit is expected after the decimal point (line 1, column 3)",
		`1e`:                          "A digit is expected in the exponent (line 1, column 3)",
		`12ab`:                        "This is not a number (line 1, column 3)",
		`tru`:                         "A JSON value is expected here (line 1, column 1)",
		`truex`:                       "A JSON value is expected here (line 1, column 1)",
		`"a`:                          "The JSON ends within a text (line 1, column 3)",
		`"\`:                          "The JSON ends within a text (line 1, column 2)",
		`"\x"`:                        "This escape is not known in JSON (line 1, column 2)",
		`"\u12"`:                      "The escape \\u needs four hexadecimal digits (line 1, column 2)",
		"\"a\nb\"":                    "A control character must be written as an escape such as \\n (line 1, column 3)",
		"\"a\xffb\"":                  "The JSON is not valid UTF-8 (line 1, column 3)",
		"{\"a\xff\":1}":               "The JSON is not valid UTF-8 (line 1, column 4)",
		strings.Repeat("[", 1001):     "The JSON is nested more than 1000 levels deep (line 1, column 1001)",
		strings.Repeat(`{"a":`, 1001): "The JSON is nested more than 1000 levels deep (line 1, column 5001)",
	} {
		err := CheckJSON([]byte(in))
		if want == "" && err == nil {
			continue
		}
		var e *JSONError
		if !errors.As(err, &e) || e.Error() != want {
			t.Errorf("%.40q: got %v, want %s", in, err, want)
		}
	}
	if err := CheckJSON([]byte(strings.Repeat("[", 1000) + strings.Repeat("]", 1000))); err != nil {
		t.Errorf("1000 levels: %v", err)
	}
}

func TestParseBody(t *testing.T) {
	for in, want := range map[string]string{
		`null`:        "A JSON object is expected (line 1, column 1)",
		`""`:          "A JSON object is expected (line 1, column 1)",
		` []`:         "A JSON object is expected (line 1, column 2)",
		`{"type":5}`:  `the member "type" must be a text, not 5`,
		`{"id":[1]}`:  `the member "id" must be a text, not [1]`,
		`{"id":true}`: `the member "id" must be a text, not true`,
		`{"id":{}}`:   `the member "id" must be a text, not {}`,
	} {
		if _, err := ParseBody([]byte(in)); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", in, err, want)
		}
	}
	b, err := ParseBody([]byte(`{"id":12.0,"a":1,"a":null,"n":null,"version":"7"} ignored`))
	if err != nil {
		t.Fatal(err)
	}
	if b.ID() != "12.0" || *b.Version() != 7 || b.Empty() {
		t.Errorf("id %q, version %v", b.ID(), b.Version())
	}
	if raw, ok := b.Raw("a"); !ok || string(raw) != "null" {
		t.Errorf("the last of two equal members counts: %s", raw)
	}
	if m := b.Members(); len(m) != 4 || string(m["n"]) != "null" {
		t.Errorf("members: %v", m)
	}
	if b, _ := ParseBody([]byte(`{"version":null}`)); b.Version() != nil {
		t.Error("a version that is null was not sent")
	}
}

func TestParseBodies(t *testing.T) {
	list, err := ParseBodies([]byte(`[{"id":1},null,{"id":"b"}] ignored`), 0)
	if err != nil || len(list) != 3 || list[0].ID() != "1" || list[1] != nil || list[2].ID() != "b" {
		t.Fatalf("%v, %v", list, err)
	}
	if list, err := ParseBodies([]byte(`[]`), 0); err != nil || len(list) != 0 {
		t.Errorf("empty: %v, %v", list, err)
	}
	for in, want := range map[string]string{
		`{}`:           "A JSON array is expected (line 1, column 1)",
		`[{},5]`:       "Every element of the array must be a JSON object (line 1, column 5)",
		`[{},"x"]`:     "Every element of the array must be a JSON object (line 1, column 5)",
		`[{"type":5}]`: `the member "type" must be a text, not 5`,
		`[{} {}]`:      "A comma or the end of the array is expected here (line 1, column 5)",
		`[{}`:          "A comma or the end of the array is expected here (line 1, column 4)",
		`[nul]`:        "A JSON value is expected here (line 1, column 2)",
	} {
		if _, err := ParseBodies([]byte(in), 0); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", in, err, want)
		}
	}
	if _, err := ParseBodies([]byte(`[{"a":"b"}]`), 17); !errors.Is(err, ErrElementTooLarge) {
		t.Errorf("an element of 18 with 17 allowed: %v", err)
	}
	if _, err := ParseBodies([]byte(`[{"a":"b"}]`), 18); err != nil {
		t.Errorf("an element of 18 with 18 allowed: %v", err)
	}
}

func TestElementSize(t *testing.T) { // R 8.2, R 31
	for in, want := range map[string]int64{
		`null`: 4, `"abc"`: 5, `12`: 4, `true`: 6, `[]`: 2, `{}`: 2, `[1,2]`: 9, `{"a":"b"}`: 18,
		`{"o":{"k":[1,{"z":false}]}}`: 58, `"😀"`: 4, `[null,null]`: 11,
	} {
		if got := jsonSize([]byte(in)); got != want {
			t.Errorf("%s: %d, want %d", in, got, want)
		}
	}
	b, err := ParseBody([]byte(`{"id":"x1","tags":["a","bb"],"n":null}`))
	if err != nil {
		t.Fatal(err)
	}
	if b.size() != 65 {
		t.Errorf("body: %d", b.size())
	}
}

// Bodies with very many members, or very deep ones, take time in proportion to their length.
func TestLargeBodies(t *testing.T) {
	var text strings.Builder
	text.WriteByte('{')
	for i := range 100_000 {
		if i > 0 {
			text.WriteByte(',')
		}
		fmt.Fprintf(&text, `"m%d":1`, i)
	}
	text.WriteByte('}')
	b, err := ParseBody([]byte(text.String()))
	if err != nil {
		t.Fatal(err)
	}
	b.SetType("cat")
	o, err := Populate(b)
	if err != nil {
		t.Fatal(err)
	}
	nulls, err := ParseBody([]byte(strings.ReplaceAll(text.String(), ":1", ":null")))
	if err != nil {
		t.Fatal(err)
	}
	again, err := DecodeObject(o.AppendJSON(nil))
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Merge(nulls); err != nil {
		t.Fatal(err)
	}
	if n := len(again.Names()); n != 3 {
		t.Errorf("%d members are left, want type, objectURI and plural", n)
	}
	deep := `{"type":"cat","name":` + strings.Repeat("[", 990) + strings.Repeat("1,", 100_000) + "1" + strings.Repeat("]", 990) + `}`
	list, err := ParseBodies([]byte("["+deep+"]"), 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	if o, err := Populate(list[0]); err != nil || o.Name() != "1" {
		t.Errorf("name: %v", err)
	}
}

func TestReadingParts(t *testing.T) {
	if m := JSONMembers([]byte(`{"a":1,"b":{"c":[1,2]}}`)); len(m) != 2 || m[1].Name != "b" || string(m[1].Value) != `{"c":[1,2]}` {
		t.Errorf("members: %v", m)
	}
	if JSONMembers([]byte(`[1]`)) != nil || JSONMembers([]byte(`5`)) != nil || JSONElements([]byte(`{}`)) != nil {
		t.Error("other kinds have no members or elements")
	}
	if e := JSONElements([]byte(`[1,"a,b",[2,3],{"x":"]"}]`)); len(e) != 4 || string(e[1]) != `"a,b"` || string(e[3]) != `{"x":"]"}` {
		t.Errorf("elements: %s", e)
	}
	o, err := DecodeObject([]byte(`{"type":"cat","a\"":"x\"y\\","b\\":"\\\"","c":["\\"],"d":"\\\\"}`))
	if err != nil {
		t.Fatal(err)
	}
	if o.Text(`a"`) != `x"y\` || o.Text(`b\`) != `\"` || o.Text("c") != `["\\"]` || o.Text("d") != `\\` || len(o.Names()) != 5 {
		t.Errorf("escaped quotation marks: %s", o.AppendJSON(nil))
	}
	if JSONText([]byte(`"a\nb"`)) != "a\nb" || JSONText([]byte(`5`)) != "5" {
		t.Error("texts")
	}
}

func FuzzJSON(f *testing.F) {
	for _, s := range []string{
		`{"a":[1,2.50,"x\u00e9\n",null,true],"a":{"b":null}}`, `[[[]]]`, `"\ud83d\ude00"`, `-0.0e+5`, `{"id":1,"type":"cat","properties":{"a":1}}`,
		"\xef\xbb\xbf{}", `{"tags":"[\"a\"]"}`, `{"id":"x1","tags":["a","bb"],"n":null}`, `nullx`, `{"":1}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := canonical(string(data))
		if err != nil {
			var e *JSONError
			if !errors.As(err, &e) || e.Line < 1 || e.Column < 1 {
				t.Fatalf("an error without place: %v", err)
			}
			return
		}
		if !json.Valid([]byte(got)) {
			t.Fatalf("%q became %q, which is not JSON", data, got)
		}
		if again, err := canonical(got); err != nil || again != got {
			t.Fatalf("%q is not stable: %q, %v", got, again, err)
		}
		if json.Valid(data) { // the same values as the standard library reads
			var a, b any
			da, db := json.NewDecoder(bytes.NewReader(data)), json.NewDecoder(strings.NewReader(got))
			da.UseNumber()
			db.UseNumber()
			if da.Decode(&a) != nil || db.Decode(&b) != nil {
				t.Fatalf("%q cannot be read", got)
			}
			x, _ := json.Marshal(withoutNulls(a))
			y, _ := json.Marshal(withoutNulls(b))
			if !bytes.Equal(x, y) {
				t.Fatalf("%q became %q", data, got)
			}
		}
		if jsonSize([]byte(got)) < 2 {
			t.Fatalf("size of %q", got)
		}
	})
}

func withoutNulls(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			if x == nil {
				delete(v, k)
				continue
			}
			v[k] = withoutNulls(x)
		}
	case []any:
		for i, x := range v {
			v[i] = withoutNulls(x)
		}
	}
	return v
}
