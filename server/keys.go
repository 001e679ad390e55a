package server

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/erudika/para-go/internal/config"
)

const (
	accessKeyOption = "para.root_access_key"
	secretKeyOption = "para.root_secret_key"
	credentialsFile = "root-credentials.conf"
)

// keepRootKeys tells the keys of the root app to its owner (C 5.2, D88): when the app was just created, and outside
// production at every start.
func (s *Server) keepRootKeys(ctx context.Context) error {
	if s.config.Production() && (!s.engine.RootCreated() || s.config.String("root_secret_override") != "") {
		return nil
	}
	root, err := s.engine.App(ctx, s.engine.Root())
	if err != nil {
		return err
	}
	s.saveRootKeys(root.ID, root.Secret)
	return nil
}

// saveRootKeys writes the two lines into the configuration file; when that is not possible into the data folder, and
// when that is not possible either it prints them once.
func (s *Server) saveRootKeys(access, secret string) {
	keys := []config.KeyValue{{Key: accessKeyOption, Value: access}, {Key: secretKeyOption, Value: secret}}
	path := s.config.Path()
	changed, err := config.SetKeys(path, keys)
	if err == nil {
		if changed {
			s.log.Info(fmt.Sprintf("Saved root app credentials to %s.", path))
		}
		return
	}
	s.log.Warn("the root app's keys could not be written to the configuration file", "file", path, "error", err)
	path = filepath.Join(dataDir(s.config), credentialsFile)
	if changed, err = config.SetKeys(path, keys); err == nil {
		if changed {
			s.log.Info(fmt.Sprintf("Saved root app credentials to %s.", path))
		}
		return
	}
	s.log.Warn("the root app's keys could not be written to the data folder either; they are printed to standard output once", "file", path, "error", err)
	fmt.Fprintf(os.Stdout, "\n%s = \"%s\"\n%s = \"%s\"\n\nSave these keys - they are shown only once!\n\n", accessKeyOption, access, secretKeyOption, secret)
}

// rootKeysChanged follows a change of the root secret at run time: a line that the configuration file has already is
// brought up to date in every environment (D91); a root app that was made anew is treated like the first start.
func (s *Server) rootKeysChanged(access, secret string) {
	text, err := os.ReadFile(s.config.Path())
	if err == nil && strings.Contains(string(text), "root_secret_key") || !s.config.Production() {
		s.saveRootKeys(access, secret)
		return
	}
	if fileExists(filepath.Join(dataDir(s.config), credentialsFile)) {
		s.saveRootKeys(access, secret)
	}
}

// KeysFile returns the file in which the root app's keys were saved, "" when neither place has them.
func (s *Server) KeysFile() string {
	for _, path := range []string{s.config.Path(), filepath.Join(dataDir(s.config), credentialsFile)} {
		text, err := os.ReadFile(path)
		if err == nil && strings.Contains(string(text), "root_secret_key") {
			return path
		}
	}
	return ""
}
