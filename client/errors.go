package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// What errors.Is finds in an *Error.
var (
	ErrBadRequest       = errors.New("bad request")         // 400
	ErrUnauthorized     = errors.New("unauthorized")        // 401
	ErrForbidden        = errors.New("forbidden")           // 403
	ErrNotFound         = errors.New("not found")           // 404
	ErrMethodNotAllowed = errors.New("method not allowed")  // 405
	ErrVersionMismatch  = errors.New("version mismatch")    // 412
	ErrTooLarge         = errors.New("request too large")   // 413
	ErrRateLimited      = errors.New("too many requests")   // 429
	ErrExpired          = errors.New("request has expired") // 400: the clocks are too far apart
	ErrReadOnly         = errors.New("app is read-only")    // 403
	ErrInvalidSignature = errors.New("invalid signature")   // 403: most often the wrong secret
)

// ErrNoSession is returned by methods that need the token of a user when the client has none.
var ErrNoSession = errors.New("client: the client holds no token of a user")

// Error is an answer with which the server refused a request (K 1.12.2).
type Error struct {
	Status  int    // HTTP status
	Code    int    // member code of the answer; Status when it has none
	Message string // member message of the answer, else the standard text of the status
	Method  string
	Path    string // as requested, without the query
	Header  http.Header
}

// Error returns request, status and message in one line.
func (e *Error) Error() string {
	return fmt.Sprintf("%s %s: %d %s", e.Method, e.Path, e.Status, e.Message)
}

// Is tells which of the errors of this package e is; it can be several.
func (e *Error) Is(target error) bool {
	switch target {
	case ErrBadRequest:
		return e.Status == http.StatusBadRequest
	case ErrUnauthorized:
		return e.Status == http.StatusUnauthorized
	case ErrForbidden:
		return e.Status == http.StatusForbidden
	case ErrNotFound:
		return e.Status == http.StatusNotFound
	case ErrMethodNotAllowed:
		return e.Status == http.StatusMethodNotAllowed
	case ErrVersionMismatch:
		return e.Status == http.StatusPreconditionFailed
	case ErrTooLarge:
		return e.Status == http.StatusRequestEntityTooLarge
	case ErrRateLimited:
		return e.Status == http.StatusTooManyRequests
	case ErrExpired:
		return e.Status == http.StatusBadRequest && e.Message == "Request has expired."
	case ErrReadOnly:
		return e.Status == http.StatusForbidden && strings.HasPrefix(e.Message, "App is in read-only mode.")
	case ErrInvalidSignature:
		return e.Status == http.StatusForbidden && strings.HasPrefix(e.Message, "Invalid signature")
	}
	return false
}

// Details returns the single complaints of a failed validation: the message, split where the server joined it (D43).
func (e *Error) Details() []string {
	var list []string
	for part := range strings.SplitSeq(e.Message, ". ") {
		if part = strings.TrimSpace(part); part != "" {
			list = append(list, part)
		}
	}
	return list
}

// errorOf reads an answer that is not a success; the body may be anything.
func errorOf(method, path string, res *http.Response, body []byte) *Error {
	e := &Error{Status: res.StatusCode, Code: res.StatusCode, Message: http.StatusText(res.StatusCode), Method: method, Path: path, Header: res.Header}
	var answer struct {
		Code    *int    `json:"code"`
		Message *string `json:"message"`
	}
	if json.Unmarshal(body, &answer) != nil {
		return e
	}
	if answer.Code != nil {
		e.Code = *answer.Code
	}
	if answer.Message != nil && *answer.Message != "" {
		e.Message = *answer.Message
	}
	return e
}

// BatchError says which elements of a batch the server left out; the others are stored.
type BatchError struct {
	// Missing are the indexes of elements with an id that the answer lacks.
	Missing []int
	// Unnamed is the number of elements without an id that the answer lacks; which ones cannot be told.
	Unnamed int
}

// Error says how many elements are missing.
func (e *BatchError) Error() string {
	return fmt.Sprintf("client: %d elements of the batch were refused (indexes %v, and %d without id)", len(e.Missing)+e.Unnamed, e.Missing, e.Unnamed)
}
