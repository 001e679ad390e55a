package signin

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Host is the wish of a browser flow to come back to another host than the one an app has configured (A 9.3).
type Host struct {
	URL     string   // parameter host_url
	State   string   // parameter state: <app>, <app>|<index of an alias>, or that followed by | and what binds the flow to its browser
	Aliases []string // of the app: addresses that the flow may come back to
}

// ParseAliases reads the setting security.hosturl_aliases: addresses separated by commas, of which those count that are
// web addresses. The others keep their place, so that indexes stay what they are.
func ParseAliases(setting string) []string {
	if strings.TrimSpace(setting) == "" {
		return nil
	}
	aliases := strings.Split(setting, ",")
	for i, a := range aliases {
		a = strings.TrimSpace(a)
		if u, err := url.Parse(a); err != nil || u.Host == "" || !isWeb(u) {
			a = ""
		}
		aliases[i] = a
	}
	return aliases
}

func isWeb(u *url.URL) bool { return u.Scheme == "http" || u.Scheme == "https" }

// wanted returns the address that the flow asks for, "" for none.
func (h Host) wanted() string {
	if strings.TrimSpace(h.URL) != "" {
		return strings.TrimSpace(h.URL)
	}
	parts := strings.SplitN(h.State, "|", 3)
	if len(parts) < 2 {
		return ""
	}
	n, err := strconv.Atoi(parts[1])
	if err != nil || n < 0 || n >= len(h.Aliases) {
		return ""
	}
	return h.Aliases[n]
}

// Alias returns the index of the alias that the flow asks for, "" when it asks for none or for another address.
func (h Host) Alias() string {
	wanted := h.wanted()
	if i := slices.Index(h.Aliases, wanted); wanted != "" && i >= 0 {
		return strconv.Itoa(i)
	}
	return ""
}

// Apply returns the target of a flow at the host that it asks for: an alias of the app replaces scheme, host and port;
// any other foreign address leaves nothing but the configured host, so that no token reaches a place that the app did not
// name. Targets that are no web address stay as they are (A 9.3).
func (h Host) Apply(target string) string {
	wanted := h.wanted()
	if wanted == "" || strings.HasPrefix(target, wanted) {
		return target
	}
	u, err := url.Parse(target)
	if err != nil || u.Host == "" || !isWeb(u) {
		return target
	}
	for _, alias := range h.Aliases {
		if alias != wanted {
			continue
		}
		a, err := url.Parse(alias)
		if err != nil {
			return target
		}
		// The text behind the host stays as it is: its placeholders must not be encoded.
		return a.Scheme + "://" + a.Host + afterHost(target)
	}
	return u.Scheme + "://" + strings.TrimSuffix(u.Host, ":"+u.Port())
}

// afterHost returns path, query and fragment of a web address.
func afterHost(target string) string {
	_, rest, _ := strings.Cut(target, "://")
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		return rest[i:]
	}
	return ""
}

// SafeReturn says whether a browser may be sent to an address that came with a request: a path of this server, or an
// address of this server or of an alias (A 9.3). host is the server's own host and port.
func SafeReturn(target, host string, aliases []string) bool {
	for i := 0; i < len(target); i++ {
		if target[i] <= ' ' || target[i] == '\\' || target[i] == 0x7f { // browsers read \ as /, and skip control characters
			return false
		}
	}
	if strings.HasPrefix(target, "/") {
		return !strings.HasPrefix(target, "//")
	}
	u, err := url.Parse(target)
	if err != nil || u.Host == "" || u.User != nil || !isWeb(u) {
		return false
	}
	if strings.EqualFold(u.Host, host) {
		return true
	}
	for _, alias := range aliases {
		if a, err := url.Parse(alias); err == nil && a.Host != "" && strings.EqualFold(a.Host, u.Host) {
			return true
		}
	}
	return false
}

// Absolute says whether an address names a web host.
func Absolute(target string) bool {
	u, err := url.Parse(target)
	return err == nil && u.Host != "" && isWeb(u)
}
