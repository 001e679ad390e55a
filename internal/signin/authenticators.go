package signin

import (
	"encoding/json"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/passkey"
)

// authenticators is the member of that name of a user: what the server remembers of its second factor, and its passkeys. No
// answer shows it; it goes with the user into exports, and away with it.
type authenticators struct {
	Step        int64           `json:"step,omitempty"`        // last one whose code was used
	Failures    int             `json:"failures,omitempty"`    // wrong codes since the last right one
	LockedUntil int64           `json:"lockedUntil,omitempty"` // milliseconds
	Passkeys    []storedPasskey `json:"passkeys,omitempty"`
}

type storedPasskey struct {
	passkey.Credential
	Name    string `json:"name"`
	Created int64  `json:"created"`        // milliseconds
	Used    int64  `json:"used,omitempty"` // milliseconds
}

// authenticatorsOf reads the member. What cannot be read counts as nothing: only imports write it besides this package.
func authenticatorsOf(user *para.Object) authenticators {
	var a authenticators
	if raw, ok := user.Raw("authenticators"); ok && json.Unmarshal(raw, &a) != nil {
		return authenticators{}
	}
	return a
}

func (a authenticators) store(user *para.Object) error {
	if a.Step == 0 && a.Failures == 0 && a.LockedUntil == 0 && len(a.Passkeys) == 0 {
		user.Remove("authenticators")
		return nil
	}
	return user.Set("authenticators", a)
}

// hasPasskeys says whether a user has a passkey that signs in.
func hasPasskeys(app *para.App, user *para.Object) bool {
	return len(authenticatorsOf(user).Passkeys) > 0 && PasskeysOn(app)
}

// hasCodes says whether a user proves itself with one-time codes. The flag alone, without a secret, proves nothing.
func hasCodes(user *para.Object) bool { return user.Bool("twoFA") && user.Text("twoFAkey") != "" }
