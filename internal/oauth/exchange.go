package oauth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

var errNotRegistered = errors.New("the app has no client id at this provider")

// exchange turns the code that a browser brought back into tokens (A 7.2, A 8.2). verifier is that of PKCE, "" for none.
func (s *Service) exchange(ctx context.Context, c client, code, redirect, verifier string) (tokens, error) {
	if c.id == "" {
		return tokens{}, errNotRegistered
	}
	form := url.Values{"code": {code}, "redirect_uri": {redirect}, "client_id": {c.id}}
	if !c.p.noGrant {
		form.Set("grant_type", "authorization_code")
	}
	if verifier != "" {
		form.Set("code_verifier", verifier)
	}
	return s.tokensOf(ctx, c, form)
}

// refresh turns a refresh token of a generic provider into new tokens (A 8.2).
func (s *Service) refresh(ctx context.Context, c client, token string) (tokens, error) {
	if c.id == "" {
		return tokens{}, errNotRegistered
	}
	return s.tokensOf(ctx, c, url.Values{"refresh_token": {token}, "client_id": {c.id}, "grant_type": {"refresh_token"}})
}

// tokensOf asks the token endpoint of a provider.
func (s *Service) tokensOf(ctx context.Context, c client, form url.Values) (tokens, error) {
	for name, value := range c.p.tokenParams {
		form.Set(name, value)
	}
	if c.p.generic() && !c.omitScope && c.scope != "" {
		form.Set("scope", c.scope)
	}
	var header []string
	switch {
	case c.basic:
		header = append(header, "Authorization", basic(c.id, c.secret))
		form.Del("client_id")
	case c.secret != "":
		form.Set("client_secret", c.secret)
	}
	if c.accept != "" {
		header = append(header, "Accept", c.accept)
	} else if c.p.json || c.p.generic() {
		header = append(header, "Accept", "application/json")
	}
	if c.p.get {
		return s.tokensByGet(ctx, c, form)
	}
	res, host, err := s.postForm(ctx, c.token, form, header...)
	if err != nil {
		return tokens{}, fmt.Errorf("exchange the code: %w", err)
	}
	f, err := parseAnswer(host, res)
	if err != nil {
		return tokens{}, fmt.Errorf("exchange the code: %w", err)
	}
	return readTokens(host, f)
}

// tokensByGet exchanges a code at a provider that also answers in the form of a query (A 7.2).
func (s *Service) tokensByGet(ctx context.Context, c client, form url.Values) (tokens, error) {
	r, err := newRequest(ctx, http.MethodGet, c.token+"?"+form.Encode(), nil)
	if err != nil {
		return tokens{}, err
	}
	res, err := s.do(r)
	if err != nil {
		return tokens{}, fmt.Errorf("exchange the code: %w", err)
	}
	if res.status == http.StatusOK && strings.HasPrefix(strings.TrimSpace(string(res.body)), "access_token=") {
		if v, err := url.ParseQuery(strings.TrimSpace(string(res.body))); err == nil && v.Get("access_token") != "" {
			return tokens{access: v.Get("access_token")}, nil
		}
	}
	f, err := parseAnswer(r.URL.Host, res)
	if err != nil {
		return tokens{}, fmt.Errorf("exchange the code: %w", err)
	}
	return readTokens(r.URL.Host, f)
}

// readTokens reads the answer of a token endpoint. Slack's has the token of the user apart.
func readTokens(host string, f fields) (tokens, error) {
	t := tokens{access: f.text("access_token"), refresh: f.text("refresh_token"), id: f.text("id_token")}
	if user := f.object("authed_user").text("access_token"); user != "" {
		t.access = user
	}
	if t.access == "" {
		return tokens{}, &statusError{host, http.StatusOK, errorCode(f)}
	}
	return t, nil
}
