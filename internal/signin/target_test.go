package signin

import (
	"net/url"
	"slices"
	"strings"
	"testing"
)

func TestSplitPassword(t *testing.T) {
	tests := []struct{ token, email, name, password string }{
		{"Ann@Example.com:Ann:secret", "ann@example.com", "Ann", "secret"},
		{"ann@example.com::a:b:c", "ann@example.com", "", "a:b:c"},
		{"ann@example.com:  Ann  : secret ", "ann@example.com", "Ann", " secret "},
		{" ann@example.com :Ann:x", " ann@example.com ", "Ann", "x"},
		{"ann@example.com:secret", "ann@example.com", "secret", ""},
		{"::", "", "", ""},
	}
	for _, tt := range tests {
		email, name, password, ok := splitPassword(tt.token, ":")
		if !ok || email != tt.email || name != tt.name || password != tt.password {
			t.Errorf("%q: %q %q %q %t", tt.token, email, name, password, ok)
		}
	}
	if _, _, _, ok := splitPassword("ann@example.com", ":"); ok {
		t.Error("a token without separator was read")
	}
}

func TestHostApply(t *testing.T) {
	aliases := ParseAliases("https://one.example.com, https://two.example.com:8443,nonsense,ftp://x.example.com")
	if want := []string{"https://one.example.com", "https://two.example.com:8443", "", ""}; !slices.Equal(aliases, want) {
		t.Fatalf("aliases %q", aliases)
	}
	const target = "https://app.example.com:9000/in?jwt=?#x"
	tests := []struct{ url, state, target, want string }{
		{"", "", target, target},
		{"", "shop", target, target},
		{"", "shop|0", target, "https://one.example.com/in?jwt=?#x"},
		{"", "shop|1", target, "https://two.example.com:8443/in?jwt=?#x"},
		{"", "shop|2", target, target},
		{"", "shop|9", target, target},
		{"", "shop|-1", target, target},
		{"https://one.example.com", "", target, "https://one.example.com/in?jwt=?#x"},
		{"https://app.example.com", "", target, target},
		{"https://evil.example.net", "", target, "https://app.example.com"},
		{"https://evil.example.net", "", "/in?jwt=?", "/in?jwt=?"},
		{"https://evil.example.net", "", "http://[::1]:9000/x", "http://[::1]"},
		{"https://one.example.com.evil.net", "", target, "https://app.example.com"},
		{"https://two.example.com:8443", "", "https://app.example.com", "https://two.example.com:8443"},
	}
	for _, tt := range tests {
		if got := (Host{URL: tt.url, State: tt.state, Aliases: aliases}).Apply(tt.target); got != tt.want {
			t.Errorf("%+v: %q", tt, got)
		}
	}
}

func TestSafeReturn(t *testing.T) {
	aliases := []string{"https://one.example.com", ""}
	for target, want := range map[string]bool{
		"/": true, "/a?b=c#d": true, "http://localhost:8080/x": true, "https://one.example.com/x": true, "https://LOCALHOST:8080": true,
		"": false, "//evil.net": false, "/\\evil.net": false, "\\/evil.net": false, "https://evil.net": false, "http://localhost": false,
		"https://localhost:8080@evil.net": false, "javascript:alert(1)": false, "/\t/evil.net": false, "/a b": false, "x": false,
		"https:/evil.net": false, "https:evil.net": false, "http://": false,
	} {
		if got := SafeReturn(target, "localhost:8080", aliases); got != want {
			t.Errorf("%q: %t", target, got)
		}
	}
}

// Whatever a request asks for, a flow ends at the host that the app has configured or at one of its aliases.
func FuzzHostApply(f *testing.F) {
	f.Add("https://evil.net", "shop|1", "https://one.example.com,https://two.example.com", "https://app.example.com/in?jwt=?")
	f.Add("https://one.example.com", "", "https://one.example.com", "http://app.example.com:80")
	f.Add("", "|0", "http://[::1]:80", "/relative")
	f.Fuzz(func(t *testing.T, wanted, state, setting, target string) {
		aliases := ParseAliases(setting)
		got := Host{URL: wanted, State: state, Aliases: aliases}.Apply(target)
		if got == target {
			return
		}
		to, err := url.Parse(target)
		if err != nil {
			t.Fatalf("%q became %q", target, got)
		}
		hosts := []string{to.Scheme + "://" + strings.TrimSuffix(to.Host, ":"+to.Port())}
		for _, a := range aliases {
			if u, err := url.Parse(a); err == nil && a != "" {
				hosts = append(hosts, u.Scheme+"://"+u.Host)
			}
		}
		for _, h := range hosts {
			if rest, ok := strings.CutPrefix(got, h); ok && (rest == "" || strings.ContainsRune("/?#", rune(rest[0]))) {
				return
			}
		}
		t.Fatalf("%q became %q", target, got)
	})
}

// What counts as safe never leads a browser to another host.
func FuzzSafeReturn(f *testing.F) {
	for _, s := range []string{"/", "//x", "/\\x", "https://localhost:8080/", "https://a@b/", "http:///x", "/%5c"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, target string) {
		if !SafeReturn(target, "localhost:8080", []string{"https://one.example.com"}) {
			return
		}
		base, _ := url.Parse("http://localhost:8080/signin")
		u, err := base.Parse(target)
		if err != nil {
			return
		}
		if h := strings.ToLower(u.Host); h != "localhost:8080" && h != "one.example.com" || u.User != nil {
			t.Fatalf("%q leads to %q", target, u.Host)
		}
	})
}

func FuzzSplitPassword(f *testing.F) {
	f.Add("a@b.co:A:x:y", ":")
	f.Add("::", "::")
	f.Fuzz(func(t *testing.T, text, separator string) {
		if separator == "" {
			return
		}
		email, _, password, ok := splitPassword(text, separator)
		if ok != strings.Contains(text, separator) || strings.ToLower(email) != email || !strings.HasSuffix(text, password) {
			t.Fatalf("%q: %q %q %t", text, email, password, ok)
		}
	})
}
