package ldaptest_test

import (
	"maps"
	"net/url"
	"strings"
	"testing"

	ldaptest "github.com/erudika/para-go/test/ldap"
	signintest "github.com/erudika/para-go/test/signin"
)

func settings(d *ldaptest.Directory, more map[string]any) map[string]any {
	all := map[string]any{
		"security.ldap.server_url": d.URL, "security.ldap.base_dn": ldaptest.Base, "security.ldap.user_dn_pattern": "uid={0},ou=people|uid={0},ou=managers,ou=people",
		"security.ldap.bind_dn": ldaptest.Searcher, "security.ldap.bind_pass": ldaptest.SearcherPassword,
		"signin_success": "https://app.example.com/in?jwt=?", "signin_failure": "https://app.example.com/out?cause=?",
	}
	maps.Copy(all, more)
	return all
}

// TestTokens signs in at /jwt_auth (A 5.1, A 11).
func TestTokens(t *testing.T) {
	d := ldaptest.Start(t)
	s := signintest.Start(t)
	app := s.App(t, "myapp", settings(d, nil))

	status, user, text := s.SignIn(t, "myapp", "ldap", "bob:bobspassword")
	if status != 200 {
		t.Fatalf("%d %s", status, text)
	}
	for name, want := range map[string]any{
		"identifier": "ldap:bob", "email": "bob@example.com", "name": "Bob Hamilton", "groups": "users", "active": true, "identityProvider": "ldap",
		"picture": "https://www.gravatar.com/avatar/4b9bb80620f03eb3719e0a061c14283d?size=400&d=mm&r=pg",
	} {
		if user[name] != want {
			t.Errorf("%s is %v, want %v", name, user[name], want)
		}
	}
	if _, again, _ := s.SignIn(t, "app:myapp", "LDAP", "bob:bobspassword"); again["id"] != user["id"] {
		t.Errorf("two accounts: %v and %v", user["id"], again["id"])
	}
	if _, made, text := s.SignIn(t, "myapp", "ldap", "ben:benspassword"); made["email"] != "ben@paraio.com" {
		t.Errorf("made-up address: %s", text)
	}
	if _, made, text := s.SignIn(t, "myapp", "ldap", "mouse, jerry:jerryspassword"); made["identifier"] != "ldap:mouse, jerry" || made["email"] != made["id"].(string)+"@paraio.com" {
		t.Errorf("a name that cannot be part of an address: %s", text)
	}
	if u := signintest.User(t, app, "ldap:mouse, jerry"); u == nil || u.Name() != "mouse, jerry" {
		t.Errorf("user %v", u)
	}
	for _, token := range []string{"bob:wrong", "bob:", "bob", ":bobspassword", "", "*:bobspassword", "bob)(uid=*:bobspassword", "bob\x00:bobspassword", "nobody:x", "bob: "} {
		if status, _, text := s.SignIn(t, "myapp", "ldap", token); status != 400 || !strings.Contains(text, "Failed to authenticate user with 'ldap'. Check if user is active.") && token != "" {
			t.Errorf("%q: %d %s", token, status, text)
		}
	}
	s.App(t, "other", map[string]any{})
	if status, _, _ := s.SignIn(t, "other", "ldap", "bob:bobspassword"); status != 400 {
		t.Errorf("an app without a directory: %d", status)
	}
	for _, secret := range []string{"bobspassword", "benspassword", ldaptest.SearcherPassword} {
		if strings.Contains(s.Log(), secret) {
			t.Errorf("the log holds the password %q", secret)
		}
	}
}

// TestBrowser signs in at /ldap_auth (A 9, A 11.2).
func TestBrowser(t *testing.T) {
	d := ldaptest.Start(t)
	s := signintest.Start(t, `para.security.ldap.server_url = "ldap://127.0.0.1:1"`, `para.security.ldap.base_dn = "dc=x"`)
	s.App(t, "myapp", settings(d, nil))
	s.App(t, "broken", settings(d, map[string]any{"security.ldap.user_search_filter": "(uid"}))
	s.App(t, "away", settings(d, map[string]any{"security.ldap.server_url": "ldap://127.0.0.1:1"}))
	s.App(t, "none", map[string]any{"signin_failure": "https://app.example.com/out?cause=?"})
	b := signintest.NewBrowser(t)
	address := s.Endpoint + "/ldap_auth"
	form := func(app, user, password string) url.Values {
		return url.Values{"appid": {app}, "username": {user}, "password": {password}}
	}

	if p := b.Post(address, form("myapp", "bob", "bobspassword"), "Origin", "https://app.example.com"); p.Status != 302 || !strings.HasPrefix(p.Location, "https://app.example.com/in?jwt=ey") {
		t.Errorf("signed in: %d %s", p.Status, p.Location)
	}
	if p := b.Get(address + "?" + form("myapp", "bob", "bobspassword").Encode()); p.Status != 302 || !strings.HasPrefix(p.Location, "https://app.example.com/in?jwt=ey") {
		t.Errorf("signed in by GET: %d %s", p.Status, p.Location)
	}
	for _, c := range []struct{ app, user, password, cause string }{
		{"myapp", "bob", "wrong", "LDAP user not found."},
		{"myapp", "nobody", "wrong", "LDAP user not found."},
		{"myapp", "", "x", "Bad credentials."},
		{"myapp", "bob", "", "Bad credentials."},
		{"myapp", "bob", "  ", "Bad credentials."},
		{"broken", "bob", "bobspassword", "LDAP configuration is not usable."},
		{"away", "bob", "bobspassword", "Connection to LDAP server failed."},
		{"none", "bob", "bobspassword", "LDAP configuration is missing."},
	} {
		want := "https://app.example.com/out?cause=" + strings.ReplaceAll(url.QueryEscape(c.cause), "+", "%20")
		if p := b.Post(address, form(c.app, c.user, c.password)); p.Status != 302 || p.Location != want {
			t.Errorf("%+v: %d %s", c, p.Status, p.Location)
		}
	}
	// A script learns the cause; an app that does not exist, or none at all, which is the root app, sign nobody in.
	for app, cause := range map[string]string{"nosuchapp": "LDAP configuration is missing.", "": "Connection to LDAP server failed."} {
		if p := b.Post(address, form(app, "bob", "bobspassword"), "X-Requested-With", "XMLHttpRequest"); p.Status != 401 || p.Body != `{"code":401,"message":"`+cause+`"}` {
			t.Errorf("app %q: %d %s", app, p.Status, p.Body)
		}
	}
	if p := b.Post(address, url.Values{"appid": {"myapp"}, "username": {"bob"}, "password": {"bobspassword"}, "host_url": {"https://evil.example.org"}}); p.Location != "https://app.example.com" {
		t.Errorf("a foreign host gets %s", p.Location)
	}
	if p := b.Post(address+"?returnto=https://evil.example.org", form("none", "bob", "bobspassword")); strings.Contains(p.Location, "evil") {
		t.Errorf("a foreign address gets %s", p.Location)
	}
}

// TestGroups gives users the group of the directory at each sign-in, and takes it back (A 11.5).
func TestGroups(t *testing.T) {
	d := ldaptest.Start(t)
	s := signintest.Start(t)
	app := s.App(t, "myapp", settings(d, map[string]any{
		"security.ldap.ad_mode_enabled": "true", "security.ldap.user_search_filter": "(entryDN={0})",
		"security.ldap.mods_group_node": "CN=Moderators", "security.ldap.admins_group_node": "CN=Domain Admins", "security.ldap.token_delegation_enabled": "true",
	}))
	const ben, mary, bob = "uid=ben,ou=people,dc=example,dc=com", "uid=mary,ou=managers,ou=people,dc=example,dc=com", "uid=bob,ou=people,dc=example,dc=com"
	groups := func(dn, password string) any {
		t.Helper()
		status, user, text := s.SignIn(t, "myapp", "ldap", dn+":"+password)
		if status != 200 {
			t.Fatalf("%s: %d %s", dn, status, text)
		}
		if user["groups"] == "mods" && user["idpAccessToken"] == nil {
			t.Errorf("no profile is kept: %s", text)
		}
		return user["groups"]
	}
	if g := groups(bob, "bobspassword"); g != "users" {
		t.Errorf("bob: %v", g)
	}
	if g := groups(mary, "maryspassword"); g != "admins" {
		t.Errorf("mary: %v", g)
	}
	if g := groups(ben, "benspassword"); g != "mods" {
		t.Errorf("ben: %v", g)
	}
	if err := app.SetSetting(t.Context(), "security.ldap.admins_group_node", "CN=Other Admins"); err != nil {
		t.Fatal(err)
	}
	if g := groups(mary, "maryspassword"); g != "mods" {
		t.Errorf("mary, no administrator any more: %v", g)
	}
}

// TestAccountsAreNotTakenOver checks that a made-up address opens nobody's account, and that inactive users stay out.
func TestAccountsAreNotTakenOver(t *testing.T) {
	d := ldaptest.Start(t)
	s := signintest.Start(t, "para.security.allow_unverified_emails = true")
	app := s.App(t, "myapp", settings(d, nil))
	status, victim, text := s.SignIn(t, "myapp", "password", "ben@paraio.com:Real Ben:a-long-password")
	if status != 200 {
		t.Fatalf("%d %s", status, text)
	}
	if status, user, text := s.SignIn(t, "myapp", "ldap", "ben:benspassword"); status == 200 {
		t.Errorf("signed in as %v, the owner of the address is %v: %s", user["id"], victim["id"], text)
	}
	// An address that the directory has is proof (A 6.1).
	_, first, _ := s.SignIn(t, "myapp", "password", "mary@example.com:Mary:a-long-password")
	if _, same, text := s.SignIn(t, "myapp", "ldap", "mary:maryspassword"); same["id"] != first["id"] || same["identifier"] != "ldap:mary" {
		t.Errorf("mary has two accounts: %s", text)
	}
	u := signintest.User(t, app, "ldap:mary")
	if u == nil {
		t.Fatal("mary has no account")
	}
	if err := u.Set("active", false); err != nil {
		t.Fatal(err)
	}
	if _, err := app.Update(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	if status, _, text := s.SignIn(t, "myapp", "ldap", "mary:maryspassword"); status != 400 {
		t.Errorf("an inactive user: %d %s", status, text)
	}
}

// TestLimits refuses to try more passwords of one user than the option says, at both doors (D87).
func TestLimits(t *testing.T) {
	d := ldaptest.Start(t)
	s := signintest.Start(t, "para.security.signin_limit_per_identifier = 3")
	s.App(t, "myapp", settings(d, nil))
	for i, token := range []string{"bob:wrong", "BOB:wrong", " bob:wrong"} {
		if status, _, text := s.SignIn(t, "myapp", "ldap", token); status != 400 {
			t.Errorf("attempt %d: %d %s", i, status, text)
		}
	}
	if status, _, text := s.SignIn(t, "myapp", "ldap", "bob:bobspassword"); status != 429 {
		t.Errorf("one more: %d %s", status, text)
	}
	b := signintest.NewBrowser(t)
	if p := b.Post(s.Endpoint+"/ldap_auth", url.Values{"appid": {"myapp"}, "username": {"bob"}, "password": {"bobspassword"}}); p.Status != 429 {
		t.Errorf("one more, in a browser: %d %s", p.Status, p.Location)
	}
	if status, _, text := s.SignIn(t, "myapp", "ldap", "ben:benspassword"); status != 200 {
		t.Errorf("another user: %d %s", status, text)
	}
}

// TestSpellingsOfOneName: however a name is written that the directory takes for the same, it is one account, one count of
// attempts, and a ban that holds.
func TestSpellingsOfOneName(t *testing.T) {
	d := ldaptest.Start(t)
	s := signintest.Start(t)
	app := s.App(t, "myapp", settings(d, nil))
	_, ben, text := s.SignIn(t, "myapp", "ldap", "Ben:benspassword")
	if ben["id"] == nil {
		t.Fatal(text)
	}
	for _, name := range []string{"ben", "BEN", "ｂｅｎ"} {
		if status, u, text := s.SignIn(t, "myapp", "ldap", name+":benspassword"); status == 200 && u["id"] != ben["id"] {
			t.Errorf("%s has an account of its own: %s", name, text)
		}
	}
	u, err := app.FindByID(t.Context(), ben["id"].(string))
	if err != nil || u == nil {
		t.Fatal(err)
	}
	if err := u.Set("active", false); err != nil {
		t.Fatal(err)
	}
	if _, err := app.Update(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"Ben", "ben", "BEN", "bEn", "ｂｅｎ", "b\u200ben"} {
		if status, _, text := s.SignIn(t, "myapp", "ldap", name+":benspassword"); status == 200 {
			t.Errorf("%s is not active and signs in: %s", name, text)
		}
	}
}

// TestNameOfSomebodyElse: whoever has somebody's user name as another attribute, which the search filter looks at, must not
// sign in as that person.
func TestNameOfSomebodyElse(t *testing.T) {
	d := ldaptest.Start(t)
	s := signintest.Start(t)
	s.App(t, "myapp", settings(d, map[string]any{"security.ldap.user_search_filter": "(sn={0})"}))
	if status, u, text := s.SignIn(t, "myapp", "ldap", "bob:robertspassword"); status == 200 {
		t.Errorf("somebody whose surname is bob signs in as %v: %s", u["identifier"], text)
	}
	if status, _, text := s.SignIn(t, "myapp", "ldap", "bob:bobspassword"); status != 200 {
		t.Errorf("bob: %d %s", status, text)
	}
	if status, _, text := s.SignIn(t, "myapp", "ldap", "Hamilton:bobspassword"); status != 200 {
		t.Errorf("a name that only the search finds: %d %s", status, text)
	}
}
