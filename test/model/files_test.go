package model

import (
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	_ "modernc.org/sqlite" // database/sql driver
)

// Kinds of changes in the log of a file.
const created, updated, deleted = 1, 2, 3

// checkFiles looks into the files of a server that was stopped: the log has no gap and no change that cannot follow the
// one before, and the objects are what the log says.
func checkFiles(t *testing.T, dir string) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "data", "apps", "*.db"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no files in %s: %v", dir, err)
	}
	for _, path := range paths {
		if err := checkFile(path); err != nil {
			t.Errorf("%s: %v", filepath.Base(path), err)
		}
	}
}

func checkFile(path string) (err error) {
	db, err := sql.Open("sqlite", path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var sound string
	if err := db.QueryRow("PRAGMA integrity_check").Scan(&sound); err != nil || sound != "ok" {
		return fmt.Errorf("the file is damaged: %s, %w", sound, err)
	}
	first, last, err := readLog(db)
	if err != nil {
		return err
	}
	rows, err := db.Query("SELECT docid, id, revision FROM objects")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var docid, revision int64
		var id string
		if err := rows.Scan(&docid, &id, &revision); err != nil {
			return err
		}
		if first[id] != docid || last[id] != revision {
			return fmt.Errorf("object %q says it was made by change %d and written by %d; the log says %d and %d", id, docid, revision, first[id], last[id])
		}
		delete(last, id)
	}
	for id := range last {
		return fmt.Errorf("the log says that %q is there; it is not", id)
	}
	return rows.Err()
}

// readLog returns the numbers of the first and of the last change of every object that the log says is there.
func readLog(db *sql.DB) (first, last map[string]int64, err error) {
	rows, err := db.Query("SELECT seq, kind, id FROM changes ORDER BY seq")
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	first, last = map[string]int64{}, map[string]int64{}
	for next := int64(1); rows.Next(); next++ {
		var seq, kind int64
		var id string
		if err := rows.Scan(&seq, &kind, &id); err != nil {
			return nil, nil, err
		}
		_, there := first[id]
		switch {
		case seq != next:
			return nil, nil, fmt.Errorf("change %d follows change %d", seq, next-1)
		case kind == created && !there:
			first[id], last[id] = seq, seq
		case kind == updated && there:
			last[id] = seq
		case kind == deleted && there:
			delete(first, id)
			delete(last, id)
		default:
			return nil, nil, fmt.Errorf("change %d has kind %d while the object %q is there: %v", seq, kind, id, there)
		}
	}
	return first, last, rows.Err()
}
