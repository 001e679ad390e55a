package para

import (
	"slices"
	"strings"
)

// SelectNames reads the values of the parameter select (D3): split at commas, trimmed, empty and repeated ones dropped.
func SelectNames(values []string) []string {
	var out []string
	seen := map[string]bool{}
	for _, v := range values {
		for name := range strings.SplitSeq(v, ",") {
			if name = strings.TrimSpace(name); name != "" && !seen[name] {
				seen[name] = true
				out = append(out, name)
			}
		}
	}
	return out
}

// Select reduces an answer to the named members (R 10, D3): of one object, of each object of an array, or of each item
// of an envelope. Names that an object does not have are left out; properties is the map of its custom properties. Other
// maps, and arrays of anything else, stay as they are. names come from SelectNames: no name twice.
func Select(body []byte, names []string) ([]byte, error) {
	switch kindOf(body) {
	case '[':
		return selectArray(body, names)
	case '{':
	default:
		return body, nil
	}
	list, err := splitObject(body, nil)
	if err != nil {
		return nil, err
	}
	if isObject(list) {
		return appendSelected(nil, list, names), nil
	}
	i := slices.IndexFunc(list, func(m member) bool { return m.name == "items" && kindOf(m.raw) == '[' })
	if i < 0 {
		return body, nil
	}
	if list[i].raw, err = selectArray(list[i].raw, names); err != nil {
		return nil, err
	}
	out := []byte{'{'}
	for _, m := range list {
		out = appendMember(out, 1, m.name, m.raw)
	}
	return append(out, '}'), nil
}

// isObject tells the JSON of an object of the server from other maps: it has the members that every object gets.
func isObject(list []member) bool {
	n := 0
	for _, m := range list {
		if m.name == "objectURI" || m.name == "plural" {
			n++
		}
	}
	return n == 2
}

func selectArray(body []byte, names []string) ([]byte, error) {
	items, ok := splitArray(body)
	if !ok {
		return nil, errNoObject
	}
	out := append(make([]byte, 0, len(body)), '[')
	buffer := make([]member, 0, 24)
	for i, item := range items {
		if i > 0 {
			out = append(out, ',')
		}
		list, err := splitObject(item, buffer)
		if err != nil || !isObject(list) {
			out = append(out, item...)
			continue
		}
		out = appendSelected(out, list, names)
	}
	return append(out, ']'), nil
}

// appendSelected appends an object of the named members, in the order of the names.
func appendSelected(dst []byte, list []member, names []string) []byte {
	all := newMembers(list)
	dst = append(dst, '{')
	n := len(dst)
	for _, name := range names {
		raw, ok := all.get(name)
		if !ok && name == "properties" {
			raw = properties(all.list)
		}
		if raw != nil {
			dst = appendMember(dst, n, name, raw)
		}
	}
	return append(dst, '}')
}
