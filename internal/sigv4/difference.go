package sigv4

import (
	"fmt"
	"slices"
	"strings"
)

// Differences compares the canonical request that a client signed with the one that belongs to the request as it arrived
// (Explanation.Canonical), and names each part that differs: method, path, query, every header, the list of signed
// headers, the hash of the body (A 3.3). Nothing differs when it is empty.
func Differences(arrived, signed string) []string {
	a, s := canonicalParts(arrived), canonicalParts(signed)
	if a == nil || s == nil {
		return []string{"what the client signed is no canonical request: it needs a method, a path, a query, headers, a blank line, their names and the hash of the body, each on a line of its own"}
	}
	var out []string
	compare := func(part, arrived, signed string) {
		if arrived != signed {
			out = append(out, fmt.Sprintf("%s: signed as %q, arrived as %q", part, signed, arrived))
		}
	}
	compare("method", a.method, s.method)
	compare("path", a.path, s.path)
	compare("query", a.query, s.query)
	for _, name := range namesOf(a, s) {
		arrived, inArrived := a.headers[name]
		signed, inSigned := s.headers[name]
		switch {
		case !inArrived:
			out = append(out, fmt.Sprintf("header %s: signed as %q, but not named among the signed headers", name, signed))
		case !inSigned:
			out = append(out, fmt.Sprintf("header %s: named among the signed headers, but not signed", name))
		default:
			compare("header "+name, arrived, signed)
		}
	}
	compare("names of signed headers", a.names, s.names)
	compare("hash of the body", a.body, s.body)
	return out
}

func namesOf(requests ...*canonicalRequest) []string {
	var names []string
	for _, r := range requests {
		for name := range r.headers {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return names
}

type canonicalRequest struct {
	method, path, query, names, body string
	headers                          map[string]string
}

func canonicalParts(text string) *canonicalRequest {
	lines := strings.Split(strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n")), "\n")
	n := len(lines)
	if n < 6 || lines[n-3] != "" {
		return nil
	}
	r := &canonicalRequest{method: lines[0], path: lines[1], query: lines[2], names: lines[n-2], body: lines[n-1], headers: map[string]string{}}
	for _, line := range lines[3 : n-3] {
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			return nil
		}
		r.headers[name] = value
	}
	return r
}
