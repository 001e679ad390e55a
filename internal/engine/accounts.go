package engine

import (
	"context"
	"errors"
	"strings"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/access"
)

// Account is what sign-in finds for an identifier and an e-mail address (A 6.1).
type Account struct {
	User     *para.Object // nil: the identifier and the address belong to nobody
	Identity *para.Object // the record that makes the identifier sign in the user; nil when it was found by its address

	orphan string // creator of an identity record whose user is gone
}

// FindAccount looks for the user that an identifier signs in, else for the first one with an e-mail address. It has no
// side effects (D66). A blank address finds nobody.
func (e *Engine) FindAccount(ctx context.Context, app *para.App, identifier, email string) (Account, error) {
	identity, err := e.Identity(ctx, app, identifier)
	if err != nil {
		return Account{}, err
	}
	var a Account
	if identity != nil {
		user, err := e.User(ctx, app, identity.CreatorID())
		if err != nil || user != nil {
			return Account{User: user, Identity: identity}, err
		}
		a.orphan = identity.CreatorID()
	}
	a.User, err = e.userWithEmail(ctx, app, email)
	return a, err
}

// Identity returns the identity record of an identifier, nil when there is none: objects of another type or name never
// count as one (O 10.2, D80).
func (e *Engine) Identity(ctx context.Context, app *para.App, identifier string) (*para.Object, error) {
	if strings.TrimSpace(identifier) == "" {
		return nil, nil
	}
	r, err := e.record(ctx, app.Identifier, identifier)
	if err != nil || r == nil {
		return nil, err
	}
	return decodeIdentity(r)
}

func decodeIdentity(r *para.Record) (*para.Object, error) {
	if r.Type != "sysprop" {
		return nil, nil
	}
	o, err := para.DecodeObject(r.Data)
	if err != nil {
		return nil, para.Wrap(para.Corrupt, "read "+r.ID, err)
	}
	if !para.IsIdentity(o) || o.CreatorID() == "" {
		return nil, nil
	}
	return o, nil
}

// maxClaims is how many users are looked at who have given themselves one address.
const maxClaims = 256

// userWithEmail returns a user with an e-mail address, nil when there is none. Users who have given themselves the address
// do not count: else whoever writes somebody's address into its own account gets that person into it.
func (e *Engine) userWithEmail(ctx context.Context, app *para.App, email string) (*para.Object, error) {
	email = strings.ToLower(strings.TrimSpace(email))
	if email == "" {
		return nil, nil
	}
	q := para.Query{
		Type:   "user",
		Filter: para.Term{Scope: para.Scope{Name: "email"}, Text: email},
		Limit:  1,
	}
	var after int64
	for looked := 0; looked <= maxClaims; q.After, q.Limit = &after, 32 {
		page, err := e.search.Search(ctx, app.Identifier, &q)
		if err != nil {
			return nil, err
		}
		for _, r := range page.Records {
			user, err := e.User(ctx, app, r.ID)
			if err != nil || user != nil && user.Text(para.ClaimedEmail) != email {
				return user, err
			}
		}
		if len(page.Records) < q.Limit {
			break
		}
		if looked += q.Limit; q.After != nil {
			after = page.Records[len(page.Records)-1].DocID
		}
	}
	return nil, nil
}

// SignUp stores a new user together with its identity record, which gets the hash of the password; "" for a user without
// one (A 6.3, O 10.3). A taken identifier or address, or a user that breaks a rule of validation, is an error of code
// Invalid, and nothing is stored.
func (e *Engine) SignUp(ctx context.Context, app *para.App, user *para.Object, hash string) (*para.Object, error) {
	r, err := e.storeRecord(ctx, appPrincipal(e, app), user, e.newUserOp(ctx, hash))
	if err != nil {
		return nil, err
	}
	return para.DecodeObject(r.Data)
}

func appPrincipal(e *Engine, app *para.App) access.Principal {
	return access.Principal{Kind: access.App, App: app, Root: app.Identifier == e.root}
}

// Attachment is a further identifier for the user of an account.
type Attachment struct {
	Account    Account // as FindAccount returned it for the identifier
	Identifier string
	Hash       string // of a random password
}

// ChangeUser changes a user in one transaction, together with a further identity record if attach is not nil (A 6.1).
// change gets a copy of what is stored, says whether it changed anything, and must be pure and repeatable. The new state
// is validated, unless the user was invalid before: old records must not keep people from signing in. NotFound when there
// is no such user; Invalid when the identifier is the id of something else, or signs in somebody else meanwhile.
func (e *Engine) ChangeUser(ctx context.Context, app *para.App, id string, attach *Attachment, change func(*para.Object) (bool, error)) (*para.Object, error) {
	var user *para.Object
	action := &op{reads: []string{id}, do: func(r []*para.Record) ([]para.Write, error) {
		if r[0] == nil || r[0].Type != "user" {
			return nil, errNotFound
		}
		o, err := para.DecodeObject(r[0].Data)
		if err != nil {
			return nil, para.Wrap(para.Corrupt, "read "+id, err)
		}
		user = o
		var writes []para.Write
		changed, err := change(o)
		if err != nil {
			return nil, err
		}
		if changed {
			o.SetUpdated(e.now().UnixMilli())
			if err := e.validate(app, o); err != nil && e.wasValid(app, r[0]) {
				return nil, err
			}
			writes = append(writes, e.put(o, "update"))
		}
		if attach == nil {
			return writes, nil
		}
		if owner, free := identityOwner(r[1], attach.Account.orphan); !free {
			if owner == id {
				return writes, nil // attached by another request
			}
			return nil, errRefused
		}
		identity, err := e.newIdentity(o, attach.Identifier, attach.Hash)
		if err != nil {
			return nil, err
		}
		return append(writes, e.put(identity, "create")), nil
	}}
	if attach != nil {
		action.reads = append(action.reads, attach.Identifier)
	}
	if _, err := e.one(ctx, app.Identifier, action); err != nil {
		return nil, err
	}
	return user, nil
}

func (e *Engine) wasValid(app *para.App, r *para.Record) bool {
	o, err := para.DecodeObject(r.Data)
	return err == nil && e.validate(app, o) == nil
}

// identityOwner says whose identifier it is that has a record, and whether the identifier is free for a new identity
// record: when there is nothing, or a record whose user is known to be gone.
func identityOwner(r *para.Record, orphan string) (owner string, free bool) {
	if r == nil {
		return "", true
	}
	o, err := decodeIdentity(r)
	if err != nil || o == nil {
		return "", false // the id of something else
	}
	return o.CreatorID(), orphan != "" && o.CreatorID() == orphan
}

// newIdentity makes the identity record of one of a user's identifiers.
func (e *Engine) newIdentity(user *para.Object, identifier, hash string) (*para.Object, error) {
	o := para.NewIdentity(user, e.now())
	o.SetID(identifier)
	if hash != "" {
		if err := o.Set("password", hash); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// ChangeIdentity changes an identity record in one transaction, as ChangeUser changes a user. Nothing happens when the
// record is gone.
func (e *Engine) ChangeIdentity(ctx context.Context, app *para.App, identifier string, change func(*para.Object) (bool, error)) error {
	_, err := e.one(ctx, app.Identifier, &op{reads: []string{identifier}, do: func(r []*para.Record) ([]para.Write, error) {
		if r[0] == nil {
			return nil, errNotFound
		}
		o, err := decodeIdentity(r[0])
		if err != nil {
			return nil, err
		}
		if o == nil {
			return nil, errNotFound
		}
		changed, err := change(o)
		if err != nil || !changed {
			return nil, err
		}
		o.SetUpdated(e.now().UnixMilli())
		return []para.Write{e.put(o, "update")}, nil
	}})
	if errors.Is(err, errNotFound) {
		return nil
	}
	return err
}

// SeeUser returns a user as the user itself sees it.
func (e *Engine) SeeUser(app *para.App, user *para.Object) access.Visible {
	p := access.Principal{Kind: access.User, App: app, User: user, Root: app.Identifier == e.root}
	return p.Written(&para.Record{ID: user.ID(), Type: "user", Data: user.AppendJSON(nil)})
}
