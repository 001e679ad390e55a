package sqlite

import "context"

type Store struct{}

func (s *Store) read(ctx context.Context, app string, f func(c readConn) error) error { return nil }
