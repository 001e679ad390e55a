package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strings"

	"github.com/erudika/para-go/internal/hocon"
)

// KeyValue is one key of a configuration file, with its prefix, such as "para.root_secret_key".
type KeyValue struct{ Key, Value string }

// SetKeys writes keys into a configuration file on the local disk (C 5.2, D88), in the syntax that its name stands for.
// A line that sets a key is changed in place, a key that is missing is appended after a newline, and everything else
// stays as it is. The file is replaced at once: a reader sees the old or the new text. Where that is impossible (a file
// mounted into a container, a folder that is not writable) it is written in place. A new file gets mode 0600. changed
// is false, and nothing is written, when the file says all of it already.
//
// Errors: the file cannot be read or written, or is not a valid configuration; the file is then unchanged.
func SetKeys(path string, keys []KeyValue) (changed bool, err error) {
	text, err := hocon.ReadLimited(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, fmt.Errorf("read configuration file: %w", err)
	}
	edited, err := setKeys(path, text, keys)
	if err != nil {
		return false, fmt.Errorf("set keys in %s: %w", path, err)
	}
	if bytes.Equal(edited, text) {
		return false, nil
	}
	if err := replaceFile(path, edited, os.Rename); err != nil {
		return false, fmt.Errorf("write configuration file: %w", err)
	}
	return true, nil
}

func setKeys(name string, text []byte, keys []KeyValue) ([]byte, error) {
	var err error
	for _, kv := range keys {
		if readKey(name, text, kv.Key) == kv.Value && kv.Value != "" {
			continue
		}
		switch hocon.SyntaxOf(name) {
		case hocon.JSON:
			text, err = setJSON(text, strings.Split(kv.Key, "."), kv.Value)
		case hocon.Properties:
			text, err = setProperty(text, kv)
		default:
			text, err = setHOCON(text, kv)
		}
		if err != nil {
			return nil, err
		}
		if readKey(name, text, kv.Key) != kv.Value {
			return nil, fmt.Errorf("the file is not a valid configuration, or its form does not allow to set %s; add the key by hand", kv.Key)
		}
	}
	return text, nil
}

// ReadKey returns the text of a key as a configuration file alone says it, "" when it does not or cannot be read.
func ReadKey(path, key string) string {
	text, err := hocon.ReadLimited(path)
	if err != nil {
		return ""
	}
	return readKey(path, text, key)
}

// readKey returns the text of a key as the file alone says it, "" when it does not.
func readKey(name string, text []byte, key string) string {
	root, err := hocon.Parse(text, hocon.Options{Syntax: hocon.SyntaxOf(name), AllowUnresolved: true,
		ReadFile: func(string) ([]byte, error) { return nil, nil }}) // includes do not matter here
	if err != nil {
		return ""
	}
	v := root.Get(strings.Split(key, ".")...)
	if v == nil {
		return ""
	}
	return v.Text()
}

// setHOCON changes the lines that set the key by its full name; a comment that shows such a line is not one of them.
func setHOCON(text []byte, kv KeyValue) ([]byte, error) {
	line := regexp.MustCompile(`(?m)^([ \t]*` + regexp.QuoteMeta(kv.Key) + `[ \t]*)[=:][ \t]*(?:"(?:[^"\\\n]|\\.)*"|[^\s"#,{}\[\]]*)`)
	assignment := kv.Key + " = " + hocon.Quote(kv.Value)
	edited := line.ReplaceAllFunc(text, func(match []byte) []byte {
		before := line.FindSubmatch(match)[1]
		return []byte(strings.TrimRight(string(before), " \t") + " = " + hocon.Quote(kv.Value))
	})
	candidates := [][]byte{edited, append(bytes.Clone(text), "\n"+assignment...)}
	if i := bytes.LastIndexByte(text, '}'); i >= 0 { // a file in braces
		candidates = append(candidates, []byte(string(text[:i])+"\n"+assignment+"\n"+string(text[i:])))
	}
	for _, c := range candidates {
		if readKey("", c, kv.Key) == kv.Value {
			return c, nil
		}
	}
	return nil, fmt.Errorf("the file is not a valid configuration; add the line %s = \"…\" by hand", kv.Key)
}

func setProperty(text []byte, kv KeyValue) ([]byte, error) {
	assignment := kv.Key + "=" + escapeProperty(kv.Value)
	line := regexp.MustCompile(`(?m)^[ \t\f]*` + regexp.QuoteMeta(kv.Key) + `(?:[ \t\f]*[=:]|[ \t\f]|$)(?:[^\\\n]|\\(?:.|\n|$))*`)
	if edited := line.ReplaceAllLiteral(text, []byte(assignment)); !bytes.Equal(edited, text) {
		return edited, nil
	}
	if len(text) > 0 && text[len(text)-1] != '\n' {
		text = append(bytes.Clone(text), '\n')
	}
	return append(bytes.Clone(text), assignment+"\n"...), nil
}

func escapeProperty(s string) string {
	s = strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\r", `\r`, "\t", `\t`, "\f", `\f`).Replace(s)
	if strings.HasPrefix(s, " ") {
		s = `\` + s
	}
	return s
}

// setJSON sets a member of a document and leaves all other bytes alone.
func setJSON(text []byte, path []string, value string) ([]byte, error) {
	bom := []byte("\uFEFF")
	if bytes.HasPrefix(text, bom) {
		edited, err := setJSON(text[len(bom):], path, value)
		return append(bom, edited...), err
	}
	if len(bytes.TrimSpace(text)) == 0 {
		text = []byte("{}\n")
	}
	if !json.Valid(text) {
		return nil, errors.New("the file is not valid JSON")
	}
	d := json.NewDecoder(bytes.NewReader(text))
	open, err := d.Token()
	if err != nil {
		return nil, err
	}
	if open != json.Delim('{') {
		return nil, errors.New("the document is not a JSON object")
	}
	inside := int(d.InputOffset())
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, err
		}
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return nil, err
		}
		if key != path[0] {
			continue
		}
		end := int(d.InputOffset())
		start := end - len(raw)
		member, err := jsonMember(raw, path[1:], value)
		if err != nil {
			return nil, err
		}
		return []byte(string(text[:start]) + string(member) + string(text[end:])), nil
	}
	member, err := jsonMember([]byte("{}"), path[1:], value)
	if err != nil {
		return nil, err
	}
	return insertMember(text, inside, hocon.Quote(path[0])+": "+string(member)), nil
}

// jsonMember is the new form of a member: the value, or an object in which the rest of the path is set.
func jsonMember(raw []byte, path []string, value string) ([]byte, error) {
	if len(path) == 0 {
		return []byte(hocon.Quote(value)), nil
	}
	return setJSON(raw, path, value)
}

// insertMember puts a member first into an object, laid out like the one that was first.
func insertMember(text []byte, inside int, member string) []byte {
	rest := text[inside:]
	blanks := rest[:len(rest)-len(bytes.TrimLeft(rest, " \t\r\n"))]
	if rest[len(blanks)] == '}' {
		return []byte(string(text[:inside]) + member + string(rest))
	}
	separator := string(blanks)
	if separator == "" {
		separator = " "
	}
	return []byte(string(text[:inside]) + string(blanks) + member + "," + separator + string(rest[len(blanks):]))
}
