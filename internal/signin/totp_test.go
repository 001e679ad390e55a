package signin

import (
	"encoding/base32"
	"net/url"
	"strings"
	"testing"
	"time"

	para "github.com/erudika/para-go"
)

// The vectors of RFC 6238, appendix B, as far as six digits show them.
func TestCodesOfTheStandard(t *testing.T) {
	secret := []byte("12345678901234567890")
	for at, want := range map[int64]string{
		59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130",
	} {
		if got := codeAt(secret, at/codePeriod); got != want {
			t.Errorf("at %d: %s, want %s", at, got, want)
		}
		now := time.Unix(at, 0)
		if step := matchCode(secret, want, now, 0); step != at/codePeriod {
			t.Errorf("at %d: step %d", at, step)
		}
		if step := matchCode(secret, want, now, at/codePeriod); step != 0 {
			t.Errorf("at %d: used again", at)
		}
	}
}

func TestDecodeSecret(t *testing.T) {
	want := "12345678901234567890"
	text := base32.StdEncoding.EncodeToString([]byte(want))
	for _, given := range []string{text, strings.ToLower(text), text[:8] + " " + text[8:16] + "-" + text[16:], strings.TrimRight(text, "=")} {
		if got := string(decodeSecret(given)); got != want {
			t.Errorf("%q: %q", given, got)
		}
	}
	for _, odd := range []string{"", "=", "1", "A", "AAAAAAA!", strings.Repeat("A", 2000)} {
		if got := decodeSecret(odd); got != nil {
			t.Errorf("%q: %x", odd, got)
		}
	}
}

func TestCodeAddress(t *testing.T) {
	u, err := url.Parse(codeAddress("My: shop/ü", "ann+x@example.com", "ABC"))
	if err != nil || u.Scheme != "otpauth" || u.Host != "totp" || u.Path != "/My  shop/ü:ann+x@example.com" {
		t.Fatal(u, err)
	}
	q := u.Query()
	if q.Get("secret") != "ABC" || q.Get("issuer") != "My: shop/ü" || q.Get("digits") != "6" || q.Get("period") != "30" || strings.Contains(u.RawQuery, "+") {
		t.Error(u)
	}
}

// Locks double, up to a day, whatever the period of the configuration.
func TestLockOf(t *testing.T) {
	for period, want := range map[time.Duration][]time.Duration{
		time.Hour:      {time.Hour, 2 * time.Hour, 4 * time.Hour, 8 * time.Hour, 16 * time.Hour, 24 * time.Hour, 24 * time.Hour},
		0:              {time.Minute, 2 * time.Minute},
		48 * time.Hour: {48 * time.Hour, 48 * time.Hour},
	} {
		s := &Service{opts: Options{LockPeriod: period}}
		for i, w := range want {
			if got := s.lockOf(i + 1); got != w {
				t.Errorf("%v: lock %d lasts %v, want %v", period, i+1, got, w)
			}
		}
		if got := s.lockOf(1 << 40); got > max(24*time.Hour, period) {
			t.Errorf("%v: %v", period, got)
		}
	}
}

// No text that a client sends is taken for a challenge of this server, and none breaks it.
func FuzzReadChallenge(f *testing.F) {
	app, user := &para.App{ID: "app:x", Secret: strings.Repeat("s", 40)}, para.New("user")
	user.SetID("u")
	for _, seed := range []string{"", ".", "eyJrIjoiY29kZSIsInUiOiJ1IiwiZSI6OTk5OTk5OTk5OTk5OX0.AAAA", "bnVsbA.bnVsbA", "e30.e30"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if _, holds, ok := readChallenge(text); ok && holds(app, user, time.UnixMilli(0)) {
			t.Fatalf("%q holds", text)
		}
	})
}

// Codes of any form are judged without harm, and only the right ones are right.
func FuzzJudge(f *testing.F) {
	now := time.Unix(1234567890, 0)
	for _, seed := range []string{"005924", "00 59-24", "", "123456", "k3vq-7yfm-xw2c-pn5d", "$2a$04$abc", "\xff\xfe"} {
		f.Add(seed, `{"step":1}`)
	}
	f.Add("005924", `{"step":99999999999,"failures":-1,"lockedUntil":1}`)
	f.Add("005924", `[]`)
	f.Fuzz(func(t *testing.T, code, state string) {
		user := para.New("user")
		if err := setAll(user, map[string]any{"twoFA": true, "twoFAkey": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "twoFAbackupKeyHash": "sha256:x $2a$04$y"}); err != nil {
			t.Fatal(err)
		}
		user.SetRaw("authenticators", []byte(state))
		s := &Service{opts: Options{LockPeriod: time.Hour}}
		_, outcome, err := s.judge(user, code, "", trial{}, now)
		if err != nil {
			return // the state is no JSON: the store never holds that
		}
		text := strings.NewReplacer(" ", "", "-", "").Replace(code)
		if outcome == nil && text != codeAt([]byte("12345678901234567890"), now.Unix()/30) && text != codeAt([]byte("12345678901234567890"), now.Unix()/30-1) &&
			text != codeAt([]byte("12345678901234567890"), now.Unix()/30+1) {
			t.Fatalf("%q is right", code)
		}
	})
}
