package functions

import (
	"crypto/rand"
	"encoding/base64"
)

// SecurityToken returns n random bytes from the system's secure source in Base64: padded standard alphabet, or unpadded
// URL-safe alphabet when urlSafe is set (O 20.2). n below 1 gives "".
func SecurityToken(n int, urlSafe bool) string {
	if n < 1 {
		return ""
	}
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails: the runtime ends the process when the system has no randomness
	if urlSafe {
		return base64.RawURLEncoding.EncodeToString(b)
	}
	return base64.StdEncoding.EncodeToString(b)
}
