package para

import (
	"errors"
	"fmt"
)

// Code says what kind of failure an error is, for programs. One table maps codes to HTTP statuses (package rest).
type Code string

// The codes that errors of this project carry.
const (
	Invalid     Code = "invalid"     // the input is wrong; sending it again does not help
	NotFound    Code = "not_found"   // no such object, app or route
	Conflict    Code = "conflict"    // a version or revision differs from the one expected (D30)
	Duplicate   Code = "duplicate"   // what was to be created is there already
	TooLarge    Code = "too_large"   // a size limit is exceeded
	Denied      Code = "denied"      // the caller is known and may not do this
	Unknown     Code = "unknown"     // the caller is not known, or could not prove who it is
	Busy        Code = "busy"        // a limit on concurrent or repeated work is reached; try later
	Unavailable Code = "unavailable" // a backend cannot be reached or read now; try later (D16)
	WriteFailed Code = "write"       // a backend refused or lost a write; nothing of it is stored (D16)
	Corrupt     Code = "corrupt"     // stored data cannot be read; trying again does not help
	Internal    Code = "internal"    // a defect: logged with detail, answered without
)

// Error is a failure with a code for programs and a message for people. Message may be shown to clients; the wrapped
// error may not.
type Error struct {
	Code    Code
	Message string // for the client; empty means the standard text of the status
	Op      string // what was being done, for the log
	Err     error  // cause, for the log

	Problems []Problem // what is wrong with which member, for callers who may know it; see ProblemsOf
}

// Error returns operation, message and cause in one line, for the log.
func (e *Error) Error() string {
	s := e.Message
	if s == "" {
		s = string(e.Code)
	}
	if e.Op != "" {
		s = e.Op + ": " + s
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// ProblemsOf returns the problems of the first Error in err's chain that has any.
func ProblemsOf(err error) []Problem {
	for err != nil {
		var e *Error
		if !errors.As(err, &e) {
			return nil
		}
		if len(e.Problems) > 0 {
			return e.Problems
		}
		err = e.Err
	}
	return nil
}

// Errorf makes an error with a code and a message that clients may see.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Wrap gives err a code and the operation it happened in; nil stays nil. An error that has a code already keeps it.
func Wrap(code Code, op string, err error) error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		return fmt.Errorf("%s: %w", op, err)
	}
	return &Error{Code: code, Op: op, Err: err}
}

// CodeOf returns the code of the first Error in err's chain, Internal when there is none, "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return Internal
}
