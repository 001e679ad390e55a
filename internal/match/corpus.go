package match

import (
	"cmp"
	"math"
	"slices"
	"strings"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/analysis"
)

// Corpus is all documents of an app by DocID. It answers queries by looking at every document: slow, and right by its
// plainness.
type Corpus map[int64]*para.Document

// Search returns the DocIDs of a page of a query's hits in order, and the number of all hits (S 8).
func (c Corpus) Search(q *para.Query) (page []int64, total int) {
	c = c.refreshed()
	filter := c.resolve(q.Filter)
	var hits []int64
	for id, d := range c {
		if (q.Type == "" || d.Type == q.Type) && Document(visible(d, q.Hidden), filter) {
			hits = append(hits, id)
		}
	}
	slices.Sort(hits)
	total = len(hits)
	if q.After != nil {
		if q.Desc {
			slices.Reverse(hits)
		}
		hits = slices.DeleteFunc(hits, func(id int64) bool { return q.Desc && id >= *q.After || !q.Desc && id <= *q.After })
	} else {
		c.sort(hits, q.Sort)
	}
	from := min(q.Offset, len(hits))
	return hits[from:min(from+q.Limit, len(hits))], total
}

// visible is a document without the fields that a query must not look at.
func visible(d *para.Document, hidden para.HiddenFields) *para.Document {
	if len(hidden[d.Type]) == 0 {
		return d
	}
	v := *d
	v.Fields = slices.DeleteFunc(slices.Clone(d.Fields), func(f para.IndexField) bool { return hidden.Hides(d.Type, f.Name) })
	return &v
}

// refreshed is the corpus with links whose elements are the linked objects themselves where they exist (D33).
func (c Corpus) refreshed() Corpus {
	type object struct{ id, typ string }
	objects := make(map[object]*para.Document, len(c))
	for _, d := range c {
		objects[object{d.ID, d.Type}] = d
	}
	out := make(Corpus, len(c))
	for id, d := range c {
		if len(d.Nested) > 0 {
			link := *d
			link.Nested = slices.Clone(d.Nested)
			for i, n := range link.Nested {
				if fresh := objects[object{n.ID, n.Type}]; fresh != nil {
					link.Nested[i] = *fresh
				}
			}
			d = &link
		}
		out[id] = d
	}
	return out
}

// resolve replaces the nodes that depend on other documents by such as look at one.
func (c Corpus) resolve(f para.Filter) para.Filter {
	switch f := f.(type) {
	case para.And:
		return para.And{Parts: c.resolveAll(f.Parts)}
	case para.Or:
		return para.Or{Parts: c.resolveAll(f.Parts), Min: f.Min}
	case para.Not:
		return para.Not{Part: c.resolve(f.Part)}
	case para.ParentOf:
		part := c.resolve(f.Part)
		var ids []string
		for _, d := range c {
			if Document(d, part) {
				ids = append(ids, Parents(d)...)
			}
		}
		return para.IDs{IDs: ids}
	case para.Similar:
		return c.similar(f)
	}
	return f
}

func (c Corpus) resolveAll(parts []para.Filter) []para.Filter {
	out := make([]para.Filter, len(parts))
	for i, p := range parts {
		out[i] = c.resolve(p)
	}
	return out
}

// Parents returns the ids in a document's parentid.
func Parents(d *para.Document) []string {
	var ids []string
	for _, f := range d.Fields {
		if f.Name == "parentid" {
			for _, v := range f.Values {
				ids = append(ids, v.Text)
			}
		}
	}
	return ids
}

func (c Corpus) similar(f para.Similar) para.Filter {
	count := func(field string, filter func(para.Scope) para.Filter) int {
		n := 0
		for _, d := range c {
			if Document(d, filter(para.Scope{Name: field})) {
				n++
			}
		}
		return n
	}
	most := func(filter func(para.Scope) para.Filter) int {
		n := 0
		for _, field := range f.Fields {
			n = max(n, count(field, filter))
		}
		return n
	}
	documents := most(func(s para.Scope) para.Filter { return para.Exists{Scope: s} })
	return Heaviest(f, documents, func(token string) int {
		return most(func(s para.Scope) para.Filter { return para.Term{Scope: s, Text: token} })
	})
}

// Heaviest makes a Similar a filter on single documents, given the number of documents with a field and those with a
// token in it (S 13).
func Heaviest(f para.Similar, documents int, frequency func(token string) int) para.Filter {
	type word struct {
		text   string
		weight float64
	}
	var words []word
	for _, t := range f.Tokens {
		if df := frequency(t.Text); df > 0 {
			words = append(words, word{t.Text, float64(t.Count) * (math.Log(float64(documents+1)/float64(df+1)) + 1)})
		}
	}
	slices.SortStableFunc(words, func(a, b word) int { return cmp.Compare(b.weight, a.weight) })
	words = words[:min(len(words), f.MaxTerms)]
	if len(words) == 0 {
		return para.None{}
	}
	or := para.Or{Min: max(1, len(words)*7/10)}
	for _, w := range words {
		var fields para.Or
		for _, name := range f.Fields {
			fields.Parts = append(fields.Parts, para.Term{Scope: para.Scope{Name: name}, Text: w.text})
		}
		or.Parts = append(or.Parts, fields)
	}
	return or
}

// SortValue is what a document has in a field that is sorted by (S 8.3). Numbers come before texts.
type SortValue struct {
	Text bool
	Key  string // of a number its analysis.NumberKey, else the text
}

// Compare returns -1, 0 or +1 as a stands before, beside or after b in ascending order.
func (a SortValue) Compare(b SortValue) int {
	if a.Text != b.Text {
		if b.Text {
			return -1
		}
		return 1
	}
	return strings.Compare(a.Key, b.Key)
}

// ValueOf returns what a field sorts by; false for a field without values.
func ValueOf(f *para.IndexField) (SortValue, bool) {
	if len(f.Values) == 0 {
		return SortValue{}, false
	}
	if !f.List && len(f.Values) == 1 && f.Values[0].Number {
		if key, ok := analysis.NumberKey(f.Values[0].Text); ok {
			return SortValue{Key: key}, true
		}
	}
	return SortValue{Text: true, Key: f.Sort}, true
}

// Missing is what a document without the field sorts as: 0 where any document of the app has a number there, before all
// texts elsewhere.
func Missing(numbers bool) SortValue {
	if !numbers {
		return SortValue{Text: true}
	}
	key, _ := analysis.NumberKey("0")
	return SortValue{Key: key}
}

func (c Corpus) sort(ids []int64, keys []para.SortKey) {
	var values []map[int64]SortValue
	var used []para.SortKey
	for _, k := range keys {
		v := map[int64]SortValue{}
		numbers := false
		for id, d := range c {
			for i := range d.Fields {
				if d.Fields[i].Name != k.Field {
					continue
				}
				if value, ok := ValueOf(&d.Fields[i]); ok {
					v[id] = value
					numbers = numbers || !value.Text
				}
			}
		}
		if k.Field != "_docid" {
			if len(v) == 0 {
				continue // unknown: the order stays (T5)
			}
			for id := range c {
				if _, ok := v[id]; !ok {
					v[id] = Missing(numbers)
				}
			}
		}
		values = append(values, v)
		used = append(used, k)
	}
	slices.SortFunc(ids, func(a, b int64) int {
		for i, k := range used {
			order := values[i][a].Compare(values[i][b])
			if k.Field == "_docid" {
				order = cmp.Compare(a, b)
			}
			if k.Desc {
				order = -order
			}
			if order != 0 {
				return order
			}
		}
		return cmp.Compare(a, b)
	})
}
