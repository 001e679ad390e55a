package backendtest

import (
	"slices"
	"strings"

	"github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/query"
)

// testHidden: conditions behave as if no document had the hidden fields of its type, whatever kind of condition it is and
// however it names its fields.
func testHidden(s *searchSuite) {
	s.create("hidden")
	s.app = "hidden"
	s.index(
		`{"id":"e1","type":"emp","name":"apple","tags":["berry"],"pay":5,"note":"cherry pie","home":{"city":"oslo"},"list":[{"a":"plum"}]}`,
		`{"id":"e2","type":"emp","name":"berry","tags":["apple"],"pay":6,"note":"apple pie"}`,
		`{"id":"d1","type":"dog","name":"cherry","pay":5,"note":"apple","home":{"city":"oslo"},"list":[{"a":"plum"}]}`)
	hidden := para.HiddenFields{}
	for _, m := range []string{"pay", "note", "home", "list", "tags"} {
		hidden.Add("emp", m)
	}
	hidden.Add("dog", "name")
	for q, want := range map[string]string{
		"apple": "d1 e1", "cherry": "", "berry": "e2", "pie": "", "5": "d1", "oslo": "d1", "plum": "d1", "app*": "d1 e1", "ap?le": "d1 e1", "appel~": "d1 e1",
		"/app.*/": "d1 e1", `"cherry pie"`: "", "[a TO b]": "d1 e1", "properties.*:apple": "d1", "properties.note:pie": "", "properties.note:apple": "d1", "properties.pay:5": "d1",
		"properties.pay:[1 TO 9]": "d1", "properties.home.city:oslo": "d1", "properties.list.a:plum": "d1", "tags:apple": "", "name:cherry": "", "name:apple": "e1",
		"_exists_:properties.pay": "d1", "_exists_:tags": "", "*:* -apple": "e2", "*:* -properties.note:pie": "d1 e1 e2", "na*:cherry": "", "apple AND oslo": "d1",
		"properties.note:ap* OR name:berry": "d1 e2", "*": "d1 e1 e2",
	} {
		filter, err := query.Parse(q, "")
		if err != nil {
			s.t.Fatalf("%q: %v", q, err)
		}
		for _, typ := range []string{"", "emp", "dog"} {
			var ids []string
			for id := range strings.FieldsSeq(want) {
				if typ == "" || id[0] == typ[0] {
					ids = append(ids, id)
				}
			}
			got, total := s.find(typ+" "+q, &para.Query{Type: typ, Filter: filter, Hidden: hidden, Limit: 10})
			slices.Sort(got)
			if !slices.Equal(got, ids) || total != int64(len(ids)) {
				s.t.Errorf("type %q, q=%s: found %v of %d, want %v", typ, q, got, total, ids)
			}
			open, _ := s.find(typ+" "+q+" without rules", &para.Query{Type: typ, Filter: filter, Limit: 10})
			if len(open) < len(ids) && !strings.Contains(q, "-") {
				s.t.Errorf("type %q, q=%s: without rules only %v are found", typ, q, open)
			}
		}
	}
}
