package crash

import (
	"context"
	"errors"
	"fmt"
	"testing"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/client"
)

// appChurn makes apps with one object each and deletes them. An app has a file and a record in another file, so both
// must be there or neither.
type appChurn struct {
	n     int
	phase phase
	made  int
}

// phase is what is known of the app at hand.
type phase int

const (
	absent   phase = iota
	making         // asked for, no answer
	present        // acknowledged, without the object
	filled         // the object is acknowledged
	removing       // its deletion is asked for, no answer
)

func (a *appChurn) id() string { return fmt.Sprintf("app:churn%d", a.n) }

// run makes and deletes apps until a request gets no answer. Errors are answers that should not be.
func (a *appChurn) run(ctx context.Context, root *client.Client, s *server) error {
	for ctx.Err() == nil {
		a.n++
		a.phase = making
		keys, err := root.SetupApp(ctx, a.id(), client.NewApp{})
		if err != nil {
			return onlyIfRefused(err)
		}
		a.phase = present
		a.made++
		c, err := client.New(client.Options{Endpoint: s.url, AccessKey: a.id(), Secret: keys.SecretKey, Timeout: patience, Retry: client.RetryPolicy{Max: -1}})
		if err != nil {
			return err
		}
		_, err = c.Create(ctx, a.object())
		c.Close()
		if err != nil {
			return onlyIfRefused(err)
		}
		a.phase = filled
		a.phase = removing
		if err := root.DeleteApp(ctx, a.id()); err != nil {
			return onlyIfRefused(err)
		}
		a.phase = absent
	}
	return nil
}

func onlyIfRefused(err error) error {
	if refused(err) == nil {
		return nil
	}
	return fmt.Errorf("apps: %w", err)
}

func (a *appChurn) object() *para.Object {
	o := para.New("article")
	o.SetID("only")
	return o
}

// check looks at the app at hand after a restart and removes it.
func (a *appChurn) check(t *testing.T, s *server) {
	t.Helper()
	if a.n == 0 {
		return
	}
	root := s.root(t)
	keys, err := root.KeysOf(t.Context(), a.id())
	there := err == nil
	if err != nil && !errors.Is(err, client.ErrNotFound) {
		t.Fatalf("%s: %v\n%s", a.id(), err, s.log)
	}
	switch {
	case a.phase == absent && there, (a.phase == present || a.phase == filled) && !there:
		t.Errorf("%s: there: %v, in phase %d", a.id(), there, a.phase)
	case there:
		c := s.client(t, a.id(), keys.SecretKey)
		if _, err := c.Read(t.Context(), "article", "only"); err != nil && (a.phase == filled || !errors.Is(err, client.ErrNotFound)) {
			t.Errorf("%s, in phase %d: %v", a.id(), a.phase, err)
		}
		if _, err := c.Create(t.Context(), a.object()); err != nil {
			t.Errorf("%s, in phase %d: %v", a.id(), a.phase, err)
		}
		if err := root.DeleteApp(t.Context(), a.id()); err != nil {
			t.Errorf("%s, in phase %d: %v", a.id(), a.phase, err)
		}
	}
	if t.Failed() {
		t.Fatal(s.log)
	}
	a.phase = absent
}
