package oauth

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"golang.org/x/text/language"
)

// openID is a real OpenID provider in this process.
type openID struct {
	issuer string
	mu     sync.Mutex
	calls  map[string]int // by path
}

func (o *openID) count(path string) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.calls[path]
}

// people are the users of the provider.
type people map[string]*storage.User

func (p people) GetUserByID(id string) *storage.User { return p[id] }
func (p people) ExampleClientID() string             { return "service" }
func (p people) GetUserByUsername(name string) *storage.User {
	for _, u := range p {
		if u.Username == name {
			return u
		}
	}
	return nil
}

func person(id, name, email string, verified bool) *storage.User {
	return &storage.User{ID: id, Username: name, Password: "pass-of-" + name, FirstName: strings.ToUpper(name[:1]) + name[1:], LastName: "Person",
		Email: email, EmailVerified: verified, PreferredLanguage: language.English}
}

var clients sync.Mutex // the clients of the provider are shared by the whole process

// startOpenID starts a provider that sends browsers back to a server of Para.
func startOpenID(t *testing.T, w *world, users people) (o *openID, id, secret string) {
	t.Helper()
	o = &openID{calls: map[string]int{}}
	var handler http.Handler
	s := httptest.NewServer(http.HandlerFunc(func(res http.ResponseWriter, r *http.Request) {
		o.mu.Lock()
		o.calls[r.URL.Path]++
		o.mu.Unlock()
		handler.ServeHTTP(res, r)
	}))
	t.Cleanup(s.Close)
	o.issuer = s.URL
	id, secret = "para-"+strings.ReplaceAll(t.Name(), "/", "-"), "secret-of-para"
	clients.Lock()
	storage.RegisterClients(storage.WebClient(id, secret, w.endpoint+"/oauth2_auth", w.endpoint+"/oauth2second_auth"))
	clients.Unlock()
	handler = exampleop.SetupServer(o.issuer, storage.NewStorage(users), slog.New(slog.DiscardHandler), false)
	return o, id, secret
}

var authRequest = regexp.MustCompile(`name="id" value="([^"]+)"`)

// consent signs in at the provider and returns the address that it sends the browser back to.
func (b *browser) consent(at, name, password string) string {
	b.t.Helper()
	p := b.get(at)
	if p.status != http.StatusFound {
		b.t.Fatalf("authorization endpoint: %d %s", p.status, p.body)
	}
	base, err := url.Parse(at)
	if err != nil {
		b.t.Fatal(err)
	}
	follow := func(to string) string {
		u, err := base.Parse(to)
		if err != nil {
			b.t.Fatal(err)
		}
		return u.String()
	}
	form := b.get(follow(p.location))
	m := authRequest.FindStringSubmatch(form.body)
	if m == nil {
		b.t.Fatalf("sign-in page: %d %s", form.status, form.body)
	}
	done := b.send(http.MethodPost, follow("/login/username"), url.Values{"id": {m[1]}, "username": {name}, "password": {password}})
	if done.status != http.StatusFound {
		b.t.Fatalf("sign in: %d %s", done.status, done.body)
	}
	back := b.get(follow(done.location))
	if back.status != http.StatusFound {
		b.t.Fatalf("back: %d %s", back.status, back.body)
	}
	return back.location
}

func generic(o *openID, id, secret string) map[string]any {
	return map[string]any{
		"oa2_app_id": id, "oa2_secret": secret, "security.oauth.issuer": o.issuer, "security.oauth.scope": "openid profile email",
		"signin_success": "https://app.example.com/in?jwt=id", "signin_failure": "https://app.example.com/out?cause=?",
	}
}

const failedTo = "https://app.example.com/out?cause="

func TestOpenIDProvider(t *testing.T) {
	w := newWorld(t)
	users := people{
		"1001": person("1001", "ann", "ann@example.com", true),
		"1002": person("1002", "bob", "ann@example.com", false), // an address that is not his
		"1003": person("1003", "cid", "cid@example.com", true),
	}
	o, id, secret := startOpenID(t, w, users)
	app := w.app("oidc", generic(o, id, secret))

	begin := func(b *browser) page { return b.get(w.endpoint + "/oauth2_auth/start?appid=oidc") }

	t.Run("sign in", func(t *testing.T) {
		b := newBrowser(t)
		p := begin(b)
		at, err := url.Parse(p.location)
		if err != nil || p.status != http.StatusFound || !strings.HasPrefix(p.location, o.issuer) {
			t.Fatalf("begin: %d %s", p.status, p.location)
		}
		q := at.Query()
		for name, want := range map[string]string{
			"response_type": "code", "client_id": id, "redirect_uri": w.endpoint + "/oauth2_auth", "scope": "openid profile email", "code_challenge_method": "S256",
		} {
			if q.Get(name) != want {
				t.Errorf("%s is %q, want %q", name, q.Get(name), want)
			}
		}
		if len(q.Get("nonce")) != 43 || len(q.Get("code_challenge")) != 43 || !strings.HasPrefix(q.Get("state"), "oidc||") || len(q.Get("state")) != 6+43 {
			t.Errorf("nonce %q, challenge %q, state %q", q.Get("nonce"), q.Get("code_challenge"), q.Get("state"))
		}
		cookie := p.header.Get("Set-Cookie")
		if !strings.Contains(cookie, "; HttpOnly; SameSite=Lax") || !strings.Contains(cookie, "; Max-Age=600") || strings.Contains(p.location, strings.Split(strings.Split(cookie, ";")[0], "=")[1]) {
			t.Errorf("cookie %q", cookie)
		}
		back := b.consent(p.location, "ann", "pass-of-ann")
		done := b.get(back)
		if done.status != http.StatusFound || !strings.HasPrefix(done.location, "https://app.example.com/in?jwt=ey") {
			t.Fatalf("end: %d %s\n%s", done.status, done.location, w.log)
		}
		if c := done.header.Get("Set-Cookie"); !strings.Contains(c, "Max-Age=0") {
			t.Errorf("the cookie of the flow stays: %q", c)
		}
		// What the application does with it.
		_, jwt, _ := strings.Cut(done.location, "jwt=")
		if status, u, text := w.signIn("oidc", "passwordless", jwt); status != 200 || u["identifier"] != "oa2:1001" || u["email"] != "ann@example.com" || u["name"] != "Ann Person" || u["active"] != true {
			t.Errorf("%d %s", status, text)
		}
		// The same answer a second time: the state has been used, and so has the code.
		if again := b.get(back); again.location != failedTo+"Bad%20credentials." {
			t.Errorf("replay: %d %s", again.status, again.location)
		}
	})
	t.Run("again, the same user", func(t *testing.T) {
		b := newBrowser(t)
		if done := b.get(b.consent(begin(b).location, "ann", "pass-of-ann")); !strings.HasPrefix(done.location, "https://app.example.com/in?jwt=ey") {
			t.Fatal(done.location)
		}
		if n, err := app.Count(t.Context(), "user"); err != nil || n != 1 {
			t.Errorf("%d users, %v", n, err)
		}
	})
	t.Run("a replay with the cookie of the first time", func(t *testing.T) {
		b := newBrowser(t)
		p := begin(b)
		cookie, _, _ := strings.Cut(p.header.Get("Set-Cookie"), ";")
		back := b.consent(p.location, "ann", "pass-of-ann")
		if done := b.get(back); !strings.HasPrefix(done.location, "https://app.example.com/in") {
			t.Fatal(done.location)
		}
		other := newBrowser(t)
		if again := other.send("GET", back, nil, "Cookie", cookie); again.location != failedTo+"Bad%20credentials." {
			t.Errorf("%d %s", again.status, again.location)
		}
		if !strings.Contains(w.log.String(), "its state was used before") {
			t.Error("the log does not say why")
		}
	})
	t.Run("another browser", func(t *testing.T) {
		victim, attacker := newBrowser(t), newBrowser(t)
		back := attacker.consent(begin(attacker).location, "cid", "pass-of-cid")
		if p := victim.get(back); p.location != failedTo+"Bad%20credentials." {
			t.Errorf("a foreign flow ends here: %s", p.location)
		}
		if user(t, app, "oa2:1003") != nil {
			t.Error("its user was made")
		}
	})
	t.Run("a changed state", func(t *testing.T) {
		for _, change := range []func(string) string{
			func(s string) string { return strings.Replace(s, "oidc||", "oidc|0|", 1) },
			func(s string) string { return s[:len(s)-1] + "x" },
			func(s string) string { return strings.Replace(s, "oidc||", "other||", 1) },
			func(s string) string { return "oidc||" },
			func(s string) string { return "oidc||" + strings.Repeat("é", 43) },
		} {
			b := newBrowser(t)
			at, err := url.Parse(b.consent(begin(b).location, "cid", "pass-of-cid"))
			if err != nil {
				t.Fatal(err)
			}
			q := at.Query()
			q.Set("state", change(q.Get("state")))
			q.Set("appid", "oidc")
			at.RawQuery = q.Encode()
			if p := b.get(at.String()); p.location != failedTo+"Bad%20credentials." {
				t.Errorf("state %q: %d %s", q.Get("state"), p.status, p.location)
			}
		}
	})
	t.Run("a code of another flow", func(t *testing.T) {
		b := newBrowser(t)
		first, second := begin(b).location, begin(b).location
		one, err1 := url.Parse(b.consent(first, "cid", "pass-of-cid"))
		two, err2 := url.Parse(b.consent(second, "ann", "pass-of-ann"))
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		q := two.Query()
		q.Set("code", one.Query().Get("code")) // injected into a flow with another challenge and nonce
		two.RawQuery = q.Encode()
		if p := b.get(two.String()); p.location != failedTo+"Bad%20credentials." {
			t.Errorf("%s", p.location)
		}
		if p := b.get(one.String()); user(t, app, "oa2:1003") != nil && strings.HasPrefix(p.location, failedTo) {
			t.Errorf("%s", p.location)
		}
	})
	t.Run("an address that is not verified takes over nothing", func(t *testing.T) {
		before := user(t, app, "oa2:1001")
		b := newBrowser(t)
		done := b.get(b.consent(begin(b).location, "bob", "pass-of-bob"))
		if !strings.HasPrefix(done.location, "https://app.example.com/in?jwt=ey") {
			t.Fatalf("%s\n%s", done.location, w.log)
		}
		bob, ann := user(t, app, "oa2:1002"), user(t, app, "oa2:1001")
		if bob == nil || ann == nil || bob.ID() == ann.ID() || ann.ID() != before.ID() {
			t.Fatalf("bob %v, ann %v", bob, ann)
		}
		if bob.Text("email") != "1002@paraio.com" || ann.Text("email") != "ann@example.com" || ann.Text("identifier") != "oa2:1001" {
			t.Errorf("bob has %s, ann has %s", bob.Text("email"), ann.Text("email"))
		}
	})
	t.Run("refused at the provider", func(t *testing.T) {
		b := newBrowser(t)
		at, err := url.Parse(begin(b).location)
		if err != nil {
			t.Fatal(err)
		}
		back := w.endpoint + "/oauth2_auth?" + url.Values{"error": {"access_denied"}, "state": {at.Query().Get("state")}}.Encode()
		if p := b.get(back); p.location != failedTo+"Bad%20credentials." {
			t.Errorf("%d %s", p.status, p.location)
		}
	})
	t.Run("flows that the application begins", func(t *testing.T) {
		at := o.issuer + "/auth?" + url.Values{"response_type": {"code"}, "client_id": {id}, "redirect_uri": {w.endpoint + "/oauth2_auth"},
			"scope": {"openid profile email"}, "state": {"oidc"}}.Encode()
		b := newBrowser(t)
		if p := b.get(b.consent(at, "ann", "pass-of-ann")); !strings.HasPrefix(p.location, "https://app.example.com/in?jwt=ey") {
			t.Fatalf("%s\n%s", p.location, w.log)
		}
		if err := app.SetSetting(t.Context(), "security.signin_state_required", true); err != nil {
			t.Fatal(err)
		}
		if p := b.get(b.consent(at, "ann", "pass-of-ann")); p.location != failedTo+"Bad%20credentials." {
			t.Errorf("although the app wants a state: %s", p.location)
		}
		b = newBrowser(t)
		if p := b.get(b.consent(begin(b).location, "ann", "pass-of-ann")); !strings.HasPrefix(p.location, "https://app.example.com/in?jwt=ey") {
			t.Errorf("%s", p.location)
		}
	})
	t.Run("inactive user", func(t *testing.T) {
		u := user(t, app, "oa2:1001")
		if err := u.Set("active", false); err != nil {
			t.Fatal(err)
		}
		if _, err := app.Update(t.Context(), u); err != nil {
			t.Fatal(err)
		}
		b := newBrowser(t)
		want := failedTo + url.PathEscape(fmt.Sprintf("Account %s (oidc/oa2:1001) is locked.", u.ID()))
		if p := b.get(b.consent(begin(b).location, "ann", "pass-of-ann")); strings.ReplaceAll(strings.ReplaceAll(p.location, "%2F", "/"), "%3A", ":") != strings.ReplaceAll(strings.ReplaceAll(want, "%2F", "/"), "%3A", ":") {
			t.Errorf("%s, want %s", p.location, want)
		}
	})
	if n := o.count("/keys"); n < 1 || n > 3 {
		t.Errorf("the keys were read %d times", n)
	}
	for _, hidden := range []string{secret, "pass-of-ann"} {
		if strings.Contains(w.log.String(), hidden) {
			t.Errorf("the log tells %q", hidden)
		}
	}
}

// The second configuration has its own settings, endpoint and identifiers (D69), and its addresses may come from settings
// instead of an issuer.
func TestSecondConfiguration(t *testing.T) {
	w := newWorld(t)
	o, id, secret := startOpenID(t, w, people{"1": person("1", "ann", "ann@example.com", true)})
	app := w.app("second", map[string]any{
		"oa2second_app_id": id, "oa2second_secret": secret,
		"security.oauthsecond.authz_url": o.issuer + "/auth", "security.oauthsecond.token_url": o.issuer + "/oauth/token",
		"security.oauthsecond.profile_url": o.issuer + "/userinfo", "security.oauthsecond.scope": "openid profile email",
		"security.oauthsecond.parameters.name": "/nothing", "security.oauthsecond.parameters.picture": "locale",
	})
	b := newBrowser(t)
	p := b.get(w.endpoint + "/oauth2second_auth/start?appid=second")
	if strings.Contains(p.location, "nonce=") || !strings.Contains(p.location, "code_challenge=") {
		t.Errorf("%s", p.location)
	}
	if done := b.get(b.consent(p.location, "ann", "pass-of-ann")); done.status != 302 || done.location != "/" {
		t.Fatalf("%d %s\n%s", done.status, done.location, w.log)
	}
	u := user(t, app, "oa2second:1")
	if u == nil || u.Name() != "Ann Person" || u.Text("email") != "ann@example.com" || u.Text("picture") != "en" {
		t.Errorf("%+v", u)
	}
	if o.count("/keys")+o.count("/.well-known/openid-configuration") != 0 {
		t.Error("the issuer was asked, although no setting names it")
	}
	if p := b.get(w.endpoint + "/oauth2_auth/start?appid=second"); p.location != "/signin?error" {
		t.Errorf("the first configuration is not there: %s", p.location)
	}
}
