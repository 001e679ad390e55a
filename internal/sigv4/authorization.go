package sigv4

import (
	"fmt"
	"slices"
	"strings"
)

// Bounds of the Authorization header; clients send about 200 bytes and two to four header names.
const (
	maxAuthorization = 8 << 10
	maxSignedHeaders = 64
)

// Authorization is a parsed Authorization header of a signed request (A 3.5).
type Authorization struct {
	// AccessKey is the text as it was sent, not yet normalised to an app id, and never empty.
	AccessKey string

	// Scope is what follows the access key: day, region and service as the client wrote them. It has no meaning for the
	// check (A 3.1); Explain looks at it.
	Scope string

	signedHeaders string
	signature     string
	complete      bool
}

// ParseAuthorization reads the header of a signed request: comma-separated parts in any order, the algorithm label
// optional and not checked (D60, A 3.5). The only error is ErrNoAccessKey; that another part is missing or repeated is
// told by Verify, because the app is looked at before (A 3.2). Headers over 8 KiB name no access key.
func ParseAuthorization(header string) (Authorization, error) {
	if len(header) > maxAuthorization {
		return Authorization{}, fmt.Errorf("%w: it is longer than %d bytes", ErrNoAccessKey, maxAuthorization)
	}
	var (
		a                                    Authorization
		credential                           string
		credentials, signatures, signedLists int
	)
	for rest, more := header, true; more; {
		var part string
		part, rest, more = strings.Cut(rest, ",")
		name, value, ok := strings.Cut(part, "=")
		if !ok {
			continue
		}
		name = strings.TrimSpace(name)
		if i := strings.LastIndexAny(name, " \t"); i >= 0 { // the label stands before the first part
			name = name[i+1:]
		}
		value = strings.TrimSpace(value)
		switch {
		case strings.EqualFold(name, "Credential"):
			credential = value
			credentials++
		case strings.EqualFold(name, "SignedHeaders"):
			a.signedHeaders = value
			signedLists++
		case strings.EqualFold(name, "Signature"):
			a.signature = value
			signatures++
		}
	}
	key, scope, ok := strings.Cut(credential, "/")
	if key = strings.TrimSpace(key); !ok || key == "" || credentials > 1 {
		return Authorization{}, ErrNoAccessKey
	}
	a.AccessKey, a.Scope = key, scope
	a.complete = signatures == 1 && signedLists == 1
	return a, nil
}

// headerNames returns the names of the signed headers, in lower case, sorted, each once. The second result is false
// when the list lacks host or x-amz-date (D60) or is longer than any client's.
func (a *Authorization) headerNames(dst []string) ([]string, bool) {
	if a.signedHeaders == usualHeaders {
		return append(dst, "host", "x-amz-date"), true
	}
	if strings.Count(a.signedHeaders, ";") >= maxSignedHeaders {
		return dst, false
	}
	for name := range strings.SplitSeq(a.signedHeaders, ";") {
		if name = strings.ToLower(strings.TrimSpace(name)); name != "" {
			dst = append(dst, name)
		}
	}
	slices.Sort(dst)
	dst = slices.Compact(dst)
	return dst, slices.Contains(dst, "host") && slices.Contains(dst, "x-amz-date")
}

// usualHeaders is the list that every client but two sends (W15).
const usualHeaders = "host;x-amz-date"
