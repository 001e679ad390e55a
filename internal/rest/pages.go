package rest

import (
	"embed"
	"html"
	"net/http"
	"path"
	"strconv"
	"strings"
)

//go:embed static
var static embed.FS

type staticFile struct {
	typ  string
	data []byte
}

// staticFiles are the icons that browsers ask for (R 28.2).
func staticFiles() map[string]staticFile {
	types := map[string]string{".ico": "image/x-icon", ".svg": "image/svg+xml", ".png": "image/png", ".webmanifest": "application/octet-stream"}
	files := map[string]staticFile{}
	entries, err := static.ReadDir("static")
	if err != nil {
		return files
	}
	for _, e := range entries {
		if data, err := static.ReadFile("static/" + e.Name()); err == nil {
			files[e.Name()] = staticFile{types[path.Ext(e.Name())], data}
		}
	}
	return files
}

// page answers paths outside /v1 (R 28.2, C 4.7).
func (h *Handler) page(r *http.Request, segments []string) *answer {
	first := ""
	if len(segments) > 0 {
		first = segments[0]
	}
	get := func(a *answer) *answer {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			return methodAnswer(r.Method, []string{http.MethodGet})
		}
		return a
	}
	if a := h.access(r, segments); a != nil {
		return a
	}
	path := "/" + strings.Join(segments, "/")
	switch {
	case len(segments) == 0 && h.opts.LandingPage: // the context path without a slash (C 4.2)
		return get(&answer{status: http.StatusFound, plain: true, headers: []param{{"Location", h.opts.ContextPath + "/"}}})
	case path == h.opts.Pages.SignIn:
		return get(h.signInPage(r))
	case path == h.opts.Pages.SignOut && h.signsOut(r.Method):
		return h.signOut()
	case len(segments) == 1 && (first == "" || first == "index.html" || first == "index.htm") && h.opts.LandingPage:
		return get(h.landing())
	case len(segments) == 1 && first == "not-found":
		return get(h.notFound(false))
	case len(segments) == 1 && first == "ping":
		return get(bodyText("pong"))
	case first == "error" && len(segments) <= 2:
		return h.errorPage(segments[1:])
	case len(segments) == 1 && h.static[first].data != nil:
		f := h.static[first]
		return get(&answer{status: http.StatusOK, typ: f.typ, body: f.data, plain: true})
	}
	return h.notFound(false)
}

// access checks what requests outside the API need before they reach a page, and answers the sign-in endpoints (A 2.1).
func (h *Handler) access(r *http.Request, segments []string) *answer {
	if a := h.csrfRefusal(r, segments); a != nil {
		return a
	}
	if len(segments) == 0 {
		return nil
	}
	if a := h.browserSignIn(r, segments); a != nil {
		return a
	}
	return h.protectedRefusal(r, segments)
}

// signInPage is where browsers are sent that have to sign in, with links to the providers of the app that the parameter
// appid names. Applications have their own page (A 17.4).
func (h *Handler) signInPage(r *http.Request) *answer {
	if h.opts.Production {
		return h.giveCSRFCookie(r, errorAnswer(http.StatusUnauthorized, "Not found"))
	}
	text := "This needs a sign-in."
	for _, link := range h.signInLinks(r.Context(), parseQuery(r.URL.RawQuery).get("appid")) {
		text += `</p><p><a href="` + html.EscapeString(link.value) + `">Sign in with ` + html.EscapeString(link.name) + `</a>`
	}
	return h.giveCSRFCookie(r, htmlPage(http.StatusUnauthorized, "Protected resource", text))
}

// signsOut says whether a method signs out: without protection against forged requests others than POST do too (A 17.3).
func (h *Handler) signsOut(method string) bool {
	switch method {
	case http.MethodPost:
		return true
	case http.MethodGet, http.MethodPut, http.MethodDelete:
		return !h.opts.Pages.CSRF && !h.opts.Pages.CSRFWithSPA
	}
	return false
}

// signOut makes the browser forget its cookies; tokens stay valid (A 17.3).
func (h *Handler) signOut() *answer {
	a := h.redirect(h.opts.Pages.SignOutSuccess)
	names := []string{h.opts.Pages.AuthCookie}
	if h.opts.Pages.CSRF || h.opts.Pages.CSRFWithSPA {
		names = append(names, csrfCookie)
	}
	path := h.opts.ContextPath
	if path == "" {
		path = "/"
	}
	for _, name := range names {
		a.headers = append(a.headers, param{"Set-Cookie", name + "=; " + longAgo + "; Path=" + path})
	}
	return a
}

func (h *Handler) landing() *answer {
	if h.opts.Production {
		return bodyJSON([]byte(`{"code":200,"message":"Hello from Para!"}`))
	}
	return htmlPage(http.StatusOK, "Para", "The backend is running. Its API is at <code>"+html.EscapeString(h.opts.ContextPath)+"/v1</code>.")
}

// errorPage answers /error and /error/{code}.
func (h *Handler) errorPage(code []string) *answer {
	status := http.StatusBadRequest
	if len(code) == 1 {
		if n, err := strconv.Atoi(code[0]); err == nil {
			status = n
		}
	}
	switch {
	case reason(status) == "", status < http.StatusOK, status == http.StatusNoContent, status == http.StatusResetContent, status == http.StatusNotModified:
		status = http.StatusInternalServerError // no status, or one that cannot come with a page
	}
	if h.opts.Production {
		return errorAnswer(status, "")
	}
	return htmlPage(status, reason(status), "The request could not be answered.")
}

// htmlPage is a page for people, without scripts or anything from elsewhere. text may hold markup.
func htmlPage(status int, title, text string) *answer {
	page := `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">` +
		`<title>` + html.EscapeString(title) + `</title><link rel="icon" href="/favicon.svg"><style>body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;` +
		`margin:15vh auto;padding:0 1rem;color:#223}@media(prefers-color-scheme:dark){body{background:#15181c;color:#dde}}</style></head><body><h1>` +
		html.EscapeString(title) + `</h1><p>` + text + `</p></body></html>`
	return &answer{status: status, typ: typeHTML + ";charset=UTF-8", body: []byte(page), plain: true}
}
