package sqlite

import (
	"context"
	"errors"
	"fmt"

	"github.com/erudika/para-go"
	lib "modernc.org/sqlite/lib"
)

// readFailure classifies an error of a read: nothing was changed.
func readFailure(op string, err error) error { return classify(para.Unavailable, op, err) }

// writeFailure classifies an error of a write of which nothing is stored.
func writeFailure(op string, err error) error { return classify(para.WriteFailed, op, err) }

func classify(code para.Code, op string, err error) error {
	if err == nil {
		return nil
	}
	var known *para.Error
	if errors.As(err, &known) {
		return err
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return &para.Error{Code: para.Unavailable, Message: "The operation was given up before its end.", Op: op, Err: err}
	}
	switch resultCode(err) {
	case lib.SQLITE_CORRUPT, lib.SQLITE_NOTADB, lib.SQLITE_FORMAT:
		return &para.Error{Code: para.Corrupt, Message: "Stored data cannot be read.", Op: op, Err: err}
	case lib.SQLITE_BUSY, lib.SQLITE_LOCKED, lib.SQLITE_INTERRUPT:
		return &para.Error{Code: para.Unavailable, Op: op, Err: err}
	case lib.SQLITE_TOOBIG:
		return &para.Error{Code: para.TooLarge, Op: op, Err: err}
	}
	return &para.Error{Code: code, Op: op, Err: err}
}

// errAppNotFound has the text that callers of an app get which was deleted while they used it (D35).
func errAppNotFound(app string) error {
	return &para.Error{Code: para.NotFound, Message: "App not found.", Err: fmt.Errorf("app %q has no storage", app)}
}

func errClosed() error { return para.Errorf(para.Unavailable, "The store is closed.") }
