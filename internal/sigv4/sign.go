package sigv4

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Credentials are the keys of an app.
type Credentials struct {
	AccessKey string // app id, "app:myapp"
	Secret    string
}

// Sign signs a request that is about to be sent: it sets the headers X-Amz-Date and Authorization and signs host and
// date only, as most clients do (W15). The URL is signed as net/http sends it. A body is read once through
// Request.GetBody, which must be set when there is one; use SignHash when its hash is known.
func Sign(req *http.Request, cred Credentials, now time.Time) error {
	body, err := bodyHash(req)
	if err != nil {
		return fmt.Errorf("sign request: %w", err)
	}
	return SignHash(req, cred, body, now)
}

// SignHash is Sign for a body whose hash is known.
func SignHash(req *http.Request, cred Credentials, body Hash, now time.Time) error {
	if cred.AccessKey == "" || cred.Secret == "" {
		return errors.New("sign request: access key and secret are needed")
	}
	host := req.Host
	if host == "" {
		host = req.URL.Host
	}
	date := FormatDate(now)
	r := Request{Method: req.Method, Path: req.URL.EscapedPath(), Query: req.URL.RawQuery, Date: date, Header: req.Header}
	if r.Method == "" {
		r.Method = http.MethodGet
	}
	var s scratch
	canonical := s.appendTarget(nil, &r, false)
	canonical = appendHeaders(canonical, &r, []string{"host", "x-amz-date"}, host, &body)
	key := newSigningKey(deriveKey(cred.Secret, date[:dayLength], Region, Service))
	signature := key.appendSignature(nil, appendStringToSign(nil, date, canonical))

	header := append([]byte(Algorithm+" Credential="), cred.AccessKey...)
	header = append(header, '/')
	header = appendScope(header, date, Region, Service)
	header = append(header, ", SignedHeaders="+usualHeaders+", Signature="...)
	header = hex.AppendEncode(header, signature)
	if req.Header == nil {
		req.Header = make(http.Header)
	}
	req.Header.Set(DateHeader, date)
	req.Header.Set("Authorization", string(header))
	return nil
}

func bodyHash(req *http.Request) (Hash, error) {
	if req.Body == nil || req.Body == http.NoBody {
		return HashBody(nil), nil
	}
	if req.GetBody == nil {
		return Hash{}, errors.New("the body can be read only once; set GetBody")
	}
	body, err := req.GetBody()
	if err != nil {
		return Hash{}, err
	}
	defer body.Close()
	r := NewBodyReader(body)
	if _, err := io.Copy(io.Discard, r); err != nil {
		return Hash{}, err
	}
	return r.Sum(), nil
}
