package sigv4

import (
	"encoding/hex"
	"errors"
	"net/http"
	"strings"
	"testing"
)

// Variants of correct and of changed requests that the Java server was asked (recorded in signatures.json), as far as
// the vectors do not have them.
func TestVariants(t *testing.T) {
	const secret = "secretsecret=="
	tests := []struct {
		name           string
		query          string // as sent
		header         http.Header
		hosts          string
		signedQuery    string
		signedHeader   http.Header
		signedHost     string
		signed, listed string // names that were signed, and those that the header lists
		ok             bool
	}{
		{name: "plus signed as %2B", query: "a=x+y", signedQuery: "a=x%2By", ok: true},
		{name: "plus signed as a space", query: "a=x+y", signedQuery: "a=x%20y", ok: true},
		{name: "plus signed as nothing", query: "a=x+y", signedQuery: "a=xy"},
		{name: "a further signed header", header: http.Header{"X-Extra": {"a b"}}, signed: "host;x-amz-date;x-extra", ok: true},
		{name: "white space is folded", header: http.Header{"X-Extra": {"a  \t b"}}, signedHeader: http.Header{"X-Extra": {"a b"}},
			signed: "host;x-amz-date;x-extra", ok: true},
		{name: "the first of repeated headers", header: http.Header{"X-Extra": {"a", "b"}}, signedHeader: http.Header{"X-Extra": {"a"}},
			signed: "host;x-amz-date;x-extra", ok: true},
		{name: "a signed header did not arrive", signedHeader: http.Header{"X-Extra": {"a"}}, signed: "host;x-amz-date;x-extra"},
		{name: "x-amz-content-sha256 is an ordinary header", header: http.Header{"X-Amz-Content-Sha256": {"UNSIGNED-PAYLOAD"}},
			signed: "host;x-amz-content-sha256;x-amz-date", ok: true},
		{name: "x-amz-content-sha256 not signed", header: http.Header{"X-Amz-Content-Sha256": {"nonsense"}}, signedHeader: http.Header{}, ok: true},
		{name: "names in upper case", listed: "Host;X-Amz-Date", ok: true},
		{name: "names in another order", listed: "x-amz-date;host", ok: true},
		{name: "list without host", listed: "x-amz-date"},
		{name: "list without date", listed: "host"},
		{name: "host not signed", signed: "x-amz-date", listed: "host;x-amz-date"},
		{name: "date not signed", signed: "host", listed: "host;x-amz-date"},
		{name: "default port signed, not sent", hosts: "h", signedHost: "h:80", ok: true},
		{name: "capitals sent, small letters signed", hosts: "H", signedHost: "h"},
		{name: "other host signed", hosts: "h", signedHost: "evil"},
		{name: "parameter added", query: "a=1&b=2", signedQuery: "a=1"},
		{name: "parameter removed", query: "a=1", signedQuery: "a=1&b=2"},
		{name: "last value of a repeated parameter", query: "ids=1&ids=2", signedQuery: "ids=2"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			sent := Request{Method: "GET", Path: "/v1/_types", Query: test.query, Date: "20260102T030405Z", Header: test.header}
			signed := sent
			if test.signedQuery != "" {
				signed.Query = test.signedQuery
			}
			if test.signedHeader != nil {
				signed.Header = test.signedHeader
			}
			if test.hosts == "" {
				test.hosts = "localhost:8080"
			}
			if test.signedHost == "" {
				test.signedHost = test.hosts
			}
			if test.signed == "" {
				test.signed = "host;x-amz-date"
			}
			if test.listed == "" {
				test.listed = test.signed
			}
			body := HashBody(nil)
			m := mistake{request: signed, body: hex.EncodeToString(body[:]), region: Region, service: Service}
			signature := m.signature(secret, test.signedHost, strings.Split(test.signed, ";"))
			a, err := ParseAuthorization("AWS4-HMAC-SHA256 Credential=app:x/20260102/us-east-1/para/aws4_request, SignedHeaders=" +
				test.listed + ", Signature=" + signature)
			if err != nil {
				t.Fatal(err)
			}
			err = new(Verifier).Verify(a, sent, body, secret, Hosts(test.hosts, false, ""))
			if test.ok && err != nil || !test.ok && !errors.Is(err, ErrInvalid) {
				t.Error(err)
			}
		})
	}
}
