package para

// IsReserved says whether the first segment of a path is kept for routes of the server and never names a type (D7).
func IsReserved(segment string) bool {
	switch segment {
	case "_backup", "_batch", "_config", "_constraints", "_emails", "_export", "_forms", "_health", "_id", "_import", "_keys", "_logs",
		"_mcp", "_me", "_metrics", "_newkeys", "_permissions", "_reindex", "_settings", "_setup", "_types":
		return true
	}
	return false
}

// IsRoute says whether the first segment of a path is a word of the route table: a reserved name, or search or utils.
func IsRoute(segment string) bool {
	return segment == "search" || segment == "utils" || IsReserved(segment)
}
