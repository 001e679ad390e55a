// Package ldaptest runs a real OpenLDAP server for tests.
package ldaptest

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	_ "embed"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"
)

//go:embed people.ldif
var people []byte

//go:embed slapd.conf
var configuration string

// Names and passwords of the test directory.
const (
	Base             = "dc=example,dc=com"
	Searcher         = "cn=searcher,dc=example,dc=com"
	SearcherPassword = "searcher-secret"
)

// Directory is a running slapd with the entries of people.ldif.
type Directory struct {
	URL      string // ldap://127.0.0.1:<port>
	TLSURL   string // ldaps://localhost:<port>
	StartURL string // ldap://localhost:<port>: the host that the certificate is for
	CA       string // PEM of the certificate that the server's was signed with
}

// Start runs a server until the test ends. The test fails when slapd is not installed.
func Start(tb testing.TB) *Directory {
	tb.Helper()
	slapd, err := find("slapd")
	if err != nil {
		tb.Fatal("slapd is missing; install the package slapd (OpenLDAP), or run test/ldap/tools.sh as root")
	}
	dir := tb.TempDir()
	d := &Directory{CA: writeCertificates(tb, dir)}
	data := filepath.Join(dir, "data")
	if err := os.Mkdir(data, 0o700); err != nil {
		tb.Fatal(err)
	}
	conf := filepath.Join(dir, "slapd.conf")
	if err := os.WriteFile(conf, fmt.Appendf(nil, configuration, dir), 0o600); err != nil {
		tb.Fatal(err)
	}
	load := exec.CommandContext(tb.Context(), slapd, "-T", "add", "-f", conf)
	load.Stdin = bytes.NewReader(people)
	if out, err := load.CombinedOutput(); err != nil {
		tb.Fatalf("load the directory: %v\n%s", err, out)
	}
	plain, secure := freePort(tb), freePort(tb)
	d.URL, d.StartURL, d.TLSURL = "ldap://127.0.0.1:"+plain, "ldap://localhost:"+plain, "ldaps://localhost:"+secure
	var log bytes.Buffer
	server := exec.CommandContext(tb.Context(), slapd, "-f", conf, "-d", "0", "-h", d.URL+"/ ldaps://127.0.0.1:"+secure+"/")
	server.Stdout, server.Stderr = &log, &log
	if err := server.Start(); err != nil {
		tb.Fatalf("start slapd: %v", err)
	}
	tb.Cleanup(func() { _ = server.Wait() }) // it ends with the test's context
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(tb.Context(), "tcp", "127.0.0.1:"+secure)
		if err == nil {
			conn.Close()
			addGroups(tb, d.URL)
			return d
		}
		if time.Now().After(end) {
			tb.Fatalf("slapd does not answer: %v", err)
		}
	}
}

// addGroups adds the groups while the server runs, so that it tells each member which ones it belongs to.
func addGroups(tb testing.TB, url string) {
	tb.Helper()
	conn, err := ldap.DialURL(url)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if err := conn.Bind("cn=root,"+Base, "root-secret"); err != nil {
		tb.Fatal(err)
	}
	const ben, mary = "uid=ben,ou=people," + Base, "uid=mary,ou=managers,ou=people," + Base
	for name, members := range map[string][]string{"Moderators": {ben, mary}, "Domain Admins": {mary}} {
		group := ldap.NewAddRequest("cn="+name+","+Base, nil)
		group.Attribute("objectClass", []string{"groupOfNames"})
		group.Attribute("cn", []string{name})
		group.Attribute("member", members)
		if err := conn.Add(group); err != nil {
			tb.Fatal(err)
		}
	}
}

// find looks for a program, also in the folders of system programs, which are not on everybody's path.
func find(name string) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	for _, dir := range []string{"/usr/sbin", "/usr/local/sbin", "/usr/libexec"} {
		if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return path, nil
		}
	}
	return "", exec.ErrNotFound
}

func freePort(tb testing.TB) string {
	tb.Helper()
	l, err := (&net.ListenConfig{}).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}

// writeCertificates writes server.pem and server.key for localhost, and returns the PEM of their authority.
func writeCertificates(tb testing.TB, dir string) string {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		tb.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		tb.Fatal(err)
	}
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	for name, data := range map[string][]byte{"server.pem": cert, "server.key": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	return string(cert)
}
