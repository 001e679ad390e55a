// Package rest is the HTTP door: the routes under /v1, bodies, status codes and headers (R). It decides nothing by
// itself: who asks is found by authn, what they may do by access, what happens by the engine.
package rest

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"golang.org/x/sync/semaphore"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/access"
	"github.com/erudika/para-go/internal/authn"
	"github.com/erudika/para-go/internal/engine"
	"github.com/erudika/para-go/internal/logs"
	"github.com/erudika/para-go/internal/markdown"
	"github.com/erudika/para-go/internal/oauth"
	"github.com/erudika/para-go/internal/signin"
)

// Options say how the API behaves (R 29).
type Options struct {
	Engine    *engine.Engine
	Authn     *authn.Authenticator
	SignIn    *signin.Service // nil: nobody signs in here
	OAuth     *oauth.Service  // nil: nor with OAuth providers
	Directory Directory       // without SignIn: no LDAP
	SAML      SAML            // nil: no SAML
	Log       *slog.Logger

	ContextPath    string      // prefix of every path, "" or "/x"
	Production     bool        // env=production: pages are JSON instead of HTML
	APIEnabled     bool        // api_enabled
	CORS           bool        // cors_enabled
	Gzip           bool        // gzip_enabled
	PrintVersion   bool        // print_version
	LandingPage    bool        // landing_page_enabled
	Ignored        []string    // security.ignored: path patterns that need no credentials
	Protected      []Protected // security.protected
	Pages          Pages
	MaxEntityBytes int64    // max_entity_size_bytes
	MaxPages       int64    // max_pages
	MaxLimit       int      // max_page_limit
	DefaultLimit   int      // max_items_per_page
	Separator      string   // default_separator
	SoftBreak      string   // markdown_soft_break
	FollowDomains  []string // markdown_allowed_follow_domains
	AccessLog      bool     // one line for each request
	Extensions     []string // names of active features that only this server has (D17)
	LaterQueue     int      // bound of the queue of X-Para-Respond-Immediately
	NothingLater   bool     // executor_service_enabled=false: such work is done before the answer
	SpoolDir       string   // folder for request bodies of any size; "" for that of the system

	AccessFile io.Writer // takes these lines, in the Common Log Format (C 8); nil: they stand in Log

	BodyPatience   time.Duration // how long a body may take for its next 64 KiB or its end; 0 for 30 seconds
	AnswerPatience time.Duration // how long a client may take to receive the next 64 KiB of an answer; 0 for 2 minutes
	DrainPatience  time.Duration // both after Drain, for as many bytes as the same rate gives; 0 for 3 seconds

	ConfigOptions func(format, groupBy string) (contentType string, body []byte) // GET /v1/_config/options
	SaveRootKeys  func(accessKey, secret string)                                 // called when the root app's keys changed (D91)
}

// Handler answers HTTP requests.
type Handler struct {
	opts      Options
	eng       *engine.Engine
	authn     *authn.Authenticator
	users     *signin.Service
	log       *slog.Logger
	api       routes
	flows     map[string]flowRoute
	open      []ignoredPattern
	protected []protectedPaths
	queue     *laterQueue
	batches   *semaphore.Weighted // of the memory for large batches
	pace      *pace
	markdown  *markdown.Converter
	static    map[string]staticFile
}

// New makes the handler. Close it to finish the work that was accepted with X-Para-Respond-Immediately.
func New(opts Options) *Handler {
	h := &Handler{opts: opts, eng: opts.Engine, authn: opts.Authn, users: opts.SignIn, log: opts.Log, static: staticFiles()}
	if h.log == nil {
		h.log = slog.New(slog.DiscardHandler)
	}
	for _, p := range opts.Ignored {
		h.open = append(h.open, newIgnoredPattern(p))
	}
	h.protected = newProtectedPaths(opts.Protected)
	h.queue = newLaterQueue(opts.LaterQueue)
	h.batches = semaphore.NewWeighted(batchRoom)
	h.pace = newPace(opts)
	h.markdown = markdown.New(markdown.Options{SoftBreak: opts.SoftBreak, FollowDomains: opts.FollowDomains})
	h.addRoutes()
	h.addFlows()
	return h
}

// Drain says that the server stops: from now on bodies and answers that do not get on are cut off soon, so that nobody can
// hold up the end (D116).
func (h *Handler) Drain() { h.pace.hurry() }

// Close waits until the accepted work is done, at most as long as the context lasts.
func (h *Handler) Close(ctx context.Context) error { return h.queue.close(ctx) }

// addRoutes is the table of R 3.
func (h *Handler) addRoutes() {
	t := &h.api
	t.add("POST", "/{type}", h.create, later, takesObject)
	t.add("GET", "/{type}", h.search)
	t.add("GET", "/{type}/{id}", h.read)
	t.add("PATCH", "/{type}/{id}", h.update, later, takesObject)
	t.add("PUT", "/{type}/{id}", h.overwrite, later, takesObject)
	t.add("DELETE", "/{type}/{id}", h.delete, later)

	t.add("POST", "/_batch", h.createAll, later, takesList)
	t.add("PUT", "/_batch", h.createAll, later, takesList)
	t.add("GET", "/_batch", h.readAll)
	t.add("PATCH", "/_batch", h.updateAll, later, takesList)
	t.add("DELETE", "/_batch", h.deleteAll, later)

	t.add("GET", "/search", h.search)
	t.add("GET", "/search/{querytype}", h.search)
	t.add("GET", "/{type}/search", h.search)
	t.add("GET", "/{type}/search/{querytype}", h.search)

	t.add("GET", "/utils", h.utils, appless)
	t.add("GET", "/utils/{method}", h.utils, appless)

	t.add("GET", "/_types", h.types)
	t.add("GET", "/_me", h.me)
	t.add("GET", "/_id/{id}", h.readID)
	t.add("GET", "/_config/options", h.configOptions, appless)
	t.add("GET", "/_health", h.health, appless)

	t.add("POST", "/{type}/{id}/links/{id2}", h.link, later)
	t.add("PUT", "/{type}/{id}/links/{id2}", h.link, later)
	t.add("GET", "/{type}/{id}/links/{type2}", h.links)
	t.add("DELETE", "/{type}/{id}/links/{type2}", h.unlinkAll, later)
	t.add("GET", "/{type}/{id}/links/{type2}/{id2}", h.isLinked)
	t.add("DELETE", "/{type}/{id}/links/{type2}/{id2}", h.unlink, later)
	t.add("DELETE", "/{type}/{id}/links", h.unlinkAll, later)

	t.add("GET", "/_settings", h.settings)
	t.add("PUT", "/_settings", h.replaceSettings)
	t.add("GET", "/_settings/{key}", h.setting)
	t.add("PUT", "/_settings/{key}", h.putSetting)
	t.add("DELETE", "/_settings/{key}", h.deleteSetting)

	t.add("GET", "/_constraints", h.constraints)
	t.add("GET", "/_constraints/{type}", h.constraints)
	t.add("PUT", "/_constraints/{type}/{field}/{cname}", h.addConstraint)
	t.add("DELETE", "/_constraints/{type}/{field}/{cname}", h.removeConstraint)

	t.add("GET", "/_permissions", h.permissions)
	t.add("GET", "/_permissions/{subject}", h.permissionsOf)
	t.add("DELETE", "/_permissions/{subject}", h.revokeAll)
	t.add("PUT", "/_permissions/{subject}/{path}", h.grant)
	t.add("DELETE", "/_permissions/{subject}/{path}", h.revoke)
	t.add("GET", "/_permissions/{subject}/{path}/{method}", h.isAllowed)

	t.add("GET", "/_keys", h.keys)
	t.add("POST", "/_keys", h.createKey)
	t.add("GET", "/_keys/{id}", h.key)
	t.add("PATCH", "/_keys/{id}", h.changeKey)
	t.add("DELETE", "/_keys/{id}", h.deleteKey)
	t.add("POST", "/_keys/{id}/rotate", h.rotateKey)

	t.add("GET", "/_setup", h.setupRoot, appless)
	t.add("GET", "/_setup/{appid}", h.setup, appless, makes)
	t.add("POST", "/_newkeys", h.newKeys, appless)

	t.add("GET", "/_export", h.export)
	t.add("PUT", "/_import", h.importAll, later, spooled(typeZip))
	t.add("POST", "/_reindex", h.reindex, later)
	t.add("GET", "/_reindex/check", h.checkIndex)
	t.add("GET", "/_backup/{appid}", h.backup, rootOnly)
	t.add("PUT", "/_backup/{appid}", h.restore, rootOnly, spooled(anyType))
	h.addAuthenticatorRoutes()
}

// call is one request on its way.
type call struct {
	r        *http.Request
	segments []string // decoded, below /v1
	typed    bool     // the first one names a type, also when it is a word such as "utils" that other routes begin with
	uri      string   // the path as it was sent
	query    params
	p        access.Principal
	body     []byte
	tooLarge bool   // the body exceeds its limit
	spool    *spool // the body, when it is on disk instead
	token    *authn.Claims
}

// seg returns the n-th segment below /v1.
func (c *call) seg(n int) string { return c.segments[n] }

// ServeHTTP answers a request in the order of R 2.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	r, end := h.boundBody(w, r)
	defer end()
	a := h.answerSafely(w.Header(), r)
	if h.opts.Pages.CSRFWithSPA {
		a = h.giveCSRFCookie(r, a)
	}
	complete := h.write(w, r, a)
	if h.opts.AccessLog {
		h.logRequest(r, a, start)
	}
	if !complete {
		panic(http.ErrAbortHandler) // the way to end a connection in the midst of an answer
	}
}

// logRequest writes the line of a request, without its query, which may hold tokens.
func (h *Handler) logRequest(r *http.Request, a *answer, start time.Time) {
	size, remote := a.sent+int64(len(a.body)), h.authn.ClientAddress(r)
	if h.opts.AccessFile == nil {
		h.log.InfoContext(r.Context(), "request", "method", r.Method, "path", rawPath(r), "status", a.status, "bytes", size,
			"took", time.Since(start).Round(time.Microsecond), "remote", remote, "agent", r.UserAgent())
		return
	}
	line := logs.Request{Host: remote, Time: start, Method: r.Method, Path: rawPath(r), Proto: r.Proto, Status: a.status, Bytes: size}
	if _, err := io.WriteString(h.opts.AccessFile, line.String()); err != nil {
		h.log.WarnContext(r.Context(), "the access log cannot be written", "error", err)
	}
}

// answerSafely turns a panic, which is a defect of this program, into 500 for the one request that met it.
func (h *Handler) answerSafely(header http.Header, r *http.Request) (a *answer) {
	defer func() {
		if p := recover(); p != nil {
			h.log.ErrorContext(r.Context(), "defect while answering a request", "method", r.Method, "path", rawPath(r), "panic", p, "stack", string(debug.Stack()))
			a = errorAnswer(http.StatusInternalServerError, "")
		}
	}()
	return h.answer(header, r)
}

// rawPath is the path as it came over the wire, without the query.
func rawPath(r *http.Request) string {
	target := r.RequestURI
	if i := strings.IndexByte(target, '?'); i >= 0 {
		target = target[:i]
	}
	if rest, ok := strings.CutPrefix(target, "http://"); ok { // absolute form, sent to proxies
		if i := strings.IndexByte(rest, '/'); i >= 0 {
			return rest[i:]
		}
		return "/"
	}
	return target
}

func (h *Handler) answer(header http.Header, r *http.Request) *answer {
	h.standardHeaders(header, r.TLS != nil)
	if a := h.cors(header, r); a != nil {
		return a
	}
	raw := rawPath(r)
	segments, problem := splitPath(raw)
	if problem != "" {
		return errorAnswer(http.StatusBadRequest, problem)
	}
	if h.users != nil && h.isTokenPath(segments) {
		return h.tokens(&call{r: r, segments: segments, uri: raw, query: parseQuery(r.URL.RawQuery)})
	}
	segments, ok := h.stripContext(segments)
	if !ok {
		return h.notFound(false)
	}
	if len(segments) == 0 || segments[0] != "v1" {
		return h.page(r, segments)
	}
	c := &call{r: r, segments: segments[1:], uri: raw, query: parseQuery(r.URL.RawQuery)}
	return h.serveAPI(c)
}

// stripContext removes the context path from the front of the segments (D11).
func (h *Handler) stripContext(segments []string) ([]string, bool) {
	if h.opts.ContextPath == "" {
		return segments, true
	}
	for _, s := range strings.Split(strings.Trim(h.opts.ContextPath, "/"), "/") {
		if len(segments) == 0 || segments[0] != s {
			return nil, false
		}
		segments = segments[1:]
	}
	return segments, true
}

// serveAPI answers a request under /v1: the gate first, then the route (R 2, D6).
func (h *Handler) serveAPI(c *call) *answer {
	ctx := c.r.Context()
	var m method
	var allowed []string
	if len(c.segments) > 0 {
		m, allowed = h.api.find(c.r.Method, c.segments)
		c.typed = m.typed
	}
	body := h.body(c, &m)
	defer h.dropSpool(c)
	open := len(c.segments) == 0 || h.isOpen(c.segments) || c.isMe() && !c.reads()
	if !open {
		if a := h.gate(ctx, c, body); a != nil {
			return a
		}
	}
	if m.rootOnly && !c.p.IsRootApp() {
		return errorAnswer(http.StatusForbidden, "Only root app can make and restore backups.")
	}
	if _, err := body(); err != nil {
		return h.fail(ctx, c, err)
	}
	if !h.opts.APIEnabled {
		return h.notFound(true)
	}
	if len(c.segments) == 0 || len(c.segments) == 1 && c.segments[0] == "" {
		return h.introOnly(c)
	}
	switch {
	case c.segments[0] == "_mcp", c.segments[0] == "_metrics", c.segments[0] == "_logs":
		if m.serve == nil {
			return h.notFound(true) // switched off (D7)
		}
	case m.serve == nil && allowed == nil:
		return h.notFound(true)
	}
	if m.serve == nil {
		return methodAnswer(c.r.Method, allowed)
	}
	if c.p.App == nil && !m.appless { // the configuration opens the path, but nobody says whose data is meant (R 12)
		return errorAnswer(http.StatusNotFound, "App not found.")
	}
	if m.bodyType != "" && c.spool == nil {
		return errorAnswer(http.StatusUnsupportedMediaType, "Unsupported Media Type")
	}
	if c.tooLarge {
		return h.fail(ctx, c, h.tooLarge(c.segments))
	}
	if m.later && c.r.Header.Get("X-Para-Respond-Immediately") == "true" {
		return h.respondNow(c, m)
	}
	leave, err := h.eng.Enter(ctx, c.p.App)
	if err != nil {
		return h.fail(ctx, c, err)
	}
	defer leave()
	a, err := m.serve(ctx, c)
	if err != nil {
		return h.fail(ctx, c, err)
	}
	return h.selected(c, a)
}

// introOnly answers /v1 and /v1/.
func (h *Handler) introOnly(c *call) *answer {
	if c.r.Method != http.MethodGet && c.r.Method != http.MethodHead {
		return methodAnswer(c.r.Method, []string{http.MethodGet})
	}
	return h.intro()
}

// methodAnswer is a 405 with the methods a path allows, or the answer of OPTIONS (R 4.2).
func methodAnswer(verb string, allowed []string) *answer {
	if verb == http.MethodOptions {
		list := make([]string, 0, len(allowed)+2)
		for _, m := range allowed {
			list = append(list, m)
			if m == http.MethodGet {
				list = append(list, http.MethodHead)
			}
		}
		a := empty()
		a.headers = []param{{"Allow", strings.Join(append(list, http.MethodOptions), ",")}}
		return a
	}
	return &answer{status: http.StatusMethodNotAllowed, plain: true, headers: []param{{"Allow", strings.Join(allowed, ",")}}}
}

// notFound is the answer of paths that do not exist (D6).
func (h *Handler) notFound(api bool) *answer {
	if api || h.opts.Production {
		return errorAnswer(http.StatusNotFound, "Not found")
	}
	return htmlPage(http.StatusNotFound, "Not Found - 404", "There is nothing at this address.")
}

// fail maps an error to its answer. Details of unexpected failures go to the log only (D16).
func (h *Handler) fail(ctx context.Context, c *call, err error) *answer {
	var s *statusError
	if errors.As(err, &s) {
		if s.status == http.StatusUnauthorized && s.message == "" {
			return unauthorized(c, nil)
		}
		return errorAnswer(s.status, s.message)
	}
	code := para.CodeOf(err)
	status, message := statusOf(code), ""
	var v *engine.ValidationError
	var e *para.Error
	switch {
	case errors.As(err, &v):
		status, message = http.StatusBadRequest, v.Error()
	case errors.As(err, &e):
		message = e.Message
	}
	switch code {
	case para.WriteFailed:
		message = "DAO write operation failed!"
	case para.Unavailable, para.Corrupt, para.Internal:
		message = ""
	}
	if status >= 500 {
		if errors.Is(err, context.Canceled) {
			h.log.DebugContext(ctx, "client went away", "method", c.r.Method, "path", c.uri)
		} else {
			h.log.ErrorContext(ctx, "request failed", "method", c.r.Method, "path", c.uri, "app", appOf(c.p), "error", err)
		}
	}
	a := errorAnswer(status, message)
	if status < 500 && c.p.Admin() && c.query.yes("explain", false) {
		a.addProblems(para.ProblemsOf(err))
	}
	return a
}

func appOf(p access.Principal) string {
	if p.App == nil {
		return ""
	}
	return p.App.Identifier
}

// statusError is an answer that follows from HTTP rather than from the domain.
type statusError struct {
	status  int
	message string
}

func (e *statusError) Error() string { return e.message }
