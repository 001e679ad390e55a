package para

import (
	"context"
	"io"
)

// SnapshotStore is implemented by stores whose snapshots carry more than the app's storage and can be looked at before
// they replace anything: for backups over the API.
type SnapshotStore interface {
	Snapshotter

	// SnapshotWith is Snapshot with further members in the copy, by name; the store bounds their number and size. It
	// writes nothing before the copy is complete on its side, so an error before the first byte can still be answered.
	SnapshotWith(ctx context.Context, app string, w io.Writer, extra map[string][]byte) error

	// OpenSnapshot reads a copy to its end and checks all of it; what is cut off, changed or foreign is an Invalid error.
	OpenSnapshot(ctx context.Context, r io.Reader) (Snapshot, error)
}

// Snapshot is a copy of an app's storage that was checked and waits to be restored. Close it.
type Snapshot interface {
	// App returns the identifier of the app that the copy was made of.
	App() string

	// Member returns a further member that SnapshotWith put in; false when there is none of that name.
	Member(name string) ([]byte, bool)

	// Restore replaces the app's storage by the copy, whole or not at all, and makes it when there is none. Once only.
	Restore(ctx context.Context, app string) error

	// Close removes what is left of the copy.
	Close() error
}
