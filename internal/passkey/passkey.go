// Package passkey speaks WebAuthn for a server: it makes the options that browsers create and use passkeys with, and verifies
// what they answer. It stores nothing and knows no users. Only passkeys whose device verifies who holds it count, and the
// maker of the device is not asked for.
package passkey

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
)

const (
	// MaxHandle is the length of the longest handle of a user, in bytes.
	MaxHandle = 64

	maxResponse   = 64 << 10
	maxID         = 1023 // bytes, by the specification
	maxKey        = 4096 // bytes
	maxTransports = 8
)

// Party is the relying party: what passkeys are bound to.
type Party struct {
	ID      string   // a domain; passkeys work on it and on its subdomains
	Name    string   // shown to people
	Origins []string // of pages that may use the passkeys, such as https://app.example.com
}

// Valid returns nil when the id is a domain and every origin lies in it. Only localhost may do without encryption.
func (p Party) Valid() error {
	if err := protocol.ValidateRPID(p.ID); err != nil || p.ID == "" {
		return errors.New("the id of the relying party is no domain")
	}
	for _, origin := range p.Origins {
		u, err := url.Parse(origin)
		if err != nil || u.Host == "" || u.User != nil || u.Path != "" || u.RawQuery != "" || u.Fragment != "" {
			return fmt.Errorf("%q is no origin such as https://example.com", origin)
		}
		host := strings.ToLower(u.Hostname())
		switch {
		case u.Scheme != "https" && (u.Scheme != "http" || host != "localhost"):
			return fmt.Errorf("the origin %q is not encrypted", origin)
		case host != strings.ToLower(p.ID) && !strings.HasSuffix(host, "."+strings.ToLower(p.ID)):
			return fmt.Errorf("the origin %q does not belong to %s", origin, p.ID)
		}
	}
	if len(p.Origins) == 0 {
		return errors.New("there is no origin")
	}
	return nil
}

// Credential is the public part of a passkey.
type Credential struct {
	ID             []byte   `json:"id"`
	PublicKey      []byte   `json:"key"`             // COSE
	Count          uint32   `json:"count,omitempty"` // of signatures; 0 for devices that do not count
	Transports     []string `json:"transports,omitempty"`
	BackupEligible bool     `json:"backupEligible,omitempty"`
	BackedUp       bool     `json:"backedUp,omitempty"`
}

// User is who a passkey belongs to.
type User struct {
	Handle      []byte // says who it is, without telling anybody else
	Name        string // tells accounts of one person apart, such as an address
	DisplayName string
	Credentials []Credential
}

func (p Party) relyingParty() (*webauthn.WebAuthn, error) {
	required := true
	return webauthn.New(&webauthn.Config{
		RPID: p.ID, RPDisplayName: p.Name, RPOrigins: p.Origins,
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			RequireResidentKey: &required,
			ResidentKey:        protocol.ResidentKeyRequirementRequired,
			UserVerification:   protocol.VerificationRequired,
		},
	})
}

// account is a User as go-webauthn wants it.
type account User

func (a account) WebAuthnID() []byte          { return a.Handle }
func (a account) WebAuthnName() string        { return a.Name }
func (a account) WebAuthnDisplayName() string { return a.DisplayName }

func (a account) WebAuthnCredentials() []webauthn.Credential {
	out := make([]webauthn.Credential, len(a.Credentials))
	for i, c := range a.Credentials {
		out[i] = webauthn.Credential{
			ID: c.ID, PublicKey: c.PublicKey,
			Flags:         webauthn.CredentialFlags{UserPresent: true, UserVerified: true, BackupEligible: c.BackupEligible, BackupState: c.BackedUp},
			Authenticator: webauthn.Authenticator{SignCount: c.Count},
		}
		for _, t := range c.Transports {
			out[i].Transport = append(out[i].Transport, protocol.AuthenticatorTransport(t))
		}
	}
	return out
}

func credential(c *webauthn.Credential) Credential {
	out := Credential{
		ID: c.ID, PublicKey: c.PublicKey, Count: c.Authenticator.SignCount,
		BackupEligible: c.Flags.BackupEligible, BackedUp: c.Flags.BackupState,
	}
	for _, t := range c.Transport {
		if len(out.Transports) < maxTransports && len(t) <= 32 {
			out.Transports = append(out.Transports, string(t))
		}
	}
	return out
}

// Registration returns the options with which a browser makes a passkey: {"publicKey":{…}}.
func (p Party) Registration(user User, challenge []byte) (json.RawMessage, error) {
	rp, err := p.relyingParty()
	if err != nil {
		return nil, fmt.Errorf("passkey options: %w", err)
	}
	options, _, err := rp.BeginRegistration(account(user),
		webauthn.WithExclusions(webauthn.Credentials(account(user).WebAuthnCredentials()).CredentialDescriptors()))
	if err != nil {
		return nil, fmt.Errorf("passkey options: %w", err)
	}
	options.Response.Challenge = challenge
	return json.Marshal(options)
}

// Challenge returns the challenge that a browser's answer repeats.
func Challenge(response []byte) ([]byte, error) {
	if len(response) > maxResponse {
		return nil, errors.New("the answer is too large")
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(response)
	if err != nil {
		return nil, fmt.Errorf("read the new passkey: %w", err)
	}
	return decodeChallenge(parsed.Response.CollectedClientData.Challenge)
}

// Register verifies what a browser made of the options of Registration, and returns the new passkey.
func (p Party) Register(user User, challenge, response []byte) (Credential, error) {
	if len(response) > maxResponse {
		return Credential{}, errors.New("the answer is too large")
	}
	rp, err := p.relyingParty()
	if err != nil {
		return Credential{}, fmt.Errorf("register a passkey: %w", err)
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(response)
	if err != nil {
		return Credential{}, fmt.Errorf("register a passkey: %w", err)
	}
	made, err := rp.CreateCredential(account(user), webauthn.SessionData{
		Challenge:        encodeChallenge(challenge),
		RelyingPartyID:   p.ID,
		UserID:           user.Handle,
		UserVerification: protocol.VerificationRequired,
		CredParams:       webauthn.CredentialParametersDefault(),
	}, parsed)
	if err != nil {
		return Credential{}, fmt.Errorf("register a passkey: %w", err)
	}
	if len(made.ID) == 0 || len(made.ID) > maxID || len(made.PublicKey) > maxKey {
		return Credential{}, errors.New("register a passkey: its id or its key is too long")
	}
	return credential(made), nil
}

// Assertion returns the options with which a browser signs somebody in, whoever it is: {"publicKey":{…}}.
func (p Party) Assertion(challenge []byte) (json.RawMessage, error) {
	rp, err := p.relyingParty()
	if err != nil {
		return nil, fmt.Errorf("passkey options: %w", err)
	}
	options, _, err := rp.BeginDiscoverableLogin(webauthn.WithChallenge(challenge), webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return nil, fmt.Errorf("passkey options: %w", err)
	}
	return json.Marshal(options)
}

// Asserted is what a browser answers that signs somebody in. It is not verified.
type Asserted struct {
	Challenge []byte
	Handle    []byte // of the user

	parsed *protocol.ParsedCredentialAssertionData
}

// ParseAssertion reads the answer of a browser to the options of Assertion.
func ParseAssertion(response []byte) (*Asserted, error) {
	if len(response) > maxResponse {
		return nil, errors.New("the answer is too large")
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(response)
	if err != nil {
		return nil, fmt.Errorf("read the answer of a passkey: %w", err)
	}
	challenge, err := decodeChallenge(parsed.Response.CollectedClientData.Challenge)
	if err != nil {
		return nil, err
	}
	if n := len(parsed.Response.UserHandle); n == 0 || n > MaxHandle {
		return nil, errors.New("the answer of the passkey names no user")
	}
	return &Asserted{Challenge: challenge, Handle: parsed.Response.UserHandle, parsed: parsed}, nil
}

// Verify says which passkey of a user made an answer, as it is afterwards: Count is the one of the answer, which the caller compares
// with the stored one.
func (p Party) Verify(a *Asserted, user User) (Credential, error) {
	rp, err := p.relyingParty()
	if err != nil {
		return Credential{}, fmt.Errorf("verify a passkey: %w", err)
	}
	_, used, err := rp.ValidatePasskeyLogin(func(_, _ []byte) (webauthn.User, error) { return account(user), nil }, webauthn.SessionData{
		Challenge:        encodeChallenge(a.Challenge),
		RelyingPartyID:   p.ID,
		UserVerification: protocol.VerificationRequired,
	}, a.parsed)
	if err != nil {
		return Credential{}, fmt.Errorf("verify a passkey: %w", err)
	}
	out := credential(used)
	out.Count = a.parsed.Response.AuthenticatorData.Counter
	return out, nil
}

func encodeChallenge(c []byte) string { return base64.RawURLEncoding.EncodeToString(c) }

func decodeChallenge(text string) ([]byte, error) {
	c, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("read a challenge: %w", err)
	}
	return c, nil
}
