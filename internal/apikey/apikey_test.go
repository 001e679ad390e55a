package apikey

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"
)

func TestToken(t *testing.T) {
	for _, app := range []string{"a", "my-app", "größe", strings.Repeat("x", maxApp)} {
		want := Token{App: app, ID: "key_587408205806571520", Secret: NewSecret()}
		text := want.Text()
		if got, err := Parse(text); err != nil || got != want {
			t.Errorf("%s: %v, %v", app, got, err)
		}
		if strings.Trim(strings.TrimPrefix(text, Prefix), "abcdefghijklmnopqrstuvwxyz234567") != "" || !strings.HasPrefix(text, Prefix) {
			t.Errorf("not one word: %s", text)
		}
		for i := range text { // one letter less, or another one
			other := byte('a')
			if text[i] == 'a' {
				other = 'b'
			}
			for _, broken := range []string{text[:i] + text[i+1:], text[:i] + string(other) + text[i+1:], text[:i] + "\n" + text[i:]} {
				if _, err := Parse(broken); !errors.Is(err, ErrInvalid) {
					t.Errorf("%s is accepted: %v", broken, err)
				}
			}
		}
	}
	for _, bad := range []Token{{App: "", ID: "key_1"}, {App: "x", ID: "key_0"}, {App: "x", ID: "key_01"}, {App: "x", ID: "1"}, {App: "x", ID: "key_-1"},
		{App: "x", ID: "key_99999999999999999999"}, {App: strings.Repeat("x", 256), ID: "key_1"}} {
		if text := bad.Text(); text != "" {
			t.Errorf("%v is written %s", bad, text)
		}
	}
	if first, second := NewSecret(), NewSecret(); first == second {
		t.Error("two secrets are equal")
	}
}

func TestCheck(t *testing.T) {
	now := time.UnixMilli(1_000_000)
	first, second, other := NewSecret(), NewSecret(), NewSecret()
	k := &Key{Active: true, Expires: now.Add(time.Hour).UnixMilli()}
	if err := k.Check(Secret{}, "10.0.0.1", now); !errors.Is(err, ErrSecret) {
		t.Errorf("a key without a secret: %v", err)
	}
	k.Renew(first, now, time.Hour)
	check := func(what string, s Secret, from string, at time.Time, want error) {
		t.Helper()
		if err := k.Check(s, from, at); !errors.Is(err, want) || (err == nil) != (want == nil) {
			t.Errorf("%s: %v, want %v", what, err, want)
		}
	}
	check("right", first, "", now, nil)
	check("wrong", other, "", now, ErrSecret)
	check("no secret", Secret{}, "", now, ErrSecret)
	check("last moment", first, "", now.Add(time.Hour-time.Millisecond), nil)
	check("expired", first, "", now.Add(time.Hour), ErrExpired)
	k.Renew(second, now, time.Minute)
	check("new", second, "", now, nil)
	check("old in time", first, "", now.Add(time.Minute-time.Millisecond), nil)
	check("old too late", first, "", now.Add(time.Minute), ErrSecret)
	k.Renew(other, now, 0)
	check("older", first, "", now, ErrSecret)
	check("old without overlap", second, "", now, ErrSecret)
	check("newest", other, "", now, nil)
	k.Networks = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8::/32")}
	for from, want := range map[string]error{"10.2.3.4": nil, "::ffff:10.2.3.4": nil, "2001:db8::1": nil, "11.0.0.1": ErrNetwork, "": ErrNetwork, "x": ErrNetwork} {
		check("from "+from, other, from, now, want)
	}
	k.Active = false
	check("inactive", other, "10.0.0.1", now, ErrInactive)

	stored, err := Decode(k.Encode())
	if err != nil || !bytes.Equal(stored.Encode(), k.Encode()) {
		t.Errorf("stored as %s, %v", k.Encode(), err)
	}
	if told := string(k.AppendJSON(nil, 5)); strings.Contains(strings.ToLower(told), "hash") || !strings.Contains(told, `"lastUsed":5`) {
		t.Errorf("told: %s", told)
	}
}

func FuzzParse(f *testing.F) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, app := range []string{"x", "shop", strings.Repeat("long", 30)} {
		f.Add(Token{App: app, ID: "key_12345", Secret: Secret{byte(r.Uint32())}}.Text())
	}
	f.Add("para_")
	f.Add("para_aeaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")
	f.Fuzz(func(t *testing.T, text string) {
		token, err := Parse(text)
		if err != nil {
			if token != (Token{}) {
				t.Errorf("%q is refused and read as %v", text, token)
			}
			return
		}
		if token.Text() != text || !IsID(token.ID) || token.App == "" {
			t.Errorf("%q is read as %v, which is written %q", text, token, token.Text())
		}
	})
}

func BenchmarkKey(b *testing.B) {
	now := time.Now()
	k := &Key{Active: true, Expires: now.Add(time.Hour).UnixMilli()}
	s := NewSecret()
	k.Renew(s, now, 0)
	text := Token{App: "shop", ID: "key_587408205806571520", Secret: s}.Text()
	b.ReportAllocs()
	for b.Loop() {
		t, err := Parse(text)
		if err != nil || k.Check(t.Secret, "10.0.0.1", now) != nil {
			b.Fatal("the key does not hold")
		}
	}
}
