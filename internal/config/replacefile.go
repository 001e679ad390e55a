package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// replaceFile gives a file new content in one step, or in place where a new file cannot take its name. rename is
// os.Rename.
func replaceFile(path string, content []byte, rename func(from, to string) error) error {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return replaceAtOnce(path, content, nil, rename)
	case err != nil:
		return err
	}
	// A file that this process may not write stays as it is, even in a folder where it could be replaced.
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := replaceAtOnce(path, content, info, rename); err == nil {
		return nil
	}
	return overwrite(f, content)
}

// replaceAtOnce writes a temporary file beside path and renames it. info describes the file that it replaces, nil for a
// new one.
func replaceAtOnce(path string, content []byte, info fs.FileInfo, rename func(from, to string) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".para-*.tmp") // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	if err := overwrite(f, content); err != nil {
		f.Close()
		return err
	}
	if info != nil {
		if err := copyAttributes(f, info); err != nil {
			f.Close()
			return err
		}
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := rename(f.Name(), path); err != nil {
		return err
	}
	syncFolder(filepath.Dir(path))
	return nil
}

// overwrite writes content from the start of an open file and makes it durable. The file is cut only afterwards, so
// that a crash in between leaves the beginning of the new text rather than nothing.
func overwrite(f *os.File, content []byte) error {
	if _, err := f.WriteAt(content, 0); err != nil {
		return err
	}
	if err := f.Truncate(int64(len(content))); err != nil {
		return err
	}
	return f.Sync()
}

// syncFolder makes a rename durable where the system can do that. The new content is durable by itself, so a folder
// that cannot be synchronised is no failure.
func syncFolder(dir string) {
	f, err := os.Open(dir)
	if err != nil {
		return
	}
	defer f.Close()
	_ = f.Sync()
}
