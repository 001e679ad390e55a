package saml

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Limits of what comes from outside.
const (
	maxMessage         = 1 << 20 // bytes of an answer, decoded
	maxElements        = 5_000   // of an answer: what it costs to check grows with them and with the namespaces in scope
	maxMetadata        = 4 << 20 // bytes of a provider's description
	maxMetadataEntries = 200_000 // elements of it
	maxNesting         = 64
	maxXMLAttributes   = 64 // of one element
	maxNamespaces      = 32 // declared by an element and those around it
)

// checkXML refuses documents that no sound partner sends: with a DOCTYPE, which could define entities or refer to files,
// with processing instructions, in another encoding than UTF-8, or of unreasonable shape.
func checkXML(data []byte, elements int) error {
	d := xml.NewDecoder(bytes.NewReader(data))
	depth, root := 0, false
	var declared []int // namespaces in scope, by open element
	for {
		token, err := d.RawToken()
		switch {
		case errors.Is(err, io.EOF) && depth == 0 && root:
			return nil
		case errors.Is(err, io.EOF):
			return errors.New("the XML document ends too early")
		case err != nil:
			return fmt.Errorf("no XML: %w", err)
		}
		switch t := token.(type) {
		case xml.Directive:
			return errors.New("the XML document has a DOCTYPE")
		case xml.ProcInst:
			if t.Target != "xml" || root {
				return errors.New("the XML document has processing instructions")
			}
		case xml.StartElement:
			if depth == 0 && root {
				return errors.New("the XML document has more than one root")
			}
			root = true
			depth++
			elements--
			scope := namespaces(t)
			if len(declared) > 0 {
				scope += declared[len(declared)-1]
			}
			declared = append(declared, scope)
			if depth > maxNesting || elements < 0 || len(t.Attr) > maxXMLAttributes || scope > maxNamespaces {
				return errors.New("the XML document is too deep or too large")
			}
		case xml.EndElement:
			if depth--; depth < 0 {
				return errors.New("the XML document closes what it did not open")
			}
			declared = declared[:depth]
		}
	}
}

// namespaces counts the declarations of an element.
func namespaces(e xml.StartElement) int {
	n := 0
	for _, a := range e.Attr {
		if a.Name.Space == "xmlns" || a.Name.Space == "" && a.Name.Local == "xmlns" {
			n++
		}
	}
	return n
}

// decodeMessage returns the XML of the parameter SAMLResponse: Base64, deflated or not (A 12.2, A 12.3).
func decodeMessage(text string) ([]byte, error) {
	if len(text) > maxMessage*3/2 {
		return nil, fmt.Errorf("the answer has more than %d bytes", maxMessage)
	}
	raw, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil {
		return nil, errors.New("the answer is not Base64")
	}
	if first := bytes.TrimLeft(raw, "\xef\xbb\xbf \t\r\n"); len(first) == 0 || first[0] != '<' {
		inflated, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(raw)), maxMessage+1))
		if err != nil {
			return nil, errors.New("the answer is neither XML nor deflated XML")
		}
		raw = inflated
	}
	if len(raw) > maxMessage {
		return nil, fmt.Errorf("the answer has more than %d bytes", maxMessage)
	}
	return raw, checkXML(raw, maxElements)
}

// claimedIssuer is who an answer says it comes from: a hint which provider's keys to check it with, and nothing more.
func claimedIssuer(data []byte) string {
	d := xml.NewDecoder(bytes.NewReader(data))
	depth := 0
	for {
		token, err := d.Token()
		if err != nil {
			return ""
		}
		switch t := token.(type) {
		case xml.StartElement:
			if t.Name.Local == "Issuer" && t.Name.Space == "urn:oasis:names:tc:SAML:2.0:assertion" && depth <= 2 {
				var issuer string
				if d.DecodeElement(&issuer, &t) != nil {
					return ""
				}
				return strings.TrimSpace(issuer)
			}
			depth++
		case xml.EndElement:
			depth--
		}
	}
}
