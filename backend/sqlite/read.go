package sqlite

import (
	"context"

	"github.com/erudika/para-go"
)

// recordColumns are the columns of objects in the order that scanRecord expects, from the first column on.
const recordColumns = "docid, id, type, revision, flags, data"

// scanRecord makes a record of the current row of a statement that selects recordColumns.
func scanRecord(c *conn, s *stmt) *para.Record {
	return &para.Record{
		DocID:    s.int64(0),
		ID:       s.text(1),
		Type:     c.name(s.view(2)),
		Revision: s.int64(3),
		Stored:   s.int64(4)&flagStored != 0,
		Data:     s.blob(5),
	}
}

// maxNames bounds the strings that a connection remembers.
const maxNames = 1024

// name returns the text of a value that comes often, a type for example, without making a copy each time.
func (c *conn) name(b []byte) string {
	if s, ok := c.names[string(b)]; ok {
		return s
	}
	s := string(b)
	if len(c.names) < maxNames && len(s) <= 100 {
		c.names[s] = s
	}
	return s
}

// readRecord reads one record by id, Stored or not; nil when there is none.
func readRecord(c *conn, id string) (*para.Record, error) {
	s, err := c.prepare("SELECT docid, type, revision, flags, data FROM objects WHERE id=?")
	if err != nil {
		return nil, err
	}
	defer s.reset()
	s.bindText(1, id)
	row, err := s.step()
	if err != nil || !row {
		return nil, err
	}
	return &para.Record{
		ID:       id,
		DocID:    s.int64(0),
		Type:     c.name(s.view(1)),
		Revision: s.int64(2),
		Stored:   s.int64(3)&flagStored != 0,
		Data:     s.blob(4),
	}, nil
}

// fewIDs is the number of ids up to which Get does without a transaction per call and without watching the context.
const fewIDs = 1

// Get reads records by id.
func (s *Store) Get(ctx context.Context, app string, ids []string) ([]*para.Record, error) {
	records := make([]*para.Record, len(ids))
	if len(ids) <= fewIDs {
		return records, s.getFew(ctx, app, ids, records)
	}
	err := s.read(ctx, app, func(c readConn) error { return getStored(c, ids, records) })
	if err != nil {
		return nil, err
	}
	return records, nil
}

func (s *Store) getFew(ctx context.Context, app string, ids []string, records []*para.Record) error {
	f, err := s.acquire(ctx, app)
	if err != nil {
		return err
	}
	defer s.release(f)
	c, err := f.borrow(ctx)
	if err != nil {
		return readFailure("get", err)
	}
	err = getStored(c, ids, records)
	f.giveBack(c, err)
	return readFailure("get", err)
}

func getStored(c readConn, ids []string, records []*para.Record) error {
	for i, id := range ids {
		r, err := readRecord(c, id)
		if err != nil {
			return err
		}
		if r != nil && r.Stored {
			records[i] = r
		}
	}
	return nil
}

// Scan returns records in the order of DocID.
func (s *Store) Scan(ctx context.Context, app string, after int64, limit int) ([]*para.Record, error) {
	var records []*para.Record
	err := s.read(ctx, app, func(c readConn) error {
		st, err := c.prepare("SELECT " + recordColumns + " FROM objects WHERE docid>? ORDER BY docid LIMIT ?")
		if err != nil {
			return err
		}
		defer st.reset()
		st.bindInt64(1, after)
		st.bindInt64(2, int64(max(limit, 0)))
		for {
			row, err := st.step()
			if err != nil || !row {
				return err
			}
			records = append(records, scanRecord(c, st))
		}
	})
	if err != nil {
		return nil, err
	}
	return records, nil
}
