package server

import (
	"context"

	"github.com/erudika/para-go/internal/config"
)

// Setting is an option with its effective value and where that comes from. Secrets are masked.
type Setting struct {
	Name    string `json:"name"` // with the prefix para.
	Value   string `json:"value"`
	Origin  string `json:"origin"`
	Default bool   `json:"default"` // nothing but the table of options sets it
}

// Describe returns the effective configuration, sorted by name, and what is noteworthy about it, without starting
// anything.
func Describe(ctx context.Context, o Options) (settings []Setting, warnings []string, err error) {
	cfg, err := Load(ctx, o)
	if err != nil {
		return nil, nil, err
	}
	for _, v := range cfg.Values(true) {
		settings = append(settings, Setting{
			Name:    "para." + v.Name,
			Value:   v.Text,
			Origin:  v.Origin.String(),
			Default: v.Origin.Source == config.FromDefault,
		})
	}
	warnings = cfg.Warnings()
	for _, u := range cfg.Unknown() {
		warnings = append(warnings, u.String())
	}
	return settings, warnings, nil
}

// DataDir returns the folder of the embedded store.
func (s *Server) DataDir() string { return dataDir(s.config) }
