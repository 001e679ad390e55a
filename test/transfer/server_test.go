// Package transfer tests what moves whole apps: export, import, backup and restore, through HTTP with a real server.
package transfer

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/erudika/para-go/client"
	"github.com/erudika/para-go/internal/servertest"
	"github.com/erudika/para-go/internal/sigv4"
)

const rootSecret = servertest.RootSecret

// instance is a running server.
type instance struct {
	url  string
	data string // its data folder
	root *client.Client
}

// start runs a server with fresh data.
func start(t *testing.T) *instance {
	t.Helper()
	return startIn(t, t.TempDir(), rootSecret)
}

// startIn runs a server with its data in a folder.
func startIn(t *testing.T, dir, secret string) *instance {
	t.Helper()
	s := servertest.StartIn(t, dir, secret)
	i := &instance{url: s.URL, data: filepath.Join(dir, "data"), root: s.Root}
	return i
}

func (i *instance) as(t *testing.T, access, secret string) *client.Client {
	t.Helper()
	c, err := client.New(client.Options{AccessKey: access, Secret: secret, Endpoint: i.url, Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// app makes a child app and returns a client with its keys, and its secret.
func (i *instance) app(t *testing.T, id string) (*client.Client, string) {
	t.Helper()
	keys, err := i.root.SetupApp(t.Context(), id, client.NewApp{})
	if err != nil {
		t.Fatal(err)
	}
	return i.as(t, keys.AccessKey, keys.SecretKey), keys.SecretKey
}

// send sends a signed request and returns status and body.
func (i *instance) send(t *testing.T, method, path, access, secret, contentType string, body []byte) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, i.url+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	if err := sigv4.SignHash(r, sigv4.Credentials{AccessKey: access, Secret: secret}, sigv4.HashBody(body), time.Now()); err != nil {
		t.Fatal(err)
	}
	return do(t, r)
}

func do(t *testing.T, r *http.Request) (int, string) {
	t.Helper()
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

// spooled lists what lies in the folder for request bodies.
func (i *instance) spooled(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(i.data, "tmp"))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

func export(t *testing.T, c *client.Client) []byte {
	t.Helper()
	body, _, err := c.Export(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	data, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// part is a file of an archive.
type part struct {
	name     string
	elements []json.RawMessage
}

// partsOf reads an archive with the library.
func partsOf(t *testing.T, archive []byte) []part {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		t.Fatal(err)
	}
	var out []part
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		p := part{name: f.Name}
		if err := json.Unmarshal(text, &p.elements); err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		out = append(out, p)
	}
	return out
}

// contents returns the objects of an archive by id, without the summaries of imports.
func contents(t *testing.T, archive []byte) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, p := range partsOf(t, archive) {
		for _, e := range p.elements {
			var o struct{ ID, Type string }
			if err := json.Unmarshal(e, &o); err != nil {
				t.Fatal(err)
			}
			if o.Type != "paraimport" {
				out[o.ID] = string(e)
			}
		}
	}
	return out
}

// javaParts cuts objects into parts as the Java server does: 30 objects each, the last part empty.
func javaParts(name string, objects []json.RawMessage) []part {
	var out []part
	for chunk := range slices.Chunk(objects, 30) {
		out = append(out, part{elements: chunk})
	}
	out = append(out, part{elements: []json.RawMessage{}})
	for i := range out {
		out[i].name = fmt.Sprintf("%s_part%d.json", name, i+1)
	}
	return out
}

func pack(t *testing.T, parts []part) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, p := range parts {
		f, err := w.Create(p.name)
		if err != nil {
			t.Fatal(err)
		}
		text := []byte("[")
		for i, e := range p.elements {
			if i > 0 {
				text = append(text, ',')
			}
			text = append(text, e...)
		}
		if _, err := f.Write(append(text, ']')); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func mustImport(t *testing.T, c *client.Client, archive []byte) int64 {
	t.Helper()
	o, err := c.Import(t.Context(), bytes.NewReader(archive), "test.zip")
	if err != nil {
		t.Fatal(err)
	}
	return o.Int("count")
}

// cats makes n plain objects.
func cats(n int) []json.RawMessage {
	out := make([]json.RawMessage, n)
	for i := range out {
		out[i] = fmt.Appendf(nil, `{"id":"c%d","type":"cat","name":"Cat %d","timestamp":%d,"properties":{"n":%d}}`, i, i, 1000+i, i)
	}
	return out
}
