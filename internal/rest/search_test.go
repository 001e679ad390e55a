package rest

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/backend/sqlite"
	"github.com/erudika/para-go/internal/access"
	"github.com/erudika/para-go/internal/analysis"
	"github.com/erudika/para-go/internal/engine"
)

// searching is a handler over an engine without objects.
func searching(t *testing.T) *Handler {
	t.Helper()
	store, err := sqlite.Open(sqlite.Options{Dir: t.TempDir(), RootApp: "para", Durability: sqlite.Relaxed})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	eng, err := engine.Open(t.Context(), engine.Options{Store: store, Search: store, RootApp: "para", Document: analysis.Document})
	if err != nil {
		t.Fatal(err)
	}
	return &Handler{eng: eng, log: slog.New(slog.DiscardHandler)}
}

// TestPager is the table of S 8.2, and what becomes of it in the query (S 8.5).
func TestPager(t *testing.T) {
	h := &Handler{opts: Options{DefaultLimit: 30, MaxLimit: 256, MaxPages: 1000}}
	for _, test := range []struct {
		query  string
		page   int64
		limit  int
		offset int
		after  string
		sort   string
	}{
		{"", 0, 30, 0, "", "timestamp-"},
		{"page=2&limit=10", 2, 10, 10, "", "timestamp-"},
		{"page=x&limit=x", 0, 30, 0, "", "timestamp-"},
		{"page=-3&limit=-5", 3, 5, 10, "", "timestamp-"},
		{"page=5000&limit=5000", 1000, 256, 999 * 256, "", "timestamp-"},
		{"limit=0", 0, 0, 0, "", "timestamp-"},
		{"page=1.5&limit=", 0, 30, 0, "", "timestamp-"},
		{"sort=", 0, 30, 0, "", "timestamp-"},
		{"sort=name", 0, 30, 0, "", "name-"},
		{"sort=name&desc=false", 0, 30, 0, "", "name+"},
		{"sort=name&desc=TRUE", 0, 30, 0, "", "name-"},
		{"sort=name&desc=1", 0, 30, 0, "", "name-"},
		{"sort=name&desc=0", 0, 30, 0, "", "name+"},
		{"sort=name&desc=", 0, 30, 0, "", "name+"},
		{"sort=a:desc, b:asc ,c&desc=false", 0, 30, 0, "", "a- b+ c+"},
		{"sort=a:asc", 0, 30, 0, "", "a+"},
		{"sort=,a,", 0, 30, 0, "", "a-"},
		{"lastKey=5", 0, 30, 0, "0", ""},
		{"lastKey=1099511627781&desc=false&sort=name", 0, 30, 0, "5", ""},
		{"lastKey=1099511627781&page=1", 1, 30, 0, "5", ""},
		{"lastKey=1099511627781&page=2", 2, 30, 30, "", "timestamp-"},
		{"lastKey=%20", 0, 30, 0, "", "timestamp-"},
		{"lastKey=abc", 0, 30, 0, "error", ""},
	} {
		p := h.pager(parseQuery(test.query))
		var q para.Query
		err := p.apply(&q, "default")
		after := ""
		switch {
		case err != nil:
			after = "error"
		case q.After != nil:
			after = strconv.FormatInt(*q.After, 10)
		}
		var sort []string
		for _, k := range q.Sort {
			sort = append(sort, k.Field+map[bool]string{true: "-", false: "+"}[k.Desc])
		}
		if p.page != test.page || p.limit != test.limit || q.Offset != test.offset || after != test.after || strings.Join(sort, " ") != test.sort {
			t.Errorf("%s: page %d limit %d offset %d after %q sort %q", test.query, p.page, p.limit, q.Offset, after, sort)
		}
	}
}

// TestEnvelope writes what every client can read: a total that fits 32 bits, lastKey as a text, the page as it was asked for.
func TestEnvelope(t *testing.T) {
	h := searching(t)
	for _, test := range []struct {
		p     pager
		found engine.Found
		keys  bool
		want  string
	}{
		{pager{}, engine.Found{}, true, `{"items":[],"page":0,"totalHits":0}`},
		{pager{page: 7}, engine.Found{Total: 1 << 40, LastKey: 5}, true, `{"items":[],"lastKey":"1099511627781","page":7,"totalHits":2147483647}`},
		{pager{lastKey: "x\"y"}, engine.Found{Total: 3}, true, `{"items":[],"lastKey":"x\"y","page":0,"totalHits":3}`},
		{pager{lastKey: "9"}, engine.Found{Total: 3, LastKey: 5}, false, `{"items":[],"lastKey":"9","page":0,"totalHits":3}`},
	} {
		a, err := h.envelope(test.p, &test.found, test.keys)
		if err != nil || string(a.body) != test.want {
			t.Errorf("%s, %v; want %s", a.body, err, test.want)
		}
	}
}

// TestFailedSearches answers a search that failed: an empty page for what is the engine's fault, an error for what is the
// caller's (D55, D129).
func TestFailedSearches(t *testing.T) {
	h := searching(t)
	c := &call{r: httptest.NewRequest(http.MethodGet, "/v1/cat", nil), uri: "/v1/cat", p: access.Principal{}}
	for code, told := range map[para.Code]bool{para.Unavailable: false, para.Corrupt: false, para.Internal: false, para.WriteFailed: false,
		para.Busy: true, para.TooLarge: true, para.Invalid: true, para.NotFound: true} {
		failure := &para.Error{Code: code, Err: errors.New("cause")}
		a, err := h.searchFailed(context.Background(), c, pager{page: 2, lastKey: "5"}, failure)
		switch {
		case told && !errors.Is(err, failure):
			t.Errorf("%s: %v, want the error", code, err)
		case !told && (err != nil || a.status != http.StatusOK || string(a.body) != `{"items":[],"lastKey":"5","page":2,"totalHits":0}`):
			t.Errorf("%s: %+v, %v, want an empty page", code, a, err)
		}
	}
}
