package signin

import (
	"context"
	"crypto/md5"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"strings"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/engine"
)

// Profile is what an identity provider tells about a user.
type Profile struct {
	Identifier    string
	Aliases       []string // other forms of the identifier, that accounts may have been made with; the first that is found counts
	NewIdentifier string   // of new users, when it is another one

	// Email decides whose account it is when nobody has the identifier (A 6.1), so it must be an address that the provider
	// vouches for: "" when it tells none, or says that it is not verified.
	Email    string
	NewEmail string // address of new users without one; the user's id goes before one that begins with @

	Name    string
	NewName string // of new users without one

	Picture     string
	KeepPicture bool // the picture is only that of new users

	Groups  string            // "" keeps the groups
	Members map[string]string // further members of the user that are kept up to date, such as idpAccessToken
}

// newUser makes an active user from a profile; the engine completes it (A 6.2, A 6.3).
func newUser(p Profile) (*para.Object, error) {
	o := para.New("user")
	if strings.TrimSpace(p.Name) != "" {
		o.SetName(p.Name)
	}
	email := strings.ToLower(p.Email)
	members := map[string]any{"identifier": p.Identifier, "active": true, "picture": p.Picture, "groups": p.Groups}
	if email != "" {
		members["email"] = email
	}
	if strings.TrimSpace(p.Picture) == "" {
		members["picture"] = gravatar(email)
	}
	if strings.TrimSpace(p.Groups) == "" {
		delete(members, "groups")
	}
	for name, v := range p.Members {
		members[name] = v
	}
	for name, v := range members {
		if err := o.Set(name, v); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// gravatar is the picture of new users without one (O 10.9).
func gravatar(email string) string {
	if email == "" {
		return para.DefaultPicture
	}
	sum := md5.Sum([]byte(email)) // Gravatar's name for the address; nothing is protected by it
	return "https://www.gravatar.com/avatar/" + hex.EncodeToString(sum[:]) + "?size=400&d=mm&r=pg"
}

// adopt makes an account that has proved itself the one of an identifier: a record of the identifier is attached if it
// has none, it becomes the main identifier, and the profile is brought up to date if there is one (A 6.1, A 6.2). Nothing
// is written for inactive users and in read-only apps (D63).
func (s *Service) adopt(ctx context.Context, app *para.App, account engine.Account, identifier string, profile *Profile) (*para.Object, error) {
	user := account.User
	if app.ReadOnly || !user.Bool("active") {
		return user, nil
	}
	change := func(o *para.Object) (bool, error) {
		changed := o.Text("identifier") != identifier
		if changed {
			if err := o.Set("identifier", identifier); err != nil {
				return false, err
			}
		}
		updated, err := profile.apply(o)
		return changed || updated, err
	}
	if account.Identity != nil {
		if changed, err := change(user.Clone()); err != nil || !changed {
			return user, err
		}
		return s.eng.ChangeUser(ctx, app, user.ID(), nil, change)
	}
	hash, err := s.hasher.hash(ctx, randomPassword())
	if err != nil {
		return nil, err
	}
	return s.eng.ChangeUser(ctx, app, user.ID(), &engine.Attachment{Account: account, Identifier: identifier, Hash: hash}, change)
}

// apply brings a user up to date: picture and further members, address, name and groups when they are told (A 6.2, A 10.1).
func (p *Profile) apply(o *para.Object) (changed bool, err error) {
	if p == nil {
		return false, nil
	}
	set := func(name, v string) {
		if err == nil && o.Text(name) != v {
			changed = true
			err = o.Set(name, v)
		}
	}
	picture := p.Picture
	if strings.TrimSpace(picture) == "" {
		picture = para.DefaultPicture
	}
	if !p.KeepPicture {
		set("picture", picture)
	}
	if email := strings.ToLower(p.Email); strings.TrimSpace(email) != "" {
		set("email", email)
		if _, claimed := o.Raw(para.ClaimedEmail); claimed { // now somebody vouches for it
			o.Remove(para.ClaimedEmail)
			changed = true
		}
	}
	if strings.TrimSpace(p.Groups) != "" {
		set("groups", p.Groups)
	}
	for name, v := range p.Members {
		set(name, v)
	}
	if strings.TrimSpace(p.Name) != "" {
		before := o.Name()
		o.SetName(p.Name)
		changed = changed || o.Name() != before
	}
	return changed, err
}

// randomPassword is for accounts that nobody opens with a password: 32 random bytes in Base64 (A 1.2).
func randomPassword() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails
	return base64.StdEncoding.EncodeToString(b)
}
