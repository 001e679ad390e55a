package functions

import (
	"encoding/base64"
	"strings"
)

// Base64 encodes the UTF-8 bytes of s in the standard alphabet with padding (O 20.10).
func Base64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// Base64URL encodes the UTF-8 bytes of s in the URL-safe alphabet without padding (O 20.10).
func Base64URL(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

// DecodeBase64 reads standard or URL-safe Base64. Padding may be missing but not be incomplete; anything that is not
// Base64 gives "" (O 20.10).
func DecodeBase64(s string) string {
	s = strings.NewReplacer("-", "+", "_", "/").Replace(s)
	if strings.ContainsAny(s, "\r\n") { // the decoder would skip them
		return ""
	}
	encoding := base64.StdEncoding
	if len(s)%4 != 0 {
		if strings.HasSuffix(s, "=") {
			return ""
		}
		encoding = base64.RawStdEncoding
	}
	b, err := encoding.DecodeString(s)
	if err != nil {
		return ""
	}
	return string(b)
}
