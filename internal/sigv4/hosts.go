package sigv4

import "strings"

// Hosts returns the texts that a client may have signed as its host (D19), likeliest first: the Host header as
// received, the same without or with the default port of the connection, and, when forwarded is not empty, the host
// that a trusted proxy named. Whether a proxy is trusted is for the caller to decide.
func Hosts(host string, tls bool, forwarded string) []string {
	port := ":80"
	if tls {
		port = ":443"
	}
	hosts := make([]string, 0, 3)
	hosts = append(hosts, host)
	if bare, ok := strings.CutSuffix(host, port); ok {
		hosts = append(hosts, bare)
	} else if !hasPort(host) {
		hosts = append(hosts, host+port)
	}
	if forwarded != "" && forwarded != host {
		hosts = append(hosts, forwarded)
	}
	return hosts
}

// hasPort says whether a host carries a port; colons within the brackets of an IPv6 address do not count.
func hasPort(host string) bool {
	return strings.LastIndexByte(host, ':') > strings.LastIndexByte(host, ']')
}
