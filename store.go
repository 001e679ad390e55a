package para

import (
	"context"
	"io"
)

// Record is an object as a store keeps it: the JSON that clients get (and the members that they do not get), with the
// header fields that stores and engines need parsed. Records are immutable once handed over: neither side changes Data
// or a field afterwards.
type Record struct {
	ID   string
	Type string

	// DocID is the object's place in creation order: positive, unique within the app for all times, assigned by the
	// store when the id is first written and kept on every later write (S 8.4, T3).
	DocID int64

	// Revision is the sequence number of the change that wrote this record. Two reads with equal revisions saw the
	// same bytes, so an Op can be prepared outside the store and only compare revisions inside.
	Revision int64

	// Stored is false for objects that search sees but reads by id and scans do not (stored=false, O 4, D29).
	Stored bool

	// Data is the complete JSON of the object (Object.AppendJSON).
	Data []byte
}

// WriteKind says what a Write does to a record.
type WriteKind uint8

// The kinds of writes.
const (
	Put    WriteKind = iota + 1 // insert or replace the record, whatever was there
	Delete                      // remove the record; no effect when there is none
)

// Write is one effect of an Op.
type Write struct {
	Kind WriteKind

	// Record to put: the store sets DocID and Revision. For Delete only ID and Type count.
	Record Record

	// Document to keep in the search index of the same store; nil: the object must not be found (any more).
	// Stores that do not search ignore it.
	Document *Document

	// Event is the name followers see: create, update, delete, createAll, updateAll, deleteAll (D104).
	Event string

	// ChangeData is kept in the change record when followers need the object as of this change; usually nil.
	ChangeData []byte
}

// Op is one operation on the records of one app.
type Op struct {
	// Reads names the records that Do needs, at most MaxOpReads.
	Reads []string

	// Do looks at the records (in the order of Reads, nil for a missing one) and says what to write. It must be pure,
	// quick and repeatable: the store runs it inside its transaction and may run it again after a conflict. An error
	// means that this operation writes nothing; it comes back in Outcome.Err as it is. Deleting and putting the same
	// id in one Op is an error of the caller.
	Do func(records []*Record) ([]Write, error)
}

// MaxOpReads bounds the records that one Op can ask for.
const MaxOpReads = 10_000

// Outcome is the fate of one Op.
type Outcome struct {
	// Records that were put, in the order of the writes, with DocID and Revision set; nil entries for deletions.
	Records []*Record

	// Err is nil when the operation is committed durably. Otherwise nothing of it is stored: the error of Do as it
	// was returned, or an *Error with WriteFailed, Unavailable or TooLarge.
	Err error
}

// ChangeKind says what happened to an object.
type ChangeKind uint8

// The kinds of changes.
const (
	Created ChangeKind = iota + 1
	Updated
	Deleted
)

// Change is an entry of an app's log: every committed Write makes exactly one, in the same commit. Sequence numbers
// start at 1, grow by one for each change of the app, have no gaps and are never used again, also after Trim.
type Change struct {
	Seq   int64
	Time  int64 // milliseconds since 1970
	Kind  ChangeKind
	Event string
	ID    string
	Type  string
	Data  []byte // Write.ChangeData
}

// Properties says what a store can do. Callers adapt; they never guess from a store's name.
type Properties struct {
	Name          string // as in the option dao, for logs and metrics: "SQLite"
	Transactions  bool   // all accepted ops of one Apply call commit together or not at all
	Searches      bool   // the store implements Searcher and indexes in the same commit
	Durable       bool   // Apply returns only after the commit survives power loss
	MaxRecordSize int    // bytes of Record.Data; 0: no limit of its own
}

// Store keeps the records of apps. Apps are named by their identifier (O 8.1), which is never empty. All methods may be
// called concurrently; all honour the context while they wait, but a commit that has begun is finished. Errors are *Error
// values: NotFound for an app that was not created, Unavailable when trying again may help, Corrupt when it does not.
//
// The suite in backend/backendtest is this contract as tests.
type Store interface {
	// Apply runs ops in order against one app and returns their fates, one for each op. Each op sees the effects of the
	// ops before it. The error is for failures that concern the whole call: then no op has happened. Where Properties
	// says Transactions, the ops whose Do succeeded commit together; otherwise one by one, each on its own conditional.
	Apply(ctx context.Context, app string, ops []Op) ([]Outcome, error)

	// Get reads records by id, in the order of ids, nil for those that do not exist or are not Stored.
	Get(ctx context.Context, app string, ids []string) ([]*Record, error)

	// Scan returns up to limit records, Stored ones and others, whose DocID is greater than after, in the order of
	// DocID. A record present during the whole scan is returned exactly once, however long the scan takes.
	Scan(ctx context.Context, app string, after int64, limit int) ([]*Record, error)

	// Changes returns up to limit entries of the app's log after the sequence number after, in order. NotFound with
	// a message when entries after that number have been trimmed away.
	Changes(ctx context.Context, app string, after int64, limit int) ([]Change, error)

	// LastChange returns the sequence number of the newest change, 0 for none.
	LastChange(ctx context.Context, app string) (int64, error)

	// Trim removes log entries with sequence numbers below before.
	Trim(ctx context.Context, app string, before int64) error

	// CreateApp makes storage for an app; no effect when it exists. Identifiers that the store cannot keep apart from
	// an existing one are Duplicate errors (D94).
	CreateApp(ctx context.Context, app string) error

	// DropApp removes an app with all that belongs to it; no effect when it does not exist.
	DropApp(ctx context.Context, app string) error

	// HasApp says whether storage for the app exists.
	HasApp(ctx context.Context, app string) (bool, error)

	// Apps lists the identifiers of all apps with storage, sorted.
	Apps(ctx context.Context) ([]string, error)

	// Properties says what the store can do.
	Properties() Properties

	// Close finishes running operations and releases everything; later calls fail.
	Close() error
}

// Snapshotter is implemented by stores that can copy one app while it is in use.
type Snapshotter interface {
	// Snapshot writes a consistent copy of the app's storage, as of one moment during the call.
	Snapshot(ctx context.Context, app string, w io.Writer) error

	// RestoreSnapshot replaces the app's storage by a copy made by Snapshot, whole or not at all: the copy is checked
	// completely before anything is replaced. The storage is created when it does not exist.
	RestoreSnapshot(ctx context.Context, app string, r io.Reader) error
}
