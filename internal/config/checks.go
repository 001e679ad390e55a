package config

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/erudika/para-go/internal/logs"
)

// maxWorker is the highest number of a node in generated ids (O 3.1).
const maxWorker = 31

// checkWorker looks at worker_id, which is text in the table but must be a number (D97). Numbers that ids have no room for
// are replaced by a random one, as the reference does (O 3.1).
func checkWorker(text string) (warning string, err error) {
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		return "", fmt.Errorf("is not a whole number; write a number from 0 to %d, another one on every node", maxWorker)
	}
	if n < 0 || n > maxWorker {
		return fmt.Sprintf("is not from 0 to %d: generated ids carry a random number instead, which another node may have too", maxWorker), nil
	}
	return "", nil
}

// checkContextPath looks at a prefix of all paths (C 4.2).
func checkContextPath(text string) (warning string, err error) {
	path := strings.TrimRight(text, "/")
	if path == "" {
		return "", nil
	}
	if path[0] != '/' {
		return "does not start with a slash and has no effect; write /" + path, nil
	}
	for segment := range strings.SplitSeq(path[1:], "/") {
		if segment == "" || segment == "." || segment == ".." {
			return "", errors.New("has an empty, . or .. segment; write it like /para or /api/para")
		}
		for _, c := range segment {
			if c <= ' ' || c == 0x7f || strings.ContainsRune(`?#%\"<>`, c) {
				return "", fmt.Errorf("holds the character %q; use letters, digits, -, _ and . only", c)
			}
		}
	}
	return "", nil
}

// checkLogLevel looks at the threshold of log files (C 3.4).
func checkLogLevel(text string) (warning string, err error) {
	_, _, err = logs.ParseLevel(text)
	return "", err
}
