package authn_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/access"
	"github.com/erudika/para-go/internal/authn"
	"github.com/erudika/para-go/internal/sigv4"
	"github.com/erudika/para-go/internal/token"
)

// No text in the header Authorization, and no change of a token or a signature that holds, makes anybody an app or a
// user: only the very ones do.
func FuzzAuthorization(f *testing.F) {
	now := time.Unix(1768472430, 0)
	user := para.New("user")
	user.SetID("ann")
	for name, v := range map[string]any{"tokenSecret": tokenSecret, "active": true} {
		if err := user.Set(name, v); err != nil {
			f.Fatal(err)
		}
	}
	a := authn.New(authn.Options{Directory: people{"ann": user}, MaxAge: time.Hour, Now: func() time.Time { return now }})
	issued, err := token.IssueUser(token.User{AppID: "app:myapp", Subject: "ann", Validity: time.Hour, Interval: time.Minute}, appSecret+tokenSecret, now)
	if err != nil {
		f.Fatal(err)
	}
	signed := httptest.NewRequest(http.MethodGet, "/v1/cat/1", nil)
	if err := sigv4.SignHash(signed, sigv4.Credentials{AccessKey: "app:myapp", Secret: appSecret}, sigv4.HashBody(nil), now); err != nil {
		f.Fatal(err)
	}
	_, signature, _ := strings.Cut(signed.Header.Get("Authorization"), "Signature=")
	if len(signature) != 64 {
		f.Fatal(signature)
	}
	good := map[string]bool{"Bearer " + issued.Token: true, signed.Header.Get("Authorization"): true}
	for header := range good {
		f.Add(header)
		f.Add(header + "x")
		f.Add(header[:len(header)/2])
	}
	f.Add("Anonymous app:myapp")
	f.Add("Bearer")
	f.Add("AWS4-HMAC-SHA256 Credential=app:myapp/20260115/us-east-1/para/aws4_request, SignedHeaders=host;x-amz-date, Signature=")
	f.Fuzz(func(t *testing.T, header string) {
		r := httptest.NewRequest(http.MethodGet, "/v1/cat/1", nil)
		r.Header.Set(sigv4.DateHeader, signed.Header.Get(sigv4.DateHeader))
		r.Header.Set("Authorization", header)
		got, err := a.Authenticate(t.Context(), authn.Request{HTTP: r, URI: "/v1/cat/1", Body: func() (sigv4.Hash, error) { return sigv4.HashBody(nil), nil }})
		if err != nil || got.Principal.Kind != access.App && got.Principal.Kind != access.User || good[header] {
			return
		}
		// Blanks, the order of the parts, the scope and the spelling of names may differ; what proves the caller may not.
		compact, _ := token.Bearer(header)
		if compact != issued.Token && !strings.Contains(header, signature) {
			t.Errorf("%q makes %d", header, got.Principal.Kind)
		}
	})
}
