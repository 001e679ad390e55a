package clients

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/erudika/para-go/internal/servertest"
	"github.com/erudika/para-go/internal/sigv4"
)

// raw sends a signed request whose target and headers go over the wire as they stand, and returns status and body as they
// came.
func raw(t *testing.T, server *servertest.Server, app *servertest.App, method, target, body string, header ...string) (int, string) {
	t.Helper()
	host := strings.TrimPrefix(server.URL, "http://")
	h := http.Header{}
	for i := 0; i < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	path, query, _ := strings.Cut(target, "?")
	plain, err := url.PathUnescape(path)
	if err != nil {
		t.Fatal(err)
	}
	u := &url.URL{Scheme: "http", Host: host, Path: plain, RawPath: path, RawQuery: query}
	if u.EscapedPath() != path {
		t.Fatalf("%s would be signed as %s", path, u.EscapedPath())
	}
	r := &http.Request{Method: method, URL: u, Host: host, Header: h, RequestURI: target}
	if err = sigv4.SignHash(r, sigv4.Credentials{AccessKey: app.Keys.AccessKey, Secret: app.Keys.SecretKey}, sigv4.HashBody([]byte(body)), time.Now()); err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n", method, target, host)
	if body != "" || method != http.MethodGet {
		fmt.Fprintf(&b, "Content-Length: %d\r\n", len(body))
	}
	if err := r.Header.Write(&b); err != nil {
		t.Fatal(err)
	}
	b.WriteString("\r\n" + body)
	if _, err := conn.Write(b.Bytes()); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if res.ContentLength != int64(len(answer)) || len(res.TransferEncoding) > 0 {
		t.Errorf("%s %s: Content-Length %d of %d bytes, %q", method, target, res.ContentLength, len(answer), res.TransferEncoding)
	}
	if strings.TrimSpace(string(answer)) != string(answer) {
		t.Errorf("%s %s: blanks around %q", method, target, answer)
	}
	return res.StatusCode, string(answer)
}

// K 1.10.2, W1, W2, W4, W7, W10-W13, W23: what clients of all languages were seen to send, byte for byte, and that every
// answer has a length and no blank around it.
func TestRecordedRequests(t *testing.T) {
	server := servertest.Start(t)
	app := server.NewApp(t, "wire")
	send := func(method, target, body string, header ...string) string {
		t.Helper()
		status, answer := raw(t, server, app, method, target, body, header...)
		return fmt.Sprint(status, " ", answer)
	}
	for _, body := range []string{
		`{"id":"cat1","type":"cat","name":"b"}`, `{"id":"cat2","type":"cat","name":"a"}`, `{"id":"x'(1)*!~","type":"cat","name":"c"}`, `{"id":"x'(1)*!~+y","type":"cat","name":"d"}`,
		`{"id":"c111","type":"sysprop"}`, `{"id":"tag:test","type":"tag","tag":"test"}`, `{"id":"2 3","type":"dog"}`, `{"id":"é+ü","type":"dog"}`, `{"id":"1","type":"dog"}`,
	} {
		if got := send("POST", "/v1/_batch", "["+body+"]"); !strings.HasPrefix(got, "200 [{") {
			t.Fatal(got)
		}
	}
	for _, tt := range []struct{ method, target, body, want string }{
		{"GET", "/v1/cat/search/similar?fields&filterid=&like&type=cat", "", `200 {"items":[],"page":0,"totalHits":0}`}, // JS, nulls
		{"GET", "/v1/search/id?id", "", `200 {"items":[],"page":0,"totalHits":0}`},                                      // JS, findById(null)
		{"GET", "/v1/cat?page=1&desc=false&limit=2&sort=name&select=id&select=name", "", `200 {"items":[{"id":"cat2","name":"a"},{"id":"cat1","name":"b"}],"lastKey":"…","page":1,"totalHits":4}`},
		{"GET", "/v1/cat?page=1&desc=0&limit=2&sort=name&select=id,name", "", `200 {"items":[{"id":"cat2","name":"a"},{"id":"cat1","name":"b"}],"lastKey":"…","page":1,"totalHits":4}`},
		{"GET", "/v1/cat?desc=True&limit=1&sort=name&select=id", "", `200 {"items":[{"id":"x'(1)*!~+y"}],"lastKey":"…","page":0,"totalHits":4}`},          // C#
		{"GET", "/v1/cat?page=2&desc=1&limit=3&lastKey=77&sort=name&select=id", "", `200 {"items":[{"id":"cat2"}],"lastKey":"…","page":2,"totalHits":4}`}, // a key and page 2
		{"GET", "/v1/_batch?ids=1&ids=2+3&ids=nope&ids=%C3%A9%2B%C3%BC&select=id", "", `200 [{"id":"1"},{"id":"2 3"},{"id":"é+ü"}]`},                      // Python
		{"GET", "/v1/_batch?ids=%C3%A9%2B%C3%BC&ids=2%203&select=id", "", `200 [{"id":"é+ü"},{"id":"2 3"}]`},
		{"GET", "/v1/_id/x%27%281%29%2A%21~?select=id", "", `200 {"id":"x'(1)*!~"}`},       // JS, Python
		{"GET", "/v1/_id/x'(1)*!~?select=id", "", `200 {"id":"x'(1)*!~"}`},                 // C#
		{"GET", "/v1/cat/x%27%281%29%2A%21%7E+y?select=id", "", `200 {"id":"x'(1)*!~+y"}`}, // PHP
		{"PUT", "/v1/_permissions/%2A/dXRpbHMvdGltZXN0YW1w", `["GET", "?"]`, `200 {"*":{"utils/timestamp":["?","GET"]}}`},
		{"PUT", "/v1/_permissions/*/dXRpbHMvdGltZXN0YW1w", `["GET","?"]`, `200 {"*":{"utils/timestamp":["?","GET"]}}`}, // Java
		{"GET", "/v1/_permissions/*/utils%2Ftimestamp/GET", "", `200 true`},                                            // C#
		{"POST", "/v1/sysprop/c111/links/tag%3Atest", "", `200 sysprop:c111:tag:tag:test`},
		{"GET", "/v1/sysprop/c111/links/tag/tag%3Atest", "", `200 true`},
		{"GET", "/v1/sysprop/c111/links/tag/tag:test", "", `200 true`}, // C#
		{"GET", "/v1/tag/test?select=id", "", `200 {"id":"tag:test"}`},
		{"GET", "/v1/tag/tag%3Atest?select=id", "", `200 {"id":"tag:test"}`},
		{"PATCH", "/v1/_batch", "[]", `200 []`},
		{"DELETE", "/v1/_batch?ids=nope", `""`, `200 `}, // C# sends an empty text with DELETE
		{"DELETE", "/v1/_batch", "", `400 {"code":400,"message":"Missing ids."}`},
		{"GET", "/v1/_settings/nope", "", `200 {}`},
		{"GET", "//v1/_id/1?select=id", "", `200 {"id":"1"}`}, // an endpoint with a slash at its end
	} {
		got := send(tt.method, tt.target, tt.body)
		if before, after, ok := strings.Cut(got, `"lastKey":"`); ok {
			key, rest, _ := strings.Cut(after, `"`)
			if strings.Trim(key, "0123456789") == "" && key != "" {
				got = before + `"lastKey":"…"` + rest
			}
		}
		if got != tt.want {
			t.Errorf("%s %s\n got %s\nwant %s", tt.method, tt.target, got, tt.want)
		}
	}
	if got := send("POST", "/v1/_reindex?destinationIndex=idx", ""); !strings.HasPrefix(got, `200 {"reindexed":`) {
		t.Errorf("_reindex: %s", got)
	}
	if got := send("POST", "/v1/_newkeys", ""); !strings.HasPrefix(got, `200 {`) || !strings.Contains(got, `"info":"Save the secret key! It is showed only once!"`) {
		t.Errorf("_newkeys: %s", got)
	}
}

// K 1.7, C11: a thousand ids in one address, an address of more than 32 KB, and 431 for one that is too long (D9).
func TestLongAddresses(t *testing.T) {
	server := servertest.Start(t)
	app := server.NewApp(t, "long")
	var objects, ids []string
	for i := range 1000 {
		id := fmt.Sprintf("12345678901234%05d", i)
		objects, ids = append(objects, `{"id":"`+id+`","type":"cat"}`), append(ids, "ids="+id)
	}
	if status, answer := app.Send(t, "POST", "/v1/_batch", "["+strings.Join(objects, ",")+"]"); status != 200 {
		t.Fatal(status, answer)
	}
	for _, path := range []string{"/v1/_batch?", "/v1/_batch?" + strings.Repeat("filler=12345678901234567890&", 1000)} {
		status, answer := app.Send(t, "GET", path+strings.Join(ids, "&"), "")
		if n := strings.Count(answer, `"id":"`); status != 200 || n != 1000 {
			t.Errorf("an address of %d bytes: %d, %d objects", len(path)+24000, status, n)
		}
	}
	if status, _ := app.Send(t, "GET", "/v1/_batch?x="+strings.Repeat("y", 72<<10), ""); status != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("more than 72 KiB: %d", status)
	}
}

// W5, W6, W18, W19: kinds of numbers, nulls and computed members in bodies, as clients of statically typed languages need
// them.
func TestKindsOfMembers(t *testing.T) {
	server := servertest.Start(t)
	app := server.NewApp(t, "kinds")
	body := `{"id":null,"timestamp":null,"type":"dog","appid":"para","parentid":null,"creatorid":null,"updated":null,"name":"ParaObject 1700000000000",` +
		`"tags":null,"votes":0,"version":0,"stored":true,"indexed":true,"cached":true,"foo":"bark!","objectURI":"/dog","plural":"dogs","five":5,"half":5.5,` +
		`"one":1.0,"big":9007199254740993,"time":1767323045000,"gone":null,"nested":{"n":1.0,"x":null}}`
	status, answer := app.Send(t, "POST", "/v1/dog", body)
	var made struct {
		ID    string
		AppID string
	}
	if err := json.Unmarshal([]byte(answer), &made); err != nil || status != 201 || strings.Trim(made.ID, "0123456789") != "" || made.AppID != "kinds" {
		t.Fatal(status, answer, err)
	}
	for _, target := range []string{"/v1/dog/" + made.ID, "/v1/dog/search/default?q=properties.five:5", "/v1/dog/search/default?q=properties.big:9007199254740993", "/v1/_batch?ids=" + made.ID} {
		status, answer := app.Send(t, "GET", target, "")
		for _, want := range []string{`"five":5,`, `"half":5.5,`, `"one":1.0,`, `"big":9007199254740993,`, `"time":1767323045000,`, `"nested":{"n":1.0}`, `"type":"dog"`, `"foo":"bark!"`} {
			if status != 200 || !strings.Contains(answer, want) {
				t.Errorf("%s: no %s in %d %s", target, want, status, answer)
			}
		}
		if strings.Contains(answer, "null") {
			t.Errorf("%s: %s", target, answer)
		}
	}
	status, answer = app.Send(t, "PATCH", "/v1/dog/"+made.ID, `{"name":null,"tags":null,"foo":null,"half":null}`)
	if status != 200 || strings.Contains(answer, `"foo"`) || strings.Contains(answer, `"half"`) || !strings.Contains(answer, `"name":"ParaObject 1700000000000"`) {
		t.Errorf("nulls: %d %s", status, answer)
	}
}
