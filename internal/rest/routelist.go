package rest

import (
	"cmp"
	"slices"
	"strings"
)

// Route is one entry of the table of routes.
type Route struct {
	Method  string
	Pattern string // below /v1, such as "/{type}/{id}"
}

// Routes returns every route below /v1, sorted by pattern and method: for tests that must leave none out.
func (h *Handler) Routes() []Route {
	var out []Route
	for _, list := range h.api.bySize {
		for _, r := range list {
			for verb := range r.methods {
				out = append(out, Route{verb, "/" + strings.Join(r.segments, "/")})
			}
		}
	}
	slices.SortFunc(out, func(a, b Route) int {
		return cmp.Or(strings.Compare(a.Pattern, b.Pattern), strings.Compare(a.Method, b.Method))
	})
	return out
}

// SignInPaths returns the paths at which browsers sign in, sorted (A 9.1).
func (h *Handler) SignInPaths() []string {
	var out []string
	for name := range h.flows {
		out = append(out, "/"+name)
	}
	slices.Sort(out)
	return out
}
