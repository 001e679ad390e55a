package rest_test

import (
	"net/url"
	"testing"
)

// The limit of one address (D87) holds for both doors of passwords together, behind a proxy for each client, and for
// nothing else.
func TestLimitOfAnAddress(t *testing.T) {
	endpoint, root := startWith(t, "para.security.signin_limit_per_address = 3", "para.security.allow_unverified_emails = true")
	newApp(t, endpoint, root, "limited")
	jwt := func(forwarded string) int {
		return ask(t, "POST", endpoint+"/jwt_auth", passwordBody("limited", "nobody"), "X-Forwarded-For", forwarded).status
	}
	for i, want := range []int{400, 400, 400, 429} {
		if got := jwt("198.51.100.1"); got != want {
			t.Errorf("attempt %d: %d, want %d", i, got, want)
		}
	}
	form := url.Values{"appid": {"limited"}, "email": {"a@x.co"}, "password": {"secret-pass"}}.Encode()
	header := []string{"Content-Type", "application/x-www-form-urlencoded", "X-Forwarded-For", "198.51.100.1"}
	if got := ask(t, "POST", endpoint+"/password_auth", form, header...); got.status != 429 {
		t.Errorf("/password_auth: %d", got.status)
	}
	if got := jwt("198.51.100.2"); got != 400 {
		t.Errorf("another client: %d", got)
	}
	if got := ask(t, "GET", endpoint+"/jwt_auth", "", "X-Forwarded-For", "198.51.100.1"); got.status != 401 {
		t.Errorf("a refresh: %d", got.status)
	}
	if _, err := root.Me(t.Context()); err != nil {
		t.Errorf("an app: %v", err)
	}
}
