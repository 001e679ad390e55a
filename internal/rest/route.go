package rest

import (
	"context"
	"net/http"
	"sort"
	"strings"

	para "github.com/erudika/para-go"
)

// endpoint answers one request. Errors are mapped to answers by Handler.fail.
type endpoint func(ctx context.Context, c *call) (*answer, error)

// route is a path pattern below /v1 with the endpoint of each method. A segment that starts with "{" is a variable.
type route struct {
	segments  []string
	variables int
	length    int // of the pattern, each variable counting one character (R 4.1)
	methods   map[string]method
}

type method struct {
	serve endpoint
	later bool // honours X-Para-Respond-Immediately (R 3, routes marked *)
	form  form // what is checked of the body before that header is honoured; nil when the body does not matter
	typed bool // the first segment names a type
	makes bool // a GET that makes something and tells it once: HEAD would lose what it tells, and is refused

	appless  bool   // answers without an app
	rootOnly bool   // of the root app's own requests only
	bodyType string // content type of bodies that are spooled to disk, whatever their size; "" when they are read to memory
}

// routes is the table of all routes, ordered by precedence within each number of segments: literal paths first, then
// fewer variables, then longer patterns (R 4.1).
type routes struct {
	bySize map[int][]*route
}

// add registers an endpoint for a method and a pattern such as "/{type}/{id}".
func (t *routes) add(verb, pattern string, serve endpoint, options ...func(*method)) {
	segments := strings.Split(strings.TrimPrefix(pattern, "/"), "/")
	var r *route
	for _, x := range t.bySize[len(segments)] {
		if strings.Join(x.segments, "/") == strings.Join(segments, "/") {
			r = x
		}
	}
	if r == nil {
		r = &route{segments: segments, methods: map[string]method{}}
		for _, s := range segments {
			if strings.HasPrefix(s, "{") {
				r.variables++
				r.length++
			} else {
				r.length += len(s)
			}
		}
		if t.bySize == nil {
			t.bySize = map[int][]*route{}
		}
		list := append(t.bySize[len(segments)], r)
		sort.SliceStable(list, func(i, j int) bool {
			if list[i].variables != list[j].variables {
				return list[i].variables < list[j].variables
			}
			return list[i].length > list[j].length
		})
		t.bySize[len(segments)] = list
	}
	m := method{serve: serve, typed: strings.HasPrefix(segments[0], "{")}
	for _, o := range options {
		o(&m)
	}
	r.methods[verb] = m
}

// later marks a route that honours X-Para-Respond-Immediately.
func later(m *method) { m.later = true }

// form checks that a body is JSON of the form that a route takes.
type form func(h *Handler, c *call) error

// takesObject marks a route whose body is a JSON object, takesList one whose body is an array of them.
func takesObject(m *method) {
	m.form = func(_ *Handler, c *call) error {
		_, err := c.object()
		return err
	}
}

func takesList(m *method) {
	m.form = func(h *Handler, c *call) error {
		_, err := h.list(c)
		return err
	}
}

// makes marks a GET that makes something and tells it once.
func makes(m *method) { m.makes = true }

// appless marks a route that answers without an app.
func appless(m *method) { m.appless = true }

// rootOnly marks a route for the root app itself.
func rootOnly(m *method) { m.rootOnly = true }

// matches says whether a route's pattern fits the segments.
func (r *route) matches(segments []string) bool {
	for i, s := range r.segments {
		if strings.HasPrefix(s, "{") {
			if segments[i] == "" {
				return false // a trailing slash is no empty value
			}
			if i == 0 && para.IsReserved(segments[0]) {
				return false // reserved names never name a type: a method without a route of its own is refused (D7)
			}
			continue
		}
		if s != segments[i] {
			return false
		}
	}
	return true
}

// find returns the method of the best route for a path; or the methods that the path allows when the verb is not one of
// them (sorted, empty for a reserved name without a route of its own); or a nil list when no route fits.
func (t *routes) find(verb string, segments []string) (m method, allowed []string) {
	want := verb
	if want == http.MethodHead {
		want = http.MethodGet
	}
	seen := map[string]bool{}
	for _, r := range t.bySize[len(segments)] {
		if !r.matches(segments) {
			continue
		}
		for v, candidate := range r.methods {
			if v == http.MethodPost && len(segments) == 1 && r.variables == 1 && strings.HasPrefix(segments[0], "_") {
				continue // objects cannot be posted to a type whose name starts with an underscore (R 4.1)
			}
			if v == want && !(candidate.makes && verb == http.MethodHead) {
				return candidate, nil
			}
			if !seen[v] {
				seen[v] = true
				allowed = append(allowed, v)
			}
		}
	}
	if allowed == nil && para.IsReserved(segments[0]) && t.fitsGeneric(segments) {
		return method{}, []string{}
	}
	sort.Strings(allowed)
	return method{}, allowed
}

// fitsGeneric says whether a path would be one of the routes of ordinary types if its first segment were not reserved.
func (t *routes) fitsGeneric(segments []string) bool {
	for _, r := range t.bySize[len(segments)] {
		if strings.HasPrefix(r.segments[0], "{") {
			other := append([]string{"type"}, segments[1:]...)
			if r.matches(other) {
				return true
			}
		}
	}
	return false
}
