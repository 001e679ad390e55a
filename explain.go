package para

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Explanation tells how a query was answered, for people who write queries.
type Explanation struct {
	Filter string        // the condition after analysis, as FilterText writes it
	Steps  []ExplainStep // what the engine did, in the order in which it was done with it; at most MaxExplainSteps
	Took   time.Duration
}

// ExplainStep is one step of an evaluation.
type ExplainStep struct {
	Depth int    // steps that this one is a part of
	What  string // the condition, or how the index was asked
	Found int    // documents
	Took  time.Duration
}

// MaxExplainSteps bounds Explanation.Steps.
const MaxExplainSteps = 200

// Explainer is implemented by searchers that can tell how they answer.
type Explainer interface {
	// Explain is Search with the story of it.
	Explain(ctx context.Context, app string, q *Query) (*Page, *Explanation, error)
}

// maxFilterText bounds the text of a filter in bytes.
const maxFilterText = 4000

// FilterText writes a filter for people; the text is cut after some thousand bytes.
func FilterText(f Filter) string {
	var b strings.Builder
	writeFilter(&b, f)
	s := b.String()
	if len(s) > maxFilterText {
		return strings.ToValidUTF8(s[:maxFilterText], "") + " …"
	}
	return s
}

func writeFilter(b *strings.Builder, f Filter) {
	if b.Len() > maxFilterText {
		return
	}
	list := func(name string, parts []Filter) {
		b.WriteString(name + "(")
		for i, p := range parts {
			if i > 0 {
				b.WriteString(", ")
			}
			writeFilter(b, p)
		}
		b.WriteByte(')')
	}
	switch f := f.(type) {
	case nil, All:
		b.WriteString("everything")
	case None:
		b.WriteString("nothing")
	case And:
		list("all", f.Parts)
	case Or:
		if f.Min > 1 {
			list("at least "+strconv.Itoa(f.Min)+" of ", f.Parts)
			return
		}
		list("any", f.Parts)
	case Not:
		list("not", []Filter{f.Part})
	case Term:
		fmt.Fprintf(b, "%s = %q", f.Scope, f.Text)
	case Number:
		fmt.Fprintf(b, "%s = %s", f.Scope, f.Text)
	case Phrase:
		fmt.Fprintf(b, "%s has the phrase %q", f.Scope, strings.Join(f.Terms, " "))
		if f.Slop > 0 {
			fmt.Fprintf(b, " ~%d", f.Slop)
		}
	case Prefix:
		fmt.Fprintf(b, "%s begins with %q", f.Scope, f.Text)
	case Wildcard:
		fmt.Fprintf(b, "%s fits %q", f.Scope, f.Pattern)
	case Regexp:
		fmt.Fprintf(b, "%s fits /%s/", f.Scope, f.Pattern)
	case Fuzzy:
		fmt.Fprintf(b, "%s = %q with %d changes", f.Scope, f.Text, f.Edits)
	case Range:
		open, end := "{", "}"
		if f.IncludeMin {
			open = "["
		}
		if f.IncludeMax {
			end = "]"
		}
		fmt.Fprintf(b, "%s in %s%s to %s%s", f.Scope, open, boundText(f.Min), boundText(f.Max), end)
	case Exists:
		fmt.Fprintf(b, "%s exists", f.Scope)
	case IDs:
		fmt.Fprintf(b, "id is one of %d", len(f.IDs))
	case Near:
		fmt.Fprintf(b, "within %g m of %g,%g", f.Radius, f.Center.Lat, f.Center.Lng)
	case ParentOf:
		list("parent of", []Filter{f.Part})
	case Nested:
		list("linked object has", []Filter{f.Part})
	case Similar:
		fmt.Fprintf(b, "like a text of %d different words in %s", len(f.Tokens), strings.Join(f.Fields, ", "))
	default:
		fmt.Fprintf(b, "%T", f)
	}
}

func boundText(s *string) string {
	if s == nil {
		return "*"
	}
	return strconv.Quote(*s)
}

// String names the fields of a scope for people.
func (s Scope) String() string {
	switch s.Kind {
	case KeywordPattern:
		return "keywords " + s.Name
	case TextPattern:
		return "texts " + s.Name
	case AnyKeyword:
		return "any keyword"
	case AnyText:
		return "any text"
	}
	return s.Name
}
