package oauth

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/erudika/para-go/internal/signin"
)

const (
	twitterRequest = "https://api.twitter.com/oauth/request_token"
	twitterAccess  = "https://api.twitter.com/oauth/access_token"
	twitterProfile = "https://api.twitter.com/1.1/account/verify_credentials.json"
)

// Cancelled is the cause when a user does not want to sign in (A 9.4).
const Cancelled = "Cancelled."

// beginTwitter gets a request token and sends the browser on with it (A 7.4). The cookie holds the token's secret, so that
// only this browser can end the flow.
func (s *Service) beginTwitter(ctx context.Context, c client, callback string) (Begun, error) {
	if c.id == "" || c.secret == "" {
		return Begun{}, errNotRegistered
	}
	o := oauth1{key: c.id, secret: c.secret}
	t, err := s.askTwitter(ctx, o, twitterRequest, map[string]string{"oauth_callback": encode(callback)}, nil)
	if err != nil {
		return Begun{}, err
	}
	return Begun{
		c.authorize + "?oauth_token=" + encode(t.access),
		Cookie{twitterCookie(t.access), base64.RawURLEncoding.EncodeToString([]byte("s" + t.secret))},
	}, nil
}

func twitterCookie(requestToken string) string {
	sum := sha256.Sum256([]byte(requestToken))
	return cookiePrefix + base64.RawURLEncoding.EncodeToString(sum[:])[:10]
}

// finishTwitter turns the verifier that a browser brings back into an access token, and that into a profile.
func (s *Service) finishTwitter(ctx context.Context, c client, back Callback) (profile signin.Profile, spent string, err error) {
	if back.Param("denied") != "" {
		return profile, "", &signin.Failure{Cause: Cancelled}
	}
	request, verifier := back.Param("oauth_token"), back.Param("oauth_verifier")
	if request == "" || verifier == "" || len(request)+len(verifier) > maxTokenBytes {
		return profile, "", rejected()
	}
	name := twitterCookie(request)
	value, err := base64.RawURLEncoding.DecodeString(back.Cookie(name))
	if err != nil || len(value) == 0 {
		return profile, "", errState
	}
	if s.used.add("tw "+request, s.opts.Now().Add(2*FlowLifetime)) {
		return profile, name, errReplay
	}
	o := oauth1{key: c.id, secret: c.secret, token: encode(request), tokenSecret: string(value[1:])}
	t, err := s.askTwitter(ctx, o, twitterAccess, map[string]string{"oauth_verifier": encode(verifier)}, url.Values{"oauth_verifier": {verifier}})
	if err != nil {
		return profile, name, err
	}
	profile, err = twitter(ctx, s, c, t)
	return profile, name, err
}

// askTwitter sends a signed request whose answer is a token with its secret.
func (s *Service) askTwitter(ctx context.Context, o oauth1, address string, params map[string]string, form url.Values) (tokens, error) {
	header := o.header(http.MethodPost, address, params, s.opts.Now(), newNonce())
	if header == "" {
		return tokens{}, errNotRegistered
	}
	res, host, err := s.postForm(ctx, address, form, "Authorization", header)
	if err != nil {
		return tokens{}, err
	}
	if res.status != http.StatusOK {
		return tokens{}, &statusError{host: host, status: res.status}
	}
	v, err := url.ParseQuery(strings.TrimSpace(string(res.body)))
	if err != nil || v.Get("oauth_token") == "" {
		return tokens{}, fmt.Errorf("the answer of %s holds no token", host)
	}
	return tokens{access: v.Get("oauth_token"), secret: v.Get("oauth_token_secret")}, nil
}

func twitter(ctx context.Context, s *Service, c client, t tokens) (signin.Profile, error) {
	o := oauth1{key: c.id, secret: c.secret, token: encode(t.access), tokenSecret: t.secret}
	header := o.header(http.MethodGet, twitterProfile, map[string]string{"include_email": "true"}, s.opts.Now(), newNonce())
	if header == "" {
		return signin.Profile{}, errNotRegistered
	}
	f, err := s.getJSON(ctx, twitterProfile+"?include_email=true", "Authorization", header, "Accept", "application/json")
	if err != nil {
		return signin.Profile{}, err
	}
	p, err := c.profileOf(f.text("id_str"))
	if err != nil {
		return p, err
	}
	p = described(p, f.text("email"), "twitter.com", f.text("name"), cut(strings.ReplaceAll(f.text("profile_image_url_https"), "_normal", "")))
	if p.Name == "" {
		p.Name = f.text("screen_name")
	}
	return p, nil
}

var errNoTokenSecret = errors.New("a token of Twitter has the form token:secret")
