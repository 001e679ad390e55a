package oauth

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/outbound"
)

const (
	callTimeout    = 30 * time.Second // of one request to a provider, redirects and body included (A 7)
	maxAnswer      = 1 << 20          // bytes of an answer
	maxTokenBytes  = 64 << 10         // of what a client sends to /jwt_auth
	maxHeader      = 64 << 10
	maxRedirects   = 3
	maxConnections = 64 // to one host
	maxCallsPerApp = 32 // sign-ins that wait for providers at a time
	maxCalls       = 512
)

// newHTTPClient makes a client that waits and reads only so much, keeps no cookies and leaves a host for no other one.
func newHTTPClient(transport http.RoundTripper) *http.Client {
	if transport == nil {
		transport = &http.Transport{
			Proxy:                  http.ProxyFromEnvironment,
			DialContext:            outbound.Dialer(10 * time.Second).DialContext,
			ForceAttemptHTTP2:      true,
			MaxIdleConns:           100,
			MaxIdleConnsPerHost:    4,
			MaxConnsPerHost:        maxConnections,
			IdleConnTimeout:        time.Minute,
			TLSHandshakeTimeout:    10 * time.Second,
			ResponseHeaderTimeout:  callTimeout,
			MaxResponseHeaderBytes: maxHeader,
		}
	}
	return &http.Client{Transport: transport, Timeout: callTimeout, CheckRedirect: sameHostOnly}
}

var errRedirect = errors.New("the answer leads to another host, or on and on")

// sameHostOnly follows redirects of requests without a body on the same host: secrets go nowhere else.
func sameHostOnly(r *http.Request, via []*http.Request) error {
	first := via[0]
	if len(via) > maxRedirects || r.URL.Host != first.URL.Host || r.URL.Scheme != first.URL.Scheme || first.Method != http.MethodGet {
		return errRedirect
	}
	return nil
}

// response is an answer of a provider that was read to its end.
type response struct {
	status int
	typ    string
	body   []byte
}

// do sends a request. Its errors name the host and nothing else of the address, which may hold secrets.
func (s *Service) do(r *http.Request) (response, error) {
	res, err := s.http.Do(r)
	if err != nil {
		return response{}, fmt.Errorf("ask %s: %w", r.URL.Host, withoutURL(err))
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	if err != nil {
		return response{}, fmt.Errorf("read the answer of %s: %w", r.URL.Host, withoutURL(err))
	}
	if len(body) > maxAnswer {
		return response{}, fmt.Errorf("the answer of %s has more than %d bytes", r.URL.Host, maxAnswer)
	}
	return response{res.StatusCode, res.Header.Get("Content-Type"), body}, nil
}

// withoutURL takes the address out of the errors of net/http.
func withoutURL(err error) error {
	var e *url.Error
	for errors.As(err, &e) {
		err = e.Err
	}
	return err
}

// newRequest makes a request to an address of a provider, which may come from the settings of an app.
func newRequest(ctx context.Context, method, address string, body io.Reader, header ...string) (*http.Request, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil {
		return nil, errors.New("the address in the settings is not one of the web, such as https://id.example.com/token")
	}
	r, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return nil, withoutURL(err)
	}
	r.Header.Set("User-Agent", "Para")
	for i := 0; i+1 < len(header); i += 2 {
		if strings.ContainsAny(header[i+1], "\r\n") {
			return nil, errors.New("a token or setting has a line break")
		}
		r.Header.Set(header[i], header[i+1])
	}
	return r, nil
}

// getJSON asks for an object. Any other status than 200 is a *statusError.
func (s *Service) getJSON(ctx context.Context, address string, header ...string) (fields, error) {
	r, err := newRequest(ctx, http.MethodGet, address, nil, header...)
	if err != nil {
		return nil, err
	}
	res, err := s.do(r)
	if err != nil {
		return nil, err
	}
	return parseAnswer(r.URL.Host, res)
}

// postForm sends parameters in a body and reads the answer.
func (s *Service) postForm(ctx context.Context, address string, form url.Values, header ...string) (response, string, error) {
	r, err := newRequest(ctx, http.MethodPost, address, strings.NewReader(form.Encode()), append(header, "Content-Type", "application/x-www-form-urlencoded")...)
	if err != nil {
		return response{}, "", err
	}
	res, err := s.do(r)
	return res, r.URL.Host, err
}

// statusError is an answer of a provider that refuses.
type statusError struct {
	host   string
	status int
	code   string // as in RFC 6749, 5.2; "" for none
}

func (e *statusError) Error() string {
	text := fmt.Sprintf("%s answered with status %d", e.host, e.status)
	if e.code != "" {
		text += " and the error " + e.code
	}
	return text
}

// parseAnswer reads an object out of an answer.
func parseAnswer(host string, res response) (fields, error) {
	f, err := parseFields(res.body)
	if res.status != http.StatusOK {
		return nil, &statusError{host, res.status, errorCode(f)}
	}
	if err != nil {
		return nil, fmt.Errorf("the answer of %s is %w", host, err)
	}
	return f, nil
}

// errorCode is the code of an error answer. Descriptions are left out: some repeat what was sent.
func errorCode(f fields) string {
	code := f.text("error")
	if code == "" {
		code = f.object("error").text("code")
	}
	if len(code) > 64 {
		return ""
	}
	for _, r := range code {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' && r != '-' && r != '.' {
			return ""
		}
	}
	return code
}

// fields are the members of an object that a provider sent: a profile, claims, an answer with tokens.
type fields map[string]any

var errNoObject = errors.New("no JSON object")

func parseFields(data []byte) (fields, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber() // ids may have more digits than a float64 holds
	var f fields
	if err := d.Decode(&f); err != nil || f == nil || d.More() {
		return nil, errNoObject
	}
	return f, nil
}

// text returns a member that is a text or a number, trimmed; "" for any other.
func (f fields) text(name string) string { return textOf(f[name]) }

func textOf(v any) string {
	switch v := v.(type) {
	case string:
		return strings.TrimSpace(v)
	case json.Number:
		return v.String()
	}
	return ""
}

func (f fields) object(name string) fields {
	m, _ := f[name].(map[string]any)
	return m
}

// denied says whether a member says no, as a value or as a text; a missing one does not.
func (f fields) denied(name string) bool {
	switch v := f[name].(type) {
	case bool:
		return !v
	case string:
		return !strings.EqualFold(strings.TrimSpace(v), "true")
	case nil:
		return false
	}
	return true
}

// limiter bounds how many sign-ins wait for providers, so that slow ones of one app hold up no other app.
type limiter struct {
	mu          sync.Mutex
	each, total int
	apps        map[string]int
	all         int
}

func newLimiter(each, total int) *limiter {
	return &limiter{each: each, total: total, apps: map[string]int{}}
}

// enter begins a sign-in of an app. It returns an error of code Busy when too many wait.
func (l *limiter) enter(app string) (leave func(), err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.all >= l.total || l.apps[app] >= l.each {
		return nil, para.Errorf(para.Busy, "Too Many Requests")
	}
	l.all++
	l.apps[app]++
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.all--
		if l.apps[app]--; l.apps[app] == 0 {
			delete(l.apps, app)
		}
	}, nil
}
