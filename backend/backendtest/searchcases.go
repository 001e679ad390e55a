package backendtest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/query"
)

// ask runs a query string over a type and returns the ids, newest first.
func (s *searchSuite) ask(typ, q string) []string {
	s.t.Helper()
	filter, err := query.Parse(q, "")
	if err != nil {
		s.t.Errorf("%q: %v", q, err)
		return nil
	}
	ids, _ := s.find(q, &para.Query{Type: typ, Filter: filter, Sort: newestFirst, Limit: 1000})
	return ids
}

// want runs query strings and compares the ids, in the order of their creation.
func (s *searchSuite) want(typ string, cases map[string]string) {
	s.t.Helper()
	for q, want := range cases {
		got := s.ask(typ, q)
		slices.Sort(got)
		if strings.Join(got, " ") != want {
			s.t.Errorf("type %q, q=%s: found %v, want %s", typ, q, got, want)
		}
	}
}

// testLifecycle: replacing a document removes everything of the old one, deletion everything of all.
func testLifecycle(s *searchSuite) {
	s.index(`{"id":"a","type":"thing","name":"first name","votes":5,"tags":["x"],"timestamp":1,"properties":{"text":"old words","n":7,"list":[1,2]}}`)
	s.want("thing", map[string]string{"old": "a", "votes:5": "a", "tags:x": "a", "properties.n:[6 TO 8]": "a", "properties.list:2": "a", `name:"first name"`: "a"})
	s.index(`{"id":"a","type":"thing","name":"second name","votes":6,"tags":["y"],"timestamp":1,"properties":{"text":"new words","n":70}}`)
	s.want("thing", map[string]string{"old": "", "votes:5": "", "tags:x": "", "properties.n:[6 TO 8]": "", "properties.list:2": "", `name:"first name"`: "",
		"new": "a", "words": "a", "votes:6": "a", "tags:y": "a", "properties.n:[69 TO 71]": "a", "_exists_:properties.list": ""})
	// A change of type takes the document along.
	s.index(`{"id":"a","type":"other","name":"second name","votes":6,"timestamp":1,"properties":{"text":"new words"}}`)
	s.want("thing", map[string]string{"words": "", "*": ""})
	s.want("other", map[string]string{"words": "a", "*": "a"})
	if _, n := s.find("count", &para.Query{Type: "thing"}); n != 0 {
		s.t.Errorf("%d things are counted", n)
	}
	// indexed=false takes it out of the index, but not out of the store.
	s.index(`{"id":"a","type":"other","indexed":false,"properties":{"text":"new words"}}`)
	s.want("", map[string]string{"words": "", "*": ""})
	if s.get(s.app, "a")[0] == nil {
		s.t.Error("the object is gone")
	}
	s.index(`{"id":"a","type":"other","properties":{"text":"back again"}}`, `{"id":"b","type":"other","properties":{"text":"back too"}}`)
	s.want("", map[string]string{"back": "a b", "words": ""})
	s.unindex("a")
	s.want("", map[string]string{"back": "b", "again": ""})
	// Written anew, an object is found once.
	s.index(`{"id":"a","type":"other","properties":{"text":"back once more"}}`)
	s.want("", map[string]string{"back": "a b", "again": "", "*": "a b"})
	// Several writes of the same object in one call.
	w1, w2 := s.object(`{"id":"c","type":"other","properties":{"text":"one"}}`), s.object(`{"id":"c","type":"other","properties":{"text":"two"}}`)
	out := s.apply(s.app, writes(w1), writes(w2))
	s.remember(out[1].Records[0], w2.Document)
	s.want("", map[string]string{"one": "", "two": "c"})
	s.unindex("a", "b", "c")
	s.want("", map[string]string{"*": "", "back": "", "two": ""})
	if _, n := s.find("count", &para.Query{}); n != 0 {
		s.t.Errorf("%d documents are counted after all were deleted", n)
	}
}

// testNotStoredFound: objects with stored=false are found with their data, though reads by id do not see them.
func testNotStoredFound(s *searchSuite) {
	s.index(`{"id":"a","type":"thing","stored":false,"properties":{"text":"only here"}}`)
	page, err := s.search.Search(s.ctx, s.app, &para.Query{Type: "thing", Limit: 5})
	if err != nil || len(page.Records) != 1 || page.Records[0].Stored || !strings.Contains(string(page.Records[0].Data), "only here") {
		s.t.Errorf("found %+v, %v", page, err)
	}
	s.want("", map[string]string{"here": "a"})
	if s.get(s.app, "a")[0] != nil {
		s.t.Error("Get returns it")
	}
}

// testOddValues: values of any size and kind are indexed, and found as their own kind (T10, D128).
func testOddValues(s *searchSuite) {
	long := strings.Repeat("LongName ", 5000)
	word := strings.Repeat("x", 400)
	s.index(
		`{"id":"a","type":"thing","name":"`+long+`","properties":{"v":5,"text":"`+long+`"}}`,
		`{"id":"b","type":"thing","name":"`+long+`2","properties":{"v":"5","text":"`+word+`"}}`,
		`{"id":"c","type":"thing","name":"@[A Z]\u0000\u0001é","properties":{"v":[5,"five",true,null,"",{"deep":{"er":[1,{"x":"Rex"}]}}]}}`,
		`{"id":"d","type":"thing","name":"quo\"te'd \\ back","properties":{"v":true,"big":1e400,"tiny":-1.5e-300,"long":123456789012345678901234567890.50}}`,
		`{"id":"e","type":"thing","name":"","properties":{"v":{"x":"nested"},"big":1E+401,"long":123456789012345678901234567891}}`,
		`{"id":"f","type":"thing","name":"`+strings.Repeat("ü", 20000)+`","tags":["",".","A"],"properties":{"dots":"...","zero":-0.0}}`,
	)
	s.want("thing", map[string]string{
		"properties.v:5": "a b c", "properties.v:5.0": "a c", "properties.v:true": "c d", "properties.v:five": "c", "properties.v.x:nested": "e",
		"properties.v.deep.er.x:rex": "c", "properties.v:rex": "c", "properties.v:null": "",
		"properties.big:1e400": "d", "properties.big:10e399": "d", "properties.big:[1e399 TO 1e400]": "d", "properties.big:{1e400 TO *]": "e",
		"properties.long:[123456789012345678901234567890 TO 123456789012345678901234567890.5]": "d", "properties.long:123456789012345678901234567890.5": "d",
		"properties.tiny:[* TO 0]": "d", "properties.tiny:[-1 TO 0]": "d", "properties.zero:0": "f", `properties.zero:"-0"`: "f",
		"name:LongName*": "a b", `name:"quo\"te'd \\ back"`: "d", `name:\@*`: "c", "name:[@ TO A]": "c",
		"properties.text:" + word[:255]: "b", "properties.text:" + word[:145]: "b", "properties.text:xxx*": "b", "properties.text:longname": "a",
		"tags:A": "f", "tags:.": "f", "name:ü*": "f", "_exists_:properties.dots": "f", "properties.dots:x": "",
	})
	name := para.Scope{Name: "name"}
	for _, text := range []string{long, long + "2", long + "3", long[:200], strings.Repeat("ü", 16383), ""} {
		s.find("a long name", &para.Query{Filter: para.Term{Scope: name, Text: text}, Limit: 10})
		s.find("a long prefix", &para.Query{Filter: para.Prefix{Scope: name, Text: text}, Limit: 10})
		s.find("a long bound", &para.Query{Filter: para.Range{Scope: name, Min: &text, IncludeMin: true}, Limit: 10})
		s.find("a long bound", &para.Query{Filter: para.Range{Scope: name, Max: &text}, Limit: 10})
	}
	s.find("a long pattern", &para.Query{Filter: para.Wildcard{Scope: name, Pattern: "*Name LongName *2"}, Limit: 10})
	for _, sort := range []string{"name:asc", "name:desc", "properties.big:desc", "properties.long:asc"} {
		s.find("sort by "+sort, &para.Query{Type: "thing", Sort: sortKeys(sort), Limit: 10})
	}
}

// testSimilar is the table of S 13.
func testSimilar(s *searchSuite) {
	texts := []string{"Red apples and green pears are sweet fruit", "Green pears, red apples: sweet fruit!", "Boil the potatoes", "sweet potatoes"}
	for i, text := range texts {
		s.index(fmt.Sprintf(`{"id":"m%d","type":"recipe","properties":{"text":"%s","twin":"%s"}}`, i+1, text, strings.ToUpper(text)))
	}
	s.index(`{"id":"z","type":"other","properties":{"text":"potatoes potatoes"}}`)
	tests := []struct{ like, except, want string }{
		{texts[0], "m1", "m2"}, {texts[0], "", "m1 m2"}, {texts[2], "m3", ""}, {"green pears", "", "m1 m2"},
		{"sweet sweet sweet potatoes", "", "m1 m2 m3 m4"}, {"zzz", "", ""},
	}
	for _, fields := range [][]string{{"properties.text"}, {"properties.text", "properties.twin"}, {"properties.none", "properties.twin"}} {
		for _, test := range tests {
			ids, _ := s.find("similar to "+test.like, &para.Query{Type: "recipe", Limit: 10, Filter: query.Similar(test.like, fields, test.except)})
			if got := strings.Join(ids, " "); got != test.want {
				s.t.Errorf("similar to %q but %q over %v: %q, want %q", test.like, test.except, fields, got, test.want)
			}
		}
	}
}

// testNested is the table of S 15 and the rule that elements are visible to nested queries only (T7).
func testNested(s *searchSuite) {
	s.load("lib")
	s.index(`{"id":"book:b1:note:n1","type":"linker","name":"book:note","id1":"b1","id2":"N-1","type1":"book","type2":"note","timestamp":5,
		"nstd":[{"id":"b1","type":"book","name":"Blue Whale","title":"The Blue Whale","year":1999},{"id":"n9","type":"note","properties":{"text":"the quick fox"}}]}`)
	s.index(`{"id":"book:b1:note:n2","type":"linker","name":"book:note","id1":"b1","id2":"n2","type1":"book","type2":"note","timestamp":6,"nstd":[]}`)
	tests := []struct{ field, q, want string }{
		{"properties.text", "fox", "book:b1:note:n1"}, {"properties.text", "qui*", "book:b1:note:n1"}, {"name", "Blue*", "book:b1:note:n1"},
		{"name", "*", "book:b1:note:n1"}, {"properties.title", "whale AND blue", "book:b1:note:n1"}, {"properties.title", "fox", ""},
		{"properties.text", `"quick fox"`, "book:b1:note:n1"}, {"properties.title", "-fox", "book:b1:note:n1"}, {"id", "n9", "book:b1:note:n1"},
		{"properties.year", "[1990 TO 2000]", "book:b1:note:n1"}, {"type", "note", "book:b1:note:n1"}, {"properties.text", "fox AND properties.title:whale", ""},
	}
	for _, typ := range []string{"linker", ""} {
		for _, test := range tests {
			params := "field=" + test.field + "&q=" + strings.NewReplacer(" ", "+", `"`, "%22").Replace(test.q)
			ids, _ := s.find(params, s.build(typ, "nested", params))
			if got := strings.Join(ids, " "); got != test.want {
				s.t.Errorf("nested %s in type %q: %q, want %q", params, typ, got, test.want)
			}
		}
	}
	// Once the linked object exists, what it holds counts, not the copy of the time of linking (D33).
	s.index(`{"id":"n9","type":"note","properties":{"text":"fresh words"}}`)
	for text, want := range map[string]int64{"fresh": 1, "fox": 0} {
		page, err := s.search.Search(s.ctx, s.app, s.build("linker", "nested", "field=properties.text&q="+text))
		if err != nil || page.Total != want {
			s.t.Errorf("nested %s after a change of the linked object: %+v, %v", text, page, err)
		}
	}
	s.want("linker", map[string]string{"fox": "", "*": "book:b1:note:n1 book:b1:note:n2", "id1:b1": "book:b1:note:n1 book:b1:note:n2", `id2:"N-1"`: "book:b1:note:n1", "id2:n": "book:b1:note:n1"})
	if q := s.build("linker", "terms", "terms=id2:n"); q != nil {
		if ids, _ := s.find("exact id2", q); len(ids) != 0 {
			s.t.Errorf("the exact term n finds %v (T12)", ids)
		}
	}
	if ids, _ := s.find("exact id2", s.build("linker", "terms", "terms=id2:N-1")); len(ids) != 1 {
		s.t.Errorf("the exact term N-1 finds %v (T12)", ids)
	}
}

// testIsolation: an app finds its own objects only (S 16.1).
func testIsolation(s *searchSuite) {
	s.create("second")
	s.index(`{"id":"a","type":"thing","properties":{"text":"word"}}`)
	w := s.object(`{"id":"a","type":"thing","properties":{"text":"word elsewhere"}}`)
	s.apply("second", writes(w))
	s.want("", map[string]string{"word": "a", "elsewhere": "", "*": "a"})
	if _, err := s.search.Search(s.ctx, "nosuch", &para.Query{}); para.CodeOf(err) != para.NotFound {
		s.t.Errorf("searching an unknown app: %v", err)
	}
	if err := s.store.DropApp(s.ctx, "second"); err != nil {
		s.t.Fatal(err)
	}
	s.create("second")
	if page, err := s.search.Search(s.ctx, "second", &para.Query{Limit: 5}); err != nil || page.Total != 0 {
		s.t.Errorf("an app made anew finds %+v, %v", page, err)
	}
}

// testRefusedOpsFindNothing: what an operation wrote before it was refused is not found, nor is what it deleted lost.
func testRefusedOpsFindNothing(s *searchSuite) {
	s.index(`{"id":"a","type":"thing","properties":{"text":"kept"}}`)
	refused := errors.New("refused")
	w := s.object(`{"id":"b","type":"thing","properties":{"text":"never"}}`)
	out, err := s.store.Apply(s.ctx, app, []para.Op{
		{Do: func([]*para.Record) ([]para.Write, error) { return nil, refused }},
		{Do: func([]*para.Record) ([]para.Write, error) { return []para.Write{w}, refused }},
	})
	if err != nil || !errors.Is(out[1].Err, refused) {
		s.t.Fatalf("%v, %v", out, err)
	}
	s.want("", map[string]string{"kept": "a", "never": "", "*": "a"})
}

// testManyFields: an app may have any number of fields, for example maps whose keys are ids (T24).
func testManyFields(s *searchSuite) {
	for i := range 30 {
		var members []string
		for j := range 60 {
			members = append(members, fmt.Sprintf(`"k%d":"word%d same%d"`, i*60+j, j, j%3))
		}
		s.index(fmt.Sprintf(`{"id":"o%02d","type":"thing","timestamp":%d,"properties":{"map":{%s},"list":["a b","c"],"n%d":%d}}`, i, 100+i, strings.Join(members, ","), i, i))
	}
	if got := s.ask("thing", "word59"); len(got) != 30 {
		s.t.Errorf("a word in any field finds %d", len(got))
	}
	s.want("thing", map[string]string{"properties.map.k1799:word59": "o29", "properties.map.k1799:word58": "", `"word59 same2"`: strings.Join(s.sorted(), " "),
		`"same2 word59"`: "", "properties.map.k17*:word59": "o02 o28 o29", "properties.map.k1799:wor*": "o29", `properties.map.k1799:"word59 same2"`: "o29",
		"properties.n29:29": "o29", "properties.n29:[* TO *]": "o29", "properties.map.k5:/wor.5/": "o00", `"b c"`: "", `"a b"`: strings.Join(s.sorted(), " "),
		"29": "o29", "properties.map.k1799:wrod59~1": "o29", "properties.map.k1799:[word5 TO word6]": "o29", "properties.map.k1799:[same1 TO same3]": "o29"})
}

func (s *searchSuite) sorted() []string {
	ids := s.all()
	slices.Sort(ids)
	return ids
}

// testManyValues: long lists in queries and in objects (D9, T13).
func testManyValues(s *searchSuite) {
	var tags, ids, objects []string
	for i := range 3000 {
		tags = append(tags, fmt.Sprintf(`"t%d"`, i))
		ids = append(ids, fmt.Sprintf("id%d", i))
	}
	for i := range 1500 {
		objects = append(objects, fmt.Sprintf(`{"id":"id%d","type":"thing","tags":["odd%d"]}`, i*2, i))
	}
	s.index(objects...)
	s.index(`{"id":"all","type":"thing","tags":[` + strings.Join(tags, ",") + `]}`)
	if _, n := s.find("3000 ids", &para.Query{Filter: para.IDs{IDs: ids}, Limit: 10}); n != 1500 {
		s.t.Errorf("%d of 1500 are found by id", n)
	}
	var or para.Or
	for _, id := range ids {
		or.Parts = append(or.Parts, para.Term{Scope: para.Scope{Name: "id"}, Text: id})
	}
	if _, n := s.find("3000 terms", &para.Query{Type: "thing", Filter: or, Limit: 10}); n != 1500 {
		s.t.Errorf("%d of 1500 are found by term", n)
	}
	and := para.And{}
	for i := range 3000 {
		and.Parts = append(and.Parts, para.Term{Scope: para.Scope{Name: "tags"}, Text: fmt.Sprint("t", i)})
	}
	if got, _ := s.find("3000 tags at once", &para.Query{Filter: and, Limit: 10}); len(got) != 1 {
		s.t.Errorf("3000 tags find %v", got)
	}
}

// testConcurrentReads: every search sees whole commits only. Each call moves a mark from one object to another, so
// exactly one object has it at any moment.
func testConcurrentReads(s *searchSuite) {
	object := func(i int, mark string) para.Write {
		return s.object(fmt.Sprintf(`{"id":"o%d","type":"thing","timestamp":%d,"votes":%d,"properties":{"text":"%s"}}`, i, i, len(mark), mark))
	}
	const objects = 5
	s.apply(s.app, writes(object(0, "mark")))
	for i := 1; i < objects; i++ {
		s.apply(s.app, writes(object(i, "none")))
	}
	done := make(chan struct{})
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			filter := para.Term{Scope: para.Scope{Name: "properties.text"}, Text: "mark"}
			for {
				select {
				case <-done:
					return
				default:
				}
				page, err := s.search.Search(s.ctx, s.app, &para.Query{Type: "thing", Filter: filter, Limit: 5, Sort: newestFirst})
				if err != nil || page.Total != 1 || len(page.Records) != 1 || !strings.Contains(string(page.Records[0].Data), "mark") {
					s.t.Errorf("a search beside writes: %+v, %v", page, err)
					return
				}
				all, err := s.search.Search(s.ctx, s.app, &para.Query{Type: "thing", Limit: 10, Sort: newestFirst})
				if err != nil || all.Total != objects || len(all.Records) != objects {
					s.t.Errorf("a list beside writes: %+v, %v", all, err)
					return
				}
			}
		})
	}
	for i := 1; i <= 60; i++ {
		s.apply(s.app, writes(object((i-1)%objects, "none"), object(i%objects, "mark")))
	}
	close(done)
	wg.Wait()
}
