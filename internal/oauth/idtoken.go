package oauth

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
)

// algorithms are those that ID tokens may be signed with: none of them uses a secret that both sides know.
var algorithms = [...]jose.SignatureAlgorithm{
	jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512, jose.ES256, jose.ES384, jose.ES512, jose.EdDSA,
}

const (
	maxKeys    = 100
	minRSABits = 2048
	clockSkew  = time.Minute // of iat, which providers with other clocks make
)

// keySet are the public keys of an issuer.
type keySet []key

type key struct {
	jose.JSONWebKey
	issuer string // whose tokens it signs, where several publish their keys in one place; "" when the key does not say so
}

// fetchKeys reads the keys that an issuer publishes (RFC 7517). Those that cannot sign ID tokens are left out.
func (s *Service) fetchKeys(ctx context.Context, address string) (keySet, error) {
	f, err := s.getJSON(ctx, address, "Accept", "application/json")
	if err != nil {
		return nil, err
	}
	list, _ := f["keys"].([]any)
	var out keySet
	for _, item := range list[:min(len(list), maxKeys)] {
		data, err := json.Marshal(item)
		if err != nil {
			continue
		}
		var k jose.JSONWebKey
		if k.UnmarshalJSON(data) == nil && signs(k) {
			f, _ := item.(map[string]any)
			out = append(out, key{k, fields(f).text("issuer")})
		}
	}
	if len(out) == 0 {
		return nil, errors.New("the issuer publishes no usable keys")
	}
	return out, nil
}

func signs(k jose.JSONWebKey) bool {
	if k.Use != "" && k.Use != "sig" || !k.IsPublic() || !k.Valid() {
		return false
	}
	switch key := k.Key.(type) {
	case *rsa.PublicKey:
		return key.N.BitLen() >= minRSABits
	case *ecdsa.PublicKey, ed25519.PublicKey:
		return true
	}
	return false
}

// issuerKeys checks signatures with the keys of an issuer.
type issuerKeys struct {
	s       *Service
	address string
	issuer  string
	tid     string // the tenant that stands for {tenantid} in the issuer of a key
}

var _ oidc.KeySet = issuerKeys{}

// VerifySignature returns the payload of a token that one of the keys signed. Keys are fetched again for a token that
// names one which is not known.
func (k issuerKeys) VerifySignature(ctx context.Context, compact string) ([]byte, error) {
	jws, err := jose.ParseSignedCompact(compact, algorithms[:])
	if err != nil {
		return nil, errors.New("the ID token cannot be read")
	}
	if len(jws.Signatures) != 1 {
		return nil, errors.New("the ID token has not exactly one signature")
	}
	header := jws.Signatures[0].Header
	for _, renew := range []bool{false, true} {
		keys, err := k.s.keys.get(ctx, k.address, renew)
		if err != nil {
			return nil, fmt.Errorf("read the keys of the issuer: %w", err)
		}
		for i := range keys {
			if header.KeyID != "" && keys[i].KeyID != "" && keys[i].KeyID != header.KeyID || keys[i].Algorithm != "" && keys[i].Algorithm != header.Algorithm {
				continue
			}
			if i := strings.ReplaceAll(keys[i].issuer, "{tenantid}", k.tid); i != "" && i != k.issuer {
				continue
			}
			if payload, err := jws.Verify(keys[i].JSONWebKey); err == nil {
				return payload, nil
			}
		}
	}
	return nil, errNoKey
}

// verify returns the claims of an ID token: signed by its issuer, made for the app, not expired, and made for the flow
// with a nonce when there is one (OpenID Connect Core, 3.1.3.7).
func (s *Service) verify(ctx context.Context, c client, compact, nonce string) (fields, error) {
	if c.id == "" {
		return nil, errors.New("the app has no client id at this provider, so no ID token is made for it")
	}
	issuer, keys := c.issuer, c.keys
	if keys == "" {
		d, err := s.issuers.get(ctx, issuer, false)
		if err != nil {
			return nil, fmt.Errorf("read about the issuer: %w", err)
		}
		keys = d.keys
	}
	tid := ""
	if strings.Contains(issuer, "{tid}") { // Microsoft: each tenant is an issuer of its own
		claims, _ := unverified(compact)
		tid = claims.text("tid")
		if !isTenant(tid) || !c.admits(tid) {
			return nil, errors.New("the ID token is of a tenant that may not sign in")
		}
		issuer = strings.ReplaceAll(issuer, "{tid}", tid)
	}
	supported := make([]string, len(algorithms))
	for i, a := range algorithms {
		supported[i] = string(a)
	}
	token, err := oidc.NewVerifier(issuer, issuerKeys{s, keys, issuer, tid}, &oidc.Config{ClientID: c.id, SupportedSigningAlgs: supported, Now: s.opts.Now}).Verify(ctx, compact)
	if err != nil {
		return nil, fmt.Errorf("check the ID token: %w", safe(err))
	}
	var raw json.RawMessage
	if err := token.Claims(&raw); err != nil {
		return nil, errors.New("the claims of the ID token cannot be read")
	}
	claims, err := parseFields(raw)
	if err != nil {
		return nil, errors.New("the claims of the ID token cannot be read")
	}
	return claims, checkClaims(c, claims, nonce, s.opts.Now())
}

// checkClaims checks what the library leaves to its callers: who the token was handed to, when it was made, the nonce.
func checkClaims(c client, claims fields, nonce string, now time.Time) error {
	if azp := claims.text("azp"); azp != "" && azp != c.id {
		return errors.New("the ID token was handed to another client")
	}
	if list, ok := claims["aud"].([]any); ok && len(list) > 1 && claims.text("azp") == "" {
		return errors.New("the ID token is for several clients and does not say whom it was handed to")
	}
	if n, ok := claims["iat"].(json.Number); ok {
		if at, err := n.Float64(); err == nil && at > float64(now.Add(clockSkew).Unix()) {
			return errors.New("the ID token was made in the future")
		}
	}
	if nonce != "" && subtle.ConstantTimeCompare([]byte(nonce), []byte(claims.text("nonce"))) != 1 {
		return errors.New("the ID token was made for another sign-in: its nonce differs")
	}
	return nil
}

// safe keeps what tokens hold out of the errors of the library, which repeat parts of them.
func safe(err error) error {
	var expired *oidc.TokenExpiredError
	var status *statusError
	switch {
	case errors.As(err, &expired):
		return errors.New("it has expired")
	case errors.Is(err, errNoKey), errors.As(err, &status), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return err
	}
	text := err.Error()
	for _, known := range [...][2]string{
		{"issued by a different provider", "it is of another issuer"},
		{"expected audience", "it was made for another client"},
		{"before the nbf", "it is not valid yet"},
		{"signed with unsupported algorithm", "its algorithm is not allowed"},
		{"unexpected signature algorithm", "its algorithm is not allowed"},
		{"keys of the issuer", "the keys of the issuer cannot be read"},
	} {
		if strings.Contains(text, known[0]) {
			return errors.New(known[1])
		}
	}
	return errors.New("it does not hold")
}

// unverified reads the claims of a token without believing them, as for a look at whom it is for.
func unverified(compact string) (claims fields, header fields) {
	parts := strings.Split(compact, ".")
	if len(parts) != 3 {
		return nil, nil
	}
	read := func(part string) fields {
		data, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(part, "="))
		if err != nil {
			return nil
		}
		f, err := parseFields(data)
		if err != nil {
			return nil
		}
		return f
	}
	return read(parts[1]), read(parts[0])
}

// audience are the clients that a token is made for.
func audience(claims fields) []string {
	switch v := claims["aud"].(type) {
	case string:
		return []string{v}
	case []any:
		var out []string
		for _, a := range v {
			out = append(out, textOf(a))
		}
		return out
	}
	return nil
}

// isIDToken says whether a token looks like an ID token that was made for the app, rather than an access token: some
// providers make access tokens of the same form, for their own interfaces or with signs of what they are. What looks like
// one must then hold as one.
func (c client) isIDToken(compact string) bool {
	if c.issuer == "" || c.id == "" {
		return false
	}
	claims, header := unverified(compact)
	if claims == nil || !slices.Contains(audience(claims), c.id) {
		return false
	}
	if typ := strings.ToLower(header.text("typ")); typ == "at+jwt" || typ == "application/at+jwt" || strings.EqualFold(claims.text("typ"), "bearer") {
		return false
	}
	for _, name := range []string{"scope", "scp"} {
		if _, ok := claims[name]; ok {
			return false
		}
	}
	return true
}

// admits says whether users of a Microsoft tenant may sign in. Tenants that are named by a domain are checked by the
// address where codes are exchanged; ID tokens name ids only.
func (c client) admits(tid string) bool {
	const personal = "9188040d-6c67-4c5b-b112-36a304b66dad" // of accounts that belong to no organization
	switch strings.ToLower(c.tenant) {
	case "common":
		return true
	case "organizations":
		return !strings.EqualFold(tid, personal)
	case "consumers":
		return strings.EqualFold(tid, personal)
	}
	return strings.EqualFold(tid, c.tenant)
}
