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

	signintest "github.com/erudika/para-go/test/signin"
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
	storage.RegisterClients(storage.WebClient(id, secret, w.Endpoint+"/oauth2_auth", w.Endpoint+"/oauth2second_auth"))
	clients.Unlock()
	handler = exampleop.SetupServer(o.issuer, storage.NewStorage(users), slog.New(slog.DiscardHandler), false)
	return o, id, secret
}

var authRequest = regexp.MustCompile(`name="id" value="([^"]+)"`)

// consent signs in at the provider and returns the address that it sends the browser back to.
func consent(t *testing.T, b *signintest.Browser, at, name, password string) string {
	t.Helper()
	p := b.Get(at)
	if p.Status != http.StatusFound {
		t.Fatalf("authorization endpoint: %d %s", p.Status, p.Body)
	}
	base, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	follow := func(to string) string {
		u, err := base.Parse(to)
		if err != nil {
			t.Fatal(err)
		}
		return u.String()
	}
	form := b.Get(follow(p.Location))
	m := authRequest.FindStringSubmatch(form.Body)
	if m == nil {
		t.Fatalf("sign-in page: %d %s", form.Status, form.Body)
	}
	done := b.Send(http.MethodPost, follow("/login/username"), url.Values{"id": {m[1]}, "username": {name}, "password": {password}})
	if done.Status != http.StatusFound {
		t.Fatalf("sign in: %d %s", done.Status, done.Body)
	}
	back := b.Get(follow(done.Location))
	if back.Status != http.StatusFound {
		t.Fatalf("back: %d %s", back.Status, back.Body)
	}
	return back.Location
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

	begin := func(b *signintest.Browser) signintest.Page {
		return b.Get(w.Endpoint + "/oauth2_auth/start?appid=oidc")
	}

	t.Run("sign in", func(t *testing.T) {
		b := signintest.NewBrowser(t)
		p := begin(b)
		at, err := url.Parse(p.Location)
		if err != nil || p.Status != http.StatusFound || !strings.HasPrefix(p.Location, o.issuer) {
			t.Fatalf("begin: %d %s", p.Status, p.Location)
		}
		q := at.Query()
		for name, want := range map[string]string{
			"response_type": "code", "client_id": id, "redirect_uri": w.Endpoint + "/oauth2_auth", "scope": "openid profile email", "code_challenge_method": "S256",
		} {
			if q.Get(name) != want {
				t.Errorf("%s is %q, want %q", name, q.Get(name), want)
			}
		}
		if len(q.Get("nonce")) != 43 || len(q.Get("code_challenge")) != 43 || !strings.HasPrefix(q.Get("state"), "oidc||") || len(q.Get("state")) != 6+43 {
			t.Errorf("nonce %q, challenge %q, state %q", q.Get("nonce"), q.Get("code_challenge"), q.Get("state"))
		}
		cookie := p.Header.Get("Set-Cookie")
		if !strings.Contains(cookie, "; HttpOnly; SameSite=Lax") || !strings.Contains(cookie, "; Max-Age=600") || strings.Contains(p.Location, strings.Split(strings.Split(cookie, ";")[0], "=")[1]) {
			t.Errorf("cookie %q", cookie)
		}
		back := consent(t, b, p.Location, "ann", "pass-of-ann")
		done := b.Get(back)
		if done.Status != http.StatusFound || !strings.HasPrefix(done.Location, "https://app.example.com/in?jwt=ey") {
			t.Fatalf("end: %d %s\n%s", done.Status, done.Location, w.Log())
		}
		if c := done.Header.Get("Set-Cookie"); !strings.Contains(c, "Max-Age=0") {
			t.Errorf("the cookie of the flow stays: %q", c)
		}
		// What the application does with it.
		_, jwt, _ := strings.Cut(done.Location, "jwt=")
		if status, u, text := w.signIn("oidc", "passwordless", jwt); status != 200 || u["identifier"] != "oa2:1001" || u["email"] != "ann@example.com" || u["name"] != "Ann Person" || u["active"] != true {
			t.Errorf("%d %s", status, text)
		}
		// The same answer a second time: the state has been used, and so has the code.
		if again := b.Get(back); again.Location != failedTo+"Bad%20credentials." {
			t.Errorf("replay: %d %s", again.Status, again.Location)
		}
	})
	t.Run("again, the same user", func(t *testing.T) {
		b := signintest.NewBrowser(t)
		if done := b.Get(consent(t, b, begin(b).Location, "ann", "pass-of-ann")); !strings.HasPrefix(done.Location, "https://app.example.com/in?jwt=ey") {
			t.Fatal(done.Location)
		}
		if n, err := app.Count(t.Context(), "user"); err != nil || n != 1 {
			t.Errorf("%d users, %v", n, err)
		}
	})
	t.Run("a replay with the cookie of the first time", func(t *testing.T) {
		b := signintest.NewBrowser(t)
		p := begin(b)
		cookie, _, _ := strings.Cut(p.Header.Get("Set-Cookie"), ";")
		back := consent(t, b, p.Location, "ann", "pass-of-ann")
		if done := b.Get(back); !strings.HasPrefix(done.Location, "https://app.example.com/in") {
			t.Fatal(done.Location)
		}
		other := signintest.NewBrowser(t)
		if again := other.Send("GET", back, nil, "Cookie", cookie); again.Location != failedTo+"Bad%20credentials." {
			t.Errorf("%d %s", again.Status, again.Location)
		}
		if !strings.Contains(w.Log(), "its state was used before") {
			t.Error("the log does not say why")
		}
	})
	t.Run("another browser", func(t *testing.T) {
		victim, attacker := signintest.NewBrowser(t), signintest.NewBrowser(t)
		back := consent(t, attacker, begin(attacker).Location, "cid", "pass-of-cid")
		if p := victim.Get(back); p.Location != failedTo+"Bad%20credentials." {
			t.Errorf("a foreign flow ends here: %s", p.Location)
		}
		if signintest.User(t, app, "oa2:1003") != nil {
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
			b := signintest.NewBrowser(t)
			at, err := url.Parse(consent(t, b, begin(b).Location, "cid", "pass-of-cid"))
			if err != nil {
				t.Fatal(err)
			}
			q := at.Query()
			q.Set("state", change(q.Get("state")))
			q.Set("appid", "oidc")
			at.RawQuery = q.Encode()
			if p := b.Get(at.String()); p.Location != failedTo+"Bad%20credentials." {
				t.Errorf("state %q: %d %s", q.Get("state"), p.Status, p.Location)
			}
		}
	})
	t.Run("a code of another flow", func(t *testing.T) {
		b := signintest.NewBrowser(t)
		first, second := begin(b).Location, begin(b).Location
		one, err1 := url.Parse(consent(t, b, first, "cid", "pass-of-cid"))
		two, err2 := url.Parse(consent(t, b, second, "ann", "pass-of-ann"))
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		q := two.Query()
		q.Set("code", one.Query().Get("code")) // injected into a flow with another challenge and nonce
		two.RawQuery = q.Encode()
		if p := b.Get(two.String()); p.Location != failedTo+"Bad%20credentials." {
			t.Errorf("%s", p.Location)
		}
		if p := b.Get(one.String()); signintest.User(t, app, "oa2:1003") != nil && strings.HasPrefix(p.Location, failedTo) {
			t.Errorf("%s", p.Location)
		}
	})
	t.Run("an address that is not verified takes over nothing", func(t *testing.T) {
		before := signintest.User(t, app, "oa2:1001")
		b := signintest.NewBrowser(t)
		done := b.Get(consent(t, b, begin(b).Location, "bob", "pass-of-bob"))
		if !strings.HasPrefix(done.Location, "https://app.example.com/in?jwt=ey") {
			t.Fatalf("%s\n%s", done.Location, w.Log())
		}
		bob, ann := signintest.User(t, app, "oa2:1002"), signintest.User(t, app, "oa2:1001")
		if bob == nil || ann == nil || bob.ID() == ann.ID() || ann.ID() != before.ID() {
			t.Fatalf("bob %v, ann %v", bob, ann)
		}
		if bob.Text("email") != "1002@paraio.com" || ann.Text("email") != "ann@example.com" || ann.Text("identifier") != "oa2:1001" {
			t.Errorf("bob has %s, ann has %s", bob.Text("email"), ann.Text("email"))
		}
	})
	t.Run("refused at the provider", func(t *testing.T) {
		b := signintest.NewBrowser(t)
		at, err := url.Parse(begin(b).Location)
		if err != nil {
			t.Fatal(err)
		}
		back := w.Endpoint + "/oauth2_auth?" + url.Values{"error": {"access_denied"}, "state": {at.Query().Get("state")}}.Encode()
		if p := b.Get(back); p.Location != failedTo+"Bad%20credentials." {
			t.Errorf("%d %s", p.Status, p.Location)
		}
	})
	t.Run("flows that the application begins", func(t *testing.T) {
		at := o.issuer + "/auth?" + url.Values{"response_type": {"code"}, "client_id": {id}, "redirect_uri": {w.Endpoint + "/oauth2_auth"},
			"scope": {"openid profile email"}, "state": {"oidc"}}.Encode()
		b := signintest.NewBrowser(t)
		if p := b.Get(consent(t, b, at, "ann", "pass-of-ann")); !strings.HasPrefix(p.Location, "https://app.example.com/in?jwt=ey") {
			t.Fatalf("%s\n%s", p.Location, w.Log())
		}
		if err := app.SetSetting(t.Context(), "security.signin_state_required", true); err != nil {
			t.Fatal(err)
		}
		if p := b.Get(consent(t, b, at, "ann", "pass-of-ann")); p.Location != failedTo+"Bad%20credentials." {
			t.Errorf("although the app wants a state: %s", p.Location)
		}
		b = signintest.NewBrowser(t)
		if p := b.Get(consent(t, b, begin(b).Location, "ann", "pass-of-ann")); !strings.HasPrefix(p.Location, "https://app.example.com/in?jwt=ey") {
			t.Errorf("%s", p.Location)
		}
	})
	t.Run("inactive user", func(t *testing.T) {
		u := signintest.User(t, app, "oa2:1001")
		if err := u.Set("active", false); err != nil {
			t.Fatal(err)
		}
		if _, err := app.Update(t.Context(), u); err != nil {
			t.Fatal(err)
		}
		b := signintest.NewBrowser(t)
		want := failedTo + url.PathEscape(fmt.Sprintf("Account %s (oidc/oa2:1001) is locked.", u.ID()))
		if p := b.Get(consent(t, b, begin(b).Location, "ann", "pass-of-ann")); strings.ReplaceAll(strings.ReplaceAll(p.Location, "%2F", "/"), "%3A", ":") != strings.ReplaceAll(strings.ReplaceAll(want, "%2F", "/"), "%3A", ":") {
			t.Errorf("%s, want %s", p.Location, want)
		}
	})
	if n := o.count("/keys"); n < 1 || n > 3 {
		t.Errorf("the keys were read %d times", n)
	}
	for _, hidden := range []string{secret, "pass-of-ann"} {
		if strings.Contains(w.Log(), hidden) {
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
	b := signintest.NewBrowser(t)
	p := b.Get(w.Endpoint + "/oauth2second_auth/start?appid=second")
	if strings.Contains(p.Location, "nonce=") || !strings.Contains(p.Location, "code_challenge=") {
		t.Errorf("%s", p.Location)
	}
	if done := b.Get(consent(t, b, p.Location, "ann", "pass-of-ann")); done.Status != 302 || done.Location != "/" {
		t.Fatalf("%d %s\n%s", done.Status, done.Location, w.Log())
	}
	u := signintest.User(t, app, "oa2second:1")
	if u == nil || u.Name() != "Ann Person" || u.Text("email") != "ann@example.com" || u.Text("picture") != "en" {
		t.Errorf("%+v", u)
	}
	if o.count("/keys")+o.count("/.well-known/openid-configuration") != 0 {
		t.Error("the issuer was asked, although no setting names it")
	}
	if p := b.Get(w.Endpoint + "/oauth2_auth/start?appid=second"); p.Location != "/signin?error" {
		t.Errorf("the first configuration is not there: %s", p.Location)
	}
}
