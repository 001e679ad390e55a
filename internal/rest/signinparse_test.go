package rest

import (
	"crypto/subtle"
	"encoding/base64"
	"strings"
	"testing"
)

func TestUnmaskVector(t *testing.T) { // A 26.5
	const token = "6c1f3d0e-2b7a-4f55-9a10-0d7e5c3b8a21"
	const masked = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjNmIzZTdhNmIlO2g8bSA6aSUkPyp1JCY6KH0tfil-LX0YQBAS"
	if got := unmask(masked); got != token {
		t.Errorf("unmask: %q", got)
	}
	for _, sent := range []string{token, masked} {
		if !sameToken(sent, token) {
			t.Errorf("%q was refused", sent)
		}
	}
	for _, sent := range []string{"", "nonsense", token[1:], masked[:90], strings.ToUpper(token)} {
		if sameToken(sent, token) {
			t.Errorf("%q was accepted", sent)
		}
	}
}

func FuzzUnmask(f *testing.F) {
	f.Add("6c1f3d0e-2b7a-4f55-9a10-0d7e5c3b8a21", []byte("0123456789012345678901234567890123456789"))
	f.Add("", []byte{})
	f.Fuzz(func(t *testing.T, token string, random []byte) {
		for _, c := range []byte(token) {
			if c <= ' ' || c >= 0x7f {
				return
			}
		}
		if token == "" || len(random) < len(token) {
			_ = unmask(token)
			return
		}
		random = random[:len(token)]
		mixed := make([]byte, len(token))
		subtle.XORBytes(mixed, random, []byte(token))
		if got := unmask(base64.RawURLEncoding.EncodeToString(append(random[:len(token):len(token)], mixed...))); got != token {
			t.Fatalf("%q became %q", token, got)
		}
	})
}

func FuzzParseCredentials(f *testing.F) {
	for _, s := range []string{"null", "{}", "[]", "", `{"provider":"password","appid":"x","token":"a:b:c"}`, `{"provider":5}`, `{"appid":null}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		c, problem := parseCredentials(body)
		if problem == "" && len(c.provider)+len(c.app)+len(c.token) > len(body) {
			t.Fatalf("%q: %+v", body, c)
		}
		if problem != "" && strings.TrimSpace(problem) == "" {
			t.Fatalf("%q: a blank problem", body)
		}
	})
}
