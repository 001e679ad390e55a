package rest_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "modernc.org/sqlite" // to damage a file

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/client"
	"github.com/erudika/para-go/server"
)

// TestExplainIsForApps asks for the story of a search as an app, a user and a guest: only the app gets it, and only the app is
// told where a query is wrong and what was expected there.
func TestExplainIsForApps(t *testing.T) {
	endpoint, root := startWith(t, "para.security.allow_unverified_emails = true")
	app := newApp(t, endpoint, root, "stories")
	ctx := t.Context()
	if _, err := app.Grant(ctx, client.AllSubjects, client.AllResources, client.AllowRead, client.AllowGuests); err != nil {
		t.Fatal(err)
	}
	o := para.New("cat")
	o.SetName("Tom")
	if _, err := app.Create(ctx, o); err != nil {
		t.Fatal(err)
	}
	session, err := app.SignIn(ctx, "password", "ann@example.com:Ann:secret-pass")
	if err != nil {
		t.Fatal(err)
	}
	story, err := app.Explain(ctx, "cat", "name:Tom", nil)
	if err != nil || story == nil || len(story.Steps) == 0 || story.Filter == "" {
		t.Fatalf("the app got the story %+v, %v", story, err)
	}
	_, err = app.Explain(ctx, "cat", "name:Tom AND", nil)
	if err == nil || !strings.Contains(err.Error(), "byte 12") || !strings.Contains(err.Error(), "expected") {
		t.Errorf("a wrong query of the app: %v", err)
	}
	for name, header := range map[string][]string{
		"user":  {"Authorization", "Bearer " + session.Token},
		"guest": {"Authorization", "Anonymous app:stories"},
	} {
		got := ask(t, "GET", endpoint+"/v1/cat/search?q=name:Tom&explain=true", "", header...)
		if got.status != http.StatusOK || !strings.Contains(got.body, `"Tom"`) || strings.Contains(got.body, "explain") {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
		got = ask(t, "GET", endpoint+"/v1/cat/search?q=name:Tom%20AND&explain=true", "", header...)
		if got.status != http.StatusBadRequest || got.body != `{"code":400,"message":"Invalid query string syntax q=name:Tom AND in request GET /v1/cat/search"}` {
			t.Errorf("%s, wrong query: %d %s", name, got.status, got.body)
		}
	}
}

// TestIndexOfAnotherApp checks and rebuilds the index of another app: the root app may, others may not, and nobody but apps.
// What a check found is counted on the health page.
func TestIndexOfAnotherApp(t *testing.T) {
	endpoint, root := startWith(t, "para.security.allow_unverified_emails = true")
	one, two := newApp(t, endpoint, root, "one"), newApp(t, endpoint, root, "two")
	ctx := t.Context()
	for range 5 {
		if _, err := two.Create(ctx, para.New("cat")); err != nil {
			t.Fatal(err)
		}
	}
	page := func(want string) {
		t.Helper()
		got := ask(t, "GET", endpoint+"/v1/_health?index=true", "")
		if got.status != http.StatusOK || !strings.HasPrefix(got.body, `{"message":"healthy","index":`+want) {
			t.Errorf("the health page is %d %s, want %s", got.status, got.body, want)
		}
	}
	page(`{"checked":0,"differ":0}`)
	if got := ask(t, "GET", endpoint+"/v1/_health", ""); got.body != `{"message":"healthy"}` {
		t.Errorf("the health page for those who do not ask for more: %s", got.body)
	}
	for _, app := range []string{"one", "app:one", ""} {
		if r, err := one.CheckIndex(ctx, app); err != nil || !r.Equal {
			t.Errorf("the check of %q by itself: %+v, %v", app, r, err)
		}
	}
	page(`{"checked":1,"differ":0,"lastCheck":`)
	if r, err := root.CheckIndex(ctx, "two"); err != nil || !r.Equal || r.Objects != 5 {
		t.Errorf("the check by the root app: %+v, %v", r, err)
	}
	if r, err := root.RebuildIndexOf(ctx, "two"); err != nil || r.Objects != 5 || r.Skipped != 0 {
		t.Errorf("the rebuild by the root app: %+v, %v", r, err)
	}
	page(`{"checked":2,"differ":0,"lastCheck":`)
	session, err := two.SignIn(ctx, "password", "ann@example.com:Ann:secret-pass")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := two.Grant(ctx, client.AllSubjects, client.AllResources, client.AllowAll); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]*client.Client{"an app": one, "a user": two.WithSession(session)} {
		for _, app := range []string{"two", "app:two", "para", "nobody"} {
			if name == "a user" && app != "para" && app != "nobody" {
				continue
			}
			if r, err := c.CheckIndex(ctx, app); !errors.Is(err, client.ErrForbidden) {
				t.Errorf("%s checked the index of %s: %+v, %v", name, app, r, err)
			}
			if r, err := c.RebuildIndexOf(ctx, app); !errors.Is(err, client.ErrForbidden) {
				t.Errorf("%s rebuilt the index of %s: %+v, %v", name, app, r, err)
			}
		}
	}
	for _, request := range [][2]string{{"GET", "/v1/_reindex/check?app=two"}, {"POST", "/v1/_reindex?app=two"}} {
		if got := ask(t, request[0], endpoint+request[1], ""); got.status != http.StatusUnauthorized {
			t.Errorf("nobody asks %s: %d %s", request, got.status, got.body)
		}
	}
	if _, err := root.RebuildIndexOf(ctx, "nobody"); !errors.Is(err, client.ErrNotFound) {
		t.Errorf("the rebuild of an app that is not there: %v", err)
	}
}

// TestReindexPastADamagedObject damages an object on disk: the rebuild tells which, the health page that one index differs, and
// all other objects are found.
func TestReindexPastADamagedObject(t *testing.T) {
	dir := t.TempDir()
	conf := filepath.Join(dir, "para-application.conf")
	if err := os.WriteFile(conf, []byte(fmt.Sprintf("para.root_secret_override = %q", rootSecret)), 0o600); err != nil {
		t.Fatal(err)
	}
	var root *client.Client
	var endpoint string
	run := func(do func()) {
		t.Helper()
		s, err := server.Start(t.Context(), server.Options{ConfigFile: conf, WorkDir: dir, Flags: map[string]string{"port": "0"}})
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := s.Close(context.Background()); err != nil {
				t.Error(err)
			}
		}()
		endpoint = fmt.Sprintf("http://127.0.0.1:%d", s.Port())
		if root, err = client.New(client.Options{AccessKey: "app:para", Secret: rootSecret, Endpoint: endpoint}); err != nil {
			t.Fatal(err)
		}
		defer root.Close()
		do()
	}
	ctx := t.Context()
	run(func() {
		app := newApp(t, endpoint, root, "hurt")
		for _, name := range []string{"good1", "bad", "good2"} {
			o := para.New("cat")
			o.SetID(name)
			o.SetName(name)
			if _, err := app.Create(ctx, o); err != nil {
				t.Fatal(err)
			}
		}
	})
	files, err := filepath.Glob(filepath.Join(dir, "*", "apps", "hurt*.db"))
	if err != nil || len(files) != 1 {
		t.Fatalf("files of the app: %q, %v", files, err)
	}
	db, err := sql.Open("sqlite", files[0])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(ctx, "UPDATE objects SET data=x'7b' WHERE id='bad'; DELETE FROM keys"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	run(func() {
		r, err := root.RebuildIndexOf(ctx, "hurt")
		if err != nil || r.Objects != 3 || r.Skipped != 1 || len(r.Problems) != 1 || !strings.HasPrefix(r.Problems[0], "object bad cannot be indexed: ") {
			t.Errorf("rebuild: %+v, %v", r, err)
		}
		if got := ask(t, "GET", endpoint+"/v1/_health?index=1", ""); !strings.Contains(got.body, `"differ":1`) {
			t.Errorf("the health page: %s", got.body)
		}
		check, err := root.CheckIndex(ctx, "hurt")
		if err != nil || check.Equal || check.Problems != 1 || !strings.HasPrefix(check.Differences[0], "object bad cannot be indexed: ") {
			t.Errorf("check: %+v, %v", check, err)
		}
	})
}
