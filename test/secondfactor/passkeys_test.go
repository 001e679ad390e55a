package secondfactor

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"
	para "github.com/erudika/para-go"
)

func passkeySettings(more ...map[string]any) map[string]any {
	s := map[string]any{"security.passkeys": true, "security.passkeys_rp_id": "example.com", "security.passkeys_origins": "https://example.com, https://app.example.com/"}
	for _, m := range more {
		for k, v := range m {
			s[k] = v
		}
	}
	return s
}

var party = virtualwebauthn.RelyingParty{Name: "shop", ID: "example.com", Origin: "https://app.example.com"}

// device is an authenticator with one passkey of a user.
type device struct {
	auth virtualwebauthn.Authenticator
	cred virtualwebauthn.Credential
	id   string
}

func newDevice(user string) *device {
	d := &device{auth: virtualwebauthn.NewAuthenticatorWithOptions(virtualwebauthn.AuthenticatorOptions{UserHandle: []byte(user)})}
	d.cred = newCredential()
	return d
}

// newCredential makes a key. The library leaves zeros at the beginning of a coordinate out, which the standard forbids: such
// keys are not taken.
func newCredential() virtualwebauthn.Credential {
	for {
		c := virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2)
		if len(c.Key.AttestationData()) == 77 {
			return c
		}
	}
}

// create answers the options of a registration.
func (d *device) create(t *testing.T, rp virtualwebauthn.RelyingParty, options string) string {
	t.Helper()
	o, err := virtualwebauthn.ParseAttestationOptions(options)
	must(t, err)
	return virtualwebauthn.CreateAttestationResponse(rp, d.auth, d.cred, *o)
}

// get answers the options of a sign-in.
func (d *device) get(t *testing.T, rp virtualwebauthn.RelyingParty, options string) string {
	t.Helper()
	o, err := virtualwebauthn.ParseAssertionOptions(options)
	must(t, err)
	return virtualwebauthn.CreateAssertionResponse(rp, d.auth, d.cred, *o)
}

func (w *world) add(token, name, credential string) reply {
	w.t.Helper()
	return w.as(token, "POST", "/v1/_me/passkeys", fmt.Sprintf(`{"name":%q,"credential":%s}`, name, credential))
}

// passkey registers a passkey for a user who is signed in.
func (w *world) passkey(user, token string) *device {
	w.t.Helper()
	d := newDevice(user)
	options := w.as(token, "POST", "/v1/_me/passkeys/options", "").want(w.t, 200, `"userVerification":"required"`, `"residentKey":"required"`)
	d.id = member(w.t, w.add(token, "Phone", d.create(w.t, party, options.body)).want(w.t, 201, `"name":"Phone"`).body, "id")
	return d
}

func (w *world) options() string {
	w.t.Helper()
	return w.do(browser(w.t), "GET", "/passkey_auth/options?appid=shop", "").want(w.t, 200, "challenge").body
}

func TestPasskey(t *testing.T) {
	w := newWorld(t, passkeySettings())
	u := w.user(address)
	token := w.jwt("password", address+"::"+password).want(t, 200).JWT.AccessToken
	d := w.passkey(u.ID(), token)
	in := w.jwt("passkey", d.get(t, party, w.options())).want(t, 200, u.ID())
	token = in.JWT.AccessToken
	w.as(token, "GET", "/v1/_me/passkeys", "").want(t, 200, `"name":"Phone"`, `"used":`)
	w.as(token, "PATCH", "/v1/_me/passkeys/"+d.id, `{"name":"Old phone"}`).want(t, 200, "Old phone")
	w.as(token, "PATCH", "/v1/_me/passkeys/none", `{"name":"x"}`).want(t, 404)
	w.as(token, "PATCH", "/v1/_me/passkeys/"+d.id, fmt.Sprintf(`{"name":%q}`, strings.Repeat("x", 101))).want(t, 400)

	// Nobody else sees or touches it; neither the key nor the record of it is in an answer.
	w.user("bob@example.com")
	bob := w.jwt("password", "bob@example.com::"+password).want(t, 200).JWT.AccessToken
	w.as(bob, "GET", "/v1/_me/passkeys", "").want(t, 200, "[]")
	w.as(bob, "DELETE", "/v1/_me/passkeys/"+d.id, "").want(t, 404)
	for _, got := range []reply{w.as(token, "GET", "/v1/_me", ""), w.signed("GET", "/v1/user/"+u.ID(), ""), w.signed("GET", "/v1/users", ""), w.as(token, "GET", "/v1/_me/passkeys", "")} {
		if got.status != 200 || strings.Contains(got.body, "authenticators") || strings.Contains(got.body, `"key"`) {
			t.Errorf("%d %s", got.status, got.body)
		}
	}

	w.as(token, "DELETE", "/v1/_me/passkeys/"+d.id, "").want(t, 200)
	w.jwt("passkey", d.get(t, party, w.options())).want(t, 400)
}

// A passkey stands for both factors, for every mode of the second one.
func TestPasskeyIsBothFactors(t *testing.T) {
	for _, mode := range []string{"optional", "required"} {
		w := newWorld(t, passkeySettings(map[string]any{"security.second_factor": mode}))
		ann := w.enrol(address)
		w.as(ann.token, "POST", "/v1/_me/passkeys/options", "").want(t, 400) // a session alone, which may be stolen
		d := newDevice(ann.id)
		options := w.as(ann.token, "POST", "/v1/_me/passkeys/options", fmt.Sprintf(`{"code":%q}`, code(t, ann.secret, w.now()))).want(t, 200)
		w.add(ann.token, "", d.create(t, party, options.body)).want(t, 201)
		in := w.jwt("passkey", d.get(t, party, w.options())).want(t, 200, ann.id)
		w.as(in.JWT.AccessToken, "GET", "/v1/_me/second_factor", "").want(t, 200, `"passkeys":1`)
		asked := w.jwt("password", address+"::"+password).want(t, 401)
		if got := strings.Join(asked.SecondFactor.Methods, " "); got != "totp backup_code passkey" {
			t.Error(got)
		}
	}
}

// Where a second factor is required and somebody has only a passkey, a stolen password sets up no other factor, and the
// passkey cannot be taken away.
func TestPasskeyOnly(t *testing.T) {
	w := newWorld(t, passkeySettings())
	u := w.user(address)
	d := w.passkey(u.ID(), w.jwt("password", address+"::"+password).want(t, 200).JWT.AccessToken)
	w.settings("shop", passkeySettings(map[string]any{"security.second_factor": "required"}))
	for name, sign := range w.ways() {
		asked := sign().want(t, 401)
		if asked.SecondFactor.Challenge != "" || asked.SecondFactor.Secret != "" || strings.Join(asked.SecondFactor.Methods, "") != "passkey" {
			t.Errorf("%s: %s", name, asked.body)
		}
	}
	w.form(browser(t), "/password_auth", url.Values{"appid": {"shop"}, "email": {address}, "password": {password}}).want(t, 401, "/passkey_auth?appid=shop")
	token := w.jwt("passkey", d.get(t, party, w.options())).want(t, 200).JWT.AccessToken
	w.as(token, "GET", "/jwt_auth", "").want(t, 200)
	token = w.jwt("passkey", d.get(t, party, w.options())).want(t, 200).JWT.AccessToken
	w.as(token, "DELETE", "/v1/_me/passkeys/"+d.id, "").want(t, 400, "requires")
}

// What is not exactly right signs nobody in.
func TestPasskeyRefusals(t *testing.T) {
	w := newWorld(t, passkeySettings())
	w.makeApp("other", passkeySettings())
	u := w.user(address)
	token := w.jwt("password", address+"::"+password).want(t, 200).JWT.AccessToken
	d := w.passkey(u.ID(), token)
	refused := func(name, answer string) {
		t.Helper()
		if got := w.jwt("passkey", answer); got.status != 400 || got.JWT.AccessToken != "" {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
	elsewhere := party
	elsewhere.Origin = "https://evil.example.net"
	refused("another origin", d.get(t, elsewhere, w.options()))
	elsewhere = party
	elsewhere.ID = "example.net"
	refused("another party", d.get(t, elsewhere, w.options()))
	unverified := *d
	unverified.auth.Options.UserNotVerified = true
	refused("nobody was verified", unverified.get(t, party, w.options()))
	absent := *d
	absent.auth.Options.UserNotPresent = true
	refused("nobody was there", absent.get(t, party, w.options()))
	forged := *d
	forged.cred.Key = newCredential().Key
	refused("another key", forged.get(t, party, w.options()))
	backedUp := *d
	backedUp.auth.Options.BackupEligible = true
	refused("another kind of key", backedUp.get(t, party, w.options()))
	bob := w.user("bob@example.com")
	stolen := *d
	stolen.auth.Options.UserHandle = []byte(bob.ID())
	refused("another user", stolen.get(t, party, w.options()))
	refused("the options of a registration", d.get(t, party, w.as(token, "POST", "/v1/_me/passkeys/options", "").body))
	for _, odd := range []string{"", "{}", "null", "[]", `{"id":1}`, strings.Repeat("{", 1000), d.get(t, party, w.options())[1:], strings.Repeat("x", 1<<17)} {
		refused("nonsense", odd)
	}
	old := w.options()
	w.advance(5 * time.Minute)
	refused("too late", d.get(t, party, old))
	var o map[string]map[string]any
	must(t, json.Unmarshal([]byte(old), &o))
	o["publicKey"]["challenge"] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	own, err := json.Marshal(o)
	must(t, err)
	refused("a challenge of one's own", d.get(t, party, string(own)))
	foreign := w.do(browser(t), "GET", "/passkey_auth/options?appid=other", "").want(t, 200).body
	refused("a challenge of another app", d.get(t, party, foreign))

	answer := d.get(t, party, w.options())
	w.jwt("passkey", answer).want(t, 200)
	refused("a second time", answer)
	var all sync.WaitGroup
	answer = d.get(t, party, w.options())
	status := make(chan int, 6)
	for range cap(status) {
		all.Go(func() { status <- w.jwt("passkey", answer).status })
	}
	all.Wait()
	in := 0
	for range cap(status) {
		if <-status == 200 {
			in++
		}
	}
	if in != 1 {
		t.Errorf("%d of them got in with one answer", in)
	}

	w.change(u.ID(), map[string]any{"active": false})
	refused("inactive", d.get(t, party, w.options()))
	w.change(u.ID(), map[string]any{"active": true})
	answer = d.get(t, party, w.options())
	w.settings("shop", map[string]any{"security.passkeys": false, "security.passkeys_rp_id": "example.com"})
	refused("switched off", answer)
	w.do(browser(t), "GET", "/passkey_auth/options?appid=shop", "").want(t, 404)
	w.do(browser(t), "GET", "/passkey_auth?appid=none", "").want(t, 404)
	token = w.jwt("password", address+"::"+password).want(t, 200).JWT.AccessToken
	w.as(token, "POST", "/v1/_me/passkeys/options", "").want(t, 404)
	for _, half := range []map[string]any{{"security.passkeys": true}, {"security.passkeys": true, "security.passkeys_rp_id": "https://example.com"},
		{"security.passkeys": true, "security.passkeys_rp_id": "example.com", "security.passkeys_origins": "https://example.net"},
		{"security.passkeys": true, "security.passkeys_rp_id": "example.com", "security.passkeys_origins": "http://example.com"}} {
		w.settings("shop", half)
		w.as(token, "POST", "/v1/_me/passkeys/options", "").want(t, 404)
	}
}

// A device whose counter does not go on was copied.
func TestCounter(t *testing.T) {
	w := newWorld(t, passkeySettings())
	u := w.user(address)
	d := w.passkey(u.ID(), w.jwt("password", address+"::"+password).want(t, 200).JWT.AccessToken)
	for _, c := range []struct {
		counter uint32
		status  int
	}{{0, 200}, {5, 200}, {5, 400}, {4, 400}, {0, 400}, {6, 200}} {
		d.cred.Counter = c.counter
		if got := w.jwt("passkey", d.get(t, party, w.options())); got.status != c.status {
			t.Errorf("counter %d: %d, want %d", c.counter, got.status, c.status)
		}
	}
}

// A registration counts once, for the user who began it, and only with a device that verified its holder.
func TestRegistration(t *testing.T) {
	w := newWorld(t, passkeySettings())
	u := w.user(address)
	w.user("bob@example.com")
	token := w.jwt("password", address+"::"+password).want(t, 200).JWT.AccessToken
	bob := w.jwt("password", "bob@example.com::"+password).want(t, 200).JWT.AccessToken
	begin := func() string { return w.as(token, "POST", "/v1/_me/passkeys/options", "{}").want(t, 200).body }
	d := newDevice(u.ID())
	answer := d.create(t, party, begin())
	w.add(bob, "", answer).want(t, 400)
	w.add(token, "", answer).want(t, 201)
	w.add(token, "", answer).want(t, 400)
	w.add(token, "", d.create(t, party, begin())).want(t, 400, "registered already")
	unverified := newDevice(u.ID())
	unverified.auth.Options.UserNotVerified = true
	w.add(token, "", unverified.create(t, party, begin())).want(t, 400)
	elsewhere := party
	elsewhere.Origin = "https://evil.example.net"
	w.add(token, "", newDevice(u.ID()).create(t, elsewhere, begin())).want(t, 400)
	w.add(token, "", newDevice(u.ID()).create(t, party, w.options()+"")).want(t, 400)
	late := begin()
	w.advance(5 * time.Minute)
	w.add(token, "", newDevice(u.ID()).create(t, party, late)).want(t, 400)
	for _, odd := range []string{"null", `"x"`, "{}", "[]", "1"} {
		w.add(token, "", odd).want(t, 400)
	}
	w.as(token, "POST", "/v1/_me/passkeys", "").want(t, 400)
	for range 15 {
		w.add(token, "", newDevice(u.ID()).create(t, party, begin())).want(t, 201)
	}
	w.as(token, "POST", "/v1/_me/passkeys/options", "").want(t, 400, "16")
	if strings.Contains(w.as(bob, "POST", "/v1/_me/passkeys/options", "").want(t, 200).body, u.ID()) {
		t.Error("the options of Bob tell of Ann")
	}
}

var shownOptions = regexp.MustCompile(`data-options="([^"]+)"`)

// The page signs in the browser that got it, and no other.
func TestPasskeyPage(t *testing.T) {
	w := newWorld(t, passkeySettings())
	u := w.user(address)
	d := w.passkey(u.ID(), w.jwt("password", address+"::"+password).want(t, 200).JWT.AccessToken)
	load := func(c *http.Client) (options string, f url.Values) {
		page := w.do(c, "GET", "/passkey_auth?appid=shop", "").want(t, 200, "Use a passkey")
		if p := page.header.Get("Content-Security-Policy"); !strings.Contains(p, "script-src 'sha256-") || strings.Contains(p, "script-src 'unsafe") {
			t.Error(p)
		}
		return html.UnescapeString(shownOptions.FindStringSubmatch(page.body)[1]), fields(page.body)
	}
	mine, victim := browser(t), browser(t)
	options, f := load(mine)
	f.Set("credential", d.get(t, party, options))
	if to := w.form(victim, "/passkey_auth", f).want(t, 302).header.Get("Location"); !strings.Contains(to, "out?cause=") {
		t.Errorf("another browser went to %s", to)
	}
	load(victim)
	if to := w.form(victim, "/passkey_auth", f).want(t, 302).header.Get("Location"); !strings.Contains(to, "out?cause=") {
		t.Errorf("another browser went to %s", to)
	}
	if to := w.form(mine, "/passkey_auth", f).want(t, 302).header.Get("Location"); !strings.HasPrefix(to, "https://app.example.com/in?jwt=ey") {
		t.Errorf("went to %s", to)
	}
	f.Set("credential", "nonsense")
	w.form(mine, "/passkey_auth", f).want(t, 302)
}

// Passkeys and second factors go with the user: into exports and back, and away with it.
func TestWhatBelongsToTheUser(t *testing.T) {
	w := newWorld(t, passkeySettings(map[string]any{"security.second_factor": "optional"}))
	ann := w.enrol(address)
	d := newDevice(ann.id)
	options := w.as(ann.token, "POST", "/v1/_me/passkeys/options", fmt.Sprintf(`{"code":%q}`, code(t, ann.secret, w.now()))).want(t, 200)
	w.add(ann.token, "", d.create(t, party, options.body)).want(t, 201)
	before, _ := w.stored(ann.id).Raw("authenticators")
	export := w.signed("GET", "/v1/_export", "").want(t, 200).body
	w.signed("DELETE", "/v1/user/"+ann.id, "").want(t, 200)
	w.jwt("passkey", d.get(t, party, w.options())).want(t, 400)
	w.importing(export)
	after, _ := w.stored(ann.id).Raw("authenticators")
	if string(before) != string(after) || len(after) == 0 {
		t.Errorf("%s became %s", before, after)
	}
	w.jwt("passkey", d.get(t, party, w.options())).want(t, 200, ann.id)
	w.advance(time.Minute)
	w.answer(w.challenge(), code(t, ann.secret, w.now())).want(t, 200)

	// Apps that write the user as a whole take nothing away; a user that is made anew has nothing.
	w.signed("PUT", "/v1/user/"+ann.id, `{"name":"Ann","identifier":"ann@example.com","email":"ann@example.com","active":true}`).want(t, 200)
	w.jwt("passkey", d.get(t, party, w.options())).want(t, 200, ann.id)
	w.signed("DELETE", "/v1/user/"+ann.id, "").want(t, 200)
	w.signed("POST", "/v1/user", fmt.Sprintf(`{"id":%q,"name":"Ann","identifier":"ann@example.com","email":"ann@example.com","active":true,"authenticators":%s}`, ann.id, before)).want(t, 201)
	w.jwt("passkey", d.get(t, party, w.options())).want(t, 400)
}

// Passkeys work while the app is read-only: every answer is a new one.
func TestPasskeyInReadOnlyApp(t *testing.T) {
	w := newWorld(t, passkeySettings())
	u := w.user(address)
	d := w.passkey(u.ID(), w.jwt("password", address+"::"+password).want(t, 200).JWT.AccessToken)
	_, err := w.eng.ChangeApp(context.Background(), "app:shop", func(o *para.Object) error { return o.Set("readOnly", true) })
	must(t, err)
	answer := d.get(t, party, w.options())
	w.jwt("passkey", answer).want(t, 200)
	w.jwt("passkey", answer).want(t, 400)
}
