package functions

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
)

// MD5 returns the lower-case hexadecimal MD5 digest of the UTF-8 bytes of s (O 20.1). It names things (pictures, cache
// keys); it protects nothing.
func MD5(s string) string {
	sum := md5.Sum([]byte(s))
	return hex.EncodeToString(sum[:])
}

// HMACSHA256 signs message with secret and returns the signature in standard Base64. An empty secret gives "" (O 20.1).
func HMACSHA256(message, secret string) string {
	if secret == "" {
		return ""
	}
	return base64.StdEncoding.EncodeToString(hmacSHA256(message, secret))
}

// HMACSHA256URL is HMACSHA256 in URL-safe Base64 without padding (O 20.1).
func HMACSHA256URL(message, secret string) string {
	if secret == "" {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(hmacSHA256(message, secret))
}

func hmacSHA256(message, secret string) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(message))
	return mac.Sum(nil)
}
