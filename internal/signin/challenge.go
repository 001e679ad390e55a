package signin

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	para "github.com/erudika/para-go"
)

const (
	codeChallenge  = "code"
	enrolChallenge = "enrol"

	challengeLifetime = 5 * time.Minute
	enrolLifetime     = 15 * time.Minute
	maxChallenge      = 2048
)

// challenge says that a user has proved who it is by some way, and what is still missing. It is signed with a key of the
// user, together with the state of its second factor: whatever changes that, the use of a code above all, makes it void. So
// it counts once, although the server does not remember it.
type challenge struct {
	Kind    string `json:"k"`
	User    string `json:"u"`
	Way     string `json:"w,omitempty"`
	Expires int64  `json:"e"` // milliseconds
	Nonce   []byte `json:"n"`
}

// challenge makes one for a user.
func (s *Service) challenge(app *para.App, user *para.Object, kind, way string) *SecondFactorNeeded {
	c := challenge{Kind: kind, User: user.ID(), Way: way, Nonce: make([]byte, 16)}
	_, _ = rand.Read(c.Nonce) // never fails
	lifetime := challengeLifetime
	if kind == enrolChallenge {
		lifetime = enrolLifetime
	}
	c.Expires = s.eng.Now().Add(lifetime).UnixMilli()
	payload, _ := json.Marshal(c) // texts, bytes and numbers always encode
	text := base64.RawURLEncoding
	return c.needed(app, user, text.EncodeToString(payload)+"."+text.EncodeToString(c.signature(app, user, payload)))
}

// needed is what a client is told about a challenge.
func (c challenge) needed(app *para.App, user *para.Object, text string) *SecondFactorNeeded {
	n := &SecondFactorNeeded{Challenge: text, Expires: c.Expires}
	if c.Kind == codeChallenge {
		n.Methods = []string{MethodCode}
		if user.Text("twoFAbackupKeyHash") != "" {
			n.Methods = append(n.Methods, MethodBackupCode)
		}
		if hasPasskeys(app, user) {
			n.Methods = append(n.Methods, MethodPasskey)
		}
		return n
	}
	n.Methods = []string{MethodEnrol}
	n.Secret, n.BackupCodes = c.secret(app, user), c.backupCodes(app, user)
	account, issuer := user.Text("email"), app.Name
	if account == "" {
		account = user.Text("identifier")
	}
	if strings.TrimSpace(issuer) == "" {
		issuer = app.Identifier
	}
	n.URI = codeAddress(issuer, account, n.Secret)
	return n
}

// Ask returns again what a challenge asks for, to show it once more. It returns a *Failure when the challenge is void.
func (s *Service) Ask(ctx context.Context, app *para.App, text string) (*SecondFactorNeeded, error) {
	c, holds, ok := readChallenge(text)
	if !ok {
		return nil, &Failure{Cause: ChallengeIsVoid}
	}
	leave, err := s.enter(ctx, app)
	if err != nil {
		return nil, err
	}
	defer leave()
	user, err := s.eng.User(ctx, app, c.User)
	if err != nil {
		return nil, err
	}
	if user == nil || !holds(app, user, s.eng.Now()) {
		return nil, &Failure{Cause: ChallengeIsVoid}
	}
	return c.needed(app, user, text), nil
}

// readChallenge reads a challenge that a client sent. Nothing of it is verified yet: holds does that.
func readChallenge(text string) (c challenge, holds func(app *para.App, user *para.Object, now time.Time) bool, ok bool) {
	if len(text) > maxChallenge {
		return c, nil, false
	}
	first, second, _ := strings.Cut(text, ".")
	payload, err1 := base64.RawURLEncoding.DecodeString(first)
	signature, err2 := base64.RawURLEncoding.DecodeString(second)
	if err1 != nil || err2 != nil || json.Unmarshal(payload, &c) != nil || c.User == "" {
		return c, nil, false
	}
	return c, func(app *para.App, user *para.Object, now time.Time) bool {
		return hmac.Equal(signature, c.signature(app, user, payload)) && user.ID() == c.User && now.UnixMilli() < c.Expires
	}, true
}

// signature binds a challenge to its app, to the user and to what proves its second factor now.
func (c challenge) signature(app *para.App, user *para.Object, payload []byte) []byte {
	return keyed(app, user, "para second factor challenge", string(payload), app.ID, strconv.FormatInt(app.Created, 10), user.ID(),
		strconv.FormatBool(user.Bool("twoFA")), user.Text("twoFAkey"), user.Text("twoFAbackupKeyHash"),
		strconv.FormatInt(authenticatorsOf(user).Step, 10))
}

// secret is the secret that a user may take for its second factor. It follows from the challenge, so that nothing has to be
// stored before somebody has shown that the authenticator app has it.
func (c challenge) secret(app *para.App, user *para.Object) string {
	return base32Text.EncodeToString(keyed(app, user, "para second factor secret", string(c.Nonce), app.ID, user.ID())[:secretBytes])
}

// backupCodes are those of a second factor that is being set up. They follow from the challenge too.
func (c challenge) backupCodes(app *para.App, user *para.Object) []string {
	codes := make([]string, backupCodes)
	for i := range codes {
		codes[i] = backupCode(keyed(app, user, "para backup code", string(c.Nonce), app.ID, user.ID(), strconv.Itoa(i)))
	}
	return codes
}

// keyed is a code over texts under the key of a user: the secret of its app and its own, which no answer shows.
func keyed(app *para.App, user *para.Object, texts ...string) []byte {
	mac := hmac.New(sha256.New, []byte(app.Secret+"\x00"+user.Text("tokenSecret")))
	var length [8]byte
	for _, t := range texts {
		binary.BigEndian.PutUint64(length[:], uint64(len(t)))
		_, _ = mac.Write(length[:]) // a hash takes everything
		_, _ = mac.Write([]byte(t))
	}
	return mac.Sum(nil)
}
