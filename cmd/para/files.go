package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"

	para "github.com/erudika/para-go"
)

const (
	maxFile  = 256 << 20 // bytes of a file that is read
	maxChunk = 350 << 10 // bytes of a text in one object (K 2.4)
	cutRange = 100       // how far before the limit a text is cut at a space
)

// fileOptions say how one file becomes objects.
type fileOptions struct {
	id       string // "" for one made of the file
	typ      string
	encodeID bool
	sanitize bool
	cwd      string
	jsonOnly bool
}

// expand returns the files that names, folders and patterns stand for, without hidden ones, sorted and each once.
func expand(args []string) ([]string, error) {
	var out []string
	for _, arg := range args {
		if arg == "-" {
			out = append(out, arg)
			continue
		}
		found, err := filepath.Glob(arg)
		if err != nil {
			return nil, usageError{fmt.Errorf("the pattern %q is not valid: %w", arg, err)}
		}
		if len(found) == 0 {
			if strings.ContainsAny(arg, "*?[") {
				continue
			}
			return nil, fmt.Errorf("no file %s", arg)
		}
		for _, name := range found {
			files, err := walk(name)
			if err != nil {
				return nil, err
			}
			out = append(out, files...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// walk returns a file, or all files below a folder.
func walk(name string) ([]string, error) {
	var out []string
	err := filepath.WalkDir(name, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		hidden := p != name && strings.HasPrefix(d.Name(), ".")
		switch {
		case d.IsDir() && hidden:
			return filepath.SkipDir
		case d.Type().IsRegular() && !hidden:
			out = append(out, p)
		}
		return nil
	})
	return out, err
}

// readFile makes the objects of a file and returns its size.
func readFile(name string, o fileOptions) ([]*para.Object, int, error) {
	data, err := readAll(name)
	if err != nil {
		return nil, 0, err
	}
	ext := strings.ToLower(filepath.Ext(name))
	if name == "-" {
		ext = ".json"
		name = "stdin"
	}
	if o.jsonOnly && ext != ".json" {
		return nil, 0, errors.New("it is not a JSON file")
	}
	var objects []*para.Object
	switch ext {
	case ".json":
		objects, err = fromJSON(data, name, o)
	case ".html", ".htm":
		objects, err = fromHTML(data, name, o)
	case ".txt", ".md", ".markdown", ".csv", ".yml", ".yaml", ".js", ".mjs", ".css", ".log", ".ics", "":
		objects = fromText(string(data), name, o)
	default:
		err = errors.New("it isn't JSON, HTML nor text")
	}
	return objects, len(data), err
}

func readAll(name string) ([]byte, error) {
	if name == "-" {
		return readLimited(os.Stdin)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readLimited(f)
}

func readLimited(f *os.File) ([]byte, error) {
	var b bytes.Buffer
	n, err := b.ReadFrom(&limited{f, maxFile + 1})
	if err == nil && n > maxFile {
		err = fmt.Errorf("it has more than %d MiB", maxFile>>20)
	}
	return b.Bytes(), err
}

type limited struct {
	f    *os.File
	left int64
}

func (l *limited) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, errors.New("the file is too large")
	}
	n, err := l.f.Read(p[:min(int64(len(p)), l.left)])
	l.left -= int64(n)
	return n, err
}

// base makes the object that a file's own members are laid over: id, name and type (K 2.4).
func (o fileOptions) base(id string) *para.Object {
	obj := para.New(typeName(o.typ))
	obj.SetName(id)
	if o.encodeID {
		obj.SetID(base64.StdEncoding.EncodeToString([]byte(id)))
	} else {
		obj.SetID(id)
	}
	return obj
}

func (o fileOptions) fallback(name string) string {
	if o.id != "" {
		return o.id
	}
	if o.cwd != "" {
		if rel, err := filepath.Rel(o.cwd, name); err == nil {
			name = rel
		}
	}
	return filepath.ToSlash(name)
}

var notWord = regexp.MustCompile(`[^A-Za-z0-9_\s]`)
var blanks = regexp.MustCompile(`\s+`)

// typeName is the form of --type (K 2.4).
func typeName(typ string) string {
	if typ == "" {
		return "sysprop"
	}
	return blanks.ReplaceAllString(notWord.ReplaceAllString(typ, " "), "-")
}

func fromJSON(data []byte, name string, o fileOptions) ([]*para.Object, error) {
	data = bytes.TrimSpace(data)
	var list []map[string]json.RawMessage
	if len(data) > 0 && data[0] == '[' {
		if err := json.Unmarshal(data, &list); err != nil {
			return nil, fmt.Errorf("its JSON is not an array of objects: %w", err)
		}
	} else {
		var one map[string]json.RawMessage
		if err := json.Unmarshal(data, &one); err != nil {
			return nil, fmt.Errorf("its JSON is not an object: %w", err)
		}
		list = append(list, one)
	}
	var out []*para.Object
	for _, members := range list {
		obj := o.base(o.fallback(name))
		if o.jsonOnly {
			if _, ok := members["name"]; !ok {
				obj.Remove("name") // an update must not rename
			}
		}
		names := make([]string, 0, len(members))
		for k := range members {
			names = append(names, k)
		}
		slices.Sort(names)
		for _, k := range names {
			if err := obj.Set(k, members[k]); err != nil {
				return nil, err
			}
		}
		out = append(out, obj)
	}
	return out, nil
}

// fromText makes one object of a text, or several of a long one. Every word is kept.
func fromText(text, name string, o fileOptions) []*para.Object {
	text = o.clean(text)
	id := o.fallback(name)
	if len(text) <= maxChunk {
		obj := o.base(id)
		_ = obj.Set("text", text) // a text always encodes
		return []*para.Object{obj}
	}
	var out []*para.Object
	for n := 0; text != ""; n++ {
		cut := len(text)
		if cut > maxChunk {
			cut = maxChunk
			if i := strings.LastIndexByte(text[cut-cutRange:cut], ' '); i >= 0 {
				cut += i - cutRange
			}
			for cut > 0 && text[cut]&0xC0 == 0x80 { // never within a character
				cut--
			}
		}
		obj := o.base(fmt.Sprintf("%s_chunk%d", id, n))
		_ = obj.Set("text", strings.TrimSpace(text[:cut])) // a text always encodes
		_ = obj.Set("chunkid", n)                          // a number always encodes
		out = append(out, obj)
		text = strings.TrimSpace(text[cut:])
	}
	return out
}

var tags = regexp.MustCompile(`<[^>]*>`)
var notLetter = regexp.MustCompile(`[^\p{L}\p{N}]+`)

func (o fileOptions) clean(text string) string {
	text = tags.ReplaceAllString(text, " ")
	if o.sanitize {
		text = notLetter.ReplaceAllString(text, " ")
	}
	return strings.TrimSpace(blanks.ReplaceAllString(text, " "))
}

// fromHTML takes title and address from the page's og: properties, and its text without scripts and local links (K 2.4).
func fromHTML(data []byte, name string, o fileOptions) ([]*para.Object, error) {
	root, err := html.Parse(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("its HTML cannot be read: %w", err)
	}
	var title, url string
	var text []string
	for n := range root.Descendants() {
		switch {
		case n.Type == html.ElementNode && n.Data == "meta":
			switch attribute(n, "property") {
			case "og:title":
				title = attribute(n, "content")
			case "og:url":
				url = attribute(n, "content")
			}
		case n.Type == html.TextNode && !skipped(n):
			if t := strings.TrimSpace(n.Data); t != "" {
				text = append(text, t)
			}
		}
	}
	id := o.fallback(name)
	if o.id == "" && url != "" {
		id = url
	}
	obj := o.base(id)
	if title != "" {
		obj.SetName(title)
	}
	if url != "" {
		_ = obj.Set("url", url) // a text always encodes
	}
	_ = obj.Set("text", o.clean(strings.Join(text, " "))) // a text always encodes
	return []*para.Object{obj}, nil
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func skipped(n *html.Node) bool {
	for p := n.Parent; p != nil; p = p.Parent {
		if p.Type != html.ElementNode {
			continue
		}
		switch p.Data {
		case "script", "style", "noscript":
			return true
		case "a":
			if href := attribute(p, "href"); path.IsAbs(href) || !strings.HasPrefix(href, "http") {
				return true
			}
		}
	}
	return false
}
