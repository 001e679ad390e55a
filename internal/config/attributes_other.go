//go:build !unix

package config

import (
	"io/fs"
	"os"
)

// copyAttributes does nothing: a new file inherits its rights from the folder.
func copyAttributes(*os.File, fs.FileInfo) error { return nil }
