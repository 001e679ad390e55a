package server

import (
	"crypto/tls"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// A certificate whose file changes is read again, at most once a minute; while new files are being written the old one
// counts (C 4.3).
func TestCertificateIsReadAgain(t *testing.T) {
	file := filepath.Join(t.TempDir(), "cert.pem")
	touch := func(at time.Time) {
		t.Helper()
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(file, at, at); err != nil {
			t.Fatal(err)
		}
	}
	reads, fails := 0, false
	c := &certificate{file: file, read: func() (tls.Certificate, error) {
		reads++
		if fails {
			return tls.Certificate{}, errors.New("half a file")
		}
		return tls.Certificate{Certificate: [][]byte{{byte(reads)}}}, nil
	}}
	at := time.Now()
	touch(at)
	for _, tt := range []struct {
		what    string
		prepare func()
		want    byte // of which read
	}{
		{"first", func() {}, 1},
		{"changed a moment ago", func() { touch(at.Add(time.Second)) }, 1},
		{"after a minute", func() { c.looked = c.looked.Add(-lookAgain) }, 2},
		{"unchanged", func() { c.looked = c.looked.Add(-lookAgain) }, 2},
		{"broken", func() { fails = true; touch(at.Add(2 * time.Second)); c.looked = c.looked.Add(-lookAgain) }, 2},
		{"mended", func() { fails = false; c.looked = c.looked.Add(-lookAgain) }, 4},
		{"gone", func() { fails = true; _ = os.Remove(file); c.looked = c.looked.Add(-lookAgain) }, 4},
	} {
		tt.prepare()
		pair, err := c.get(nil)
		if err != nil || pair.Certificate[0][0] != tt.want {
			t.Errorf("%s: %v, %v, want that of read %d", tt.what, pair, err, tt.want)
		}
	}
	if _, err := (&certificate{file: file, read: c.read}).get(nil); err == nil {
		t.Error("a certificate that cannot be read at the start is no error")
	}
}
