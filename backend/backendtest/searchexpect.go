package backendtest

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/erudika/para-go"
)

// testExpectations is what the test suites of the Java server and of its clients expect of a search (S 25), as far as no
// other table has it.
func testExpectations(s *searchSuite) {
	s.index(
		`{"id":"t1","type":"sysprop","tags":["one","two","three"],"email":"T1@example.com","timestamp":1000000000}`,
		`{"id":"t2","type":"sysprop","tags":["two","four","three"],"timestamp":1700000000002}`,
		`{"id":"t3","type":"sysprop","tags":["four","five","three"],"timestamp":1700000000003,"name":"xx","votes":3}`,
		`{"id":"u1","type":"user","name":"Ann Smith","identifier":"fb:1","email":"ann@example.com","tags":["two"],"timestamp":1700000000004}`,
		`{"id":"a1","type":"address","name":"Place 1","country":"US","latlng":"40.67,-73.94","parentid":"u1","timestamp":1700000000005}`,
		`{"id":"a2","type":"address","name":"Place 2","country":"US","latlng":"40.69,-73.95","parentid":"tag:me","timestamp":1700000000006}`,
		`{"id":"tag:me","type":"tag","tag":"me","timestamp":1700000000007}`,
		`{"id":"n1","type":"number","timestamp":1700000000008,"properties":{"number":5}}`,
		`{"id":"n2","type":"number","timestamp":1700000000009,"properties":{"number":10}}`,
	)
	for _, test := range []struct{ typ, kind, params, want string }{
		{"sysprop", "tagged", "", ""},
		{"sysprop", "tagged", "tags=two", "t2 t1"},
		{"sysprop", "tagged", "tags=one&tags=two", "t1"},
		{"sysprop", "tagged", "tags=three", "t3 t2 t1"},
		{"sysprop", "tagged", "tags=four&tags=three", "t3 t2"},
		{"sysprop", "tagged", "tags=five&tags=three", "t3"},
		{"user", "tagged", "tags=three", ""},
		{"", "in", "field=email", ""},
		{"", "in", "field=email&terms=ann@example.com", "u1"},
		{"", "in", "field=id&terms=t1&terms=t2&terms=t3&terms=x&terms=y", "t3 t2 t1"},
		{"user", "terms", "terms=id:u1", "u1"},
		{"user", "terms", "terms=type:&terms=id:%20", ""},
		{"user", "terms", "terms=%20:bad&terms=:", ""},
		{"user", "terms", "terms=name:Ann%20Smith", "u1"},
		{"user", "terms", "terms=name:ann%20smith", ""},
		{"user", "terms", "terms=identifier:fb:1", "u1"},
		{"user", "terms", "terms=email:ann@example.com", "u1"},
		{"", "terms", "terms=type:sysprop", "t3 t2 t1"},
		{"", "terms", "terms=timestamp%20%3C:1111111111", "t1"},
		{"", "terms", "terms=timestamp%3C%3D:1000000000", "t1"},
		{"", "terms", "terms=timestamp%3C:1000000000", ""},
		{"sysprop", "terms", "terms=name:xx&terms=timestamp:1700000000003", "t3"},
		{"sysprop", "terms", "terms=name:xx&terms=timestamp:1", ""},
		{"sysprop", "terms", "terms=tags:two&count", "#2"},
		{"sysprop", "terms", "terms=id:%20&count", "#0"},
		{"sysprop", "terms", "terms=id:t1&count", "#1"},
		{"", "terms", "terms=type:address&count", "#2"},
		{"", "count", "", "#9"},
		{"nosuch", "count", "", "#0"},
		{"address", "default", "q=country:US", "a2 a1"},
		{"user", "default", "q=Ann*", "u1"},
		{"user", "wildcard", "field=name&q=An*", "u1"},
		{"user", "wildcard", "field=email&q=ann*", "u1"},
		{"user", "prefix", "field=name&prefix=Ann", "u1"},
		{"user", "nearby", "q=*&latlng=40.60,-73.90&radius=10", "u1"},
		{"address", "nearby", "q=*&latlng=40.60,-73.90&radius=10", "a1"},
		{"tag", "nearby", "q=*&latlng=40.62,-73.91&radius=10", "tag:me"},
	} {
		what := fmt.Sprintf("%s/%s?%s", test.typ, test.kind, test.params)
		if _, err := url.ParseQuery(test.params); err != nil {
			s.t.Fatal(err)
		}
		got := ""
		if q := s.build(test.typ, test.kind, test.params); q != nil {
			ids, total := s.find(what, q)
			got = strings.Join(ids, " ")
			if strings.HasPrefix(test.want, "#") {
				got = fmt.Sprint("#", total)
			}
		} else if strings.HasPrefix(test.want, "#") {
			got = "#0"
		}
		if got != test.want {
			s.t.Errorf("%s: %q, want %q", what, got, test.want)
		}
	}
	byNumber, _ := s.find("by number", &para.Query{Type: "number", Sort: sortKeys("properties.number:desc"), Limit: 5})
	if strings.Join(byNumber, " ") != "n2 n1" {
		s.t.Errorf("by number: %v", byNumber)
	}
	// Pages of two of three objects: two, one, none; and pages of ten of 22: 10, 10, 2, 0.
	for _, test := range []struct {
		typ   string
		limit int
		want  string
	}{{"sysprop", 2, "[2 1 0]"}, {"many", 10, "[10 10 2 0]"}} {
		if test.typ == "many" {
			var objects []string
			for i := range 22 {
				objects = append(objects, fmt.Sprintf(`{"id":"many%d","type":"many"}`, i))
			}
			s.index(objects...)
		}
		var sizes []int
		for page := 0; page == 0 || sizes[page-1] > 0; page++ {
			ids, _ := s.find("page", &para.Query{Type: test.typ, Sort: sortKeys("id:asc"), Offset: page * test.limit, Limit: test.limit})
			sizes = append(sizes, len(ids))
		}
		if fmt.Sprint(sizes) != test.want {
			s.t.Errorf("pages of %d: %v, want %s", test.limit, sizes, test.want)
		}
	}
}
