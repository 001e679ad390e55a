package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// expand returns the files that names, folders and patterns stand for, in the order of the arguments, those of one
// argument sorted, and each once (K 2.4). Patterns know *, **, ?, [a-z] and {a,b}; a leading ! takes files out, and
// patterns of this kind alone take them out of all files below the working directory. Hidden files count only when they
// are named.
func expand(args []string) ([]string, error) {
	var wanted, unwanted []string
	for _, arg := range args {
		pattern, negated := strings.CutPrefix(arg, "!")
		if !negated || exists(arg) {
			wanted = append(wanted, arg)
			continue
		}
		if !doublestar.ValidatePathPattern(pattern) {
			return nil, usageError{fmt.Errorf("the pattern %q is not valid", arg)}
		}
		unwanted = append(unwanted, filepath.Clean(pattern))
	}
	if len(wanted) == 0 {
		wanted = []string{"."}
	}
	var out []string
	for _, arg := range wanted {
		files, err := expandOne(arg)
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			drop := slices.ContainsFunc(unwanted, func(pattern string) bool { return doublestar.PathMatchUnvalidated(pattern, file) })
			if !drop {
				out = append(out, file)
			}
		}
	}
	return distinct(out), nil
}

func expandOne(arg string) ([]string, error) {
	if arg == stdin {
		return []string{stdin}, nil
	}
	if exists(arg) { // also when its name looks like a pattern
		return walk(filepath.Clean(arg))
	}
	if !strings.ContainsAny(arg, "*?[{") {
		return nil, fmt.Errorf("no file %s", arg)
	}
	found, err := doublestar.FilepathGlob(arg, doublestar.WithNoHidden(), doublestar.WithFailOnIOErrors())
	if errors.Is(err, doublestar.ErrBadPattern) {
		return nil, usageError{fmt.Errorf("the pattern %q is not valid", arg)}
	}
	if err != nil {
		return nil, err
	}
	slices.Sort(found)
	var out []string
	for _, name := range found {
		files, err := walk(filepath.Clean(name))
		if err != nil {
			return nil, err
		}
		out = append(out, files...)
	}
	return out, nil
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// walk returns a file, or all files below a folder. Files that a link stands for count, folders do not, so that no walk
// goes in circles.
func walk(name string) ([]string, error) {
	if regular(name) {
		return []string{name}, nil
	}
	var out []string
	err := filepath.WalkDir(name, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		hidden := p != name && strings.HasPrefix(d.Name(), ".")
		switch {
		case hidden && d.IsDir():
			return filepath.SkipDir
		case !hidden && !d.IsDir() && regular(p):
			out = append(out, p)
		}
		return nil
	})
	return out, err
}

// keyFiles are files of a server that hold the secret key of its root app.
var keyFiles = []string{"para-application.conf", "application.conf", "root-credentials.conf"}

// withoutKeyFiles leaves out what must not get into objects, and says so: a server often runs in the folder of the files.
func (t *tool) withoutKeyFiles(files []string) []string {
	return slices.DeleteFunc(files, func(name string) bool {
		secret := slices.Contains(keyFiles, filepath.Base(name))
		if secret {
			t.note("%s is left out: files of this name hold the secret key of a server. Copy it to another name if it is meant.", name)
		}
		return secret
	})
}

func regular(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}
