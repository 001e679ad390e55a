package sqlite

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// exists says whether there is a file at path.
func exists(path string) (bool, error) {
	_, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// remove deletes a file; a missing one is no error.
func remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// removeLogs deletes the write-ahead log of the database file at path and the index of the log. A log that stays behind
// would be applied to whatever file gets this name next.
func removeLogs(path string) error {
	return errors.Join(remove(path+"-wal"), remove(path+"-shm"), remove(path+"-journal"))
}

// removeDatabase deletes a database file with its logs.
func removeDatabase(path string) error {
	return errors.Join(removeLogs(path), remove(path))
}

// replace gives the file at from the name to, durably and at one moment.
func replace(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return syncDir(filepath.Dir(to))
}

// syncFile makes the content of a file durable.
func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	err = f.Sync()
	return errors.Join(err, f.Close())
}
