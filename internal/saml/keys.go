package saml

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"strings"

	dsig "github.com/russellhaering/goxmldsig"
)

// decodePEM returns the blocks of a setting that holds PEM text, Base64 of PEM text (A 12.1), or Base64 of what a block
// holds.
func decodePEM(text string) []*pem.Block {
	data := []byte(text)
	if block, _ := pem.Decode(data); block == nil {
		decoded, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
		if err != nil {
			return nil
		}
		if block, _ := pem.Decode(decoded); block == nil {
			return []*pem.Block{{Bytes: decoded}}
		}
		data = decoded
	}
	var blocks []*pem.Block
	for {
		var block *pem.Block
		if block, data = pem.Decode(data); block == nil {
			return blocks
		}
		blocks = append(blocks, block)
	}
}

// parseKey reads a private key, RSA or EC, in any of the usual forms.
func parseKey(text string) (crypto.Signer, error) {
	for _, block := range decodePEM(text) {
		if strings.Contains(block.Type, "ENCRYPTED") || block.Headers["DEK-Info"] != "" {
			return nil, errors.New("the key is protected by a passphrase; store it without one")
		}
		if key, err := x509.ParsePKCS8PrivateKey(block.Bytes); err == nil {
			switch k := key.(type) {
			case *rsa.PrivateKey:
				return checkRSA(k)
			case *ecdsa.PrivateKey:
				return k, nil
			}
			return nil, errors.New("the key is neither an RSA nor an EC key")
		}
		if k, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
			return checkRSA(k)
		}
		if k, err := x509.ParseECPrivateKey(block.Bytes); err == nil {
			return k, nil
		}
	}
	return nil, errors.New("it holds no private key; write the key as PEM text, or as Base64 of PEM text")
}

func checkRSA(k *rsa.PrivateKey) (crypto.Signer, error) {
	if k.N.BitLen() < 2048 {
		return nil, errors.New("the RSA key is shorter than 2048 bits")
	}
	return k, nil
}

// parseCertificates reads one or more certificates.
func parseCertificates(text string) ([]*x509.Certificate, error) {
	var certs []*x509.Certificate
	for _, block := range decodePEM(text) {
		if block.Type != "" && block.Type != "CERTIFICATE" {
			continue
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, errors.New("it holds something that is no certificate; write PEM text, or Base64 of PEM text")
		}
		certs = append(certs, cert)
	}
	if len(certs) == 0 {
		return nil, errors.New("it holds no certificate; write PEM text, or Base64 of PEM text")
	}
	return certs, nil
}

func samePublicKey(a, b crypto.PublicKey) bool {
	key, ok := a.(interface{ Equal(crypto.PublicKey) bool })
	return ok && key.Equal(b)
}

// signatureMethod is how a key signs.
func signatureMethod(key crypto.Signer) string {
	if _, ok := key.(*ecdsa.PrivateKey); ok {
		return dsig.ECDSASHA256SignatureMethod
	}
	return dsig.RSASHA256SignatureMethod
}
