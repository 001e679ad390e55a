package server

import (
	"context"
	"path/filepath"
	"strconv"
	"strings"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/config"
)

// Local is how to reach a server on this machine as its root app.
type Local struct {
	URL       string // "" when the configuration leaves the choice of the port to the system
	AccessKey string
	SecretKey string // "" when the keys are in none of the places where a server leaves them
}

// FindLocal reads from a configuration where its server is and the keys that it left in the configuration file or the
// data folder (D88). The server need not run.
func FindLocal(ctx context.Context, o Options) (Local, error) {
	cfg, err := Load(ctx, o)
	if err != nil {
		return Local{}, err
	}
	l := Local{AccessKey: para.AppID(cfg.String("app_name"))}
	for _, option := range []string{"root_secret_override", "root_secret_key"} {
		if l.SecretKey == "" {
			l.SecretKey = strings.TrimSpace(cfg.String(option))
		}
	}
	if file := filepath.Join(dataDir(cfg), credentialsFile); l.SecretKey == "" && fileExists(file) {
		saved, err := config.Load(ctx, config.Sources{File: file})
		if err != nil {
			return Local{}, err
		}
		l.SecretKey = saved.String("root_secret_key")
	}
	if p := listenPort(cfg); p != "0" {
		scheme := "http"
		if on, _ := cfg.Property("server.ssl.enabled"); strings.EqualFold(on, "true") {
			scheme = "https"
		}
		l.URL = scheme + "://localhost:" + p + cfg.ContextPath()
	}
	return l, nil
}

// listenPort is the TCP port to listen on: a flag, else the property of the framework when it is a number, else the option
// (C 3.3).
func listenPort(cfg *config.Config) string {
	v, _ := cfg.Value("port")
	if p, ok := cfg.Property("server.port"); ok && v.Origin.Source != config.FromFlag {
		if n, err := strconv.ParseUint(p, 10, 16); err == nil {
			return strconv.FormatUint(n, 10)
		}
	}
	return v.Text
}
