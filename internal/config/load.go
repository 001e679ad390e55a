package config

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/erudika/para-go/internal/hocon"
)

// DefaultFile is the configuration file that is read from the working directory when none is named (C 1.3).
const DefaultFile = "para-application.conf"

// Sources says where a configuration is read from. The zero value gives the defaults of the table and, if there is one,
// the DefaultFile of the current directory.
type Sources struct {
	Flags       map[string]string // flags that were set, by option name, without or with "para."; the strongest source
	Definitions map[string]string // from ParseArgs
	Environ     []string          // as os.Environ returns it; JAVA_OPTS is read from here (C 1.6)
	WorkDir     string            // relative file names start here; empty means the current directory
	File        string            // file to read; wins over the definition config.file
	Packaged    bool              // the packaged defaults of the server binary count (C 1.5, D112)
}

// Load reads the configuration from all sources (C 1). A broken file and wrong values are reported together, one error
// each, and nothing is returned; with ignore_config_errors they become warnings, the file counts as empty and wrong
// values as not set (D97).
func Load(ctx context.Context, src Sources) (*Config, error) {
	c := &Config{
		flags: make(map[string]string, len(src.Flags)),
		env:   make(map[string]string, len(src.Environ)),
		dir:   src.WorkDir,
		isSet: map[string]bool{},
	}
	for name, value := range src.Flags {
		c.flags[trimPrefix(name)] = value
	}
	for _, pair := range src.Environ {
		if name, value, ok := strings.Cut(pair, "="); ok {
			c.env[name] = value
		}
	}
	java := ParseJavaOpts(c.env["JAVA_OPTS"])
	for _, part := range java.Other {
		c.warn(Origin{Source: FromEnvironment, Name: "JAVA_OPTS"}, "", fmt.Sprintf("%q is not understood and has no effect", part))
	}
	c.definitions = java.Values
	maps.Copy(c.definitions, src.Definitions)
	if c.dir == "" {
		dir, err := os.Getwd()
		if err != nil {
			return nil, fmt.Errorf("find the working directory: %w", err)
		}
		c.dir = dir
	}
	if src.Packaged {
		packaged, err := hocon.Parse([]byte(packagedDefaults), hocon.Options{File: "packaged defaults"})
		if err != nil {
			return nil, err
		}
		c.packaged = packaged.Get("para").Object()
	}
	var problems []error
	if err := c.readFile(ctx, src); err != nil {
		problems = append(problems, fmt.Errorf(
			"Failed to load configuration file 'application.(conf|json|properties)' for namespace 'para' - %w", err)) //nolint:staticcheck // the text is part of the contract (C 1.4)
	}
	problems = append(problems, c.fill()...)
	c.findProtected()
	c.findUnknown()
	if len(problems) == 0 {
		return c, nil
	}
	if !c.Bool("ignore_config_errors") {
		return nil, errors.Join(problems...)
	}
	for _, p := range problems {
		c.warnings = append(c.warnings, p.Error())
	}
	return c, nil
}

// packagedDefaults is C 1.5.
const packagedDefaults = `para {
  env = "production"
  dao = "H2DAO"
  search = "LuceneSearch"
  security.ignored = ["/", "/images/**", "/styles/**", "/scripts/**",
    "/v1/_setup", "/v1/_health", "/v1/_config/options", "/v1/_forms/**"]
}`

// readFile finds and reads the one configuration file (C 1.3, D113).
func (c *Config) readFile(ctx context.Context, src Sources) error {
	name := src.File
	url := strings.TrimSpace(c.definitions["config.url"])
	resource := strings.TrimSpace(c.definitions["config.resource"])
	if name == "" {
		name = strings.TrimSpace(c.definitions["config.file"])
	}
	c.path = c.absolute(DefaultFile)
	if name != "" {
		c.path = c.absolute(name)
	}
	selected := 0
	for _, s := range []string{name, url, resource} {
		if s != "" {
			selected++
		}
	}
	switch {
	case selected > 1:
		return fmt.Errorf("more than one of config.file=%q, config.url=%q, config.resource=%q is set; keep one", name, url, resource)
	case resource != "":
		return fmt.Errorf("config.resource=%q names a file inside a Java archive; use config.file", resource)
	case url != "":
		text, err := fetch(ctx, url)
		if err != nil {
			return fmt.Errorf("%s: %w", redactURL(url), err)
		}
		return c.parse(redactURL(url), text)
	case name == "":
		name = DefaultFile
		if _, err := os.Stat(c.path); errors.Is(err, fs.ErrNotExist) {
			c.hintUnnamed()
			return nil
		}
	}
	text, err := hocon.ReadLimited(c.path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: no such file in %s; create it or correct config.file", name, filepath.Dir(c.path))
	}
	if err != nil {
		return err
	}
	return c.parse(name, text)
}

// hintUnnamed tells about a file that people expect to be read (D113).
func (c *Config) hintUnnamed() {
	for _, name := range []string{"application.conf", "application.json", "application.properties"} {
		if _, err := os.Stat(filepath.Join(c.dir, name)); err == nil {
			c.warn(Origin{Source: FromFile, Name: name}, "", "not read because it is not named; start with -Dconfig.file=./"+name+" to use it")
		}
	}
}

func (c *Config) parse(name string, text []byte) error {
	overrides := map[string]string{}
	for key, value := range c.definitions {
		if strings.TrimSpace(value) != "" {
			overrides[key] = value
		}
	}
	for key, value := range c.flags {
		if strings.TrimSpace(value) != "" {
			overrides[prefix+key] = value
		}
	}
	fallback, err := hocon.Parse([]byte(packagedDefaults), hocon.Options{})
	if err != nil {
		return err
	}
	if c.packaged == nil {
		fallback = nil
	}
	root, err := hocon.Parse(text, hocon.Options{
		File: name, Syntax: hocon.SyntaxOf(name), Overrides: overrides, Fallback: fallback, Dir: c.dir, ReadFile: hocon.ReadLimited,
		Env: func(name string) (string, bool) { v, ok := c.env[name]; return v, ok },
		Warn: func(pos hocon.Position, message string) {
			c.warn(Origin{Source: FromFile, Name: pos.File, Line: pos.Line, Column: pos.Column}, "", message)
		},
	})
	if err != nil {
		return err
	}
	v := root.Get("para")
	if v != nil && v.Object() == nil {
		return &hocon.Error{Position: v.Position(), Message: "para is a " + v.Kind().String() + ", not an object", Hint: "write para { … }"}
	}
	c.root = root
	if v != nil {
		c.file = v.Object()
	}
	return nil
}

func (c *Config) absolute(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	file := filepath.Join(c.dir, name)
	if abs, err := filepath.Abs(file); err == nil {
		return abs
	}
	return file
}

// fetch reads a configuration from an http, https or file address.
func fetch(ctx context.Context, address string) ([]byte, error) {
	if file, ok := strings.CutPrefix(address, "file:"); ok {
		return hocon.ReadLimited("/" + strings.TrimLeft(file, "/"))
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, errors.New("not a valid address")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the server answered %s", resp.Status)
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, hocon.MaxBytes+1))
	if err == nil && len(text) > hocon.MaxBytes {
		err = fmt.Errorf("longer than %d bytes", hocon.MaxBytes)
	}
	return text, err
}

// redactURL drops credentials and query of an address, but keeps the name at its end, which tells the syntax.
func redactURL(address string) string {
	address, _, _ = strings.Cut(address, "?")
	scheme, rest, ok := strings.Cut(address, "://")
	if !ok {
		return address
	}
	host, file, _ := strings.Cut(rest, "/")
	if at := strings.LastIndexByte(host, '@'); at >= 0 {
		host = host[at+1:]
	}
	return scheme + "://" + path.Join(host, file)
}
