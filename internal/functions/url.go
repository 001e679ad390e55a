package functions

import (
	"net/netip"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ValidURL says whether s is an absolute URI after RFC 2396 whose scheme is http, https, ftp, file, mailto or jar, in any
// case (O 20.5). Hosts are not looked up; letters outside ASCII are allowed; spaces, | and bad escapes are not.
func ValidURL(s string) bool {
	return validURL(s, maxJarDepth)
}

// maxJarDepth bounds how deep jar: URLs may contain each other.
const maxJarDepth = 4

func validURL(s string, depth int) bool {
	scheme, rest, ok := strings.Cut(s, ":")
	if !ok || rest == "" || rest[0] == '#' {
		return false
	}
	switch strings.ToLower(scheme) {
	case "http", "https", "ftp", "file", "mailto":
	case "jar":
		inner, _, ok := strings.Cut(rest, "!/")
		if !ok || depth == 0 || !validURL(inner, depth-1) {
			return false
		}
	default:
		return false
	}
	rest, fragment, _ := strings.Cut(rest, "#")
	if !validURIText(fragment, "[]") {
		return false
	}
	if rest[0] != '/' { // opaque
		return validURIText(rest, "[]")
	}
	hierarchy, query, _ := strings.Cut(rest, "?")
	if !validURIText(query, "[]") {
		return false
	}
	if after, ok := strings.CutPrefix(hierarchy, "//"); ok {
		authority, path := after, ""
		if slash := strings.IndexByte(after, '/'); slash >= 0 {
			authority, path = after[:slash], after[slash:]
		}
		if authority == "" && path == "" || !validAuthority(authority) {
			return false
		}
		hierarchy = path
	}
	return validURIText(hierarchy, "")
}

// validAuthority accepts user@host:port, where host is an IPv6 address in brackets or any text that a registry might
// have given out.
func validAuthority(s string) bool {
	host := s[strings.LastIndexByte(s, '@')+1:]
	if !strings.HasPrefix(host, "[") {
		return validURIText(s, "") && validPort(host)
	}
	end := strings.IndexByte(host, ']')
	if end < 0 || !validURIText(s[:len(s)-len(host)], "") {
		return false
	}
	a, err := netip.ParseAddr(host[1:end])
	if err != nil || !a.Is6() {
		return false
	}
	after := host[end+1:]
	return after == "" || after[0] == ':' && validPort(after)
}

// validPort says whether what follows the last colon of host is empty or a number.
func validPort(host string) bool {
	colon := strings.LastIndexByte(host, ':')
	if colon < 0 || colon == len(host)-1 {
		return true
	}
	n, err := strconv.ParseInt(host[colon+1:], 10, 32)
	return err == nil && n >= 0
}

// validURIText says whether s consists of characters that a URI component may have, of those in extra, and of complete
// escapes.
func validURIText(s, extra string) bool {
	for i := 0; i < len(s); {
		c := s[i]
		if c == '%' {
			if i+2 >= len(s) || !isHex(s[i+1]) || !isHex(s[i+2]) {
				return false
			}
			i += 3
			continue
		}
		if c < utf8.RuneSelf {
			if !isAlphanumeric(c) && strings.IndexByte("-_.!~*'();/?:@&=+$,", c) < 0 && strings.IndexByte(extra, c) < 0 {
				return false
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 || unicode.IsControl(r) || unicode.Is(unicode.Z, r) {
			return false
		}
		i += n
	}
	return true
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}
