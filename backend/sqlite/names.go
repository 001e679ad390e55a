package sqlite

import (
	"encoding/hex"
	"strings"
)

// Endings of the files in the apps folder.
const (
	storeSuffix   = ".db"
	newSuffix     = ".new"
	droppedSuffix = ".dropped"
)

// maxFileName bounds the escaped identifier in bytes; with endings it stays below the 255 bytes of common file systems.
const maxFileName = 180

// reservedNames cannot be file names on Windows, whatever their ending.
const reservedNames = " con prn aux nul com0 com1 com2 com3 com4 com5 com6 com7 com8 com9" +
	" lpt0 lpt1 lpt2 lpt3 lpt4 lpt5 lpt6 lpt7 lpt8 lpt9 "

// fileName returns the name, without ending, of the file of an app, "" for an empty or too long identifier. Different
// identifiers have different names, also where the file system ignores case.
func fileName(app string) string {
	const digits = "0123456789abcdef"
	reserved := strings.Contains(reservedNames, " "+app+" ")
	var b strings.Builder
	for i := 0; i < len(app); i++ {
		c := app[i]
		plain := c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_'
		if plain && !(reserved && i == 0) {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(digits[c>>4])
		b.WriteByte(digits[c&15])
	}
	if b.Len() > maxFileName {
		return ""
	}
	return b.String()
}

// appName returns the identifier that a file name stands for; ok is false for names that fileName does not make.
func appName(name string) (app string, ok bool) {
	var b strings.Builder
	for i := 0; i < len(name); i++ {
		if name[i] != '%' {
			b.WriteByte(name[i])
			continue
		}
		if i+3 > len(name) {
			return "", false
		}
		c, err := hex.DecodeString(name[i+1 : i+3])
		if err != nil {
			return "", false
		}
		b.WriteByte(c[0])
		i += 2
	}
	app = b.String()
	return app, app != "" && fileName(app) == name
}
