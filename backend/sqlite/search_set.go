package sqlite

import (
	"cmp"
	"slices"
)

// set is a set of documents: their DocIDs, ascending, each once.
type set []int64

func (s set) has(id int64) bool {
	_, ok := slices.BinarySearch(s, id)
	return ok
}

// and returns what is in both sets.
func (s set) and(t set) set {
	if len(s) > len(t) {
		s, t = t, s
	}
	out := make(set, 0, len(s))
	if len(s)*16 < len(t) {
		for _, id := range s {
			i, ok := slices.BinarySearch(t, id)
			if ok {
				out = append(out, id)
			}
			t = t[i:]
		}
		return out
	}
	for i, j := 0, 0; i < len(s) && j < len(t); {
		switch {
		case s[i] < t[j]:
			i++
		case s[i] > t[j]:
			j++
		default:
			out = append(out, s[i])
			i, j = i+1, j+1
		}
	}
	return out
}

// minus returns what is in s and not in t.
func (s set) minus(t set) set {
	if len(t) == 0 {
		return s
	}
	out := make(set, 0, len(s))
	j := 0
	for _, id := range s {
		for j < len(t) && t[j] < id {
			j++
		}
		if j == len(t) || t[j] != id {
			out = append(out, id)
		}
	}
	return out
}

// or returns what is in either set.
func (s set) or(t set) set {
	switch {
	case len(s) == 0:
		return t
	case len(t) == 0:
		return s
	}
	out := make(set, 0, len(s)+len(t))
	i, j := 0, 0
	for i < len(s) && j < len(t) {
		switch {
		case s[i] < t[j]:
			out = append(out, s[i])
			i++
		case s[i] > t[j]:
			out = append(out, t[j])
			j++
		default:
			out = append(out, s[i])
			i, j = i+1, j+1
		}
	}
	return append(append(out, s[i:]...), t[j:]...)
}

// sorted makes a set of ids in any order.
func sorted(ids []int64) set {
	slices.SortFunc(ids, cmp.Compare[int64])
	return slices.Compact(ids)
}

// ascending makes a set of ids that are probably in order already.
func ascending(ids []int64) set {
	for i := 1; i < len(ids); i++ {
		if ids[i-1] >= ids[i] {
			return sorted(ids)
		}
	}
	return ids
}

// atLeast returns what is in at least n of the sets.
func atLeast(sets []set, n int) set {
	if n <= 1 {
		var out set
		for _, s := range sets {
			out = out.or(s)
		}
		return out
	}
	counts := map[int64]int{}
	for _, s := range sets {
		for _, id := range s {
			counts[id]++
		}
	}
	var out []int64
	for id, c := range counts {
		if c >= n {
			out = append(out, id)
		}
	}
	return sorted(out)
}
