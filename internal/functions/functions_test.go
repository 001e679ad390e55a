package functions

import (
	"encoding/base64"
	"errors"
	"math"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestHashes(t *testing.T) {
	for in, want := range map[string]string{
		"test": "098f6bcd4621d373cade4e832627b4f6", "test123456": "47ec2dd791e31e2ef2076caf64ed9b3d",
		"": "d41d8cd98f00b204e9800998ecf8427e", "Тест": "16497fa0c8e13ce8fab874d959db91b9",
	} {
		if got := MD5(in); got != want {
			t.Errorf("MD5(%q) = %s, want %s", in, got, want)
		}
	}
	if got := HMACSHA256("message", "secret"); got != "i19IcCmVwVmMVz2x4hhmqbgl1KeU0WnXBgoDYFeWNgs=" {
		t.Error(got)
	}
	if got := HMACSHA256URL("message", "secret"); got != "i19IcCmVwVmMVz2x4hhmqbgl1KeU0WnXBgoDYFeWNgs" {
		t.Error(got)
	}
	if HMACSHA256("message", "") != "" || HMACSHA256URL("message", "") != "" {
		t.Error("an empty secret must give an empty signature")
	}
}

func TestSecurityToken(t *testing.T) {
	for _, c := range []struct{ n, padded, safe int }{{32, 44, 43}, {40, 56, 54}, {42, 56, 56}, {0, 0, 0}, {-1, 0, 0}} {
		padded, safe := SecurityToken(c.n, false), SecurityToken(c.n, true)
		if len(padded) != c.padded || len(safe) != c.safe {
			t.Errorf("%d bytes give %d and %d characters", c.n, len(padded), len(safe))
		}
		if _, err := base64.StdEncoding.DecodeString(padded); err != nil {
			t.Error(err)
		}
		if _, err := base64.RawURLEncoding.DecodeString(safe); err != nil {
			t.Error(err)
		}
	}
	if first, second := SecurityToken(32, true), SecurityToken(32, true); first == second {
		t.Error("two tokens are the same")
	}
}

func TestCheckPassword(t *testing.T) {
	const salt = "$2b$12$..CA.uOD/eaGAOmJB.yMBu"
	for _, c := range []struct {
		password, hash string
		want           bool
	}{
		{"testpass", salt + "JM1kKXpEo7EOyhiCk7WmOgiMrlKLqEi", true},
		{"pa$$w0rd", salt + "1SSNyToCon45uoGrDV0hh/U./lj8U6e", true},
		{"あいうえおお", salt + "iOBsP4menh7NhUzn8szOpsI0Vg2fS2C", true},
		{"", salt + "YsYl0THRqLJZjOQDL73gJDZe9Zyv6VC", false},
		{"  ", salt + "YsYl0THRqLJZjOQDL73gJDZe9Zyv6VC", false},
		{"testpass", "$2a$04$..CA.uOD/eaGAOmJB.yMBuiEBR9dTMwJDX6/eWr.j57n7GrzTEtHK", true},
		{"testpass", "$2y$04$..CA.uOD/eaGAOmJB.yMBuiEBR9dTMwJDX6/eWr.j57n7GrzTEtHK", true},
		{"testpass", "$2x$04$..CA.uOD/eaGAOmJB.yMBuiEBR9dTMwJDX6/eWr.j57n7GrzTEtHK", true},
		{"testpass", "$2z$04$..CA.uOD/eaGAOmJB.yMBuiEBR9dTMwJDX6/eWr.j57n7GrzTEtHK", false},
		{"testpass", "$2$04$..CA.uOD/eaGAOmJB.yMBuiEBR9dTMwJDX6/eWr.j57n7GrzTEtHK", false},
		{"testpass", "$2a$12$OQXURSOiBPvDHZc0xzSn.erVlBGChnY8hi.OLLZVBczquUaOTJTg.", true},
		{"testpast", "$2a$04$..CA.uOD/eaGAOmJB.yMBuiEBR9dTMwJDX6/eWr.j57n7GrzTEtHK", false},
		{"testpass", "", false}, {"testpass", " ", false}, {"testpass", "testpass", false},
		{"testpass", "$2a$99$..CA.uOD/eaGAOmJB.yMBuiEBR9dTMwJDX6/eWr.j57n7GrzTEtHK", false},
		{"testpass", "$2a$04$!!CA.uOD/eaGAOmJB.yMBuiEBR9dTMwJDX6/eWr.j57n7GrzTEtHK", false},
	} {
		if got := CheckPassword(c.password, c.hash); got != c.want {
			t.Errorf("CheckPassword(%q, %q) = %v", c.password, c.hash, got)
		}
	}
}

func TestHashPassword(t *testing.T) {
	h, err := HashPassword("testpass")
	if err != nil || !strings.HasPrefix(h, "$2b$12$") || len(h) != 60 || !CheckPassword("testpass", h) {
		t.Errorf("HashPassword = %q, %v", h, err)
	}
	longest := strings.Repeat("a", 72)
	if h, err = hashPassword(longest, 4); err != nil || !CheckPassword(longest, h) || CheckPassword(longest[1:], h) || CheckPassword(longest+"a", h) {
		t.Errorf("72 bytes: %q, %v", h, err)
	}
	if _, err = HashPassword(longest + "a"); !errors.Is(err, ErrPasswordTooLong) {
		t.Errorf("73 bytes: %v", err)
	}
	if h, err = hashPassword("", 4); err != nil || CheckPassword("", h) {
		t.Errorf("empty: %q, %v", h, err)
	}
}

func TestStripAndTrim(t *testing.T) {
	for _, c := range []struct {
		in, replacement string
		ascii           bool
		want            string
	}{
		{"Hello, World!", "", false, "Hello World"}, {"  $% ^&test-?<?> § ±<_ ) (/.,", "", false, "test"},
		{"a\tb\nc", "", false, "abc"}, {"a-b_c", "", false, "abc"}, {"тест asd 123 ©", "", false, "тест asd 123"},
		{"a\u00A0b", "", false, "a b"}, {"1+1=2", "", false, "112"}, {"#tag @user", "", false, "tag user"}, {"x😀y", "", false, "xy"},
		{"Hello, World!", "-", false, "Hello- World-"}, {"a\tb\nc", "-", false, "a-b-c"}, {"#tag @user", "-", false, "-tag -user"},
		{"тест asd()123 ©", "-", true, "asd--123"}, {"тест asd 123 ©", " ", true, "asd 123"}, {"a\u00A0b", "", true, "ab"},
		{"日本語 テスト", "", true, ""}, {"", "-", false, ""}, {" \t\n", "-", false, ""}, {"a, b", " ", false, "a b"},
		{"a\U000E0000b\ufffe", "", false, "ab"},
	} {
		if got := StripAndTrim(c.in, c.replacement, c.ascii); got != c.want {
			t.Errorf("StripAndTrim(%q, %q, %v) = %q, want %q", c.in, c.replacement, c.ascii, got, c.want)
		}
	}
}

func TestNoSpaces(t *testing.T) {
	for _, c := range []struct{ in, replacement, want string }{
		{"Hello World", "-", "hello-world"}, {"  A  B\tC\nD  ", "-", "a-b-c-d"}, {"a\u00A0b", "-", "a-b"}, {"a_b-c", "-", "a_b-c"},
		{"ÀÉ x", "-", "àé-x"}, {"Hello World", "", "helloworld"}, {"Hello World", " _ ", "hello_world"},
		{"test 123 456      789\t000", "-", "test-123-456-789-000"}, {"", "-", ""}, {" \t ", "-", ""}, {"İ", "", "i̇"}, {"a b", "$1", "a$1b"},
	} {
		if got := NoSpaces(c.in, c.replacement); got != c.want {
			t.Errorf("NoSpaces(%q, %q) = %q, want %q", c.in, c.replacement, got, c.want)
		}
	}
}

func TestAbbreviate(t *testing.T) {
	for _, c := range []struct {
		in    string
		limit int
		want  string
	}{{"this is a test", 8, "this ..."}, {"abc", 3, "abc"}, {"abcde", 1, "a..."}, {"", 5, ""}, {" ", 5, ""}, {"ääääääää", 5, "ää..."}, {"same", 4, "same"}} {
		if got := Abbreviate(c.in, c.limit); got != c.want {
			t.Errorf("Abbreviate(%q, %d) = %q, want %q", c.in, c.limit, got, c.want)
		}
	}
}

func TestHumanTime(t *testing.T) {
	for _, c := range []struct {
		ms              int64
		approx, exactly string
	}{
		{0, "", ""}, {1, "1ms", "1 ms"}, {999, "999ms", "999 ms"}, {1000, "1s", "1 s"}, {1042, "1s", "1 s 42 ms"}, {15000, "15s", "15 s"},
		{59999, "59s", "59 s 999 ms"}, {60000, "1m", "1 m"}, {-60000, "1m", "1 m"}, {3599999, "59m", "59 m 59 s 999 ms"}, {3600000, "1h", "1 h"},
		{5400000, "1h", "1 h 30 m"}, {56720083, "15h", "15 h 45 m 20 s 83 ms"}, {86399999, "23h", "23 h 59 m 59 s 999 ms"}, {86400000, "1d", "1 d"},
		{2591999999, "29d", "29 d 23 h 59 m 59 s 999 ms"}, {2592000000, "1n", "30 d"}, {31104000000, "12n", "360 d"},
		{31535999999, "12n", "364 d 23 h 59 m 59 s 999 ms"}, {31536000000, "1y", "1 y"}, {47304000000, "1y", "1 y 182 d 12 h"},
		{math.MinInt64, "292471208y", "292471208 y 247 d 7 h 12 m 55 s 808 ms"},
	} {
		if got := HumanTime(c.ms); got != c.approx {
			t.Errorf("HumanTime(%d) = %q, want %q", c.ms, got, c.approx)
		}
		if got := HumanTimeExactly(c.ms); got != c.exactly {
			t.Errorf("HumanTimeExactly(%d) = %q, want %q", c.ms, got, c.exactly)
		}
	}
	for in, want := range map[string]int64{
		"2m8d2h4m": 8*day + 2*hour + 6*minute, "2M 8D, 2H x4m": 8*day + 2*hour + 6*minute, "5 ms 3s": 3005, "y": 0, "": 0, "12": 0, "1y": year,
		"99999999999999999999y": math.MaxInt64, "9223372036854775807ms9223372036854775807ms": math.MaxInt64,
	} {
		if got := ParseHumanTime(in); got != want {
			t.Errorf("ParseHumanTime(%q) = %d, want %d", in, got, want)
		}
	}
}

func TestFormatMessage(t *testing.T) {
	for _, c := range []struct {
		message string
		params  []any
		want    string
	}{
		{"Hello {0}", []any{"x"}, "Hello x"}, {"it's {0} and {1}", []any{"x"}, "it's x and {1}"}, {"it''s {0}", []any{"x"}, "it''s x"},
		{"{0} {0}", []any{"a"}, "a a"}, {"{1}-{0}", []any{"a", "b"}, "b-a"}, {"{", []any{"a"}, "{"}, {"{a}", []any{"a"}, "{a}"},
		{"{{0}}", []any{"a"}, "{{0}}"}, {"{ 0 }", []any{"a"}, "{ 0 }"}, {"{00}", []any{"A"}, "A"}, {"{-1}", []any{"a"}, "{-1}"}, {"{5}", []any{"a"}, "{5}"},
		{"{0,}", []any{"A"}, "A"}, {"{0,number}", []any{"5"}, "{0,number}"}, {"don't {", []any{"a"}, "don't {"}, {"'{0}'", []any{"x"}, "'x'"},
		{"a } b", []any{"a"}, "a } b"}, {"a } {0} } b", []any{"x"}, "a } x } b"}, {"} {", nil, "} {"}, {"%s {0}", []any{"A"}, "%s A"}, {"{0} x {1}", nil, "{0} x {1}"},
		{"", []any{"a"}, ""}, {" \t", nil, ""}, {"{0}", []any{nil}, "null"}, {"{0}", []any{1234567}, "1,234,567"}, {"{0}", []any{1234.5678}, "1,234.568"},
		{"{0}", []any{-1234.0}, "-1,234"}, {"{0,number}", []any{5000}, "5,000"}, {"{0}", []any{int64(-999)}, "-999"}, {"{0}", []any{true}, "true"},
		{"{0}", []any{"{1}", "x"}, "{1}"}, {"{99999}", []any{"x"}, "{99999}"}, {"{0,date}", []any{"x"}, "{0,date}"},
	} {
		if got := FormatMessage(c.message, c.params...); got != c.want {
			t.Errorf("FormatMessage(%q, %v) = %q, want %q", c.message, c.params, got, c.want)
		}
	}
}

func TestNumbers(t *testing.T) {
	if got := FormatPrice(1234.5); got != "1,234.50" {
		t.Error(got)
	}
	if got := FormatPrice(-0.126); got != "-0.13" {
		t.Error(got)
	}
	if got := FormatPrice(math.NaN()) + FormatPrice(math.Inf(-1)); got != "NaN-∞" {
		t.Error(got)
	}
	if got := RoundHalfUp(2.345, 2); got != 2.35 {
		t.Error(got)
	}
	if got := RoundHalfUp(math.Inf(1), 2); !math.IsInf(got, 1) {
		t.Error(got)
	}
	if Round(2.5) != 3 || Round(-2.5) != -2 || Round(math.NaN()) != 0 || Round(1e300) != math.MaxInt64 {
		t.Error("Round")
	}
	for _, c := range []struct {
		n        int64
		decimals int
		want     string
	}{{1500, 0, "2K"}, {999, 0, "999"}, {-2500000, 1, "-2.5M"}, {1234567890, 2, "1.23B"}, {0, 2, "0"}} {
		if got := AbbreviateInt(c.n, c.decimals); got != c.want {
			t.Errorf("AbbreviateInt(%d, %d) = %q, want %q", c.n, c.decimals, got, c.want)
		}
	}
}

func TestCurrency(t *testing.T) {
	for in, want := range map[string]string{"usd": "USD", "GBP": "GBP", "xxx": "EUR", "x": "EUR", "BTC": "EUR", "": "EUR", "5": "EUR", "U D": "EUR", "zwg": "ZWG", "aed": "AED"} {
		if got := Currency(in); got != want {
			t.Errorf("Currency(%q) = %q, want %q", in, got, want)
		}
	}
	// The codes that the reference accepts (O 20.9) stay valid.
	for _, code := range strings.Fields("AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY COP CRC CSD CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG") {
		if !ValidCurrency(code) {
			t.Errorf("%s is not accepted", code)
		}
	}
	for i := 4; i < len(currencies); i += 4 {
		if currencies[i-4:i] >= currencies[i:i+4] {
			t.Errorf("%s is out of order", currencies[i:i+4])
		}
	}
}

func TestBase64(t *testing.T) {
	for in, want := range map[string]string{"MTIz": "123", "YQ==": "a", "YQ": "a", "YQ=": "", "Y Q": "", "dG9kby8q": "todo/*", "====": "", "a": "", "": "",
		"8J-YgA": "😀", "8J+YgA==": "😀", "MT\nIz": "", "YQ==x": ""} {
		if got := DecodeBase64(in); got != want {
			t.Errorf("DecodeBase64(%q) = %q, want %q", in, got, want)
		}
	}
	if Base64("a") != "YQ==" || Base64URL("😀a") != "8J-YgGE" || Base64("") != "" {
		t.Error("Base64")
	}
}

func TestURLCoding(t *testing.T) {
	const plain, coded = "a b+c/~é*", "a+b%2Bc%2F%7E%C3%A9*"
	if got := EncodeURL(plain); got != coded {
		t.Errorf("EncodeURL = %q", got)
	}
	if got, err := DecodeURL(coded); got != plain || err != nil {
		t.Errorf("DecodeURL = %q, %v", got, err)
	}
	if got := EncodeURL("a%2A.-_"); got != "a%252A.-_" {
		t.Errorf("EncodeURL = %q", got)
	}
	if _, err := DecodeURL("%zz"); err == nil {
		t.Error("a bad escape was accepted")
	}
}

func TestStripHTML(t *testing.T) {
	for in, want := range map[string]string{
		"<p>a <b>b</b>&amp;c</p><script>x</script>": "a b&c", "": "", " ": "", "<p>a</p><p>b</p>": "a b", "a<br>b": "a b", "x<!-- c -->y": "xy",
		"<style>p{}</style>t": "t", "  a \n b&nbsp;c ": "a b c", "<script>never closed": "", "1 < 2": "1 < 2", "<b>a</b><i>b</i>": "ab", "<title>t</title>u": "t u",
	} {
		if got := StripHTML(in); got != want {
			t.Errorf("StripHTML(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzStripHTML(f *testing.F) {
	f.Add("<p>a <b>b</b>&amp;c</p><script>x</script>")
	f.Add("<!-- <x y='z>")
	f.Fuzz(func(t *testing.T, s string) {
		out := StripHTML(s)
		if strings.Contains(out, "  ") || len(out) > 3*len(s) {
			t.Errorf("StripHTML(%q) = %q", s, out)
		}
	})
}

func FuzzFormatMessage(f *testing.F) {
	f.Add("it's {0} and {1,number}", "x")
	f.Add("} {{0}", "{0}")
	f.Fuzz(func(t *testing.T, message, param string) {
		out := FormatMessage(message, param, 5)
		if !strings.Contains(message, "{") && !isBlank(message) && out != message {
			t.Errorf("FormatMessage(%q) = %q", message, out)
		}
	})
}

func FuzzTexts(f *testing.F) {
	f.Add("  $% ^&test-?<?> § ±<_ ) (/.,", "-")
	f.Fuzz(func(t *testing.T, s, replacement string) {
		if out := StripAndTrim(s, "", false); !utf8.ValidString(out) || StripAndTrim(out, "", false) != out {
			t.Errorf("StripAndTrim(%q) = %q", s, out)
		}
		NoSpaces(s, replacement)
		ParseHumanTime(s)
		DecodeBase64(s)
		ValidURL(s)
		ValidEmail(s)
		validLocalPart(s)
		validDomain(s)
	})
}

func BenchmarkNoSpaces(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		NoSpaces("  Some Text with spaces ", "-")
	}
}

func BenchmarkStripAndTrim(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		StripAndTrim("Hello, World! 1+1=2", "", false)
	}
}
