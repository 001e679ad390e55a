package para

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"
)

// strict are tests of values good enough for the vectors: the real ones have tests of their own.
var strict = Checks{
	Email:   regexp.MustCompile(`^[A-Za-z0-9.%'+_\-]+@[A-Za-z0-9.\-]+\.[A-Za-z\S]{2,20}$`).MatchString,
	Address: func(s string) bool { return strings.Contains(s, "@") && !strings.Contains(s, "..") },
	URL:     func(s string) bool { return strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://") },
}

func messages(list []Problem) string {
	texts := make([]string, len(list))
	for i, p := range list {
		texts[i] = p.Message
	}
	return strings.Join(texts, ". ")
}

func TestBuiltInRules(t *testing.T) { // O 16.2, D43
	long := strings.Repeat("x", 256)
	identifier := "identifier is invalid - identifier field must be an email or start with a valid prefix, e.g. 'oa2:abc'."
	for _, v := range []struct{ body, want string }{
		{`{"type":"cat"}`, ""},
		{`{"type":"cat","name":" "}`, "'name' must not be blank"},
		{`{"type":"cat","name":"` + long + `"}`, "'name' size must be between 1 and 255"},
		{`{"type":"cat","name":"` + strings.Repeat("😀", 128) + `"}`, "'name' size must be between 1 and 255"},
		{`{"type":"cat","name":"` + strings.Repeat("😀", 127) + `"}`, ""},
		{`{"type":"app"}`, "'id' must not be blank"},
		{`{"type":"user","name":"n"}`, "'identifier' must not be blank. 'email' must not be blank. " + identifier},
		{`{"type":"user","name":"!","identifier":"fb:1","email":"a@b.co"}`, "'name' must not be blank. 'name' size must be between 1 and 255"},
		{`{"type":"user","identifier":"fb:1","email":""}`, "'email' must not be blank. 'email' Please provide a valid email address"},
		{`{"type":"user","identifier":"fb:1","email":"asd@asd"}`, "'email' Please provide a valid email address"},
		{`{"type":"user","identifier":"fb:1","email":"x"}`, "'email' Please provide a valid email address. 'email' Please provide a valid email address"},
		{`{"type":"user","identifier":"fb:1","email":"a@b..co"}`, "'email' Please provide a valid email address"},
		{`{"type":"user","identifier":"nobody","email":"a@b.co","groups":" "}`, "'groups' must not be blank. " + identifier},
		{`{"type":"tag"}`, "'tag' must not be blank"},
		{`{"type":"linker"}`, "'id1' must not be blank. 'id2' must not be blank. 'type1' must not be blank. 'type2' must not be blank"},
		{`{"type":"translation","authorName":""}`, "'authorName' must not be blank. 'locale' must not be blank. 'thekey' must not be blank. 'value' must not be blank"},
		{`{"type":"vote"}`, "'value' must not be blank"},
		{`{"type":"address"}`, "'address' must not be blank. 'country' must not be blank. 'latlng' must not be blank"},
		{`{"type":"address","address":"ab","country":"x","city":"` + long + `","latlng":"1,2"}`,
			"'address' size must be between 3 and 255. 'country' size must be between 2 and 255. 'city' size must be between 0 and 255"},
		{`{"type":"webhook"}`, "'targetUrl' must not be blank"},
		{`{"type":"webhook","targetUrl":"nope"}`, "'targetUrl' must be a valid URL"},
		{`{"type":"webhook","targetUrl":" "}`, "'targetUrl' must not be blank. 'targetUrl' must be a valid URL"},
		{`{"type":"form"}`, "'captchaSecretKey' must not be blank. 'notifyEmails' must not be empty"},
		{`{"type":"form","captchaSecretKey":"s","notifyEmails":["x"],"redirectTo":""}`, ""},
		{`{"type":"form","captchaSecretKey":"s","notifyEmails":["x"],"redirectTo":"x"}`, "'redirectTo' must be a valid URL"},
	} {
		o := populate(t, v.body)
		o.ApplyDefaults(testTime)
		if got := messages(Validate(o, strict)); got != v.want {
			t.Errorf("%.80s\n got %s\nwant %s", v.body, got, v.want)
		}
	}
	if list := Validate(New("vote"), strict); messages(list) !=
		"'name' must not be blank. 'value' must not be blank. 'expiresAfter' must not be null. 'lockedAfter' must not be null" {
		t.Errorf("a bare vote: %s", messages(list))
	}
	if list := Validate(populate(t, `{"type":"user","identifier":"fb:1","email":"x"}`), Checks{}); messages(list) != "'name' must not be blank. 'groups' must not be blank" {
		t.Errorf("without checks: %s", messages(list))
	}
}

func TestDigits(t *testing.T) { // O 16.3: numbers with an exponent count by their decimal form
	for text, want := range map[string]bool{"1e1": true, "1.5e1": true, "1.25e1": true, "1.234e1": false, "1e2": false, "5E-1": true, "5e-2": false, "1e400": false} {
		if digits('0', text, 2, 1) != want {
			t.Errorf("%s: %v", text, !want)
		}
	}
}

func TestProblemsForPrograms(t *testing.T) {
	o := populate(t, `{"type":"form","name":" ","captchaSecretKey":" ","notifyEmails":["x"],"redirectTo":"`+strings.Repeat("x", 300)+`"}`)
	got, err := json.Marshal(Validate(o, strict))
	want := `[{"field":"name","rule":"required","value":" ","message":"'name' must not be blank"},` +
		`{"field":"captchaSecretKey","rule":"required","message":"'captchaSecretKey' must not be blank"},` +
		`{"field":"redirectTo","rule":"url","message":"'redirectTo' must be a valid URL"}]`
	if err != nil || string(got) != want {
		t.Errorf("%s, %v", got, err)
	}
}

func TestParseApp(t *testing.T) { // O 7.2, O 8.6
	o := decode(t, `{"id":"app:kid","type":"app","appid":"para","name":"Kid","secret":"s","active":true,"readOnly":true,"sharingTable":true,"sharingIndex":true,`+
		`"datatypes":{"cats":"cat"},"settings":{"a":1,"b":"x"},"resourcePermissions":{"*":{"cats":["GET"]}},"validationConstraints":{"cat":{"a":{"required":{}}}},"tokenValiditySec":60}`)
	a, err := ParseApp(o)
	if err != nil {
		t.Fatal(err)
	}
	if a.ID != "app:kid" || a.Identifier != "kid" || a.Name != "Kid" || a.Secret != "s" || !a.Active || !a.ReadOnly || !a.SharingTable || !a.SharingIndex ||
		a.Root || a.Datatypes["cats"] != "cat" || string(a.Settings["b"]) != `"x"` || len(a.Permissions) != 1 || len(a.Constraints) != 1 || a.TokenValidity != time.Minute {
		t.Errorf("%+v", a)
	}
	if a, _ := ParseApp(decode(t, `{"id":"app:para","type":"app","appid":"para"}`)); !a.Root {
		t.Error("the root app owns itself")
	}
	// What was stored in a wrong form counts as empty, except what the app cannot do without.
	a, err = ParseApp(decode(t, `{"id":"app:x","type":"app","resourcePermissions":{"*":["GET"]},"validationConstraints":[1]}`))
	if err != nil || a.Permissions != nil || a.Constraints != nil {
		t.Errorf("%+v, %v", a, err)
	}
	if _, err := ParseApp(decode(t, `{"id":"app:x","type":"app","datatypes":[1]}`)); err == nil {
		t.Error("an app without usable types was read")
	}
	for _, v := range []struct {
		stored  int64
		setting string
		want    time.Duration
	}{
		{86400, ``, 24 * time.Hour}, {86400, `-60`, time.Minute}, {86400, `60.9`, time.Minute}, {60, `"30"`, time.Minute}, {0, ``, 0},
		{60, `0`, 0}, {-5, ``, 0}, {60, `1e400`, maxTokenValidity * time.Second}, {60, `-1e400`, maxTokenValidity * time.Second}, {1 << 62, ``, maxTokenValidity * time.Second},
	} {
		if got := tokenValidity(v.stored, json.RawMessage(v.setting)); got != v.want {
			t.Errorf("%d, setting %s: %v, want %v", v.stored, v.setting, got, v.want)
		}
	}
}
