package server_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/client"
	"github.com/erudika/para-go/server"
)

// A permission is granted on a path. Whoever may read one type reads no object of another type by its id there: not the
// app's own record, and nothing that a search by id finds (D27, D35).
func TestPermissionOnOneTypeGivesNoOther(t *testing.T) {
	const secret = "path-root-secret-of-more-than-forty-characters"
	dir := t.TempDir()
	conf := filepath.Join(dir, "para-application.conf")
	if err := os.WriteFile(conf, fmt.Appendf(nil, "para.root_secret_override = %q\n", secret), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := server.Start(t.Context(), server.Options{
		ConfigFile: conf,
		WorkDir:    dir,
		Flags:      map[string]string{"port": "0", "server.address": "127.0.0.1"},
		Log:        slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close(t.Context()) })
	root := connect(t, s, "app:para", secret)
	keys, err := root.SetupApp(t.Context(), "pets", client.NewApp{})
	if err != nil {
		t.Fatal(err)
	}
	app := connect(t, s, keys.AccessKey, keys.SecretKey)
	for _, typ := range []string{"cat", "dog"} {
		o := para.New(typ)
		o.SetID("one-" + typ)
		if err := o.Set("name", "Somebody"); err != nil {
			t.Fatal(err)
		}
		if _, err := app.Create(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := app.Grant(t.Context(), "*", "cat", client.AllowGet, client.AllowGuests); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"cat/one-cat":   "200 one-cat",
		"cat/one-dog":   "404",
		"cat/app:pets":  "404",
		"cats/app:pets": "404",
		"cat/search/ids?ids=one-cat&ids=one-dog&": "200 one-cat",
		"cat/search/id?id=one-dog&":               "200",
		"cat/search/id?id=one-cat&":               "200 one-cat",
		"cat?querytype=ids&ids=one-dog&type=dog&": "200",
		"cat?querytype=id&id=one-cat&":            "200 one-cat",
		"dog/one-dog":                             "403",
	} {
		t.Run(path, func(t *testing.T) {
			if !strings.HasSuffix(path, "&") {
				path += "?"
			}
			res, err := http.Get(s.URL() + "/v1/" + path + "accessKey=" + keys.AccessKey)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			body, err := io.ReadAll(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			got := fmt.Sprint(res.StatusCode)
			for _, id := range []string{"one-cat", "one-dog", "app:pets"} {
				if res.StatusCode == http.StatusOK && strings.Contains(string(body), `"id":"`+id+`"`) {
					got += " " + id
				}
			}
			if got != want {
				t.Errorf("got %s, want %s: %s", got, want, body)
			}
		})
	}
}

func connect(t *testing.T, s *server.Server, access, secret string) *client.Client {
	t.Helper()
	c, err := client.New(client.Options{AccessKey: access, Secret: secret, Endpoint: s.URL()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}
