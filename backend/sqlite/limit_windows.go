package sqlite

// fileLimit is the number of files that the process may have open, 0 when nobody says.
func fileLimit() int { return 0 }
