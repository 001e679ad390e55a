package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/erudika/para-go/internal/logs"
	"github.com/erudika/para-go/internal/version"
	"github.com/erudika/para-go/server"
)

// serverFlags are the flags of commands that read the server's configuration.
type serverFlags struct {
	file, data  string
	port        int
	definitions []string
}

func (s *serverFlags) add(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&s.file, "config", "", "configuration file (default ./para-application.conf)")
	f.StringVar(&s.data, "data", "", "data folder (option para.db.dir)")
	f.IntVar(&s.port, "port", 0, "TCP port, 0 for a free one (option para.port)")
	f.StringArrayVarP(&s.definitions, "define", "D", nil, "set an option, for example -Dpara.env=development; may be repeated")
}

// serverCommands are the names of the commands with serverFlags.
var serverCommands = []string{"serve", "config", "check-config", "setup"}

func (s *serverFlags) options(t *tool, c *cobra.Command) (server.Options, error) {
	o := server.Options{ConfigFile: s.file, Environ: os.Environ(), Flags: map[string]string{}, Definitions: maps.Clone(t.definitions)}
	if o.Definitions == nil {
		o.Definitions = map[string]string{}
	}
	if c.Flags().Changed("port") {
		if s.port < 0 || s.port > 65535 {
			return o, usageError{fmt.Errorf("--port %d: a port is a number from 0 to 65535", s.port)}
		}
		o.Flags["port"] = strconv.Itoa(s.port)
	}
	if s.data != "" {
		dir, err := filepath.Abs(s.data)
		if err != nil {
			return o, err
		}
		o.Flags["db.dir"] = dir
	}
	for _, d := range s.definitions {
		name, value, ok := strings.Cut(d, "=")
		if !ok {
			return o, usageError{fmt.Errorf("-D %s: write -D name=value", d)}
		}
		o.Definitions[name] = value
	}
	return o, nil
}

func serveCommand(t *tool) *cobra.Command {
	var flags serverFlags
	c := &cobra.Command{
		Use:   "serve",
		Short: "Run the server",
		Args:  exactly(0, "no argument; options go into the configuration file, the environment or flags"),
		RunE: func(c *cobra.Command, _ []string) error {
			o, err := flags.options(t, c)
			if err != nil {
				return err
			}
			return serve(c.Context(), t, o)
		},
	}
	flags.add(c)
	return c
}

var errNotStarted = errors.New("the server did not start")

// serve runs the server until the context ends.
func serve(ctx context.Context, t *tool, o server.Options) error {
	o.Log = newLog(t)
	s, err := server.Start(ctx, o)
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		return nil // stopped on request before it was ready
	}
	if err != nil {
		return fmt.Errorf("%w: %w", errNotStarted, err)
	}
	warn := func(err error) { s.Log().Warn(err.Error()) }
	removePID, failed := writePID(s, warn)
	if failed == nil {
		greet(t, s, s.Log())
		select {
		case <-ctx.Done():
		case err := <-s.Done():
			failed = fmt.Errorf("the server stopped: %w", err)
		}
	}
	err = errors.Join(failed, s.Close(context.WithoutCancel(ctx)))
	removePID()
	return err
}

// newLog is text in the format of C 8 on a terminal and JSON otherwise; PARA_LOG=debug shows more.
func newLog(t *tool) *slog.Logger {
	level := slog.LevelInfo
	if t.verbose || strings.EqualFold(os.Getenv("PARA_LOG"), "debug") {
		level = slog.LevelDebug
	}
	if terminal(t.err) && !t.json {
		return slog.New(logs.NewText(t.err, level, logs.Seconds, ""))
	}
	return slog.New(slog.NewJSONHandler(t.err, &slog.HandlerOptions{Level: level}))
}

func configCommand(t *tool) *cobra.Command {
	var flags serverFlags
	var all bool
	c := &cobra.Command{
		Use:     "config",
		Aliases: []string{"check-config"},
		Short:   "Show the effective configuration of the server and where each value comes from",
		Args:    exactly(0, "no argument"),
		RunE: func(c *cobra.Command, _ []string) error {
			o, err := flags.options(t, c)
			if err != nil {
				return err
			}
			return showConfig(c.Context(), t, o, all)
		},
	}
	flags.add(c)
	c.Flags().BoolVar(&all, "all", false, "also options that have their default")
	return c
}

func showConfig(ctx context.Context, t *tool, o server.Options, all bool) error {
	values, warnings, err := server.Describe(ctx, o)
	if err != nil {
		return err
	}
	for _, w := range warnings {
		t.note("%s", w)
	}
	var shown []server.Setting
	for _, v := range values {
		if all || !v.Default {
			shown = append(shown, v)
		}
	}
	if !t.human() {
		return t.print(shown)
	}
	for _, v := range shown {
		fmt.Fprintf(t.out, "%-45s = %-30q  %s\n", v.Name, v.Value, v.Origin)
	}
	return nil
}

func versionCommand(t *tool) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Show the version",
		Args:  exactly(0, "no argument"),
		RunE: func(*cobra.Command, []string) error {
			v := map[string]string{"version": version.Number, "revision": version.Revision, "api": version.Compatibility}
			return t.result(v, func() string {
				return fmt.Sprintf("para %s (%s), API level %s", version.Number, version.Revision, version.Compatibility)
			})
		},
	}
}
