package rest_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/erudika/para-go/client"
)

// exact sends a request with exactly these headers, so that nothing is added or unpacked on the way.
func exact(t *testing.T, method, address string, header http.Header) reply {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header = header
	transport := &http.Transport{DisableCompression: true}
	defer transport.CloseIdleConnections()
	res, err := transport.RoundTrip(r)
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

// An answer is packed when the request wants gzip more than not at all, by name or with everything else (R 6.3, D4).
func TestAcceptEncoding(t *testing.T) {
	endpoint, _ := start(t)
	for accept, packed := range map[string]bool{
		"gzip": true, "GZip": true, "br, gzip": true, "gzip;q=0.001": true, "gzip; q=1": true, "*": true, "identity, *;q=0.1": true, "gzip;level=1": true,
		"": false, "identity": false, "x-gzip": false, "gzip;q=0": false, "gzip; q=0.0": false, "*;q=0": false, "gzip;q=x": false,
		"gzip;q=0, *": false, "*, gzip;q=0": false, "*;q=0, gzip": true,
	} {
		header := http.Header{"Accept-Encoding": {accept}}
		r := exact(t, http.MethodGet, endpoint+"/v1", header)
		if got := r.header.Get("Content-Encoding") == "gzip"; got != packed || r.header.Get("Content-Length") != fmt.Sprint(len(r.body)) {
			t.Errorf("Accept-Encoding %q: Content-Encoding %q, length %s of %d", accept, r.header.Get("Content-Encoding"), r.header.Get("Content-Length"), len(r.body))
		}
		if vary := r.header.Values("Vary"); len(vary) != 1 || !strings.HasSuffix(vary[0], ", accept-encoding") {
			t.Errorf("Accept-Encoding %q: Vary %q", accept, vary)
		}
		head := exact(t, http.MethodHead, endpoint+"/v1", header)
		if head.body != "" || head.header.Get("Content-Length") != r.header.Get("Content-Length") || head.header.Get("Content-Encoding") != r.header.Get("Content-Encoding") {
			t.Errorf("HEAD with %q: %v", accept, head.header)
		}
	}
	if r := exact(t, http.MethodGet, endpoint+"/ping", http.Header{"Accept-Encoding": {"gzip"}}); r.body != "pong" || len(r.header.Values("Vary")) != 3 {
		t.Errorf("a short text: %q %v", r.body, r.header)
	}
}

// Every path that the error page is asked for is answered with a complete page, whatever number stands in it (R 28.2).
func TestErrorPage(t *testing.T) {
	endpoint, _ := start(t)
	for path, want := range map[string]string{
		"/error":     `400 {"code":400,"message":"Bad Request"}`,
		"/error/404": `404 {"code":404,"message":"Not Found"}`,
		"/error/413": `413 {"code":413,"message":"Content Too Large"}`,
		"/error/422": `422 {"code":422,"message":"Unprocessable Content"}`,
		"/error/200": `200 {"code":200,"message":"OK"}`,
		"/error/abc": `400 {"code":400,"message":"Bad Request"}`,
		"/error/999": `500 {"code":500,"message":"Internal Server Error"}`,
		"/error/0":   `500 {"code":500,"message":"Internal Server Error"}`,
		"/error/100": `500 {"code":500,"message":"Internal Server Error"}`,
		"/error/101": `500 {"code":500,"message":"Internal Server Error"}`,
		"/error/204": `500 {"code":500,"message":"Internal Server Error"}`,
		"/error/304": `500 {"code":500,"message":"Internal Server Error"}`,
		"/error/-1":  `500 {"code":500,"message":"Internal Server Error"}`,
		"/error/4/4": `404 {"code":404,"message":"Not found"}`,
		"/not-found": `404 {"code":404,"message":"Not found"}`,
		"/signin":    `401 {"code":401,"message":"Not found"}`,
		"/":          `200 {"code":200,"message":"Hello from Para!"}`,
		"/nowhere":   `404 {"code":404,"message":"Not found"}`,
	} {
		r := ask(t, http.MethodGet, endpoint+path, "")
		if got := fmt.Sprint(r.status, " ", r.body); got != want || r.header.Get("Content-Length") != fmt.Sprint(len(r.body)) {
			t.Errorf("%s: %s (length %s), want %s", path, got, r.header.Get("Content-Length"), want)
		}
	}
}

// The options that change the API (R 29), and the context path in front of everything: in routes, permissions, texts,
// Location and form addresses (D11).
func TestSwitches(t *testing.T) {
	endpoint, root := startWith(t, `para.context_path = "/ctx/a"`, `para.env = "development"`, `para.cors_enabled = false`, `para.gzip_enabled = false`,
		`para.print_version = false`, `para.landing_page_enabled = false`, `para.max_datatypes_per_app = 3`, `para.max_entity_size_bytes = 2048`,
		`para.max_items_per_page = 3`, `para.max_page_limit = 5`, `para.max_pages = 4`)
	keys, err := root.SetupApp(t.Context(), "switches", client.NewApp{})
	if err != nil {
		t.Fatal(err)
	}
	a := &tenant{endpoint, keys}
	const v1 = "/ctx/a/v1"
	a.want(t, "PUT", v1+"/_settings/security.allow_unverified_emails", `{"value":true}`, 200)
	id, token := a.user(t, "u@switches.test")
	a.want(t, "PUT", v1+"/_permissions/"+id+"/cat", `["*"]`, 200)

	if r := a.as(t, token, "POST", v1+"/cat", `{"id":"a b"}`); r.status != 201 || r.header.Get("Location") != v1+"/cat/a+b" {
		t.Errorf("POST below a context path: %d %s %v", r.status, r.body, r.header)
	}
	if r := a.as(t, token, "GET", v1+"/dog/1", ""); r.status != 403 || !strings.Contains(r.body, "resource: GET /ctx/a/v1/dog/1]") {
		t.Errorf("a refusal below a context path: %d %s", r.status, r.body)
	}
	if r := a.as(t, token, "GET", v1+"/users/"+id, ""); r.status != 200 {
		t.Errorf("the implicit permission below a context path: %d %s", r.status, r.body)
	}
	if body := a.want(t, "PUT", v1+"/form/f1", `{"name":"f","notifyEmails":["a@b.test"],"captchaSecretKey":"x"}`, 200); !strings.Contains(body, `"formActionURI":"`+v1+`/_forms/switches/f1"`) {
		t.Errorf("the address of a form: %s", body)
	}
	for path, status := range map[string]int{v1: 200, "//ctx//a//v1": 200, "/v1": 404, "/ctx/v1": 404, "/CTX/a/v1": 404, "/ctx/a": 404, "/ctx/a/": 404, "/ctx/a/ping": 200, v1 + "/_health": 200} {
		r := ask(t, http.MethodGet, endpoint+path, "")
		html := strings.HasPrefix(r.header.Get("Content-Type"), "text/html")
		if r.status != status || html != (status == 404) {
			t.Errorf("GET %s: %d %s", path, r.status, r.header.Get("Content-Type"))
		}
	}
	if r := ask(t, http.MethodGet, endpoint+v1, ""); r.body != `{"info":"Para - the backend for busy developers."}` {
		t.Errorf("the introduction without versions: %s", r.body)
	}
	r := a.app(t, "GET", v1+"/cat/a%20b", "", "Origin", "https://elsewhere.test", "Accept-Encoding", "gzip")
	if r.status != 200 || r.header.Get("Access-Control-Allow-Origin") != "" || r.header.Get("Vary") != "" || r.header.Get("Content-Encoding") != "" {
		t.Errorf("without CORS and gzip: %d %v", r.status, r.header)
	}

	for i := range 5 {
		a.want(t, "PUT", fmt.Sprintf("%s/kind%d/x", v1, i), "{}", 200)
	}
	if body := a.want(t, "GET", v1+"/_types", "", 200); strings.Count(body, "kind") != 4 || !strings.Contains(body, `"kind1s":"kind1"`) {
		t.Errorf("three own types are allowed: %s", body)
	}

	pad := func(n int) string { return `{"x":"` + strings.Repeat("y", n-8) + `"}` }
	element := func(size int) string { // of the computed size, in a batch of more bytes than the limit
		const base = 2 + (12 + 2 + 2 + 1) + 1 + (12 + 4 + 2 + 3) + 1 + (12 + 1 + 2)
		return `[{"id":"e","type":"cat","x":"` + strings.Repeat("y", size-base) + `"}]` + strings.Repeat(" ", 100)
	}
	const single, batch = "Request is too large - the maximum is 2 KB.", "Batch request is too large - the maximum total batch size is 200 KB."
	for _, step := range []struct {
		method, path, body, text string
	}{
		{"PUT", "/cat/s", pad(2048), ""},
		{"PUT", "/cat/s", pad(2049), single},
		{"PUT", "/cat/s", pad(1 << 20), single},
		{"PUT", "/cat/s", pad(20 << 20), single},
		{"PATCH", "/cat/s", pad(2049), single},
		{"PUT", "/_settings/s", `{"value":"` + strings.Repeat("y", 2048) + `"}`, single},
		{"POST", "/_batch", element(2048), ""},
		{"POST", "/_batch", element(2049), "Batch request too large or containing items larger than the max. allowed size 2 KB."},
		{"PUT", "/_batch", "[" + strings.Repeat(" ", 204798) + "]", ""},
		{"PUT", "/_batch", "[" + strings.Repeat(" ", 204799) + "]", batch},
	} {
		for _, who := range []string{"app", "user", "user in chunks"} {
			var r reply
			switch who {
			case "app":
				r = a.app(t, step.method, v1+step.path, step.body)
			case "user":
				if !strings.HasPrefix(step.path, "/cat") {
					continue
				}
				r = a.as(t, token, step.method, v1+step.path, step.body)
			default:
				if !strings.HasPrefix(step.path, "/cat") {
					continue
				}
				r = chunked(t, endpoint, step.method, v1+step.path, token, step.body)
			}
			if step.text == "" && r.status != 200 || step.text != "" && (r.status != 400 || !strings.Contains(r.body, step.text)) {
				t.Errorf("%s %s of %d bytes as %s: %d %.200s", step.method, step.path, len(step.body), who, r.status, r.body)
			}
		}
	}

	var many []string
	for i := range 10 {
		many = append(many, fmt.Sprintf(`{"id":"m%d","type":"kind0"}`, i))
	}
	a.want(t, "POST", v1+"/_batch", "["+strings.Join(many, ",")+"]", 200)
	for query, want := range map[string][2]int{ // items and page
		"": {3, 0}, "?limit=4": {4, 0}, "?limit=99": {5, 0}, "?limit=-2": {2, 0}, "?limit=x": {3, 0}, "?limit=0": {0, 0}, "?limit=99999999999999999999": {3, 0},
		"?page=2": {3, 2}, "?page=-4": {1, 4}, "?page=77": {1, 4}, "?page=x": {3, 0}, "?page=1": {3, 1}, "?limit=5&page=2": {5, 2},
	} {
		body := a.want(t, "GET", v1+"/kind0"+query, "", 200)
		if got := strings.Count(body, `"objectURI"`); got != want[0] || !strings.Contains(body, fmt.Sprintf(`"page":%d,"totalHits":10}`, want[1])) {
			t.Errorf("%s: %d items in %.80s…%s", query, got, body, body[max(0, len(body)-40):])
		}
	}
}

// chunked sends a body without saying how long it is.
func chunked(t *testing.T, endpoint, method, path, token, body string) reply {
	t.Helper()
	host := strings.TrimPrefix(endpoint, "http://")
	conn, err := net.Dial("tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	go func() { // the server may answer and close before it has read everything
		w := bufio.NewWriter(conn)
		fmt.Fprintf(w, "%s %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n", method, path, host, token)
		for rest := []byte(body); len(rest) > 0; {
			n := min(len(rest), 1000)
			fmt.Fprintf(w, "%x\r\n%s\r\n", n, rest[:n])
			rest = rest[n:]
		}
		fmt.Fprint(w, "0\r\n\r\n")
		_ = w.Flush()
	}()
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatalf("%s %s of %d bytes in chunks: %v", method, path, len(body), err)
	}
	defer res.Body.Close()
	var b bytes.Buffer
	if _, err := b.ReadFrom(res.Body); err != nil {
		t.Fatal(err)
	}
	return reply{res.StatusCode, res.Header, b.String()}
}

// Without the API there are no routes at all (R 28.3).
func TestSwitchedOffAPI(t *testing.T) {
	endpoint, _ := startWith(t, "para.api_enabled = false")
	a := &tenant{endpoint, &client.Keys{AccessKey: "app:para", SecretKey: rootSecret}}
	const none = `{"code":404,"message":"Not found"}`
	for _, path := range []string{"/v1/", "/v1/cat", "/v1/_me", "/v1/cat/1", "/v1/_batch?ids=1", "/v1/_nothing/a/b/c/d/e"} {
		if body := a.want(t, "GET", path, "", 404); body != none {
			t.Errorf("%s as the root app: %s", path, body)
		}
	}
	for path, want := range map[string]string{
		"/v1/cat": `403 {"code":403,"message":"Para API is disabled."}`, "/v1/": `403 {"code":403,"message":"Para API is disabled."}`,
		"/v1": "404 " + none, "/v1/_health": "404 " + none, "/v1/_setup": "404 " + none, "/v1/_config/options": "404 " + none, "/v1/_me": "401 ",
		"/": `200 {"code":200,"message":"Hello from Para!"}`, "/ping": "200 pong",
	} {
		r := ask(t, http.MethodGet, endpoint+path, "")
		if got := fmt.Sprint(r.status, " ", r.body); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}
