// Package server builds a running Para server from a configuration: it chooses the backends, wires the parts, starts
// and stops them. It is also the way to embed Para in another Go program.
package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/analysis"
	"github.com/erudika/para-go/internal/authn"
	"github.com/erudika/para-go/internal/config"
	"github.com/erudika/para-go/internal/engine"
	"github.com/erudika/para-go/internal/functions"
	"github.com/erudika/para-go/internal/javaregexp"
	"github.com/erudika/para-go/internal/logs"
	"github.com/erudika/para-go/internal/rest"
	"github.com/erudika/para-go/internal/saml"
	"github.com/erudika/para-go/internal/version"
)

const (
	maxHeaderBytes    = 64 << 10 // request line and headers (D9)
	readHeaderTimeout = 30 * time.Second
	idleTimeout       = 2 * time.Minute
	requestDrain      = 30 * time.Second // for running requests at shutdown (C 7.4)
	workDrain         = 60 * time.Second // for accepted work at shutdown (C 7.4)
)

// Options say where the configuration comes from. The zero value reads para-application.conf and the defaults.
type Options struct {
	Flags       map[string]string // options that were set by name, without or with "para."; the strongest source
	Definitions map[string]string // -Dname=value definitions
	Environ     []string          // as os.Environ returns it
	WorkDir     string            // "" for the current directory
	ConfigFile  string            // "" for the definition config.file, else para-application.conf
	Log         *slog.Logger      // nil for none

	// IdentityTransport carries the requests to OAuth identity providers, for programs that route or record them; nil for
	// the network. It cannot be set from outside the program.
	IdentityTransport http.RoundTripper
}

// Server is a Para server.
type Server struct {
	config  *config.Config
	log     *slog.Logger
	store   para.Store
	engine  *engine.Engine
	api     *rest.Handler
	http    *http.Server
	scheme  string // http or https
	socket  net.Listener
	tasks   sync.WaitGroup
	stop    context.CancelFunc
	serving chan error
	started time.Time

	logFiles *logs.Files // nil for none

	identityTransport http.RoundTripper
}

// Load reads the configuration without starting anything.
func Load(ctx context.Context, o Options) (*config.Config, error) {
	return config.Load(ctx, config.Sources{Flags: o.Flags, Definitions: o.Definitions, Environ: o.Environ, WorkDir: o.WorkDir, File: o.ConfigFile, Packaged: true})
}

// Start starts a server: when it returns without error the server answers requests. Errors name the option at fault
// where there is one.
func Start(ctx context.Context, o Options) (*Server, error) {
	cfg, err := Load(ctx, o)
	if err != nil {
		return nil, err
	}
	s := &Server{config: cfg, log: o.Log, serving: make(chan error, 1), started: time.Now(), identityTransport: o.IdentityTransport}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.openLogFiles()
	for _, w := range cfg.Warnings() {
		s.log.Warn(w)
	}
	for _, u := range cfg.Unknown() {
		s.log.Warn(u.String())
	}
	if err := s.start(ctx); err != nil {
		return nil, errors.Join(err, s.release(context.WithoutCancel(ctx)))
	}
	return s, nil
}

func (s *Server) start(ctx context.Context) error {
	cfg := s.config
	s.log.Info(fmt.Sprintf("--- Para.initialize() [%s] %s ---", cfg.String("env"), version.Number))
	root := para.AppIdentifier(para.AppID(cfg.String("app_name")))
	cacheBytes, err := cacheSize(cfg, s.log)
	if err != nil {
		return err
	}
	if err := checkDrivers(cfg); err != nil { // before anything is made
		return err
	}
	store, search, err := openStore(cfg, root, s.log)
	if err != nil {
		return err
	}
	s.store = store
	s.log.Info(fmt.Sprintf("Loaded new DAO, Search and Cache implementations - %s, %s, %s.", cfg.String("dao"), cfg.String("search"), cacheName(cfg)))
	patterns := new(javaregexp.Matcher)
	s.engine, err = engine.Open(ctx, engine.Options{
		Store:         store,
		Search:        search,
		RootApp:       root,
		RootAppName:   cfg.String("app_name"),
		RootMade:      s.rootMade,
		RootSecret:    cfg.String("root_secret_override"),
		WorkerID:      cfg.Int("worker_id"),
		CacheBytes:    cacheBytes,
		MaxTypes:      cfg.Int("max_datatypes_per_app"),
		ImportBatch:   cfg.Int("import_batch_size"),
		IndexOff:      !cfg.Bool("search_enabled"),
		TokenValidity: int64(cfg.Duration("jwt_expires_after") / time.Second),
		AdminIdent:    cfg.String("admin_ident"),
		VoteExpires:   cfg.Int64("vote_expires_after"),
		VoteLocked:    cfg.Int64("vote_locked_after"),
		LogChanges:    cfg.Int64("db.log_changes"),
		ContextPath:   cfg.ContextPath(),
		Checks:        para.Checks{Email: functions.ValidEmail, Address: functions.ValidAddress, URL: functions.ValidURL, Match: patterns.Match, Compile: patterns.Compile},
		Document:      analysis.Document,
		Log:           s.log,
	})
	if err != nil {
		return err
	}
	if err := s.engine.SweepStorages(ctx); err != nil {
		return fmt.Errorf("look at the storages of apps: %w", err)
	}
	if err := s.refreshRootKeys(ctx); err != nil {
		return err
	}
	if s.api, err = s.handler(); err != nil {
		return err
	}
	return s.listen(ctx)
}

// handler builds the REST door.
func (s *Server) handler() (*rest.Handler, error) {
	cfg := s.config
	proxies, err := prefixes(cfg.List("trusted_proxies"))
	if err != nil {
		return nil, err
	}
	users, providers, directory := s.signIn()
	return rest.New(rest.Options{
		Engine: s.engine,
		Authn: authn.New(authn.Options{
			Directory:      s.engine,
			MaxAge:         cfg.Duration("request_expires_after"),
			TrustedProxies: proxies,
			Log:            s.log,
			LogSignatures:  cfg.Bool("debug_request_signatures"),
			Delegated:      providers.Delegated,
			Keys:           s.engine,
		}),
		SignIn:         users,
		OAuth:          providers,
		Directory:      rest.Directory{SignIn: directory.signIn, UsernameParam: cfg.String("security.ldap.username_param"), PasswordParam: cfg.String("security.ldap.password_param")},
		SAML:           &samlFlows{server: s, service: saml.New(s.engine.Now)},
		Log:            s.log,
		ContextPath:    cfg.ContextPath(),
		Production:     cfg.Production(),
		APIEnabled:     cfg.Bool("api_enabled"),
		CORS:           cfg.Bool("cors_enabled"),
		Gzip:           cfg.Bool("gzip_enabled"),
		PrintVersion:   cfg.Bool("print_version"),
		LandingPage:    cfg.Bool("landing_page_enabled"),
		Ignored:        cfg.Ignored(),
		Protected:      protectedPaths(cfg),
		Pages:          s.pages(),
		MaxEntityBytes: cfg.Int64("max_entity_size_bytes"),
		MaxPages:       cfg.Int64("max_pages"),
		MaxLimit:       cfg.Int("max_page_limit"),
		DefaultLimit:   cfg.Int("max_items_per_page"),
		Separator:      cfg.String("default_separator"),
		SoftBreak:      cfg.String("markdown_soft_break"),
		FollowDomains:  cfg.List("markdown_allowed_follow_domains"),
		NothingLater:   !cfg.Bool("executor_service_enabled"),
		AccessLog:      cfg.Bool("access_log_enabled"),
		AccessFile:     s.accessFile(),
		Extensions:     []string{"api_keys", "backup", "field_rules", "passkeys", "second_factor"},
		SpoolDir:       filepath.Join(dataDir(cfg), "tmp"), // made and emptied by the store
		ConfigOptions: func(format, groupBy string) (string, []byte) {
			d := cfg.Describe(format, groupBy)
			return d.ContentType, d.Body
		},
		SaveRootKeys: s.rootKeysChanged,
	}), nil
}

func prefixes(list []string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, text := range list {
		if !strings.Contains(text, "/") {
			ip, err := netip.ParseAddr(text)
			if err != nil {
				return nil, fmt.Errorf("para.trusted_proxies: %q is neither an address nor a network such as 10.0.0.0/8", text)
			}
			out = append(out, netip.PrefixFrom(ip, ip.BitLen()))
			continue
		}
		p, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, fmt.Errorf("para.trusted_proxies: %q is not a network such as 10.0.0.0/8", text)
		}
		out = append(out, p)
	}
	return out, nil
}

// listen opens the port, last of all: a server that answers is ready (D115).
func (s *Server) listen(ctx context.Context) error {
	cfg := s.config
	address, _ := cfg.Property("server.address")
	port := listenPort(cfg)
	tlsConfig, err := loadTLS(cfg)
	if err != nil {
		return err
	}
	s.socket, err = (&net.ListenConfig{}).Listen(ctx, "tcp", net.JoinHostPort(address, port))
	if err != nil {
		return fmt.Errorf("open port %s: %w", port, err)
	}
	s.scheme = "http"
	if tlsConfig != nil {
		s.scheme = "https"
		s.socket = tls.NewListener(s.socket, tlsConfig)
	}
	s.http = &http.Server{
		Handler:           s.api,
		MaxHeaderBytes:    maxHeaderBytes - 4096, // the library allows 4096 bytes more than it is told
		ReadHeaderTimeout: readHeaderTimeout,
		IdleTimeout:       idleTimeout,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	background, cancel := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = cancel
	s.every(background, cfg.Duration("health.check_interval"), cfg.Bool("health_check_enabled"), s.engine.CheckHealth)
	go func() {
		err := s.http.Serve(s.socket)
		if !errors.Is(err, http.ErrServerClosed) {
			s.serving <- err
		}
		close(s.serving)
	}()
	s.log.Info(fmt.Sprintf("Instance #%d initialized and listening on %s://localhost:%d%s", cfg.Int("worker_id"), s.scheme, s.Port(), cfg.ContextPath()))
	s.log.Info(fmt.Sprintf("Started ParaServer in %.3f seconds", time.Since(s.started).Seconds()))
	return nil
}

// firstCheck is when the health is looked at for the first time after the start, unless the interval is shorter (C 7.3).
const firstCheck = 30 * time.Second

// every runs a task at an interval until the server stops; an interval of 0 or less switches it off (C 7.3).
func (s *Server) every(ctx context.Context, interval time.Duration, on bool, task func(context.Context)) {
	if !on || interval <= 0 {
		return
	}
	s.tasks.Go(func() {
		t := time.NewTimer(min(firstCheck, interval))
		defer t.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-t.C:
				t.Reset(interval)
				task(ctx)
			}
		}
	})
}

// Handler is what answers the requests, for programs that serve it on a listener of their own.
func (s *Server) Handler() http.Handler { return s.api }

// Port returns the TCP port the server listens on.
func (s *Server) Port() int {
	if a, ok := s.socket.Addr().(*net.TCPAddr); ok {
		return a.Port
	}
	return 0
}

// URL returns the address of the server on this machine, context path included.
func (s *Server) URL() string {
	return fmt.Sprintf("%s://localhost:%d%s", s.scheme, s.Port(), s.config.ContextPath())
}

// Config returns the effective configuration.
func (s *Server) Config() *config.Config { return s.config }

// Done is closed when the server stops serving by itself; the value received before that is the reason.
func (s *Server) Done() <-chan error { return s.serving }

// Close stops the server: no new requests, running ones are finished, accepted work is done, then the store is closed
// (C 7.4, D116). Requests whose client stalls are cut off soon, others after half a minute; that is logged and no error.
func (s *Server) Close(ctx context.Context) error {
	drain, cancel := context.WithTimeout(ctx, requestDrain)
	s.api.Drain()
	if err := s.http.Shutdown(drain); err != nil {
		s.log.Warn("requests that were not finished in time are cut off", "reason", err)
		_ = s.http.Close()
	}
	cancel()
	s.log.Info("--- Para.destroy() ---")
	return s.release(ctx)
}

// release closes what start opened, in reverse order.
func (s *Server) release(ctx context.Context) error {
	var errs []error
	if s.stop != nil {
		s.stop()
	}
	s.tasks.Wait()
	if s.api != nil {
		drain, cancel := context.WithTimeout(ctx, workDrain)
		if err := s.api.Close(drain); err != nil {
			errs = append(errs, fmt.Errorf("finish accepted work: %w", err))
		}
		cancel()
	}
	if s.socket != nil {
		_ = s.socket.Close()
	}
	if s.store != nil {
		if err := s.store.Close(); err != nil {
			errs = append(errs, fmt.Errorf("close the store: %w", err))
		}
	}
	if s.logFiles != nil {
		if err := s.logFiles.Close(); err != nil {
			errs = append(errs, fmt.Errorf("close the log files: %w", err))
		}
	}
	return errors.Join(errs...)
}

// dataDir is the folder of the embedded store.
func dataDir(cfg *config.Config) string {
	dir := cfg.String("db.dir")
	if dir == "" {
		dir = "data"
	}
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(cfg.WorkDir(), dir)
	}
	return dir
}

// fileExists says whether there is something at a path.
func fileExists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
