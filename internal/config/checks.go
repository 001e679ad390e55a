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

// checkAppName refuses names of which no identifier can be made (C 5.1).
func checkAppName(text string) (warning string, err error) {
	if identifier(text) == "" {
		return "", errors.New("leaves nothing for the identifier of the root app; use some ASCII letters or digits")
	}
	return "", nil
}

// shortestSecret is how long the key of a token must be, in bytes (D61).
const shortestSecret = 32

// checkRootSecret tells of a secret that signs requests but no tokens (D92).
func checkRootSecret(text string) (warning string, err error) {
	if text != "" && len(text) < shortestSecret {
		return fmt.Sprintf("is shorter than %d bytes: requests can be signed with it, but tokens will not work", shortestSecret), nil
	}
	return "", nil
}

// checkWriteErrors tells of what is no longer possible (D99).
func checkWriteErrors(text string) (warning string, err error) {
	if !isTrue(text) {
		return "has no effect: a write that fails is always an error of its request", nil
	}
	return "", nil
}

// checkMCPMode tells of words that count as another one (D121).
func checkMCPMode(text string) (warning string, err error) {
	switch strings.ToLower(text) {
	case "off", "r", "rw", "":
		return "", nil
	}
	return "is none of off, r and rw, and counts as r", nil
}
