package server

import (
	"context"
	"encoding/json"
	"maps"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/config"
	"github.com/erudika/para-go/internal/ldap"
	"github.com/erudika/para-go/internal/oauth"
	"github.com/erudika/para-go/internal/rest"
	"github.com/erudika/para-go/internal/signin"
)

// signIn builds what signs users in, and what asks OAuth identity providers and directories about them.
func (s *Server) signIn() (*signin.Service, *oauth.Service, *directory) {
	cfg := s.config
	var users *signin.Service
	providers := oauth.New(oauth.Options{
		Setting: s.setting,
		Keys:    s.oauthKeys,
		Save: func(ctx context.Context, app *para.App, user *para.Object, members map[string]string) error {
			return users.Remember(ctx, app, user, members)
		},
		Transport: s.identityTransport,
		Separator: cfg.String("default_separator"),
		Now:       s.engine.Now,
		Log:       s.log,
	})
	directory := &directory{server: s, ask: ldap.New(ldap.Options{
		Matches: func(ctx context.Context, password, hash string) (bool, error) {
			return users.PasswordMatches(ctx, password, hash)
		},
	}), admit: func(app *para.App, identifier string) error { return users.AdmitPassword(app, identifier) }}
	verifiers := providers.Verifiers()
	verifiers["ldap"] = directory.verify
	users = signin.New(signin.Options{
		Engine:          s.engine,
		Providers:       verifiers,
		Setting:         s.setting,
		TokenValidity:   cfg.Duration("jwt_expires_after"),
		RefreshInterval: cfg.Duration("jwt_refresh_interval"),
		IDValidity:      cfg.Duration("id_token_expires_after"),
		MinPassword:     cfg.Int("min_password_length"),
		MaxAttempts:     cfg.Int("max_pass_matching_attemts"),
		LockPeriod:      cfg.Duration("pass_matching_lock_period_hours"),
		ResetTimeout:    cfg.Duration("pass_reset_timeout"),
		Separator:       cfg.String("default_separator"),
		AllowUnverified: cfg.Bool("security.allow_unverified_emails"),
		AllowSignUp:     cfg.Bool("security.allow_password_signup"),
		Log:             s.log,

		LimitPerAddress:    cfg.Int("security.signin_limit_per_address"),
		LimitPerIdentifier: cfg.Int("security.signin_limit_per_identifier"),
	})
	return users, providers, directory
}

// oauthKeys returns client id and secret of an app at a provider (A 1.5).
func (s *Server) oauthKeys(app *para.App, prefix string) (id, secret string) {
	id, secret = prefix+"_app_id", prefix+"_secret"
	a := appSettings(app, id)
	if other := appSettings(app, secret); a.Values == nil {
		a = other
	} else {
		maps.Copy(a.Values, other.Values)
	}
	return s.config.OAuthKeys(a, prefix)
}

// setting returns a setting of an app, for the root app else the option of the same name, else def (A 1.5).
func (s *Server) setting(app *para.App, key, def string) string {
	return s.config.Setting(appSettings(app, key), key, def)
}

// appSettings holds one setting of an app, decoded, in the form that package config reads.
func appSettings(app *para.App, key string) *config.AppSettings {
	a := &config.AppSettings{Root: app.Root}
	if raw, ok := app.Settings[key]; ok {
		var v any
		if json.Unmarshal(raw, &v) == nil {
			a.Values = map[string]any{key: v}
		}
	}
	return a
}

// directSetting returns a setting of an app that has no counterpart among the options (C 3.6).
func (s *Server) directSetting(app *para.App, key string) string {
	return s.config.DirectSetting(appSettings(app, key), key)
}

// pages says where browsers go that sign in or out.
func (s *Server) pages() rest.Pages {
	cfg := s.config
	return rest.Pages{
		SignIn:         cfg.String("security.signin"),
		SignInSuccess:  cfg.String("security.signin_success"),
		SignInFailure:  cfg.String("security.signin_failure"),
		SignOut:        cfg.String("security.signout"),
		SignOutSuccess: cfg.String("security.signout_success"),
		ReturnTo:       cfg.String("security.returnto"),
		AuthCookie:     cfg.String("auth_cookie"),
		ReturnCookie:   cfg.String("returnto_cookie"),
		SessionTimeout: cfg.Duration("session_timeout"),
		CSRF:           cfg.Bool("security.csrf_protection"),
		CSRFWithSPA:    cfg.Bool("security.csrf_protection_with_spa"),
		Setting:        s.setting,
		Direct:         s.directSetting,
	}
}

// protectedPaths are the paths outside the API that need credentials.
func protectedPaths(cfg *config.Config) []rest.Protected {
	var out []rest.Protected
	for _, p := range cfg.Protected() {
		out = append(out, rest.Protected{Patterns: p.Patterns, Methods: p.Methods, Roles: p.Roles})
	}
	return out
}
