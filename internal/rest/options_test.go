package rest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/erudika/para-go/client"
)

// Hosts that markdown_allowed_follow_domains names get links without rel, blanks and order do not count (C 3.3).
func TestFollowDomains(t *testing.T) {
	_, root := startWith(t, `para.markdown_allowed_follow_domains = "z.test, a.test"`, `para.markdown_soft_break = "<hr>"`)
	html, err := root.MarkdownToHTML(t.Context(), "[a](https://a.test/x)\n[b](https://b.test/)\n[z](https://z.test/)")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		link   string
		follow bool
	}{{`https://a.test/x"`, true}, {`https://b.test/"`, false}, {`https://z.test/"`, true}} {
		_, rest, ok := strings.Cut(html, tt.link)
		tag, _, _ := strings.Cut(rest, ">")
		if !ok || strings.Contains(tag, "nofollow") == tt.follow {
			t.Errorf("%s: %s", tt.link, html)
		}
	}
	if strings.Count(html, "<hr>") != 2 {
		t.Errorf("the line break: %s", html)
	}
}

// With executor_service_enabled=false nothing is put off: what X-Para-Respond-Immediately asks for is done when the answer
// comes (C 7.2).
func TestNothingLater(t *testing.T) {
	endpoint, root := startWith(t, `para.executor_service_enabled = false`)
	keys, err := root.SetupApp(t.Context(), "inline", client.NewApp{})
	if err != nil {
		t.Fatal(err)
	}
	app, err := client.New(client.Options{Endpoint: endpoint, AccessKey: keys.AccessKey, Secret: keys.SecretKey})
	if err != nil {
		t.Fatal(err)
	}
	defer app.Close()
	for i := range 50 {
		id := fmt.Sprint("c", i)
		if err := app.RespondImmediately().Do(t.Context(), "PUT", "cat/"+id, nil, map[string]any{"name": "Tom"}, nil); err != nil {
			t.Fatal(err)
		}
		if ok, err := app.Exists(t.Context(), "cat", id); err != nil || !ok {
			t.Fatalf("object %d is not there when the answer comes: %v", i, err)
		}
	}
}

// The context path without a slash leads to the page at its root (C 4.2); what lies outside of it does not exist.
func TestContextPathItself(t *testing.T) {
	endpoint, _ := startWith(t, `para.context_path = "/a/b"`)
	for target, want := range map[string]string{
		"GET /a/b": "302 /a/b/", "HEAD /a/b": "302 /a/b/", "GET /a/b/": "200 ", "GET /a": "404 ", "GET /": "404 ", "GET /v1": "404 ", "GET /a/bb": "404 ", "GET /a/b/v1": "200 ",
	} {
		method, path, _ := strings.Cut(target, " ")
		r := exact(t, method, endpoint+path, http.Header{})
		if got := fmt.Sprint(r.status, " ", r.header.Get("Location")); got != want {
			t.Errorf("%s: %s, want %s", target, got, want)
		}
	}
}
