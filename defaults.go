package para

import (
	"crypto/rand"
	"encoding/base64"
	"math"
	"strconv"
	"strings"
	"time"
)

// ApplyDefaults sets what was not sent: the defaults of the type and a name (O 4, O 7). The object must have its id.
func (o *Object) ApplyDefaults(now time.Time) {
	for i := range o.typ.Fields {
		f := &o.typ.Fields[i]
		if f.Default == "" {
			continue
		}
		if _, ok := o.get(f.Name); !ok {
			o.setRaw(f.Name, []byte(f.Default))
		}
	}
	if _, ok := o.get("name"); !ok {
		o.setText("name", o.defaultName(now))
	}
	o.settle()
}

func (o *Object) defaultName(now time.Time) string {
	switch o.typ.Name {
	case "vote", "translation":
		return o.typ.Name
	case "form":
		return "Form #" + o.ID()
	case "linker":
		return "ParaObject " + o.ID()
	}
	return "ParaObject " + strconv.FormatInt(now.UnixMilli(), 10)
}

// NewTokenSecret returns 32 random bytes in standard Base64: the part of a token's key that belongs to a user (O 10.7).
func NewTokenSecret() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails
	return base64.StdEncoding.EncodeToString(b)
}

// NewIdentity returns the identity record of a user without a password (O 10.2).
func NewIdentity(user *Object, now time.Time) *Object {
	o := New("sysprop")
	o.SetID(user.Text("identifier"))
	o.SetName(IdentityName)
	o.SetAppID(user.AppID())
	o.SetCreatorID(user.ID())
	o.SetTimestamp(now.UnixMilli())
	o.ApplyDefaults(now)
	return o
}

// identityProviders are the prefixes of user identifiers and the providers they stand for (O 10.1).
var identityProviders = [...][2]string{
	{"fb:", "facebook"}, {"gp:", "google"}, {"gh:", "github"}, {"tw:", "twitter"}, {"in:", "linkedin"}, {"ms:", "microsoft"},
	{"sl:", "slack"}, {"mm:", "mattermost"}, {"az:", "amazon"}, {"ldap:", "ldap"}, {"saml:", "saml"}, {"oa2:", "oauth2"},
	{"oa2second:", "oauth2"}, {"oa2third:", "oauth2"}, {"custom:", "custom"},
}

// IdentityProvider returns the provider that an identifier belongs to: "generic" for e-mail addresses, "unknown" for
// what is none (O 10.1). isEmail says whether a text is an address.
func IdentityProvider(identifier string, isEmail func(string) bool) string {
	lower := strings.ToLower(identifier)
	for _, p := range identityProviders {
		if strings.HasPrefix(lower, p[0]) {
			return p[1]
		}
	}
	if isEmail != nil && isEmail(identifier) {
		return "generic"
	}
	return "unknown"
}

// PatchVersion decides what becomes of the version in an update (D30): sent is nil when the body has none.
func PatchVersion(sent *int64, stored int64) (version int64, conflict bool) {
	switch {
	case sent == nil && stored > 0:
		return nextVersion(stored), false
	case sent == nil:
		return 0, false
	case *sent < 0:
		return stored, true
	case *sent == 0:
		return 0, false
	case stored <= 0:
		return *sent, false
	case *sent != stored:
		return stored, true
	}
	return nextVersion(stored), false
}

// nextVersion never leaves the range in which locking is on.
func nextVersion(v int64) int64 {
	if v == math.MaxInt64 {
		return 1
	}
	return v + 1
}
