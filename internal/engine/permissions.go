package engine

import (
	"context"
	"strings"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/access"
)

// Grant allows a subject something on a resource path in stored form, replacing what was granted for that path, and
// registers the type that the path starts with (R 20, O 9.2). allowed must be in stored form too. Nothing happens for a
// blank subject. It returns the app as it is then.
func (e *Engine) Grant(ctx context.Context, p access.Principal, subject, path string, allowed []string) (*para.App, error) {
	if strings.TrimSpace(subject) == "" || path == "" {
		return p.App, nil
	}
	return e.changeParsed(ctx, p.App.ID, func(o *para.Object, stored *para.App) error {
		first, _, _ := strings.Cut(path, "/")
		if !para.IsRoute(first) && !stored.HasType(first) {
			if err := e.registerIn(o, stored, first); err != nil {
				return err
			}
		}
		o.SetRaw("resourcePermissions", stored.Permissions.With(subject, path, allowed).AppendJSON(nil))
		return nil
	})
}

// Revoke takes back what was granted to a subject on a resource path in stored form. It returns the app as it is then.
func (e *Engine) Revoke(ctx context.Context, p access.Principal, subject, path string) (*para.App, error) {
	return e.changeParsed(ctx, p.App.ID, func(o *para.Object, stored *para.App) error {
		rest, removed := stored.Permissions.Without(subject, path)
		if !removed {
			return errUnchanged
		}
		o.SetRaw("resourcePermissions", rest.AppendJSON(nil))
		return nil
	})
}

// RevokeAll takes back everything that was granted to a subject. It returns the app as it is then.
func (e *Engine) RevokeAll(ctx context.Context, p access.Principal, subject string) (*para.App, error) {
	return e.changeParsed(ctx, p.App.ID, func(o *para.Object, stored *para.App) error {
		if _, ok := stored.Permissions[subject]; !ok {
			return errUnchanged
		}
		return para.RevokeAll(o, subject)
	})
}
