package client

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/erudika/para-go/internal/version"
)

// Defaults of Options.
const (
	DefaultEndpoint = "http://localhost:8080"
	DefaultAPIPath  = "/v1/"
	DefaultTimeout  = 30 * time.Second
)

// Options say which server a Client talks to and as whom (K 1.12.1).
type Options struct {
	// AccessKey is the id of the app, "app:myapp"; with Secret requests are signed, without it they are those of a guest.
	AccessKey string
	Secret    string

	// Token is the token of a user; requests carry it instead of a signature.
	Token string

	// Endpoint is scheme and host of the server, and its context path if it has one. Empty: the environment variable
	// PARA_ENDPOINT, else DefaultEndpoint.
	Endpoint string
	APIPath  string // empty: DefaultAPIPath

	// HTTPClient sends the requests; nil: one of the Client's own, which keeps connections and follows no redirects.
	HTTPClient *http.Client
	TLS        *tls.Config // for the Client's own HTTPClient

	Timeout time.Duration // for each attempt; 0: DefaultTimeout, negative: none. The context's deadline holds anyway
	Retry   RetryPolicy

	// KeepClock switches off what the Client does when the server finds a request too old: learn from the answer how far
	// the clocks are apart, and send it again.
	KeepClock bool

	// ChunkSize is how many objects or ids one request may carry; 0: 200 for reading, 100 for deleting, any number for
	// writing (K 1.7).
	ChunkSize int

	UserAgent string       // empty: "para-go/<version> (<access key>)"
	Logger    *slog.Logger // gets a debug record for every attempt; nil: none
}

// RetryPolicy says how often requests that can be repeated are repeated: GET, PUT and DELETE, and PATCH of an object with
// a version, after errors of the connection and the statuses 429, 502, 503 and 504. Waits grow exponentially and are
// chosen at random up to the limit; Retry-After is honoured up to a minute.
type RetryPolicy struct {
	Max     int           // repetitions; 0: 2, negative: none
	MinWait time.Duration // limit of the first wait; 0: 200 ms
	MaxWait time.Duration // limit of all waits; 0: 5 s
}

// New returns a Client. It sends nothing. Errors: an endpoint that is not an http or https address.
func New(o Options) (*Client, error) {
	endpoint := strings.TrimRight(firstOf(o.Endpoint, os.Getenv("PARA_ENDPOINT"), DefaultEndpoint), "/")
	u, err := url.Parse(endpoint)
	if err != nil {
		return nil, fmt.Errorf("client: endpoint: %w", err)
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return nil, errors.New("client: the endpoint must look like https://host:port/path")
	}
	api := "/" + strings.Trim(firstOf(o.APIPath, DefaultAPIPath), "/") + "/"
	t := &transport{
		http:      o.HTTPClient,
		endpoint:  endpoint,
		api:       api,
		timeout:   o.Timeout,
		retry:     o.Retry.withDefaults(),
		keepClock: o.KeepClock,
		chunk:     o.ChunkSize,
		userAgent: firstOf(o.UserAgent, "para-go/"+version.Number+" ("+o.AccessKey+")"),
		log:       o.Logger,
	}
	if t.timeout == 0 {
		t.timeout = DefaultTimeout
	}
	if t.http == nil {
		t.http = newHTTPClient(o.TLS)
	}
	if t.log == nil {
		t.log = slog.New(slog.DiscardHandler)
	}
	c := &Client{t: t, accessKey: o.AccessKey, keys: &keyring{secret: o.Secret}}
	if o.Token != "" {
		c = c.As(o.Token)
	}
	return c, nil
}

func newHTTPClient(config *tls.Config) *http.Client {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConns, t.MaxIdleConnsPerHost = 100, 100
	if config != nil {
		t.TLSClientConfig = config.Clone()
	}
	return &http.Client{
		Transport: t,
		// A signature holds for one address only, and a token is not for other hosts.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func (p RetryPolicy) withDefaults() RetryPolicy {
	switch {
	case p.Max == 0:
		p.Max = 2
	case p.Max < 0:
		p.Max = 0
	}
	if p.MinWait <= 0 {
		p.MinWait = 200 * time.Millisecond
	}
	if p.MaxWait <= 0 {
		p.MaxWait = 5 * time.Second
	}
	return p
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
