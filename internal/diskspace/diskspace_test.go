package diskspace

import (
	"path/filepath"
	"testing"
)

func TestFree(t *testing.T) {
	dir := t.TempDir()
	n, err := Free(dir)
	if err != nil || n <= 0 {
		t.Errorf("Free(%s) = %d, %v, want some bytes", dir, n, err)
	}
	if n, err := Free(filepath.Join(dir, "missing")); err == nil && n != Unlimited {
		t.Errorf("a folder that does not exist has %d bytes free", n)
	}
}
