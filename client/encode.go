package client

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
)

// Path joins segments to a path for Do, each percent-encoded as RFC 3986 has it (K 1.4.1): a slash within a segment
// stays part of it.
func Path(segments ...string) string {
	var b strings.Builder
	for i, s := range segments {
		if i > 0 {
			b.WriteByte('/')
		}
		for j := 0; j < len(s); j++ {
			if c := s[j]; 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-_.~", c) >= 0 {
				b.WriteByte(c)
			} else {
				fmt.Fprintf(&b, "%%%02X", c)
			}
		}
	}
	return b.String()
}

// resourcePath encodes the path of a permission as one segment (K 1.4.2).
func resourcePath(path string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(path))
}

func trimSlash(path string) string { return strings.TrimPrefix(path, "/") }

// encodeQuery encodes parameters sorted by name, repeated ones in their order, spaces as %20.
func encodeQuery(query url.Values) string {
	return strings.ReplaceAll(query.Encode(), "+", "%20") // a real plus sign is %2B already
}

// encodeBody encodes a body as JSON without a final newline; bytes are sent as they are.
func encodeBody(body any) ([]byte, error) {
	switch b := body.(type) {
	case nil:
		return nil, nil
	case []byte:
		return b, nil
	}
	var buf bytes.Buffer
	e := json.NewEncoder(&buf)
	e.SetEscapeHTML(false)
	if err := e.Encode(body); err != nil {
		return nil, fmt.Errorf("client: encode the body: %w", err)
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), nil
}

// decode reads an answer into out, see Do.
func decode(data []byte, out any) error {
	if out == nil || len(data) == 0 {
		return nil
	}
	switch o := out.(type) {
	case *string:
		*o = string(data)
		return nil
	case *[]byte:
		*o = data
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	return d.Decode(out)
}
