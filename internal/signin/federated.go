package signin

import (
	"context"
	"errors"
	"strings"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/engine"
)

// Verify checks what a client got from an identity provider, the token of A 7 and A 8, and returns whose it is. An error
// that is no *Failure and no *para.Error, such as a provider that does not answer, counts as a failed sign-in and is
// logged (D64); its text must hold no secret.
type Verify func(ctx context.Context, app *para.App, providerToken string) (Profile, error)

// CannotCreate is the cause when nobody has an identifier and no user can be made for it (A 6.2).
const CannotCreate = "Authentication failed: cannot create new user."

// federated signs in with a token of an identity provider. The provider is asked before the visit of the app begins, so
// that slow providers hold up nobody.
func (s *Service) federated(ctx context.Context, app *para.App, provider, providerToken string) (*Admission, error) {
	verify := s.opts.Providers[provider]
	if verify == nil {
		return nil, badCredentials()
	}
	if err := usable(app); err != nil {
		return nil, err
	}
	profile, err := verify(ctx, app, providerToken)
	if err != nil {
		return nil, s.Rejected(ctx, provider, err)
	}
	return s.SignInProfile(ctx, app, profile)
}

// Rejected turns the error of an identity provider into what a sign-in answers: a *Failure, unless the request itself was
// cancelled or the error has a code. What clients do not learn goes to the log (D64).
func (s *Service) Rejected(ctx context.Context, provider string, err error) error {
	var failed *Failure
	var coded *para.Error
	switch {
	case errors.As(err, &failed), errors.As(err, &coded):
		return err
	case ctx.Err() != nil:
		return ctx.Err()
	}
	s.opts.Log.WarnContext(ctx, "sign-in by an identity provider failed", "provider", provider, "reason", err)
	return badCredentials()
}

// SignInProfile admits the active user that a profile belongs to, whose provider has proved it: found by identifier,
// else by address, else made; brought up to date with the profile (A 6.1, A 6.2). It fails as SignIn does.
func (s *Service) SignInProfile(ctx context.Context, app *para.App, p Profile) (*Admission, error) {
	leave, err := s.enter(ctx, app)
	if err != nil {
		return nil, err
	}
	defer leave()
	if strings.TrimSpace(p.Identifier) == "" {
		return nil, badCredentials()
	}
	user, err := s.adoptOrJoin(ctx, app, p)
	if engine.Registered(err) { // by another request meanwhile: then there is somebody to adopt
		user, err = s.adoptOrJoin(ctx, app, p)
	}
	switch para.CodeOf(err) {
	case "":
		return s.admit(app, user, "")
	case para.Invalid, para.NotFound, para.Duplicate, para.Conflict:
		s.opts.Log.Debug("account refused", "reason", err)
		return nil, &Failure{Cause: CannotCreate}
	}
	return nil, err
}

// adoptOrJoin brings the user of a profile up to date, or makes one.
func (s *Service) adoptOrJoin(ctx context.Context, app *para.App, p Profile) (*para.Object, error) {
	account, err := s.find(ctx, app, p)
	if err != nil {
		return nil, err
	}
	if account.User != nil {
		user, err := s.adopt(ctx, app, account, p.Identifier, &p)
		if err != nil {
			return nil, s.refused(err)
		}
		return user, nil
	}
	return s.join(ctx, app, p)
}

// find looks for the account of a profile without side effects (D66). A user that is found by an earlier form of the
// identifier, or by the address, has no record of the identifier yet.
func (s *Service) find(ctx context.Context, app *para.App, p Profile) (engine.Account, error) {
	account, err := s.eng.FindAccount(ctx, app, p.Identifier, "")
	if err != nil || account.User != nil {
		return account, err
	}
	for _, alias := range p.Aliases {
		other, err := s.eng.FindAccount(ctx, app, alias, "")
		if err != nil {
			return other, err
		}
		if other.User != nil {
			account.User = other.User
			return account, nil
		}
	}
	return s.eng.FindAccount(ctx, app, p.Identifier, p.Email)
}

// join makes the user of a profile that belongs to nobody yet; an error has the code of SignUp. Nobody opens it with a password (A 6.2).
func (s *Service) join(ctx context.Context, app *para.App, p Profile) (*para.Object, error) {
	if app.ReadOnly {
		return nil, badCredentials()
	}
	if p.NewIdentifier != "" {
		p.Identifier = p.NewIdentifier
	}
	if strings.TrimSpace(p.Name) == "" {
		p.Name = p.NewName
	}
	id := ""
	if strings.TrimSpace(p.Email) == "" {
		p.Email = p.NewEmail
		if strings.HasPrefix(p.Email, "@") {
			id = s.eng.NewID()
			p.Email = id + p.Email
		}
	}
	user, err := newUser(p)
	if err != nil {
		return nil, err
	}
	if id != "" {
		user.SetID(id)
	}
	hash, err := s.hasher.hash(ctx, randomPassword())
	if err != nil {
		return nil, err
	}
	return s.eng.SignUp(ctx, app, user, hash)
}

// Remember changes members of a user that its identity provider gave, such as renewed tokens (A 8.5). An error of code
// Denied in a read-only app.
func (s *Service) Remember(ctx context.Context, app *para.App, user *para.Object, members map[string]string) error {
	if app.ReadOnly {
		return para.Errorf(para.Denied, "App is in read-only mode. [%s]", app.ID)
	}
	leave, err := s.visit(ctx, app)
	if err != nil {
		return err
	}
	defer leave()
	_, err = s.eng.ChangeUser(ctx, app, user.ID(), nil, func(o *para.Object) (changed bool, err error) {
		for name, v := range members {
			if err == nil && o.Text(name) != v {
				changed = true
				err = o.Set(name, v)
			}
		}
		return changed, err
	})
	return err
}
