package client

import (
	"context"
	"errors"
	"net/http"
	"time"

	para "github.com/erudika/para-go"
)

// Session is a user who has signed in (K 1.5). Token is a secret.
type Session struct {
	User      *para.Object
	Token     string
	Expires   time.Time
	RefreshAt time.Time // from when on the token should be renewed
}

// SignIn signs a user in with a provider: "password" with the token "email::password", "google", "passwordless" and so
// on (K 1.5). The client stays what it is; WithSession makes one for the user.
func (c *Client) SignIn(ctx context.Context, provider, token string) (*Session, error) {
	if provider == "" || token == "" {
		return nil, errors.New("client: sign in: provider and token are needed")
	}
	body, err := encodeBody(map[string]string{"appid": c.accessKey, "provider": provider, "token": token})
	if err != nil {
		return nil, err
	}
	return c.signIn(ctx, &call{method: http.MethodPost, path: c.t.signInPath(), body: body})
}

func (c *Client) signIn(ctx context.Context, r *call) (*Session, error) {
	a, err := answer[*struct {
		User *para.Object `json:"user"`
		JWT  tokenAnswer  `json:"jwt"`
	}](ctx, c, r)
	if err != nil {
		return nil, err
	}
	if a == nil || a.User == nil || a.JWT.Token == "" {
		return nil, errors.New("client: sign in: the answer holds no user and token")
	}
	return &Session{User: a.User, Token: a.JWT.Token, Expires: time.UnixMilli(a.JWT.Expires), RefreshAt: time.UnixMilli(a.JWT.Refresh)}, nil
}

// WithSession returns a client of the user who has signed in. It shares connections and settings with c, and renews its
// token before it expires.
func (c *Client) WithSession(s *Session) *Client {
	d := *c
	d.session = &session{token: s.Token, expires: s.Expires, refresh: s.RefreshAt}
	return &d
}

// Token returns the token that the client sends now, "" when it is not that of a user.
func (c *Client) Token() string {
	if c.session == nil {
		return ""
	}
	c.session.mu.Lock()
	defer c.session.mu.Unlock()
	return c.session.token
}

// SignOut forgets the token of the user; the client is that of a guest then. The token stays valid, see RevokeAllTokens.
func (c *Client) SignOut() {
	if c.session == nil {
		return
	}
	c.session.mu.Lock()
	defer c.session.mu.Unlock()
	c.session.token = ""
}

// Refresh exchanges the client's token for a new one now. Usually that happens by itself.
func (c *Client) Refresh(ctx context.Context) (*Session, error) {
	old := c.Token()
	if old == "" {
		return nil, ErrNoSession
	}
	s, err := c.signIn(ctx, &call{method: http.MethodGet, path: c.t.signInPath(), token: &old})
	if err != nil {
		return nil, err
	}
	c.session.mu.Lock()
	defer c.session.mu.Unlock()
	if c.session.token == old {
		c.session.set(tokenAnswer{Token: s.Token, Expires: s.Expires.UnixMilli(), Refresh: s.RefreshAt.UnixMilli()})
	}
	return s, nil
}

// RevokeAllTokens makes all tokens of the user invalid, the client's own too.
func (c *Client) RevokeAllTokens(ctx context.Context) error {
	token := c.Token()
	if token == "" {
		return ErrNoSession
	}
	return c.call(ctx, &call{method: http.MethodDelete, path: c.t.signInPath(), token: &token}, nil)
}
