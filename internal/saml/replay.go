package saml

import (
	"errors"
	"sync"
	"time"

	crewjam "github.com/crewjam/saml"
)

// maxRemembered is how many answers of one app are remembered at the same time. Each was signed by its identity provider
// and is forgotten when it expires, minutes later; beyond the bound sign-ins are refused rather than unprotected.
const maxRemembered = 50_000

// replays are the assertions that were accepted, by app, so that none is accepted twice.
type replays struct {
	now  func() time.Time
	mu   sync.Mutex
	apps map[string]*appReplays
}

type appReplays struct {
	until map[string]time.Time
	swept time.Time
}

// of returns the memory of one app in the form that the library asks for.
func (r *replays) of(app, provider string) crewjam.AssertionReplayCache {
	return replayCache{r: r, app: app, provider: provider}
}

type replayCache struct {
	r             *replays
	app, provider string
}

// Consume records an assertion, or refuses it when it was accepted before.
func (c replayCache) Consume(id string, expires time.Time) error {
	now := c.r.now()
	c.r.mu.Lock()
	defer c.r.mu.Unlock()
	app := c.r.apps[c.app]
	if app == nil {
		app = &appReplays{until: map[string]time.Time{}, swept: now}
		c.r.apps[c.app] = app
	}
	key := c.provider + " " + id
	if until, ok := app.until[key]; ok && !now.After(until) {
		return crewjam.ErrAssertionReplayed
	}
	if len(app.until) >= maxRemembered || now.Sub(app.swept) > time.Minute {
		app.sweep(now)
	}
	if len(app.until) >= maxRemembered {
		return errors.New("too many sign-ins within a few minutes")
	}
	app.until[key] = expires
	c.r.forgetOthers(c.app, now)
	return nil
}

func (a *appReplays) sweep(now time.Time) {
	a.swept = now
	for id, until := range a.until {
		if now.After(until) {
			delete(a.until, id)
		}
	}
}

// forgetOthers drops the memory of apps that nobody has signed into lately. A few apps are looked at for each sign-in.
func (r *replays) forgetOthers(but string, now time.Time) {
	looked := 0
	for name, app := range r.apps {
		if looked++; looked > 4 {
			return
		}
		if name == but || now.Sub(app.swept) <= time.Minute {
			continue
		}
		if app.sweep(now); len(app.until) == 0 {
			delete(r.apps, name)
		}
	}
}
