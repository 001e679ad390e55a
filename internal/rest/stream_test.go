package rest

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	para "github.com/erudika/para-go"
)

// serve starts a server that answers everything with one stream.
func serve(t *testing.T, stream func(ctx context.Context, w io.Writer) error) *httptest.Server {
	t.Helper()
	h := &Handler{log: slog.New(slog.DiscardHandler), opts: Options{Gzip: true}, pace: newPace(Options{})}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !h.write(w, r, file(typeZip, "x.zip", stream)) {
			panic(http.ErrAbortHandler)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

func TestStream(t *testing.T) {
	text := strings.Repeat("some text ", 100_000)
	s := serve(t, func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
	res, err := http.Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	if err != nil || string(got) != text {
		t.Errorf("got %d bytes, %v", len(got), err)
	}
	for name, want := range map[string]string{"Content-Type": "application/zip", "Content-Disposition": "attachment;filename=x.zip", "Content-Encoding": ""} {
		if got := res.Header.Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

// A failure in the midst must not look like an end.
func TestStreamIsCutOff(t *testing.T) {
	s := serve(t, func(_ context.Context, w io.Writer) error {
		if _, err := io.WriteString(w, strings.Repeat("x", 1<<20)); err != nil {
			return err
		}
		return errors.New("disk failed")
	})
	res, err := http.Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if n, err := io.Copy(io.Discard, res.Body); err == nil {
		t.Errorf("%d bytes were read and look complete", n)
	}
}

// A failure before the first byte is an ordinary answer.
func TestStreamFailsEarly(t *testing.T) {
	s := serve(t, func(context.Context, io.Writer) error { return para.Errorf(para.NotFound, "App not found.") })
	res, err := http.Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusNotFound || string(got) != `{"code":404,"message":"App not found."}` {
		t.Errorf("got %d %s, %v", res.StatusCode, got, err)
	}
	if d := res.Header.Get("Content-Disposition"); d != "" {
		t.Errorf("Content-Disposition: %s", d)
	}
	if typ := res.Header.Get("Content-Type"); typ != typeJSON {
		t.Errorf("Content-Type: %s", typ)
	}
}

// HEAD gets the headers; nothing is made.
func TestStreamHead(t *testing.T) {
	made := false
	s := serve(t, func(context.Context, io.Writer) error {
		made = true
		return nil
	})
	res, err := http.Head(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Disposition") != "attachment;filename=x.zip" || made {
		t.Errorf("got %d %v, made %v", res.StatusCode, res.Header, made)
	}
}
