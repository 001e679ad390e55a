package oauth

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	signintest "github.com/erudika/para-go/test/signin"
)

// The flow of Google ends with an ID token that repeats the nonce of the flow.
func TestNonceOfGoogle(t *testing.T) {
	w := newWorld(t)
	s := socials[1]
	i := newIssuer(t, w, "www.googleapis.com/oauth2/v3/certs")
	app := w.app("nonce", s.settings())
	s.answers(w, s.profile)
	for _, tt := range []struct {
		what   string
		change func(claims map[string]any)
		ok     bool
	}{
		{"right", func(map[string]any) {}, true},
		{"no nonce", func(c map[string]any) { delete(c, "nonce") }, false},
		{"another nonce", func(c map[string]any) { c["nonce"] = "x" }, false},
		{"another account", func(c map[string]any) { c["sub"] = "110" }, false},
		{"no ID token", nil, false},
	} {
		b := signintest.NewBrowser(t)
		at, err := url.Parse(b.Get(w.Endpoint + "/google_auth/start?appid=nonce").Location)
		if err != nil || at.Host != "accounts.google.com" {
			t.Fatal(at, err)
		}
		token := ""
		if tt.change != nil {
			claims := idClaims("nonce", at.Query().Get("nonce"))
			tt.change(claims)
			token = i.sign(claims)
		}
		w.answer(s.token, 200, `{"access_token":"`+accessToken+`","id_token":"`+token+`"}`)
		p := b.Get(w.Endpoint + "/google_auth?" + url.Values{"code": {"c"}, "state": {at.Query().Get("state")}}.Encode())
		if ok := strings.HasPrefix(p.Location, "https://app.example.com/in?jwt=ey"); ok != tt.ok {
			t.Errorf("%s: %s\n%s", tt.what, p.Location, w.Log())
		}
	}
	if n, err := app.Count(t.Context(), "user"); err != nil || n != 1 {
		t.Errorf("%d users, %v", n, err)
	}
}

// Where a browser ends up is what the app says, at one of its own hosts (A 9.3, A 9.4).
func TestWhereBrowsersEnd(t *testing.T) {
	w := newWorld(t)
	s := socials[2]
	w.app("ends", with(s.settings(), "security.hosturl_aliases", "https://one.example.com,https://two.example.com:8443"))
	s.answers(w, s.profile)
	w.answer(s.token, 200, s.answer)
	for _, tt := range []struct{ start, back, want string }{
		{"", "", "https://app.example.com/in?jwt=ey"},
		{"&host_url=https://two.example.com:8443", "", "https://two.example.com:8443/in?jwt=ey"},
		{"&host_url=https://evil.example.net", "", "https://app.example.com/in?jwt=ey"},
		{"", "&host_url=https://evil.example.net", "https://app.example.com"},
		{"", "&returnto=https://evil.example.net", "https://app.example.com/in?jwt=ey"},
	} {
		b := signintest.NewBrowser(t)
		at, err := url.Parse(b.Get(w.Endpoint + "/github_auth/start?appid=ends" + tt.start).Location)
		if err != nil {
			t.Fatal(err)
		}
		p := b.Get(w.Endpoint + "/github_auth?code=c&state=" + url.QueryEscape(at.Query().Get("state")) + tt.back)
		if got, _, _ := strings.Cut(p.Location, "ey"); got != strings.TrimSuffix(tt.want, "ey") {
			t.Errorf("%+v: %s", tt, p.Location)
		}
		if strings.Contains(tt.want, "jwt") != strings.Contains(p.Location, "jwt=ey") {
			t.Errorf("%+v: %s", tt, p.Location)
		}
		failed := b.Get(w.Endpoint + "/github_auth?state=ends" + tt.back)
		if u, err := url.Parse(failed.Location); err != nil || u.Host != "app.example.com" {
			t.Errorf("%+v: %s", tt, failed.Location)
		}
	}
	plain := w.app("plain", s.settings())
	if err := plain.ReplaceSettings(t.Context(), map[string]any{"gh_app_id": "my-id", "gh_secret": "x"}); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ query, want string }{
		{"&returnto=/there", "/there"}, {"&returnto=https://evil.example.net/", "/"}, {"&returnto=//evil.example.net", "/"}, {"", "/"},
	} {
		if p := signintest.NewBrowser(t).Get(w.Endpoint + "/github_auth?code=c&appid=plain" + tt.query); p.Status != 302 || p.Location != tt.want {
			t.Errorf("%s: %d %s", tt.query, p.Status, p.Location)
		}
	}
	script := []string{"X-Requested-With", "XMLHttpRequest"}
	if p := signintest.NewBrowser(t).Send("GET", w.Endpoint+"/github_auth?code=c&appid=plain", nil, script...); p.Status != 204 || p.Body != "" {
		t.Errorf("a script: %d %s", p.Status, p.Body)
	}
	if p := signintest.NewBrowser(t).Send("GET", w.Endpoint+"/github_auth?appid=plain", nil, script...); p.Status != 401 || p.Body != `{"code":401,"message":"Bad credentials."}` {
		t.Errorf("a script without a code: %d %s", p.Status, p.Body)
	}
	// Behind a proxy that speaks TLS the cookie is bound to the host, and providers are told the address that they see.
	p := signintest.NewBrowser(t).Send("GET", w.Endpoint+"/github_auth/start?appid=plain", nil, "X-Forwarded-Proto", "https")
	if c := p.Header.Get("Set-Cookie"); !strings.HasPrefix(c, "__Host-para-signin-") || !strings.HasSuffix(c, "; Path=/; Max-Age=600; HttpOnly; SameSite=Lax; Secure") ||
		!strings.Contains(p.Location, url.QueryEscape("https://"+strings.TrimPrefix(w.Endpoint, "http://")+"/github_auth")) {
		t.Errorf("%s %s", c, p.Location)
	}
	for method, want := range map[string]int{"PUT": 403, "DELETE": 403, "POST": 403} { // they need a CSRF token
		if p := signintest.NewBrowser(t).Send(method, w.Endpoint+"/github_auth/start?appid=plain", nil); p.Status != want {
			t.Errorf("%s: %d", method, p.Status)
		}
	}
	for path, want := range map[string]int{"/github_auth/other": 308, "/github_auth/start/more": 308, "/mattermost_auth/start": 308} {
		if p := signintest.NewBrowser(t).Get(w.Endpoint + path); p.Status != want && p.Status != 404 {
			t.Errorf("%s: %d", path, p.Status)
		}
	}
}

// The sign-in page has a link to each provider of the app.
func TestSignInPage(t *testing.T) {
	w := newWorld(t, `para.env = "development"`, `para.gp_app_id = "root-id"`, `para.gp_secret = "root-secret"`)
	w.app("page", map[string]any{"gh_app_id": "my-id", "gh_secret": "x", "oa2_app_id": "my-id", "oa2_secret": "x", "oa2second_app_id": "my-id", "oa2second_secret": "x", "security.oauthsecond.issuer": "https://id.example.net", "fb_app_id": "only"})
	p := signintest.NewBrowser(t).Get(w.Endpoint + "/signin?appid=page")
	for link, want := range map[string]bool{"/github_auth/start?appid=page": true, "/oauth2second_auth/start?appid=page": true, "/oauth2_auth/start": false, "/facebook_auth": false, "/google_auth": false} {
		if strings.Contains(p.Body, link) != want {
			t.Errorf("%s: %v\n%s", link, !want, p.Body)
		}
	}
	if p.Status != 401 || !strings.Contains(p.Body, "<title>Protected resource</title>") {
		t.Errorf("%d %s", p.Status, p.Body)
	}
	if p := signintest.NewBrowser(t).Get(w.Endpoint + "/signin"); !strings.Contains(p.Body, `href="/google_auth/start"`) {
		t.Errorf("the root app: %s", p.Body)
	}
	if p := signintest.NewBrowser(t).Get(w.Endpoint + `/signin?appid="><script>`); strings.Contains(p.Body, "<script") {
		t.Errorf("%s", p.Body)
	}
	// The root app's flows need no app id; its options count for no other app (A 1.5).
	if p := signintest.NewBrowser(t).Get(w.Endpoint + "/google_auth/start"); !strings.Contains(p.Location, "client_id=root-id") || !strings.Contains(p.Location, "state=para%7C") {
		t.Errorf("%s", p.Location)
	}
	if p := signintest.NewBrowser(t).Get(w.Endpoint + "/google_auth/start?appid=page"); p.Location != "/signin?error" {
		t.Errorf("%s", p.Location)
	}
}

// With delegated tokens a user acts only as long as the provider says so; an expired access token is renewed once (A 8.4,
// A 8.5).
func TestDelegatedTokens(t *testing.T) {
	w := newWorld(t)
	s := socials[7]
	app := w.app("delegated", with(s.settings(), "security.oauththird.token_delegation_enabled", true))
	valid, refreshes := []string{accessToken}, 0
	w.handle("id.example.net/me", func(res http.ResponseWriter, r *http.Request) {
		if !slices.Contains(valid, strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")) {
			res.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, _ = io.WriteString(res, `{"user_no":77,"mails":[{"value":"ann@example.com"}],"display":"Ann"}`)
	})
	w.handle("id.example.net/token", func(res http.ResponseWriter, r *http.Request) {
		refreshes++
		if r.Form.Get("grant_type") != "refresh_token" || r.Form.Get("refresh_token") != "refresh-1" || r.Form.Get("client_secret") != "my-secret&" || r.Form.Get("scope") != "read all" {
			res.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(res, `{"error":"invalid_grant"}`)
			return
		}
		valid = []string{"access-2"}
		_, _ = io.WriteString(res, `{"access_token":"access-2","refresh_token":"refresh-2","id_token":"a.b.c"}`)
	})
	status, _, text := w.signIn("delegated", "oauth2third", accessToken+":refresh-1")
	if status != 200 {
		t.Fatal(status, text)
	}
	var got struct {
		JWT struct {
			Token string `json:"access_token"`
		} `json:"jwt"`
	}
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	me := func() int {
		return signintest.NewBrowser(t).Send("GET", w.Endpoint+"/v1/_me", nil, "Authorization", "Bearer "+got.JWT.Token).Status
	}
	w.requests()
	for range 10 {
		if status := me(); status != 200 {
			t.Fatalf("%d", status)
		}
	}
	if n := len(w.requests()); n != 1 {
		t.Errorf("the provider was asked %d times", n)
	}
	// Another sign-in brings tokens that the provider has expired meanwhile.
	u := signintest.User(t, app, "oa2third:77")
	if u.Text("idpAccessToken") != accessToken || u.Text("idpRefreshToken") != "refresh-1" {
		t.Errorf("kept: %q %q", u.Text("idpAccessToken"), u.Text("idpRefreshToken"))
	}
	set := func(access, refresh string) {
		t.Helper()
		u := signintest.User(t, app, "oa2third:77")
		for name, v := range map[string]string{"idpAccessToken": access, "idpRefreshToken": refresh} {
			if err := u.Set(name, v); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := app.Update(t.Context(), u); err != nil {
			t.Fatal(err)
		}
	}
	set("expired", "refresh-1")
	if status := me(); status != 200 || refreshes != 1 {
		t.Errorf("renewal: %d, %d times", status, refreshes)
	}
	u = signintest.User(t, app, "oa2third:77")
	if u.Text("idpAccessToken") != "access-2" || u.Text("idpRefreshToken") != "refresh-2" || u.Text("idpIdToken") != "a.b.c" {
		t.Errorf("kept: %q %q %q", u.Text("idpAccessToken"), u.Text("idpRefreshToken"), u.Text("idpIdToken"))
	}
	if status := me(); status != 200 || refreshes != 1 {
		t.Errorf("after the renewal: %d, %d times", status, refreshes)
	}
	set("revoked", "revoked")
	for range 5 {
		if status := me(); status != 401 {
			t.Errorf("revoked at the provider: %d", status)
		}
	}
	if refreshes != 2 {
		t.Errorf("a refusal made the server ask %d times", refreshes-1)
	}
	set("", "")
	if status := me(); status != 401 {
		t.Errorf("without tokens: %d", status)
	}
	if err := app.SetSetting(t.Context(), "security.oauththird.token_delegation_enabled", false); err != nil {
		t.Fatal(err)
	}
	if status := me(); status != 200 {
		t.Errorf("without delegation: %d", status)
	}
	for _, hidden := range []string{"refresh-1", "access-2", got.JWT.Token} {
		if strings.Contains(w.Log(), hidden) {
			t.Errorf("the log tells %.20q", hidden)
		}
	}
}
