package crash

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "modernc.org/sqlite" // database/sql driver
)

// appFile is what the file of an app holds.
type appFile struct {
	app     string
	objects []*seen // of the types that writers write
	tally   tally
	last    int64 // number of the newest change
}

// copyFiles copies the files of all apps without their shared memory, as they are on the disk now, and returns the folder.
func copyFiles(t *testing.T, dir string) string {
	t.Helper()
	target := t.TempDir()
	from, to := filepath.Join(dir, "apps"), filepath.Join(target, "apps")
	list, err := os.ReadDir(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(to, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, f := range list {
		if strings.HasSuffix(f.Name(), "-shm") {
			continue
		}
		data, err := os.ReadFile(filepath.Join(from, f.Name()))
		if err == nil {
			err = os.WriteFile(filepath.Join(to, f.Name()), data, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return target
}

// openFiles reads the files of all apps in a data folder that no server uses, and checks their records and logs; whole
// checks every page and index too. What SQLite finds in a write-ahead log that was left behind is taken over into the files.
func openFiles(t *testing.T, dir string, whole bool) map[string]*appFile {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "apps", "*.db"))
	if err != nil {
		t.Fatal(err)
	}
	files := make(map[string]*appFile, len(paths))
	for _, path := range paths {
		f, err := openAppFile(path, whole)
		if err != nil {
			t.Errorf("%s: %v", filepath.Base(path), err)
			continue
		}
		files[f.app] = f
	}
	return files
}

func openAppFile(path string, whole bool) (f *appFile, err error) {
	db, err := sql.Open("sqlite", path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if whole {
		var ok string
		if err := db.QueryRow("PRAGMA integrity_check").Scan(&ok); err != nil || ok != "ok" {
			return nil, fmt.Errorf("the file is damaged: %s, %w", ok, err)
		}
	}
	f = &appFile{}
	if err := db.QueryRow("SELECT value FROM meta WHERE key='app'").Scan(&f.app); err != nil {
		return nil, err
	}
	log, err := f.readLog(db)
	if err != nil {
		return nil, err
	}
	return f, f.readObjects(db, log)
}

// history is what the log says of an id.
type history struct {
	created int64 // number of the change that created the object
	last    int64 // number of its newest change
	there   bool
}

const kindCreated, kindUpdated, kindDeleted = 1, 2, 3

// readLog reads the log, which must have no gap and no change that cannot follow the one before.
func (f *appFile) readLog(db *sql.DB) (map[string]history, error) {
	if err := db.QueryRow("SELECT value FROM meta WHERE key='trimmed'").Scan(&f.last); err != nil {
		return nil, err
	}
	if f.last != 0 {
		return nil, fmt.Errorf("somebody trimmed the log to %d", f.last)
	}
	rows, err := db.Query("SELECT seq, kind, id FROM changes ORDER BY seq")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	log := map[string]history{}
	for rows.Next() {
		var seq, kind int64
		var id string
		if err := rows.Scan(&seq, &kind, &id); err != nil {
			return nil, err
		}
		if seq != f.last+1 {
			return nil, fmt.Errorf("the log has a gap: change %d follows %d", seq, f.last)
		}
		f.last = seq
		old := log[id]
		if old.there == (kind == kindCreated) {
			return nil, fmt.Errorf("change %d: kind %d of object %s, which is there: %v", seq, kind, id, old.there)
		}
		next := history{created: old.created, last: seq, there: kind != kindDeleted}
		if kind == kindCreated {
			next.created = seq
		}
		log[id] = next
	}
	return log, rows.Err()
}

// readObjects reads the objects, which must be those of the log.
func (f *appFile) readObjects(db *sql.DB, log map[string]history) error {
	rows, err := db.Query("SELECT docid, id, revision, data FROM objects")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var docID, revision int64
		var id string
		var data []byte
		if err := rows.Scan(&docID, &id, &revision, &data); err != nil {
			return err
		}
		h := log[id]
		if !h.there || h.created != docID || h.last != revision || revision > f.last {
			return fmt.Errorf("object %s has docid %d and revision %d; the log says %+v and ends at %d", id, docID, revision, h, f.last)
		}
		delete(log, id)
		if err := f.take(data); err != nil {
			return fmt.Errorf("object %s: %w", id, err)
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for id, h := range log {
		if h.there {
			return fmt.Errorf("object %s is missing; the log says %+v", id, h)
		}
	}
	return nil
}

func (f *appFile) take(data []byte) error {
	o := &seen{}
	if err := json.Unmarshal(data, o); err != nil {
		return err
	}
	switch o.Type {
	case "article", "remark":
		f.objects = append(f.objects, o)
	case tallyType:
		return json.Unmarshal(data, &f.tally.members)
	}
	return nil
}
