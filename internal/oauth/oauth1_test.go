package oauth

import (
	"strings"
	"testing"
	"time"
)

// The vectors of A 26.6.
func TestSignatureOfOAuth1(t *testing.T) {
	header := oauth1{key: "cChZNFj6T5R0TigYB9yd1w", secret: "L8qq9PZyRg6ieKGEKhZolGC0vJWLw8iEJ88DRdyOg"}.header("POST", "https://api.twitter.com/oauth/request_token",
		map[string]string{"oauth_callback": "http%3A%2F%2Flocalhost%2Fsign-in-with-twitter%2F"}, time.Unix(1318467427, 0), "ea9ec8429b68d6b77cd5600adbbb0456")
	want := `OAuth oauth_callback="http%3A%2F%2Flocalhost%2Fsign-in-with-twitter%2F", oauth_consumer_key="cChZNFj6T5R0TigYB9yd1w", oauth_nonce="ea9ec8429b68d6b77cd5600adbbb0456", ` +
		`oauth_signature="F1Li3tvehgcraF8DMJ7OyxO4w9Y%3D", oauth_signature_method="HMAC-SHA1", oauth_timestamp="1318467427", oauth_version="1.0"`
	if header != want {
		t.Errorf("got\n%s, want\n%s", header, want)
	}
	for _, v := range []struct {
		o                oauth1
		method, url      string
		params           map[string]string
		at               int64
		nonce, signature string
		realm            bool
	}{
		{oauth1{"dpf43f3p2l4k3l03", "kd94hf93k423kf44", "nnch734d00sl2jdk", "pfkkdhi9sl3r4s00"}, "GET", "http://photos.example.net/photos", map[string]string{"file": "vacation.jpg", "size": "original"}, 1191242096, "kllo9940pd9333jh", "tR3%2BTy81lMeYAr%2FFid0kMTYa%2FWM%3D", false},
		{oauth1{"dpf43f3p2l4k3l03", "kd94hf93k423kf44", "nnch734d00sl2jdk", "pfkkdhi9sl3r4s00"}, "get", "HTTP://Photos.Example.net:80/photos?size=ignored", map[string]string{"file": "vacation.jpg", "size": "original", "oauth_signature": "old"}, 1191242096, "kllo9940pd9333jh", "tR3%2BTy81lMeYAr%2FFid0kMTYa%2FWM%3D", false},
		{oauth1{"ck123", "cs456", "tok789", "ts000"}, "GET", "https://api.twitter.com/1.1/account/verify_credentials.json", map[string]string{"include_email": "true"}, 1768472430, "abcdefghijklmnopqrstuvwxyz012345", "RCQy5%2FHrcyqzs%2FEK1w2OXEQ6SzM%3D", false},
	} {
		got := v.o.header(v.method, v.url, v.params, time.Unix(v.at, 0), v.nonce)
		if !strings.Contains(got, `oauth_signature="`+v.signature+`"`) || strings.Contains(got, "vacation") || strings.Contains(got, "include_email") {
			t.Errorf("%s %s: %s", v.method, v.url, got)
		}
	}
	if got := (oauth1{key: "k", secret: "s"}).header("GET", "https://example.com/", map[string]string{"realm": "R", "x_oauth_a": "b"}, time.Unix(1, 0), "n"); !strings.HasPrefix(got, `OAuth realm="R", oauth_consumer_key=`) || !strings.HasSuffix(got, `, x_oauth_a="b"`) {
		t.Errorf("realm: %s", got)
	}
	for _, v := range []struct{ method, url, secret string }{{"", "https://example.com/", "s"}, {"GET", "", "s"}, {"GET", "https://example.com/", ""}, {"GET", "://", "s"}, {"GET", "nothing", "s"}} {
		if got := (oauth1{key: "k", secret: v.secret}).header(v.method, v.url, nil, time.Unix(1, 0), "n"); got != "" {
			t.Errorf("%+v: %s", v, got)
		}
	}
	seen := map[string]bool{}
	for range 1000 {
		n := newNonce()
		if len(n) == 0 || len(n) > 32 || seen[n] || strings.ContainsFunc(n, func(r rune) bool { return (r < 'A' || r > 'Z') && (r < '0' || r > '9') }) {
			t.Fatalf("nonce %q", n)
		}
		seen[n] = true
	}
}

func TestEncode(t *testing.T) {
	for in, want := range map[string]string{"": "", "aZ09-._~": "aZ09-._~", " +*/=&%": "%20%2B%2A%2F%3D%26%25", "ü€": "%C3%BC%E2%82%AC", "\x00\n": "%00%0A"} {
		if got := encode(in); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}
