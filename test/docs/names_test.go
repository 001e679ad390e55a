package docs

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	testName = regexp.MustCompile(`\b(?:Test|Fuzz)[A-Z][A-Za-z]+\b`)
	funcName = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)[A-Za-z]+)\(`)
	partName = regexp.MustCompile(`[ ;|]/([A-Z][A-Za-z]+)\b`)
)

// TestNamesOfTests looks for the tests that the pages about compatibility name: a test that is renamed or removed must not stay
// there as a proof.
func TestNamesOfTests(t *testing.T) {
	const top = "../.."
	there := map[string]bool{}
	err := filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != top && strings.HasPrefix(d.Name(), ".") && d.Name() != ".." {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		src, err := os.ReadFile(path)
		for _, m := range funcName.FindAllSubmatch(src, -1) {
			there[string(m[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	suite, err := os.ReadFile(top + "/backend/backendtest/search.go")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(top + "/docs/compatibility-search.md")
	if err != nil {
		t.Fatal(err)
	}
	named := testName.FindAllString(string(page), -1)
	if len(named) < 50 {
		t.Fatalf("the page names %d tests only", len(named))
	}
	for _, name := range named {
		if !there[name] {
			t.Errorf("there is no test %s", name)
		}
	}
	for _, m := range partName.FindAllStringSubmatch(string(page), -1) {
		if !strings.Contains(string(suite), `{"`+m[1]+`", test`) {
			t.Errorf("the contract of searches has no part %s", m[1])
		}
	}
}
