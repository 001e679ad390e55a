package sqlite

import (
	"context"
	"io"

	"github.com/erudika/para-go"
)

var _ para.SnapshotStore = (*Store)(nil)

// OpenSnapshot is ReadSnapshot for callers that do not know this store.
func (s *Store) OpenSnapshot(ctx context.Context, r io.Reader) (para.Snapshot, error) {
	sn, err := s.ReadSnapshot(ctx, r)
	if err != nil {
		return nil, err
	}
	return &openSnapshot{s, sn}, nil
}

// openSnapshot is a snapshot with the store that it waits in.
type openSnapshot struct {
	store *Store
	*Snapshot
}

// App returns the identifier of the app that was copied.
func (o *openSnapshot) App() string { return o.Manifest.App }

// Member returns a member that SnapshotWith added.
func (o *openSnapshot) Member(name string) ([]byte, bool) {
	b, ok := o.Extra[name]
	return b, ok
}

// Restore replaces the app's file by the copy.
func (o *openSnapshot) Restore(ctx context.Context, app string) error {
	return o.store.Restore(ctx, app, o.Snapshot)
}
