package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// profile is what the tool remembers between calls. Members of the older tool's file that this one does not use are
// kept.
type profile struct {
	AccessKey string
	SecretKey string
	Endpoint  string
	JWT       string

	selected *appKeys // of the app that commands act as, nil for that of the other members

	path string
	rest map[string]json.RawMessage
}

// appKeys are the keys of an app that `para select` chose (K 2.2).
type appKeys struct {
	AccessKey string `json:"accessKey"`
	SecretKey string `json:"secretKey"`
}

const selectedApp = "selectedApp"

// profilePath is the file of the tool's configuration: PARA_CONFIG, else para/config.json in the user's folder for
// configurations.
func profilePath() (string, error) {
	if p := os.Getenv("PARA_CONFIG"); p != "" {
		return p, nil
	}
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("find the folder for configurations: %w; set PARA_CONFIG to a file name", err)
	}
	return filepath.Join(dir, "para", "config.json"), nil
}

// loadProfile reads the profile. When there is none, that of the older tool para-cli counts (K 2.2).
func loadProfile() (profile, error) {
	path, err := profilePath()
	if err != nil {
		return profile{}, err
	}
	p := profile{path: path, rest: map[string]json.RawMessage{}}
	files := []string{path}
	if older, err := paraCLIConfigPath(); err == nil {
		files = append(files, older)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return p, fmt.Errorf("read the configuration: %w", err)
		}
		if err := json.Unmarshal(data, &p.rest); err != nil {
			return p, fmt.Errorf("the configuration file %s is not valid JSON (%w); mend or remove it", file, err)
		}
		for name, dst := range p.members() {
			if raw, ok := p.rest[name]; ok {
				if err := json.Unmarshal(raw, dst); err != nil {
					return p, fmt.Errorf("the member %q of %s is not a text", name, file)
				}
			}
		}
		if raw, ok := p.rest[selectedApp]; ok {
			if err := json.Unmarshal(raw, &p.selected); err != nil {
				return p, fmt.Errorf("the member %q of %s does not hold the keys of an app", selectedApp, file)
			}
			if p.selected != nil && (p.selected.AccessKey == "" || p.selected.SecretKey == "") {
				p.selected = nil
			}
		}
		return p, nil
	}
	return p, nil
}

// keys are those that commands act with.
func (p *profile) keys() appKeys {
	if p.selected != nil {
		return *p.selected
	}
	return appKeys{p.AccessKey, p.SecretKey}
}

// selectApp makes commands act as another app; nil goes back to the keys of the profile.
func (p *profile) selectApp(keys *appKeys) { p.selected = keys }

func (p *profile) members() map[string]*string {
	return map[string]*string{"accessKey": &p.AccessKey, "secretKey": &p.SecretKey, "endpoint": &p.Endpoint, "jwt": &p.JWT}
}

// save writes the profile for its owner's eyes only, whole or not at all.
func (p *profile) save() error {
	for name, v := range p.members() {
		if *v == "" {
			delete(p.rest, name)
			continue
		}
		raw, err := json.Marshal(*v)
		if err != nil {
			return err
		}
		p.rest[name] = raw
	}
	delete(p.rest, selectedApp)
	if p.selected != nil {
		raw, err := json.Marshal(p.selected)
		if err != nil {
			return err
		}
		p.rest[selectedApp] = raw
	}
	return writePrivate(p.path, p.rest)
}

// writePrivate writes a configuration for its owner's eyes only, whole or not at all.
func writePrivate(path string, members map[string]json.RawMessage) error {
	data, err := json.MarshalIndent(members, "", "\t")
	if err != nil {
		return err
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("save the configuration: %w", err)
	}
	f, err := os.CreateTemp(dir, ".config-*") // mode 0600
	if err != nil {
		return fmt.Errorf("save the configuration: %w", err)
	}
	defer func() { _ = os.Remove(f.Name()) }() // gone already when all went well
	if _, err = f.Write(data); err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("save the configuration: %w", err)
	}
	return nil
}
