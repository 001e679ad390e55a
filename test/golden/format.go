// Package golden replays recorded exchanges with the reference server against a running server and reports every
// difference by JSON pointer. The recordings in testdata are facts and are never edited; a step's member "here" holds
// this project's own answer where a decision deviates.
package golden

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
)

// File is a recorded sequence of exchanges.
type File struct {
	About  string   `json:"about"`
	App    string   `json:"app"`    // identifier of the app that the sequence creates
	Config []string `json:"config"` // configuration lines that the server needs
	Steps  []Step   `json:"steps"`
}

// Step is one exchange.
type Step struct {
	Name      string            `json:"name"`
	Method    string            `json:"method"`
	Path      string            `json:"path"`
	Query     [][2]any          `json:"query"`
	Target    *string           `json:"target"`
	As        *string           `json:"as"`
	Headers   map[string]string `json:"headers"`
	Body      json.RawMessage   `json:"body"`
	Text      *string           `json:"text"`
	Base64    *string           `json:"base64"`
	Make      ordered[recipe]   `json:"make"`
	Sign      *signature        `json:"sign"`
	Wait      any               `json:"wait"`
	Save      map[string]string `json:"save"`
	Check     []string          `json:"check"`
	Unordered []string          `json:"unordered"`
	Ignore    []string          `json:"ignore"`
	Reference map[string]any    `json:"reference"`
	Here      map[string]any    `json:"here"`
	Why       string            `json:"why"`
}

type recipe map[string]any

type signature struct {
	Method  *string            `json:"method"`
	Path    *string            `json:"path"`
	Query   *[][2]any          `json:"query"`
	Text    *string            `json:"text"`
	Host    *string            `json:"host"`
	Access  *string            `json:"access"`
	Secret  *string            `json:"secret"`
	Region  *string            `json:"region"`
	Service *string            `json:"service"`
	Ahead   any                `json:"ahead"`
	Headers map[string]*string `json:"headers"`
	Form    *string            `json:"form"`
	Drop    []string           `json:"drop"`
	Then    map[string]string  `json:"then"`
}

// ordered is a JSON object whose members keep their order: later recipes use the values of earlier ones.
type ordered[V any] []struct {
	Name  string
	Value V
}

func (o *ordered[V]) UnmarshalJSON(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		var v V
		if err := d.Decode(&v); err != nil {
			return err
		}
		*o = append(*o, struct {
			Name  string
			Value V
		}{name.(string), v})
	}
	return nil
}

// Read reads a recording.
func Read(path string) (*File, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var f File
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := d.Decode(&f); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &f, nil
}

// parse reads any JSON; numbers stay as they are written.
func parse(data []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if d.More() {
		return nil, fmt.Errorf("more than one JSON value")
	}
	return v, nil
}

// dump writes JSON as the recordings sign it: members in the order of the file need the raw text, so it is only used
// for values made here.
func dump(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Sprint(v)
	}
	return string(bytes.TrimRight(b.Bytes(), "\n"))
}
