package server

import (
	"context"
	"errors"
	"net/http"
	"strings"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/functions"
	"github.com/erudika/para-go/internal/ldap"
	"github.com/erudika/para-go/internal/saml"
	"github.com/erudika/para-go/internal/signin"
)

// noSetting stands for a setting that is not there; no setting has this text.
const noSetting = "\x00"

// lookup returns the settings of an app, for the root app also the options of the same names (A 1.5).
func (s *Server) lookup(app *para.App) func(name string) (string, bool) {
	return func(name string) (string, bool) {
		v := s.setting(app, name, noSetting)
		return v, v != noSetting
	}
}

// directory signs users in at the directories of apps.
type directory struct {
	server *Server
	ask    *ldap.Authenticator
	admit  func(app *para.App, identifier string) error // says whether one more password may be tried
}

// signIn asks an app's directory whether a password is right (A 11). What the directory answered goes to the log.
func (d *directory) signIn(ctx context.Context, app *para.App, username, password string) (signin.Profile, error) {
	settings, err := ldap.ParseSettings(d.server.lookup(app))
	if err != nil {
		text := "LDAP configuration is missing."
		if !errors.Is(err, ldap.ErrNotConfigured) {
			text = "LDAP configuration is not usable."
			d.server.log.WarnContext(ctx, "sign-in by LDAP is not possible", "app", app.Identifier, "reason", err)
		}
		return signin.Profile{}, &signin.Failure{Cause: text}
	}
	if err := d.admit(app, "ldap:"+settings.AttemptKey(username)); err != nil {
		return signin.Profile{}, err
	}
	p, err := d.ask.Authenticate(ctx, app.Identifier, settings, username, password)
	var refused *ldap.Refusal
	switch {
	case errors.As(err, &refused):
		d.server.log.InfoContext(ctx, "sign-in by LDAP refused", "app", app.Identifier, "reason", refused)
		return signin.Profile{}, &signin.Failure{Cause: refused.Text}
	case err != nil:
		return signin.Profile{}, err
	}
	profile := signin.Profile{
		Identifier: p.Identifier, Aliases: []string{p.Entered}, Email: p.Email, Name: p.Name, NewName: "No Name", Groups: p.Groups,
		Picture: "https://www.gravatar.com/avatar/" + functions.MD5(strings.ToLower(p.Email)) + "?size=400&d=mm&r=pg",
	}
	if p.MadeUp {
		profile.Email, profile.NewEmail = "", madeUpAddress(p.Email)
	}
	if settings.KeepsProfiles() {
		profile.Members = map[string]string{"idpAccessToken": p.Token()}
	}
	return profile, nil
}

// verify checks the token of the provider ldap, <username>:<password> (A 7).
func (d *directory) verify(ctx context.Context, app *para.App, token string) (signin.Profile, error) {
	username, password, ok := strings.Cut(token, orSeparator(d.server.config.String("default_separator")))
	if !ok {
		return signin.Profile{}, &signin.Failure{Cause: signin.BadCredentials}
	}
	return d.signIn(ctx, app, username, password)
}

func orSeparator(separator string) string {
	if separator == "" {
		return ":"
	}
	return separator
}

// madeUpAddress returns an address that was made of a user name; where the name cannot be part of an address, what stands
// for the user's id takes its place.
func madeUpAddress(email string) string {
	if functions.ValidEmail(email) {
		return email
	}
	return email[strings.LastIndexByte(email, '@'):]
}

// samlFlows speaks SAML for apps.
type samlFlows struct {
	server  *Server
	service *saml.Service
}

// of returns an app as a service provider; a *signin.Failure for an app that does not use SAML.
func (f *samlFlows) of(app *para.App) (*saml.Settings, saml.Tenant, error) {
	settings, err := saml.ParseSettings(f.server.lookup(app))
	if errors.Is(err, saml.ErrNotConfigured) {
		err = &signin.Failure{Cause: signin.BadCredentials}
	}
	return settings, saml.Tenant{App: app.Identifier, Secret: app.Secret}, err
}

// Start implements rest.SAML.
func (f *samlFlows) Start(ctx context.Context, app *para.App, entityID string, cookies []*http.Cookie) (string, []*http.Cookie, error) {
	settings, tenant, err := f.of(app)
	if err != nil {
		return "", nil, err
	}
	r, err := f.service.Start(ctx, tenant, settings, entityID, cookies)
	if err != nil {
		return "", nil, err
	}
	return r.URL, r.Cookies, nil
}

// Finish implements rest.SAML.
func (f *samlFlows) Finish(ctx context.Context, app *para.App, response string, cookies []*http.Cookie) (signin.Profile, []*http.Cookie, error) {
	settings, tenant, err := f.of(app)
	if err != nil {
		return signin.Profile{}, nil, err
	}
	p, give, err := f.service.Finish(ctx, tenant, settings, response, cookies)
	if err != nil {
		return signin.Profile{}, nil, err
	}
	profile := signin.Profile{Identifier: p.Identifier, Email: p.Email, Name: p.Name, NewName: "Anonymous", Picture: p.Picture, KeepPicture: p.Picture == ""}
	if p.Email == "" {
		profile.NewEmail = madeUpAddress(p.ID + "@" + settings.Domain())
	}
	if settings.KeepsProfiles() {
		profile.Members = map[string]string{"idpAccessToken": p.Token()}
	}
	return profile, give, nil
}

// Metadata implements rest.SAML.
func (f *samlFlows) Metadata(ctx context.Context, app *para.App, entityID string) ([]byte, error) {
	settings, tenant, err := f.of(app)
	if err != nil {
		return nil, err
	}
	return f.service.Metadata(ctx, tenant, settings, entityID)
}
