// Package outbound keeps addresses that come from the settings of apps from reaching what clouds tell a machine about itself:
// keys and user data that the people who administer an app must not see.
package outbound

import (
	"errors"
	"net"
	"net/netip"
	"slices"
	"syscall"
	"time"
)

// ErrRefused is returned for an address that nothing is asked at.
var ErrRefused = errors.New("link-local addresses and those of the cloud's own services are not allowed")

// Dialer makes connections that take at most a time to come about, and none to a refused address, whatever name leads to it.
func Dialer(timeout time.Duration) *net.Dialer {
	return &net.Dialer{Timeout: timeout, Control: control}
}

// control sees the address behind a name, right before it is connected to.
func control(_, address string, _ syscall.RawConn) error {
	a, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	if Refused(a.Addr()) {
		return ErrRefused
	}
	return nil
}

// Refused says whether nothing may be asked at an address.
func Refused(ip netip.Addr) bool {
	ip = ip.WithZone("").Unmap()
	if translated := netip.MustParsePrefix("64:ff9b::/96"); translated.Contains(ip) { // NAT64 (RFC 6052)
		b := ip.As16()
		ip = netip.AddrFrom4([4]byte(b[12:]))
	}
	return ip.IsLinkLocalUnicast() || ip.IsLinkLocalMulticast() || ip.IsMulticast() || ip.IsUnspecified() || slices.Contains(services(), ip)
}

// services are the addresses outside the link-local range where clouds answer their machines.
func services() []netip.Addr {
	return []netip.Addr{
		netip.MustParseAddr("fd00:ec2::254"),   // Amazon
		netip.MustParseAddr("fd20:ce::254"),    // Google
		netip.MustParseAddr("168.63.129.16"),   // Azure
		netip.MustParseAddr("100.100.100.200"), // Alibaba
		netip.MustParseAddr("192.0.0.192"),     // Oracle
	}
}
