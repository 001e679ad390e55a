package secondfactor

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	para "github.com/erudika/para-go"
	"golang.org/x/crypto/bcrypt"
)

// challenge is the challenge that Ann's password leads to.
func (w *world) challenge() string {
	w.t.Helper()
	return w.jwt("password", address+"::"+password).want(w.t, 401).SecondFactor.Challenge
}

func (w *world) answer(challenge, code string) reply {
	w.t.Helper()
	return w.jwt("second_factor", challenge+":"+code)
}

// Guesses lock the second factor, for longer each time; nothing but a backup code helps then. The count outlives the
// server's memory, since it stands in the store.
func TestGuessing(t *testing.T) {
	w := newWorld(t, map[string]any{"security.second_factor": "optional"})
	ann := w.enrol(address)
	for round, lock := range []time.Duration{time.Hour, 2 * time.Hour, 4 * time.Hour} {
		for range 5 {
			w.answer(w.challenge(), w.wrong(ann.secret)).want(t, 400, "The code is wrong.")
		}
		w.advance(lock - time.Minute)
		w.answer(w.challenge(), code(t, ann.secret, w.now())).want(t, 400, "Too many wrong codes")
		w.as(ann.token, "GET", "/v1/_me/second_factor", "")
		w.advance(2 * time.Minute)
		if round == 2 {
			w.answer(w.challenge(), code(t, ann.secret, w.now())).want(t, 200)
		}
	}
	for range 5 { // the right code cleared the count
		w.answer(w.challenge(), w.wrong(ann.secret)).want(t, 400, "wrong")
	}
	w.answer(w.challenge(), code(t, ann.secret, w.now())).want(t, 400, "Too many")
	w.answer(w.challenge(), ann.backup[3]).want(t, 200)
	w.answer(w.challenge(), code(t, ann.secret, w.now().Add(30*time.Second))).want(t, 200)
}

// A code counts in its own step, the one before and the one after, and never twice.
func TestClockAndReplay(t *testing.T) {
	w := newWorld(t, map[string]any{"security.second_factor": "optional"})
	ann := w.enrol(address)
	w.advance(10 * time.Minute)
	at := func(steps int) string { return code(t, ann.secret, w.now().Add(time.Duration(steps)*30*time.Second)) }
	w.answer(w.challenge(), at(-2)).want(t, 400)
	w.answer(w.challenge(), at(2)).want(t, 400)
	w.answer(w.challenge(), at(-1)).want(t, 200)
	w.answer(w.challenge(), at(-1)).want(t, 400)
	w.answer(w.challenge(), at(1)).want(t, 200)
	w.answer(w.challenge(), at(1)).want(t, 400)
	w.answer(w.challenge(), at(0)).want(t, 400) // earlier than the last one
	w.advance(30 * time.Second)
	w.answer(w.challenge(), at(0)).want(t, 400)
	w.advance(30 * time.Second)
	text := at(0)
	w.answer(w.challenge(), " "+text[:3]+" "+text[3:]+" ").want(t, 200)
	for _, odd := range []string{"", " ", "12345", "1234567", "１２３４５６", strings.Repeat("1", 300), "\x00", "000000\n000000"} {
		w.answer(w.challenge(), odd).want(t, 400)
	}
}

// Each backup code counts once.
func TestBackupCodes(t *testing.T) {
	w := newWorld(t, map[string]any{"security.second_factor": "optional"})
	ann := w.enrol(address)
	if len(ann.backup) != 10 {
		t.Fatal(ann.backup)
	}
	in := w.answer(w.challenge(), strings.ToUpper(strings.ReplaceAll(ann.backup[0], "-", ""))).want(t, 200)
	w.answer(w.challenge(), ann.backup[0]).want(t, 400)
	w.as(in.JWT.AccessToken, "GET", "/v1/_me/second_factor", "").want(t, 200, `"backupCodes":9`)
	w.as(in.JWT.AccessToken, "POST", "/v1/_me/second_factor/backup_codes", `{"code":"nothing"}`).want(t, 400, "wrong")
	fresh := w.as(in.JWT.AccessToken, "POST", "/v1/_me/second_factor/backup_codes", fmt.Sprintf(`{"code":%q}`, code(t, ann.secret, w.now()))).want(t, 200)
	w.answer(w.challenge(), ann.backup[1]).want(t, 400)
	w.answer(w.challenge(), fresh.BackupCodes[9]).want(t, 200)
	for _, c := range append(ann.backup, fresh.BackupCodes...) {
		if strings.Contains(w.stored(ann.id).Text("twoFAbackupKeyHash"), c) {
			t.Error("a backup code is stored")
		}
	}
}

// Codes that an application keeps, a secret in its form and a bcrypt hash, count too.
func TestCodesOfAnApplication(t *testing.T) {
	w := newWorld(t, map[string]any{"security.second_factor": "optional"})
	u := w.user(address)
	hash, err := bcrypt.GenerateFromPassword([]byte("Own-Backup_Code"), bcrypt.MinCost)
	must(t, err)
	w.signed("PATCH", "/v1/user/"+u.ID(), fmt.Sprintf(`{"twoFA":true,"twoFAkey":"gezd gnbv gy3t qojq gezd gnbv gy3t qojq====","twoFAbackupKeyHash":%q}`, hash)).want(t, 200)
	w.answer(w.challenge(), "own-backup_code").want(t, 400)
	w.answer(w.challenge(), "Own-Backup_Code").want(t, 200)
	w.answer(w.challenge(), "Own-Backup_Code").want(t, 400)
	w.answer(w.challenge(), code(t, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", w.now())).want(t, 200)
}

// Of requests with the same code, exactly one gets in.
func TestRaces(t *testing.T) {
	w := newWorld(t, map[string]any{"security.second_factor": "optional"})
	ann := w.enrol(address)
	race := func(send func() reply) {
		t.Helper()
		var all sync.WaitGroup
		status := make(chan int, 6)
		for range cap(status) {
			all.Go(func() { status <- send().status })
		}
		all.Wait()
		in := 0
		for range cap(status) {
			if s := <-status; s == 200 {
				in++
			} else if s != 400 {
				t.Errorf("status %d", s)
			}
		}
		if in != 1 {
			t.Errorf("%d of them got in", in)
		}
		w.advance(10 * time.Hour) // wrong ones may have locked it
	}
	same := w.challenge()
	race(func() reply { return w.answer(same, code(t, ann.secret, w.now())) })
	same = w.challenge()
	race(func() reply { return w.answer(same, ann.backup[0]) })
	challenges := make(chan string, 6)
	for range cap(challenges) {
		challenges <- w.challenge()
	}
	race(func() reply { return w.answer(<-challenges, code(t, ann.secret, w.now())) })
	for range cap(challenges) {
		challenges <- w.challenge()
	}
	race(func() reply { return w.answer(<-challenges, ann.backup[1]) })
}

// A challenge counts once, for one user, in one app, for five minutes, while nothing that proves the second factor changes.
func TestChallenges(t *testing.T) {
	w := newWorld(t, map[string]any{"security.second_factor": "optional"})
	w.makeApp("other", map[string]any{"security.second_factor": "optional"})
	ann := w.enrol(address)
	now := func() string { return code(t, ann.secret, w.now()) }
	void := "does not hold any longer"

	c := w.challenge()
	w.answer(c, now()).want(t, 200)
	w.advance(time.Minute)
	w.answer(c, now()).want(t, 400, void)

	c = w.challenge()
	w.advance(5 * time.Minute)
	w.answer(c, now()).want(t, 400, void)

	c = w.challenge()
	w.jwtOf("other", "second_factor", c+":"+now()).want(t, 400)
	for _, odd := range []string{"", ".", c + "x", strings.Replace(c, "e", "f", 1), strings.ToUpper(c), strings.Repeat("A", 5000), strings.Split(c, ".")[0]} {
		w.answer(odd, now()).want(t, 400)
	}
	w.jwt("second_factor", "").want(t, 400)
	w.jwt("second_factor", c).want(t, 400)
	w.as(c, "GET", "/v1/_me", "").want(t, 401)
	w.jwt("passwordless", c).want(t, 400)

	bob := w.user("bob@example.com")
	w.change(bob.ID(), map[string]any{"twoFA": true, "twoFAkey": ann.secret})
	ofBob := w.jwt("password", "bob@example.com::"+password).want(t, 401).SecondFactor.Challenge
	if in := w.answer(ofBob, now()).want(t, 200); in.User.ID != bob.ID() {
		t.Error("a challenge of Bob signed in", in.User.ID)
	}

	// Whatever takes sessions away takes challenges away too.
	w.change(ann.id, map[string]any{"tokenSecret": para.NewTokenSecret()})
	w.answer(c, now()).want(t, 400, void)

	// Inactive meanwhile; deleted; the second factor switched off, by the app and by the user.
	c = w.challenge()
	w.change(ann.id, map[string]any{"active": false})
	w.answer(c, now()).want(t, 400)
	w.change(ann.id, map[string]any{"active": true})
	c = w.challenge()
	w.settings("shop", map[string]any{"security.second_factor": "off"})
	w.answer(c, now()).want(t, 400, void)
	w.settings("shop", map[string]any{"security.second_factor": "optional"})
	in := w.answer(c, now()).want(t, 200)
	w.advance(time.Minute)
	c = w.challenge()
	w.as(in.JWT.AccessToken, "POST", "/v1/_me/second_factor/disable", fmt.Sprintf(`{"code":%q}`, now())).want(t, 200)
	w.advance(time.Minute)
	w.answer(c, now()).want(t, 400, void)
	w.jwt("password", address+"::"+password).want(t, 200)
	w.answer(ofBob, now()).want(t, 400, void)
	ofBob = w.jwt("password", "bob@example.com::"+password).want(t, 401).SecondFactor.Challenge
	w.signed("DELETE", "/v1/user/"+bob.ID(), "").want(t, 200)
	w.answer(ofBob, now()).want(t, 400)
}

// A challenge counts once also where users have several sessions, and a sign-in leaves the secret of their tokens alone.
func TestChallengeOfSeveralSessions(t *testing.T) {
	w := newWorld(t, map[string]any{"security.second_factor": "optional", "security.one_session_per_user": false})
	ann := w.enrol(address)
	first, second := w.challenge(), w.challenge()
	w.answer(first, code(t, ann.secret, w.now())).want(t, 200)
	w.advance(30 * time.Second)
	for _, c := range []string{first, second} {
		w.answer(c, code(t, ann.secret, w.now())).want(t, 400, "does not hold any longer")
	}
	third := w.challenge()
	w.answer(third, ann.backup[0]).want(t, 200)
	w.answer(third, ann.backup[1]).want(t, 400, "does not hold any longer")
}

// An app that was deleted and made again knows nothing of the challenges of the first one.
func TestAppMadeAgain(t *testing.T) {
	w := newWorld(t, map[string]any{"security.second_factor": "optional"})
	ann := w.enrol(address)
	c, member := w.challenge(), w.stored(ann.id)
	w.signed("DELETE", "/v1/app/shop", "").want(t, 200)
	w.advance(time.Second)
	w.makeApp("shop", map[string]any{"security.second_factor": "optional"})
	again := w.user(address)
	w.change(again.ID(), map[string]any{"twoFA": true, "twoFAkey": ann.secret, "tokenSecret": member.Text("tokenSecret")})
	w.answer(c, code(t, ann.secret, w.now())).want(t, 400)
}

// Users cannot do without their second factor what they can do with it.
func TestUsersCannotGoAround(t *testing.T) {
	w := newWorld(t, map[string]any{"security.second_factor": "optional"})
	ann := w.enrol(address)
	admin := w.enrol("admin@example.com")
	w.change(admin.id, map[string]any{"groups": "admins"})
	before := w.stored(ann.id)
	body := `{"name":"Ann","email":"ann@example.com","identifier":"ann@example.com","active":true,"twoFA":false,"twoFAkey":"","twoFAbackupKeyHash":"x","authenticators":{"step":1}}`
	_, err := w.eng.ChangeApp(context.Background(), "app:shop", func(o *para.Object) error {
		return o.Set("resourcePermissions", map[string]any{"*": map[string]any{"*": []string{"*"}}})
	})
	must(t, err)
	for _, token := range []string{ann.token, admin.token} {
		for _, method := range []string{"PATCH", "PUT"} {
			w.as(token, method, "/v1/user/"+ann.id, body)
		}
		w.as(token, "PATCH", "/v1/_batch", "["+body[:1]+`"id":"`+ann.id+`",`+body[1:]+"]")
		w.as(token, "PUT", "/v1/_batch", "["+body[:1]+`"id":"`+ann.id+`","type":"user",`+body[1:]+"]")
		w.as(token, "POST", "/v1/user", body[:1]+`"id":"`+ann.id+`",`+body[1:])
		after := w.stored(ann.id)
		for _, name := range []string{"twoFA", "twoFAkey", "twoFAbackupKeyHash", "authenticators"} {
			a, _ := before.Raw(name)
			b, _ := after.Raw(name)
			if string(a) != string(b) {
				t.Errorf("%s: %s became %s", name, a, b)
			}
		}
	}
	// A stolen session: no secret in sight, and no way to get rid of the second factor without a code.
	for target, token := range map[string]string{"/v1/_me": ann.token, "/v1/user/" + ann.id: admin.token, "/v1/user?q=*": admin.token} {
		got := w.as(token, "GET", target, "").want(t, 200, ann.id)
		if strings.Contains(got.body, ann.secret) || strings.Contains(got.body, "sha256:") || strings.Contains(got.body, "authenticators") {
			t.Errorf("%s shows %s", target, got.body)
		}
	}
	w.signed("GET", "/v1/user/"+ann.id, "").want(t, 200, ann.secret)
	w.as(ann.token, "POST", "/v1/_me/second_factor", "").want(t, 400, "active already")
	w.as(ann.token, "POST", "/v1/_me/second_factor/disable", `{"code":""}`).want(t, 400)
	w.as(ann.token, "POST", "/v1/_me/second_factor/disable", `{}`).want(t, 400)
	w.as(ann.token, "DELETE", "/v1/user/"+ann.id+"/second_factor", "").want(t, 403)
	w.as(admin.token, "DELETE", "/v1/user/"+admin.id+"/second_factor", "").want(t, 403)
	for range 5 {
		w.as(ann.token, "POST", "/v1/_me/second_factor/disable", fmt.Sprintf(`{"code":%q}`, w.wrong(ann.secret))).want(t, 400)
	}
	w.answer(w.challenge(), code(t, ann.secret, w.now())).want(t, 400, "Too many") // one count for all of it

	// An admin resets it for somebody who lost the device.
	w.as(admin.token, "DELETE", "/v1/user/"+ann.id+"/second_factor", "").want(t, 200)
	w.as(ann.token, "GET", "/v1/_me", "").want(t, 401)
	w.jwt("password", address+"::"+password).want(t, 200)
	w.signed("DELETE", "/v1/user/"+admin.id+"/second_factor", "").want(t, 200)
	w.signed("DELETE", "/v1/user/nobody/second_factor", "").want(t, 404)
}

// Setting it up ends the sessions that began without it, and belongs to who began it.
func TestEnrolment(t *testing.T) {
	w := newWorld(t, map[string]any{"security.second_factor": "optional", "security.one_session_per_user": false})
	w.user(address)
	w.user("bob@example.com")
	token := func(address string) string {
		return w.jwt("password", address+"::"+password).want(t, 200).JWT.AccessToken
	}
	mine, other, bob := token(address), token(address), token("bob@example.com")
	begun := w.as(mine, "POST", "/v1/_me/second_factor", "").want(t, 200)
	challenge, secret := member(t, begun.body, "challenge"), member(t, begun.body, "secret")
	confirm := func(token, challenge, code string) reply {
		return w.as(token, "PUT", "/v1/_me/second_factor", fmt.Sprintf(`{"challenge":%q,"code":%q}`, challenge, code))
	}
	confirm(bob, challenge, code(t, secret, w.now())).want(t, 400, "does not hold")
	for range 10 { // nobody is locked out who mistypes
		confirm(mine, challenge, w.wrong(secret)).want(t, 400, "wrong")
	}
	w.jwt("password", address+"::"+password).want(t, 200) // nothing is active yet
	done := confirm(mine, challenge, code(t, secret, w.now())).want(t, 200)
	for _, old := range []string{mine, other} {
		w.as(old, "GET", "/v1/_me", "").want(t, 401)
	}
	w.as(done.JWT.AccessToken, "GET", "/v1/_me/second_factor", "").want(t, 200, `"active":true`, `"backupCodes":10`)
	w.answer(w.challenge(), code(t, secret, w.now())).want(t, 400) // the code that set it up was used
}

// An app that begins to require a second factor renews no session of users without one, and nobody gets rid of it.
func TestRequiredLater(t *testing.T) {
	w := newWorld(t, nil)
	w.user(address)
	in := w.jwt("password", address+"::"+password).want(t, 200)
	w.as(in.JWT.AccessToken, "GET", "/v1/_me/second_factor", "").want(t, 404)
	w.settings("shop", map[string]any{"security.second_factor": "requierd"}) // a slip of the pen lets nobody in
	w.as(in.JWT.AccessToken, "GET", "/jwt_auth", "").want(t, 401, "reauthenticate")
	s := w.jwt("password", address+"::"+password).want(t, 401).SecondFactor
	in = w.answer(s.Challenge, code(t, s.Secret, w.now())).want(t, 200)
	in = w.as(in.JWT.AccessToken, "GET", "/jwt_auth", "").want(t, 200)
	w.advance(time.Minute)
	w.as(in.JWT.AccessToken, "POST", "/v1/_me/second_factor/disable", fmt.Sprintf(`{"code":%q}`, code(t, s.Secret, w.now()))).want(t, 400, "requires")
}

// In an app that cannot be written to, codes could be guessed for ever: nobody is asked for one.
func TestReadOnlyApp(t *testing.T) {
	w := newWorld(t, map[string]any{"security.second_factor": "optional"})
	ann := w.enrol(address)
	w.user("bob@example.com")
	c := w.challenge()
	_, err := w.eng.ChangeApp(context.Background(), "app:shop", func(o *para.Object) error { return o.Set("readOnly", true) })
	must(t, err)
	w.jwt("password", address+"::"+password).want(t, 400, "read-only mode")
	w.answer(c, code(t, ann.secret, w.now())).want(t, 400, "read-only mode")
	w.jwt("password", "bob@example.com::"+password).want(t, 200)
}

// No secret of a second factor is in the log, at any level.
func TestNothingInTheLog(t *testing.T) {
	w := newWorld(t, map[string]any{"security.second_factor": "optional"})
	ann := w.enrol(address)
	c := w.challenge()
	right := code(t, ann.secret, w.now())
	w.answer(c, w.wrong(ann.secret)).want(t, 400)
	w.answer(c, right).want(t, 200)
	w.answer(w.challenge(), ann.backup[0]).want(t, 200)
	text := w.log.String()
	if !strings.Contains(text, "path=/jwt_auth") {
		t.Fatal("nothing is logged")
	}
	for name, s := range map[string]string{"secret": ann.secret, "code": right, "backup code": ann.backup[0], "challenge": c, "hash": "sha256:"} {
		if strings.Contains(text, s) {
			t.Errorf("the log has a %s", name)
		}
	}
}
