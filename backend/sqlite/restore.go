package sqlite

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/erudika/para-go"
)

// Snapshot is a snapshot that was read, checked and spooled to disk. Close it.
type Snapshot struct {
	Manifest Manifest
	Extra    map[string][]byte // members that SnapshotWith added

	path string // of the spooled database; "" when it is used up
}

// Close removes what was spooled.
func (sn *Snapshot) Close() error {
	if sn.path == "" {
		return nil
	}
	path := sn.path
	sn.path = ""
	return removeDatabase(path)
}

// RestoreSnapshot replaces the app's file by the copy in a snapshot, see Restore.
func (s *Store) RestoreSnapshot(ctx context.Context, app string, r io.Reader) error {
	sn, err := s.ReadSnapshot(ctx, r)
	if err != nil {
		return err
	}
	return errors.Join(s.Restore(ctx, app, sn), sn.Close())
}

// ReadSnapshot reads an archive that Snapshot wrote and checks all of it: manifest, hashes, the database's header, tables
// and structure. Whatever is torn, edited or foreign is an Invalid error that says what is wrong.
func (s *Store) ReadSnapshot(ctx context.Context, r io.Reader) (*Snapshot, error) {
	if err := s.usable(ctx); err != nil {
		return nil, err
	}
	path, err := s.spoolFile()
	if err != nil {
		return nil, writeFailure("read snapshot", err)
	}
	sn := &Snapshot{Extra: make(map[string][]byte), path: path}
	err = sn.readArchive(&contextReader{ctx, r})
	if err == nil {
		err = s.checkSnapshot(ctx, sn)
	}
	if err != nil {
		return nil, writeFailure("read snapshot", errors.Join(err, sn.Close()))
	}
	return sn, nil
}

func badSnapshot(format string, args ...any) error {
	return para.Errorf(para.Invalid, "The snapshot cannot be restored: "+format+".", args...)
}

// readArchive reads the members in their order, checks sizes and hashes and spools the database.
func (sn *Snapshot) readArchive(r io.Reader) error {
	archive := tar.NewReader(r)
	text, err := readMember(archive, manifestName, maxManifest)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, &sn.Manifest); err != nil {
		return badSnapshot("its manifest cannot be read")
	}
	if err := sn.Manifest.check(); err != nil {
		return err
	}
	for _, p := range sn.Manifest.Parts {
		if p.Name == dataName {
			err = sn.spool(archive, p)
		} else {
			var b []byte
			if b, err = readMember(archive, p.Name, maxExtra); err == nil {
				sum := sha256.Sum256(b)
				sn.Extra[p.Name] = b
				err = p.compare(int64(len(b)), sum[:])
			}
		}
		if err != nil {
			return err
		}
	}
	seal, err := readMember(archive, sealName, 100)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(text)
	if strings.TrimSpace(string(seal)) != hex.EncodeToString(sum[:]) {
		return badSnapshot("its manifest was changed")
	}
	if _, err := archive.Next(); err != io.EOF {
		return badSnapshot("it has members that are not in its manifest")
	}
	return nil
}

func (m *Manifest) check() error {
	if m.Format != snapshotFormat {
		return badSnapshot("its format is %d, this program reads format %d", m.Format, snapshotFormat)
	}
	if m.StoreFormat > formatNumber {
		return badSnapshot("its data has format %d, this program reads formats up to %d", m.StoreFormat, formatNumber)
	}
	if len(m.Parts) == 0 || len(m.Parts) > maxExtraParts+1 || m.Parts[len(m.Parts)-1].Name != dataName {
		return badSnapshot("its manifest does not list the parts of a snapshot")
	}
	seen := make(map[string]bool)
	for _, p := range m.Parts {
		if seen[p.Name] || p.Name != dataName && !extraName(p.Name) {
			return badSnapshot("its manifest lists a wrong part, %q", p.Name)
		}
		seen[p.Name] = true
	}
	return nil
}

// nextMember moves to the next member, which must have this name.
func nextMember(archive *tar.Reader, name string) (*tar.Header, error) {
	h, err := archive.Next()
	if err != nil {
		return nil, torn(name, err)
	}
	if h.Name != name || h.Typeflag != tar.TypeReg {
		return nil, badSnapshot("it has the member %q where %q must be", h.Name, name)
	}
	return h, nil
}

// torn says that a member is not there, or passes on that reading was given up.
func torn(name string, err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return &para.Error{Code: para.Invalid, Message: fmt.Sprintf("The snapshot cannot be restored: it ends or is damaged at %q.", name), Err: err}
}

func readMember(archive *tar.Reader, name string, limit int64) ([]byte, error) {
	h, err := nextMember(archive, name)
	if err != nil {
		return nil, err
	}
	if h.Size > limit {
		return nil, badSnapshot("its member %q has more than %d bytes", name, limit)
	}
	b, err := io.ReadAll(archive)
	if err != nil {
		return nil, torn(name, err)
	}
	return b, nil
}

func (p *Part) compare(size int64, sum []byte) error {
	if size != p.Size || hex.EncodeToString(sum) != p.SHA256 {
		return badSnapshot("its member %q is not the one in its manifest", p.Name)
	}
	return nil
}

// spool writes the database to disk.
func (sn *Snapshot) spool(archive *tar.Reader, p Part) error {
	h, err := nextMember(archive, p.Name)
	if err != nil {
		return err
	}
	if h.Size != p.Size {
		return badSnapshot("its member %q is not the one in its manifest", p.Name)
	}
	out, err := os.OpenFile(sn.path, os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer out.Close()
	hash := sha256.New()
	source := &memberReader{archive: archive}
	size, err := io.Copy(io.MultiWriter(out, hash), source)
	if source.err != nil {
		return torn(p.Name, source.err)
	}
	if err == nil {
		err = out.Close()
	}
	if err != nil {
		return err
	}
	return p.compare(size, hash.Sum(nil))
}

// memberReader remembers a failure to read, so that it can be told from a failure to write.
type memberReader struct {
	archive *tar.Reader
	err     error
}

func (r *memberReader) Read(b []byte) (int, error) {
	n, err := r.archive.Read(b)
	if err != nil && err != io.EOF {
		r.err = err
	}
	return n, err
}

// checkSnapshot opens the spooled database, brings it to the current format and checks all of it.
func (s *Store) checkSnapshot(ctx context.Context, sn *Snapshot) error {
	if err := checkMagic(sn.path); err != nil {
		return badSnapshot("its database is not one")
	}
	c, err := openConn(sn.path, openExisting)
	if err != nil {
		return badSnapshot("its database cannot be opened")
	}
	defer c.interruptWhen(ctx)()
	if err = s.checkDatabase(c, sn); err != nil && ctx.Err() != nil {
		err = ctx.Err()
	}
	return errors.Join(err, c.close())
}

func (s *Store) checkDatabase(c *conn, sn *Snapshot) error {
	if err := c.script("PRAGMA trusted_schema=OFF; PRAGMA synchronous=OFF; PRAGMA temp_store=MEMORY"); err != nil {
		return damagedSnapshot(err)
	}
	n, err := format(c, dataName)
	if err != nil {
		return damagedSnapshot(err)
	}
	if n != sn.Manifest.StoreFormat {
		return badSnapshot("its data has format %d, its manifest says %d", n, sn.Manifest.StoreFormat)
	}
	lines, err := c.strings("PRAGMA integrity_check(5)")
	if err != nil {
		return damagedSnapshot(err)
	}
	if len(lines) != 1 || lines[0] != "ok" {
		return damagedSnapshot(errors.New(strings.Join(lines, "; ")))
	}
	if n < formatNumber {
		if err := upgrade(c, n, upgrades[:]); err != nil {
			return damagedSnapshot(err)
		}
	}
	// A database with triggers, views or other tables could do more than hold data.
	got, err := describeSchema(c)
	if err != nil {
		return damagedSnapshot(err)
	}
	want, err := currentSchema()
	if err != nil {
		return err
	}
	if got != want {
		return badSnapshot("its database has not the tables of this store")
	}
	app, err := c.string("SELECT value FROM meta WHERE key='app'")
	if err != nil {
		return damagedSnapshot(err)
	}
	if app != sn.Manifest.App {
		return badSnapshot("it holds the app %q, its manifest says %q", app, sn.Manifest.App)
	}
	return nil
}

func damagedSnapshot(err error) error {
	return &para.Error{Code: para.Invalid, Message: "The snapshot cannot be restored: its database is damaged.", Err: err}
}

// currentSchema describes the tables of a new file.
func currentSchema() (string, error) {
	c, err := openConn(":memory:", openCreate)
	if err != nil {
		return "", err
	}
	err = createSchema(c, "x")
	var text string
	if err == nil {
		text, err = describeSchema(c)
	}
	return text, errors.Join(err, c.close())
}

// Restore replaces the app's file by the database of a snapshot, which it uses up. The app need not exist, nor be the one
// that the snapshot was made of. A crash at any moment leaves the old file or the new one.
//
// When it replaces an app with a history, the sequence numbers go on above both histories, so that none is used twice,
// and the log is empty: followers get NotFound for their positions and start from the records.
func (s *Store) Restore(ctx context.Context, app string, sn *Snapshot) error {
	path := s.path(app)
	if path == "" {
		return para.Errorf(para.Invalid, "An app needs an identifier of at most %d characters.", maxFileName)
	}
	if sn.path == "" {
		return para.Errorf(para.Invalid, "The snapshot was used or closed already.")
	}
	err := s.exclusive(ctx, app, func() error {
		last, err := s.historyEnd(path, sn.Manifest.LastChange)
		if err != nil {
			return err
		}
		if err := adopt(sn.path, app, last); err != nil {
			return err
		}
		fresh := strings.TrimSuffix(path, storeSuffix) + newSuffix
		if err := removeDatabase(fresh); err != nil {
			return err
		}
		if err := os.Rename(sn.path, fresh); err != nil {
			return err
		}
		sn.path = ""
		if err := removeLogs(path); err != nil {
			return err
		}
		if err := replace(fresh, path); err != nil {
			return err
		}
		s.resolve(app)
		return nil
	})
	return writeFailure("restore", err)
}

// historyEnd returns the number of the newest change that the file at path ever had, 0 when there is no file. Reading it
// moves its write-ahead log into it. For a damaged file it returns a number that is certainly higher.
func (s *Store) historyEnd(path string, snapshotLast int64) (int64, error) {
	there, err := exists(path)
	if err != nil || !there {
		return 0, err
	}
	last, err := readHistoryEnd(path)
	if err != nil {
		s.log.Warn("The file that is replaced by a snapshot could not be read.", "file", path, "error", err)
		const farAway = 1 << 32
		return snapshotLast + farAway, nil
	}
	return last, nil
}

func readHistoryEnd(path string) (last int64, err error) {
	if err := checkMagic(path); err != nil {
		return 0, err
	}
	c, err := openConn(path, openExisting)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	if _, err := format(c, path); err != nil {
		return 0, err
	}
	return c.int64("SELECT max((SELECT value FROM meta WHERE key='trimmed'), coalesce((SELECT max(seq) FROM changes), 0))")
}

// adopt makes the database at path that of an app whose history so far ended at last, and synchronises it.
func adopt(path, app string, last int64) error {
	c, err := openConn(path, openExisting)
	if err != nil {
		return err
	}
	err = c.script("PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF")
	if err == nil {
		err = c.exec("UPDATE meta SET value=? WHERE key='app'", app)
	}
	if err == nil && last > 0 {
		err = c.exec(`UPDATE meta SET value=max(?, value, coalesce((SELECT max(seq) FROM changes), 0)) WHERE key='trimmed'`, last)
		if err == nil {
			err = c.exec("DELETE FROM changes")
		}
	}
	if err = errors.Join(err, c.close()); err != nil {
		return err
	}
	return syncFile(path)
}
