// Package apikey is about the API keys of apps: how a key is written, what is kept of it, and whether one that somebody
// presents holds. What a key may do is decided by package access.
package apikey

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"strconv"
	"strings"
)

const (
	// Prefix begins every key, so that people and scanners of source code know one when they see it.
	Prefix = "para_"
	// IDPrefix begins the id of every key; a number follows.
	IDPrefix = "key_"

	secretSize = 32
	format     = 1 // first byte of what is encoded
	fixed      = 1 + 8 + secretSize + crc32.Size
	maxApp     = 255 // bytes of the identifier of an app
)

// ErrInvalid is the answer to everything that is no key. It tells nothing of what was presented.
var ErrInvalid = errors.New("no API key")

// Secret is what makes a key: 256 random bits.
type Secret [secretSize]byte

// NewSecret returns a new one.
func NewSecret() Secret {
	var s Secret
	_, _ = rand.Read(s[:]) // never fails
	return s
}

// Token is a key as clients present it: whose it is, and its secret.
type Token struct {
	App    string // identifier
	ID     string // IDPrefix and a number
	Secret Secret
}

// encoding has letters and digits only, so that a key is one word everywhere and a double click selects it.
var encoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// Text writes the token: the prefix, then a format number, the number of the key, the secret, the app and a checksum
// (CRC-32) of it all, in base32. With the checksum scanners know a key without asking the server. An id that is none, or
// an app of more than 255 bytes, gives "".
func (t Token) Text() string {
	n, ok := number(t.ID)
	if !ok || t.App == "" || len(t.App) > maxApp {
		return ""
	}
	b := make([]byte, 0, fixed+len(t.App))
	b = binary.BigEndian.AppendUint64(append(b, format), n)
	b = append(append(b, t.Secret[:]...), t.App...)
	b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
	return Prefix + encoding.EncodeToString(b)
}

// Parse reads a token. A token has one form: everything else is ErrInvalid, as is a wrong checksum.
func Parse(text string) (Token, error) {
	rest, ok := strings.CutPrefix(text, Prefix)
	if !ok || len(rest) < encoding.EncodedLen(fixed+1) || len(rest) > encoding.EncodedLen(fixed+maxApp) || strings.ContainsAny(rest, "\r\n") {
		return Token{}, ErrInvalid
	}
	b, err := encoding.DecodeString(rest)
	if err != nil || len(b) <= fixed || b[0] != format {
		return Token{}, ErrInvalid
	}
	body, sum := b[:len(b)-crc32.Size], b[len(b)-crc32.Size:]
	if crc32.ChecksumIEEE(body) != binary.BigEndian.Uint32(sum) {
		return Token{}, ErrInvalid
	}
	t := Token{App: string(body[1+8+secretSize:]), ID: IDPrefix + strconv.FormatUint(binary.BigEndian.Uint64(body[1:]), 10)}
	copy(t.Secret[:], body[1+8:])
	if t.Text() != text { // unused bits, or a number beyond those of ids
		return Token{}, ErrInvalid
	}
	return t, nil
}

// number is the number in the id of a key.
func number(id string) (uint64, bool) {
	digits, ok := strings.CutPrefix(id, IDPrefix)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n <= 0 || strconv.FormatInt(n, 10) != digits {
		return 0, false
	}
	return uint64(n), true
}

// IsID says whether a text has the form of a key's id.
func IsID(id string) bool {
	_, ok := number(id)
	return ok
}
