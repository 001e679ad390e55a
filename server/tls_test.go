package server_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/erudika/para-go/client"
	"github.com/erudika/para-go/server"
)

const tlsSecret = "a-root-secret-of-the-tls-tests-longer-than-forty-characters"

// issued is a certificate with its key.
type issued struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// issue makes a certificate for localhost; nil as the authority makes one of an authority.
func issue(t *testing.T, name string, by *issued) *issued {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()),
		Subject:      pkix.Name{CommonName: name},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(time.Hour),
		DNSNames:     []string{"localhost"},
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	parent, signer := template, key
	if by == nil {
		template.IsCA, template.BasicConstraintsValid, template.KeyUsage = true, true, x509.KeyUsageCertSign
	} else {
		parent, signer = by.cert, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &issued{cert, key}
}

func (i *issued) pair() tls.Certificate {
	return tls.Certificate{Certificate: [][]byte{i.cert.Raw}, PrivateKey: i.key}
}

// tlsFiles writes the files that the tests name.
func tlsFiles(t *testing.T, dir string, ca, own *issued) {
	t.Helper()
	must := func(data []byte, err error) []byte {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	key := must(x509.MarshalPKCS8PrivateKey(own.key))
	for name, data := range map[string][]byte{
		"cert.pem":   pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: own.cert.Raw}),
		"key.pem":    pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}),
		"ca.pem":     pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.cert.Raw}),
		"modern.p12": must(pkcs12.Modern.Encode(own.key, own.cert, []*x509.Certificate{ca.cert}, "store pass")),
		"legacy.p12": must(pkcs12.LegacyDES.Encode(own.key, own.cert, nil, "store pass")),
		"trust.p12":  must(pkcs12.Modern.EncodeTrustStore([]*x509.Certificate{ca.cert}, "trust pass")),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// startTLS starts a server in a folder with properties.
func startTLS(t *testing.T, dir string, properties map[string]string, environ ...string) (*server.Server, error) {
	t.Helper()
	properties["para.db.dir"] = t.TempDir()
	return server.Start(t.Context(), server.Options{
		WorkDir: dir, Flags: map[string]string{"port": "0"}, Definitions: properties,
		Environ: append(environ, "para_root_secret_override="+tlsSecret),
	})
}

// Keys and authorities come from PEM files or PKCS#12 stores, properties from definitions or the environment in both
// spellings; clients prove who they are where that is wanted; HTTP/2 comes by itself (C 4.3).
func TestTLS(t *testing.T) {
	dir := t.TempDir()
	ca := issue(t, "authority", nil)
	own, stranger := issue(t, "localhost", ca), issue(t, "stranger", issue(t, "another authority", nil))
	tlsFiles(t, dir, ca, own)
	pemFiles := map[string]string{"server.ssl.enabled": "true", "server.ssl.certificate": "cert.pem", "server.ssl.certificate-private-key": "file:key.pem"}
	with := func(more ...string) map[string]string {
		m := map[string]string{}
		for k, v := range pemFiles {
			m[k] = v
		}
		for i := 0; i < len(more); i += 2 {
			m[more[i]] = more[i+1]
		}
		return m
	}
	for _, tt := range []struct {
		name       string
		properties map[string]string
		environ    []string
		proof      *issued // of the client
		refused    bool
		protocol   string
	}{
		{"PEM", with(), nil, nil, false, "HTTP/2.0"},
		{"absolute path", with("server.ssl.certificate", filepath.Join(dir, "cert.pem")), nil, nil, false, "HTTP/2.0"},
		{"without HTTP/2", with("server.http2.enabled", "false"), nil, nil, false, "HTTP/1.1"},
		{"PKCS#12", map[string]string{"server.ssl.enabled": "TRUE", "server.ssl.key-store": "modern.p12", "server.ssl.key-store-type": "PKCS12", "server.ssl.key-store-password": "store pass"}, nil, nil, false, "HTTP/2.0"},
		{"old PKCS#12 from the environment", map[string]string{}, []string{"SERVER_SSL_ENABLED=true", "SERVER_SSL_KEYSTORE=legacy.p12", "SERVER_SSL_KEY_STORE_PASSWORD=store pass"}, nil, false, "HTTP/2.0"},
		{"client needed", with("server.ssl.client-auth", "need", "server.ssl.trust-certificate", "ca.pem"), nil, own, false, "HTTP/2.0"},
		{"client needed and missing", with("server.ssl.client-auth", "need", "server.ssl.trust-certificate", "ca.pem"), nil, nil, true, ""},
		{"client wanted", with("server.ssl.client-auth", "want", "server.ssl.trust-store", "trust.p12", "server.ssl.trust-store-password", "trust pass"), nil, nil, false, "HTTP/2.0"},
		{"client wanted, unknown one", with("server.ssl.client-auth", "WANT", "server.ssl.trust-store", "trust.p12", "server.ssl.trust-store-password", "trust pass"), nil, stranger, true, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := startTLS(t, dir, tt.properties, tt.environ...)
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := s.Close(context.Background()); err != nil {
					t.Error(err)
				}
			}()
			if !strings.HasPrefix(s.URL(), "https://localhost:") {
				t.Errorf("the address is %s", s.URL())
			}
			trust := x509.NewCertPool()
			trust.AddCert(ca.cert)
			config := &tls.Config{RootCAs: trust}
			if tt.proof != nil { // also when the server names authorities that did not sign it
				pair := tt.proof.pair()
				config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &pair, nil }
			}
			transport := &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: true}
			defer transport.CloseIdleConnections()
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL()+"/v1", nil)
			if err != nil {
				t.Fatal(err)
			}
			res, err := transport.RoundTrip(r)
			if tt.refused {
				if err == nil {
					res.Body.Close()
					t.Error("the connection is accepted")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			if res.StatusCode != 200 || res.Proto != tt.protocol || !strings.HasPrefix(res.Header.Get("Strict-Transport-Security"), "max-age=31536000") {
				t.Errorf("%d over %s: %v", res.StatusCode, res.Proto, res.Header)
			}
			c, err := client.New(client.Options{Endpoint: s.URL(), AccessKey: "app:para", Secret: tlsSecret, HTTPClient: &http.Client{Transport: transport}})
			if err != nil {
				t.Fatal(err)
			}
			body := `{"id":"big","text":"` + strings.Repeat("x", 300_000) + `"}`
			if err := c.Do(t.Context(), "PUT", "note/big", nil, []byte(body), nil); err != nil {
				t.Errorf("a signed request with a large body: %v", err)
			}
			var got []byte
			if err := c.Do(t.Context(), "GET", "note/big", nil, nil, &got); err != nil || !bytes.Contains(got, []byte(strings.Repeat("x", 300_000))) {
				t.Errorf("a large answer: %v, %d bytes", err, len(got))
			}
		})
	}
}

// What is wrong with TLS properties stops the start and says what to do (C 4.3).
func TestTLSMistakes(t *testing.T) {
	dir := t.TempDir()
	ca := issue(t, "authority", nil)
	tlsFiles(t, dir, ca, issue(t, "localhost", ca))
	for want, properties := range map[string]string{
		"set server.ssl.certificate and server.ssl.certificate-private-key": "",
		"server.ssl.certificate-private-key: set it":                        "certificate=cert.pem",
		"read the TLS certificate":                                          "certificate=cert.pem certificate-private-key=none.pem",
		"server.ssl.key-store-password opens":                               "key-store=modern.p12 key-store-password=wrong",
		"keytool -importkeystore":                                           "key-store=modern.p12 key-store-type=JKS",
		"modern.p12 is not a PKCS#12 trust store":                           "key-store=legacy.p12 key-store-password=store_pass client-auth=need trust-store=modern.p12 trust-store-password=wrong",
		"set server.ssl.trust-certificate":                                  "certificate=cert.pem certificate-private-key=key.pem client-auth=need",
		"no certificate in":                                                 "certificate=cert.pem certificate-private-key=key.pem client-auth=need trust-certificate=key.pem",
		"use none, want or need":                                            "certificate=cert.pem certificate-private-key=key.pem client-auth=please",
	} {
		definitions := map[string]string{"server.ssl.enabled": "true"}
		for _, p := range strings.Fields(properties) {
			name, value, _ := strings.Cut(p, "=")
			definitions["server.ssl."+name] = strings.ReplaceAll(value, "_", " ")
		}
		s, err := startTLS(t, dir, definitions)
		if err == nil {
			_ = s.Close(context.Background())
			t.Errorf("%s: the server starts", properties)
		} else if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "wrong") {
			t.Errorf("%s: %v", properties, err)
		}
	}
}

// The property of the framework counts where it is a number, otherwise the option does (C 3.3, C 4.1).
func TestServerPort(t *testing.T) {
	free := func() string {
		s, err := startTLS(t, t.TempDir(), map[string]string{})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = s.Close(context.Background()) }()
		return strconv.Itoa(s.Port())
	}
	for _, tt := range []struct{ property, option string }{{free(), "1"}, {"http", free()}, {"", free()}} {
		s, err := server.Start(t.Context(), server.Options{WorkDir: t.TempDir(), Definitions: map[string]string{
			"server.port": tt.property, "para.port": tt.option, "server.address": "127.0.0.1", "para.root_secret_override": tlsSecret}})
		if err != nil {
			t.Fatalf("server.port=%s para.port=%s: %v", tt.property, tt.option, err)
		}
		want := tt.option
		if tt.option == "1" {
			want = tt.property
		}
		if got := strconv.Itoa(s.Port()); got != want {
			t.Errorf("server.port=%s para.port=%s: port %s", tt.property, tt.option, got)
		}
		res, err := http.Get("http://127.0.0.1:" + want + "/ping") //nolint:noctx // a test
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if string(body) != "pong" {
			t.Errorf("/ping: %s", body)
		}
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	}
}
