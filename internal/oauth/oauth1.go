package oauth

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// oauth1 signs requests of OAuth 1.0a (RFC 5849, A 7.4).
type oauth1 struct {
	key, secret        string // of the app
	token, tokenSecret string // "" for none
}

// header returns the Authorization header of a request, "" when method, address or secret are missing. Values of
// parameters are encoded already. now and nonce are used unless the parameters have their own.
func (o oauth1) header(method, address string, params map[string]string, now time.Time, nonce string) string {
	u, err := url.Parse(address)
	if err != nil || method == "" || address == "" || u.Host == "" || o.secret == "" {
		return ""
	}
	all := map[string]string{}
	set := func(name, value string) {
		if _, ok := all[name]; !ok && value != "" {
			all[name] = value
		}
	}
	for name, value := range params {
		if name != "oauth_signature" {
			set(name, value)
		}
	}
	set("oauth_token", o.token)
	set("oauth_consumer_key", o.key)
	set("oauth_signature_method", "HMAC-SHA1")
	set("oauth_timestamp", strconv.FormatInt(now.Unix(), 10))
	set("oauth_nonce", nonce)
	set("oauth_version", "1.0")
	mac := hmac.New(sha1.New, []byte(encode(o.secret)+"&"+encode(o.tokenSecret)))
	mac.Write([]byte(strings.ToUpper(method) + "&" + encode(baseURL(u)) + "&" + encode(normalized(all))))
	all["oauth_signature"] = encode(base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	return authorization(all)
}

// normalized is the text of the parameters that is signed.
func normalized(params map[string]string) string {
	names := make([]string, 0, len(params))
	for name := range params {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		return strings.Compare(encode(a)+" "+encode(params[a]), encode(b)+" "+encode(params[b]))
	})
	for i, name := range names {
		names[i] = encode(name) + "=" + params[name]
	}
	return strings.Join(names, "&")
}

func authorization(params map[string]string) string {
	var names []string
	for name := range params {
		if strings.HasPrefix(name, "oauth_") || strings.HasPrefix(name, "x_oauth_") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	if _, ok := params["realm"]; ok {
		names = append([]string{"realm"}, names...)
	}
	for i, name := range names {
		names[i] = name + `="` + params[name] + `"`
	}
	return "OAuth " + strings.Join(names, ", ")
}

// baseURL is an address as it is signed: small letters, no default port, no query.
func baseURL(u *url.URL) string {
	scheme, host := strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	if scheme == "http" {
		host = strings.TrimSuffix(host, ":80")
	} else if scheme == "https" {
		host = strings.TrimSuffix(host, ":443")
	}
	return scheme + "://" + host + u.EscapedPath()
}

// encode is the percent encoding of RFC 3986: everything but letters, digits and -._~.
func encode(s string) string {
	return strings.NewReplacer("+", "%20", "%7E", "~").Replace(url.QueryEscape(s))
}

// newNonce returns a text that no other request has.
func newNonce() string {
	return rand.Text()
}
