package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/erudika/para-go/client"
)

// paraCLIEndpoint is what para-cli uses when nothing names a server.
const paraCLIEndpoint = "https://paraio.com"

// paraCLIKeys are the keys of an app at a server.
type paraCLIKeys struct {
	AccessKey string `json:"accessKey"`
	SecretKey string `json:"secretKey"`
	Endpoint  string `json:"endpoint,omitempty"`
}

func (k paraCLIKeys) identity() identity {
	return identity{appKeys{k.AccessKey, k.SecretKey}, firstOf(k.Endpoint, paraCLIEndpoint)}
}

// paraCLIConfig is the configuration file of para-cli (K 2.2). Members that are not known here are kept.
type paraCLIConfig struct {
	paraCLIKeys
	JWT              string
	Endpoints        []paraCLIKeys
	SelectedEndpoint int          // 0: the keys above, else one of Endpoints counted from 1
	SelectedApp      *paraCLIKeys // nil: the app of the endpoint

	path string
	rest map[string]json.RawMessage
}

// paraCLIConfigPath is where para-cli keeps its configuration.
func paraCLIConfigPath() (string, error) {
	const folder, file = "para-cli-nodejs", "config.json"
	switch runtime.GOOS {
	case "darwin":
		home, err := os.UserHomeDir()
		return filepath.Join(home, "Library", "Preferences", folder, file), err
	case "windows":
		dir, err := os.UserConfigDir()
		return filepath.Join(dir, folder, "Config", file), err
	}
	dir, err := os.UserConfigDir()
	return filepath.Join(dir, folder, file), err
}

// members are the members of the file and where their values belong.
func (p *paraCLIConfig) members() map[string]any {
	return map[string]any{
		"accessKey": &p.AccessKey, "secretKey": &p.SecretKey, "endpoint": &p.Endpoint, "jwt": &p.JWT,
		"endpoints": &p.Endpoints, "selectedEndpoint": &p.SelectedEndpoint, selectedApp: &p.SelectedApp,
	}
}

// loadParaCLIConfig reads the configuration; a file that is missing is an empty one.
func loadParaCLIConfig() (*paraCLIConfig, error) {
	path, err := paraCLIConfigPath()
	if err != nil {
		return nil, fmt.Errorf("find the folder for configurations: %w", err)
	}
	p := &paraCLIConfig{path: path, rest: map[string]json.RawMessage{}}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return p, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(data, &p.rest); err != nil {
		return nil, fmt.Errorf("%s is not valid JSON (%w); mend or remove it", path, err)
	}
	for name, dst := range p.members() {
		if raw, ok := p.rest[name]; ok {
			if err := json.Unmarshal(raw, dst); err != nil {
				return nil, fmt.Errorf("the member %q of %s: %w", name, path, err)
			}
		}
	}
	if p.SelectedEndpoint < 0 || p.SelectedEndpoint > len(p.Endpoints) {
		p.SelectedEndpoint = 0
	}
	if p.SelectedApp != nil && (p.SelectedApp.AccessKey == "" || p.SelectedApp.SecretKey == "") {
		p.SelectedApp = nil
	}
	return p, nil
}

// save writes the configuration for its owner's eyes only.
func (p *paraCLIConfig) save() error {
	for name, value := range p.members() {
		raw, err := json.Marshal(value)
		if err != nil {
			return err
		}
		p.rest[name] = raw
	}
	for name, unset := range map[string]bool{
		"jwt": p.JWT == "", "endpoints": p.Endpoints == nil, "selectedEndpoint": p.SelectedEndpoint == 0, selectedApp: p.SelectedApp == nil,
	} {
		if unset {
			delete(p.rest, name)
		}
	}
	if p.Endpoint == "" {
		p.rest["endpoint"] = json.RawMessage(`"` + paraCLIEndpoint + `"`)
	}
	return writePrivate(p.path, p.rest)
}

// main are the keys that flags, environment or the file's own members name: the first endpoint (K 2.2).
func (c *paraCLI) main() paraCLIKeys {
	return paraCLIKeys{
		firstOf(c.flag("accessKey"), os.Getenv("PARA_ACCESS_KEY"), c.config.AccessKey),
		firstOf(c.flag("secretKey"), os.Getenv("PARA_SECRET_KEY"), c.config.SecretKey),
		firstOf(c.flag("endpoint"), os.Getenv("PARA_ENDPOINT"), c.config.Endpoint, paraCLIEndpoint),
	}
}

// list are all endpoints.
func (c *paraCLI) list() []paraCLIKeys { return append([]paraCLIKeys{c.main()}, c.config.Endpoints...) }

// endpoint are the keys of the selected endpoint. What flags say wins over each, so that no command goes to another server
// than the one it names.
func (c *paraCLI) endpoint() identity {
	keys := c.list()[c.config.SelectedEndpoint]
	keys.AccessKey = firstOf(c.flag("accessKey"), keys.AccessKey)
	keys.SecretKey = firstOf(c.flag("secretKey"), keys.SecretKey)
	keys.Endpoint = firstOf(c.flag("endpoint"), keys.Endpoint)
	return keys.identity()
}

// selected says whether commands act as the app that `select` chose: keys in flags or the environment go first.
func (c *paraCLI) selected() bool {
	return c.config.SelectedApp != nil && c.flag("accessKey") == "" && c.flag("secretKey") == "" &&
		os.Getenv("PARA_ACCESS_KEY") == "" && os.Getenv("PARA_SECRET_KEY") == ""
}

// actor is the app that commands act as.
func (c *paraCLI) actor() identity {
	who := c.endpoint()
	if c.selected() {
		who.appKeys = appKeys{c.config.SelectedApp.AccessKey, c.config.SelectedApp.SecretKey}
	}
	return who
}

// set replaces the keys of the selected endpoint.
func (p *paraCLIConfig) set(keys paraCLIKeys) {
	if p.SelectedEndpoint > 0 {
		p.Endpoints[p.SelectedEndpoint-1] = keys
		return
	}
	p.paraCLIKeys = keys
}

// keep saves the new secret of the app that commands act as, where its old one is kept.
func (c *paraCLI) keep(keys *client.Keys) error {
	switch p := c.config; {
	case c.selected():
		p.SelectedApp.SecretKey = keys.SecretKey
	case p.SelectedEndpoint > 0:
		p.Endpoints[p.SelectedEndpoint-1].SecretKey = keys.SecretKey
	default:
		p.SecretKey = keys.SecretKey
	}
	return c.config.save()
}
