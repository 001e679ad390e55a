package saml

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"

	crewjam "github.com/crewjam/saml"

	"github.com/erudika/para-go/internal/outbound"
)

// How long metadata is kept, and how much.
const (
	fresh          = 10 * time.Minute // no new copy is fetched
	usable         = 24 * time.Hour   // an old copy serves when no new one can be had
	retry          = 30 * time.Second // between attempts that fail
	refetch        = time.Minute      // between copies that are fetched because a signature is by an unknown key
	fetchTimeout   = 10 * time.Second
	maxRedirects   = 3
	maxCachedURLs  = 256
	maxCachedBytes = 32 << 20
)

// metadataCache holds the metadata of identity providers by address.
type metadataCache struct {
	client  *http.Client
	now     func() time.Time
	mu      sync.Mutex
	entries map[string]*metadataEntry
	bytes   int
}

type metadataEntry struct {
	mu      sync.Mutex // held while the address is asked
	known   []*crewjam.EntityDescriptor
	fetched time.Time // when known was read
	tried   time.Time
	err     error // of the last attempt

	size int       // guarded by the cache
	used time.Time // guarded by the cache
}

func newMetadataCache(now func() time.Time) *metadataCache {
	transport := &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            outbound.Dialer(fetchTimeout).DialContext,
		ForceAttemptHTTP2:      true,
		MaxIdleConns:           16,
		IdleConnTimeout:        time.Minute,
		MaxResponseHeaderBytes: 64 << 10,
	}
	return &metadataCache{now: now, entries: map[string]*metadataEntry{}, client: &http.Client{
		Transport: transport,
		Timeout:   fetchTimeout,
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if len(via) > maxRedirects {
				return errors.New("too many redirects")
			}
			if r.URL.Scheme != "https" && (r.URL.Scheme != "http" || via[0].URL.Scheme == "https") {
				return fmt.Errorf("redirected to an address of scheme %s", r.URL.Scheme)
			}
			return nil
		},
	}}
}

// get returns the providers that an address describes. younger asks for a copy that is not older than refetch.
func (c *metadataCache) get(ctx context.Context, address *url.URL, younger bool) ([]*crewjam.EntityDescriptor, error) {
	e := c.entry(address.String())
	e.mu.Lock()
	defer e.mu.Unlock()
	now := c.now()
	age := now.Sub(e.fetched)
	limit := fresh
	if younger {
		limit = refetch
	}
	switch {
	case e.known != nil && age < limit:
		return e.known, nil
	case now.Sub(e.tried) < retry && e.err != nil:
		if e.known != nil && age < usable {
			return e.known, nil
		}
		return nil, e.err
	}
	// Others wait for this one, so it does not end with the request that started it.
	data, err := fetch(context.WithoutCancel(ctx), c.client, address)
	var known []*crewjam.EntityDescriptor
	if err == nil {
		known, err = parseMetadata(data)
	}
	e.tried, e.err = now, err
	if err != nil {
		if e.known != nil && age < usable {
			return e.known, nil
		}
		return nil, err
	}
	e.known, e.fetched = known, now
	c.account(address.String(), e, len(data))
	return known, nil
}

// entry returns the entry of an address, a new one if there is none.
func (c *metadataCache) entry(address string) *metadataEntry {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.entries[address]
	if e == nil {
		e = &metadataEntry{}
		c.entries[address] = e
	}
	e.used = c.now()
	c.evict(address)
	return e
}

// account records the size of an entry.
func (c *metadataCache) account(address string, e *metadataEntry, size int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.entries[address] != e {
		return // evicted meanwhile
	}
	c.bytes += size - e.size
	e.size = size
	c.evict(address)
}

// evict drops what was not used for the longest time until the cache fits its bounds.
func (c *metadataCache) evict(but string) {
	for len(c.entries) > maxCachedURLs || c.bytes > maxCachedBytes && len(c.entries) > 1 {
		oldest := ""
		for address, e := range c.entries {
			if address != but && (oldest == "" || e.used.Before(c.entries[oldest].used)) {
				oldest = address
			}
		}
		c.bytes -= c.entries[oldest].size
		delete(c.entries, oldest)
	}
}

// fetch reads a document of bounded size.
func fetch(ctx context.Context, client *http.Client, address *url.URL) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address.String(), nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Accept", "application/samlmetadata+xml, application/xml, text/xml")
	answer, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers with status %d", address.Host, answer.StatusCode)
	}
	data, err := io.ReadAll(io.LimitReader(answer.Body, maxMetadata+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxMetadata {
		return nil, fmt.Errorf("the metadata has more than %d bytes", maxMetadata)
	}
	return data, nil
}
