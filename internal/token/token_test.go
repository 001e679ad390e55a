package token

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
	"strings"
	"testing"
	"time"
)

const (
	secret      = "U3VTNifLPqnZ1W2S3pVVuKG4HOVbimMocdDMl8T69BB001AXGZtwZw=="
	tokenSecret = "qvUo0mVdGzJ0Xh3c1mJrCw2N8y7bD5tKfE6aLpR9sTg="
	rootSecret  = "cm9vdC1zZWNyZXQta2V5LWZvci1wYXJhLXRlc3QtdmVjdG9ycw=="
	cliSecret   = "xrNQ+OHeZITgWV2w2rFy48LlQROUEijhFMPE99Yfv9EJVXGghfS5SA=="

	j1      = "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjE3NjkwNzcyMzAsImlhdCI6MTc2ODQ3MjQzMCwibmJmIjoxNzY4NDcyNDI1LCJhcHBpZCI6ImFwcDpteWFwcCJ9.TPaXSYjAg1gUwtitdVb2PrVs3nYvnlEF8-6w_rS7FPg"
	j2      = "eyJhbGciOiJIUzI1NiJ9.eyJpYXQiOjE3Njg0NzI0MzAsImV4cCI6MTc2ODQ3MjQ0MCwibmJmIjoxNzY4NDcyNDI1LCJhcHBpZCI6ImFwcDpwYXJhIiwiZ2V0Q3JlZGVudGlhbHMiOiJhcHA6bXlhcHAifQ.cr8TpH7sTUKpTFW0xkhvsPsGzTNQniOuUboXTLl0q60"
	j3      = "eyJhbGciOiJIUzI1NiJ9.eyJpYXQiOjE3Njg0NzI0MzAsImV4cCI6MTc2ODU1ODgzMCwibmJmIjoxNzY4NDcyNDMwLCJyZWZyZXNoIjoxNzY4NDc2MDMwMTIzLCJhcHBpZCI6ImFwcDpteWFwcCIsInN1YiI6IjU4NzQwODIwNTgwNjU3MTUyMCIsImlkcCI6ImdlbmVyaWMifQ.4nxt33HbRucVkQgb1WcS1llr6GT2ZnNGwz9Ihdsepcw"
	j4      = "eyJhbGciOiJIUzI1NiJ9.eyJpYXQiOjE3Njg0NzI0MzAsImV4cCI6MTc2ODQ3MjQ5MCwibmJmIjoxNzY4NDcyNDMwLCJhcHBpZCI6ImFwcDpteWFwcCIsIm5hbWUiOiJKYW5lIERvZSIsImVtYWlsIjoiamFuZUBleGFtcGxlLmNvbSIsImlkZW50aWZpZXIiOiJncDoxMjM0NTY3ODkiLCJwaWN0dXJlIjoiaHR0cHM6Ly9ncmF2YXRhci5jb20vYXZhdGFyLzllMjY0NzFkMzVhNzg4NjJjMTdlNDY3ZDg3Y2RkZWRmP3NpemU9NDAwJmQ9cmV0cm8mcj1wZyIsInN1YiI6IjU4NzQwODIwNTgwNjU3MTUyMCJ9.sLon4LUKhkAqPlyU0tG9NCgLQP7xTr7VXnTpLKdWYQc"
	j5      = "eyJhbGciOiJIUzI1NiJ9.eyJpYXQiOjE3Njg0NzI0MzAsImV4cCI6MTc2ODQ3MzAzMCwiZW1haWwiOiJqYW5lQGV4YW1wbGUuY29tIiwibmFtZSI6IkphbmUgRG9lIiwiaWRlbnRpZmllciI6ImN1c3RvbToxMjM0IiwiYXBwaWQiOiJteWFwcCIsImdyb3VwcyI6Im1vZHMiLCJwaWN0dXJlIjoiaHR0cHM6Ly9leGFtcGxlLmNvbS9qLnBuZyJ9.E5GK767fA6TX7jrPwyYfKDojeyBOx6KTa-G1nU1Vo6k"
	cli     = "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjE3Njc5Mjc4NDUsImlhdCI6MTc2NzMyMzA0NSwibmJmIjoxNzY3MzIzMDQwLCJhcHBpZCI6ImFwcDpwYXJhIn0.5q2ELbIj124yAmA8LYU7i40w1kCaX2gt8JHHv7ivCd0"
	console = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJleHAiOjE3Njc5Mjc4NDUsImlhdCI6MTc2NzMyMzA0NSwibmJmIjoxNzY3MzIzMDQwLCJhcHBpZCI6ImFwcDpwYXJhIn0.oaKqw5LR7nwG6VdSqWwKRnfsZ_FCZ1V6MAGuxdWnjIk"
	choose  = "eyJhbGciOiJIUzI1NiJ9.eyJpYXQiOjE3NjczMjMwNDUsImV4cCI6MTc2NzMyMzA1NSwibmJmIjoxNzY3MzIzMDQwLCJhcHBpZCI6ImFwcDpwYXJhIiwiZ2V0Q3JlZGVudGlhbHMiOiJhcHA6c2Nvb2xkIn0.w3mS3bGrfmS_8vMJeJEnlhOdEUPpnNknSQ2Qil6dZW8"
)

var issuedAt = time.UnixMilli(1768472430_123)

func check(compact, key string, now time.Time) (Claims, error) {
	u, err := Parse(compact)
	if err != nil {
		return Claims{}, err
	}
	return u.Verify(key, now)
}

func TestVectors(t *testing.T) {
	const user = "587408205806571520"
	for _, test := range []struct {
		name, token, key string
		want             Claims
	}{
		{"J1", j1, secret, Claims{AppID: "app:myapp"}},
		{"J2", j2, rootSecret, Claims{AppID: "app:para", GetCredentials: "app:myapp"}},
		{"J3", j3, Key(secret, tokenSecret), Claims{AppID: "app:myapp", Subject: user, IDP: "generic", Refresh: 1768476030123}},
		{"J4", j4, Key(secret, tokenSecret), Claims{AppID: "app:myapp", Subject: user, Name: "Jane Doe", Email: "jane@example.com",
			Identifier: "gp:123456789", Picture: "https://gravatar.com/avatar/9e26471d35a78862c17e467d87cddedf?size=400&d=retro&r=pg"}},
		{"J5", j5, "0123456789abcdef0123456789abcdef", Claims{AppID: "myapp", Name: "Jane Doe", Email: "jane@example.com",
			Identifier: "custom:1234", Groups: "mods", Picture: "https://example.com/j.png"}},
	} {
		got, err := check(test.token, test.key, issuedAt)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if got.ExpiresAt().Before(issuedAt) {
			t.Errorf("%s expires at %v", test.name, got.ExpiresAt())
		}
		got.expires, got.notBefore = seconds{}, seconds{}
		if got != test.want {
			t.Errorf("%s: %+v", test.name, got)
		}
		if _, err := check(test.token, test.key+"x", issuedAt); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s with another key: %v", test.name, err)
		}
	}
	for name, compact := range map[string]string{"command line": cli, "console": console, "select": choose} {
		c, err := check(compact, cliSecret, time.Unix(1767323045, 0))
		if err != nil || c.AppID != "app:para" || c.Subject != "" {
			t.Errorf("%s: %+v %v", name, c, err)
		}
	}
}

func TestTimes(t *testing.T) {
	for _, test := range []struct {
		at time.Time
		ok bool
	}{
		{time.UnixMilli(1768472425_000), true},
		{time.UnixMilli(1768472424_999), true}, // within the leeway of nbf
		{time.UnixMilli(1768472420_000), true},
		{time.UnixMilli(1768472419_999), false},
		{time.UnixMilli(1769077230_000), true},
		{time.UnixMilli(1769077230_001), false},
	} {
		if _, err := check(j1, secret, test.at); (err == nil) != test.ok || err != nil && !errors.Is(err, ErrInvalid) {
			t.Errorf("%d: %v", test.at.UnixMilli(), err)
		}
	}
}

func TestIssue(t *testing.T) {
	user := User{AppID: "app:myapp", Subject: "587408205806571520", IDP: "generic", Validity: 24 * time.Hour, Interval: time.Hour}
	got, err := IssueUser(user, Key(secret, tokenSecret), issuedAt)
	if err != nil || got != (Issued{j3, 1768558830123, 1768476030123}) {
		t.Errorf("%+v %v", got, err)
	}
	if s, err := IssueSuper("app:myapp", "", secret, 604800*time.Second, issuedAt); err != nil || s != j1 {
		t.Error(s, err)
	}
	s, err := IssueSuper("app:para", "app:myapp", rootSecret, 10*time.Second, issuedAt)
	if c, err2 := check(s, rootSecret, issuedAt); err != nil || err2 != nil || c.GetCredentials != "app:myapp" || c.AppID != "app:para" {
		t.Error(s, err, err2)
	}
	p := Profile{AppID: "app:myapp", Name: "Jane Doe", Email: "jane@example.com", Identifier: "gp:123456789", Subject: "587408205806571520"}
	if s, err := IssueID(p, Key(secret, tokenSecret), time.Minute, issuedAt); err != nil || s != j4 {
		t.Error(s, err)
	}
	p.Picture = "HTTPS://example.com/<p>.png?a&b"
	s, err = IssueID(p, Key(secret, tokenSecret), time.Minute, issuedAt)
	if c, err2 := check(s, Key(secret, tokenSecret), issuedAt); err != nil || err2 != nil || c.Picture != p.Picture {
		t.Error(c.Picture, err, err2)
	}
	for _, picture := range []string{"", "ftp://x", "htt"} {
		p.Picture = picture
		if s, err := IssueID(p, Key(secret, tokenSecret), time.Minute, issuedAt); err != nil || s != j4 {
			t.Error(picture, s, err)
		}
	}

	short := strings.Repeat("k", MinKey-1)
	if _, err := IssueUser(user, short, issuedAt); !errors.Is(err, ErrKeyTooShort) {
		t.Error(err)
	}
	if _, err := IssueSuper("app:x", "", short, time.Hour, issuedAt); !errors.Is(err, ErrKeyTooShort) {
		t.Error(err)
	}
	if s, err := IssueSuper("app:x", "", short+"k", time.Hour, issuedAt); err != nil {
		t.Error(err)
	} else if _, err := check(s, short+"k", issuedAt); err != nil {
		t.Error(err)
	}
}

func TestRefreshTime(t *testing.T) {
	for _, test := range []struct{ validity, interval, want int64 }{
		{86400, 3600, 3600}, {7200, 3600, 3600}, {7199, 3600, 3599}, {10, 3600, 5}, {1, 3600, 0},
	} {
		u := User{AppID: "app:x", Validity: time.Duration(test.validity) * time.Second, Interval: time.Duration(test.interval) * time.Second}
		got, err := IssueUser(u, Key(secret, tokenSecret), issuedAt)
		if err != nil || got.Refresh != issuedAt.UnixMilli()+test.want*1000 || got.Expires != issuedAt.UnixMilli()+test.validity*1000 {
			t.Errorf("%+v: %+v %v", test, got, err)
		}
	}
}

func encode(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

func made(header, claims, key string, h func() hash.Hash) string {
	m := hmac.New(h, []byte(key))
	m.Write([]byte(encode(header) + "." + encode(claims)))
	return encode(header) + "." + encode(claims) + "." + base64.RawURLEncoding.EncodeToString(m.Sum(nil))
}

// What the Java server was asked in tokens.json, where the token alone decides.
func TestAcceptedAndRefused(t *testing.T) {
	const header = `{"alg":"HS256"}`
	now := time.Unix(1800000000, 0)
	claims := func(extra string) string { return `{"appid":"app:x","exp":1800000600,"nbf":1799999995` + extra + `}` }
	for _, test := range []struct {
		name, token string
		ok          bool
		subject     string
	}{
		{"plain", made(header, claims(""), secret, sha256.New), true, ""},
		{"type in the header", made(`{"alg":"HS256","typ":"JWT"}`, claims(""), secret, sha256.New), true, ""},
		{"spaces in the header", made(`{ "alg" : "HS256" }`, claims(""), secret, sha256.New), true, ""},
		{"key id in the header", made(`{"alg":"HS256","kid":"1"}`, claims(""), secret, sha256.New), true, ""},
		{"without iat and nbf", made(header, `{"appid":"app:x","exp":1800000600}`, secret, sha256.New), true, ""},
		{"no exp", made(header, `{"appid":"app:x"}`, secret, sha256.New), false, ""},
		{"exp null", made(header, `{"appid":"app:x","exp":null}`, secret, sha256.New), false, ""},
		{"exp text", made(header, `{"appid":"app:x","exp":"1900000000"}`, secret, sha256.New), false, ""},
		{"exp with a fraction", made(header, `{"appid":"app:x","exp":1900000000.5}`, secret, sha256.New), true, ""},
		{"exp as a power", made(header, `{"appid":"app:x","exp":1.9e9}`, secret, sha256.New), true, ""},
		{"fraction is cut", made(header, `{"appid":"app:x","exp":1799999999.9}`, secret, sha256.New), false, ""},
		{"exp in milliseconds", made(header, `{"appid":"app:x","exp":1900000000000}`, secret, sha256.New), true, ""},
		{"exp of 63 bits", made(header, `{"appid":"app:x","exp":9223372036854775807}`, secret, sha256.New), true, ""},
		{"exp beyond 64 bits", made(header, `{"appid":"app:x","exp":99999999999999999999}`, secret, sha256.New), false, ""},
		{"exp far beyond", made(header, `{"appid":"app:x","exp":1e400}`, secret, sha256.New), false, ""},
		{"exp negative", made(header, `{"appid":"app:x","exp":-5}`, secret, sha256.New), false, ""},
		{"exp far negative", made(header, `{"appid":"app:x","exp":-9223372036854775808}`, secret, sha256.New), false, ""},
		{"expired a second ago", made(header, `{"appid":"app:x","exp":1799999999}`, secret, sha256.New), false, ""},
		{"exp in capitals", made(header, `{"appid":"app:x","EXP":1900000000}`, secret, sha256.New), false, ""},
		{"appid in capitals", made(header, `{"APPID":"app:x","exp":1900000000}`, secret, sha256.New), false, ""},
		{"nbf three seconds ahead", made(header, `{"appid":"app:x","exp":1900000000,"nbf":1800000003}`, secret, sha256.New), true, ""},
		{"nbf six seconds ahead", made(header, `{"appid":"app:x","exp":1900000000,"nbf":1800000006}`, secret, sha256.New), false, ""},
		{"nbf text", made(header, claims(`,"nbf":"1"`), secret, sha256.New), false, ""},
		{"iat text", made(header, claims(`,"iat":"1"`), secret, sha256.New), false, ""},
		{"iat ahead, iss, aud, others", made(header, claims(`,"iat":1800003600,"iss":"x","aud":["y"],"jti":"5","foo":{"a":1}`), secret, sha256.New), true, ""},
		{"aud text", made(header, claims(`,"aud":"y"`), secret, sha256.New), true, ""},
		{"aud object", made(header, claims(`,"aud":{}`), secret, sha256.New), false, ""},
		{"jti number", made(header, claims(`,"jti":5`), secret, sha256.New), false, ""},
		{"iss number", made(header, claims(`,"iss":5`), secret, sha256.New), false, ""},
		{"HS384", made(`{"alg":"HS384"}`, claims(""), secret, sha512.New384), false, ""},
		{"HS512", made(`{"alg":"HS512"}`, claims(""), secret, sha512.New), false, ""},
		{"none", encode(`{"alg":"none"}`) + "." + encode(claims("")) + ".", false, ""},
		{"RS256", made(`{"alg":"RS256"}`, claims(""), secret, sha256.New), false, ""},
		{"small letters", made(`{"alg":"hs256"}`, claims(""), secret, sha256.New), false, ""},
		{"no algorithm", made(`{}`, claims(""), secret, sha256.New), false, ""},
		{"critical header", made(`{"alg":"HS256","crit":["x"],"x":1}`, claims(""), secret, sha256.New), false, ""},
		{"app id number", made(header, `{"appid":5,"exp":1900000000}`, secret, sha256.New), false, ""},
		{"app id list", made(header, `{"appid":["app:x"],"exp":1900000000}`, secret, sha256.New), false, ""},
		{"app id null", made(header, `{"appid":null,"exp":1900000000}`, secret, sha256.New), false, ""},
		{"no app id", made(header, `{"exp":1900000000}`, secret, sha256.New), false, ""},
		{"subject text", made(header, claims(`,"sub":"n\u00f6body"`), secret, sha256.New), true, "nöbody"},
		{"subject empty", made(header, claims(`,"sub":""`), secret, sha256.New), true, ""},
		{"subject null", made(header, claims(`,"sub":null`), secret, sha256.New), true, ""},
		{"subject number", made(header, claims(`,"sub":587408205806571520`), secret, sha256.New), true, "587408205806571520"},
		{"subject bool", made(header, claims(`,"sub":true`), secret, sha256.New), false, ""},
		{"subject list", made(header, claims(`,"sub":["u"]`), secret, sha256.New), false, ""},
		{"idp, refresh and getCredentials of other kinds", made(header, claims(`,"idp":5,"refresh":"x","getCredentials":5`), secret, sha256.New), true, ""},
		{"claims not JSON", made(header, "hello", secret, sha256.New), false, ""},
		{"claims a list", made(header, "[1]", secret, sha256.New), false, ""},
		{"claims null", made(header, "null", secret, sha256.New), false, ""},
		{"claims empty", made(header, "{}", secret, sha256.New), false, ""},
		{"claims and more", made(header, claims("")+"{}", secret, sha256.New), false, ""},
		{"header not JSON", made("x", claims(""), secret, sha256.New), false, ""},
		{"other key", made(header, claims(""), strings.Repeat("x", 40), sha256.New), false, ""},
		{"empty", "", false, ""},
		{"null", "null", false, ""},
		{"three empty parts", "..", false, ""},
		{"three words", "x.y.z", false, ""},
		{"two parts", encode(header) + "." + encode(claims("")), false, ""},
		{"four parts", made(header, claims(""), secret, sha256.New) + ".x", false, ""},
		{"a letter more", made(header, claims(""), secret, sha256.New) + "x", false, ""},
		{"padding", made(header, claims(""), secret, sha256.New) + "=", false, ""},
		{"line break", made(header, claims(""), secret, sha256.New) + "\n", false, ""},
		{"too long", made(header, claims(`,"x":"`+strings.Repeat("x", MaxSize)+`"`), secret, sha256.New), false, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, err := check(test.token, secret, now)
			if test.ok && (err != nil || c.Subject != test.subject || c.AppID != "app:x") {
				t.Errorf("%+v %v", c, err)
			}
			if !test.ok && (!errors.Is(err, ErrInvalid) || c != Claims{}) {
				t.Errorf("accepted: %+v %v", c, err)
			}
		})
	}
}

func TestUnusedBitsOfASignature(t *testing.T) {
	for _, c := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_" {
		other := j1[:len(j1)-1] + string(c)
		if _, err := check(other, secret, issuedAt); (err == nil) != (other == j1) {
			t.Errorf("…%c: %v", c, err)
		}
	}
}

func TestShortKeyNeverMatches(t *testing.T) {
	short := strings.Repeat("k", MinKey-1)
	compact := made(`{"alg":"HS256"}`, `{"appid":"app:x","exp":1800000600}`, short, sha256.New)
	if _, err := check(compact, short, time.Unix(1800000000, 0)); !errors.Is(err, ErrInvalid) || strings.Contains(err.Error(), short) {
		t.Error(err)
	}
}

func TestBearer(t *testing.T) {
	for value, want := range map[string]string{
		"Bearer a.b.c": "a.b.c true", "Bearer    a": "a true", "Bearer": " true", "Bearer null": "null true",
		"bearer a": "a false", "Token a": "a false", "": " false",
	} {
		compact, ok := Bearer(value)
		if got := fmt.Sprint(compact, " ", ok); ok && got != want || !ok && !strings.HasSuffix(want, "false") {
			t.Errorf("%s: %s", value, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{j1, j2, j3, j4, j5, cli, console, choose, "..", "x.y.z", encode("{}") + "." + encode("[[[[") + ".",
		encode(`{"alg":"HS256"}`) + "." + encode(`{"appid":"a","sub":-1e9,"aud":[1]}`) + "."} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, compact string) {
		u, err := Parse(compact)
		if err != nil {
			if !errors.Is(err, ErrInvalid) {
				t.Error(err)
			}
			return
		}
		if u.AppID() == "" {
			t.Error("no app id")
		}
		if _, err := u.Verify("a key that nobody has ever signed with", issuedAt); err == nil {
			t.Errorf("accepted %q", compact)
		}
	})
}

func BenchmarkParseAndVerify(b *testing.B) {
	key := Key(secret, tokenSecret)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := check(j3, key, issuedAt); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkIssueUser(b *testing.B) {
	key := Key(secret, tokenSecret)
	u := User{AppID: "app:myapp", Subject: "587408205806571520", IDP: "generic", Validity: 24 * time.Hour, Interval: time.Hour}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := IssueUser(u, key, issuedAt); err != nil {
			b.Fatal(err)
		}
	}
}
