package sqlite

import (
	"context"
	"io"
)

func (s *Store) Snapshot(ctx context.Context, app string, w io.Writer) error        { return nil }
func (s *Store) RestoreSnapshot(ctx context.Context, app string, r io.Reader) error { return nil }
