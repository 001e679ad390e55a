package token

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// Issued is a user token with its times, as /jwt_auth answers it (A 5.1).
type Issued struct {
	Token   string
	Expires int64 // milliseconds since 1970
	Refresh int64 // milliseconds since 1970: when the client should ask for a new one
}

// User says what goes into a user token.
type User struct {
	AppID    string // full app id
	Subject  string // user id
	IDP      string // the user's identityProvider
	Validity time.Duration
	Interval time.Duration // para.jwt_refresh_interval
}

// IssueUser makes a user token (A 4.2). key is Key(app secret, token secret). The refresh time is one interval away, or
// half the validity when two intervals would not fit.
func IssueUser(u User, key string, now time.Time) (Issued, error) {
	validity, interval := int64(u.Validity/time.Second), int64(u.Interval/time.Second)
	if validity < 2*interval {
		interval = validity / 2
	}
	ms := now.UnixMilli()
	issued := Issued{Expires: ms + validity*1000, Refresh: ms + interval*1000}
	var err error
	issued.Token, err = sign(struct {
		IssuedAt  int64  `json:"iat"`
		Expires   int64  `json:"exp"`
		NotBefore int64  `json:"nbf"`
		Refresh   int64  `json:"refresh"`
		AppID     string `json:"appid"`
		Subject   string `json:"sub"`
		IDP       string `json:"idp"`
	}{now.Unix(), now.Unix() + validity, now.Unix(), issued.Refresh, u.AppID, u.Subject, u.IDP}, key)
	return issued, err
}

// IssueSuper makes a super token as the command line does (A 4.8): valid from five seconds ago. credentialsOf may name
// an app whose keys the root app asks for (A 4.7). key is the app's secret.
func IssueSuper(appID, credentialsOf, key string, validity time.Duration, now time.Time) (string, error) {
	return sign(struct {
		Expires        int64  `json:"exp"`
		IssuedAt       int64  `json:"iat"`
		NotBefore      int64  `json:"nbf"`
		AppID          string `json:"appid"`
		GetCredentials string `json:"getCredentials,omitempty"`
	}{now.Add(validity).Unix(), now.Unix(), now.Unix() - 5, appID, credentialsOf}, key)
}

// Profile says what goes into an ID token.
type Profile struct {
	AppID, Name, Email, Identifier, Picture, Subject string
}

// IssueID makes an ID token (A 4.9). key is Key(app secret, token secret); making one does not renew the token secret.
func IssueID(p Profile, key string, validity time.Duration, now time.Time) (string, error) {
	return sign(struct {
		IssuedAt   int64  `json:"iat"`
		Expires    int64  `json:"exp"`
		NotBefore  int64  `json:"nbf"`
		AppID      string `json:"appid"`
		Name       string `json:"name"`
		Email      string `json:"email"`
		Identifier string `json:"identifier"`
		Picture    string `json:"picture"`
		Subject    string `json:"sub"`
	}{now.Unix(), now.Unix() + int64(validity/time.Second), now.Unix(), p.AppID, p.Name, p.Email, p.Identifier,
		picture(p.Picture, p.Email), p.Subject}, key)
}

// picture returns a user's picture when it is a web address, else the one of Gravatar (A 4.9).
func picture(picture, email string) string {
	if len(picture) >= 4 && strings.EqualFold(picture[:4], "http") {
		return picture
	}
	sum := md5.Sum([]byte(email)) // Gravatar's name for the address; nothing is protected by it
	return "https://gravatar.com/avatar/" + hex.EncodeToString(sum[:]) + "?size=400&d=retro&r=pg"
}

// sign encodes claims, without escaping &, < and > as encoding/json would, and signs them.
func sign(claims any, key string) (string, error) {
	if len(key) < MinKey {
		return "", ErrKeyTooShort
	}
	var buf bytes.Buffer
	e := json.NewEncoder(&buf)
	e.SetEscapeHTML(false)
	if err := e.Encode(claims); err != nil {
		return "", fmt.Errorf("make a token: %w", err)
	}
	signed := plainHeader + "." + encoding.EncodeToString(bytes.TrimSuffix(buf.Bytes(), []byte("\n")))
	signature, err := jwt.SigningMethodHS256.Sign(signed, []byte(key))
	if err != nil {
		return "", fmt.Errorf("make a token: %w", err)
	}
	return signed + "." + encoding.EncodeToString(signature), nil
}
