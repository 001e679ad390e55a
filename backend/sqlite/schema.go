package sqlite

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/erudika/para-go"
)

// applicationID is "Para" in the header of every file.
const applicationID = 0x50617261

// formatNumber is the number of the format this program writes, in user_version. Raise it with every change of the
// tables, those of the search included, and append a step to upgrades.
const formatNumber = 2

// upgrades[i] brings a file of format i+1 to format i+2, in the transaction it is called in.
var upgrades = [formatNumber - 1]func(c *conn) error{indexElements}

// The core's tables. A record's docid is the sequence number of the change that created it, so it is unique for all
// times like that number (T3); revision is the number of the change that wrote it. Small columns stand before data, so
// that reading them never follows the pages of a long record.
//
// meta: "app" the identifier, "trimmed" the highest sequence number that the log does not have any more.
var coreSchema = []string{
	`CREATE TABLE meta(
		key   TEXT PRIMARY KEY,
		value ANY NOT NULL
	) STRICT, WITHOUT ROWID`,
	`CREATE TABLE objects(
		docid    INTEGER PRIMARY KEY,
		id       TEXT NOT NULL UNIQUE,
		type     TEXT NOT NULL,
		revision INTEGER NOT NULL,
		flags    INTEGER NOT NULL,
		data     BLOB NOT NULL
	) STRICT`,
	`CREATE TABLE changes(
		seq   INTEGER PRIMARY KEY,
		time  INTEGER NOT NULL,
		kind  INTEGER NOT NULL,
		event TEXT NOT NULL,
		id    TEXT NOT NULL,
		type  TEXT NOT NULL,
		data  BLOB
	) STRICT`,
}

// Bits of objects.flags.
const (
	flagStored  = 1 // Record.Stored
	flagIndexed = 2 // a document is in the search tables
)

// createSchema makes the tables of a new file.
func createSchema(c *conn, app string) error {
	if err := c.exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	for _, sql := range append(append([]string{}, coreSchema...), new(indexer).schema()...) {
		if err := c.script(sql); err != nil {
			return fmt.Errorf("%s: %w", firstLine(sql), err)
		}
	}
	if err := c.exec("INSERT INTO meta VALUES('app', ?), ('trimmed', 0)", app); err != nil {
		return err
	}
	if err := c.script(fmt.Sprintf("PRAGMA application_id=%d; PRAGMA user_version=%d; COMMIT", applicationID, formatNumber)); err != nil {
		return err
	}
	return nil
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// checkMagic looks at the first bytes of a file before SQLite sees it: SQLite takes an empty file for a new database.
func checkMagic(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	var head [100]byte
	if _, err := io.ReadFull(f, head[:]); err != nil {
		return corruptFile(path, "it is shorter than a database header")
	}
	if string(head[:16]) != "SQLite format 3\x00" {
		return corruptFile(path, "it is not an SQLite database")
	}
	return nil
}

// format returns the format number of an open file after checking that the file is one of this program's.
func format(c *conn, path string) (int, error) {
	id, err := c.int64("PRAGMA application_id")
	if err != nil {
		return 0, err
	}
	if id != applicationID {
		return 0, corruptFile(path, fmt.Sprintf("its application_id is %#x, not that of Para", id))
	}
	n, err := c.int64("PRAGMA user_version")
	if err != nil {
		return 0, err
	}
	if n < 1 {
		return 0, corruptFile(path, "it has no format number")
	}
	if n > formatNumber {
		return 0, &para.Error{Code: para.Corrupt, Message: "The data was written by a newer version of Para.",
			Err: fmt.Errorf("%s has format %d, this program knows formats up to %d: start the newer version, "+
				"or restore a copy from before its upgrade", path, n, formatNumber)}
	}
	return int(n), nil
}

func corruptFile(path, why string) error {
	return &para.Error{Code: para.Corrupt, Message: "Stored data cannot be read.",
		Err: fmt.Errorf("%s is damaged: %s; restore it from a snapshot", path, why)}
}

// upgrade runs the steps from format from to the current one in one transaction.
func upgrade(c *conn, from int, steps []func(*conn) error) error {
	if err := c.exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	for n := from; n <= len(steps); n++ {
		if err := steps[n-1](c); err != nil {
			_ = c.exec("ROLLBACK")
			return fmt.Errorf("upgrade from format %d: %w", n, err)
		}
	}
	return c.script(fmt.Sprintf("PRAGMA user_version=%d; COMMIT", len(steps)+1))
}

// describeSchema lists everything a file defines but the planner's statistics, in a form that can be compared.
func describeSchema(c *conn) (string, error) {
	s, err := c.prepare("SELECT type, name, coalesce(sql, '') FROM sqlite_schema WHERE name NOT LIKE 'sqlite_stat%' ORDER BY type, name")
	if err != nil {
		return "", err
	}
	defer s.reset()
	var b strings.Builder
	for {
		row, err := s.step()
		if err != nil {
			return "", err
		}
		if !row {
			return b.String(), nil
		}
		fmt.Fprintf(&b, "%s %s: %s\n", s.text(0), s.text(1), s.text(2))
	}
}
