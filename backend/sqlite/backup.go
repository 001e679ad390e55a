package sqlite

import (
	"errors"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

// backup copies a database page by page into another file while both connections may be used between the steps. What the
// source connection commits meanwhile goes into the copy too, so the copy is of the moment of the last step, and no read
// transaction stays open.
type backup struct {
	target *conn
	p      uintptr
}

// newBackup begins a copy of the database of source into a new file at path.
func newBackup(source *conn, path string) (*backup, error) {
	target, err := openConn(path, openCreate)
	if err != nil {
		return nil, err
	}
	if err := target.script("PRAGMA synchronous=OFF; PRAGMA journal_mode=OFF"); err != nil {
		return nil, errors.Join(err, target.close())
	}
	name, err := libc.CString("main")
	if err != nil {
		return nil, errors.Join(err, target.close())
	}
	defer libc.Xfree(target.tls, name)
	p := lib.Xsqlite3_backup_init(target.tls, target.db, name, source.db, name)
	if p == 0 {
		err := target.failure(lib.Xsqlite3_errcode(target.tls, target.db))
		return nil, errors.Join(err, target.close())
	}
	return &backup{target: target, p: p}, nil
}

// step copies up to pages pages (-1: all) and says whether the copy is complete.
func (b *backup) step(pages int) (done bool, err error) {
	switch rc := lib.Xsqlite3_backup_step(b.target.tls, b.p, int32(pages)); rc {
	case lib.SQLITE_DONE:
		return true, nil
	case lib.SQLITE_OK:
		return false, nil
	default:
		return false, b.target.failure(rc)
	}
}

// finish ends the copy, complete or not, and closes its file.
func (b *backup) finish() error {
	var err error
	if rc := lib.Xsqlite3_backup_finish(b.target.tls, b.p); rc != lib.SQLITE_OK {
		err = b.target.failure(rc)
	}
	return errors.Join(err, b.target.close())
}

// copyDatabase copies the database of a connection that nobody uses meanwhile into a new file at path.
func copyDatabase(source *conn, path string) error {
	b, err := newBackup(source, path)
	if err != nil {
		return err
	}
	_, err = b.step(-1)
	return errors.Join(err, b.finish())
}
