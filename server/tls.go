package server

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/erudika/para-go/internal/config"
)

// loadTLS reads the TLS properties (C 4.3): PEM files for key, certificate and client CAs. nil: no TLS.
func loadTLS(cfg *config.Config) (*tls.Config, error) {
	property := func(name string) string {
		v, _ := cfg.Property("server.ssl." + name)
		return strings.TrimSpace(v)
	}
	if !strings.EqualFold(property("enabled"), "true") {
		return nil, nil
	}
	if property("key-store") != "" && property("certificate") == "" {
		return nil, errors.New("server.ssl.key-store: key stores are not read; convert it to PEM files and set server.ssl.certificate and server.ssl.certificate-private-key")
	}
	pair := &certificate{certFile: property("certificate"), keyFile: property("certificate-private-key")}
	if pair.certFile == "" || pair.keyFile == "" {
		return nil, errors.New("server.ssl.enabled: set server.ssl.certificate and server.ssl.certificate-private-key to PEM files")
	}
	if _, err := pair.get(nil); err != nil {
		return nil, err
	}
	t := &tls.Config{GetCertificate: pair.get, MinVersion: tls.VersionTLS12}
	if strings.EqualFold(property("client-auth"), "need") || strings.EqualFold(property("client-auth"), "want") {
		t.ClientAuth = tls.VerifyClientCertIfGiven
		if strings.EqualFold(property("client-auth"), "need") {
			t.ClientAuth = tls.RequireAndVerifyClientCert
		}
		pem, err := os.ReadFile(property("trust-certificate"))
		if err != nil {
			return nil, fmt.Errorf("server.ssl.trust-certificate: %w", err)
		}
		t.ClientCAs = x509.NewCertPool()
		if !t.ClientCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("server.ssl.trust-certificate: no certificate in %s", property("trust-certificate"))
		}
	}
	return t, nil
}

// certificate is a key pair that is read again when its files change.
type certificate struct {
	certFile, keyFile string

	mu     sync.Mutex
	pair   *tls.Certificate
	loaded time.Time // modification time of the certificate that was read
	looked time.Time
}

func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pair != nil && time.Since(c.looked) < time.Minute {
		return c.pair, nil
	}
	c.looked = time.Now()
	info, err := os.Stat(c.certFile)
	if err == nil && c.pair != nil && info.ModTime().Equal(c.loaded) {
		return c.pair, nil
	}
	pair, loadErr := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if loadErr != nil {
		if c.pair != nil {
			return c.pair, nil // keep the old one while new files are being written
		}
		return nil, fmt.Errorf("read the TLS certificate: %w", loadErr)
	}
	c.pair = &pair
	if err == nil {
		c.loaded = info.ModTime()
	}
	return c.pair, nil
}
