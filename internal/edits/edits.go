// Package edits measures how much two texts differ.
package edits

// Distance counts the insertions, deletions, substitutions and transpositions of neighbours that turn one text into the
// other (optimal string alignment, by characters). From limit on it stops counting and returns limit.
func Distance(a, b string, limit int) int {
	if a == b || limit <= 0 {
		return 0
	}
	x, y := []rune(a), []rune(b)
	if d := len(x) - len(y); d >= limit || -d >= limit {
		return limit
	}
	var rows [3][]int
	for i := range rows {
		rows[i] = make([]int, len(y)+1)
	}
	before, last, row := rows[0], rows[1], rows[2]
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(x); i++ {
		row[0] = i
		least := i
		for j := 1; j <= len(y); j++ {
			substitution := 1
			if x[i-1] == y[j-1] {
				substitution = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+substitution)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
			least = min(least, row[j])
		}
		if least >= limit {
			return limit
		}
		before, last, row = last, row, before
	}
	return min(last[len(y)], limit)
}
