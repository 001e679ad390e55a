package signin

import (
	"context"
	"strings"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/token"
)

// passwordless signs in with a token that a customer's server signed, or with an ID token of this server (A 10.1). The
// signature is checked before anything is written (D66). An ID token is complete: it was made for somebody who had proved
// everything.
func (s *Service) passwordless(ctx context.Context, app *para.App, compact string) (user *para.Object, complete bool, err error) {
	t, err := token.ParseProfile(strings.TrimSpace(compact))
	if err != nil {
		return nil, false, badCredentials()
	}
	identifier, email := t.Profile()
	if strings.TrimSpace(identifier) == "" {
		return nil, false, badCredentials()
	}
	account, err := s.eng.FindAccount(ctx, app, identifier, email)
	if err != nil {
		return nil, false, err
	}
	now := s.eng.Now()
	claims, err := t.Verify(s.opts.Setting(app, "app_secret_key", app.Secret), now)
	if err != nil {
		if account.User != nil && account.User.Text("tokenSecret") != "" {
			if _, err := t.Verify(token.Key(app.Secret, account.User.Text("tokenSecret")), now); err == nil {
				return account.User, true, nil // an ID token changes nothing (D66)
			}
		}
		return nil, false, badCredentials()
	}
	profile := Profile{Identifier: identifier, Email: email, Name: claims.Name, Picture: claims.Picture, Groups: claims.Groups}
	if account.User != nil {
		user, err := s.adopt(ctx, app, account, identifier, &profile)
		return user, false, err
	}
	if app.ReadOnly {
		return nil, false, badCredentials()
	}
	if user, err = newUser(profile); err != nil {
		return nil, false, err
	}
	user, err = s.eng.SignUp(ctx, app, user, "")
	return user, false, err
}

// AppOf returns the app id that a token for the passwordless provider names, "" for none (A 9.1). The token is not
// verified.
func AppOf(compact string) string {
	t, err := token.ParseProfile(strings.TrimSpace(compact))
	if err != nil {
		return ""
	}
	return t.AppID()
}
