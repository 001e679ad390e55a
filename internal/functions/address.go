package functions

import (
	"net/netip"
	"strings"
)

// validAddressLiteral says whether s, the inside of the brackets, is an IPv4 address or an IPv6 address with the prefix
// "IPv6:".
func validAddressLiteral(s string) bool {
	if v6, ok := strings.CutPrefix(s, "IPv6:"); ok {
		a, err := netip.ParseAddr(v6)
		return err == nil && a.Is6() && a.Zone() == ""
	}
	a, err := netip.ParseAddr(s)
	return err == nil && a.Is4()
}
