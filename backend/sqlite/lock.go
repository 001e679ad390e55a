package sqlite

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/erudika/para-go"
)

// lockFile is the name of the file in the data folder whose lock the process that uses the folder holds.
const lockFile = "para.lock"

// errLocked is what tryLock returns when another process holds the lock.
var errLocked = errors.New("locked")

// lockFolder takes the lock of a data folder. The operating system releases it when the process ends, however it ends.
func lockFolder(dir string) (*os.File, error) {
	path := filepath.Join(dir, lockFile)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	err = tryLock(f)
	if errors.Is(err, errLocked) {
		holder := "another process"
		if b, readErr := os.ReadFile(path); readErr == nil {
			if pid, numErr := strconv.Atoi(strings.TrimSpace(string(b))); numErr == nil {
				holder = fmt.Sprintf("another process (process id %d)", pid)
			}
		}
		f.Close()
		return nil, &para.Error{Code: para.Unavailable, Message: "The data folder is in use.",
			Err: fmt.Errorf("%s is in use by %s: stop it first, or use another folder", dir, holder)}
	}
	if err == nil {
		err = f.Truncate(0)
	}
	if err == nil {
		_, err = f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return f, nil
}
