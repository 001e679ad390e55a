// Package engine is the life of an object: check, prepare, commit, follow. It is the only caller of stores, and every
// door (REST, import, queue, …) uses it, so that one write path and one authorization decision serve them all.
package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	para "github.com/erudika/para-go"
)

// Options say what an engine works with.
type Options struct {
	Store  para.Store
	Search para.Searcher // usually the same value as Store

	// Document makes the index document of an object (package analysis).
	Document func(*para.Object) *para.Document

	RootApp       string                      // identifier of the root app (C 5.1)
	RootAppName   string                      // its display name, used when it is created
	RootMade      func(access, secret string) // is told the keys of a new root app before it is stored (D88)
	RootSecret    string                      // root secret override; empty: a secret is generated at the first start (C 5.3)
	WorkerID      int                         // 0 to 31, part of generated ids (O 3.1)
	CacheBytes    int64                       // bound of the record cache; 0: no cache
	MaxTypes      int                         // types one app can register (O 2.5)
	ImportBatch   int                         // objects that an import writes at a time; 0: 100
	IndexOff      bool                        // search_enabled=false: nothing is indexed any more (D55)
	AdminIdent    string                      // identifier that becomes an admin when it signs up (O 10.3)
	TokenValidity int64                       // jwt_expires_after: seconds that user tokens of new apps are good; 0: a day (O 8.6)
	VoteExpires   int64                       // default of expiresAfter of votes, seconds
	VoteLocked    int64                       // default of lockedAfter of votes, seconds
	LogChanges    int64                       // changes that an app's log keeps at least; 0: all
	Now           func() time.Time
	Log           *slog.Logger
	ContextPath   string
	Checks        para.Checks // tests of values: addresses, URLs, patterns (O 16, O 20.5)
}

// Engine reads and writes the objects of all apps. It is safe for concurrent use.
type Engine struct {
	opts    Options
	store   para.Store
	search  para.Searcher
	root    string
	ids     *para.IDGenerator
	now     func() time.Time
	log     *slog.Logger
	cache   *cache
	users   *userCache
	keys    *keyCache
	uses    keyUses
	apps    *appCache
	health  health
	imports sync.Map // identifiers of apps that an import is writing to

	lifecycle lifecycle
	visits    visits
}

// Open starts an engine: it makes the root app when the store is new, applies a root secret override, and finishes what
// a crash left behind. It fails when the store cannot be read: a server must never make a fresh root app over data that
// it cannot see (D88).
func Open(ctx context.Context, opts Options) (*Engine, error) {
	if opts.Store == nil || opts.Search == nil {
		return nil, errors.New("engine: a store and a searcher are needed")
	}
	if opts.RootApp == "" {
		return nil, errors.New("engine: the name of the root app has no letter or digit left; set para.app_name")
	}
	if opts.TokenValidity <= 0 {
		opts.TokenValidity = 24 * 60 * 60
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	c, err := newCache(opts.CacheBytes)
	if err != nil {
		return nil, fmt.Errorf("engine: make the record cache: %w", err)
	}
	users, err := newUserCache()
	if err != nil {
		return nil, fmt.Errorf("engine: make the cache of users: %w", err)
	}
	keys, err := newKeyCache()
	if err != nil {
		return nil, fmt.Errorf("engine: make the cache of API keys: %w", err)
	}
	e := &Engine{
		opts:   opts,
		store:  opts.Store,
		search: opts.Search,
		root:   opts.RootApp,
		ids:    para.NewIDGenerator(opts.WorkerID, opts.Now),
		now:    opts.Now,
		log:    opts.Log,
		cache:  c,
		users:  users,
		keys:   keys,
		apps:   newAppCache(),
	}
	if err := e.openRoot(ctx); err != nil {
		return nil, fmt.Errorf("open the root app: %w", err)
	}
	if err := e.finishDrops(ctx); err != nil {
		return nil, fmt.Errorf("finish the deletion of apps: %w", err)
	}
	e.CheckHealth(ctx)
	return e, nil
}

// NewID returns a new object id (O 3.1).
func (e *Engine) NewID() string { return e.ids.Next() }

// Now returns the engine's time.
func (e *Engine) Now() time.Time { return e.now() }

// Root returns the identifier of the root app.
func (e *Engine) Root() string { return e.root }

// storage returns the identifier of the app in whose storage an object lies: apps are kept by the root app, everything
// else by the app itself (D35).
func (e *Engine) storage(app *para.App, pathType, id string) (storage, key string) {
	if pathType == "app" {
		return e.root, para.AppID(id)
	}
	if id == app.ID {
		return e.root, id
	}
	return app.Identifier, id
}
