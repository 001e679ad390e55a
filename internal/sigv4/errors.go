package sigv4

import (
	"errors"
	"net/http"
)

// Why a signed request is refused. Answer gives the status and the text of each.
var (
	// ErrNoAccessKey: the Authorization header names no access key, so nobody can be asked for a secret.
	ErrNoAccessKey = errors.New("the Authorization header names no access key")
	// ErrExpired: the request carries no date, or one that is too old.
	ErrExpired = errors.New("the request has no date or is too old")
	// ErrMalformedDate: X-Amz-Date is not in the form 20060102T150405Z.
	ErrMalformedDate = errors.New("X-Amz-Date is not of the form yyyyMMdd'T'HHmmss'Z'")
	// ErrIncomplete: the Authorization header lacks SignedHeaders or Signature, or has a part twice.
	ErrIncomplete = errors.New("the Authorization header needs Credential, SignedHeaders and Signature, each once")
	// ErrInvalid: the signature does not belong to this request and secret.
	ErrInvalid = errors.New("the signature does not match the request")
)

// Answer returns what a client is told about an error of this package (A 3.7): method and path as requested, the path
// raw and without its query, and app the identifier of the app whose key was given. An error of any other kind is
// answered like ErrIncomplete: what cannot be checked is not let in.
func Answer(err error, method, path, app string) (status int, message string) {
	switch {
	case errors.Is(err, ErrExpired):
		return http.StatusBadRequest, "Request has expired."
	case errors.Is(err, ErrNoAccessKey):
		return http.StatusUnauthorized, "You don't have permission to access this resource. [" + method + " " + path + "]"
	case errors.Is(err, ErrInvalid):
		return http.StatusForbidden, "Invalid signature for request " + method + " " + path + " coming from app " + app
	}
	return http.StatusUnauthorized, "Full authentication is required to access this resource"
}
