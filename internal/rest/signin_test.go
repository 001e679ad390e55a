package rest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/erudika/para-go/client"
	"github.com/erudika/para-go/internal/servertest"
)

// startWith runs a server with lines of configuration.
func startWith(t *testing.T, lines ...string) (endpoint string, root *client.Client) {
	t.Helper()
	s := servertest.Start(t, lines...)
	return s.URL, s.Root
}

// reply is what the tests look at.
type reply struct {
	status int
	header http.Header
	body   string
}

var noRedirects = &http.Client{
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	Timeout:       time.Minute,
}

func ask(t *testing.T, method, address, body string, header ...string) reply {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	res, err := noRedirects.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{res.StatusCode, res.Header, string(b)}
}

func passwordBody(app, text string) string {
	b, _ := json.Marshal(map[string]string{"provider": "password", "appid": app, "token": text}) // texts always encode
	return string(b)
}

// The token path answers at the root, below the context path and below each of its leading parts (D11).
func TestTokenPathBelowContextPaths(t *testing.T) {
	endpoint, _ := startWith(t, `para.context_path = "/a/b"`)
	for path, status := range map[string]int{
		"/jwt_auth": 401, "/a/jwt_auth": 401, "/a/b/jwt_auth": 401,
		"/b/jwt_auth": 404, "/a/b/c/jwt_auth": 404, "/a/b/v1/jwt_auth": 401, "/jwt_auth/": 404, "/a/jwt_auth/x": 404,
	} {
		got := ask(t, "GET", endpoint+path, "")
		if got.status != status {
			t.Errorf("%s: %d, want %d", path, got.status, status)
		}
		if refresh := strings.Contains(got.body, "User must reauthenticate."); refresh != (status == 401 && !strings.Contains(path, "v1")) {
			t.Errorf("%s: %s", path, got.body)
		}
	}
}

// Somebody who signs up several times at once is one user with one identity record, and each time gets in.
func TestSignUpsAtOnce(t *testing.T) {
	endpoint, root := startWith(t, "para.security.allow_unverified_emails = true")
	app := newApp(t, endpoint, root, "crowd")
	for round := range 3 {
		address := fmt.Sprintf("ann%d@example.com", round)
		var all sync.WaitGroup
		ids := make(chan string, 8)
		for range cap(ids) {
			all.Go(func() {
				got := ask(t, "POST", endpoint+"/jwt_auth", passwordBody("crowd", address+":Ann:secret-pass"))
				var session struct{ User struct{ ID string } }
				if err := json.Unmarshal([]byte(got.body), &session); err != nil || got.status != 200 || session.User.ID == "" {
					t.Errorf("%d %s", got.status, got.body)
				}
				ids <- session.User.ID
			})
		}
		all.Wait()
		first := <-ids
		for range cap(ids) - 1 {
			if id := <-ids; id != first {
				t.Errorf("two users: %s and %s", first, id)
			}
		}
		if got := ask(t, "POST", endpoint+"/jwt_auth", passwordBody("crowd", address+":Ann:other-pass")); got.status != 400 {
			t.Errorf("another password: %d", got.status)
		}
	}
	for typ, want := range map[string]int64{"user": 3, "sysprop": 3} {
		n, err := app.Count(t.Context(), typ)
		if err != nil || n != want {
			t.Errorf("%d objects of type %s, %v", n, typ, err)
		}
	}
}

// A flood of sign-ins is refused early, and other requests do not wait for it.
func TestSignInFlood(t *testing.T) {
	endpoint, root := startWith(t, "para.security.allow_unverified_emails = true")
	newApp(t, endpoint, root, "flooded")
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var all sync.WaitGroup
	refused := make(chan string, 200)
	for i := range cap(refused) {
		all.Go(func() {
			body := passwordBody("flooded", fmt.Sprintf("nobody%d@example.com:Nobody:secret-pass", i))
			r, err := http.NewRequestWithContext(ctx, "POST", endpoint+"/jwt_auth", strings.NewReader(body))
			if err != nil {
				t.Error(err)
				return
			}
			res, err := noRedirects.Do(r)
			if err != nil {
				return // the flood was stopped
			}
			defer res.Body.Close()
			if text, err := io.ReadAll(res.Body); err == nil && res.StatusCode != 200 {
				refused <- fmt.Sprintf("%d %s", res.StatusCode, text)
			}
		})
	}
	select {
	case got := <-refused:
		if got != `429 {"code":429,"message":"Too Many Requests"}` {
			t.Errorf("refused with %s", got)
		}
	case <-time.After(30 * time.Second):
		t.Error("no sign-in was refused, although more came than the queue holds")
	}
	for range 100 {
		if got := ask(t, "GET", endpoint+"/v1/_health", ""); got.status != 200 {
			t.Fatalf("health during the flood: %d", got.status)
		}
	}
	stop()
	all.Wait()
}

func TestBrowserFlowsStayWhereTheyBelong(t *testing.T) {
	endpoint, root := startWith(t, "para.security.allow_unverified_emails = true")
	newApp(t, endpoint, root, "flows")
	if got := ask(t, "POST", endpoint+"/jwt_auth", passwordBody("flows", "ann@example.com:Ann:secret-pass")); got.status != 200 {
		t.Fatal(got)
	}
	form := func(more ...string) string {
		v := url.Values{"appid": {"flows"}, "email": {"ann@example.com"}, "password": {"secret-pass"}}
		for i := 0; i+1 < len(more); i += 2 {
			v.Set(more[i], more[i+1])
		}
		return v.Encode()
	}
	for to, want := range map[string]string{
		"/there?x=y": "/there?x=y", "https://evil.net/": "/", "//evil.net": "/", "/\\evil.net": "/", "/\r\nX: y": "/", "javascript:alert(1)": "/",
		endpoint + "/x": endpoint + "/x", "http://127.0.0.1:1/x": "/",
	} {
		got := ask(t, "POST", endpoint+"/password_auth", form("returnto", to), "Content-Type", "application/x-www-form-urlencoded")
		if got.status != 302 || got.header.Get("Location") != want {
			t.Errorf("returnto %q: %d to %q, want %q", to, got.status, got.header.Get("Location"), want)
		}
		if c := got.header.Values("Set-Cookie"); len(c) > 0 {
			t.Errorf("cookies %q", c)
		}
	}
	for method, want := range map[string]int{"GET": 405, "PUT": 405, "HEAD": 405} {
		if got := ask(t, method, endpoint+"/password_auth?"+form(), ""); got.status != want {
			t.Errorf("%s /password_auth: %d", method, got.status)
		}
	}
}

func TestCSRF(t *testing.T) {
	endpoint, _ := startWith(t)
	page := ask(t, "GET", endpoint+"/signin", "")
	cookie, _, _ := strings.Cut(page.header.Get("Set-Cookie"), ";")
	value, ok := strings.CutPrefix(cookie, "XSRF-TOKEN=")
	if !ok || len(value) != 36 {
		t.Fatalf("cookie of the sign-in page: %q", page.header.Get("Set-Cookie"))
	}
	other := ask(t, "GET", endpoint+"/signin", "").header.Get("Set-Cookie")
	if strings.Contains(other, value) {
		t.Fatal("two browsers got the same token")
	}
	const form = "application/x-www-form-urlencoded"
	tests := []struct {
		name, body string
		header     []string
		status     int
	}{
		{"no cookie, no token", "", nil, 403},
		{"no cookie", "", []string{"X-XSRF-TOKEN", value}, 403},
		{"cookie only", "", []string{"Cookie", cookie}, 403},
		{"another value", "", []string{"Cookie", cookie, "X-XSRF-TOKEN", strings.Repeat("0", 36)}, 403},
		{"part of the value", "", []string{"Cookie", cookie, "X-XSRF-TOKEN", value[:35]}, 403},
		{"empty cookie and value", "", []string{"Cookie", "XSRF-TOKEN=", "X-XSRF-TOKEN", ""}, 403},
		{"header", "", []string{"Cookie", cookie, "X-XSRF-TOKEN", value}, 302},
		{"form", "_csrf=" + value, []string{"Cookie", cookie, "Content-Type", form}, 302},
		{"body that is no form", "_csrf=" + value, []string{"Cookie", cookie, "Content-Type", "text/plain"}, 403},
	}
	for _, tt := range tests {
		got := ask(t, "POST", endpoint+"/signout", tt.body, tt.header...)
		if got.status != tt.status {
			t.Errorf("%s: %d %s", tt.name, got.status, got.body)
		}
		if tt.status == 403 && !strings.Contains(got.body, `"code":403`) {
			t.Errorf("%s: %s", tt.name, got.body)
		}
	}
}

// Nothing of a password, a token or a key may be in the answer to a failed sign-in.
func TestFailuresTellNoSecrets(t *testing.T) {
	endpoint, root := startWith(t)
	newApp(t, endpoint, root, "quiet")
	for _, body := range []string{
		passwordBody("quiet", "ann@example.com::my-secret-pass"),
		`{"provider":"passwordless","appid":"quiet","token":"my-secret-pass"}`,
		`{"provider":"password","appid":"quiet","token":"my-secret-pass"`,
		`{"provider":"password","appid":"quiet","token":["my-secret-pass"]}`,
	} {
		got := ask(t, "POST", endpoint+"/jwt_auth", body)
		if got.status != 400 || strings.Contains(got.body, "my-secret-pass") {
			t.Errorf("%s: %d %s", body, got.status, got.body)
		}
	}
}

// The life of a session as the Go client sees it: up, in, renewed, revoked; the rights of the user on its own object and
// on those of others.
func TestSessionOfAClient(t *testing.T) {
	endpoint, root := startWith(t, "para.security.allow_unverified_emails = true")
	app := newApp(t, endpoint, root, "session")
	ctx := t.Context()
	session, err := app.SignIn(ctx, "password", "ann@example.com:Ann:secret-pass")
	if err != nil {
		t.Fatal(err)
	}
	ann := app.WithSession(session)
	me, err := ann.Me(ctx)
	if err != nil || me.User == nil || me.User.ID() != session.User.ID() {
		t.Fatalf("me: %+v, %v", me, err)
	}
	id := session.User.ID()
	bearer := func(s string) []string { return []string{"Authorization", "Bearer " + s} }
	for _, tt := range []struct {
		method, path, body string
		status             int
	}{
		{"GET", "/v1/user/" + id, "", 200},
		{"GET", "/v1/users/" + id, "", 200},
		{"GET", "/v1/_id/" + id, "", 200},
		{"PATCH", "/v1/user/" + id, `{"name":"Ann B"}`, 200},
		{"PUT", "/v1/user/" + id, `{"name":"Ann C"}`, 403},
		{"GET", "/v1/_id/ann@example.com", "", 403},
		{"GET", "/v1/cat/" + id, "", 403},
		{"GET", "/v1/_settings", "", 403},
		{"POST", "/v1/_newkeys", "", 403},
		{"GET", "/v1/todo/search/%25zz", "", 403},
		{"GET", "/v1/users/" + id + "/links/" + id, "", 403},
	} {
		if got := ask(t, tt.method, endpoint+tt.path, tt.body, bearer(session.Token)...); got.status != tt.status {
			t.Errorf("%s %s: %d %s", tt.method, tt.path, got.status, got.body)
		}
	}
	// A user cannot make itself an administrator, nor choose the key of its tokens.
	body := `{"groups":"admins","tokenSecret":"0123456789012345678901234567890123456789abc=","identifier":"fb:1","active":false}`
	if got := ask(t, "PATCH", endpoint+"/v1/user/"+id, body, bearer(session.Token)...); got.status != 200 ||
		!strings.Contains(got.body, `"groups":"users"`) || !strings.Contains(got.body, `"identifier":"ann@example.com"`) || strings.Contains(got.body, "tokenSecret") {
		t.Errorf("PATCH of protected fields: %d %s", got.status, got.body)
	}
	renewed, err := ann.Refresh(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if got := ask(t, "GET", endpoint+"/v1/_me", "", bearer(session.Token)...); got.status != 401 || got.body != "" || got.header.Get("WWW-Authenticate") != `Bearer error="invalid_token"` {
		t.Errorf("the token before the renewal: %d %q %q", got.status, got.body, got.header.Get("WWW-Authenticate"))
	}
	if got := ask(t, "GET", endpoint+"/v1/_me", "", bearer(renewed.Token)...); got.status != 200 {
		t.Errorf("the renewed token: %d", got.status)
	}
	if err := ann.RevokeAllTokens(ctx); err != nil {
		t.Fatal(err)
	}
	if got := ask(t, "GET", endpoint+"/v1/_me", "", bearer(renewed.Token)...); got.status != 401 {
		t.Errorf("after the revocation: %d", got.status)
	}
}
