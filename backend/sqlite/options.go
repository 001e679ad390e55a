package sqlite

import (
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"time"

	"github.com/erudika/para-go"
)

// Durability says when a commit counts as done.
type Durability uint8

// The durabilities.
const (
	// Full: Apply returns after the commit is on disk; it survives power loss.
	Full Durability = iota
	// Relaxed: Apply returns after the commit is with the operating system; it survives the end of the process, but
	// power loss may take the commits of the last moments, in order.
	Relaxed
)

// ParseDurability reads "full" or "relaxed".
func ParseDurability(s string) (Durability, error) {
	switch s {
	case "full":
		return Full, nil
	case "relaxed":
		return Relaxed, nil
	}
	return 0, fmt.Errorf("durability %q: must be full or relaxed", s)
}

// String returns the name that ParseDurability reads.
func (d Durability) String() string {
	if d == Relaxed {
		return "relaxed"
	}
	return "full"
}

// Options of Open. The zero value of every field but Dir and RootApp is a working default.
type Options struct {
	Dir        string // data folder; made when missing
	RootApp    string // identifier of the root app (O 8.1)
	Durability Durability

	// MaxOpen is the number of apps open at the same time (default 256, fewer where the process may have few files open).
	// Further ones wait until an app is not in use.
	MaxOpen int
	// IdleClose is how long an app stays open without use (default 5 minutes).
	IdleClose time.Duration
	// Readers is the number of connections with which one app is read at the same time (default: one per processor, at
	// least 4).
	Readers int
	// MaxReadTime ends reads that take longer (default 1 minute), with an Unavailable error.
	MaxReadTime time.Duration
	// MaxRecordSize is the largest Record.Data in bytes (default 64 MiB, at most 512 MiB).
	MaxRecordSize int
	// MaxFileSize bounds the file of an app in bytes; 0: no limit but the disk. Writes beyond it fail as on a full disk.
	MaxFileSize int64

	// Document makes the index document of a record again, nil for a record that is not indexed. Some queries, the check and
	// the rebuild of the index need it.
	Document func(*para.Record) (*para.Document, error)
	// MaxExpansions is how many terms the patterns of one query may stand for (default 10 000), and SearchTimeout how long
	// it may take (default 10 seconds); beyond that the query is refused (D129).
	MaxExpansions int
	SearchTimeout time.Duration
	// maxSortBytes bounds what the sort values of one query take in memory; beyond that it is refused as well.
	maxSortBytes int

	// AllowNewRoot lets Open make a root app's file in a folder that has files of other apps but none of the root app:
	// for restoring the root app from a snapshot. Without it Open refuses such a folder.
	AllowNewRoot bool

	// Logger takes what nobody waits for; default: slog.Default().
	Logger *slog.Logger
}

func (o *Options) complete() error {
	if o.Dir == "" {
		return errors.New("sqlite: Options.Dir is empty: name the data folder")
	}
	if o.RootApp == "" {
		return errors.New("sqlite: Options.RootApp is empty: name the root app")
	}
	if o.Durability > Relaxed {
		return fmt.Errorf("sqlite: Options.Durability %d is unknown", o.Durability)
	}
	if o.MaxRecordSize > 512<<20 {
		return fmt.Errorf("sqlite: Options.MaxRecordSize %d: at most 512 MiB", o.MaxRecordSize)
	}
	setDefault(&o.IdleClose, 5*time.Minute)
	setDefault(&o.Readers, max(4, runtime.GOMAXPROCS(0)))
	setDefault(&o.MaxOpen, openApps(fileLimit(), o.Readers))
	setDefault(&o.MaxReadTime, time.Minute)
	setDefault(&o.MaxRecordSize, 64<<20)
	setDefault(&o.MaxExpansions, 10_000)
	setDefault(&o.SearchTimeout, 10*time.Second)
	setDefault(&o.maxSortBytes, 256<<20)
	if o.Document == nil {
		o.Document = func(*para.Record) (*para.Document, error) { return nil, nil }
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	return nil
}

// synchronous is the setting of SQLite for the durability.
func (o *Options) synchronous() string {
	if o.Durability == Relaxed {
		return "NORMAL"
	}
	return "FULL"
}

func setDefault[T int | time.Duration](v *T, def T) {
	if *v <= 0 {
		*v = def
	}
}

// openApps is how many apps may be open when the process may have limit files open, 0 for any number: each connection has
// three, the database, its log and the index of that; a fourth of all files, and some, is left to sockets and the rest.
func openApps(limit, readers int) int {
	const most, few, rest = 256, 4, 32
	if limit <= 0 {
		return most
	}
	return max(few, min(most, (limit*3/4-rest)/(3*(1+readers))))
}
