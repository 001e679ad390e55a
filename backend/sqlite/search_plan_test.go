package sqlite

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/erudika/para-go"
	"github.com/erudika/para-go/backend/backendtest"
)

// scans are the statements that may read a whole table, with the reason.
var scans = map[string]string{
	"SELECT path, type, field, kinds FROM paths":                 "one row for each field of each type, read when it changed",
	"SELECT sum(docs) FROM types":                                "one row for each type",
	"SELECT type, docs FROM types":                               "one row for each type",
	"SELECT path, docs FROM counts":                              "one row for each field of each type",
	"SELECT docid FROM docs WHERE 1":                             "every document is the answer",
	"SELECT docid FROM docs WHERE type=? ORDER BY docid":         "for a type without objects that have a type; there is none",
	"SELECT docid FROM points ORDER BY docid":                    "every position is the answer",
	"SELECT docid, type, id FROM objects WHERE 1 AND flags&2<>0": "a pattern for ids that begins with an asterisk",
	"SELECT type, rows FROM docs":                                "the check counts all documents",
}

var virtualIndex = regexp.MustCompile(`VIRTUAL TABLE INDEX (\d+):(.*)`)

// planFault says what is wrong with a line of a query plan; "" when nothing is.
func planFault(detail string) string {
	if m := virtualIndex.FindStringSubmatch(detail); m != nil {
		if m[1] == "0" && !strings.HasPrefix(m[2], "M") && !strings.Contains(m[2], "=") {
			return "reads all words: " + detail
		}
		return ""
	}
	switch {
	case strings.HasPrefix(detail, "SCAN CONSTANT ROW"):
		return ""
	case strings.HasPrefix(detail, "SCAN"):
		return "reads a whole table: " + detail
	case strings.HasPrefix(detail, "USE TEMP B-TREE"):
		return "sorts: " + detail
	}
	return ""
}

func plan(c *conn, sql string) (details []string, err error) {
	s, err := c.prepare("EXPLAIN QUERY PLAN " + sql)
	if err != nil {
		return nil, err
	}
	defer s.reset()
	for {
		row, err := s.step()
		if err != nil || !row {
			return details, err
		}
		details = append(details, s.text(3))
	}
}

// statements are the texts of the SELECT statements in the files of the search, and the beginnings of those that are put
// together.
func statements(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("search*.go")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		tree, err := parser.ParseFile(token.NewFileSet(), file, src, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
				if text, err := strconv.Unquote(l.Value); err == nil && strings.HasPrefix(text, "SELECT ") {
					out = append(out, text)
				}
			}
			return true
		})
	}
	return out
}

// TestPlans reads SQLite's plan of every statement of the search: those that stand in the source, and those that are put
// together while queries of all shapes run. None may read a whole table or sort, but for the reasons given.
func TestPlans(t *testing.T) {
	opts := testOptions(t.TempDir())
	opts.Document = backendtest.Document
	opts.Readers = 2
	s := openTest(t, opts)
	fillChecked(t, s)
	name := func(n string) para.Scope { return para.Scope{Name: n} }
	low, high := "1", "9"
	queries := shapes()
	for n, f := range map[string]para.Filter{
		"ids":          para.IDs{IDs: []string{"odd1"}},
		"id":           para.Term{Scope: name("id"), Text: "odd1"},
		"id prefix":    para.Prefix{Scope: name("id"), Text: "od"},
		"id pattern":   para.Wildcard{Scope: name("id"), Pattern: "*dd*"},
		"open range":   para.Range{Scope: name("properties.price"), Max: &high},
		"range {}":     para.Range{Scope: name("properties.price"), Min: &low, Max: &high},
		"range []":     para.Range{Scope: name("properties.price"), Min: &low, Max: &high, IncludeMin: true, IncludeMax: true},
		"key range":    para.Range{Scope: name("creatorid"), Min: &low, Max: &high, IncludeMin: true},
		"text range":   para.Range{Scope: name("properties.title"), Min: &low, Max: &high, WholeValue: true},
		"near":         para.Near{Center: para.Point{Lat: 42, Lng: 23}, Radius: 1e6},
		"parent":       para.ParentOf{Part: para.Term{Scope: name("tags"), Text: "t1"}},
		"nested":       para.Nested{Part: para.All{}},
		"similar":      para.Similar{Fields: []string{"properties.body"}, Tokens: []para.TokenCount{{Text: "w1", Count: 2}, {Text: "w2", Count: 1}}, MaxTerms: 5},
		"has position": para.Exists{Scope: name("latlng")},
		"has number":   para.Exists{Scope: name("properties.price")},
		"zero":         para.Number{Scope: name("votes"), Text: "0"},
		"mixed": para.And{Parts: []para.Filter{para.Or{Parts: []para.Filter{para.Term{Scope: name("tags"), Text: "t1"},
			para.Term{Scope: name("properties.body"), Text: "w1"}}}, para.Term{Scope: name("properties.body"), Text: "w2"}}},
	} {
		for _, typ := range []string{"", "post"} {
			for _, sort := range [][]para.SortKey{{{Field: "timestamp", Desc: true}}, {{Field: "name"}}, {{Field: "creatorid", Desc: true}}, {{Field: "properties.views"}}} {
				queries = append(queries, benchShape{n, para.Query{Type: typ, Filter: f, Sort: sort, Limit: 10}})
			}
		}
	}
	after := int64(20)
	for _, typ := range []string{"", "post"} {
		queries = append(queries, benchShape{"after", para.Query{Type: typ, After: &after, Desc: true, Limit: 10}}, benchShape{"after", para.Query{Type: typ, After: &after, Limit: 10}})
		for _, desc := range []bool{true, false} {
			for _, field := range []string{"creatorid", "votes", "properties.views", "nothing"} {
				queries = append(queries, benchShape{"list", para.Query{Type: typ, Sort: []para.SortKey{{Field: field, Desc: desc}}, Limit: 10}})
			}
		}
	}
	f, err := s.acquire(t.Context(), "para")
	if err != nil {
		t.Fatal(err)
	}
	defer s.release(f)
	ran := map[string]bool{}
	for _, q := range queries {
		if _, err := s.Search(t.Context(), "para", &q.query); err != nil {
			t.Errorf("%s: %v", q.name, err)
		}
		f.mu.Lock()
		for _, c := range f.readers {
			for sql := range c.stmts {
				ran[sql] = true
			}
		}
		f.mu.Unlock()
	}
	c, err := f.openReader()
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := c.close(); err != nil {
			t.Error(err)
		}
	}()
	if err := c.script("PRAGMA query_only=OFF; CREATE VIRTUAL TABLE temp.instances USING fts5vocab(main, terms, instance)"); err != nil {
		t.Fatal(err)
	}
	written := statements(t)
	if len(written) < 40 || len(ran) < 25 {
		t.Fatalf("%d statements in the source, %d that ran", len(written), len(ran))
	}
	judge := func(sql string) bool {
		details, err := plan(c, sql)
		if err != nil {
			return false
		}
		for _, d := range details {
			if fault := planFault(d); fault != "" && scans[sql] == "" {
				t.Errorf("%s\n  %s", sql, fault)
			}
		}
		return true
	}
	for _, sql := range written {
		if judge(sql) {
			continue
		}
		part := false // the beginning of a statement that ran
		for whole := range ran {
			part = part || strings.HasPrefix(whole, sql)
		}
		if !part {
			t.Errorf("no query ran a statement that begins with %q", sql)
		}
	}
	for sql := range ran {
		if strings.HasPrefix(sql, "SELECT ") && !judge(sql) {
			t.Errorf("no plan of %s", sql)
		}
	}
	for sql := range scans {
		if details, err := plan(c, sql); err != nil || len(details) == 0 || planFault(details[0]) == "" {
			t.Errorf("%s needs no leave: %q, %v", sql, details, err)
		}
	}
}
