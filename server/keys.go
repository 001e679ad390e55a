package server

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/erudika/para-go/internal/config"
)

const (
	accessKeyOption = "para.root_access_key"
	secretKeyOption = "para.root_secret_key"
	keysOwnerOption = "para.root_keys_folder"
	credentialsFile = "root-credentials.conf"
)

// rootMade tells the keys of a new root app to its owner (C 5.2, D88).
func (s *Server) rootMade(access, secret string) {
	if s.config.Production() && s.config.String("root_secret_override") != "" {
		return
	}
	s.saveRootKeys(access, secret)
}

// refreshRootKeys tells the keys of the root app to its owner at every start outside production. In production it only brings
// lines up to date that are there: a process may have died between a change of the keys and their way into the file, and
// then nobody knows the new ones.
func (s *Server) refreshRootKeys(ctx context.Context) error {
	if s.config.Production() && s.config.String("root_secret_override") != "" {
		return nil
	}
	root, err := s.engine.App(ctx, s.engine.Root())
	if err != nil {
		return err
	}
	s.rootKeysChanged(root.ID, root.Secret)
	return nil
}

// namedDataDir is the data folder of a server that is started with the configuration file and nothing else.
func (s *Server) namedDataDir() string {
	dir := config.ReadKey(s.config.Path(), "para.db.dir")
	if dir == "" {
		dir = "data"
	}
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(s.config.WorkDir(), dir)
	}
	return dir
}

// ownsKeys says whether the keys in the configuration file, if there are any, are those of this data folder: other servers
// may run with the same file and a data folder of their own.
func (s *Server) ownsKeys() bool {
	path := s.config.Path()
	if config.ReadKey(path, secretKeyOption) == "" {
		return true
	}
	owner := config.ReadKey(path, keysOwnerOption)
	if owner == "" {
		owner = s.namedDataDir()
	}
	return filepath.Clean(owner) == filepath.Clean(dataDir(s.config))
}

// saveRootKeys writes the two lines into the configuration file; when that is not possible, or the file holds the keys of
// another data folder, into the data folder, and when that is not possible either it prints them once.
func (s *Server) saveRootKeys(access, secret string) {
	keys := []config.KeyValue{{Key: accessKeyOption, Value: access}, {Key: secretKeyOption, Value: secret}}
	path := s.config.Path()
	var changed bool
	var err error
	if s.ownsKeys() {
		lines := keys
		if dir := dataDir(s.config); filepath.Clean(dir) != filepath.Clean(s.namedDataDir()) {
			lines = append(slices.Clone(keys), config.KeyValue{Key: keysOwnerOption, Value: filepath.Clean(dir)})
		}
		changed, err = config.SetKeys(path, lines)
		if err == nil {
			if changed {
				s.log.Info(fmt.Sprintf("Saved root app credentials to %s.", path))
			}
			return
		}
		s.log.Warn("the root app's keys could not be written to the configuration file", "file", path, "error", err)
	} else {
		s.log.Info("The configuration file holds the root app's keys of another data folder; those of this one stay in it.", "file", path)
	}
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

// rootKeysChanged follows a change of the root secret: a line that the configuration file has already is
// brought up to date in every environment (D91); a root app that was made anew is treated like the first start.
func (s *Server) rootKeysChanged(access, secret string) {
	text, err := os.ReadFile(s.config.Path())
	if err == nil && s.ownsKeys() && strings.Contains(string(text), "root_secret_key") || !s.config.Production() {
		s.saveRootKeys(access, secret)
		return
	}
	if fileExists(filepath.Join(dataDir(s.config), credentialsFile)) {
		s.saveRootKeys(access, secret)
	}
}

// KeysFile returns the file in which the root app's keys were saved, "" when neither place has them.
func (s *Server) KeysFile() string {
	places := []string{filepath.Join(dataDir(s.config), credentialsFile)}
	if s.ownsKeys() {
		places = append([]string{s.config.Path()}, places...)
	}
	for _, path := range places {
		text, err := os.ReadFile(path)
		if err == nil && strings.Contains(string(text), "root_secret_key") {
			return path
		}
	}
	return ""
}
