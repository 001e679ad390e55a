package oauth

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	signintest "github.com/erudika/para-go/test/signin"
	"github.com/go-jose/go-jose/v4"
)

// issuer signs ID tokens.
type issuer struct {
	t    *testing.T
	w    *world
	key  *rsa.PrivateKey
	kid  string
	keys string // address of its keys
}

func newIssuer(t *testing.T, w *world, keys string) *issuer {
	t.Helper()
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	i := &issuer{t, w, k, "k1", keys}
	i.publish(jose.JSONWebKey{Key: &k.PublicKey, KeyID: i.kid, Use: "sig", Algorithm: "RS256"})
	return i
}

func (i *issuer) publish(keys ...jose.JSONWebKey) {
	i.t.Helper()
	data, err := json.Marshal(jose.JSONWebKeySet{Keys: keys})
	if err != nil {
		i.t.Fatal(err)
	}
	i.w.answer(i.keys, 200, string(data))
}

// sign makes a token with the key of the issuer, unless another one is given.
func (i *issuer) sign(claims map[string]any, change ...func(*jose.SigningKey, *jose.SignerOptions)) string {
	i.t.Helper()
	key := jose.SigningKey{Algorithm: jose.RS256, Key: i.key}
	opts := (&jose.SignerOptions{}).WithHeader("kid", i.kid).WithType("JWT")
	for _, c := range change {
		c(&key, opts)
	}
	return signed(i.t, key, opts, claims)
}

func signed(t *testing.T, key jose.SigningKey, opts *jose.SignerOptions, claims map[string]any) string {
	t.Helper()
	s, err := jose.NewSigner(key, opts)
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	jws, err := s.Sign(data)
	if err != nil {
		t.Fatal(err)
	}
	compact, err := jws.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return compact
}

func encoded(v any) string {
	data, _ := json.Marshal(v) // maps of texts and numbers always encode
	return base64.RawURLEncoding.EncodeToString(data)
}

// idClaims are those of a token of Google for the app.
func idClaims(more ...any) map[string]any {
	now := time.Now().Unix()
	return with(map[string]any{"iss": "https://accounts.google.com", "aud": "my-id", "azp": "my-id", "sub": "109", "iat": now, "exp": now + 600,
		"email": "ann@example.com", "email_verified": true, "name": "Ann Lee", "picture": "https://lh3.example.com/a?sz=50"}, more...)
}

func TestIDTokensOfSocialProviders(t *testing.T) {
	const tenant = "72f988bf-86f1-41af-91ab-2d7cd011db47"
	for _, tt := range []struct {
		name, prefix, keys string
		claims             map[string]any
		identifier, email  string
		more               []any
	}{
		{"google", "gp", "www.googleapis.com/oauth2/v3/certs", nil, "gp:109", "ann@example.com", nil},
		{"google", "gp", "www.googleapis.com/oauth2/v3/certs", map[string]any{"iss": "accounts.google.com"}, "gp:109", "ann@example.com", nil},
		{"google", "gp", "www.googleapis.com/oauth2/v3/certs", map[string]any{"email_verified": false}, "gp:109", "@google.com", nil},
		{"facebook", "fb", "limited.facebook.com/.well-known/oauth/openid/jwks/", map[string]any{"iss": "https://www.facebook.com"}, "fb:109", "ann@example.com", nil},
		{"linkedin", "in", "www.linkedin.com/oauth/openid/jwks", map[string]any{"iss": "https://www.linkedin.com/oauth"}, "in:109", "ann@example.com", nil},
		{"slack", "sl", "slack.com/openid/connect/keys", map[string]any{"iss": "https://slack.com", "sub": "U1", "https://slack.com/user_id": "U1", "https://slack.com/team_id": "T1", "https://slack.com/team_name": "Team"}, "sl:U1", "ann@example.com", nil},
		{"microsoft", "ms", "login.microsoftonline.com/common/discovery/v2.0/keys", map[string]any{"iss": "https://login.microsoftonline.com/" + tenant + "/v2.0", "tid": tenant, "oid": "87d349ed-44d7-43e1-9a83-5f2406dee5bd"}, "ms:87d349ed-44d7-43e1-9a83-5f2406dee5bd", "@windowslive.com", nil},
		{"microsoft", "ms", "login.microsoftonline.com/common/discovery/v2.0/keys", map[string]any{"iss": "https://login.microsoftonline.com/" + tenant + "/v2.0", "tid": tenant, "oid": "87d349ed-44d7-43e1-9a83-5f2406dee5bd"}, "ms:87d349ed-44d7-43e1-9a83-5f2406dee5bd", "ann@example.com", []any{"ms_tenant_id", tenant}},
		{"microsoft", "ms", "login.microsoftonline.com/common/discovery/v2.0/keys", map[string]any{"iss": "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0", "tid": "9188040d-6c67-4c5b-b112-36a304b66dad", "oid": "00000000-0000-0000-66f3-3332eca7ea81"}, "ms:66f33332eca7ea81", "@windowslive.com", nil},
	} {
		w := newWorld(t)
		i := newIssuer(t, w, tt.keys)
		w.app("ids", with(map[string]any{tt.prefix + "_app_id": "my-id", tt.prefix + "_secret": "s"}, tt.more...))
		claims := idClaims()
		for k, v := range tt.claims {
			claims[k] = v
		}
		status, u, text := w.signIn("ids", tt.name, i.sign(claims))
		if status != 200 || u["identifier"] != tt.identifier || u["name"] != "Ann Lee" {
			t.Errorf("%s: %d %s\n%s", tt.name, status, text, w.Log())
			continue
		}
		if email, _ := u["email"].(string); email != tt.email && !(strings.HasPrefix(tt.email, "@") && email == u["id"].(string)+tt.email) {
			t.Errorf("%s: address %s, want %s", tt.name, email, tt.email)
		}
		if r := w.requests(); len(r) != 1 || r[0].method != http.MethodGet || r[0].host+r[0].path != tt.keys {
			t.Errorf("%s: asked %v", tt.name, r)
		}
	}
}

// Every way to forge a token, or to use one that was made for something else, fails; nobody is made.
func TestForgedIDTokens(t *testing.T) {
	w := newWorld(t)
	i := newIssuer(t, w, "www.googleapis.com/oauth2/v3/certs")
	app := w.app("forged", map[string]any{"gp_app_id": "my-id", "gp_secret": "my-secret", "ms_app_id": "my-id", "ms_secret": "s", "ms_tenant_id": "72f988bf-86f1-41af-91ab-2d7cd011db47"})
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&i.key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	_, edwards, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	good := i.sign(idClaims())
	if status, _, text := w.signIn("forged", "google", good); status != 200 {
		t.Fatalf("the right token: %d %s\n%s", status, text, w.Log())
	}
	now := time.Now().Unix()
	parts := strings.Split(good, ".")
	hmacOf := func(header map[string]any, key []byte) string {
		text := encoded(header) + "." + encoded(idClaims("sub", "evil"))
		m := hmac.New(sha256.New, key)
		m.Write([]byte(text))
		return text + "." + base64.RawURLEncoding.EncodeToString(m.Sum(nil))
	}
	byKey := func(alg jose.SignatureAlgorithm, key crypto.PrivateKey, kid string) string {
		opts := (&jose.SignerOptions{}).WithHeader("kid", kid)
		return signed(t, jose.SigningKey{Algorithm: alg, Key: key}, opts, idClaims("sub", "evil"))
	}
	embedded := func() string {
		opts := &jose.SignerOptions{EmbedJWK: true}
		return signed(t, jose.SigningKey{Algorithm: jose.RS256, Key: other}, opts, idClaims("sub", "evil"))
	}
	for what, token := range map[string]string{
		"of another issuer":        i.sign(idClaims("iss", "https://evil.example.net")),
		"of no issuer":             i.sign(idClaims("iss", nil)),
		"of an issuer like it":     i.sign(idClaims("iss", "https://accounts.google.com/")),
		"for another client too":   i.sign(idClaims("aud", []any{"my-id", "other"}, "azp", nil)),
		"handed to another client": i.sign(idClaims("azp", "other")),
		"expired":                  i.sign(idClaims("exp", now-1)),
		"without expiry":           i.sign(idClaims("exp", nil)),
		"not valid yet":            i.sign(idClaims("nbf", now+3600)),
		"made in the future":       i.sign(idClaims("iat", now+3600)),
		"alg none":                 encoded(map[string]any{"alg": "none"}) + "." + encoded(idClaims("sub", "evil")) + ".",
		"alg None":                 encoded(map[string]any{"alg": "None", "kid": "k1"}) + "." + encoded(idClaims("sub", "evil")) + ".",
		"alg none, signed":         encoded(map[string]any{"alg": "none", "kid": "k1"}) + "." + encoded(idClaims("sub", "evil")) + "." + parts[2],
		"HMAC with the public key": hmacOf(map[string]any{"alg": "HS256", "kid": "k1", "typ": "JWT"}, public),
		"HMAC with its DER form":   hmacOf(map[string]any{"alg": "HS256", "kid": "k1"}, der),
		"HMAC with the modulus":    hmacOf(map[string]any{"alg": "HS256", "kid": "k1"}, i.key.N.Bytes()),
		"HMAC with the secret":     hmacOf(map[string]any{"alg": "HS256"}, []byte("my-secret")),
		"HMAC with nothing":        hmacOf(map[string]any{"alg": "HS256"}, nil),
		"no algorithm":             encoded(map[string]any{"kid": "k1"}) + "." + encoded(idClaims("sub", "evil")) + "." + parts[2],
		"another key":              byKey(jose.RS256, other, "k1"),
		"another key, its own id":  byKey(jose.RS256, other, "k9"),
		"another key, no id":       byKey(jose.RS256, other, ""),
		"an Edwards key":           byKey(jose.EdDSA, edwards, "k1"),
		"a key that it brings":     embedded(),
		"other claims":             parts[0] + "." + encoded(idClaims("sub", "evil")) + "." + parts[2],
		"no signature":             parts[0] + "." + parts[1] + ".",
		"half a signature":         parts[0] + "." + parts[1] + "." + parts[2][:len(parts[2])/2],
		"critical members":         i.sign(idClaims("sub", "evil"), func(_ *jose.SigningKey, o *jose.SignerOptions) { o.WithCritical("x").WithHeader("x", 1) }),
		"without subject":          i.sign(idClaims("sub", nil)),
		"subject of another kind":  i.sign(idClaims("sub", []any{"evil"})),
	} {
		if status, _, text := w.signIn("forged", "google", token); status != 400 {
			t.Errorf("%s: %d %s", what, status, text)
		}
	}
	// A token for another client is no ID token of this app; as an access token the provider refuses it.
	if status, _, _ := w.signIn("forged", "google", i.sign(idClaims("aud", "other", "azp", "other"))); status != 400 {
		t.Error("a token for another client")
	}
	ms := newIssuer(t, w, "login.microsoftonline.com/common/discovery/v2.0/keys")
	msClaims := func(iss, tid string) map[string]any {
		return idClaims("iss", iss, "tid", tid, "oid", "evil", "azp", nil)
	}
	const tenant = "72f988bf-86f1-41af-91ab-2d7cd011db47"
	for what, claims := range map[string]map[string]any{
		"another tenant":             msClaims("https://login.microsoftonline.com/11111111-1111-1111-1111-111111111111/v2.0", "11111111-1111-1111-1111-111111111111"),
		"another issuer":             msClaims("https://login.microsoftonline.com/11111111-1111-1111-1111-111111111111/v2.0", tenant),
		"no tenant":                  msClaims("https://login.microsoftonline.com//v2.0", ""),
		"a tenant that is a path":    msClaims("https://login.microsoftonline.com/a/../b/v2.0", "a/../b"),
		"an issuer of another place": msClaims("https://evil.example.net/"+tenant+"/v2.0", tenant),
	} {
		if status, _, text := w.signIn("forged", "microsoft", ms.sign(claims)); status != 400 {
			t.Errorf("Microsoft, %s: %d %s", what, status, text)
		}
	}
	if n, err := app.Count(t.Context(), "user"); err != nil || n != 1 {
		t.Errorf("%d users, %v", n, err)
	}
	if signintest.User(t, app, "gp:evil") != nil {
		t.Error("a forged user was made")
	}
	for _, hidden := range []string{parts[2], parts[1], "my-secret"} {
		if strings.Contains(w.Log(), hidden) {
			t.Errorf("the log tells %.40q", hidden)
		}
	}
}

// Keys of Microsoft that say whose tokens they sign sign no others.
func TestKeysOfOneIssuer(t *testing.T) {
	w := newWorld(t)
	const tenant, personal = "72f988bf-86f1-41af-91ab-2d7cd011db47", "9188040d-6c67-4c5b-b112-36a304b66dad"
	i := newIssuer(t, w, "login.microsoftonline.com/common/discovery/v2.0/keys")
	data, err := json.Marshal(jose.JSONWebKey{Key: &i.key.PublicKey, KeyID: "k1", Use: "sig"})
	if err != nil {
		t.Fatal(err)
	}
	publish := func(of string) {
		w.answer(i.keys, 200, `{"keys":[`+strings.TrimSuffix(string(data), "}")+`,"issuer":"`+of+`"}]}`)
	}
	publish("https://login.microsoftonline.com/" + personal + "/v2.0")
	w.app("keys", map[string]any{"ms_app_id": "my-id", "ms_secret": "s"})
	claims := func(tid string) map[string]any {
		return idClaims("iss", "https://login.microsoftonline.com/"+tid+"/v2.0", "tid", tid, "oid", "1", "azp", nil)
	}
	if status, _, text := w.signIn("keys", "microsoft", i.sign(claims(personal))); status != 200 {
		t.Errorf("%d %s\n%s", status, text, w.Log())
	}
	if status, _, text := w.signIn("keys", "microsoft", i.sign(claims(tenant))); status != 400 {
		t.Errorf("the key of personal accounts signs for an organization: %d %s", status, text)
	}
}

func TestIDTokensOfGenericProviders(t *testing.T) {
	w := newWorld(t)
	i := newIssuer(t, w, "id.example.net/keys")
	w.answer("id.example.net/realm/.well-known/openid-configuration", 200, `{"issuer":"https://id.example.net/realm","authorization_endpoint":"https://id.example.net/auth","token_endpoint":"https://id.example.net/token","userinfo_endpoint":"https://id.example.net/me","jwks_uri":"https://id.example.net/keys"}`)
	settings := map[string]any{"oa2_app_id": "my-id", "oa2_secret": "s", "security.oauth.issuer": "https://id.example.net/realm"}
	w.app("known", settings)
	claims := idClaims("iss", "https://id.example.net/realm")
	token := i.sign(claims)
	w.handle("id.example.net/me", func(res http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+accessToken {
			res.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, _ = io.WriteString(res, `{"sub":"109","email":"ann@example.com","email_verified":true,"name":"Ann of the profile"}`)
	})
	for _, tt := range []struct{ text, name string }{
		{token, "Ann Lee"}, {"::" + token, "Ann Lee"}, {"null:null:" + token, "Ann Lee"}, {accessToken + "::" + token, "Ann of the profile"},
		{accessToken, "Ann of the profile"}, {accessToken + ":refresh", "Ann of the profile"}, {"wrong-token::" + token, "Ann Lee"},
	} {
		if status, u, text := w.signIn("known", "oauth2", tt.text); status != 200 || u["identifier"] != "oa2:109" || u["name"] != tt.name {
			t.Errorf("%.20s: %d %s\n%s", tt.text, status, text, w.Log())
		}
	}
	bad := i.sign(idClaims("iss", "https://id.example.net/realm", "aud", "other", "azp", nil))
	for what, text := range map[string]string{
		"for another client": accessToken + "::" + bad, "alone": bad, "no token": accessToken + "::nonsense", "dots": accessToken + "::a.b.c",
		"of somebody else":            accessToken + "::" + i.sign(idClaims("iss", "https://id.example.net/realm", "sub", "110")),
		"an access token in its form": i.sign(idClaims("iss", "https://id.example.net/realm", "sub", "666", "scope", "openid")),
	} {
		if status, _, got := w.signIn("known", "oauth2", text); status != 400 {
			t.Errorf("%s: %d %s", what, status, got)
		}
	}
	// Without an issuer nothing that a client says in an ID token counts (A 25).
	app := w.app("unknown", map[string]any{"oa2_app_id": "my-id", "oa2_secret": "s", "security.oauth.token_url": "https://id.example.net/token", "security.oauth.profile_url": "https://id.example.net/me"})
	forged := encoded(map[string]any{"alg": "none"}) + "." + encoded(map[string]any{"sub": "1", "email": "boss@example.com", "aud": "my-id"}) + ".x"
	boss := newUser(t, app, "boss@example.com", "boss@example.com")
	if status, u, text := w.signIn("unknown", "oauth2", accessToken+"::"+forged); status != 200 || u["identifier"] != "oa2:109" || u["id"] == boss || u["email"] != "ann@example.com" {
		t.Errorf("%d %s", status, text)
	}
	for _, text := range []string{forged, "::" + forged, "wrong-token::" + forged} {
		if status, _, got := w.signIn("unknown", "oauth2", text); status != 400 {
			t.Errorf("%d %s", status, got)
		}
	}
	// An issuer that calls itself otherwise is believed nothing.
	w.app("renamed", with(settings, "security.oauth.issuer", "https://id.example.net/realm/"))
	if status, _, text := w.signIn("renamed", "oauth2", token); status != 400 {
		t.Errorf("%d %s", status, text)
	}
}

// New keys count as soon as a token is signed with one, and tokens with keys that nobody knows do not make the server ask
// for keys again and again.
func TestChangeOfKeys(t *testing.T) {
	w := newWorld(t)
	i := newIssuer(t, w, "www.googleapis.com/oauth2/v3/certs")
	w.app("change", map[string]any{"gp_app_id": "my-id", "gp_secret": "s"})
	if status, _, text := w.signIn("change", "google", i.sign(idClaims())); status != 200 {
		t.Fatal(status, text)
	}
	w.requests()
	unknown := func(_ *jose.SigningKey, o *jose.SignerOptions) { o.WithHeader("kid", "unknown") }
	for range 20 {
		if status, _, _ := w.signIn("change", "google", i.sign(idClaims(), unknown)); status != 400 {
			t.Fatal("an unknown key")
		}
	}
	if n := len(w.requests()); n > 1 {
		t.Errorf("the keys were read %d times", n)
	}
	if status, _, _ := w.signIn("change", "google", i.sign(idClaims())); status != 200 {
		t.Error("the known key counts no more")
	}
}

func TestOtherKindsOfKeys(t *testing.T) {
	for _, curve := range []struct {
		alg jose.SignatureAlgorithm
		c   elliptic.Curve
	}{{jose.ES256, elliptic.P256()}, {jose.ES384, elliptic.P384()}, {jose.ES512, elliptic.P521()}} {
		w := newWorld(t)
		i := newIssuer(t, w, "www.googleapis.com/oauth2/v3/certs")
		k, err := ecdsa.GenerateKey(curve.c, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		small, err := rsa.GenerateKey(rand.Reader, 1024)
		if err != nil {
			t.Fatal(err)
		}
		i.publish(
			jose.JSONWebKey{Key: &small.PublicKey, KeyID: "small"},
			jose.JSONWebKey{Key: []byte("a secret that the issuer shares with everybody"), KeyID: "oct"},
			jose.JSONWebKey{Key: &i.key.PublicKey, KeyID: "enc", Use: "enc"},
			jose.JSONWebKey{Key: &k.PublicKey, KeyID: "ec"},
		)
		w.app("kinds", map[string]any{"gp_app_id": "my-id", "gp_secret": "s"})
		by := func(alg jose.SignatureAlgorithm, key any, kid string) int {
			opts := (&jose.SignerOptions{}).WithHeader("kid", kid)
			status, _, _ := w.signIn("kinds", "google", signed(t, jose.SigningKey{Algorithm: alg, Key: key}, opts, idClaims()))
			return status
		}
		if got := by(curve.alg, k, "ec"); got != 200 {
			t.Errorf("%s: %d\n%s", curve.alg, got, w.Log())
		}
		for what, got := range map[string]int{
			"small": by(jose.RS256, small, "small"), "secret": by(jose.HS256, []byte("a secret that the issuer shares with everybody"), "oct"), "for encryption": by(jose.RS256, i.key, "enc"),
		} {
			if got != 400 {
				t.Errorf("a key that is %s: %d", what, got)
			}
		}
	}
}
