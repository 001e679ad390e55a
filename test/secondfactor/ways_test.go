package secondfactor

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

func member(t *testing.T, body, name string) string {
	t.Helper()
	var m map[string]any
	must(t, json.Unmarshal([]byte(body), &m))
	text, _ := m[name].(string)
	return text
}

// ways are all ways in of applications: the answer of each to Ann without her second factor.
func (w *world) ways() map[string]func() reply {
	script := []string{"Accept", "application/json"}
	form := func(target string, fields url.Values) func() reply {
		return func() reply {
			return w.do(browser(w.t), "POST", target, fields.Encode(), append(script, "Content-Type", "application/x-www-form-urlencoded")...)
		}
	}
	get := func(target string) func() reply {
		return func() reply { return w.do(browser(w.t), "GET", target, "", script...) }
	}
	return map[string]func() reply{
		"password":      func() reply { return w.jwt("password", address+"::"+password) },
		"generic":       func() reply { return w.jwt("GENERIC", address+"::"+password) },
		"passwordless":  func() reply { return w.jwt("passwordless", w.custom(address)) },
		"oauth":         func() reply { return w.jwt("facebook", "token") },
		"ldap":          func() reply { return w.jwt("ldap", address) },
		"/password":     form("/password_auth", url.Values{"appid": {"shop"}, "email": {address}, "password": {password}}),
		"/passwordless": get("/passwordless_auth?appid=shop&token=" + w.custom(address)),
		"/direct":       get("/passwordless_auth?redirect=false&appid=shop&token=" + w.custom(address)),
		"/oauth":        get("/facebook_auth?appid=shop&code=x"),
		"/ldap":         form("/ldap_auth", url.Values{"appid": {"shop"}, "username": {address}, "password": {"x"}}),
		"/saml":         form("/saml_auth/shop", url.Values{"SAMLResponse": {address}}),
	}
}

// No way leads past the second factor, and each goes on with it.
func TestEveryWayAsks(t *testing.T) {
	for _, mode := range []string{"optional", "required"} {
		w := newWorld(t, map[string]any{"security.second_factor": mode})
		ann := w.enrol(address)
		for name, sign := range w.ways() {
			asked := sign()
			if asked.status != 401 || asked.SecondFactor.Challenge == "" || asked.JWT.AccessToken != "" || strings.Contains(asked.body, "eyJ0eXAi") {
				t.Fatalf("%s, %s: %d %s", mode, name, asked.status, asked.body)
			}
			if got := strings.Join(asked.SecondFactor.Methods, " "); got != "totp backup_code" {
				t.Errorf("%s: methods %s", name, got)
			}
			w.jwt("second_factor", asked.SecondFactor.Challenge+":"+w.wrong(ann.secret)).want(t, 400, "The code is wrong.")
			in := w.jwt("second_factor", asked.SecondFactor.Challenge+":"+code(t, ann.secret, w.now())).want(t, 200)
			if in.User.ID != ann.id {
				t.Errorf("%s: signed in as %s", name, in.User.ID)
			}
			w.as(in.JWT.AccessToken, "GET", "/v1/_me", "").want(t, 200)
			w.advance(30 * time.Second)
		}
	}
}

// Where the app asks for nothing, nothing changes; where it only offers, users without a second factor are not asked.
func TestNobodyIsAskedWhoNeedNotBe(t *testing.T) {
	for _, mode := range []any{nil, "off", false, "optional"} {
		w := newWorld(t, map[string]any{"security.second_factor": mode})
		w.user(address)
		for name, sign := range w.ways() {
			if got := sign(); got.status != 200 && got.status != 302 || got.status == 302 && strings.Contains(got.header.Get("Location"), "cause=") {
				t.Errorf("%v, %s: %d %s %s", mode, name, got.status, got.header.Get("Location"), got.body)
			}
		}
	}
}

// Where the app requires a second factor, every way lets users without one do nothing but set it up.
func TestEveryWayEnrols(t *testing.T) {
	w := newWorld(t, map[string]any{"security.second_factor": "required"})
	for name := range w.ways() {
		u := w.user(address)
		asked := w.ways()[name]().want(t, 401)
		s := asked.SecondFactor
		if strings.Join(s.Methods, "") != "enrol" || s.Secret == "" || !strings.Contains(s.URI, s.Secret) || asked.JWT.AccessToken != "" {
			t.Fatalf("%s: %s", name, asked.body)
		}
		w.as(s.Challenge, "GET", "/v1/_me", "").want(t, 401)
		w.jwt("second_factor", s.Challenge+":"+w.wrong(s.Secret)).want(t, 400, "The code is wrong.")
		in := w.jwt("second_factor", s.Challenge+":"+code(t, s.Secret, w.now())).want(t, 200)
		if len(in.BackupCodes) != 10 || in.User.ID != u.ID() || !w.stored(u.ID()).Bool("twoFA") {
			t.Fatalf("%s: %s", name, in.body)
		}
		w.jwt("second_factor", s.Challenge+":"+code(t, s.Secret, w.now())).want(t, 400, "does not hold any longer")
		w.signed("DELETE", "/v1/user/"+u.ID(), "").want(t, 200)
	}
}

// The app itself, its keys and tokens made with them, are no users.
func TestAppsAreNotAsked(t *testing.T) {
	w := newWorld(t, map[string]any{"security.second_factor": "required"})
	w.signed("GET", "/v1/_me", "").want(t, 200, `"app:shop"`)
	w.signed("GET", "/v1/_me/second_factor", "").want(t, 400, "sign in as one")
	w.signed("GET", "/v1/_settings", "").want(t, 200, "required")
	w.do(browser(t), "GET", "/v1", "").want(t, 200, `"extensions":["second_factor","passkeys"]`)
}

var (
	hiddenField = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`)
	shownSecret = regexp.MustCompile(`or type <code>([A-Z2-7 ]+)</code>`)
)

func fields(page string) url.Values {
	v := url.Values{}
	for _, m := range hiddenField.FindAllStringSubmatch(page, -1) {
		v.Set(m[1], m[2])
	}
	return v
}

// Browsers get a page, and go on to where they would have gone.
func TestPage(t *testing.T) {
	w := newWorld(t, map[string]any{"security.second_factor": "optional"})
	ann := w.enrol(address)
	for name, begin := range map[string]func(*http.Client) reply{
		"password": func(c *http.Client) reply {
			return w.form(c, "/password_auth", url.Values{"appid": {"shop"}, "email": {address}, "password": {password}})
		},
		"oauth": func(c *http.Client) reply { return w.do(c, "GET", "/facebook_auth?state=shop&code=x", "") },
		"ldap": func(c *http.Client) reply {
			return w.form(c, "/ldap_auth", url.Values{"appid": {"shop"}, "username": {address}, "password": {"x"}})
		},
		"saml":         func(c *http.Client) reply { return w.form(c, "/saml_auth/shop", url.Values{"SAMLResponse": {address}}) },
		"passwordless": func(c *http.Client) reply { return w.do(c, "GET", "/passwordless_auth?token="+w.custom(address), "") },
	} {
		c := browser(t)
		page := begin(c).want(t, 401, "<form method=\"post\"")
		policy := page.header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "form-action 'self' https://app.example.com") || page.header.Get("X-Frame-Options") != "DENY" {
			t.Errorf("%s: policy %q", name, policy)
		}
		f := fields(page.body)
		f.Set("code", w.wrong(ann.secret))
		again := w.form(c, "/second_factor_auth", f).want(t, 401, "The code is wrong.")
		f = fields(again.body)
		f.Set("code", code(t, ann.secret, w.now()))

		w.form(browser(t), "/second_factor_auth", f).want(t, 302) // another browser
		forged := url.Values{"appid": {"shop"}, "code": f["code"], "_csrf": {"x"}}
		w.form(c, "/second_factor_auth", forged).want(t, 403)

		in := w.form(c, "/second_factor_auth", f).want(t, 302)
		to := in.header.Get("Location")
		if name == "passwordless" {
			if to != "https://app.example.com/back" || !strings.Contains(strings.Join(in.header.Values("Set-Cookie"), "\n"), "shop-auth=ey") {
				t.Errorf("%s: %s %v", name, to, in.header)
			}
		} else {
			id, ok := strings.CutPrefix(to, "https://app.example.com/in?jwt=")
			if !ok {
				t.Fatalf("%s: %s", name, to)
			}
			w.jwt("passwordless", id).want(t, 200, ann.id) // an ID token is not asked again
		}
		back := w.form(c, "/second_factor_auth", f)
		if back.status != 302 || !strings.Contains(back.header.Get("Location"), "out?cause=") {
			t.Errorf("%s: again: %d %s", name, back.status, back.header.Get("Location"))
		}
		w.advance(30 * time.Second)
	}
}

// The page sets a second factor up where the app requires one, and carries no browser to a strange place.
func TestPageEnrols(t *testing.T) {
	w := newWorld(t, map[string]any{"security.second_factor": "required", "signin_success": ""})
	w.user(address)
	c := browser(t)
	page := w.form(c, "/password_auth", url.Values{"appid": {"shop"}, "email": {address}, "password": {password}, "returnto": {"https://evil.example.com/"}})
	page.want(t, 401, "data:image/png;base64,", "otpauth://totp/")
	m := shownSecret.FindStringSubmatch(page.body)
	if m == nil {
		t.Fatal(page.body)
	}
	f := fields(page.body)
	f.Set("code", code(t, strings.ReplaceAll(m[1], " ", ""), w.now()))
	if to := w.form(c, "/second_factor_auth", f).want(t, 302).header.Get("Location"); to != "/" {
		t.Errorf("went to %s", to)
	}
	if !w.stored(w.id(address)).Bool("twoFA") {
		t.Error("no second factor")
	}
}

// id is the id of the user with an identifier.
func (w *world) id(identifier string) string {
	w.t.Helper()
	identity, err := w.eng.Identity(w.t.Context(), w.app(), identifier)
	must(w.t, err)
	return identity.CreatorID()
}
