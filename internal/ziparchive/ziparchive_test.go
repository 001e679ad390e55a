package ziparchive

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

type file struct{ name, content string }

// pack makes an archive with the library's writer.
func pack(t testing.TB, files []file, method uint16, comment string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range files {
		h := &zip.FileHeader{Name: f.name, Method: method}
		out, err := w.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(out, f.content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.SetComment(comment); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// unpack reads everything.
func unpack(data []byte) ([]file, error) {
	z, err := NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, err
	}
	var out []file
	for e, err := range z.Entries() {
		if err != nil {
			return out, err
		}
		r, err := z.Open(e)
		if err != nil {
			return out, err
		}
		content, err := io.ReadAll(r)
		if err != nil {
			return out, err
		}
		out = append(out, file{e.Name, string(content)})
	}
	return out, nil
}

func samples() []file {
	return []file{{"a.json", "[]"}, {"dir/b.json", strings.Repeat("text ", 20_000)}, {"empty", ""}, {"ä.txt", "\x00\xff"}}
}

func TestReadsWhatWasWritten(t *testing.T) {
	for _, method := range []uint16{zip.Store, zip.Deflate} {
		for _, comment := range []string{"", "made by a test", "PK\x05\x06" + strings.Repeat("x", 40)} {
			got, err := unpack(pack(t, samples(), method, comment))
			if err != nil {
				t.Fatalf("method %d, comment %q: %v", method, comment, err)
			}
			if fmt.Sprint(got) != fmt.Sprint(samples()) {
				t.Errorf("method %d: got other content", method)
			}
		}
	}
}

// With more entries than 16 bits count, the archive has the end record of large archives.
func TestManyEntries(t *testing.T) {
	for _, n := range []int{0, 65_534, 65_535, 70_000} {
		files := make([]file, n)
		for i := range files {
			files[i] = file{fmt.Sprintf("p%d", i), "x"}
		}
		got, err := unpack(pack(t, files, zip.Store, ""))
		if err != nil || len(got) != n {
			t.Errorf("%d entries: got %d, %v", n, len(got), err)
		}
	}
}

func TestCutOff(t *testing.T) {
	data := pack(t, samples(), zip.Deflate, "")
	for n := range len(data) {
		_, err := unpack(data[:n])
		var f *FormatError
		if !errors.As(err, &f) {
			t.Fatalf("%d of %d bytes: got error %v, want a FormatError", n, len(data), err)
		}
	}
	if _, err := unpack(append(data, 'x')); err == nil {
		t.Error("an archive with a byte behind its end was read")
	}
}

// Every changed byte that matters is noticed: what is read is what was written, or an error.
func TestChangedBytes(t *testing.T) {
	files := []file{{"a.json", `[{"id":"1"}]`}, {"b.json", strings.Repeat("[1,2]", 30)}}
	data := pack(t, files, zip.Deflate, "")
	for i := range data {
		for bit := range 8 {
			changed := bytes.Clone(data)
			changed[i] ^= 1 << bit
			got, err := unpack(changed)
			var f *FormatError
			if err != nil && !errors.As(err, &f) {
				t.Errorf("byte %d bit %d: got error %v, want a FormatError", i, bit, err)
			}
			if err == nil && fmt.Sprint(got) != fmt.Sprint(files) {
				t.Errorf("byte %d bit %d: read as %.80q", i, bit, got)
			}
		}
	}
}

// Entries that share bytes would let a small archive hold any amount of content.
func TestOverlap(t *testing.T) {
	data := pack(t, []file{{"a", strings.Repeat("x", 1000)}, {"b", strings.Repeat("x", 1000)}}, zip.Store, "")
	end := bytes.LastIndex(data, []byte("PK\x05\x06"))
	directory := bytes.Index(data, []byte("PK\x01\x02"))
	entry := data[directory : directory+directorySize+1]
	many := append([]byte(nil), data[:directory]...)
	for range 3 {
		many = append(many, entry...)
	}
	tail := bytes.Clone(data[end:])
	le.PutUint16(tail[8:], 3)
	le.PutUint16(tail[10:], 3)
	le.PutUint32(tail[12:], uint32(3*len(entry)))
	got, err := unpack(append(many, tail...))
	if err == nil || !strings.Contains(err.Error(), "overlap") {
		t.Errorf("got %d entries and error %v, want an error about overlapping entries", len(got), err)
	}
}

type brokenReader struct{}

var errDisk = errors.New("disk failed")

func (brokenReader) ReadAt([]byte, int64) (int, error) { return 0, errDisk }

func TestReadError(t *testing.T) {
	if _, err := NewReader(brokenReader{}, 1000); !errors.Is(err, errDisk) {
		t.Errorf("got %v, want the reader's error", err)
	}
}

// What is accepted is what the library reads too.
func FuzzReader(f *testing.F) {
	f.Add(pack(f, samples()[:1], zip.Deflate, ""))
	f.Add(pack(f, samples()[2:], zip.Store, "comment"))
	f.Add([]byte("not a zip"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := unpack(data)
		if err != nil {
			return
		}
		z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
			t.Fatalf("accepted what the library refuses: %v", err)
		}
		if len(z.File) != len(got) {
			t.Fatalf("got %d entries, the library %d", len(got), len(z.File))
		}
		for i, x := range z.File {
			r, err := x.Open()
			if err != nil {
				t.Fatalf("entry %d: the library refuses: %v", i, err)
			}
			content, err := io.ReadAll(r)
			if err != nil && !errors.Is(err, zip.ErrChecksum) {
				// A wrong checksum can only be that of the descriptor, a copy of the one in the directory.
				t.Fatalf("entry %d: the library refuses: %v", i, err)
			}
			if x.Name != got[i].name || string(content) != got[i].content {
				t.Fatalf("entry %d is another one", i)
			}
		}
	})
}
