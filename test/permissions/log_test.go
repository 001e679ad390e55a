package permissions

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/erudika/para-go/internal/sigv4"
	"github.com/erudika/para-go/internal/token"
)

// logged keeps everything that is logged.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// Whatever happens, and however much is logged, no secret is: not in what succeeds, not in what fails.
func TestNoSecretInTheLog(t *testing.T) {
	log := new(logged)
	s := start(t, slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.Level(-100)})),
		"para.debug_request_signatures = true", "para.access_log_enabled = true", "para.security.allow_unverified_emails = true")
	secrets := map[string]string{"root secret": rootSecret}
	app := s.app("shop")
	secrets["app secret"] = app.keys.Secret
	send := func(c *caller, method, target, body string, want int, header ...string) reply {
		t.Helper()
		a := c.send(method, target, body, header...)
		if a.status != want {
			t.Fatalf("%s %s as %s: %s, want %d", method, target, c.name, a, want)
		}
		return a
	}
	nobody := app.nobody()

	// Signing up and in, right and wrong, at both doors.
	const password, wrong = "my-password-1", "wrong-password-2"
	secrets["password"], secrets["wrong password"] = password, wrong
	body := func(provider, text string) string {
		b, err := json.Marshal(map[string]string{"appid": "app:shop", "provider": provider, "token": text})
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	access := func(a reply) string {
		var session struct {
			JWT struct {
				Token string `json:"access_token"`
			}
		}
		if err := json.Unmarshal(a.body, &session); err != nil || session.JWT.Token == "" {
			t.Fatalf("no token in %s: %v", a, err)
		}
		return session.JWT.Token
	}
	secrets["first token"] = access(send(nobody, "POST", "/jwt_auth", body("password", "ann@x.co:Ann:"+password), 200))
	second := access(send(nobody, "POST", "/jwt_auth", body("password", "ann@x.co::"+password), 200))
	secrets["second token"] = second
	send(nobody, "POST", "/jwt_auth", body("password", "ann@x.co::"+wrong), 400)
	send(nobody, "POST", "/jwt_auth", body("password", "bob@x.co:Bob:short-2"), 400)
	send(nobody, "POST", "/jwt_auth", body("facebook", "a-token-of-a-provider"), 400)
	send(nobody, "POST", "/jwt_auth", `{"token":"half-a-token-of-a-body`, 400)
	secrets["short password"], secrets["provider's token"], secrets["broken body"] = "short-2", "a-token-of-a-provider", "half-a-token-of-a-body"
	form := url.Values{"appid": {"shop"}, "email": {"ann@x.co"}, "password": {wrong}}.Encode()
	nobody.send("POST", "/password_auth", form, "Content-Type", "application/x-www-form-urlencoded")
	form = url.Values{"appid": {"shop"}, "email": {"ann@x.co"}, "password": {password}}.Encode()
	cookie := nobody.send("POST", "/password_auth", form, "Content-Type", "application/x-www-form-urlencoded").header.Get("Set-Cookie")
	if value, _, ok := strings.Cut(strings.TrimPrefix(cookie, "shop-auth="), ";"); ok && len(value) > 40 {
		secrets["cookie"] = value
	}
	customer, err := token.IssueID(token.Profile{AppID: "app:shop", Identifier: "custom:1", Email: "eve@x.co", Name: "Eve"}, "not-the-key-of-this-app-but-one-of-many", time.Minute, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	secrets["custom token"] = customer
	send(nobody, "POST", "/jwt_auth", body("passwordless", customer), 400)
	nobody.send("GET", "/passwordless_auth?appid=shop&token="+customer, "")

	// Tokens, good and bad, in the header and in the address.
	third := access(send(nobody, "POST", "/jwt_auth", body("password", "ann@x.co::"+password), 200))
	secrets["third token"] = third
	ann := &caller{place: s, bearer: third, name: "ann"}
	send(ann, "GET", "/v1/_me", "", 200)
	send(ann, "GET", "/v1/cat", "", 403)
	send(nobody, "GET", "/v1/_me?Authorization=Bearer+"+third, "", 200)
	send(nobody, "GET", "/jwt_auth?Authorization=Bearer+"+second, "", 401)
	send(&caller{place: s, bearer: second, name: "old"}, "GET", "/v1/cat", "", 401)
	send(&caller{place: s, bearer: third + "x", name: "changed"}, "GET", "/v1/cat", "", 401)
	super, err := token.IssueSuper("app:shop", "", app.keys.Secret, time.Hour, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	secrets["super token"] = super
	send(&caller{place: s, bearer: super, name: "super"}, "GET", "/v1/_me", "", 200)

	// Signed requests that are refused and explained.
	forged := &caller{place: s, keys: sigv4.Credentials{AccessKey: "app:shop", Secret: "a-secret-that-is-not-right-at-all"}, name: "forged"}
	secrets["forged secret"] = forged.keys.Secret
	send(forged, "POST", "/v1/cat", `{"name":"Tom"}`, 403)
	send(forged, "GET", "/v1/_me?Authorization=Bearer+"+third, "", 403)

	// Data with secrets in it.
	send(app, "PUT", "/v1/_settings", `{"google_secret":"secret-of-google","security":{"ldap.password":"secret-of-ldap"}}`, 200)
	send(app, "PUT", "/v1/_settings/app_secret_key", `{"value":"secret-of-the-app-settings"}`, 200)
	send(app, "POST", "/v1/webhook", `{"targetUrl":"http://localhost:1/x","secret":"secret-of-the-webhook","active":true,"create":true,"typeFilter":"*"}`, 201)
	send(app, "POST", "/v1/user", `{"identifier":"joe@x.co","email":"joe@x.co","name":"Joe","tokenSecret":"secret-of-joe","twoFAkey":"second-factor"}`, 201)
	send(app, "POST", "/v1/user", `{"identifier":"joe@x.co","email":"broken","name":"Joe","tokenSecret":"secret-of-joe"}`, 400)
	send(app, "PATCH", "/v1/sysprop/joe@x.co", `{"password":"$2b$12$abcdefghijklmnopqrstuu","token":"reset-token-of-joe"}`, 200)
	for _, text := range []string{"secret-of-google", "secret-of-ldap", "secret-of-the-app-settings", "secret-of-the-webhook", "secret-of-joe", "second-factor", "$2b$12$", "reset-token-of-joe"} {
		secrets[text] = text
	}

	// New keys, and what fails with the old ones.
	var made struct{ SecretKey string }
	if err := json.Unmarshal(send(app, "POST", "/v1/_newkeys", "", 200).body, &made); err != nil || made.SecretKey == "" {
		t.Fatal("no new keys")
	}
	secrets["new secret"] = made.SecretKey
	send(app, "GET", "/v1/cat", "", 403)
	var credentials struct{ Credentials struct{ SecretKey string } }
	root, err := token.IssueSuper("app:para", "app:shop", rootSecret, time.Hour, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	secrets["root token"] = root
	if err := json.Unmarshal(send(&caller{place: s, bearer: root, name: "root"}, "GET", "/v1/_me", "", 200).body, &credentials); err != nil || credentials.Credentials.SecretKey != made.SecretKey {
		t.Errorf("the root app does not get the keys: %v", err)
	}
	send(ann, "DELETE", "/jwt_auth", "", 401) // the app's keys are other ones now

	text := log.String()
	if n := strings.Count(text, "\n"); n < 30 || !strings.Contains(text, "signature explained") || !strings.Contains(text, "status=403") {
		t.Fatalf("the log holds only %d lines:\n%s", n, text)
	}
	for name, secret := range secrets {
		if i := strings.Index(text, secret); i >= 0 {
			line := text[strings.LastIndexByte(text[:i], '\n')+1:]
			line, _, _ = strings.Cut(line, "\n")
			t.Errorf("the %s is in the log: %.400s", name, line)
		}
		// The claims alone tell who somebody is, the signature makes the token.
		if parts := strings.Split(secret, "."); len(parts) == 3 && strings.Contains(text, parts[2]) {
			t.Errorf("the signature of the %s is in the log", name)
		}
	}
	if len(secrets) < 23 {
		t.Errorf("only %d secrets were looked for", len(secrets))
	}
}
