//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package sqlite

import "golang.org/x/sys/unix"

// fileLimit is the number of files that the process may have open, 0 when nobody says.
func fileLimit() int {
	var r unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &r); err != nil {
		return 0
	}
	return int(min(r.Cur, 1<<30))
}
