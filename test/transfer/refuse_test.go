package transfer

import (
	"archive/zip"
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
)

const zipType = "application/zip"

// Whatever is cut off or changed is refused whole: 400, and nothing is written.
func TestRefusedWhole(t *testing.T) {
	i := start(t)
	c, secret := i.app(t, "torn")
	whole := javaParts("torn", cats(70))
	good := pack(t, whole)
	object := json.RawMessage(`{"id":"x","type":"cat"}`)
	cases := map[string][]byte{
		"cut in the directory":     good[:len(good)-1],
		"cut in an entry":          good[:len(good)/3],
		"a byte changed":           flip(good, len(good)/4),
		"a byte behind the end":    append(bytes.Clone(good), 0),
		"no end":                   pack(t, whole[:3]),
		"a part missing":           pack(t, []part{whole[0], whole[2], whole[3]}),
		"a part twice":             pack(t, []part{whole[0], whole[0], whole[1], whole[2], whole[3]}),
		"parts of two exports":     pack(t, append(javaParts("a", cats(1)), javaParts("b", cats(1))...)),
		"a part beyond its number": pack(t, []part{{"a_part900000000.json", nil}}),
		"no archive":               []byte("hello"),
		"no object":                pack(t, []part{{"a.json", []json.RawMessage{object, json.RawMessage("5")}}}),
		"an array in the array":    pack(t, []part{{"a.json", []json.RawMessage{object, json.RawMessage("[]")}}}),
		"broken JSON":              pack(t, []part{{"a.json", []json.RawMessage{object, json.RawMessage(`{"id":}`)}}}),
		"members of a wrong kind":  pack(t, []part{{"a.json", []json.RawMessage{object, json.RawMessage(`{"id":"y","tags":5}`)}}}),
		"an entry that is no JSON": flip(packText(t, "z.txt", "some text"), 40),
		"something behind it":      packText(t, "a.json", `[{"id":"x","type":"cat"}] x`),
	}
	for name, archive := range cases {
		status, text := i.send(t, http.MethodPut, "/v1/_import", "app:torn", secret, zipType, archive)
		if status != http.StatusBadRequest || !strings.Contains(text, `"Import failed - `) {
			t.Errorf("%s: got %d %s", name, status, text)
		}
	}
	if n := len(contents(t, export(t, c))); n != 0 {
		t.Errorf("%d objects were written", n)
	}
	if left := i.spooled(t); len(left) > 0 {
		t.Errorf("left in the folder for bodies: %v", left)
	}
	if n := mustImport(t, c, good); n != 70 {
		t.Errorf("the good archive: %d objects", n)
	}
}

func flip(data []byte, at int) []byte {
	out := bytes.Clone(data)
	out[at] ^= 0x10
	return out
}

func packText(t *testing.T, name, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(f, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// The message says where the archive is wrong.
func TestMessageSaysWhere(t *testing.T) {
	i := start(t)
	_, secret := i.app(t, "where")
	archive := pack(t, []part{{"a.json", []json.RawMessage{json.RawMessage(`{"id":"1"}`), json.RawMessage(`{"id":"2","tags":5}`)}}})
	_, text := i.send(t, http.MethodPut, "/v1/_import", "app:where", secret, zipType, archive)
	if !strings.Contains(text, `Import failed - a.json, element 2: the member \"tags\" must be an array`) {
		t.Errorf("got %s", text)
	}
}

// A large signed body is hashed on its way to the disk: the right signature holds, a wrong one writes nothing.
func TestSignedUpload(t *testing.T) {
	i := start(t)
	c, secret := i.app(t, "signed")
	objects := cats(20)
	for k := range objects { // bigger than a body that is kept in memory
		objects[k] = fmt.Appendf(nil, `{"id":"%d","type":"cat","text":%q}`, k, strings.Repeat(fmt.Sprint(k, " text "), 20_000))
	}
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	f, err := w.CreateHeader(&zip.FileHeader{Name: "a.json", Method: zip.Store})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(f, "[%s]", bytes.Join(raw(objects), []byte(",")))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if status, text := i.send(t, http.MethodPut, "/v1/_import", "app:signed", secret+"x", zipType, archive.Bytes()); status != http.StatusForbidden {
		t.Errorf("wrong secret: got %d %s", status, text)
	}
	if n := len(contents(t, export(t, c))); n != 0 {
		t.Errorf("%d objects were written with a wrong signature", n)
	}
	if status, text := i.send(t, http.MethodPut, "/v1/_import", "app:signed", secret, zipType, archive.Bytes()); status != http.StatusOK {
		t.Errorf("right secret: got %d %s", status, text)
	}
	if n := len(contents(t, export(t, c))); n != 20 {
		t.Errorf("%d objects, want 20", n)
	}
	if left := i.spooled(t); len(left) > 0 {
		t.Errorf("left in the folder for bodies: %v", left)
	}
}

func raw(list []json.RawMessage) [][]byte {
	out := make([][]byte, len(list))
	for i, x := range list {
		out[i] = x
	}
	return out
}

// Who may not import is told so before the body is sent, and so is who sends more than fits on the disk.
func TestRefusedBeforeTheBody(t *testing.T) {
	i := start(t)
	c, _ := i.app(t, "early")
	token, err := c.SuperToken(time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	for name, x := range map[string]struct {
		headers string
		status  int
	}{
		"nobody":         {"Content-Length: 1000000\r\n", 401},
		"guest":          {"Content-Length: 1000000\r\nAuthorization: Anonymous app:early\r\n", 403},
		"unknown app":    {"Content-Length: 1000000\r\nAuthorization: AWS4-HMAC-SHA256 Credential=app:none/20990101/us-east-1/para/aws4_request, SignedHeaders=host;x-amz-date, Signature=00\r\nX-Amz-Date: " + time.Now().UTC().Format("20060102T150405Z") + "\r\n", 404},
		"old signature":  {"Content-Length: 1000000\r\nAuthorization: AWS4-HMAC-SHA256 Credential=app:early/20200101/us-east-1/para/aws4_request, SignedHeaders=host;x-amz-date, Signature=00\r\nX-Amz-Date: 20200101T000000Z\r\n", 400},
		"false token":    {"Content-Length: 1000000\r\nAuthorization: Bearer a.b.c\r\n", 401},
		"more than fits": {"Content-Length: 900000000000000000\r\nAuthorization: Bearer " + token + "\r\n", 507},
	} {
		if status := firstLine(t, i.url, "/v1/_import", x.headers); status != x.status {
			t.Errorf("%s: got %d, want %d", name, status, x.status)
		}
	}
}

// firstLine sends the head of a request and returns the status that comes back without a body being sent.
func firstLine(t *testing.T, base, path, headers string) int {
	t.Helper()
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", u.Host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(conn, "PUT %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/zip\r\nExpect: 100-continue\r\n%s\r\n", path, u.Host, headers)
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	return res.StatusCode
}

// Several imports of one app at once: one at a time, and each is whole or refused.
func TestConcurrentImports(t *testing.T) {
	i := start(t)
	c, _ := i.app(t, "busy")
	archive := pack(t, javaParts("busy", cats(3000)))
	errs := make(chan error, 3)
	for range cap(errs) {
		go func() {
			_, err := c.Import(t.Context(), bytes.NewReader(archive), "x.zip")
			errs <- err
		}()
	}
	done := 0
	for range cap(errs) {
		if err := <-errs; err == nil {
			done++
		} else if !strings.Contains(err.Error(), "another import of app busy is running") {
			t.Error(err)
		}
	}
	if done == 0 {
		t.Error("no import succeeded")
	}
	if n := len(contents(t, export(t, c))); n != 3000 {
		t.Errorf("%d objects, want 3000", n)
	}
}

func TestReindex(t *testing.T) {
	i := start(t)
	c, secret := i.app(t, "index")
	mustImport(t, c, pack(t, javaParts("x", cats(300))))
	status, text := i.send(t, http.MethodPost, "/v1/_reindex", "app:index", secret, "", nil)
	var got struct{ Reindexed, TookMillis *int64 }
	if err := json.Unmarshal([]byte(text), &got); err != nil || status != http.StatusOK {
		t.Fatalf("got %d %s", status, text)
	}
	if got.Reindexed == nil || *got.Reindexed != 301 || got.TookMillis == nil { // with the summary of the import
		t.Errorf("got %s", text)
	}
}

// With X-Para-Respond-Immediately the archive is on disk before the answer and imported after it; a wrong content type is
// refused at once (D20).
func TestImportLater(t *testing.T) {
	i := start(t)
	c, _ := i.app(t, "later")
	token, err := c.SuperToken(time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	for _, typ := range []string{"application/json", zipType} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, i.url+"/v1/_import", bytes.NewReader(pack(t, javaParts("later", cats(50)))))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("Content-Type", typ)
		r.Header.Set("X-Para-Respond-Immediately", "true")
		status, text := do(t, r)
		if typ == zipType && (status != http.StatusOK || text != "") || typ != zipType && status != http.StatusUnsupportedMediaType {
			t.Errorf("%s: got %d %s", typ, status, text)
		}
	}
	deadline := time.Now().Add(20 * time.Second)
	for len(contents(t, export(t, c))) < 50 || len(i.spooled(t)) > 0 {
		if time.Now().After(deadline) {
			t.Fatalf("%d objects arrived, left in the folder for bodies: %v", len(contents(t, export(t, c))), i.spooled(t))
		}
		time.Sleep(10 * time.Millisecond)
	}
}
