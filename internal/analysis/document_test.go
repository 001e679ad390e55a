package analysis

import (
	"fmt"
	"strings"
	"testing"

	para "github.com/erudika/para-go"
)

// described writes fields one a line: name, k for keywords, [] for lists, values (numbers with #, tokens after =), sort value.
func described(d *para.Document) string {
	var b strings.Builder
	for _, f := range d.Fields {
		b.WriteString(f.Name)
		if f.Keyword {
			b.WriteString(" k")
		}
		if f.List {
			b.WriteString(" []")
		}
		for _, v := range f.Values {
			switch {
			case v.Number:
				b.WriteString(" #" + v.Text)
			case v.Tokens == nil:
				fmt.Fprintf(&b, " %q", v.Text)
			default:
				fmt.Fprintf(&b, " %q=", v.Text)
				for i, t := range v.Tokens {
					if i > 0 {
						b.WriteByte(',')
					}
					fmt.Fprintf(&b, "%s@%d", t.Text, t.Position)
				}
			}
		}
		fmt.Fprintf(&b, " | %s\n", f.Sort)
	}
	if d.Point != nil {
		fmt.Fprintf(&b, "point %g %g\n", d.Point.Lat, d.Point.Lng)
	}
	for i := range d.Nested {
		fmt.Fprintf(&b, "element %s %s\n", d.Nested[i].ID, d.Nested[i].Type)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func document(t *testing.T, text string) *para.Document {
	t.Helper()
	o, err := para.DecodeObject([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return Document(o)
}

// fieldsOf keeps the lines about the fields that a test is about: the properties and those named.
func fieldsOf(text string, names ...string) string {
	var out []string
	for _, line := range strings.Split(text, "\n") {
		name, _, _ := strings.Cut(line, " ")
		keep := strings.HasPrefix(name, "properties.") || name == "point" || name == "element"
		for _, n := range names {
			keep = keep || name == n
		}
		if keep {
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n")
}

// TestDocument is the table of S 3.3 with what S 3.2 leaves out.
func TestDocument(t *testing.T) {
	tests := []struct {
		name, object string
		fields       string // further fields that are looked at
		want         string
	}{
		{"a text", `{"properties":{"a":"The Fox"}}`, "", `properties.a "The Fox"=the@0,fox@1 | The Fox`},
		{"keywords by their full name", `{"name":"The Fox","properties":{"a":{"name":"The Fox"}}}`, "name",
			"name k \"The Fox\" | The Fox\nproperties.a.name \"The Fox\"=the@0,fox@1 | The Fox"},
		{"numbers as written", `{"votes":-3,"properties":{"a":2005,"b":10.0,"c":1.0E10}}`, "votes",
			"votes k #-3 | -3\nproperties.a #2005 | 2005\nproperties.b #10.0 | 10.0\nproperties.c #1.0E10 | 1.0E10"},
		{"booleans", `{"properties":{"a":true,"b":false}}`, "", "properties.a \"true\"=true@0 | true\nproperties.b \"false\"=false@0 | false"},
		{"null, blank and nothing", `{"properties":{"a":null,"b":"","c":"  ","d":{}}}`, "", ""},
		{"objects", `{"properties":{"a":{"b":{"c":"x"},"d":1}}}`, "", "properties.a.b.c \"x\"=x@0 | x\nproperties.a.d #1 | 1"},
		{"arrays of scalars", `{"tags":["b","A"],"properties":{"a":["x y",5,true,null,""," ","z"]}}`, "tags",
			"tags k [] \"b\" \"A\" | b,A,\n" + `properties.a [] "x y"=x@0,y@1 #5 "true"=true@101 "z"=z@201 | x y,5,true,null,, ,z,`},
		{"objects in arrays", `{"properties":{"a":[{"n":"Rex"}]}}`, "",
			`properties.a [] "{\"n\":\"Rex\"}"=n@0,rex@1 | {"n":"Rex"},` + "\nproperties.a.n \"Rex\"=rex@0 | Rex\nproperties.a[0].n \"Rex\"=rex@0 | Rex"},
		{"arrays in arrays", `{"properties":{"a":[[1,"x"]]}}`, "", `properties.a [] "[1,\"x\"]"=1@0,x@1 #1 "x"=x@101 | [1,"x"],`},
		{"equal numbers of a list are one value", `{"properties":{"a":[10.0,10,1e1,11,-0,0],"b":[{"c":2},{"c":2.0}]}}`, "",
			"properties.a [] #10.0 #11 #-0 | 10.0,10,1e1,11,-0,0,\n" + `properties.b [] "{\"c\":2}"=c@0,2@1 "{\"c\":2.0}"=c@101,2.0@102 | {"c":2},{"c":2.0},` +
				"\nproperties.b.c #2 | 2\nproperties.b[0].c #2 | 2\nproperties.b[1].c #2.0 | 2.0"},
		{"a position", `{"type":"address","latlng":" 40.6 , -73.9 "}`, "latlng", "point 40.6 -73.9"},
		{"a position without numbers", `{"type":"address","latlng":"here,1.5x"}`, "latlng", "point 0 0"},
		{"a place off the earth", `{"type":"address","name":"x","latlng":"95,0"}`, "latlng", ""},
		{"a place west of the earth", `{"type":"address","latlng":"0,-180.5"}`, "latlng", ""},
		{"a place nowhere", `{"type":"address","latlng":"NaN,NaN"}`, "latlng", ""},
		{"a place half nowhere", `{"type":"address","latlng":"1,nan"}`, "latlng", ""},
		{"a place in infinity", `{"type":"address","latlng":"Inf,-Infinity"}`, "latlng", ""},
		{"a place very far away", `{"type":"address","latlng":"1,1e999"}`, "latlng", ""},
		{"no position", `{"type":"address","latlng":"here"}`, "latlng", `latlng k "here" | here`},
		{"latlng elsewhere", `{"properties":{"latlng":"1,2"}}`, "", `properties.latlng "1,2"=1,2@0 | 1,2`},
		{"elements of links", `{"type":"linker","id1":"A-1","nstd":[{"id":"x","type":"cat","name":"N"}]}`, "id1 id1~ nstd",
			"id1 k \"A-1\" | A-1\nid1~ \"A-1\"=a@0,1@1 | \nelement x cat"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := fieldsOf(described(document(t, test.object)), strings.Fields(test.fields)...); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

// TestKeywords is the list of S 4.1, with those of T12: full names, capitals and all.
func TestKeywords(t *testing.T) {
	list := strings.Fields("nstd latlng tag id key name type tags email appid votes groups updated password parentid creatorid timestamp identifier nstdparentid token")
	for _, name := range append(list, "id1", "id2", "type1", "type2", "customEvents") {
		if !IsKeyword(name) || IsKeyword("properties."+name) || IsKeyword(strings.ToUpper(name)) || IsKeyword(name+"s") && name != "tag" {
			t.Errorf("%s is a keyword: %v", name, IsKeyword(name))
		}
	}
	if len(keywords) != len(list) {
		t.Errorf("%d keywords, want %d", len(keywords), len(list))
	}
	for _, name := range []string{"country", "address", "description", "stored", "version", "picture", "locale"} {
		if IsKeyword(name) {
			t.Errorf("%s is a keyword", name)
		}
	}
}

// TestNeverIndexed looks for what S 3.2 and D32 keep out of the index, in objects and in elements of links.
func TestNeverIndexed(t *testing.T) {
	for _, object := range []string{
		`{"id":"app:x","type":"app","secret":"hidden","settings":{"a":"hidden"},"datatypes":{"hiddens":"hidden"},"resourcePermissions":{"*":{"hidden":["GET"]}},"validationConstraints":{"hidden":{}}}`,
		`{"id":"u","type":"user","tokenSecret":"hidden","twoFAkey":"hidden","twoFAbackupKeyHash":"hidden","idpIdToken":"hidden","idpAccessToken":"hidden","idpRefreshToken":"hidden"}`,
		`{"id":"w","type":"webhook","secret":"hidden","targetUrl":"https://example.com"}`,
		`{"id":"f","type":"form","captchaSecretKey":"hidden"}`,
		`{"id":"ann@example.com","type":"sysprop","name":"` + para.IdentityName + `","properties":{"password":"hidden","token":"hidden","etoken":"hidden","etoken2":"hidden"}}`,
		`{"id":"l","type":"linker","nstd":[{"id":"u","type":"user","tokenSecret":"hidden","twoFAkey":"hidden"}]}`,
	} {
		d := document(t, object)
		text := described(d)
		for i := range d.Nested {
			text += described(&d.Nested[i])
		}
		if strings.Contains(text, "hidden") {
			t.Errorf("%s is indexed with\n%s", object, text)
		}
		if !strings.Contains(text, "id k ") {
			t.Errorf("%s is indexed without an id:\n%s", object, text)
		}
	}
}

// TestOversizedValues cuts what is longer than an index keeps, at a character (S 3.3).
func TestOversizedValues(t *testing.T) {
	d := document(t, `{"id":"x","name":"`+strings.Repeat("ü", 20_000)+`","properties":{"a":"`+strings.Repeat("y", 1000)+`"}}`)
	for _, f := range d.Fields {
		switch f.Name {
		case "name":
			if v := f.Values[0].Text; len(v) != 32_766 || strings.Trim(v, "ü") != "" || f.Sort != v {
				t.Errorf("the name has %d bytes and sorts by %d", len(v), len(f.Sort))
			}
		case "properties.a":
			if tokens := f.Values[0].Tokens; len(tokens) != 4 || len(tokens[0].Text) != MaxToken || len(tokens[3].Text) != 1000-3*MaxToken {
				t.Errorf("%d tokens", len(tokens))
			}
		}
	}
	var many strings.Builder
	for i := range 2 * maxFields {
		fmt.Fprintf(&many, `"k%d":%d,`, i, i)
	}
	d = document(t, `{"id":"x","properties":{`+many.String()+`"z":1}}`)
	if len(d.Fields) > maxFields+100 || len(d.Fields) < maxFields/2 {
		t.Errorf("%d fields of %d", len(d.Fields), 2*maxFields)
	}
	deep := document(t, `{"id":"x","properties":{"a":`+strings.Repeat("[", 400)+strings.Repeat("]", 400)+`}}`)
	if len(deep.Fields) == 0 {
		t.Error("a deep object has no fields")
	}
}

// FuzzDocument makes documents of any objects.
func FuzzDocument(f *testing.F) {
	for _, seed := range []string{`{"id":"a","type":"address","latlng":"1,2"}`, `{"id":"a","properties":{"a":[{"b":[1,1.0,"x"]},null,[[]]]}}`,
		`{"type":"linker","nstd":[{"id":"x","nstd":[{"id":"y"}]}]}`, `{"votes":1e400,"name":"\u0000","tags":"x"}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		o, err := para.DecodeObject(data)
		if err != nil {
			return
		}
		for _, field := range Document(o).Fields {
			last := -1
			for _, v := range field.Values {
				if v.Number && field.List && len(v.Tokens) > 0 || len(v.Text) > maxValue && !v.Number {
					t.Fatalf("%s: value %.50q", field.Name, v.Text)
				}
				for _, token := range v.Tokens {
					if token.Position <= last {
						t.Fatalf("%s: position %d after %d", field.Name, token.Position, last)
					}
					last = token.Position
				}
			}
		}
	})
}
