package signin

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"strings"
)

const (
	backupCodes     = 10
	backupCodeBytes = 10 // 80 bits: nobody guesses one, so a fast hash is enough
	backupPrefix    = "sha256:"
	maxCodeLength   = 256
)

// newBackupCodes makes codes that each sign in once instead of a one-time code, such as "k3vq-7yfm-xw2c-pn5d".
func newBackupCodes() []string {
	codes := make([]string, backupCodes)
	for i := range codes {
		var b [backupCodeBytes]byte
		_, _ = rand.Read(b[:]) // never fails
		codes[i] = backupCode(b[:])
	}
	return codes
}

func backupCode(random []byte) string {
	text := strings.ToLower(base32Text.EncodeToString(random[:backupCodeBytes]))
	return text[:4] + "-" + text[4:8] + "-" + text[8:12] + "-" + text[12:]
}

// hashBackupCodes makes the text that is stored for codes: their hashes, separated by spaces.
func hashBackupCodes(user string, codes []string) string {
	hashes := make([]string, len(codes))
	for i, c := range codes {
		hashes[i] = backupHash(user, c)
	}
	return strings.Join(hashes, " ")
}

func backupHash(user, code string) string {
	code = strings.ToLower(strings.NewReplacer(" ", "", "-", "").Replace(code))
	sum := sha256.Sum256([]byte("para backup code\x00" + user + "\x00" + code))
	return backupPrefix + base64.RawURLEncoding.EncodeToString(sum[:])
}

// useBackupCode removes the hash of a code from those that are stored; used is false when it has none. bcrypt is the hash of
// an application's own code that was found to match, "" for none.
func useBackupCode(stored, user, given, bcrypt string) (rest string, used bool) {
	hash := backupHash(user, given)
	var left []string
	for _, h := range strings.Fields(stored) {
		equal := subtle.ConstantTimeCompare([]byte(h), []byte(hash)) == 1
		if bcrypt != "" {
			equal = subtle.ConstantTimeCompare([]byte(h), []byte(bcrypt)) == 1
		}
		if equal && !used {
			used = true
			continue
		}
		left = append(left, h)
	}
	return strings.Join(left, " "), used
}

// bcryptHashes are the hashes that an application stored for codes of its own.
func bcryptHashes(stored string) []string {
	var out []string
	for _, h := range strings.Fields(stored) {
		if strings.HasPrefix(h, "$2") && len(out) < backupCodes {
			out = append(out, h)
		}
	}
	return out
}
