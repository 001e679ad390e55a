package sqlite

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"unsafe"

	"modernc.org/libc"
	"modernc.org/libc/sys/types"
	_ "modernc.org/sqlite" // patches the library for the platform when it starts
	lib "modernc.org/sqlite/lib"
)

// conn is one connection to a database file. It talks to SQLite's C interface directly: through database/sql a point
// read costs several times as much (see BenchmarkDriver). A conn is used by one goroutine at a time; only interrupt may
// be called from another one.
type conn struct {
	tls   *libc.TLS
	db    uintptr
	out   uintptr // a pair of pointers for output parameters
	empty uintptr // address bound for empty texts, which a null pointer would make NULL
	stmts map[string]*stmt
	names map[string]string       // see name
	paths map[int64]*pathSnapshot // the last read table of search paths, by its version

	stop atomic.Bool // set while the work in progress must end
	mu   sync.Mutex  // keeps interrupt and close apart
}

// Ways to open a file.
const (
	openExisting = lib.SQLITE_OPEN_READWRITE | lib.SQLITE_OPEN_NOMUTEX
	openCreate   = openExisting | lib.SQLITE_OPEN_CREATE
)

// memory makes a pointer of an address outside the Go heap. The detour through the variable tells vet that this is meant.
func memory(p uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&p)) }

const pointerSize = unsafe.Sizeof(uintptr(0))

// busyTimeout is the usual time in milliseconds that a statement waits for a lock.
const busyTimeout = 5000

// maxStatements bounds the prepared statements a connection keeps; beyond it a new one takes the place of any other.
const maxStatements = 128

// keptBinding is the largest buffer in bytes that a parameter of a statement keeps for its next use.
const keptBinding = 64 << 10

// sqliteError is a result code of SQLite with its message.
type sqliteError struct {
	code int32 // extended result code
	text string
}

func (e *sqliteError) Error() string { return fmt.Sprintf("sqlite: %s (%d)", e.text, e.code) }

// primary returns the result code without its extension.
func (e *sqliteError) primary() int32 { return e.code & 0xff }

// resultCode returns the primary SQLite result code in err's chain, 0 when there is none.
func resultCode(err error) int32 {
	var e *sqliteError
	if errors.As(err, &e) {
		return e.primary()
	}
	return 0
}

// openConn opens the file at path, which must be absolute or start with a dot so that it is not taken for a URI.
func openConn(path string, flags int32) (*conn, error) {
	c := &conn{tls: libc.NewTLS(), stmts: make(map[string]*stmt), names: make(map[string]string)}
	c.out = libc.Xcalloc(c.tls, 4, types.Size_t(pointerSize))
	if c.out == 0 {
		c.tls.Close()
		return nil, errors.New("sqlite: out of memory")
	}
	c.empty = c.out + 2*pointerSize
	name, err := libc.CString(path)
	if err != nil {
		return nil, errors.Join(err, c.release())
	}
	rc := lib.Xsqlite3_open_v2(c.tls, name, c.out, flags, 0)
	libc.Xfree(c.tls, name)
	c.db = *(*uintptr)(memory(c.out))
	if rc != lib.SQLITE_OK {
		return nil, errors.Join(c.failure(rc), c.release())
	}
	lib.Xsqlite3_extended_result_codes(c.tls, c.db, 1)
	c.busyTimeout(busyTimeout)
	return c, nil
}

// busyTimeout sets how many milliseconds a statement waits for the locks of other connections.
func (c *conn) busyTimeout(ms int32) { lib.Xsqlite3_busy_timeout(c.tls, c.db, ms) }

// close finalises the statements and closes the connection. The last connection of a file moves the write-ahead log
// into the database and removes it.
func (c *conn) close() error {
	for _, s := range c.stmts {
		s.finalize()
	}
	c.stmts = nil
	return c.release()
}

func (c *conn) release() (err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.db != 0 {
		if rc := lib.Xsqlite3_close_v2(c.tls, c.db); rc != lib.SQLITE_OK {
			err = c.failure(rc)
		}
		c.db = 0
	}
	libc.Xfree(c.tls, c.out)
	c.tls.Close()
	c.tls = nil
	return err
}

// failure makes the error of a result code.
func (c *conn) failure(rc int32) error {
	text := libc.GoString(lib.Xsqlite3_errstr(c.tls, rc))
	if c.db != 0 && lib.Xsqlite3_errcode(c.tls, c.db)&0xff == rc&0xff {
		if ext := lib.Xsqlite3_extended_errcode(c.tls, c.db); ext&0xff == rc&0xff {
			rc = ext
		}
		if msg := libc.GoString(lib.Xsqlite3_errmsg(c.tls, c.db)); msg != "" && msg != text {
			text += ": " + msg
		}
	}
	return &sqliteError{code: rc, text: text}
}

// interrupt ends the statement in progress on another goroutine. A statement that starts at the same moment may miss it,
// so whoever waits for the end repeats it.
func (c *conn) interrupt() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.db == 0 {
		return
	}
	tls := libc.NewTLS() // a TLS serves one goroutine at a time
	lib.Xsqlite3_interrupt(tls, c.db)
	tls.Close()
}

// script runs SQL text with any number of statements and no parameters, ignoring rows.
func (c *conn) script(sql string) error {
	text, err := libc.CString(sql)
	if err != nil {
		return err
	}
	defer libc.Xfree(c.tls, text)
	if rc := lib.Xsqlite3_exec(c.tls, c.db, text, 0, 0, 0); rc != lib.SQLITE_OK {
		return c.failure(rc)
	}
	return nil
}

// exec runs one statement to its end, ignoring rows.
func (c *conn) exec(sql string, args ...any) error {
	s, err := c.prepare(sql)
	if err != nil {
		return err
	}
	defer s.reset()
	s.bind(args...)
	for {
		row, err := s.step()
		if err != nil || !row {
			return err
		}
	}
}

// int64 returns the first column of the first row, 0 when there is no row.
func (c *conn) int64(sql string, args ...any) (int64, error) {
	s, err := c.prepare(sql)
	if err != nil {
		return 0, err
	}
	defer s.reset()
	s.bind(args...)
	row, err := s.step()
	if err != nil || !row {
		return 0, err
	}
	return s.int64(0), nil
}

// string returns the first column of the first row, "" when there is no row.
func (c *conn) string(sql string, args ...any) (string, error) {
	s, err := c.prepare(sql)
	if err != nil {
		return "", err
	}
	defer s.reset()
	s.bind(args...)
	row, err := s.step()
	if err != nil || !row {
		return "", err
	}
	return s.text(0), nil
}

// strings returns the first column of all rows.
func (c *conn) strings(sql string, args ...any) ([]string, error) {
	s, err := c.prepare(sql)
	if err != nil {
		return nil, err
	}
	defer s.reset()
	s.bind(args...)
	var all []string
	for {
		row, err := s.step()
		if err != nil || !row {
			return all, err
		}
		all = append(all, s.text(0))
	}
}

// changed returns the number of rows that the last INSERT, UPDATE or DELETE touched.

// totalChanges returns the number of rows that were changed since the connection was opened.
func (c *conn) totalChanges() int64 { return int64(lib.Xsqlite3_total_changes(c.tls, c.db)) }

// inTransaction says whether a transaction is open.
func (c *conn) inTransaction() bool { return lib.Xsqlite3_get_autocommit(c.tls, c.db) == 0 }

// pagesWritten returns how many pages the connection wrote since the last call: in WAL mode the frames it appended.
func (c *conn) pagesWritten() int {
	if lib.Xsqlite3_db_status(c.tls, c.db, lib.SQLITE_DBSTATUS_CACHE_WRITE, c.out, c.out+4, 1) != lib.SQLITE_OK {
		return 0
	}
	return int(*(*int32)(memory(c.out)))
}

// checkpoint moves frames of the write-ahead log into the database and returns the frames in the log and those of them
// that are in the database now.
func (c *conn) checkpoint(mode int32) (frames, done int, err error) {
	rc := lib.Xsqlite3_wal_checkpoint_v2(c.tls, c.db, 0, mode, c.out, c.out+4)
	frames, done = int(*(*int32)(memory(c.out))), int(*(*int32)(memory(c.out + 4)))
	if rc != lib.SQLITE_OK {
		return frames, done, c.failure(rc)
	}
	return frames, done, nil
}

// prepare returns the statement of a text, made once for each connection. Call reset when its rows are read.
func (c *conn) prepare(sql string) (*stmt, error) {
	if s, ok := c.stmts[sql]; ok && !s.busy {
		s.busy = true
		return s, nil
	}
	text, err := libc.CString(sql)
	if err != nil {
		return nil, err
	}
	defer libc.Xfree(c.tls, text)
	rc := lib.Xsqlite3_prepare_v3(c.tls, c.db, text, int32(len(sql)+1), lib.SQLITE_PREPARE_PERSISTENT, c.out, 0)
	if rc != lib.SQLITE_OK {
		return nil, c.failure(rc)
	}
	s := &stmt{c: c, p: *(*uintptr)(memory(c.out)), busy: true}
	if s.p == 0 {
		return nil, fmt.Errorf("sqlite: no statement in %q", sql)
	}
	s.bufs = make([]buffer, lib.Xsqlite3_bind_parameter_count(c.tls, s.p))
	if _, taken := c.stmts[sql]; !taken && c.makeRoom() {
		c.stmts[sql] = s
		s.kept = true
	}
	return s, nil
}

// makeRoom makes place for one more kept statement and says whether there is one.
func (c *conn) makeRoom() bool {
	if len(c.stmts) < maxStatements {
		return true
	}
	for sql, s := range c.stmts {
		if !s.busy {
			s.finalize()
			delete(c.stmts, sql)
			return true
		}
	}
	return false
}

// resetAll ends the use of every statement, after a panic in the midst of one.
func (c *conn) resetAll() {
	for _, s := range c.stmts {
		if s.busy {
			s.reset()
		}
	}
}

// stmt is a prepared statement. Parameters are numbered from 1, columns from 0. A failed binding is reported by step.
type stmt struct {
	c    *conn
	p    uintptr
	bufs []buffer // memory of text and blob parameters
	err  error    // first failed binding
	kept bool     // in conn.stmts: reset keeps it prepared
	busy bool     // between prepare and reset
}

type buffer struct {
	p    uintptr
	size int
}

// bind sets all parameters: nil, int, int64, float64, bool, string or []byte.
func (s *stmt) bind(args ...any) {
	for i, a := range args {
		switch v := a.(type) {
		case nil:
			s.bindNull(i + 1)
		case int:
			s.bindInt64(i+1, int64(v))
		case int64:
			s.bindInt64(i+1, v)
		case float64:
			s.bindFloat(i+1, v)
		case bool:
			n := int64(0)
			if v {
				n = 1
			}
			s.bindInt64(i+1, n)
		case string:
			s.bindText(i+1, v)
		case []byte:
			s.bindBlob(i+1, v)
		default:
			s.fail(fmt.Errorf("sqlite: parameter %d has type %T", i+1, a))
		}
	}
}

func (s *stmt) fail(err error) {
	if s.err == nil {
		s.err = err
	}
}

func (s *stmt) bound(rc int32) {
	if rc != lib.SQLITE_OK {
		s.fail(s.c.failure(rc))
	}
}

func (s *stmt) bindNull(i int) { s.bound(lib.Xsqlite3_bind_null(s.c.tls, s.p, int32(i))) }

func (s *stmt) bindInt64(i int, v int64) {
	s.bound(lib.Xsqlite3_bind_int64(s.c.tls, s.p, int32(i), v))
}

func (s *stmt) bindFloat(i int, v float64) {
	s.bound(lib.Xsqlite3_bind_double(s.c.tls, s.p, int32(i), v))
}

func (s *stmt) bindText(i int, v string) {
	p := s.copy(i, unsafe.StringData(v), len(v))
	s.bound(lib.Xsqlite3_bind_text(s.c.tls, s.p, int32(i), p, int32(len(v)), lib.SQLITE_STATIC))
}

// bindBlob binds nil as NULL.
func (s *stmt) bindBlob(i int, v []byte) {
	if v == nil {
		s.bindNull(i)
		return
	}
	p := s.copy(i, unsafe.SliceData(v), len(v))
	s.bound(lib.Xsqlite3_bind_blob(s.c.tls, s.p, int32(i), p, int32(len(v)), lib.SQLITE_STATIC))
}

// copy puts bytes into the memory of parameter i, which stays in place until the parameter is bound again.
func (s *stmt) copy(i int, data *byte, n int) uintptr {
	if n == 0 {
		return s.c.empty
	}
	if i < 1 || i > len(s.bufs) {
		s.fail(fmt.Errorf("sqlite: parameter %d of %d", i, len(s.bufs)))
		return s.c.empty
	}
	b := &s.bufs[i-1]
	if b.size < n {
		libc.Xfree(s.c.tls, b.p)
		size := max(n, 64)
		*b = buffer{libc.Xmalloc(s.c.tls, types.Size_t(size)), size}
		if b.p == 0 {
			b.size = 0
			s.fail(errors.New("sqlite: out of memory"))
			return s.c.empty
		}
	}
	copy(unsafe.Slice((*byte)(memory(b.p)), n), unsafe.Slice(data, n))
	return b.p
}

// step runs the statement up to its next row and says whether there is one.
func (s *stmt) step() (bool, error) {
	if s.err != nil {
		return false, s.err
	}
	if s.c.stop.Load() {
		return false, &sqliteError{code: lib.SQLITE_INTERRUPT, text: "interrupted"}
	}
	switch rc := lib.Xsqlite3_step(s.c.tls, s.p); rc {
	case lib.SQLITE_ROW:
		return true, nil
	case lib.SQLITE_DONE:
		return false, nil
	default:
		return false, s.c.failure(rc)
	}
}

// again readies the statement for another run with new parameters.
func (s *stmt) again() { lib.Xsqlite3_reset(s.c.tls, s.p) }

// run steps a statement that returns no rows and resets it.
func (s *stmt) run() error {
	_, err := s.step()
	s.reset()
	return err
}

// reset ends the use of the statement. Values of text and blob parameters must be bound again before the next step.
func (s *stmt) reset() {
	if !s.kept {
		s.finalize()
		return
	}
	lib.Xsqlite3_reset(s.c.tls, s.p)
	for i := range s.bufs {
		if b := &s.bufs[i]; b.size > keptBinding {
			lib.Xsqlite3_bind_null(s.c.tls, s.p, int32(i+1))
			libc.Xfree(s.c.tls, b.p)
			*b = buffer{}
		}
	}
	s.err = nil
	s.busy = false
}

func (s *stmt) finalize() {
	if s.p == 0 {
		return
	}
	lib.Xsqlite3_finalize(s.c.tls, s.p)
	for _, b := range s.bufs {
		libc.Xfree(s.c.tls, b.p)
	}
	s.p, s.bufs = 0, nil
}

func (s *stmt) null(i int) bool {
	return lib.Xsqlite3_column_type(s.c.tls, s.p, int32(i)) == lib.SQLITE_NULL
}

func (s *stmt) int64(i int) int64 { return lib.Xsqlite3_column_int64(s.c.tls, s.p, int32(i)) }

func (s *stmt) float(i int) float64 { return lib.Xsqlite3_column_double(s.c.tls, s.p, int32(i)) }

// text returns a copy of a text column.
func (s *stmt) text(i int) string { return string(s.view(i)) }

// blob returns a copy of a blob or text column, nil for NULL.
func (s *stmt) blob(i int) []byte {
	v := s.view(i)
	if v == nil {
		return nil
	}
	b := make([]byte, len(v))
	copy(b, v)
	return b
}

// view returns the bytes of a text or blob column in SQLite's memory: valid until the next step or reset, nil for NULL.
func (s *stmt) view(i int) []byte {
	p := lib.Xsqlite3_column_blob(s.c.tls, s.p, int32(i))
	n := int(lib.Xsqlite3_column_bytes(s.c.tls, s.p, int32(i)))
	if p == 0 {
		if s.null(i) {
			return nil
		}
		return []byte{}
	}
	return unsafe.Slice((*byte)(memory(p)), n)
}
