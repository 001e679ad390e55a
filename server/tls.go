package server

import (
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/erudika/para-go/internal/config"
)

// sslProperty reads one of the TLS properties (C 4.3).
func sslProperty(cfg *config.Config, name string) string {
	v, _ := cfg.Property("server.ssl." + name)
	return strings.TrimSpace(v)
}

// sslFile is the file that a TLS property names: relative to the working directory, with or without "file:" before it.
func sslFile(cfg *config.Config, name string) string {
	file := strings.TrimPrefix(sslProperty(cfg, name), "file:")
	if file == "" || filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(cfg.WorkDir(), file)
}

// loadTLS reads the TLS properties (C 4.3): key and client authorities from PEM files or PKCS#12 key stores. nil: no TLS.
func loadTLS(cfg *config.Config) (*tls.Config, error) {
	if !strings.EqualFold(sslProperty(cfg, "enabled"), "true") {
		return nil, nil
	}
	pair, err := newCertificate(cfg)
	if err != nil {
		return nil, err
	}
	if _, err := pair.get(nil); err != nil {
		return nil, err
	}
	t := &tls.Config{GetCertificate: pair.get, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}}
	if v, ok := cfg.Property("server.http2.enabled"); ok && !strings.EqualFold(v, "true") {
		t.NextProtos = []string{"http/1.1"}
	}
	switch who := strings.ToLower(sslProperty(cfg, "client-auth")); who {
	case "", "none":
		return t, nil
	case "want":
		t.ClientAuth = tls.VerifyClientCertIfGiven
	case "need":
		t.ClientAuth = tls.RequireAndVerifyClientCert
	default:
		return nil, fmt.Errorf("server.ssl.client-auth = %q: use none, want or need", who)
	}
	t.ClientCAs, err = clientAuthorities(cfg)
	return t, err
}

// newCertificate says where the server's key pair lies.
func newCertificate(cfg *config.Config) (*certificate, error) {
	if file := sslFile(cfg, "certificate"); file != "" {
		key := sslFile(cfg, "certificate-private-key")
		if key == "" {
			return nil, errors.New("server.ssl.certificate-private-key: set it to the PEM file of the private key")
		}
		return &certificate{file: file, read: func() (tls.Certificate, error) { return tls.LoadX509KeyPair(file, key) }}, nil
	}
	file := sslFile(cfg, "key-store")
	if file == "" {
		return nil, errors.New("server.ssl.enabled: set server.ssl.certificate and server.ssl.certificate-private-key to PEM files, or server.ssl.key-store to a PKCS#12 file")
	}
	if err := knownStore(cfg, "key-store"); err != nil {
		return nil, err
	}
	password := sslProperty(cfg, "key-store-password")
	if password == "" {
		password = sslProperty(cfg, "key-password")
	}
	return &certificate{file: file, read: func() (tls.Certificate, error) { return readKeyStore(file, password) }}, nil
}

// knownStore refuses key stores of other kinds than PKCS#12.
func knownStore(cfg *config.Config, name string) error {
	if kind := sslProperty(cfg, name+"-type"); kind != "" && !strings.EqualFold(kind, "PKCS12") {
		return fmt.Errorf("server.ssl.%s-type = %q: only PKCS12 is read; keytool -importkeystore -deststoretype PKCS12 converts others", name, kind)
	}
	return nil
}

// readKeyStore reads a private key and its certificates from a PKCS#12 file.
func readKeyStore(file, password string) (tls.Certificate, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return tls.Certificate{}, err
	}
	key, leaf, others, err := pkcs12.DecodeChain(data, password)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("%s is not a PKCS#12 key store with one private key that server.ssl.key-store-password opens: %w", file, err)
	}
	if _, ok := key.(crypto.Signer); !ok {
		return tls.Certificate{}, fmt.Errorf("%s holds a key that cannot be used for TLS", file)
	}
	pair := tls.Certificate{Certificate: [][]byte{leaf.Raw}, PrivateKey: key, Leaf: leaf}
	for _, c := range others {
		pair.Certificate = append(pair.Certificate, c.Raw)
	}
	return pair, nil
}

// clientAuthorities reads who may sign the certificates of clients.
func clientAuthorities(cfg *config.Config) (*x509.CertPool, error) {
	pool := x509.NewCertPool()
	if file := sslFile(cfg, "trust-certificate"); file != "" {
		pem, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("server.ssl.trust-certificate: %w", err)
		}
		if !pool.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("server.ssl.trust-certificate: no certificate in %s", file)
		}
		return pool, nil
	}
	file := sslFile(cfg, "trust-store")
	if file == "" {
		return nil, errors.New("server.ssl.client-auth: set server.ssl.trust-certificate to a PEM file, or server.ssl.trust-store to a PKCS#12 file, with the certificates of those who sign those of the clients")
	}
	if err := knownStore(cfg, "trust-store"); err != nil {
		return nil, err
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("server.ssl.trust-store: %w", err)
	}
	trusted, err := pkcs12.DecodeTrustStore(data, sslProperty(cfg, "trust-store-password"))
	if err != nil {
		return nil, fmt.Errorf("server.ssl.trust-store: %s is not a PKCS#12 trust store that server.ssl.trust-store-password opens: %w", file, err)
	}
	for _, c := range trusted {
		pool.AddCert(c)
	}
	return pool, nil
}

// certificate is a key pair that is read again when its file changes.
type certificate struct {
	file string
	read func() (tls.Certificate, error)

	mu     sync.Mutex
	pair   *tls.Certificate
	loaded time.Time // modification time of the file that was read
	looked time.Time
}

// lookAgain is how often the file of the certificate is looked at, at most.
const lookAgain = time.Minute

func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pair != nil && time.Since(c.looked) < lookAgain {
		return c.pair, nil
	}
	c.looked = time.Now()
	info, err := os.Stat(c.file)
	if err == nil && c.pair != nil && info.ModTime().Equal(c.loaded) {
		return c.pair, nil
	}
	pair, loadErr := c.read()
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
