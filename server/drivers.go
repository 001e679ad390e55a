package server

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/backend/sqlite"
	"github.com/erudika/para-go/internal/analysis"
	"github.com/erudika/para-go/internal/config"
)

// A name that is unknown, or known but without a driver in this build, refuses to start: silent fallbacks have lost
// people's data (D96).

// openStore opens the store that para.dao names, with its search engine.
func openStore(cfg *config.Config, root string, log *slog.Logger) (para.Store, para.Searcher, error) {
	switch name := cfg.String("dao"); strings.ToLower(name) {
	case "h2dao", "sqlitedao", "sqlite", "":
	default:
		return nil, nil, unknownDriver("dao", name, "H2DAO")
	}
	if host := cfg.String("db.hostname"); host != "" && !fileExists(filepath.Join(dataDir(cfg), "apps", root+".db")) { // D98
		return nil, nil, fmt.Errorf("para.db.hostname = %q: the data lies in a database server of the Java server, which is not read here; export its apps over HTTP (GET /v1/_export), start without this option, and import them", host)
	}
	switch name := cfg.String("search"); strings.ToLower(name) {
	case "lucenesearch", "":
	case "elasticsearch", "opensearch":
		return nil, nil, fmt.Errorf("para.search = %q: this build has no such driver; use LuceneSearch, the engine built into the store", name)
	default:
		return nil, nil, unknownDriver("search", name, "LuceneSearch")
	}
	durability, err := sqlite.ParseDurability(cfg.String("durability"))
	if err != nil {
		return nil, nil, err
	}
	store, err := sqlite.Open(sqlite.Options{
		Dir:           dataDir(cfg),
		RootApp:       root,
		Durability:    durability,
		Document:      documentOf,
		MaxExpansions: cfg.Int("search.max_expansions"),
		SearchTimeout: cfg.Duration("search.timeout"),
		Logger:        log,
	})
	if err != nil {
		return nil, nil, err
	}
	return store, store, nil
}

// documentOf makes the index document of a record, nil for one that must not be found.
func documentOf(r *para.Record) (*para.Document, error) {
	if strings.HasPrefix(r.Type, "_") {
		return nil, nil // records of the engine itself
	}
	o, err := para.DecodeObject(r.Data)
	if err != nil {
		return nil, err
	}
	if !o.IsIndexed() {
		return nil, nil
	}
	return analysis.Document(o), nil
}

// cacheName is the cache by the name that the log shows: the default names none that there is (C 3.3).
func cacheName(cfg *config.Config) string {
	if name := cfg.String("cache"); name != "" && !strings.EqualFold(name, "CaffeineSearch") {
		return name
	}
	return "CaffeineCache"
}

// cacheSize is the bound of the record cache in bytes, 0 for none (D100).
func cacheSize(cfg *config.Config, log *slog.Logger) (int64, error) {
	if !cfg.Bool("cache_enabled") {
		return 0, nil
	}
	switch name := cfg.String("cache"); strings.ToLower(name) {
	case "caffeinecache", "caffeinesearch", "inmemory", "":
		return cfg.Int64("cache.max_bytes"), nil
	case "hazelcastcache":
		log.Warn("para.cache = \"HazelcastCache\": this build has no cluster cache; objects are not cached")
		return 0, nil
	default:
		return 0, unknownDriver("cache", name, "CaffeineCache")
	}
}

// checkDrivers checks the names of the drivers that nothing uses yet, so that a misspelt one does not go unnoticed.
func checkDrivers(cfg *config.Config) error {
	known := map[string][]string{
		"q":       {"localqueue", "local", ""},
		"fs":      {"localfilestore", "local", ""},
		"emailer": {"noopemailer", ""},
	}
	offered := map[string]string{"q": "LocalQueue", "fs": "LocalFileStore", "emailer": "NoopEmailer"}
	for _, option := range []string{"q", "fs", "emailer"} {
		name := cfg.String(option)
		ok := false
		for _, k := range known[option] {
			ok = ok || strings.EqualFold(name, k)
		}
		if !ok {
			return unknownDriver(option, name, offered[option])
		}
	}
	return nil
}

func unknownDriver(option, name, available string) error {
	return fmt.Errorf("para.%s = %q: no such driver in this build; available: %s", option, name, available)
}
