package sqlite

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/erudika/para-go"
)

// A snapshot is a tar archive with these members, in this order:
//
//	manifest.json   Manifest
//	<extra>         what the caller of SnapshotWith added, sorted by name
//	data.db         the database file
//	manifest.sha256 hash of manifest.json in hexadecimal; without it the archive is torn
const (
	manifestName = "manifest.json"
	dataName     = "data.db"
	sealName     = "manifest.sha256"
)

// snapshotFormat is the number of the archive's format.
const snapshotFormat = 1

// Bounds of the parts of a snapshot other than the database.
const (
	maxManifest   = 1 << 20
	maxExtra      = 16 << 20
	maxExtraParts = 16
)

// Manifest says what a snapshot holds.
type Manifest struct {
	Format      int       `json:"format"`      // of the archive
	Store       string    `json:"store"`       // Properties.Name
	StoreFormat int       `json:"storeFormat"` // of the database
	App         string    `json:"app"`         // identifier
	Created     time.Time `json:"created"`
	LastChange  int64     `json:"lastChange"` // newest change in the database
	Parts       []Part    `json:"parts"`      // members of the archive after the manifest, in order
}

// Part is a member of a snapshot.
type Part struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"` // hexadecimal
}

// snapshotStep is the number of pages copied at a time; writes come between.
const snapshotStep = 256

// Snapshot writes a consistent copy of the app to w, as of one moment during the call. Writers and readers go on.
func (s *Store) Snapshot(ctx context.Context, app string, w io.Writer) error {
	return s.SnapshotWith(ctx, app, w, nil)
}

// SnapshotWith is Snapshot with further members in the archive, by name: the app's record for example, which lies in the
// root app's file. Names must not be those of the snapshot's own members; at most 16 members of 16 MiB each.
func (s *Store) SnapshotWith(ctx context.Context, app string, w io.Writer, extra map[string][]byte) error {
	if err := checkExtra(extra); err != nil {
		return err
	}
	spool, err := s.spoolFile()
	if err != nil {
		return writeFailure("snapshot", err)
	}
	defer func() { _ = removeDatabase(spool) }() // what is left is removed at the next start
	last, err := s.copyApp(ctx, app, spool)
	if err != nil {
		return writeFailure("snapshot", err)
	}
	manifest := Manifest{
		Format: snapshotFormat, Store: s.Properties().Name, StoreFormat: formatNumber,
		App: app, Created: time.Now().UTC().Truncate(time.Millisecond), LastChange: last,
	}
	for _, name := range slices.Sorted(maps.Keys(extra)) {
		sum := sha256.Sum256(extra[name])
		manifest.Parts = append(manifest.Parts, Part{name, int64(len(extra[name])), hex.EncodeToString(sum[:])})
	}
	data, err := os.Open(spool)
	if err != nil {
		return readFailure("snapshot", err)
	}
	defer data.Close()
	hash := sha256.New()
	size, err := io.Copy(hash, &contextReader{ctx, data})
	if err == nil {
		_, err = data.Seek(0, io.SeekStart)
	}
	if err != nil {
		return readFailure("snapshot", err)
	}
	manifest.Parts = append(manifest.Parts, Part{dataName, size, hex.EncodeToString(hash.Sum(nil))})
	return writeFailure("snapshot", writeArchive(w, manifest, extra, &contextReader{ctx, data}))
}

func checkExtra(extra map[string][]byte) error {
	if len(extra) > maxExtraParts {
		return para.Errorf(para.TooLarge, "A snapshot has at most %d extra members.", maxExtraParts)
	}
	for name, b := range extra {
		if !extraName(name) {
			return para.Errorf(para.Invalid, "%q cannot be the name of a snapshot's member.", name)
		}
		if len(b) > maxExtra {
			return para.Errorf(para.TooLarge, "A snapshot's extra member has at most %d bytes.", maxExtra)
		}
	}
	return nil
}

func extraName(name string) bool {
	return name != "" && len(name) <= 100 && name != manifestName && name != dataName && name != sealName &&
		!strings.ContainsAny(name, "/\\\x00") && !strings.HasPrefix(name, ".")
}

// copyApp copies the app's database to a new file and returns the number of its newest change.
func (s *Store) copyApp(ctx context.Context, app, path string) (last int64, err error) {
	f, err := s.acquire(ctx, app)
	if err != nil {
		return 0, err
	}
	defer s.release(f)
	var b *backup
	if err := f.w.do(ctx, func() (err error) {
		b, err = newBackup(f.w.c, path)
		return err
	}); err != nil {
		return 0, err
	}
	for done := false; !done && err == nil; {
		err = f.w.do(ctx, func() (err error) {
			done, err = b.step(snapshotStep)
			last = f.w.last.Load()
			return err
		})
	}
	finished := f.w.do(context.WithoutCancel(ctx), func() error { return b.finish() })
	return last, errors.Join(err, finished)
}

// spoolFile makes an empty file in the tmp folder and returns its path.
func (s *Store) spoolFile() (string, error) {
	f, err := os.CreateTemp(s.tmp, "snapshot-*"+storeSuffix)
	if err != nil {
		return "", err
	}
	return f.Name(), f.Close()
}

func writeArchive(w io.Writer, manifest Manifest, extra map[string][]byte, data io.Reader) error {
	text, err := json.MarshalIndent(manifest, "", "  ")
	if err != nil {
		return err
	}
	sum := sha256.Sum256(text)
	seal := []byte(hex.EncodeToString(sum[:]) + "\n")
	archive := tar.NewWriter(w)
	add := func(name string, size int64, content io.Reader) error {
		header := &tar.Header{Name: name, Mode: 0o600, Size: size, ModTime: manifest.Created, Typeflag: tar.TypeReg, Format: tar.FormatPAX}
		if err := archive.WriteHeader(header); err != nil {
			return err
		}
		_, err := io.Copy(archive, content)
		return err
	}
	if err := add(manifestName, int64(len(text)), bytes.NewReader(text)); err != nil {
		return err
	}
	for _, p := range manifest.Parts {
		content := data
		if p.Name != dataName {
			content = bytes.NewReader(extra[p.Name])
		}
		if err := add(p.Name, p.Size, content); err != nil {
			return fmt.Errorf("%s: %w", p.Name, err)
		}
	}
	if err := add(sealName, int64(len(seal)), bytes.NewReader(seal)); err != nil {
		return err
	}
	return archive.Close()
}

// contextReader ends a long copy when its context ends.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (r *contextReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}
