package oauth

import (
	"net/http"
	"strings"
	"testing"
)

// TestAddressThatAUserClaims: whoever writes somebody's address into its own account must not get that person into it, nor
// keep the person out (A 6.1). The address counts again when a provider vouches for it.
func TestAddressThatAUserClaims(t *testing.T) {
	w := newWorld(t, "para.security.allow_unverified_emails = true")
	google := socials[1]
	w.app("claims", google.settings())
	me := func(email string) string {
		return `{"sub":"` + email + `","email":"` + email + `","email_verified":true}`
	}

	claim := func(provider, token, email string) string {
		t.Helper()
		status, u, text := w.signIn("claims", provider, token)
		if status != 200 {
			t.Fatalf("%d %s", status, text)
		}
		_, token, _ = strings.Cut(text, `"access_token":"`)
		token, _, _ = strings.Cut(token, `"`)
		id, _ := u["id"].(string)
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPatch, w.Endpoint+"/v1/user/"+id, strings.NewReader(`{"email":"`+email+`"}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != 200 {
			t.Fatalf("the address is not changed: %d", answer.StatusCode)
		}
		return id
	}
	mallory := claim("password", "mallory@example.com:M:mallorys-password", "Ann@Example.com")
	second := claim("password", "moriarty@example.com:M:moriartys-password", "ann@example.com")
	google.answers(w, map[string]string{"www.googleapis.com/oauth2/v3/userinfo": me("ann@example.com")})
	status, ann, text := w.signIn("claims", "google", accessToken)
	if status != 200 || ann["id"] == mallory || ann["id"] == second || ann["email"] != "ann@example.com" {
		t.Fatalf("%d %s", status, text)
	}
	if _, again, _ := w.signIn("claims", "google", accessToken); again["id"] != ann["id"] {
		t.Errorf("ann has two accounts: %v and %v", ann["id"], again["id"])
	}
	if _, _, text := w.signIn("claims", "password", "ann@example.com:Ann:a-long-password"); strings.Contains(text, mallory) || strings.Contains(text, second) {
		t.Errorf("the address opens the account of somebody else: %s", text)
	}

	// An address counts again when a provider vouches for it.
	profile := func(email string) {
		google.answers(w, map[string]string{"www.googleapis.com/oauth2/v3/userinfo": `{"sub":"5","email":"` + email + `","email_verified":true}`})
	}
	profile("old@example.com")
	mover := claim("google", accessToken, "new@example.com")
	github := socials[2]
	github.answers(w, map[string]string{"api.github.com/user": `{"id":7,"email":"new@example.com"}`})
	profile("new@example.com")
	if _, u, text := w.signIn("claims", "google", accessToken); u["id"] != mover || u["email"] != "new@example.com" {
		t.Fatal(text)
	}
	if _, u, text := w.signIn("claims", "github", accessToken); u["id"] != mover {
		t.Errorf("an address that was proved does not count: %s", text)
	}
}

// TestVerifiedIsSaidOfOneAddress: what an ID token says about its address says nothing about another one at the profile
// (A 6.1), where users may write what they like.
func TestVerifiedIsSaidOfOneAddress(t *testing.T) {
	w := newWorld(t)
	i := newIssuer(t, w, "id.example.net/keys")
	w.answer("id.example.net/realm/.well-known/openid-configuration", 200, `{"issuer":"https://id.example.net/realm","authorization_endpoint":"https://id.example.net/auth","token_endpoint":"https://id.example.net/token","userinfo_endpoint":"https://id.example.net/me","jwks_uri":"https://id.example.net/keys"}`)
	settings := map[string]any{"oa2_app_id": "my-id", "oa2_secret": "s", "security.oauth.issuer": "https://id.example.net/realm"}
	for name, tt := range map[string]struct {
		verified any // in the ID token, whose address is mallory@example.com; nil: it has no address
		profile  string
		joins    bool
	}{
		"another address at the profile":    {true, `{"sub":"109","email":"boss@example.com"}`, false},
		"verified at the profile":           {false, `{"sub":"109","email":"boss@example.com","email_verified":true}`, true},
		"not verified at the profile":       {true, `{"sub":"109","email":"boss@example.com","email_verified":false}`, false},
		"verified without an address there": {nil, `{"sub":"109","email":"boss@example.com","email_verified":true}`, true},
		"nobody says so":                    {nil, `{"sub":"109","email":"boss@example.com"}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			w.t = t
			id := strings.ReplaceAll(name, " ", "-")
			app := w.app(id, settings)
			boss := newUser(t, app, "boss@example.com", "boss@example.com")
			claims := idClaims("iss", "https://id.example.net/realm", "email", nil, "email_verified", nil)
			if tt.verified != nil {
				claims["email"], claims["email_verified"] = "mallory@example.com", tt.verified
			}
			w.answer("id.example.net/me", 200, tt.profile)
			status, u, text := w.signIn(id, "oauth2", accessToken+"::"+i.sign(claims))
			if status != 200 || (u["id"] == boss) != tt.joins {
				t.Errorf("%d %s", status, text)
			}
		})
	}
}
