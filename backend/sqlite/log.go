package sqlite

import (
	"context"

	"github.com/erudika/para-go"
)

// Trim removes the changes below before from the log.
func (s *Store) Trim(ctx context.Context, app string, before int64) error {
	f, err := s.acquire(ctx, app)
	if err != nil {
		return err
	}
	defer s.release(f)
	// In pieces, so that other writes need not wait for the whole.
	for more := true; more; {
		err := f.w.do(ctx, func() error {
			var err error
			more, err = f.w.trim(before)
			return err
		})
		if err != nil {
			return writeFailure("trim", err)
		}
	}
	return nil
}

// trimStep is the number of changes that one transaction trims away.
const trimStep = 5000

func (w *writer) trim(before int64) (more bool, err error) {
	end := min(before-1, w.last.Load())
	step := min(end, w.trimmed+trimStep)
	if step <= w.trimmed {
		return false, nil
	}
	if err := w.begin(); err != nil {
		return false, err
	}
	err = w.c.exec("DELETE FROM changes WHERE seq<=?", step)
	if err == nil {
		err = w.c.exec("UPDATE meta SET value=? WHERE key='trimmed'", step)
	}
	if err == nil {
		err = w.c.exec("COMMIT")
	}
	if err != nil {
		w.rollback()
		return false, err
	}
	w.trimmed = step
	w.afterCommit()
	return step < end, nil
}

// Changes returns entries of the log.
func (s *Store) Changes(ctx context.Context, app string, after int64, limit int) ([]para.Change, error) {
	var changes []para.Change
	err := s.read(ctx, app, func(c readConn) error {
		trimmed, err := c.int64("SELECT value FROM meta WHERE key='trimmed'")
		if err != nil {
			return err
		}
		if after < trimmed {
			return para.Errorf(para.NotFound, "Changes up to number %d are not kept any more.", trimmed)
		}
		st, err := c.prepare("SELECT seq, time, kind, event, id, type, data FROM changes WHERE seq>? ORDER BY seq LIMIT ?")
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
			changes = append(changes, para.Change{
				Seq:   st.int64(0),
				Time:  st.int64(1),
				Kind:  para.ChangeKind(st.int64(2)),
				Event: c.name(st.view(3)),
				ID:    st.text(4),
				Type:  c.name(st.view(5)),
				Data:  st.blob(6),
			})
		}
	})
	if err != nil {
		return nil, err
	}
	return changes, nil
}

// LastChange returns the number of the newest change.
func (s *Store) LastChange(ctx context.Context, app string) (int64, error) {
	f, err := s.acquire(ctx, app)
	if err != nil {
		return 0, err
	}
	defer s.release(f)
	return f.w.last.Load(), nil
}
