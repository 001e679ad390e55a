package authn

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// ClientAddress is the network address that a request comes from: that of the peer or, behind trusted proxies, the last
// one of X-Forwarded-For that is not a trusted proxy itself. What stands before it may be made up.
func (a *Authenticator) ClientAddress(r *http.Request) string {
	address, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	if !a.trusted(r.RemoteAddr) {
		return address
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		ip, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			return address
		}
		address = ip.Unmap().WithZone("").String()
		if !a.trusted(net.JoinHostPort(address, "0")) {
			return address
		}
	}
	return address
}
