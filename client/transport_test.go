package client

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	para "github.com/erudika/para-go"
)

func TestOptions(t *testing.T) {
	t.Setenv("PARA_ENDPOINT", "http://from.env:9/")
	for _, test := range []struct {
		o        Options
		endpoint string
		api      string
		signIn   string
	}{
		{Options{}, "http://from.env:9", "/v1/", "/jwt_auth"},
		{Options{Endpoint: "https://h/ctx//"}, "https://h/ctx", "/v1/", "/jwt_auth"},
		{Options{Endpoint: "http://h", APIPath: "ctx/v1"}, "http://h", "/ctx/v1/", "/ctx/jwt_auth"},
	} {
		c, err := New(test.o)
		if err != nil || c.Endpoint() != test.endpoint || c.t.api != test.api || c.t.signInPath() != test.signIn {
			t.Errorf("%+v: %v %s", test, err, c.Endpoint())
		}
	}
	for _, endpoint := range []string{"localhost:8080", "ftp://h", "http://", "http://h?x", "http://u:secretpw@h", "http://h#x", ":"} {
		if _, err := New(Options{Endpoint: endpoint}); err == nil || strings.Contains(err.Error(), "secretpw") {
			t.Errorf("%s: %v", endpoint, err)
		}
	}
}

func TestContextPath(t *testing.T) {
	s := newServer(t, replies("{}"))
	c := s.client(t, func(o *Options) { o.Endpoint = s.URL + "/a/b/" })
	c.Do(t.Context(), "GET", "/_types", nil, nil, nil)
	c.SignIn(t.Context(), "password", "x")
	want := `GET /a/b/v1/_types POST /a/b/jwt_auth {"appid":"app:myapp","provider":"password","token":"x"}`
	if got := strings.Join(s.lines(), " "); got != want {
		t.Error(got)
	}
}

func TestDo(t *testing.T) {
	s := newServer(t, func(_ int, e exchange, w http.ResponseWriter) {
		io.WriteString(w, e.header.Get("Content-Type")+"|"+e.header.Get("User-Agent")+"|"+e.body)
	})
	c, ctx := s.client(t), t.Context()
	var text string
	var data []byte
	if err := c.Do(ctx, "POST", "x", url.Values{"a": {"1 2"}}, []byte("raw"), &text); err != nil || !strings.HasSuffix(text, "|raw") {
		t.Error(text, err)
	}
	if err := c.Do(ctx, "PUT", "x", nil, map[string]int{"a": 1}, &data); err != nil || !strings.HasPrefix(string(data), "application/json|para-go/") || !strings.Contains(string(data), " (app:myapp)|{") {
		t.Error(string(data), err)
	}
	if err := c.Do(ctx, "GET", "x", nil, nil, new(int)); err == nil || !strings.Contains(err.Error(), "cannot be read") {
		t.Error(err)
	}
	if err := c.Do(ctx, "GET", "x", nil, func() {}, nil); err == nil {
		t.Error("a function was encoded")
	}
	if err := c.Do(ctx, "B AD", "x", nil, nil, nil); err == nil {
		t.Error("a bad method was sent")
	}
}

func TestErrors(t *testing.T) {
	status, message := 0, ""
	s := newServer(t, func(_ int, e exchange, w http.ResponseWriter) { refuse(w, status, message) })
	c := s.client(t)
	for _, test := range []struct {
		status  int
		message string
		is      []error
	}{
		{400, "a is required.. b is required.", []error{ErrBadRequest}},
		{400, "Request has expired.", []error{ErrBadRequest, ErrExpired}},
		{401, "Not an app.", []error{ErrUnauthorized}},
		{403, "no", []error{ErrForbidden}},
		{403, "App is in read-only mode. [app:x]", []error{ErrForbidden, ErrReadOnly}},
		{403, "Invalid signature for request GET /v1/_me coming from app myapp", []error{ErrForbidden, ErrInvalidSignature}},
		{404, "x", []error{ErrNotFound}},
		{405, "x", []error{ErrMethodNotAllowed}},
		{412, "Update failed due to 'version' mismatch.", []error{ErrVersionMismatch}},
		{413, "x", []error{ErrTooLarge}},
		{429, "x", []error{ErrRateLimited}},
		{500, "Internal Server Error", nil},
	} {
		status, message = test.status, test.message
		err := c.Do(t.Context(), "POST", "x?secret=1", nil, nil, nil)
		var e *Error
		if !errors.As(err, &e) || e.Status != test.status || e.Code != test.status || e.Message != test.message || e.Method != "POST" {
			t.Errorf("%+v: %v", test, err)
			continue
		}
		for _, target := range []error{ErrBadRequest, ErrUnauthorized, ErrForbidden, ErrNotFound, ErrMethodNotAllowed, ErrVersionMismatch,
			ErrTooLarge, ErrRateLimited, ErrExpired, ErrReadOnly, ErrInvalidSignature, io.EOF} {
			want := false
			for _, is := range test.is {
				want = want || is == target
			}
			if errors.Is(err, target) != want {
				t.Errorf("%v is %v: %t", err, target, !want)
			}
		}
	}
	e := &Error{Message: "a is required.. b is required."}
	if d := e.Details(); len(d) != 2 || d[0] != "a is required." || d[1] != "b is required." {
		t.Errorf("%q", d)
	}
	for _, body := range []string{"", "<html>", `{"code":"x"}`, `[]`, `{"message":5}`, `null`, `{"message":""}`} {
		e := errorOf("GET", "/", &http.Response{StatusCode: 502}, []byte(body))
		if e.Code != 502 || e.Message != "Bad Gateway" {
			t.Errorf("%s: %+v", body, e)
		}
	}
}

func TestRepetition(t *testing.T) {
	for _, test := range []struct {
		name, method, path, body string
		status                   int
		times                    int // how often the server fails
		sent                     int
		ok                       bool
	}{
		{"GET, one failure", "GET", "x", "", 503, 1, 2, true},
		{"GET, two failures", "GET", "x", "", 502, 2, 3, true},
		{"GET, three failures", "GET", "x", "", 504, 3, 3, false},
		{"PUT", "PUT", "x", "{}", 429, 1, 2, true},
		{"DELETE", "DELETE", "x", "", 503, 1, 2, true},
		{"POST", "POST", "x", "{}", 503, 1, 1, false},
		{"PATCH", "PATCH", "x", "{}", 503, 1, 1, false},
		{"other status", "GET", "x", "", 500, 1, 1, false},
		{"not found", "GET", "x", "", 404, 1, 1, false},
		{"lost connection", "GET", "x", "", 0, 1, 2, true},
		{"lost connection, POST", "POST", "x", "{}", 0, 1, 1, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newServer(t, func(n int, e exchange, w http.ResponseWriter) {
				switch {
				case n > test.times:
				case test.status == 0:
					panic(http.ErrAbortHandler)
				default:
					refuse(w, test.status, "later")
				}
			})
			s.Config.ErrorLog = nil
			c := s.client(t)
			var body any
			if test.body != "" {
				body = []byte(test.body)
			}
			err := c.Do(t.Context(), test.method, test.path, nil, body, nil)
			got := s.lines()
			if (err == nil) != test.ok || len(got) != test.sent || got[0] != got[len(got)-1] {
				t.Errorf("%v %q", err, got)
			}
		})
	}
}

func TestPatchWithVersionIsRepeated(t *testing.T) {
	s := newServer(t, func(n int, e exchange, w http.ResponseWriter) {
		if n == 1 {
			refuse(w, 503, "")
			return
		}
		w.Write([]byte(e.body))
	})
	c := s.client(t)
	if _, err := c.Update(t.Context(), object(t, "cat", "1", map[string]any{"version": 2})); err != nil || len(s.lines()) != 2 {
		t.Error(err)
	}
	if _, err := c.Patch(t.Context(), "cat", "1", map[string]any{"version": 2}); err != nil || len(s.lines()) != 2 {
		t.Error(err)
	}
	if _, err := c.Update(t.Context(), object(t, "cat", "1", nil)); err == nil || len(s.lines()) != 1 {
		t.Error(err)
	}
}

func TestWaits(t *testing.T) {
	p := RetryPolicy{Max: 40, MinWait: time.Millisecond, MaxWait: 5 * time.Millisecond}
	answer := func(after string) error {
		return &Error{Status: 503, Header: http.Header{"Retry-After": {after}}}
	}
	for attempt := range 40 {
		if wait, ok := p.wait(attempt, answer("")); !ok || wait > 5*time.Millisecond || attempt == 0 && wait > time.Millisecond {
			t.Error(attempt, wait, ok)
		}
	}
	if wait, ok := p.wait(0, answer("2")); wait != 2*time.Second || !ok {
		t.Error(wait, ok)
	}
	if _, ok := p.wait(0, answer("61")); ok {
		t.Error("waits longer than a minute")
	}
	if wait, ok := p.wait(0, answer(time.Now().Add(30*time.Second).UTC().Format(http.TimeFormat))); wait < 25*time.Second || !ok {
		t.Error(wait, ok)
	}
	if _, ok := p.wait(40, answer("")); ok {
		t.Error("repeats for ever")
	}
	if p := (RetryPolicy{}).withDefaults(); p.Max != 2 || p.MinWait != 200*time.Millisecond || p.MaxWait != 5*time.Second {
		t.Error(p)
	}
	if p := (RetryPolicy{Max: -1}).withDefaults(); p.Max != 0 {
		t.Error(p)
	}
}

func TestClock(t *testing.T) {
	s := newServer(t, replies("1"))
	s.clock = 5 * time.Hour
	c := s.client(t)
	if _, err := c.NewID(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := c.post(t.Context(), "x", nil, []byte("{}"), nil); err != nil { // learned already
		t.Fatal(err)
	}
	if got := s.lines(); len(got) != 2 {
		t.Errorf("%q", got)
	}
	if _, err := s.client(t, func(o *Options) { o.KeepClock = true }).NewID(t.Context()); !errors.Is(err, ErrExpired) {
		t.Error(err)
	}
	// A server that refuses every date is asked twice, not for ever.
	n := 0
	e := newServer(t, func(_ int, _ exchange, w http.ResponseWriter) { n++; refuse(w, 400, "Request has expired.") })
	if _, err := e.client(t).NewID(t.Context()); !errors.Is(err, ErrExpired) || n != 2 {
		t.Error(err, n)
	}
}

func TestWrongSecret(t *testing.T) {
	s := newServer(t, replies("1"))
	c := s.client(t, func(o *Options) { o.Secret = "another" })
	_, err := c.NewID(t.Context())
	if !errors.Is(err, ErrInvalidSignature) || strings.Contains(err.Error(), "another") {
		t.Error(err)
	}
	c.SetSecret(testSecret)
	if _, err := c.NewID(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestTimeoutAndCancellation(t *testing.T) {
	release := make(chan struct{})
	n := 0
	s := newServer(t, func(int, exchange, http.ResponseWriter) {
		if n++; n <= 2 {
			<-release
		}
	})
	defer close(release)
	// The server handles one request at a time, so the attempts below end by their timeouts.
	c := s.client(t, func(o *Options) { o.Timeout = 20 * time.Millisecond; o.Retry.Max = 1 })
	err := c.Do(t.Context(), "GET", "x", nil, nil, nil)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Do(ctx, "GET", "x", nil, nil, nil); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestUnreachable(t *testing.T) {
	s := newServer(t, replies(""))
	c := s.client(t)
	s.Close()
	err := c.Do(t.Context(), "GET", "x", url.Values{"token": {"hidden"}}, nil, nil)
	if err == nil || strings.Contains(err.Error(), "hidden") || !strings.Contains(err.Error(), s.URL+"/v1/x") {
		t.Error(err)
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	s := newServer(t, func(_ int, _ exchange, w http.ResponseWriter) {
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(302)
	})
	err := s.client(t).Do(t.Context(), "GET", "x", nil, nil, nil)
	var e *Error
	if !errors.As(err, &e) || e.Status != 302 || len(s.lines()) != 1 {
		t.Error(err)
	}
}

func TestRespondImmediately(t *testing.T) {
	var headers []string
	s := newServer(t, func(_ int, e exchange, w http.ResponseWriter) {
		headers = append(headers, e.header.Get("X-Para-Respond-Immediately"))
		if e.method == "GET" {
			w.Write([]byte(oneObject))
		}
	})
	c, ctx := s.client(t).RespondImmediately(), t.Context()
	cat := object(t, "cat", "1", nil)
	if o, err := c.Create(ctx, cat); o != nil || err != nil {
		t.Error(o, err)
	}
	if l, err := c.CreateAll(ctx, []*para.Object{cat}); l != nil || err != nil {
		t.Error(l, err)
	}
	if ok, err := c.VoteUp(ctx, cat, "u", nil); ok || err != nil {
		t.Error(ok, err)
	}
	if o, err := c.Read(ctx, "cat", "1"); o == nil || err != nil {
		t.Error(o, err)
	}
	if got := strings.Join(headers, ","); got != "true,true,true," {
		t.Error(got)
	}
	if _, err := s.client(t).Create(ctx, cat); err == nil || !strings.Contains(err.Error(), "empty") {
		t.Error(err)
	}
}

func TestLogHasNoSecrets(t *testing.T) {
	var log bytes.Buffer
	s := newServer(t, replies("1"))
	c := s.client(t, func(o *Options) {
		o.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	c.NewID(t.Context())
	c.As("secret.token.x").NewID(t.Context())
	s.Close()
	c.NewID(t.Context())
	text := log.String()
	if strings.Count(text, "para request") != 5 || strings.Contains(text, testSecret) || strings.Contains(text, "secret.token") || strings.Contains(text, "Signature") {
		t.Error(text)
	}
}

func TestTransfer(t *testing.T) {
	s := newServer(t, func(_ int, e exchange, w http.ResponseWriter) {
		switch {
		case e.method == "GET":
			w.Header().Set("Content-Disposition", "attachment;filename=myapp_20260101_000000.zip")
			w.Write([]byte("zip"))
		case e.body == "bad":
			refuse(w, 400, "Import failed - not a zip")
		default:
			w.Write([]byte(`{"id":"1","type":"paraimport","name":"` + e.header.Get("Content-Type") + `"}`))
		}
		if e.method == "PUT" && !strings.HasPrefix(e.as, "token ey") || e.method == "GET" && e.as != "app" {
			t.Error(e.as)
		}
	})
	c, ctx := s.client(t), t.Context()
	file, name, err := c.Export(ctx)
	if err != nil || name != "myapp_20260101_000000.zip" {
		t.Fatal(name, err)
	}
	defer file.Close()
	if data, err := io.ReadAll(file); string(data) != "zip" || err != nil {
		t.Error(data, err)
	}
	o, err := c.Import(ctx, io.LimitReader(strings.NewReader("zipzip"), 3), "a b.zip")
	if err != nil || o.Name() != "application/zip" {
		t.Error(o, err)
	}
	if got := s.lines(); strings.Join(got, ",") != "GET /v1/_export,PUT /v1/_import?filename=a%20b.zip zip" {
		t.Errorf("%q", got)
	}
	if _, err := c.Import(ctx, strings.NewReader("bad"), ""); !errors.Is(err, ErrBadRequest) {
		t.Error(err)
	}
	if _, err := s.client(t, func(o *Options) { o.Secret = "short" }).Import(ctx, strings.NewReader("x"), ""); err == nil {
		t.Error("a short secret made a token")
	}
	if _, _, err := s.client(t, func(o *Options) { o.Secret = "short" }).Export(ctx); !errors.Is(err, ErrInvalidSignature) {
		t.Error(err)
	}
}

func TestPath(t *testing.T) {
	for want, segments := range map[string][]string{
		"":                         nil,
		"a/b":                      {"a", "b"},
		"my%20type/a%2Fb%2B%C3%BC": {"my type", "a/b+ü"},
		"x%27%281%29%2A%21~-_.":    {"x'(1)*!~-_."},
		"/":                        {"", ""},
	} {
		if got := Path(segments...); got != want {
			t.Errorf("%q: %s", segments, got)
		}
	}
	for path, want := range map[string]string{"dog": "ZG9n", "users": "dXNlcnM", "*": "Kg", "todo/*": "dG9kby8q", "a?b>c~": "YT9iPmN-", "кот": "0LrQvtGC"} {
		if got := resourcePath(path); got != want {
			t.Errorf("%s: %s", path, got)
		}
	}
}
