package engine

import (
	"context"
	"errors"
	"strings"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/access"
	"github.com/erudika/para-go/internal/functions"
)

// prepareUser completes a user that is about to be stored (O 10.3, D79).
func prepareUser(o *para.Object) error {
	if err := fixCurrency(o); err != nil {
		return err
	}
	if o.Text("tokenSecret") == "" {
		if err := o.Set("tokenSecret", para.NewTokenSecret()); err != nil {
			return err
		}
	}
	return nil
}

// fixCurrency turns what a user's currency is into a code of ISO 4217 (O 20.9, D44).
func fixCurrency(o *para.Object) error {
	if c := o.Text("currency"); c != "" {
		return o.Set("currency", functions.Currency(c))
	}
	return nil
}

// createOp makes the operation of a POST: users get their identity record in the same commit, everything else is simply
// put.
func (e *Engine) createOp(ctx context.Context, o *para.Object) buildOp {
	if o.Type() != "user" {
		return e.putOp
	}
	return e.newUserOp(ctx, "")
}

// errRegistered refuses a second user with an identifier or e-mail address (D85).
var errRegistered = &para.Error{Code: para.Invalid, Message: "Bad Request", Problems: []para.Problem{
	{Field: "identifier", Rule: "unique", Message: "there is a user with this identifier or e-mail address"},
}}

// Registered says whether an error of SignUp means that there is a user with the identifier or the e-mail address now, as
// when somebody signs up twice at the same time.
func Registered(err error) bool { return errors.Is(err, errRegistered) }

// newUserOp makes the operation that stores a new user and its identity record with the hash of its password, "" for
// none. It is refused when the identifier or the e-mail address is taken; nothing else happens then (O 10.2–10.4, D85).
func (e *Engine) newUserOp(ctx context.Context, hash string) buildOp {
	return func(p access.Principal, o *para.Object, event string) (*op, error) {
		identifier := o.Text("identifier")
		if strings.TrimSpace(identifier) == "" {
			return nil, errRefused
		}
		if identifier == e.opts.AdminIdent {
			if err := o.Set("groups", "admins"); err != nil {
				return nil, err
			}
		}
		account, err := e.FindAccount(ctx, p.App, identifier, o.Text("email"))
		if err != nil {
			return nil, err
		}
		if account.User != nil {
			return nil, errRegistered
		}
		identity, err := e.newIdentity(o, identifier, hash)
		if err != nil {
			return nil, err
		}
		user, record := e.put(o, event), e.put(identity, event)
		return &op{reads: []string{o.ID(), identifier}, do: func(r []*para.Record) ([]para.Write, error) {
			if _, free := identityOwner(r[1], account.orphan); !free {
				return nil, errRegistered
			}
			w, err := e.replace(p, r[0], o, user, event)
			if err != nil {
				return nil, err
			}
			return []para.Write{w, record}, nil
		}}, nil
	}
}

// deleteUser removes a user, every identity record of it, and what it was granted (D84).
func (e *Engine) deleteUser(ctx context.Context, p access.Principal, o *para.Object, event string) error {
	app := p.App.Identifier
	ids := []string{o.ID(), o.Text("identifier")}
	for after := int64(0); ; {
		page, err := e.search.Search(ctx, app, &para.Query{
			Type: "sysprop",
			Filter: para.And{Parts: []para.Filter{
				para.Term{Scope: para.Scope{Name: "creatorid"}, Text: o.ID()},
				para.Term{Scope: para.Scope{Name: "name"}, Text: para.IdentityName},
			}},
			After: &after,
			Limit: 256,
		})
		if err != nil {
			return err
		}
		for _, r := range page.Records {
			ids = append(ids, r.ID)
			after = r.DocID
		}
		if len(page.Records) < 256 {
			break
		}
	}
	ids = unique(ids)
	_, err := e.one(ctx, app, &op{reads: ids, do: func(r []*para.Record) ([]para.Write, error) {
		if r[0] == nil || r[0].Type != "user" {
			return nil, errNotFound
		}
		writes := []para.Write{remove(r[0], event)}
		for _, x := range r[1:] {
			if x == nil {
				continue
			}
			identity, err := para.DecodeObject(x.Data)
			if err == nil && para.IsIdentity(identity) && identity.CreatorID() == o.ID() {
				writes = append(writes, remove(x, event))
			}
		}
		return writes, nil
	}})
	if err != nil {
		return err
	}
	if _, granted := p.App.Permissions[o.ID()]; !granted {
		return nil
	}
	_, err = e.ChangeApp(ctx, p.App.ID, func(app *para.Object) error { return para.RevokeAll(app, o.ID()) })
	return err
}
