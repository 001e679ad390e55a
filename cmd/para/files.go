package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
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

// readFile makes the objects of a file, or of standard input for "-".
func (t *tool) readFile(name string, o fileOptions) ([]*para.Object, error) {
	data, err := t.readAll(name)
	if err != nil {
		return nil, err
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	ext := strings.ToLower(filepath.Ext(name))
	if name == stdin {
		ext = ".json"
	}
	var objects []*para.Object
	switch {
	case slices.Contains([]string{".json", ".ndjson", ".jsonl"}, ext):
		objects, err = fromJSON(data, name, o)
	case o.jsonOnly:
		err = errNoJSON
	case ext == ".html" || ext == ".htm":
		objects, err = fromHTML(data, name, o)
	case slices.Contains(otherKinds, ext), bytes.IndexByte(data, 0) >= 0:
		err = errors.New("it isn't JSON, HTML nor text")
	default:
		objects = fromText(strings.ToValidUTF8(string(data), "\uFFFD"), name, o)
		if len(objects) > 1 {
			t.note("%s is larger than %d KB - splitting into chunks...", name, maxChunk>>10)
		}
	}
	return objects, err
}

// otherKinds are the endings of files that are texts at most to programs (K 2.4).
var otherKinds = []string{".xml", ".svg", ".pdf", ".png", ".toml", ".ts", ".json5", ".geojson", ".jsonld", ".rtf", ".zip", ".jpg", ".jpeg", ".gif", ".webp", ".gz"}

// errNoJSON says that a file which must be JSON is something else.
var errNoJSON = errors.New("it is not a JSON file")

// stdin is the name of standard input among files.
const stdin = "-"

func (t *tool) readAll(name string) ([]byte, error) {
	in := t.in
	if name != stdin {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	data, err := io.ReadAll(io.LimitReader(in, maxFile+1))
	if err == nil && len(data) > maxFile {
		err = fmt.Errorf("it has more than %d MiB", maxFile>>20)
	}
	return data, err
}

// base makes the object that a file's own members are laid over: id, name and type (K 2.4). Without id the server
// chooses one.
func (o fileOptions) base(id string) *para.Object {
	obj := para.New(typeName(o.typ))
	if id == "" {
		return obj
	}
	obj.SetName(id)
	if o.encodeID {
		id = base64.StdEncoding.EncodeToString([]byte(id))
	}
	obj.SetID(id)
	return obj
}

// fallback is the id of a file whose content has none: the one that was asked for, else its relative path.
func (o fileOptions) fallback(name string) string {
	if o.id != "" || name == stdin {
		return o.id
	}
	from := o.cwd
	if from == "" {
		from = "."
	}
	if from, err := filepath.Abs(from); err == nil {
		if file, err := filepath.Abs(name); err == nil {
			if rel, err := filepath.Rel(from, file); err == nil {
				name = rel
			}
		}
	}
	return filepath.ToSlash(filepath.Clean(name))
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

// fromJSON makes the objects of a JSON object, an array of objects, or several of them one after the other. Several
// objects cannot share the id of the file: those without one of their own get theirs from the server.
func fromJSON(data []byte, name string, o fileOptions) ([]*para.Object, error) {
	var list []map[string]json.RawMessage
	d := json.NewDecoder(bytes.NewReader(data))
	for {
		var raw json.RawMessage
		err := d.Decode(&raw)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("its JSON is not valid: %w", err)
		}
		var some []map[string]json.RawMessage
		if raw[0] != '[' {
			raw = slices.Concat([]byte("["), raw, []byte("]"))
		}
		if err := json.Unmarshal(raw, &some); err != nil || slices.ContainsFunc(some, isNull) {
			return nil, errors.New("its JSON is neither an object nor an array of objects")
		}
		list = append(list, some...)
	}
	if len(list) == 0 {
		return nil, errors.New("it holds no JSON object")
	}
	id := ""
	if len(list) == 1 {
		id = o.fallback(name)
	}
	var out []*para.Object
	for _, members := range list {
		obj := o.base(id)
		if o.jsonOnly { // an update changes only what the file or a flag names
			obj.Remove("name")
			if o.typ == "" {
				obj.Remove("type")
			}
		}
		for _, k := range slices.Sorted(maps.Keys(members)) {
			if err := obj.Set(k, members[k]); err != nil {
				return nil, err
			}
		}
		out = append(out, obj)
	}
	return out, nil
}

func isNull(members map[string]json.RawMessage) bool { return members == nil }

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
	for n := 1; text != ""; n++ {
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

var tags = regexp.MustCompile(`<[/!?]?[A-Za-z-][^>]*>`) // not the signs in "a < b > c"
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
			if !strings.HasPrefix(attribute(p, "href"), "http") {
				return true
			}
		}
	}
	return false
}
