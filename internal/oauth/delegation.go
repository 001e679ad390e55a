package oauth

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"time"

	para "github.com/erudika/para-go"
)

const (
	validFor   = 30 * time.Second // how long a delegated token counts after the provider accepted it (A 8.5)
	invalidFor = 5 * time.Second  // and how long it does not after a refusal
)

// Delegated says whether a user may still act according to the generic provider that it signed in with, true where the app
// does not want that checked (A 8.5). The provider is asked with the access token that is kept with the user; when that
// fails the token is renewed. Answers count for some seconds. A provider that cannot be reached refuses.
func (s *Service) Delegated(ctx context.Context, app *para.App, user *para.Object) (bool, error) {
	p := delegating(user.Text("identifier"))
	if p == nil {
		return true, nil
	}
	c := s.client(app, p)
	if !c.delegation {
		return true, nil
	}
	access := user.Text("idpAccessToken")
	if access == "" {
		return false, nil
	}
	sum := sha256.Sum256([]byte(access + " " + user.Text("idpRefreshToken")))
	key := app.ID + " " + user.ID() + " " + base64.StdEncoding.EncodeToString(sum[:])
	switch {
	case s.delegated.contains(key):
		return true, nil
	case s.delegated.contains("no " + key):
		return false, nil
	}
	// Others wait for the same answer, so it does not end with the request that asked first.
	answer := s.asking.DoChan(key, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*callTimeout)
		defer cancel()
		leave, err := s.calls.enter(app.Identifier)
		if err != nil {
			return false, err
		}
		defer leave()
		ok := s.stillValid(ctx, c, user, access)
		if ok {
			s.delegated.add(key, s.opts.Now().Add(validFor))
		} else {
			s.delegated.add("no "+key, s.opts.Now().Add(invalidFor))
		}
		return ok, nil
	})
	select {
	case r := <-answer:
		ok, _ := r.Val.(bool)
		return ok, r.Err
	case <-ctx.Done():
		return false, ctx.Err()
	}
}

// delegating returns the generic provider of an identifier, nil when it is of another one.
func delegating(identifier string) *provider {
	for i := range providers {
		p := &providers[i]
		if p.generic() && len(identifier) > len(p.prefix) && strings.EqualFold(identifier[:len(p.prefix)+1], p.prefix+":") {
			return p
		}
	}
	return nil
}

// stillValid asks the provider, with a renewed token if the one at hand is refused.
func (s *Service) stillValid(ctx context.Context, c client, user *para.Object, access string) bool {
	err := s.complete(ctx, &c)
	if err == nil {
		if f, e := s.userInfo(ctx, c, access); e == nil && f.text(c.parameters["id"]) != "" {
			return true
		}
		var renewed tokens
		if refresh := user.Text("idpRefreshToken"); refresh != "" && s.opts.Save != nil && !c.app.ReadOnly {
			if renewed, err = s.refresh(ctx, c, refresh); err == nil {
				return s.renewed(ctx, c, user, renewed)
			}
		}
	}
	s.opts.Log.InfoContext(ctx, "delegated token refused by its identity provider", "provider", c.p.name, "app", c.app.Identifier, "user", user.ID(), "reason", err)
	return false
}

// renewed keeps new tokens with the user and asks the provider with them.
func (s *Service) renewed(ctx context.Context, c client, user *para.Object, t tokens) bool {
	members := map[string]string{"idpAccessToken": t.access}
	if t.refresh != "" {
		members["idpRefreshToken"] = t.refresh
	}
	if t.id != "" {
		members["idpIdToken"] = t.id
	}
	if err := s.opts.Save(ctx, c.app, user, members); err != nil {
		s.opts.Log.WarnContext(ctx, "renewed tokens not kept", "app", c.app.Identifier, "user", user.ID(), "reason", err)
		return false
	}
	f, err := s.userInfo(ctx, c, t.access)
	return err == nil && f.text(c.parameters["id"]) != ""
}
