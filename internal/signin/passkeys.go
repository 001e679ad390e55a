package signin

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/passkey"
)

const (
	maxPasskeys       = 16
	maxPasskeyName    = 100 // characters
	passkeyLifetime   = 5 * time.Minute
	passkeyNonce      = 16
	passkeySignature  = 24
	maxSpent          = 1 << 16
	registerPasskey   = "register"
	signInWithPasskey = "sign in"
)

// relyingParty is what passkeys of an app are bound to: the settings security.passkeys, security.passkeys_rp_id and
// security.passkeys_origins. ok is false when passkeys are off, or half set up.
func relyingParty(app *para.App) (p passkey.Party, ok bool) {
	if !strings.EqualFold(settingText(app, "security.passkeys"), "true") {
		return p, false
	}
	p = passkey.Party{ID: settingText(app, "security.passkeys_rp_id"), Name: app.Name}
	if strings.TrimSpace(p.Name) == "" {
		p.Name = app.Identifier
	}
	for _, origin := range strings.Split(settingText(app, "security.passkeys_origins"), ",") {
		if origin = strings.TrimSuffix(strings.TrimSpace(origin), "/"); origin != "" {
			p.Origins = append(p.Origins, origin)
		}
	}
	if len(p.Origins) == 0 {
		p.Origins = []string{"https://" + p.ID}
	}
	return p, p.Valid() == nil
}

// PasskeysOn says whether users of an app may sign in with passkeys.
func PasskeysOn(app *para.App) bool {
	_, on := relyingParty(app)
	return on
}

// settingText is a setting of an app as text, without space around it; "" when it is not set.
func settingText(app *para.App, key string) string {
	raw := app.Settings[key]
	var text string
	if json.Unmarshal(raw, &text) != nil {
		text = string(raw)
	}
	return strings.TrimSpace(text)
}

var errNoPasskeys = para.Errorf(para.NotFound, "Passkeys are switched off for this app.")

// passkeyChallenges are the challenges of passkeys. Each says itself, under a key of this process, what it is for; those that
// were answered are remembered until they are over, so that each counts once.
type passkeyChallenges struct {
	key [32]byte

	mu    sync.Mutex
	spent map[[passkeyNonce]byte]int64 // until when, in milliseconds
}

func newPasskeyChallenges() *passkeyChallenges {
	p := &passkeyChallenges{spent: map[[passkeyNonce]byte]int64{}}
	_, _ = rand.Read(p.key[:]) // never fails
	return p
}

// make makes a challenge for a purpose, and for a user unless anybody may answer it.
func (p *passkeyChallenges) make(app *para.App, purpose, user string, now time.Time) []byte {
	c := make([]byte, passkeyNonce, passkeyNonce+8+passkeySignature)
	_, _ = rand.Read(c) // never fails
	c = binary.BigEndian.AppendUint64(c, uint64(now.Add(passkeyLifetime).UnixMilli()))
	return append(c, p.sign(app, purpose, user, c)...)
}

func (p *passkeyChallenges) sign(app *para.App, purpose, user string, c []byte) []byte {
	mac := hmac.New(sha256.New, p.key[:])
	for _, t := range []string{purpose, app.ID, strconv.FormatInt(app.Created, 10), user} {
		_, _ = mac.Write([]byte(strconv.Itoa(len(t)) + ":" + t)) // a hash takes everything
	}
	_, _ = mac.Write(c)
	return mac.Sum(nil)[:passkeySignature]
}

// holds says whether a challenge was made for a purpose and is neither over nor answered.
func (p *passkeyChallenges) holds(app *para.App, purpose, user string, c []byte, now time.Time) bool {
	if len(c) != passkeyNonce+8+passkeySignature {
		return false
	}
	head := c[:passkeyNonce+8]
	if !hmac.Equal(c[passkeyNonce+8:], p.sign(app, purpose, user, head)) || expiry(c) <= now.UnixMilli() {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	_, spent := p.spent[[passkeyNonce]byte(c)]
	return !spent
}

// spend makes a challenge that holds void; false when another request was faster. An error of code Busy when there are too
// many to remember.
func (p *passkeyChallenges) spend(c []byte, now time.Time) (bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, spent := p.spent[[passkeyNonce]byte(c)]; spent {
		return false, nil
	}
	if len(p.spent) >= maxSpent {
		for nonce, until := range p.spent {
			if until <= now.UnixMilli() {
				delete(p.spent, nonce)
			}
		}
		if len(p.spent) >= maxSpent {
			return false, errBusy()
		}
	}
	p.spent[[passkeyNonce]byte(c)] = expiry(c)
	return true, nil
}

func expiry(c []byte) int64 { return int64(binary.BigEndian.Uint64(c[passkeyNonce : passkeyNonce+8])) }

// Passkey describes a passkey of a user.
type Passkey struct {
	ID       string // in Base64url
	Name     string
	Created  int64 // milliseconds
	Used     int64 // milliseconds; 0 for never
	BackedUp bool  // its maker keeps copies, on other devices of the user
}

func describe(p storedPasskey) Passkey {
	return Passkey{ID: passkeyID(p.ID), Name: p.Name, Created: p.Created, Used: p.Used, BackedUp: p.BackedUp}
}

func passkeyID(id []byte) string { return base64.RawURLEncoding.EncodeToString(id) }

// Passkeys returns the passkeys of a user, oldest first.
func (s *Service) Passkeys(user *para.Object) []Passkey {
	var out []Passkey
	for _, p := range authenticatorsOf(user).Passkeys {
		out = append(out, describe(p))
	}
	return out
}

func passkeyUser(user *para.Object, stored []storedPasskey) passkey.User {
	u := passkey.User{Handle: []byte(user.ID()), Name: user.Text("email"), DisplayName: user.Name()}
	if u.Name == "" {
		u.Name = user.Text("identifier")
	}
	for _, p := range stored {
		u.Credentials = append(u.Credentials, p.Credential)
	}
	return u
}

// BeginPasskey returns the options with which a browser makes a passkey for a user who is signed in (PublicKeyCredentialCreationOptions
// in JSON). Users with one-time codes have to show one: a session alone, which may be stolen, must not open the account for
// good. An error of code NotFound when passkeys are off.
func (s *Service) BeginPasskey(ctx context.Context, app *para.App, user *para.Object, code string) (json.RawMessage, error) {
	party, on := relyingParty(app)
	switch {
	case !on:
		return nil, errNoPasskeys
	case len(user.ID()) > passkey.MaxHandle:
		return nil, para.Errorf(para.Invalid, "Users whose id has more than %d bytes cannot have passkeys.", passkey.MaxHandle)
	}
	if app.SecondFactor != para.SecondFactorOff && hasCodes(user) {
		var err error
		if user, err = s.withCode(ctx, app, user, code, func(*para.Object) error { return nil }); err != nil {
			return nil, err
		}
	}
	stored := authenticatorsOf(user).Passkeys
	if len(stored) >= maxPasskeys {
		return nil, para.Errorf(para.Invalid, "A user can have %d passkeys: remove one first.", maxPasskeys)
	}
	return party.Registration(passkeyUser(user, stored), s.passkeys.make(app, registerPasskey, user.ID(), s.eng.Now()))
}

// AddPasskey stores the passkey that a browser made with the options of BeginPasskey. It returns a *Failure when the answer of
// the browser does not hold.
func (s *Service) AddPasskey(ctx context.Context, app *para.App, user *para.Object, name string, response []byte) (Passkey, error) {
	party, on := relyingParty(app)
	if !on {
		return Passkey{}, errNoPasskeys
	}
	name, err := passkeyName(name)
	if err != nil {
		return Passkey{}, err
	}
	leave, err := s.enter(ctx, app)
	if err != nil {
		return Passkey{}, err
	}
	defer leave()
	now := s.eng.Now()
	challenge, err := passkey.Challenge(response)
	if err != nil || !s.passkeys.holds(app, registerPasskey, user.ID(), challenge, now) {
		return Passkey{}, &Failure{Cause: ChallengeIsVoid}
	}
	made, err := party.Register(passkeyUser(user, nil), challenge, response)
	if err != nil {
		s.opts.Log.DebugContext(ctx, "passkey refused", "reason", err)
		return Passkey{}, badCredentials()
	}
	if fresh, err := s.passkeys.spend(challenge, now); err != nil || !fresh {
		return Passkey{}, orFailure(err, ChallengeIsVoid)
	}
	added := storedPasskey{Credential: made, Name: name, Created: now.UnixMilli()}
	_, err = s.eng.ChangeUser(ctx, app, user.ID(), nil, func(user *para.Object) (bool, error) {
		a := authenticatorsOf(user)
		switch {
		case slices.ContainsFunc(a.Passkeys, func(p storedPasskey) bool { return bytes.Equal(p.ID, made.ID) }):
			return false, para.Errorf(para.Invalid, "The passkey is registered already.")
		case len(a.Passkeys) >= maxPasskeys:
			return false, para.Errorf(para.Invalid, "A user can have %d passkeys: remove one first.", maxPasskeys)
		}
		a.Passkeys = append(a.Passkeys, added)
		return true, a.store(user)
	})
	return describe(added), err
}

func orFailure(err error, cause string) error {
	if err != nil {
		return err
	}
	return &Failure{Cause: cause}
}

func passkeyName(name string) (string, error) {
	name = strings.TrimSpace(name)
	switch {
	case name == "":
		return "Passkey", nil
	case len([]rune(name)) > maxPasskeyName:
		return "", para.Errorf(para.Invalid, "The name of a passkey can have %d characters.", maxPasskeyName)
	}
	return name, nil
}

// RenamePasskey gives a passkey of a user another name. NotFound when the user has no such passkey.
func (s *Service) RenamePasskey(ctx context.Context, app *para.App, user *para.Object, id, name string) (Passkey, error) {
	name, err := passkeyName(name)
	if err != nil {
		return Passkey{}, err
	}
	var renamed storedPasskey
	err = s.changePasskeys(ctx, app, user, id, func(_ *para.Object, a *authenticators, i int) error {
		a.Passkeys[i].Name = name
		renamed = a.Passkeys[i]
		return nil
	})
	return describe(renamed), err
}

// RemovePasskey takes a passkey from a user. NotFound when the user has no such passkey, Invalid when the app requires a second
// factor and it is the last one.
func (s *Service) RemovePasskey(ctx context.Context, app *para.App, user *para.Object, id string) error {
	return s.changePasskeys(ctx, app, user, id, func(user *para.Object, a *authenticators, i int) error {
		if app.SecondFactor == para.SecondFactorRequired && len(a.Passkeys) == 1 && !hasCodes(user) {
			return para.Errorf(para.Invalid, "The app requires a second factor.")
		}
		a.Passkeys = slices.Delete(a.Passkeys, i, i+1)
		return nil
	})
}

func (s *Service) changePasskeys(ctx context.Context, app *para.App, user *para.Object, id string, change func(user *para.Object, a *authenticators, i int) error) error {
	leave, err := s.enter(ctx, app)
	if err != nil {
		return err
	}
	defer leave()
	_, err = s.eng.ChangeUser(ctx, app, user.ID(), nil, func(user *para.Object) (bool, error) {
		a := authenticatorsOf(user)
		i := slices.IndexFunc(a.Passkeys, func(p storedPasskey) bool { return passkeyID(p.ID) == id })
		if i < 0 {
			return false, para.Errorf(para.NotFound, "There is no such passkey.")
		}
		if err := change(user, &a, i); err != nil {
			return false, err
		}
		return true, a.store(user)
	})
	return err
}

// PasskeyOptions returns the options with which a browser signs in somebody who has a passkey of an app
// (PublicKeyCredentialRequestOptions in JSON). An error of code NotFound when passkeys are off, or the app is.
func (s *Service) PasskeyOptions(app *para.App) (json.RawMessage, error) {
	party, on := relyingParty(app)
	if !on || !app.Active {
		return nil, errNoPasskeys
	}
	return party.Assertion(s.passkeys.make(app, signInWithPasskey, "", s.eng.Now()))
}

// passkey signs in with what a browser made of the options of PasskeyOptions. The device has verified who holds it, so it
// stands for both factors.
func (s *Service) passkey(ctx context.Context, app *para.App, response string) (*Admission, error) {
	party, on := relyingParty(app)
	if !on {
		return nil, badCredentials()
	}
	leave, err := s.enter(ctx, app)
	if err != nil {
		return nil, err
	}
	defer leave()
	now := s.eng.Now()
	assertion, err := passkey.ParseAssertion([]byte(response))
	if err != nil || !s.passkeys.holds(app, signInWithPasskey, "", assertion.Challenge, now) {
		return nil, badCredentials()
	}
	user, err := s.eng.User(ctx, app, string(assertion.Handle))
	if err != nil {
		return nil, err
	}
	if user == nil {
		return nil, badCredentials()
	}
	used, err := party.Verify(assertion, passkeyUser(user, authenticatorsOf(user).Passkeys))
	if err != nil {
		s.opts.Log.DebugContext(ctx, "passkey refused", "user", user.ID(), "reason", err)
		return nil, badCredentials()
	}
	if fresh, err := s.passkeys.spend(assertion.Challenge, now); err != nil || !fresh {
		return nil, orFailure(err, BadCredentials)
	}
	count := func(user *para.Object) (bool, error) {
		if _, err := active(app, user); err != nil {
			return false, err
		}
		a := authenticatorsOf(user)
		i := slices.IndexFunc(a.Passkeys, func(p storedPasskey) bool {
			return bytes.Equal(p.ID, used.ID) && bytes.Equal(p.PublicKey, used.PublicKey)
		})
		if i < 0 {
			return false, badCredentials() // removed meanwhile
		}
		p := &a.Passkeys[i]
		if (p.Count > 0 || used.Count > 0) && used.Count <= p.Count {
			s.opts.Log.WarnContext(ctx, "a passkey counts backwards: it may have been copied", "app", app.Identifier, "user", user.ID())
			return false, badCredentials()
		}
		p.Credential, p.Used = used, now.UnixMilli()
		return true, a.store(user)
	}
	if app.ReadOnly {
		_, err = count(user.Clone())
	} else {
		user, err = s.eng.ChangeUser(ctx, app, user.ID(), nil, count)
	}
	if err != nil {
		return nil, s.refused(err)
	}
	return &Admission{app: app, user: user}, nil
}

// PasskeyChallenge is the challenge that the answer of a browser repeats, in Base64url; "" for what is none. It is not verified.
func PasskeyChallenge(response string) string {
	a, err := passkey.ParseAssertion([]byte(response))
	if err != nil || len(a.Challenge) == 0 {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(a.Challenge)
}
