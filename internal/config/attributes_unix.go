//go:build unix

package config

import (
	"io/fs"
	"os"
	"syscall"
)

// copyAttributes gives a new file the mode and the owner of the one that it replaces. An error means that it cannot
// have them.
func copyAttributes(f *os.File, info fs.FileInfo) error {
	if err := f.Chmod(info.Mode().Perm()); err != nil {
		return err
	}
	old, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	created, err := f.Stat()
	if err != nil {
		return err
	}
	if now, ok := created.Sys().(*syscall.Stat_t); ok && now.Uid == old.Uid && now.Gid == old.Gid {
		return nil
	}
	return f.Chown(int(old.Uid), int(old.Gid))
}
