package rest

import (
	"net/http"
	"net/url"
	"strings"
)

const (
	exposedHeaders = "Mcp-Protocol-Version, Mcp-Session-Id, Content-Disposition, Location, WWW-Authenticate"
	preflightAge   = "3600" // seconds a browser may keep a preflight (D14)
)

// standardHeaders are present on every answer (R 6.1).
func (h *Handler) standardHeaders(header http.Header, tls bool) {
	header["X-Content-Type-Options"] = []string{"nosniff"}
	header["X-Xss-Protection"] = []string{"0"}
	header["X-Frame-Options"] = []string{"DENY"}
	header["Cache-Control"] = []string{"no-cache, no-store, max-age=0, must-revalidate"}
	header["Pragma"] = []string{"no-cache"}
	header["Expires"] = []string{"0"}
	if tls {
		header["Strict-Transport-Security"] = []string{"max-age=31536000 ; includeSubDomains"}
	}
	if h.opts.CORS {
		header["Vary"] = []string{"Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers"}
	}
}

// cors adds the headers of R 6.2 and D14. It returns an answer for requests that end here: preflights and impossible
// origins.
func (h *Handler) cors(header http.Header, r *http.Request) *answer {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return nil
	}
	preflight := r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != ""
	if !h.opts.CORS {
		if preflight && r.Header.Get("Authorization") == "" {
			return empty()
		}
		return nil
	}
	if strings.ContainsAny(origin, " \t") || !validOrigin(origin) {
		return errorAnswer(http.StatusForbidden, "Invalid CORS request")
	}
	if sameOrigin(origin, r) {
		return nil
	}
	header.Set("Access-Control-Allow-Origin", "*")
	header.Set("Access-Control-Expose-Headers", exposedHeaders)
	if !preflight {
		return nil
	}
	header.Set("Access-Control-Allow-Methods", r.Header.Get("Access-Control-Request-Method"))
	header.Set("Access-Control-Max-Age", preflightAge)
	if wanted := r.Header.Values("Access-Control-Request-Headers"); len(wanted) > 0 {
		var names []string
		for _, n := range strings.Split(strings.Join(wanted, ","), ",") {
			if n = strings.TrimSpace(n); n != "" {
				names = append(names, n)
			}
		}
		if len(names) > 0 {
			header.Set("Access-Control-Allow-Headers", strings.Join(names, ", "))
		}
	}
	if strings.EqualFold(r.Header.Get("Access-Control-Request-Private-Network"), "true") {
		header.Set("Access-Control-Allow-Private-Network", "true")
	}
	return empty()
}

func validOrigin(origin string) bool {
	_, err := url.Parse(origin)
	return err == nil
}

// sameOrigin says whether the origin is this server itself, which makes the request no CORS request.
func sameOrigin(origin string, r *http.Request) bool {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	return strings.EqualFold(origin, scheme+"://"+r.Host)
}
