package permissions

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"
)

// The matrix of A 19 with D62 and D63: what each principal gets when its app is inactive or read-only, or the user is not
// active. The order is token, user, app, permission.
func TestInactiveAndReadOnly(t *testing.T) {
	s := start(t, errorsOnly(t), "para.security.allow_unverified_emails = true")
	app := s.app("shop")
	ann, admin := app.user("ann", "users"), app.user("admin", "admins")
	app.send("PUT", "/v1/cat/c1", `{"name":"Tom"}`)
	app.send("PUT", "/v1/_permissions/*/cat", `["*","?"]`)
	signUp := app.send("POST", "/v1/users", `{"identifier":"eve@x.co","email":"eve@x.co","name":"Eve","active":true}`)
	if signUp.status != 201 {
		t.Fatalf("%s", signUp)
	}
	set := func(active, readOnly bool) { // no update reaches readOnly, but the root app imports whole records
		t.Helper()
		var zipped bytes.Buffer
		z := zip.NewWriter(&zipped)
		w, err := z.Create("shop_1.json")
		if err == nil {
			_, err = fmt.Fprintf(w, `[{"id":"app:shop","type":"app","appid":"para","name":"shop","secret":%q,"active":%t,"readOnly":%t,"timestamp":1,
				"resourcePermissions":{"*":{"cat":["?","*"]}}}]`, app.keys.Secret, active, readOnly)
		}
		if err = errors.Join(err, z.Close()); err != nil {
			t.Fatal(err)
		}
		if a := s.root().send("PUT", "/v1/_import", zipped.String(), "Content-Type", "application/zip"); a.status != 200 {
			t.Fatalf("%s", a)
		}
	}
	password := `{"appid":"app:shop","provider":"password","token":"new@x.co:New:a-password"}`
	const notActive, readOnlyText = "App not active. [app:shop]", "App is in read-only mode. [app:shop]"
	type expectation struct {
		who            *caller
		method, target string
		body           string
		status         int
		text           string
	}
	check := func(state string, list []expectation) {
		t.Helper()
		for _, x := range list {
			if a := x.who.send(x.method, x.target, x.body); a.status != x.status || !strings.Contains(string(a.body), x.text) {
				t.Errorf("%s: %s %s as %s: %s, want %d %s", state, x.method, x.target, x.who.name, a, x.status, x.text)
			}
		}
	}
	guest, nobody := app.guest(), app.nobody()
	broken := &caller{place: s, bearer: ann.bearer + "x", name: "broken token"}
	check("active", []expectation{
		{app, "GET", "/v1/cat/c1", "", 200, ""}, {ann, "GET", "/v1/cat/c1", "", 200, ""}, {guest, "GET", "/v1/cat/c1", "", 200, ""},
	})
	set(false, false)
	check("inactive app", []expectation{
		{app, "GET", "/v1/cat/c1", "", 403, notActive}, {app, "GET", "/v1/_me", "", 403, notActive}, {ann, "GET", "/v1/cat/c1", "", 403, notActive},
		{ann, "GET", "/v1/dog", "", 403, notActive}, {ann, "GET", "/v1/_me", "", 403, notActive}, {admin, "GET", "/v1/_settings", "", 403, notActive},
		{guest, "GET", "/v1/cat/c1", "", 403, notActive}, {nobody, "GET", "/v1/cat/c1", "", 401, ""}, {broken, "GET", "/v1/cat/c1", "", 401, ""},
		{nobody, "POST", "/jwt_auth", password, 400, notActive}, {ann, "GET", "/jwt_auth", "", 400, notActive},
	})
	set(true, true)
	check("read-only app", []expectation{
		{app, "GET", "/v1/cat/c1", "", 200, ""}, {app, "PATCH", "/v1/cat/c1", `{"name":"x"}`, 403, readOnlyText},
		{ann, "GET", "/v1/cat/c1", "", 200, ""}, {ann, "PATCH", "/v1/cat/c1", `{"name":"x"}`, 403, readOnlyText}, {ann, "PATCH", "/v1/dog/d1", `{}`, 403, readOnlyText},
		{admin, "POST", "/v1/cat", `{"name":"x"}`, 403, readOnlyText}, {guest, "DELETE", "/v1/cat/c1", "", 403, readOnlyText},
		{guest, "GET", "/v1/cat/c1", "", 200, ""}, {nobody, "POST", "/jwt_auth", password, 400, "Failed to authenticate"},
	})
	set(true, false)
	app.send("PATCH", "/v1/user/ann", `{"active":false}`)
	check("inactive user", []expectation{
		{ann, "GET", "/v1/cat/c1", "", 401, "You don't have permission"}, {ann, "GET", "/v1/user/ann", "", 401, ""}, {ann, "GET", "/jwt_auth", "", 401, "User must reauthenticate."},
		{ann, "DELETE", "/jwt_auth", "", 200, "All tokens revoked"},
	})
	if a := ann.send("GET", "/v1/_me", ""); a.status != 401 || len(a.body) > 0 {
		t.Errorf("inactive user: _me: %s", a)
	}
}

// Deleting a user takes its identifiers and its permissions along and nothing else, alone or in a batch (O 10.10, D84).
func TestDeletionOfUsers(t *testing.T) {
	for name, remove := range map[string]func(app *caller, id string) reply{
		"alone":      func(app *caller, id string) reply { return app.send("DELETE", "/v1/user/"+id, "") },
		"in a batch": func(app *caller, id string) reply { return app.send("DELETE", "/v1/_batch?ids="+id+"&ids=nothing", "") },
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, errorsOnly(t))
			app := s.app("shop")
			ann, bob := app.user("ann", "users"), app.user("bob", "users")
			for i := range 40 { // more than the Java server takes
				app.send("PUT", fmt.Sprintf("/v1/sysprop/gh:%d", i), `{"name":"identifier","creatorid":"ann"}`)
			}
			app.send("PUT", "/v1/sysprop/plain", `{"name":"plain","creatorid":"ann"}`)
			app.send("PUT", "/v1/sysprop/fb:1", `{"name":"identifier","creatorid":"bob"}`)
			app.send("PUT", "/v1/cat/c1", `{"name":"Tom","creatorid":"ann"}`)
			app.send("PATCH", "/v1/cat/c1", `{"_voteup":"bob"}`)
			app.send("POST", "/v1/user/ann/links/c1", "")
			app.send("PUT", "/v1/_permissions/ann/cat", `["GET"]`)
			app.send("PUT", "/v1/_permissions/bob/cat", `["GET"]`)
			if a := ann.send("GET", "/v1/cat/c1", ""); a.status != 200 {
				t.Fatalf("%s", a)
			}
			if a := remove(app, "ann"); a.status != 200 {
				t.Fatalf("%s", a)
			}
			if a := ann.send("GET", "/v1/cat/c1", ""); a.status != 401 {
				t.Errorf("the token of a user that is gone: %s", a)
			}
			if a := bob.send("GET", "/v1/cat/c1", ""); a.status != 200 {
				t.Errorf("somebody else: %s", a)
			}
			for path, want := range map[string]int{
				"user/ann": 404, "_id/ann@x.co": 404, "_id/gh:0": 404, "_id/gh:39": 404,
				"user/bob": 200, "_id/bob@x.co": 200, "_id/fb:1": 200, "_id/plain": 200, "_id/c1": 200, "_id/cat:c1:user:ann": 200,
			} {
				if a := app.send("GET", "/v1/"+path, ""); a.status != want {
					t.Errorf("%s: %d, want %d", path, a.status, want)
				}
			}
			if a := app.send("GET", "/v1/_permissions", ""); strings.Contains(string(a.body), "ann") || !strings.Contains(string(a.body), "bob") {
				t.Errorf("permissions: %s", a)
			}
			// Another user may have the address now, and is not who was deleted.
			if a := app.send("POST", "/v1/users", `{"id":"ann2","identifier":"ann@x.co","email":"ann@x.co","name":"Ann"}`); a.status != 201 {
				t.Errorf("the address is not free: %s", a)
			}
		})
	}
}

// A user with several identifiers is one user: it signs in with each that has a password, and losing one leaves the others
// (O 10.4).
func TestSeveralIdentifiers(t *testing.T) {
	s := start(t, errorsOnly(t))
	app := s.app("shop")
	app.user("ann", "users")
	sign := func(address, password string) reply {
		return app.nobody().send("POST", "/jwt_auth", fmt.Sprintf(`{"appid":"shop","provider":"password","token":"%s::%s"}`, address, password))
	}
	set := func(address, password string) {
		t.Helper()
		h, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
		if err != nil {
			t.Fatal(err)
		}
		body := fmt.Sprintf(`{"name":"identifier","creatorid":"ann","password":%q}`, h)
		if a := app.send("PUT", "/v1/sysprop/"+address, body); a.status != 200 {
			t.Fatalf("%s", a)
		}
	}
	set("ann@x.co", "first-password")
	set("ann@home.co", "second-password")
	for address, password := range map[string]string{"ann@x.co": "first-password", "ann@home.co": "second-password"} {
		a := sign(address, password)
		if a.status != 200 || !strings.Contains(string(a.body), `"id":"ann"`) {
			t.Errorf("%s: %s", address, a)
		}
		if a := app.send("GET", "/v1/user/ann", ""); !strings.Contains(string(a.body), `"identifier":"`+address+`"`) {
			t.Errorf("the main identifier is not %s: %s", address, a)
		}
	}
	if a := sign("ann@home.co", "first-password"); a.status != 400 {
		t.Errorf("the password of another identifier: %s", a)
	}
	app.send("DELETE", "/v1/sysprop/ann@home.co", "")
	if a := sign("ann@home.co", "second-password"); a.status != 400 {
		t.Errorf("an identifier that is gone: %s", a)
	}
	if a := sign("ann@x.co", "first-password"); a.status != 200 {
		t.Errorf("the other identifier: %s", a)
	}
}
