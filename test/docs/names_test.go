package docs

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Tests and recordings that a page names exist.
func TestNamedTestsExist(t *testing.T) {
	defined := map[string]bool{}
	function := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Benchmark)[A-Z]\w*)\(`)
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && strings.HasPrefix(d.Name(), ".") && d.Name() != ".." {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		for _, m := range function.FindAllStringSubmatch(string(text), -1) {
			defined[m[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile(`\b(?:Test|Fuzz|Benchmark)[A-Z]\w*`)
	recorded := regexp.MustCompile(`\bgolden/([a-z-]+)`)
	for _, page := range []string{"security.md", "compatibility-auth.md", "compatibility-config.md", "compatibility-clients.md"} {
		text, err := os.ReadFile("../../docs/" + page)
		if err != nil {
			t.Fatal(err)
		}
		names := named.FindAllString(string(text), -1)
		if len(names) < 15 {
			t.Errorf("%s names only %q", page, names)
		}
		for _, name := range names {
			if !defined[name] {
				t.Errorf("%s names %s, which is no test", page, name)
			}
		}
		for _, m := range recorded.FindAllStringSubmatch(string(text), -1) {
			if _, err := os.Stat("../golden/testdata/" + m[1] + ".json"); err != nil && m[1] != "x" {
				t.Errorf("%s names a recording: %v", page, err)
			}
		}
	}
}
