// Package docs runs the examples of the documentation.
package docs

import (
	"errors"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/client"
	"github.com/erudika/para-go/internal/servertest"
)

// start returns a client of an app of a fresh server.
func start(t *testing.T) *client.Client {
	t.Helper()
	return servertest.Start(t).NewApp(t, "library").Client
}

// section is what stands below a heading, up to the next one.
func section(t *testing.T, text, heading string) string {
	t.Helper()
	_, rest, ok := strings.Cut(text, "\n## "+heading+"\n")
	if !ok {
		t.Fatalf("no section %q", heading)
	}
	body, _, _ := strings.Cut(rest, "\n## ")
	return body
}

// table returns the cells of all rows below a head, code marks taken away.
func table(t *testing.T, text, head string) [][]string {
	t.Helper()
	_, rest, ok := strings.Cut(text, head+"\n")
	if !ok {
		t.Fatalf("no table %q", head)
	}
	var rows [][]string
	for _, line := range strings.Split(rest, "\n") {
		if !strings.HasPrefix(line, "|") {
			break
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		cells[0] = strings.Trim(cells[0], "`")
		rows = append(rows, cells)
	}
	return rows[1:] // below the rule
}

func TestSearch(t *testing.T) {
	data, err := os.ReadFile("../../docs/search.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	c := start(t)
	_, objects, _ := strings.Cut(text, "```json\n")
	objects, _, _ = strings.Cut(objects, "```")
	made := 0
	for _, line := range strings.Split(strings.TrimSpace(objects), "\n") {
		o := new(para.Object)
		err := o.UnmarshalJSON([]byte(line))
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if _, err := c.Create(t.Context(), o); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		made++
	}
	language := section(t, text, "The query language")
	queries := table(t, language, "| Query | Finds | Because |")
	refused := table(t, language, "| Query | Because |")
	requests := table(t, section(t, text, "Other kinds of search"), "| Request | Finds | Because |")
	if made < 5 || len(queries) < 30 || len(refused) < 5 || len(requests) < 7 {
		t.Fatalf("%d objects, %d queries, %d refused ones, %d requests", made, len(queries), len(refused), len(requests))
	}
	for _, row := range queries {
		compare(t, c, row[0], "search?"+url.Values{"q": {row[0]}}.Encode(), row[1])
	}
	for _, row := range requests {
		compare(t, c, row[0], row[0], row[1])
	}
	for _, row := range refused {
		_, err := find(t, c, "search?"+url.Values{"q": {row[0]}}.Encode())
		var refusal *client.Error
		if !errors.As(err, &refusal) || refusal.Status != 400 || !strings.HasPrefix(refusal.Message, "Invalid query string syntax q="+row[0]) {
			t.Errorf("%s is to be refused, but is %v", row[0], err)
		}
	}
}

// compare finds the ids that a row of a table names, in any order. The app's own record is no object of the examples.
func compare(t *testing.T, c *client.Client, name, request, want string) {
	t.Helper()
	got, err := find(t, c, request)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	if list := strings.Fields(want); !slices.Equal(got, list) {
		t.Errorf("%s finds %v; the document says %v", name, got, list)
	}
}

func find(t *testing.T, c *client.Client, request string) ([]string, error) {
	t.Helper()
	u, err := url.Parse(request)
	if err != nil {
		t.Fatal(err)
	}
	params := u.Query()
	typ, kind := "", "default"
	switch parts := strings.Split(u.Path, "/"); {
	case parts[0] != "search":
		typ, kind = parts[0], parts[2]
	case len(parts) > 1:
		kind = parts[1]
	}
	page, err := client.SearchAs[*para.Object](t.Context(), c, typ, kind, params, &client.Pager{Limit: 100})
	if err != nil {
		return nil, err
	}
	ids := []string{}
	for _, o := range page.Items {
		ids = append(ids, o.ID())
	}
	slices.Sort(ids)
	return ids, nil
}
