package passkey_test

import (
	"strings"
	"testing"

	"github.com/descope/virtualwebauthn"
	"github.com/erudika/para-go/internal/passkey"
)

var party = passkey.Party{ID: "example.com", Name: "Example", Origins: []string{"https://app.example.com"}}

func TestValid(t *testing.T) {
	for _, p := range []passkey.Party{party, {ID: "localhost", Origins: []string{"http://localhost:8080"}}, {ID: "example.com", Origins: []string{"https://example.com:8443", "https://a.b.example.com"}}} {
		if err := p.Valid(); err != nil {
			t.Errorf("%v: %v", p, err)
		}
	}
	for _, p := range []passkey.Party{
		{}, {ID: "example.com"}, {ID: "com", Origins: []string{"https://com"}}, {ID: "127.0.0.1", Origins: []string{"https://127.0.0.1"}},
		{ID: "example.com", Origins: []string{"http://example.com"}}, {ID: "example.com", Origins: []string{"https://badexample.com"}},
		{ID: "example.com", Origins: []string{"https://example.com/path"}}, {ID: "example.com", Origins: []string{"https://u@example.com"}},
		{ID: "example.com", Origins: []string{"example.com"}}, {ID: "example.com", Origins: []string{"https://example.com?x"}},
	} {
		if p.Valid() == nil {
			t.Errorf("%v is valid", p)
		}
	}
}

func user() passkey.User { return passkey.User{Handle: []byte("u1"), Name: "ann@example.com"} }

// respond makes the answers of a device to a registration and to a sign-in.
func respond(t testing.TB, kind virtualwebauthn.KeyType) (created, asserted []byte) {
	t.Helper()
	rp := virtualwebauthn.RelyingParty{ID: party.ID, Name: party.Name, Origin: party.Origins[0]}
	auth := virtualwebauthn.NewAuthenticatorWithOptions(virtualwebauthn.AuthenticatorOptions{UserHandle: user().Handle})
	cred := virtualwebauthn.NewCredential(kind)
	for kind == virtualwebauthn.KeyTypeEC2 && len(cred.Key.AttestationData()) != 77 {
		cred = virtualwebauthn.NewCredential(kind) // virtualwebauthn leaves zeros at the beginning of a coordinate out
	}
	options, err := party.Registration(user(), challenge)
	if err != nil {
		t.Fatal(err)
	}
	made, err := virtualwebauthn.ParseAttestationOptions(string(options))
	if err != nil {
		t.Fatal(err)
	}
	created = []byte(virtualwebauthn.CreateAttestationResponse(rp, auth, cred, *made))
	if options, err = party.Assertion(challenge); err != nil {
		t.Fatal(err)
	}
	asked, err := virtualwebauthn.ParseAssertionOptions(string(options))
	if err != nil {
		t.Fatal(err)
	}
	return created, []byte(virtualwebauthn.CreateAssertionResponse(rp, auth, cred, *asked))
}

var challenge = []byte(strings.Repeat("challenge-", 4))

func TestRegisterAndVerify(t *testing.T) {
	for _, kind := range []virtualwebauthn.KeyType{virtualwebauthn.KeyTypeEC2, virtualwebauthn.KeyTypeRSA} {
		created, asserted := respond(t, kind)
		c, err := party.Register(user(), challenge, created)
		if err != nil {
			t.Fatal(err)
		}
		a, err := passkey.ParseAssertion(asserted)
		if err != nil || string(a.Challenge) != string(challenge) || string(a.Handle) != "u1" {
			t.Fatal(a, err)
		}
		u := user()
		if _, err := party.Verify(a, u); err == nil {
			t.Error("a user without passkeys")
		}
		u.Credentials = []passkey.Credential{c}
		if _, err := party.Verify(a, u); err != nil {
			t.Error(err)
		}
		other := party
		other.Origins = []string{"https://example.com"}
		if _, err := other.Verify(a, u); err == nil {
			t.Error("another origin")
		}
		if _, err := party.Register(user(), append([]byte("x"), challenge[1:]...), created); err == nil {
			t.Error("another challenge")
		}
	}
}

// Whatever a client sends, nothing breaks, and nothing is a passkey that was not made for the challenge.
func FuzzAnswers(f *testing.F) {
	created, asserted := respond(f, virtualwebauthn.KeyTypeEC2)
	c, err := party.Register(user(), challenge, created)
	if err != nil {
		f.Fatal(err)
	}
	u := user()
	u.Credentials = []passkey.Credential{c}
	for _, seed := range [][]byte{created, asserted, nil, []byte("{}"), []byte(`{"id":"AA","rawId":"AA","type":"public-key","response":{}}`)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, answer []byte) {
		if _, err := passkey.Challenge(answer); err == nil {
			if _, err := party.Register(user(), []byte(strings.Repeat("another---", 4)), answer); err == nil {
				t.Fatal("registered for another challenge")
			}
		}
		a, err := passkey.ParseAssertion(answer)
		if err != nil {
			return
		}
		a.Challenge = []byte(strings.Repeat("another---", 4))
		if _, err := party.Verify(a, u); err == nil {
			t.Fatal("verified for another challenge")
		}
	})
}
