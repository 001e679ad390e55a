package oauth

import (
	"encoding/base64"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/erudika/para-go/client"
	signintest "github.com/erudika/para-go/test/signin"
)

// social is a provider as it answers a user who signs in.
type social struct {
	name, prefix string
	profile      map[string]string // address → answer
	bare         map[string]string // the same without address, name and picture
	header       [2]string         // that carries the token; empty: it is in the query
	identifier   string
	created      string // identifier of new users, when it is another one
	email, title string
	picture      string
	domain       string // of made-up addresses
	token        string // address where codes are exchanged
	answer       string // of that address
	form         map[string]string
}

const accessToken = "the-access-token"

var socials = []social{
	{
		name: "facebook", prefix: "fb", identifier: "fb:1015500", domain: "facebook.com",
		profile: map[string]string{"graph.facebook.com/me": `{"id":"1015500","name":"Ann Lee","email":"ann@example.com","picture":{"data":{"url":"https://cdn.example.com/x.jpg","width":400}}}`},
		bare:    map[string]string{"graph.facebook.com/me": `{"id":"1015500"}`},
		email:   "ann@example.com", title: "Ann Lee", picture: "https://graph.facebook.com/1015500/picture?width=700&height=700&type=square",
		token: "graph.facebook.com/oauth/access_token", answer: "access_token=" + accessToken + "&expires=5183999",
		form: map[string]string{"code": "a+code/=", "client_id": "my-id", "client_secret": "my-secret&", "redirect_uri": "*"},
	},
	{
		name: "google", prefix: "gp", identifier: "gp:109", domain: "google.com", header: [2]string{"Authorization", "Bearer " + accessToken},
		profile: map[string]string{"www.googleapis.com/oauth2/v3/userinfo": `{"sub":"109","name":"Ann Lee","given_name":"Ann","picture":"https://lh3.example.com/a?sz=50","email":"ann@example.com","email_verified":true,"locale":"en"}`},
		bare:    map[string]string{"www.googleapis.com/oauth2/v3/userinfo": `{"sub":"109"}`},
		email:   "ann@example.com", title: "Ann Lee", picture: "https://lh3.example.com/a",
		token: "www.googleapis.com/oauth2/v4/token", answer: `{"access_token":"` + accessToken + `","expires_in":3600,"token_type":"Bearer"}`,
		form: map[string]string{"code": "a+code/=", "client_id": "my-id", "client_secret": "my-secret&", "redirect_uri": "*", "grant_type": "authorization_code"},
	},
	{
		name: "github", prefix: "gh", identifier: "gh:2147483648123", domain: "github.com", header: [2]string{"Authorization", "token " + accessToken},
		profile: map[string]string{
			"api.github.com/user":        `{"id":2147483648123,"login":"ann","name":"Ann Lee","email":null,"avatar_url":"https://avatars.example.com/u/1?v=4"}`,
			"api.github.com/user/emails": `[{"email":"old@example.com","primary":false,"verified":true},{"email":"ann@example.com","primary":true,"verified":true},{"email":"new@example.com","primary":false,"verified":true}]`,
		},
		bare:  map[string]string{"api.github.com/user": `{"id":2147483648123,"name":null}`, "api.github.com/user/emails": `[{"email":"ann@example.com","primary":true,"verified":false}]`},
		email: "ann@example.com", title: "Ann Lee", picture: "https://avatars.example.com/u/1",
		token: "github.com/login/oauth/access_token", answer: `{"access_token":"` + accessToken + `","scope":"user:email","token_type":"bearer"}`,
		form: map[string]string{"code": "a+code/=", "client_id": "my-id", "client_secret": "my-secret&", "redirect_uri": "*"},
	},
	{
		name: "linkedin", prefix: "in", identifier: "in:yrZCpj2Z12", domain: "linkedin.com", header: [2]string{"Authorization", "Bearer " + accessToken},
		profile: map[string]string{
			"api.linkedin.com/v2/me": `{"id":"yrZCpj2Z12","firstName":{"localized":{"en_US":"Ann"},"preferredLocale":{"country":"US","language":"en"}},"lastName":{"localized":{"en_US":"Lee"}},
				"profilePicture":{"displayImage~":{"elements":[{"identifiers":[{"identifier":"https://media.example.com/100_100?e=1"}]},{"identifiers":[{"identifier":"https://media.example.com/400_400?e=2"}]},{"identifiers":[{"identifier":"https://media.example.com/800_800?e=3"}]}]}}}`,
			"api.linkedin.com/v2/emailAddress": `{"elements":[{"handle":"urn:li:emailAddress:3775708763","handle~":{"emailAddress":"ann@example.com"}}]}`,
		},
		bare:  map[string]string{"api.linkedin.com/v2/me": `{"id":"yrZCpj2Z12"}`, "api.linkedin.com/v2/emailAddress": `{"elements":[]}`},
		email: "ann@example.com", title: "Ann Lee", picture: "https://media.example.com/400_400?e=2",
		token: "www.linkedin.com/oauth/v2/accessToken", answer: `{"access_token":"` + accessToken + `","expires_in":5184000}`,
		form: map[string]string{"code": "a+code/=", "client_id": "my-id", "client_secret": "my-secret&", "redirect_uri": "*", "grant_type": "authorization_code"},
	},
	{
		name: "microsoft", prefix: "ms", identifier: "ms:87d349ed-44d7-43e1-9a83-5f2406dee5bd", domain: "windowslive.com", header: [2]string{"Authorization", "Bearer " + accessToken},
		profile: map[string]string{"graph.microsoft.com/v1.0/me": `{"id":"87d349ed-44d7-43e1-9a83-5f2406dee5bd","displayName":"Ann Lee","mail":"Ann@example.com","userPrincipalName":"ann@example.com"}`},
		bare:    map[string]string{"graph.microsoft.com/v1.0/me": `{"id":"87d349ed-44d7-43e1-9a83-5f2406dee5bd","displayName":"","mail":null}`},
		email:   "ann@example.com", title: "Ann Lee", picture: "https://www.gravatar.com/avatar/257c57037d384ae37ea27a07e8a01665?size=400&d=mm&r=pg",
		token: "login.microsoftonline.com/common/oauth2/v2.0/token", answer: `{"token_type":"Bearer","access_token":"` + accessToken + `","scope":"user.read"}`,
		form: map[string]string{"code": "a+code/=", "client_id": "my-id", "client_secret": "my-secret&", "redirect_uri": "*", "grant_type": "authorization_code", "scope": "https://graph.microsoft.com/user.read"},
	},
	{
		name: "slack", prefix: "sl", identifier: "sl:U0G9:T0G9:R3JlYXQgVGVhbQ==", created: "sl:U0G9", domain: "slack.com", header: [2]string{"Authorization", "Bearer " + accessToken},
		profile: map[string]string{"slack.com/api/users.identity": `{"ok":true,"user":{"name":"Ann Lee","id":"U0G9","email":"ann@example.com","image_512":"https://avatars.example.com/512.png?x=y"},"team":{"id":"T0G9","name":"Great Team"}}`},
		bare:    map[string]string{"slack.com/api/users.identity": `{"ok":true,"user":{"id":"U0G9"}}`},
		email:   "ann@example.com", title: "Ann Lee", picture: "https://avatars.example.com/512.png",
		token: "slack.com/api/oauth.v2.access", answer: `{"ok":true,"app_id":"A0","authed_user":{"id":"U0G9","scope":"identity.basic","access_token":"` + accessToken + `","token_type":"user"},"team":{"id":"T0G9"}}`,
		form: map[string]string{"code": "a+code/=", "client_id": "my-id", "client_secret": "my-secret&", "redirect_uri": "*"},
	},
	{
		name: "amazon", prefix: "az", identifier: "az:amzn1.account.K2LI23KL2LK2", domain: "amazon.com", header: [2]string{"X-Amz-Access-Token", accessToken},
		profile: map[string]string{"api.amazon.com/user/profile": `{"user_id":"amzn1.account.K2LI23KL2LK2","email":"ann@example.com","name":"Ann Lee","postal_code":"98052"}`},
		bare:    map[string]string{"api.amazon.com/user/profile": `{"user_id":"amzn1.account.K2LI23KL2LK2"}`},
		email:   "ann@example.com", title: "Ann Lee", picture: "https://www.gravatar.com/avatar/257c57037d384ae37ea27a07e8a01665?d=mm&size=400",
		token: "api.amazon.com/auth/o2/token", answer: `{"access_token":"` + accessToken + `","token_type":"bearer","expires_in":3600,"refresh_token":"Atzr|x"}`,
		form: map[string]string{"code": "a+code/=", "client_id": "my-id", "client_secret": "my-secret&", "redirect_uri": "*", "grant_type": "authorization_code"},
	},
	{
		name: "oauth2third", prefix: "oa2third", identifier: "oa2third:77", domain: "idp.example", header: [2]string{"Authorization", "Bearer " + accessToken},
		profile: map[string]string{"id.example.net/me": `{"user_no":77,"mails":[{"value":"ann@example.com"}],"photo":"https://id.example.net/p.png?s=1","display":"","first":"Ann","last":"Lee"}`},
		bare:    map[string]string{"id.example.net/me": `{"user_no":77}`},
		email:   "ann@example.com", title: "Ann Lee", picture: "https://id.example.net/p.png",
		token: "id.example.net/token", answer: `{"access_token":"` + accessToken + `"}`,
		form: map[string]string{"code": "a+code/=", "client_id": "my-id", "client_secret": "my-secret&", "redirect_uri": "*", "grant_type": "authorization_code", "scope": "read all"},
	},
}

// settings are those of an app that has registered at a provider.
func (s social) settings() map[string]any {
	out := map[string]any{s.prefix + "_app_id": "my-id", s.prefix + "_secret": "my-secret&", "signin_success": "https://app.example.com/in?jwt=id", "signin_failure": "https://app.example.com/out?cause=?"}
	if alias, ok := strings.CutPrefix(s.name, "oauth2"); ok {
		for name, v := range map[string]any{
			"authz_url": "https://id.example.net/authorize?x=y", "token_url": "https://id.example.net/token", "profile_url": "https://id.example.net/me", "scope": "read all", "domain": "idp.example",
			"parameters.id": "user_no", "parameters.email": "/mails/0/value", "parameters.picture": "photo", "parameters.name": "display", "parameters.given_name": "first", "parameters.family_name": "last",
		} {
			out["security.oauth"+alias+"."+name] = v
		}
	}
	return out
}

func (s social) answers(w *world, bodies map[string]string) {
	for address, body := range bodies {
		w.handle(address, func(res http.ResponseWriter, r *http.Request) {
			if s.header[0] != "" && r.Header.Get(s.header[0]) != s.header[1] || s.header[0] == "" && r.URL.Query().Get("access_token") != accessToken {
				res.WriteHeader(http.StatusUnauthorized)
				_, _ = io.WriteString(res, `{"error":"invalid_token"}`)
				return
			}
			res.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(res, body)
		})
	}
}

func (s social) first() string {
	if s.created != "" {
		return s.created
	}
	return s.identifier
}

func TestSocialProviders(t *testing.T) {
	w := newWorld(t)
	for _, s := range socials {
		t.Run(s.name, func(t *testing.T) {
			w.t = t
			app := w.app("social-"+s.name, s.settings())
			s.answers(w, s.profile)
			status, u, text := w.signIn("social-"+s.name, strings.ToUpper(s.name), accessToken)
			if status != 200 {
				t.Fatalf("%d %s\n%s", status, text, w.Log())
			}
			for member, want := range map[string]any{"identifier": s.first(), "email": s.email, "name": s.title, "picture": s.picture, "groups": "users", "active": true} {
				if u[member] != want {
					t.Errorf("%s is %v, want %v", member, u[member], want)
				}
			}
			id := u["id"]
			if status, u, text := w.signIn("social-"+s.name, s.name, accessToken); status != 200 || u["id"] != id || u["identifier"] != s.identifier {
				t.Errorf("the second time: %d %s", status, text)
			}
			if status, _, text := w.signIn("social-"+s.name, s.name, "another-token"); status != 400 || text != `{"code":400,"message":"Failed to authenticate user with '`+s.name+`'. Check if user is active."}` {
				t.Errorf("a wrong token: %d %s", status, text)
			}
			s.flow(t, w, app, id)
			s.without(t, w)
			s.broken(t, w)
			if n, err := app.Count(t.Context(), "user"); err != nil || n != 1 {
				t.Errorf("%d users, %v", n, err)
			}
		})
	}
	for _, hidden := range []string{"my-secret", accessToken, "a+code", "a%2Bcode"} {
		if strings.Contains(w.Log(), hidden) {
			t.Errorf("the log tells %q", hidden)
		}
	}
}

// flow signs in as a browser does, from the server's own beginning and from an application's.
func (s social) flow(t *testing.T, w *world, app *client.Client, id any) {
	w.requests()
	w.handle(s.token, func(res http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(res, s.answer) })
	b := signintest.NewBrowser(t)
	p := b.Get(w.Endpoint + "/" + s.name + "_auth/start?appid=social-" + s.name)
	at, err := url.Parse(p.Location)
	if err != nil || p.Status != 302 || at.Scheme != "https" || at.Query().Get("client_id") != "my-id" || at.Query().Get("redirect_uri") != w.Endpoint+"/"+s.name+"_auth" {
		t.Fatalf("begin: %d %s", p.Status, p.Location)
	}
	if s.name == "oauth2third" && at.Query().Get("x") != "y" {
		t.Errorf("the query of authz_url is lost: %s", p.Location)
	}
	challenge := at.Query().Get("code_challenge")
	for _, callback := range []url.Values{
		{"code": {"a+code/="}, "state": {at.Query().Get("state")}},
		{"code": {"a+code/="}, "state": {"social-" + s.name}},
		{"code": {"a+code/="}, "appid": {"social-" + s.name}},
	} {
		own := strings.Contains(callback.Get("state"), "|")
		if s.name == "google" && own {
			continue // its ID token is tested elsewhere
		}
		w.requests()
		done := b.Get(w.Endpoint + "/" + s.name + "_auth?" + callback.Encode())
		if done.Status != 302 || !strings.HasPrefix(done.Location, "https://app.example.com/in?jwt=ey") {
			t.Fatalf("%v: %d %s\n%s", callback, done.Status, done.Location, w.Log())
		}
		asked := w.requests()[0]
		form := asked.form
		if asked.method == http.MethodGet {
			form = asked.query
		} else if asked.header.Get("Content-Type") != "application/x-www-form-urlencoded" {
			t.Errorf("content type %q", asked.header.Get("Content-Type"))
		}
		want := maps.Clone(s.form)
		want["redirect_uri"] = w.Endpoint + "/" + s.name + "_auth"
		if callback.Get("appid") != "" {
			want["redirect_uri"] += "?appid=social-" + s.name
		}
		if own && challenge != "" {
			want["code_verifier"] = form.Get("code_verifier")
			if len(want["code_verifier"]) != 43 {
				t.Errorf("no verifier for the challenge")
			}
		}
		for name := range form {
			if form.Get(name) != want[name] {
				t.Errorf("%s is %q, want %q", name, form.Get(name), want[name])
			}
			delete(want, name)
		}
		if len(want) > 0 || asked.host+asked.path != s.token {
			t.Errorf("asked %s%s, without %v", asked.host, asked.path, want)
		}
	}
	if u := signintest.User(t, app, s.identifier); u == nil || u.ID() != id {
		t.Errorf("another user: %v", u)
	}
}

// without signs in somebody of whom the provider tells nothing but the id.
func (s social) without(t *testing.T, w *world) {
	name := "bare-" + s.name
	app := w.app(name, s.settings())
	s.answers(w, s.bare)
	status, u, text := w.signIn(name, s.name, accessToken)
	if status != 200 {
		t.Fatalf("without address: %d %s\n%s", status, text, w.Log())
	}
	if email, _ := u["email"].(string); !strings.HasSuffix(email, "@"+s.domain) || u["name"] != "No Name" {
		t.Errorf("without address and name: %s", text)
	}
	id := u["id"]
	if status, u, text := w.signIn(name, s.name, accessToken); status != 200 || u["id"] != id || u["name"] != "No Name" {
		t.Errorf("the second time: %d %s", status, text)
	}
	// What the user writes about itself stays when the provider tells nothing.
	found := signintest.User(t, app, s.first())
	found.SetName("Own Name")
	for member, v := range map[string]string{"email": "own@example.com", "picture": "https://example.com/own.png"} {
		if err := found.Set(member, v); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := app.Update(t.Context(), found); err != nil {
		t.Fatal(err)
	}
	if status, u, text := w.signIn(name, s.name, accessToken); status != 200 || u["name"] != "Own Name" || u["email"] != "own@example.com" ||
		s.name != "facebook" && u["picture"] != "https://example.com/own.png" {
		t.Errorf("it is overwritten: %d %s", status, text)
	}
	s.answers(w, s.profile)
}

// broken makes the provider answer in every wrong way. Nobody signs in, nothing is made, and the server stays up.
func (s social) broken(t *testing.T, w *world) {
	name := "broken-" + s.name
	app := w.app(name, s.settings())
	var main string
	for address := range s.profile {
		if main == "" || len(address) < len(main) {
			main = address
		}
	}
	b := signintest.NewBrowser(t)
	fails := func(what string) {
		t.Helper()
		if status, _, text := w.signIn(name, s.name, accessToken); status != 400 {
			t.Errorf("%s: %d %s", what, status, text)
		}
		if p := b.Get(w.Endpoint + "/" + s.name + "_auth?code=c&appid=" + name); p.Status != 302 || p.Location != failedTo+"Bad%20credentials." {
			t.Errorf("%s, in a browser: %d %s", what, p.Status, p.Location)
		}
	}
	for what, body := range map[string]string{
		"HTML": "<html><body>Please sign in</body></html>", "nothing": "", "null": "null", "an array": "[]", "no id": `{"name":"Ann","email":"ann@example.com","user":{}}`,
		"half": `{"id":"1","sub":"1"`, "ids of other kinds": `{"id":{"a":1},"sub":["x"],"user_id":true,"user":{"id":null},"user_no":[]}`, "two": `{"id":"1"}{"id":"2"}`,
		"an id with line breaks": `{"id":"1\n2","sub":"1\n2","user_id":"1\n2","user":{"id":"1\n2"},"user_no":"1\n2"}`,
		"huge":                   `{"x":"` + strings.Repeat("x", 2<<20) + `","id":"1","sub":"1","user_id":"1","user":{"id":"1"},"user_no":1}`,
		"deep":                   strings.Repeat("[", 20_000),
	} {
		w.answer(main, 200, body)
		fails(what)
	}
	for _, status := range []int{201, 204, 400, 401, 429, 500, 503} {
		w.answer(main, status, `{"id":"1","sub":"1","user_id":"1","user":{"id":"1"},"user_no":1}`)
		if status == 204 {
			w.handle(main, func(res http.ResponseWriter, _ *http.Request) { res.WriteHeader(http.StatusNoContent) })
		}
		fails(http.StatusText(status))
	}
	w.handle(main, func(res http.ResponseWriter, r *http.Request) {
		http.Redirect(res, r, "https://evil.example.net/me?"+r.URL.RawQuery, http.StatusFound)
	})
	w.answer("evil.example.net/me", 200, `{"id":"1","sub":"1","user_id":"1","user":{"id":"1"},"user_no":1}`)
	fails("a redirect to another host")
	for _, r := range w.requests() {
		if r.host == "evil.example.net" {
			t.Error("the redirect was followed")
		}
	}
	w.handle(main, func(res http.ResponseWriter, r *http.Request) {
		http.Redirect(res, r, r.URL.String(), http.StatusFound)
	})
	fails("a redirect to itself")
	w.handle(main, func(res http.ResponseWriter, _ *http.Request) {
		c, _, err := http.NewResponseController(res).Hijack()
		if err == nil {
			c.Close()
		}
	})
	fails("a broken connection")
	s.answers(w, s.profile)
	for what, body := range map[string]string{
		"an error": `{"error":"bad_verification_code","error_description":"The code passed is incorrect or expired."}`, "HTML": "<html>", "no token": `{"token_type":"bearer"}`,
		"a token that is none": `{"access_token":{"x":"y"}}`, "a text": "access_token=", "nothing": "", "a token with line breaks": `{"access_token":"x\r\nX-Evil: 1","authed_user":{"access_token":"x\r\nX-Evil: 1"}}`,
	} {
		w.answer(s.token, 200, body)
		if p := b.Get(w.Endpoint + "/" + s.name + "_auth?code=c&appid=" + name); p.Status != 302 || p.Location != failedTo+"Bad%20credentials." {
			t.Errorf("token endpoint answers %s: %d %s", what, p.Status, p.Location)
		}
	}
	for _, token := range []string{"", " ", "x\r\nX-Evil: 1", "null", ":", "::", strings.Repeat("x", 100_000)} {
		if status, _, text := w.signIn(name, s.name, token); status != 400 {
			t.Errorf("token %.20q: %d %s", token, status, text)
		}
	}
	if n, err := app.Count(t.Context(), "user"); err != nil || n != 0 {
		t.Errorf("%d users were made, %v", n, err)
	}
}

// Slack and Amazon leave their token with the user, in a form that applications read (A 7.3).
func TestTokensLeftWithUsers(t *testing.T) {
	w := newWorld(t)
	for _, s := range socials {
		if s.name != "slack" && s.name != "amazon" {
			continue
		}
		app := w.app("left-"+s.name, s.settings())
		s.answers(w, s.profile)
		if status, _, text := w.signIn("left-"+s.name, s.name, accessToken); status != 200 {
			t.Fatal(status, text)
		}
		want := "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9." + base64.StdEncoding.EncodeToString([]byte(`{"access_token":"`+accessToken+`"}`)) + ".Ss"
		if u := signintest.User(t, app, s.first()); u == nil || u.Text("idpAccessToken") != want {
			t.Errorf("%s: %v", s.name, u)
		}
	}
}

// Users of Slack are found by every form that their identifier was stored in (A 7.3).
func TestFormsOfSlackIdentifiers(t *testing.T) {
	w := newWorld(t)
	s := socials[5]
	s.answers(w, map[string]string{"slack.com/api/users.identity": `{"ok":true,"user":{"id":"U0G9"},"team":{"id":"T0G9","name":"Great Team"}}`})
	for _, stored := range []string{"sl:U0G9", "sl:U0G9:T0G9", "sl:U0G9:T0G9:R3JlYXQgVGVhbQ=="} {
		name := "forms-" + strings.ReplaceAll(strings.ToLower(strings.NewReplacer(":", "-", "=", "").Replace(stored)), "_", "-")
		app := w.app(name, s.settings())
		id := newUser(t, app, stored, "ann@example.com")
		status, u, text := w.signIn(name, "slack", accessToken)
		if status != 200 || u["id"] != id || u["identifier"] != "sl:U0G9:T0G9:R3JlYXQgVGVhbQ==" {
			t.Errorf("%s: %d %s", stored, status, text)
		}
		if again := signintest.User(t, app, "sl:U0G9:T0G9:R3JlYXQgVGVhbQ=="); again == nil || again.ID() != id {
			t.Errorf("%s: the long form was not attached", stored)
		}
	}
}
