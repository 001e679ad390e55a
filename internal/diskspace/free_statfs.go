//go:build linux || darwin || freebsd

package diskspace

import (
	"fmt"
	"math"

	"golang.org/x/sys/unix"
)

// Free returns the bytes that this process can still write to the file system of a folder.
func Free(dir string) (int64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, fmt.Errorf("free space of %s: %w", dir, err)
	}
	blocks := int64(s.Bavail) // signed on some systems: the reserve of the administrator may be in use
	size := int64(s.Bsize)
	switch {
	case blocks <= 0 || size <= 0:
		return 0, nil
	case blocks > math.MaxInt64/size:
		return Unlimited, nil
	}
	return blocks * size, nil
}
