package oauth

import (
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	signintest "github.com/erudika/para-go/test/signin"
)

const (
	twitterUser   = `{"id":38895958,"id_str":"38895958","name":"Ann Lee","screen_name":"ann","email":"ann@example.com","profile_image_url_https":"https://pbs.example.com/p_normal.png?x=1"}`
	twitterVerify = "api.twitter.com/1.1/account/verify_credentials.json"
)

var oauthHeader = regexp.MustCompile(`^OAuth (\w+="[^"]*", )*oauth_version="1\.0"$`)

// startTwitter makes the endpoints of OAuth 1.0a answer.
func startTwitter(w *world) {
	w.handle("api.twitter.com/oauth/request_token", func(res http.ResponseWriter, r *http.Request) {
		h := r.Header.Get("Authorization")
		if r.Method != http.MethodPost || !oauthHeader.MatchString(h) || !strings.Contains(h, `oauth_callback="http%3A%2F%2F127.0.0.1`) || !strings.Contains(h, `oauth_consumer_key="ck"`) || !strings.Contains(h, `oauth_signature="`) {
			http.Error(res, `{"errors":[{"code":32,"message":"Could not authenticate you."}]}`, http.StatusUnauthorized)
			return
		}
		_, _ = io.WriteString(res, "oauth_token=request/1&oauth_token_secret=rs&oauth_callback_confirmed=true")
	})
	w.handle("api.twitter.com/oauth/access_token", func(res http.ResponseWriter, r *http.Request) {
		h := r.Header.Get("Authorization")
		if r.Form.Get("oauth_verifier") != "v+1" || !strings.Contains(h, `oauth_token="request%2F1"`) {
			http.Error(res, "Invalid request token", http.StatusUnauthorized)
			return
		}
		_, _ = io.WriteString(res, "oauth_token=at-1&oauth_token_secret=ats&user_id=38895958&screen_name=ann")
	})
	w.handle(twitterVerify, func(res http.ResponseWriter, r *http.Request) {
		if h := r.Header.Get("Authorization"); !strings.Contains(h, `oauth_token="at-1"`) || strings.Contains(h, "include_email") || r.URL.Query().Get("include_email") != "true" {
			http.Error(res, `{"errors":[{"code":89}]}`, http.StatusUnauthorized)
			return
		}
		_, _ = io.WriteString(res, twitterUser)
	})
}

func TestTwitter(t *testing.T) {
	w := newWorld(t)
	startTwitter(w)
	app := w.app("twitter", map[string]any{"tw_app_id": "ck", "tw_secret": "cs-secret", "signin_success": "https://app.example.com/in?jwt=id", "signin_failure": "https://app.example.com/out?cause=?"})
	begins := []string{"/twitter_auth?appid=twitter", "/twitter_auth?state=twitter", "/twitter_auth/start?appid=twitter"}
	for _, begin := range begins {
		b := signintest.NewBrowser(t)
		w.requests()
		p := b.Get(w.Endpoint + begin)
		if p.Status != 302 || p.Location != "https://api.twitter.com/oauth/authenticate?oauth_token=request%2F1" {
			t.Fatalf("%s: %d %s\n%s", begin, p.Status, p.Location, w.Log())
		}
		sent := w.requests()[0].header.Get("Authorization")
		_, callback, _ := strings.Cut(sent, `oauth_callback="`)
		callback, _, _ = strings.Cut(callback, `"`)
		callback, err := url.QueryUnescape(callback)
		if err != nil || callback != w.Endpoint+"/twitter_auth?appid=twitter" {
			t.Fatalf("%s: callback %q", begin, callback)
		}
		back := callback + "&oauth_token=request%2F1&oauth_verifier=v%2B1"
		if other := signintest.NewBrowser(t).Get(back); other.Location != failedTo+"Bad%20credentials." {
			t.Errorf("another browser: %s", other.Location)
		}
		done := b.Get(back)
		if done.Status != 302 || !strings.HasPrefix(done.Location, "https://app.example.com/in?jwt=ey") {
			if begin == begins[0] {
				t.Fatalf("%d %s\n%s", done.Status, done.Location, w.Log())
			}
			if done.Location != failedTo+"Bad%20credentials." { // the fake hands out one request token only, which has been used
				t.Errorf("%s", done.Location)
			}
		}
	}
	u := signintest.User(t, app, "tw:38895958")
	if u == nil || u.Name() != "Ann Lee" || u.Text("email") != "ann@example.com" || u.Text("picture") != "https://pbs.example.com/p.png" {
		t.Fatalf("%v", u)
	}
	if p := signintest.NewBrowser(t).Get(w.Endpoint + "/twitter_auth?appid=twitter&denied=request"); p.Location != failedTo+"Cancelled." {
		t.Errorf("%s", p.Location)
	}
	if status, got, text := w.signIn("twitter", "twitter", "at-1:ats"); status != 200 || got["id"] != u.ID() {
		t.Errorf("%d %s", status, text)
	}
	for _, token := range []string{"at-1", "", ":", "at-2:ats", ":ats"} {
		if status, _, text := w.signIn("twitter", "twitter", token); status != 400 {
			t.Errorf("%q: %d %s", token, status, text)
		}
	}
	w.answer(twitterVerify, 200, `{"id_str":"7","name":"","screen_name":"bob"}`)
	if status, got, text := w.signIn("twitter", "twitter", "at-1:ats"); status != 200 || got["name"] != "bob" || got["email"] != got["id"].(string)+"@twitter.com" {
		t.Errorf("%d %s", status, text)
	}
	w.answer(twitterVerify, 201, twitterUser)
	if status, _, text := w.signIn("twitter", "twitter", "at-1:ats"); status != 400 {
		t.Errorf("another status than 200: %d %s", status, text)
	}
	w.app("unregistered", nil)
	if status, _, text := w.signIn("unregistered", "twitter", "at-1:ats"); status != 400 {
		t.Errorf("%d %s", status, text)
	}
	for _, body := range []string{"", "<html>", "oauth_token_secret=x", "oauth_token="} {
		w.answer("api.twitter.com/oauth/request_token", 200, body)
		if p := signintest.NewBrowser(t).Get(w.Endpoint + "/twitter_auth?appid=twitter"); p.Location != failedTo+"Bad%20credentials." {
			t.Errorf("%q: %s", body, p.Location)
		}
	}
	if strings.Contains(w.Log(), "cs-secret") || strings.Contains(w.Log(), "ats") {
		t.Error("the log tells a secret")
	}
}
