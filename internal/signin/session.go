package signin

import (
	"context"
	"sync"
	"time"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/token"
)

// renewals are the tokens that are being made, by user. Requests that want a token of a user while one is made share it:
// with one session per user each new token makes the earlier ones invalid, and none that was handed out to parallel
// requests may be dead on arrival (D65).
type renewals struct {
	mu      sync.Mutex
	running map[string]*renewal
}

type renewal struct {
	done    chan struct{}
	session *Session
	err     error
}

// ErrKey is returned when no token can be made because the app's secret is too short (A 5.1 row 6).
var ErrKey = token.ErrKeyTooShort

// Issue gives a user who was admitted a token. Unless the app allows several sessions, the user's token secret is renewed, which ends all
// other sessions (A 4.3, D65). A user that is gone meanwhile is a *Failure.
func (s *Service) Issue(ctx context.Context, a *Admission) (*Session, error) {
	app, user := a.app, a.user
	leave, err := s.visit(ctx, app)
	if err != nil {
		return nil, err
	}
	defer leave()
	session, err := s.share(ctx, app, user, func(*para.Object) error { return nil })
	if err != nil {
		return nil, s.refused(err)
	}
	a.user = session.User // with the token secret that an ID token has to have
	return session, nil
}

// Refresh gives the holder of a valid user token a new one (A 5.2). user is the user as it was when the token was checked:
// when its token secret has changed meanwhile the token is dead, and the refresh fails with a *Failure, as it does for
// inactive users (D62), and for users without a second factor that the app requires by now. An inactive app is an error of
// code Denied (D63).
func (s *Service) Refresh(ctx context.Context, app *para.App, user *para.Object) (*Session, error) {
	if !user.Bool("active") || !proved(app, user) {
		return nil, badCredentials()
	}
	leave, err := s.enter(ctx, app)
	if err != nil {
		return nil, err
	}
	defer leave()
	secret := user.Text("tokenSecret")
	session, err := s.share(ctx, app, user, func(stored *para.Object) error {
		if !stored.Bool("active") || stored.Text("tokenSecret") != secret || !proved(app, stored) {
			return badCredentials()
		}
		return nil
	})
	if err != nil {
		return nil, s.refused(err)
	}
	return session, nil
}

// share runs a renewal for a user, or waits for the one that runs.
func (s *Service) share(ctx context.Context, app *para.App, user *para.Object, check func(*para.Object) error) (*Session, error) {
	key := app.Identifier + " " + user.ID()
	for {
		r, mine := s.renewals.join(key)
		if mine {
			// Others may wait for this one, so it does not end with the request that started it.
			r.session, r.err = s.renew(context.WithoutCancel(ctx), app, user, check)
			s.renewals.finish(key, r)
			return r.session, r.err
		}
		select {
		case <-r.done:
			if r.err == nil {
				return r.session, nil
			}
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// join returns the renewal that runs for a key, or a new one that the caller has to run and finish.
func (r *renewals) join(key string) (running *renewal, mine bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if running = r.running[key]; running != nil {
		return running, false
	}
	running = &renewal{done: make(chan struct{})}
	r.running[key] = running
	return running, true
}

func (r *renewals) finish(key string, done *renewal) {
	r.mu.Lock()
	delete(r.running, key)
	r.mu.Unlock()
	close(done.done)
}

// renew renews the token secret where that is due, and signs a token with it. Nothing is written in a read-only app (D63).
func (s *Service) renew(ctx context.Context, app *para.App, user *para.Object, check func(*para.Object) error) (*Session, error) {
	if !app.ReadOnly {
		single := s.opts.Setting(app, "security.one_session_per_user", "true") == "true"
		secret := para.NewTokenSecret()
		var err error
		user, err = s.eng.ChangeUser(ctx, app, user.ID(), nil, func(o *para.Object) (bool, error) {
			if err := check(o); err != nil {
				return false, err
			}
			if !single && o.Text("tokenSecret") != "" {
				return false, nil
			}
			return true, o.Set("tokenSecret", secret)
		})
		if err != nil {
			return nil, err
		}
	}
	if user.Text("tokenSecret") == "" {
		return nil, badCredentials()
	}
	issued, err := token.IssueUser(token.User{
		AppID: app.ID, Subject: user.ID(), IDP: provider(user), Validity: s.Validity(app), Interval: s.opts.RefreshInterval,
	}, token.Key(app.Secret, user.Text("tokenSecret")), s.eng.Now())
	if err != nil {
		return nil, err
	}
	return &Session{App: app, User: user, Token: issued}, nil
}

// Revoke ends all sessions of a user (A 5.3): every token of it becomes invalid, also that of an inactive user (D62).
func (s *Service) Revoke(ctx context.Context, app *para.App, user *para.Object) error {
	leave, err := s.visit(ctx, app)
	if err != nil {
		return err
	}
	defer leave()
	_, err = s.eng.ChangeUser(ctx, app, user.ID(), nil, func(o *para.Object) (bool, error) {
		return true, o.Set("tokenSecret", para.NewTokenSecret())
	})
	if para.CodeOf(err) == para.NotFound {
		return badCredentials()
	}
	return err
}

// IDToken makes a short-lived token that tells the profile of a user who was admitted and can be exchanged for a session once
// (A 4.9). It is a *Failure for a user that has no token secret and can get none: a token under the app's key alone would be the app's own.
func (s *Service) IDToken(ctx context.Context, a *Admission) (string, error) {
	app, user := a.app, a.user
	leave, err := s.visit(ctx, app)
	if err != nil {
		return "", err
	}
	defer leave()
	if user.Text("tokenSecret") == "" && !app.ReadOnly {
		secret := para.NewTokenSecret()
		user, err = s.eng.ChangeUser(ctx, app, user.ID(), nil, func(o *para.Object) (bool, error) {
			if o.Text("tokenSecret") != "" {
				return false, nil
			}
			return true, o.Set("tokenSecret", secret)
		})
		if err != nil {
			return "", s.refused(err)
		}
	}
	if user.Text("tokenSecret") == "" {
		return "", badCredentials()
	}
	return token.IssueID(token.Profile{
		AppID: app.ID, Name: user.Name(), Email: user.Text("email"), Identifier: user.Text("identifier"),
		Picture: user.Text("picture"), Subject: user.ID(),
	}, token.Key(app.Secret, user.Text("tokenSecret")), s.opts.IDValidity, s.eng.Now())
}

// Validity is how long a token of an app is good.
func (s *Service) Validity(app *para.App) time.Duration {
	if app.TokenValidity > 0 {
		return app.TokenValidity
	}
	return s.opts.TokenValidity
}
